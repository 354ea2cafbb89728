"""Which edition a report is, and what its rules left out."""

from __future__ import annotations

from typing import Any

import pandas as pd

from analytics.language import Language


def describe_edition(released: Any, *series: pd.DataFrame, language: Language) -> list[str]:
    """Return what an edition's rules changed; nothing for the internal one, which has no rules.

    Parameters
    ----------
    released : Released
        From `analytics.editions.release_records`, as a selection holds it.
    *series : DataFrame
        The series of the report, whose withheld cells are counted.
    language : Language
    """
    edition = released.edition
    if edition.name == "internal":
        return []
    t = language.text
    number = dict(released.rules.itertuples(index=False))
    names = {"partner": t("partner edition"), "public": t("public edition")}
    said = [
        t("This is the {edition}. Its rules were applied to the records before anything was "
          "counted or drawn.", edition=names[edition.name])
    ]  # fmt: skip
    rules = {
        "recent": t("Incidents of the last {n} days before the release are left out: {k}.",
                    n=edition.delay_days, k=_n(number, "recent")),
        "columns": t("Names, notes and other free text are left out: {k} incidents had any.",
                     k=_n(number, "columns")),
        "places": _place(edition.place, _n(number, "places"), language),
        "recent_places": t("Of the last {n} days the governorate alone is told: {k} incidents.",
                           n=edition.coarse_days, k=_n(number, "recent_places")),
        "words": t("Types, targets and perpetrators in words outside the list of the edition are "
                   'told as "other": {k} incidents.', k=_n(number, "words")),
        "addresses": t("Addresses that are not of public pages are left out: {k}.",
                       k=_n(number, "addresses")),
        "ids": t("Ids are replaced by codes that whoever holds the records can work out again: {k} "
                 "incidents.", k=_n(number, "ids")),
    }  # fmt: skip
    said += [text for rule, text in rules.items() if rule in number]
    if edition.smallest:
        withheld = [part["is_withheld"] for part in series if "is_withheld" in part]
        said.append(
            t("Where counts are split by place or kind, none from 1 to {most} is shown: {k} cells "
              "are marked <{n}*, which are such counts and others that would give them away.",
              most=edition.smallest - 1, n=edition.smallest,
              k=int(sum(int(part.sum()) for part in withheld)))
        )  # fmt: skip
        said.append(t("Incidents are not listed one by one in this edition."))
    return said


def _place(finest: str, n: int, language: Language) -> str:
    if finest == "governorate":
        return language.text(
            "Places finer than a governorate are left out: {k} incidents had one.", k=n
        )
    return language.text(
        "Places finer than a district are left out, and points are rounded to a tenth of a degree: "
        "{k} incidents had one.",
        k=n,
    )


def _n(number: dict[str, Any], rule: str) -> int:
    return int(number.get(rule, 0))
