"""Records grouped by their days: the one counting expression, on whatever engine holds them.

A tally is small, however many records there are, and holds all that the counts of a window can be
made from. Its numbers are whole, so that every engine gives the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.operations as ops
import ibis.expr.types as ir
import numpy as np
import pandas as pd
import pyarrow as pa

from analytics.periods import Window, make_periods
from analytics.selection import (
    UNKNOWN,
    Records,
    as_table,
    assign_zone,
    check_choice,
    check_column,
    keep_only,
)

MEASURES = ("incidents", "killed", "wounded", "abducted", "arrested")
DATE_RULES = ("spread", "start", "end")
_DAYS_A_WEEK = 7
_MOST = 1e15


@ibis.udf.scalar.builtin(name="year", signature=((dt.date,), dt.int64))
def _year(day):  # type: ignore[no-untyped-def]
    """Return the year of a day, by DuckDB's own name for it."""


@ibis.udf.scalar.builtin(name="month", signature=((dt.date,), dt.int64))
def _month(day):  # type: ignore[no-untyped-def]
    """Return the month of a day, by DuckDB's own name for it."""


def tally_periods(
    records: Records,
    window: Window,
    interval: str,
    *,
    by: str | None = None,
    measure: str = "incidents",
    only: Mapping[str, Sequence[str]] | None = None,
    date_rule: str = "spread",
    by_day: bool = False,
) -> pd.DataFrame:
    """Return how many incidents begin and end in the same periods, with the sums to spread them by.

    An incident inside one period counts there as one, whatever its days; only those that reach over
    a border are told apart by length. So there are about as many rows as cells of the series.
    With ``by_day`` they are told apart by their first day as well, in a column ``day``: each
    interval by itself, to draw days from.

    Returns
    -------
    DataFrame
        One row is a combination: ``group`` (text), ``first``, ``last`` (position of the period of
        the first and the last day; -1 lies before the window, and the number of periods after it),
        ``days`` (length of the interval; 0 inside one period), ``size`` (1, or persons an
        incident), ``is_unknown`` (size not stated), ``n`` (incidents); over these, sums of
        ``start`` and ``end`` (days from the first of the window to the first and last day, cut
        off at the window's ends) and of their squares ``start2``, ``end2``. Sorted.
    """
    periods = make_periods(window, interval)
    rows = counted_rows(records, window, by, measure, only, date_rule)
    if "date_end" in rows.columns and not _has_intervals(records, rows):
        rows = rows.drop("date_end")
    opening, closing = window.start.date(), window.end.date()
    origin = periods["period_start"].iloc[0].date()
    # DuckDB takes half as long again for the names that all engines know.
    has_own = ibis.get_backend(rows).name == "duckdb"
    year = _year if has_own else ir.DateValue.year
    month = _month if has_own else ir.DateValue.month

    def position(day: ir.DateValue) -> ir.IntegerValue:
        if interval in ("day", "week"):
            n_days = day.delta(ibis.literal(origin), unit="day")
            return n_days if interval == "day" else (n_days / _DAYS_A_WEEK).floor()
        if interval == "year":
            return year(day) - origin.year
        months = year(day) * 12 + month(day) - (origin.year * 12 + origin.month)
        return months if interval == "month" else (months / 3).floor()

    if "date_end" in rows.columns:
        start = ibis.greatest(rows.date_start, opening)
        end = ibis.least(rows.date_end, closing)
        first = ibis.ifelse(rows.date_start < opening, -1, position(start))
        last = ibis.ifelse(rows.date_end > closing, len(periods), position(end))
        n_days = rows.date_end.delta(rows.date_start, unit="day") + 1
        start, end = (day.delta(ibis.literal(opening), unit="day") for day in (start, end))
        rows = rows.mutate(first=first, last=last, start=start, end=end, days=n_days)
        rows = rows.mutate(days=ibis.ifelse(rows["first"] == rows["last"], 0, rows.days))
        if by_day:
            rows = rows.mutate(day=ibis.ifelse(rows.days == 0, 0, rows.start))
    else:
        rows = rows.mutate(first=position(rows.date_start))
    sums = {"n": rows.n}
    for name in ("start", "end") if "last" in rows.columns else ():
        sums |= {name: rows.n * rows[name], f"{name}2": rows.n * rows[name] * rows[name]}
    keys = ["group", "first", "last", "days", *(["day"] if by_day else [])]
    tally = _collect(rows, [key for key in (*keys, "size") if key in rows.columns], sums)
    if "last" not in tally:
        inside = dict.fromkeys(("days", "start", "end", "start2", "end2", *keys[4:]), 0)
        tally = tally.assign(last=tally["first"], **inside)
    return _in_order(tally, keys)


def counted_rows(
    records: Records,
    window: Window,
    by: str | None,
    measure: str,
    only: Mapping[str, Sequence[str]] | None,
    date_rule: str,
) -> ir.Table:
    """Return rows that touch the window: their days, number and, if asked for, group and size."""
    check_choice("measure", measure, MEASURES)
    check_choice("date rule", date_rule, DATE_RULES)
    if isinstance(records, pd.DataFrame):
        # An engine is given the columns that it counts by, of some fifty; one that is not there
        # is told below, with all that are.
        named = {by or "zone", measure, *(only or {})} - {"zone", "incidents"}
        if named <= set(records):
            asked = {*named, "zone", "governorate", "district", "n_incidents"}
            records = records[[c for c in records if c in {*asked, "date_start", "date_end"}]]
    table = as_table(records)
    if by == "zone" and "zone" not in table.columns:
        table = table.mutate(zone=assign_zone(table))
    table = keep_only(table, only or {})
    for column in (*([by] if by else []), *([measure] if measure != "incidents" else [])):
        check_column(table, column)
    start, end = table.date_start.cast("date"), table.date_end.cast("date")
    cells: dict[str, ir.Value] = {"date_start": end if date_rule == "end" else start}
    if date_rule == "spread":
        cells["date_end"] = end
    if by:
        cells["group"] = table[by]
    n: ir.IntegerValue = ibis.literal(1, "int64")
    if measure != "incidents":
        cells["size"] = _whole(table[measure])
    elif "n_incidents" in table.columns:
        n = _whole(table.n_incidents).fill_null(1)
    rows = table.select(**cells, n=n)
    end = rows["date_end" if date_rule == "spread" else "date_start"]
    return rows.filter(end >= window.start.date(), rows.date_start <= window.end.date())


def _has_intervals(records: Records, rows: ir.Table) -> bool:
    """Whether any record has more than a day: a look that costs less than it spares."""
    if isinstance(records, pd.DataFrame):
        return bool((records["date_end"] > records["date_start"]).any())
    # Of a file that is known to hold single days, the last is the first by another name.
    if _origin(rows.date_end) == _origin(rows.date_start):
        return False
    longer = rows.filter(rows.date_end > rows.date_start).limit(1)
    return bool(longer.to_pyarrow().num_rows)


def _origin(column: ir.Column) -> ops.Value:
    """What a column was made of, past the tables that hand it on."""
    value = column.op()
    while isinstance(value, ops.Field) and value.name in value.rel.values:
        value = value.rel.values[value.name]
    return value


def _whole(number: ir.NumericValue) -> ir.IntegerValue:
    """A number as a whole one, the same on every engine: they differ in rounding halves."""
    of = number.type()
    if not of.is_floating() and not of.is_decimal():
        return number.cast("int64")
    # Asked for by its name: by value, an engine answers from the statistics of a Parquet file,
    # which leave a NaN out. It is above all numbers, and a bound spares engines to cast it.
    is_none = number.isnull() | (number.cast("string").lower() == "nan")
    whole = (ibis.least(number, _MOST) + 0.5).floor().cast("int64")
    return ibis.ifelse(is_none, ibis.null("int64"), whole)


def _collect(rows: ir.Table, keys: Sequence[str], sums: Mapping[str, ir.Value]) -> pd.DataFrame:
    """Sums by key as a frame: group as text, unknown sizes marked."""
    totals = {name: value.sum().cast("int64") for name, value in sums.items()}
    cells = rows.group_by(keys).aggregate(**totals)
    # Through Arrow: the engine's own days and whole numbers, whatever pandas would make of them.
    found = cells.to_pyarrow()
    texts, numbers = [""], np.zeros(found.num_rows, int)
    if "group" in keys:
        encoded = pa.chunked_array(found["group"]).combine_chunks().dictionary_encode()
        values = [*encoded.dictionary.to_pylist(), None]
        texts = [_text(value) for value in values]
        numbers = encoded.indices.fill_null(len(texts) - 1).to_numpy(zero_copy_only=False)
        found = found.drop_columns("group")
    tally: pd.DataFrame = found.to_pandas(date_as_object=False)
    tally.insert(0, "group", np.array(texts, object)[numbers])
    tally["is_unknown"] = tally["size"].isna() if "size" in tally else False
    tally["size"] = tally["size"].fillna(1).astype("int64") if "size" in tally else 1
    if len(set(texts)) < len(texts):
        # Empty in several ways is unknown in one.
        others = [column for column in tally if column not in sums]
        tally = tally.groupby(others, as_index=False, dropna=False, sort=False).sum()
    return tally


def _text(value: object) -> str:
    """A group's name, the same from every engine: pandas makes 3.0 of a 3 beside an empty cell."""
    if value is None or value == "" or value != value:
        return UNKNOWN
    return str(int(value) if isinstance(value, float) and value.is_integer() else value)


def _in_order(tally: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    keys = [*keys, "is_unknown", "size"]
    others = [column for column in tally if column not in keys]
    return tally.sort_values(keys, ignore_index=True)[[*keys, *others]]
