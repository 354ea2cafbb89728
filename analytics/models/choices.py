"""The choices that a specification curve tries: those open to an analyst of a series."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod
from typing import Any

import numpy as np
import pandas as pd

from analytics.models.specifications import run_specifications
from analytics.models.timing import Change, Grid, read_changes, read_grid
from analytics.periods import KeyDate, Window

_ONE_DAY = np.timedelta64(1, "D")
# (step, counted in months): periods that are put together for the coarser unit.
_MANY = 240
_COARSER = {(1, False): 7, (7, False): 4, (1, True): 3, (3, True): 2}


def vary_choices(
    series: pd.DataFrame,
    key_dates: Sequence[KeyDate | str],
    *,
    variants: Mapping[tuple[str, str, str], pd.DataFrame] | None = None,
    **options: Any,
) -> pd.DataFrame:
    """Return the specification curve of the first key date over the choices open to an analyst.

    Family (quasi-Poisson, negative binomial), window (whole, without the first quarter of the time
    before, without the last quarter of the time after), effects (as the length allows, level only)
    and season are varied for every series; of records also the unit, the rule for interval dates
    and the rule for duplicates, of a bare series the unit (periods put together) and Ramadan.

    Parameters
    ----------
    series : DataFrame
        The series of the reference specification.
    key_dates : sequence of KeyDate or ISO text
        The effect is that of the first; all are in every model.
    variants : mapping, optional
        Series by (interval, date rule, duplicates rule), the reference first.
    **options
        Options of `fit_segmented` that make up the reference specification.

    Returns
    -------
    DataFrame
        `analytics.schema.SPECIFICATIONS`, then the choices; 100 rows and more.
    """
    grid = read_grid(series)
    changes = read_changes(key_dates, grid)
    given = {name: options.pop(name, None) for name in ("effects", "harmonics")}
    family = options.pop("family", "quasipoisson")
    choices: dict[str, list[Any]] = {
        "family": list(dict.fromkeys([family, "quasipoisson", "negbin"])),
        "window": [None, *_windows(grid, changes)],
        "effects": [given["effects"], *(["level"] if given["effects"] != "level" else [])],
        "harmonics": list(dict.fromkeys([given["harmonics"], 0])),
    }
    if variants and len(variants) > 1:
        keys = list(variants)
        about = [list(dict.fromkeys(part)) for part in zip(*keys, strict=True)]
        of_records = dict(zip(("interval", "date_rule", "duplicates"), about, strict=True))
        made: Any = dict(variants)
        choices = {**of_records, **choices}
        if prod(map(len, choices.values())) > _MANY:
            choices["harmonics"] = choices["harmonics"][:1]
    else:
        size = _COARSER.get((grid.step, grid.is_monthly))
        is_ramadan = bool(options.pop("ramadan", False))
        choices = {"periods_together": [1, *([size] if size else [])], **choices}
        choices["ramadan"] = [is_ramadan, not is_ramadan]
        choices["harmonics"] = list(dict.fromkeys([given["harmonics"], 0, 1]))
        made = {n: merge_periods(series, n, changes[0]) for n in choices["periods_together"]}
    first, *others = key_dates
    return run_specifications(made, first, choices, others=others, **options)


def merge_periods(series: pd.DataFrame, size: int, change: Change) -> pd.DataFrame:
    """Return a series of longer periods, one of which starts at a change.

    Sums of counts and days; a longer period lacks what one of its parts lacks. Parts of a longer
    period at the ends are left out.

    Examples
    --------
    >>> weeks = pd.DataFrame({"period_start": pd.date_range("2017-01-02", periods=5, freq="7D")})
    >>> weeks["count"] = [1, 2, 3, 4, 5]
    >>> (change,) = read_changes(["2017-01-16"], read_grid(weeks))
    >>> merge_periods(weeks, 2, change)
      period_start  count
    0   2017-01-02      3
    1   2017-01-16      7
    """
    if size == 1:
        return series
    grid = read_grid(series)
    first = int(grid.numbers[change.is_after(grid)][0])
    groups = (grid.numbers - first) // size
    columns = {
        "period_start": "first",
        **dict.fromkeys(["count", "period_days", "exposure"], lambda part: part.sum(skipna=False)),
        **dict.fromkeys(["is_covered", "is_complete"], "all"),
    }
    known: Any = {name: how for name, how in columns.items() if name in series}
    merged = series.groupby(groups).agg(known)
    whole = pd.Series(groups).value_counts().reindex(merged.index) == size
    kept: pd.DataFrame = merged[whole].reset_index(drop=True)
    return kept


def _windows(grid: Grid, changes: Sequence[Change]) -> list[Window]:
    """The window without its first, or its last, quarter before or after all key dates."""
    start, end = pd.Timestamp(grid.starts[0]), pd.Timestamp(grid.ends[-1])
    before = pd.Timestamp(changes[0].first) - start
    after = end - pd.Timestamp(changes[-1].settled)
    return [
        Window((start + before / 4).normalize(), end),
        Window(start, (end - after / 4).normalize()),
    ]
