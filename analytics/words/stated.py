"""Totals that others stated, as sentences: their rates, and what they say of the records."""

from __future__ import annotations

import pandas as pd

from analytics.language import Language
from analytics.names import name_measure
from analytics.stated import name_scope, state_value
from analytics.tables import each_row


def describe_rates(rates: pd.DataFrame, *, language: Language) -> list[str]:
    """Return the rates between the running totals of one source, a sentence a stretch."""
    return [
        language.text(
            "{days}: {n} attacks by its own totals, {rate} in 30 days (95 % interval {low} to "
            "{high}).",
            days=language.days(row.period_start, row.period_end),
            n=language.number(row.count),
            rate=language.number(row.rate_per_30_days, 1),
            low=language.number(row.ci_lower, 1),
            high=language.number(row.ci_upper, 1),
        )
        for row in each_row(rates)
    ]


def describe_rivals(rates: pd.DataFrame, rivals: pd.DataFrame, *, language: Language) -> list[str]:
    """Return where two tables of one running count disagree, and what hangs on it.

    Nothing says which is right, so neither is chosen.

    Parameters
    ----------
    rates, rivals : DataFrame
        From `analytics.aggregates.difference_running_totals`, of either table.
    """
    if rates.empty or rivals.empty:
        return []
    ends = ["period_end", "running_total"]
    same_total = rates[ends].merge(rivals[ends], on="running_total", suffixes=("", "_rival"))
    same_day = rates[ends].merge(rivals[ends], on="period_end", suffixes=("", "_rival"))
    apart = same_total[same_total["period_end"] != same_total["period_end_rival"]]
    unlike = same_day[same_day["running_total"] != same_day["running_total_rival"]]
    said = [
        language.text(
            "{n} are told until {day} above, and until {rival} in the other table.",
            n=language.number(row.running_total),
            day=row.period_end,
            rival=row.period_end_rival,
        )
        for row in each_row(apart)
    ]
    said += [
        language.text(
            "Until {day} there are {n} above, and {rival} in the other table.",
            day=row.period_end,
            n=language.number(row.running_total),
            rival=language.number(row.running_total_rival),
        )
        for row in each_row(unlike)
    ]
    if not said:
        return []
    steps = [step for each in (rates, rivals) for step in _largest_rise(each)]
    if len(steps) == 4:
        names = ("before", "after", "before_rival", "after_rival")
        said.append(
            language.text(
                "Above, the rate of the last year rises most at {day}, from {before} to {after} in "
                "30 days; in the other table at {rival}, from {before_rival} to {after_rival}.",
                day=steps[1].period_start,
                rival=steps[3].period_start,
                **{
                    name: language.number(step.rate_per_30_days, 1)
                    for name, step in zip(names, steps, strict=True)
                },
            )
        )
    return [
        language.text(
            "The same count is printed a second time with other days or figures. Nothing tells "
            "which is right, so both are given."
        ),
        " ".join(said),
    ]


def _largest_rise(rates: pd.DataFrame) -> list[pd.Series]:
    """The stretches before and after the largest rise of the rate, in the last run of totals."""
    run_of = (rates["count"] == rates["running_total"]).cumsum()
    run = rates[run_of == run_of.max()]
    rises = run["rate_per_30_days"].diff().fillna(0).to_numpy()
    after = int(rises.argmax())
    return [run.iloc[after - 1], run.iloc[after]] if rises[after] > 0 else []


def describe_statements(found: pd.DataFrame, *, language: Language) -> list[str]:
    """Return what stated totals say of the records: how many are missing, where both disagree.

    Parameters
    ----------
    found : DataFrame
        From `analytics.reconciliation.reconcile_statements`.
    """
    if found.empty:
        return [language.text("No total that others stated lies wholly in these days and place.")]
    compared = found[found["outcome"] != "not comparable"]
    said = [
        language.plural(
            "{n} total that others stated lies wholly in these days; {k} can be set beside the "
            "records. None is ever added to a count.",
            "{n} totals that others stated lie wholly in these days; {k} can be set beside the "
            "records. None is ever added to a count.",
            len(found),
            k=language.number(len(compared)),
        )
    ]
    missed = compared[compared["outcome"] == "missed"]
    if len(missed):
        row = missed.iloc[int(missed["missed_min"].to_numpy(float).argmax())]
        said.append(
            language.text(
                "Totals by which something is missing here for certain: {n}. Most is missing by "
                "{who}: {value} ({measure}, {place}, {days}), of which the records hold at most "
                "{known}.",
                n=language.number(len(missed)),
                **_facts(row, language),
                known=language.number(row["known_max"]),
            )
        )
    said += [
        language.text(
            "{who} stated {value} ({measure}, {place}, {days}), the records hold at least {known}: "
            "the two do not count the same, or one is wrong.",
            **_facts(row, language),
            known=language.number(row["known_min"]),
        )
        for _, row in compared[compared["outcome"] == "contradiction"].iterrows()
    ]
    return said


def _facts(row: pd.Series, language: Language) -> dict[str, str]:
    measure = {"attacks": "incidents"}.get(row["unit"], row["unit"])
    return {
        "who": str(row["claimed_by"]),
        "value": state_value(row["value"], str(row.get("operator", "")), language),
        "measure": name_measure(measure, language, in_sentence=True),
        "place": name_scope(row, language),
        "days": language.days(row["period_start"], row["period_end"]),
    }


def describe_published(rates: pd.DataFrame, *, language: Language) -> str:
    """Return how many published figures are drawn, of how many definitions."""
    return language.text(
        "{n} published figures under {k} definitions, as rates per 30 days.",
        n=len(rates),
        k=int(rates["series_id"].nunique()),
    )
