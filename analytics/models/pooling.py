"""Fits to many imputed series as one result: Rubin's rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from analytics.errors import ModelError, ParameterError
from analytics.models.family import fit_family
from analytics.models.notes import Note
from analytics.models.results import SegmentedFit, make_points, make_terms
from analytics.models.segmented import fit_segmented
from analytics.models.std_errors import StdErrors, find_std_errors
from analytics.models.timing import Vector
from analytics.periods import KeyDate

_MAX_FAILED = 0.1
_SHARE_WORTH_SAYING = 0.01
_KINDS = ("model", "quasi", "hac", "autocorrelation")


@dataclass(frozen=True)
class PooledEstimate:
    """Pooled coefficients (p,), with what their uncertainty is made of.

    ``share`` is the part of the variance that comes from the draws differing, ``df`` the degrees
    of freedom of the t law.
    """

    estimate: Vector
    std_error: Vector
    df: Vector
    share: Vector


def pool_draws(
    estimates: Vector, std_errors: Vector, *, df_complete: float = np.inf
) -> PooledEstimate:
    """Return one estimate from those of several imputed data sets, by Rubin's rules.

    Parameters
    ----------
    estimates, std_errors : ndarray, shape (n_draws, p)
    df_complete : float
        Degrees of freedom that one complete data set would give.

    Raises
    ------
    ParameterError
        Fewer than two draws.

    Notes
    -----
    Total variance T = W + (1 + 1/M) B, W the mean of the squared errors and B the variance between
    draws; degrees of freedom after Barnard and Rubin, which never exceed ``df_complete``.

    References
    ----------
    Rubin (1987), Multiple Imputation for Nonresponse in Surveys. Barnard & Rubin (1999),
    Biometrika 86:948-955.

    Examples
    --------
    >>> pooled = pool_draws(np.array([[1.0], [2.0], [3.0]]), np.array([[1.0], [1.0], [1.0]]))
    >>> pooled.estimate.item(), round(pooled.std_error.item() ** 2, 4)
    (2.0, 2.3333)
    """
    n_draws = len(estimates)
    if n_draws < 2:
        raise ParameterError(f"{n_draws} draws", "cannot be pooled", "Draw at least 20 series")
    within = np.mean(std_errors**2, axis=0)
    between = np.var(estimates, axis=0, ddof=1) * (1 + 1 / n_draws)
    total = within + between
    # A share of exactly nothing means infinitely many degrees of freedom; keep them finite.
    share = np.clip(between / total, 1e-9, None)
    df_draws = (n_draws - 1) / share**2
    if np.isfinite(df_complete):
        observed = (df_complete + 1) / (df_complete + 3) * df_complete * (1 - share)
        df_draws = 1 / (1 / df_draws + 1 / np.clip(observed, 1e-9, None))
    return PooledEstimate(estimates.mean(axis=0), np.sqrt(total), df_draws, between / total)


def fit_pooled(
    draws: Sequence[pd.DataFrame], key_dates: Sequence[KeyDate | str] = (), **options: Any
) -> SegmentedFit:
    """Return one segmented regression of many draws of the same series.

    Each draw has every interval date set to one day (and may differ in its duplicates rule). What
    the model consists of is decided once, on the mean of the draws, so that every draw estimates
    the same thing.

    Parameters
    ----------
    draws : sequence of DataFrame
        Series with the same periods, 20 or more.
    key_dates, **options
        As in `fit_segmented`.

    Returns
    -------
    SegmentedFit
        Of the mean series, with pooled estimates and errors; ``statistics["dates_share"]`` is the
        largest share of variance, over levels and slopes, that is due to the draws differing.

    Raises
    ------
    ParameterError
        Fewer than two draws, or draws with different periods.
    ModelError
        As `fit_segmented`, or more than a tenth of the draws cannot be fitted.
    """
    mean = _mean_series(draws)
    fit = fit_segmented(mean, key_dates, **options)
    is_fitted = fit.points["is_fitted"].to_numpy()
    values = fit.design.to_numpy(float)[is_fitted]
    outcome, family = fit.outcome, str(fit.statistics["family"])
    numbers = fit.grid.numbers[is_fitted]
    kept: list[tuple[Vector, StdErrors, Vector, float]] = []
    for draw in draws:
        counts = (draw["count"].to_numpy(float) / outcome.scale)[is_fitted]
        try:
            core = fit_family(values, counts, outcome.offset[is_fitted], family)
        except ModelError:
            continue
        errors = find_std_errors(core, values, numbers, options.get("hac_lags"))
        std_error, _ = errors.choose(str(fit.statistics["errors"]))
        kept.append((core.coefficients, errors, std_error, core.log_likelihood))
    n_failed = len(draws) - len(kept)
    if n_failed > _MAX_FAILED * len(draws):
        raise ModelError(
            f"{n_failed} of {len(draws)} draws",
            "cannot be fitted: a part of the series has too few incidents",
            "Ask for fewer effects, take longer periods or compare two rates",
        )
    is_normal = fit.statistics["reference"] == "normal"
    pooled = pool_draws(
        np.vstack([estimate for estimate, *_ in kept]),
        np.vstack([std_error for *_, std_error, _ in kept]),
        df_complete=np.inf if is_normal else fit.statistics["df_resid"],
    )
    return _assemble(fit, pooled, kept, n_failed)


def _mean_series(draws: Sequence[pd.DataFrame]) -> pd.DataFrame:
    if len(draws) < 2:
        raise ParameterError(f"{len(draws)} draws", "cannot be pooled", "Draw at least 20 series")
    first = draws[0]
    for draw in draws:
        if (
            not first["period_start"]
            .reset_index(drop=True)
            .equals(draw["period_start"].reset_index(drop=True))
        ):
            raise ParameterError(
                "the draws", "have different periods", "Draw them over one window and interval"
            )
    counts = np.mean([draw["count"].to_numpy(float) for draw in draws], axis=0)
    return first.assign(count=counts)


def _assemble(
    fit: SegmentedFit,
    pooled: PooledEstimate,
    kept: list[tuple[Vector, StdErrors, Vector, float]],
    n_failed: int,
) -> SegmentedFit:
    """The fit of the mean series with pooled tables in the place of its own."""
    is_linear = fit.statistics["family"] == "gaussian"
    errors = [errors for _, errors, *_ in kept]
    squares = {
        kind: np.sqrt(np.mean([getattr(error, kind) ** 2 for error in errors], axis=0))
        for kind in _KINDS
    }
    averaged = StdErrors(
        **squares,
        dispersion=float(np.mean([error.dispersion for error in errors])),
        lag1_correlation=float(np.mean([error.lag1_correlation for error in errors])),
        lag1_allowed=float(np.mean([error.lag1_allowed for error in errors])),
        hac_lags=errors[0].hac_lags,
    )
    names = fit.terms["term"].tolist()
    columns = make_terms(
        names,
        pooled.estimate,
        pooled.std_error,
        fit.terms["se_used"].tolist(),
        averaged,
        df_reference=pooled.df,
        conf_level=fit.statistics["conf_level"],
        is_linear=is_linear,
    )
    terms = pd.DataFrame(columns)
    if fit.statistics["rung"] == "two-rate":
        for bound, wider in (("ci_lower", np.minimum), ("ci_upper", np.maximum)):
            terms[bound] = wider(terms[bound], fit.terms[bound])
        terms["p_value"] = np.maximum(terms["p_value"], fit.terms["p_value"])
    ratio = pooled.std_error / np.sqrt(np.diag(fit.covariance))
    covariance = fit.covariance * np.outer(ratio, ratio)
    points = make_points(
        fit.grid,
        fit.outcome,
        fit.design.to_numpy(float),
        pooled.estimate,
        covariance,
        is_fitted=fit.points["is_fitted"].to_numpy(),
        df_reference=float(pooled.df.min()),
        conf_level=fit.statistics["conf_level"],
        is_linear=is_linear,
    )
    effects = [i for i, name in enumerate(names) if name.startswith(("level", "slope"))]
    detectable = terms.loc[terms["term"].str.startswith("level"), "detectable_ratio"]
    statistics = {
        **fit.statistics,
        "dispersion": averaged.dispersion,
        "lag1_correlation": averaged.lag1_correlation,
        "lag1_allowed": averaged.lag1_allowed,
        "log_likelihood": float(np.mean([likelihood for *_, likelihood in kept])),
        "dates_share": float(pooled.share[effects].max()) if effects else float(pooled.share.max()),
    }
    if len(detectable) and not is_linear:
        statistics["detectable_ratio"] = float(detectable.max())
    notes = list(fit.notes)
    for i in (i for i in effects if pooled.share[i] >= _SHARE_WORTH_SAYING):
        values = {"term": names[i], "share": round(float(pooled.share[i]), 3)}
        notes.append(Note("dates_share", values))
    if n_failed:
        notes.append(Note("draws_failed", {"n_failed": n_failed, "n_draws": n_failed + len(kept)}))
    return replace(
        fit,
        terms=terms,
        points=points,
        statistics=statistics,
        notes=tuple(notes),
        covariance=covariance,
    )
