"""Tables in the columns of a record, whose cells are days, numbers and codes already.

They need no reading of texts, and what is known of whole columns spares most rules a look at rows.
A delimited file may be one: it is read straight into values, and as text where that fails.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from math import inf
from typing import Any

import duckdb
import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir
from ibis.backends.duckdb import Backend

from analytics.reading import ROW, Bounds, RawTable
from analytics.reference import governorate_codes
from analytics.schema import RECORD, names
from analytics.sources import Source, fold_name
from analytics.sources.mapping import MANY, is_mark, trim_cell

LENGTH = "_length"
"""Under this name, the bounds of ``date_end`` less ``date_start``, in days."""

_KIND = {column.name: column.kind for column in RECORD}
_ENGINE_TYPE = {"day": "DATE", "integer": "DOUBLE", "number": "DOUBLE"}
_LOOKED_AT = 10_000
# The engine reads "epoch" as the first of these days, and "infinity" as one after the second.
_EPOCH, _LAST = date(1970, 1, 1), date(2999, 12, 31)


def read_typed(con: Backend, raw: RawTable, source: Source) -> RawTable | None:
    """Return a delimited file in the columns of a record as values, in the engine.

    None where any cell is not a value as it stands, so that it has to be read as text: the two ways
    give the same records.
    """
    given = _record_columns(raw, source)
    if raw.retype is None or given is None:
        return None
    types = {column: _ENGINE_TYPE.get(_KIND[name], "VARCHAR") for name, column in given.items()}
    # A text is trimmed where it is used; an id is compared with all others, and has to be trimmed.
    texts = {name for name in given if _KIND[name] == "text" and name != "report_id"}
    name = f"records_{os.urandom(8).hex()}"
    try:
        table = raw.retype({column: types.get(column, "VARCHAR") for column in raw.columns})
        held = con.create_table(name, table, temp=True)
        bounds, n_rows = _look_through(held, {c: given[c] for c in given if c not in texts})
    except (duckdb.Error, ValueError, OverflowError):
        bounds = None
    if bounds is None or ("governorate" in given and not _are_codes(con, name)):
        con.raw_sql(f'DROP TABLE IF EXISTS "{name}"')
        return None
    if "governorate" in bounds:
        bounds["governorate"] = replace(bounds["governorate"], are_codes=True)
    cells: dict[str, ir.Value] = {name: held[column] for name, column in given.items()}
    for column, cell in cells.items():
        if _KIND[column] == "integer":
            cells[column] = cell.cast("int64")
        elif column in texts:
            cells[column] = trim_cell(cell)
    if "casualties_of" in cells:
        cells["casualties_of"] = cells["casualties_of"].lower()
    others = [column for column in raw.columns if column not in given.values()]
    cells[ROW] = held.rowid() + raw.first_row
    return replace(
        raw,
        table=held.select(*others, **cells),
        columns=(*given, *others),
        is_typed=True,
        n_rows=n_rows,
        view=name,
        bounds=bounds,
    )


def _record_columns(raw: RawTable, source: Source) -> dict[str, str] | None:
    """The column of the file for each of a record's; None where any is not to be used as it is."""
    if source.name != "records" or any(map(is_mark, raw.columns)):
        return None
    there = {fold_name(column): column for column in raw.columns}
    wanted = {"date_start": source.dates["start"], "date_end": [source.dates["end"]]}
    given: dict[str, str] = {}
    for name, columns in {**wanted, **source.columns}.items():
        found = [there[column] for column in columns if column in there]
        # A day under another name is kept beside the record's, as printed.
        if len(found) > 1 or (found and _KIND[name] == "day" and found[0].casefold() != name):
            return None
        if found:
            given[name] = found[0]
    return given if "date_start" in given else None


def _look_through(held: ir.Table, given: Mapping[str, str]) -> tuple[dict[str, Bounds] | None, int]:
    """The bounds of columns, or None where a cell is no value as it stands; the number of rows."""
    looks: dict[str, ir.Value] = {"rows": held.count()}
    for name, column in given.items():
        cell = held[column]
        looks |= {f"low {name}": cell.min(), f"n {name}": cell.count()}
        if not cell.type().is_string():  # no rule asks for the greatest of texts
            looks[f"high {name}"] = cell.max()
        if _KIND[name] == "integer":
            looks[f"bad {name}"] = (cell % 1 != 0).any()
        elif name == "report_id":
            looks[f"bad {name}"] = (cell.right(1) < "!").any()
    if "date_end" in given:
        length = held[given["date_end"]].delta(held[given["date_start"]], unit="day")
        looks |= {f"low {LENGTH}": length.min(), f"high {LENGTH}": length.max(), f"n {LENGTH}": 0}
    found = held.aggregate(**looks).to_pyarrow().to_pylist()[0]
    bounds = {}
    for name in (*given, *([LENGTH] if "date_end" in given else [])):
        low, high, n_filled = (found.get(f"{of} {name}") for of in ("low", "high", "n"))
        if low is None:
            continue
        if found.get(f"bad {name}") or not _are_values(_KIND.get(name), low, high):
            return None, 0
        bounds[name] = Bounds(low, high, found["rows"] - n_filled)
    return bounds, found["rows"]


def _are_values(kind: str | None, low: Any, high: Any) -> bool:
    """Whether the bounds of a column are such as every way of reading would give."""
    if kind == "day":
        return bool(low > _EPOCH and high <= _LAST)
    if kind == "integer":
        return bool(low >= -MANY and high <= MANY)
    if kind == "number":
        return bool(-inf < low and high < inf)
    return kind is None or low >= "!"


def is_record_table(con: Backend, raw: RawTable, bounds: Mapping[str, Bounds]) -> bool:
    """Whether days are days, numbers numbers and governorates codes, as far as a look can tell."""
    schema = dict(raw.table.schema().items())
    if "date_start" not in schema or any(is_mark(c) and c != ROW for c in schema):
        return False
    for column, kind in _KIND.items():
        if column not in schema:
            continue
        of = schema[column]
        fits = {
            "text": of.is_string(),
            "code": of.is_string(),
            "day": of.is_date() or of.is_timestamp(),
            "integer": of.is_integer(),
            "number": of.is_numeric(),
        }[kind]
        if not fits:
            return False
    codes = bounds.get("governorate")
    if "governorate" not in schema or (codes and codes.are_codes):
        return True
    if raw.view:
        return _are_codes(con, raw.view, _LOOKED_AT)
    seen = raw.table.limit(_LOOKED_AT).select("governorate").distinct().to_pyarrow()
    return set(seen["governorate"].to_pylist()) <= _codes()


def know_bounds(con: Backend, raw: RawTable) -> dict[str, Bounds]:
    """Return what is known of whole columns; two are looked through where that is quick."""
    known = dict(raw.bounds)
    # A column of few values is a list of them in the file; to test every row takes far longer.
    codes = known.get("governorate")
    if raw.view and codes and not codes.are_codes and _are_codes(con, raw.view):
        known["governorate"] = replace(codes, are_codes=True)
    are_days = [raw.table.schema().get(c, dt.string).is_date() for c in ("date_start", "date_end")]
    if raw.view and all(are_days) and LENGTH not in known:
        # In numbers, both rules on a last day are one look, and most files hold single days.
        of = "date_end - date_start"
        look = f'SELECT min({of}), max({of}) FROM "{raw.view}"'  # noqa: S608
        for shortest, longest in con.con.execute(look).fetchall():
            if shortest is not None:
                known[LENGTH] = Bounds(shortest, longest, 0)
    return known


def _are_codes(con: Backend, view: str, most: int | None = None) -> bool:
    """Whether the governorates of a table of the engine's own are codes, or empty."""
    rows = f'(FROM "{view}" LIMIT {most})' if most else f'"{view}"'
    seen = con.con.execute(f"SELECT DISTINCT governorate FROM {rows}").fetchall()  # noqa: S608
    return {code for (code,) in seen} <= _codes()


def _codes() -> set[str | None]:
    return {*governorate_codes(), "", None}


def fill_in(table: ir.Table, bounds: Mapping[str, Bounds]) -> ir.Table:
    """Return records in their columns' order: days without a time, a last day where none is stated.

    Where each is known to be a single day, the last is the first, and needs no look.
    """
    end, length = bounds.get("date_end"), bounds.get(LENGTH)
    start = table.date_start.cast("date")
    last = table.date_end.cast("date") if "date_end" in table.columns else start
    if length and length.lowest == length.highest == 0:
        last = start
    elif end is None or end.n_empty:
        last = ibis.coalesce(last, start)
    cells = {c: table[c] for c in table.columns} | {"date_start": start, "date_end": last}
    ordered = [column for column in names(RECORD) if column in cells]
    return table.select(**{c: cells[c] for c in dict.fromkeys([*ordered, *cells])})
