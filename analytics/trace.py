"""A series and the records of each of its cells: what a reader needs to check a printed number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics.basis import Selection, name_groups, select_incidents
from analytics.cells import key_cells
from analytics.clusters import name_decisions
from analytics.editions.cells import choose_withheld, hide_periods, hide_small_cells
from analytics.errors import ParameterError
from analytics.periods import Window, make_periods
from analytics.series import count_incidents, spread_days


@dataclass(frozen=True)
class Trace:
    """A series with the records behind it.

    Parameters
    ----------
    series : DataFrame
        `analytics.schema.SERIES`.
    cells : DataFrame
        One row is an incident in a cell: ``row`` (position of the cell in the series),
        ``incident_id``, ``share`` (of its interval of days, inside the period), ``amount``
        (incidents or persons; empty where no report states it). The sum of share times amount is
        the cell's count.
    selection : Selection
    recipe : Mapping
        All that is needed to count the series again.
    """

    series: pd.DataFrame
    cells: pd.DataFrame
    selection: Selection
    recipe: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """What is counted, per what, by what: ``incidents per week by governorate``."""
        by = self.recipe.get("by")
        return "{measure} per {interval}".format(**self.recipe) + (f" by {by}" if by else "")


def trace_series(
    selection: Selection,
    window: Window,
    interval: str,
    *,
    by: str | None = None,
    measure: str = "incidents",
    date_rule: str = "spread",
    covered: Sequence[Window] | None = None,
    as_of: str | None = None,
    reporting_delay_days: int = 0,
) -> Trace:
    """Return the series of some incidents, as `count_incidents` does, and who is in which cell.

    Parameters
    ----------
    selection : Selection
        From `select_incidents`.
    window, interval, by, measure, date_rule, covered, as_of, reporting_delay_days
        As for `analytics.series.count_incidents`.

    Examples
    --------
    Of an incident known to a span of days, each period has its share:

    >>> reports = pd.DataFrame({
    ...     "report_id": ["a", "b"], "date_start": pd.to_datetime(["2017-10-10", "2017-10-14"]),
    ...     "date_end": pd.to_datetime(["2017-10-10", "2017-10-18"])})
    >>> traced = trace_series(
    ...     select_incidents(reports), Window("2017-10-09", "2017-10-22"), "week")
    >>> traced.cells.assign(count=traced.series["count"].loc[traced.cells["row"]].to_numpy())
       row incident_id  share  amount  count
    0    0           a    1.0       1    1.4
    1    0           b    0.4       1    1.4
    2    1           b    0.6       1    0.6
    """
    options: dict[str, Any] = {
        "by": by,
        "measure": measure,
        "date_rule": date_rule,
        "as_of": as_of or "",
        "reporting_delay_days": reporting_delay_days,
    }
    known = selection.limit_cover(covered, window)
    series = count_incidents(selection.incidents, window, interval, covered=known, **options)
    cells = _list_cells(selection.incidents, series, window, interval, by, measure, date_rule)
    if selection.smallest and _is_fine(selection.recipe, by):
        hidden = _hide_periods(selection, window, interval, {**options, "covered": known})
        if by is None:
            series = hide_periods(series, hidden)
        else:
            series = hide_small_cells(series, selection.smallest, periods=hidden)
        # The records of a cell would tell its count, and those of its margins the cell.
        cells = cells.iloc[:0]
    spans = [f"{part.start:%Y-%m-%d}/{part.end:%Y-%m-%d}" for part in covered or ()]
    recipe = {
        **selection.recipe,
        "window": f"{window.start:%Y-%m-%d}/{window.end:%Y-%m-%d}",
        "interval": interval,
        **options,
        "covered": spans if covered is not None else None,
    }
    return Trace(series, cells, selection, recipe)


def repeat_selection(
    reports: pd.DataFrame, recipe: Mapping[str, Any], *, decisions: pd.DataFrame | None = None
) -> Selection:
    """Return the incidents of a recipe, selected again from these reports.

    Raises
    ------
    ParameterError
        The decisions on links are others than those that the series was counted with.
    KeyError, ValueError, AnalyticsError
        As `repeat_trace`.
    """
    # A series of before decisions could be given was counted without any.
    if name_decisions(decisions) != recipe.get("decisions", ""):
        raise ParameterError(
            "decisions on links", "are not those of the report", "Give the same file of decisions"
        )
    return select_incidents(
        reports,
        rule=recipe["rule"],
        decisions=decisions,
        place=recipe["place"],
        where=recipe["where"],
        edition=recipe["edition"],
        as_of=recipe["released_on"],
    )


def repeat_trace(selection: Selection, recipe: Mapping[str, Any]) -> Trace:
    """Return a series counted again from its recipe, of these incidents.

    Raises
    ------
    KeyError, ValueError, AnalyticsError
        If the recipe is not one of `trace_series`, or asks for what the records do not have.
    """
    covered = recipe["covered"]
    return trace_series(
        selection,
        Window(*recipe["window"].split("/")),
        recipe["interval"],
        by=recipe["by"],
        measure=recipe["measure"],
        date_rule=recipe["date_rule"],
        covered=None if covered is None else [Window(*span.split("/")) for span in covered],
        as_of=recipe["as_of"],
        reporting_delay_days=recipe["reporting_delay_days"],
    )


def _list_cells(
    incidents: pd.DataFrame,
    series: pd.DataFrame,
    window: Window,
    interval: str,
    by: str | None,
    measure: str,
    date_rule: str,
) -> pd.DataFrame:
    """Pairs of cell and incident, in the order of cells, then of incidents."""
    touches = (incidents["date_end"] >= window.start) & (incidents["date_start"] <= window.end)
    days = incidents.assign(group=name_groups(incidents, by))
    if date_rule != "spread":
        one = days[f"date_{date_rule}"]
        days = days.assign(date_start=one, date_end=one)
        touches = (one >= window.start) & (one <= window.end)
    days = days[touches].reset_index(drop=True)
    periods = make_periods(window, interval)
    rows, position, shares = spread_days(days, periods, window)
    keys = pd.Index(key_cells(series))
    starts = [f"{day:%Y-%m-%d}" for day in periods["period_start"]]
    groups = days["group"].tolist()
    wanted = [
        f"{groups[row]} {starts[cell]}" if by else starts[cell]
        for row, cell in zip(rows, position, strict=True)
    ]
    if measure != "incidents":
        amount = days[measure].astype("Int64")
    elif "n_incidents" in days:
        amount = days["n_incidents"].fillna(1).astype("Int64")
    else:
        amount = pd.Series(1, days.index, dtype="Int64")
    cells = pd.DataFrame(
        {
            "row": keys.get_indexer(pd.Index(wanted)) if wanted else pd.array([], "int64"),
            "incident_id": days["incident_id"].astype(str).to_numpy()[rows],
            "share": shares,
            "amount": amount.iloc[rows].array,
        }
    )
    is_counted = series["is_covered"].to_numpy(bool)[cells["row"]]
    return cells[is_counted].sort_values(["row", "incident_id"], ignore_index=True)


def _is_fine(recipe: Mapping[str, Any], by: str | None) -> bool:
    """Whether cells are split so that a small one can point at somebody: by place or kind."""
    kinds = set(recipe["where"]) - {"event_class", "perpetrator"}
    return by is not None or recipe["place"] != "all" or bool(kinds)


def _hide_periods(
    selection: Selection, window: Window, interval: str, options: Mapping[str, Any]
) -> npt.NDArray[np.bool_]:
    """Which periods of the selection's own series must not be shown: none, of the whole country.

    The report of all places withholds cells of this place so that those of others stay unknown:
    the same ones are withheld here. Days are withheld altogether, since weeks would tell them.
    """
    place, smallest = selection.recipe["place"], selection.smallest
    n_periods = len(make_periods(window, interval))
    if not _is_fine(selection.recipe, None):
        return np.zeros(n_periods, bool)
    if interval == "day":
        return np.ones(n_periods, bool)
    if place == "all":
        series = count_incidents(selection.incidents, window, interval, **{**options, "by": None})
        cells, _ = choose_withheld(series["count"].to_numpy(float)[None, :], smallest)
        return np.asarray(cells[0])
    by = "zone" if place in ("strip", "elsewhere") else "governorate"
    table = count_incidents(selection.around, window, interval, **{**options, "by": by})
    hidden = hide_small_cells(table, smallest)
    return np.asarray(hidden.loc[hidden[by] == place, "is_withheld"], bool)
