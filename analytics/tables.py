"""Result frames as tables for readers: words for codes, numbers in the reader's numerals."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from analytics.language import Language
from analytics.names import (
    describe_ratio,
    name_column,
    name_group,
    name_period,
    name_state,
    name_term,
)

# A spreadsheet takes a cell that starts with one of these for a formula.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def tabulate_series(series: pd.DataFrame, *, interval: str, language: Language) -> pd.DataFrame:
    """Return a series as a table for readers: one row a period (of a group), all cells text.

    Columns: the group where there is one, period, days, expected count, certain to possible, state.
    """
    t = language.text
    table = pd.DataFrame(index=series.index)
    group = series.columns[0]
    if group != "period_start":
        table[name_column(group, language)] = [
            name_group(group, v, language) for v in series[group]
        ]
    table[t("Period")] = [name_period(day, interval, language) for day in series["period_start"]]
    table[t("Days")] = [language.number(days) for days in series["period_days"]]
    table[t("Count")] = [_count(value, language) for value in series["count"]]
    table[t("Certain to possible")] = [
        t("{low} to {high}", low=_count(low, language), high=_count(high, language))
        for low, high in zip(series["count_min"], series["count_max"], strict=True)
    ]
    table[t("State")] = [name_state(row, language) for row in each_row(series)]
    return table.reset_index(drop=True)


def tabulate_terms(terms: pd.DataFrame, *, language: Language) -> pd.DataFrame:
    """Return model terms as a table for readers: one row an effect, ratio with its interval.

    The intercept, the season and Ramadan are left out: they are adjusted for, not asked about.
    """
    t = language.text
    shown = terms[terms["term"].str.match(r"trend|level\[|slope\[|joint")]
    return pd.DataFrame(
        {
            t("Effect"): [name_term(term, language) for term in shown["term"]],
            t("Rate ratio"): [language.number(v, 2) for v in shown["ratio"]],
            t("95 % interval"): [
                t("{low} to {high}", low=language.number(low, 2), high=language.number(high, 2))
                for low, high in zip(shown["ci_lower"], shown["ci_upper"], strict=True)
            ],
            t("In words"): [describe_ratio(row.ratio, language) for row in each_row(shown)],
        }
    )


def each_row(frame: pd.DataFrame) -> Iterator[Any]:
    """Yield each row with its cells as attributes; their types are the table's, not the checker's."""
    yield from frame.itertuples(index=False)


def write_csv(frame: pd.DataFrame) -> str:
    """Return a frame as CSV text; a text cell that a spreadsheet would run gets a leading quote.

    Examples
    --------
    >>> print(write_csv(pd.DataFrame({"place": ["=1+1", "Kirkuk"], "count": [1.0, 2.5]})), end="")
    place,count
    '=1+1,1
    Kirkuk,2.5
    """
    safe = frame.copy()
    for column in safe.columns:
        safe[column] = [_cell(value) for value in safe[column]]
    return safe.to_csv(index=False, lineterminator="\n")


def write_plain(frame: pd.DataFrame) -> str:
    """Return a frame as aligned text for a terminal."""
    cells = {str(c): [_cell(value, digits=4) for value in frame[c]] for c in frame.columns}
    widths = {name: max([len(name), *map(len, column)]) for name, column in cells.items()}
    rows = [tuple(cells), *zip(*cells.values(), strict=True)]
    return "".join(
        "  ".join(cell.rjust(w) for cell, w in zip(row, widths.values(), strict=True)) + "\n"
        for row in rows
    )


def _cell(value: object, digits: int = 10) -> str:
    """A value as text: days as ISO, no noise in the last digits, formulas disarmed."""
    if isinstance(value, pd.Timestamp):
        return f"{value:%Y-%m-%d}"
    if isinstance(value, bool) or type(value).__name__ in ("bool_", "bool"):
        return str(bool(value)).lower()
    if isinstance(value, float):
        return "" if pd.isna(value) else f"{round(value, digits):.15g}"
    if value is None or value is pd.NA or value is pd.NaT:
        return ""
    text = str(value)
    return f"'{text}" if isinstance(value, str) and text.startswith(_FORMULA_STARTS) else text


def _count(value: float, language: Language) -> str:
    return language.number(value, 0 if pd.isna(value) or float(value).is_integer() else 1)
