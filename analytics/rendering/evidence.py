"""The records behind each row of a table: their ids, days and sources, as much as a page can hold.

The data file beside the report lists all of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pandas as pd
from markupsafe import Markup

from analytics.language import Language
from analytics.names import name_measure
from analytics.sidecar import list_groups, list_members, name_cells

BUDGET = 800
"""Records that a page may list: told by their number, which is the same in every language."""

_STEPS = (100, 50, 25, 12, 6, 3, 1)
_Entries = dict[str, list[Markup]]


@dataclass(frozen=True)
class Evidence:
    """Lists of records for the rows of every table of a page.

    Parameters
    ----------
    language : Language
    entries : Mapping
        Series -> name of a row -> its records.
    most : int
        How many of a row's records are shown.
    """

    language: Language
    entries: Mapping[str, _Entries]
    most: int

    def list_records(self, series: str, row: str) -> Markup:
        """Return what opens to the records of a row; a dash where it has none."""
        found = self.entries.get(series, {}).get(row, [])
        if not found:
            return Markup("–")
        rest = len(found) - self.most
        more = (
            self.language.plural(
                "and {n} more record, in the data file that goes with this report",
                "and {n} more records, in the data file that goes with this report",
                rest,
            )
            if rest > 0
            else ""
        )
        return Markup("<details><summary>{}</summary><ul>{}{}</ul></details>").format(
            self.language.plural("{n} record", "{n} records", len(found)),
            Markup("").join(found[: self.most]),
            Markup("<li>{}</li>").format(more) if more else "",
        )


def gather_evidence(pack: Mapping[str, Any], language: Language) -> Evidence:
    """Return the records behind each cell of each series, and each group's.

    Parameters
    ----------
    pack : Mapping
        From `analytics.sidecar.pack_traces`.
    language : Language
    """
    of_incident = list_members(pack)
    sources = {
        incident_id: Markup(", ").join(
            _link(report_id, pack["reports"][report_id]) for report_id in reports
        )
        for incident_id, reports in of_incident.items()
    }
    dated = {
        incident_id: _start(incident_id, row, of_incident.get(incident_id, []), language)
        for incident_id, row in pack["incidents"].items()
    }
    entries: dict[str, _Entries] = {}
    for series in pack["series"]:
        rows: _Entries = {}
        entries[series["name"]] = rows
        measure = series["recipe"]["measure"]

        def tell(incident_id: str, share: float, amount: int | None, of: str = measure) -> Markup:
            said = _share(share, amount, of, language)
            source = sources.get(incident_id, "")
            return Markup("<li>{}{} {}</li>").format(dated[incident_id], source, said)

        cells, groups = name_cells(series), list_groups(series)
        of_group: dict[str, dict[str, list[Any]]] = {}
        for row, incident_id, share, amount in series["cells"]:
            rows.setdefault(cells[row], []).append(tell(incident_id, share, amount))
            whole = of_group.setdefault(str(groups[row]), {}).setdefault(incident_id, [0.0, amount])
            whole[0] += share
        for group, members in of_group.items() if series["recipe"]["by"] else ():
            rows[group] = [tell(incident_id, *told) for incident_id, told in members.items()]
    return Evidence(language, entries, _choose_most(entries))


def _choose_most(entries: Mapping[str, _Entries]) -> int:
    """The largest number of records a row for which the lists still fit the page."""
    lengths = [len(found) for rows in entries.values() for found in rows.values()]
    longest = max(lengths, default=0)
    for most in (longest, *(step for step in _STEPS if step < longest)):
        if sum(min(length, most) for length in lengths) <= BUDGET:
            return most
    return 0


def _start(
    incident_id: str, row: Mapping[str, Any], reports: Sequence[str], language: Language
) -> Markup:
    """An incident's days, and its id unless it is that of its only report."""
    days = language.days(pd.Timestamp(row["date_start"]), pd.Timestamp(row["date_end"]))
    if list(reports) == [incident_id]:
        return Markup("{}: ").format(days)
    return Markup("{}, <bdi>{}</bdi>: ").format(days, incident_id)


def _link(report_id: str, report: Mapping[str, Any]) -> Markup:
    """A report by its id and the host it is from, linked where it has an address."""
    url = report["source_url"] or ""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        host = ""
    if not host or not url.startswith(("https://", "http://")):
        return Markup("<bdi>{}</bdi>").format(report_id)
    return Markup('<a href="{}" rel="noopener noreferrer"><bdi>{}</bdi></a> ({})').format(
        url, report_id, host.removeprefix("www.")
    )


def _share(share: float, amount: int | None, measure: str, language: Language) -> str:
    """What a record adds, where that is not simply one."""
    said = []
    if share < 1 - 1e-9:
        said.append(language.text("{share} of its days", share=language.share(share)))
    if measure != "incidents":
        number = language.text("not known") if amount is None else language.number(amount)
        said.append(f"{name_measure(measure, language)}: {number}")
    elif amount is not None and amount > 1:
        said.append(language.plural("{n} incident", "{n} incidents", amount))
    return f"({'; '.join(said)})" if said else ""
