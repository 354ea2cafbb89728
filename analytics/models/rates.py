"""Two rates compared without a model, and the smallest change that would have been seen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from analytics.errors import ModelError, ParameterError
from analytics.models.laws import find_quantile

_MOST_EXACT = 10**9


@dataclass(frozen=True)
class RateComparison:
    """The ratio of two rates with its exact interval.

    ``ratio`` and ``ci_upper`` are None where they have no bound (no incident in the reference).

    Examples
    --------
    >>> comparison = compare_rates(60, 51477.5, 30, 54308.7)
    >>> round(comparison.ratio, 6), round(comparison.p_value, 9)
    (2.109998, 0.000675183)
    """

    ratio: float | None
    ci_lower: float
    ci_upper: float | None
    p_value: float
    conf_level: float


def compare_rates(
    count: float,
    exposure: float,
    count_reference: float,
    exposure_reference: float,
    *,
    conf_level: float = 0.95,
) -> RateComparison:
    """Return the ratio of a rate to a reference rate, with exact interval and p value.

    Given the sum of two Poisson counts, the first is binomial. The p value sums the outcomes no
    likelier than the one observed; the interval is Clopper and Pearson's, each tail at half the
    level, so that the two may disagree by a hair, as in R's ``poisson.test``. A count that is not
    whole (interval dates) is rounded for the p value only. Nothing here knows of overdispersion:
    counts of attacks come in bursts, and then the interval is too narrow.

    Parameters
    ----------
    count, count_reference : float
        Incidents.
    exposure, exposure_reference : float
        In the same unit, e.g. days.
    conf_level : float
        Level of the interval.

    Raises
    ------
    ModelError
        No incident at all.
    ParameterError
        A negative or infinite count, or an exposure that is not positive.

    References
    ----------
    Przyborowski & Wilenski (1940), Biometrika 31:313-323. Clopper & Pearson (1934), Biometrika
    26:404-413.

    Examples
    --------
    None after, 12 before: no ratio can be estimated, but it has an upper bound.

    >>> nothing = compare_rates(0, 100, 12, 100)
    >>> nothing.ratio, nothing.ci_lower, round(nothing.ci_upper, 3)
    (0.0, 0.0, 0.36)
    """
    for name, value, is_right in (
        ("count", count, count >= 0),
        ("reference count", count_reference, count_reference >= 0),
        ("exposure", exposure, exposure > 0),
        ("reference exposure", exposure_reference, exposure_reference > 0),
    ):
        if not (is_right and np.isfinite(value)):
            raise ParameterError(f"{name} {value}", "is not possible", "Give a finite number")
    check_conf_level(conf_level)
    total = count + count_reference
    if total == 0:
        raise ModelError(
            "0 incidents", "on either side give no ratio", "Widen the window or the place"
        )
    tail = (1 - conf_level) / 2
    lower = stats.beta.ppf(tail, count, count_reference + 1) if count > 0 else 0.0
    upper = stats.beta.ppf(1 - tail, count + 1, count_reference) if count_reference > 0 else 1.0
    scale = exposure_reference / exposure
    chance = exposure / (exposure + exposure_reference)
    n = max(round(count) + round(count_reference), 1)
    if n < _MOST_EXACT:
        p_value = stats.binomtest(round(count), n, chance).pvalue
    else:
        # The exact test searches for ever among so many; its law is the normal one by then.
        p_value = 2 * stats.norm.sf(abs(count - n * chance) / np.sqrt(n * chance * (1 - chance)))
    return RateComparison(
        ratio=float(count / count_reference * scale) if count_reference > 0 else None,
        ci_lower=float(lower / (1 - lower) * scale),
        ci_upper=float(upper / (1 - upper) * scale) if upper < 1 else None,
        p_value=float(p_value),
        conf_level=conf_level,
    )


def find_detectable_ratio(
    std_error: float,
    *,
    df_resid: float | None = None,
    conf_level: float = 0.95,
    power: float = 0.8,
) -> float:
    """Return the smallest ratio above 1 that a test would have seen with the given power.

    Its reciprocal is the smallest fall. The standard error is that of the log ratio.

    Examples
    --------
    With a standard error of a tenth, a rise by a third would have been seen:

    >>> round(find_detectable_ratio(0.1), 3)
    1.323
    """
    check_conf_level(conf_level)
    reach = find_quantile((1 + conf_level) / 2, df_resid) + find_quantile(power, df_resid)
    return float(np.exp(np.minimum(reach * std_error, 700)))


def check_conf_level(conf_level: float) -> None:
    """Refuse a confidence level that is none.

    Raises
    ------
    ParameterError
        Not between 0.5 and 1.
    """
    if not 0.5 <= conf_level < 1:
        raise ParameterError(
            f"confidence level {conf_level}", "is not between 0.5 and 1", "Take 0.95"
        )
