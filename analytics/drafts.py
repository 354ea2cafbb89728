"""One file under its source: records in draft, either where the file is or held by the engine."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeAlias

import duckdb
import ibis
import ibis.expr.types as ir
import pandas as pd
from ibis.backends.duckdb import Backend

from analytics.errors import FileError
from analytics.periods import parse_day
from analytics.reading import ROW, Bounds, RawTable, bring_over, read_file, read_frame
from analytics.schema import RECORD, names
from analytics.sources import Source, load_source, recognise_source
from analytics.sources.mapping import draft_records, is_mark
from analytics.sources.numbers import resolve_numbers
from analytics.sources.perpetrators import resolve_perpetrators
from analytics.sources.placement import resolve_places
from analytics.sources.resolution import resolve_dates
from analytics.typed import fill_in, is_record_table, know_bounds, read_typed

Tabular: TypeAlias = str | pd.DataFrame | ir.Table
_KIND = {column.name: column.kind for column in RECORD}
_TYPE = {"text": "string", "code": "string", "day": "date", "integer": "int64", "number": "float64"}


@dataclass(frozen=True)
class Part:
    """The rows of one file as records in draft.

    Parameters
    ----------
    table : ibis Table
        Record columns, extra columns, and marks (`is_mark`).
    file, source : str
        Name of the file, and of its source.
    earliest : date
        First plausible day.
    is_held : bool
        In the engine's own tables, in the order of the file.
    has_ids : bool
        The ids of its reports are its own, not name of the file and row number.
    n_rows : int, optional
        Number of rows before any rule, where it is known without reading them in place.
    bounds : mapping of column to Bounds
        What the file says of whole columns.
    notes : tuple of str
        What was noticed while reading.
    """

    table: ir.Table
    file: str
    source: str
    earliest: date
    is_held: bool
    has_ids: bool
    n_rows: int | None
    bounds: Mapping[str, Bounds]
    notes: tuple[str, ...]

    @property
    def total(self) -> ir.IntegerScalar:
        """The number of its rows, before any rule."""
        return self.table.count() if self.n_rows is None else ibis.literal(self.n_rows)


def draft_part(
    con: Backend,
    given: Tabular,
    *,
    source: str | None,
    table: str | None,
    encoding: str | None,
    earliest: str | date | None,
    is_alone: bool = True,
    before: Sequence[str] = (),
) -> Part:
    """Return a file, a frame or a table in hand as records in draft.

    A typed table in the columns of a record is left where it is. Anything else (and a table in hand
    that is not alone) is read once, into the engine; a delimited file in which a row is not a row
    is then read again, row by row. ``before`` names the files read before this one: of two of one
    name, the ids given to the rows of the second start with its number.

    Raises
    ------
    FileError, TableError
        As `analytics.reading.read_file` and `analytics.sources.recognise_source`.
    """

    def read(*, careful: bool = False) -> RawTable:
        if isinstance(given, pd.DataFrame):
            return read_frame(given)
        if isinstance(given, ir.Table):
            return RawTable(given, tuple(given.columns), "table", is_typed=True)
        return read_file(con, given, table=table, encoding=encoding, careful=careful)

    raw = read()
    notes: list[str] = []
    found = load_source(source) if source else recognise_source(raw.columns, raw.file)
    first_day = parse_day(earliest or found.earliest, "earliest").date()
    is_reachable = is_alone or not isinstance(given, ir.Table)
    typed = read_typed(con, raw, found)
    raw = typed or raw
    n_rows, bounds, is_record = raw.n_rows, dict[str, Bounds](), False
    if is_reachable and found.name == "records":
        bounds = know_bounds(con, raw)
        is_record = typed is not None or is_record_table(con, raw, bounds)
    is_held = typed is not None or not is_record
    if is_record:
        drafts = fill_in(raw.table, bounds)
    else:
        if raw.is_typed and ROW not in raw.table.columns:
            raw = bring_over(con, raw)
        drafts = _hold(con, raw, found, lambda: read(careful=True))
        n_rows = count_rows(drafts)
        drafts, rounded = resolve_numbers(drafts, found.rounded)
        day_first = found.dates.get("day_first")
        drafts, emptied = resolve_dates(
            con, drafts, earliest=first_day.isoformat(), day_first=day_first
        )
        notes += [*rounded, *emptied]
    if is_held:
        drafts = resolve_perpetrators(drafts)
        # Codes alone are settled.
        if not is_record or {"district", "place"} & set(drafts.columns):
            drafts, left_open = resolve_places(con, drafts)
            notes += left_open
    has_ids = "report_id" in drafts.columns
    if not has_ids:
        if ROW not in drafts.columns:
            drafts = drafts.mutate(**{ROW: ibis.row_number() + 1})
        number = f"[{before.count(raw.file) + 1}]" if raw.file in before else ""
        start = ibis.literal(f"{raw.file}{number}:")
        drafts = drafts.mutate(report_id=start + drafts[ROW].cast("string"))
    if found.holds_events(raw.columns) and "one_row_is" not in drafts.columns:
        drafts = drafts.mutate(one_row_is=ibis.literal("event"))
    if is_held:
        # Named, so that each later question is a short expression.
        drafts = con.create_view(f"drafts_{os.urandom(8).hex()}", drafts)
        # The engine gives a moment for a truncated day.
        days = [c for c in drafts.columns if _KIND.get(c) == "day"]
        drafts = drafts.mutate(**{column: drafts[column].cast("date") for column in days})
    return Part(
        table=drafts,
        file=raw.file,
        source=found.name,
        earliest=first_day,
        is_held=is_held,
        has_ids=has_ids,
        n_rows=n_rows,
        bounds=bounds if is_record else {},
        notes=(f"read as {found.name}, {found.title}", *raw.notes, *notes),
    )


def count_rows(table: ir.Table) -> int:
    """Return the number of rows of a table."""
    return int(table.count().to_pyarrow().as_py())


def alike(parts: Sequence[Part]) -> list[Part]:
    """Return parts with the same record and extra columns, of the same types; absent is empty."""
    columns = dict.fromkeys(
        column for part in parts for column in part.table.columns if not is_mark(column)
    )
    ordered = [c for c in names(RECORD) if c in columns]
    ordered += [c for c in columns if c not in _KIND]
    types = {column: _TYPE.get(_KIND.get(column, ""), "string") for column in ordered}
    shaped = []
    for part in parts:
        table = part.table
        marks = [column for column in table.columns if is_mark(column)]
        cells = {
            column: (table[column] if column in table.columns else ibis.null("string")).cast(type_)
            for column, type_ in types.items()
        }
        shape = table.select(**cells, **{mark: table[mark] for mark in marks})
        shaped.append(replace(part, table=shape))
    return shaped


def _hold(con: Backend, raw: RawTable, source: Source, again: Callable[[], RawTable]) -> ir.Table:
    """A draft inside the engine, with its row numbers."""
    name = f"records_{os.urandom(8).hex()}"
    try:
        held = con.create_table(name, draft_records(con, raw, source), temp=True)
    except duckdb.Error as error:
        con.raw_sql(f'DROP TABLE IF EXISTS "{name}"')
        if raw.first_row is None:
            reason = str(error).split("\n", 1)[0][:200]
            raise FileError(
                raw.file, f"cannot be read ({reason})", "Mend or export it again"
            ) from None
        return _hold(con, again(), source, again)
    if raw.first_row is not None:
        held = held.mutate(**{ROW: held.rowid() + raw.first_row})
    return _without_empty_marks(held)


def _without_empty_marks(held: ir.Table) -> ir.Table:
    """A draft without the marks that no row bears: each would cost a rule, and a look."""
    marks = [c for c in held.columns if is_mark(c) and c != ROW]
    if not marks:
        return held
    counts = held.aggregate(**{mark: held[mark].count() for mark in marks}).to_pyarrow()
    return held.drop(*[mark for mark in marks if counts[mark][0].as_py() == 0])
