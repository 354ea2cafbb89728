"""Remarks that a model makes about itself: a code and its values, put in words by a later stage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

MEANINGS: dict[str, str] = {
    "exposure_column": "the column 'exposure' takes the place of the days of the period",
    "exposure_equal": "no exposure is given: every period counts the same",
    "exposure_ignored": "a linear model takes no account of the days of the period",
    "exposure_divides": "a linear model is fitted to count divided by exposure",
    "mixed_periods": "{n_periods} periods contain {date} after their first day and are not fitted",
    "transition_periods": "{n_periods} periods touch the transition {date} and are not fitted",
    "incomplete_periods": "{n_periods} incomplete periods are shown and not fitted",
    "uncovered_periods": "{n_periods} periods were not covered and are not fitted",
    "rung_step": "{n_bins} periods on the shorter side of {date}: step only, weak evidence",
    "rung_two_rate": "{n_bins} periods on the shorter side of {date}: two rates compared, no trend",
    "rung_overruled": "{effects} at {date} as asked, on {n_bins} periods on its shorter side",
    "feast_constant": "the share of days in {term} is the same in every period: left out",
    "joint_effect": "{dates} cannot be told apart ({reason} {value}): one joint effect",
    "not_separable": "{dates} can hardly be told apart ({reason} {value})",
    "interval_too_narrow": "lag-one correlation {lag1_correlation}: the interval is too narrow",
    "negbin_fell_back": "no negative binomial fits better than Poisson ({reason}): quasi-Poisson",
    "no_variation": "the counts vary less than any count would: Poisson errors are printed",
    "one_period_dominates": "without {period} the lack of fit would fall by {share}",
    "sparse_counts": "{mean} incidents a period: t intervals are approximate",
    "few_before": "{count} incidents before {date}: the interval is rough",
    "few_after": "{count} incidents after {date}: the interval is rough",
    "imprecise": "{term} is hardly determined: its interval spans a factor of {factor}",
    "harmonics_reduced": "{harmonics} harmonic pairs: the periods are too long for more",
    "beyond_horizon": "{n_periods} periods lie further after {date} than the series before it",
    "dates_share": "{share} of the variance of {term} is due to interval dates",
    "draws_failed": "{n_failed} of {n_draws} draws could not be fitted and are left out",
    "no_incidents": "no incident in {n_periods} periods",
    "few_placebos": "{n_placebos} placebo dates are worth {n_independent} independent ones",
    "spill_over": "a change that reached the comparison too, or moved there, is not seen here",
    "pretrend_differs": "the two drifted apart before the date, by a factor of {ratio} a year",
    "empty_pairs": "{n_periods} periods have no incident in either series",
    "breaks_may_wander": "lag-one correlation {lag1_correlation}: breaks may be mere wandering",
}
"""What each code says, with the names of its values in braces."""


@dataclass(frozen=True)
class Note:
    """One remark: a code of `MEANINGS` and the values that belong to it.

    Examples
    --------
    >>> print(Note("interval_too_narrow", {"lag1_correlation": 0.71}))
    lag-one correlation 0.71: the interval is too narrow
    """

    code: str
    values: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return MEANINGS[self.code].format(**self.values)
