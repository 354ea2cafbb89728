"""What an interval allows one to say."""

from __future__ import annotations

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
