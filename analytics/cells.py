"""The cells of a series by name, and the totals of its groups."""

from __future__ import annotations

import pandas as pd


def key_cells(series: pd.DataFrame) -> pd.Index[str]:
    """Return a name for each cell of a series: its group, if there is one, and its first day.

    Examples
    --------
    >>> key_cells(pd.DataFrame({"zone": ["strip"], "period_start": [pd.Timestamp("2017-10-16")]}))
    Index(['strip 2017-10-16'], dtype='str')
    """
    days = [f"{day:%Y-%m-%d}" for day in series["period_start"]]
    column = series.columns[0]
    if column == "period_start":
        return pd.Index(days)
    return pd.Index([f"{group} {day}" for group, day in zip(series[column], days, strict=True)])


def total_groups(series: pd.DataFrame) -> pd.DataFrame:
    """Return the total of each group, the largest first: group, ``count`` and its bounds.

    Where an edition withholds cells the totals are its own, and those it withholds are empty.

    Examples
    --------
    >>> total_groups(pd.DataFrame({"zone": ["strip", "strip", "elsewhere"], "count": [1, 2, 5],
    ...     "count_min": [1, 2, 4], "count_max": [1, 3, 5]}))
               count  count_min  count_max
    zone
    elsewhere      5          4          5
    strip          3          3          4
    """
    groups = series.groupby(series.columns[0])
    columns = [c for c in ("count", "count_min", "count_max") if c in series]
    totals = groups[columns].sum(min_count=1)
    if "total" in series:
        totals = groups[["total"]].first().set_axis(["count"], axis=1)
        totals = totals.assign(count_min=float("nan"), count_max=float("nan"))
    return totals.sort_values("count", ascending=False, kind="stable")
