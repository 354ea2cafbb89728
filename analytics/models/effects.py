"""One effect of one fit as a row, for checks that fit a model many times over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import nan
from typing import Any

import pandas as pd

from analytics.errors import AnalyticsError
from analytics.models.segmented import Solution, solve_segmented
from analytics.periods import KeyDate

EFFECT_KINDS = ("level", "slope")
_NUMBERS = (
    "estimate",
    "std_error",
    "ratio",
    "ci_lower",
    "ci_upper",
    "statistic",
    "p_value",
    "detectable_ratio",
)


@dataclass(frozen=True)
class Effect:
    """The level (or slope) of one key date in one fit; numbers are empty where there is a reason.

    ``remarks`` are the codes of the fit's notes, parted by semicolons.
    """

    n_fitted: int = 0
    estimate: float = nan
    std_error: float = nan
    ratio: float = nan
    ci_lower: float = nan
    ci_upper: float = nan
    statistic: float = nan
    p_value: float = nan
    detectable_ratio: float = nan
    remarks: str = ""
    reason: str = ""

    def as_row(self) -> dict[str, Any]:
        """Return the fields by name."""
        return asdict(self)


def fit_effect(
    series: pd.DataFrame,
    key_date: KeyDate,
    *,
    effect: str = "level",
    others: Sequence[KeyDate] = (),
    **options: Any,
) -> Effect:
    """Return one effect of a segmented fit, or the reason why there is none.

    A refusal is a finding here, not an error: the row stays, with its reason.

    Parameters
    ----------
    series : DataFrame
        One group's series.
    key_date : KeyDate
        The date whose effect is wanted.
    effect : {"level", "slope"}
    others : sequence of KeyDate
        Further dates in the same model.
    **options
        Those of `fit_segmented`.
    """
    try:
        fit = solve_segmented(series, [key_date, *others], **options)
    except AnalyticsError as error:
        return Effect(reason=f"{error.value}: {error.rule}")
    return read_effect(fit, key_date, effect)


def read_effect(fit: Solution, key_date: KeyDate, effect: str = "level") -> Effect:
    """Return one effect of a solved fit, or the reason why it has none."""
    n_fitted = len(fit.core.mean)
    if fit.core.family == "gaussian":
        return Effect(n_fitted, reason="a linear model gives a difference, not a ratio")
    term = f"{effect}[{key_date.label}]"
    if term not in fit.terms["term"]:
        joint = [
            change.label
            for change in fit.changes
            if "+" in change.label and key_date.label in change.label.split("+")
        ]
        why = f"only as the joint effect of {joint[0]}" if joint else f"no {effect} in the model"
        return Effect(n_fitted, reason=f"{key_date.label}: {why}")
    at = fit.terms["term"].index(term)
    remarks = "; ".join(dict.fromkeys(note.code for note in fit.notes))
    numbers: dict[str, Any] = {name: fit.terms[name][at] for name in _NUMBERS}
    return Effect(n_fitted, remarks=remarks, **numbers)
