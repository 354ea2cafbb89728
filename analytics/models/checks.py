"""Series that no model should be fitted to, and what a reader should know of a fit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from analytics.errors import ModelError
from analytics.models.family import FamilyFit
from analytics.models.notes import Note
from analytics.models.options import Options
from analytics.models.plan import Outcome, Plan
from analytics.models.rates import compare_rates
from analytics.models.std_errors import StdErrors
from analytics.models.timing import Change, Grid, Truth, Vector

_STRONG_CORRELATION = 0.6
_SPARSE_MEAN = 1.0
_FEW_INCIDENTS = 10
_DOMINANT_SHARE = 0.5
_SPIKE_SHARE = 0.95
_IMPRECISE_FACTOR = 100.0


def check_outcome(outcome: Outcome, grid: Grid, family: str) -> None:
    """Refuse a series with nothing in it.

    Raises
    ------
    ModelError
        Fewer than two usable periods, no incident, or a linear outcome that does not vary.
    """
    values = outcome.value[outcome.is_usable]
    if len(values) < 2:
        raise ModelError(
            f"{len(values)} usable periods of {len(grid.starts)}",
            "are not a series",
            "Widen the window, or look at the coverage",
        )
    if family != "gaussian" and values.sum() <= 0:
        raise ModelError(
            "0 incidents in the series", "give no rate to compare", "Widen the window or the place"
        )
    if family != "gaussian" and len(values) >= 8 and values.max() > _SPIKE_SHARE * values.sum():
        at = grid.starts[outcome.is_usable][int(values.argmax())]
        raise ModelError(
            f"period {at}",
            f"holds {values.max():g} of the {values.sum():g} incidents",
            "Check its records, or mark the period as not complete",
        )
    if family == "gaussian" and np.ptp(values) == 0:
        raise ModelError(
            f"{values[0]:g} in every period", "does not vary", "Describe it without a model"
        )


def check_segments(
    changes: Sequence[Change], grid: Grid, outcome: Outcome, is_fitted: Truth, options: Options
) -> None:
    """Refuse a count model with a segment that has no incident: its log rate has no bound.

    Raises
    ------
    ModelError
        With the exact bound of the ratio.
    """
    if options.family == "gaussian":
        return
    masks = list_segments(changes, grid, is_fitted)
    for change, before, after in zip(changes, masks[:-1], masks[1:], strict=True):
        counts = [float(outcome.value[mask].sum()) for mask in (before, after)]
        exposures = [float(np.exp(outcome.offset[mask]).sum()) for mask in (before, after)]
        if min(exposures) == 0:
            raise ModelError(
                f"key date {change.label}", "has no usable period on a side", "Widen the window"
            )
        if min(counts) > 0 or max(counts) == 0:
            continue
        exact = compare_rates(
            counts[1], exposures[1], counts[0], exposures[0], conf_level=options.conf_level
        )
        side, bound, limit = (
            ("after", "at most", exact.ci_upper)
            if counts[1] == 0
            else ("before", "at least", exact.ci_lower)
        )
        raise ModelError(
            f"0 incidents in the periods {side} {change.label}",
            f"give no regression; by the exact test the rate ratio is {bound} {limit:.3g}",
            "Compare two rates, widen the window or the place",
        )


def check_residuals(core: FamilyFit, values: Vector) -> None:
    """Refuse a linear model that leaves nothing over to judge it by.

    Raises
    ------
    ModelError
    """
    if core.family == "gaussian" and core.deviance <= 1e-18 * float(values @ values):
        raise ModelError(
            "the linear model",
            "fits every period exactly: nothing is left to judge it by",
            "Describe the series without a model",
        )


def list_segments(changes: Sequence[Change], grid: Grid, is_fitted: Truth) -> list[Truth]:
    """Fitted periods of each stretch between key dates, the ends of the series included."""
    masks, since = [], np.ones(len(grid.starts), dtype=bool)
    for change in changes:
        masks.append(is_fitted & since & change.is_before(grid))
        since = change.is_after(grid)
    return [*masks, is_fitted & since]


def find_remarks(
    plan: Plan,
    terms: Mapping[str, Vector],
    grid: Grid,
    outcome: Outcome,
    is_fitted: Truth,
    core: FamilyFit,
    std_errors: StdErrors,
) -> list[Note]:
    """Return what a reader should know before believing the intervals."""
    notes = []
    if std_errors.lag1_correlation >= _STRONG_CORRELATION:
        value = round(std_errors.lag1_correlation, 2)
        notes.append(Note("interval_too_narrow", {"lag1_correlation": value}))
    if core.family == "gaussian":
        return notes
    if std_errors.dispersion <= 1e-8:
        notes.append(Note("no_variation"))
    counts = outcome.value[is_fitted]
    mean = float(counts.mean())
    if mean < _SPARSE_MEAN:
        notes.append(Note("sparse_counts", {"mean": round(mean, 2)}))
    segments = list_segments(plan.changes, grid, is_fitted)
    for change, before, after in zip(plan.changes, segments[:-1], segments[1:], strict=True):
        for code, mask in (("few_before", before), ("few_after", after)):
            total = float(outcome.value[mask].sum())
            if total < _FEW_INCIDENTS:
                notes.append(Note(code, {"count": round(total, 1), "date": change.label}))
    worst, share = (
        _find_worst(core, plan.design.values[is_fitted])
        if std_errors.dispersion > 1e-8
        else (0, 0.0)
    )
    if share > _DOMINANT_SHARE and len(counts) >= 8:
        day = str(grid.starts[is_fitted][worst])
        notes.append(Note("one_period_dominates", {"period": day, "share": round(share, 2)}))
    factors = terms["ci_upper"] / terms["ci_lower"]
    for term, factor in zip(plan.design.terms, factors, strict=True):
        if term.startswith("level") and factor > _IMPRECISE_FACTOR:
            notes.append(Note("imprecise", {"term": term, "factor": float(f"{factor:.1g}")}))
    return notes


def _find_worst(core: FamilyFit, columns: Vector) -> tuple[int, float]:
    """Period without which the Pearson chi-square would fall most, and the share that would go."""
    basis = np.linalg.qr(columns * np.sqrt(core.weights)[:, None])[0]
    leverage = np.sum(basis**2, axis=1)
    fall = core.residuals**2 / np.clip(1 - leverage, 1e-6, None)
    worst = int(fall.argmax())
    return worst, float(min(fall[worst] / np.sum(core.residuals**2), 1.0))
