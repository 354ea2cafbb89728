"""What changed since an earlier report, as sentences."""

from __future__ import annotations

from typing import Any

import pandas as pd

from analytics.language import Language
from analytics.names import name_column, name_group, name_measure, name_period, name_reason
from analytics.tables import each_row, write_count


def describe_previous(comparison: Any, *, language: Language) -> list[str]:
    """Return what changed since the earlier report: both totals, and what each reason adds.

    Parameters
    ----------
    comparison : Comparison
        From `analytics.previous.compare_previous`.
    language : Language
    """
    t = language.text
    if comparison.state == "none":
        return [t("There is no earlier report of this series.")]
    if comparison.state == "other":
        return [
            t("The earlier report counts something else or by other rules: it is not compared.")
        ]
    steps = {row.reason: row for row in each_row(comparison.steps)}
    measure = name_measure(comparison.recipe["measure"], language, in_sentence=True)
    was, now = steps.pop("earlier").change, steps.pop("later").total_after
    if not steps:
        return [
            t("Nothing has changed since the earlier report: {n} {measure} then and now.",
              n=write_count(now, language), measure=measure)
        ]  # fmt: skip
    reasons = [
        t("{reason} {change} ({n})", reason=name_reason(row.reason, language),
          change=_signed(row.change, language),
          n=language.plural("{n} incident", "{n} incidents", row.n_incidents))
        for row in steps.values()
    ]  # fmt: skip
    return [
        t("The earlier report counted {was} {measure}, this one {now}. What each reason adds: "
          "{reasons}.", was=write_count(was, language), now=write_count(now, language),
          measure=measure, reasons=language.listed(reasons))
    ]  # fmt: skip


def tabulate_changes(comparison: Any, *, language: Language, most: int = 40) -> pd.DataFrame:
    """Return what changed in each cell as a table: period, place or kind, reason, change, records.

    Empty where nothing changed, or the edition lists no records; at most ``most`` rows.
    """
    if comparison.changes.empty:
        return pd.DataFrame()
    t = language.text
    shown = comparison.changes.sort_values("period_start", ascending=False, kind="stable")
    rows = list(each_row(shown.head(most)))
    by, interval = comparison.recipe["by"], comparison.recipe["interval"]
    table = {t("Period"): [name_period(row.period_start, interval, language) for row in rows]}
    if by:
        names = [name_group(by, row.group, language) for row in rows]
        table[name_column(by, language)] = names
    table[t("Reason")] = [name_reason(row.reason, language) for row in rows]
    table[t("Change")] = [_signed(row.change, language) for row in rows]
    table[t("Records")] = [_name_ids(row, language) for row in rows]
    return pd.DataFrame(table)


def _name_ids(row: Any, language: Language) -> str:
    """The incidents that changed: once where both reports have them, else from one to other."""
    sides = [ids for ids in (row.earlier_ids, row.later_ids) if ids]
    return f" {language.arrow} ".join(
        language.isolated(ids.replace(";", ", ")) for ids in dict.fromkeys(sides)
    )


def _signed(value: float, language: Language) -> str:
    sign = "+" if value > 0 else "−" if value < 0 else "±"
    size = abs(value)
    # A share of an incident's days may be small, but it is not nothing.
    number = language.number(size, 2) if 0 < size < 0.095 else write_count(size, language)
    return language.isolated(f"{sign}{number}")
