"""Student's t and the normal law, without the overhead of frozen distributions; quadratic forms."""

from __future__ import annotations

import numpy as np
from scipy import special
from scipy.integrate import quad

from analytics.models.timing import Vector


def find_quantile(probability: float, df: float | Vector | None) -> Vector:
    """Quantile of t with ``df`` degrees of freedom (one or many), or of the normal for None."""
    law = special.ndtri(probability) if df is None else special.stdtrit(df, probability)
    return np.asarray(law, dtype=np.float64)


def find_p_value(statistic: Vector, df: float | Vector | None) -> Vector:
    """Two-sided p value of a statistic under the same law."""
    below = -np.abs(statistic)
    tail = special.ndtr(below) if df is None else special.stdtr(df, below)
    return np.asarray(2 * tail, dtype=np.float64)


def find_chance_positive(values: Vector) -> float:
    """Chance that a sum of values x squared standard normals is above 0, by Imhof (1961).

    1/2 + 1/pi times the integral over u > 0 of sin(sum atan(v u) / 2) / (u prod (1 + v^2 u^2)^1/4),
    taken over log u, because the integrand stretches over many powers of ten.

    Examples
    --------
    The square of one against the mean square of ten others is F, here at 2.2281 squared:

    >>> round(find_chance_positive(np.r_[1.0, np.full(10, -(2.2281388**2) / 10)]), 6)
    0.05
    """
    scaled = values / np.abs(values).max()
    scaled = scaled[np.abs(scaled) > 1e-12]

    def integrand(log_u: float) -> float:
        reach = scaled * np.exp(log_u)
        size = np.log1p(reach**2).sum() / 4
        return float(np.sin(np.arctan(reach).sum() / 2) * np.exp(-size))

    half, _ = quad(integrand, -25, 40, limit=500)
    return float(np.clip(0.5 + half / np.pi, 0, 1))
