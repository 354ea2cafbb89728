"""A file of any format as a table of text (or of its own types, where it has them).

The format is told from the bytes; the name decides only between kinds of text. Cells are never
interpreted: a formula, HTML or SQL is the text that it is.
"""

from __future__ import annotations

import glob
import hashlib
import os
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from ibis.backends.duckdb import Backend

from analytics.errors import FileError
from analytics.reading.containers import (
    bring_over,
    read_frame,
    read_parquet,
    read_workbook,
)
from analytics.reading.databases import read_database, read_duckdb, read_sqlite
from analytics.reading.delimited import read_delimited
from analytics.reading.encoding import decode, unpack
from analytics.reading.nested import read_json
from analytics.reading.rawtable import (
    BROKEN,
    LINE,
    ROW,
    Bounds,
    RawTable,
    connect,
    engine_progress,
    scratch_path,
)

__all__ = [
    "BROKEN",
    "LINE",
    "ROW",
    "Bounds",
    "RawTable",
    "bring_over",
    "connect",
    "engine_progress",
    "file_digest",
    "find_files",
    "is_url",
    "read_file",
    "read_frame",
    "scratch_path",
]

_JSON_NAMES = (".json", ".jsonl", ".ndjson", ".geojson")
_TEXT_NAMES = (".csv", ".tsv", ".txt", ".tab", ".psv", ".dsv")
_FILE_SCHEMES = ("sqlite", "duckdb", "file")
"""URLs that name a file, which is read as such: an engine would make one that is not there."""
_FORMATS = "Give CSV, JSON, Parquet, Excel or SQLite"


def find_files(paths: Iterable[str | os.PathLike[str]]) -> list[str]:
    """Return the files that paths and globs stand for, in order; a database URL stands for itself.

    A name that exists is that file, whatever characters are in it.

    Raises
    ------
    FileError
        Nothing there, a directory, or a file that may not be read.
    """
    found: list[str] = []
    for path in [os.fspath(path) for path in paths]:
        if is_url(path):
            found.append(path)
            continue
        if "\0" in path:
            raise FileError(repr(path), "is not the name of a file", "Check the name")
        matches = [path]
        if not os.path.exists(path) and glob.has_magic(path):
            matches = sorted(p for p in glob.glob(path, recursive=True) if os.path.isfile(p))
            if not matches:
                raise FileError(path, "matches no file", "Check the folder and the pattern")
        for match in matches:
            _check_readable(match)
        found.extend(matches)
    return found


def is_url(path: str) -> bool:
    """Return whether a path is the URL of a database.

    Examples
    --------
    >>> is_url("postgresql://host/attacks"), is_url("data/attacks.csv")
    (True, False)
    """
    return "://" in path


def file_digest(path: str) -> str:
    """Return the SHA-256 of a file, to tell the same bytes given twice."""
    with open(path, "rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


def read_file(
    con: Backend,
    path: str,
    *,
    table: str | None = None,
    encoding: str | None = None,
    careful: bool = False,
) -> RawTable:
    """Return a file, or a table of a database, as a raw table.

    Parameters
    ----------
    con : ibis DuckDB backend
        The engine, from `connect`.
    path : str
        A file from `find_files`, or a database URL.
    table : str, optional
        Which sheet of a workbook or table of a database.
    encoding : str, optional
        Encoding of a text file; found out where not given.
    careful : bool
        Mark the rows of a delimited file that are not rows, instead of failing on them.

    Raises
    ------
    FileError
        Empty, binary, damaged, cut off, or not in the encoding given.
    TableError
        A file that is no table, or has a column twice.
    """
    if is_url(path):
        scheme, path = path.split("://", 1)
        if scheme not in _FILE_SCHEMES:
            return read_database(con, f"{scheme}://{path}", table)
        _check_readable(path)
    file = os.path.basename(path)
    original = Path(path)
    if original.stat().st_size == 0:
        raise FileError(file, "is empty", "Give a file with a header and rows")
    plain, name, notes = unpack(con, original, file)
    with plain.open("rb") as source:
        head = source.read(4096)
    if not head.strip():
        raise FileError(file, "is empty", "Give a file with a header and rows")
    # The engine reads stars and brackets in a path as a pattern.
    if glob.has_magic(str(plain)):
        link = scratch_path(con, plain.suffix)
        link.symlink_to(plain.absolute())
        plain = link
    raw = _read_bytes(con, plain, file, name.lower(), head, table, encoding, careful)
    return replace(raw, notes=(*notes, *raw.notes))


def _read_bytes(
    con: Backend,
    path: Path,
    file: str,
    name: str,
    head: bytes,
    table: str | None,
    encoding: str | None,
    careful: bool,
) -> RawTable:
    """Tell the format from the first bytes, and read it."""
    if head.startswith(b"PAR1"):
        return read_parquet(con, path, file)
    if head.startswith(b"SQLite format 3\0"):
        return read_sqlite(con, path, file, table)
    if head[8:12] == b"DUCK":
        return read_duckdb(con, path, file, table)
    if head.startswith((b"\xd0\xcf\x11\xe0", b"PK")):
        return read_workbook(con, path, file, table)
    text = decode(con, path, file, encoding)
    with text.path.open(encoding="utf-8-sig", errors="surrogateescape") as lines:
        start = lines.read(4096).lstrip()[:1]
    if name.endswith(_JSON_NAMES) or (start in ("{", "[") and not name.endswith(_TEXT_NAMES)):
        return read_json(con, text)
    return read_delimited(con, text, careful=careful)


def _check_readable(path: str) -> None:
    if not os.path.exists(path):
        raise FileError(path, "is not there", "Check the name and the folder")
    if os.path.isdir(path):
        raise FileError(
            path, "is a directory", f"Name the files in it, as {path.rstrip('/')}/*.csv"
        )
    if not os.path.isfile(path):
        raise FileError(path, "is not a file", _FORMATS)
    if not os.access(path, os.R_OK):
        raise FileError(path, "may not be read", "Ask for permission to read it")
