"""Placebo dates: the same model at dates when nothing is known to have happened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from analytics.errors import AnalyticsError, ModelError, ParameterError
from analytics.models.effects import read_effect
from analytics.models.laws import find_chance_positive
from analytics.models.notes import Note
from analytics.models.segmented import Solution, solve_segmented
from analytics.models.timing import Vector, read_changes, read_grid
from analytics.periods import KeyDate
from analytics.schema import PLACEBO_SUMMARY, PLACEBOS, names

_COMPARED = {"t": "statistic", "ratio": "estimate"}
# Three placebo dates, however many there seem to be, are no distribution.
_FEWEST_DATES, _FEWEST_INDEPENDENT = 10, 3.0
_LEVEL = 0.05
_NO_VARIATION = 1e-6


@dataclass(frozen=True)
class Placebos:
    """The placebo distribution of one key date.

    ``placebos`` has a row per placebo date (`analytics.schema.PLACEBOS`), ``summary`` one row that
    ranks the key date among them (`analytics.schema.PLACEBO_SUMMARY`).
    """

    placebos: pd.DataFrame
    summary: pd.DataFrame
    notes: tuple[Note, ...]


def run_placebos(
    series: pd.DataFrame,
    key_date: KeyDate | str,
    *,
    others: Sequence[KeyDate | str] = (),
    effect: str = "level",
    min_bins: int = 8,
    max_dates: int = 40,
    compare: str = "t",
    effects: str | None = None,
    harmonics: int | None = None,
    **options: Any,
) -> Placebos:
    r"""Return how unusual a key date's effect is among dates of the time before it.

    The model of the key date is fitted again at every period of the pre-period that leaves
    ``min_bins`` on either side, to the pre-period alone. If the model finds changes there as large
    as at the key date, the change at the key date is nothing out of the ordinary: the series bends
    and jumps by itself, and the interval of the model does not know it.

    Parameters
    ----------
    series : DataFrame
        One group's series.
    key_date : KeyDate or ISO text
    others : sequence of KeyDate or ISO text
        Further key dates. The series is cut to the stretch between the neighbours of the key date,
        so that their effects do not enter the placebo distribution.
    effect : {"level", "slope"}
        The effect that is compared.
    min_bins : int
        Fewest fitted periods on either side of a placebo date.
    max_dates : int
        Placebo dates beyond this number are thinned evenly; neighbours say the same.
    compare : {"t", "ratio"}
        Compared by size of the t statistic, or of the log ratio.
    effects, harmonics
        As in `fit_segmented`; what they are for the key date they are for every placebo date.
    **options
        Further options of `fit_segmented`.

    Returns
    -------
    Placebos

    Raises
    ------
    ModelError
        The model of the key date itself is refused.
    WindowError
        No period before or after the key date.
    ParameterError
        An option outside what is allowed.

    Notes
    -----
    The root mean square of the placebo t statistics is the ``placebo_scale``: 1 where the standard
    errors are right, more where the series bends and jumps more than they know. The p value is
    that of t / scale. Placebo effects of neighbouring dates rest on the same counts, and those near
    the key date on the counts that its own effect rests on; so under no change t and the placebo t
    statistics are taken as normal with the correlations :math:`\rho_{ij}` that independent counts
    give them (from the weights of the counts in each effect), and P(t^2 > ratio^2 x mean square) is
    that of a quadratic form in independent normals, integrated exactly. A t law whose degrees of
    freedom match the mean square's variance has too heavy tails: at 5 % it finds 2 to 3 %. Ranks
    alone are too bold: with 40 dates that are worth 4, the key date is among the first two in a
    tenth of all series without any change. ``n_independent`` is :math:`n^2/\sum_{ij}\rho_{ij}^2`,
    the independent dates that they are worth; with fewer than 10 dates, or worth fewer than 3,
    there is no p value.

    A placebo date may have been a real one: what is not on the list of key dates may still have
    happened, and then the comparison is too strict.

    References
    ----------
    Abadie, Diamond & Hainmueller (2015), American Journal of Political Science 59:495-510 (in-time
    placebos). Schuemie et al. (2014), Statistics in Medicine 33:209-218 (p values calibrated by
    negative controls). Imhof (1961), Biometrika 48:419-426 (quadratic forms in normal variables).

    Examples
    --------
    >>> weeks = pd.DataFrame({"period_start": pd.date_range("2016-01-04", periods=100, freq="7D")})
    >>> weeks["count"] = [20, 25, 18, 22] * 15 + [9, 12, 8, 11] * 10
    >>> found = run_placebos(weeks, "2017-02-27", effects="level")
    >>> found.summary[["n_placebos", "rank", "share_exceeding"]]
       n_placebos  rank  share_exceeding
    0          40     1              0.0
    """
    _check_options(min_bins, max_dates, compare)
    date = KeyDate.parse(key_date) if isinstance(key_date, str) else key_date
    stretch = _cut_at_neighbours(series, date, others)
    true_fit = solve_segmented(
        stretch, [date], effects=effects, harmonics=harmonics, **{**options, "on_gate": "mark"}
    )
    truth = read_effect(true_fit, date, effect)
    if truth.reason:
        raise ModelError(truth.reason, "has nothing to compare", "Ask for another effect")
    (change,) = true_fit.changes
    before = stretch[change.is_before(true_fit.grid)]
    same_model = {
        **options,
        "effects": true_fit.plan.effects_code,
        "harmonics": true_fit.plan.harmonics,
        "trend": "trend" in true_fit.plan.design.terms,
    }
    rows, contrasts = [], []
    usable = true_fit.outcome.is_usable[change.is_before(true_fit.grid)]
    for n_before, n_after, day in _placebo_dates(before[usable], min_bins, max_dates):
        placebo = KeyDate(day, day)
        row: dict[str, Any] = {"placebo_date": day, "n_before": n_before, "n_after": n_after}
        try:
            fit = solve_segmented(before, [placebo], **same_model)
        except AnalyticsError as error:
            rows.append(row | {"reason": f"{error.value}: {error.rule}"})
            continue
        found = read_effect(fit, placebo, effect)
        rows.append(found.as_row() | row)
        if not found.reason:
            contrasts.append(_contrast(fit, f"{effect}[{placebo.label}]"))
    marked = pd.DataFrame(rows).assign(key_date=date.label)
    placebos = _mark(marked, truth.as_row(), _COMPARED[compare])
    n_independent = _count_independent(contrasts)
    own = _contrast(true_fit, f"{effect}[{date.label}]")
    summary = _summarise(placebos, truth.as_row(), date, n_independent, own, contrasts)
    notes = []
    if summary["reason"][0]:
        notes.append(
            Note(
                "few_placebos",
                {
                    "n_placebos": int(summary["n_placebos"][0]),
                    "n_independent": round(float(n_independent), 1),
                },
            )
        )
    return Placebos(placebos[names(PLACEBOS)], summary, tuple(notes))


def _check_options(min_bins: int, max_dates: int, compare: str) -> None:
    if min_bins < 3:
        raise ParameterError(f"min_bins {min_bins}", "is below 3", "Give 3 or more")
    if max_dates < 1:
        raise ParameterError(f"max_dates {max_dates}", "is below 1", "Give 1 or more")
    if compare not in _COMPARED:
        raise ParameterError(
            f"compare {compare!r}", "is not known", f"Choose one of {', '.join(_COMPARED)}"
        )


def _cut_at_neighbours(
    series: pd.DataFrame, date: KeyDate, others: Sequence[KeyDate | str]
) -> pd.DataFrame:
    """Periods between the key dates next to this one."""
    grid = read_grid(series)
    inside = np.ones(len(series), dtype=bool)
    known = [KeyDate.parse(other) if isinstance(other, str) else other for other in others]
    for change, other in ((c, o) for o in known for c in read_changes([o], grid)):
        if other.date_start < date.date_start:
            inside &= change.is_after(grid)
        elif other.date_start > date.date_start:
            inside &= change.is_before(grid)
    return series[inside]


def _placebo_dates(
    usable: pd.DataFrame, min_bins: int, max_dates: int
) -> list[tuple[int, int, pd.Timestamp]]:
    """Periods before and after, and first day, of evenly thinned placebo dates."""
    n = len(usable)
    places = np.arange(min_bins, n - min_bins + 1)
    if len(places) > max_dates:
        places = places[np.unique(np.linspace(0, len(places) - 1, max_dates).round().astype(int))]
    return [(int(i), n - int(i), usable["period_start"].iloc[int(i)]) for i in places]


def _contrast(fit: Solution, term: str) -> Vector:
    """Weight of each period's count in an effect, times the count's standard deviation.

    The effect of a log-linear model moves by row ``term`` of (X'WX)^-1 X' times (y - mean).
    """
    values = fit.plan.design.values
    mean = np.exp(values @ fit.core.coefficients + fit.outcome.offset)[fit.is_fitted]
    columns = values[fit.is_fitted]
    information = columns.T @ (columns * mean[:, None])
    row = np.linalg.solve(information, columns.T)[fit.terms["term"].index(term)]
    weights = np.zeros(len(fit.is_fitted))
    weights[fit.is_fitted] = row * np.sqrt(mean)
    return np.asarray(weights / np.linalg.norm(weights))


def _count_independent(contrasts: list[Vector]) -> float:
    """How many independent effects the placebo effects are worth."""
    if not contrasts:
        return 0.0
    table = np.vstack(contrasts)
    return float(len(table) ** 2 / ((table @ table.T) ** 2).sum())


def _find_p_value(ratio: float, own: Vector, contrasts: list[Vector]) -> float:
    """Chance that a statistic exceeds ``ratio`` times the root mean square of the placebos'.

    ``own`` (m,) and each of ``contrasts`` (a first part of m) are weights of the same counts, of
    length 1.
    """
    table = np.zeros((len(contrasts) + 1, len(own)))
    table[0] = own
    for row, contrast in zip(table[1:], contrasts, strict=True):
        row[: len(contrast)] = contrast
    root = np.asarray(np.linalg.qr(table.T, mode="r"))
    weights = np.r_[1.0, np.full(len(contrasts), -(ratio**2) / len(contrasts))]
    return find_chance_positive(np.linalg.eigvalsh((root * weights) @ root.T))


def _mark(placebos: pd.DataFrame, truth: dict[str, Any], column: str) -> pd.DataFrame:
    """Add what is missing, and which placebo effects are at least as large as the true one."""
    placebos = placebos.reindex(columns=[*dict.fromkeys([*names(PLACEBOS), *truth])])
    placebos["reason"] = placebos["reason"].fillna("")
    placebos["is_exceeding"] = placebos[column].abs() >= abs(truth[column])
    return placebos


def _summarise(
    placebos: pd.DataFrame,
    truth: dict[str, Any],
    date: KeyDate,
    n_independent: float,
    own: Vector,
    contrasts: list[Vector],
) -> pd.DataFrame:
    fitted = placebos[placebos["reason"] == ""]
    n, n_exceeding = len(fitted), int(fitted["is_exceeding"].sum())
    scale = float(np.sqrt((fitted["statistic"] ** 2).mean())) if n else np.nan
    reason = ""
    if not n:
        reason = "the time before has no room for placebo dates"
    elif n < _FEWEST_DATES or n_independent < _FEWEST_INDEPENDENT:
        reason = f"{n} placebo dates, worth {n_independent:.1f} independent ones, give no p value"
    elif scale < _NO_VARIATION:
        reason = "the time before does not vary"
    row = {
        "key_date": date.label,
        "ratio": truth["ratio"],
        "statistic": truth["statistic"],
        "n_placebos": n,
        "n_refused": len(placebos) - n,
        "n_independent": n_independent,
        "rank": n_exceeding + 1,
        "share_exceeding": n_exceeding / n if n else np.nan,
        "share_flagged": (fitted["p_value"] < _LEVEL).mean() if n else np.nan,
        "placebo_scale": scale,
        "p_value": np.nan if reason else _find_p_value(truth["statistic"] / scale, own, contrasts),
        "reason": reason,
    }
    return pd.DataFrame([row])[names(PLACEBO_SUMMARY)]
