"""Totals that others stated as tables for readers: rates, published figures, and what is known."""

from __future__ import annotations

from typing import Any

import pandas as pd

from analytics.language import Language
from analytics.names import name_group, name_stated
from analytics.tables import each_row, write_count, write_interval, write_range


def tabulate_rates(rates: pd.DataFrame, *, language: Language) -> pd.DataFrame:
    """Return the rates between running totals as a table: one row a stretch."""
    t = language.text
    return pd.DataFrame(
        {
            t("Days"): [language.days(row.period_start, row.period_end) for row in each_row(rates)],
            t("Count"): [language.number(row.count) for row in each_row(rates)],
            t("In 30 days"): [language.number(row.rate_per_30_days, 1) for row in each_row(rates)],
            t("95 % interval"): [write_interval(row, language, 1) for row in each_row(rates)],
        }
    )


def tabulate_published(rates: pd.DataFrame, *, language: Language) -> pd.DataFrame:
    """Return published figures as a table: publisher, definition, days, figure, rate."""
    t = language.text
    return pd.DataFrame(
        {
            t("Publisher"): rates["publisher"].tolist(),
            t("What is counted"): [name_stated(m, language) for m in rates["measure"]],
            t("Days"): [language.days(row.period_start, row.period_end) for row in each_row(rates)],
            t("Figure"): [write_count(row.value, language) for row in each_row(rates)],
            t("In 30 days"): [language.number(row.rate_per_30_days, 1) for row in each_row(rates)],
        }
    )


def tabulate_statements(found: pd.DataFrame, *, language: Language) -> pd.DataFrame:
    """Return stated totals beside what is known: a row a statement, the outcome last."""
    t = language.text
    rows = list(each_row(found))
    outcomes = {
        "missed": t("some missing"),
        "consistent": t("no contradiction"),
        "contradiction": t("contradiction"),
        "not comparable": t("not comparable"),
    }
    reasons = {
        "the unit is not counted here": t("the unit is not counted here"),
        "some victims only are meant": t("some victims only are meant"),
        "a mean is no total": t("a mean is no total"),
        "the place cannot be told": t("the place cannot be told"),
    }
    return pd.DataFrame(
        {
            t("Stated by"): [row.claimed_by for row in rows],
            t("What is counted"): [name_stated(row.measure, language) for row in rows],
            t("Place"): [name_scope(row, language) for row in found.to_dict("records")],
            t("Days"): [language.days(row.period_start, row.period_end) for row in rows],
            t("Stated"): [state_value(row.value, row.operator, language) for row in rows],
            t("Known"): [write_range(row.known_min, row.known_max, language) for row in rows],
            t("Missed at least"): [
                "–" if pd.isna(row.missed_min) else language.number(row.missed_min) for row in rows
            ],
            t("Outcome"): [reasons.get(row.reason, outcomes[row.outcome]) for row in rows],
        }
    )


def state_value(value: float, operator: str, language: Language) -> str:
    """Return a stated total with how it was stated: "more than 100"."""
    n = language.number(value)
    said = {
        "more than": language.text("more than {n}", n=n),
        "at least": language.text("at least {n}", n=n),
        "nearly": language.text("nearly {n}", n=n),
        "mean": language.text("{n} on average", n=n),
    }
    return said.get(operator, n)


def name_scope(row: Any, language: Language) -> str:
    """Return the area that a total was stated for, in words where it is a known one."""
    governorate, scope = (str(row[name] or "") for name in ("governorate", "scope"))
    if governorate not in ("", "nan", "<NA>"):
        return name_group("governorate", governorate, language)
    known = {
        "Iraq": language.text("Iraq"),
        "disputed territories": language.text("disputed territories"),
        "Iraq (disputed areas)": language.text("disputed territories"),
    }
    return known.get(scope, scope)
