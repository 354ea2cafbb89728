"""Tables of databases: SQLite and DuckDB files, and servers by URL."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Sequence
from pathlib import Path

import duckdb
import ibis
from ibis.backends.duckdb import Backend

from analytics.errors import FileError, TableError
from analytics.reading.containers import cell_text
from analytics.reading.rawtable import RawTable, check_columns, raw_from_rows


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
        rows = ((n, [cell_text(cell) for cell in row], None) for n, row in enumerate(cursor, 1))
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
        No such table, several and none named, or one that may not be read.
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
        names = source.list_tables()
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
    name = choose_table(names, table, shown)
    try:
        remote = source.table(name)
        remote.limit(1).to_pyarrow()  # a table may be listed and yet not be readable
    except Exception as error:  # as above
        raise TableError(
            f"table {name!r} of {shown}",
            f"cannot be read ({type(error).__name__})",
            "Ask for the right to SELECT from it, or export it to a file",
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
