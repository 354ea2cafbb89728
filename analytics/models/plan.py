"""The plan that follows from what is asked of a regression and the series that it is asked of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from analytics.errors import ParameterError, SeriesError
from analytics.models.design import Design, choose_harmonics, make_design
from analytics.models.ladder import choose_rung
from analytics.models.notes import Note
from analytics.models.options import EFFECTS, Options
from analytics.models.timing import Change, Grid, Truth, Vector
from analytics.periods import KeyDate


@dataclass(frozen=True)
class Outcome:
    """The left side of the model, one value a period.

    ``value`` is the count, or count / exposure in a linear model with an exposure, and ``scale``
    what turns it back into a count; ``is_usable`` the periods that may be fitted.
    """

    value: Vector
    offset: Vector
    scale: Vector
    period_days: Vector
    is_usable: Truth
    notes: tuple[Note, ...]


@dataclass(frozen=True)
class Plan:
    """The model to be fitted."""

    design: Design
    changes: tuple[Change, ...]
    rung: str
    effects_code: str
    harmonics: int
    notes: list[Note] = field(default_factory=list)


def read_outcome(series: pd.DataFrame, grid: Grid, options: Options) -> Outcome:
    """Return counts, exposure and usable periods.

    Raises
    ------
    SeriesError
        Counts that are not numbers, or an exposure that is not positive.
    ParameterError
        An exposure column that is not there.
    """
    counts = _numbers(series, "count")
    n = len(counts)
    is_linear = options.family == "gaussian"
    if not is_linear and (counts < 0).any():
        raise SeriesError(
            f"count {counts[counts < 0][0]:g}", "is negative", "Give counts, or ask for gaussian"
        )
    nominal = (grid.ends - grid.starts) / np.timedelta64(1, "D") + 1
    period_days = _numbers(series, "period_days") if "period_days" in series else nominal
    is_usable = np.isfinite(counts)
    notes: list[Note] = []
    for column, code in (
        ("is_covered", "uncovered_periods"),
        ("is_complete", "incomplete_periods"),
    ):
        if column in series:
            is_marked = is_usable & ~series[column].fillna(False).to_numpy(bool)
            is_usable &= ~is_marked
        elif column == "is_covered":
            is_marked = ~is_usable
        else:
            continue
        if is_marked.any():
            notes.append(Note(code, {"n_periods": int(is_marked.sum())}))
    name = _exposure_column(series, options)
    offset, scale = np.zeros(n), np.ones(n)
    if name is None:
        if not is_linear and options.exposure is not None:
            notes.append(Note("exposure_equal"))
    elif is_linear and name == "period_days":
        notes.append(Note("exposure_ignored"))
    else:
        exposure = _numbers(series, name)
        bad = is_usable & ~(exposure > 0)
        if bad.any():
            raise SeriesError(
                f"{name} {exposure[bad][0]:g}", "is not positive", "Give every period its exposure"
            )
        exposure = np.where(exposure > 0, exposure, np.nan)
        if is_linear:
            scale = exposure
            notes.append(Note("exposure_divides"))
        else:
            offset = np.log(exposure)
            if name != "period_days":
                notes.append(Note("exposure_column"))
    return Outcome(counts / scale, offset, scale, period_days, is_usable, tuple(notes))


def make_plan(
    series: pd.DataFrame,
    grid: Grid,
    changes: tuple[Change, ...],
    asked: dict[str, str] | None,
    outcome: Outcome,
    options: Options,
) -> Plan:
    """Return the model that the options and the ladder give."""
    rung = choose_rung(grid, changes, outcome.is_usable, asked)
    harmonics, notes = (
        (0, [])
        if options.calendar_months or (rung.name == "two-rate" and options.harmonics is None)
        else choose_harmonics(options, grid, changes)
    )
    has_trend = rung.has_trend if options.trend is None else options.trend
    design = make_design(series, grid, changes, rung.effects, has_trend, harmonics, options)
    codes = list(dict.fromkeys(rung.effects.values()))
    return Plan(
        design,
        changes,
        rung.name,
        codes[0] if len(codes) == 1 else "mixed" if codes else "none",
        harmonics,
        [*rung.notes, *notes, *design.notes],
    )


def read_effects(
    effects: str | Mapping[str, str] | None, changes: Sequence[Change]
) -> dict[str, str] | None:
    """Return the effects asked for by label of key date, or None where none were.

    Raises
    ------
    ParameterError
        An unknown effect, or a date without one.
    """
    if effects is None:
        return None
    if isinstance(effects, str):
        asked = {change.label: effects for change in changes}
    else:
        asked = {KeyDate.parse(key).label: value for key, value in effects.items()}
        for change in changes:
            if change.label not in asked:
                raise ParameterError(
                    f"key date {change.label}", "has no effects", "Name the effects of every date"
                )
    for value in [effects] if isinstance(effects, str) else asked.values():
        if value not in EFFECTS:
            raise ParameterError(
                f"effects {value!r}", "is not known", f"Choose one of {', '.join(EFFECTS)}"
            )
    return asked


def _exposure_column(series: pd.DataFrame, options: Options) -> str | None:
    """Column of the exposure: ``exposure`` takes the place of ``period_days`` where it is there."""
    name = options.exposure
    if name == "period_days":
        return next((column for column in ("exposure", name) if column in series), None)
    if name is not None and name not in series:
        raise ParameterError(
            f"exposure {name!r}", "is not a column of the series", "Name one that is"
        )
    return name


def _numbers(series: pd.DataFrame, column: str) -> Vector:
    given = series[column]
    try:
        values = (given if given.dtype.kind in "iuf" else pd.to_numeric(given)).to_numpy(
            dtype=float, na_value=np.nan
        )
    except (ValueError, TypeError):
        raise SeriesError(f"column {column!r}", "is not numbers", "Give numbers") from None
    if np.isinf(values).any():
        raise SeriesError(f"column {column!r}", "is not finite", "Give finite numbers")
    return np.array(values, dtype=float)
