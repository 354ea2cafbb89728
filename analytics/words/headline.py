"""The first page in words: what happened, compared with what, how sure, in one look."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from analytics.language import Language, mark
from analytics.names import describe_ratio, name_key_date, name_measure, name_period
from analytics.tables import each_row, write_count, write_expected
from analytics.words.readings import say_bounds

KeyNumber = tuple[str, str, str]
"""A number as the reader sees it, what it is, and its interval or comparison."""


def headline_key_date(
    terms: pd.DataFrame,
    distances: pd.DataFrame,
    breaks: pd.DataFrame,
    key_date: str,
    *,
    measure: str = "incidents",
    language: Language,
) -> str:
    """Return the answer at a key date in one sentence; "cannot be told" wherever that is so.

    Parameters
    ----------
    terms : DataFrame
        `analytics.schema.TERMS`; without a row where the model is refused.
    distances, breaks : DataFrame
        `analytics.schema.BREAK_DISTANCES` and `analytics.schema.BREAKS`.
    key_date : str
        Label of the key date.
    """
    said = {
        "day": name_key_date(key_date, language),
        "measure": name_measure(measure, language, in_sentence=True),
    }
    level = _level(terms, key_date)
    if level is None:
        return language.text(
            "Whether the rate of reported {measure} changed at {day} cannot be told: these records "
            "are not enough for a model of it.",
            **said,
        )
    earlier = distances[
        (distances["key_date"] == key_date)
        & (distances["distance_days"] < 0)
        & ~distances["is_inside_interval"].astype(bool)
    ]
    if not level.ci_lower <= 1 <= level.ci_upper and len(earlier):
        found = breaks[breaks["date"] == earlier["break_date"].iloc[0]].iloc[0]
        message = (
            mark(
                "Reported {measure} fell before {day}: at {earlier}, from {before} to {after} in "
                "30 days. What happened at {day} itself cannot be told from these records."
            )
            if found["rate_after"] < found["rate_before"]
            else mark(
                "Reported {measure} rose before {day}: at {earlier}, from {before} to {after} in "
                "30 days. What happened at {day} itself cannot be told from these records."
            )
        )
        return language.text(
            message,
            earlier=found["date"],
            before=language.number(30 * found["rate_before"], 1),
            after=language.number(30 * found["rate_after"], 1),
            **said,
        )
    if level.ci_lower <= 1 <= level.ci_upper:
        return language.text(
            "Whether the rate of reported {measure} changed at {day} cannot be told: a fall, a "
            "rise and no change are all within the interval.",
            **said,
        )
    return language.text(
        "At {day} the rate of reported {measure} was {change} compared with the trend before it, "
        "and the interval leaves out no change. That is an association in time, not a cause.",
        change=describe_ratio(level.ratio, language),
        **said,
    )


def number_key_date(
    terms: pd.DataFrame,
    distances: pd.DataFrame,
    placebo_summary: pd.DataFrame,
    naive: pd.DataFrame,
    key_date: str,
    *,
    language: Language,
) -> list[KeyNumber]:
    """Return the key numbers at a key date; the plain comparison, which misleads, comes last."""
    t, number = language.text, language.number
    numbers: list[KeyNumber] = []
    level = _level(terms, key_date)
    if level is not None:
        numbers += [
            _number_ratio(level, t("level at the date against the trend before it"), language)
        ]
    numbers += [
        (
            language.day(row.break_date),
            t("nearest change the series shows by itself"),
            t("95 % interval {days}", days=language.days(row.break_lower, row.break_upper)),
        )
        for row in each_row(
            distances[distances["key_date"] == key_date].dropna(subset="break_date")
        )
    ]
    ranked = placebo_summary["rank"].notna() & placebo_summary["n_placebos"].gt(0)
    numbers += [
        (
            t("{k} of {n}", k=int(row.rank) - 1, n=int(row.n_placebos)),
            t("other dates with as large a change"),
            t("dates that nobody named"),
        )
        for row in each_row(placebo_summary[ranked])
    ]
    if level is not None and np.isfinite(level.detectable_ratio):
        smallest = f"× {number(level.detectable_ratio, 1)}"
        numbers += [
            (smallest, t("smallest rise that would have been seen"), t("four times in five"))
        ]
    numbers += [
        (
            f"{number(30 * row.count_before / row.exposure_before, 1)} {language.arrow} "
            f"{number(30 * row.count_after / row.exposure_after, 1)}",
            t("in 30 days before and after"),
            t("a plain count, which mistakes what was under way for the date"),
        )
        for row in each_row(naive[(naive["method"] == "before_after") & naive["ratio"].notna()])
    ]
    return numbers


def headline_latest(
    latest: pd.DataFrame, *, interval: str, measure: str = "incidents", language: Language
) -> str:
    """Return what the latest complete period holds against the time before it, in one sentence."""
    if latest.empty:
        return language.text("There is no complete period to compare with an earlier one.")
    # The longest reference says most, where there is one; it comes after the period just before.
    longest = latest.sort_values("compared_with", key=lambda name: name != "long", kind="stable")
    row = longest.iloc[0]
    said = {
        "measure": name_measure(measure, language, in_sentence=True),
        "period": name_period(row["period_start"], interval, language),
        "n": write_count(row["count"], language),
        "change": describe_ratio(row["ratio"], language),
        "reference": language.days(row["reference_start"], row["reference_end"]),
    }
    if not np.isfinite(row["ratio"]):
        return language.text(
            "Reported {measure}, {period}: {n}; none in {reference}, so that no ratio can be "
            "given.",
            **said,
        )
    if row["ci_lower"] > 1 or row["ci_upper"] < 1:
        return language.text(
            "Reported {measure}, {period}: {n}. The rate is {change} compared with "
            "{reference}, more than such periods vary by themselves.",
            **said,
        )
    return language.text(
        "Reported {measure}, {period}: {n}. The rate is {change} compared with {reference}, "
        "but periods vary so much that there may be no change at all.",
        **said,
    )


def number_latest(
    latest: pd.DataFrame, series: pd.DataFrame, *, interval: str, language: Language
) -> list[KeyNumber]:
    """Return the key numbers of the latest period: its count, and its ratio to each reference."""
    t = language.text
    numbers: list[KeyNumber] = []
    for row in each_row(latest.head(1)):
        cell = series[series["period_start"] == row.period_start].iloc[-1]
        low, high = (language.number(cell[bound]) for bound in ("count_min", "count_max"))
        numbers.append(
            (
                write_count(row.count, language),
                name_period(row.period_start, interval, language),
                t("certain to possible: {low} to {high}", low=low, high=high),
            )
        )
    labels = {
        "previous": t("against the period before"),
        "long": t("against up to a year before"),
        "year_before": t("against a year earlier"),
    }
    numbers += [
        _number_ratio(row, labels[row.compared_with], language)
        for row in each_row(latest[latest["ratio"].notna()])
    ]
    total = float(series["count"].sum())
    is_part = "is_withheld" in series and bool(series["is_withheld"].any())
    # A period that the window cuts has fewer days: the first its last ones, the last its first.
    n_days = pd.to_timedelta(series["period_days"], unit="D")
    end = series["period_start"].iloc[-1] + n_days.iloc[-1] - pd.Timedelta(days=1)
    start = (series["period_start"].shift(-1) - n_days).fillna(series["period_start"]).iloc[0]
    name = t("in the periods that are shown") if is_part else t("in the whole window")
    days = language.days(start, end)
    return [*numbers, (write_expected(total, language), name, days)]


def _level(terms: pd.DataFrame, key_date: str) -> pd.Series | None:
    found = terms[(terms["term"] == f"level[{key_date}]") & terms["ratio"].notna()]
    return found.iloc[0] if len(found) else None


def _number_ratio(row: Any, name: str, language: Language) -> KeyNumber:
    """The ratio of a row with its name and its interval."""
    said = say_bounds(row, language)
    return f"× {said.pop('ratio')}", name, language.text("95 % interval {low} to {high}", **said)
