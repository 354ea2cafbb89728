"""A fitted model: terms, points, statistics."""

from __future__ import annotations

from analytics.schema.columns import Column

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
        "se_autocorrelation", "number", "log scale", "of counts correlated as lag1_allowed", True
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
    Column("lag1_allowed", "number", "", "correlation that se_autocorrelation allows for", True),
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

EXCESS: tuple[Column, ...] = (
    Column("key_date", "text", "", "label of the key date", True),
    Column("version", "code", "", "carried: trend as before; damped: its slope dying out", True),
    Column("first_day", "day", "", "first day summed", True),
    Column("last_day", "day", "", "last day summed, inclusive", True),
    Column("n_periods", "integer", "periods", "summed", True),
    Column("is_capped", "truth", "", "later periods lie beyond the horizon, left out", True),
    Column("count", "number", "incidents", "observed", True),
    Column("expected", "number", "incidents", "without the date's effects", True),
    Column("excess", "number", "incidents", "count - expected", True),
    Column("excess_lower", "number", "incidents", "prediction bound", True),
    Column("excess_upper", "number", "incidents", "prediction bound", True),
)
"""A key date and version of the trend carried forward a row."""

POOLED: tuple[Column, ...] = (
    Column("drawn", "code", "", "what was drawn: dates, or dates and rule for duplicates", True),
    *TERMS,
    Column("drawn_share", "number", "share", "largest part of an effect's variance from it", True),
)
"""A coefficient under one kind of draws a row, pooled by Rubin's rules."""
