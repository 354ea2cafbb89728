"""What is not given, and why: the reasons of models, which are written for analysts, in words."""

from __future__ import annotations

import re
from collections.abc import Mapping

from analytics.language import Language, mark
from analytics.names import name_key_date, name_term

_PARTS = {
    "fit": mark("The model of the key dates"),
    "excess": mark("The expectation after the key date"),
    "breaks": mark("The search for change points"),
    "naive": mark("The plain comparison"),
    "placebos": mark("The comparison with other dates"),
    "comparison": mark("The comparison between areas"),
    "places": mark("The comparison of places"),
    "pooled": mark("The doubt from uncertain dates and duplicates"),
    "specifications": mark("The comparison of models"),
}
# What records or an edition do not give is said as it is written.
_REASONS = (
    mark("the records are of one place alone"),
    mark("the records do not tell places apart"),
    mark("this edition shows no small counts by place"),
    mark("a linear model gives a difference, not a ratio"),
)
# How a model's own reason begins, its values by name -> what a reader is told.
_OF_MODELS = {
    "{n} periods: are too few to look for a break: {least} are needed": mark(
        "{n} periods are too few to look for a change point; {least} are needed."
    ),
    "{n} periods: are more than the {most} of an exact search": mark(
        "{n} periods are more than the {most} of an exact search."
    ),
    "{n} period: is not a series": mark("One period alone is no series."),
    "{n} usable periods of {all}: are not a series": mark("Of {all} periods {n} can be used."),
    "0 incidents in the series: give no rate to compare": mark("The series has no incident."),
    "period {day}: holds {k} of the {n} incidents": mark(
        "The period of {day} holds {k} of the {n} incidents."
    ),
    "{count} in every period: does not vary": mark("Every period has the same count."),
    "0 incidents in the periods before {day}: give no regression; by the exact test the rate ratio "
    "is at least {ratio}": mark(
        "There is no incident before {day}; two rates compared give a ratio of at least {ratio}."
    ),
    "0 incidents in the periods after {day}: give no regression; by the exact test the rate ratio "
    "is at most {ratio}": mark(
        "There is no incident after {day}; two rates compared give a ratio of at most {ratio}."
    ),
    "the linear model: fits every period exactly: nothing is left to judge it by": mark(
        "The linear model fits every period exactly: nothing is left to judge it by."
    ),
    "key date {day}: has no usable period on a side": mark(
        "There is no usable period on one side of {day}."
    ),
    "the two series: have no usable period in common": mark(
        "The two series have no usable period in common."
    ),
    "0 incidents in the {series} series {side} {day}: give no ratio": mark(
        "One of the two series has no incident on one side of {day}."
    ),
    "the fit: has no key date to go without": mark("The model has no key date."),
    "{n} periods to fit: are too few for {p} coefficients": mark(
        "{n} periods are too few for a model of {p} coefficients."
    ),
    "term {term}: cannot be told from the other terms in this window": mark(
        "{term} cannot be told from the other terms in this window."
    ),
    "the fit: runs off to a rate of zero: a part of the series has no incident to fit": mark(
        "A part of the series has no incident to fit."
    ),
    "key date {day}: has {n} usable periods on its shorter side, and {least} are needed": mark(
        "{day} has {n} usable periods on its shorter side; {least} are needed."
    ),
    "{why}: has nothing to compare": mark("There is no estimate to compare with."),
    "{k} of {n} draws: cannot be fitted: a part of the series has too few incidents": mark(
        "{k} of {n} draws cannot be fitted: a part of the series has too few incidents."
    ),
    "0 incidents: on either side give no ratio": mark("There is no incident on either side."),
    "term {term}: is not determined by these counts": mark(
        "{term} is not determined by these counts."
    ),
    "key dates {dates}: cannot be told apart ({why} {value})": mark(
        "The key dates are too close to be told apart."
    ),
    "the ratio of the two series: runs off to zero or without bound: one of them has no incident "
    "in a part": mark("One of the two series has no incident in a part of the window."),
    "0 incidents in all places: give no rate": mark("No place has an incident."),
    "{n} places with an estimate: are too few to learn how places differ; {least} are needed": mark(
        "{n} places with an estimate are too few to learn how places differ; {least} are needed."
    ),
    "key date {day}: has no period {side} it between {first} and {last}": mark(
        "There is no period on one side of {day} in this window."
    ),
}


def describe_refusals(refusals: Mapping[str, str], *, language: Language) -> list[str]:
    """Return which parts of a study are not given, with the reason.

    Examples
    --------
    >>> reason = "the series: has no room. Widen the window."
    >>> describe_refusals({"naive": reason}, language=Language("en"))
    ['The plain comparison is not given: the series: has no room. Widen the window.']
    """
    return [
        language.text(
            "{part} is not given: {reason}",
            part=language.text(_PARTS[part]),
            reason=say_reason(reason, language),
        )
        for part, reason in refusals.items()
    ]


def say_reason(reason: str, language: Language) -> str:
    """Return the reason of a model, an edition or the records as a reader would be told it.

    One that has no words is given as it is: a reason is never lost.
    """
    if reason in _REASONS:
        return language.text(reason)
    for begins, message in _OF_MODELS.items():
        pattern = re.sub(r"\\{(\w+)\\}", r"(?P<\1>.+?)", re.escape(begins))
        if found := re.match(rf"{pattern}\. ", f"{reason} "):
            values = {name: _say(name, text, language) for name, text in found.groupdict().items()}
            return language.text(message, **values)
    return reason


def _say(name: str, text: str, language: Language) -> str:
    """A value inside a model's reason: a day, a term or a number in the reader's words."""
    if name == "day":
        return name_key_date(text, language)
    if name == "term":
        return name_term(text, language)
    if re.fullmatch(r"\d+(\.\d+)?", text):
        return language.number(float(text), len(text.partition(".")[2]))
    return text
