"""Segmented count regression: level and slope changes of one series at given dates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from analytics.errors import ModelError
from analytics.models.checks import check_outcome, check_residuals, check_segments, find_remarks
from analytics.models.design import check_rank
from analytics.models.family import FamilyFit, fit_family, negbin_failure
from analytics.models.ladder import find_close_dates, find_confused_dates, join_changes
from analytics.models.notes import Note
from analytics.models.options import Options
from analytics.models.plan import Outcome, Plan, make_plan, read_effects, read_outcome
from analytics.models.results import (
    SegmentedFit,
    make_points,
    make_statistics,
    make_terms,
    scale_covariance,
    widen_by_exact_test,
)
from analytics.models.std_errors import StdErrors, find_std_errors
from analytics.models.timing import Change, Grid, Truth, Vector, read_changes, read_grid
from analytics.periods import KeyDate


def fit_segmented(
    series: pd.DataFrame,
    key_dates: Sequence[KeyDate | str] = (),
    *,
    effects: str | Mapping[str, str] | None = None,
    **options: Any,
) -> SegmentedFit:
    r"""Return a segmented regression of a count series on one or several key dates.

    With no effects asked for, the length of the series decides (see `ladder`); dates that the
    periods cannot tell apart become one joint effect, and the result says so. Effects are
    associations in time: nothing here can tell a date from whatever else happened then.

    Parameters
    ----------
    series : DataFrame
        One group's series, one row a period: ``period_start`` and ``count``; optional
        ``period_days``, ``exposure``, ``is_complete``, ``is_covered`` and covariates.
    key_dates : sequence of KeyDate or str
        A day or a transition interval each, ``2017-10-16`` or ``2021-12-09/2021-12-31``.
    effects : {"level", "slope", "level+slope"} or mapping, optional
        What changes at each date, or at the date named by the key.
    **options
        Those of `analytics.models.options.Options`, with their defaults: family, season, standard
        error, exposure, unit and origin of time, what becomes of a period with a date inside.

    Returns
    -------
    SegmentedFit

    Raises
    ------
    ModelError
        A model that these counts do not determine.
    WindowError
        A key date with no period before or after it.
    SeriesError, ParameterError
        Not a series; an option outside what is allowed.

    Notes
    -----
    .. math:: \log E[Y_t] = a + b t + \sum_k (c_k S_{kt} + d_k (t - T_k) S_{kt}) + season
              + \log(days_t)

    :math:`S_{kt}` is 1 from date k on. Time runs at the start of each period, and slopes are
    centred at the date, so that c is the step on that day and does not depend on where time
    begins. Every effect is marginal to the others.

    References
    ----------
    Bernal, Cummins & Gasparrini (2017), International Journal of Epidemiology 46:348-355.
    McCullagh & Nelder (1989), Generalized Linear Models (quasi-likelihood).

    Examples
    --------
    Ten incidents a day are no trend, no season and no change, whatever the length of the month:

    >>> from analytics.periods import Window, make_periods
    >>> months = make_periods(Window("2015-01-01", "2018-12-31"), "month")
    >>> fit = fit_segmented(months.assign(count=10 * months["period_days"]), ["2017-01-01"])
    >>> float(fit.terms.set_index("term")["ratio"]["level[2017-01-01]"].round(6))
    1.0
    """
    return solve_segmented(series, key_dates, effects=effects, **options).tabulate()


@dataclass(frozen=True)
class Solution:
    """A fit before it is put into tables, which take longer to make than the fit.

    ``terms`` are the columns of the table of terms, ``std_error`` (p,) the errors in use;
    ``is_fitted`` (n,) marks the periods behind ``core``, whose arrays are as long as their number.
    """

    grid: Grid
    changes: tuple[Change, ...]
    outcome: Outcome
    plan: Plan
    core: FamilyFit
    std_errors: StdErrors
    is_fitted: Truth
    terms: dict[str, Any]
    std_error: Vector
    errors: str
    df_reference: float | None
    options: Options
    notes: tuple[Note, ...]

    def tabulate(self) -> SegmentedFit:
        """Return the tables and statistics of the fit."""
        design, options = self.plan.design, self.options
        covariance = scale_covariance(self.core, self.std_error)
        points = make_points(
            self.grid,
            self.outcome,
            design.values,
            self.core.coefficients,
            covariance,
            is_fitted=self.is_fitted,
            df_reference=self.df_reference,
            conf_level=options.conf_level,
            is_linear=self.core.family == "gaussian",
        )
        statistics = make_statistics(
            len(self.grid.starts),
            self.plan,
            self.terms,
            self.core,
            self.std_errors,
            errors=self.errors,
            reference="normal" if self.df_reference is None else "t",
            time_unit=options.time_unit,
            conf_level=options.conf_level,
        )
        return SegmentedFit(
            terms=pd.DataFrame(self.terms),
            points=points,
            statistics=statistics,
            notes=self.notes,
            design=pd.DataFrame(design.values, columns=list(design.terms)),
            covariance=covariance,
            outcome=self.outcome,
            changes=self.changes,
            grid=self.grid,
        )


def solve_segmented(
    series: pd.DataFrame,
    key_dates: Sequence[KeyDate | str] = (),
    *,
    effects: str | Mapping[str, str] | None = None,
    **options: Any,
) -> Solution:
    """Return what `fit_segmented` returns, before it is put into tables."""
    asked = Options(**options)
    grid = read_grid(series)
    outcome = read_outcome(series, grid, asked)
    check_outcome(outcome, grid, asked.family)
    changes = read_changes(key_dates, grid, asked.transition)
    given = read_effects(effects, changes)
    notes: list[Note] = list(outcome.notes)
    while close := find_close_dates(grid, changes, outcome.is_usable):
        if asked.on_gate == "mark":
            notes.append(replace(close[1], code="not_separable"))
            break
        changes, given = _join(changes, given, close, asked, notes)
    while True:
        plan = make_plan(series, grid, changes, given, outcome, asked)
        core, std_errors, is_fitted = _fit(plan, grid, outcome, asked)
        rows = plan.design.values[is_fitted]
        confused = find_confused_dates(changes, plan.design.terms, rows, core.weights)
        if confused is None:
            break
        if asked.on_gate == "mark" or (asked.on_gate is None and effects is not None):
            if close is None:
                notes.append(replace(confused[1], code="not_separable"))
            break
        changes, given = _join(changes, given, confused, asked, notes)
    return _estimate(grid, changes, outcome, plan, core, std_errors, is_fitted, asked, notes)


def _join(
    changes: tuple[Change, ...],
    effects: dict[str, str] | None,
    found: tuple[int, Note],
    options: Options,
    notes: list[Note],
) -> tuple[tuple[Change, ...], dict[str, str] | None]:
    """Two dates become one, with the effects of both; or the model is refused."""
    at, note = found
    if options.on_gate == "refuse":
        raise ModelError(
            f"key dates {note.values['dates']}",
            f"cannot be told apart ({note.values['reason']} {note.values['value']})",
            "Study their joint effect, or take shorter periods",
        )
    notes.append(note)
    joined = join_changes(changes, at)
    if effects is not None:
        both = {part for i in (at, at + 1) for part in effects[changes[i].label].split("+")}
        effects = {**effects, joined[at].label: "+".join(sorted(both))}
    return joined, effects


def _fit(
    plan: Plan, grid: Grid, outcome: Outcome, options: Options
) -> tuple[FamilyFit, StdErrors, Truth]:
    design = plan.design
    is_fitted = outcome.is_usable & design.is_defined & ~np.isnan(design.values).any(axis=1)
    values = design.values[is_fitted]
    check_rank(design.terms, values)
    check_segments(plan.changes, grid, outcome, is_fitted, options)
    counts, offset = outcome.value[is_fitted], outcome.offset[is_fitted]
    core = fit_family(values, counts, offset, options.family)
    check_residuals(core, counts)
    if options.family == "negbin":
        poisson = fit_family(values, counts, offset, "quasipoisson")
        reason = negbin_failure(core, poisson)
        if reason:
            core = poisson
            plan.notes.append(Note("negbin_fell_back", {"reason": reason}))
    numbers = grid.numbers[is_fitted]
    errors = find_std_errors(
        core, values, numbers, options.hac_lags, has_correction=options.hac_correction
    )
    return core, errors, is_fitted


def _estimate(
    grid: Grid,
    changes: tuple[Change, ...],
    outcome: Outcome,
    plan: Plan,
    core: FamilyFit,
    std_errors: StdErrors,
    is_fitted: Truth,
    options: Options,
    notes: list[Note],
) -> Solution:
    """Intervals and remarks of a finished fit."""
    is_linear = core.family == "gaussian"
    # Counts that vary less than anything counted: only the Poisson error is left to go by.
    has_variation = std_errors.dispersion > 1e-8 or is_linear
    errors = options.errors if has_variation else "model"
    std_error, se_used = std_errors.choose(errors)
    is_normal = options.reference == "normal" or (
        options.reference == "auto" and options.errors == "model" and not is_linear
    )
    df_reference = None if is_normal else float(len(core.mean) - len(plan.design.terms))
    terms = make_terms(
        plan.design.terms,
        core.coefficients,
        std_error,
        se_used,
        std_errors,
        df_reference=df_reference,
        conf_level=options.conf_level,
        is_linear=is_linear,
    )
    if plan.rung == "two-rate" and not is_linear and "trend" not in plan.design.terms:
        terms = widen_by_exact_test(terms, changes, grid, outcome, is_fitted, options.conf_level)
    remarks = find_remarks(plan, terms, grid, outcome, is_fitted, core, std_errors)
    return Solution(
        grid=grid,
        changes=changes,
        outcome=outcome,
        plan=plan,
        core=core,
        std_errors=std_errors,
        is_fitted=is_fitted,
        terms=terms,
        std_error=std_error,
        errors=errors,
        df_reference=df_reference,
        options=options,
        notes=(*notes, *plan.notes, *remarks),
    )
