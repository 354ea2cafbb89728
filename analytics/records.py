"""Reports to records: every row of every file accepted, or rejected with its reason.

Files of text are read once, into the engine; tables that are typed already (Parquet, a database, a
frame in hand) stay where they are, and every question is one expression on them.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

import ibis
import ibis.expr.types as ir
import pandas as pd
import pyarrow as pa
from ibis.backends.duckdb import Backend

from analytics.drafts import Part, Tabular, alike, draft_part, is_mark
from analytics.errors import FileError, ParameterError
from analytics.periods import parse_day
from analytics.reading import ROW, connect, file_digest, find_files, is_url
from analytics.rows import any_broken, list_faults, row_rules
from analytics.schema import RECORD

FAR = date(2100, 12, 31)
"""Last plausible day where the day of reading is not given."""

_COMPARED_ROWS = 2_000_000
_FILE = "_file"
_REPEATED = "is the id of an earlier row; give every report an id of its own"
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
    totals : tuple of ibis numbers
        The number of rows of each file, counted before any rule.
    """

    accepted: ir.Table
    faults: ir.Table
    source: str
    notes: tuple[str, ...]
    totals: tuple[ir.IntegerScalar, ...] = field(repr=False)

    @cached_property
    def rejected(self) -> pd.DataFrame:
        """The rejected rows in the order of files and rows, as `analytics.schema.REJECTED`."""
        frame: pd.DataFrame = self.faults.to_pyarrow().to_pandas()
        return frame.sort_values(["file", "row"], kind="stable", ignore_index=True)

    @cached_property
    def n_rows(self) -> int:
        """The number of rows in the files."""
        return sum(_number(total) for total in self.totals)

    @cached_property
    def n_rejected(self) -> int:
        """The number of rejected rows."""
        return _number(self.faults.count())

    def to_pandas(self) -> pd.DataFrame:
        """Return the accepted records as a frame, days as days, whole numbers as whole numbers."""
        table = self.accepted.to_pyarrow()
        types = {pa.int64(): pd.Int64Dtype()}
        frame: pd.DataFrame = table.to_pandas(date_as_object=False, types_mapper=types.get)
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
    A file without ids gets them: name of the file and row number.

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
    for path in _without_copies(paths, notes):
        before = _state(path)
        part = draft_part(
            con, path, source=source, table=table, encoding=encoding, earliest=earliest
        )
        notes += [f"{part.file}: {note}" for note in part.notes]
        if _state(path) != before:
            notes.append(f"{part.file}: changed while it was read; read it again")
        parts.append(part)
    accepted, faults = _divide(con, parts, latest, notes)
    return Records(
        accepted=accepted,
        faults=faults,
        source=", ".join(dict.fromkeys(part.source for part in parts)),
        notes=tuple(notes),
        totals=tuple(part.table.count() for part in parts),
    )


def summarise_records(records: Records) -> dict[str, Any]:
    """Return how many rows were accepted and rejected, and for which reasons, most frequent first.

    Returns
    -------
    dict
        ``rows``, ``accepted``, ``rejected`` (numbers of rows) and ``reasons``, a list of
        ``reason``, ``column``, ``n``.
    """
    reasons = (
        records.rejected.groupby(["reason", "column"], sort=True)
        .size()
        .rename("n")
        .reset_index()
        .sort_values(["n", "reason", "column"], ascending=[False, True, True])
    )
    n_rejected = len(records.rejected)
    return {
        "rows": records.n_rows,
        "accepted": _number(records.accepted.count()),
        "rejected": n_rejected,
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
        with open(path, "w", encoding="utf-8-sig", newline="") as target:
            writer = csv.writer(target)
            writer.writerow(records.rejected.columns)
            for row in records.rejected.itertuples(index=False):
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
    found = os.stat(path)
    return found.st_size, found.st_mtime_ns


def _divide(
    con: Backend, parts: list[Part], latest: date, notes: list[str]
) -> tuple[ir.Table, ir.Table]:
    """Accepted records and rejected rows of all files."""
    checked, faults = [], []
    for number, part in enumerate(alike(parts) if len(parts) > 1 else parts):
        table = part.table
        if ROW not in table.columns:
            table = table.mutate(**{ROW: ibis.row_number() + 1})
        rules = row_rules(table, earliest=part.earliest, latest=latest)
        faults.append(list_faults(table, rules, part.file))
        checked.append(table.filter(~any_broken(rules)).mutate(**{_FILE: ibis.literal(number)}))
    kept = [table.drop(*[c for c in table.columns if is_mark(c) and c != ROW]) for table in checked]
    accepted = _union(kept)
    if all(part.is_held for part in parts) or _is_small(parts):
        repeats = _repeats(con, accepted, [part.source for part in parts])
        if repeats is not None:
            accepted = accepted.anti_join(repeats, [_FILE, ROW])
            file = repeats[_FILE].cases(
                *((number, part.file) for number, part in enumerate(parts)), else_=""
            )
            faults.append(
                repeats.select(
                    file=file,
                    row=repeats[ROW],
                    column=ibis.literal("report_id"),
                    value=repeats.report_id.cast("string"),
                    reason=ibis.literal(_REPEATED),
                )
            )
            _tell_copies(con, parts, repeats, notes)
    else:
        notes.append("the report_ids of so many rows in place were not compared with each other")
    accepted, rejected = accepted.drop(ROW, _FILE), _union(faults)
    if all(part.is_held for part in parts):
        return _named(con, "accepted", accepted), _named(con, "rejected", rejected)
    return accepted, rejected


def _named(con: Backend, what: str, table: ir.Table) -> ir.Table:
    """The same table as a view of the engine, so that each later question is short."""
    view: ir.Table = con.create_view(f"{what}_{os.urandom(8).hex()}", table)
    return view


def _is_small(parts: list[Part]) -> bool:
    """Whether counting the rows in place is cheap, and there are few of them."""
    is_cheap = all(part.is_held or part.is_parquet for part in parts)
    return is_cheap and sum(_number(p.table.count()) for p in parts) <= _COMPARED_ROWS


def _repeats(con: Backend, accepted: ir.Table, sources: Sequence[str]) -> ir.Table | None:
    """File, row and id of accepted rows whose id an earlier row of that source has."""
    numbers = {source: number for number, source in enumerate(sources)}
    which = [(number, numbers[source]) for number, source in enumerate(sources)]
    ids = accepted.select(_FILE, ROW, "report_id")
    ids = ids.mutate(_source=ids[_FILE].cases(*which, else_=0))
    # Numbers in place of texts: half the memory; a clash costs a second look, never a record.
    ids = ids.mutate(_hash=ids.report_id.cast("string").hash())
    twice = ids.group_by("_source", "_hash").having(ids.count() > 1).aggregate()
    suspects = ids.semi_join(twice, ["_source", "_hash"])
    order = ibis.window(group_by=["_source", "report_id"], order_by=[_FILE, ROW])
    ranked = suspects.mutate(_rank=ibis.row_number().over(order))
    repeats = ranked.filter(ranked["_rank"] > 0).select(_FILE, ROW, "report_id")
    held = con.create_table(f"repeats_{os.urandom(8).hex()}", repeats, temp=True)
    return held if _number(held.count()) else None


def _tell_copies(con: Backend, parts: list[Part], repeats: ir.Table, notes: list[str]) -> None:
    """Say which files repeat other files: an overlap is a slip of handling, not of one row."""
    counts = repeats.group_by(_FILE).aggregate(n=repeats.count()).order_by(_FILE).to_pyarrow()
    for row in counts.to_pylist():
        file = parts[row[_FILE]].file
        notes.append(f"{file}: {row['n']} rows have the report_id of an earlier row; rejected")


def _union(tables: Sequence[ir.Table]) -> ir.Table:
    """One table of several, joined in halves: a thousand files do not nest a thousand deep."""
    if len(tables) == 1:
        return tables[0]
    half = len(tables) // 2
    return _union(tables[:half]).union(_union(tables[half:]))


def _number(value: ir.IntegerScalar) -> int:
    return int(value.to_pyarrow().as_py())
