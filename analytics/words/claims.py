"""Claims as sentences: what was claimed, the verdict, what it rests on, what would change it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from analytics.findings import say_ratio
from analytics.language import Language, mark
from analytics.names import name_key_date, name_place, name_verdict
from analytics.tables import each_row

_REASONS = {
    "agrees": mark("The interval lies on the claimed side, and every check agrees."),
    "excluded": mark("The interval leaves no room for what is claimed."),
    "both": mark("The interval holds both no change and a change that would matter."),
    "power": mark("A doubling would have been missed here more often than one time in five."),
    "coverage": mark("The records hold too small a share of attacks to show a trend."),
    "not covered": mark("The records do not reach these days."),
    "withheld": mark("This edition withholds the counts."),
    "readings": mark("One reading of it is supported, another is not."),
    "variants": mark("Other windows, comparisons and models say otherwise."),
    "other dates": mark("Changes as large are found at other dates before."),
}
_REMEDIES = {
    "agrees": mark("An interval that holds no change, from other records, would change this."),
    "excluded": mark(
        "A change in the last of these days alone would not be seen; counts by month from the same "
        "source would show it."
    ),
    "coverage": mark(
        "Records that hold at least half of the attacks, in both spells alike, would change this."
    ),
    "not covered": mark("Records of these days would change this."),
    "withheld": mark("Longer spells, or a later day of release, would let it be told."),
    "readings": mark("A source that says which days are meant would change this."),
    "variants": mark(
        "A longer quiet time before the date, or an area that moved alike before it, would change "
        "this."
    ),
    "other dates": mark("A change much larger than at other dates would change this."),
}


def describe_claims(
    verdicts: pd.DataFrame,
    tests: pd.DataFrame,
    variants: pd.DataFrame | None = None,
    *,
    language: Language,
    in_short: bool = False,
) -> list[str]:
    """Return, a paragraph a claim, the claim, its verdict, why, and what would change it.

    In short it is the claim and its verdict, for a first page.

    Parameters
    ----------
    verdicts, tests, variants : DataFrame
        `analytics.schema.CLAIM_VERDICTS`, `analytics.schema.CLAIM_TESTS` and
        `analytics.schema.CLAIM_VARIANTS`.
    """
    said = []
    for row in each_row(verdicts):
        sentences = [
            language.text(
                "Claim {name}: “{claim}” Verdict: {verdict}.",
                name=row.claim_id,
                claim=_own_words(row, "text", language),
                verdict=name_verdict(row.verdict, language),
            )
        ]
        if in_short:
            said.append(sentences[0])
            continue
        if row.reason == "untestable":
            why = _own_words(row, "why", language)
            sentences.append(language.text("No count can test it. {why}", why=why))
        else:
            own = tests[(tests["claim_id"] == row.claim_id) & tests["is_deciding"].astype(bool)]
            same = own[own["reason"] == row.reason]
            shown = (same if len(same) else own).iloc[0]
            sentences += [describe_test(shown, language=language), *_why(row, shown, language)]
        if variants is not None:
            sentences += _spread(variants[variants["claim_id"] == row.claim_id], language)
        said.append(" ".join(sentences))
    return said


def describe_test(row: Any, *, language: Language) -> str:
    """Return what a test found: estimate, interval, unit, period and comparison."""
    if not np.isfinite(row["ratio"]):
        return language.text("There is no ratio.")
    numbers = {
        "ratio": language.number(row["ratio"], 2),
        "low": language.number(row["ci_lower"], 2),
        "high": say_ratio(row["ci_upper"], language),
    }
    if row["key_date"]:
        return language.text(
            "At {day} the level in these records ({place}) changed by a rate ratio of {ratio} (95 "
            "% interval {low} to {high}).",
            day=name_key_date(row["key_date"], language),
            place=name_place(row["place"], language),
            **numbers,
        )
    return language.text(
        "In {days} the rate ({place}) was {ratio} times that of {before} (rate ratio, 95 % "
        "interval {low} to {high}).",
        days=language.days(row["period_start"], row["period_end"]),
        before=language.days(row["compared_with_start"], row["compared_with_end"]),
        place=name_place(row["place"], language),
        **numbers,
    )


def _why(row: Any, test: Any, language: Language) -> list[str]:
    sentences = [language.text(_REASONS[row.reason])]
    if row.reason in _REMEDIES:
        sentences.append(language.text(_REMEDIES[row.reason]))
    elif np.isfinite(test["times_as_many"]):
        sentences.append(
            language.text(
                "Only a rise to {ratio} times would have been seen; a rise by a quarter needs "
                "about {n} times as many incidents.",
                ratio=language.number(test["detectable_ratio"], 1),
                n=language.number(test["times_as_many"]),
            )
        )
    return sentences


def _spread(variants: pd.DataFrame, language: Language) -> list[str]:
    """How far the ratio moves over the variants that could be fitted."""
    ratios = variants.loc[variants["reason"] == "", "ratio"]
    if len(ratios) < 2:
        return []
    return [
        language.text(
            "Over {n} combinations of area, model and years the ratio lies between {low} and "
            "{high}.",
            n=len(ratios),
            low=language.number(ratios.min(), 2),
            high=language.number(ratios.max(), 2),
        )
    ]


def _own_words(row: Any, what: str, language: Language) -> str:
    """The analyst's own text; a missing translation is seen, never hidden."""
    own = str(getattr(row, f"{what}_{language.code}"))
    return own or f"⟦{getattr(row, f'{what}_en')}⟧"
