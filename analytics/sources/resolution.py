"""Records in draft, made whole: dates in words, read once per distinct text.

A million rows hold a few thousand different texts: each is read by Python once, and joined back.
"""

from __future__ import annotations

import os
from collections.abc import Iterable

import ibis
import ibis.expr.types as ir
import pandas as pd
import pyarrow as pa
from ibis.backends.duckdb import Backend

from analytics.dates import parse_dates
from analytics.sources import PRECISIONS
from analytics.sources.mapping import BAR, IS_END_GIVEN, PRECISION, TEXT, WHY, WORDS

_HALF_WEEK = 3
KEY, _START, _END = "_key", "_parsed_start", "_parsed_end"
_NO_TEXT = ibis.null("string")


def resolve_dates(
    con: Backend, drafts: ir.Table, *, earliest: str, day_first: bool | None = None
) -> tuple[ir.Table, tuple[str, ...]]:
    """Return drafts in which every date that can be read is a day, and every record an interval.

    A date in words, or coarser than a day, is the whole interval that it names. A precision code
    widens the day it goes with: week, 3 days on either side (the source gives a day in the middle
    of the week reported); month and year, the calendar month or year that it lies in. A record
    without a ``date_end`` ends on the last day that its start may mean. A ``published_on`` that is
    not a day is emptied, and said; as printed it stays beside it.

    Parameters
    ----------
    con : ibis DuckDB backend
        The engine that holds the drafts.
    drafts : ibis Table
        From `analytics.sources.mapping.draft_records`, held by the engine.
    earliest : str
        ISO day; a date in words that lies wholly before it is not read.
    day_first : bool, optional
        Order of 03/04/2021, where the source states it; such a date is rejected where it does not.

    Returns
    -------
    ibis Table
        The drafts, with ``date_start`` and ``date_end`` filled in, ``_text_...`` left only for what
        could not be read, and ``_why_...`` saying why.
    tuple of str
        What was emptied.
    """
    table = drafts
    if "date_end" not in table.columns:
        table = table.mutate(date_end=ibis.null("date"))
    table = table.mutate(**{IS_END_GIVEN: table.date_end.notnull()})
    for column in ("published_on", "date_start", "date_end"):
        if TEXT + column in table.columns:
            table = _read_words(con, table, column, earliest, day_first)
    table, notes = _empty_published(table)
    unknown = _unknown_codes(table)
    if PRECISION in table.columns:
        table = _widen(table)
    if WORDS in table.columns:
        table = _narrow(con, table, earliest, day_first)
    table = table.mutate(date_end=ibis.coalesce(table.date_end, table.date_start))
    done = [c for c in (PRECISION, WORDS) if c in table.columns]
    if unknown:
        done.remove(PRECISION)
        is_unknown_code = table[PRECISION].isin(unknown)
        table = table.mutate(
            **{PRECISION: ibis.ifelse(is_unknown_code, table[PRECISION], _NO_TEXT)}
        )
    return table.drop(*done), notes


def _unknown_codes(table: ir.Table) -> list[str]:
    """The codes of precision that the source's mapping does not know."""
    if PRECISION not in table.columns:
        return []
    codes = distinct_values(table, [PRECISION])[PRECISION].dropna()
    return [code for code in codes if code not in PRECISIONS]


def _read_words(
    con: Backend, table: ir.Table, column: str, earliest: str, day_first: bool | None
) -> ir.Table:
    """Read the texts left in a date column; a date in words may give the end as well."""
    texts = table[TEXT + column]
    has_context = column != "published_on" and "published_on" in table.columns
    published = table.published_on if has_context else ibis.null("date")
    pairs = distinct_values(
        table.filter(texts.notnull()).mutate(_text=texts, _published=published),
        ["_text", "_published"],
    )
    if pairs.empty:
        return table
    parsed = parse_dates(
        pairs["_text"].tolist(),
        published_on=pairs["_published"].tolist(),
        earliest=earliest,
        day_first=day_first,
    )
    if column == "published_on":
        parsed.loc[parsed["date_start"] != parsed["date_end"], ["date_start", "date_end"]] = pd.NaT
    days = parsed["published_on"].dt.strftime("%Y-%m-%d").fillna("")
    frame = pd.DataFrame(
        {
            KEY: parsed["text"] + BAR + days,
            _START: parsed["date_start"].dt.date,
            _END: parsed["date_end"].dt.date,
            WHY + column: parsed["reason"].replace("", None),
        }
    )
    table = join_known(con, table, texts + BAR + published.cast("string").fill_null(""), frame)
    changes: dict[str, ir.Value] = {
        column: ibis.coalesce(table[column], table[_END if column == "date_end" else _START]),
        TEXT + column: ibis.ifelse(table[_START].isnull(), table[TEXT + column], _NO_TEXT),
    }
    if column == "date_start":
        # A given end stands, unless it is itself still to be read.
        waits = table[TEXT + "date_end"].notnull() if TEXT + "date_end" in table.columns else False
        changes["date_end"] = ibis.ifelse(
            waits, table.date_end, ibis.coalesce(table.date_end, table[_END])
        )
    return table.mutate(**changes).drop(_START, _END)


def _empty_published(table: ir.Table) -> tuple[ir.Table, tuple[str, ...]]:
    """Leave a day of publication that is none empty; it is wanted, but no record hangs on it."""
    if TEXT + "published_on" not in table.columns:
        return table, ()
    text = table[TEXT + "published_on"]
    n_vague = int(text.count().to_pyarrow().as_py())
    whole = table.mutate(published_on_printed=text) if n_vague else table
    marks = [TEXT + "published_on", *[c for c in table.columns if c == WHY + "published_on"]]
    note = f"published_on of {n_vague} rows is not a day: left empty, kept in published_on_printed"
    return whole.drop(*marks), (note,) if n_vague else ()


def _widen(table: ir.Table) -> ir.Table:
    """Widen days by their precision code, where the file gives no end of its own."""
    start, precision = table.date_start, table[PRECISION]
    last = {
        "week": start + ibis.interval(days=_HALF_WEEK),
        "month": (start.truncate("M") + ibis.interval(months=1)).cast("date")
        - ibis.interval(days=1),
        "year": (start.truncate("Y") + ibis.interval(years=1)).cast("date") - ibis.interval(days=1),
    }
    first = {
        "week": start - ibis.interval(days=_HALF_WEEK),
        "month": start.truncate("M"),
        "year": start.truncate("Y"),
    }
    ends = [(precision == code, value.cast("date")) for code, value in last.items()]
    starts = [(precision == code, value.cast("date")) for code, value in first.items()]
    is_given = table.date_end.notnull()
    return table.mutate(
        date_start=ibis.ifelse(is_given, start, ibis.cases(*starts, else_=start)),
        date_end=ibis.coalesce(table.date_end, ibis.cases(*ends, else_=start)),
    )


def _narrow(con: Backend, table: ir.Table, earliest: str, day_first: bool | None) -> ir.Table:
    """Narrow a month or year by the date in words beside it, where that can be read and agrees."""
    words = table[WORDS]
    texts = distinct_values(table.filter(words.notnull()), [WORDS])[WORDS].tolist()
    if not texts:
        return table
    parsed = parse_dates(texts, earliest=earliest, day_first=day_first).dropna(subset="date_start")
    frame = pd.DataFrame(
        {
            KEY: parsed["text"],
            _START: parsed["date_start"].dt.date,
            _END: parsed["date_end"].dt.date,
        }
    )
    table = join_known(con, table, words, frame)
    agrees = (table[_START] >= table.date_start) & (table[_END] <= table.date_end)
    return table.mutate(
        date_start=ibis.ifelse(agrees, table[_START], table.date_start),
        date_end=ibis.ifelse(agrees, table[_END], table.date_end),
    ).drop(_START, _END)


def distinct_values(table: ir.Table, columns: Iterable[str]) -> pd.DataFrame:
    """The distinct values of some columns, in order, so that results never depend on threads."""
    columns = list(columns)
    frame: pd.DataFrame = (
        table.select(columns).distinct().order_by(columns).to_pyarrow().to_pandas()
    )
    return frame


def join_known(con: Backend, table: ir.Table, key: ir.StringValue, frame: pd.DataFrame) -> ir.Table:
    """A table with the columns of a frame, row by row by their key; no match, no value."""
    types = {column: pa.string() for column in frame.columns}
    types |= {column: pa.date32() for column in (_START, _END) if column in types}
    schema = pa.schema(list(types.items()))
    # A key that occurred twice would double rows.
    frame = frame.drop_duplicates(KEY)
    rows = ibis.memtable(pa.Table.from_pandas(frame, schema=schema, preserve_index=False))
    known = con.create_table(f"known_{os.urandom(8).hex()}", rows, temp=True)
    keyed = table.mutate(**{KEY: key})
    joined = keyed.left_join(known, KEY).drop(KEY, f"{KEY}_right")
    # Named, so that the next question is a short expression: to write a long one out takes longer
    # than to answer it.
    return con.create_view(f"joined_{os.urandom(8).hex()}", joined)
