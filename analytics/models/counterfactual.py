"""What the model of the days before would have expected after, and what was seen beyond it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from analytics.errors import ModelError, ParameterError
from analytics.models.notes import Note
from analytics.models.results import SegmentedFit
from analytics.models.timing import Change, Truth, Vector

_MAX_CORRELATION = 0.95
# exp() of more overflows a Poisson draw; no count of incidents comes near it.
_MAX_LOG_MEAN = 30.0


def project_counterfactual(
    fit: SegmentedFit,
    *,
    key_date: str | None = None,
    is_damped: bool = False,
    n_draws: int = 2000,
    seed: int = 20171016,
) -> SegmentedFit:
    """Return the fit with the counterfactual and excess columns of its points filled.

    The counterfactual is the same fit with the effects of the key date, and of every later one,
    set to nothing; earlier dates keep theirs. Trend and season before the date are carried
    forward: that nothing else would have changed is an assumption, not a finding.

    Parameters
    ----------
    fit : SegmentedFit
    key_date : str, optional
        Label of one of ``fit.changes``; by default the first.
    is_damped : bool
        Let the slope carried forward halve with every half of the length of the series before the
        date, instead of going on for ever.
    n_draws : int
        Draws of parameters and counts.
    seed : int
        Seed of the draws; the same seed gives the same bounds.

    Returns
    -------
    SegmentedFit
        Its points hold, from the date on, ``counterfactual`` and, for usable periods wholly after
        the date, ``excess`` and ``cumulative_excess``, each with prediction bounds;
        ``is_beyond_horizon`` marks periods further after the date than the series reaches before.

    Raises
    ------
    ModelError
        A fit without key dates.
    ParameterError
        A key date that is not in the fit.

    Notes
    -----
    A draw takes coefficients from their normal law, with the covariance of the fit scaled by
    df / chi-square (so that they are t), and then counts around their mean with the variance of
    the family: dispersion x mean, drawn as gamma-mixed Poisson (dispersion redrawn with the same
    chi-square), alpha for negative binomial, normal for gaussian. The gamma factors of neighbouring
    periods are correlated so that counts have the lag-one correlation of the residuals. One draw's
    coefficients are shared by all its periods, so that errors of the trend add up in the
    cumulative excess, as they must. Bounds are quantiles of the draws, whole counts being spread
    over half a count either way.

    Examples
    --------
    >>> import pandas as pd
    >>> from analytics.models import fit_segmented
    >>> months = pd.date_range("2015-01-01", periods=48, freq="MS")
    >>> counts = pd.DataFrame({"period_start": months, "count": [20, 24] * 12 + [10, 12] * 12})
    >>> fit = project_counterfactual(fit_segmented(counts, ["2017-01-01"], effects="level"))
    >>> last = fit.points.iloc[-1]
    >>> bool(last["cumulative_excess_lower"] < last["cumulative_excess"] < 0)
    True
    """
    change = _find_change(fit, key_date)
    values = _without(fit, change, is_damped)
    offset, scale = fit.outcome.offset, fit.outcome.scale
    is_later = ~change.is_before(fit.grid)
    is_counted = change.is_after(fit.grid) & fit.outcome.is_usable
    is_known = is_later & ~np.isnan(values).any(axis=1)
    draws = _draw_counts(fit, values[is_known], is_known, n_draws, seed)
    predictor = values[is_known] @ fit.terms["estimate"].to_numpy()
    is_linear = fit.statistics["family"] == "gaussian"
    mean = predictor if is_linear else np.exp(predictor + offset[is_known])
    mean, draws = mean * scale[is_known], draws * scale[is_known]
    counts = (fit.outcome.value * scale)[is_known]
    counted = is_counted[is_known]
    excess, floor = counts - mean, -np.inf if is_linear else 0.0
    running = np.cumsum(np.where(counted, excess, 0))
    drawn_running = np.cumsum(np.where(counted, counts - draws, 0), axis=1)
    tails = [(1 - fit.statistics["conf_level"]) / 2, (1 + fit.statistics["conf_level"]) / 2]
    jitter = _spread_whole_counts(fit, draws.shape, seed)
    points = fit.points.copy()
    for name, middle, spread, is_shown in (
        ("counterfactual", mean, np.clip(draws + jitter, floor, None), np.ones_like(counted)),
        ("excess", excess, counts - np.clip(draws + jitter, floor, None), counted),
        ("cumulative_excess", running, drawn_running - jitter, counted),
    ):
        lower, upper = np.quantile(spread, tails, axis=0)
        for suffix, column in (("", middle), ("_lower", lower), ("_upper", upper)):
            filled = np.full(len(points), np.nan)
            filled[is_known] = np.where(is_shown, column, np.nan)
            points[name + suffix] = filled
    settled = float(fit.grid.locate(np.array([change.settled]), "period")[0])
    elapsed = fit.grid.locate(fit.grid.starts, "period") - settled
    is_beyond = is_later & (elapsed >= settled - 1e-9)
    points["is_beyond_horizon"] = is_beyond
    notes = list(fit.notes)
    if is_beyond.any():
        values_of_note = {"date": change.label, "n_periods": int(is_beyond.sum())}
        notes.append(Note("beyond_horizon", values_of_note))
    return replace(fit, points=points, notes=tuple(notes))


def _find_change(fit: SegmentedFit, key_date: str | None) -> Change:
    if not fit.changes:
        raise ModelError("the fit", "has no key date to go without", "Fit it with one")
    if key_date is None:
        return fit.changes[0]
    for change in fit.changes:
        if change.label == key_date:
            return change
    known = ", ".join(change.label for change in fit.changes)
    raise ParameterError(f"key date {key_date}", "is not in the fit", f"Choose one of {known}")


def _without(fit: SegmentedFit, change: Change, is_damped: bool) -> Vector:
    """Design with the effects of a change and later ones at zero, the trend damped if asked."""
    at = fit.changes.index(change)
    design = fit.design.copy()
    for later in fit.changes[at:]:
        for name in (f"level[{later.label}]", f"slope[{later.label}]"):
            if name in design:
                design[name] = 0.0
    if is_damped:
        unit = fit.statistics["time_unit"]
        time = fit.grid.locate(fit.grid.starts, unit)
        settled = float(fit.grid.locate(np.array([change.settled]), unit)[0])
        slowed = _slow(time, settled)
        if "trend" in design:
            design["trend"] += slowed - time
        for earlier in fit.changes[:at]:
            name = f"slope[{earlier.label}]"
            if name in design:
                design[name] -= time - slowed
    return np.asarray(design.to_numpy(float))


def _slow(time: Vector, settled: float) -> Vector:
    """Time that slows down after a point, its pace halving with each half of what went before."""
    pace = 2 * np.log(2) / settled
    elapsed = np.clip(time - settled, 0, None)
    return np.asarray(np.minimum(time, settled) + (1 - np.exp(-pace * elapsed)) / pace)


def _draw_counts(
    fit: SegmentedFit, values: Vector, is_known: Truth, n_draws: int, seed: int
) -> Vector:
    """Counts (n_draws, n_rows) as the model would have them, parameters and counts drawn."""
    rng = np.random.default_rng(seed)
    degrees = max(fit.statistics["df_resid"], 1)
    widening = degrees / rng.chisquare(degrees, size=(n_draws, 1))
    normal = rng.standard_normal((n_draws, values.shape[1])) @ np.linalg.cholesky(fit.covariance).T
    coefficients = fit.terms["estimate"].to_numpy() + normal * np.sqrt(widening)
    predictor = coefficients @ values.T
    dispersion = fit.statistics["dispersion"]
    correlation = float(np.clip(fit.statistics["lag1_correlation"], 0, _MAX_CORRELATION))
    numbers = fit.grid.numbers[is_known]
    if fit.statistics["family"] == "gaussian":
        noise = _draw_chain(rng, n_draws, numbers, correlation)
        return np.asarray(predictor + noise * np.sqrt(dispersion * widening))
    mean = np.exp(np.minimum(predictor + fit.outcome.offset[is_known], _MAX_LOG_MEAN))
    # Gamma factors with mean 1 whose variance makes up what Poisson's falls short of.
    alpha = fit.statistics["alpha"]
    extra = (
        np.clip(dispersion - 1, 1e-9, None) / mean if alpha is None else np.full_like(mean, alpha)
    )
    factors = rng.gamma(1 / extra) * extra
    if correlation > 0:
        # Their correlation exceeds that of counts, of which a part is Poisson noise; given by rank.
        share = float(np.mean(extra * mean / (1 + extra * mean)))
        chain = _draw_chain(rng, n_draws, numbers, min(correlation / share, _MAX_CORRELATION))
        ranks = chain.argsort(axis=0).argsort(axis=0)
        factors = np.take_along_axis(np.sort(factors, axis=0), ranks, axis=0)
    counts = rng.poisson(mean * factors)
    # A draw of the dispersion below 1 has no mixture: Poisson's deviations are shrunk instead.
    return np.asarray(mean + (counts - mean) * np.sqrt(np.minimum(dispersion, 1)))


def _spread_whole_counts(fit: SegmentedFit, shape: tuple[int, ...], seed: int) -> Vector:
    """Half a count either way, so that bounds of whole counts are not a whole count too wide."""
    if fit.statistics["family"] == "gaussian":
        return np.zeros(shape)
    return np.random.default_rng([seed, 1]).uniform(-0.5, 0.5, shape)


def _draw_chain(
    rng: np.random.Generator, n_draws: int, numbers: npt.NDArray[np.int64], correlation: float
) -> Vector:
    """Standard normal rows, each a first-order chain at the given period numbers."""
    shocks = rng.standard_normal((n_draws, len(numbers)))
    chain = shocks.copy()
    for i, gap in enumerate(np.diff(numbers), start=1):
        kept = correlation**gap
        chain[:, i] = kept * chain[:, i - 1] + np.sqrt(1 - kept**2) * shocks[:, i]
    return chain
