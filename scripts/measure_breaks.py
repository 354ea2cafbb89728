"""How often change points are found where there is none, and where the rate halves.

python scripts/measure_breaks.py prints the table of docs/decisions/030-number-of-breaks.md.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from analytics.models.breaks import find_breaks

MEAN, N_NONE, N_HALVED = 10.0, 200, 100


def draw(
    mean: npt.NDArray[np.float64], dispersion: float, correlation: float, rng: np.random.Generator
) -> npt.NDArray[np.float64]:
    """Return weekly counts with these means, dispersion and lag-one correlation (copula)."""
    shocks = rng.standard_normal(len(mean))
    for i in range(1, len(mean)):
        shocks[i] = correlation * shocks[i - 1] + np.sqrt(1 - correlation**2) * shocks[i]
    level = stats.norm.cdf(shocks)
    if dispersion == 1:
        return np.asarray(stats.poisson.ppf(level, mean))
    return np.asarray(stats.nbinom.ppf(level, mean / (dispersion - 1), 1 / dispersion))


def is_found(counts: npt.NDArray[np.float64]) -> bool:
    """Return whether any change point is found."""
    starts = pd.date_range("2013-01-07", periods=len(counts), freq="7D")
    series = pd.DataFrame({"period_start": starts, "period_days": 7, "count": counts})
    return len(find_breaks(series).breaks) > 0


def main() -> None:
    """Print the table."""
    rng = np.random.default_rng(30)
    print("| periods | dispersion | lag-one | found, none there | found, rate halved |")
    print("|---|---|---|---|---|")
    for n in (60, 120, 260):
        flat = np.full(n, MEAN)
        halved = np.where(np.arange(n) < n // 2, MEAN, MEAN / 2)
        for dispersion in (1, 2, 3):
            for correlation in (0.0, 0.3):
                none, half = (
                    np.mean([is_found(draw(mean, dispersion, correlation, rng)) for _ in range(k)])
                    for mean, k in ((flat, N_NONE), (halved, N_HALVED))
                )
                print(f"| {n} | {dispersion} | {correlation} | {none:.1%} | {half:.0%} |")


if __name__ == "__main__":
    main()
