"""What would be claimed without a model: before against after, and against a year before.

Shown beside the model on purpose. Both credit a date with whatever was under way before it; the
second is at least not fooled by the season.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from analytics.errors import ModelError, ParameterError
from analytics.models.observed import Observed, read_observed
from analytics.models.rates import compare_rates
from analytics.models.timing import Truth, read_changes
from analytics.periods import KeyDate
from analytics.schema import NAIVE, names

_MONTHS_A_YEAR = 12


def compare_naively(
    series: pd.DataFrame,
    key_date: KeyDate | str,
    *,
    horizon_months: int = 12,
    exposure: str | None = "period_days",
    conf_level: float = 0.95,
) -> pd.DataFrame:
    """Return the ratio of rates after and before a date, as it would be claimed without a model.

    Parameters
    ----------
    series : DataFrame
        One group's series (`analytics.schema.SERIES`). Periods that are incomplete, not covered,
        or contain the date after their first day are left out.
    key_date : KeyDate or ISO text
    horizon_months : int
        For "year_before": how long after the date, 1 to 12 months.
    exposure : str, optional
        Column of exposure, read as `fit_segmented` reads it.
    conf_level : float
        Level of the interval.

    Returns
    -------
    DataFrame
        One row is a method (`analytics.schema.NAIVE`). "before_after": every period after against
        every period before. "year_before": the first ``horizon_months`` after against the same
        calendar periods a year earlier (weeks: 52 weeks earlier), pairs only. Where there is no
        ratio, ``reason`` says why.

    Raises
    ------
    WindowError
        No period before or after the date.
    ParameterError
        A horizon outside 1 to 12 months.
    SeriesError
        Not a series.

    Notes
    -----
    The interval is the exact Poisson one: too narrow wherever counts come in bursts or in trends,
    which is the point of showing it.

    Examples
    --------
    A steady decline, unbroken at the date, passes for a halving:

    >>> months = pd.DataFrame({"period_start": pd.date_range("2016-01-01", periods=24, freq="MS")})
    >>> months["count"] = range(96, 0, -4)
    >>> compare_naively(months, "2017-01-01")[["method", "count_before", "count_after"]]
             method  count_before  count_after
    0  before_after         888.0        312.0
    1   year_before         888.0        312.0
    """
    if not 1 <= horizon_months <= _MONTHS_A_YEAR:
        raise ParameterError(
            f"horizon_months {horizon_months}", "is not between 1 and 12", "Give 12 or fewer"
        )
    observed = read_observed(series, exposure=exposure)
    (change,) = read_changes([key_date], observed.grid)
    is_before = change.is_before(observed.grid)[observed.place]
    is_after = change.is_after(observed.grid)[observed.place]
    periods_a_year = max(round(_MONTHS_A_YEAR / observed.grid.step_months), 1)
    first_after = int(observed.numbers[is_after].min()) if is_after.any() else 0
    n_ahead = max(round(horizon_months / observed.grid.step_months), 1)
    is_near = is_after & (observed.numbers < first_after + n_ahead)
    has_pair = is_near & np.isin(observed.numbers - periods_a_year, observed.numbers[is_before])
    is_pair = is_before & np.isin(observed.numbers + periods_a_year, observed.numbers[has_pair])
    rows = [
        _compare(change.label, "before_after", observed, is_before, is_after, conf_level),
        _compare(change.label, "year_before", observed, is_pair, has_pair, conf_level),
    ]
    return pd.DataFrame(rows, columns=names(NAIVE))


def _compare(
    key_date: str,
    method: str,
    observed: Observed,
    is_before: Truth,
    is_after: Truth,
    conf_level: float,
) -> dict[str, object]:
    """One row; without a ratio, the reason why."""
    row: dict[str, object] = {
        "key_date": key_date,
        "method": method,
        "n_before": int(is_before.sum()),
        "n_after": int(is_after.sum()),
        "count_before": float(observed.counts[is_before].sum()),
        "count_after": float(observed.counts[is_after].sum()),
        "exposure_before": float(observed.exposure[is_before].sum()),
        "exposure_after": float(observed.exposure[is_after].sum()),
        "ratio": np.nan,
        "ci_lower": np.nan,
        "ci_upper": np.nan,
        "reason": "",
    }
    if not is_before.any() or not is_after.any():
        return row | {"reason": "no usable periods to compare"}
    try:
        found = compare_rates(
            observed.counts[is_after].sum(),
            observed.exposure[is_after].sum(),
            observed.counts[is_before].sum(),
            observed.exposure[is_before].sum(),
            conf_level=conf_level,
        )
    except ModelError as error:
        return row | {"reason": f"{error.value} {error.rule}"}
    row["ci_lower"] = found.ci_lower
    if found.ratio is None or found.ci_upper is None:
        return row | {"reason": "no incident before: the ratio has only a lower bound"}
    return row | {"ratio": found.ratio, "ci_upper": found.ci_upper}
