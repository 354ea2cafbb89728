"""The data of a report, beside it: each series, and the records of each cell, as JSON and CSV."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from analytics.editions.search import take_fingerprints
from analytics.errors import FileError
from analytics.incidents import TOLLS
from analytics.periods import Window
from analytics.trace import Trace

SIDECAR_VERSION = 1
ABOUT = (
    "governorate", "district", "event_class", "event_type", "target", "perpetrator", *TOLLS,
)  # fmt: skip
"""Columns by which a record is counted here or there, kept with its id where a file has them."""

LARGEST = 256 * 2**20
"""Bytes of the largest file that is read; a report has about two million."""

MOST_LEFT_OUT = 20_000
"""Reports that are counted in no cell are listed as long as all are no more than this."""

_COLUMNS = ("series", "group", "period_start", "count", "incident_id", "share", "amount")
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
Pack = dict[str, Any]


def pack_traces(traces: Iterable[Trace]) -> Pack:
    """Return traced series as one mapping that JSON can hold.

    Returns
    -------
    dict
        ``series``: for each its ``name``, ``recipe``, ``periods`` (the columns of
        `analytics.schema.SERIES`) and ``cells`` (row, incident_id, share, amount). ``incidents``:
        a row for each incident in a cell, its days and what it is counted by, under its id.
        ``reports``: the same for each report, with its incident, day of publication, address and
        ``state``: ``counted``, ``window`` (outside it) or ``selection`` (of another place or
        kind). ``rules`` of the edition, with the number of incidents each changed, and
        fingerprints of what it withheld, which are not written. Unknown is null.
    """
    pack: Pack = {"sidecar": SIDECAR_VERSION, "series": [], "incidents": {}, "reports": {}}
    pack |= {"rules": {}, "withheld": []}
    for trace in traces:
        pack = merge_packs(pack, _pack(trace))
    return pack


def merge_packs(one: Pack, other: Mapping[str, Any]) -> Pack:
    """Return two packs as one; a series that is in both is kept once."""
    known = [series["name"] for series in one["series"]]
    reports = dict(one["reports"])
    for report_id, row in other["reports"].items():
        if report_id not in reports or row["state"] == "counted":
            reports[report_id] = row
    return {
        "sidecar": SIDECAR_VERSION,
        "series": one["series"] + [s for s in other["series"] if s["name"] not in known],
        "incidents": {**one["incidents"], **other["incidents"]},
        "reports": reports,
        "rules": {**one["rules"], **other["rules"]},
        "withheld": sorted({*one["withheld"], *other["withheld"]}),
    }


def write_sidecar(pack: Mapping[str, Any]) -> str:
    """Return a pack as JSON text, the same for the same pack."""
    told = {key: value for key, value in pack.items() if key != "withheld"}
    return json.dumps(told, ensure_ascii=False, allow_nan=False, separators=(",", ":")) + "\n"


def write_cells(pack: Mapping[str, Any]) -> str:
    """Return the cells of a pack as CSV: one row an incident in a cell, or a cell without any.

    Columns: series, group, period_start, count (of the cell; empty where it is not covered),
    incident_id, share, amount, report_ids, published_on and source_urls, the last three parted by
    spaces in the same order. A text that a spreadsheet would run as a formula gets an apostrophe.
    """
    by_incident = list_members(pack)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([*_COLUMNS, "report_ids", "published_on", "source_urls"])
    for series in pack["series"]:
        periods = series["periods"]
        members: dict[int, list[Any]] = {}
        for row, *cell in series["cells"]:
            members.setdefault(row, []).append(cell)
        for row, (group, start, count) in enumerate(
            zip(list_groups(series), periods["period_start"], periods["count"], strict=True)
        ):
            for incident_id, share, amount in members.get(row, [["", None, None]]):
                reports = by_incident.get(incident_id, [])
                rows = [pack["reports"][report_id] for report_id in reports]
                evidence = (
                    " ".join(reports),
                    " ".join(report["published_on"] or "-" for report in rows),
                    " ".join(report["source_url"] or "-" for report in rows),
                )
                cells = (series["name"], group, start, count, incident_id, share, amount)
                writer.writerow([_disarm(cell) for cell in (*cells, *evidence)])
    return out.getvalue()


def load_sidecar(path: str | Path) -> Pack:
    """Return the data of an earlier report.

    Raises
    ------
    FileError
        If the file cannot be read or is not the data of a report.
    """
    path = Path(path)
    remedy = "Give the NAME.LANGUAGE.data.json that was written with a report"
    try:
        pack = json.loads(load_text(path, remedy))
    except (ValueError, RecursionError) as error:
        raise FileError(path.name, "is not JSON", remedy) from error
    try:
        if pack["sidecar"] != SIDECAR_VERSION:
            raise ValueError(pack["sidecar"])
        check_series(pack["series"])
        for series in pack["series"]:
            _check_members(series, pack["incidents"])
        for row in pack["reports"].values():
            dict(row, **{key: row[key] for key in ("incident_id", "published_on", "source_url")})
    except UNREADABLE as error:
        raise FileError(path.name, "is not the data of a report", remedy) from error
    return dict(pack)


UNREADABLE = (LookupError, TypeError, ValueError, AttributeError, RecursionError)
"""What data raise that are not of the form they are taken for."""


def check_series(entries: Any) -> None:
    """Raise one of `UNREADABLE` where series of a pack are not of its form."""
    for series in entries:
        periods, recipe = series["periods"], series["recipe"]
        by = recipe["by"]
        starts = pd.to_datetime(pd.Series(periods["period_start"], dtype="str"), format="%Y-%m-%d")
        needed = ["count", *([by] if by is not None else [])]
        if not all(isinstance(periods[column], list) for column in needed):
            raise TypeError("columns that are no lists")
        if any(len(values) != len(starts) for values in periods.values()):
            raise ValueError("columns of unequal length")
        pd.Series(periods["count"], dtype=float)
        " ".join([series["name"], *periods])


def _check_members(series: Mapping[str, Any], incidents: Mapping[str, Any]) -> None:
    n = len(series["periods"]["is_covered"])
    " ".join([series["recipe"]["window"], series["recipe"]["interval"]])
    for row, incident_id, share, amount in series["cells"]:
        numbers = (share, 0 if amount is None else amount)
        if not (0 <= row < n and all(isinstance(number, int | float) for number in numbers)):
            raise ValueError("a cell that is not there")
        Window(incidents[incident_id]["date_start"], incidents[incident_id]["date_end"])


def load_text(path: Path, remedy: str) -> str:
    """Return the text of a file that may be anybody's.

    Raises
    ------
    FileError
        If it cannot be read, is larger than any report, or is not UTF-8.
    """
    try:
        if path.stat().st_size > LARGEST:
            raise FileError(path.name, f"is larger than {LARGEST >> 20} MB", remedy)
        return path.read_bytes().decode("utf-8")
    except OSError as error:
        raise FileError(path.name, f"cannot be read ({error.strerror})", remedy) from error
    except UnicodeDecodeError as error:
        raise FileError(path.name, "is not text in UTF-8", remedy) from error


def list_groups(series: Mapping[str, Any]) -> list[str]:
    """Return the group of each cell of a pack's series; empty texts where there are none."""
    periods = series["periods"]
    return periods.get(series["recipe"]["by"]) or [""] * len(periods["period_start"])


def name_cells(series: Mapping[str, Any]) -> list[str]:
    """Return the name of each cell of a pack's series, as `analytics.cells.key_cells` has it."""
    days = series["periods"]["period_start"]
    return [f"{group} {day}".lstrip() for group, day in zip(list_groups(series), days, strict=True)]


def list_members(pack: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return the ids of the reports of each incident of a pack."""
    members: dict[str, list[str]] = {}
    for report_id, row in pack["reports"].items():
        members.setdefault(row["incident_id"], []).append(report_id)
    return members


def _pack(trace: Trace) -> Pack:
    """One trace as a pack."""
    series, cells = trace.series, trace.cells
    incidents = trace.selection.incidents
    counted = set(cells["incident_id"])
    ids = incidents["incident_id"].astype(str)
    of_report = {
        report_id: incident_id
        for incident_id, report_ids in zip(ids, incidents["report_ids"], strict=True)
        for report_id in str(report_ids).split(";")
    }
    reports = trace.selection.reports
    names = reports["report_id"].astype(str)
    owners = names.map(of_report)
    states = pd.Series("window", reports.index)
    states = states.mask(owners.isna(), "selection").mask(owners.isin(counted), "counted")
    released = trace.selection.released
    about = ABOUT if released.edition.lists_records else ()
    is_whole = len(reports) <= MOST_LEFT_OUT and released.edition.lists_records
    is_listed = pd.Series(is_whole, reports.index) | (states == "counted")
    extra = ("published_on", "source_url", *about)
    listed = _rows(reports[is_listed], names[is_listed], extra)
    for report_id, owner, state in zip(
        names[is_listed], owners[is_listed], states[is_listed], strict=True
    ):
        listed[report_id] |= {"incident_id": None if pd.isna(owner) else owner, "state": state}
    periods = {str(column): [_plain(value) for value in series[column]] for column in series}
    return {
        "series": [
            {
                "name": trace.name,
                "recipe": dict(trace.recipe),
                "periods": periods,
                "cells": [
                    [int(row), incident_id, _plain(share), _plain(amount)]
                    for row, incident_id, share, amount in cells.itertuples(index=False)
                ],
            }
        ],
        "incidents": _rows(incidents[ids.isin(counted)], ids[ids.isin(counted)], about),
        "reports": listed,
        "rules": {rule: int(n) for rule, n in released.rules.itertuples(index=False)},
        "withheld": take_fingerprints(released.withheld),
    }


def _rows(frame: pd.DataFrame, ids: pd.Series, extra: tuple[str, ...]) -> dict[str, dict[str, Any]]:
    """Days, and some more, of each row under its id."""
    columns = ["date_start", "date_end", *extra]
    values = [
        list(map(_plain, frame[c].tolist())) if c in frame else [None] * len(frame) for c in columns
    ]
    return {
        key: dict(zip(columns, row, strict=True))
        for key, row in zip(ids, zip(*values, strict=True), strict=True)
    }


def _plain(value: Any) -> Any:
    """A value as JSON has it: a day as text, a number without the noise of its last digits."""
    if value is None or isinstance(value, str):
        return value
    if value is pd.NaT or value is pd.NA or value != value:
        return None
    if hasattr(value, "isoformat"):
        return value.isoformat()[:10]
    value = value.item() if hasattr(value, "item") else value
    if isinstance(value, float):
        return int(value) if value.is_integer() else float(f"{value:.12g}")
    return value


def _disarm(cell: Any) -> Any:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA_STARTS) else cell
