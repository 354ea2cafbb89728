"""All that is asked of one series at its key dates; what is refused is empty and says why."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import pandas as pd

from analytics.errors import AnalyticsError, ParameterError
from analytics.material import Material
from analytics.models import Note, fit_pooled, fit_segmented
from analytics.models.breaks import find_breaks
from analytics.models.by_place import fit_places
from analytics.models.choices import vary_choices
from analytics.models.comparison import compare_series
from analytics.models.counterfactual import project_counterfactual
from analytics.models.distances import distance_to_key_dates
from analytics.models.excess import sum_excess
from analytics.models.naive import compare_naively
from analytics.models.placebo import run_placebos
from analytics.models.specifications import summarise_choices, summarise_specifications
from analytics.schema import (
    BREAK_DISTANCES,
    BREAK_PATH,
    BREAKS,
    COMPARISON,
    COMPARISON_POINTS,
    EXCESS,
    NAIVE,
    PLACEBO_SUMMARY,
    PLACEBOS,
    PLACES,
    POINTS,
    POOLED,
    PRETREND,
    SPECIFICATION_CHOICES,
    SPECIFICATION_SUMMARY,
    SPECIFICATIONS,
    TERMS,
    Column,
    names,
)

_Answer = TypeVar("_Answer")
_FORMAT = "{:.4g}".format
# Options of a fit that are about the series rather than about one model of it.
_EVERYWHERE = ("exposure", "conf_level")
_OF_RATIOS = ("naive", "placebos", "specifications", "comparison", "places")
_LINEAR = "a linear model gives a difference, not a ratio"

TABLES: dict[str, tuple[str, tuple[Column, ...]]] = {
    "terms": ("fit", TERMS),
    "points": ("fit", POINTS),
    "excess": ("excess", EXCESS),
    "damped": ("excess", POINTS),
    "naive": ("naive", NAIVE),
    "breaks": ("breaks", BREAKS),
    "break_path": ("breaks", BREAK_PATH),
    "distances": ("breaks", BREAK_DISTANCES),
    "placebos": ("placebos", PLACEBOS),
    "placebo_summary": ("placebos", PLACEBO_SUMMARY),
    "comparison": ("comparison", COMPARISON),
    "pretrend": ("comparison", PRETREND),
    "comparison_points": ("comparison", COMPARISON_POINTS),
    "places": ("places", PLACES),
    "pooled": ("pooled", POOLED),
    "specifications": ("specifications", SPECIFICATIONS),
    "specification_summary": ("specifications", SPECIFICATION_SUMMARY),
    "specification_choices": ("specifications", SPECIFICATION_CHOICES),
}
"""Table of a `Study` to the section that fills it and its declared columns."""
SECTIONS: tuple[str, ...] = tuple(dict.fromkeys(section for section, _ in TABLES.values()))


@dataclass(frozen=True)
class Study:
    """What the models say of one series at its key dates; every table is declared in `TABLES`.

    Attributes
    ----------
    terms, points, statistics
        The fit, with the counterfactual of the first key date in its points.
    excess, damped
        Excess after each key date up to the horizon; points of the damped version.
    naive, breaks, break_path, distances, placebos, placebo_summary
        At every key date.
    comparison, pretrend, comparison_points, places, specifications (and its summaries)
        At the first key date.
    pooled
        Terms pooled over draws of interval dates, and of the rule for duplicates.
    notes : tuple of Note
        What the models say of themselves.
    refusals : dict
        Section to the reason why it, or a part of it, is not given.
    """

    terms: pd.DataFrame
    points: pd.DataFrame
    statistics: dict[str, Any]
    excess: pd.DataFrame
    damped: pd.DataFrame
    naive: pd.DataFrame
    breaks: pd.DataFrame
    break_path: pd.DataFrame
    distances: pd.DataFrame
    placebos: pd.DataFrame
    placebo_summary: pd.DataFrame
    comparison: pd.DataFrame
    pretrend: pd.DataFrame
    comparison_points: pd.DataFrame
    places: pd.DataFrame
    pooled: pd.DataFrame
    specifications: pd.DataFrame
    specification_summary: pd.DataFrame
    specification_choices: pd.DataFrame
    notes: tuple[Note, ...]
    refusals: dict[str, str]

    def __repr__(self) -> str:
        rows = [f"  {name}: {len(table)} rows" for name, table in self._filled()]
        said = [f"  not given, {part}: {reason}" for part, reason in self.refusals.items()]
        head = "Study of one series at its key dates"
        effects = self._effects()
        shown = [] if effects.empty else [effects.to_string(index=False, float_format=_FORMAT)]
        return "\n".join([head, *shown, *rows, *said, *(f"  {note}" for note in self.notes)])

    def _repr_html_(self) -> str:
        effects = self._effects().to_html(index=False, border=0, float_format=_FORMAT)
        said = [f"not given, {part}: {reason}" for part, reason in self.refusals.items()]
        remarks = [*said, *map(str, self.notes)]
        listed = pd.Series(remarks, dtype=str).to_frame("remarks").to_html(index=False, border=0)
        tables = ", ".join(name for name, _ in self._filled())
        return f"{effects}<p>Tables: {tables}</p>{listed if remarks else ''}"

    def _filled(self) -> list[tuple[str, pd.DataFrame]]:
        found = [(name, getattr(self, name)) for name in TABLES]
        return [(name, table) for name, table in found if len(table)]

    def _effects(self) -> pd.DataFrame:
        columns = ["term", "estimate", "ratio", "ci_lower", "ci_upper", "p_value"]
        return self.terms.loc[self.terms["term"].str.startswith(("level", "slope")), columns]


def study_key_dates(
    series: pd.DataFrame,
    key_dates: Sequence[str],
    *,
    sections: Sequence[str] = SECTIONS,
    material: Material | None = None,
    **options: Any,
) -> Study:
    """Return everything that is asked of one series at its key dates.

    Each section stands by itself: one that is refused is empty, and ``refusals`` says why.

    Parameters
    ----------
    series : DataFrame
        One group's series (`analytics.schema.SERIES`).
    key_dates : sequence of str
        Labels of days or intervals; the first is the one the report is about.
    sections : sequence of str
        Of `SECTIONS`: fit, excess, naive, breaks, placebos, comparison, places, pooled,
        specifications. What needs more than the one series is left out without ``material``.
    material : Material, optional
        From `analytics.material.gather_material`.
    **options
        Of `analytics.models.fit_segmented`.

    Raises
    ------
    ParameterError
        No key date, or a section that is not known.

    Examples
    --------
    >>> months = pd.DataFrame({"period_start": pd.date_range("2016-01-01", periods=48, freq="MS")})
    >>> months["count"] = [20, 25, 18, 22] * 6 + [9, 12, 8, 11] * 6
    >>> study = study_key_dates(months, ["2018-01-01"], sections=["fit", "breaks"])
    >>> study.distances[["key_date", "distance_days"]]
         key_date  distance_days
    0  2018-01-01              0
    """
    if not key_dates:
        raise ParameterError("key dates", "are not given", "Give one or more, as 2017-10-16")
    for name in set(sections) - set(SECTIONS):
        known = ", ".join(SECTIONS)
        raise ParameterError(f"section {name!r}", "is not known", f"Choose of {known}")
    refusals: dict[str, str] = {}
    found: dict[str, Any] = {}
    notes: list[Note] = []

    def ask(
        part: str, question: Callable[..., _Answer], *given: Any, **chosen: Any
    ) -> _Answer | None:
        if part not in sections:
            return None
        try:
            answer = question(*given, **chosen)
        except AnalyticsError as refusal:
            refusals.setdefault(part, str(refusal))
            return None
        notes.extend(note for note in getattr(answer, "notes", ()) if note not in notes)
        return answer

    is_linear = options.get("family") == "gaussian"
    everywhere = {name: options[name] for name in _EVERYWHERE if name in options}
    fit = ask("fit", fit_segmented, series, key_dates, **options)
    if fit is not None:
        projected = ask("excess", project_counterfactual, fit) or fit
        found |= {"terms": fit.terms, "points": projected.points, "statistics": fit.statistics}
        summed = ask("excess", sum_excess, fit)
        if summed is not None:
            found["excess"], found["damped"] = summed
    family = "gaussian" if is_linear else "poisson"
    broken = ask("breaks", find_breaks, series, family=family, **everywhere)
    if broken is not None:
        found |= {"breaks": broken.breaks, "break_path": broken.path}
        found["distances"] = distance_to_key_dates(broken.breaks, key_dates)
    if is_linear:
        refusals |= {part: _LINEAR for part in sections if part in _OF_RATIOS}
    else:
        _ask_counts(series, key_dates, material, options, everywhere, ask, found)
        if material is not None:
            _ask_material(material, key_dates, options, everywhere, ask, found)
            refusals |= {part: why for part, why in material.missing.items() if part in sections}
    tables = {
        name: found.pop(name, pd.DataFrame(columns=names(table)))
        for name, (_, table) in TABLES.items()
    }
    return Study(
        **tables, statistics=found.get("statistics", {}), notes=tuple(notes), refusals=refusals
    )


def _ask_counts(
    series: pd.DataFrame,
    key_dates: Sequence[str],
    material: Material | None,
    options: dict[str, Any],
    everywhere: dict[str, Any],
    ask: Callable[..., Any],
    found: dict[str, Any],
) -> None:
    """What is asked of ratios of counts, and has no answer in a linear model."""
    for key_date in key_dates:
        others = [other for other in key_dates if other != key_date]
        _add(found, "naive", ask("naive", compare_naively, series, key_date, **everywhere))
        effects = options.get("effects")
        alike = {"effects": effects[key_date]} if isinstance(effects, Mapping) else {}
        placed = ask("placebos", run_placebos, series, key_date, others=others, **options | alike)
        if placed is not None:
            _add(found, "placebos", placed.placebos)
            _add(found, "placebo_summary", placed.summary)
    variants = material.variants if material else None
    curve = ask("specifications", vary_choices, series, key_dates, variants=variants, **options)
    if curve is not None:
        found["specifications"] = curve
        found["specification_summary"] = summarise_specifications(curve)
        found["specification_choices"] = summarise_choices(curve)


def _ask_material(
    material: Material,
    key_dates: Sequence[str],
    options: dict[str, Any],
    everywhere: dict[str, Any],
    ask: Callable[..., Any],
    found: dict[str, Any],
) -> None:
    """What needs more than one series."""
    first, *others = key_dates
    exposed, comparison, places = material.exposed, material.comparison, material.places
    if exposed is not None and comparison is not None:
        compared = ask("comparison", compare_series, exposed, comparison, first, **everywhere)
        if compared is not None:
            found |= {"comparison": compared.effects, "pretrend": compared.pretrend}
            found["comparison_points"] = compared.points
    if places is not None:
        by = str(places.columns[0])
        fitted = ask("places", fit_places, places, first, by=by, others=others, **options)
        if fitted is not None:
            found["places"] = fitted
    for drawn, draws in material.draws.items():
        pooled = ask("pooled", fit_pooled, draws, key_dates, **options)
        if pooled is not None:
            terms = pooled.terms.assign(drawn_share=pooled.statistics["dates_share"])
            terms.insert(0, "drawn", drawn)
            _add(found, "pooled", terms)


def _add(found: dict[str, Any], table: str, more: pd.DataFrame | None) -> None:
    """Put rows under those that are there."""
    if more is None or more.empty:
        return
    before = [found[table]] if table in found else []
    found[table] = pd.concat([*before, more], ignore_index=True)
