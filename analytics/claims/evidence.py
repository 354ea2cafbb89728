"""Two spells of days compared: counts of records, or what totals that others stated leave."""

from __future__ import annotations

from collections import deque
from math import exp, log, sqrt
from typing import Any

import numpy as np
import pandas as pd

from analytics.errors import ModelError
from analytics.models import compare_rates, find_detectable_ratio
from analytics.models.laws import find_quantile
from analytics.periods import Window
from analytics.series import count_incidents

_BLOCK_DAYS = 7
ASSUMED_DISPERSION = 3.0
"""Of totals, which have no replicates: the upper end of what series of attacks show."""
_ONE_DAY = pd.Timedelta(days=1)


def compare_spells(
    after: list[float], days_after: float, before: list[float], days_before: float
) -> dict[str, float]:
    """Return the ratio of the rates of two spells with its interval and detectable ratio.

    Each spell is a list of counts of blocks of days. Counts of attacks come in bursts: both
    intervals, the exact one of counts divided by the dispersion of the blocks and the t interval
    of the log ratio, are taken, and the wider is returned. With one block a side the dispersion is
    `ASSUMED_DISPERSION`.

    Raises
    ------
    ModelError
        No incident in either spell.

    Examples
    --------
    >>> found = compare_spells([20.0], 30, [10.0], 30)
    >>> found["ratio"], round(found["ci_lower"], 2), found["dispersion"]
    (2.0, 0.47, 3.0)
    """
    totals, sizes = (sum(after), sum(before)), (len(after), len(before))
    df = sum(sizes) - 2
    if df < 1:
        dispersion, df_used = ASSUMED_DISPERSION, None
    else:
        chi_square = sum(
            float(((np.array(part) - np.mean(part)) ** 2).sum() / max(float(np.mean(part)), 1e-9))
            for part in (after, before)
        )
        dispersion, df_used = max(1.0, chi_square / df), float(df)
    exact = compare_rates(totals[0] / dispersion, days_after, totals[1] / dispersion, days_before)
    # Half an incident a side keeps the error finite where a spell has none.
    std_error = sqrt(dispersion * (1 / (totals[0] + 0.5) + 1 / (totals[1] + 0.5)))
    ratio = totals[0] / days_after / (totals[1] / days_before) if totals[1] else np.nan
    detectable = find_detectable_ratio(std_error, df_resid=df_used)
    lower, upper = exact.ci_lower, exact.ci_upper if exact.ci_upper is not None else np.nan
    if totals[0] and totals[1]:
        # The detectable ratio is exp((q + q80) se); the interval needs q se alone.
        reach = float(find_quantile(0.975, df_used)) * std_error
        lower, upper = min(lower, exp(log(ratio) - reach)), max(upper, exp(log(ratio) + reach))
    return {
        "count": totals[0],
        "period_days": days_after,
        "count_compared": totals[1],
        "compared_days": days_before,
        "ratio": ratio,
        "ci_lower": lower,
        "ci_upper": upper,
        "detectable_ratio": detectable,
        "dispersion": dispersion,
    }


def compare_counted(incidents: pd.DataFrame, options: dict[str, Any]) -> dict[str, float]:
    """Return the comparison of two spells counted from records, in blocks of seven days."""
    spells: list[Any] = []
    for window in (options["period"], options["compared_with"]):
        seen = options["window"]
        if not (seen.contains(window.start) and seen.contains(window.end)):
            raise ModelError("these days", "are not in the records", "Widen the records")
        days = count_incidents(
            incidents, window, "day", measure=options.get("measure", "incidents")
        )["count"].to_numpy(float)
        n_blocks = max(1, len(days) // _BLOCK_DAYS)
        spells += [[float(part.sum()) for part in np.array_split(days, n_blocks)], len(days)]
    return compare_spells(*spells)


def compare_totals(totals: pd.DataFrame, options: dict[str, Any]) -> dict[str, float]:
    """Return the comparison of two spells from totals of one source.

    Parameters
    ----------
    totals : DataFrame
        ``period_start``, ``period_end`` (inclusive), ``count``.
    """
    spells: list[Any] = []
    for window in (options["period"], options["compared_with"]):
        spells += [[count_between(totals, window)], window.n_days]
    return compare_spells(*spells)


def count_between(totals: pd.DataFrame, window: Window) -> float:
    """Return the count of a spell that totals imply, by sums and differences of as few as can be.

    Raises
    ------
    ModelError
        The totals do not reach from one end of the spell to the other.

    Examples
    --------
    >>> totals = pd.DataFrame({
    ...     "period_start": pd.to_datetime("2021-01-01"), "count": [51, 134],
    ...     "period_end": pd.to_datetime(["2021-03-31", "2021-08-30"])})
    >>> count_between(totals, Window("2021-04-01", "2021-08-30"))
    83.0
    """
    steps: dict[pd.Timestamp, list[tuple[pd.Timestamp, float]]] = {}
    columns = (totals["period_start"], totals["period_end"], totals["count"].astype(float))
    for first, last, count in zip(*columns, strict=True):
        steps.setdefault(first, []).append((last + _ONE_DAY, count))
        steps.setdefault(last + _ONE_DAY, []).append((first, -count))
    reached, queue = {window.start: 0.0}, deque([window.start])
    while queue:
        day = queue.popleft()
        for other, count in steps.get(day, []):
            if other not in reached:
                reached[other] = reached[day] + count
                queue.append(other)
    if window.end + _ONE_DAY not in reached:
        raise ModelError("these days", "are not told apart by the totals", "Give days they end on")
    return reached[window.end + _ONE_DAY]
