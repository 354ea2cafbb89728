"""Models of one count series: fits, checks, and what they may claim."""

from analytics.models.counterfactual import project_counterfactual
from analytics.models.notes import Note
from analytics.models.pooling import PooledEstimate, fit_pooled, pool_draws
from analytics.models.rates import RateComparison, compare_rates, find_detectable_ratio
from analytics.models.results import SegmentedFit
from analytics.models.segmented import fit_segmented

__all__ = [
    "Note",
    "PooledEstimate",
    "RateComparison",
    "SegmentedFit",
    "compare_rates",
    "find_detectable_ratio",
    "fit_pooled",
    "fit_segmented",
    "pool_draws",
    "project_counterfactual",
]
