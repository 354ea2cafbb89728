"""Many small places at once: estimates pulled towards what all places have in common.

A rate or ratio from few incidents is mostly chance, and the most extreme of nineteen is extreme by
chance most of all. Each place is therefore estimated from its own counts and, as far as those are
few, from the others; the raw estimate stands beside.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from scipy import special

from analytics.errors import ModelError, ParameterError
from analytics.models.rates import check_conf_level
from analytics.models.timing import Vector
from analytics.schema import SHRUNKEN_RATES, SHRUNKEN_RATIOS, names

# Fewer places say nothing about how places differ.
_FEWEST_PLACES = 3
# Places are taken to differ by a standard deviation of up to a factor of ten.
_WIDEST_SPREAD = float(np.log(10))
_N_SPREADS = 200
# Coefficients of variation of the true rates; log means in standard errors around the best one.
_VARIATIONS = np.linspace(0.05, 3.0, 30)
_STEPS = np.linspace(-3.5, 3.5, 15)
_SMALLEST_WEIGHT = 1e-5
_BISECTIONS = 50
_ROUNDS = 20


def shrink_rates(
    counts: pd.Series[float],
    exposure: pd.Series[float],
    *,
    dispersion: float = 1.0,
    conf_level: float = 0.95,
) -> pd.DataFrame:
    r"""Return each place's rate, raw and shrunken under a gamma-Poisson model.

    Parameters
    ----------
    counts : Series
        Incidents, one value a place, indexed by place.
    exposure : Series
        Exposure of each place (days, or population times days), same index.
    dispersion : float
        Variance of counts relative to Poisson; counts and exposure are divided by it, so that
        bursts are not taken for differences between places.
    conf_level : float
        Level of the intervals.

    Returns
    -------
    DataFrame
        One row is a place (`analytics.schema.SHRUNKEN_RATES`). ``own_weight`` is the share of the
        estimate that comes from the place's own counts.

    Raises
    ------
    ModelError
        Fewer than 3 places, or no incident in any.
    ParameterError
        Counts below 0, or exposure or dispersion not above 0.

    Notes
    -----
    Counts are Poisson given the rate; rates are gamma with mean m and coefficient of variation v,
    so that given m and v the posterior is gamma with shape :math:`1/v^2 + y` and rate
    :math:`1/(m v^2) + e`. m and v are not plugged in but averaged over, on a grid, with weights
    proportional to the likelihood: with few places plug-in intervals are too narrow.

    References
    ----------
    Clayton & Kaldor (1987), Biometrics 43:671-681.
    Gelman et al. (2013), Bayesian Data Analysis, 3rd edition, chapters 2 and 5.

    Examples
    --------
    One incident in a small place is no rate of its own:

    >>> counts = pd.Series({"A": 100, "B": 60, "C": 1})
    >>> shrink_rates(counts, pd.Series({"A": 100, "B": 100, "C": 5}))[["place", "rate"]]
      place  rate
    0     A   1.0
    1     B   0.6
    2     C   0.2
    """
    check_conf_level(conf_level)
    y, e = counts.to_numpy(float), exposure.reindex(counts.index).to_numpy(float)
    if not (np.isfinite(y) & (y >= 0)).all():
        raise ParameterError("counts", "are not all finite and from 0 up", "Leave unknown ones out")
    if not (np.isfinite(e) & (e > 0)).all() or not dispersion > 0:
        raise ParameterError("exposure or dispersion", "is not above 0", "Give positive numbers")
    _check_places(len(y))
    if y.sum() == 0:
        raise ModelError("0 incidents in all places", "give no rate", "Widen the window")
    y_scaled, e_scaled = np.divide(y, dispersion), np.divide(e, dispersion)
    shape, mean, width = _gamma_grid(y_scaled, e_scaled)
    prior_rate = shape / mean
    chance = e_scaled[:, None] / (prior_rate + e_scaled[:, None])
    likelihood = (
        special.gammaln(shape + y_scaled[:, None])
        - special.gammaln(shape)
        + shape * np.log1p(-chance)
        + special.xlogy(y_scaled[:, None], chance)
    ).sum(axis=0)
    weights = _normalise(likelihood + np.log(width))
    kept = weights > _SMALLEST_WEIGHT * weights.max()
    weights, shape, prior_rate = weights[kept] / weights[kept].sum(), shape[kept], prior_rate[kept]
    post_shape, post_rate = shape + y_scaled[:, None], prior_rate + e_scaled[:, None]
    estimate = (post_shape / post_rate) @ weights
    tail = (1 - conf_level) / 2
    bounds = [
        _quantile(
            lambda rate: special.gammainc(post_shape, rate[:, None] * post_rate) @ weights,
            share,
            np.zeros(len(y)),
            30 * estimate,
        )
        for share in (tail, 1 - tail)
    ]
    frame = pd.DataFrame(
        {
            "place": [str(place) for place in counts.index],
            "count": y,
            "exposure": e,
            "rate": y / e,
            "pooled_rate": estimate,
            "pooled_lower": bounds[0],
            "pooled_upper": bounds[1],
            "own_weight": (e_scaled[:, None] / post_rate) @ weights,
        }
    )
    return frame[names(SHRUNKEN_RATES)]


def shrink_ratios(
    estimates: pd.Series[float], std_errors: pd.Series[float], *, conf_level: float = 0.95
) -> pd.DataFrame:
    r"""Return each place's ratio, raw and shrunken towards the mean of the places.

    Parameters
    ----------
    estimates : Series
        Log ratios, one a place, indexed by place; empty where a place has none of its own.
    std_errors : Series
        Their standard errors, same index.
    conf_level : float
        Level of the intervals.

    Returns
    -------
    DataFrame
        One row is a place (`analytics.schema.SHRUNKEN_RATIOS`). A place without an estimate of
        its own gets what the others predict for it, with ``own_weight`` 0.

    Raises
    ------
    ModelError
        Fewer than 3 places with an estimate.

    Notes
    -----
    :math:`y_i \sim N(\theta_i, s_i^2)`, :math:`\theta_i \sim N(\mu, \tau^2)`, the mean flat and
    :math:`\tau` flat up to log 10 and averaged over. Given :math:`\tau` the estimate is the
    precision-weighted mean of the place's own and the common one; the interval carries the
    uncertainty of both.

    References
    ----------
    Gelman (2006), Bayesian Analysis 1:515-534 (flat prior on the spread). Gelman et al. (2013),
    Bayesian Data Analysis, 3rd edition, section 5.4.

    Examples
    --------
    >>> log_ratios = pd.Series({"A": -0.7, "B": -0.6, "C": 1.4})
    >>> shrunken = shrink_ratios(log_ratios, pd.Series({"A": 0.1, "B": 0.1, "C": 1.0}))
    >>> shrunken[["place", "ratio", "pooled_ratio"]].round(2)
      place  ratio  pooled_ratio
    0     A   0.50          0.50
    1     B   0.55          0.55
    2     C   4.06          1.19
    """
    check_conf_level(conf_level)
    y = estimates.to_numpy(float)
    s = std_errors.reindex(estimates.index).to_numpy(float)
    is_known = np.isfinite(y) & np.isfinite(s) & (s > 0)
    _check_places(int(is_known.sum()))
    spreads = np.linspace(0, _WIDEST_SPREAD, _N_SPREADS)
    precision = 1 / (s[is_known, None] ** 2 + spreads**2)
    total = precision.sum(axis=0)
    mean = (precision * y[is_known, None]).sum(axis=0) / total
    misfit = (precision * (y[is_known, None] - mean) ** 2).sum(axis=0)
    weights = _normalise(0.5 * (np.log(precision).sum(axis=0) - np.log(total) - misfit))
    own = np.zeros((len(y), _N_SPREADS))
    own[is_known] = spreads**2 * precision
    centre = own * np.where(is_known, y, 0.0)[:, None] + (1 - own) * mean
    inner = np.where(is_known[:, None], own * np.where(is_known, s, 1.0)[:, None] ** 2, spreads**2)
    deviation = np.sqrt(inner + (1 - own) ** 2 / total)
    reach = np.abs(centre).max() + 12 * deviation.max()
    tail = (1 - conf_level) / 2
    bounds = [
        _quantile(
            lambda value: special.ndtr((value[:, None] - centre) / deviation) @ weights,
            share,
            np.full(len(y), -reach),
            np.full(len(y), reach),
        )
        for share in (tail, 1 - tail)
    ]
    frame = pd.DataFrame(
        {
            "place": [str(place) for place in estimates.index],
            "ratio": np.exp(np.where(is_known, y, np.nan)),
            "pooled_ratio": np.exp(centre @ weights),
            "pooled_lower": np.exp(bounds[0]),
            "pooled_upper": np.exp(bounds[1]),
            "own_weight": own @ weights,
            "common_ratio": float(np.exp(mean @ weights)),
            "spread_factor": float(np.exp(spreads @ weights)),
        }
    )
    return frame[names(SHRUNKEN_RATIOS)]


def _gamma_grid(y: Vector, e: Vector) -> tuple[Vector, Vector, Vector]:
    """Shape and mean at each point of the grid, and the width of its cell in log mean."""
    squared = _VARIATIONS[:, None] ** 2
    mean = np.full((len(_VARIATIONS), 1), y.sum() / e.sum())
    for _ in range(_ROUNDS):
        information = e / (1 + e * mean * squared)
        mean = (information @ (y / e))[:, None] / information.sum(axis=1, keepdims=True)
    width = 1 / np.sqrt((e * mean / (1 + e * mean * squared)).sum(axis=1, keepdims=True))
    means = mean * np.exp(_STEPS * width)
    shape, widths = (np.broadcast_to(part, means.shape).ravel() for part in (1 / squared, width))
    return shape, means.ravel(), widths


def _check_places(n_places: int) -> None:
    if n_places < _FEWEST_PLACES:
        raise ModelError(
            f"{n_places} places with an estimate",
            f"are too few to learn how places differ; {_FEWEST_PLACES} are needed",
            "Show the raw estimates",
        )


def _normalise(log_weights: Vector) -> Vector:
    weights = np.exp(log_weights - log_weights.max())
    return np.asarray(weights / weights.sum())


def _quantile(
    distribution: Callable[[Vector], Vector], share: float, lower: Vector, upper: Vector
) -> Vector:
    """Quantile of one mixture a place, by bisection."""
    for _ in range(_BISECTIONS):
        middle = (lower + upper) / 2
        is_below = distribution(middle) < share
        lower, upper = np.where(is_below, middle, lower), np.where(is_below, upper, middle)
    return (lower + upper) / 2
