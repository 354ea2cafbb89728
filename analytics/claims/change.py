"""A claim about a key date, under every window, comparison and model that one could defend."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from analytics.claims.verdict import judge
from analytics.errors import AnalyticsError
from analytics.models.breaks import find_breaks
from analytics.models.comparison import compare_series
from analytics.models.effects import fit_effect
from analytics.models.placebo import run_placebos
from analytics.periods import KeyDate, Window
from analytics.schema import CLAIM_VARIANTS, names

_MODELS: dict[str, dict[str, Any]] = {
    "level+slope": {"effects": "level+slope"},
    "level": {"effects": "level"},
    "step alone": {"effects": "level", "trend": False, "harmonics": 0},
    "with change points": {"effects": "level"},
}
_LARGEST_SHARE_OF_DATES = 0.05
_LEAST_AGREEMENT = 0.8

SeriesOf = Mapping[tuple[str, Window], pd.DataFrame]


def fit_variants(series: SeriesOf, key_date: str, also: tuple[str, ...] = ()) -> pd.DataFrame:
    """Return the change at a key date in each window, model and comparison.

    Parameters
    ----------
    series : mapping of (area, window) to DataFrame
        Area "" is the place of the claim; every other is a comparison.
    key_date : str
    also : tuple of str
        Other dates, allowed for in the model "with change points" beside those found.

    Returns
    -------
    DataFrame
        One row is a variant (`analytics.schema.CLAIM_VARIANTS`); the first is the reference:
        level and slope, no comparison, first window.
    """
    date, rows = KeyDate.parse(key_date), []
    for (area, window), part in series.items():
        own = series[("", window)]
        if area:
            rows += [_compare(own, part, date, area, window, effects) for effects in
                     ("level", "level+slope")]  # fmt: skip
            continue
        for model, options in _MODELS.items():
            others = _others(own, date, window, also) if model == "with change points" else []
            if model == "with change points" and not others:
                continue
            found = fit_effect(own, date, others=others, on_gate="mark", **options)
            rows.append(found.as_row() | {"model": model, "against": "", "window": window})
    frame = pd.DataFrame(rows)
    frame["window_start"] = [window.start for window in frame["window"]]
    frame["window_end"] = [window.end for window in frame["window"]]
    return frame[names(CLAIM_VARIANTS)].reset_index(drop=True)


def judge_change(
    variants: pd.DataFrame, series: pd.DataFrame, key_date: str, direction: str, **options: Any
) -> tuple[str, str]:
    """Return verdict and reason of a claim about a key date.

    A claim is supported only if the reference, the comparison with other dates, every comparison
    area's own trend and four fifths of the variants agree, and no change point lies elsewhere.
    """
    reference = variants.iloc[0]
    verdict, reason = judge(
        direction, reference["ci_lower"], reference["ci_upper"],
        detectable=reference["detectable_ratio"], **options,
    )  # fmt: skip
    if reference["reason"]:
        return "cannot tell", "power"
    if verdict == "cannot tell":
        return verdict, reason
    fitted = variants[variants["reason"] == ""]
    # The same rule for every variant, but for power: an imprecise one is open, not against.
    said = [
        judge(direction, low, high, detectable=1.0, **options)[0]
        for low, high in zip(fitted["ci_lower"], fitted["ci_upper"], strict=True)
    ]
    share = float(np.mean([each == verdict for each in said]))
    opposite = {"supported": "not supported", "not supported": "supported"}[verdict]
    if share < _LEAST_AGREEMENT or opposite in said:
        return "cannot tell", "variants"
    if verdict == "supported" and not _is_unusual(series, key_date):
        return "cannot tell", "other dates"
    return verdict, reason


def _is_unusual(series: pd.DataFrame, key_date: str) -> bool:
    """Whether the change is out of the ordinary among dates of the time before."""
    try:
        summary = run_placebos(series, key_date).summary.iloc[0]
    except AnalyticsError:
        return False
    return bool(summary["p_value"] <= _LARGEST_SHARE_OF_DATES)


def _compare(
    own: pd.DataFrame, other: pd.DataFrame, date: KeyDate, area: str, window: Window, effects: str
) -> dict[str, Any]:
    """The change relative to an area, its own trend allowed for."""
    row: dict[str, Any] = dict.fromkeys(
        ("ratio", "ci_lower", "ci_upper", "detectable_ratio"), np.nan
    ) | {"model": effects, "against": area, "window": window, "n_fitted": 0}
    try:
        table = compare_series(own, other, date, effects=effects).effects
    except AnalyticsError as error:
        return row | {"reason": f"{error.value}: {error.rule}"}
    model = "parallel" if effects == "level" else "own_trend"
    kept = table[(table["model"] == model) & table["term"].str.startswith("level")].iloc[0]
    return (
        row
        | {name: kept[name] for name in (*list(row)[:4], "n_fitted", "reason")}
        | {"model": {"parallel": "step alone", "own_trend": "level+slope"}[model]}
    )


def _others(
    series: pd.DataFrame, date: KeyDate, window: Window, also: tuple[str, ...]
) -> list[KeyDate]:
    """Dates given, and change points found, that lie inside the window and off the key date."""
    try:
        found = find_breaks(series).breaks
    except AnalyticsError:
        found = pd.DataFrame(columns=["date", "date_lower", "date_upper"])
    is_elsewhere = (found["date_upper"] < date.date_start) | (found["date_lower"] > date.date_end)
    days = [KeyDate(day, day) for day in found.loc[is_elsewhere, "date"]]
    days += [KeyDate.parse(text) for text in also]
    return [day for day in days if window.start < day.date_start < window.end]
