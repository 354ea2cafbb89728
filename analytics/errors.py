"""What goes wrong, one class per cause; every message gives the value, the rule and the remedy."""

from __future__ import annotations


class AnalyticsError(Exception):
    """Anything a user can cause; the command line prints it as one sentence, without a traceback.

    Parameters
    ----------
    value : str
        What was given, as the user would recognise it.
    rule : str
        The rule that it breaks.
    remedy : str
        What to do about it.

    Examples
    --------
    >>> print(WindowError("end 2017-01-01", "lies before start 2017-12-31", "Swap the two days"))
    end 2017-01-01: lies before start 2017-12-31. Swap the two days.
    """

    def __init__(self, value: str, rule: str, remedy: str) -> None:
        super().__init__(value, rule, remedy)
        self.value, self.rule, self.remedy = value, rule, remedy

    def __str__(self) -> str:
        return f"{self.value}: {self.rule}. {self.remedy}."


class FileError(AnalyticsError):
    """A file that cannot be read at all: missing, a directory, empty, binary, undecodable."""


class TableError(AnalyticsError):
    """A table that cannot be understood: no known source, a column missing or named twice."""


class WindowError(AnalyticsError):
    """A window, interval or key date that makes no sense."""


class ParameterError(AnalyticsError):
    """An option, a report parameter or a column name outside what is allowed."""


class SeriesError(AnalyticsError):
    """A table that is not a series: gaps, doubles, unsorted, irregular."""


class ModelError(AnalyticsError):
    """A model that is refused, with the reason; never a number that cannot be trusted."""


class RenderError(AnalyticsError):
    """A report that could not be rendered."""


class BrowserError(AnalyticsError):
    """No Chromium to print a PDF with: none found, or none that starts."""
