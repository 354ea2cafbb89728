"""A fitted model: terms, points, statistics."""

from __future__ import annotations

from analytics.schema.columns import Column

TERMS: tuple[Column, ...] = (
    Column("term", "text", "", "intercept, trend, level[DATE], slope[DATE], sin1, cos1, ramadan"),
    Column("estimate", "number", "log scale", "coefficient (outcome's unit for gaussian)"),
    Column("std_error", "number", "log scale", "the standard error used"),
    Column("ratio", "number", "ratio", "exp(estimate); empty for gaussian"),
    Column("ci_lower", "number", "ratio", "lower bound (of the coefficient for gaussian)"),
    Column("ci_upper", "number", "ratio", "upper bound (of the coefficient for gaussian)"),
    Column("statistic", "number", "", "estimate / std_error"),
    Column("p_value", "number", "", "two-sided, t with df_resid"),
    Column("se_model", "number", "log scale", "standard error with dispersion 1"),
    Column("se_quasi", "number", "log scale", "Pearson-dispersion standard error"),
    Column("se_hac", "number", "log scale", "Newey-West standard error, small-sample corrected"),
    Column("se_autocorrelation", "number", "log scale", "of counts correlated as lag1_allowed"),
    Column("se_used", "code", "", "kind of the standard error used"),
    Column(
        "detectable_ratio",
        "number",
        "ratio",
        "smallest ratio above 1 seen with 80 % power (a difference for gaussian)",
    ),
)
"""A fitted coefficient a row. Slopes are per time unit (a year unless said otherwise)."""

POINTS: tuple[Column, ...] = (
    Column("period_start", "day", "", "first day of the period"),
    Column("period_days", "integer", "days", "exposure"),
    Column("count", "number", "incidents", "observed (expected under interval dates)"),
    Column("is_fitted", "truth", "", "the period entered the fit"),
    Column("fitted", "number", "incidents", "fitted mean"),
    Column("fitted_lower", "number", "incidents", "confidence bound of the mean"),
    Column("fitted_upper", "number", "incidents", "confidence bound of the mean"),
    Column("counterfactual", "number", "incidents", "pre-date model carried forward"),
    Column("counterfactual_lower", "number", "incidents", "prediction bound"),
    Column("counterfactual_upper", "number", "incidents", "prediction bound"),
    Column("excess", "number", "incidents", "count - counterfactual"),
    Column("excess_lower", "number", "incidents", "prediction bound"),
    Column("excess_upper", "number", "incidents", "prediction bound"),
    Column("cumulative_excess", "number", "incidents", "running sum of excess"),
    Column("cumulative_excess_lower", "number", "incidents", "prediction bound"),
    Column("cumulative_excess_upper", "number", "incidents", "prediction bound"),
    Column("is_beyond_horizon", "truth", "", "further after the date than the series before it"),
)
"""A period a row: observed, fitted, counterfactual. Empty where a quantity does not apply."""

STATISTICS: tuple[Column, ...] = (
    Column("n_periods", "integer", "periods", "periods in the series"),
    Column("n_fitted", "integer", "periods", "periods in the fit"),
    Column("n_parameters", "integer", "", "coefficients"),
    Column("df_resid", "integer", "", "n_fitted - n_parameters"),
    Column("family", "code", "", "quasipoisson, negbin, poisson, gaussian"),
    Column("effects", "code", "", "level, level+slope, slope, mixed, none"),
    Column("harmonics", "integer", "pairs", "harmonic pairs used"),
    Column("errors", "code", "", "standard error: auto, model, quasi, hac, autocorrelation"),
    Column("dispersion", "number", "", "Pearson chi-square / df_resid"),
    Column("lag1_correlation", "number", "", "of Pearson residuals, bias-corrected"),
    Column("lag1_allowed", "number", "", "correlation that se_autocorrelation allows for"),
    Column("hac_lags", "integer", "periods", "lags of the HAC error"),
    Column("log_likelihood", "number", "", "of the family (Poisson for quasipoisson)"),
    Column("deviance", "number", "", ""),
    Column("detectable_ratio", "number", "ratio", "smallest level ratio seen with 80 % power"),
    Column("conf_level", "number", "", "level of every interval"),
    Column("rung", "code", "", "what the length allows: segmented, step, two-rate"),
    Column("alpha", "number", "", "NB2 dispersion; empty for other families"),
    Column("reference", "code", "", "law of the intervals: t, normal"),
    Column("time_unit", "code", "", "unit of trend and slopes: period, day, month, year"),
    Column("dates_share", "number", "", "share of variance due to interval dates, where pooled"),
)
"""One row (a dict in JSON) of fit statistics."""

EXCESS: tuple[Column, ...] = (
    Column("key_date", "text", "", "label of the key date"),
    Column("version", "code", "", "carried: trend as before; damped: its slope dying out"),
    Column("first_day", "day", "", "first day summed"),
    Column("last_day", "day", "", "last day summed, inclusive"),
    Column("n_periods", "integer", "periods", "summed"),
    Column("is_capped", "truth", "", "later periods lie beyond the horizon, left out"),
    Column("count", "number", "incidents", "observed"),
    Column("expected", "number", "incidents", "without the date's effects"),
    Column("excess", "number", "incidents", "count - expected"),
    Column("excess_lower", "number", "incidents", "prediction bound"),
    Column("excess_upper", "number", "incidents", "prediction bound"),
)
"""A key date and version of the trend carried forward a row."""

POOLED: tuple[Column, ...] = (
    Column("drawn", "code", "", "what was drawn: dates, or dates and rule for duplicates"),
    *TERMS,
    Column("drawn_share", "number", "share", "largest part of an effect's variance from it"),
)
"""A coefficient under one kind of draws a row, pooled by Rubin's rules."""
