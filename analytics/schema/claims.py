"""Claims, the tests they rest on, and the variants of a test at a key date."""

from __future__ import annotations

from analytics.schema.columns import Column

CLAIM_VERDICTS: tuple[Column, ...] = (
    Column("claim_id", "text", "", "name of the claim"),
    Column("verdict", "code", "", "supported, not supported, cannot tell"),
    Column("reason", "code", "", "agrees, excluded, both, power, coverage, readings, ..."),
    Column("said_by", "text", "", "who said it, and where"),
    Column("n_tests", "integer", "", "tests in the table"),
    Column("text_en", "text", "", "the claim, restated in English"),
    Column("text_ar", "text", "", "in Arabic"),
    Column("text_ckb", "text", "", "in Sorani Kurdish"),
    Column("why_en", "text", "", "why no count can test it; empty where one can"),
    Column("why_ar", "text", "", "in Arabic"),
    Column("why_ckb", "text", "", "in Sorani Kurdish"),
)
"""A claim a row."""

CLAIM_TESTS: tuple[Column, ...] = (
    Column("claim_id", "text", "", "name of the claim"),
    Column("test", "integer", "", "number of the test"),
    Column("is_deciding", "truth", "", "the verdict rests on it; else it is shown beside"),
    Column("source", "text", "", "file, running total or published series"),
    Column("place", "code", "", "all, a governorate, strip, elsewhere"),
    Column("measure", "code", "", "what is counted"),
    Column("key_date", "text", "", "date of the change; empty for two spells"),
    Column("period_start", "day", "", "first day of the spell claimed"),
    Column("period_end", "day", "", "last such day"),
    Column("compared_with_start", "day", "", "first day of the spell compared with"),
    Column("compared_with_end", "day", "", "last such day"),
    Column("count", "number", "incidents", "in the spell claimed"),
    Column("period_days", "integer", "days", "of the spell claimed"),
    Column("count_compared", "number", "incidents", "in the spell compared with"),
    Column("compared_days", "integer", "days", "of the spell compared with"),
    Column("direction", "code", "", "claimed: rise, fall, no change"),
    Column("size", "number", "ratio", "claimed; empty where none is"),
    Column("ratio", "number", "ratio", "rate / rate compared with, or step at the date"),
    Column("ci_lower", "number", "ratio", "lower bound, 95 %"),
    Column("ci_upper", "number", "ratio", "upper bound, 95 %; empty where unbounded"),
    Column("dispersion", "number", "", "of the counts, assumed 3 for totals"),
    Column("detectable_ratio", "number", "ratio", "smallest rise seen with 80 % power"),
    Column("coverage_low", "number", "share", "of what happened; empty where unknown"),
    Column("coverage_high", "number", "share", "of what happened; empty where unknown"),
    Column("verdict", "code", "", "supported, not supported, cannot tell"),
    Column("reason", "code", "", "why"),
    Column("times_as_many", "number", "ratio", "incidents needed to see a rise by a quarter"),
)
"""A test of a claim a row."""

CLAIM_VARIANTS: tuple[Column, ...] = (
    Column("against", "code", "", "area compared with; empty for none"),
    Column("model", "code", "", "level+slope, level, step alone, with change points"),
    Column("window_start", "day", "", "first day"),
    Column("window_end", "day", "", "last day"),
    Column("n_fitted", "integer", "periods", "in the fit"),
    Column("ratio", "number", "ratio", "step at the key date; empty where refused"),
    Column("ci_lower", "number", "ratio", "lower bound"),
    Column("ci_upper", "number", "ratio", "upper bound"),
    Column("detectable_ratio", "number", "ratio", "smallest rise seen with 80 % power"),
    Column("reason", "text", "", "why it was refused; else empty"),
)
"""A defensible model of the change at a key date a row."""
