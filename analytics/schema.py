"""The columns of every table that passes between stages: name, kind, unit, meaning.

Documented here once; ``data/README.md`` and the docstrings are compared with it by a test.
Bounds are inclusive at both ends; days carry no time zone; an empty cell is unknown, never zero.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["text", "code", "day", "integer", "number", "truth"]


@dataclass(frozen=True)
class Column:
    """One column of a table: its name, kind, unit (empty where there is none) and meaning."""

    name: str
    kind: Kind
    unit: str
    meaning: str
    is_required: bool = False


RECORD: tuple[Column, ...] = (
    Column("report_id", "text", "", "one source's account of one incident", True),
    Column("incident_id", "text", "", "shared by reports of the same incident"),
    Column("date_start", "day", "", "first day on which the incident may have happened", True),
    Column("date_end", "day", "", "last such day, inclusive", True),
    Column("published_on", "day", "", "day the report was published"),
    Column("governorate", "code", "", "ISO 3166-2 code, e.g. IQ-KI"),
    Column("district", "text", "", "standard English name of the district"),
    Column("place", "text", "", "place as printed"),
    Column("latitude", "number", "degrees north", "WGS 84"),
    Column("longitude", "number", "degrees east", "WGS 84"),
    Column("event_type", "text", "", "kind of event, as the source codes it"),
    Column("perpetrator", "text", "", "IS, or the name as printed"),
    Column(
        "attribution", "text", "", "who says that it was them: claimed, official, suspected, ..."
    ),
    Column("target", "text", "", "who or what was attacked; several parted by semicolons"),
    Column("killed", "integer", "persons", "best figure"),
    Column("wounded", "integer", "persons", "best figure"),
    Column("abducted", "integer", "persons", "best figure"),
    Column("arrested", "integer", "persons", "best figure"),
    Column("casualties_of", "code", "", "whose casualties the figures are: victims, is, both"),
    Column("n_incidents", "integer", "incidents", "1, or more where a row is already a count"),
    Column("source_url", "text", "", "address of the report"),
    Column("confidence", "text", "", "confidence in the date: ok, low"),
)
"""A record: one source's report of one incident (or of a number of them)."""

REJECTED: tuple[Column, ...] = (
    Column("file", "text", "", "name of the file", True),
    Column("row", "integer", "", "row number in the file, the header being row 1", True),
    Column("column", "text", "", "column at fault", True),
    Column("value", "text", "", "value as read", True),
    Column("reason", "text", "", "the rule it breaks and the remedy", True),
)
"""A rejected row: one row per rejected record, with the first rule it breaks."""

SERIES: tuple[Column, ...] = (
    Column("period_start", "day", "", "first calendar day of the period", True),
    Column(
        "period_days", "integer", "days", "days of the period inside the window (exposure)", True
    ),
    Column("count", "number", "incidents or persons", "expected count; empty if not covered", True),
    Column("count_min", "number", "incidents or persons", "certain: intervals wholly inside", True),
    Column("count_max", "number", "incidents or persons", "possible: intervals that touch", True),
    Column("count_var", "number", "squared", "variance of the count due to interval dates", True),
    Column("is_complete", "truth", "", "whole, over, and past the reporting delay", True),
    Column("is_covered", "truth", "", "the source observed this period", True),
)
"""A series: regular, sorted, gap-free, unique on (group, period_start); the group column, where
there is one, stands first and is named for what it groups by (governorate, zone, ...)."""

TERMS: tuple[Column, ...] = (
    Column(
        "term", "text", "", "intercept, trend, level[DATE], slope[DATE], sin1, cos1, ramadan", True
    ),
    Column("estimate", "number", "log scale", "coefficient (outcome's unit for gaussian)", True),
    Column("std_error", "number", "log scale", "the standard error used", True),
    Column("ratio", "number", "ratio", "exp(estimate); empty for gaussian", True),
    Column("ci_lower", "number", "ratio", "lower bound (of the coefficient for gaussian)", True),
    Column("ci_upper", "number", "ratio", "upper bound (of the coefficient for gaussian)", True),
    Column("statistic", "number", "", "estimate / std_error", True),
    Column("p_value", "number", "", "two-sided, t with df_resid", True),
    Column("se_model", "number", "log scale", "standard error with dispersion 1", True),
    Column("se_quasi", "number", "log scale", "Pearson-dispersion standard error", True),
    Column(
        "se_hac", "number", "log scale", "Newey-West standard error, small-sample corrected", True
    ),
    Column(
        "se_autocorrelation", "number", "log scale", "quasi, inflated by lag-one correlation", True
    ),
    Column("se_used", "code", "", "kind of the standard error used", True),
    Column(
        "detectable_ratio",
        "number",
        "ratio",
        "smallest ratio above 1 seen with 80 % power (a difference for gaussian)",
        True,
    ),
)
"""A fitted coefficient a row. Slopes are per time unit (a year unless said otherwise)."""

POINTS: tuple[Column, ...] = (
    Column("period_start", "day", "", "first day of the period", True),
    Column("period_days", "integer", "days", "exposure", True),
    Column("count", "number", "incidents", "observed (expected under interval dates)", True),
    Column("is_fitted", "truth", "", "the period entered the fit", True),
    Column("fitted", "number", "incidents", "fitted mean", True),
    Column("fitted_lower", "number", "incidents", "confidence bound of the mean", True),
    Column("fitted_upper", "number", "incidents", "confidence bound of the mean", True),
    Column("counterfactual", "number", "incidents", "pre-date model carried forward", True),
    Column("counterfactual_lower", "number", "incidents", "prediction bound", True),
    Column("counterfactual_upper", "number", "incidents", "prediction bound", True),
    Column("excess", "number", "incidents", "count - counterfactual", True),
    Column("excess_lower", "number", "incidents", "prediction bound", True),
    Column("excess_upper", "number", "incidents", "prediction bound", True),
    Column("cumulative_excess", "number", "incidents", "running sum of excess", True),
    Column("cumulative_excess_lower", "number", "incidents", "prediction bound", True),
    Column("cumulative_excess_upper", "number", "incidents", "prediction bound", True),
    Column(
        "is_beyond_horizon", "truth", "", "further after the date than the series before it", True
    ),
)
"""A period a row: observed, fitted, counterfactual. Empty where a quantity does not apply."""

STATISTICS: tuple[Column, ...] = (
    Column("n_periods", "integer", "periods", "periods in the series", True),
    Column("n_fitted", "integer", "periods", "periods in the fit", True),
    Column("n_parameters", "integer", "", "coefficients", True),
    Column("df_resid", "integer", "", "n_fitted - n_parameters", True),
    Column("family", "code", "", "quasipoisson, negbin, poisson, gaussian", True),
    Column("effects", "code", "", "level, level+slope, slope, mixed, none", True),
    Column("harmonics", "integer", "pairs", "harmonic pairs used", True),
    Column("errors", "code", "", "standard error: auto, model, quasi, hac, autocorrelation", True),
    Column("dispersion", "number", "", "Pearson chi-square / df_resid", True),
    Column("lag1_correlation", "number", "", "of Pearson residuals, bias-corrected", True),
    Column("hac_lags", "integer", "periods", "lags of the HAC error", True),
    Column("log_likelihood", "number", "", "of the family (Poisson for quasipoisson)", True),
    Column("deviance", "number", "", "", True),
    Column(
        "detectable_ratio", "number", "ratio", "smallest level ratio seen with 80 % power", True
    ),
    Column("conf_level", "number", "", "level of every interval", True),
    Column("rung", "code", "", "what the length allows: segmented, step, two-rate", True),
    Column("alpha", "number", "", "NB2 dispersion; empty for other families", True),
    Column("reference", "code", "", "law of the intervals: t, normal", True),
    Column("time_unit", "code", "", "unit of trend and slopes: period, day, month, year", True),
    Column(
        "dates_share", "number", "", "share of variance due to interval dates, where pooled", True
    ),
)
"""One row (a dict in JSON) of fit statistics."""

BREAKS: tuple[Column, ...] = (
    Column("break_number", "integer", "", "1 for the first break in time", True),
    Column("date", "day", "", "first day of the first period after the change", True),
    Column("date_lower", "day", "", "earliest such day inside the interval", True),
    Column("date_upper", "day", "", "latest such day inside the interval", True),
    Column("n_before", "integer", "periods", "since the previous break", True),
    Column("n_after", "integer", "periods", "until the next break", True),
    Column("rate_before", "number", "per day of exposure", "fitted rate just before", True),
    Column("rate_after", "number", "per day of exposure", "fitted rate just after", True),
    Column("ratio", "number", "ratio", "rate_after / rate_before", True),
    Column("reason", "text", "", "why there is no ratio; empty where there is one", True),
)
"""A break point found in a series a row; no row means that no change was found."""

BREAK_PATH: tuple[Column, ...] = (
    Column("n_breaks", "integer", "", "number of breaks", True),
    Column("n_parameters", "integer", "", "coefficients and dates fitted", True),
    Column("deviance", "number", "", "Poisson deviance, or residual sum of squares", True),
    Column("dispersion", "number", "", "Pearson chi-square by degrees of freedom", True),
    Column("lag1_correlation", "number", "", "of Pearson residuals, bias-corrected", True),
    Column("bic_change", "number", "", "scaled BIC minus that of no break", True),
    Column("is_chosen", "truth", "", "this number of breaks is the answer", True),
    Column("dates", "text", "", "first days after each change, parted by semicolons", True),
)
"""A number of breaks a row: what the best segmentation with so many breaks would gain."""

BREAK_DISTANCES: tuple[Column, ...] = (
    Column("key_date", "text", "", "label of the key date", True),
    Column("break_date", "day", "", "nearest break point", True),
    Column("break_lower", "day", "", "lower end of its interval", True),
    Column("break_upper", "day", "", "upper end of its interval", True),
    Column("distance_days", "integer", "days", "from key date to break; negative: before", True),
    Column("is_inside_interval", "truth", "", "the break's interval reaches the key date", True),
    Column("reason", "text", "", "why there is no distance; empty where there is one", True),
)
"""A key date a row, with the break point nearest to it."""

LATEST: tuple[Column, ...] = (
    Column("compared_with", "code", "", "previous, long, year_before", True),
    Column("period_start", "day", "", "first day of the latest periods", True),
    Column("count", "number", "incidents", "in the latest periods", True),
    Column("period_days", "number", "days", "exposure of the latest periods", True),
    Column("reference_start", "day", "", "first day of the reference", True),
    Column("reference_end", "day", "", "last day of the reference, inclusive", True),
    Column("count_reference", "number", "incidents", "in the reference", True),
    Column("days_reference", "number", "days", "exposure of the reference", True),
    Column("ratio", "number", "ratio", "latest rate / reference rate; empty for none", True),
    Column("ci_lower", "number", "ratio", "lower bound, 95 %", True),
    Column("ci_upper", "number", "ratio", "upper bound, 95 %; empty where unbounded", True),
    Column("dispersion", "number", "", "by which counts were divided for the interval", True),
)
"""The latest periods against a reference a row."""

NAIVE: tuple[Column, ...] = (
    Column("method", "code", "", "before_after, year_before", True),
    Column("n_before", "integer", "periods", "usable periods before", True),
    Column("n_after", "integer", "periods", "usable periods after", True),
    Column("count_before", "number", "incidents", "in those before", True),
    Column("count_after", "number", "incidents", "in those after", True),
    Column("exposure_before", "number", "days", "exposure of those before", True),
    Column("exposure_after", "number", "days", "exposure of those after", True),
    Column("ratio", "number", "ratio", "rate after / rate before", True),
    Column("ci_lower", "number", "ratio", "lower bound, exact Poisson", True),
    Column("ci_upper", "number", "ratio", "upper bound, exact Poisson", True),
    Column("reason", "text", "", "why there is no ratio; empty where there is one", True),
)
"""A comparison without a model a row: what would have been claimed."""

SHRUNKEN_RATES: tuple[Column, ...] = (
    Column("place", "text", "", "place, as the series names it", True),
    Column("count", "number", "incidents", "of the place", True),
    Column("exposure", "number", "days", "of the place", True),
    Column("rate", "number", "per day of exposure", "raw: count / exposure", True),
    Column("pooled_rate", "number", "per day of exposure", "shrunken rate", True),
    Column("pooled_lower", "number", "per day of exposure", "its lower bound", True),
    Column("pooled_upper", "number", "per day of exposure", "its upper bound", True),
    Column("own_weight", "number", "share", "of the estimate from the place's own counts", True),
)
"""A place's rate a row, raw and shrunken."""

SHRUNKEN_RATIOS: tuple[Column, ...] = (
    Column("place", "text", "", "place, as the series names it", True),
    Column("ratio", "number", "ratio", "raw; empty where the place has none of its own", True),
    Column("pooled_ratio", "number", "ratio", "shrunken ratio", True),
    Column("pooled_lower", "number", "ratio", "its lower bound", True),
    Column("pooled_upper", "number", "ratio", "its upper bound", True),
    Column("own_weight", "number", "share", "of the estimate from the place's own counts", True),
    Column("common_ratio", "number", "ratio", "mean of the places, same in every row", True),
    Column("spread_factor", "number", "ratio", "by which places differ (one sd), same", True),
)
"""A place's ratio a row, raw and shrunken."""

PLACES: tuple[Column, ...] = (
    Column("place", "text", "", "place, as the series names it", True),
    Column("count_before", "number", "incidents", "in usable periods before the date", True),
    Column("count_after", "number", "incidents", "in usable periods after the date", True),
    Column("n_fitted", "integer", "periods", "periods in the fit", True),
    Column("ratio", "number", "ratio", "the place's own; empty where refused", True),
    Column("ci_lower", "number", "ratio", "lower bound", True),
    Column("ci_upper", "number", "ratio", "upper bound", True),
    Column("p_value", "number", "", "two-sided, of this place alone", True),
    Column("p_holm", "number", "", "Holm, over the places with a fit", True),
    Column("p_bh", "number", "", "Benjamini-Hochberg, over the same", True),
    Column("pooled_ratio", "number", "ratio", "shrunken towards the mean of places", True),
    Column("pooled_lower", "number", "ratio", "lower bound", True),
    Column("pooled_upper", "number", "ratio", "upper bound", True),
    Column("own_weight", "number", "share", "of the pooled ratio from the place itself", True),
    Column("remarks", "text", "", "codes of the notes of the fit", True),
    Column("reason", "text", "", "why the place has no ratio of its own; else empty", True),
    Column("pooled_reason", "text", "", "why there is no pooled ratio; else empty", True),
)
"""A place's change at one key date a row, with its correction for looking at many places."""

SPECIFICATIONS: tuple[Column, ...] = (
    Column("specification", "integer", "", "number, in the order of the grid", True),
    Column("label", "text", "", "the options, parted by commas", True),
    Column("is_reference", "truth", "", "the first option of every choice", True),
    Column("n_fitted", "integer", "periods", "periods in the fit", True),
    Column("ratio", "number", "ratio", "change at the key date; empty where refused", True),
    Column("ci_lower", "number", "ratio", "lower bound", True),
    Column("ci_upper", "number", "ratio", "upper bound", True),
    Column("p_value", "number", "", "two-sided", True),
    Column("detectable_ratio", "number", "ratio", "smallest change seen with 80 % power", True),
    Column("sign", "code", "", "fall, rise, unclear (1 inside the interval); empty: refused", True),
    Column("remarks", "text", "", "codes of the notes of the fit", True),
    Column("reason", "text", "", "why the fit was refused; empty where it was not", True),
)
"""A combination of choices a row; one column choice_NAME per choice follows."""

SPECIFICATION_SUMMARY: tuple[Column, ...] = (
    Column("n_specifications", "integer", "", "combinations tried", True),
    Column("n_refused", "integer", "", "of which refused", True),
    Column("reference_ratio", "number", "ratio", "of the reference specification", True),
    Column("median_ratio", "number", "ratio", "over the fitted specifications", True),
    Column("smallest_ratio", "number", "ratio", "over the same", True),
    Column("largest_ratio", "number", "ratio", "over the same", True),
    Column("share_fall", "number", "share", "whose interval lies below 1", True),
    Column("share_rise", "number", "share", "whose interval lies above 1", True),
    Column("share_unclear", "number", "share", "whose interval holds 1", True),
    Column("share_below_one", "number", "share", "whose ratio is below 1", True),
    Column("reason", "text", "", "why a number is missing; else empty", True),
)
"""One row: how far the specifications agree."""

SPECIFICATION_CHOICES: tuple[Column, ...] = (
    Column("choice", "text", "", "what was chosen", True),
    Column("option", "text", "", "one of its options", True),
    Column("n_specifications", "integer", "", "combinations with it", True),
    Column("n_refused", "integer", "", "of which refused", True),
    Column("median_ratio", "number", "ratio", "over the fitted ones", True),
    Column("share_unclear", "number", "share", "of the fitted ones whose interval holds 1", True),
    Column("reason", "text", "", "why there is no median; else empty", True),
)
"""An option of a choice a row: what the specifications with it say."""

PLACEBOS: tuple[Column, ...] = (
    Column("placebo_date", "day", "", "first day of a period before the key date", True),
    Column("n_before", "integer", "periods", "usable periods before it", True),
    Column("n_after", "integer", "periods", "usable periods from it to the key date", True),
    Column("ratio", "number", "ratio", "effect found there; empty where refused", True),
    Column("ci_lower", "number", "ratio", "lower bound", True),
    Column("ci_upper", "number", "ratio", "upper bound", True),
    Column("statistic", "number", "", "t statistic", True),
    Column("p_value", "number", "", "two-sided", True),
    Column("is_exceeding", "truth", "", "at least as large as at the key date", True),
    Column("reason", "text", "", "why the fit was refused; empty where it was not", True),
)
"""A placebo date a row."""

PLACEBO_SUMMARY: tuple[Column, ...] = (
    Column("key_date", "text", "", "label of the key date", True),
    Column("ratio", "number", "ratio", "its effect, fitted between its neighbours", True),
    Column("statistic", "number", "", "t statistic of that effect", True),
    Column("n_placebos", "integer", "", "placebo dates fitted", True),
    Column("n_refused", "integer", "", "placebo dates refused", True),
    Column("n_independent", "number", "", "independent dates they are worth", True),
    Column("rank", "integer", "", "1: no placebo effect is as large", True),
    Column("share_exceeding", "number", "share", "of placebo effects as large", True),
    Column("share_flagged", "number", "share", "of placebo effects with p < .05", True),
    Column("placebo_scale", "number", "", "root mean square of the placebo t statistics", True),
    Column("p_value", "number", "", "of statistic / placebo_scale; empty: see reason", True),
    Column("reason", "text", "", "why there is no p value; else empty", True),
)
"""One row: how the key date ranks among its placebo dates."""

COMPARISON: tuple[Column, ...] = (
    Column("model", "code", "", "parallel, own_trend", True),
    Column("term", "text", "", "level[DATE], slope[DATE]", True),
    Column("ratio", "number", "ratio", "change of exposed / comparison; slope: a year", True),
    Column("ci_lower", "number", "ratio", "lower bound", True),
    Column("ci_upper", "number", "ratio", "upper bound", True),
    Column("p_value", "number", "", "two-sided, t", True),
    Column("detectable_ratio", "number", "ratio", "smallest change seen with 80 % power", True),
    Column("n_fitted", "integer", "periods", "periods in the fit", True),
    Column("dispersion", "number", "", "Pearson chi-square / degrees of freedom", True),
    Column("lag1_correlation", "number", "", "of Pearson residuals, bias-corrected", True),
    Column("reason", "text", "", "why the fit was refused; empty where it was not", True),
)
"""A change of the ratio of two series a row, under one of two models."""

PRETREND: tuple[Column, ...] = (
    Column("n_before", "integer", "periods", "usable periods before the date", True),
    Column("ratio", "number", "ratio a year", "drift of exposed / comparison", True),
    Column("ci_lower", "number", "ratio a year", "lower bound", True),
    Column("ci_upper", "number", "ratio a year", "upper bound", True),
    Column("p_value", "number", "", "two-sided, t", True),
    Column("detectable_ratio", "number", "ratio a year", "smallest drift seen, 80 % power", True),
    Column("reason", "text", "", "why there is no estimate; else empty", True),
)
"""One row: how two series drifted apart before the date."""

COMPARISON_POINTS: tuple[Column, ...] = (
    Column("period_start", "day", "", "first day of the period", True),
    Column("count_exposed", "number", "incidents", "of the exposed series", True),
    Column("count_comparison", "number", "incidents", "of the comparison series", True),
    Column("ratio", "number", "ratio", "of the two rates", True),
    Column("is_fitted", "truth", "", "the period entered the fit", True),
    Column("fitted_ratio", "number", "ratio", "with its own trend, if that could be fitted", True),
    Column("fitted_lower", "number", "ratio", "confidence bound", True),
    Column("fitted_upper", "number", "ratio", "confidence bound", True),
    Column("reason", "text", "", "why there is no observed ratio; else empty", True),
)
"""A period that both series have a row."""


def names(table: tuple[Column, ...]) -> list[str]:
    """Return the column names of a declared table, in order.

    Examples
    --------
    >>> names(SERIES)[:3]
    ['period_start', 'period_days', 'count']
    """
    return [column.name for column in table]
