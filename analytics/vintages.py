"""Two reports of one series: what changed between them, and why.

Every incident of either report belongs to a family: the incidents that share a report, directly or
through others. A family changes the count of a cell for one reason; what only a change of the
window or of the days observed brings is set apart first. So the reasons add up to the difference.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from analytics.errors import ParameterError
from analytics.periods import Window, make_periods
from analytics.schema import CHANGES, names
from analytics.series import spread_days
from analytics.sidecar import name_cells

REASONS = (
    "late", "added", "corrected", "merged", "split", "recoded", "deleted", "window",
)  # fmt: skip
"""In this order: published after the earlier report's last day; published before, but not in its
records; another date or toll; several incidents now one; one now several; place, type or
perpetrator changed; no longer in the records; another window or other days observed."""

_SAME = ("measure", "interval", "by", "date_rule", "place", "where", "rule", "edition")
_Shares = dict[str, dict[str, float]]  # incident -> cell -> what it adds


def explain_changes(
    earlier: Mapping[str, Any], later: Mapping[str, Any], name: str = ""
) -> pd.DataFrame:
    """Return what changed in each cell of a series between two reports, and why.

    Parameters
    ----------
    earlier, later : Mapping
        From `analytics.sidecar.load_sidecar`.
    name : str
        Which series; the first that both have where not given.

    Returns
    -------
    DataFrame
        `analytics.schema.CHANGES`: one row is a family of incidents in a cell that it changed,
        sorted by cell.

    Raises
    ------
    ParameterError
        If the reports have no such series, or it is counted by other rules in one of them.
    """
    old, new = _find(earlier, later, name)
    _check_same(old, new)
    full = _contribute(old), _contribute(new)
    common = _in_common(earlier, old, new), _in_common(later, new, old)
    since = _last_day(earlier, old)
    rows: list[dict[str, Any]] = []
    for olds, news in _families(full, earlier, later):
        reason = _explain(olds, news, earlier, later, since)
        whole = [_sum(part, ids) for part, ids in zip(full, (olds, news), strict=True)]
        shared = [_sum(part, ids) for part, ids in zip(common, (olds, news), strict=True)]
        for cell in sorted({*whole[0], *whole[1]}):
            change = shared[1].get(cell, 0.0) - shared[0].get(cell, 0.0)
            by_window = whole[1].get(cell, 0.0) - whole[0].get(cell, 0.0) - change
            for why, amount in ((reason, change), ("window", by_window)):
                if abs(amount) > 1e-9:
                    group, _, day = cell.rpartition(" ")
                    rows.append(
                        {
                            "group": group,
                            "period_start": pd.Timestamp(day),
                            "reason": why,
                            "change": amount,
                            "earlier_ids": ";".join(olds),
                            "later_ids": ";".join(news),
                        }
                    )
    changes = pd.DataFrame(rows, columns=names(CHANGES))
    changes["period_start"] = pd.to_datetime(changes["period_start"])
    return changes.sort_values(["group", "period_start"], kind="stable", ignore_index=True)


def sum_changes(
    changes: pd.DataFrame, earlier: Mapping[str, Any], later: Mapping[str, Any], name: str = ""
) -> pd.DataFrame:
    """Return the way from the earlier total to the later one, a reason a row.

    Returns
    -------
    DataFrame
        `analytics.schema.WATERFALL`. The first row, ``earlier``, holds the earlier total, the last,
        ``later``, the later one; between them each reason that changed anything, in the order of
        `REASONS`; each ``total_after`` is the one before it and the row's ``change``.

    Raises
    ------
    ParameterError
        As `explain_changes`.
    """
    old, new = _find(earlier, later, name)
    totals = [round(sum(filter(None, series["periods"]["count"])), 9) for series in (old, new)]
    rows: list[dict[str, Any]] = [
        {"reason": "earlier", "change": totals[0], "total_after": totals[0], "n_incidents": 0}
    ]
    running = totals[0]
    for reason in REASONS:
        part = changes[changes["reason"] == reason]
        if part.empty:
            continue
        change = round(float(part["change"].sum()), 9)
        running = round(running + change, 9)
        n = part[["earlier_ids", "later_ids"]].drop_duplicates().shape[0]
        rows.append({"reason": reason, "change": change, "total_after": running, "n_incidents": n})
    rows.append({"reason": "later", "change": 0.0, "total_after": totals[1], "n_incidents": 0})
    return pd.DataFrame(rows)


def _find(earlier: Mapping[str, Any], later: Mapping[str, Any], name: str) -> tuple[Any, Any]:
    """The series of that name in both, or the first that both have."""
    known = {series["name"]: series for series in earlier["series"]}
    for series in later["series"]:
        if series["name"] in known and name in ("", series["name"]):
            return known[series["name"]], series
    raise ParameterError(
        f"series {name or 'of the earlier report'!r}",
        "is not in both reports",
        f"Compare one of: {', '.join(series['name'] for series in later['series'])}",
    )


def _check_same(old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
    for key in _SAME:
        if old["recipe"].get(key) != new["recipe"].get(key):
            raise ParameterError(
                f"{key} {old['recipe'][key]!r}",
                f"is {new['recipe'][key]!r} in the later report: the series are not the same",
                "Compare reports of one definition",
            )

    for series in (old, new):
        if not series["cells"] and any(series["periods"]["count"]):
            raise ParameterError(
                f"series {series['name']!r}",
                "is held without its records, as its edition has it",
                "Compare the totals, or reports of another edition",
            )


def _contribute(series: Mapping[str, Any]) -> _Shares:
    """What each incident adds to each cell, as the report counted it."""
    cells = name_cells(series)
    shares: _Shares = {}
    for row, incident_id, share, amount in series["cells"]:
        shares.setdefault(incident_id, {})[cells[row]] = share * (amount or 0)
    return shares


def _in_common(
    pack: Mapping[str, Any], series: Mapping[str, Any], other: Mapping[str, Any]
) -> _Shares:
    """What each incident adds to each cell on the days that both reports observed."""
    windows = [Window(*each["recipe"]["window"].split("/")) for each in (series, other)]
    start, end = max(w.start for w in windows), min(w.end for w in windows)
    if start > end:
        return {}
    cells = name_cells(series)
    covered = [
        dict(zip(name_cells(each), each["periods"]["is_covered"], strict=True))
        for each in (series, other)
    ]
    entries = pd.DataFrame(series["cells"], columns=["row", "incident_id", "share", "amount"])
    entries = entries.drop_duplicates("incident_id")
    days = pd.DataFrame([pack["incidents"][i] for i in entries["incident_id"]])
    if days.empty:
        return {}
    for end_of, rule in (("date_start", "end"), ("date_end", "start")):
        if series["recipe"]["date_rule"] == rule:
            days[end_of] = days["date_end" if rule == "end" else "date_start"]
    days[["date_start", "date_end"]] = days[["date_start", "date_end"]].apply(pd.to_datetime)
    days["group"] = [cells[row].rpartition(" ")[0] for row in entries["row"]]
    days["incident_id"] = entries["incident_id"].to_numpy()
    days["amount"] = entries["amount"].fillna(0).to_numpy()
    days = days[(days["date_end"] >= start) & (days["date_start"] <= end)].reset_index(drop=True)
    window = Window(start, end)
    periods = make_periods(window, series["recipe"]["interval"])
    shares: _Shares = {}
    for row, position, share in zip(*spread_days(days, periods, window), strict=True):
        cell = f"{days['group'][row]} {periods['period_start'][position]:%Y-%m-%d}".lstrip()
        # A group that one report does not have has no incident there: nothing that hides it.
        if all(known.get(cell, True) for known in covered):
            amount = float(share) * float(days["amount"][row])
            shares.setdefault(days["incident_id"][row], {})[cell] = amount
    return shares


def _families(
    full: tuple[_Shares, _Shares], earlier: Mapping[str, Any], later: Mapping[str, Any]
) -> list[tuple[list[str], list[str]]]:
    """Incidents of either report that share a report, directly or through others."""
    parent: dict[Any, Any] = {}

    def root(node: Any) -> Any:
        while parent.setdefault(node, node) != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    for side, pack in enumerate((earlier, later)):
        for report_id, row in pack["reports"].items():
            if row["incident_id"] in full[side]:
                parent[root((side, row["incident_id"]))] = root(report_id)
    families: dict[Any, tuple[list[str], list[str]]] = {}
    for side in (0, 1):
        for incident_id in sorted(full[side]):
            families.setdefault(root((side, incident_id)), ([], []))[side].append(incident_id)
    return list(families.values())


def _explain(
    olds: list[str],
    news: list[str],
    earlier: Mapping[str, Any],
    later: Mapping[str, Any],
    since: str,
) -> str:
    """The reason for what a family changed."""
    if olds and news:
        if len(olds) != len(news):
            return "merged" if len(olds) > len(news) else "split"
        one, other = earlier["incidents"][olds[0]], later["incidents"][news[0]]
        changed = {key for key in one if one[key] != other.get(key)}
        tells = {"date_start", "date_end", "killed", "wounded", "abducted", "arrested"}
        return "corrected" if changed & tells or not changed else "recoded"
    ids, others = (olds, later) if olds else (news, earlier)
    own = earlier if olds else later
    reports = [key for key, row in own["reports"].items() if row["incident_id"] in ids]
    known = [others["reports"][key]["state"] for key in reports if key in others["reports"]]
    if known:
        return "recoded" if "selection" in known else "corrected"
    if olds:
        return "deleted"
    published = [own["reports"][key]["published_on"] for key in reports]
    return "late" if min(filter(None, published), default="") > since else "added"


def _last_day(pack: Mapping[str, Any], series: Mapping[str, Any]) -> str:
    """The last day the earlier report could know of: its as-of, or its newest report."""
    days = [row["published_on"] for row in pack["reports"].values() if row["published_on"]]
    return str(series["recipe"]["as_of"] or max(days, default=""))


def _sum(shares: _Shares, ids: list[str]) -> dict[str, float]:
    total: dict[str, float] = {}
    for incident_id in ids:
        for cell, amount in shares.get(incident_id, {}).items():
            total[cell] = total.get(cell, 0.0) + amount
    return total
