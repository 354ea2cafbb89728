"""All that is asked of one series at its key dates; what is refused is empty and says why."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import pandas as pd

from analytics.errors import AnalyticsError
from analytics.models import Note, fit_segmented
from analytics.models.breaks import find_breaks
from analytics.models.counterfactual import project_counterfactual
from analytics.models.distances import distance_to_key_dates
from analytics.models.naive import compare_naively
from analytics.models.placebo import run_placebos
from analytics.schema import (
    BREAK_DISTANCES,
    BREAKS,
    NAIVE,
    PLACEBO_SUMMARY,
    PLACEBOS,
    POINTS,
    TERMS,
    Column,
    names,
)

_Answer = TypeVar("_Answer")


@dataclass(frozen=True)
class Study:
    """What the models say of one series at its key dates.

    Attributes
    ----------
    terms, points : DataFrame
        The fit with the counterfactual of the first key date (`analytics.schema.TERMS`,
        `analytics.schema.POINTS`).
    statistics : dict
        `analytics.schema.STATISTICS`; empty where the fit is refused.
    naive : DataFrame
        `analytics.schema.NAIVE` at the first key date.
    breaks, distances : DataFrame
        `analytics.schema.BREAKS` and `analytics.schema.BREAK_DISTANCES`.
    placebos, placebo_summary : DataFrame
        `analytics.schema.PLACEBOS` and `analytics.schema.PLACEBO_SUMMARY` of the first key date.
    notes : tuple of Note
        What the models say of themselves.
    refusals : dict
        Part of the study to the reason why it is not given.
    """

    terms: pd.DataFrame
    points: pd.DataFrame
    statistics: dict[str, Any]
    naive: pd.DataFrame
    breaks: pd.DataFrame
    distances: pd.DataFrame
    placebos: pd.DataFrame
    placebo_summary: pd.DataFrame
    notes: tuple[Note, ...]
    refusals: dict[str, str]


def study_key_dates(series: pd.DataFrame, key_dates: Sequence[str], **options: Any) -> Study:
    """Return the fit, the counterfactual, the naive comparison, breaks and placebos of a series.

    Parameters
    ----------
    series : DataFrame
        One group's series (`analytics.schema.SERIES`).
    key_dates : sequence of str
        Labels of days or intervals; the first is the one the report is about.
    **options
        Of `analytics.models.fit_segmented`.
    """
    refusals: dict[str, str] = {}
    notes: list[Note] = []

    def ask(part: str, question: Callable[[], _Answer]) -> _Answer | None:
        try:
            return question()
        except AnalyticsError as refusal:
            refusals[part] = str(refusal)
            return None

    fit = ask("fit", lambda: fit_segmented(series, key_dates, **options))
    if fit is not None:
        unprojected = fit
        fit = ask("excess", lambda: project_counterfactual(unprojected)) or fit
    found = ask("breaks", lambda: find_breaks(series))
    breaks = None if found is None else found.breaks
    distances = None
    if breaks is not None and len(breaks):
        distances = ask("breaks", lambda: distance_to_key_dates(breaks, key_dates))
    naive = ask("naive", lambda: compare_naively(series, key_dates[0]))
    others = key_dates[1:]
    placebos = ask("placebos", lambda: run_placebos(series, key_dates[0], others=others))
    for answer in (fit, found, placebos):
        notes += [note for note in getattr(answer, "notes", ()) if note not in notes]
    return Study(
        terms=_or_empty(fit.terms if fit else None, TERMS),
        points=_or_empty(fit.points if fit else None, POINTS),
        statistics=fit.statistics if fit else {},
        naive=_or_empty(naive, NAIVE),
        breaks=_or_empty(breaks, BREAKS),
        distances=_or_empty(distances, BREAK_DISTANCES),
        placebos=_or_empty(placebos.placebos if placebos else None, PLACEBOS),
        placebo_summary=_or_empty(placebos.summary if placebos else None, PLACEBO_SUMMARY),
        notes=tuple(notes),
        refusals=refusals,
    )


def _or_empty(frame: pd.DataFrame | None, table: tuple[Column, ...]) -> pd.DataFrame:
    return pd.DataFrame(columns=names(table)) if frame is None else frame
