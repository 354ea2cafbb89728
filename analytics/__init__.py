"""Time series of extracted incident records around key dates, and the reports made of them.

Everything a notebook needs can be imported from here; each name is loaded when it is first used,
so that ``import analytics`` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

# Stage by stage, in the order in which a report goes through them.
_STAGES: dict[str, tuple[str, ...]] = {
    "periods": ("KeyDate", "Window", "make_periods"),
    "reference": (
        "list_not_coded",
        "load_aggregates",
        "load_key_dates",
        "load_published_counts",
    ),
    "records": ("load_records",),
    "incidents": ("merge_reports",),
    "clusters": ("load_decisions",),
    "evidence": ("explain_incident", "explain_pair", "list_doubtful"),
    "reconciliation": ("load_statements", "reconcile_statements", "select_statements"),
    "bands": ("count_band", "trace_band"),
    "aggregates": ("difference_running_totals", "rate_published_counts"),
    "selection": ("select_records",),
    "series": ("count_incidents", "draw_series"),
    "balance": ("balance_records", "count_distribution"),
    "basis": ("select_incidents",),
    "trace": ("trace_series",),
    "sidecar": ("load_sidecar",),
    "previous": ("compare_previous",),
    "vintages": ("explain_changes", "sum_changes"),
    "series_files": ("check_series", "load_series"),
    "models": ("compare_rates", "find_detectable_ratio", "fit_segmented"),
    "models.latest": ("compare_latest",),
    "material": ("gather_material",),
    "study": ("study_key_dates",),
    "claims": ("evaluate_claims", "load_claims"),
    "language": ("Language",),
    "tables": (
        "tabulate_band",
        "tabulate_incidents",
        "tabulate_latest",
        "tabulate_series",
        "tabulate_totals",
        "tabulate_weeks",
    ),
    "stated": ("tabulate_published", "tabulate_rates", "tabulate_statements"),
    "findings": (
        "tabulate_choices",
        "tabulate_claim_variants",
        "tabulate_claims",
        "tabulate_comparison",
        "tabulate_errors",
        "tabulate_excess",
        "tabulate_placebos",
        "tabulate_places",
        "tabulate_pooled",
        "tabulate_terms",
    ),
    "words": (
        "describe_band",
        "describe_claims",
        "describe_comparison",
        "describe_coverage",
        "describe_breaks",
        "describe_detectable",
        "describe_edition",
        "describe_errors",
        "describe_excess",
        "describe_naive",
        "describe_refusals",
        "describe_latest",
        "describe_level",
        "describe_notes",
        "describe_placebos",
        "describe_previous",
        "describe_places",
        "describe_pooled",
        "describe_published",
        "describe_rates",
        "describe_records",
        "describe_rivals",
        "describe_series",
        "describe_specifications",
        "describe_statements",
        "describe_totals",
        "describe_trend",
        "explain_method",
        "explain_terms",
        "tabulate_changes",
        "headline_key_date",
        "headline_latest",
        "number_key_date",
        "number_latest",
    ),
    "figures": (
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
    ),
    "rendering": ("load_definition", "render_reports"),
    "rendering.display": (
        "show_figure",
        "show_key_numbers",
        "show_lead",
        "show_list",
        "show_table",
        "show_terms",
        "show_text",
    ),
}
_HOMES = {name: module for module, names in _STAGES.items() for name in names}
__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'analytics' has no attribute {name!r}")
    return getattr(import_module(f"analytics.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
