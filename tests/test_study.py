"""One series studied whole; what is refused is empty and says why."""

import numpy as np
import pandas as pd
import pytest

from analytics.schema import BREAKS, NAIVE, POINTS, TERMS, names
from analytics.study import study_key_dates


def weekly(counts, start="2015-01-05"):  # a Monday
    starts = pd.date_range(start, periods=len(counts), freq="7D")
    return pd.DataFrame({"period_start": starts, "period_days": 7, "count": counts})


def test_a_planted_step_is_found_by_every_part():
    rng = np.random.default_rng(3)
    counts = np.concatenate([rng.poisson(20, 100), rng.poisson(8, 60)])
    series = weekly(counts)
    day = series["period_start"].iloc[100]
    study = study_key_dates(series, [f"{day:%Y-%m-%d}"])
    level = study.terms.set_index("term").loc[f"level[{day:%Y-%m-%d}]"]
    assert level["ci_lower"] < 0.4 < level["ci_upper"]
    assert abs(study.distances["distance_days"].iloc[0]) <= 14
    assert study.placebo_summary["rank"].iloc[0] == 1
    assert study.points["cumulative_excess"].iloc[-1] < 0
    assert study.refusals == {}


def test_what_cannot_be_answered_is_empty_with_its_reason():
    study = study_key_dates(weekly([0] * 30), ["2015-04-06"])
    assert {"fit", "placebos"} <= set(study.refusals)
    assert all(study.refusals.values())
    for frame, table in ((study.terms, TERMS), (study.points, POINTS), (study.breaks, BREAKS)):
        assert frame.empty
        assert list(frame.columns) == names(table)
    assert list(study.naive.columns) == names(NAIVE)
    assert study.statistics == {}


@pytest.mark.parametrize(
    "counts",
    [
        [0] * 60,
        [7] * 60,
        [5] * 30 + [0] * 30,
        [0] * 30 + [5] * 30,
        [0] * 59 + [1],
        [3] * 40 + [10**6] + [3] * 19,
        [4, np.nan] * 30,
        [np.nan] * 60,
        [6],
    ],
    ids=[
        "zeros",
        "constant",
        "none after",
        "none before",
        "one",
        "spike",
        "gaps",
        "blind",
        "short",
    ],
)
@pytest.mark.parametrize("day", ["2015-08-03", "2031-01-01"])
def test_degenerate_series_are_refused_or_marked(counts, day):
    study = study_key_dates(weekly(counts), [day])
    assert study.refusals or not study.terms.empty
    for name in ("ratio", "ci_lower", "ci_upper", "std_error"):
        assert np.isfinite(study.terms[name].astype(float)).all()
    assert not any("nan" in text or " inf" in text for text in study.refusals.values())
    assert repr(study).startswith("Study of one series")


def test_excess_ends_at_the_horizon_and_damping_is_beside_it():
    rng = np.random.default_rng(5)
    study = study_key_dates(
        weekly(rng.poisson(12, 120)), ["2015-09-28"], sections=["fit", "excess"]
    )
    assert study.excess["version"].tolist() == ["carried", "damped"]
    assert study.excess["is_capped"].all()
    assert (study.excess["n_periods"] == 38).all()  # as many weeks as lie before the date
    gap = study.excess["count"] - study.excess["expected"] - study.excess["excess"]
    assert gap.to_numpy() == pytest.approx([0, 0], abs=1e-6)
    assert study.naive.empty
