"""The data of a report, counted again from records: which numbers still hold, which do not."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from analytics.basis import Selection
from analytics.errors import AnalyticsError, FileError
from analytics.periods import Window
from analytics.schema import DIFFERENCES, names
from analytics.sidecar import list_members, merge_packs, name_cells, pack_traces
from analytics.trace import repeat_selection, repeat_trace

MOST_SERIES, MOST_DAYS = 200, 200 * 366
"""More series, or a longer window, no report has: a file that asks for them is refused."""

_SELECTED = ("rule", "place", "where", "edition", "released_on")
_TOLERANCE = 1e-9
_Row = dict[str, Any]


def recount_pack(
    pack: Mapping[str, Any], reports: pd.DataFrame, *, decisions: pd.DataFrame | None = None
) -> dict[str, Any]:
    """Return the data of a report, every series counted again from its recipe.

    Parameters
    ----------
    pack : Mapping
        From `analytics.sidecar.load_sidecar`, or the series in a page. It may be anybody's: of it
        nothing is taken but the recipes, and these choose among what `trace_series` can count.
    reports : DataFrame
        `analytics.schema.RECORD`.
    decisions : DataFrame, optional
        On links between reports, from `analytics.clusters.load_decisions`.

    Raises
    ------
    FileError
        If a recipe is not one that this version can follow.
    """
    new = pack_traces([])
    selections: dict[str, Selection] = {}
    if len(pack["series"]) > MOST_SERIES:
        raise FileError(f"{len(pack['series'])} series", "are more than a report has", _REMEDY)
    for series in pack["series"]:
        try:
            window = Window(*series["recipe"]["window"].split("/"))
            if window.n_days > MOST_DAYS:
                raise ValueError(f"a window of {window.n_days} days")
            key = json.dumps([series["recipe"][part] for part in _SELECTED], sort_keys=True)
            if key not in selections:
                selections[key] = repeat_selection(reports, series["recipe"], decisions=decisions)
            trace = repeat_trace(selections[key], series["recipe"])
        except (AnalyticsError, LookupError, TypeError, ValueError, AttributeError) as error:
            name = f"series {str(series.get('name'))[:60]!r}"
            rule = f"cannot be counted again ({' '.join(str(error).split())[:200]})"
            raise FileError(name, rule, _REMEDY) from error
        new = merge_packs(new, pack_traces([trace]))
    return new


_REMEDY = "Verify it with the version of the code that it names"


def compare_packs(old: Mapping[str, Any], new: Mapping[str, Any]) -> pd.DataFrame:
    """Return where the data of two reports differ; no rows where they are the same.

    Parameters
    ----------
    old, new : Mapping
        From `analytics.sidecar`. Of a page, which holds series without their records, the series
        alone are compared.

    Returns
    -------
    DataFrame
        `analytics.schema.DIFFERENCES`: one row is a number of a cell, or the records of a cell, or
        a fact of an incident or report.
    """
    rows = list(_compare_series(old, new))
    if "incidents" in old:
        for kind in ("incidents", "reports"):
            rows += _compare_facts(kind, old[kind], new[kind])
    return pd.DataFrame(rows, columns=names(DIFFERENCES)).astype("object")


def _compare_series(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[_Row]:
    again = {series["name"]: series for series in new["series"]}
    for name in sorted(again.keys() - {series["name"] for series in old["series"]}):
        yield _row(name, "", "series", None, "there")
    for series in old["series"]:
        name = series["name"]
        if name not in again:
            yield _row(name, "", "series", "there", None)
            continue
        was, now = _list_cells(series), _list_cells(again[name])
        has_records = "cells" in series
        members = [_list_members(p, s) for p, s in ((old, series), (new, again[name]))] if (
            has_records
        ) else [{}, {}]  # fmt: skip
        for cell in dict.fromkeys([*was, *now]):
            if cell not in was or cell not in now:
                there = ["there" if cell in side else None for side in (was, now)]
                yield _row(name, cell, "cell", *there) | _tell_moved(members, cell)
                continue
            moved = _tell_moved(members, cell) if has_records else {}
            columns = dict.fromkeys([*was[cell], *now[cell]])
            told = [c for c in columns if not _is_same(was[cell].get(c), now[cell].get(c))]
            for column in told:
                yield _row(name, cell, column, was[cell].get(column), now[cell].get(column)) | moved
            if not told and members[0].get(cell) != members[1].get(cell):
                sizes = [sum(map(len, side.get(cell, {}).values())) for side in members]
                yield _row(name, cell, "records", *sizes) | moved


def _list_cells(series: Mapping[str, Any]) -> dict[str, _Row]:
    """Numbers of each cell, under its group and first day."""
    named = ("period_start", series["recipe"]["by"])
    numbers = {column: of for column, of in series["periods"].items() if column not in named}
    return {
        cell: dict(zip(numbers, row, strict=True))
        for cell, row in zip(name_cells(series), zip(*numbers.values(), strict=True), strict=True)
    }


def _list_members(pack: Mapping[str, Any], series: Mapping[str, Any]) -> dict[str, Any]:
    """Of each cell its incidents with share and amount, each with the reports of it."""
    of_incident, cells = list_members(pack), name_cells(series)
    members: dict[str, Any] = {}
    for row, incident_id, share, amount in series["cells"]:
        key = (incident_id, round(float(share), 9), amount)
        members.setdefault(cells[row], {})[key] = sorted(of_incident.get(incident_id, []))
    return members


def _tell_moved(members: list[dict[str, Any]], cell: str) -> dict[str, str]:
    """Reports that a cell gained and lost; its incidents, where the reports are the same."""
    was, now = (
        {report for reports in side.get(cell, {}).values() for report in reports}
        for side in members
    )
    if was == now:
        was, now = ({key[0] for key in side.get(cell, {})} for side in members)
    return {"gained": ";".join(sorted(now - was)), "lost": ";".join(sorted(was - now))}


def _compare_facts(kind: str, old: Mapping[str, _Row], new: Mapping[str, _Row]) -> Iterator[_Row]:
    """Facts of incidents or reports: those of both, then those of one side alone."""
    for key in dict.fromkeys([*old, *new]):
        name = f"{kind.removesuffix('s')} {key}"
        if key not in old or key not in new:
            yield _row("", name, kind, *("there" if key in side else None for side in (old, new)))
            continue
        for column in dict.fromkeys([*old[key], *new[key]]):
            was, now = old[key].get(column), new[key].get(column)
            if not _is_same(was, now):
                yield _row("", name, column, was, now)


def _row(series: str, where: str, what: str, was: Any, now: Any) -> _Row:
    return {
        "series": series, "where": where, "what": what, "was": was, "now": now,
        "gained": "", "lost": "",
    }  # fmt: skip


def _is_same(was: Any, now: Any) -> bool:
    numbers = [isinstance(value, int | float) for value in (was, now)]
    if all(numbers):
        return bool(abs(was - now) <= _TOLERANCE * max(1.0, abs(now)))
    return bool(was == now)
