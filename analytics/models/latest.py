"""The latest period of a series against what came before it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analytics.models.rates import compare_rates
from analytics.schema import LATEST, names

_IN_A_YEAR = {"day": 365, "week": 52, "month": 12, "quarter": 4, "year": 1}
_FEWEST_FOR_DISPERSION = 4


def compare_latest(
    series: pd.DataFrame, *, interval: str = "month", n_latest: int = 1, conf_level: float = 0.95
) -> pd.DataFrame:
    """Return the rate of the latest complete periods against three references.

    Parameters
    ----------
    series : DataFrame
        One group's series (`analytics.schema.SERIES`); only complete, covered periods are used.
    interval : {"day", "week", "month", "quarter", "year"}
        Length of a period; a year of them makes the long reference.
    n_latest : int
        How many of the latest periods are taken together.

    Returns
    -------
    DataFrame
        `analytics.schema.LATEST`: one row a reference ("previous", "long", "year_before") that
        the series is long enough for and that, with the latest, holds any incident.

    Notes
    -----
    Attacks come in clusters, and a Poisson interval takes each for news. Both counts are therefore
    divided by the dispersion of the periods of the long reference (Pearson chi-square over its
    degrees of freedom, not below 1; 1 where there are fewer than four periods) before the exact
    conditional interval is taken: the interval of as many independent incidents as the counts are
    worth. A trend inside the reference widens it further.

    Examples
    --------
    >>> series = pd.DataFrame({
    ...     "period_start": pd.date_range("2021-01-01", periods=4, freq="MS"),
    ...     "period_days": [31, 28, 31, 30], "count": [10, 9, 11, 20]})
    >>> compare_latest(series)[["compared_with", "count", "count_reference", "ratio"]].round(2)
      compared_with  count  count_reference  ratio
    0      previous   20.0             11.0   1.88
    1          long   20.0             30.0   2.00
    """
    n_reference = _IN_A_YEAR[interval]
    used = series
    for column in ("is_complete", "is_covered"):
        used = used[used[column]] if column in used else used
    used = used.reset_index(drop=True)
    latest, before = used.iloc[-n_latest:], used.iloc[:-n_latest]
    if len(latest) < n_latest or before.empty:
        return pd.DataFrame(columns=names(LATEST))
    long = before.iloc[-n_reference:]
    references = {"previous": before.iloc[-n_latest:], "long": long}
    if len(used) >= n_reference + n_latest:
        references["year_before"] = used.iloc[-(n_reference + n_latest) : -n_reference]
    dispersion = _dispersion(long)
    return pd.DataFrame(
        [
            _compare(latest, reference, name, dispersion, conf_level)
            for name, reference in references.items()
            if len(reference) and reference["count"].sum() + latest["count"].sum() > 0
        ],
        columns=names(LATEST),
    )


def _compare(
    latest: pd.DataFrame,
    reference: pd.DataFrame,
    compared_with: str,
    dispersion: float,
    conf_level: float,
) -> dict[str, object]:
    counts = [float(part["count"].sum()) for part in (latest, reference)]
    days = [float(part["period_days"].sum()) for part in (latest, reference)]
    interval = compare_rates(
        counts[0] / dispersion, days[0], counts[1] / dispersion, days[1], conf_level=conf_level
    )
    first, last = reference.iloc[0], reference.iloc[-1]
    return {
        "compared_with": compared_with,
        "period_start": latest["period_start"].iloc[0],
        "count": counts[0],
        "period_days": days[0],
        "reference_start": first["period_start"],
        "reference_end": last["period_start"] + pd.Timedelta(days=int(last["period_days"]) - 1),
        "count_reference": counts[1],
        "days_reference": days[1],
        "ratio": counts[0] / days[0] / (counts[1] / days[1]) if counts[1] else np.nan,
        "ci_lower": np.nan if interval.ci_lower is None else interval.ci_lower,
        "ci_upper": np.nan if interval.ci_upper is None else interval.ci_upper,
        "dispersion": dispersion,
    }


def _dispersion(reference: pd.DataFrame) -> float:
    """Pearson dispersion of counts about one rate, not below 1."""
    if len(reference) < _FEWEST_FOR_DISPERSION or not reference["count"].sum():
        return 1.0
    expected = reference["period_days"] * reference["count"].sum() / reference["period_days"].sum()
    chi_square = ((reference["count"] - expected) ** 2 / expected).sum()
    return max(1.0, float(chi_square) / (len(reference) - 1))
