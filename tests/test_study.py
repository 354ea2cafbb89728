"""One series studied whole; what is refused is empty and says why."""

import numpy as np
import pandas as pd

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
