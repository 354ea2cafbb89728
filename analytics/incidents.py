"""Several reports of one incident become one incident, with all its evidence kept."""

from __future__ import annotations

from typing import Literal

import ibis.expr.types as ir
import numpy as np
import pandas as pd

from analytics.clusters import cluster_reports
from analytics.errors import ParameterError, TableError
from analytics.linkage import Progress

Rule = Literal["labels", "best", "none", "all"]
RULES: tuple[Rule, ...] = ("labels", "best", "none", "all")
TOLLS = ("killed", "wounded", "abducted", "arrested")
SETTLED_DAYS, LATE_DAYS = 2, 30
"""A toll printed this many days after the incident has settled; much later it is a retelling."""

# What the number of incidents and their tolls hang on.
_WEIGHED = ("report_id", "date_start", "date_end", "published_on", "confidence", "casualties_of",
            "n_incidents", *TOLLS)  # fmt: skip
# Computed here, so they cannot also be carried over from the reports.
_COMPUTED = ("report_id", "incident_id", "date_start", "date_end", "published_on", *TOLLS)


def merge_reports(
    reports: pd.DataFrame | ir.Table,
    *,
    rule: Rule = "best",
    decisions: pd.DataFrame | None = None,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Return one row per incident: what its reports agree on, and between what they differ.

    Parameters
    ----------
    reports : DataFrame or ibis Table
        Columns of `analytics.schema.RECORD`; one row a report. Optional columns may be absent.
    rule : {"labels", "best", "none", "all"}
        ``labels``: reports that share an ``incident_id`` are one incident; a report without one
        stands alone. ``best``: the same, and reports without one are linked by what they say.
        ``none``: every report stands alone (the highest count possible). ``all``: every link that
        is possible is made (the lowest).
    decisions : DataFrame, optional
        From `analytics.clusters.load_decisions`; they stand above labels and links in every rule.
    progress : callable, optional
        As for `analytics.linkage.compare_reports`.

    Returns
    -------
    DataFrame
        One row is an incident, ordered by ``date_start``, ``date_end`` and ``incident_id``, which
        stands first. ``killed`` (and ``wounded``, ``abducted``, ``arrested``; persons) is the best
        figure, ``killed_min`` and ``killed_max`` the lowest and highest stated;
        ``published_first`` and ``published_last`` (days); ``n_reports``; ``report_ids``, parted by
        semicolons; ``possible_id``, shared by incidents that may be one; ``n_shared``, incidents
        told alone that may be among those of a row that is a count; ``n_unmerged`` and
        ``killed_unmerged``, the incidents and persons it would be if nothing but a decision merged
        reports. Every other column holds the value that most of the incident's reports give.

    Raises
    ------
    TableError
        ``report_id``, ``date_start`` or ``date_end`` is missing, or a ``report_id`` occurs twice.
    ParameterError
        The rule is not known, or decisions contradict each other.

    Notes
    -----
    *Links.* See `analytics.linkage`. A row that is an event already (``one_row_is``), or a count
    (``n_incidents`` over 1), is never linked, but by label or decision; in ``all`` it counts what
    is not told elsewhere. ``none``, ``best`` and
    ``all`` are a band: each joins what the one before joined (`analytics.bands`).

    *Days.* Reports with confidence "low" in their date are heard only where there are no others.
    The incident's interval is the days on which all heard reports agree; where there are none
    (27 October in one, 28 October in the other) it runs from the earliest to the latest day.

    *Best toll.* Tolls rise for a day or two, and copies of the first flash outnumber the final
    figure. So the figure most often stated from 2 to 30 days after the incident is taken; where no
    report is that late, the one most often stated on the last of the first 30 days that has any;
    of figures stated equally often, the highest. Figures that count somebody else's casualties
    than most of the reports do (``casualties_of``) are left aside. No figure: unknown, not zero.

    Examples
    --------
    >>> reports = pd.DataFrame({
    ...     "report_id": ["a", "b", "c"], "incident_id": ["X", "X", None],
    ...     "date_start": pd.to_datetime(["2021-10-26", "2021-10-25", "2021-10-27"]),
    ...     "date_end": pd.to_datetime(["2021-10-26", "2021-10-26", "2021-10-27"]),
    ...     "killed": [11, 15, None]})
    >>> merge_reports(reports)[
    ...     ["incident_id", "date_start", "killed", "killed_min", "killed_max", "report_ids"]]
      incident_id date_start  killed  killed_min  killed_max report_ids
    0           X 2021-10-26      15          11          15        a;b
    1           c 2021-10-27    <NA>        <NA>        <NA>          c
    """
    if rule not in RULES:
        raise ParameterError(f"rule {rule!r}", "is not known", f"Choose one of {', '.join(RULES)}")
    frame = check_reports(reports)
    clusters = cluster_reports(frame, rule, decisions, progress)
    merged = _merge_clusters(frame.assign(incident_id=clusters["incident_id"]))
    merged = _add_ends(merged, frame, clusters)
    if rule == "all" and merged["n_shared"].any():
        merged = merged.assign(n_incidents=find_least(merged, "incidents"), n_shared=0)
    return merged


def find_least(incidents: pd.DataFrame, measure: str) -> pd.Series:
    """Return the fewest incidents (or persons) that each row can add to those told elsewhere."""
    shared = incidents.get("n_shared", pd.Series(0, incidents.index))
    if measure == "incidents":
        n = incidents.get("n_incidents", pd.Series(1, incidents.index)).fillna(1)
        return (n - shared).clip(lower=0).astype("int64")
    return incidents[measure].mask((shared > 0) & incidents[measure].notna(), 0)


def _add_ends(merged: pd.DataFrame, frame: pd.DataFrame, clusters: pd.DataFrame) -> pd.DataFrame:
    """Merged incidents with what they would be if all, or nothing, possible were merged."""
    incident = merged["incident_id"]
    ends = clusters.drop_duplicates("incident_id").set_index("incident_id")
    merged["possible_id"] = incident.map(ends["possible_id"])
    merged["n_shared"] = incident.map(ends["n_shared"])
    alone = merged
    if len(merged) < clusters["decided_id"].nunique():
        told = [column for column in frame if column in _WEIGHED]
        alone = _merge_clusters(frame[told].assign(incident_id=clusters["decided_id"]))
    owner = clusters.drop_duplicates("decided_id").set_index("decided_id")["incident_id"]
    # Where the rule joins nothing more than decisions do, the names may differ, the rows do not.
    of = alone["incident_id"].map(owner) if alone is not merged else incident
    n = alone["n_incidents"].fillna(1) if "n_incidents" in alone else pd.Series(1, alone.index)
    merged["n_unmerged"] = incident.map(n.groupby(of).sum()).astype("int64")
    for toll in (toll for toll in TOLLS if toll in frame):
        total = incident.map(alone[toll].groupby(of).sum(min_count=1)).astype("Int64")
        # The best of several figures may be one that no report alone gives as its best.
        merged[f"{toll}_unmerged"] = total.mask((total < merged[toll]).fillna(False), merged[toll])
    return merged


def check_reports(reports: pd.DataFrame | ir.Table) -> pd.DataFrame:
    """Return reports as a frame with typed days and tolls, in the order of ``report_id``.

    Raises
    ------
    TableError
        A required column is missing, or a ``report_id`` occurs twice.
    """
    frame = reports.copy() if isinstance(reports, pd.DataFrame) else reports.to_pandas()
    for column in ("report_id", "date_start", "date_end"):
        if column not in frame:
            raise TableError(
                f"column {column!r}", "is not in the reports", "Load them with load_records"
            )
    frame["report_id"] = frame["report_id"].astype("string")
    twice = frame.loc[frame["report_id"].duplicated(), "report_id"]
    if len(twice):
        raise TableError(
            f"report {twice.iloc[0]!r}", "occurs twice", "Give every report an id of its own"
        )
    for column in ("date_start", "date_end", "published_on"):
        if column in frame:
            frame[column] = pd.to_datetime(frame[column])
    for toll in TOLLS:
        if toll in frame:
            frame[toll] = pd.to_numeric(frame[toll]).astype("Int64")
    # In one order whatever the order of the rows, so that ties always fall the same way.
    return frame.sort_values("report_id", ignore_index=True)


def _merge_clusters(frame: pd.DataFrame) -> pd.DataFrame:
    """One row per incident_id; only incidents with several reports need any work."""
    groups = frame.groupby("incident_id", sort=True)
    merged = groups.agg(n_reports=("report_id", "size"), report_ids=("report_id", ";".join))
    days = _agree_on_days(frame)
    published = frame.get("published_on", pd.Series(pd.NaT, frame.index, dtype="datetime64[us]"))
    by_incident = published.groupby(frame["incident_id"])
    columns: dict[str, pd.Series] = {
        "date_start": days["date_start"],
        "date_end": days["date_end"],
        "published_first": by_incident.min(),
        "published_last": by_incident.max(),
    }
    carried = [c for c in frame.columns if c not in _COMPUTED and c != "n_incidents"]
    columns |= {name: _most_common(frame[name], frame["incident_id"]) for name in carried}
    counted = frame
    if "casualties_of" in frame:
        usual = frame["incident_id"].map(columns["casualties_of"])
        counted = frame[(frame["casualties_of"] == usual) | usual.isna()]
    ends = days["date_end"].reindex(counted["incident_id"]).set_axis(counted.index)
    lag = published.loc[counted.index] - ends
    for toll in (t for t in TOLLS if t in frame):
        stated = counted.groupby("incident_id")[toll]
        columns[toll] = _best_toll(counted, toll, lag)
        columns[f"{toll}_min"], columns[f"{toll}_max"] = stated.min(), stated.max()
    if "n_incidents" in frame:
        columns["n_incidents"] = groups["n_incidents"].max()
    merged = pd.DataFrame(columns, index=merged.index).join(merged)
    order = ["date_start", "date_end", "incident_id"]
    return merged.reset_index().sort_values(order, ignore_index=True)


def _agree_on_days(frame: pd.DataFrame) -> pd.DataFrame:
    """Intersection of the intervals of each incident's reports, or their hull where it is empty."""
    heard = frame
    if "confidence" in frame:
        is_sure = frame["confidence"].fillna("") != "low"
        has_sure = is_sure.groupby(frame["incident_id"]).transform("any")
        heard = frame[is_sure | ~has_sure]
    groups = heard.groupby("incident_id")
    days = groups.agg(
        date_start=("date_start", "max"),
        date_end=("date_end", "min"),
        first=("date_start", "min"),
        last=("date_end", "max"),
    )
    is_empty = days["date_start"] > days["date_end"]
    days["date_start"] = days["date_start"].mask(is_empty, days["first"])
    days["date_end"] = days["date_end"].mask(is_empty, days["last"])
    return days


def _most_common(values: pd.Series, incident: pd.Series) -> pd.Series:
    """Value most of an incident's reports give; of equals, the one of the first report."""
    pairs = pd.DataFrame({"incident_id": incident, "value": values}).dropna()
    pairs = pairs[pairs["value"].astype("string") != ""]
    pairs["n"] = pairs.groupby(["incident_id", "value"])["value"].transform("size")
    pairs = pairs.sort_values(["incident_id", "n"], ascending=[True, False], kind="stable")
    return pairs.drop_duplicates("incident_id").set_index("incident_id")["value"]


def _best_toll(frame: pd.DataFrame, toll: str, lag: pd.Series) -> pd.Series:
    """Best figure per incident, by the rule in the notes of `merge_reports`."""
    stated = frame.loc[frame[toll].notna(), ["incident_id", toll]]
    # A report without a day of publication is heard with the earliest.
    days = lag.dt.days.reindex(stated.index).astype(float).fillna(-np.inf)
    # Every settled report counts as of one wave; an unsettled one belongs to its own day's wave.
    stated["wave"] = days.where(days < SETTLED_DAYS, float(SETTLED_DAYS))
    stated["wave"] = stated["wave"].mask(days > LATE_DAYS, -np.inf)
    last = stated.groupby("incident_id")["wave"].transform("max")
    stated = stated[stated["wave"] == last]
    stated["n"] = stated.groupby(["incident_id", toll])[toll].transform("size")
    stated = stated.sort_values(["incident_id", "n", toll], ascending=[True, False, False])
    return stated.drop_duplicates("incident_id").set_index("incident_id")[toll]
