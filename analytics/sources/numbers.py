"""Whole numbers in the digits of any script, and words that stand for unknown."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from analytics.sources.mapping import MANY, TEXT, is_unknown
from analytics.sources.resolution import distinct_values

_NO_TEXT = ibis.null("string")


def resolve_numbers(drafts: ir.Table) -> ir.Table:
    """Return drafts without words for unknown, and with whole numbers in the digits of any script.

    Returns
    -------
    ibis Table
        ``_text_...`` is left only for what says something that is still to be read.
    """
    table = drafts
    for column in (c.removeprefix(TEXT) for c in drafts.columns if c.startswith(TEXT)):
        text = table[TEXT + column]
        texts = distinct_values(table, [TEXT + column])[TEXT + column].dropna()
        blank = [text for text in texts if is_unknown(text)]
        found: dict[str, int] = {}
        if table[column].type().is_integer():
            short = [text for text in texts if text.isdecimal() and len(text) <= len(str(MANY))]
            found = {text: int(text) for text in short if int(text) <= MANY}
        changes: dict[str, ir.Value] = {}
        if found:
            number = text.cases(*found.items(), else_=ibis.null("int64"))
            changes[column] = ibis.coalesce(table[column], number)
        if blank or found:
            changes[TEXT + column] = ibis.ifelse(text.isin([*blank, *found]), _NO_TEXT, text)
        table = table.mutate(**changes) if changes else table
    return table
