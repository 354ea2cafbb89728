"""The text of a date, in any of the languages of the reports, becomes an interval of days."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

import pandas as pd

from analytics.dates.absolute import read_absolute, tidy
from analytics.dates.relative import read_relative, tell_units
from analytics.dates.words import LOCAL, RejectedError, tokenise
from analytics.periods import parse_day

__all__ = ["parse_dates"]

_COLUMNS = [
    "text", "published_on", "date_start", "date_end", "precision", "is_resolved", "reason",
]  # fmt: skip


def parse_dates(
    texts: Iterable[str],
    *,
    published_on: object = None,
    earliest: str = "2003-01-01",
    latest: str | None = None,
    day_first: bool | None = None,
) -> pd.DataFrame:
    """Return the interval of days that each distinct text of a date stands for.

    Nothing is guessed: a text that can be read in two ways, or not to its end, is rejected with
    the reason. Words relative to the day of publication become intervals wide enough for every
    usual reading, and are marked as resolved.

    Parameters
    ----------
    texts : iterable of str
        Dates as printed: ISO 8601, day-first numbers, month names in English, Arabic (both
        sets), Sorani, Kurmanji, Persian, Turkish or French, with Arabic-Indic or Persian digits;
        Hijri and solar years; ranges; ISO weeks, months, seasons, parts of a year, years; relative
        forms.
    published_on : day or iterable of days, optional
        Day of publication, one for all or one for each text.
    earliest, latest : str, optional
        ISO days; a text whose days all lie outside is rejected.
    day_first : bool, optional
        Order of numeric dates where the source states it. By default a numeric date is read day
        first where it is in Arabic script or Arabic or Persian digits (the usage there), or where
        only that reading exists (28/10/2021); 03/04/2021 is rejected.

    Returns
    -------
    DataFrame
        One row is a distinct pair of text and day of publication, in order of appearance:
        ``text``, ``published_on``, ``date_start``, ``date_end`` (days, inclusive; empty where
        rejected), ``precision`` (day, month, quarter, year, range), ``is_resolved`` (depends on
        the day of publication), ``reason`` (empty where accepted).

    Raises
    ------
    WindowError
        ``earliest`` or ``latest`` is not a day.

    Notes
    -----
    Relative forms, p being the day of publication: today p; yesterday p-1; last night p-1..p;
    N days ago p-N; N weeks, months or years ago the calendar unit that holds that day, and half a
    unit either side of it; last week from the start of the week before (Sunday or Monday,
    whichever is earlier), or p-7, to p-1; last month, last year the calendar one; past week or
    month p-7 or p-30 to p-1; this week, month or year its start to p; a weekday the last one up
    to p ("last Sunday": before p); a day and month without a year the last such day up to p.
    The weekend is Friday and Saturday, as in Iraq, and Sunday too in Latin script; "since" runs to
    p. A season runs from the first of its months to the last day it can have by the sun (summer:
    1 June to 23 September); a winter needs both of its years.
    A night belongs to two days: "night of 4 December" is 4-5 December, and in Arabic and Kurdish,
    where it may be the eve, 3-5 December. Early, mid and late are days 1-10, 11-20 and 21-end.
    Hijri dates follow the Umm al-Qura table; what was observed in Iraq differs by a day at times.

    References
    ----------
    R.H. van Gent, The Umm al-Qura Calendar of Saudi Arabia (the table of package ``hijridate``).

    Examples
    --------
    >>> dates = parse_dates(["٢٨ تشرين الأول ٢٠٢١", "Sunday, 5 August 2021", "last week"],
    ...                     published_on="2021-12-27")
    >>> dates[["date_start", "date_end", "is_resolved"]]
      date_start   date_end  is_resolved
    0 2021-10-28 2021-10-28        False
    1        NaT        NaT        False
    2 2021-12-19 2021-12-26         True
    >>> print(dates["reason"][1])
    5 August 2021 is a Thursday, not a Sunday; correct the day or the weekday
    """
    texts = list(texts)
    is_one = published_on is None or isinstance(published_on, (str, date, pd.Timestamp))
    days = [published_on] * len(texts) if is_one else list(published_on)  # type: ignore[call-overload]
    first = parse_day(earliest, "earliest").date()
    last = parse_day(latest, "latest").date() if latest else date.max
    pairs = dict.fromkeys(
        (str(text), None if pd.isna(day) else pd.Timestamp(day).date())
        for text, day in zip(texts, days, strict=True)
    )
    rows = [(*pair, *_read(*pair, first, last, day_first)) for pair in pairs]
    frame = pd.DataFrame(rows, columns=_COLUMNS)
    for column in ("published_on", "date_start", "date_end"):
        frame[column] = pd.to_datetime(frame[column]).astype("datetime64[us]")
    return frame.astype({"is_resolved": bool})


def _read(
    text: str, published: date | None, earliest: date, latest: date, day_first: bool | None
) -> tuple[date | None, date | None, str, bool, str]:
    """Interval, precision, whether the day of publication was needed, reason."""
    try:
        told, is_told, is_about = tell_units(text, published)
        tokens = tidy(tokenise(told, day_first))
        is_local = bool(LOCAL.search(text))
        relative = read_relative(tokens, published, is_local)
        found = relative or read_absolute(tokens, published, is_local)
        start, end = found.days or (date.max, date.min)
        # "About two months ago" is wide already; which days lie about a day nobody knows.
        if is_about and (relative is None or start == end):
            raise RejectedError("it is about a day; give the first and the last it may be")
        if is_told and published:
            if start > published:
                raise RejectedError(f"{start} lies after {published}, when it was published")
            end = min(end, published)
        if start > end:
            raise RejectedError(f"{start} lies after {end}; correct the order")
        if end < earliest:
            raise RejectedError(f"{end} lies before {earliest}, the earliest day accepted")
        if start > latest:
            raise RejectedError(f"{start} lies after {latest}, the latest day accepted")
    except RejectedError as error:
        return None, None, "", False, str(error)
    except ValueError as error:
        return None, None, "", False, f"{error}; correct the date"
    return start, end, _precision(start, end), found.is_resolved or is_told, ""


def _precision(start: date, end: date) -> str:
    """Calendar unit that an interval fills."""
    if start == end:
        return "day"
    for name, months in (("month", 1), ("quarter", 3), ("year", 12)):
        if start.day == 1 and (start.month - 1) % months == 0:
            following = start.year * 12 + start.month - 1 + months
            if end == date(following // 12, following % 12 + 1, 1) - timedelta(days=1):
                return name
    return "range"
