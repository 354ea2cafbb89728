"""The count as a band: fewest, best and most incidents that the reports can be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from analytics.errors import TableError
from analytics.incidents import Rule, find_least, merge_reports
from analytics.periods import Window
from analytics.schema import BAND, names
from analytics.selection import select_records
from analytics.series import count_incidents
from analytics.trace import Trace


def count_band(
    incidents: pd.DataFrame, window: Window, interval: str, **options: Any
) -> pd.DataFrame:
    """Return the series of incidents with the fewest and the most that their reports can be.

    Doubt about which reports tell of one incident is another doubt than that about days
    (``count_min`` to ``count_max``): an incident keeps its days, place and kind at both ends, and
    only whether it stands alone is varied.

    Parameters
    ----------
    incidents : DataFrame
        From `analytics.incidents.merge_reports`, all or some of its rows.
    window, interval, **options
        Of `analytics.series.count_incidents`.

    Returns
    -------
    DataFrame
        The columns of `count_incidents`, and ``count_fewest`` (of incidents that may be one, the
        one with most reports is counted; of a row that is a count of several, those not told
        alone) and ``count_most`` (no reports are merged, but where an analyst decided so).
        ``count_fewest <= count <= count_most`` in every row, and in sums.

    Raises
    ------
    TableError
        The table was not made by `merge_reports`.

    Notes
    -----
    Both ends follow an analyst's decisions. For casualties, the most is the sum over unmerged
    reports, each with the figure it states.

    Examples
    --------
    Two flashes of one attack, and a third report that may be of it:

    >>> reports = pd.DataFrame({
    ...     "report_id": ["a", "b", "c"], "incident_id": ["X", "X", None], "governorate": "IQ-KI",
    ...     "date_start": pd.to_datetime("2021-12-04"), "date_end": pd.to_datetime("2021-12-04")})
    >>> band = count_band(merge_reports(reports), Window("2021-12-01", "2021-12-31"), "month")
    >>> band[["count_fewest", "count", "count_most"]]
       count_fewest  count  count_most
    0           1.0    2.0         3.0
    """
    chosen = _keep(incidents, options.pop("only", None))
    series = count_incidents(chosen, window, interval, **options)
    return _add_ends(series, chosen, window, interval, **options)


def trace_band(traced: Trace) -> pd.DataFrame:
    """Return a traced series with ``count_fewest`` and ``count_most``, as `count_band` does.

    Where the series has no count (not covered, or withheld by the edition), it has no band.
    """
    recipe = traced.recipe
    options = {name: recipe[name] for name in ("by", "measure", "date_rule")}
    window = Window(*recipe["window"].split("/"))
    incidents = traced.selection.incidents
    series = _add_ends(traced.series, incidents, window, recipe["interval"], **options)
    if "is_withheld" in series:
        series[names(BAND)] = np.nan
    return series


def _add_ends(
    series: pd.DataFrame, chosen: pd.DataFrame, window: Window, interval: str, **options: Any
) -> pd.DataFrame:
    for column in ("possible_id", "n_unmerged", "n_reports"):
        if column not in chosen:
            raise TableError(
                f"column {column!r}", "is not in the incidents", "Make them with merge_reports"
            )
    series = series.copy()
    measure = str(options.get("measure", "incidents"))
    # Of those that touch the window only: one outside it must not stand for one inside.
    touches = (chosen["date_end"] >= window.start) & (chosen["date_start"] <= window.end)
    column = "n_incidents" if measure == "incidents" else measure
    fewest = _choose_fewest(chosen[touches])
    fewest = fewest.assign(**{column: find_least(fewest, measure)})
    source = "n_unmerged" if measure == "incidents" else f"{measure}_unmerged"
    most = chosen.assign(**{column: chosen[source]})
    by = options.get("by")
    keys = [by, "period_start"] if by else ["period_start"]
    ends = [
        count_incidents(part, window, interval, **options).set_index(keys)["count"]
        for part in (fewest, most)
    ]
    at = pd.MultiIndex.from_frame(series[keys]) if by else pd.Index(series["period_start"])
    for name, end in zip(names(BAND), ends, strict=True):
        # A group of which no incident stands for others has none at that end.
        values = pd.Series(end.reindex(at).to_numpy(float)).fillna(0)
        series[name] = values.where(series["is_covered"])
    states = ["is_complete", "is_covered"]
    return series[[c for c in series.columns if c not in states] + states]


def bound_incidents(
    reports: pd.DataFrame, *, rule: Rule = "best", decisions: pd.DataFrame | None = None
) -> dict[str, int]:
    """Return how many incidents some reports are: ``fewest``, ``best``, ``most``.

    Examples
    --------
    >>> days = pd.to_datetime(["2021-12-04", "2021-12-20"])
    >>> bound_incidents(pd.DataFrame({"report_id": ["a", "b"], "date_start": days,
    ...                               "date_end": days}))
    {'fewest': 2, 'best': 2, 'most': 2}
    """
    return sum_band(merge_reports(reports, rule=rule, decisions=decisions))


def sum_band(incidents: pd.DataFrame) -> dict[str, int]:
    """Return how many incidents a merged table holds: ``fewest``, ``best``, ``most``."""
    n = incidents.get("n_incidents", pd.Series(1, incidents.index)).fillna(1)
    return {
        "fewest": int(find_least(_choose_fewest(incidents), "incidents").sum()),
        "best": int(n.sum()),
        "most": int(incidents["n_unmerged"].sum()),
    }


def _choose_fewest(incidents: pd.DataFrame) -> pd.DataFrame:
    """Of incidents that may be one, the one that is most of them, or that most reports tell of."""
    n = incidents.get("n_incidents", pd.Series(1, incidents.index)).fillna(1)
    ranked = incidents.assign(_n=n).sort_values(
        ["_n", "n_reports", "incident_id"], ascending=[False, False, True], kind="stable"
    )
    return ranked.drop_duplicates("possible_id").drop(columns="_n")


def _keep(incidents: pd.DataFrame, only: Mapping[str, Any] | None) -> pd.DataFrame:
    """The incidents that meet conditions, as `count_incidents` keeps them."""
    return select_records(incidents, where=only) if only else incidents
