"""Student's t and the normal law, without the overhead of frozen distributions."""

from __future__ import annotations

from typing import overload

import numpy as np
from scipy import special

from analytics.models.timing import Vector


def find_quantile(probability: float, df: float | None) -> float:
    """Quantile of t with ``df`` degrees of freedom, or of the normal law for None."""
    law = special.ndtri(probability) if df is None else special.stdtrit(df, probability)
    return float(law)


@overload
def find_p_value(statistic: float, df: float | None) -> float: ...
@overload
def find_p_value(statistic: Vector, df: float | None) -> Vector: ...
def find_p_value(statistic: float | Vector, df: float | None) -> float | Vector:
    """Two-sided p value of a statistic under the same law."""
    below = -np.abs(statistic)
    tail = special.ndtr(below) if df is None else special.stdtr(df, below)
    doubled: float | Vector = 2 * tail
    return doubled
