"""Totals stated over a period: differenced into rates, reconciled with counts, never counted."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.stats import chi2

from analytics.errors import ParameterError, SeriesError

_DAYS_OF_STATISTIC = {
    "mean per day": 1.0,
    "mean per week": 7.0,
    "mean per month": 365.25 / 12,
    "mean per quarter": 365.25 / 4,
}
_NEEDED = ("series_key", "period_start", "period_end", "value")


def difference_running_totals(
    aggregates: pd.DataFrame,
    series_key: str,
    *,
    conf_level: float = 0.95,
    is_needed: bool = True,
) -> pd.DataFrame:
    """Return the rates between the successive totals of one running count.

    "134 attacks from January to 30 August" and "206 from January to 8 November" say that there
    were 72 between 31 August and 8 November. Totals that restart each year are differenced within
    each start. Of two totals to the same day, the one published last is taken.

    Parameters
    ----------
    aggregates : DataFrame
        One row a statement: ``series_key``, ``period_start``, ``period_end`` (days, inclusive),
        ``value`` (a count); optionally ``claim_id``, ``published_on`` and ``operator``
        (``exact``, ``more than``, ...).
    series_key : str
        Which running count; an empty text gives an empty frame.
    conf_level : float
        Level of the interval.
    is_needed : bool
        Whether it is an error that no statement has this ``series_key``.

    Returns
    -------
    DataFrame
        One row is a stretch between two totals: ``period_start``, ``period_end`` (days,
        inclusive), ``period_days``, ``count`` (the difference), ``running_total``,
        ``rate_per_30_days`` with ``ci_lower`` and ``ci_upper``, ``is_exact`` (both totals are
        stated as exact), ``claim_id``. A total that falls below an earlier one is a contradiction
        in the source: its difference is negative and its rate is empty.

    Raises
    ------
    ParameterError
        No statement has this ``series_key``, or ``conf_level`` is not between 0 and 1.
    SeriesError
        A needed column is missing.

    Notes
    -----
    The interval is the exact Poisson interval of the difference (Garwood 1936), divided by the
    days. It holds the chance in counts, not the errors of whoever counted: a report left out of
    one total and added to the next moves incidents between stretches.

    References
    ----------
    Garwood, F. (1936). Fiducial limits for the Poisson distribution. Biometrika 28:437-442.

    Examples
    --------
    >>> totals = pd.DataFrame({
    ...     "series_key": "attacks", "period_start": pd.to_datetime("2021-01-01"),
    ...     "period_end": pd.to_datetime(["2021-03-31", "2021-08-30"]), "value": [51, 134]})
    >>> difference_running_totals(totals, "attacks")[
    ...     ["period_days", "count", "rate_per_30_days"]].round(2)
       period_days  count  rate_per_30_days
    0           90     51             17.00
    1          152     83             16.38
    """
    for column in _NEEDED:
        if column not in aggregates:
            raise SeriesError(
                f"column {column!r}", "is not in the statements", "Use load_aggregates"
            )
    if not 0 < conf_level < 1:
        raise ParameterError(f"conf_level {conf_level}", "is not a share", "Give 0.95, say")
    totals = aggregates[aggregates["series_key"] == series_key].copy()
    if totals.empty and series_key and is_needed:
        known = ", ".join(sorted(aggregates["series_key"].dropna().unique()))
        raise ParameterError(f"series_key {series_key!r}", "has no statement", f"Choose of {known}")
    if "published_on" in totals:
        totals = totals.sort_values("published_on", kind="stable", na_position="first")
    keys = ["period_start", "period_end"]
    totals = (
        totals.dropna(subset=[*keys, "value"])
        .drop_duplicates(keys, keep="last")
        .sort_values(keys, ignore_index=True)
    )
    runs = totals.groupby("period_start", sort=False)
    day = pd.Timedelta(days=1)
    start = (runs["period_end"].shift() + day).fillna(totals["period_start"])
    value = totals["value"].astype(float)
    before = value.groupby(totals["period_start"]).shift()
    count = value - before.fillna(0)
    days = (totals["period_end"] - start).dt.days + 1
    is_possible = (count >= 0).to_numpy()
    tail = (1 - conf_level) / 2
    lower = np.where(count > 0, chi2.ppf(tail, 2 * count.clip(lower=0.5)) / 2, 0.0)
    upper = chi2.ppf(1 - tail, 2 * (count.clip(lower=0) + 1)) / 2
    exact = totals.get("operator", pd.Series("exact", totals.index)).fillna("exact") == "exact"
    is_first = before.isna()
    before_exact = exact.groupby(totals["period_start"]).shift(fill_value=True)
    stretches = {
        "period_start": start,
        "period_end": totals["period_end"],
        "period_days": days,
        "count": count.astype("int64"),
        "running_total": value.astype("int64"),
        "rate_per_30_days": (count / days * 30).where(is_possible),
        "ci_lower": pd.Series(lower / days * 30).where(is_possible),
        "ci_upper": pd.Series(upper / days * 30).where(is_possible),
        "is_exact": exact & (before_exact | is_first),
    }
    if "claim_id" in totals:
        stretches["claim_id"] = totals["claim_id"]
    return pd.DataFrame(stretches)


def rate_published_counts(published: pd.DataFrame, series_ids: Sequence[str]) -> pd.DataFrame:
    """Return published figures as rates per 30 days, each under its own definition.

    Parameters
    ----------
    published : DataFrame
        From `analytics.reference.load_published_counts`.
    series_ids : sequence of str
        Which definitions; an empty sequence gives an empty frame.

    Returns
    -------
    DataFrame
        One row is a figure: ``series_id``, ``publisher``, ``measure``, ``period_start``,
        ``period_end`` (days, inclusive), ``rate_per_30_days``, ``value``, ``statistic``; in the
        order of ``series_ids``. Figures of two ``series_id`` are never comparable.

    Raises
    ------
    ParameterError
        A definition that is not there, or a statistic that is no rate.
    """
    parts = [published[published["series_id"] == series_id] for series_id in series_ids]
    for series_id, part in zip(series_ids, parts, strict=True):
        if part.empty:
            raise ParameterError(
                f"series_id {series_id!r}", "is not published", "See data/published_counts.csv"
            )
    rates = pd.concat([published.iloc[:0], *parts], ignore_index=True)
    days = ((rates["period_end"] - rates["period_start"]).dt.days + 1).astype(float)
    unit_days = (
        rates["statistic"].map(_DAYS_OF_STATISTIC).where(rates["statistic"] != "count", days)
    )
    if unit_days.isna().any():
        unknown = rates.loc[unit_days.isna(), "statistic"].iloc[0]
        raise ParameterError(f"statistic {unknown!r}", "is no rate", "Choose counts or means")
    rates["rate_per_30_days"] = 30 * rates["value"] / unit_days.astype(float)
    columns = ["series_id", "publisher", "measure", "period_start", "period_end"]
    return rates[[*columns, "rate_per_30_days", "value", "statistic"]]
