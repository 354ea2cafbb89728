"""Every spelling of the organisation's name is one: "IS"."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

import ibis
import ibis.expr.types as ir
import yaml

from analytics.sources.resolution import distinct_values


def resolve_perpetrators(drafts: ir.Table) -> ir.Table:
    """Return drafts in which every spelling of the organisation's name is "IS".

    Returns
    -------
    ibis Table
        With ``perpetrator_printed`` added where any name was changed and the file has none.
    """
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


def is_islamic_state(name: str) -> bool:
    """Return whether a name, in any of the spellings known, is that of IS.

    Examples
    --------
    >>> [is_islamic_state(name) for name in ("Islamic State (Iraq)", "داعش", "Islamic Resistance")]
    [True, True, False]
    """
    folded = " ".join(name.casefold().split())
    return any(pattern.fullmatch(folded) for pattern in _is_patterns())


@cache
def _is_patterns() -> tuple[re.Pattern[str], ...]:
    text = files("analytics.sources").joinpath("is_names.yaml").read_text("utf-8")
    return tuple(re.compile(pattern) for pattern in yaml.safe_load(text))
