"""What is asked besides: change points, comparisons, placebos, places, specifications."""

from __future__ import annotations

from analytics.schema.columns import Column

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
    Column("key_date", "text", "", "label of the key date", True),
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
    Column("key_date", "text", "", "label of the key date before which it lies", True),
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
