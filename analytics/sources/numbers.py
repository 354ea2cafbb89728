"""Whole numbers in the digits of any script, shares of a person, and words for unknown."""

from __future__ import annotations

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir

from analytics.sources.mapping import MANY, TEXT, is_unknown
from analytics.sources.resolution import distinct_values

_NO_TEXT = ibis.null("string")


def resolve_numbers(
    drafts: ir.Table, rounded: Sequence[str] = ()
) -> tuple[ir.Table, tuple[str, ...]]:
    """Return drafts without words for unknown, and with whole numbers in the digits of any script.

    Parameters
    ----------
    drafts : ibis Table
        From `analytics.sources.mapping.draft_records`, held by the engine.
    rounded : sequence of str
        Columns in which a fraction is a share of persons and is rounded, halves up.

    Returns
    -------
    ibis Table
        ``_text_...`` is left only for what says something that is still to be read.
    tuple of str
        What was rounded.
    """
    table = drafts
    notes: list[str] = []
    for column in (c.removeprefix(TEXT) for c in drafts.columns if c.startswith(TEXT)):
        text = table[TEXT + column]
        texts = distinct_values(table, [TEXT + column])[TEXT + column].dropna()
        blank = [text for text in texts if is_unknown(text)]
        found: dict[str, int] = {}
        if table[column].type().is_integer():
            short = [text for text in texts if text.isdecimal() and len(text) <= len(str(MANY))]
            found = {text: int(text) for text in short if int(text) <= MANY}
        if column in rounded:
            shares = {text: share for text in texts if (share := _read_share(text)) is not None}
            found |= shares
            if shares:
                n_rounded = int(text.isin(list(shares)).sum().to_pyarrow().as_py())
                notes.append(f"{column} of {n_rounded} rows is a share of persons: rounded")
        changes: dict[str, ir.Value] = {}
        if found:
            number = text.cases(*found.items(), else_=ibis.null("int64"))
            changes[column] = ibis.coalesce(table[column], number)
        if blank or found:
            changes[TEXT + column] = ibis.ifelse(text.isin([*blank, *found]), _NO_TEXT, text)
        table = table.mutate(**changes) if changes else table
    return table, tuple(notes)


def _read_share(text: str) -> int | None:
    """A decimal number of persons, to the nearest whole one."""
    try:
        share = float(text)
    except ValueError:
        return None
    return int(share + 0.5) if 0 <= share <= MANY else None
