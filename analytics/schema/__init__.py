"""The columns of every table that passes between stages: name, kind, unit, meaning.

Documented here once; ``data/README.md`` and the docstrings are compared with it by a test.
Bounds are inclusive at both ends; days carry no time zone; an empty cell is unknown, never zero.
"""

from analytics.schema.checks import (
    BREAK_DISTANCES,
    BREAK_PATH,
    BREAKS,
    COMPARISON,
    COMPARISON_POINTS,
    LATEST,
    NAIVE,
    PLACEBO_SUMMARY,
    PLACEBOS,
    PLACES,
    PRETREND,
    SHRUNKEN_RATES,
    SHRUNKEN_RATIOS,
    SPECIFICATION_CHOICES,
    SPECIFICATION_SUMMARY,
    SPECIFICATIONS,
)
from analytics.schema.claims import CLAIM_TESTS, CLAIM_VARIANTS, CLAIM_VERDICTS
from analytics.schema.columns import (
    Column,
    Kind,
    names,
)
from analytics.schema.records import (
    BAND,
    CHANGES,
    DIFFERENCES,
    RECONCILED,
    RECORD,
    REJECTED,
    SERIES,
    WATERFALL,
)
from analytics.schema.results import (
    EXCESS,
    POINTS,
    POOLED,
    STATISTICS,
    TERMS,
)

__all__ = [
    "BAND",
    "BREAKS",
    "BREAK_DISTANCES",
    "BREAK_PATH",
    "CHANGES",
    "CLAIM_TESTS",
    "CLAIM_VARIANTS",
    "CLAIM_VERDICTS",
    "COMPARISON",
    "COMPARISON_POINTS",
    "DIFFERENCES",
    "EXCESS",
    "LATEST",
    "NAIVE",
    "PLACEBOS",
    "PLACEBO_SUMMARY",
    "PLACES",
    "POINTS",
    "POOLED",
    "PRETREND",
    "RECONCILED",
    "RECORD",
    "REJECTED",
    "SERIES",
    "SHRUNKEN_RATES",
    "SHRUNKEN_RATIOS",
    "SPECIFICATIONS",
    "SPECIFICATION_CHOICES",
    "SPECIFICATION_SUMMARY",
    "STATISTICS",
    "TERMS",
    "WATERFALL",
    "Column",
    "Kind",
    "names",
]
