"""Placebo dates: the right ones, fitted as alone, ranked by hand, calibrated over seeds."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analytics.errors import ModelError, ParameterError, WindowError
from analytics.models import fit_segmented
from analytics.models.placebo import _find_p_value, run_placebos
from analytics.schema import PLACEBO_SUMMARY, PLACEBOS, names

START = "2016-01-04"  # a Monday


def weekly(means, seed=0, *, noise=0.0):
    rng = np.random.default_rng(seed)
    means = np.asarray(means, float) * np.exp(noise * rng.normal(size=len(means)))
    starts = pd.date_range(START, periods=len(means), freq="7D")
    return pd.DataFrame({"period_start": starts, "period_days": 7, "count": rng.poisson(means)})


def date_of(week):
    return f"{pd.Timestamp(START) + pd.Timedelta(weeks=week):%Y-%m-%d}"


@pytest.fixture(scope="module")
def halved():
    return run_placebos(weekly([20] * 60 + [10] * 40), date_of(60), effects="level")


def test_dates_leave_eight_periods_on_either_side(halved):
    placebos = halved.placebos
    assert [*placebos.columns] == names(PLACEBOS)
    assert [*halved.summary.columns] == names(PLACEBO_SUMMARY)
    assert placebos["n_before"].min() == placebos["n_after"].min() == 8
    assert (placebos["n_before"] + placebos["n_after"] == 60).all()
    assert len(placebos) == 40  # 45 there are, thinned to 40
    weeks = (placebos["placebo_date"] - pd.Timestamp(START)).dt.days / 7
    assert (weeks == placebos["n_before"]).all()


def test_each_placebo_is_the_fit_on_the_time_before(halved):
    before = weekly([20] * 60 + [10] * 40).iloc[:60]
    for row in halved.placebos.iloc[[0, 17, 39]].itertuples():
        label = f"{row.placebo_date:%Y-%m-%d}"
        alone = fit_segmented(before, [label], effects="level", harmonics=1)
        level = alone.terms.set_index("term").loc[f"level[{label}]"]
        assert (row.ratio, row.statistic) == pytest.approx((level["ratio"], level["statistic"]))


def test_rank_and_scale_by_hand(halved):
    row, t = halved.summary.iloc[0], halved.placebos["statistic"]
    exceeding = t.abs() >= abs(row["statistic"])
    assert row["rank"] == exceeding.sum() + 1 == 1
    assert row["share_flagged"] == (halved.placebos["p_value"] < 0.05).mean()
    scale = np.sqrt((t**2).mean())
    assert row["placebo_scale"] == pytest.approx(scale)
    ratio = abs(row["statistic"]) / scale
    assert 2 * stats.norm.sf(ratio) < row["p_value"] < 2 * stats.t.sf(ratio, row["n_independent"])
    assert row["ratio"] == pytest.approx(0.5, rel=0.3)


@pytest.mark.slow
def test_independent_dates_are_those_whose_mean_square_varies_as_much():
    # Second computation: over many series without change, the mean square of N independent
    # squared normals has variance 2/N.
    squares, worth = [], []
    for seed in range(100):
        found = run_placebos(
            weekly([30] * 80, seed), date_of(60), effects="level", harmonics=0, errors="model"
        )
        squares.append((found.placebos["statistic"] ** 2).mean())
        worth.append(found.summary["n_independent"][0])
    assert np.std(worth) < 0.1
    assert 2 / np.var(squares) == pytest.approx(np.mean(worth), rel=0.4)


def test_p_value_is_the_share_of_drawn_statistics():
    # Second computation: normal statistics with the correlations of overlapping weights, drawn.
    rng = np.random.default_rng(11)
    table = np.cumsum(rng.standard_normal((13, 40)), axis=1)
    table /= np.linalg.norm(table, axis=1, keepdims=True)
    drawn = rng.standard_normal((200_000, 40)) @ table.T
    ratios = np.abs(drawn[:, 0]) / np.sqrt((drawn[:, 1:] ** 2).mean(axis=1))
    for ratio in (0.4, 1.0, 2.5):
        share = (ratios >= ratio).mean()
        assert _find_p_value(ratio, table[0], list(table[1:])) == pytest.approx(share, abs=0.004)


def test_restless_series_makes_the_same_change_ordinary():
    calm = run_placebos(weekly([20] * 80 + [13] * 40, seed=3), date_of(80))
    waves = 20 * np.exp(0.8 * np.sin(np.arange(120) / 6))
    restless = run_placebos(
        weekly(waves * np.repeat([1, 0.65], [80, 40]), seed=3), date_of(80), errors="quasi"
    )
    assert restless.summary["placebo_scale"][0] > 2 * calm.summary["placebo_scale"][0]
    assert restless.summary["share_flagged"][0] > 0.5
    assert restless.summary["p_value"][0] > 0.3


def test_model_of_the_key_date_is_the_model_of_the_placebos():
    # Ten periods after the date: the ladder gives a step only, at every placebo date too.
    series = weekly([20] * 70 + [8] * 10)
    found = run_placebos(series, date_of(70))
    label = f"{found.placebos['placebo_date'].iloc[20]:%Y-%m-%d}"
    step = fit_segmented(series.iloc[:70], [label], effects="level", harmonics=1)
    assert found.placebos["ratio"].iloc[20] == pytest.approx(
        step.terms.set_index("term").loc[f"level[{label}]", "ratio"]
    )


def test_other_key_dates_end_the_stretch():
    means = [40] * 30 + [20] * 60 + [10] * 40 + [80] * 20
    others = [date_of(30), date_of(130)]
    found = run_placebos(weekly(means), date_of(90), others=others, effects="level")
    assert found.placebos["placebo_date"].min() == pd.Timestamp(date_of(38))
    assert (found.placebos["n_before"] + found.placebos["n_after"]).unique().tolist() == [60]
    assert found.summary["ratio"][0] == pytest.approx(0.5, rel=0.3)


def test_incomplete_periods_do_not_count_among_the_eight():
    series = weekly([20] * 60 + [10] * 40).assign(is_complete=True)
    series.loc[3, "is_complete"] = False
    found = run_placebos(series, date_of(60), effects="level")
    assert found.placebos["placebo_date"].min() == pd.Timestamp(date_of(9))
    assert found.placebos["n_before"].min() == 8


@pytest.mark.parametrize(
    ("n_before", "reason"),
    [
        (14, "the time before has no room for placebo dates"),
        (18, "3 placebo dates, worth 2.0 independent ones, give no p value"),
        (22, "7 placebo dates, worth "),
    ],
)
def test_few_placebo_dates_give_no_p_value(n_before, reason):
    found = run_placebos(weekly([20] * n_before + [10] * 30), date_of(n_before), effects="level")
    row = found.summary.iloc[0]
    assert row["reason"].startswith(reason)
    assert np.isnan(row["p_value"])
    assert [note.code for note in found.notes] == ["few_placebos"]
    assert str(found.notes[0]).startswith(f"{row['n_placebos']} placebo dates are worth ")
    assert [*found.placebos.columns] == names(PLACEBOS)


def test_refused_placebo_stays_with_its_reason():
    series = weekly([0] * 20 + [20] * 40 + [10] * 40)
    found = run_placebos(series, date_of(60), effects="level", max_dates=99)
    refused = found.placebos[found.placebos["reason"] != ""]
    assert refused["n_before"].tolist() == [*range(8, 21)]
    assert refused["reason"].str.contains("0 incidents in the periods before").all()
    assert not refused["is_exceeding"].any()
    assert found.summary["n_refused"][0] == len(refused)
    assert found.summary["n_placebos"][0] == len(found.placebos) - len(refused)


def test_constant_series_gives_a_reason_and_no_division_by_zero():
    series = weekly([1] * 100).assign(count=5)
    row = run_placebos(series, date_of(60), effects="level", harmonics=0).summary.iloc[0]
    assert row["reason"] == "the time before does not vary"
    assert np.isnan(row["p_value"])


@pytest.mark.parametrize(
    ("series", "date", "options", "error", "message"),
    [
        (weekly([5] * 60), date_of(40), {"min_bins": 2}, ParameterError, "min_bins 2: is below 3"),
        (weekly([5] * 60), date_of(40), {"max_dates": 0}, ParameterError, "max_dates 0"),
        (weekly([5] * 60), date_of(40), {"compare": "p"}, ParameterError, "compare 'p': is not"),
        (weekly([5] * 60), date_of(80), {}, WindowError, "has no period after it"),
        (weekly([0] * 60), date_of(40), {}, ModelError, "0 incidents in the series"),
        (weekly([5] * 60), date_of(55), {"effect": "slope"}, ModelError, "no slope in the model"),
    ],
)
def test_refusals(series, date, options, error, message):
    with pytest.raises(error, match=message):
        run_placebos(series, date, **options)


@pytest.mark.slow
@pytest.mark.parametrize("noise", [0.0, 0.3])
def test_p_value_is_calibrated(noise):
    """Share of p below .1 over 100 series with trend and season but no change: .1, give or take."""
    time = np.arange(150)
    means = 15 * np.exp(-time / 300 + 0.2 * np.sin(2 * np.pi * time / 52))
    p = [
        run_placebos(weekly(means, seed, noise=noise), date_of(100), max_dates=20).summary[
            "p_value"
        ][0]
        for seed in range(100)
    ]
    assert np.mean(np.less(p, 0.1)) <= 0.1 + 0.06
    assert 0.35 < np.mean(np.less(p, 0.5)) < 0.65
