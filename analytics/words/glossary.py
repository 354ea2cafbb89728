"""Method and limits in plain words, and the terms of a report: said once, for every report."""

from __future__ import annotations

from analytics.language import Language, mark

_METHOD = (
    mark(
        "Reports of the press and of other sources are read into records. Several reports of one "
        "incident are merged, so that an incident counts once however often it was told."
    ),
    mark(
        "Incidents are counted in periods over a window that was fixed beforehand. A period "
        "without incidents is a zero; a period that nobody observed is not."
    ),
    mark(
        "A date known only as a week or a month is spread evenly over its days. Charts show what "
        "certainly falls in a period and what may."
    ),
    mark(
        "Counts are compared as rates, so that a short month is not taken for a calmer one. "
        "Intervals are widened where incidents come in bursts."
    ),
    mark(
        "A change at a key date is measured against where the trend before it was heading, and the "
        "same question is asked at dates that nobody named."
    ),
    mark("Where the records cannot bear an answer, none is given, and the report says why."),
)
_LIMITS = (
    mark(
        "A count of reports is not a count of attacks. What nobody reported is not in it, and what "
        "is reported changes with access, attention and danger."
    ),
    mark("Two things that happen at the same time need not have to do with each other."),
    mark(
        "An interval speaks of chance alone. It does not know of attacks that were never reported."
    ),
    mark("Places and dates are as exact as the report that names them, and no more."),
)
_TERMS = (
    (mark("Incident"), mark("One event, such as an attack, however many reports tell of it.")),
    (mark("Report"), mark("One source's account of one incident.")),
    (mark("Count"), mark("How many incidents the records hold in a period.")),
    (mark("Rate"), mark("A count divided by its days, here mostly as incidents in thirty days.")),
    (mark("Rate ratio"), mark("One rate divided by another: two is twice as high, one is equal.")),
    (
        mark("Interval"),
        mark(
            "The range of values that the records leave possible. Of a hundred such intervals "
            "about ninety-five hold the true value, if the model is right."
        ),
    ),
    (mark("Key date"), mark("A day, or some days, named beforehand; the records do not know it.")),
    (
        mark("Change point"),
        mark("A date at which the series itself changes level, found without being told where."),
    ),
    (
        mark("Counterfactual"),
        mark("What would be expected had the trend before the key date gone on; an assumption."),
    ),
    (mark("Excess"), mark("What was reported less what was expected, added up over time.")),
    (
        mark("Placebo date"),
        mark("A date that nobody named, used to see how often a change appears by itself."),
    ),
    (mark("Coverage"), mark("The days, places and share of attacks that a source can see.")),
    (
        mark("Certain and possible"),
        mark(
            "Incidents that surely fall in a period, and those that may, as their date is not "
            "known to the day."
        ),
    ),
    (mark("Incomplete period"), mark("One that is cut, not over, or too young to be fully known.")),
    (
        mark("Index"),
        mark("A series as a percentage of its own earlier mean, to compare large and small ones."),
    ),
)


def explain_method(*, limits: bool = False, language: Language) -> list[str]:
    """Return how every report is made, in plain words; or what none of them can show."""
    return [language.text(message) for message in (_LIMITS if limits else _METHOD)]


def explain_terms(*, language: Language) -> list[tuple[str, str]]:
    """Return the terms of the reports, each with its meaning in a sentence."""
    return [(language.text(term), language.text(meaning)) for term, meaning in _TERMS]
