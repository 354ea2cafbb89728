"""The columns of a segmented regression: trend, steps, slopes, season, Ramadan, covariates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analytics.errors import ModelError, ParameterError
from analytics.models.notes import Note
from analytics.models.options import Options
from analytics.models.timing import Change, Grid, Truth, Vector
from analytics.periods import eid_share, ramadan_share


@dataclass(frozen=True)
class Design:
    """The terms and their values (n_periods, n_terms).

    ``is_defined`` (n_periods,) is false where a period is neither before nor after a date.
    """

    terms: tuple[str, ...]
    values: Vector
    is_defined: Truth
    notes: tuple[Note, ...] = ()


def make_design(
    series: pd.DataFrame,
    grid: Grid,
    changes: Sequence[Change],
    effects: Mapping[str, str],
    has_trend: bool,
    harmonics: int,
    options: Options,
) -> Design:
    """Return the columns of the model, one row a period.

    The trend counts from the start of the first period; a slope counts from the day its change
    has settled and is zero before, so that a level is the step on that very day, unless the options
    have them start elsewhere. Season is one to two pairs of sine and cosine of the year, its angle
    taken at the end of the period (month number / 12 for months), or a term for each month.
    """
    columns: dict[str, Vector] = {"intercept": np.ones(len(grid.starts))}
    time = grid.locate(grid.starts, options.time_unit)
    if has_trend:
        columns["trend"] = time + options.time_start
    is_defined = np.ones(len(grid.starts), dtype=bool)
    notes = []
    for change in changes:
        share = change.share_after(grid)
        if options.transition != "ramp":
            is_mixed = ~(change.is_before(grid) | change.is_after(grid))
            is_defined &= ~is_mixed
            if is_mixed.any():
                code = "mixed_periods" if change.settled == change.first else "transition_periods"
                values = {"date": change.label, "n_periods": int(is_mixed.sum())}
                notes.append(Note(code, values))
            share = np.where(is_mixed, np.nan, share)
        effect = effects[change.label]
        if "level" in effect:
            columns[f"level[{change.label}]"] = share
        if "slope" in effect:
            settled = grid.locate(np.array([change.settled]), options.time_unit)[0]
            since = np.clip(time - settled, 0, None) + options.slope_start * share
            columns[f"slope[{change.label}]"] = np.where(np.isnan(share), np.nan, since)
    columns |= _months(grid) if options.calendar_months else _season(grid, harmonics, options)
    days = pd.DataFrame({"period_start": grid.starts, "period_end": grid.ends})
    for name, is_asked, share_of in (
        ("ramadan", options.ramadan, ramadan_share),
        ("eid", options.eid, eid_share),
    ):
        if is_asked:
            share = share_of(days, shift_days=options.ramadan_shift_days)
            if np.ptp(share[is_defined]) > 0:
                columns[name] = share
            else:
                notes.append(Note("feast_constant", {"term": name}))
    for name in options.covariates:
        columns[name] = _covariate(series, name, columns)
    return Design(tuple(columns), np.column_stack(list(columns.values())), is_defined, tuple(notes))


def _season(grid: Grid, harmonics: int, options: Options) -> dict[str, Vector]:
    """Pairs of sine and cosine of the time of year at the end of each period."""
    if options.cycle is not None:
        year = (grid.numbers + 1) / options.cycle
    elif grid.is_monthly:
        month = grid.starts.astype("datetime64[M]").astype(np.int64) % 12 + grid.step
        year = month / 12
    else:
        january = grid.ends.astype("datetime64[Y]").astype("datetime64[D]")
        year = ((grid.ends - january) / np.timedelta64(1, "D") + 1) / 365.25
    pairs: dict[str, Vector] = {}
    for k in range(1, harmonics + 1):
        pairs[f"sin{k}"] = np.sin(2 * np.pi * k * year)
        pairs[f"cos{k}"] = np.cos(2 * np.pi * k * year)
    return pairs


def _months(grid: Grid) -> dict[str, Vector]:
    """A column for each calendar month that a period starts in, but the first of the year."""
    month = grid.starts.astype("datetime64[M]").astype(np.int64) % 12 + 1
    if not grid.is_monthly:
        raise ParameterError(
            "calendar_months", "needs periods that start on the first of a month", "Take harmonics"
        )
    return {f"month[{m}]": (month == m).astype(float) for m in np.unique(month)[1:]}


def choose_harmonics(
    options: Options, grid: Grid, changes: Sequence[Change]
) -> tuple[int, list[Note]]:
    """Pairs to use: as asked, or 2 with 24 months before the first date, 1 with 12, else none.

    k pairs need more than 2k periods in a year, whoever asks.

    Raises
    ------
    ParameterError
        More pairs than the periods can carry.
    """
    per_year = options.cycle or 12 / grid.step_months
    room = 2 if per_year > 4 else 1 if per_year > 2 else 0
    asked = options.harmonics
    if asked is not None:
        if asked > room:
            raise ParameterError(
                f"harmonics {asked}",
                f"needs more than {per_year:.3g} periods in a season",
                f"Choose at most {room}, or shorter periods",
            )
        return asked, []
    n_before = changes[0].is_before(grid).sum() if changes else len(grid.starts)
    months = float(n_before) * grid.step_months
    # Half a period of slack: 52 weeks are a year, though they are 11.96 months.
    wanted = sum(months >= limit - grid.step_months / 2 for limit in (12, 24))
    if wanted > room:
        return room, [Note("harmonics_reduced", {"harmonics": room})]
    return wanted, []


def check_rank(terms: Sequence[str], values: Vector) -> None:
    """Refuse a model of which a column is a combination of those before it.

    Raises
    ------
    ModelError
        Fewer periods than columns, or a column that cannot be told from the others.
    """
    n, p = values.shape
    if n <= p:
        raise ModelError(
            f"{n} periods to fit",
            f"are too few for {p} coefficients",
            "Widen the window, take shorter periods or ask for fewer effects",
        )
    length = np.linalg.norm(values, axis=0)
    left = np.abs(np.diag(np.linalg.qr(values / np.where(length > 0, length, 1), mode="r")))
    if (left < 1e-7).any():
        raise ModelError(
            f"term {terms[int(np.argmax(left < 1e-7))]}",
            "cannot be told from the other terms in this window",
            "Leave it out or widen the window",
        )


def _covariate(series: pd.DataFrame, name: str, columns: Mapping[str, Vector]) -> Vector:
    if name not in series or name in columns:
        rule = "is not in the series" if name not in series else "is the name of a term"
        raise ParameterError(f"covariate {name!r}", rule, "Name a column of numbers of the series")
    try:
        values = pd.to_numeric(series[name]).to_numpy(float)
    except (ValueError, TypeError):
        raise ParameterError(
            f"covariate {name!r}", "is not a column of numbers", "Name a column of numbers"
        ) from None
    return np.where(np.isfinite(values), values, np.nan)
