"""Result frames as plotly figures: one visual language, readable in grey print and without colour.

A figure is drawn from columns that are already there; nothing is fitted or counted here. What is
observed is a mark, what is fitted a full line, what is supposed a dashed one, a period that is not
complete a hollow mark; lines carry their name at their end instead of a legend.
"""

from analytics.figures.bars import plot_totals, plot_waterfall
from analytics.figures.calendar import plot_calendar
from analytics.figures.checks import (
    plot_comparison,
    plot_excess,
    plot_placebos,
    plot_specifications,
)
from analytics.figures.counts import plot_series, plot_spark
from analytics.figures.forest import plot_claim_variants, plot_places, plot_pooled
from analytics.figures.places import plot_groups, plot_index, plot_tiles
from analytics.figures.published import plot_published, plot_rates

__all__ = [
    "plot_calendar",
    "plot_claim_variants",
    "plot_comparison",
    "plot_excess",
    "plot_groups",
    "plot_index",
    "plot_placebos",
    "plot_places",
    "plot_pooled",
    "plot_published",
    "plot_rates",
    "plot_series",
    "plot_spark",
    "plot_specifications",
    "plot_tiles",
    "plot_totals",
    "plot_waterfall",
]
