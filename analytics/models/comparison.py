"""A series against a comparison series: what changed at a date beyond what changed for both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from analytics.errors import AnalyticsError, ModelError, ParameterError, SeriesError
from analytics.models.notes import Note
from analytics.models.observed import Observed, read_observed
from analytics.models.rates import check_conf_level, find_detectable_ratio
from analytics.models.share import ShareFit, fit_share
from analytics.models.timing import Change, Truth, Vector, read_changes
from analytics.periods import KeyDate
from analytics.schema import COMPARISON, COMPARISON_POINTS, PRETREND, names

_EFFECTS = ("level", "level+slope")
_FEWEST_BEFORE = 8


@dataclass(frozen=True)
class ComparedSeries:
    """What changed in the exposed series relative to the comparison series.

    Tables of `analytics.schema`: ``effects`` (COMPARISON, a row per model and term), ``pretrend``
    (PRETREND, one row), ``points`` (COMPARISON_POINTS, a row per period).
    """

    effects: pd.DataFrame
    pretrend: pd.DataFrame
    points: pd.DataFrame
    notes: tuple[Note, ...]


@dataclass(frozen=True)
class _Pair:
    """Usable periods of both series with at least one incident, and which side of the date."""

    starts: pd.DatetimeIndex
    exposed: Vector
    comparison: Vector
    offset: Vector
    numbers: Any
    years: Vector
    since: Vector
    is_before: Truth
    is_after: Truth


def compare_series(
    exposed: pd.DataFrame,
    comparison: pd.DataFrame,
    key_date: KeyDate | str,
    *,
    effects: str = "level",
    exposure: str | None = "period_days",
    conf_level: float = 0.95,
) -> ComparedSeries:
    r"""Return how the ratio of an exposed to a comparison series changed at a key date.

    A comparison series stands for what would have happened without the date. It can only do so if
    the two moved alike before (shown as the pre-trend) and if the date left it alone: attackers
    who move from the exposed places to the others raise the comparison and make a fall look
    larger than it is, and a change that reached both looks smaller. That warning is in every
    result, because no series can tell.

    Parameters
    ----------
    exposed, comparison : DataFrame
        Two series of the same periods (`analytics.schema.SERIES`).
    key_date : KeyDate or ISO text
    effects : {"level", "level+slope"}
        What changes in the ratio at the date.
    exposure : str, optional
        Column of exposure, read as `fit_segmented` reads it.
    conf_level : float
        Level of the intervals.

    Returns
    -------
    ComparedSeries
        Two models side by side: "parallel" takes the ratio as constant but for the change,
        "own_trend" lets it drift steadily through the date. Where the pre-trend is not 1, the
        first credits the date with the drift; where the series is short, the second sees little.

    Raises
    ------
    SeriesError
        The two series do not share their periods.
    WindowError
        No period before or after the date.
    ModelError
        No usable period in common.
    ParameterError
        An option outside what is allowed.

    Notes
    -----
    Quasi-binomial regression of the exposed count given the total of both (see `fit_share`); its
    log odds are the log ratio of the rates. It is preferred to a regression on the log of the
    ratio of counts, which has no place for a zero and weighs a month with three incidents like one
    with three hundred. Periods without an incident in either series say nothing about the ratio.
    A pre-trend whose interval holds 1 is no evidence that there is none; how large a one would have
    been seen is printed beside it.

    References
    ----------
    Przyborowski & Wilenski (1940), Biometrika 31:313-323 (conditioning on the total). Lopez Bernal,
    Cummins & Gasparrini (2018), International Journal of Epidemiology 47:2082-2093 (controls in
    interrupted time series). Roth (2022), American Economic Review: Insights 4:305-322 (what
    pre-trend tests miss).

    Examples
    --------
    Both series halve at the date; relative to each other nothing changes:

    >>> months = pd.DataFrame({"period_start": pd.date_range("2016-01-01", periods=24, freq="MS")})
    >>> one = months.assign(count=[20, 24] * 6 + [12, 10] * 6)
    >>> other = months.assign(count=[41, 47] * 6 + [22, 22] * 6)
    >>> found = compare_series(one, other, "2017-01-01")
    >>> found.effects.loc[found.effects["model"] == "parallel", "ratio"].round(2).tolist()
    [1.0]
    """
    if effects not in _EFFECTS:
        raise ParameterError(
            f"effects {effects!r}", "is not known here", f"Choose one of {', '.join(_EFFECTS)}"
        )
    check_conf_level(conf_level)
    sides = [read_observed(part, exposure=exposure) for part in (exposed, comparison)]
    pair, change, n_empty = _pair(sides[0], sides[1], key_date)
    notes = [Note("spill_over"), *sides[0].notes]
    notes += [note for note in sides[1].notes if note not in notes]
    if n_empty:
        notes.append(Note("empty_pairs", {"n_periods": n_empty}))
    rows: list[dict[str, Any]] = []
    fits: dict[str, ShareFit] = {}
    for model in ("parallel", "own_trend"):
        try:
            fits[model] = _fit(pair, change.label, model, effects, conf_level)
        except AnalyticsError as error:
            empty = dict.fromkeys(names(COMPARISON), np.nan)
            reason = f"{error.value}: {error.rule}"
            rows.append(
                empty
                | {"model": model, "term": f"level[{change.label}]", "n_fitted": 0}
                | {"reason": reason}
            )
            continue
        rows += _describe(model, fits[model])
    pretrend = _fit_pretrend(pair, conf_level)
    if not pretrend["reason"][0] and not (pretrend["ci_lower"][0] <= 1 <= pretrend["ci_upper"][0]):
        notes.append(Note("pretrend_differs", {"ratio": round(float(pretrend["ratio"][0]), 2)}))
    return ComparedSeries(
        pd.DataFrame(rows)[names(COMPARISON)],
        pretrend,
        _points(pair, fits.get("own_trend", fits.get("parallel"))),
        tuple(notes),
    )


def _pair(one: Observed, other: Observed, key_date: KeyDate | str) -> tuple[_Pair, Change, int]:
    """Periods that both series have, those without any incident left out."""
    if (one.grid.step, one.grid.is_monthly) != (other.grid.step, other.grid.is_monthly):
        raise SeriesError(
            "the two series", "have periods of different length", "Count both by one interval"
        )
    shared, at_one, at_other = np.intersect1d(
        one.starts.to_numpy(), other.starts.to_numpy(), return_indices=True
    )
    if not len(shared):
        raise ModelError(
            "the two series", "have no usable period in common", "Count both over one window"
        )
    (change,) = read_changes([key_date], one.grid)
    counts, others = one.counts[at_one], other.counts[at_other]
    has_any = counts + others > 0
    row = one.place[at_one][has_any]
    starts = one.grid.starts[row]
    years = one.grid.locate(starts, "year")
    settled = one.grid.locate(np.array([change.settled]), "year")[0]
    pair = _Pair(
        starts=pd.DatetimeIndex(starts),
        exposed=counts[has_any],
        comparison=others[has_any],
        offset=np.log(one.exposure[at_one] / other.exposure[at_other])[has_any],
        numbers=one.grid.numbers[row],
        years=years - settled,
        since=np.clip(years - settled, 0, None),
        is_before=change.is_before(one.grid)[row],
        is_after=change.is_after(one.grid)[row],
    )
    return pair, change, int((~has_any).sum())


def _fit(pair: _Pair, label: str, model: str, effects: str, conf_level: float) -> ShareFit:
    """One model on all periods that are before or after the date."""
    use = pair.is_before | pair.is_after
    for side, is_side in (("before", pair.is_before), ("after", pair.is_after)):
        for which, counts in (("exposed", pair.exposed), ("comparison", pair.comparison)):
            if counts[is_side].sum() == 0:
                raise ModelError(
                    f"0 incidents in the {which} series {side} {label}",
                    "give no ratio",
                    "Widen the window or the places",
                )
    columns = {"intercept": np.ones(len(use)), "trend": pair.years}
    columns[f"level[{label}]"] = pair.is_after.astype(float)
    columns[f"slope[{label}]"] = pair.since
    if model == "parallel":
        del columns["trend"]
    if effects == "level":
        del columns[f"slope[{label}]"]
    return fit_share(
        list(columns),
        np.column_stack(list(columns.values()))[use],
        pair.exposed[use],
        (pair.exposed + pair.comparison)[use],
        pair.offset[use],
        pair.numbers[use],
        conf_level=conf_level,
    )


def _describe(model: str, fit: ShareFit) -> list[dict[str, Any]]:
    """Rows of `analytics.schema.COMPARISON`: the effects of a model."""
    effects = fit.terms[fit.terms["term"].str.startswith(("level", "slope"))]
    shared = {
        "model": model,
        "n_fitted": len(fit.ratio),
        "dispersion": fit.dispersion,
        "lag1_correlation": fit.lag1_correlation,
        "reason": "",
    }
    rows = effects.to_dict("records")
    return [{str(name): value for name, value in row.items()} | shared for row in rows]


def _fit_pretrend(pair: _Pair, conf_level: float) -> pd.DataFrame:
    """Drift of the ratio before the date, a year."""
    before = pair.is_before
    row: dict[str, Any] = dict.fromkeys(names(PRETREND), np.nan)
    row |= {"n_before": int(before.sum()), "reason": ""}
    if before.sum() < _FEWEST_BEFORE:
        row["reason"] = f"{before.sum()} periods before the date are too few for a pre-trend"
        return pd.DataFrame([row])
    try:
        fit = fit_share(
            ["intercept", "trend"],
            np.column_stack([np.ones(before.sum()), pair.years[before]]),
            pair.exposed[before],
            (pair.exposed + pair.comparison)[before],
            pair.offset[before],
            pair.numbers[before],
            conf_level=conf_level,
        )
    except AnalyticsError as error:
        return pd.DataFrame([row | {"reason": f"{error.value}: {error.rule}"}])
    trend = fit.terms.set_index("term").loc["trend"]
    numbers = ("ratio", "ci_lower", "ci_upper", "p_value", "std_error")
    row |= {name: float(trend.to_dict()[name]) for name in numbers}
    row["detectable_ratio"] = find_detectable_ratio(
        row.pop("std_error"), df_resid=fit.df_resid, conf_level=conf_level
    )
    return pd.DataFrame([row])


def _points(pair: _Pair, fit: ShareFit | None) -> pd.DataFrame:
    """The ratio of rates, observed and fitted, in each period."""
    is_fitted = (pair.is_before | pair.is_after) & (fit is not None)
    has_ratio = pair.comparison > 0
    observed = np.full(len(pair.starts), np.nan)
    observed[has_ratio] = (pair.exposed / np.exp(pair.offset))[has_ratio] / pair.comparison[
        has_ratio
    ]
    points = pd.DataFrame(
        {
            "period_start": pair.starts,
            "count_exposed": pair.exposed,
            "count_comparison": pair.comparison,
            "ratio": observed,
            "is_fitted": is_fitted,
            "reason": np.where(has_ratio, "", "no incident in the comparison"),
        }
    )
    for column, values in (
        ("fitted_ratio", fit.ratio if fit else np.empty(0)),
        ("fitted_lower", fit.ratio_lower if fit else np.empty(0)),
        ("fitted_upper", fit.ratio_upper if fit else np.empty(0)),
    ):
        points[column] = np.nan
        points.loc[is_fitted, column] = values
    return points[names(COMPARISON_POINTS)]
