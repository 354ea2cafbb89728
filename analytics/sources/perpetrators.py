"""Every spelling of the organisation's name is one: "IS"; and where it took part."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

import ibis
import ibis.expr.types as ir
import yaml

from analytics.letters import fold_letters
from analytics.sources.mapping import BAR, PARTIES
from analytics.sources.resolution import distinct_values


def resolve_perpetrators(drafts: ir.Table) -> ir.Table:
    """Return drafts in which every spelling of the organisation's name is "IS".

    Returns
    -------
    ibis Table
        With ``perpetrator_printed`` added where any name was changed and the file has none, and
        ``involves``, which is "IS" where the source names it on any side.
    """
    drafts = _resolve_parties(drafts)
    if "perpetrator" not in drafts.columns:
        return drafts
    found = distinct_values(drafts, ["perpetrator"])["perpetrator"].dropna()
    renamed = [text for text in found if text != "IS" and is_islamic_state(text)]
    if not renamed:
        return drafts
    printed = (
        {}
        if "perpetrator_printed" in drafts.columns
        else {"perpetrator_printed": drafts.perpetrator}
    )
    name = ibis.ifelse(drafts.perpetrator.isin(renamed), "IS", drafts.perpetrator)
    return drafts.mutate(**printed, perpetrator=name)


def _resolve_parties(drafts: ir.Table) -> ir.Table:
    """Say in a column of its own where IS is one of the parties; they drop out."""
    if PARTIES not in drafts.columns:
        return drafts
    found = distinct_values(drafts, [PARTIES])[PARTIES].dropna()
    are_in = [
        text for text in found if any(map(is_islamic_state, re.split(f"{BAR}|;", text)))
    ]  # fmt: skip
    involves = ibis.ifelse(drafts[PARTIES].isin(are_in), "IS", ibis.null("string"))
    return drafts.mutate(involves=involves).drop(PARTIES)


def is_islamic_state(name: str) -> bool:
    """Return whether a name, in any of the spellings known, is that of IS.

    Examples
    --------
    >>> [is_islamic_state(name) for name in ("Islamic State (Iraq)", "داعش", "Islamic Resistance")]
    [True, True, False]
    """
    folded = fold_letters(name)
    return any(pattern.fullmatch(folded) for pattern in _is_patterns())


@cache
def _is_patterns() -> tuple[re.Pattern[str], ...]:
    text = files("analytics.sources").joinpath("is_names.yaml").read_text("utf-8")
    return tuple(re.compile(fold_letters(pattern)) for pattern in yaml.safe_load(text))
