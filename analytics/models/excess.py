"""Excess over what was to be expected after each key date, carried on and damped."""

from __future__ import annotations

import pandas as pd

from analytics.models.counterfactual import project_counterfactual
from analytics.models.results import SegmentedFit
from analytics.schema import EXCESS, names


def sum_excess(fit: SegmentedFit, *, n_draws: int = 2000) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the excess after each key date, and the points of the first date's damped version.

    A trend is carried on no further than the series reaches before the date: the sum ends there,
    marked, and the damped version stands beside it. That the two differ is what the trend's
    carrying on is worth.

    Parameters
    ----------
    fit : SegmentedFit
        With key dates.
    n_draws : int
        Draws of parameters and counts for each.

    Returns
    -------
    excess : DataFrame
        `analytics.schema.EXCESS`, two rows a key date.
    damped : DataFrame
        `analytics.schema.POINTS` with the damped counterfactual of the first key date.
    """
    rows = []
    damped = fit.points
    for place, change in enumerate(fit.changes):
        for version in ("carried", "damped"):
            points = project_counterfactual(
                fit, key_date=change.label, is_damped=version == "damped", n_draws=n_draws
            ).points
            if place == 0 and version == "damped":
                damped = points
            summed = points[points["cumulative_excess"].notna()]
            kept = summed[~summed["is_beyond_horizon"]]
            if kept.empty:
                continue
            last = kept.iloc[-1]
            end = last["period_start"] + pd.Timedelta(days=int(last["period_days"]) - 1)
            rows.append(
                {
                    "key_date": change.label,
                    "version": version,
                    "first_day": kept["period_start"].iloc[0],
                    "last_day": end,
                    "n_periods": len(kept),
                    "is_capped": len(kept) < len(summed),
                    "count": float(kept["count"].sum()),
                    "expected": float(kept["counterfactual"].sum()),
                    "excess": float(last["cumulative_excess"]),
                    "excess_lower": float(last["cumulative_excess_lower"]),
                    "excess_upper": float(last["cumulative_excess_upper"]),
                }
            )
    return pd.DataFrame(rows, columns=names(EXCESS)), damped
