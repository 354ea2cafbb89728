"""Result frames as sentences: estimate, interval, unit, period, comparison; never a cause.

Every sentence is made from the frame it speaks of, so that no number in a report is typed. Words
follow from the interval that is printed beside them: what an interval does not exclude is not said.
"""

from analytics.words.changes import describe_detectable, describe_level, describe_trend
from analytics.words.checks import (
    describe_breaks,
    describe_excess,
    describe_naive,
    describe_placebos,
)
from analytics.words.claims import describe_claims, describe_test
from analytics.words.counts import (
    describe_band,
    describe_coverage,
    describe_latest,
    describe_records,
    describe_series,
    describe_totals,
)
from analytics.words.editions import describe_edition
from analytics.words.elsewhere import describe_comparison, describe_places
from analytics.words.glossary import explain_method, explain_terms
from analytics.words.headline import (
    headline_key_date,
    headline_latest,
    number_key_date,
    number_latest,
)
from analytics.words.notes import describe_note, describe_notes
from analytics.words.refusals import describe_refusals
from analytics.words.robustness import (
    describe_errors,
    describe_pooled,
    describe_specifications,
)
from analytics.words.stated import (
    describe_published,
    describe_rates,
    describe_rivals,
    describe_statements,
)
from analytics.words.vintages import describe_previous, tabulate_changes

__all__ = [
    "describe_band",
    "describe_breaks",
    "describe_claims",
    "describe_comparison",
    "describe_coverage",
    "describe_detectable",
    "describe_edition",
    "describe_errors",
    "describe_excess",
    "describe_latest",
    "describe_level",
    "describe_naive",
    "describe_note",
    "describe_notes",
    "describe_placebos",
    "describe_places",
    "describe_pooled",
    "describe_previous",
    "describe_published",
    "describe_rates",
    "describe_records",
    "describe_refusals",
    "describe_rivals",
    "describe_series",
    "describe_specifications",
    "describe_statements",
    "describe_test",
    "describe_totals",
    "describe_trend",
    "explain_method",
    "explain_terms",
    "headline_key_date",
    "headline_latest",
    "number_key_date",
    "number_latest",
    "tabulate_changes",
]
