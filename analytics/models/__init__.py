"""Models of one count series: fits, checks, and what they may claim."""

from analytics.models.counterfactual import project_counterfactual
from analytics.models.notes import Note
from analytics.models.rates import RateComparison, compare_rates, find_detectable_ratio
from analytics.models.results import SegmentedFit
from analytics.models.segmented import fit_segmented

__all__ = [
    "Note",
    "RateComparison",
    "SegmentedFit",
    "compare_rates",
    "find_detectable_ratio",
    "fit_segmented",
    "project_counterfactual",
]
