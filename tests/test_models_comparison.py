"""Exposed against comparison: an equivalent model, planted changes, shared shocks, refusals."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from analytics.errors import ModelError, ParameterError, SeriesError, WindowError
from analytics.models.comparison import compare_series
from analytics.schema import COMPARISON, COMPARISON_POINTS, PRETREND, names

START, N = "2016-10-17", 104  # Mondays; week 52 starts on 16 October 2017
DATE = "2017-10-16"
WEEK = np.arange(N)
IS_AFTER = WEEK >= 52


def weekly(means, seed):
    starts = pd.date_range(START, periods=len(means), freq="7D")
    counts = np.random.default_rng(seed).poisson(means)
    return pd.DataFrame({"period_start": starts, "period_days": 7, "count": counts})


def pair(ratio=0.6, drift=0.0, shock=0.0, seed=0):
    """Build an exposed and a comparison series with a shared shock a week."""
    common = 10 * np.exp(shock * np.random.default_rng(seed + 1000).normal(size=N))
    exposed = common * np.where(IS_AFTER, ratio, 1) * np.exp(drift * WEEK / 52)
    return weekly(exposed, 2 * seed), weekly(1.5 * common, 2 * seed + 1)


def effect(found, model, term="level"):
    rows = found.effects[found.effects["model"] == model].set_index("term")
    return rows.loc[f"{term}[{DATE}]"]


@pytest.mark.parametrize(("model", "has_trend"), [("parallel", False), ("own_trend", True)])
def test_same_as_poisson_regression_with_a_term_for_every_week(model, has_trend):
    exposed, comparison = pair(shock=0.3)
    row = effect(compare_series(exposed, comparison, DATE), model)
    counts = np.r_[exposed["count"], comparison["count"]]
    is_exposed = np.r_[np.ones(N), np.zeros(N)]
    columns = [np.tile(np.eye(N), (2, 1)), is_exposed, is_exposed * np.tile(IS_AFTER, 2)]
    if has_trend:
        columns.append(is_exposed * np.tile(WEEK, 2))
    fit = sm.GLM(counts, np.column_stack(columns), sm.families.Poisson()).fit(tol=1e-12)
    assert row["ratio"] == pytest.approx(np.exp(fit.params[N + 1]), rel=1e-6)
    # Pearson dispersion of the binomial model, the same counts seen as shares.
    share = np.column_stack([np.ones(N), IS_AFTER, *([WEEK] if has_trend else [])])
    binomial = sm.GLM(
        np.column_stack([exposed["count"], comparison["count"]]), share, sm.families.Binomial()
    ).fit(tol=1e-12)
    assert row["dispersion"] == pytest.approx(binomial.pearson_chi2 / binomial.df_resid)


def test_what_both_share_drops_out():
    series = pair()
    tripled = [part.assign(count=part["count"] * np.where(WEEK % 2, 3, 1)) for part in series]
    thrice = [part.assign(count=part["count"] * 3) for part in series]
    estimates = [
        effect(compare_series(*both, DATE), "parallel")["ratio"] for both in (series, thrice)
    ]
    assert estimates[0] == pytest.approx(estimates[1])
    uneven = effect(compare_series(*tripled, DATE), "parallel")
    assert uneven["ci_lower"] < 0.6 < uneven["ci_upper"]


def test_drift_fools_the_parallel_model_and_is_said():
    found = compare_series(*pair(ratio=1.0, drift=1.0, seed=1), DATE)
    assert effect(found, "parallel")["ci_lower"] > 1.5
    own = effect(found, "own_trend")
    assert own["ci_lower"] < 1 < own["ci_upper"]
    drift = found.pretrend.iloc[0]
    assert drift["ci_lower"] < np.e < drift["ci_upper"]
    assert drift["ci_lower"] > 1
    assert "pretrend_differs" in [note.code for note in found.notes]


def test_warning_of_spill_over_is_always_there():
    found = compare_series(*pair(), DATE)
    assert [str(note) for note in found.notes] == [
        "a change that reached the comparison too, or moved there, is not seen here"
    ]


def test_pretrend_is_the_drift_of_the_time_before_alone():
    exposed, comparison = pair(drift=0.5)
    found = compare_series(exposed, comparison, DATE).pretrend.iloc[0]
    after = exposed.assign(count=np.where(IS_AFTER, 99, exposed["count"]))
    again = compare_series(after, comparison, DATE).pretrend.iloc[0]
    pd.testing.assert_series_equal(found, again)
    assert found["n_before"] == 52
    assert found["detectable_ratio"] > 1


def test_slope_of_the_ratio_is_a_year():
    exposed, comparison = (
        weekly(400 * np.exp(-0.8 * np.clip(WEEK - 52, 0, None) / 52), 1),
        weekly(np.full(N, 400.0), 2),
    )
    found = compare_series(exposed, comparison, DATE, effects="level+slope")
    slope = effect(found, "parallel", "slope")
    assert slope["ratio"] == pytest.approx(np.exp(-0.8), rel=0.1)
    assert effect(found, "parallel")["ratio"] == pytest.approx(1, abs=0.05)


def test_exposures_that_differ_are_part_of_the_ratio():
    exposed, comparison = pair()
    halved = comparison.assign(period_days=np.where(IS_AFTER, 3.5, 7.0))
    whole, half = (
        effect(compare_series(exposed, part, DATE), "parallel")["ratio"]
        for part in (comparison, halved)
    )
    assert half == pytest.approx(whole / 2)


def test_points_and_columns():
    exposed, comparison = pair()
    exposed.loc[3, "count"] = comparison.loc[[3, 5], "count"] = 0
    found = compare_series(exposed, comparison, DATE)
    assert [*found.effects.columns] == names(COMPARISON)
    assert [*found.pretrend.columns] == names(PRETREND)
    assert [*found.points.columns] == names(COMPARISON_POINTS)
    assert len(found.points) == N - 1  # week 3 has no incident in either
    empty = found.points[found.points["reason"] != ""]
    assert empty["period_start"].tolist() == [exposed["period_start"][5]]
    assert empty["ratio"].isna().all()
    assert found.points.drop(index=empty.index).notna().all(axis=None)
    assert "empty_pairs" in [note.code for note in found.notes]
    ratio = found.points["ratio"][0]
    assert ratio == pytest.approx(exposed["count"][0] / comparison["count"][0])


def test_week_with_the_date_inside_is_shown_and_not_fitted():
    found = compare_series(*pair(), "2017-10-18")
    left_out = found.points[~found.points["is_fitted"]]
    assert left_out["period_start"].tolist() == [pd.Timestamp("2017-10-16")]
    assert found.effects["n_fitted"].tolist() == [N - 1] * 2


@pytest.mark.parametrize(
    ("exposed", "comparison", "reason"),
    [
        (np.where(IS_AFTER, 0, 5), np.full(N, 5), "0 incidents in the exposed series after"),
        (np.full(N, 5), np.where(IS_AFTER, 5, 0), "0 incidents in the comparison series before"),
    ],
)
def test_side_without_incidents_is_a_reason(exposed, comparison, reason):
    series = weekly(np.ones(N), 0)
    found = compare_series(
        series.assign(count=exposed), series.assign(count=comparison), DATE
    ).effects
    assert found["reason"].str.startswith(reason).all()
    assert found["ratio"].isna().all()


def test_short_time_before_has_no_pretrend_but_a_reason():
    found = compare_series(*pair(), "2016-11-14")
    assert found.pretrend["reason"][0] == "4 periods before the date are too few for a pre-trend"
    assert np.isnan(found.pretrend["ratio"][0])


def months():
    return pd.DataFrame(
        {"period_start": pd.date_range("2016-10-01", periods=24, freq="MS"), "count": 5}
    )


@pytest.mark.parametrize(
    ("comparison", "options", "error", "message"),
    [
        (months(), {}, SeriesError, "the two series: have periods of different length"),
        (
            weekly(np.ones(N), 0).assign(
                period_start=lambda frame: frame["period_start"] + pd.Timedelta(days=1)
            ),
            {},
            ModelError,
            "the two series: have no usable period in common",
        ),
        (weekly(np.ones(N), 0), {"effects": "slope"}, ParameterError, "effects 'slope': is not"),
        (weekly(np.ones(N), 0), {"key_date": "2030-01-01"}, WindowError, "has no period after it"),
    ],
)
def test_refusals(comparison, options, error, message):
    arguments = {"key_date": DATE} | options
    with pytest.raises(error, match=message):
        compare_series(pair()[0], comparison, **arguments)


@pytest.mark.slow
@pytest.mark.parametrize("shock", [0.0, 0.5])
def test_intervals_cover_the_planted_ratio(shock):
    inside = {"parallel": [], "own_trend": []}
    for seed in range(200):
        found = compare_series(*pair(shock=shock, seed=seed), DATE)
        for model, hits in inside.items():
            row = effect(found, model)
            hits.append(row["ci_lower"] <= 0.6 <= row["ci_upper"])
    for hits in inside.values():
        assert 0.91 <= np.mean(hits) <= 0.99
