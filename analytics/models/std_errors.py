"""Standard errors of a fitted regression under four readings of its residuals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analytics.models.family import FamilyFit
from analytics.models.timing import Vector

ERRORS = ("auto", "model", "quasi", "hac", "autocorrelation")
# Powers of the correlation beyond this lag are taken as nothing.
_MAX_LAG = 30
_CORRELATIONS = np.linspace(-0.95, 0.95, 191)
_MOST_CORRELATION = float(_CORRELATIONS[-1])
# Standard errors by which the correlation allowed for exceeds its estimate: measured in
# docs/decisions/025.
_ALLOWANCE = 0.5


@dataclass(frozen=True)
class StdErrors:
    """Standard errors (p,) each, with the dispersion and correlation that went into them."""

    model: Vector
    quasi: Vector
    hac: Vector
    autocorrelation: Vector
    dispersion: float
    lag1_correlation: float
    lag1_allowed: float
    hac_lags: int

    def choose(self, errors: str) -> tuple[Vector, list[str]]:
        """Standard errors of one kind and the kind of each; "auto" is the largest of three."""
        if errors != "auto":
            chosen: Vector = getattr(self, errors)
            return chosen, [errors] * len(chosen)
        kinds = ("quasi", "hac", "autocorrelation")
        table = np.vstack([getattr(self, kind) for kind in kinds])
        best = table.argmax(axis=0)
        return table.max(axis=0), [kinds[int(i)] for i in best]


def find_std_errors(
    fit: FamilyFit,
    columns: Vector,
    numbers: npt.NDArray[np.int64],
    hac_lags: int | None = None,
    *,
    has_correction: bool = True,
) -> StdErrors:
    r"""Return the standard errors of a fit.

    Parameters
    ----------
    fit : FamilyFit
    columns : ndarray, shape (n, p)
    numbers : ndarray of int, shape (n,)
        Period numbers; two periods are neighbours where they differ by one, so that a gap (a
        period that is missing, mixed or incomplete) does not make strangers neighbours.
    hac_lags : int, optional
        Lags of the Bartlett kernel; by default floor(4 (n/100)^(2/9)).
    has_correction : bool
        Whether *hac* has its small-sample factor.

    Notes
    -----
    *model*: inverse information at dispersion 1; for gaussian, ordinary least squares.
    *quasi*: times the root of the Pearson dispersion, chi-square / (n - p).
    *hac*: Newey and West's sandwich with Bartlett weights 1 - l/(L+1) and the small-sample factor
    n/(n - p), as Stata's ``newey`` prints it. Over a gap, products are taken between periods as
    far apart in time as the lag says.
    *autocorrelation*: what a first-order chain of correlation r makes of each coefficient, the
    diagonal of :math:`\hat\phi_r\, C R(r) C'`, with R(r) the matrix of r^|i-j|,
    :math:`C = (X'WX)^{-1} X' W^{1/2}` and :math:`\hat\phi_r` = chi-square / tr(M R(r)): the
    residuals of a chain vary less than the chain. In long series a trend's error is quasi times
    :math:`\sqrt{(1+r)/(1-r)}`, the usual rule, which is too wide for a step and too narrow for
    everything in short ones. r is ``lag1_allowed``, half a standard error above the estimate, from
    0 to .95: an interval suffers more from too small a correlation than from too large a one.

    The lag-one correlation of Pearson residuals is biased towards negative values, because the
    residuals are orthogonal to p columns. With M = I - QQ' the residual-maker (Q an orthonormal
    basis of the weighted columns), the sample value has expectation close to tr(M R M A)/tr(M R),
    A averaging the two neighbours. The ``lag1_correlation`` printed is the r for which that
    expectation equals what was observed.

    References
    ----------
    Newey & West (1987), Econometrica 55:703-708; (1994), Review of Economic Studies 61:631-653.
    Datta & Du (2012), Nonparametric HAC estimation for time series data with missing observations,
    Federal Reserve, International Finance Discussion Papers 1060 (periods left out).
    """
    n, p = columns.shape
    degrees = max(n - p, 1)
    chi_square = float(fit.residuals @ fit.residuals)
    dispersion = chi_square / degrees
    model = np.sqrt(np.diag(fit.bread))
    quasi = model * np.sqrt(dispersion)
    lags = int(np.floor(4 * (n / 100) ** (2 / 9))) if hac_lags is None else hac_lags
    correlation, allowed, trace = _lag1_correlation(fit, columns, numbers)
    chain = _chain_variance(fit, columns, numbers, allowed) * chi_square / max(trace, 1e-9)
    return StdErrors(
        model=quasi if fit.family == "gaussian" else model,
        quasi=quasi,
        hac=_hac(fit, numbers, lags) * np.sqrt(n / degrees if has_correction else 1),
        autocorrelation=np.sqrt(np.clip(chain, 0, None)),
        dispersion=dispersion,
        lag1_correlation=correlation,
        lag1_allowed=allowed,
        hac_lags=lags,
    )


def _hac(fit: FamilyFit, numbers: npt.NDArray[np.int64], lags: int) -> Vector:
    scores = _on_grid(fit.scores, numbers)
    meat = scores.T @ scores
    for lag in range(1, min(lags, len(scores) - 1) + 1):
        product = scores[lag:].T @ scores[:-lag]
        meat += (1 - lag / (lags + 1)) * (product + product.T)
    variance = np.diag(fit.bread @ meat @ fit.bread)
    return np.asarray(np.sqrt(np.clip(variance, 0, None)))


def _on_grid(values: Vector, numbers: npt.NDArray[np.int64]) -> Vector:
    """Rows at their place in time, zero where there is no period."""
    place = numbers - numbers[0]
    if len(place) == place[-1] + 1:
        return values
    full = np.zeros((int(place[-1]) + 1, *values.shape[1:]))
    full[place] = values
    return full


def _lag1_correlation(
    fit: FamilyFit, columns: Vector, numbers: npt.NDArray[np.int64]
) -> tuple[float, float, float]:
    """Correlation whose expected sample value is the one observed; that allowed for; tr(M R)."""
    residuals = fit.residuals
    total = float(residuals @ residuals)
    n, p = columns.shape
    if total <= 1e-20 * max(float(fit.mean @ fit.mean), 1) or n - p < 3:
        return 0.0, 0.0, float(max(n - p, 1))
    spread = _on_grid(residuals, numbers)
    observed = float(spread[1:] @ spread[:-1]) / total
    basis = np.linalg.qr(columns * np.sqrt(fit.weights)[:, None])[0]
    expected, traces = _expected_lag1(basis, numbers)
    # The expectation rises with the correlation over nearly all of the range; keep the rising part.
    rising = np.maximum.accumulate(expected)
    found = float(np.interp(observed, rising, _CORRELATIONS))
    margin = _ALLOWANCE * np.sqrt((1 - max(found, 0.0) ** 2) / (n - p))
    allowed = float(np.clip(found + margin, 0, _MOST_CORRELATION))
    return found, allowed, float(np.interp(allowed, _CORRELATIONS, traces))


def _chain_variance(
    fit: FamilyFit, columns: Vector, numbers: npt.NDArray[np.int64], correlation: float
) -> Vector:
    """Diagonal of C R(r) C', one value a coefficient."""
    weights = _on_grid(columns * np.sqrt(fit.weights)[:, None] @ fit.bread, numbers)
    size = 2 * len(weights)
    spectrum = np.abs(np.fft.rfft(weights, size, axis=0)) ** 2
    products = np.fft.irfft(spectrum, size, axis=0)[: len(weights)]
    powers = correlation ** np.arange(len(weights))
    return np.asarray(2 * powers @ products - products[0])


def _expected_lag1(basis: Vector, numbers: npt.NDArray[np.int64]) -> tuple[Vector, Vector]:
    """Expected sample lag-one correlation of residuals, and tr(M R), at each `_CORRELATIONS`."""
    q = _on_grid(basis, numbers)
    present = _on_grid(np.ones(len(basis)), numbers)
    # A q and q'A q, A having one half at each pair of neighbours that are both there.
    neighbours = np.zeros_like(q)
    neighbours[:-1] += q[1:] / 2
    neighbours[1:] += q[:-1] / 2
    neighbours *= present[:, None]
    inner = q.T @ neighbours
    lags = np.arange(min(_MAX_LAG, len(q) - 1) + 1)
    # Each trace is a sum of lagged products; every lag but none counts twice (before and after).
    twice = np.where(lags == 0, 1, 2)
    cross = _lagged_products(q, neighbours, len(lags)) + _lagged_products(neighbours, q, len(lags))
    top = twice * _lagged_products(q, q @ inner, len(lags)) - twice * cross
    bottom = -twice * _lagged_products(q, q, len(lags))
    bottom[0] += present.sum()
    if len(lags) > 1:
        top[1] += present[1:] @ present[:-1]
    powers = _CORRELATIONS[:, None] ** lags
    traces = powers @ bottom
    return np.asarray(powers @ top / traces), np.asarray(traces)


def _lagged_products(ahead: Vector, behind: Vector, n_lags: int) -> Vector:
    """Sum over rows and columns of ahead[i + lag] * behind[i], for each lag from 0 up."""
    size = len(ahead) + n_lags
    spectrum = np.fft.rfft(ahead, size, axis=0) * np.conj(np.fft.rfft(behind, size, axis=0))
    return np.asarray(np.fft.irfft(spectrum.sum(axis=1), size)[:n_lags])
