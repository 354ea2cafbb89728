"""The periods of a series that can be used, as `fit_segmented` reads them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics.models.notes import Note
from analytics.models.options import Options
from analytics.models.plan import read_outcome
from analytics.models.timing import Grid, Vector, read_grid

_ONE_DAY = np.timedelta64(1, "D")


@dataclass(frozen=True)
class Observed:
    """The n usable periods of a series: covered, complete and with a count.

    ``starts`` and ``starts_after`` (n,) are the first day of each period and the first day after
    it; ``counts`` and ``exposure`` (n,); ``numbers`` (n,) leave a number out at each gap; ``place``
    (n,) are row positions in the series; ``notes`` say what was left out.
    """

    starts: pd.DatetimeIndex
    starts_after: pd.DatetimeIndex
    counts: Vector
    exposure: Vector
    numbers: npt.NDArray[np.int64]
    place: npt.NDArray[np.intp]
    grid: Grid
    notes: tuple[Note, ...]


def read_observed(
    series: pd.DataFrame, *, exposure: str | None = "period_days", is_linear: bool = False
) -> Observed:
    """Return the usable periods of one group's series.

    Raises
    ------
    SeriesError
        Not a series, counts that are not counts, or exposure that is not positive.
    """
    grid = read_grid(series)
    family = "gaussian" if is_linear else "poisson"
    outcome = read_outcome(series, grid, Options(family=family, exposure=exposure))
    place = np.flatnonzero(outcome.is_usable)
    return Observed(
        starts=pd.DatetimeIndex(grid.starts[place]),
        starts_after=pd.DatetimeIndex(grid.ends[place] + _ONE_DAY),
        counts=outcome.value[place],
        exposure=np.exp(outcome.offset[place]),
        numbers=grid.numbers[place],
        place=place,
        grid=grid,
        notes=outcome.notes,
    )
