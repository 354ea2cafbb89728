"""The period of a periodic report: 2021-12, 2021-Q4 or 2021, or the latest that is over."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from analytics.errors import WindowError

_FORMS = re.compile(r"^(\d{4})(?:-(?:(0[1-9]|1[0-2])|Q([1-4])))?$")


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

    def latest(self, today: date) -> Period:
        """Return the latest period of this length that was over before a day.

        Examples
        --------
        >>> Period.parse("2021-Q4").latest(date(2022, 3, 31)).label
        '2021-Q4'
        """
        n_months = (self.end.month - self.start.month) + 1
        first_month = today.month - (today.month - 1) % n_months
        end = date(today.year, first_month, 1) - timedelta(days=1)
        if n_months == 1:
            return Period.parse(f"{end.year}-{end.month:02}")
        return Period.parse(f"{end.year}-Q{end.month // 3}" if n_months == 3 else str(end.year))

    def fill(self, value: Any) -> Any:
        """Return a value with ``{period}``, ``{period_start}`` and ``{period_end}`` filled in.

        Examples
        --------
        >>> Period.parse("2021").fill(["{period_start}", 7])
        ['2021-01-01', 7]
        """
        if isinstance(value, str):
            for name, part in (("period", self.label), ("period_start", self.start)):
                value = value.replace(f"{{{name}}}", str(part))
            return value.replace("{period_end}", str(self.end))
        if isinstance(value, list):
            return [self.fill(item) for item in value]
        if isinstance(value, dict):
            return {key: self.fill(item) for key, item in value.items()}
        return value
