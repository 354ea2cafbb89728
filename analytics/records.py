"""Reports to records: every row of every file accepted, or rejected with its reason.

Files of text are read once, into the engine; tables that are typed already (Parquet, a database, a
frame in hand) stay where they are, and every question is one expression on them.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from tempfile import TemporaryDirectory
from typing import Any

import ibis
import ibis.expr.types as ir
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from analytics.division import divide_rows
from analytics.drafts import Part, Tabular, count_rows, draft_part
from analytics.errors import FileError, ParameterError
from analytics.periods import parse_day
from analytics.reading import connect, file_digest, find_files, is_url
from analytics.schema import RECORD

FAR = date(2100, 12, 31)
"""Last plausible day where the day of reading is not given."""

_KIND = {column.name: column.kind for column in RECORD}
Path = str | os.PathLike[str]


@dataclass(frozen=True)
class Records:
    """Every row of some files, accepted or rejected.

    Parameters
    ----------
    accepted : ibis Table
        One row is a record: the columns of `analytics.schema.RECORD` that the files have, and the
        files' other columns.
    faults : ibis Table
        One row is a rejected row: the columns of `analytics.schema.REJECTED`.
    source : str
        Name of the source, or of each.
    notes : tuple of str
        What was noticed while reading.
    in_order : ibis Table
        The accepted records in the order of files and rows.
    totals : tuple of ibis numbers
        The number of rows of each file, counted before any rule.
    states : tuple of path and state
        What each file was when it was opened.
    """

    accepted: ir.Table
    faults: ir.Table
    source: str
    notes: tuple[str, ...]
    in_order: ir.Table = field(repr=False)
    totals: tuple[ir.IntegerScalar, ...] = field(repr=False)
    states: tuple[tuple[Tabular, tuple[int, int] | None], ...] = field(default=(), repr=False)

    def tell_changes(self) -> tuple[str, ...]:
        """Say which files have changed since they were opened: a count of them is of no one state.

        A Parquet file stays where it is, and is read at each question.
        """
        return tuple(
            f"{os.path.basename(str(path))}: changed while it was read; read it again"
            for path, state in self.states
            if _state(path) != state
        )

    @cached_property
    def rejected(self) -> pd.DataFrame:
        """The rejected rows in the order of files and rows, as `analytics.schema.REJECTED`."""
        frame: pd.DataFrame = self.faults.to_pyarrow().to_pandas()
        return frame.sort_values(["file", "row"], kind="stable", ignore_index=True)

    @cached_property
    def n_rows(self) -> int:
        """The number of rows in the files."""
        return sum(int(total.to_pyarrow().as_py()) for total in self.totals)

    @cached_property
    def n_rejected(self) -> int:
        """The number of rejected rows."""
        return count_rows(self.faults)

    @cached_property
    def table(self) -> pa.Table:
        """The accepted records in the order of files and rows, in memory."""
        return self.in_order.to_pyarrow()

    def to_pandas(self) -> pd.DataFrame:
        """Return the accepted records as a frame, days as days, whole numbers as whole numbers."""
        types = {pa.int64(): pd.Int64Dtype()}
        frame: pd.DataFrame = self.table.to_pandas(date_as_object=False, types_mapper=types.get)
        days = [column for column in frame.columns if _KIND.get(column) == "day"]
        return frame.astype(dict.fromkeys(days, "datetime64[us]"))


def load_records(
    *paths: Path | pd.DataFrame | ir.Table,
    source: str | None = None,
    table: str | None = None,
    encoding: str | None = None,
    earliest: str | date | None = None,
    as_of: str | date | None = None,
) -> Records:
    """Return the records of some files: every row accepted, or rejected with its reason.

    Parameters
    ----------
    *paths : str, path, DataFrame or ibis Table
        Files, globs, database URLs; or a table already in hand.
    source : str, optional
        Name of a source, or the path of a YAML mapping; recognised by the header where not given.
    table : str, optional
        Which sheet of a workbook, or table of a database.
    encoding : str, optional
        Encoding of text files; found out, and said, where not given.
    earliest : day, optional
        First plausible day; the source's own where not given.
    as_of : day, optional
        The day of reading; a record of a later day is rejected.

    Returns
    -------
    Records
        ``n_rows`` is always the number of accepted and of rejected rows together.

    Raises
    ------
    FileError
        A file is missing, a directory, empty, binary, damaged or wrongly encoded.
    TableError
        A file is no table, of no known source, or has a column twice.
    ParameterError
        No file is given, or a source or encoding is not known.

    Notes
    -----
    *Text.* Every cell is read as text first; what is not a day, a number or a place after all is
    the reason of a rejection, never an empty cell. Rules: `analytics.rows.row_rules`.

    *Same report twice.* Of rows of one source with the same ``report_id``, the first is accepted.
    A file without ids gets them: name of the file and row number. Rows of two such files that are
    equal are accepted, and a note says how many they are.

    *Typed tables* in the columns of a record are not copied; the ids of more than two million such
    rows are not compared, and a note says so.

    Examples
    --------
    >>> frame = pd.DataFrame({"report_id": ["a", "b"], "date_start": ["2017-10-16", "16 Oct"],
    ...                       "governorate": ["Kirkuk", "Kirkuk"]})
    >>> records = load_records(frame)
    >>> records.n_rows, records.to_pandas()["governorate"].tolist()
    (2, ['IQ-KI'])
    >>> records.rejected[["row", "column", "value"]].values.tolist()
    [[2, 'date_start', '16 Oct']]
    """
    if not paths:
        raise ParameterError("no file", "was given", "Name at least one file of records")
    latest = parse_day(as_of, "as-of").date() if as_of is not None else FAR
    con = connect()
    notes: list[str] = []
    parts: list[Part] = []
    states: list[tuple[Tabular, tuple[int, int] | None]] = []
    files = _without_copies(paths, notes)
    for path in files:
        states.append((path, _state(path)))
        part = draft_part(
            con,
            path,
            source=source,
            table=table,
            encoding=encoding,
            earliest=earliest,
            is_alone=len(files) == 1,
            before=[part.file for part in parts],
        )
        notes += [f"{part.file}: {note}" for note in part.notes]
        parts.append(part)
    division = divide_rows(con, parts, latest=latest)
    records = Records(
        accepted=division.accepted,
        faults=division.rejected,
        source=", ".join(dict.fromkeys(part.source for part in parts)),
        notes=(*notes, *division.notes),
        in_order=division.in_order,
        totals=tuple(part.total for part in parts),
        states=tuple(states),
    )
    return replace(records, notes=(*records.notes, *records.tell_changes()))


def summarise_records(records: Records) -> dict[str, Any]:
    """Return how many rows were accepted and rejected, and for which reasons, most frequent first.

    Returns
    -------
    dict
        ``rows``, ``accepted``, ``rejected`` (numbers of rows) and ``reasons``, a list of
        ``reason``, ``column``, ``n``.
    """
    faults = records.faults
    # A reason that says its value would be another reason for every value.
    is_quoting = faults.reason.left(1).isin(["'", '"']) | faults.reason.startswith(faults.value)
    cells = faults.select("reason", "column", value=ibis.ifelse(is_quoting, faults.value, ""))
    found = cells.group_by(cells.columns).aggregate(n=cells.count()).to_pyarrow().to_pandas()
    plain = [
        reason.removeprefix(f"{value!r} ").removeprefix(f"{value} ")
        for reason, value in zip(found["reason"], found["value"], strict=True)
    ]
    sums = found.assign(reason=plain).groupby(["reason", "column"])["n"].sum().reset_index()
    reasons = sums.sort_values(["n", "reason", "column"], ascending=[False, True, True])
    return {
        "rows": records.n_rows,
        "accepted": count_rows(records.accepted),
        "rejected": int(found["n"].sum()),
        "reasons": reasons.to_dict("records"),
    }


def write_rejected(records: Records, path: Path) -> None:
    """Write the rejected rows to a CSV file that a spreadsheet can open safely.

    A value that a spreadsheet would run as a formula (it starts with ``= + - @``, a tab or a line
    end) is written with an apostrophe before it; nothing else is changed. UTF-8 with a byte order
    mark, by which Excel knows the letters.

    Raises
    ------
    FileError
        The file cannot be written.
    """
    try:
        with TemporaryDirectory() as folder, open(path, "w", encoding="utf-8-sig", newline="") as f:
            # By way of a file, and batch by batch: there may be more of them than memory holds.
            held = os.path.join(folder, "rejected.parquet")
            records.faults.order_by("file", "row").to_parquet(held)
            writer = csv.writer(f)
            writer.writerow(records.faults.columns)
            for batch in pq.ParquetFile(held).iter_batches():
                for row in zip(*batch.to_pydict().values(), strict=True):
                    writer.writerow([_defused(cell) for cell in row])
    except OSError as error:
        raise FileError(
            os.fspath(path), f"cannot be written ({error.strerror})", "Choose another place"
        ) from None


def _defused(cell: object) -> object:
    is_formula = isinstance(cell, str) and cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
    return f"'{cell}" if is_formula else cell


def _without_copies(
    paths: Sequence[Path | pd.DataFrame | ir.Table], notes: list[str]
) -> list[Tabular]:
    """The tables to read: globs spread out, a file that is there twice read once."""
    kept: list[Tabular] = []
    by_size: dict[int, list[str]] = {}
    for path in paths:
        if isinstance(path, pd.DataFrame | ir.Table):
            kept.append(path)
            continue
        for file in find_files([path]):
            if not is_url(file):
                alike = by_size.setdefault(os.path.getsize(file), [])
                twin = next((other for other in alike if _is_same(file, other)), None)
                if twin is not None:
                    notes.append(f"{file}: the same bytes as {twin}; read once")
                    continue
                alike.append(file)
            kept.append(file)
    return kept


def _is_same(file: str, other: str) -> bool:
    return os.path.samefile(file, other) or file_digest(file) == file_digest(other)


def _state(path: Tabular) -> tuple[int, int] | None:
    """What changes when a file is written."""
    if not isinstance(path, str) or is_url(path):
        return None
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns
