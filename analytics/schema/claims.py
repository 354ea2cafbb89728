"""Claims, the tests they rest on, and the variants of a test at a key date."""

from __future__ import annotations

from analytics.schema.columns import Column

CLAIM_VERDICTS: tuple[Column, ...] = (
    Column("claim_id", "text", "", "name of the claim", True),
    Column("verdict", "code", "", "supported, not supported, cannot tell", True),
    Column("reason", "code", "", "agrees, excluded, both, power, coverage, readings, ...", True),
    Column("said_by", "text", "", "who said it, and where", True),
    Column("n_tests", "integer", "", "tests in the table", True),
    Column("text_en", "text", "", "the claim, restated in English", True),
    Column("text_ar", "text", "", "in Arabic", True),
    Column("text_ckb", "text", "", "in Sorani Kurdish", True),
    Column("why_en", "text", "", "why no count can test it; empty where one can", True),
    Column("why_ar", "text", "", "in Arabic", True),
    Column("why_ckb", "text", "", "in Sorani Kurdish", True),
)
"""A claim a row."""

CLAIM_TESTS: tuple[Column, ...] = (
    Column("claim_id", "text", "", "name of the claim", True),
    Column("test", "integer", "", "number of the test", True),
    Column("is_deciding", "truth", "", "the verdict rests on it; else it is shown beside", True),
    Column("source", "text", "", "file, running total or published series", True),
    Column("place", "code", "", "all, a governorate, strip, elsewhere", True),
    Column("measure", "code", "", "what is counted", True),
    Column("key_date", "text", "", "date of the change; empty for two spells", True),
    Column("period_start", "day", "", "first day of the spell claimed", True),
    Column("period_end", "day", "", "last such day", True),
    Column("compared_with_start", "day", "", "first day of the spell compared with", True),
    Column("compared_with_end", "day", "", "last such day", True),
    Column("count", "number", "incidents", "in the spell claimed", True),
    Column("period_days", "integer", "days", "of the spell claimed", True),
    Column("count_compared", "number", "incidents", "in the spell compared with", True),
    Column("compared_days", "integer", "days", "of the spell compared with", True),
    Column("direction", "code", "", "claimed: rise, fall, no change", True),
    Column("size", "number", "ratio", "claimed; empty where none is", True),
    Column("ratio", "number", "ratio", "rate / rate compared with, or step at the date", True),
    Column("ci_lower", "number", "ratio", "lower bound, 95 %", True),
    Column("ci_upper", "number", "ratio", "upper bound, 95 %; empty where unbounded", True),
    Column("dispersion", "number", "", "of the counts, assumed 3 for totals", True),
    Column("detectable_ratio", "number", "ratio", "smallest rise seen with 80 % power", True),
    Column("coverage_low", "number", "share", "of what happened; empty where unknown", True),
    Column("coverage_high", "number", "share", "of what happened; empty where unknown", True),
    Column("verdict", "code", "", "supported, not supported, cannot tell", True),
    Column("reason", "code", "", "why", True),
    Column("times_as_many", "number", "ratio", "incidents needed to see a rise by a quarter", True),
)
"""A test of a claim a row."""

CLAIM_VARIANTS: tuple[Column, ...] = (
    Column("against", "code", "", "area compared with; empty for none", True),
    Column("model", "code", "", "level+slope, level, step alone, with change points", True),
    Column("window_start", "day", "", "first day", True),
    Column("window_end", "day", "", "last day", True),
    Column("n_fitted", "integer", "periods", "in the fit", True),
    Column("ratio", "number", "ratio", "step at the key date; empty where refused", True),
    Column("ci_lower", "number", "ratio", "lower bound", True),
    Column("ci_upper", "number", "ratio", "upper bound", True),
    Column("detectable_ratio", "number", "ratio", "smallest rise seen with 80 % power", True),
    Column("reason", "text", "", "why it was refused; else empty", True),
)
"""A defensible model of the change at a key date a row."""
