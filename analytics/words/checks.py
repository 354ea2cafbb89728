"""Checks as sentences: the plain comparison, change points, excess, placebos."""

from __future__ import annotations

from typing import Any

import pandas as pd

from analytics.language import Language, mark
from analytics.names import describe_ratio, name_key_date
from analytics.tables import each_row
from analytics.words.readings import say_bounds


def describe_naive(naive: pd.DataFrame, key_date: str, *, language: Language) -> list[str]:
    """Return what one would claim without a model, and why one should not.

    Parameters
    ----------
    naive : DataFrame
        `analytics.schema.NAIVE`.
    key_date : str
        Label of the key date.
    """
    sentences = []
    for row in each_row(naive[(naive["key_date"] == key_date) & naive["ratio"].notna()]):
        message = (
            mark(
                "A plain count says {change} after {day}: {after} in 30 days against {before} "
                "before it (ratio {ratio}, 95 % interval {low} to {high})."
            )
            if row.method == "before_after"
            else mark(
                "Against the same months of the year before, a plain count says {change}: {after} "
                "in 30 days against {before} (ratio {ratio}, 95 % interval {low} to {high})."
            )
        )
        sentences.append(
            language.text(
                message,
                change=describe_ratio(row.ratio, language),
                day=name_key_date(key_date, language),
                after=language.number(30 * row.count_after / row.exposure_after, 1),
                before=language.number(30 * row.count_before / row.exposure_before, 1),
                **say_bounds(row, language),
            )
        )
    if sentences:
        sentences.append(
            language.text(
                "Such a comparison credits the date with everything that was already under way."
            )
        )
    return sentences


def describe_breaks(
    breaks: pd.DataFrame, distances: pd.DataFrame, *, is_rate: bool = True, language: Language
) -> list[str]:
    """Return where the series itself changes, and how far that is from each key date.

    Parameters
    ----------
    breaks, distances : DataFrame
        `analytics.schema.BREAKS` and `analytics.schema.BREAK_DISTANCES`.
    is_rate : bool
        Rates are by day, and said in thirty days; else they are the means of a linear model.
    """
    if breaks.empty:
        return [
            language.text(
                "Searched without being told where to look, the series shows no lasting change of "
                "level."
            )
        ]
    message, scale = (
        (
            mark(
                "Searched without being told where to look, the series changes level at {day} (95 "
                "% interval {days}): from {before} to {after} in 30 days."
            ),
            30,
        )
        if is_rate
        else (
            mark(
                "Searched without being told where to look, the series changes level at {day} (95 "
                "% interval {days}): from {before} to {after}."
            ),
            1,
        )
    )
    sentences = [
        language.text(
            message,
            day=row.date,
            days=language.days(row.date_lower, row.date_upper),
            before=language.number(scale * row.rate_before, 1),
            after=language.number(scale * row.rate_after, 1),
        )
        for row in each_row(breaks)
    ]
    for row in each_row(distances[distances["distance_days"].notna()]):
        sentences.append(_describe_distance(row, language))
    return sentences


def describe_placebos(summary: pd.DataFrame, *, language: Language) -> list[str]:
    """Return how the key date ranks among dates that nobody named beforehand.

    Parameters
    ----------
    summary : DataFrame
        `analytics.schema.PLACEBO_SUMMARY`.
    """
    sentences = []
    for row in each_row(summary[summary["rank"].notna() & summary["share_flagged"].notna()]):
        n_as_large = int(row.rank) - 1
        sentences.append(
            language.text(
                "The same model was fitted at {n} other dates of the time before {day}. As large a "
                "change as at {day} was found at {k} of them; at {flagged} it would have been "
                "called a change, at a date that nobody named.",
                n=int(row.n_placebos),
                day=name_key_date(row.key_date, language),
                k=n_as_large,
                flagged=round(float(row.share_flagged) * int(row.n_placebos)),
            )
        )
    if not sentences:
        return [language.text("The time before is too short to ask the same at other dates.")]
    return sentences


def describe_excess(excess: pd.DataFrame, *, language: Language) -> list[str]:
    """Return how many incidents there were beside what the earlier trend leads one to expect.

    Parameters
    ----------
    excess : DataFrame
        `analytics.schema.EXCESS`: the trend carried on, and dying out.
    """
    said = []
    before = 0.0
    for row in each_row(excess):
        amount, low, high = (
            _say_amount(value, language)
            for value in (row.excess, *sorted((row.excess_lower, row.excess_upper), key=abs))
        )
        if row.version == "carried":
            said.append(
                language.text(
                    "In the days {days} the records hold {amount} than the trend before leads "
                    "one to expect (95 % prediction interval: {low} to {high}).",
                    days=language.days(row.first_day, row.last_day),
                    amount=amount,
                    low=low,
                    high=high,
                )
            )
            if row.is_capped:
                said.append(
                    language.text(
                        "It is added up no further after the date than the series reaches before "
                        "it."
                    )
                )
        elif round(row.excess) != round(before):
            said.append(
                language.text(
                    "Had that trend died out instead, it would be {amount} ({low} to {high}).",
                    amount=amount,
                    low=low,
                    high=high,
                )
            )
        before = row.excess
    if said:
        said.append(
            language.text(
                "That the earlier trend would have gone on is an assumption, not a finding."
            )
        )
    return said


def _say_amount(n: float, language: Language) -> str:
    """Incidents beyond what was expected: "12 more", "12 fewer"."""
    message = mark("{n} more") if n >= 0 else mark("{n} fewer")
    return language.text(message, n=language.number(abs(n)))


def _describe_distance(row: Any, language: Language) -> str:
    key_date = name_key_date(row.key_date, language)
    n_days = abs(int(row.distance_days))
    if row.is_inside_interval:
        return language.text(
            "The interval of the nearest change point includes {key_date}.", key_date=key_date
        )
    if row.distance_days < 0:
        return language.plural(
            "The nearest change point lies {n} day before {key_date}, which is outside its "
            "interval: the change was under way or over by then.",
            "The nearest change point lies {n} days before {key_date}, which is outside its "
            "interval: the change was under way or over by then.",
            n_days,
            key_date=key_date,
        )
    return language.plural(
        "The nearest change point lies {n} day after {key_date}, which is outside its interval.",
        "The nearest change point lies {n} days after {key_date}, which is outside its interval.",
        n_days,
        key_date=key_date,
    )
