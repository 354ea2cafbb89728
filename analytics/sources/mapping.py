"""A raw table under a source's mapping: records in draft, as far as the engine alone can read them.

What the engine cannot read (a date in words, "three" killed) stays beside its empty cell as text,
in a column ``_text_...``, for `resolution` to read or for the row checks to reject.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from string import whitespace

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir
from ibis.backends.duckdb import Backend

from analytics.errors import TableError
from analytics.reading import BROKEN, LINE, ROW, RawTable
from analytics.schema import RECORD, names
from analytics.sources import Source, fold_name

TEXT, WHY = "_text_", "_why_"
"""Prefixes of the columns that hold a text still to be read, and say why it could not be."""
IS_END_GIVEN = "_is_end_given"
"""Whether the file states the last day, or it follows from the first."""
PRECISION, WORDS, COUNTRY, PARTIES = "_precision", "_date_words", "_country", "_parties"
_OWN = (ROW, BROKEN, LINE, PRECISION, WORDS, COUNTRY, PARTIES, IS_END_GIVEN)

MANY = 1_000_000
"""More persons, or incidents, than any row can mean: a larger number is a slip or a date."""

_KIND = {column.name: column.kind for column in RECORD}
_RESOLVED = ("governorate", "district", "perpetrator")
_CELL, _CAST = "_cell_", "_cast_"
_PARSED = ("day", "integer", "number")
_NO_TEXT = ibis.null("string")
BAR = "\x1f"
"""Parts the texts of a key: a character that no cell has."""
Find = Callable[..., ir.StringValue | None]


@ibis.udf.scalar.builtin(name="try_strptime", signature=((dt.string, dt.string), dt.timestamp))
def _try_strptime(text, form):  # type: ignore[no-untyped-def]
    """Return the moment that text names in a form, or null."""


_UNKNOWN_WORDS = (
    "",
    *["na", "n/a", "n.a.", "null", "none", "nan", "nat", "-", "--", "?", "unknown"],
    "not stated",
    "غير معروف",
)


def is_unknown(text: str) -> bool:
    """Return whether a text is a word for unknown, or nothing."""
    return text.strip().lower() in _UNKNOWN_WORDS


def is_mark(column: str) -> bool:
    """Return whether a column of a draft is a mark of ours, not a record's or the file's."""
    return column in _OWN or column.startswith((TEXT, WHY))


def draft_records(con: Backend, raw: RawTable, source: Source) -> ir.Table:
    """Return a raw table's rows as records in draft.

    Returns
    -------
    ibis Table
        One row is a row of the file: the columns of `analytics.schema.RECORD` that the source has,
        typed; the file's other columns as they are; ``_text_COLUMN``, a cell that was given but
    XX

    Raises
    ------
    TableError
        None of the columns that the source names for the date is there.
    """
    there = {fold_name(column): column for column in raw.columns}

    def find(wanted: Sequence[str], *, is_parsed: bool = False) -> ir.StringValue | None:
        found = [raw.table[there[fold_name(c)]] for c in wanted if fold_name(c) in there]
        if is_parsed and len(found) == 1 and not source.unknown:
            # The engine's casts look past blanks, so that trimming can wait for what they refuse.
            return _text(found[0])
        cells = [trim_cell(column, source.unknown) for column in found]
        return ibis.coalesce(*cells) if len(cells) > 1 else next(iter(cells), None)

    given = _given_cells(find, source)
    if "date_start" not in given:
        wanted = ", ".join(_listed(source.dates.get("start") or source.dates.get("year")))
        raise TableError(raw.file, f"has no column {wanted} for the date", "Name it, or the source")
    extras = _extras(raw, source, find, given)
    marks = _marks(raw, source, find)
    # A view of its own: an expression used five times further on is then written out once.
    casts = {_CAST + c: _cast(c, cell) for c, cell in given.items() if _KIND[c] in _PARSED}
    cells = con.create_view(
        f"cells_{os.urandom(8).hex()}",
        raw.table.select(
            **{_CELL + c: cell for c, cell in given.items()}, **casts, **extras, **marks
        ),
    )
    typed = {column: _read(column, cells, source) for column in given}
    typed |= {
        column: ibis.literal(int(value) if _KIND[column] == "integer" else value)
        for column, value in source.constants.items()
    }
    unread = {
        TEXT + column: _unread(cells[_CELL + column], typed[column])
        for column in given
        if _KIND[column] in _PARSED
    }
    return cells.select(
        **{column: typed[column] for column in names(RECORD) if column in typed},
        **{column: cells[column] for column in (*extras, *marks)},
        **unread,
    )


def _given_cells(find: Find, source: Source) -> dict[str, ir.StringValue]:
    """The cell of every record column that the file has, as text, recoded."""
    dates = source.dates
    given: dict[str, ir.StringValue | None] = {
        "date_start": find(_listed(dates.get("start")), is_parsed=True),
        "date_end": find(_listed(dates.get("end")), is_parsed=True),
    }
    if "year" in dates:
        given["date_start"] = _joined_date(find, dates)
    for column, wanted in source.columns.items():
        cell = find(wanted, is_parsed=_KIND[column] in _PARSED)
        if cell is not None and column in source.recode:
            pairs = [(str(old).casefold(), new) for old, new in source.recode[column].items()]
            cell = _code(cell).cases(*pairs, else_=cell)
        given[column] = cell
    for column, allowed in source.perpetrator.get("only_where", {}).items():
        condition, name = find((column,)), given.get("perpetrator")
        if condition is not None and name is not None:
            is_named = _code(condition).isin([str(value).casefold() for value in allowed])
            given["perpetrator"] = ibis.ifelse(is_named, name, _NO_TEXT)
    return {column: cell for column, cell in given.items() if cell is not None}


def trim_cell(column: ir.Column, unknown: Sequence[str] = ()) -> ir.StringValue:
    """Return a cell as trimmed text, empty where it is blank or the source's sign for unknown."""
    text = _text(column)
    # Few cells need it, and trimming costs more than all else: look at both ends first.
    is_loose = ibis.or_(text < "!", *(text.endswith(blank) for blank in whitespace))
    cell = ibis.ifelse(is_loose, text.strip().nullif(""), text)
    return ibis.ifelse(_code(cell).isin(unknown), _NO_TEXT, cell) if unknown else cell


def _text(column: ir.Column) -> ir.StringValue:
    """A cell as text; whole numbers that a table keeps as fractions, without their point."""
    if not column.type().is_floating():
        return column.cast("string")
    is_whole = (column % 1 == 0) & (column.abs() < 1e15)
    text = ibis.ifelse(is_whole, column.cast("int64").cast("string"), column.cast("string"))
    return ibis.ifelse(column.isnan(), _NO_TEXT, text)


def _code(cell: ir.StringValue) -> ir.StringValue:
    """A code in lower case, without the point that "2.0" has where it was once a number."""
    return cell.lower().re_replace(r"\.0+$", "")


def _cast(column: str, cell: ir.StringValue) -> ir.Value:
    """A cell as the engine reads it: a day, or a number."""
    if _KIND[column] != "day":
        return cell.try_cast("float64")
    # "epoch" and "infinity" are days to the engine.
    return ibis.ifelse(cell < ":", cell.try_cast("date"), ibis.null("date"))


def _read(column: str, cells: ir.Table, source: Source) -> ir.Value:
    """A cell as a value of its column's kind; empty where it cannot be."""
    cell, kind = cells[_CELL + column], _KIND[column]
    if kind not in _PARSED:
        return cell.lower() if column == "casualties_of" else cell
    cast = cells[_CAST + column]
    if kind == "day":
        forms = source.dates.get("formats", [])
        # Years like 22 are another form's.
        days = [cast, *(_try_strptime(cell, form).cast("date") for form in forms)]
        first, last = ibis.date(1000, 1, 1), ibis.date(2999, 12, 31)
        return ibis.coalesce(
            *(ibis.ifelse(day.between(first, last), day, ibis.null("date")) for day in days)
        )
    if kind == "integer":
        # 3.0 is whole, 2.5 is not.
        is_whole = (cast % 1 == 0) & cast.between(-MANY, MANY)
        return ibis.ifelse(is_whole, cast.cast("int64"), ibis.null("int64"))
    return ibis.ifelse(cast.isnan(), ibis.null("float64"), cast)


def _unread(cell: ir.StringValue, typed: ir.Value) -> ir.StringValue:
    """A cell that has not been read: words for unknown are still among them."""
    return ibis.ifelse(typed.isnull() & cell.notnull(), cell.strip(), _NO_TEXT)


def _joined_date(find: Find, dates: Mapping[str, str]) -> ir.StringValue | None:
    """Year, month and day as one ISO text; a month or day of 0 becomes 1 (see `_marks`)."""
    year, month, day = (find(_listed(dates.get(part))) for part in ("year", "month", "day"))
    if year is None:
        return None
    first = ibis.literal("1")
    month = first if month is None else _code(month).nullif("0").fill_null("1")
    day = first if day is None else _code(day).nullif("0").fill_null("1")
    return _code(year) + "-" + month + "-" + day


def _extras(
    raw: RawTable, source: Source, find: Find, typed: Mapping[str, ir.Value]
) -> dict[str, ir.Value]:
    """The file's other columns, and those whose text the record's own column does not keep."""
    there = {fold_name(column): column for column in raw.columns}
    taken = {name.casefold() for name in typed}
    for column, wanted in source.columns.items():
        found = [fold_name(c) for c in wanted if fold_name(c) in there]
        changed = (*source.recode, *source.rounded, *_RESOLVED)
        is_kept = column not in changed and _KIND[column] != "day"
        taken |= {there[c].casefold() for c in found} if is_kept and len(found) == 1 else set()
    extras = {column: raw.table[column] for column in raw.columns if column.casefold() not in taken}
    for column, origin in source.extras.items():
        cell = find((origin,))
        if cell is not None and fold_name(column) not in there:
            extras[column] = cell
    return extras


def _marks(raw: RawTable, source: Source, find: Find) -> dict[str, ir.Value]:
    """What goes along with a draft: row number, broken rows, precision of the date, country."""
    marks: dict[str, ir.Value] = {
        column: raw.table[column] for column in (ROW, BROKEN, LINE) if column in raw.table.columns
    }
    dates = source.dates
    if "precision" in dates:
        code = find(_listed(dates["precision"]["column"]))
        pairs = [(str(key), value) for key, value in dates["precision"]["codes"].items()]
        if code is not None and pairs:
            marks[PRECISION] = _code(code).cases(*pairs, else_=code)
    elif "year" in dates:
        month, day = (find(_listed(dates.get(part))) for part in ("month", "day"))
        no_month, no_day = (
            ibis.literal(True) if part is None else _code(part.fill_null("0")) == "0"
            for part in (month, day)
        )
        marks[PRECISION] = ibis.cases((no_month, "year"), (no_day, "month"), else_="day")
        words = find(_listed(dates.get("text")))
        if words is not None:
            marks[WORDS] = ibis.ifelse(no_month | no_day, words, _NO_TEXT)
    country = find(_listed(source.country.get("column")))
    if country is not None:
        is_here = _code(country).isin([str(name).lower() for name in source.country["is"]])
        marks[COUNTRY] = ibis.ifelse(is_here, _NO_TEXT, country)
    parties = [
        cell.fill_null("") for names_ in source.parties if (cell := find(names_)) is not None
    ]
    if parties:
        marks[PARTIES] = ibis.literal(BAR).join(parties)
    return marks


def _listed(value: str | Sequence[str] | None) -> Sequence[str]:
    return () if value is None else (value,) if isinstance(value, str) else value
