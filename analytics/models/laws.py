"""Student's t and the normal law, without the overhead of frozen distributions."""

from __future__ import annotations

import numpy as np
from scipy import special

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
