"""The same date in other places, as sentences: an area beside, and many places at once."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analytics.findings import is_told
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
    if places.empty:
        return []

    def named(part: pd.DataFrame) -> str:
        return language.listed([name_group(by, place, language) for place in part["place"]])

    def reach(part: pd.DataFrame, column: str) -> dict[str, str]:
        ends = part.sort_values(column, kind="stable").iloc[[0, -1]]
        low, high = (language.number(value, 2) for value in ends[column])
        return {"low": low, "high": high, "first": named(ends[:1]), "last": named(ends[1:])}

    own = places[places["ratio"].notna()]
    pooled, told = own[own["pooled_ratio"].notna()], own[is_told(own)]
    said = [
        language.text(
            "Each place drawn towards what all have in common, as far as its own incidents are "
            "few, the ratios at {day} run from {low} ({first}) to {high} ({last}).",
            day=name_key_date(key_date, language),
            **reach(pooled, "pooled_ratio"),
        )
        if len(pooled)
        else language.text("The places have too few incidents to learn from them how they differ."),
        language.text(
            "Of {all} places, {n} have enough incidents to tell a level change of their own: from "
            "{low} ({first}) to {high} ({last}).",
            all=len(places),
            n=len(told),
            **reach(told, "ratio"),
        )
        if len(told)
        else language.text("No place has enough incidents to tell a level change of its own."),
    ]
    if own.empty:
        return said
    alone = own[(own["ci_lower"] > 1) | (own["ci_upper"] < 1)]
    corrected = own[own["p_holm"] < _LEVEL]
    if len(corrected):
        message = mark(
            "A model could be fitted to {n}. Taken alone, {k} of them have an interval that leaves "
            "out no change; allowing for having looked at {n}, {m} still do: {named}."
        )
    elif len(alone):
        message = mark(
            "A model could be fitted to {n}. Taken alone, {k} of them have an interval that leaves "
            "out no change; allowing for having looked at {n}, none does."
        )
    else:
        message = mark(
            "A model could be fitted to {n}; the interval of each of them includes no change."
        )
    counts = {"k": len(alone), "n": len(own), "m": len(corrected)}
    return [*said, language.text(message, named=named(corrected), **counts)]
