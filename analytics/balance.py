"""Where the incidents of some records are: inside a window or not, and how surely."""

from __future__ import annotations

import ibis
import numpy as np
import pandas as pd

from analytics.periods import Window, make_periods
from analytics.selection import UNKNOWN, Records
from analytics.series import count_incidents, spread_tally
from analytics.tally import counted_rows, tally_periods

_EVERY_DAY = Window("1900-01-01", "2200-12-31")


def balance_records(records: Records, window: Window) -> dict[str, float]:
    """Return where the incidents of the records are: what a report must account for.

    Returns
    -------
    dict
        ``incidents`` in all, expected ``inside`` and ``outside`` the window (they add up);
        ``with_interval_date`` and ``without_governorate`` among those that touch the window.
    """
    by = "governorate" if "governorate" in records.columns else None
    rows = counted_rows(records, _EVERY_DAY, by, "incidents", None, "spread")
    touches = (rows.date_end >= window.start.date()) & (rows.date_start <= window.end.date())
    is_unplaced = rows.group.cast("string").fill_null("").isin(["", UNKNOWN]) if by else True
    chosen = {
        "incidents": ibis.literal(True),
        "with_interval_date": touches & (rows.date_end > rows.date_start),
        "without_governorate": touches & is_unplaced,
    }
    sums = {name: rows.n.sum(where=where).cast("int64") for name, where in chosen.items()}
    found = rows.aggregate(**sums).to_pyarrow().to_pylist()[0]
    balance = {name: float(n or 0) for name, n in found.items()}
    inside = float(count_incidents(records, window, "year")["count"].sum())
    return {
        "incidents": balance.pop("incidents"),
        "inside": inside,
        "outside": float(found["incidents"] or 0) - inside,
        **balance,
    }


def count_distribution(records: Records, window: Window) -> pd.DataFrame:
    """Return the exact distribution of the number of incidents inside a window.

    Each incident falls inside with the share of its interval's days that does; the sum of such
    trials is Poisson-binomial (Hong 2013, Computational Statistics & Data Analysis 59:41-51),
    got here by convolution.

    Returns
    -------
    DataFrame
        One row is a possible count: ``count`` (incidents), ``probability``.
    """
    periods = make_periods(window, "year")
    tally = tally_periods(records, window, "year", by_day=True)
    shares = spread_tally(tally, periods)
    n = tally["n"].to_numpy()
    inside = np.bincount(shares.row, shares.expected, minlength=len(tally)) / np.maximum(n, 1)
    is_certain = ((tally["first"] >= 0) & (tally["last"] < len(periods))).to_numpy()
    probability = np.ones(1)
    for chance in np.repeat(inside[~is_certain], n[~is_certain]):
        probability = np.convolve(probability, [1 - chance, chance])
    count = int(n[is_certain].sum()) + np.arange(len(probability))
    return pd.DataFrame({"count": count, "probability": probability})
