"""All files together: which rows are accepted, which are rejected, and by which rule."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir
from ibis.backends.duckdb import Backend

from analytics.drafts import Part, alike, count_rows
from analytics.reading import ROW
from analytics.rows import keep_sound, list_faults, row_rules
from analytics.sources.mapping import is_mark

REPEATED = "is the id of an earlier row; give every report an id of its own"
_COMPARED_ROWS = 2_000_000
_FILE = "_file"


@ibis.udf.scalar.builtin(name="hash", signature=((dt.string,), dt.uint64))
def _hash(text):  # type: ignore[no-untyped-def]
    """Return DuckDB's hash as it is: to make a signed number of it takes as long again."""


@dataclass(frozen=True)
class Division:
    """The rows of some files, divided.

    Parameters
    ----------
    accepted : ibis Table
        One row is a record: record columns, then the files' own.
    in_order : ibis Table
        The same, in the order of files and rows, which costs a sort.
    rejected : ibis Table
        One row is a rejected row: `analytics.schema.REJECTED`.
    notes : tuple of str
        Files that repeat the ids of others; whether ids were compared at all.
    """

    accepted: ir.Table
    in_order: ir.Table
    rejected: ir.Table
    notes: tuple[str, ...]


def divide_rows(con: Backend, parts: Sequence[Part], *, latest: date) -> Division:
    """Return the accepted rows, and the rejected rows with the first rule that each breaks.

    Notes
    -----
    A ``report_id`` that an earlier accepted row of the same source has is the last rule. It is the
    one rule that needs all rows at once; for more than two million rows that are left in place it
    is not applied, and a note says so.
    """
    notes: list[str] = []
    kept, rejected = [], []
    for number, part in enumerate(alike(parts) if len(parts) > 1 else parts):
        table = part.table
        if ROW not in table.columns:
            table = table.mutate(**{ROW: ibis.row_number() + 1})
        rules = row_rules(table, earliest=part.earliest, latest=latest, bounds=part.bounds)
        rejected.append(list_faults(table, rules, part.file))
        marks = [column for column in table.columns if is_mark(column) and column != ROW]
        sound = keep_sound(table, rules).drop(*marks)
        kept.append(sound.mutate(**{_FILE: ibis.literal(number, "int32")}))
    accepted = _union(kept)
    is_held = all(part.is_held for part in parts)
    if is_held or _is_small(parts):
        repeats = _find_repeats(con, accepted, [part.source for part in parts])
        if repeats is not None:
            accepted = accepted.anti_join(repeats, [_FILE, ROW])
            rejected.append(_list_repeats(repeats, parts))
            notes += _tell_repeats(repeats, parts)
        notes += _tell_equals(accepted, parts)
    else:
        notes.append("the report_ids were not compared: there are too many rows in place")
    faults = _union(rejected)
    if is_held:
        # Named, so that each later question is a short expression.
        accepted = con.create_view(f"accepted_{os.urandom(8).hex()}", accepted)
        faults = con.create_view(f"rejected_{os.urandom(8).hex()}", faults)
    in_order = accepted.order_by(_FILE, ROW).drop(ROW, _FILE)
    return Division(accepted.drop(ROW, _FILE), in_order, faults, tuple(notes))


def _is_small(parts: Sequence[Part]) -> bool:
    """Whether it is known that there are few rows."""
    counts = [part.n_rows for part in parts if part.n_rows is not None]
    return len(counts) == len(parts) and sum(counts) <= _COMPARED_ROWS


def _find_repeats(con: Backend, accepted: ir.Table, sources: Sequence[str]) -> ir.Table | None:
    """File, row and id of the rows whose id an earlier row of that source has, held here."""
    first = {source: number for number, source in reversed(list(enumerate(sources)))}
    which = [(number, first[source]) for number, source in enumerate(sources)]
    ids = accepted.select(_FILE, ROW, report_id=accepted.report_id.cast("string"))
    # Numbers in place of texts: half the memory; a clash costs a second look, never a record.
    ids = ids.mutate(_source=ids[_FILE].cases(*which, else_=0), _hash=_hash(ids.report_id))
    if len(first) == 1:
        # Whether there are any takes half the time of which they are.
        counts = ids.aggregate(n=ids.count(), distinct=ids["_hash"].nunique()).to_pyarrow()
        if counts["n"] == counts["distinct"]:
            return None
    twice = ids.group_by("_source", "_hash").having(ids.count() > 1).aggregate(n=ids.count())
    suspects = ids.semi_join(twice, ["_source", "_hash"])
    order = ibis.window(group_by=["_source", "report_id"], order_by=[_FILE, ROW])
    ranked = suspects.mutate(_rank=ibis.row_number().over(order))
    repeats = ranked.filter(ranked["_rank"] > 0).select(_FILE, ROW, "report_id")
    held: ir.Table = con.create_table(f"repeats_{os.urandom(8).hex()}", repeats, temp=True)
    return held if count_rows(held) else None


def _list_repeats(repeats: ir.Table, parts: Sequence[Part]) -> ir.Table:
    """Repeats as rejected rows."""
    files = [(number, part.file) for number, part in enumerate(parts)]
    return repeats.select(
        file=repeats[_FILE].cases(*files, else_=""),
        row=repeats[ROW],
        column=ibis.literal("report_id"),
        value=repeats.report_id,
        reason=ibis.literal(REPEATED),
    )


def _tell_repeats(repeats: ir.Table, parts: Sequence[Part]) -> list[str]:
    """How many rows of each file are repeats: an overlap of files is a slip of handling."""
    counts = repeats.group_by(_FILE).aggregate(n=repeats.count()).order_by(_FILE).to_pyarrow()
    return [
        f"{parts[row[_FILE]].file}: {row['n']} rows have the report_id of an earlier row"
        for row in counts.to_pylist()
    ]


def _tell_equals(accepted: ir.Table, parts: Sequence[Part]) -> list[str]:
    """How many rows of files without ids are equal to rows of an earlier one: they are counted."""
    bare = [number for number, part in enumerate(parts) if not part.has_ids]
    if len(bare) < 2:
        return []
    rows = accepted.filter(accepted[_FILE].isin(bare))
    cells = {c: rows[c].cast("string") for c in rows.columns if c not in (ROW, _FILE, "report_id")}
    rows = rows.select(_FILE, _hash=ibis.struct(cells).hash())
    first = rows.group_by("_hash").aggregate(_first=rows[_FILE].min())
    rows = rows.join(first, "_hash").filter(lambda row: row[_FILE] > row["_first"])
    counts = rows.group_by(_FILE, "_first").aggregate(n=rows.count()).order_by(_FILE, "_first")
    return [
        f"{parts[row[_FILE]].file}: {row['n']} rows without an id are equal to rows of "
        f"{parts[row['_first']].file}; they are counted again: give ids, or leave out one file"
        for row in counts.to_pyarrow().to_pylist()
    ]


def _union(tables: Sequence[ir.Table]) -> ir.Table:
    """One table of several, joined in halves: a thousand files do not nest a thousand deep."""
    if len(tables) == 1:
        return tables[0]
    half = len(tables) // 2
    return _union(tables[:half]).union(_union(tables[half:]))
