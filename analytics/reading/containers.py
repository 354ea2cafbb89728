"""Files that are tables already: Parquet, Excel and other spreadsheets; frames in hand.

Row numbers: as the spreadsheet shows them; elsewhere the position in the table, from 1.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import duckdb
import ibis
import ibis.expr.datatypes as dt
import pandas as pd
import pyarrow as pa
from ibis.backends.duckdb import Backend
from python_calamine import CalamineError, CalamineWorkbook

from analytics.errors import FileError, TableError
from analytics.reading.delimited import (
    HEAD_ROWS,
    find_header,
    fit_cells,
    is_tag_row,
    tell_titles,
)
from analytics.reading.rawtable import (
    ROW,
    Bounds,
    RawTable,
    Row,
    check_columns,
    printable,
    raw_from_rows,
    scratch_path,
)


def read_parquet(con: Backend, path: Path, file: str) -> RawTable:
    """Return a Parquet file as it is, with its types, without reading more than its footer.

    Raises
    ------
    FileError
        The footer is cut off or damaged.
    """
    try:
        table = con.read_parquet(str(path), file_row_number=True)
    except duckdb.Error:
        raise FileError(
            file, "is a Parquet file that is damaged or cut off", "Fetch the file again"
        ) from None
    columns = tuple(column for column in table.columns if column != "file_row_number")
    numbered = {ROW: table.file_row_number + 1}
    n_rows, bounds = _read_footer(con, path, table.schema())
    return RawTable(
        table.select(*columns, **numbered),
        columns,
        file,
        is_typed=True,
        n_rows=n_rows,
        view=table.get_name(),
        bounds=bounds,
    )


def _read_footer(con: Backend, path: Path, schema: ibis.Schema) -> tuple[int, dict[str, Bounds]]:
    """Number of rows, and what the footer says of whole columns, where it does for every part."""
    rows = con.con.execute(
        "SELECT path_in_schema, stats_min_value, stats_max_value, stats_null_count, num_values,"
        " row_group_id, row_group_num_rows FROM parquet_metadata(?)",
        [str(path)],
    ).fetchall()
    groups: dict[str, list[tuple[str | None, str | None, int | None, int]]] = {}
    for row in rows:
        groups.setdefault(row[0], []).append(row[1:5])
    bounds = {}
    for name, parts in groups.items():
        filled = [part for part in parts if part[2] is None or part[2] < part[3]]
        limits = [limit for part in filled for limit in part[:2] if limit is not None]
        is_known = len(limits) == 2 * len(filled) and all(p[2] is not None for p in parts)
        if filled and is_known and name in schema:
            # A value that is none of its column's kind (a year of five digits) bounds nothing.
            with suppress(ValueError):
                values = [_stated_value(limit, schema[name]) for limit in limits]
                n_empty = sum(part[2] or 0 for part in parts)
                bounds[name] = Bounds(min(values), max(values), n_empty)
    return sum({row[5]: row[6] for row in rows}.values()), bounds


def _stated_value(text: str, kind: dt.DataType) -> Any:
    """A value in a footer, of the kind of its column."""
    if kind.is_date() or kind.is_timestamp():
        return date.fromisoformat(text[:10])
    return float(text) if kind.is_numeric() else text


def read_workbook(con: Backend, path: Path, file: str, table: str | None = None) -> RawTable:
    """Return a sheet of a workbook as text: the one named, or the longest.

    Raises
    ------
    FileError
        Not a workbook, encrypted, or damaged.
    TableError
        No such sheet, or nothing in it.
    """
    try:
        workbook = CalamineWorkbook.from_path(str(path))
        sheets = workbook.sheet_names
        if table is not None and table not in sheets:
            raise TableError(
                f"sheet {table!r}", f"is not in {file}", f"It has: {', '.join(sheets)}"
            )
        # A sheet of notes often stands before the table, which is the longer of the two.
        sheet, rows = table, list[list[Any]]()
        for name in [table] if table is not None else sheets:
            found = workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)
            filled = [row for row in found if any(cell != "" for cell in row)]
            if sheet is None or not rows or len(filled) > len(rows):
                sheet, rows = name, found if filled else []
    except (CalamineError, OSError, ValueError) as error:
        raise FileError(
            file,
            f"is a workbook that cannot be read ({str(error)[:120]})",
            "Save it again, without a password",
        ) from None
    texts = [[cell_text(cell) for cell in row] for row in rows[:HEAD_ROWS]]
    start = find_header(texts)
    if start is None:
        raise TableError(file, "has no cells", "Give a sheet with a header and rows")
    header = [cell or "" for cell in texts[start]]
    while header and not header[-1].strip():
        header.pop()
    columns = check_columns(header, file)
    notes = tell_titles(texts[:start])
    if len(sheets) > 1:
        others = ", ".join(repr(name) for name in sheets if name != sheet)
        notes.append(f"sheet {sheet!r} was read, {others[:200]} not: name a sheet to read another")
    first = start + 1
    if first < len(rows) and is_tag_row([cell_text(cell) for cell in rows[first]]):
        notes.append("the row of HXL tags under the header was skipped")
        first += 1

    def body() -> Iterator[Row]:
        for number, row in enumerate(rows[first:], first + 1):
            cells = [cell_text(cell) for cell in row]
            if any(cells):
                yield number, *fit_cells(cells, None, len(columns))

    return raw_from_rows(con, body(), columns, file, notes)


def read_frame(frame: pd.DataFrame) -> RawTable:
    """Return a frame in hand as a raw table with its types; a column of mixed kinds becomes text.

    Raises
    ------
    TableError
        A column twice.
    """
    columns = check_columns([str(column) for column in frame.columns], "frame")
    arrays: list[Any] = []
    for position in range(len(columns)):
        column = frame.iloc[:, position]
        try:
            arrays.append(pa.Array.from_pandas(column))
        except (pa.ArrowException, TypeError, ValueError, OverflowError):
            cells = [
                None if pd.api.types.is_scalar(cell) and pd.isna(cell) else str(cell)
                for cell in column
            ]
            arrays.append(pa.array([c if c is None else printable(c) for c in cells], pa.string()))
        if pa.types.is_null(arrays[-1].type) or pa.types.is_nested(arrays[-1].type):
            arrays[-1] = pa.array([None if c is None else str(c) for c in arrays[-1].to_pylist()])
    numbers = pa.array(range(1, len(frame) + 1), pa.int64())
    table = pa.table([*arrays, numbers], names=[*columns, ROW])
    return RawTable(ibis.memtable(table), columns, "frame", is_typed=True, n_rows=len(frame))


def bring_over(con: Backend, raw: RawTable) -> RawTable:
    """Return a table of another engine as a scratch file of ours."""
    path = scratch_path(con, ".parquet")
    raw.table.to_parquet(path)
    return replace(read_parquet(con, path, raw.file), notes=raw.notes)


def cell_text(value: Any) -> str | None:
    """A cell as text: whole numbers without a point, midnights as days."""
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.decode("utf-8", "surrogateescape")
    return str(value)
