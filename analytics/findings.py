"""What models found as tables for readers: effects, checks, choices, places, claims."""

from __future__ import annotations

import pandas as pd

from analytics.language import Language
from analytics.names import (
    describe_ratio,
    name_choice,
    name_drawn,
    name_group,
    name_key_date,
    name_model,
    name_option,
    name_place,
    name_term,
    name_verdict,
)
from analytics.tables import each_row, write_interval, write_ratios

_HUGE = 100
_EFFECTS = r"trend|level\[|slope\[|joint"


def tabulate_terms(terms: pd.DataFrame, *, language: Language) -> pd.DataFrame:
    """Return model terms as a table for readers: one row an effect, ratio with its interval.

    The intercept, the season and Ramadan are left out: they are adjusted for, not asked about.
    """
    t = language.text
    rows = list(each_row(terms[terms["term"].str.match(_EFFECTS)]))
    return pd.DataFrame(
        {
            t("Effect"): [name_term(row.term, language) for row in rows],
            **write_ratios(rows, language),
            t("In words"): [describe_ratio(row.ratio, language) for row in rows],
        }
    )


def tabulate_placebos(placebos: pd.DataFrame, *, language: Language) -> pd.DataFrame:
    """Return the placebo dates as a table: day, rate ratio, interval."""
    rows = list(each_row(placebos[placebos["ratio"].notna()]))
    days = [language.day(row.placebo_date) for row in rows]
    return pd.DataFrame({language.text("Day"): days, **write_ratios(rows, language)})


def tabulate_claims(tests: pd.DataFrame, *, language: Language) -> pd.DataFrame:
    """Return the tests of claims as a table: a row a test, verdict last."""
    t = language.text
    rows = list(each_row(tests))
    return pd.DataFrame(
        {
            t("Claim"): [f"{row.claim_id}.{row.test}" for row in rows],
            t("Source"): [row.source for row in rows],
            t("Place"): [name_place(row.place, language) for row in rows],
            t("Days"): [
                name_key_date(row.key_date, language)
                if row.key_date
                else language.days(row.period_start, row.period_end)
                for row in rows
            ],
            t("Compared with"): [
                t("the trend before")
                if row.key_date
                else language.days(row.compared_with_start, row.compared_with_end)
                for row in rows
            ],
            t("Rate ratio"): [language.number(row.ratio, 2) for row in rows],
            t("95 % interval"): [
                t(
                    "{low} to {high}",
                    low=say_ratio(row.ci_lower, language),
                    high=say_ratio(row.ci_upper, language),
                )
                for row in rows
            ],
            t("Smallest rise seen"): [say_ratio(row.detectable_ratio, language) for row in rows],
            t("Decides"): [t("yes") if row.is_deciding else t("no") for row in rows],
            t("Verdict"): [name_verdict(row.verdict, language) for row in rows],
        }
    )


def tabulate_claim_variants(variants: pd.DataFrame, *, language: Language) -> pd.DataFrame:
    """Return the variants of a claim about a key date as a table."""
    t = language.text
    rows = [row for row in each_row(variants) if not row.reason]
    return pd.DataFrame(
        {
            t("Compared with"): [name_place(row.against, language) for row in rows],
            t("Model"): [name_model(row.model, language) for row in rows],
            t("Days"): [language.days(row.window_start, row.window_end) for row in rows],
            **write_ratios(rows, language),
        }
    )


def tabulate_errors(terms: pd.DataFrame, *, language: Language) -> pd.DataFrame:
    """Return the standard errors of each effect, on the log scale, the one used last."""
    t, number = language.text, language.number
    rows = list(each_row(terms[terms["term"].str.match(_EFFECTS)]))
    return pd.DataFrame(
        {
            t("Effect"): [name_term(row.term, language) for row in rows],
            t("Counts by chance"): [number(row.se_model, 3) for row in rows],
            t("Bursts"): [number(row.se_quasi, 3) for row in rows],
            t("Neighbours, no model"): [number(row.se_hac, 3) for row in rows],
            t("Neighbours, lag one"): [number(row.se_autocorrelation, 3) for row in rows],
            t("Used"): [number(row.std_error, 3) for row in rows],
        }
    )


def tabulate_excess(excess: pd.DataFrame, *, language: Language) -> pd.DataFrame:
    """Return observed less expected after each key date, with the trend carried on and damped."""
    t, number = language.text, language.number
    rows = list(each_row(excess))
    versions = {"carried": t("carried on"), "damped": t("dying out")}
    return pd.DataFrame(
        {
            t("Key date"): [name_key_date(row.key_date, language) for row in rows],
            t("Earlier trend"): [versions[row.version] for row in rows],
            t("Days"): [language.days(row.first_day, row.last_day) for row in rows],
            t("Count"): [number(row.count) for row in rows],
            t("Expected"): [number(row.expected) for row in rows],
            t("Difference"): [number(row.excess) for row in rows],
            t("95 % interval"): [
                t("{low} to {high}", low=number(row.excess_lower), high=number(row.excess_upper))
                for row in rows
            ],
        }
    )


def tabulate_choices(choices: pd.DataFrame, *, language: Language) -> pd.DataFrame:
    """Return what the models with each option of each choice say: one row an option."""
    t = language.text
    rows = list(each_row(choices))
    return pd.DataFrame(
        {
            t("Choice"): [name_choice(row.choice, language) for row in rows],
            t("Option"): [name_option(row.choice, row.option, language) for row in rows],
            t("Models"): [language.number(row.n_specifications) for row in rows],
            t("Refused"): [language.number(row.n_refused) for row in rows],
            t("Middle rate ratio"): [language.number(row.median_ratio, 2) for row in rows],
            t("Interval includes no change"): [language.share(row.share_unclear) for row in rows],
        }
    )


def tabulate_comparison(comparison: pd.DataFrame, *, language: Language) -> pd.DataFrame:
    """Return how the ratio of two series changed, under each model of what it did before."""
    t = language.text
    rows = list(each_row(comparison))
    return pd.DataFrame(
        {
            t("Model"): [name_model(row.model, language) for row in rows],
            t("Effect"): [name_term(row.term, language) for row in rows],
            t("Ratio of rates"): [language.number(row.ratio, 2) for row in rows],
            t("95 % interval"): [write_interval(row, language) for row in rows],
            t("Smallest rise seen"): [say_ratio(row.detectable_ratio, language) for row in rows],
        }
    )


def tabulate_places(
    places: pd.DataFrame, *, by: str = "governorate", language: Language
) -> pd.DataFrame:
    """Return each place's change: pooled, of its own where it is told, corrected for many."""
    t, number = language.text, language.number
    told = is_told(places)
    rows = list(each_row(places.assign(is_told=told)))
    return pd.DataFrame(
        {
            t("Place"): [name_group(by, row.place, language) for row in rows],
            t("Before"): [number(row.count_before) for row in rows],
            t("After"): [number(row.count_after) for row in rows],
            t("Pooled ratio"): [number(row.pooled_ratio, 2) for row in rows],
            t("Its interval"): [
                "–" if row.pooled_reason
                else t("{low} to {high}", low=number(row.pooled_lower, 2),
                       high=number(row.pooled_upper, 2))
                for row in rows
            ],
            t("Own ratio"): [
                number(row.ratio, 2) if row.is_told else t("too few to tell") for row in rows
            ],
            t("95 % interval"): [
                write_interval(row, language) if row.is_told else "–" for row in rows
            ],
            t("p value, alone"): [number(row.p_value, 3) for row in rows],
            t("Corrected, Holm"): [number(row.p_holm, 3) for row in rows],
            t("Corrected, Benjamini-Hochberg"): [number(row.p_bh, 3) for row in rows],
        }
    )  # fmt: skip


def is_told(places: pd.DataFrame) -> pd.Series[bool]:
    """Return whether a place's own incidents allow to tell its ratio.

    They do not where the interval spans more than a factor of 100: what is in its middle is then
    what a trend of few incidents, carried on, happens to give.
    """
    return places["ci_upper"] <= _HUGE * places["ci_lower"]


def tabulate_pooled(
    pooled: pd.DataFrame, terms: pd.DataFrame, *, language: Language
) -> pd.DataFrame:
    """Return the effects as they stand, and pooled over draws of what is uncertain."""
    t = language.text
    whole = pd.concat([terms.assign(drawn="nothing"), pooled], ignore_index=True)
    rows = list(each_row(whole[whole["term"].str.match(r"level\[|slope\[|joint")]))
    return pd.DataFrame(
        {
            t("Effect"): [name_term(row.term, language) for row in rows],
            t("Drawn"): [name_drawn(row.drawn, language) for row in rows],
            **write_ratios(rows, language),
        }
    )


def say_ratio(ratio: float, language: Language) -> str:
    """Return a ratio with two digits that tell something; a very large one as "over 100"."""
    if ratio > _HUGE:
        return language.text("over {n}", n=_HUGE)
    return language.number(ratio, 2)
