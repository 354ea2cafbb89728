"""The incidents that a report is about, as its edition may hold them, with their reports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from analytics.clusters import name_decisions
from analytics.editions import Released, release_records
from analytics.incidents import merge_reports
from analytics.periods import Window
from analytics.selection import UNKNOWN, as_table, assign_zone, select_records


@dataclass(frozen=True)
class Selection:
    """The incidents that a report is about, the reports they were merged from, and how.

    Parameters
    ----------
    incidents : DataFrame
        From `analytics.incidents.merge_reports`, those of the place and conditions asked for.
    reports : DataFrame
        Every report (`analytics.schema.RECORD`), selected or not.
    recipe : Mapping
        ``rule``, ``decisions`` (a hash), ``place``, ``where``, ``edition``, ``released_on``: what
        is needed, beside the decisions themselves, to select them again.
    released : Released
        The edition, and what its rules changed.
    around : DataFrame
        The incidents of all places, where the edition withholds small counts of one.
    """

    incidents: pd.DataFrame
    reports: pd.DataFrame
    recipe: Mapping[str, Any]
    released: Released
    around: pd.DataFrame

    @property
    def listed(self) -> pd.DataFrame:
        """The incidents that the edition lets a report list one by one; all of them, or none."""
        is_listed = self.released.edition.lists_records
        return self.incidents if is_listed else self.incidents.iloc[:0]

    @property
    def smallest(self) -> int:
        """The smallest count that the edition shows where counts are split by place or kind."""
        return self.released.edition.smallest

    def limit_cover(
        self, covered: Sequence[Window] | None, window: Window
    ) -> Sequence[Window] | None:
        """Return the days observed, less those of which the edition does not tell yet."""
        until = self.released.known_until
        if until is None:
            return covered
        spans = [window] if covered is None else covered
        return [Window(span.start, min(span.end, until)) for span in spans if span.start <= until]


def select_incidents(
    reports: pd.DataFrame,
    *,
    rule: str = "best",
    decisions: pd.DataFrame | None = None,
    place: str = "all",
    where: Mapping[str, Sequence[str]] | None = None,
    edition: str = "internal",
    as_of: str = "",
) -> Selection:
    """Return the incidents of one place that meet other conditions, with their reports.

    What the edition does not allow is taken out here: nothing that follows gets to see it.

    Parameters
    ----------
    reports : DataFrame
        Columns of `analytics.schema.RECORD`; one row a report.
    rule : {"labels", "best", "none", "all"}
    decisions : DataFrame, optional
        Both as for `analytics.incidents.merge_reports`.
    place : str
        ``all``, a governorate's code, or a zone: strip, elsewhere.
    where : mapping of column to allowed values, optional
    edition : {"internal", "partner", "public"}
    as_of : str
        Day of release, by which the age of a record is told; the records' last day if empty.

    Raises
    ------
    TableError, ParameterError
        As `merge_reports` and `select_records` do.
    """
    merged = merge_reports(reports, rule=rule, decisions=decisions)  # type: ignore[arg-type]
    conditions = {column: list(values) for column, values in (where or {}).items()}
    recipe = {
        "rule": rule,
        "decisions": name_decisions(decisions),
        "place": place,
        "where": conditions,
        "edition": edition,
        "released_on": as_of,
    }
    incidents = select_records(merged, place=place, where=where)
    if edition != "internal" and "governorate" in incidents:
        incidents = incidents.assign(zone=name_groups(incidents, "zone"))
    released = release_records(incidents, reports, edition, as_of=as_of)
    around = released.incidents
    if released.edition.smallest and place != "all":
        everywhere = select_records(merged, where=where)
        everywhere = everywhere.assign(zone=name_groups(everywhere, "zone"))
        around = release_records(everywhere, reports, edition, as_of=as_of).incidents
    return Selection(released.incidents, released.reports, recipe, released, around)


def name_groups(incidents: pd.DataFrame, by: str | None) -> pd.Series:
    """Return the group that each incident is counted in; no text where there are no groups."""
    if by is None:
        return pd.Series("", incidents.index)
    if by == "zone" and "zone" not in incidents:
        columns = [c for c in ("governorate", "district") if c in incidents]
        table = as_table(incidents[columns].assign(n=range(len(incidents))))
        zones = table.select("n", zone=assign_zone(table)).to_pyarrow().to_pandas()
        return pd.Series(zones.sort_values("n")["zone"].to_numpy(), incidents.index)
    groups = incidents[by].astype("string").fillna("")
    return groups.mask(groups == "", UNKNOWN)
