"""Days arranged in weeks: for a calendar, and for the table behind it."""

from __future__ import annotations

import pandas as pd

from analytics.language import Language
from analytics.names import name_period


def tabulate_weeks(days: pd.DataFrame, *, language: Language) -> pd.DataFrame:
    """Return a calendar as a table: a week a row, a weekday a column, and what has no day."""
    weeks = arrange_weeks(days)
    table = {language.text("Period"): [name_period(d, "week", language) for d in weeks["week"]]}
    for weekday, monday_on in enumerate(pd.date_range("2017-10-16", periods=7)):
        table[language.weekday(monday_on)] = [language.number(n) for n in weeks[weekday]]
    table[language.text("undated")] = [
        language.number(n, 0 if pd.isna(n) or float(n).is_integer() else 1)
        for n in weeks["undated"]
    ]
    return pd.DataFrame(table)


def arrange_weeks(days: pd.DataFrame) -> pd.DataFrame:
    """Return a row a week: incidents certain on each weekday, and expected in it without a day.

    A day that no source covered is empty, and so is one outside the series.

    Examples
    --------
    >>> days = pd.DataFrame({
    ...     "period_start": pd.to_datetime(["2017-10-16", "2017-10-17"]),
    ...     "count": [1.5, 0.5], "count_min": [1, 0]})
    >>> arrange_weeks(days)[[0, 1, "undated"]].to_numpy().tolist()
    [[1.0, 0.0, 1.0]]
    """
    weekday = days["period_start"].dt.day_of_week
    week = days["period_start"] - pd.to_timedelta(weekday, unit="D")
    certain = days["count_min"].where(days["count"].notna())
    table = certain.groupby([week, weekday]).sum(min_count=1).unstack()
    table = table.reindex(columns=range(7)).astype(float)
    table["undated"] = (days["count"] - certain).groupby(week).sum(min_count=1).round(9)
    return table.rename_axis("week").reset_index()
