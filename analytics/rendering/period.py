"""The period of a periodic report: 2021-12, 2021-Q4 or 2021, or the latest that is complete."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta

from analytics.errors import WindowError

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
