"""Where periods and key dates lie in time: the grid of a series and the sides of a date."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics.errors import ParameterError, SeriesError, WindowError
from analytics.periods import KeyDate

Vector = npt.NDArray[np.float64]
Truth = npt.NDArray[np.bool_]
TIME_UNITS = ("period", "day", "month", "year")
_DAY = np.timedelta64(1, "D")
_DAYS_IN = {"day": 1.0, "month": 365.25 / 12, "year": 365.25}
_MONTHS_IN = {"month": 1.0, "year": 12.0}


@dataclass(frozen=True)
class Grid:
    """The periods of one series: first and last days (inclusive) and the step between starts.

    Where every period starts on the first of a month, time is counted in calendar months, so that
    months and years are equally long steps; otherwise in days. Gaps keep their place.
    """

    starts: npt.NDArray[np.datetime64]
    ends: npt.NDArray[np.datetime64]
    step: int
    is_monthly: bool

    @property
    def step_months(self) -> float:
        """Length of a period in months."""
        return float(self.step) if self.is_monthly else self.step / _DAYS_IN["month"]

    @property
    def numbers(self) -> npt.NDArray[np.int64]:
        """Number of each period, counted from the first; a gap leaves numbers out."""
        return np.rint(self.locate(self.starts, "period")).astype(np.int64)

    def locate(self, days: npt.NDArray[np.datetime64], unit: str) -> Vector:
        """Time from the first period's start to the start of each day, in the unit."""
        if not self.is_monthly or unit == "day":
            length = float(self.step) if unit == "period" else _DAYS_IN[unit]
            elapsed: Vector = (days - self.starts[0]) / _DAY / length
            return elapsed
        length = float(self.step) if unit == "period" else _MONTHS_IN[unit]
        return np.asarray((_months(days) - _months(self.starts[:1])[0]) / length)


@dataclass(frozen=True)
class Change:
    """A key date, or several that cannot be told apart, as the model sees it.

    Periods that end before ``first`` are before, periods that start at ``settled`` or later are
    after; what lies between is mixed. ``settled`` is where level and slope are centred.
    """

    label: str
    first: np.datetime64
    settled: np.datetime64

    def is_before(self, grid: Grid) -> Truth:
        """Periods wholly before."""
        return np.asarray(grid.ends < self.first)

    def is_after(self, grid: Grid) -> Truth:
        """Periods wholly after."""
        return np.asarray(grid.starts >= self.settled)

    def share_after(self, grid: Grid) -> Vector:
        """Mean over each period's days of a ramp from 0 before to 1 once settled."""
        length = max(int((self.settled - self.first) / _DAY), 1)

        def area(days: npt.NDArray[np.datetime64]) -> Vector:
            into = (days - self.first) / _DAY + 1
            on_ramp = np.clip(into, 0, length)
            return np.asarray(
                on_ramp * (on_ramp + 1) / (2 * length) + np.clip(into - length, 0, None)
            )

        return (area(grid.ends) - area(grid.starts - _DAY)) / ((grid.ends - grid.starts) / _DAY + 1)


def read_grid(series: pd.DataFrame) -> Grid:
    """Return the grid of a series, its step being the shortest distance between two starts.

    Raises
    ------
    SeriesError
        A column is missing, fewer than two periods, out of order, a period twice, or starts that
        are not a whole number of steps apart.
    """
    for column in ("period_start", "count"):
        if column not in series:
            raise SeriesError(
                f"column {column!r}", "is not in the series", "Give period_start and count"
            )
    if len(series) < 2:
        raise SeriesError(
            f"{len(series)} period", "is not a series", "Widen the window or take shorter periods"
        )
    given = series["period_start"]
    try:
        days = given if given.dtype.kind == "M" else pd.to_datetime(given, format="ISO8601")
        starts = days.to_numpy().astype("datetime64[D]")
    except (ValueError, TypeError):
        raise SeriesError(
            "period_start", "is not a column of days", "Write days as 2017-10-16"
        ) from None
    if np.isnat(starts).any():
        raise SeriesError("period_start", "has an empty cell", "Give every period its first day")
    if not (starts[1:] > starts[:-1]).all():
        at = int(np.argmax(~(starts[1:] > starts[:-1]))) + 1
        raise SeriesError(
            f"period {starts[at]}",
            "does not come after the one above it",
            "Sort by period_start and fit one group at a time",
        )
    months = _months(starts)
    is_monthly = bool((months == np.floor(months)).all())
    number = months.astype(np.int64) if is_monthly else starts.astype(np.int64)
    gaps = np.diff(number)
    step = int(gaps.min())
    if (gaps % step).any():
        at = int(np.argmax(gaps % step != 0)) + 1
        raise SeriesError(
            f"period {starts[at]}",
            f"is not a whole number of steps of {step} {'months' if is_monthly else 'days'} away",
            "Give periods of one length",
        )
    if is_monthly:
        following = (number - 1 + step).astype("datetime64[M]").astype("datetime64[D]")
    else:
        following = starts + step * _DAY
    ends: npt.NDArray[np.datetime64] = np.subtract(following, _DAY)
    return Grid(starts, ends, step, is_monthly)


def read_changes(
    key_dates: Sequence[KeyDate | str], grid: Grid, transition: str = "exclude"
) -> tuple[Change, ...]:
    """Return key dates in order, each with a period on either side.

    With the transition "after", a change is moved to the start of the period that its first day
    lies in; with "before", to the end of the one that its last day lies in.

    Raises
    ------
    WindowError
        No period lies wholly before the date, or none wholly after it.
    ParameterError
        A date is given twice.
    """
    dates = [KeyDate.parse(date) if isinstance(date, str) else date for date in key_dates]
    changes = []
    for date in sorted(dates, key=lambda date: (date.date_start, date.date_end)):
        first = date.date_start.to_datetime64().astype("datetime64[D]")
        last = date.date_end.to_datetime64().astype("datetime64[D]")
        settled = last + _DAY if date.is_interval else first
        if transition == "after" and (began := grid.starts[grid.starts <= first]).size:
            first = settled = began[-1]
        elif transition == "before" and (ended := grid.starts[grid.starts >= settled]).size:
            first = settled = ended[0]
        change = Change(date.label, first, settled)
        for side, is_there in (
            ("before", change.is_before(grid).any()),
            ("after", change.is_after(grid).any()),
        ):
            if not is_there:
                raise WindowError(
                    f"key date {date.label}",
                    f"has no period {side} it between {grid.starts[0]} and {grid.ends[-1]}",
                    "Widen the window or leave the date out",
                )
        if change in changes:
            raise ParameterError(f"key date {date.label}", "is given twice", "Give it once")
        changes.append(change)
    return tuple(changes)


def _months(days: npt.NDArray[np.datetime64]) -> Vector:
    """Months since January 1970 (counted from 1), the day of the month as a fraction."""
    month = days.astype("datetime64[M]")
    first = month.astype("datetime64[D]")
    length = ((month + 1).astype("datetime64[D]") - first) / _DAY
    return np.asarray(month.astype(np.int64) + 1 + (days - first) / _DAY / length)
