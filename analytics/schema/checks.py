"""What is asked besides: change points, comparisons, placebos, places, specifications."""

from __future__ import annotations

from analytics.schema.columns import Column

BREAKS: tuple[Column, ...] = (
    Column("break_number", "integer", "", "1 for the first break in time"),
    Column("date", "day", "", "first day of the first period after the change"),
    Column("date_lower", "day", "", "earliest such day inside the interval"),
    Column("date_upper", "day", "", "latest such day inside the interval"),
    Column("n_before", "integer", "periods", "since the previous break"),
    Column("n_after", "integer", "periods", "until the next break"),
    Column("rate_before", "number", "per day of exposure", "fitted rate just before"),
    Column("rate_after", "number", "per day of exposure", "fitted rate just after"),
    Column("ratio", "number", "ratio", "rate_after / rate_before"),
    Column("reason", "text", "", "why there is no ratio; empty where there is one"),
)
"""A break point found in a series a row; no row means that no change was found."""

BREAK_PATH: tuple[Column, ...] = (
    Column("n_breaks", "integer", "", "number of breaks"),
    Column("n_parameters", "integer", "", "coefficients and dates fitted"),
    Column("deviance", "number", "", "Poisson deviance, or residual sum of squares"),
    Column("dispersion", "number", "", "Pearson chi-square by degrees of freedom"),
    Column("lag1_correlation", "number", "", "of Pearson residuals, bias-corrected"),
    Column("bic_change", "number", "", "scaled BIC minus that of no break"),
    Column("is_chosen", "truth", "", "this number of breaks is the answer"),
    Column("dates", "text", "", "first days after each change, parted by semicolons"),
)
"""A number of breaks a row: what the best segmentation with so many breaks would gain."""

BREAK_DISTANCES: tuple[Column, ...] = (
    Column("key_date", "text", "", "label of the key date"),
    Column("break_date", "day", "", "nearest break point"),
    Column("break_lower", "day", "", "lower end of its interval"),
    Column("break_upper", "day", "", "upper end of its interval"),
    Column("distance_days", "integer", "days", "from key date to break; negative: before"),
    Column("is_inside_interval", "truth", "", "the break's interval reaches the key date"),
    Column("reason", "text", "", "why there is no distance; empty where there is one"),
)
"""A key date a row, with the break point nearest to it."""

LATEST: tuple[Column, ...] = (
    Column("compared_with", "code", "", "previous, long, year_before"),
    Column("period_start", "day", "", "first day of the latest periods"),
    Column("count", "number", "incidents", "in the latest periods"),
    Column("period_days", "number", "days", "exposure of the latest periods"),
    Column("reference_start", "day", "", "first day of the reference"),
    Column("reference_end", "day", "", "last day of the reference, inclusive"),
    Column("count_reference", "number", "incidents", "in the reference"),
    Column("days_reference", "number", "days", "exposure of the reference"),
    Column("ratio", "number", "ratio", "latest rate / reference rate; empty for none"),
    Column("ci_lower", "number", "ratio", "lower bound, 95 %"),
    Column("ci_upper", "number", "ratio", "upper bound, 95 %; empty where unbounded"),
    Column("dispersion", "number", "", "by which counts were divided for the interval"),
)
"""The latest periods against a reference a row."""

NAIVE: tuple[Column, ...] = (
    Column("key_date", "text", "", "label of the key date"),
    Column("method", "code", "", "before_after, year_before"),
    Column("n_before", "integer", "periods", "usable periods before"),
    Column("n_after", "integer", "periods", "usable periods after"),
    Column("count_before", "number", "incidents", "in those before"),
    Column("count_after", "number", "incidents", "in those after"),
    Column("exposure_before", "number", "days", "exposure of those before"),
    Column("exposure_after", "number", "days", "exposure of those after"),
    Column("ratio", "number", "ratio", "rate after / rate before"),
    Column("ci_lower", "number", "ratio", "lower bound, exact Poisson"),
    Column("ci_upper", "number", "ratio", "upper bound, exact Poisson"),
    Column("reason", "text", "", "why there is no ratio; empty where there is one"),
)
"""A comparison without a model a row: what would have been claimed."""

SHRUNKEN_RATES: tuple[Column, ...] = (
    Column("place", "text", "", "place, as the series names it"),
    Column("count", "number", "incidents", "of the place"),
    Column("exposure", "number", "days", "of the place"),
    Column("rate", "number", "per day of exposure", "raw: count / exposure"),
    Column("pooled_rate", "number", "per day of exposure", "shrunken rate"),
    Column("pooled_lower", "number", "per day of exposure", "its lower bound"),
    Column("pooled_upper", "number", "per day of exposure", "its upper bound"),
    Column("own_weight", "number", "share", "of the estimate from the place's own counts"),
)
"""A place's rate a row, raw and shrunken."""

SHRUNKEN_RATIOS: tuple[Column, ...] = (
    Column("place", "text", "", "place, as the series names it"),
    Column("ratio", "number", "ratio", "raw; empty where the place has none of its own"),
    Column("pooled_ratio", "number", "ratio", "shrunken ratio"),
    Column("pooled_lower", "number", "ratio", "its lower bound"),
    Column("pooled_upper", "number", "ratio", "its upper bound"),
    Column("own_weight", "number", "share", "of the estimate from the place's own counts"),
    Column("common_ratio", "number", "ratio", "mean of the places, same in every row"),
    Column("spread_factor", "number", "ratio", "by which places differ (one sd), same"),
)
"""A place's ratio a row, raw and shrunken."""

PLACES: tuple[Column, ...] = (
    Column("place", "text", "", "place, as the series names it"),
    Column("count_before", "number", "incidents", "in usable periods before the date"),
    Column("count_after", "number", "incidents", "in usable periods after the date"),
    Column("n_fitted", "integer", "periods", "periods in the fit"),
    Column("ratio", "number", "ratio", "the place's own; empty where refused"),
    Column("ci_lower", "number", "ratio", "lower bound"),
    Column("ci_upper", "number", "ratio", "upper bound"),
    Column("p_value", "number", "", "two-sided, of this place alone"),
    Column("p_holm", "number", "", "Holm, over the places with a fit"),
    Column("p_bh", "number", "", "Benjamini-Hochberg, over the same"),
    Column("pooled_ratio", "number", "ratio", "shrunken towards the mean of places"),
    Column("pooled_lower", "number", "ratio", "lower bound"),
    Column("pooled_upper", "number", "ratio", "upper bound"),
    Column("own_weight", "number", "share", "of the pooled ratio from the place itself"),
    Column("remarks", "text", "", "codes of the notes of the fit"),
    Column("reason", "text", "", "why the place has no ratio of its own; else empty"),
    Column("pooled_reason", "text", "", "why there is no pooled ratio; else empty"),
)
"""A place's change at one key date a row, with its correction for looking at many places."""

SPECIFICATIONS: tuple[Column, ...] = (
    Column("specification", "integer", "", "number, in the order of the grid"),
    Column("label", "text", "", "the options, parted by commas"),
    Column("is_reference", "truth", "", "the first option of every choice"),
    Column("n_fitted", "integer", "periods", "periods in the fit"),
    Column("ratio", "number", "ratio", "change at the key date; empty where refused"),
    Column("ci_lower", "number", "ratio", "lower bound"),
    Column("ci_upper", "number", "ratio", "upper bound"),
    Column("p_value", "number", "", "two-sided"),
    Column("detectable_ratio", "number", "ratio", "smallest change seen with 80 % power"),
    Column("sign", "code", "", "fall, rise, unclear (1 inside the interval); empty: refused"),
    Column("remarks", "text", "", "codes of the notes of the fit"),
    Column("reason", "text", "", "why the fit was refused; empty where it was not"),
)
"""A combination of choices a row; one column choice_NAME per choice follows."""

SPECIFICATION_SUMMARY: tuple[Column, ...] = (
    Column("n_specifications", "integer", "", "combinations tried"),
    Column("n_refused", "integer", "", "of which refused"),
    Column("reference_ratio", "number", "ratio", "of the reference specification"),
    Column("median_ratio", "number", "ratio", "over the fitted specifications"),
    Column("smallest_ratio", "number", "ratio", "over the same"),
    Column("largest_ratio", "number", "ratio", "over the same"),
    Column("share_fall", "number", "share", "whose interval lies below 1"),
    Column("share_rise", "number", "share", "whose interval lies above 1"),
    Column("share_unclear", "number", "share", "whose interval holds 1"),
    Column("share_below_one", "number", "share", "whose ratio is below 1"),
    Column("reason", "text", "", "why a number is missing; else empty"),
)
"""One row: how far the specifications agree."""

SPECIFICATION_CHOICES: tuple[Column, ...] = (
    Column("choice", "text", "", "what was chosen"),
    Column("option", "text", "", "one of its options"),
    Column("n_specifications", "integer", "", "combinations with it"),
    Column("n_refused", "integer", "", "of which refused"),
    Column("median_ratio", "number", "ratio", "over the fitted ones"),
    Column("share_unclear", "number", "share", "of the fitted ones whose interval holds 1"),
    Column("reason", "text", "", "why there is no median; else empty"),
)
"""An option of a choice a row: what the specifications with it say."""

PLACEBOS: tuple[Column, ...] = (
    Column("key_date", "text", "", "label of the key date before which it lies"),
    Column("placebo_date", "day", "", "first day of a period before the key date"),
    Column("n_before", "integer", "periods", "usable periods before it"),
    Column("n_after", "integer", "periods", "usable periods from it to the key date"),
    Column("ratio", "number", "ratio", "effect found there; empty where refused"),
    Column("ci_lower", "number", "ratio", "lower bound"),
    Column("ci_upper", "number", "ratio", "upper bound"),
    Column("statistic", "number", "", "t statistic"),
    Column("p_value", "number", "", "two-sided"),
    Column("is_exceeding", "truth", "", "at least as large as at the key date"),
    Column("reason", "text", "", "why the fit was refused; empty where it was not"),
)
"""A placebo date a row."""

PLACEBO_SUMMARY: tuple[Column, ...] = (
    Column("key_date", "text", "", "label of the key date"),
    Column("ratio", "number", "ratio", "its effect, fitted between its neighbours"),
    Column("statistic", "number", "", "t statistic of that effect"),
    Column("n_placebos", "integer", "", "placebo dates fitted"),
    Column("n_refused", "integer", "", "placebo dates refused"),
    Column("n_independent", "number", "", "independent dates they are worth"),
    Column("rank", "integer", "", "1: no placebo effect is as large"),
    Column("share_exceeding", "number", "share", "of placebo effects as large"),
    Column("share_flagged", "number", "share", "of placebo effects with p < .05"),
    Column("placebo_scale", "number", "", "root mean square of the placebo t statistics"),
    Column("p_value", "number", "", "of statistic / placebo_scale; empty: see reason"),
    Column("reason", "text", "", "why there is no p value; else empty"),
)
"""One row: how the key date ranks among its placebo dates."""

COMPARISON: tuple[Column, ...] = (
    Column("model", "code", "", "parallel, own_trend"),
    Column("term", "text", "", "level[DATE], slope[DATE]"),
    Column("ratio", "number", "ratio", "change of exposed / comparison; slope: a year"),
    Column("ci_lower", "number", "ratio", "lower bound"),
    Column("ci_upper", "number", "ratio", "upper bound"),
    Column("p_value", "number", "", "two-sided, t"),
    Column("detectable_ratio", "number", "ratio", "smallest change seen with 80 % power"),
    Column("n_fitted", "integer", "periods", "periods in the fit"),
    Column("dispersion", "number", "", "Pearson chi-square / degrees of freedom"),
    Column("lag1_correlation", "number", "", "of Pearson residuals, bias-corrected"),
    Column("reason", "text", "", "why the fit was refused; empty where it was not"),
)
"""A change of the ratio of two series a row, under one of two models."""

PRETREND: tuple[Column, ...] = (
    Column("n_before", "integer", "periods", "usable periods before the date"),
    Column("ratio", "number", "ratio a year", "drift of exposed / comparison"),
    Column("ci_lower", "number", "ratio a year", "lower bound"),
    Column("ci_upper", "number", "ratio a year", "upper bound"),
    Column("p_value", "number", "", "two-sided, t"),
    Column("detectable_ratio", "number", "ratio a year", "smallest drift seen, 80 % power"),
    Column("reason", "text", "", "why there is no estimate; else empty"),
)
"""One row: how two series drifted apart before the date."""

COMPARISON_POINTS: tuple[Column, ...] = (
    Column("period_start", "day", "", "first day of the period"),
    Column("count_exposed", "number", "incidents", "of the exposed series"),
    Column("count_comparison", "number", "incidents", "of the comparison series"),
    Column("ratio", "number", "ratio", "of the two rates"),
    Column("is_fitted", "truth", "", "the period entered the fit"),
    Column("fitted_ratio", "number", "ratio", "with its own trend, if that could be fitted"),
    Column("fitted_lower", "number", "ratio", "confidence bound"),
    Column("fitted_upper", "number", "ratio", "confidence bound"),
    Column("reason", "text", "", "why there is no observed ratio; else empty"),
)
"""A period that both series have a row."""
