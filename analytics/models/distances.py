"""How far the change points that were found lie from the key dates that were given."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analytics.periods import KeyDate
from analytics.schema import BREAK_DISTANCES, names


def distance_to_key_dates(breaks: pd.DataFrame, key_dates: Sequence[KeyDate | str]) -> pd.DataFrame:
    """Return, for each key date, its nearest break point and the distance in days.

    A break may be found years away from every key date, and a key date may have none: both are
    findings. Being near is no evidence that the one brought about the other.

    Parameters
    ----------
    breaks : DataFrame
        `FoundBreaks.breaks`.
    key_dates : sequence of KeyDate or ISO text

    Returns
    -------
    DataFrame
        One row is a key date (`analytics.schema.BREAK_DISTANCES`): ``distance_days`` is negative
        where the break comes first, 0 inside a key interval; empty, with a ``reason``, where no
        break was found. ``is_inside_interval`` says whether the break's interval reaches it.

    Examples
    --------
    >>> found = pd.DataFrame({
    ...     "date": pd.to_datetime(["2017-10-23"]), "date_lower": pd.to_datetime(["2017-10-09"]),
    ...     "date_upper": pd.to_datetime(["2017-11-06"])})
    >>> near = distance_to_key_dates(found, ["2017-10-16"])
    >>> near[["key_date", "distance_days", "is_inside_interval"]]
         key_date  distance_days  is_inside_interval
    0  2017-10-16              7                True
    """
    rows: list[tuple[object, ...]] = []
    for item in key_dates:
        date = KeyDate.parse(item) if isinstance(item, str) else item
        if breaks.empty:
            rows.append((date.label, pd.NaT, pd.NaT, pd.NaT, pd.NA, False, "no change was found"))
            continue
        days = breaks["date"]
        distance = np.where(
            days > date.date_end,
            (days - date.date_end).dt.days,
            np.where(days < date.date_start, (days - date.date_start).dt.days, 0),
        )
        at = int(np.abs(distance).argmin())
        lower, upper = breaks["date_lower"].iloc[at], breaks["date_upper"].iloc[at]
        inside = bool(lower <= date.date_end and upper >= date.date_start)
        rows.append((date.label, days.iloc[at], lower, upper, int(distance[at]), inside, ""))
    frame = pd.DataFrame(rows, columns=names(BREAK_DISTANCES))
    frame["distance_days"] = frame["distance_days"].astype("Int64")
    days_found = ["break_date", "break_lower", "break_upper"]
    return frame.astype(dict.fromkeys(days_found, "datetime64[us]") | {"reason": "str"})
