"""Fit a count (or linear) regression with given columns: the numerical core, without statistics.

The same numbers as statsmodels' GLM (compared in the tests), at a twentieth of its time, because a
study fits hundreds of small models.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.special import digamma, gammaln, xlogy

from analytics.errors import ModelError
from analytics.models.timing import Vector

FAMILIES = ("quasipoisson", "negbin", "poisson", "gaussian")
_MAX_ITERATIONS = 100
_TOLERANCE = 1e-12
_NOTHING = 1e-7
# log of the NB2 dispersion is sought in this range; at its lower end NB2 is Poisson.
_LOG_ALPHA = (-11.0, 5.0)


@dataclass(frozen=True)
class FamilyFit:
    """A fitted regression: n observations, p columns.

    ``scores`` (n, p) are the observations' contributions to the score, ``bread`` (p, p) the
    inverse of the information at dispersion 1, ``residuals`` (n,) Pearson residuals at dispersion
    1, ``weights`` (n,) the working weights.
    """

    family: str
    coefficients: Vector
    mean: Vector
    weights: Vector
    residuals: Vector
    scores: Vector
    bread: Vector
    log_likelihood: float
    deviance: float
    alpha: float | None = None


def fit_family(columns: Vector, outcome: Vector, offset: Vector, family: str) -> FamilyFit:
    """Return the maximum-likelihood fit of a family to an outcome.

    ``negbin`` profiles the dispersion of NB2 over regressions with fixed dispersion: joint
    maximisers can stop at a wrong likelihood without saying so.

    Parameters
    ----------
    columns : ndarray, shape (n, p)
        Full column rank.
    outcome, offset : ndarray, shape (n,)
        The offset is on the scale of the link: log for counts, identity for gaussian.
    family : {"quasipoisson", "negbin", "poisson", "gaussian"}

    Raises
    ------
    ModelError
        The likelihood has no finite maximum (separation).
    """
    if family == "gaussian":
        return _fit_linear(columns, outcome, offset)
    if family != "negbin":
        return _fit_counts(columns, outcome, offset, family, 0.0)
    latest = _solve(columns, outcome, offset, 0.0)[0]

    def slope(log_alpha: float) -> float:
        # Each fit starts from the one before: the search narrows, and so do the steps.
        nonlocal latest
        alpha = float(np.exp(log_alpha))
        latest, mean = _solve(columns, outcome, offset, alpha, latest)
        return _slope_of_alpha(outcome, mean, alpha)

    low, high = _LOG_ALPHA
    found = low if slope(low) <= 0 else high if slope(high) >= 0 else brentq(slope, low, high)
    return _fit_counts(columns, outcome, offset, family, float(np.exp(found)), latest)


def negbin_failure(fit: FamilyFit, poisson: FamilyFit) -> str:
    """Reason why an NB2 fit cannot be used, or nothing."""
    if not np.isfinite(np.diag(fit.bread)).all() or not np.isfinite(fit.log_likelihood):
        return "errors not finite"
    if fit.alpha is None or fit.alpha < 2 * np.exp(_LOG_ALPHA[0]):
        return "dispersion at its bound"
    if fit.log_likelihood < poisson.log_likelihood - 1e-6:
        return "likelihood below Poisson's"
    return ""


def _fit_linear(columns: Vector, outcome: Vector, offset: Vector) -> FamilyFit:
    q, r = np.linalg.qr(columns)
    coefficients = np.linalg.solve(r, q.T @ (outcome - offset))
    mean = columns @ coefficients + offset
    residuals = outcome - mean
    inverse = np.linalg.inv(r)
    n, total = len(outcome), float(residuals @ residuals)
    likelihood = -n / 2 * (np.log(2 * np.pi * total / n) + 1) if total > 0 else 0.0
    return FamilyFit(
        "gaussian",
        coefficients,
        mean,
        np.ones(n),
        residuals,
        columns * residuals[:, None],
        inverse @ inverse.T,
        float(likelihood),
        total,
    )


def _fit_counts(
    columns: Vector,
    outcome: Vector,
    offset: Vector,
    family: str,
    alpha: float,
    start: Vector | None = None,
) -> FamilyFit:
    """Coefficients, errors and likelihood at a given dispersion."""
    coefficients, mean = _solve(columns, outcome, offset, alpha, start)
    weights = mean / (1 + alpha * mean)
    _, r = np.linalg.qr(columns * np.sqrt(weights)[:, None])
    inverse = np.linalg.inv(r)
    scaled = (outcome - mean) / (1 + alpha * mean)
    return FamilyFit(
        family,
        coefficients,
        mean,
        weights,
        (outcome - mean) / np.sqrt(mean * (1 + alpha * mean)),
        columns * scaled[:, None],
        inverse @ inverse.T,
        _log_likelihood(outcome, mean, alpha),
        _deviance(outcome, mean, alpha),
        alpha if family == "negbin" and alpha > 0 else None,
    )


def _solve(
    columns: Vector, outcome: Vector, offset: Vector, alpha: float, start: Vector | None = None
) -> tuple[Vector, Vector]:
    """Coefficients and means: Fisher scoring, log link, variance m + alpha m^2."""
    coefficients = _begin(columns, outcome, offset) if start is None else start
    mean = np.exp(np.clip(columns @ coefficients + offset, -200, 200))
    deviance = _deviance(outcome, mean, alpha)
    for _ in range(_MAX_ITERATIONS):
        thinned = 1 + alpha * mean
        information = columns.T @ (columns * (mean / thinned)[:, None])
        score = columns.T @ ((outcome - mean) / thinned)
        step = np.array(np.linalg.solve(information, score), dtype=np.float64)
        coefficients, mean, reached = _advance(
            columns, outcome, offset, alpha, coefficients, step, deviance
        )
        is_settled = abs(deviance - reached) <= _TOLERANCE * (abs(reached) + 1)
        deviance = reached
        if is_settled:
            break
    # A fitted mean of nothing: the coefficients are on their way to minus infinity.
    if mean.min() < _NOTHING or not np.isfinite(mean).all():
        raise ModelError(
            "the fit",
            "runs off to a rate of zero: a part of the series has no incident to fit",
            "Ask for fewer effects, take longer periods or compare two rates",
        )
    return coefficients, mean


def _begin(columns: Vector, outcome: Vector, offset: Vector) -> Vector:
    """One weighted least-squares step, means half-way between each count and the overall rate."""
    exposure = np.exp(offset)
    mean = (outcome + exposure * outcome.sum() / exposure.sum()) / 2
    root = np.sqrt(mean)
    working = np.log(mean) - offset + (outcome - mean) / mean
    solution = np.linalg.lstsq(columns * root[:, None], working * root, rcond=None)[0]
    return np.array(solution, dtype=np.float64)


def _advance(
    columns: Vector,
    outcome: Vector,
    offset: Vector,
    alpha: float,
    coefficients: Vector,
    step: Vector,
    deviance: float,
) -> tuple[Vector, Vector, float]:
    """Take a step, halved while it makes the deviance worse."""
    for _ in range(20):
        mean = np.exp(np.clip(columns @ (coefficients + step) + offset, -200, 200))
        reached = _deviance(outcome, mean, alpha)
        if np.isfinite(reached) and reached <= deviance + 1e-8 * (abs(deviance) + 1):
            break
        step = step / 2
    return coefficients + step, mean, reached


def _deviance(outcome: Vector, mean: Vector, alpha: float) -> float:
    if alpha == 0:
        return float(2 * np.sum(xlogy(outcome, outcome / mean) - (outcome - mean)))
    ratio = np.log((1 + alpha * outcome) / (1 + alpha * mean))
    return float(2 * np.sum(xlogy(outcome, outcome / mean) - (outcome + 1 / alpha) * ratio))


def _slope_of_alpha(outcome: Vector, mean: Vector, alpha: float) -> float:
    """Derivative of the NB2 log-likelihood by alpha, of the profile too (the means are maximal)."""
    size = 1 / alpha
    spread = np.log1p(alpha * mean) - (digamma(outcome + size) - digamma(size))
    return float(np.sum(spread * size**2 + (outcome - mean) / (alpha * (1 + alpha * mean))))


def _log_likelihood(outcome: Vector, mean: Vector, alpha: float) -> float:
    if alpha == 0:
        return float(np.sum(xlogy(outcome, mean) - mean - gammaln(outcome + 1)))
    size = 1 / alpha
    return float(
        np.sum(
            gammaln(outcome + size)
            - gammaln(size)
            - gammaln(outcome + 1)
            + xlogy(outcome, alpha * mean)
            - (outcome + size) * np.log1p(alpha * mean)
        )
    )
