"""Records in draft, given their governorates and districts: each distinct text is matched once."""

from __future__ import annotations

from functools import cache

import ibis
import ibis.expr.types as ir
import pandas as pd
from ibis.backends.duckdb import Backend

from analytics.places import match_places
from analytics.reference import governorate_codes, load_districts
from analytics.sources.mapping import BAR, TEXT, is_unknown
from analytics.sources.resolution import KEY, distinct_values, join_known

_NO_TEXT = ibis.null("string")
_SAID = 10
# The matcher's own words for a governorate under no known spelling.
_UNKNOWN_GOVERNORATE = r"governorate '.*' is not known"
_PLACE = ("governorate", "district", "place")


def resolve_places(con: Backend, drafts: ir.Table) -> tuple[ir.Table, tuple[str, ...]]:
    """Return drafts with codes for governorates and standard names for districts; and notes.

    A governorate that is printed and known under no spelling is left for the row checks to reject.
    A row whose text names several, or fits several places, is kept with its governorate empty, and
    said: the incident is certain even if its place is not.

    Parameters
    ----------
    con : ibis DuckDB backend
        The engine that holds the drafts.
    drafts : ibis Table

    Returns
    -------
    ibis Table
        ``governorate`` is a code or empty, ``district`` a standard name or as printed;
        ``_text_governorate`` is what could not be matched; ``governorate_printed`` and
        ``district_printed`` are added where any was changed and the file has none.
    tuple of str
        What was left open.
    """
    there = [column for column in _PLACE if column in drafts.columns]
    if not there:
        return drafts, ()
    table = drafts.mutate(**{c: _NO_TEXT for c in _PLACE if c not in there})
    # A place decides only where no district is given: far fewer texts to match.
    table = table.mutate(_place=ibis.ifelse(table.district.isnull(), table.place, _NO_TEXT))
    columns = ["governorate", "district", "_place"]
    printed = distinct_values(table, columns).rename(columns={"_place": "place"})
    printed = printed.astype(object).where(printed.notna(), None)
    standard = {(None, None), *_standard_places()}
    pairs = zip(printed["governorate"], printed["district"], strict=True)
    is_standard = pd.Series([pair in standard for pair in pairs], index=printed.index, dtype=bool)
    printed = printed[~is_standard | printed["place"].notna()]
    if printed.empty:
        return drafts.mutate(**{TEXT + "governorate": _NO_TEXT}), ()
    matched = match_places(printed)
    is_stated = ~printed["governorate"].fillna("").map(is_unknown)
    is_unmatched = is_stated & (matched["governorate"] == "")
    is_unheard = is_unmatched & matched["reason"].str.contains(_UNKNOWN_GOVERNORATE)
    # "South of Kirkuk" is in that governorate; its district may be another.
    is_named = (matched["how"] != "part") | printed["district"].notna()
    frame = pd.DataFrame(
        {
            KEY: printed[["governorate", "district", "place"]].fillna("").agg(BAR.join, axis=1),
            "_code": matched["governorate"].replace("", None),
            "_name": matched["district"].where(is_named).replace("", None),
            TEXT + "governorate": printed["governorate"].where(is_unheard, None),
        }
    )
    key = ibis.literal(BAR).join([table[column].fill_null("") for column in columns])
    table = join_known(con, table, key, frame)
    district = ibis.coalesce(table["_name"], table.district)
    code = ibis.ifelse(
        table.governorate.isin(governorate_codes()), table.governorate, table["_code"]
    )
    changes = {"governorate": code, "district": district}
    for column in ("governorate", "district"):
        if column in there and f"{column}_printed" not in drafts.columns:
            changes[f"{column}_printed"] = table[column]
    table = table.mutate(**changes).drop("_code", "_name", "_place")
    texts = sorted(set(printed.loc[is_unmatched & ~is_unheard, "governorate"]))
    notes = [f"governorate {text[:60]!r} left open" for text in texts[:_SAID]]
    is_settled = (
        is_stated
        & (matched["governorate"] != "")
        & matched["reason"].str.contains(_UNKNOWN_GOVERNORATE)
    )
    notes += [
        f"governorate {text[:60]!r} is not known: taken from the place beside it"
        for text in sorted(set(printed.loc[is_settled, "governorate"]))[:_SAID]
    ]
    if len(texts) > _SAID:
        notes.append(f"and {len(texts) - _SAID} more governorates left open")
    return table.drop(*[c for c in ("place",) if c not in there]), tuple(notes)


@cache
def _standard_places() -> frozenset[tuple[str, str | None]]:
    """Code and standard name of every district, and every code alone."""
    districts = load_districts()
    pairs = zip(districts["governorate"], districts["district"], strict=True)
    return frozenset([*pairs, *((code, None) for code in governorate_codes())])
