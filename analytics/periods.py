"""Windows, key dates and period grids: the calendar on which incidents are counted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from hijridate import Gregorian, Hijri

from analytics.errors import WindowError

Interval = Literal["day", "week", "month", "quarter", "year"]
INTERVALS: tuple[Interval, ...] = ("day", "week", "month", "quarter", "year")
# "W-SUN" is the pandas name of a week that *ends* on Sunday: ISO 8601 weeks, Monday to Sunday.
_PERIOD_FREQUENCY = {"day": "D", "week": "W-SUN", "month": "M", "quarter": "Q", "year": "Y"}
# pandas' own timestamps reach further; records of attacks do not.
_FIRST_DAY, _LAST_DAY = date(1700, 1, 1), date(2200, 12, 31)


def parse_day(text: str | date | pd.Timestamp, what: str = "day") -> pd.Timestamp:
    """Return the day named by an ISO 8601 text (or a date) as a midnight timestamp.

    Raises
    ------
    WindowError
        Not a day of the form 2017-10-16, or outside 1700-2200.

    Examples
    --------
    >>> parse_day("2017-10-16").day_name()
    'Monday'
    >>> parse_day("16/10/2017", "start")
    Traceback (most recent call last):
    ...
    analytics.errors.WindowError: start '16/10/2017': is not a day. Write it as 2017-10-16.
    """
    try:
        day = (
            date.fromisoformat(text)
            if isinstance(text, str)
            else date(text.year, text.month, text.day)
        )
    except (ValueError, TypeError, AttributeError):
        raise WindowError(f"{what} {text!r}", "is not a day", "Write it as 2017-10-16") from None
    if not _FIRST_DAY <= day <= _LAST_DAY:
        raise WindowError(f"{what} {text!r}", "lies outside 1700-2200", "Check the year")
    return pd.Timestamp(day)


@dataclass(frozen=True)
class Window:
    """The days under observation, inclusive at both ends; stated by the user, never inferred.

    Quiet edges are data: a window that is read off the first and the last record would drop them.

    Examples
    --------
    >>> Window("2017-01-01", "2017-12-31").n_days
    365
    >>> Window("2017-12-31", "2017-01-01")
    Traceback (most recent call last):
    ...
    analytics.errors.WindowError: start 2017-12-31: lies after end 2017-01-01. Swap the two days.
    """

    start: pd.Timestamp
    end: pd.Timestamp

    def __init__(self, start: str | date | pd.Timestamp, end: str | date | pd.Timestamp) -> None:
        object.__setattr__(self, "start", parse_day(start, "start"))
        object.__setattr__(self, "end", parse_day(end, "end"))
        if self.start > self.end:
            raise WindowError(
                f"start {self.start:%Y-%m-%d}",
                f"lies after end {self.end:%Y-%m-%d}",
                "Swap the two days",
            )

    @property
    def n_days(self) -> int:
        """Number of days, both ends counted."""
        return (self.end - self.start).days + 1

    def contains(self, day: pd.Timestamp) -> bool:
        """Tell whether a day lies inside, both ends counted."""
        return bool(self.start <= day <= self.end)


@dataclass(frozen=True)
class KeyDate:
    """A date given beforehand, or a transition interval, around which a series is studied.

    A break point is *found* in the data; a key date is *given*. "Before" is every day before
    ``date_start``, "after" every day after ``date_end`` (or on it, where the two are one day).

    Examples
    --------
    >>> KeyDate.parse("2017-10-16").is_interval
    False
    >>> KeyDate.parse("2021-12-09/2021-12-31").label
    '2021-12-09/2021-12-31'
    """

    date_start: pd.Timestamp
    date_end: pd.Timestamp
    name: str = ""

    @classmethod
    def parse(cls, text: str, name: str = "") -> KeyDate:
        """Return the key date written ``2017-10-16`` or ``2021-12-09/2021-12-31``."""
        first, _, last = str(text).strip().partition("/")
        window = Window(parse_day(first, "key date"), parse_day(last or first, "key date"))
        return cls(window.start, window.end, name)

    @property
    def label(self) -> str:
        """The key date as ISO text; the part of a term's name between its brackets."""
        first = f"{self.date_start:%Y-%m-%d}"
        return f"{first}/{self.date_end:%Y-%m-%d}" if self.is_interval else first

    @property
    def is_interval(self) -> bool:
        """Whether it spans more than a day."""
        return self.date_end > self.date_start


def make_periods(window: Window, interval: str) -> pd.DataFrame:
    """Return the calendar periods that touch a window, in order and without gaps.

    A period keeps its calendar start even where the window cuts it, so that every grid of one
    interval is a subset of the same calendar; ``period_days`` counts only the days inside the
    window, and ``is_whole`` says whether that is all of them.

    Parameters
    ----------
    window : Window
    interval : {"day", "week", "month", "quarter", "year"}
        Weeks are ISO 8601 weeks, Monday to Sunday.

    Returns
    -------
    DataFrame
        One row is a period: ``period_start``, ``period_end`` (days, calendar, inclusive),
        ``period_days`` (days inside the window), ``is_whole`` (truth).

    Raises
    ------
    WindowError
        Unknown interval.

    Examples
    --------
    >>> make_periods(Window("2017-10-10", "2017-10-29"), "week")
      period_start period_end  period_days  is_whole
    0   2017-10-09 2017-10-15            6     False
    1   2017-10-16 2017-10-22            7      True
    2   2017-10-23 2017-10-29            7      True
    """
    if interval not in _PERIOD_FREQUENCY:
        raise WindowError(
            f"interval {interval!r}", "is not known", f"Choose one of {', '.join(INTERVALS)}"
        )
    grid = pd.period_range(window.start, window.end, freq=_PERIOD_FREQUENCY[interval])
    start = grid.start_time.as_unit("us")
    end = grid.end_time.normalize().as_unit("us")
    first, last = (
        start.where(start >= window.start, window.start),
        end.where(end <= window.end, window.end),
    )
    days = (last - first).days + 1
    return pd.DataFrame(
        {
            "period_start": start,
            "period_end": end,
            "period_days": days.astype("int64"),
            "is_whole": days == (end - start).days + 1,
        }
    )


def ramadan_share(periods: pd.DataFrame, *, shift_days: int = 0) -> npt.NDArray[np.float64]:
    """Return the share of each period's days that fall in Ramadan, shape (n_periods,).

    Umm al-Qura calendar. Sighting in Iraq can differ by a day and between authorities:
    ``shift_days=1`` or ``-1`` moves every Ramadan, for a sensitivity check.

    Parameters
    ----------
    periods : DataFrame
        With ``period_start`` and either ``period_end`` or ``period_days``.
    shift_days : int
        Days by which Ramadan is moved.

    Examples
    --------
    >>> periods = make_periods(Window("2018-05-01", "2018-06-30"), "month")
    >>> (ramadan_share(periods) * periods["period_days"]).tolist()
    [16.0, 14.0]
    """
    return _share_of_days(periods, [(9, 1, None)], shift_days)


def eid_share(periods: pd.DataFrame, *, shift_days: int = 0) -> npt.NDArray[np.float64]:
    """Return the share of each period's days in Eid al-Fitr or Eid al-Adha, shape (n_periods,).

    Eid al-Fitr is counted as 1-3 Shawwal and Eid al-Adha as 10-13 Dhu al-Hijja, the days of the
    feasts themselves; public holidays in Iraq are often longer.

    Examples
    --------
    >>> periods = make_periods(Window("2018-06-01", "2018-06-30"), "month")
    >>> (eid_share(periods) * periods["period_days"]).tolist()
    [3.0]
    """
    return _share_of_days(periods, [(10, 1, 3), (12, 10, 4)], shift_days)


def _share_of_days(
    periods: pd.DataFrame, feasts: list[tuple[int, int, int | None]], shift_days: int
) -> npt.NDArray[np.float64]:
    """Share of each period inside Hijri (month, first day, number of days or whole month)."""
    start = periods["period_start"].to_numpy("datetime64[D]")
    end = (
        periods["period_end"].to_numpy("datetime64[D]")
        if "period_end" in periods
        else start + periods["period_days"].to_numpy("timedelta64[D]") - np.timedelta64(1, "D")
    )
    days_inside = np.zeros(len(start))
    if not len(start):
        return days_inside
    first_year, last_year = (
        Gregorian(*map(int, str(day).split("-"))).to_hijri().year
        for day in (start.min(), end.max())
    )
    for year in range(first_year - 1, last_year + 2):
        for month, day, length in feasts:
            feast = Hijri(year, month, day)
            n_days = feast.month_length() if length is None else length
            first = np.datetime64(feast.to_gregorian().isoformat()) + np.timedelta64(
                shift_days, "D"
            )
            last = first + np.timedelta64(n_days - 1, "D")
            overlap = (np.minimum(end, last) - np.maximum(start, first)).astype(int) + 1
            days_inside += np.clip(overlap, 0, None)
    length_days = (end - start).astype(int) + 1
    share: npt.NDArray[np.float64] = days_inside / length_days
    return share
