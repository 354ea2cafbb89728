"""Codes in the reader's words: places, periods, terms and states, for tables, words and figures."""

from __future__ import annotations

import re
from functools import lru_cache

import pandas as pd

from analytics.language import Language, mark
from analytics.reference import load_governorates, load_key_dates, load_measure_names

# Codes that are said as they are written, in the reader's language.
_PERIODS = (mark("day"), mark("week"), mark("month"), mark("quarter"), mark("year"))
_VERDICTS = (mark("supported"), mark("not supported"), mark("cannot tell"))
# Words that the sources use for types, targets and who says so; others stand as they are.
_CODED = {
    mark("small arms attack"), mark("raid"), mark("security-force operation"), mark("IED"),
    mark("indirect fire"), mark("kidnapping"), mark("sniper attack"), mark("checkpoint attack"),
    mark("ambush"), mark("retaliatory attack"), mark("state-based conflict"),
    mark("one-sided violence"), mark("non-state conflict"), mark("civilian"), mark("federal army"),
    mark("peshmerga"), mark("IS"), mark("police"), mark("PMF"), mark("tribal PMF"),
    mark("infrastructure"), mark("mixed"), mark("official"), mark("security source"),
    mark("suspected"), mark("claimed"), mark("local sources"), mark("media"), mark("disputed"),
    mark("open source"), mark("unconfirmed"), mark("hospital"), mark("military source"),
    mark("field source"), mark("party statement"), mark("journalist"), mark("official attribution"),
    mark("IS members"), mark("IS leaders"), mark("IS hideouts"), mark("arrest"), mark("other"),
}  # fmt: skip


def describe_ratio(ratio: float, language: Language) -> str:
    """Return "20 % lower", "2.1 times as high" or "unchanged" for a rate ratio."""
    if not 0 <= ratio < float("inf"):
        return language.text("cannot be estimated")
    if ratio >= 2:
        return language.text("{times} times as high", times=language.number(ratio, 1))
    if round(ratio, 2) == 1:
        return language.text("about the same")
    percent = language.percent(ratio)
    if ratio > 1:
        return language.text("{percent} higher", percent=percent)
    return language.text("{percent} lower", percent=percent)


def label_of(term: str) -> str:
    """Return the key date inside the brackets of a model term; empty if it is of none."""
    return term.partition("[")[2].rstrip("]")


def name_term(term: str, language: Language) -> str:
    """Return a model term in words: "Level change at 16 October 2017"."""
    kind, label = term.partition("[")[0], label_of(term)
    day = name_key_date(label, language) if label else ""
    names = {
        "trend": language.text("Trend before, per year"),
        "level": language.text("Level change at {day}", day=day),
        "slope": language.text("Change of trend after {day}, per year", day=day),
        "joint": language.text("Joint level change at {day}", day=day),
        "ramadan": language.text("Ramadan"),
    }
    return names.get(kind, term)


def name_key_date(label: str, language: Language) -> str:
    """Return "16 October 2017" for "2017-10-16", and both ends for an interval."""
    labels = re.split(r"\+| and ", label)
    if len(labels) > 1:
        return language.listed([name_key_date(part, language) for part in labels])
    start, _, end = label.partition("/")
    return language.days(pd.Timestamp(start), pd.Timestamp(end or start))


def name_known_date(label: str, language: Language) -> str:
    """Return the name of a key date that the project knows, else an empty text."""
    start, _, end = label.partition("/")
    return _key_dates(language.code).get((start, end or start), "")


def name_period(day: pd.Timestamp, interval: str, language: Language) -> str:
    """Return a period by its first day as a reader would say it."""
    if interval == "month":
        return language.month(day)
    if interval == "quarter":
        return language.months(day, day + pd.DateOffset(months=2))
    if interval == "year":
        return language.year(day)
    if interval == "week":
        return language.text("week of {day}", day=day)
    return language.day(day)


def name_state(row: object, language: Language) -> str:
    """Return the state of a period: complete, incomplete or not covered."""
    if not getattr(row, "is_covered", True):
        return language.text("not covered")
    if getattr(row, "is_withheld", False):
        return language.text("withheld")
    if not getattr(row, "is_complete", True):
        return language.text("incomplete")
    return language.text("complete")


def name_column(column: str, language: Language) -> str:
    """Return a group column as a table heading."""
    return {
        "governorate": language.text("Governorate"),
        "zone": language.text("Zone"),
        "district": language.text("District"),
        "event_type": language.text("Type of event"),
        "target": language.text("Target"),
    }.get(column, column)


def name_group(column: str, value: str, language: Language) -> str:
    """Return a group's value in words; a value without a translation is shown as it stands."""
    if value == "unknown":
        return language.text("not known")
    if column == "governorate":
        return _governorates(language.code).get(value, value)
    if column == "zone":
        return {
            "strip": language.text("strip between the lines"),
            "elsewhere": language.text("elsewhere"),
        }.get(value, value)
    if column in ("event_type", "target", "attribution"):
        parts = (part.strip() for part in value.split(";"))
        between = "; " if language.direction == "ltr" else "؛ "
        return between.join(language.text(part) if part in _CODED else part for part in parts)
    return value


def name_reason(reason: str, language: Language) -> str:
    """Return why a total differs from that of an earlier report, in words."""
    return {
        "earlier": language.text("in the earlier report"),
        "late": language.text("reported late"),
        "added": language.text("added"),
        "corrected": language.text("date corrected"),
        "merged": language.text("merged with another"),
        "split": language.text("told apart"),
        "recoded": language.text("coded otherwise"),
        "deleted": language.text("deleted"),
        "window": language.text("moved over the edge of the window"),
        "later": language.text("in this report"),
    }.get(reason, reason)


def name_measure(measure: str, language: Language, *, in_sentence: bool = False) -> str:
    """Return what is counted, as a heading or inside a sentence."""
    headings = {
        "incidents": language.text("Incidents"),
        "killed": language.text("Killed"),
        "wounded": language.text("Wounded"),
        "abducted": language.text("Abducted"),
        "arrested": language.text("Arrested"),
    }
    words = {
        "incidents": language.text("incidents"),
        "killed": language.text("deaths"),
        "wounded": language.text("injuries"),
        "abducted": language.text("abductions"),
        "arrested": language.text("arrests"),
    }
    return (words if in_sentence else headings)[measure]


def name_interval(interval: str, language: Language) -> str:
    """Return the length of a period in words: "week"."""
    return language.text(interval)


def name_verdict(verdict: str, language: Language) -> str:
    """Return the verdict on a claim in words."""
    return language.text(verdict)


def name_place(place: str, language: Language) -> str:
    """Return a place as `select_records` takes it, in words."""
    if place in ("", "all"):
        return language.text("all places") if place else "–"
    return name_group("zone" if place in ("strip", "elsewhere") else "governorate", place, language)


def name_model(model: str, language: Language) -> str:
    """Return the model of a variant in words."""
    return {
        "level+slope": language.text("step and change of trend"),
        "level": language.text("step beside the trend"),
        "step alone": language.text("step, no trend"),
        "with change points": language.text("step beside other changes"),
        "parallel": language.text("in proportion but for the date"),
        "own_trend": language.text("drifting apart as before"),
    }[model]


def name_drawn(drawn: str, language: Language) -> str:
    """Return what was drawn many times over before models were pooled."""
    return {
        "nothing": language.text("nothing: as counted"),
        "dates": language.text("days of uncertain dates"),
        "duplicates": language.text("days, and the rule for duplicates"),
    }[drawn]


def name_choice(choice: str, language: Language) -> str:
    """Return what an analyst had to choose, in words."""
    return {
        "interval": language.text("length of a period"),
        "periods_together": language.text("length of a period"),
        "date_rule": language.text("rule for uncertain dates"),
        "duplicates": language.text("rule for duplicates"),
        "family": language.text("law of the counts"),
        "window": language.text("window"),
        "effects": language.text("what changes at the date"),
        "harmonics": language.text("season"),
        "ramadan": language.text("Ramadan"),
    }.get(choice, choice)


def name_option(choice: str, option: str, language: Language) -> str:
    """Return one option of a choice in words; one without a translation is shown as it stands."""
    t = language.text
    if choice == "interval":
        return name_interval(option, language)
    if choice == "window":
        if option == "auto":
            return t("all of it")
        return language.months(*map(pd.Timestamp, option.split("/")), is_short=True)
    if choice == "periods_together":
        n = int(option)
        return t("as given") if n == 1 else language.plural("{n} period", "{n} periods together", n)
    names = {
        ("date_rule", "spread"): t("spread over their days"),
        ("date_rule", "start"): t("on their first day"),
        ("date_rule", "end"): t("on their last day"),
        ("duplicates", "best"): t("likely ones merged"),
        ("duplicates", "labels"): t("labelled ones merged"),
        ("duplicates", "all"): t("all possible ones merged"),
        ("duplicates", "none"): t("none merged"),
        ("duplicates", "as recorded"): t("as recorded"),
        ("family", "quasipoisson"): t("quasi-Poisson"),
        ("family", "negbin"): t("negative binomial"),
        ("family", "poisson"): t("Poisson"),
        ("effects", "auto"): t("as the length allows"),
        ("effects", "level"): t("step alone"),
        ("effects", "slope"): t("trend alone"),
        ("effects", "level+slope"): t("step and change of trend"),
        ("harmonics", "auto"): t("as the length allows"),
        ("harmonics", "0"): t("none"),
        ("harmonics", "1"): t("one wave a year"),
        ("harmonics", "2"): t("two waves a year"),
        ("ramadan", "True"): t("allowed for"),
        ("ramadan", "False"): t("not allowed for"),
    }
    return names.get((choice, option), option)


def name_stated(measure: str, language: Language) -> str:
    """Return what a publisher counted, in the language; one without a translation as it stands."""
    return _measures(language.code).get(measure, measure)


@lru_cache(maxsize=8)
def _governorates(code: str) -> dict[str, str]:
    """ISO code -> name in the language."""
    frame = load_governorates()
    return dict(zip(frame["governorate"], frame[f"name_{code}"], strict=True))


@lru_cache(maxsize=8)
def _measures(code: str) -> dict[str, str]:
    """What a publisher counted, as its source says -> in the language."""
    frame = load_measure_names()
    return {} if code == "en" else dict(zip(frame["measure"], frame[f"name_{code}"], strict=True))


@lru_cache(maxsize=8)
def _key_dates(code: str) -> dict[tuple[str, str], str]:
    """First and last day -> name in the language; Ramadan is a season, not a date."""
    frame = load_key_dates()
    frame = frame[~frame["key_date_id"].str.startswith("ramadan-")]
    days = (frame[column].dt.strftime("%Y-%m-%d") for column in ("date_start", "date_end"))
    return dict(zip(zip(*days, strict=True), frame[f"name_{code}"], strict=True))
