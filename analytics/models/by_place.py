"""The same question asked of every place: one fit each, corrected for asking so often."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from statsmodels.stats.multitest import multipletests

from analytics.errors import AnalyticsError, ParameterError
from analytics.models.effects import fit_effect
from analytics.models.observed import read_observed
from analytics.models.shrinkage import shrink_ratios
from analytics.models.timing import read_changes
from analytics.periods import KeyDate
from analytics.schema import PLACES, names

_POOLED = ("pooled_ratio", "pooled_lower", "pooled_upper", "own_weight")


def fit_places(
    series: pd.DataFrame,
    key_date: KeyDate | str,
    *,
    by: str = "governorate",
    effect: str = "level",
    others: Sequence[KeyDate | str] = (),
    conf_level: float = 0.95,
    **options: Any,
) -> pd.DataFrame:
    """Return each place's change at a key date: its own, corrected, and shrunken.

    Of nineteen places without any change one will, on average, show one at the 5 % level. The
    places are a secondary question, and their p values are corrected for their number: Holm's
    keep the chance of any false finding at its level, Benjamini and Hochberg's the share of false
    ones among the findings.

    Parameters
    ----------
    series : DataFrame
        The series of all places (`analytics.schema.SERIES`), the place in column ``by``.
    key_date : KeyDate or ISO text
    by : str
        Column that names the place.
    effect : {"level", "slope"}
    others : sequence of KeyDate or ISO text
        Further dates in the same models.
    conf_level : float
        Level of every interval.
    **options
        Those of `fit_segmented`.

    Returns
    -------
    DataFrame
        One row is a place (`analytics.schema.PLACES`), in the order of the series. A place that
        cannot be fitted stays, with the reason; its pooled ratio is what the other places predict.
        Corrections count the places with a fit.

    Raises
    ------
    ParameterError
        No such column, or no place in it.

    Notes
    -----
    Pooling takes the fits as independent. Places that share a cause, or attackers who move from one
    to the next, make the interval of the pooled ratio too narrow.

    References
    ----------
    Holm (1979), Scandinavian Journal of Statistics 6:65-70. Benjamini & Hochberg (1995), Journal of
    the Royal Statistical Society B 57:289-300. For the pooled ratio see `shrink_ratios`.
    """
    if by not in series:
        raise ParameterError(f"column {by!r}", "is not in the series", "Name the column of places")
    date = KeyDate.parse(key_date) if isinstance(key_date, str) else key_date
    more = [KeyDate.parse(other) if isinstance(other, str) else other for other in others]
    parts = [(str(place), part) for place, part in series.groupby(by, sort=False)]
    if not parts:
        raise ParameterError(f"column {by!r}", "names no place", "Give the series of some places")
    fits = [
        fit_effect(part, date, effect=effect, others=more, conf_level=conf_level, **options)
        for _, part in parts
    ]
    places = pd.DataFrame([fit.as_row() for fit in fits])
    places.insert(0, "place", [place for place, _ in parts])
    sides = [_count_sides(part, date, options.get("exposure", "period_days")) for _, part in parts]
    places["count_before"], places["count_after"] = np.array(sides).T
    _correct(places)
    _pool(places, conf_level)
    return places[names(PLACES)]


def _count_sides(part: pd.DataFrame, date: KeyDate, exposure: str | None) -> tuple[float, float]:
    """Incidents before and after; 0 where the place has no usable period there."""
    try:
        observed = read_observed(part, exposure=exposure)
        (change,) = read_changes([date], observed.grid)
    except AnalyticsError:
        return 0.0, 0.0
    before, after = (
        side(observed.grid)[observed.place] for side in (change.is_before, change.is_after)
    )
    return float(observed.counts[before].sum()), float(observed.counts[after].sum())


def _correct(places: pd.DataFrame) -> None:
    """Add the corrected p values."""
    is_fitted = places["p_value"].notna()
    for column, method in (("p_holm", "holm"), ("p_bh", "fdr_bh")):
        places[column] = np.nan
        if is_fitted.any():
            places.loc[is_fitted, column] = multipletests(
                places.loc[is_fitted, "p_value"], method=method
            )[1]


def _pool(places: pd.DataFrame, conf_level: float) -> None:
    """Add the shrunken ratios, or the reason why there are none."""
    by_place = places.set_index("place")
    try:
        pooled = shrink_ratios(by_place["estimate"], by_place["std_error"], conf_level=conf_level)
    except AnalyticsError as error:
        places[list(_POOLED)] = np.nan
        places["pooled_reason"] = f"{error.value} {error.rule}"
        return
    places[list(_POOLED)] = pooled[list(_POOLED)].to_numpy()
    places["pooled_reason"] = ""
