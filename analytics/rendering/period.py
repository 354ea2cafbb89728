"""The period of a periodic report, 2021-12, 2021-Q4 or 2021, and the days that its data cover.

The latest period is the last that is over and covered: as stated, else no further than the last
record.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from analytics.errors import FileError, ParameterError, WindowError

LENGTHS = ("month", "quarter", "year")
_FORMS = re.compile(r"^(\d{4})(?:-(?:(0[1-9]|1[0-2])|Q([1-4])))?$")
_MONTHS = {"month": 1, "quarter": 3, "year": 12}


@dataclass(frozen=True)
class Period:
    """A calendar month, quarter or year: its label, first and last day.

    Examples
    --------
    >>> Period.parse("2020-02").end, Period.parse("2021-Q4").start
    (datetime.date(2020, 2, 29), datetime.date(2021, 10, 1))
    """

    label: str
    start: date
    end: date

    @classmethod
    def parse(cls, text: str) -> Period:
        """Return the period that a text names.

        Raises
        ------
        WindowError
            If it is no month, quarter or year.
        """
        found = _FORMS.match(text)
        if not found or found[1] == "0000":
            raise WindowError(
                f"period {text!r}", "is no month, quarter or year", "Write 2021-12, 2021-Q4 or 2021"
            )
        year, month, quarter = (int(part) if part else 0 for part in found.groups())
        first = month or 3 * quarter - 2 if month or quarter else 1
        last = month or 3 * quarter if month or quarter else 12
        end = date(year, last, calendar.monthrange(year, last)[1])
        return cls(text, date(year, first, 1), end)

    @classmethod
    def before(cls, day: date, length: str) -> Period:
        """Return the latest period of a length that was over before a day.

        Examples
        --------
        >>> Period.before(date(2022, 3, 31), "quarter").label
        '2021-Q4'
        """
        first_month = day.month - (day.month - 1) % _MONTHS[length]
        return cls._around(date(day.year, first_month, 1) - timedelta(days=1), length)

    @classmethod
    def _around(cls, day: date, length: str) -> Period:
        """The period of a length that a day lies in."""
        labels = {
            "month": f"{day.year:04}-{day.month:02}",
            "quarter": f"{day.year:04}-Q{(day.month + 2) // 3}",
            "year": f"{day.year:04}",
        }
        return cls.parse(labels[length])

    @property
    def length(self) -> str:
        """``month``, ``quarter`` or ``year``."""
        n_months = self.end.month - self.start.month + 1
        return next(length for length, n in _MONTHS.items() if n == n_months)

    def earlier(self, n: int) -> Period:
        """Return the period of the same length that lies ``n`` periods before.

        Examples
        --------
        >>> Period.parse("2021-02").earlier(12).label, Period.parse("2021-Q1").earlier(1).label
        ('2020-02', '2020-Q4')
        """
        months = self.start.year * 12 + self.start.month - 1 - n * _MONTHS[self.length]
        return self._around(date(months // 12, months % 12 + 1, 1), self.length)


@dataclass(frozen=True)
class Coverage:
    """The first and last day that some files cover, and who says so.

    Parameters
    ----------
    start, end : date, optional
        Inclusive; None where nobody has stated it.
    said_by : str
        What it rests on, as the end of a sentence.
    """

    start: date | None = None
    end: date | None = None
    said_by: str = ""

    def latest(self, length: str, today: date) -> Period:
        """Return the latest period of a length that is over and that the data reach the end of.

        Raises
        ------
        WindowError
            If the data cover no such period whole.

        Examples
        --------
        >>> Coverage(date(2021, 10, 1), date(2022, 1, 30)).latest("month", date(2026, 1, 1)).label
        '2021-12'
        """
        known = min(today, self.end + timedelta(days=1)) if self.end else today
        period = Period.before(known, length)
        if self.start and period.start < self.start:
            raise WindowError(
                f"latest {length}",
                f"is covered by no data: {self}",
                "Name a period with --period, or add data",
            )
        return period

    def limit(self, period: Period) -> tuple[date, date]:
        """Return the first and last day of a period that the data cover.

        Raises
        ------
        WindowError
            If there is none.
        """
        start = max(period.start, self.start or period.start)
        end = min(period.end, self.end or period.end)
        if start > end:
            raise WindowError(
                f"period {period.label}",
                f"is not covered: {self}",
                "Choose a period inside, or 'latest'",
            )
        return start, end

    def __str__(self) -> str:
        return f"the data cover {self.start or 'an unknown day'} to {self.end} ({self.said_by})"


def find_coverage(data: Sequence[Path], stated: object, where: str) -> Coverage:
    """Return which days data cover, as stated by the definition or by ``data/coverage.csv``.

    Several files are taken together, from the first day that one covers to the last.

    Parameters
    ----------
    data : sequence of Path
    stated : str or None
        The definition's key ``covers``, START/END.
    where : str
        Name of the definition, for messages.

    Raises
    ------
    ParameterError
        If ``covers`` is no interval of days.

    Examples
    --------
    >>> str(find_coverage([Path("press_reports.csv")], None, "monthly.yaml"))
    'the data cover 2021-10-01 to 2022-01-31 (stated in data/coverage.csv)'
    """
    if stated is not None:
        first, _, last = str(stated).partition("/")
        try:
            start, end = date.fromisoformat(first), date.fromisoformat(last)
        except ValueError as error:
            raise ParameterError(
                f"{where}: covers {stated}",
                "is no interval of days",
                "Write START/END, as 2021-10-01/2022-01-31",
            ) from error
        if start > end:
            raise ParameterError(f"{where}: covers {stated}", "ends before it starts", "Swap them")
        return Coverage(start, end, f"stated in {where}")
    # Late: pandas is not needed to render what covers are stated for.
    from analytics.reference import load_coverage

    known = load_coverage()
    known = known[known["dataset"].isin([path.name for path in data])]
    if known.empty or len(set(known["dataset"])) < len({path.name for path in data}):
        return Coverage()
    return Coverage(
        known["period_start"].min().date(),
        known["period_end"].max().date(),
        "stated in data/coverage.csv",
    )


def reach_of_records(data: Sequence[Path], today: date) -> Coverage:
    """Return how far files of records reach where nobody states their coverage.

    That is the last day on which a record was published or happened. The source may have gone on
    for longer without an incident: a report for the latest period then comes out late, and never
    shows a zero that is none.

    Raises
    ------
    FileError
        If the files hold no record with a day.
    """
    from analytics.records import load_records

    frame = load_records(*map(str, data), as_of=today).to_pandas()
    days = [frame[name].max() for name in ("published_on", "date_start") if name in frame]
    known = [day.date() for day in days if day == day]
    names = ", ".join(path.name for path in data)
    if not known:
        raise FileError(
            names, "hold no record with a day", "State what they cover under 'covers: START/END'"
        )
    return Coverage(None, max(known), f"the last record in {names}; 'covers' is not stated")
