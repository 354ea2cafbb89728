"""Changes at key dates as sentences: level, trend, and what could have been seen."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from analytics.language import Language, mark
from analytics.names import (
    describe_ratio,
    label_of,
    name_interval,
    name_key_date,
    name_measure,
)
from analytics.periods import Window
from analytics.tables import each_row
from analytics.words.readings import read_interval, say_bounds


def describe_level(
    terms: pd.DataFrame,
    *,
    interval: str,
    window: Window,
    measure: str = "incidents",
    distances: pd.DataFrame | None = None,
    language: Language,
) -> list[str]:
    """Return a sentence for each level change: ratio, interval, unit, comparison, reading.

    Where a change point found (``distances``, `analytics.schema.BREAK_DISTANCES`) lies before the
    date and outside its own interval, the reading says that the change cannot be put at the date.
    """
    earlier = _changed_earlier(distances)
    message = (
        mark(
            "At {day} the level of reported {measure} was {change} compared with the trend before "
            "it (rate ratio {ratio}, 95 % interval {low} to {high}; counts per {interval}, {days})."
        )
        if "trend" in set(terms["term"])
        else mark(
            "After {day} the rate of reported {measure} was {change} compared with before (rate "
            "ratio {ratio}, 95 % interval {low} to {high}; counts per {interval}, {days}; no trend "
            "is allowed for)."
        )
    )
    said = {
        "interval": name_interval(interval, language),
        "days": language.days(window.start, window.end),
        "measure": name_measure(measure, language, in_sentence=True),
    }
    is_linear = terms["ratio"].isna() & terms["term"].str.startswith("level[")
    sentences = [
        language.text(
            "At {day} the level changed by {difference} from where the trend before it was heading "
            "(95 % interval {low} to {high}; per {interval}, {days}).",
            day=name_key_date(label_of(row.term), language),
            difference=language.number(row.estimate, 2),
            **say_bounds(row, language),
            **said,
        )
        for row in each_row(terms[is_linear.astype(bool)])
    ]
    for row in _terms_of(terms, ("level", "joint")):
        label = label_of(row.term)
        sentence = language.text(
            message,
            day=name_key_date(label, language),
            change=describe_ratio(row.ratio, language),
            **say_bounds(row, language),
            **said,
        )
        is_late = label in earlier and not row.ci_lower <= 1 <= row.ci_upper
        reading = (
            language.text(
                "That is no change at this date: the series had changed level by {day} already, "
                "and a straight trend does not see it. What happened at the date itself cannot be "
                "told.",
                day=earlier[label],
            )
            if is_late
            else read_interval(row.ci_lower, row.ci_upper, language)
        )
        sentences.append(f"{sentence} {reading}")
    return sentences


def describe_trend(terms: pd.DataFrame, *, language: Language) -> list[str]:
    """Return the trend before the first key date, and how it changed after each."""
    sentences = []
    for row in _terms_of(terms, ("trend",)):
        sentences.append(
            language.text(
                "Before it, reported incidents were {change} from one year to the next (ratio "
                "{ratio} a year, 95 % interval {low} to {high}).",
                change=describe_ratio(row.ratio, language),
                **say_bounds(row, language),
            )
        )
    for row in _terms_of(terms, ("slope",)):
        sentences.append(
            language.text(
                "After {day} the yearly trend itself changed by a factor of {ratio} (95 % interval "
                "{low} to {high}).",
                day=name_key_date(label_of(row.term), language),
                **say_bounds(row, language),
            )
            + " "
            + read_interval(row.ci_lower, row.ci_upper, language)
        )
    return sentences


def describe_detectable(terms: pd.DataFrame, *, language: Language) -> list[str]:
    """Return what change of level this series could have shown, had there been one."""
    return [
        language.text(
            "A rise at {day} to less than {ratio} times the expected level would have been missed "
            "in this series more often than one time in five.",
            day=name_key_date(label_of(row.term), language),
            ratio=language.number(row.detectable_ratio, 2),
        )
        for row in _terms_of(terms, ("level", "joint"))
        if np.isfinite(row.detectable_ratio)
    ]


def _changed_earlier(distances: pd.DataFrame | None) -> dict[str, pd.Timestamp]:
    """Key dates before which the series had already changed, with the day of that change."""
    if distances is None:
        return {}
    return {
        row.key_date: row.break_date
        for row in each_row(distances)
        # Where no break was found, there is no distance to one.
        if pd.notna(row.distance_days) and row.distance_days < 0 and not row.is_inside_interval
    }


def _terms_of(terms: pd.DataFrame, kinds: tuple[str, ...]) -> list[Any]:
    """Rows of these kinds of term that have an estimate."""
    is_kind = terms["term"].str.split("[").str[0].isin(kinds)
    return list(each_row(terms[is_kind & terms["ratio"].notna()]))
