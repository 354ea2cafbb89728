"""The specification curve: one question under every defensible set of choices."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from itertools import product
from math import prod
from typing import Any

import numpy as np
import pandas as pd

from analytics.errors import AnalyticsError, ParameterError
from analytics.models.effects import Effect, fit_effect
from analytics.models.options import Options
from analytics.models.timing import read_grid
from analytics.periods import KeyDate, Window
from analytics.schema import (
    SPECIFICATION_CHOICES,
    SPECIFICATION_SUMMARY,
    SPECIFICATIONS,
    names,
)

MakeSeries = Callable[..., pd.DataFrame] | Mapping[Any, pd.DataFrame]
_FIT_CHOICES = frozenset({"effects", *(choice.name for choice in fields(Options))})
_MOST = 5000
CHOICE_PREFIX = "choice_"


def run_specifications(
    make_series: MakeSeries,
    key_date: KeyDate | str,
    grid: Mapping[str, Sequence[Any]],
    *,
    effect: str = "level",
    others: Sequence[KeyDate | str] = (),
    **options: Any,
) -> pd.DataFrame:
    """Return the change at a key date under every combination of choices.

    Whoever analyses a series chooses a unit, a family, a window, a rule for dates and one for
    duplicates, each defensibly; what is left of the answer when all of them are tried is what the
    data say. Nothing is picked: the curve is shown whole, refused fits with their reasons.

    Parameters
    ----------
    make_series : callable or mapping
        Gives the series of a combination of the choices that are about the series. A callable gets
        them as keywords. A mapping has the value as key where there is one such choice, and a
        tuple of values, in the order of the grid, where there are several (or none: ``()``).
    key_date : KeyDate or ISO text
    grid : mapping of choice to options
        A name of an option of `fit_segmented` (``family``, ``harmonics``, ``effects``, ...) is
        given to the fit. ``window`` keeps the periods wholly inside a `Window`; None keeps all.
        Any other name (``interval``, ``date_rule``, ``duplicates``, ``measure``, ...) is about the
        series. The first option of each choice makes up the reference specification.
    effect : {"level", "slope"}
    others : sequence of KeyDate or ISO text
        Further dates in the same models.
    **options
        Options of `fit_segmented` that are the same everywhere.

    Returns
    -------
    DataFrame
        One row is a specification (`analytics.schema.SPECIFICATIONS`, then a text column
        ``choice_NAME`` per choice), in the order of the grid, the last choice varying fastest.

    Raises
    ------
    ParameterError
        A grid without choices or options, one of more than 5000 combinations, or a combination
        that the mapping does not have.

    References
    ----------
    Simonsohn, Simmons & Nelson (2020), Nature Human Behaviour 4:1208-1214. Steegen et al. (2016),
    Perspectives on Psychological Science 11:702-712.

    Examples
    --------
    >>> months = pd.DataFrame({"period_start": pd.date_range("2016-01-01", periods=24, freq="MS")})
    >>> months["count"] = [20, 22] * 6 + [10, 11] * 6
    >>> grid = {"family": ["quasipoisson", "negbin"], "effects": ["level", "level+slope"]}
    >>> curve = run_specifications({(): months}, "2017-01-01", grid)
    >>> curve[["choice_family", "choice_effects", "ratio", "sign"]].round(2)
      choice_family choice_effects  ratio  sign
    0  quasipoisson          level   0.47  fall
    1  quasipoisson    level+slope   0.47  fall
    2        negbin          level   0.47  fall
    3        negbin    level+slope   0.47  fall
    """
    _check_grid(grid)
    date = KeyDate.parse(key_date) if isinstance(key_date, str) else key_date
    more = [KeyDate.parse(other) if isinstance(other, str) else other for other in others]
    about_series = [name for name in grid if name not in _FIT_CHOICES and name != "window"]
    made: dict[tuple[Any, ...], pd.DataFrame | str] = {}
    rows = []
    for number, values in enumerate(product(*grid.values()), start=1):
        choices = dict(zip(grid, values, strict=True))
        key = tuple(choices[name] for name in about_series)
        if key not in made:
            made[key] = _make(make_series, about_series, key)
        series = _cut(made[key], choices.get("window"))
        fit_choices = {name: value for name, value in choices.items() if name in _FIT_CHOICES}
        if isinstance(series, str):
            found = Effect(reason=series)
        else:
            found = fit_effect(
                series, date, effect=effect, others=more, **{**options, **fit_choices}
            )
        texts = {CHOICE_PREFIX + name: _text(value) for name, value in choices.items()}
        rows.append(
            found.as_row()
            | {"specification": number, "is_reference": number == 1, "sign": _sign(found)}
            | {"label": ", ".join(texts.values())}
            | texts
        )
    chosen = [CHOICE_PREFIX + name for name in grid]
    return pd.DataFrame(rows)[[*names(SPECIFICATIONS), *chosen]]


def summarise_specifications(curve: pd.DataFrame) -> pd.DataFrame:
    """Return one row that says how far the specifications agree.

    Parameters
    ----------
    curve : DataFrame
        From `run_specifications`.

    Returns
    -------
    DataFrame
        `analytics.schema.SPECIFICATION_SUMMARY`. Shares are of the specifications that were
        fitted; ``reason`` says so where none was, or not the reference.

    Notes
    -----
    The specifications share their data: the shares are no probabilities, and no test is made of
    them.
    """
    fitted = curve[curve["reason"] == ""]
    n_fitted = len(fitted)
    reference = curve[curve["is_reference"]].iloc[0]
    summary: dict[str, Any] = dict.fromkeys(names(SPECIFICATION_SUMMARY), np.nan)
    refused = "the reference specification was refused" if reference["reason"] else ""
    summary |= {
        "n_specifications": len(curve),
        "n_refused": len(curve) - n_fitted,
        "reference_ratio": reference["ratio"],
        "reason": refused if n_fitted else "no specification could be fitted",
    }
    if n_fitted:
        summary |= {
            "median_ratio": fitted["ratio"].median(),
            "smallest_ratio": fitted["ratio"].min(),
            "largest_ratio": fitted["ratio"].max(),
            "share_fall": (fitted["sign"] == "fall").mean(),
            "share_rise": (fitted["sign"] == "rise").mean(),
            "share_unclear": (fitted["sign"] == "unclear").mean(),
            "share_below_one": (fitted["ratio"] < 1).mean(),
        }
    return pd.DataFrame([summary])


def summarise_choices(curve: pd.DataFrame) -> pd.DataFrame:
    """Return, for each option of each choice, what the specifications with it say.

    The choice whose options differ most in ``median_ratio`` is the one the answer hangs on.

    Returns
    -------
    DataFrame
        One row is an option of a choice (`analytics.schema.SPECIFICATION_CHOICES`).
    """
    rows = []
    for column in [name for name in curve.columns if name.startswith(CHOICE_PREFIX)]:
        for option, part in curve.groupby(column, sort=False):
            fitted = part[part["reason"] == ""]
            rows.append(
                {
                    "choice": column.removeprefix(CHOICE_PREFIX),
                    "option": option,
                    "n_specifications": len(part),
                    "n_refused": len(part) - len(fitted),
                    "median_ratio": fitted["ratio"].median() if len(fitted) else np.nan,
                    "share_unclear": (fitted["sign"] == "unclear").mean()
                    if len(fitted)
                    else np.nan,
                    "reason": "" if len(fitted) else "none of these could be fitted",
                }
            )
    return pd.DataFrame(rows, columns=names(SPECIFICATION_CHOICES))


def _check_grid(grid: Mapping[str, Sequence[Any]]) -> None:
    for name, values in grid.items():
        if isinstance(values, str) or not len(values):
            raise ParameterError(f"choice {name!r}", "has no list of options", "Give a list")
    number = prod(len(values) for values in grid.values())
    if not grid or number > _MOST:
        rule = f"is not between 1 and {_MOST}" if grid else "is none at all"
        raise ParameterError(
            f"{number} specifications" if grid else "the grid", rule, "Change the choices"
        )


def _make(
    make_series: MakeSeries, about_series: list[str], key: tuple[Any, ...]
) -> pd.DataFrame | str:
    """Return the series of a combination, or the reason why there is none."""
    if not isinstance(make_series, Mapping):
        try:
            series: pd.DataFrame = make_series(**dict(zip(about_series, key, strict=True)))
        except AnalyticsError as error:
            return f"{error.value}: {error.rule}"
        return series
    for candidate in (key, *key[: len(key) == 1]):
        if candidate in make_series:
            given: pd.DataFrame = make_series[candidate]
            return given
    raise ParameterError(
        f"series {', '.join(map(_text, key)) or '()'}", "is not in the mapping", "Add it"
    )


def _cut(series: pd.DataFrame | str, window: Window | None) -> pd.DataFrame | str:
    """Periods wholly inside a window."""
    if window is None or isinstance(series, str):
        return series
    try:
        grid = read_grid(series)
    except AnalyticsError as error:
        return f"{error.value}: {error.rule}"
    start, end = (day.to_datetime64().astype("datetime64[D]") for day in (window.start, window.end))
    inside: pd.DataFrame = series[(grid.starts >= start) & (grid.ends <= end)]
    return inside


def _sign(found: Effect) -> str:
    if found.reason:
        return ""
    return "fall" if found.ci_upper < 1 else "rise" if found.ci_lower > 1 else "unclear"


def _text(value: Any) -> str:
    if isinstance(value, Window):
        return f"{value.start:%Y-%m-%d}/{value.end:%Y-%m-%d}"
    if isinstance(value, Mapping):
        return ", ".join(f"{label} {effect}" for label, effect in value.items())
    return "auto" if value is None else str(value)
