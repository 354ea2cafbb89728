"""Series that come from a file of counts, and what makes a table a series."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence

import numpy as np
import pandas as pd

from analytics.errors import ParameterError, SeriesError, TableError
from analytics.periods import parse_day
from analytics.reading import find_files, read_file
from analytics.reading.rawtable import connect

_PERIOD = re.compile(r"(\d{4})(?:[-/ ]?(?:Q([1-4])|W(\d{2})|M?(\d{1,2})))?", re.IGNORECASE)


def load_series(
    files: Sequence[str],
    *,
    by: str | None = None,
    is_count: bool = True,
    numbers: Sequence[str] = (),
) -> pd.DataFrame:
    """Return a series read from a file that already holds counts.

    Parameters
    ----------
    files : sequence of str
        One file with the columns ``period_start`` and ``count``, optionally ``period_days`` or
        ``exposure``, and the group column. A period is its first day, or a year, quarter, month
        or week: ``1970``, ``1970Q1``, ``1970-01``, ``1970-W01``.
    by : str, optional
        The group column.
    is_count : bool
        Whether ``count`` holds counts; a linear model takes any numbers.
    numbers : sequence of str
        Further columns that must be there and hold numbers.

    Raises
    ------
    TableError, SeriesError
        A column is missing, a cell is not a day or a number, or the rows are not a series.
    """
    paths = find_files(files)
    if len(paths) != 1:
        raise ParameterError(
            f"{len(paths)} files", "are given with --series, which reads one", "Name one file"
        )
    raw = read_file(connect(), paths[0])
    series: pd.DataFrame = raw.table.select(list(raw.columns)).to_pandas()
    for column in ("period_start", "count", *([by] if by else []), *numbers):
        if column not in series:
            raise TableError(
                f"column {column!r}",
                f"is not in {raw.file}, which has {', '.join(series.columns)}",
                "Give period_start and count, one row a period",
            )
    series["period_start"] = [
        _first_day(text, f"period_start in row {row}")
        for row, text in enumerate(series["period_start"].fillna("").astype(str).str[:10], start=2)
    ]
    for column in {"count", "period_days", "exposure", *numbers} & set(series.columns):
        values = pd.to_numeric(series[column], errors="coerce")
        bad = series.loc[values.isna() & series[column].notna() & (series[column] != ""), column]
        if len(bad):
            raise TableError(
                f"{column} {bad.iloc[0]!r}", "is not a number", "Leave unknown cells empty"
            )
        series[column] = values
    for column in {"is_complete", "is_covered"} & set(series.columns):
        series[column] = series[column].astype(str).str.lower().isin(["true", "1"])
    keys = [by, "period_start"] if by else ["period_start"]
    return check_series(series.sort_values(keys, ignore_index=True), by=by, is_count=is_count)


def _first_day(text: str, where: str) -> pd.Timestamp:
    """First day of a period: the day itself, or that of a year, quarter, month or ISO week."""
    found = _PERIOD.fullmatch(text.strip())
    if found is None:
        return parse_day(text, where)
    year, quarter, week, month = found.groups()
    try:
        if week:
            day = dt.date.fromisocalendar(int(year), int(week), 1)
        else:
            day = dt.date(int(year), 3 * int(quarter) - 2 if quarter else int(month or 1), 1)
    except ValueError:
        raise TableError(
            f"{where} {text!r}", "is no period", "Write it as 2017, 2017Q4, 2017-10 or 2017-W42"
        ) from None
    return parse_day(day, where)


def check_series(
    series: pd.DataFrame, *, by: str | None = None, is_count: bool = True
) -> pd.DataFrame:
    """Return the series unchanged if it is one: days in order, unique, counts that are numbers.

    Raises
    ------
    SeriesError
        A column is missing, a period occurs twice, starts are not in order, or a count is
        negative (where ``is_count``) or not finite.
    """
    for column in ("period_start", "count"):
        if column not in series:
            raise SeriesError(
                f"column {column!r}", "is not in the series", "Give period_start and count"
            )
    if series.empty:
        raise SeriesError("the series", "has no period", "Widen the window")
    for name, part in series.groupby(by) if by else [("", series)]:
        where = f" of {name}" if by else ""
        if part["period_start"].duplicated().any():
            day = part.loc[part["period_start"].duplicated(), "period_start"].iloc[0]
            raise SeriesError(
                f"period {day:%Y-%m-%d}{where}", "occurs twice", "Give one row a period and group"
            )
        if not part["period_start"].is_monotonic_increasing:
            raise SeriesError(f"the series{where}", "is not in order", "Sort it by period_start")
    counts = series["count"].dropna()
    bad = counts[~np.isfinite(counts) | (is_count & (counts < 0))]
    if len(bad):
        remedy = "Give finite numbers from 0 up; a gaussian model takes negative ones too"
        raise SeriesError(f"count {bad.iloc[0]}", "is not a count", remedy)
    return series
