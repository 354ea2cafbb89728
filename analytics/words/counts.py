"""Counts as sentences: what the records hold, the latest period, a chart for who cannot see it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import PurePath
from typing import Any

import numpy as np
import pandas as pd

from analytics.cells import total_groups
from analytics.language import Language
from analytics.names import describe_ratio, name_group, name_interval, name_measure, name_period
from analytics.periods import Window
from analytics.reference import load_coverage
from analytics.tables import each_row, write_expected
from analytics.words.readings import read_interval, say_bounds


def describe_records(
    balance: Mapping[str, float], window: Window, *, language: Language, smallest: int = 0
) -> list[str]:
    """Return what the records hold, and where each of them went.

    Parameters
    ----------
    balance : mapping
        From `analytics.balance.balance_records`.
    window : Window
        The days of the report.
    smallest : int
        The smallest number that the edition tells of a part of the records.
    """
    if any(0 < balance[part] < smallest for part in ("inside", "outside")):
        return []
    number = language.number
    total = round(balance["incidents"])
    sentences = [
        language.plural(
            "The records hold {n} incident; {inside} of it falls in the days {days}, "
            "{outside} outside them.",
            "The records hold {n} incidents; {inside} of them fall in the days {days}, "
            "{outside} outside them.",
            total,
            inside=write_expected(balance["inside"], language),
            outside=write_expected(balance["outside"], language),
            days=language.days(window.start, window.end),
        )
    ]
    if balance["with_interval_date"] >= max(smallest, 1e-9):
        sentences.append(
            language.text(
                "{spread} of them are dated only to an interval of days: each is spread evenly "
                "over its interval, and the charts show what is certain and what is possible.",
                spread=number(balance["with_interval_date"]),
            )
        )
    if balance["without_governorate"] >= max(smallest, 1e-9):
        sentences.append(
            language.text(
                "{unplaced} name no governorate and are counted for the country only.",
                unplaced=number(balance["without_governorate"]),
            )
        )
    return sentences


def describe_latest(latest: pd.DataFrame, *, interval: str, language: Language) -> list[str]:
    """Return how the latest period compares with each reference, and what that allows to say.

    Parameters
    ----------
    latest : DataFrame
        `analytics.schema.LATEST`.
    interval : str
        Length of a period.
    """
    if latest.empty:
        return [
            language.text(
                "There is no earlier complete period with incidents in the records, so nothing to "
                "compare with."
            )
        ]
    first = latest.iloc[0]
    sentences = [
        language.plural(
            "In {period} the records hold {n} incident.",
            "In {period} the records hold {n} incidents.",
            round(float(first["count"]), 1),
            n=write_expected(float(first["count"]), language),
            period=name_period(first["period_start"], interval, language),
        )
    ]
    for row in each_row(latest):
        reference = language.days(row.reference_start, row.reference_end)
        rate = language.number(30 * row.count_reference / row.days_reference, 1)
        if np.isfinite(row.ratio):
            sentence = language.text(
                "The rate was {change} compared with {reference}, when there were {rate} in 30 "
                "days (rate ratio {ratio}, 95 % interval {low} to {high}).",
                change=describe_ratio(row.ratio, language),
                reference=reference,
                rate=rate,
                **say_bounds(row, language),
            )
            reading = read_interval(row.ci_lower, row.ci_upper, language)
            sentences.append(f"{sentence} {reading}")
        else:
            sentences.append(
                language.text(
                    "In {reference} the records hold none, so that no ratio can be given.",
                    reference=reference,
                )
            )
    return sentences


def describe_series(
    series: pd.DataFrame, *, interval: str, measure: str = "incidents", language: Language
) -> str:
    """Return a series in a sentence, for who cannot see its chart: total, highest, latest."""
    counted = series.dropna(subset="count")
    if "is_withheld" in series and series["is_withheld"].any():
        return language.text(
            "Of {n} periods the counts of {k} are withheld; the others hold {total} {measure}.",
            n=len(series),
            k=int(series["is_withheld"].sum()),
            total=write_expected(float(counted["count"].sum()), language),
            measure=name_measure(measure, language, in_sentence=True),
        )
    if counted.empty or not counted["count"].sum():
        return language.text("The chart has no incident to show.")
    highest = counted.iloc[int(counted["count"].to_numpy().argmax())]
    last = counted.iloc[-1]
    return language.text(
        "Reported {measure} per {interval}: {total} in all; most in {highest}, {peak}; in the "
        "last, {last}, {latest}.",
        measure=name_measure(measure, language, in_sentence=True),
        interval=name_interval(interval, language),
        total=write_expected(float(counted["count"].sum()), language),
        highest=name_period(highest["period_start"], interval, language),
        peak=write_expected(float(highest["count"]), language),
        last=name_period(last["period_start"], interval, language),
        latest=write_expected(float(last["count"]), language),
    )


def describe_totals(series: pd.DataFrame, *, language: Language, most: int = 5) -> str:
    """Return the largest groups with their totals in a sentence."""
    column = series.columns[0]
    totals = total_groups(series)["count"]
    totals = totals[totals > 0].head(most)
    if totals.empty:
        return language.text("The chart has no incident to show.")
    return language.text(
        "By number: {groups}.",
        groups=language.listed(
            [
                language.text(
                    "{group} {total}",
                    group=name_group(column, str(group), language),
                    total=write_expected(float(total), language),
                )
                for group, total in totals.items()
            ]
        ),
    )


def describe_coverage(files: Sequence[str], *, language: Language) -> list[str]:
    """Return what is known of how much the files of records hold; that nothing is, if so."""
    coverage = load_coverage()
    sentences = []
    for name in (PurePath(file).name for file in files):
        known = coverage[coverage["dataset"] == name]
        sentences += [_LIMITS[row.limit](row, language) for row in each_row(known)] or [
            language.text(
                "Nobody has measured what share of attacks {file} holds: a change in it may be "
                "a change in reporting.",
                file=name,
            )
        ]
    return sentences


def _describe_share(row: Any, language: Language) -> str:
    return language.text(
        "These records hold between {low} and {high} of the attacks that others counted in these "
        "months. They list attacks; they cannot show a trend.",
        low=language.share(row.share_low),
        high=language.share(row.share_high),
    )


_LIMITS: dict[str, Callable[[Any, Language], str]] = {
    "partial": _describe_share,
    "lethal_only": lambda _, language: language.text(
        "The records hold lethal events only: an attack that killed nobody is not in them."
    ),
    "side_unknown": lambda _, language: language.text(
        "Clashes between state forces and the Islamic State are in them whoever attacked: a count "
        "of events is not a count of its attacks."
    ),
    "not_coded": lambda row, language: language.text(
        "{place} is not told apart in these records: it has no count, which is not a zero.",
        place=name_group("governorate", row.governorate, language),
    ),
    "search_effort": lambda _, language: language.text(
        "How hard somebody searched differs between months, so that more records need not mean "
        "more attacks."
    ),
}


def describe_band(band: pd.DataFrame, *, language: Language) -> list[str]:
    """Return how few and how many incidents the reports can be; nothing where that is certain.

    Parameters
    ----------
    band : DataFrame
        A series with `analytics.schema.BAND`, over the whole window.
    """
    total = band[["count_fewest", "count", "count_most"]].sum()
    if total["count_fewest"] == total["count_most"]:
        return []
    return [
        language.text(
            "Which reports tell of one incident is a judgement. Counted here: {best}. If all that "
            "may be one are one: {fewest}. If no two reports tell of the same: {most}.",
            best=write_expected(float(total["count"]), language),
            fewest=write_expected(float(total["count_fewest"]), language),
            most=write_expected(float(total["count_most"]), language),
        )
    ]
