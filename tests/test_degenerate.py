"""Whatever the series, no number that a sentence uses is missing, and no sentence says "nan"."""

import re

import numpy as np
import pandas as pd
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from analytics.language import Language
from analytics.periods import Window
from analytics.study import TABLES, study_key_dates
from analytics.words import (
    describe_breaks,
    describe_detectable,
    describe_excess,
    describe_level,
    describe_naive,
    describe_notes,
    describe_placebos,
    describe_refusals,
    describe_trend,
    headline_key_date,
)

SECTIONS = ["fit", "excess", "naive", "breaks", "placebos"]
# Columns that are empty where they do not apply, row by row; no sentence is made of them.
EMPTY_BY_NATURE = {"detectable_ratio", "alpha"}
UNSAID = re.compile(r"\b(nan|inf|nat|none|<na>)\b", re.IGNORECASE)

LEVELS = st.sampled_from([0, 0, 1, 3, 40, 1_000_000])
STRETCHES = st.lists(
    st.tuples(LEVELS, st.integers(1, 30), st.sampled_from(["same", "poisson", "gaps", "rising"])),
    min_size=1,
    max_size=4,
)


def make_series(stretches, spikes, seed):
    """Weeks of stretches at a level, some with gaps or a slope, and a few spikes."""
    rng = np.random.default_rng(seed)
    parts = []
    for level, length, kind in stretches:
        part = np.full(length, float(level))
        if kind == "poisson":
            part = rng.poisson(part).astype(float)
        elif kind == "gaps":
            part[rng.random(length) < 0.3] = np.nan
        elif kind == "rising":
            part = np.floor(part * np.linspace(0, 2, length))
        parts.append(part)
    counts = np.concatenate(parts)
    for place, size in spikes:
        counts[place % len(counts)] = size
    weeks = pd.date_range("2015-01-05", periods=len(counts), freq="7D")
    return pd.DataFrame({"period_start": weeks, "period_days": 7, "count": counts})


def numbers_of(study):
    """Every number of the tables with the place it stands at, rows with a reason left out."""
    for name, (_, columns) in TABLES.items():
        table = getattr(study, name)
        if name in ("points", "damped"):
            table = table[table["is_fitted"].astype(bool)][["period_start", "count", "fitted"]]
        if "reason" in table:
            table = table[table["reason"] == ""]
        for column in columns:
            if column.kind in ("number", "integer") and column.name in table:
                values = table[column.name].to_numpy(float, na_value=np.nan)
                if column.name not in EMPTY_BY_NATURE:
                    yield f"{name}.{column.name}", values


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    stretches=STRETCHES,
    spikes=st.lists(
        st.tuples(st.integers(0, 200), st.sampled_from([0.0, 7.0, 1e6, np.nan])), max_size=2
    ),
    places=st.lists(st.integers(0, 120), min_size=1, max_size=3, unique=True),
    effects=st.sampled_from([None, None, "level", "level+slope"]),
    family=st.sampled_from(["quasipoisson", "quasipoisson", "negbin", "gaussian"]),
    seed=st.integers(0, 3),
)
@example(  # slopes a year of 10^60 from four weeks; an interval over more orders than numbers have
    [(40, 8, "same"), (40, 4, "rising")], [], [3, 8], "level+slope", "quasipoisson", 0
)
@example(
    [(40, 14, "gaps"), (1_000_000, 24, "rising"), (0, 7, "poisson")],
    [(69, 1e6)],
    [7, 9, 15],
    None,
    "quasipoisson",
    0,
)
def test_no_number_is_missing_where_a_sentence_is_made(
    stretches, spikes, places, effects, family, seed
):
    series = make_series(stretches, spikes, seed)
    mondays = pd.date_range("2015-01-05", periods=121, freq="7D")
    dates = [f"{mondays[place]:%Y-%m-%d}" for place in places]
    study = study_key_dates(series, dates, sections=SECTIONS, effects=effects, family=family)
    if family != "gaussian":
        for place, values in numbers_of(study):
            assert np.isfinite(values).all(), place
    for refusal in study.refusals.values():
        assert not UNSAID.search(refusal), refusal
    for note in study.notes:
        assert not UNSAID.search(str(note)), str(note)
    if family == "gaussian":
        return
    language = Language("en")
    said = [
        *describe_breaks(study.breaks, study.distances, language=language),
        *describe_placebos(study.placebo_summary, language=language),
        *describe_excess(study.excess, language=language),
        *describe_refusals(study.refusals, language=language),
        *describe_notes(study.notes, language=language),
        *(line for date in dates for line in describe_naive(study.naive, date, language=language)),
    ]
    said += [
        headline_key_date(study.terms, study.distances, study.breaks, d, language=language)
        for d in dates
    ]
    if len(study.terms):
        window = Window("2015-01-05", "2017-12-31")
        said += describe_level(study.terms, interval="week", window=window, language=language)
        said += describe_trend(study.terms, language=language)
        said += describe_detectable(study.terms, language=language)
    for sentence in said:
        assert not UNSAID.search(sentence), sentence
