"""Break points: dates found in a series, without being told where to look; "none" is an answer."""

from __future__ import annotations

from dataclasses import dataclass
from math import log, sqrt

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics.errors import ModelError, ParameterError
from analytics.models.notes import Note
from analytics.models.observed import Observed, read_observed
from analytics.models.segments import (
    MAX_PERIODS,
    cost_of_segments,
    fit_segments,
    partition,
    scale_of_segments,
)
from analytics.schema import BREAK_PATH, BREAKS, names

_FAMILIES = ("poisson", "gaussian")
# The scale of the model with fewer breaks counts up to this multiple of that with more: measured
# in docs/decisions/030.
_MOST_OF_SIMPLER = 2.0
# From here on, wandering of the series is found as breaks more often than one time in ten.
_WANDERING = 0.3


@dataclass(frozen=True)
class FoundBreaks:
    """Break points found in one series.

    ``breaks`` has a row per break (`analytics.schema.BREAKS`; no row: no change found), ``path`` a
    row per number of breaks (`analytics.schema.BREAK_PATH`), ``notes`` what a reader must know.
    """

    breaks: pd.DataFrame
    path: pd.DataFrame
    notes: tuple[Note, ...]


def find_breaks(
    series: pd.DataFrame,
    *,
    max_breaks: int = 5,
    min_segment: int = 6,
    family: str = "poisson",
    with_trend: bool = False,
    exposure: str | None = "period_days",
    conf_level: float = 0.95,
) -> FoundBreaks:
    r"""Return the break points of a count series, each with an interval for its date.

    The search is exact: of all ways to cut the series into segments, the one of highest likelihood
    for each number of breaks. How many breaks there are is decided by BIC, each break costing two
    parameters (a rate and a date), with the likelihood scaled for overdispersion and correlation:
    plain Poisson finds changes in what is only unevenness.

    Parameters
    ----------
    series : DataFrame
        One group's series (`analytics.schema.SERIES`). Periods that are incomplete, not covered
        or without count are left out.
    max_breaks : int
        Largest number of breaks considered.
    min_segment : int
        Fewest periods between two breaks, and before the first and after the last.
    family : {"poisson", "gaussian"}
        Poisson: rates per day of exposure, log link. Gaussian: means per period, exposure
        ignored, plain BIC; meant for outcomes that are not counts.
    with_trend : bool
        Each segment has a slope of its own (log-linear for Poisson), so that a steady decline is
        not cut into steps. Needs 600 periods or fewer.
    exposure : str, optional
        Column of exposure, read as `fit_segmented` reads it.
    conf_level : float
        Level of the intervals.

    Returns
    -------
    FoundBreaks

    Raises
    ------
    ModelError
        Too few periods for a single break, or too many for an exact search.
    ParameterError
        An option outside what is allowed.
    SeriesError
        Not a series.

    Notes
    -----
    Model m with m breaks has deviance :math:`D_m` (residual sum of squares for gaussian) and
    2m+1 parameters (3m+2 with trend). Going up from m = 0, k > m breaks replace m where
    :math:`(D_m - D_k)/s > (p_k - p_m) \log n`. The scale of model m is
    :math:`s_m = \hat\phi_m (1+r_m)/(1-r_m)`: Pearson dispersion (not below 1) times the inflation
    by a positive lag-one correlation. The richer model takes noise for breaks and has too small a
    scale, the simpler one takes breaks for noise and has too large a one: s is the larger, but at
    most twice :math:`s_k`. False breaks then stay rare (docs/decisions/030 has the rates). For
    gaussian the gain is :math:`n \log(D_m/D_k)`, unscaled.

    The interval of a date is the profile-likelihood set: dates for which the scaled deviance,
    the other breaks placed anew, is within :math:`-2\log(1-\sqrt{\text{conf level}})` (7.35 at
    95 %) of its minimum. That is the quantile of the likelihood ratio of a break date when the
    break is small; for a large break the interval is too wide rather than too narrow.

    References
    ----------
    Jackson et al. (2005), IEEE Signal Processing Letters 12:105-108 (optimal partitioning).
    Yao (1988), Statistics & Probability Letters 6:181-189 (BIC for the number of breaks).
    Hansen (2000), Econometrica 68:575-603 (the quantile 7.35 of the likelihood ratio).
    Bai & Perron (2003), Journal of Applied Econometrics 18:1-22 (dynamic programming).

    Examples
    --------
    Two incidents a day until the end of 2016, one a day afterwards:

    >>> start = pd.date_range("2016-01-04", periods=104, freq="7D")
    >>> weeks = pd.DataFrame({"period_start": start, "period_days": 7})
    >>> weeks["count"] = [14] * 52 + [7] * 52
    >>> find_breaks(weeks).breaks[["date", "rate_before", "rate_after", "ratio"]]
            date  rate_before  rate_after  ratio
    0 2017-01-02          2.0         1.0    0.5
    """
    _check_options(max_breaks, min_segment, family, conf_level)
    is_poisson = family == "poisson"
    observed = read_observed(
        series, exposure=exposure if is_poisson else None, is_linear=not is_poisson
    )
    counts, days = observed.counts, observed.exposure
    _check_length(len(counts), min_segment, with_trend)
    costs = cost_of_segments(counts, days, min_segment, is_poisson, with_trend)
    tables = partition(costs, min(max_breaks, len(counts) // min_segment - 1))
    fits = [fit_segments(counts, days, cuts, is_poisson, with_trend) for cuts in tables.cuts]
    scales = [
        scale_of_segments(counts, days, fit, cuts, observed.numbers, with_trend)
        for fit, cuts in zip(fits, tables.cuts, strict=True)
    ]
    path, chosen = _choose(
        tables.deviances,
        [scale.factor for scale in scales] if is_poisson else None,
        len(counts),
        3 if with_trend else 2,
    )
    path["dispersion"] = [scale.dispersion for scale in scales]
    path["lag1_correlation"] = [scale.lag1_correlation for scale in scales]
    path["dates"] = [
        "; ".join(f"{day:%Y-%m-%d}" for day in observed.starts[list(cuts)]) for cuts in tables.cuts
    ]
    threshold = -2 * log(1 - sqrt(conf_level))
    rows = []
    cuts = tables.cuts[chosen]
    for number, cut in enumerate(cuts):
        profile = tables.profile(number, chosen)
        best = float(np.nanmin(profile))
        with np.errstate(invalid="ignore"):
            excess = (
                (profile - best) / scales[chosen].factor
                if is_poisson
                else len(counts) * np.log(np.maximum(profile, 1e-300) / max(best, 1e-300))
            )
            inside = np.flatnonzero(excess <= threshold + 1e-9)
        rows.append(_describe_break(observed, number, cut, cuts, inside, fits[chosen], days))
    notes = [*observed.notes]
    if counts.sum() == 0:
        notes.append(Note("no_incidents", {"n_periods": len(counts)}))
    correlation = scales[chosen].lag1_correlation
    if cuts and is_poisson and correlation >= _WANDERING:
        notes.append(Note("breaks_may_wander", {"lag1_correlation": round(correlation, 2)}))
    return FoundBreaks(
        _typed(pd.DataFrame(rows, columns=names(BREAKS))), path[names(BREAK_PATH)], tuple(notes)
    )


def _choose(
    deviances: list[float], scales: list[float] | None, n: int, per_break: int
) -> tuple[pd.DataFrame, int]:
    """Climb the path: relative BIC of each number of breaks, and the number chosen."""
    chosen, bic = 0, [0.0]
    floor = max(deviances[0], 0.0) * 1e-12 + 1e-12
    for k in range(1, len(deviances)):
        fewer, more = max(deviances[chosen], floor), max(deviances[k], floor)
        if scales is None:
            gain = n * log(fewer / more)
        else:
            scale = min(max(scales[chosen], scales[k]), _MOST_OF_SIMPLER * scales[k])
            gain = (fewer - more) / scale
        bic.append(bic[chosen] - gain + (k - chosen) * per_break * log(n))
        if bic[k] < bic[chosen] - 1e-9:
            chosen = k
    numbers = np.arange(len(deviances))
    path = pd.DataFrame(
        {
            "n_breaks": numbers,
            "n_parameters": numbers * per_break + per_break - 1,
            "deviance": deviances,
            "bic_change": bic,
            "is_chosen": numbers == chosen,
        }
    )
    return path, chosen


def _describe_break(
    observed: Observed,
    number: int,
    cut: int,
    cuts: tuple[int, ...],
    inside: npt.NDArray[np.intp],
    fit: npt.NDArray[np.float64],
    days: npt.NDArray[np.float64],
) -> dict[str, object]:
    """One row of `analytics.schema.BREAKS`."""
    edges = (0, *cuts, len(observed.counts))
    # Periods that were not observed may hide the change: the interval begins right after the
    # last observed period of the earlier segment.
    lower = observed.starts_after[int(inside.min()) - 1]
    before, after = float(fit[cut - 1] / days[cut - 1]), float(fit[cut] / days[cut])
    has_ratio = before > 0 and after >= 0
    return {
        "break_number": number + 1,
        "date": observed.starts[cut],
        "date_lower": lower,
        "date_upper": observed.starts[int(inside.max())],
        "n_before": cut - edges[number],
        "n_after": edges[number + 2] - cut,
        "rate_before": before,
        "rate_after": after,
        "ratio": after / before if has_ratio else np.nan,
        "reason": "" if has_ratio else "no ratio: the rate before is not above zero",
    }


def _typed(frame: pd.DataFrame) -> pd.DataFrame:
    """Kinds of columns, also where there is no row."""
    days = ["date", "date_lower", "date_upper"]
    numbers = ["break_number", "n_before", "n_after"]
    rates = ["rate_before", "rate_after", "ratio"]
    return frame.astype(
        dict.fromkeys(days, "datetime64[us]")
        | dict.fromkeys(numbers, "int64")
        | dict.fromkeys(rates, "float64")
        | {"reason": "str"}
    )


def _check_options(max_breaks: int, min_segment: int, family: str, conf_level: float) -> None:
    if max_breaks < 0:
        raise ParameterError(f"max_breaks {max_breaks}", "is below 0", "Give 0 or more")
    if min_segment < 2:
        raise ParameterError(f"min_segment {min_segment}", "is below 2", "Give 2 or more")
    if family not in _FAMILIES:
        raise ParameterError(
            f"family {family!r}", "is not known here", f"Choose one of {', '.join(_FAMILIES)}"
        )
    if not 0 < conf_level < 1:
        raise ParameterError(f"conf_level {conf_level}", "is not between 0 and 1", "Give 0.95")


def _check_length(n: int, min_segment: int, with_trend: bool) -> None:
    if n < 2 * min_segment:
        raise ModelError(
            f"{n} periods",
            f"are too few to look for a break: {2 * min_segment} are needed",
            "Widen the window or take shorter periods",
        )
    most = MAX_PERIODS["trend" if with_trend else "level"]
    if n > most:
        raise ModelError(
            f"{n} periods", f"are more than the {most} of an exact search", "Take longer periods"
        )
