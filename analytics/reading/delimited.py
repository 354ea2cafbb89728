"""Delimited text: a fast reader for files that keep the rules, a careful one for those that do not.

Row numbers count records, the header being row 1, as a spreadsheet shows them: a quoted field
over three lines is one row; a blank line takes a number but is not a row.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from itertools import chain, islice

import ibis.expr.types as ir
from ibis.backends.duckdb import Backend

from analytics.errors import TableError
from analytics.reading.encoding import TextFile, text_lines
from analytics.reading.rawtable import RawTable, Row, check_columns, raw_from_rows

DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
_SAMPLE_LINES = 200
HEAD_ROWS = 20
"""Among so many first rows, titles included, the header has to be."""
# An open quote is given up after so many lines, so that it cannot swallow the file.
_MAX_LINES = 10_000
_LONGEST_LINE = 1 << 24
_UNCLOSED = "has a quote that is never closed, or text after a closing quote; mend the quotes"
csv.field_size_limit(1 << 30)


def read_delimited(con: Backend, text: TextFile, *, careful: bool = False) -> RawTable:
    """Return the table of a delimited file; with ``careful``, what is not a row is kept and marked.

    The fast way streams through the engine's own reader, which fails, when executed, at the first
    row with too many or too few fields. The careful way reads any file.

    Raises
    ------
    TableError
        No header, or a column named twice.
    """
    sample = list(islice(text_lines(text.path), _SAMPLE_LINES))
    skip = int(bool(sample) and re.fullmatch(r"sep=.\s*", sample[0]) is not None)
    delimiter = sample[0][4] if skip else detect_delimiter(sample)
    records = _records(islice(text_lines(text.path), skip, None), delimiter)
    head = list(islice(records, HEAD_ROWS))
    at = find_header([cells for _, cells, _ in head])
    header_row, cells, reason = head[at] if at is not None else (0, (), None)
    if reason or at is None:
        raise TableError(text.file, "has no header", "Name the columns in the first row")
    columns = check_columns([cell or "" for cell in cells], text.file)
    notes = [*text.notes, *tell_titles([cells for _, cells, _ in head[:at]])]
    records = chain(head[at + 1 :], records)
    if len(columns) > 1:
        notes.append(f"fields parted by {DELIMITERS.get(delimiter, repr(delimiter))}")
    first = next(records, None)
    has_tags = first is not None and is_tag_row(first[1])
    if has_tags:
        notes.append("the row of HXL tags under the header was skipped")
    is_simple = header_row == 1 and not skip and '"' not in "".join(sample[: 1 + has_tags])
    if careful or not text.is_plain or not is_simple or len(columns) == 1:
        rest = records if has_tags or first is None else chain([first], records)
        shift = skip
        body = (
            (row + shift, *fit_cells(cells, reason, len(columns)))
            for row, cells, reason in rest
            if cells or reason
        )
        return raw_from_rows(con, body, columns, text.file, notes)

    def retype(types: dict[str, str]) -> ir.Table:
        return con.read_csv(
            str(text.path),
            columns=types,
            auto_detect=False,
            header=True,
            skip=int(has_tags),
            delim=delimiter,
            quote='"',
            escape='"',
            nullstr="",
            strict_mode=True,
            max_line_size=_LONGEST_LINE,
            # A buffer, by default of 16 such lines, is what one processor reads at a time.
            buffer_size=_LONGEST_LINE,
        )

    table = retype(dict.fromkeys(columns, "VARCHAR"))
    first_row = 2 + has_tags
    return RawTable(table, columns, text.file, first_row, retype=retype, notes=tuple(notes))


def detect_delimiter(lines: Sequence[str]) -> str:
    r"""Return the delimiter under which most lines have as many fields as the first.

    Examples
    --------
    >>> detect_delimiter(["id;place\\n", "1;Tuz, south of\\n"])
    ';'
    """

    def score(delimiter: str) -> tuple[float, int]:
        widths = [len(cells) for _, cells, reason in _records(lines, delimiter) if not reason]
        parted = [width for width in widths if width > 1]
        if not parted:
            return 0.0, 0
        # A title above the header is seldom parted, and a header that is parted is seldom alone.
        width = parted[0] if widths[0] > 1 else max(parted, key=parted.count)
        share = widths.count(width) / len(widths)
        return share + (widths[0] > 1 and share > 0.25), width

    return max(DELIMITERS, key=score)


def find_header(rows: Sequence[Sequence[str | None]]) -> int | None:
    """Return the position of the header among the first rows: the first row that is not empty.

    If it has but one cell filled, in a table of three columns or more, it is a title: then the
    header is the first row that fills most columns, with words. None where all rows are empty.

    Examples
    --------
    >>> find_header([["Attacks in Iraq"], [], ["id", "date", "place"], ["1", "2017-10-16", "Hit"]])
    2
    >>> find_header([["id"], ["1"]])
    0
    """
    filled = [[cell for cell in row if cell and cell.strip()] for row in rows]
    first = next((number for number, cells in enumerate(filled) if cells), None)
    width = max(map(len, filled), default=0)
    if first is None or len(filled[first]) > 1 or width < 3:
        return first
    for number, cells in enumerate(filled):
        if 3 * len(cells) > 2 * width and not any(cell.strip()[0].isdigit() for cell in cells):
            return number
    return first


def tell_titles(rows: Sequence[Sequence[str | None]]) -> list[str]:
    """Say how many rows above the header were left out, if any was not empty."""
    n_titles = sum(any(cell and cell.strip() for cell in row) for row in rows)
    shown = next((cell for row in rows for cell in row if cell and cell.strip()), "")[:60]
    return [f"rows above the header, left out: {n_titles} ({shown!r})"] if n_titles else []


def is_tag_row(cells: Sequence[str | None]) -> bool:
    """Return whether a row is HXL tags: at least one, and nothing else.

    Examples
    --------
    >>> is_tag_row(["#event+id", "#date+start", ""])
    True
    >>> is_tag_row(["1", "#hashtag"])
    False
    """
    filled = [cell.strip() for cell in cells if cell and cell.strip()]
    return bool(filled) and all(re.fullmatch(r"#[A-Za-z][\w +-]*", cell) for cell in filled)


def fit_cells(
    cells: Sequence[str | None], reason: str | None, n_columns: int
) -> tuple[Sequence[str | None], str | None]:
    """Cells as wide as the header, or the reason why they cannot be; empty fields past it go."""
    if reason is None and len(cells) != n_columns:
        if len(cells) > n_columns and not any(cells[n_columns:]):
            return cells[:n_columns], None
        few = "few" if len(cells) < n_columns else "many"
        reason = f"has too {few} fields ({len(cells)} under a header of {n_columns}); mend the row"
    return cells, reason


def _records(lines: Sequence[str] | Iterator[str], delimiter: str) -> Iterator[Row]:
    """Number and part every record; a bad quote costs its first line alone."""
    source = iter(lines)
    number = 0
    pushed: list[str] = []
    while True:
        taken: list[str] = []

        def feed(taken: list[str] = taken, pushed: list[str] = pushed) -> Iterator[str]:
            while len(taken) < _MAX_LINES:
                line = pushed.pop() if pushed else next(source, None)
                if line is None:
                    return
                taken.append(line)
                yield line

        reader = csv.reader(feed(), delimiter=delimiter, strict=True)
        while True:
            taken.clear()
            number += 1
            try:
                cells = next(reader)
            except StopIteration:
                if not taken:
                    return
                break
            except csv.Error:
                yield number, [taken[0].rstrip("\r\n")], _UNCLOSED
                pushed.extend(reversed(taken[1:]))
                break
            yield number, [cell or None for cell in cells], None
