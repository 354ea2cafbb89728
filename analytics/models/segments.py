"""The exact search for segments: what every segment costs, and the cheapest way to cut a series."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from scipy.special import xlogy

from analytics.models.family import FamilyFit
from analytics.models.std_errors import find_std_errors

Vector = npt.NDArray[np.float64]
# Costs of all segments are held at once (n^2 numbers); with a trend each is a small fit (n^3).
MAX_PERIODS = {"level": 3000, "trend": 600}
_STEEPEST = 30.0
_NEWTON_STEPS = 40


@dataclass(frozen=True)
class Partition:
    """The cheapest cuts for 0, 1, 2, ... breaks of n periods.

    ``cuts[m]`` are the positions of the first period of each new segment; ``deviances[m]`` the
    cost. ``first[m]`` (n+1,) is the least cost of the first i periods with m breaks, ``rest[m]``
    that of the periods from i on.
    """

    cuts: list[tuple[int, ...]]
    deviances: list[float]
    first: Vector
    rest: Vector

    def profile(self, number: int, n_breaks: int) -> Vector:
        """Least cost with break ``number`` (from 0) at each position; infinite where barred."""
        cost: Vector = self.first[number] + self.rest[n_breaks - 1 - number]
        return cost


@dataclass(frozen=True)
class Scale:
    """By how much the deviance of a segmentation exceeds that of independent Poisson counts."""

    factor: float
    dispersion: float
    lag1_correlation: float


def partition(costs: Vector, max_breaks: int) -> Partition:
    """Return the cheapest cuts for each number of breaks, by dynamic programming.

    Parameters
    ----------
    costs : ndarray, shape (n + 1, n + 1)
        ``costs[i, j]`` of the segment of periods i to j - 1; infinite where it is too short.
    max_breaks : int
        Such that every number of breaks up to it can be had.
    """
    n = len(costs) - 1
    first = np.full((max_breaks + 1, n + 1), np.inf)
    rest = np.full((max_breaks + 1, n + 1), np.inf)
    first[0], rest[0] = costs[0], costs[:, n]
    last_cut = np.zeros((max_breaks + 1, n + 1), dtype=np.intp)
    for m in range(1, max_breaks + 1):
        through = first[m - 1][:, None] + costs
        last_cut[m] = through.argmin(axis=0)
        first[m] = np.take_along_axis(through, last_cut[m][None], axis=0)[0]
        rest[m] = (costs + rest[m - 1][None]).min(axis=1)
    cuts = []
    for m in range(max_breaks + 1):
        positions, end = [], n
        for left in range(m, 0, -1):
            end = int(last_cut[left][end])
            positions.append(end)
        cuts.append(tuple(reversed(positions)))
    return Partition(cuts, [float(value) for value in first[:, n]], first, rest)


def cost_of_segments(
    counts: Vector, exposure: Vector, min_segment: int, is_poisson: bool, with_trend: bool
) -> Vector:
    r"""Return the deviance of every segment, shape (n + 1, n + 1); infinite where it is too short.

    Poisson: :math:`2 \sum y \log(y/\mu)`; gaussian: the residual sum of squares.
    """
    n = len(counts)
    costs = np.full((n + 1, n + 1), np.inf)
    if with_trend:
        for length in range(min_segment, n + 1):
            at = np.arange(n - length + 1)
            windows = np.lib.stride_tricks.sliding_window_view
            y, e = windows(counts, length), windows(exposure, length)
            costs[at, at + length] = _trend_costs(y, e, is_poisson)
        return costs
    edge = np.arange(n + 1)
    i, j = np.nonzero(edge[None, :] - edge[:, None] >= min_segment)
    if is_poisson:
        total, days = _sums(counts), _sums(exposure)
        saturated = _sums(xlogy(counts, counts / exposure))
        amount = total[j] - total[i]
        costs[i, j] = saturated[j] - saturated[i] - xlogy(amount, amount / (days[j] - days[i]))
        costs[i, j] *= 2
    else:
        centred = counts - counts.mean()
        total, squares = _sums(centred), _sums(centred**2)
        costs[i, j] = squares[j] - squares[i] - (total[j] - total[i]) ** 2 / (j - i)
    costs[i, j] = np.maximum(costs[i, j], 0)
    return costs


def fit_segments(
    counts: Vector, exposure: Vector, cuts: tuple[int, ...], is_poisson: bool, with_trend: bool
) -> Vector:
    """Return the fitted mean of each period, shape (n,), given the cuts."""
    edges = (0, *cuts, len(counts))
    means = np.empty(len(counts))
    for start, end in pairwise(edges):
        y, e = counts[None, start:end], exposure[None, start:end]
        time = np.linspace(-1, 1, end - start)
        if is_poisson:
            shape = e * np.exp(time * _slopes(y, e, time)[:, None]) if with_trend else e
            means[start:end] = (shape / shape.sum() * y.sum())[0]
        else:
            slope = (time @ y[0]) / (time @ time) if with_trend else 0.0
            means[start:end] = y.mean() + slope * time
    return means


def scale_of_segments(
    counts: Vector,
    exposure: Vector,
    fitted: Vector,
    cuts: tuple[int, ...],
    numbers: npt.NDArray[np.int64],
    with_trend: bool,
) -> Scale:
    """Return the scale of Poisson deviance: dispersion times inflation by lag-one correlation.

    ``numbers`` are period numbers, so that periods on two sides of a gap are not neighbours.
    """
    n = len(counts)
    segment = np.searchsorted(cuts, np.arange(n), side="right")
    columns = (segment[:, None] == np.arange(len(cuts) + 1)).astype(float)
    if with_trend:
        columns = np.hstack([columns, columns * np.linspace(-1, 1, n)[:, None]])
    # A segment without incidents fits exactly; its residuals are 0, whatever the tiny mean.
    mean = np.maximum(np.abs(fitted), 1e-9)
    residuals = (counts - fitted) / np.sqrt(mean)
    fit = FamilyFit(
        family="poisson",
        coefficients=np.zeros(columns.shape[1]),
        mean=mean,
        weights=mean,
        residuals=residuals,
        scores=columns * (counts - fitted)[:, None],
        bread=np.eye(columns.shape[1]),
        log_likelihood=0.0,
        deviance=0.0,
    )
    found = find_std_errors(fit, columns, numbers)
    # Each break's date was fitted too.
    degrees = max(n - columns.shape[1] - len(cuts), 1)
    dispersion = float(residuals @ residuals) / degrees
    inflation = max(found.lag1_correlation, 0.0)
    factor = max(dispersion, 1.0) * (1 + inflation) / (1 - inflation)
    return Scale(factor, dispersion, found.lag1_correlation)


def _sums(values: Vector) -> Vector:
    return np.concatenate([[0.0], np.cumsum(values)])


def _trend_costs(y: Vector, e: Vector, is_poisson: bool) -> Vector:
    """Deviance of each row fitted by a level and a slope of its own."""
    time = np.linspace(-1, 1, y.shape[1])
    if not is_poisson:
        centred = y - y.mean(axis=1, keepdims=True)
        explained = (centred @ time) ** 2 / (time @ time)
        return np.asarray(np.maximum((centred**2).sum(axis=1) - explained, 0))
    slopes = _slopes(y, e, time)
    total = y.sum(axis=1)
    shape = (e * np.exp(slopes[:, None] * time)).sum(axis=1)
    saturated = xlogy(y, y / e).sum(axis=1)
    cost = 2 * (saturated - slopes * (y @ time) - xlogy(total, total / shape))
    return np.asarray(np.maximum(cost, 0))


def _slopes(y: Vector, e: Vector, time: Vector) -> Vector:
    """Poisson slope of each row, the level profiled out: one-dimensional Newton steps.

    Given the slope, the level is known, and what is left of the likelihood,
    b sum(y t) - Y log sum(e exp(b t)), is concave. Where it has no maximum (all incidents in one
    end period) the slope stops at a bound that costs nothing.
    """
    total = np.maximum(y.sum(axis=1), 1e-300)
    target = (y @ time) / total
    slopes = np.zeros(len(y))
    moments = np.vstack([np.ones_like(time), time, time**2]).T
    active = np.arange(len(y))
    for _ in range(_NEWTON_STEPS):
        weights = e[active] * np.exp(slopes[active, None] * time)
        zeroth, first, second = (weights @ moments).T
        mean = first / zeroth
        variance = np.maximum(second / zeroth - mean**2, 1e-12)
        step = np.clip((target[active] - mean) / variance, -2, 2)
        step = np.where(y[active].sum(axis=1) > 0, step, 0.0)
        moved = np.clip(slopes[active] + step, -_STEEPEST, _STEEPEST)
        is_moving = np.abs(moved - slopes[active]) > 1e-6
        slopes[active] = moved
        active = active[is_moving]
        if not len(active):
            break
    return slopes
