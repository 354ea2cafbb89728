"""A file as a table of text: what each format is turned into, and how its rows are written."""

from __future__ import annotations

import os
import shutil
import tempfile
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.parquet as pq
from ibis.backends.duckdb import Backend

from analytics.errors import TableError

ROW, BROKEN, LINE = "_row", "_broken", "_line"
"""Columns beside the file's own: row number, why it is no row (else null), its text then."""

Row = tuple[int, Sequence[str | None], str | None]
"""Row number, cells, and the reason why they are not a row of the table (else None)."""

_BATCH_ROWS, _BATCH_CHARS = 20_000, 20_000_000
_MAX_COLUMNS = 5_000
_engines: weakref.WeakSet[duckdb.DuckDBPyConnection] = weakref.WeakSet()


@dataclass(frozen=True)
class Bounds:
    """What is known of a whole column: its least and greatest value, its empty cells.

    Values are numbers, days or texts, of which the greatest may be left out. ``are_codes``: a look
    through the column found nothing but codes and empty cells.
    """

    lowest: Any
    highest: Any
    n_empty: int
    are_codes: bool = False


@dataclass(frozen=True)
class RawTable:
    """A table as it is in the file: every cell text, or of the file's own types.

    Parameters
    ----------
    table : ibis Table
        The file's columns under their own names; beside them `ROW`, `BROKEN` and `LINE` where
        ``first_row`` is not set.
    columns : tuple of str
        The file's columns, in order.
    file : str
        The name of the file.
    first_row : int, optional
        Row number of the first record, where rows come in the file's order without numbers.
    is_typed : bool
        Days are days and numbers are numbers already.
    n_rows : int, optional
        Number of rows, where it is known without reading them.
    view : str
        The engine's own name for the table, where a look through a column of it is quick.
    retype : function, optional
        Reads the file again, its columns of the types given; one that does not fit is an error.
    bounds : mapping of column to Bounds
        What the file says of whole columns, where it does.
    notes : tuple of str
        What was found out about the file.
    """

    table: ir.Table
    columns: tuple[str, ...]
    file: str
    first_row: int | None = None
    is_typed: bool = False
    n_rows: int | None = None
    view: str = ""
    retype: Callable[[dict[str, str]], ir.Table] | None = None
    bounds: Mapping[str, Bounds] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def connect() -> Backend:
    """Return an embedded engine that never uses the network and spills to a scratch folder.

    It keeps to 500 MB (more on a machine with many cores), whatever the size of the files, so that
    all of Python and it stay under a gigabyte. The folder goes when the engine goes.
    """
    scratch = tempfile.mkdtemp(prefix="analytics-")
    megabytes = max(500, 125 * (os.cpu_count() or 1))
    con = Backend().connect(
        autoinstall_known_extensions=False,
        autoload_known_extensions=False,
        temp_directory=f"{scratch}/spill",
        memory_limit=f"{megabytes}MB",
    )
    # It keeps count for us, and prints nothing itself. In a notebook, where nobody asks for the
    # count, it would refuse without a package for bars.
    with suppress(duckdb.InvalidInputException):
        for setting in ("enable_progress_bar = true", "enable_progress_bar_print = false"):
            con.con.execute(f"SET {setting}").fetchall()
    weakref.finalize(con, _clear_away, con.con, scratch)
    _engines.add(con.con)
    return con


def engine_progress() -> float | None:
    """Return how much of its file or table an engine has read by now, in percent, if one reads."""
    shares = [share for con in list(_engines) if (share := con.query_progress()) > 0]
    return max(shares, default=None)


def _clear_away(connection: duckdb.DuckDBPyConnection, scratch: str) -> None:
    """Close first: an engine that was stopped at its work would make its folder again."""
    connection.close()
    shutil.rmtree(scratch, ignore_errors=True)


def scratch_path(con: Backend, suffix: str) -> Path:
    """Return the path of a new scratch file that lives as long as the engine."""
    spill = con.raw_sql("SELECT current_setting('temp_directory')").fetchone()[0]
    folder = Path(tempfile.mkdtemp(dir=Path(spill).parent))
    return folder / f"scratch{suffix}"


def check_columns(columns: Sequence[str], file: str) -> tuple[str, ...]:
    """Return column names fit for the engine, or refuse two that differ in case alone.

    Raises
    ------
    TableError
        A name occurs twice, is one of ours, or there are more than 5,000.

    Examples
    --------
    >>> check_columns(["id", " date ", ""], "a.csv")
    ('id', 'date', 'column_3')
    >>> check_columns(["id", "Date", "date"], "a.csv")
    Traceback (most recent call last):
    ...
    analytics.errors.TableError: a.csv: names column 'date' twice. Rename one of the two.
    """
    if len(columns) > _MAX_COLUMNS:
        raise TableError(file, f"has {len(columns)} columns", "Give a table of records, one a row")
    names: list[str] = []
    for number, column in enumerate(columns, 1):
        name = " ".join(printable(column).split()) or f"column_{number}"
        if name in (ROW, BROKEN, LINE):
            raise TableError(file, f"has a column {name!r}, a name kept for us", "Rename it")
        names.append(name)
    folded = [name.casefold() for name in names]
    for number, name in enumerate(names):
        if folded[number] in folded[:number]:
            raise TableError(file, f"names column {name[:60]!r} twice", "Rename one of the two")
    return tuple(names)


def write_rows(rows: Iterable[Row], columns: Sequence[str], path: Path) -> int:
    """Write numbered rows of text to a Parquet file, in batches, and return how many there were.

    A row with a NUL or half a character (a lone surrogate) is kept as a broken row, readable.
    """
    fields = [pa.field(name, pa.string()) for name in columns]
    own = [pa.field(ROW, pa.int64()), pa.field(BROKEN, pa.string()), pa.field(LINE, pa.string())]
    n_rows = 0
    empty = (None,) * len(columns)
    with pq.ParquetWriter(path, pa.schema(fields + own), compression="lz4") as writer:
        for batch in _batches(rows):
            cells: list[Sequence[str | None]] = []
            broken: list[str | None] = []
            lines: list[str | None] = []
            for _, row, reason in batch:
                text = ",".join(filter(None, row)) if reason is None else _join(row)
                reason = reason or _unreadable(text)
                cells.append(row if reason is None else empty)
                broken.append(reason)
                lines.append(None if reason is None else printable(_join(row)))
            arrays = [pa.array(column, pa.string()) for column in zip(*cells, strict=True)]
            arrays += [pa.array([row[0] for row in batch], pa.int64())]
            arrays += [pa.array(broken, pa.string()), pa.array(lines, pa.string())]
            writer.write_batch(pa.record_batch(arrays, schema=writer.schema))
            n_rows += len(batch)
    return n_rows


def raw_from_rows(
    con: Backend, rows: Iterable[Row], columns: Sequence[str], file: str, notes: Sequence[str]
) -> RawTable:
    """Return numbered rows of text as a raw table, by way of a scratch file."""
    path = scratch_path(con, ".parquet")
    write_rows(rows, columns, path)
    return RawTable(con.read_parquet(str(path)), tuple(columns), file, notes=tuple(notes))


def _batches(rows: Iterable[Row]) -> Iterator[list[Row]]:
    """Rows in batches bounded in number and in text."""
    batch: list[Row] = []
    n_chars = 0
    for row in rows:
        batch.append(row)
        n_chars += sum(map(len, filter(None, row[1])))
        if len(batch) >= _BATCH_ROWS or n_chars >= _BATCH_CHARS:
            yield batch
            batch, n_chars = [], 0
    if batch:
        yield batch


def _join(cells: Sequence[str | None]) -> str:
    return ",".join(cell or "" for cell in cells)


def _unreadable(text: str) -> str | None:
    """Say why text cannot be a cell, if it cannot."""
    if "\0" in text:
        return "holds a NUL character; remove it"
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            return "holds bytes or half characters that are not text; save the file as UTF-8"
    return None


def printable(text: str) -> str:
    r"""Text with NULs and half characters written out, as \x00 and \udc80."""
    return text.replace("\0", "\\x00").encode("utf-8", "backslashreplace").decode()
