"""How firm an answer is, as sentences: standard errors, choices, uncertain dates."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from analytics.language import Language, mark
from analytics.names import label_of, name_choice, name_key_date, name_option
from analytics.tables import each_row
from analytics.words.readings import say_bounds

# Options of a choice differ by so large a share of their intervals before it is said.
_MUCH = 0.5


def describe_errors(statistics: Mapping[str, Any], *, language: Language) -> list[str]:
    """Return how far counts come in bursts and resemble their neighbours, and what follows.

    Parameters
    ----------
    statistics : mapping
        `analytics.schema.STATISTICS`; nothing where the model is refused.
    """
    if not statistics or not np.isfinite(statistics["lag1_correlation"]):
        return []
    if statistics["family"] == "gaussian":
        message = mark("Neighbouring periods are alike with a correlation of {correlation}.")
    elif statistics["errors"] == "auto":
        message = mark(
            "Counts vary {dispersion} times as much around the model as chance alone would make "
            "them, and neighbouring periods are alike with a correlation of {correlation}. Of "
            "three standard errors that allow for this, the largest is taken for each effect."
        )
    else:
        message = mark(
            "Counts vary {dispersion} times as much around the model as chance alone would make "
            "them, and neighbouring periods are alike with a correlation of {correlation}."
        )
    return [
        language.text(
            message,
            dispersion=language.number(statistics["dispersion"], 1),
            correlation=language.number(statistics["lag1_correlation"], 2),
        )
    ]


def describe_specifications(
    summary: pd.DataFrame, choices: pd.DataFrame, key_date: str, *, language: Language
) -> list[str]:
    """Return how far the models of other defensible choices agree, and what the answer hangs on.

    Parameters
    ----------
    summary, choices : DataFrame
        `analytics.schema.SPECIFICATION_SUMMARY` and `analytics.schema.SPECIFICATION_CHOICES`.
    key_date : str
        Label of the key date.
    """
    if summary.empty:
        return []
    row = next(each_row(summary))
    n_fitted = int(row.n_specifications - row.n_refused)
    said = [
        language.plural(
            "The level change at {day} was estimated with {n} combination of choices that an "
            "analyst might make.",
            "The level change at {day} was estimated with {n} combinations of choices that an "
            "analyst might make.",
            n_fitted,
            day=name_key_date(key_date, language),
        )
    ]
    if row.n_refused:
        said[0] += " " + language.plural(
            "{n} more could not be fitted.", "{n} more could not be fitted.", int(row.n_refused)
        )
    if not n_fitted:
        return said
    said.append(
        language.text(
            "The rate ratio runs from {low} to {high}, with {middle} in the middle.",
            low=language.number(row.smallest_ratio, 2),
            high=language.number(row.largest_ratio, 2),
            middle=language.number(row.median_ratio, 2),
        )
    )
    if np.isfinite(row.reference_ratio):
        agreeing = row.share_below_one if row.reference_ratio < 1 else 1 - row.share_below_one
        said.append(
            language.text(
                "{agreeing} of them point the same way as the estimate of this report "
                "({reference}). The interval shows a fall in {fall}, a rise in {rise}, and "
                "includes no change in {unclear}.",
                agreeing=language.share(agreeing),
                reference=language.number(row.reference_ratio, 2),
                fall=language.share(row.share_fall),
                rise=language.share(row.share_rise),
                unclear=language.share(row.share_unclear),
            )
        )
    return [*said, *_describe_hinges(choices, language)]


def _describe_hinges(choices: pd.DataFrame, language: Language) -> list[str]:
    """The choice that moves the estimate most, and the one that moves its interval most."""
    known = choices[choices["median_ratio"] > 0]
    said = []
    for column, values, least, message in (
        (
            "median_ratio",
            np.log(known["median_ratio"]),
            np.log(1.02),
            mark(
                "The estimate hangs most on this choice: {choice}. The middle rate ratio is {low} "
                "with the option “{first}” and {high} with the option “{last}”."
            ),
        ),
        (
            "share_unclear",
            known["share_unclear"],
            _MUCH,
            mark(
                "Whether the interval leaves out no change hangs most on this choice: {choice}. It "
                "includes no change in {low} of the combinations with the option “{first}” and in "
                "{high} of those with the option “{last}”."
            ),
        ),
    ):
        reach = values.groupby(known["choice"]).agg(np.ptp)
        if reach.empty or reach.max() < least:
            continue
        part = known[known["choice"] == reach.idxmax()].sort_values(column, kind="stable")
        first, last = part.iloc[0], part.iloc[-1]
        show = language.share if column == "share_unclear" else partial(language.number, decimals=2)
        said.append(
            language.text(
                message,
                choice=name_choice(first["choice"], language),
                first=name_option(first["choice"], first["option"], language),
                last=name_option(last["choice"], last["option"], language),
                low=show(first[column]),
                high=show(last[column]),
            )
        )
    return said


def describe_pooled(pooled: pd.DataFrame, terms: pd.DataFrame, *, language: Language) -> list[str]:
    """Return what uncertain dates, and the rule for duplicates, add to the doubt about a change.

    Parameters
    ----------
    pooled, terms : DataFrame
        `analytics.schema.POOLED`, and `analytics.schema.TERMS` of the fit as counted.
    """
    said = []
    as_counted = terms.set_index("term")
    for row in each_row(pooled[pooled["term"].str.match(r"level\[|joint")]):
        message = (
            mark(
                "With every uncertain date drawn to one of its days, many times over, the level "
                "change at {day} is {ratio} (95 % interval {low} to {high})."
            )
            if row.drawn == "dates"
            else mark(
                "With the rule for duplicates varied besides, the level change at {day} is {ratio} "
                "(95 % interval {low} to {high})."
            )
        )
        day = name_key_date(label_of(row.term), language)
        said.append(language.text(message, day=day, **say_bounds(row, language)))
        if row.term in as_counted.index:
            before = as_counted.loc[row.term]
            said[-1] += " " + language.text(
                "As counted it is {ratio} ({low} to {high}); up to {share} of the variance of an "
                "effect comes from what was drawn.",
                share=language.share(max(row.drawn_share, 0.01)),
                **say_bounds(before, language),
            )
    return said
