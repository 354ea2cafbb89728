"""Break points: published segmentations, brute force over all cuts, planted changes."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from analytics.errors import ModelError, ParameterError, SeriesError
from analytics.models.breaks import find_breaks
from analytics.models.distances import distance_to_key_dates
from analytics.schema import BREAK_DISTANCES, BREAK_PATH, BREAKS, names


def weekly(counts, start="2013-01-07"):  # a Monday
    starts = pd.date_range(start, periods=len(counts), freq="7D")
    return pd.DataFrame({"period_start": starts, "period_days": 7, "count": counts})


def bursty(means, dispersion, seed):
    """Independent negative binomial counts with variance dispersion * mean."""
    rng = np.random.default_rng(seed)
    means = np.asarray(means, float)
    if dispersion == 1:
        return rng.poisson(means)
    return rng.poisson(rng.gamma(means / (dispersion - 1), dispersion - 1))


@pytest.fixture(scope="module")
def nile():
    flow = sm.datasets.nile.load_pandas().data
    starts = pd.to_datetime(flow["year"].astype(int).astype(str) + "-01-01")
    return pd.DataFrame({"period_start": starts, "count": flow["volume"]})


def test_nile_breaks_once_after_1898(nile):
    found = find_breaks(nile, family="gaussian")
    assert found.breaks["date"].dt.year.tolist() == [1899]
    assert found.breaks["n_before"].tolist() == [28]
    assert found.path["deviance"].round().tolist()[:2] == [2835157, 1597457]
    assert found.path.loc[found.path["is_chosen"], "n_breaks"].tolist() == [1]


def test_nile_path_as_published_for_segments_of_fifteen(nile):
    # R's strucchange: breakpoints(Nile ~ 1), whose BIC also counts the variance as a parameter.
    path = find_breaks(nile, family="gaussian", min_segment=15).path
    rss = path["deviance"].to_numpy()
    assert rss.round().tolist() == [2835157, 1597457, 1552924, 1538097, 1507888, 1659994]
    assert path["dates"][2] == "1899-01-01; 1954-01-01"  # after observations 28 and 83
    bic = 100 * (np.log(2 * np.pi * rss / 100) + 1) + (path["n_parameters"] + 1) * np.log(100)
    assert bic.round().tolist()[:3] == [1318, 1270, 1276]
    # Ours is counted from "no break", and from the best so far where more breaks were refused.
    np.testing.assert_allclose(path["bic_change"], bic - bic[0])


@pytest.mark.parametrize("with_trend", [False, True])
def test_search_finds_what_trying_all_cuts_finds(with_trend):
    counts = bursty([6] * 9 + [2] * 8 + [5] * 7, 1, seed=1)
    days = np.array([7] * 20 + [3] * 4)
    series = weekly(counts).assign(period_days=days)
    path = find_breaks(series, max_breaks=2, min_segment=4, with_trend=with_trend).path

    def deviance(cuts):
        total = 0.0
        for start, end in zip((0, *cuts), (*cuts, len(counts)), strict=True):
            columns = np.ones((end - start, 1))
            if with_trend:
                columns = np.column_stack([columns, np.arange(end - start)])
            family, y = sm.families.Poisson(), counts[start:end]
            fit = sm.GLM(y, columns, family, offset=np.log(days[start:end])).fit(tol=1e-12)
            total += fit.deviance
        return total

    for m in (0, 1, 2):
        cuts = [
            c
            for c in combinations(range(4, 21), m)
            if all(b - a >= 4 for a, b in zip((0, *c), (*c, 24), strict=True))
        ]
        best = min(cuts, key=deviance)
        assert path["deviance"][m] == pytest.approx(deviance(best), rel=1e-6)
        assert path["dates"][m] == "; ".join(f"{series['period_start'][i]:%Y-%m-%d}" for i in best)


def test_planted_changes_are_found_with_their_rates():
    means = [70] * 40 + [35] * 50 + [14] * 40
    found = find_breaks(weekly(bursty(means, 1.5, seed=2)))
    truth = pd.date_range("2013-01-07", periods=130, freq="7D")[[40, 90]]
    assert len(found.breaks) == 2
    assert ((found.breaks["date_lower"] <= truth) & (truth <= found.breaks["date_upper"])).all()
    assert found.breaks["rate_before"].to_numpy() == pytest.approx([10, 5], rel=0.1)
    assert found.breaks["ratio"].to_numpy() == pytest.approx([0.5, 0.4], rel=0.15)
    assert found.breaks["n_after"].tolist()[0] == found.breaks["n_before"].tolist()[1]


def test_months_of_unequal_length_are_no_change():
    starts = pd.date_range("2015-01-01", periods=48, freq="MS")
    days = starts.days_in_month
    months = pd.DataFrame({"period_start": starts, "period_days": days, "count": 10 * days})
    found = find_breaks(months)
    assert found.breaks.empty
    assert found.path["deviance"].max() == pytest.approx(0, abs=1e-6)


def test_steady_decline_is_steps_without_trend_and_nothing_with_it():
    means = 60 * np.exp(-np.arange(100) / 60)
    series = weekly(bursty(means, 1, seed=3))
    assert len(find_breaks(series).breaks) >= 2
    assert find_breaks(series, with_trend=True).breaks.empty


def test_trend_rates_are_those_on_either_side_of_the_break():
    time = np.arange(120)
    means = np.exp(np.log(50) - time / 100) * np.where(time < 60, 1, 0.4)
    found = find_breaks(weekly(bursty(means, 1, seed=4)), with_trend=True).breaks
    assert len(found) == 1
    assert found["rate_before"][0] * 7 == pytest.approx(means[59], rel=0.2)
    assert found["rate_after"][0] * 7 == pytest.approx(means[60], rel=0.2)


def test_interval_starts_in_the_gap_where_the_change_may_hide():
    counts = np.r_[np.full(30, 70.0), np.full(10, np.nan), np.full(30, 14.0)]
    found = find_breaks(weekly(counts))
    starts = weekly(counts)["period_start"]
    row = found.breaks.iloc[0]
    assert (row["date_lower"], row["date"]) == (starts[30], starts[40])
    assert [note.code for note in found.notes] == ["uncovered_periods"]


def test_zero_before_gives_a_reason_in_place_of_a_ratio():
    found = find_breaks(weekly([0] * 20 + [9] * 20)).breaks
    assert np.isnan(found["ratio"][0])
    assert found["reason"][0] == "no ratio: the rate before is not above zero"
    after = find_breaks(weekly([9] * 20 + [0] * 20)).breaks
    assert (after["ratio"][0], after["reason"][0]) == (0.0, "")


@pytest.mark.parametrize("counts", [[0] * 24, [5] * 24, [3] * 12 + [10**6] + [3] * 11])
def test_no_incident_a_constant_and_a_spike_are_no_change(counts):
    found = find_breaks(weekly(counts))
    assert found.breaks.empty
    assert list(found.breaks.columns) == names(BREAKS)
    assert not found.path.isna().any(axis=None)
    assert ("no_incidents" in [note.code for note in found.notes]) == (sum(counts) == 0)


def test_columns_are_the_declared_ones_and_the_series_is_left_alone():
    series = weekly([9] * 20 + [3] * 20)
    before = series.copy()
    found = find_breaks(series)
    near = distance_to_key_dates(found.breaks, ["2013-05-27"])
    assert list(found.breaks.columns) == names(BREAKS)
    assert list(found.path.columns) == names(BREAK_PATH)
    assert list(near.columns) == names(BREAK_DISTANCES)
    pd.testing.assert_frame_equal(series, before)


@pytest.mark.parametrize(
    ("key_date", "days"),
    [
        ("2013-05-27", 0),
        ("2013-05-20", 7),
        ("2013-06-03", -7),
        ("2013-05-01/2013-05-20", 7),
        ("2013-05-20/2013-06-20", 0),
        ("2013-06-01/2013-06-20", -5),
    ],
)
def test_distance_counts_from_key_date_to_break(key_date, days):
    breaks = find_breaks(weekly([90] * 20 + [30] * 20)).breaks  # breaks on Monday 27 May 2013
    near = distance_to_key_dates(breaks, [key_date])
    assert near["distance_days"].tolist() == [days]
    assert near["is_inside_interval"].tolist() == [days == 0]


def test_no_break_is_said_for_each_key_date():
    near = distance_to_key_dates(find_breaks(weekly([5] * 24)).breaks, ["2013-03-04", "2013-04-01"])
    assert near["reason"].tolist() == ["no change was found"] * 2
    assert near["distance_days"].isna().all()


@pytest.mark.parametrize(
    ("series", "options", "error", "message"),
    [
        (weekly([1] * 11), {}, ModelError, "11 periods: are too few to look for a break: 12"),
        (weekly([1] * 601), {"with_trend": True}, ModelError, "601 periods: are more than the 600"),
        (weekly([1] * 24), {"family": "negbin"}, ParameterError, "family 'negbin': is not known"),
        (weekly([1] * 24), {"min_segment": 1}, ParameterError, "min_segment 1: is below 2"),
        (weekly([1] * 24), {"max_breaks": -1}, ParameterError, "max_breaks -1: is below 0"),
        (weekly([1] * 24), {"conf_level": 95}, ParameterError, "conf_level 95: is not between"),
        (weekly([-1] + [1] * 23), {}, SeriesError, "count -1: is negative"),
        (weekly([1] * 24).assign(period_days=0), {}, SeriesError, "is not positive"),
    ],
)
def test_refusals_say_why(series, options, error, message):
    with pytest.raises(error, match=message):
        find_breaks(series, **options)


def wandering(n, mean, seed, *, rho):
    """Counts with variance twice the mean, their log rate an autoregression."""
    rng = np.random.default_rng(seed)
    spread = np.log1p(1 / mean)
    noise = rng.normal(size=n) * np.sqrt(1 - rho**2)
    noise[0] /= np.sqrt(1 - rho**2)
    state = np.zeros(n)
    for t in range(n):
        state[t] = rho * state[t - 1] * (t > 0) + noise[t]
    return rng.poisson(mean * np.exp(state * np.sqrt(spread) - spread / 2))


@pytest.mark.slow
@pytest.mark.parametrize("n", [24, 132])
def test_false_breaks_stay_rare(n):
    """Rates over 100 seeds; the limit is 6 % (10 % with correlation) and two standard errors."""
    for dispersion in (1, 2, 3):
        false = [
            len(find_breaks(weekly(bursty([8] * n, dispersion, seed))).breaks) > 0
            for seed in range(100)
        ]
        assert np.mean(false) <= 0.06 + 0.05
    false = [
        len(find_breaks(weekly(wandering(n, 8, seed, rho=0.5))).breaks) > 0 for seed in range(100)
    ]
    assert np.mean(false) <= 0.10 + 0.06


@pytest.mark.slow
@pytest.mark.parametrize(("before", "after", "dispersion"), [(8, 4, 1), (8, 4, 2), (1.5, 0.5, 1)])
def test_date_intervals_hold_the_planted_date(before, after, dispersion):
    truth = weekly([0] * 120)["period_start"][60]
    inside = []
    for seed in range(100):
        counts = bursty([before] * 60 + [after] * 60, dispersion, seed)
        found = find_breaks(weekly(counts)).breaks
        if len(found) == 1:
            inside.append(found["date_lower"][0] <= truth <= found["date_upper"][0])
    assert len(inside) > 60
    assert np.mean(inside) >= 0.92
