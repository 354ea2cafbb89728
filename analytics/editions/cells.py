"""Small cells of a table of counts, and the other cells that must go so that they stay unknown.

A count from 1 to 4 in a cell split by place or kind can point at people. It is withheld; so that no
total gives it away, others are withheld with it (complementary suppression: Hundepool et al. 2012,
Statistical Disclosure Control, chapter 4).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

Mask = npt.NDArray[np.bool_]
Numbers = npt.NDArray[np.float64]
# What it costs to withhold a cell that could be shown: little for a zero, much for a total.
_ZERO, _CELL, _TOTAL = 2.0, 1.0, 20.0


def hide_periods(series: pd.DataFrame, hidden: Mask) -> pd.DataFrame:
    """Return a series without groups, some periods of which are withheld (``is_withheld``).

    A withheld period is not a complete one: nothing is compared with it or fitted to it. Where one
    alone is small, the smallest of the others is withheld too, since the records' number is told.
    """
    counts = series["count"].to_numpy(float)
    if hidden.sum() == 1 and (~hidden & (counts > 0)).any():
        hidden = hidden.copy()
        hidden[np.nanargmin(np.where(hidden | ~(counts > 0), np.inf, counts))] = True
    columns = [c for c in series.columns if str(c).startswith("count_")]
    released = series.assign(**dict.fromkeys(columns, np.nan))
    return released.assign(
        count=series["count"].astype(float).mask(hidden),
        is_complete=series["is_complete"] & ~hidden,
        is_withheld=hidden,
    )


def hide_small_cells(
    series: pd.DataFrame, smallest: int, *, periods: Mask | None = None
) -> pd.DataFrame:
    """Return a series in which no small cell or total can be read or worked out.

    Parameters
    ----------
    series : DataFrame
        `analytics.schema.SERIES`, of groups.
    smallest : int
        The smallest count that is shown, besides zero.
    periods : array of truth, optional
        Periods of which even the total is withheld, and so every cell and every group's total.

    Returns
    -------
    DataFrame
        With ``is_withheld`` (truth), and ``total``: the group's total over its covered periods,
        empty where it is withheld. A withheld cell has no count; bounds, variances and unknown
        tolls, from which a count could be worked out, are withheld in every cell.

    Notes
    -----
    The total of every period over all groups is taken to be public. So each small cell gets a
    rectangle of withheld cells (or totals) in which an amount can be moved around without a row or
    column changing: its true value is one of several that agree with all that is shown.
    """
    if series.empty:
        return series.assign(is_withheld=False, total=np.nan)
    n_groups = series[series.columns[0]].nunique()
    counts = series["count"].to_numpy(float).reshape(n_groups, -1)
    cells, totals = choose_withheld(counts, smallest)
    if periods is not None and periods.any():
        cells, totals = cells | (periods & ~np.isnan(counts)), np.ones_like(totals)
    hidden = cells.ravel()
    columns = [c for c in series.columns if str(c).startswith("count_")]
    released = series.assign(**dict.fromkeys(columns, np.nan))
    released["count"] = series["count"].astype(float).mask(hidden)
    sums = np.where(totals, np.nan, np.nansum(counts, axis=1))
    return released.assign(is_withheld=hidden, total=np.repeat(sums, counts.shape[1]))


def choose_withheld(counts: Numbers, smallest: int) -> tuple[Mask, Mask]:
    """Return which cells and which row totals to withhold.

    Parameters
    ----------
    counts : array of shape (n_groups, n_periods)
        Not a number where a period is not covered.
    smallest : int

    Returns
    -------
    cells : array of truth, shape (n_groups, n_periods)
    totals : array of truth, shape (n_groups,)

    Examples
    --------
    The 2 is withheld, and with it enough to keep it unknown:

    >>> choose_withheld(np.array([[2.0, 9.0], [8.0, 7.0]]), 5)[0]
    array([[ True,  True],
           [ True,  True]])
    """
    # The total of a row is one more column: it is shown or withheld as a cell is.
    values = np.column_stack([counts, np.nansum(counts, axis=1)])
    is_small = (values > 1e-9) & (values < smallest - 1e-9)
    withheld = is_small.copy()
    cost = np.where(np.nan_to_num(values) > 0, _CELL + np.nan_to_num(values), _ZERO)
    cost[:, -1] += _TOTAL
    cost[np.isnan(values)] = np.inf
    for row, column in np.argwhere(is_small):
        _close(row, column, values, withheld, cost)
    return withheld[:, :-1], withheld[:, -1]


def _close(
    row: int,
    column: int,
    values: Numbers,
    withheld: Mask,
    cost: Numbers,
) -> None:
    """Withhold the cheapest rectangle around a cell whose opposite corner can give way.

    To lower the cell, its neighbours in the row and the column rise and the opposite corner falls,
    which must hold something to fall. A total counts against its row: lowering the cell lowers the
    row's total, and raises the other row's.
    """
    price = np.where(withheld, 0.0, cost)
    rectangle = price[row][None, :] + price[:, [column]] + price
    can_give = np.nan_to_num(values) > 1 - 1e-9
    last = values.shape[1] - 1
    if column == last:
        # The corner in the row falls with the total; the opposite one rises.
        rectangle = np.where((np.nan_to_num(values[row]) > 0)[None, :], rectangle, np.inf)
    else:
        can_give[:, last] = True
        rectangle = np.where(can_give, rectangle, np.inf)
    rectangle[row, :] = np.inf
    rectangle[:, column] = np.inf
    other_row, other_column = np.unravel_index(int(np.argmin(rectangle)), rectangle.shape)
    if not np.isfinite(rectangle[other_row, other_column]):
        withheld[row] = withheld[row] | ~np.isnan(values[row])
        return
    withheld[row, other_column] = withheld[other_row, column] = True
    withheld[other_row, other_column] = True
