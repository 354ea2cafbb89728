"""What models say of themselves, in the reader's words: one message for each code of a note."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from analytics.language import Language, mark
from analytics.names import name_key_date, name_term

_LABEL = re.compile(r"\d{4}-\d{2}-\d{2}((/|\+| and )\d{4}-\d{2}-\d{2})*")
_TERM = re.compile(r"(level|slope|joint)\[.*\]|trend|ramadan|eid")

MESSAGES: dict[str, str] = {
    "exposure_column": mark("Rates are per unit of the exposure column, not per day."),
    "exposure_equal": mark("No exposure is given: every period counts the same."),
    "exposure_ignored": mark("The linear model takes no account of the days of a period."),
    "exposure_divides": mark("The linear model is fitted to counts divided by exposure."),
    "mixed_periods": mark(
        "Periods that contain {date} after their first day are shown and not fitted ({n_periods})."
    ),
    "transition_periods": mark(
        "Periods that touch the transition {date} are shown and not fitted ({n_periods})."
    ),
    "incomplete_periods": mark("Incomplete periods are shown hollow and not fitted ({n_periods})."),
    "uncovered_periods": mark("Periods that no source covered are not fitted ({n_periods})."),
    "rung_step": mark(
        "There are only {n_bins} periods on the shorter side of {date}: a step is estimated, no "
        "change of trend, and the evidence is weak."
    ),
    "rung_two_rate": mark(
        "There are only {n_bins} periods on the shorter side of {date}: two rates are compared, "
        "with no account of a trend that was under way."
    ),
    "rung_overruled": mark(
        "{effects} was asked for at {date}, where the shorter side has only {n_bins} periods."
    ),
    "feast_constant": mark("{term} has the same share of every period and is left out."),
    "joint_effect": mark(
        "{dates} are too close to be told apart ({reason}: {value}); their joint effect is given."
    ),
    "not_separable": mark("{dates} can hardly be told apart ({reason}: {value})."),
    "interval_too_narrow": mark(
        "Neighbouring periods are so alike (correlation {lag1_correlation}) that every interval "
        "here is too narrow."
    ),
    "negbin_fell_back": mark(
        "No negative binomial model fits better ({reason}); quasi-Poisson is used."
    ),
    "no_variation": mark("The counts vary less than chance would make them."),
    "one_period_dominates": mark(
        "Without the period of {period}, what the model does not fit would be less by {share}."
    ),
    "few_before": mark("There are only {count} incidents before {date}: the interval is rough."),
    "few_after": mark("There are only {count} incidents after {date}: the interval is rough."),
    "sparse_counts": mark(
        "With {mean} incidents a period on average the intervals are approximate."
    ),
    "imprecise": mark("{term} is hardly determined: its interval spans a factor of {factor}."),
    "harmonics_reduced": mark("The periods are too long for more than {harmonics} harmonic pairs."),
    "beyond_horizon": mark(
        "{n_periods} periods lie further after {date} than the series reaches before it; the "
        "expectation for them is not to be trusted."
    ),
    "dates_share": mark("Uncertain dates make {share} of the variance of this effect: {term}."),
    "draws_failed": mark("{n_failed} of {n_draws} draws of the dates could not be fitted."),
    "few_placebos": mark(
        "There are {n_placebos} other dates to compare with, worth {n_independent} independent "
        "ones: a rank among them says little."
    ),
    "spill_over": mark(
        "A change that reached the area compared with, or moved there, is not seen here."
    ),
    "pretrend_differs": mark(
        "The two series drifted apart before the date already, by a factor of {ratio} a year."
    ),
    "empty_pairs": mark("In {n_periods} periods neither series has an incident."),
    "no_incidents": mark("There is no incident in {n_periods} periods."),
    "breaks_may_wander": mark(
        "Neighbouring periods are alike (correlation {lag1_correlation}): a change point may be "
        "mere wandering."
    ),
}

# Values of ``reason``, as the models give them.
REASONS = (
    mark("periods between them"),
    mark("correlation of their levels"),
    mark("correlation of their slopes"),
    mark("variance inflation"),
    mark("errors not finite"),
    mark("dispersion at its bound"),
    mark("likelihood below Poisson's"),
)


def describe_note(code: str, values: Mapping[str, object], *, language: Language) -> str:
    """Return the sentence for a note's code, its values in the reader's numerals and names.

    A code without a sentence is shown as it is: a remark is never lost for want of words.

    Examples
    --------
    >>> describe_note("sparse_counts", {"mean": 0.4}, language=Language("en"))
    'With 0.40 incidents a period on average the intervals are approximate.'
    """
    if code not in MESSAGES:
        return f"⟦{code}⟧"
    if code == "few_placebos" and not values["n_placebos"]:
        return language.text("The time before is too short to ask the same at other dates.")
    said = {name: _say(name, value, language) for name, value in values.items()}
    return language.text(MESSAGES[code], **said)


def _say(name: str, value: object, language: Language) -> object:
    """A value of a note as a reader would say it."""
    if isinstance(value, bool):
        return str(value)
    if name == "share" and isinstance(value, float):
        return language.share(value)
    if isinstance(value, float):
        return language.number(value, 0 if value.is_integer() else 2)
    if isinstance(value, list | tuple):
        return language.listed([str(_say(name, item, language)) for item in value])
    if isinstance(value, str):
        if _LABEL.fullmatch(value):
            return name_key_date(value, language)
        if _TERM.fullmatch(value):
            return name_term(value, language)
        return language.text(value) if name == "reason" else value
    return value if isinstance(value, int | pd.Timestamp) else str(value)


def describe_notes(notes: Sequence[Any], *, language: Language) -> list[str]:
    """Return what the models said of themselves, a sentence a note (with ``code``, ``values``)."""
    return [describe_note(note.code, note.values, language=language) for note in notes]
