"""Incidents counted into a regular series over a stated window.

Counting has two steps. A *tally* groups incidents by the periods in which they begin and end, as
one expression on whatever engine holds them; it is small, however many records there are. The tally
is then spread over periods here, so that every engine gives the same series to the last digit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics.periods import Window, make_periods, parse_day
from analytics.reference import governorate_codes
from analytics.selection import Records
from analytics.tally import tally_periods


def count_incidents(
    records: Records,
    window: Window,
    interval: str,
    *,
    by: str | None = None,
    measure: str = "incidents",
    only: Mapping[str, Sequence[str]] | None = None,
    date_rule: str = "spread",
    covered: Sequence[Window] | None = None,
    as_of: str | None = None,
    reporting_delay_days: int = 0,
) -> pd.DataFrame:
    """Return the regular series of incidents (or casualties) per period.

    An incident whose date is an interval of days is spread: each period gets the share of the
    interval's days that lies in it. The alternatives (all on the first, or on the last day) are
    there to show how much that choice matters.

    Parameters
    ----------
    records : DataFrame or ibis Table
        Columns of `analytics.schema.RECORD`; one row an incident (or ``n_incidents`` of them).
    window : Window
        The days under observation.
    interval : {"day", "week", "month", "quarter", "year"}
    by : str, optional
        Group column: governorate, zone, district, event_type, target, or any other column.
        ``zone`` is worked out from governorate and district. Groups are whole values: an incident
        with targets "police; civilian" is in that group alone, so that groups add up.
    measure : {"incidents", "killed", "wounded", "abducted", "arrested"}
        Casualties are sums over incidents with a stated figure; those without one are counted
        in ``count_unknown``, never as zero.
    only : mapping of column to allowed values, optional
        Keep only these records.
    date_rule : {"spread", "start", "end"}
    covered : sequence of Window, optional
        The days the source observed; all of the window where not given. A period with no covered
        day has no count (which is not a count of zero).
    as_of : str, optional
        Last day the records could know of, as 2021-12-31; a period not over by then is not
        complete.
    reporting_delay_days : int
        A period younger than this at ``as_of`` is not complete.

    Returns
    -------
    DataFrame
        One row is a period (of a group): the columns of `analytics.schema.SERIES`, the group
        column first; sorted, without gaps. Groups with no incident in the window are there with
        zeros. Unplaced incidents are in the group "unknown".

    Raises
    ------
    ParameterError
        A measure, rule or column that is not there.

    Examples
    --------
    Three records, one of them known only to the month:

    >>> records = pd.DataFrame({
    ...     "date_start": pd.to_datetime(["2017-10-10", "2017-10-01", "2017-10-16"]),
    ...     "date_end": pd.to_datetime(["2017-10-10", "2017-10-31", "2017-10-16"])})
    >>> series = count_incidents(records, Window("2017-10-09", "2017-10-22"), "week")
    >>> series[["period_start", "count", "count_min", "count_max"]].round({"count": 3})
      period_start  count  count_min  count_max
    0   2017-10-09  1.226          1          2
    1   2017-10-16  1.226          1          2
    """
    periods = make_periods(window, interval)
    tally = tally_periods(
        records, window, interval, by=by, measure=measure, only=only, date_rule=date_rule
    )
    groups = _groups(tally, by)
    n_cells = len(groups) * len(periods)
    shares = spread_tally(tally, periods)
    size = tally["size"].to_numpy(float)[shares.row]
    is_stated = ~tally["is_unknown"].to_numpy(bool)[shares.row]
    group = pd.Index(groups).get_indexer(pd.Index(tally["group"]))[shares.row]
    position = shares.cell + group * len(periods)

    def total(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        return np.bincount(position, values, minlength=n_cells).astype(float)

    # A selection without any incident has no group, and a series of no rows.
    series = pd.concat([periods.iloc[:0], *[periods] * len(groups)], ignore_index=True)
    series.insert(0, by or "group", np.repeat(groups, len(periods)))
    series["count"] = total(shares.expected * size * is_stated)
    series["count_min"] = total(shares.certain * size * is_stated).astype("int64")
    series["count_max"] = total(shares.possible * size * is_stated).astype("int64")
    series["count_var"] = total(shares.variance * size**2 * is_stated)
    if measure != "incidents":
        series["count_unknown"] = total(shares.expected * ~is_stated)
    last_day = parse_day(as_of, "as-of") if as_of else None
    return _mark_states(series, window, covered, last_day, reporting_delay_days).drop(
        columns=["period_end", "is_whole", *([] if by else ["group"])]
    )


def draw_series(
    records: Records,
    window: Window,
    interval: str,
    *,
    n_draws: int = 20,
    seed: int = 20171016,
    **options: Any,
) -> list[pd.DataFrame]:
    """Return ``n_draws`` series in which every interval date has been drawn to one day.

    The draws carry the uncertainty of dates into a model, which is fitted to each and pooled by
    Rubin's rules. Options are those of `count_incidents`.

    Returns
    -------
    list of DataFrame
        Each like the series of `count_incidents`, with whole counts.
    """
    series = count_incidents(records, window, interval, **options)
    by = options.get("by")
    kept = {k: v for k, v in options.items() if k in ("by", "measure", "only", "date_rule")}
    tally = tally_periods(records, window, interval, by_day=True, **kept)
    tally = tally.query("not is_unknown").reset_index(drop=True)
    periods = make_periods(window, interval)
    shares = spread_tally(tally, periods)
    groups = pd.Index(series[by].unique() if by else [""])
    n, size = tally["n"].to_numpy(), tally["size"].to_numpy()
    base = groups.get_indexer(pd.Index(tally["group"])) * len(periods)
    counts = np.zeros((n_draws, len(series)))
    counts += np.bincount(
        base[shares.row] + shares.cell, shares.certain * size[shares.row], minlength=len(series)
    )
    rng = np.random.default_rng(seed)
    weights = shares.expected / np.maximum(n, 1)[shares.row]
    is_open = shares.certain == 0
    rows, starts = np.unique(shares.row[is_open], return_index=True)
    parts = zip(
        rows,
        np.split(weights[is_open], starts[1:]),
        np.split(shares.cell[is_open], starts[1:]),
        strict=False,  # no row splits into one empty part
    )
    for row, share, cell in parts:
        outside = max(0.0, 1 - share.sum())
        drawn = rng.multinomial(n[row], [*share, outside], size=n_draws)[:, :-1]
        counts[:, base[row] + cell] += drawn * size[row]
    return [
        series.assign(count=np.where(series["count"].isna(), np.nan, drawn), count_var=0.0)
        for drawn in counts
    ]


def _groups(tally: pd.DataFrame, by: str | None) -> list[str]:
    """All groups a reader would ask for: every governorate and zone, else those that occur."""
    if by is None:
        return [""]
    known: list[str] = []
    if by == "governorate":
        known = list(governorate_codes())
    elif by == "zone":
        known = ["strip", "elsewhere"]
    return known + sorted(set(tally["group"]) - set(known))


@dataclass(frozen=True)
class Shares:
    """What every row of a tally adds to every period it touches; each of shape (n_pairs,)."""

    row: npt.NDArray[np.int64]
    cell: npt.NDArray[np.int64]
    expected: npt.NDArray[np.float64]
    certain: npt.NDArray[np.float64]
    possible: npt.NDArray[np.float64]
    variance: npt.NDArray[np.float64]


def spread_tally(tally: pd.DataFrame, periods: pd.DataFrame) -> Shares:
    """Return a tally's incidents in the periods, by their days there: whole sums, divided once."""
    first, last = tally["first"].to_numpy("int64"), tally["last"].to_numpy("int64")
    from_cell, to_cell = np.maximum(first, 0), np.minimum(last, len(periods) - 1)
    n_cells = to_cell - from_cell + 1
    row = np.repeat(np.arange(len(tally)), n_cells)
    cell = from_cell[row] + np.arange(len(row)) - np.repeat(n_cells.cumsum() - n_cells, n_cells)
    first, last = first[row], last[row]
    n, start, start2, end, end2 = (
        tally[name].to_numpy("int64")[row] for name in ("n", "start", "start2", "end", "end2")
    )
    # Days of the window up to the end of a period, and before its start.
    through = periods["period_days"].to_numpy("int64").cumsum()[cell]
    before = through - periods["period_days"].to_numpy("int64")[cell]
    length = through - before
    # Sums of an interval's days in the period, and of their squares.
    places = [(cell == first), (cell == last)]
    days = np.select(places, [n * through - start, end + n - n * before], n * length)
    squares = np.select(
        places,
        [
            n * through**2 - 2 * through * start + start2,
            end2 - 2 * (before - 1) * end + n * (before - 1) ** 2,
        ],
        n * length**2,
    )
    is_inside = first == last
    n_days = np.where(is_inside, 1, tally["days"].to_numpy("int64")[row])
    expected = np.where(is_inside, n, days / n_days)
    variance = np.where(is_inside, 0, (days * n_days - squares) / n_days.astype(float) ** 2)
    return Shares(row, cell, expected, n * is_inside.astype(float), n.astype(float), variance)


def spread_days(
    records: pd.DataFrame, periods: pd.DataFrame, window: Window
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """Return row, period and share of days of every interval that overlaps a period.

    Each of shape (n_pairs,). Rows have ``date_start`` and ``date_end`` and touch the window.
    """
    day = "datetime64[D]"
    opening, closing = window.start.to_numpy().astype(day), window.end.to_numpy().astype(day)
    start, end = (records[f"date_{which}"].to_numpy(day) for which in ("start", "end"))
    starts = periods["period_start"].to_numpy(day)
    first = np.searchsorted(starts, np.maximum(start, opening), side="right") - 1
    n_cells = np.searchsorted(starts, np.minimum(end, closing), side="right") - first
    rows = np.repeat(np.arange(len(records)), n_cells)
    cells = first[rows] + np.arange(len(rows)) - np.repeat(n_cells.cumsum() - n_cells, n_cells)
    # Of the period, and of the window.
    opens = np.maximum(starts, opening)[cells]
    closes = np.minimum(periods["period_end"].to_numpy(day), closing)[cells]
    inside = np.minimum(end[rows], closes) - np.maximum(start[rows], opens)
    n_days = (end - start)[rows].astype(float) + 1
    return rows, cells, (inside.astype(float) + 1) / n_days


def _mark_states(
    series: pd.DataFrame,
    window: Window,
    covered: Sequence[Window] | None,
    as_of: pd.Timestamp | None,
    reporting_delay_days: int,
) -> pd.DataFrame:
    """Count, zero, not covered: kept apart; incomplete periods marked."""
    start = series["period_start"].where(series["period_start"] >= window.start, window.start)
    end = series["period_end"].where(series["period_end"] <= window.end, window.end)
    covered_days = series["period_days"].astype(float)
    if covered is not None:
        days = {day for part in covered for day in pd.date_range(part.start, part.end)}
        observed = pd.DatetimeIndex(sorted(days))
        inside = observed.searchsorted(end, side="right") - observed.searchsorted(
            start, side="left"
        )
        covered_days = pd.Series(inside, index=series.index, dtype=float)
    is_over = pd.Series(True, index=series.index)
    if as_of is not None:
        is_over = series["period_end"] + pd.Timedelta(days=reporting_delay_days) <= as_of
    series["is_covered"] = covered_days > 0
    series["is_complete"] = series["is_whole"] & is_over & (covered_days == series["period_days"])
    values = [c for c in series.columns if c.startswith("count")]
    if not series["is_covered"].all():
        series[values] = series[values].astype(float).where(series["is_covered"])
    order = ["is_complete", "is_covered"]
    return series[[c for c in series.columns if c not in order] + order]
