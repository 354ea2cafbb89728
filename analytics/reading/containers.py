"""Files that are tables already: Parquet, Excel and other spreadsheets, SQLite, databases by URL.

Row numbers: as the spreadsheet shows them; elsewhere the position in the table, from 1.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import duckdb
import ibis
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
    table = table.rename({ROW: "file_row_number"})
    columns = tuple(column for column in table.columns if column != ROW)
    return RawTable(
        table.mutate(**{ROW: table[ROW] + 1}),
        columns,
        file,
        is_typed=True,
        is_counted=True,
        bounds=_footer_bounds(con, path),
    )


def _footer_bounds(con: Backend, path: Path) -> dict[str, Bounds]:
    """What the footer of a Parquet file says of whole columns, where it does for every part."""
    rows = con.con.execute(
        "SELECT path_in_schema, stats_min_value, stats_max_value, stats_null_count, num_values"
        " FROM parquet_metadata(?)",
        [str(path)],
    ).fetchall()
    groups: dict[str, list[tuple[str | None, str | None, int | None, int]]] = {}
    for name, lowest, highest, n_empty, n_values in rows:
        groups.setdefault(name, []).append((lowest, highest, n_empty, n_values))
    bounds = {}
    for name, parts in groups.items():
        filled = [part for part in parts if part[2] is None or part[2] < part[3]]
        lows = [part[0] for part in filled if part[0] is not None]
        highs = [part[1] for part in filled if part[1] is not None]
        is_known = len(lows) == len(highs) == len(filled) and all(p[2] is not None for p in parts)
        if filled and is_known:
            key = _order([*lows, *highs])
            n_empty = sum(part[2] or 0 for part in parts)
            bounds[name] = Bounds(min(lows, key=key), max(highs, key=key), n_empty)
    return bounds


def _order(texts: Sequence[str | None]) -> Callable[[Any], Any]:
    """How to compare values given as text: as numbers, if all of them are."""
    try:
        [float(text) for text in texts if text is not None]
    except ValueError:
        return str
    return float


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
    texts = [[_cell(cell) for cell in row] for row in rows[:HEAD_ROWS]]
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
    if first < len(rows) and is_tag_row([_cell(cell) for cell in rows[first]]):
        notes.append("the row of HXL tags under the header was skipped")
        first += 1

    def body() -> Iterator[Row]:
        for number, row in enumerate(rows[first:], first + 1):
            cells = [_cell(cell) for cell in row]
            if any(cells):
                yield number, *fit_cells(cells, None, len(columns))

    return raw_from_rows(con, body(), columns, file, notes)


def read_sqlite(con: Backend, path: Path, file: str, table: str | None = None) -> RawTable:
    """Return a table of an SQLite file as text: the one named, or the only one.

    Raises
    ------
    FileError
        Damaged.
    TableError
        No such table, or several and none named.
    """
    source = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
    source.text_factory = lambda value: value.decode("utf-8", "surrogateescape")
    try:
        found = source.execute(
            "SELECT name FROM sqlite_master WHERE type IN ('table', 'view')"
            " AND name NOT LIKE 'sqlite_%' ORDER BY name"
        ).fetchall()
        name = choose_table([name for (name,) in found], table, file)
        quoted = name.replace('"', '""')
        cursor = source.execute(f'SELECT * FROM "{quoted}"')  # noqa: S608
        columns = check_columns([column[0] for column in cursor.description], file)
        rows = ((n, [_cell(cell) for cell in row], None) for n, row in enumerate(cursor, 1))
        return raw_from_rows(con, rows, columns, file, [f"table {name!r}"])
    except sqlite3.Error as error:
        raise FileError(
            file, f"is an SQLite file that cannot be read ({error})", "Fetch the file again"
        ) from None
    finally:
        source.close()


def read_duckdb(con: Backend, path: Path, file: str, table: str | None = None) -> RawTable:
    """Return a table of a DuckDB file where it is, with its types: the one named, or the only one.

    Raises
    ------
    FileError
        Damaged, in use, or of a later version.
    TableError
        No such table, or several and none named.
    """
    base = f"file_{os.urandom(8).hex()}"
    quoted = str(path).replace("'", "''")
    try:
        con.raw_sql(f"ATTACH '{quoted}' AS {base} (READ_ONLY)")
        listed = con.con.execute("SELECT name FROM (SHOW ALL TABLES) WHERE database = ?", [base])
        name = choose_table([name for (name,) in listed.fetchall()], table, file)
        found = con.table(name, database=(base, "main"))
    except duckdb.Error as error:
        reason = str(error).split("\n", 1)[0][:120]
        raise FileError(
            file,
            f"is a DuckDB file that cannot be read ({reason})",
            "Close it elsewhere, or export it",
        ) from None
    return RawTable(found, tuple(found.columns), file, is_typed=True, notes=(f"table {name!r}",))


def read_database(con: Backend, url: str, table: str | None = None) -> RawTable:
    """Return a table of the database at a URL, on its own engine and with its own types.

    Raises
    ------
    FileError
        Not reached, or its driver is not installed.
    TableError
        No such table, or several and none named.
    """
    scheme = url.split(":", 1)[0]
    if scheme in ("http", "https", "ftp", "s3", "gs"):
        raise FileError(
            url.split("?", 1)[0][:200],
            "is on the network; nothing is fetched",
            "Save the file first",
        )
    shown = f"the {scheme} database"
    try:
        source = ibis.connect(url)
        name = choose_table(source.list_tables(), table, shown)
        remote = source.table(name)
    except TableError:
        raise
    except ImportError:
        raise FileError(
            shown,
            "needs a driver that is not installed",
            "Run pip install 'incident-analytics[postgres]'"
            if scheme in ("postgres", "postgresql")
            else f"Run pip install 'ibis-framework[{scheme}]'",
        ) from None
    except Exception as error:  # each driver has errors of its own; none may reach a user
        # The message of a driver may repeat the password that is in the URL.
        raise FileError(
            shown, f"cannot be reached ({type(error).__name__})", "Check address, user and password"
        ) from None
    return RawTable(remote, tuple(remote.columns), name, is_typed=True, notes=(f"table {name!r}",))


def choose_table(names: Sequence[str], wanted: str | None, where: str) -> str:
    """Return the table asked for, or the only one."""
    if wanted is not None and wanted not in names:
        raise TableError(f"table {wanted!r}", f"is not in {where}", f"It has: {', '.join(names)}")
    if wanted is None and len(names) != 1:
        has = f"It has: {', '.join(names)}" if names else "It has none"
        raise TableError(where, "does not have just one table", f"Name the table. {has}")
    return wanted or names[0]


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
    return RawTable(ibis.memtable(table), columns, "frame", is_typed=True, is_counted=True)


def bring_over(con: Backend, raw: RawTable) -> RawTable:
    """Return a table of another engine as a scratch file of ours."""
    path = scratch_path(con, ".parquet")
    raw.table.to_parquet(path)
    return replace(read_parquet(con, path, raw.file), notes=raw.notes)


def _cell(value: Any) -> str | None:
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
