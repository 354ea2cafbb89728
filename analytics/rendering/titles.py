"""The title of a report in its language: "Reported attacks in Kirkuk, December 2021"."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from analytics.language import Language
from analytics.names import name_group, name_period
from analytics.rendering.period import Period
from analytics.rendering.prose import translate


def name_report(title: str, values: Mapping[str, str], language: Language) -> tuple[str, bool]:
    """Return a report's title, and whether there was a translation; else it is in English.

    Parameters
    ----------
    title : str
        In English, with a placeholder for each of the values, as the catalogues hold it.
    values : Mapping
        ``period`` as its label, ``place`` as its code; other values stand as they are.
    language : Language

    Examples
    --------
    >>> name_report("Attacks in {place}, {period}", {"place": "IQ-KI", "period": "2021-12"},
    ...             Language("en"))
    ('Attacks in Kirkuk, December 2021', True)
    """
    if not values:
        return translate(title, language)
    text = language.text(title, **_name_all(values, language))
    if not text.startswith("⟦"):
        return text, True
    return Language("en").text(title, **_name_all(values, Language("en"))), False


def _name_all(values: Mapping[str, str], language: Language) -> dict[str, str]:
    return {name: name_value(name, value, language) for name, value in values.items()}


def name_value(name: str, value: str, language: Language) -> str:
    """Return what a report of a series stands for in words: its period, its place.

    Examples
    --------
    >>> name_value("period", "2021-Q4", Language("en")), name_value("place", "all", Language("en"))
    ('October 2021 to December 2021', 'Iraq')
    """
    if name == "period":
        period = Period.parse(value)
        return name_period(pd.Timestamp(period.start), period.length, language)
    if name == "place":
        if value == "all":
            return language.text("Iraq")
        return name_group("zone", name_group("governorate", value, language), language)
    return value
