"""The specification curve: every combination once, each as a fit of its own would give it."""

import numpy as np
import pandas as pd
import pytest

from analytics.errors import ModelError, ParameterError, SeriesError
from analytics.models import fit_segmented
from analytics.models.specifications import (
    run_specifications,
    summarise_choices,
    summarise_specifications,
)
from analytics.periods import Window
from analytics.schema import (
    SPECIFICATION_CHOICES,
    SPECIFICATION_SUMMARY,
    SPECIFICATIONS,
    names,
)

DATE = "2017-10-16"
WINDOWS = [None, Window("2017-01-04", "2018-10-14")]


def weekly(n=150, ratio=0.4, seed=0, start="2016-05-02"):  # a Monday, 76 weeks before the date
    starts = pd.date_range(start, periods=n, freq="7D")
    rng = np.random.default_rng(seed)
    means = np.where(starts < DATE, 20.0, 20.0 * ratio)
    return pd.DataFrame({"period_start": starts, "period_days": 7, "count": rng.poisson(means)})


def test_every_combination_is_there_once_in_the_order_of_the_grid():
    grid = {"rule": ["spread", "start"], "family": ["quasipoisson", "negbin"], "harmonics": [0, 1]}
    series = {"spread": weekly(), "start": weekly(seed=1)}
    curve = run_specifications(series, DATE, grid, effects="level")
    assert [*curve.columns] == [
        *names(SPECIFICATIONS),
        "choice_rule",
        "choice_family",
        "choice_harmonics",
    ]
    assert curve["specification"].tolist() == [*range(1, 9)]
    assert curve["is_reference"].tolist() == [True] + [False] * 7
    assert curve["label"][0] == "spread, quasipoisson, 0"
    assert not curve[["choice_rule", "choice_family", "choice_harmonics"]].duplicated().any()
    for row in curve.itertuples():
        alone = fit_segmented(
            series[row.choice_rule],
            [DATE],
            effects="level",
            family=row.choice_family,
            harmonics=int(row.choice_harmonics),
        ).terms.set_index("term")
        level = alone.loc[f"level[{DATE}]"]
        found = [row.ratio, row.ci_lower, row.ci_upper, row.p_value]
        assert found == level[["ratio", "ci_lower", "ci_upper", "p_value"]].tolist()


def test_series_is_made_once_for_each_of_its_own_choices():
    asked = []

    def make(interval, rule):
        asked.append((interval, rule))
        return weekly()

    grid = {"interval": ["week", "other"], "family": ["quasipoisson", "poisson"], "rule": [1, 2]}
    assert len(run_specifications(make, DATE, grid)) == 8
    assert asked == [("week", 1), ("week", 2), ("other", 1), ("other", 2)]


def test_mapping_takes_tuples_for_several_choices():
    table = {(unit, rule): weekly(seed=rule) for unit in "ab" for rule in (1, 2)}
    curve = run_specifications(table, DATE, {"unit": ["a", "b"], "rule": [1, 2]})
    assert curve["ratio"].nunique() == 2
    with pytest.raises(ParameterError, match=r"series a, 3: is not in the mapping"):
        run_specifications(table, DATE, {"unit": ["a"], "rule": [3]})


def test_window_keeps_whole_periods():
    curve = run_specifications({(): weekly()}, DATE, {"window": WINDOWS})
    # From Monday 9 January 2017 to Sunday 14 October 2018 are 92 weeks.
    assert curve["n_fitted"].tolist() == [150, 92]
    assert curve["choice_window"].tolist() == ["auto", "2017-01-04/2018-10-14"]


def test_refused_fits_are_rows_with_their_reason():
    def make(place):
        if place == "closed":
            raise ModelError("place closed", "has no data", "Open it")
        return weekly(ratio=0.0) if place == "ended" else weekly()

    grid = {"place": ["open", "closed", "ended"], "family": ["quasipoisson", "gaussian"]}
    curve = run_specifications(make, DATE, grid)
    reasons = curve.set_index("label")["reason"]
    assert reasons["open, quasipoisson"] == ""
    assert reasons["open, gaussian"] == "a linear model gives a difference, not a ratio"
    assert reasons["closed, quasipoisson"] == "place closed: has no data"
    assert reasons["ended, quasipoisson"].startswith("0 incidents in the periods after 2017-10-16")
    refused = curve[curve["reason"] != ""]
    assert refused["ratio"].isna().all()
    assert (refused["sign"] == "").all()
    assert not curve[curve["reason"] == ""].isna().any(axis=None)


def test_summary_by_hand():
    curve = pd.DataFrame(
        {
            "is_reference": [True, False, False, False, False],
            "ratio": [0.5, 0.8, 1.2, 2.0, np.nan],
            "sign": ["fall", "unclear", "unclear", "rise", ""],
            "reason": ["", "", "", "", "refused"],
            "choice_unit": ["week", "week", "week", "month", "month"],
        }
    )
    summary = summarise_specifications(curve)
    assert [*summary.columns] == names(SPECIFICATION_SUMMARY)
    assert summary.iloc[0].to_dict() == {
        "n_specifications": 5,
        "n_refused": 1,
        "reference_ratio": 0.5,
        "median_ratio": 1.0,
        "smallest_ratio": 0.5,
        "largest_ratio": 2.0,
        "share_fall": 0.25,
        "share_rise": 0.25,
        "share_unclear": 0.5,
        "share_below_one": 0.5,
        "reason": "",
    }
    choices = summarise_choices(curve)
    assert [*choices.columns] == names(SPECIFICATION_CHOICES)
    assert choices["option"].tolist() == ["week", "month"]
    assert choices["median_ratio"].tolist() == [0.8, 2.0]
    assert choices["n_refused"].tolist() == [0, 1]


@pytest.mark.parametrize(
    ("reasons", "expected"),
    [
        (["x", "x"], "no specification could be fitted"),
        (["x", ""], "the reference specification was refused"),
    ],
)
def test_summary_says_what_is_missing(reasons, expected):
    curve = pd.DataFrame(
        {"is_reference": [True, False], "ratio": [np.nan, 0.5], "sign": ["", "fall"]}
    ).assign(reason=reasons, choice_a=["1", "2"])
    assert summarise_specifications(curve)["reason"].tolist() == [expected]
    assert summarise_choices(curve)["reason"][0] == "none of these could be fitted"


def test_planted_change_is_seen_by_every_specification():
    grid = {
        "family": ["quasipoisson", "negbin"],
        "effects": ["level", "level+slope"],
        "harmonics": [0, 1],
        "window": [None, Window("2017-01-02", "2018-08-01")],
    }
    summary = summarise_specifications(run_specifications({(): weekly()}, DATE, grid)).iloc[0]
    assert summary["n_refused"] == 0
    assert summary["share_fall"] == 1
    assert summary["median_ratio"] == pytest.approx(0.4, rel=0.2)


@pytest.mark.parametrize(
    ("grid", "message"),
    [
        ({}, "the grid: is none at all"),
        ({"family": []}, "choice 'family': has no list of options"),
        ({"family": "negbin"}, "choice 'family': has no list of options"),
        ({"a": range(100), "b": range(100)}, "10000 specifications: is not between 1 and 5000"),
    ],
)
def test_a_grid_that_is_none(grid, message):
    with pytest.raises(ParameterError, match=message):
        run_specifications({(): weekly()}, DATE, grid)


def test_frame_that_is_no_series_is_a_reason_too():
    curve = run_specifications(
        {1: weekly(), 2: weekly().iloc[::-1]}, DATE, {"order": [1, 2], "window": WINDOWS}
    )
    assert curve["reason"].str.contains("does not come after").tolist() == [False] * 2 + [True] * 2
    with pytest.raises(SeriesError):
        fit_segmented(weekly().iloc[::-1], [DATE])
