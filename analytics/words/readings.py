"""What an interval allows one to say."""

from __future__ import annotations

from typing import Any

from analytics.language import Language


def read_interval(low: float, high: float, language: Language) -> str:
    """Return what the interval of a ratio allows one to say, and nothing more."""
    # A bound that is empty is no bound: nothing is excluded on its side.
    if low > 1:
        return language.text("The interval excludes no change: the records show a rise.")
    if high < 1:
        return language.text("The interval excludes no change: the records show a fall.")
    return language.text(
        "The interval includes no change, a fall and a rise: the records cannot tell."
    )


def say_bounds(row: Any, language: Language) -> dict[str, str]:
    """Return the ratio of a row and its interval, by the names that messages have for them."""
    values = {"ratio": row.ratio, "low": row.ci_lower, "high": row.ci_upper}
    return {name: language.number(value, 2) for name, value in values.items()}
