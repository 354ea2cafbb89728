"""A series as its share of two series: quasi-binomial regression of one count in both."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import special

from analytics.errors import ModelError
from analytics.models.design import check_rank
from analytics.models.family import FamilyFit
from analytics.models.laws import find_quantile
from analytics.models.results import make_terms
from analytics.models.std_errors import find_std_errors
from analytics.models.timing import Vector

_MAX_ITERATIONS = 50
_TOLERANCE = 1e-10
# Beyond this log ratio a side of the comparison has run out of incidents.
_MAX_LOG_RATIO = 15.0
_NO_VARIATION = 1e-8


@dataclass(frozen=True)
class ShareFit:
    """A fitted log ratio of two rates.

    ``terms`` as `analytics.schema.TERMS`; ``ratio``, ``ratio_lower``, ``ratio_upper`` (n,) the
    fitted ratio of rates in each period and its bounds.
    """

    terms: pd.DataFrame
    ratio: Vector
    ratio_lower: Vector
    ratio_upper: Vector
    dispersion: float
    lag1_correlation: float
    df_resid: int


def fit_share(
    names: list[str],
    columns: Vector,
    counts: Vector,
    totals: Vector,
    offset: Vector,
    numbers: npt.NDArray[np.int64],
    *,
    conf_level: float,
) -> ShareFit:
    r"""Return the regression of the log ratio of two rates on columns.

    Given the total of two Poisson counts, the first is binomial, and the odds of its share are the
    ratio of the two means. What raises or lowers both alike (a season, the attention of reporters,
    a gap in coverage) raises or lowers the total and drops out.

    Parameters
    ----------
    names : list of str
        Terms, one a column.
    columns : ndarray, shape (n, p)
    counts, totals : ndarray, shape (n,)
        Count of the one series, and of both; totals above 0.
    offset : ndarray, shape (n,)
        Log ratio of the two exposures.
    numbers : ndarray of int, shape (n,)
        Period numbers; neighbours differ by one.
    conf_level : float

    Raises
    ------
    ModelError
        Too few periods, a term that is not determined, or a side without incidents.

    Notes
    -----
    Newton's method on the binomial likelihood; standard errors as in `find_std_errors`, the
    largest of three, coefficient by coefficient; t with n - p degrees of freedom.
    """
    check_rank(names, columns)
    fit = _fit_binomial(columns, counts, totals, offset)
    errors = find_std_errors(fit, columns, numbers)
    has_variation = errors.dispersion > _NO_VARIATION
    std_error, kinds = errors.choose("auto" if has_variation else "model")
    df_resid = len(counts) - columns.shape[1]
    terms = make_terms(
        names,
        fit.coefficients,
        std_error,
        kinds,
        errors,
        df_reference=float(df_resid),
        conf_level=conf_level,
        is_linear=False,
    )
    scale = std_error / np.sqrt(np.diag(fit.bread))
    covariance = fit.bread * np.outer(scale, scale)
    predictor = columns @ fit.coefficients
    deviation = np.sqrt(np.einsum("ij,jk,ik->i", columns, covariance, columns))
    reach = float(find_quantile((1 + conf_level) / 2, float(df_resid))) * deviation
    return ShareFit(
        terms=pd.DataFrame(terms),
        ratio=np.exp(predictor),
        ratio_lower=np.exp(predictor - reach),
        ratio_upper=np.exp(predictor + reach),
        dispersion=errors.dispersion,
        lag1_correlation=errors.lag1_correlation,
        df_resid=df_resid,
    )


def _fit_binomial(columns: Vector, counts: Vector, totals: Vector, offset: Vector) -> FamilyFit:
    share = np.clip(counts.sum() / totals.sum(), 1e-6, 1 - 1e-6)
    predictor = np.full(len(counts), special.logit(share))
    coefficients = np.zeros(columns.shape[1])
    for _ in range(_MAX_ITERATIONS):
        chance = special.expit(predictor)
        weights = np.maximum(totals * chance * (1 - chance), 1e-10)
        working = predictor - offset + (counts - totals * chance) / weights
        information = columns.T @ (columns * weights[:, None])
        proposed = np.linalg.solve(information, columns.T @ (weights * working))
        is_settled = np.abs(proposed - coefficients).max() < _TOLERANCE
        coefficients = proposed
        predictor = np.clip(columns @ coefficients + offset, -30, 30)
        if is_settled:
            break
    if np.abs(columns @ coefficients).max() > _MAX_LOG_RATIO:
        raise ModelError(
            "the ratio of the two series",
            "runs off to zero or without bound: one of them has no incident in a part",
            "Take longer periods or a larger comparison",
        )
    chance = special.expit(predictor)
    mean, weights = totals * chance, totals * chance * (1 - chance)
    information = columns.T @ (columns * weights[:, None])
    return FamilyFit(
        family="binomial",
        coefficients=coefficients,
        mean=mean,
        weights=weights,
        residuals=(counts - mean) / np.sqrt(weights),
        scores=columns * (counts - mean)[:, None],
        bread=np.linalg.inv(information),
        log_likelihood=float(
            np.sum(special.xlogy(counts, chance) + special.xlogy(totals - counts, 1 - chance))
        ),
        deviance=float(
            2
            * np.sum(
                special.xlogy(counts, counts / mean)
                + special.xlogy(totals - counts, (totals - counts) / (totals - mean))
            )
        ),
    )
