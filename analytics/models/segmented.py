"""Segmented count regression: level and slope changes of one series at given dates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics.errors import ModelError
from analytics.models.checks import check_outcome, check_residuals, check_segments, find_remarks
from analytics.models.design import check_rank
from analytics.models.family import FamilyFit, fit_family, negbin_failure
from analytics.models.ladder import find_close_dates, find_confused_dates, join_changes
from analytics.models.notes import Note
from analytics.models.options import Options, Outcome, Plan, make_plan, read_effects, read_outcome
from analytics.models.results import (
    SegmentedFit,
    make_points,
    make_statistics,
    make_terms,
    scale_covariance,
    widen_by_exact_test,
)
from analytics.models.std_errors import StdErrors, find_std_errors
from analytics.models.timing import Change, Grid, read_changes, read_grid
from analytics.periods import KeyDate


def fit_segmented(
    series: pd.DataFrame,
    key_dates: Sequence[KeyDate | str] = (),
    *,
    effects: str | Mapping[str, str] | None = None,
    family: str = "quasipoisson",
    trend: bool | None = None,
    harmonics: int | None = None,
    errors: str = "auto",
    hac_lags: int | None = None,
    reference: str = "auto",
    ramadan: bool | None = None,
    eid: bool | None = None,
    ramadan_shift_days: int = 0,
    covariates: Sequence[str] = (),
    exposure: str | None = "period_days",
    time_unit: str = "year",
    transition: str = "exclude",
    on_gate: str | None = None,
    conf_level: float = 0.95,
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
    family : {"quasipoisson", "negbin", "poisson", "gaussian"}
        Gaussian has the identity link; its ratios are empty and its bounds are of coefficients.
    trend : bool, optional
        Whether time enters; by default unless two rates are compared.
    harmonics : {0, 1, 2}, optional
        Pairs of the yearly season; by default 2 with 24 months before the first date, 1 with 12.
    errors : {"auto", "model", "quasi", "hac", "autocorrelation"}
        The standard error; "auto" takes the largest of the last three, coefficient by coefficient.
    hac_lags : int, optional
        By default floor(4 (n/100)^(2/9)).
    reference : {"auto", "t", "normal"}
        Law of the intervals; "auto" is t with n - p degrees of freedom, but normal for model
        errors of a count family, whose dispersion is taken as known.
    ramadan, eid : bool, optional
        Add the share of the period's days in Ramadan, or in either Eid; not added by default.
    ramadan_shift_days : int
        Moves every Ramadan and Eid by some days, for a sensitivity check.
    covariates : sequence of str
        Further columns of the series.
    exposure : str, optional
        Column whose logarithm is the offset. A column named ``exposure`` takes the place of
        ``period_days``. None for no offset. A linear model ignores days, and divides by another.
    time_unit : {"period", "day", "month", "year"}
        Unit of trend and slopes.
    transition : {"exclude", "ramp"}
        Periods that contain a date after their first day, or touch a transition interval, are
        left out, or given the share of their days that is after (rising along an interval).
    on_gate : {"joint", "refuse", "mark"}, optional
        For dates that cannot be told apart. By default joint, but mark for effects that were asked
        for at dates at least 6 periods apart.
    conf_level : float
        Level of every interval.

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
    options = Options(
        family=family,
        trend=trend,
        harmonics=harmonics,
        errors=errors,
        hac_lags=hac_lags,
        reference=reference,
        ramadan=bool(ramadan),
        eid=bool(eid),
        ramadan_shift_days=ramadan_shift_days,
        covariates=tuple(covariates),
        exposure=exposure,
        time_unit=time_unit,
        transition=transition,
        on_gate=on_gate,
        conf_level=conf_level,
    )
    grid = read_grid(series)
    outcome = read_outcome(series, grid, options)
    check_outcome(outcome, grid, options.family)
    changes = read_changes(key_dates, grid)
    given = read_effects(effects, changes)
    notes: list[Note] = list(outcome.notes)
    while close := find_close_dates(grid, changes, outcome.is_usable):
        if on_gate == "mark":
            notes.append(replace(close[1], code="not_separable"))
            break
        changes, given = _join(changes, given, close, options, notes)
    while True:
        plan = make_plan(series, grid, changes, given, outcome, options)
        core, std_errors, is_fitted = _fit(plan, grid, outcome, options)
        rows = plan.design.values[is_fitted]
        confused = find_confused_dates(changes, plan.design.terms, rows, core.weights)
        if confused is None:
            break
        if on_gate == "mark" or (on_gate is None and effects is not None):
            if close is None:
                notes.append(replace(confused[1], code="not_separable"))
            break
        changes, given = _join(changes, given, confused, options, notes)
    return _assemble(
        series, grid, changes, outcome, plan, core, std_errors, is_fitted, options, notes
    )


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
) -> tuple[FamilyFit, StdErrors, npt.NDArray[np.bool_]]:
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
    errors = find_std_errors(core, values, grid.numbers[is_fitted], options.hac_lags)
    return core, errors, is_fitted


def _assemble(
    series: pd.DataFrame,
    grid: Grid,
    changes: tuple[Change, ...],
    outcome: Outcome,
    plan: Plan,
    core: FamilyFit,
    std_errors: StdErrors,
    is_fitted: npt.NDArray[np.bool_],
    options: Options,
    notes: list[Note],
) -> SegmentedFit:
    """Tables, statistics and remarks of a finished fit."""
    is_linear = core.family == "gaussian"
    columns = plan.design.values
    df_resid = int(is_fitted.sum()) - columns.shape[1]
    # Counts that vary less than anything counted: only the Poisson error is left to go by.
    has_variation = std_errors.dispersion > 1e-8 or is_linear
    std_error, se_used = std_errors.choose(options.errors if has_variation else "model")
    is_normal = options.reference == "normal" or (
        options.reference == "auto" and options.errors == "model" and not is_linear
    )
    df_reference = None if is_normal else float(df_resid)
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
    covariance = scale_covariance(core, std_error)
    points = make_points(
        grid,
        outcome,
        columns,
        core.coefficients,
        covariance,
        is_fitted=is_fitted,
        df_reference=df_reference,
        conf_level=options.conf_level,
        is_linear=is_linear,
    )
    statistics = make_statistics(
        len(series),
        plan,
        terms,
        core,
        std_errors,
        df_resid=df_resid,
        errors=options.errors if has_variation else "model",
        reference="normal" if is_normal else "t",
        time_unit=options.time_unit,
        conf_level=options.conf_level,
    )
    remarks = find_remarks(plan, terms, grid, outcome, is_fitted, core, std_errors)
    return SegmentedFit(
        terms=terms,
        points=points,
        statistics=statistics,
        notes=(*notes, *plan.notes, *remarks),
        design=pd.DataFrame(columns, columns=list(plan.design.terms)),
        covariance=covariance,
        outcome=outcome,
        changes=changes,
        grid=grid,
    )
