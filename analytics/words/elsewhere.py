"""The same date in other places, as sentences: an area beside, and many places at once."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analytics.findings import say_ratio
from analytics.language import Language, mark
from analytics.names import describe_ratio, name_group, name_key_date
from analytics.tables import each_row
from analytics.words.notes import MESSAGES
from analytics.words.readings import say_bounds

# A place is named among those that stand out where its corrected p value is below this.
_LEVEL = 0.05
# An interval that spans a larger factor tells nothing that a reader could use.
_WIDEST = 1000


def describe_comparison(
    comparison: pd.DataFrame, pretrend: pd.DataFrame, key_date: str, *, language: Language
) -> list[str]:
    """Return what changed beyond what changed elsewhere too, how alike the two were, and a warning.

    Parameters
    ----------
    comparison, pretrend : DataFrame
        `analytics.schema.COMPARISON` and `analytics.schema.PRETREND`.
    key_date : str
        Label of the key date.
    """
    if comparison.empty:
        return []
    said = []
    is_known = comparison["ci_upper"] < _WIDEST * comparison["ci_lower"]
    if not is_known.any():
        said.append(
            language.text(
                "The two areas have too few incidents for one to be set against the other."
            )
        )
    for row in each_row(comparison[is_known]):
        message = (
            mark(
                "If the two areas would have kept their proportion, the rate in the area studied, "
                "relative to the other, was {change} after {day} (ratio of ratios {ratio}, 95 % "
                "interval {low} to {high})."
            )
            if row.model == "parallel"
            else mark(
                "If they would have drifted apart as before, it was {change} after {day} (ratio "
                "of ratios {ratio}, 95 % interval {low} to {high})."
            )
        )
        reading = (
            mark("That interval includes no change between the two.")
            if not (row.ci_lower > 1 or row.ci_upper < 1)
            else mark("That interval leaves out that nothing changed between the two.")
        )
        said.append(
            language.text(
                message,
                change=describe_ratio(row.ratio, language),
                day=name_key_date(key_date, language),
                **say_bounds(row, language),
            )
            + " "
            + language.text(reading)
        )
    for row in each_row(pretrend):
        said.append(
            language.text(
                "Before {day} they drifted apart by a factor of {ratio} a year (95 % interval "
                "{low} to {high}); a drift of less than {smallest} a year would have been missed "
                "more often than one time in five.",
                day=name_key_date(key_date, language),
                smallest=language.number(row.detectable_ratio, 1),
                **say_bounds(row, language),
            )
            if np.isfinite(row.ratio)
            else language.text("The time before is too short to see whether the two moved alike.")
        )
    return [*said, language.text(MESSAGES["spill_over"])]


def describe_places(
    places: pd.DataFrame, key_date: str, *, by: str = "governorate", language: Language
) -> list[str]:
    """Return where a change stands out once it is allowed for that many places were looked at.

    Parameters
    ----------
    places : DataFrame
        `analytics.schema.PLACES`.
    key_date : str
        Label of the key date.
    by : str
        Column that the places come from.
    """
    own = places[places["ratio"].notna()].sort_values("ratio", kind="stable")
    if places.empty:
        return []

    def named(part: pd.DataFrame) -> str:
        names = [name_group(by, place, language) for place in part["place"]]
        return names[0] if len(names) == 1 else language.listed(names)

    said = []
    if len(own):
        alone = own[(own["ci_lower"] > 1) | (own["ci_upper"] < 1)]
        corrected = own[own["p_holm"] < _LEVEL]
        said.append(
            language.text(
                "Of {all} places, {n} have enough incidents for a level change of their own at "
                "{day}: from {low} ({first}) to {high} ({last}).",
                all=len(places),
                n=len(own),
                day=name_key_date(key_date, language),
                low=say_ratio(own["ratio"].iloc[0], language),
                high=say_ratio(own["ratio"].iloc[-1], language),
                first=named(own.iloc[:1]),
                last=named(own.iloc[-1:]),
            )
        )
        if len(corrected):
            message = mark(
                "Taken alone, {k} have an interval that leaves out no change; allowing for having "
                "looked at {n}, {m} still do: {named}."
            )
        elif len(alone):
            message = mark(
                "Taken alone, {k} have an interval that leaves out no change; allowing for having "
                "looked at {n}, none does."
            )
        else:
            message = mark("Each of their intervals includes no change.")
        said.append(
            language.text(
                message, k=len(alone), n=len(own), m=len(corrected), named=named(corrected)
            )
        )
    else:
        said.append(language.text("No place has enough incidents for a change of its own."))
    pooled = own[own["pooled_ratio"].notna()].sort_values("pooled_ratio", kind="stable")
    said.append(
        language.text(
            "Each drawn towards what the places have in common, as far as its own incidents are "
            "few, the ratios run from {low} ({first}) to {high} ({last}).",
            low=language.number(pooled["pooled_ratio"].iloc[0], 2),
            high=language.number(pooled["pooled_ratio"].iloc[-1], 2),
            first=named(pooled.iloc[:1]),
            last=named(pooled.iloc[-1:]),
        )
        if len(pooled)
        else language.text("They are too few to learn from them how places differ.")
    )
    return said
