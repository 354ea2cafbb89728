"""What records give besides one series: other places, draws of uncertain dates, other rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import ibis.expr.types as ir
import pandas as pd

from analytics.basis import Selection, select_incidents
from analytics.errors import ParameterError
from analytics.incidents import RULES, Rule, merge_reports
from analytics.periods import Window
from analytics.selection import as_table
from analytics.series import count_incidents, draw_series

_COARSER = {"day": "week", "week": "month", "month": "quarter", "quarter": "year"}
# Linking every report with every other is for the thousands of a press review, not for millions.
_MOST_LINKED = 20_000
_N_DRAWS = 21
ONE_PLACE = "the records are of one place alone"
NO_PLACES = "the records do not tell places apart"
NO_SMALL_COUNTS = "this edition shows no small counts by place"


@dataclass(frozen=True)
class Material:
    """Series of the same records, window and measure, by the questions that they serve.

    ``series`` is the one studied; ``exposed`` and ``comparison`` share its periods; ``places`` has
    the group first; ``draws`` are lists of series by what was drawn ("dates", "duplicates");
    ``variants`` are series by (interval, date rule, duplicates rule), the one studied first;
    ``missing`` says by section why a series is not there;
    ``incidents`` are the merged reports of the one studied, where there are reports to merge.
    """

    series: pd.DataFrame
    exposed: pd.DataFrame | None = None
    comparison: pd.DataFrame | None = None
    places: pd.DataFrame | None = None
    draws: Mapping[str, list[pd.DataFrame]] = field(default_factory=dict)
    variants: Mapping[tuple[str, str, str], pd.DataFrame] = field(default_factory=dict)
    missing: Mapping[str, str] = field(default_factory=dict)
    incidents: pd.DataFrame | None = None


def gather_material(
    reports: pd.DataFrame | ir.Table | Selection,
    window: Window,
    interval: str,
    *,
    comparison: str = "zone=elsewhere",
    by: str = "governorate",
    only: Mapping[str, Sequence[str]] | None = None,
    date_rule: str = "spread",
    duplicates: Rule = "best",
    decisions: pd.DataFrame | None = None,
    **options: Any,
) -> Material:
    """Return every series that a study of some reports can use.

    Parameters
    ----------
    reports : DataFrame, ibis Table or Selection
        Columns of `analytics.schema.RECORD`; one row a report, or an event that its makers merged.
        A selection brings its own conditions, rule for duplicates and edition: in an edition that
        shows no small counts, places and areas are not told apart.
    window, interval, date_rule, only, **options
        As in `count_incidents`.
    comparison : str
        COLUMN=VALUE of the records compared with. Exposed are the values of that column that
        ``only`` names, else all known ones but this.
    by : str
        Column of the places.
    duplicates, decisions
        Rule and decisions of `merge_reports` for the series studied.

    Raises
    ------
    ParameterError
        A comparison without "=", or a value that no record has.
    """
    missing: dict[str, str] = {}
    if isinstance(reports, Selection):
        rules = _select_by_rule(reports, decisions)
        options["covered"] = reports.limit_cover(options.get("covered"), window)
        is_one = reports.recipe["place"] != "all"
        if is_one or reports.smallest:
            why = ONE_PLACE if is_one else NO_SMALL_COUNTS
            missing = dict.fromkeys(("places", "comparison"), why)
    else:
        rules = _merge_by_rule(reports, duplicates, decisions)
    first = next(iter(rules))
    shared = {**options, "only": only}
    variants = {
        (unit, rule, duplicates): count_incidents(table, window, unit, date_rule=rule, **shared)
        for unit in dict.fromkeys([interval, _COARSER.get(interval, interval)])
        for rule in dict.fromkeys([date_rule, "spread", "start", "end"])
        for duplicates, table in rules.items()
    }
    series = variants[interval, date_rule, first]
    exposed = compared = places = None
    if "comparison" not in missing:
        exposed, compared = _compare(rules[first], window, interval, comparison, date_rule, shared)
        if compared is None:
            missing["comparison"] = NO_PLACES
    if "places" not in missing:
        if by in rules[first].columns or by == "zone":
            places = count_incidents(
                rules[first], window, interval, by=by, date_rule=date_rule, **shared
            )
            places = places[places[by] != "unknown"].reset_index(drop=True)
        else:
            missing["places"] = NO_PLACES
    draws = _draw(rules, window, interval, shared)
    incidents = rules[first] if first in RULES and rules[first] is not reports else None
    return Material(series, exposed, compared, places, draws, variants, missing, incidents)


def _select_by_rule(selection: Selection, decisions: pd.DataFrame | None) -> dict[str, Any]:
    """Incidents of a selection, and of the same under each rule that makes a difference."""
    recipe = dict(selection.recipe)
    rule, as_of = recipe.pop("rule"), recipe.pop("released_on")
    recipe["decisions"] = decisions
    selected = {rule: selection.incidents}
    reports = selection.reports
    is_event = reports["one_row_is"] == "event" if "one_row_is" in reports else None
    if is_event is not None and is_event.all():
        return {"as recorded": selection.incidents}
    if len(reports) <= _MOST_LINKED:
        for other in RULES:
            found = select_incidents(reports, rule=other, as_of=as_of, **recipe).incidents
            if len(found) not in {len(known) for known in selected.values()}:
                selected[other] = found
    return selected


def _merge_by_rule(
    reports: pd.DataFrame | ir.Table, duplicates: Rule, decisions: pd.DataFrame | None
) -> dict[str, Any]:
    """Incidents under each rule for duplicates that makes a difference, the one asked for first."""
    table = as_table(reports)
    if "one_row_is" in table.columns:
        is_report = table.one_row_is.fill_null("report") != "event"
        n_reports = table.filter(is_report).count().to_pyarrow().as_py()
    else:
        n_reports = table.count().to_pyarrow().as_py()
    if not n_reports and decisions is None and "incident_id" not in table.columns:
        return {"as recorded": reports}
    if n_reports > _MOST_LINKED and duplicates == "none" and decisions is None:
        return {"none": reports}
    frame = reports if isinstance(reports, pd.DataFrame) else reports.to_pandas()
    first = merge_reports(frame, rule=duplicates, decisions=decisions)
    merged: dict[str, Any] = {duplicates: first}
    if 0 < n_reports <= _MOST_LINKED:
        for rule in RULES:
            if rule not in merged:
                other = merge_reports(frame, rule=rule, decisions=decisions)
                if len(other) not in {len(known) for known in merged.values()}:
                    merged[rule] = other
    return merged


def _compare(
    records: Any,
    window: Window,
    interval: str,
    comparison: str,
    date_rule: str,
    options: Mapping[str, Any],
) -> tuple[pd.DataFrame | None, pd.DataFrame | None]:
    """Series of the exposed records and of those compared with."""
    column, equals, value = comparison.partition("=")
    if not equals:
        raise ParameterError(
            f"comparison {comparison!r}", "has no '='", "Write it as governorate=IQ-AN"
        )
    if column not in records.columns and not (column == "zone" and "district" in records.columns):
        return None, None
    only = dict(options["only"] or {})
    exposed = [name for name in only.pop(column, []) if name != value]
    groups = count_incidents(
        records,
        window,
        interval,
        by=column,
        date_rule=date_rule,
        **{**options, "only": only or None},
    )
    return set_against(groups, column, value, exposed)


def set_against(
    groups: pd.DataFrame, column: str, value: str, exposed: Sequence[str] = ()
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the series of some groups together (all others by default) and that of one.

    Raises
    ------
    ParameterError
        No group has the value.
    """
    names = groups[column].unique().tolist()
    if value not in names:
        raise ParameterError(
            f"comparison {column}={value}", "has no records", f"Choose one of {', '.join(names)}"
        )
    others = exposed or [name for name in names if name not in (value, "unknown")]
    parts = groups[groups[column].isin(others)]
    counts = parts.groupby("period_start")["count"].agg(lambda part: part.sum(skipna=False))
    compared = groups[groups[column] == value].reset_index(drop=True).drop(columns=column)
    return compared.assign(count=compared["period_start"].map(counts)), compared


def _draw(
    rules: Mapping[str, Any], window: Window, interval: str, options: Mapping[str, Any]
) -> dict[str, list[pd.DataFrame]]:
    """Draws of the days of interval dates, and of the rule for duplicates besides."""
    tables = list(rules.values())
    draws = {"dates": draw_series(tables[0], window, interval, n_draws=_N_DRAWS, **options)}
    if len(tables) > 1:
        each = -(-_N_DRAWS // len(tables))
        draws["duplicates"] = [
            draw
            for seed, table in enumerate(tables)
            for draw in draw_series(table, window, interval, n_draws=each, seed=seed, **options)
        ]
    return draws
