"""Years, months and days of the four calendars of the reports, as intervals of Gregorian days."""

from __future__ import annotations

import calendar as gregorian
from datetime import date, timedelta
from typing import Literal

import jdatetime
from hijridate import Gregorian, Hijri

Calendar = Literal["gregorian", "hijri", "solar"]
Days = tuple[date, date]
# A year of the other Hijri calendar in either range would be 1929-1998 or 2041-2122: there are no
# records for those, so the number alone tells the calendar.
_YEARS = {"gregorian": range(1900, 2101), "solar": range(1350, 1420), "hijri": range(1420, 1501)}
_KURDISH_YEARS, _KURDISH_OFFSET = range(2650, 2751), 1321


def calendar_of(year: int) -> tuple[Calendar, int]:
    """Return the calendar that a printed year belongs to, and the year in it.

    Gregorian years are 1900-2100, solar Hijri 1350-1419 (1971-2041), lunar Hijri 1420-1500
    (1999-2077), Kurdish 2650-2750, which are solar years counted from 700 BC.

    Raises
    ------
    ValueError
        The year is in none of these ranges.

    Examples
    --------
    >>> [calendar_of(year) for year in (2021, 1400, 1443, 2721)]
    [('gregorian', 2021), ('solar', 1400), ('hijri', 1443), ('solar', 1400)]
    """
    if year in _KURDISH_YEARS:
        return "solar", year - _KURDISH_OFFSET
    if year in _YEARS["gregorian"]:
        return "gregorian", year
    if year in _YEARS["solar"]:
        return "solar", year
    if year in _YEARS["hijri"]:
        return "hijri", year
    raise ValueError(f"{year} is no year of the Gregorian, Hijri, solar or Kurdish calendar")


def year_of(day: date, calendar: Calendar) -> int:
    """Return the year of a calendar in which a Gregorian day lies.

    Examples
    --------
    >>> day = date(2021, 10, 30)
    >>> year_of(day, "solar"), year_of(day, "hijri")
    (1400, 1443)
    """
    if calendar == "solar":
        return int(jdatetime.date.fromgregorian(date=day).year)
    if calendar == "hijri":
        return int(Gregorian(day.year, day.month, day.day).to_hijri().year)
    return day.year


def days_of(
    year: int, month: int | None = None, day: int | None = None, *, calendar: Calendar = "gregorian"
) -> Days:
    """Return the first and last Gregorian day of a year, month or day of a calendar.

    Raises
    ------
    ValueError
        There is no such month or day.

    Notes
    -----
    Lunar Hijri dates follow the Umm al-Qura table; what was observed in Iraq is a day off at
    times. Solar Hijri dates follow the calendar of Iran.

    Examples
    --------
    8 Aban 1400, Rabi II 1443, and a month of a leap year:

    >>> print(*days_of(1400, 8, 8, calendar="solar"))
    2021-10-30 2021-10-30
    >>> print(*days_of(1443, 4, calendar="hijri"))
    2021-11-06 2021-12-04
    >>> print(*days_of(2020, 2))
    2020-02-01 2020-02-29
    """
    first_month, last_month = (1, 12) if month is None else (month, month)
    if not 1 <= first_month <= 12:
        raise ValueError(f"there is no month {month}")
    if day is None:
        following = (year + 1, 1) if last_month == 12 else (year, last_month + 1)
        end = _day(*following, 1, calendar) - timedelta(days=1)
        return _day(year, first_month, 1, calendar), end
    return (_day(year, first_month, day, calendar),) * 2


def _day(year: int, month: int, day: int, calendar: Calendar) -> date:
    """One day of a calendar, or a sentence that says why there is none."""
    try:
        if calendar == "solar":
            found: date = jdatetime.date(year, month, day).togregorian()
            return found
        if calendar == "hijri":
            converted = Hijri(year, month, day).to_gregorian()
            return date(converted.year, converted.month, converted.day)
        return date(year, month, day)
    except (ValueError, OverflowError):
        name = gregorian.month_name[month] if calendar == "gregorian" else f"month {month}"
        raise ValueError(f"there is no {day} {name} {year}") from None
