"""A fitted model as the three tables of `analytics.schema`: terms, points, statistics."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics.errors import ModelError
from analytics.models.checks import list_segments
from analytics.models.family import FamilyFit
from analytics.models.laws import find_p_value, find_quantile
from analytics.models.notes import Note
from analytics.models.plan import Outcome, Plan
from analytics.models.rates import compare_rates
from analytics.models.std_errors import StdErrors
from analytics.models.timing import Change, Grid, Truth, Vector
from analytics.schema import POINTS, STATISTICS, names

_EMPTY_POINTS = [name for name in names(POINTS) if "excess" in name or "counterfactual" in name]


# A ratio whose interval, or whose distance from one, spans more orders than numbers have.
_MOST_REACH = 300.0


@dataclass(frozen=True)
class SegmentedFit:
    """A fitted segmented regression.

    Attributes
    ----------
    terms, points : DataFrame
        `analytics.schema.TERMS` (a row per coefficient), `analytics.schema.POINTS` (a row per
        period of the series; counterfactual columns empty, see `project_counterfactual`).
    statistics : dict
        `analytics.schema.STATISTICS`.
    notes : tuple of Note
        What a reader must know besides.
    design : DataFrame
        Columns of the model, one row a period of the series, one column a term; empty where a
        period is mixed.
    covariance : ndarray, shape (n_terms, n_terms)
        Correlations of the model, standard errors as in ``terms``.
    outcome : Outcome
        Counts, log exposure and usable periods.
    changes : tuple of Change
        The key dates as they were modelled.
    grid : Grid
        The periods.
    """

    terms: pd.DataFrame
    points: pd.DataFrame
    statistics: dict[str, Any]
    notes: tuple[Note, ...]
    design: pd.DataFrame
    covariance: Vector
    outcome: Outcome
    changes: tuple[Change, ...]
    grid: Grid

    def __repr__(self) -> str:
        table = self._brief().to_string(index=False, float_format=_format)
        return "\n".join([self._headline(), table, *map(str, self.notes)])

    def _repr_html_(self) -> str:
        table = self._brief().to_html(index=False, border=0, float_format=_format)
        remarks = "".join(f"<li>{note}</li>" for note in self.notes)
        return f"<p>{self._headline()}</p>{table}<ul>{remarks}</ul>"

    def _brief(self) -> pd.DataFrame:
        return self.terms[["term", "estimate", "ratio", "ci_lower", "ci_upper", "p_value"]]

    def _headline(self) -> str:
        shown = self.statistics
        return (
            f"{shown['family']} regression on {shown['n_fitted']} of {shown['n_periods']} periods, "
            f"{shown['effects']}, {shown['harmonics']} harmonic pairs, "
            f"dispersion {shown['dispersion']:.2f}, "
            f"lag-one correlation {shown['lag1_correlation']:.2f}, errors {shown['errors']}"
        )


def _format(value: float) -> str:
    return f"{value:.4g}"


def make_terms(
    terms: Sequence[str],
    coefficients: Vector,
    std_error: Vector,
    se_used: list[str],
    errors: StdErrors,
    *,
    df_reference: float | Vector | None,
    conf_level: float,
    is_linear: bool,
) -> dict[str, Any]:
    """Return the columns of the terms table; ``df_reference`` is None for normal intervals.

    Raises
    ------
    ModelError
        A coefficient without a usable standard error.
    """
    quantile = find_quantile((1 + conf_level) / 2, df_reference)
    reach = quantile * std_error
    unusable = ~np.isfinite(std_error) | (std_error <= 0)
    if not is_linear:
        # The origin of time moves the intercept; whatever else is as large is not determined.
        is_moved = np.array([term == "intercept" for term in terms])
        unusable |= (reach > _MOST_REACH) | (~is_moved & (np.abs(coefficients) > _MOST_REACH))
    if unusable.any():
        raise ModelError(
            f"term {terms[int(np.argmax(unusable))]}",
            "is not determined by these counts",
            "Ask for fewer effects, widen the window or compare two rates",
        )
    statistic = coefficients / std_error
    lower, upper = coefficients - reach, coefficients + reach
    # The distance at which a two-sided test has 80 % power.
    seen = (quantile + find_quantile(0.8, df_reference)) * std_error
    is_effect = np.array([term.startswith(("level", "slope")) for term in terms])
    detectable = np.where(is_effect, seen if is_linear else _exp(seen), np.nan)
    return {
        "term": list(terms),
        "estimate": coefficients,
        "std_error": std_error,
        "ratio": np.full(len(terms), np.nan) if is_linear else _exp(coefficients),
        "ci_lower": lower if is_linear else _exp(lower),
        "ci_upper": upper if is_linear else _exp(upper),
        "statistic": statistic,
        "p_value": find_p_value(statistic, df_reference),
        "se_model": errors.model,
        "se_quasi": errors.quasi,
        "se_hac": errors.hac,
        "se_autocorrelation": errors.autocorrelation,
        "se_used": se_used,
        "detectable_ratio": detectable,
    }


def _exp(values: Vector) -> Vector:
    """The exponential, kept within what a number can hold."""
    return np.exp(np.clip(values, -700, 700))


def make_points(
    grid: Grid,
    outcome: Outcome,
    columns: Vector,
    coefficients: Vector,
    covariance: Vector,
    *,
    is_fitted: Truth,
    df_reference: float | Vector | None,
    conf_level: float,
    is_linear: bool,
) -> pd.DataFrame:
    """Return the points table, counterfactual columns empty."""
    predictor = columns @ coefficients
    variance = np.einsum("ij,jk,ik->i", columns, covariance, columns)
    reach = find_quantile((1 + conf_level) / 2, df_reference) * np.sqrt(variance)
    bounds = np.vstack([predictor, predictor - reach, predictor + reach])
    mean = bounds * outcome.scale if is_linear else np.exp(np.minimum(bounds + outcome.offset, 700))
    points: dict[str, Any] = {
        "period_start": grid.starts.astype("datetime64[us]"),
        "period_days": _whole(outcome.period_days),
        "count": outcome.value * outcome.scale,
        "is_fitted": is_fitted,
        "fitted": mean[0],
        "fitted_lower": mean[1],
        "fitted_upper": mean[2],
    }
    points |= dict.fromkeys(_EMPTY_POINTS, np.full(len(is_fitted), np.nan))
    points["is_beyond_horizon"] = np.zeros(len(is_fitted), dtype=bool)
    return pd.DataFrame(points)


def _whole(values: Vector) -> Vector | npt.NDArray[np.int64]:
    """Whole numbers as such, if all of them are."""
    is_whole = bool(np.isfinite(values).all() and (values == np.rint(values)).all())
    return values.astype(np.int64) if is_whole else values


def make_statistics(
    n_periods: int,
    plan: Plan,
    terms: dict[str, Any],
    core: FamilyFit,
    std_errors: StdErrors,
    **chosen: object,
) -> dict[str, Any]:
    """Return the fit statistics; the detectable ratio is that of the least certain level."""
    ratios = dict(zip(plan.design.terms, terms["detectable_ratio"], strict=True))
    levels = [ratio for term, ratio in ratios.items() if term.startswith("level")]
    shown = levels or [ratio for term, ratio in ratios.items() if term.startswith("slope")]
    is_ratio = len(shown) > 0 and core.family != "gaussian"
    values = {
        "n_periods": n_periods,
        "n_fitted": len(core.mean),
        "n_parameters": len(plan.design.terms),
        "df_resid": len(core.mean) - len(plan.design.terms),
        "family": core.family,
        "dispersion": std_errors.dispersion,
        "lag1_correlation": std_errors.lag1_correlation,
        "lag1_allowed": std_errors.lag1_allowed,
        "hac_lags": std_errors.hac_lags,
        "log_likelihood": core.log_likelihood,
        "deviance": core.deviance,
        "detectable_ratio": float(max(shown)) if is_ratio else None,
        "alpha": core.alpha,
        "effects": plan.effects_code,
        "harmonics": plan.harmonics,
        "rung": plan.rung,
        "dates_share": None,
        **chosen,
    }
    return {name: values[name] for name in names(STATISTICS)}


def scale_covariance(fit: FamilyFit, std_error: Vector) -> Vector:
    """Covariance with the correlations of the model and the standard errors in use."""
    model = np.sqrt(np.diag(fit.bread))
    ratio = std_error / model
    return np.asarray(fit.bread * np.outer(ratio, ratio))


def widen_by_exact_test(
    terms: dict[str, Any],
    changes: Sequence[Change],
    grid: Grid,
    outcome: Outcome,
    is_fitted: Truth,
    conf_level: float,
) -> dict[str, Any]:
    """Return the terms, each level with the wider of its interval and the exact two-rate one.

    The exact test knows sampling error only, the regression's t interval dispersion as well; on
    three to seven periods neither is safe alone.
    """
    widened = {name: terms[name].copy() for name in ("ci_lower", "ci_upper", "p_value")}
    segments = list_segments(changes, grid, is_fitted)
    for change, before, after in zip(changes, segments[:-1], segments[1:], strict=True):
        exact = compare_rates(
            float(outcome.value[after].sum()),
            float(np.exp(outcome.offset[after]).sum()),
            float(outcome.value[before].sum()),
            float(np.exp(outcome.offset[before]).sum()),
            conf_level=conf_level,
        )
        at = terms["term"].index(f"level[{change.label}]")
        for name, wider, bound in (
            ("ci_lower", min, exact.ci_lower),
            ("ci_upper", max, exact.ci_upper),
            ("p_value", max, exact.p_value),
        ):
            if bound is not None:
                widened[name][at] = wider(widened[name][at], bound)
    return terms | widened
