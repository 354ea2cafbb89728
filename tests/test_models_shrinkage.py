"""Many places: corrections by hand, conjugate posteriors, planted differences."""

import numpy as np
import pandas as pd
import pytest
from scipy import integrate, stats

from analytics.errors import ModelError, ParameterError
from analytics.models.by_place import fit_places
from analytics.models.shrinkage import shrink_rates, shrink_ratios
from analytics.schema import PLACES, SHRUNKEN_RATES, SHRUNKEN_RATIOS, names


def weekly(place, counts, start="2016-10-17"):  # a Monday, 52 weeks before 16 October 2017
    starts = pd.date_range(start, periods=len(counts), freq="7D")
    return pd.DataFrame(
        {"governorate": place, "period_start": starts, "period_days": 7, "count": counts}
    )


def places(ratios, *, mean=8.0, seed=0):
    """Build 52 weeks before and after 16 October 2017 of each place, with its planted ratio."""
    rng = np.random.default_rng(seed)
    parts = [
        weekly(f"P{i}", rng.poisson(np.repeat([mean, mean * ratio], 52)))
        for i, ratio in enumerate(ratios)
    ]
    return pd.concat(parts, ignore_index=True)


def test_rates_are_conjugate_posteriors_averaged_over_the_prior():
    counts = pd.Series({"a": 40.0, "b": 9.0, "c": 2.0, "d": 0.0})
    exposure = pd.Series({"a": 100.0, "b": 30.0, "c": 20.0, "d": 10.0})
    found = shrink_rates(counts, exposure).set_index("place")
    assert [*found.reset_index().columns] == names(SHRUNKEN_RATES)

    # Second computation: integrate over log mean and variation, negative binomial likelihood.
    def likelihood(log_mean, variation):
        shape, mean = variation**-2.0, np.exp(log_mean)
        chance = shape / (shape + mean * exposure.to_numpy())
        return np.exp(stats.nbinom.logpmf(counts, shape, chance).sum() + 10)

    def posterior_mean(place):
        def weighted(log_mean, variation):
            shape, mean = variation**-2.0, np.exp(log_mean)
            own = (shape + counts[place]) / (shape / mean + exposure[place])
            return own * likelihood(log_mean, variation)

        bounds = (0.05, 3.0, -5.0, 2.5)
        options = {"epsabs": 0, "epsrel": 1e-4}
        top = integrate.dblquad(weighted, *bounds, **options)[0]
        return top / integrate.dblquad(likelihood, *bounds, **options)[0]

    for place in "ad":
        assert found.loc[place, "pooled_rate"] == pytest.approx(posterior_mean(place), rel=0.02)
    assert found.loc["a", "own_weight"] > found.loc["d", "own_weight"]
    assert found.loc["d", "rate"] == 0 < found.loc["d", "pooled_rate"] < 0.4


def test_ratios_are_normal_posteriors_averaged_over_the_spread():
    estimates, errors = np.array([-0.9, -0.4, -0.1, 0.8]), np.array([0.2, 0.3, 0.25, 0.9])
    found = shrink_ratios(pd.Series(estimates), pd.Series(errors))
    assert [*found.columns] == names(SHRUNKEN_RATIOS)

    def moments(spread):
        total = 1 / (errors**2 + spread**2)
        mean = np.average(estimates, weights=total)
        scale = np.sqrt(errors**2 + spread**2)
        fit = stats.norm.pdf(estimates, mean, scale).prod() / np.sqrt(total.sum())
        own = spread**2 / (errors**2 + spread**2)
        return fit, own * estimates + (1 - own) * mean

    def integral(function):
        return integrate.quad(function, 0, np.log(10), limit=200)[0]

    evidence = integral(lambda spread: moments(spread)[0])
    for i in range(4):
        expected = integral(lambda s, i=i: moments(s)[0] * moments(s)[1][i]) / evidence
        assert np.log(found["pooled_ratio"][i]) == pytest.approx(expected, abs=2e-3)


def test_equal_places_are_pooled_and_different_ones_are_left_apart():
    errors = pd.Series([0.1] * 10)
    alike = shrink_ratios(pd.Series([-0.5 + 0.01 * i for i in range(10)]), errors)
    apart = shrink_ratios(pd.Series([-2.0 + 0.4 * i for i in range(10)]), errors)
    assert alike["own_weight"].max() < 0.2
    assert apart["own_weight"].min() > 0.95


def test_place_without_estimate_gets_what_the_others_predict():
    estimates = pd.Series({"a": -0.5, "b": -0.7, "c": -0.6, "d": np.nan})
    found = shrink_ratios(estimates, pd.Series({"a": 0.1, "b": 0.1, "c": 0.1, "d": np.nan}))
    last = found.iloc[-1]
    assert np.isnan(last["ratio"])
    assert last["own_weight"] == 0
    assert last["pooled_ratio"] == pytest.approx(last["common_ratio"])
    assert last["pooled_lower"] < found["pooled_lower"].iloc[:3].min()


def test_dispersion_weakens_own_counts():
    counts, exposure = pd.Series([30.0, 10.0, 20.0]), pd.Series([10.0, 10.0, 10.0])
    plain, bursty = (shrink_rates(counts, exposure, dispersion=d) for d in (1, 4))
    assert (bursty["own_weight"] < plain["own_weight"]).all()
    width = [(f["pooled_upper"] - f["pooled_lower"]).mean() for f in (plain, bursty)]
    assert width[1] > 1.3 * width[0]


def test_corrections_by_hand():
    found = fit_places(places([1, 1, 0.7, 0.4]), "2017-10-16", effects="level")
    assert [*found.columns] == names(PLACES)
    p = found["p_value"].to_numpy()
    order = np.argsort(p)
    holm = np.maximum.accumulate(np.minimum(p[order] * [4, 3, 2, 1], 1))
    bh = np.minimum.accumulate((p[order] * 4 / [1, 2, 3, 4])[::-1])[::-1]
    assert found["p_holm"].to_numpy()[order] == pytest.approx(holm)
    assert found["p_bh"].to_numpy()[order] == pytest.approx(np.minimum(bh, 1))
    assert found["place"].tolist() == ["P0", "P1", "P2", "P3"]


def test_planted_change_is_found_and_places_add_up():
    series = places([0.5] * 6, seed=1)
    found = fit_places(series, "2017-10-16", effects="level", harmonics=0)
    assert found["count_before"].sum() + found["count_after"].sum() == series["count"].sum()
    assert ((found["ci_lower"] < 0.5) & (found["ci_upper"] > 0.5)).sum() >= 5
    assert found["pooled_ratio"].to_numpy() == pytest.approx(0.5, rel=0.2)
    raw, pooled = found["ratio"].std(), found["pooled_ratio"].std()
    assert pooled < raw


def test_place_that_cannot_be_fitted_stays_with_its_reason():
    quiet = weekly("Q", [0] * 104)
    ended = weekly("E", [1] * 52 + [0] * 52)
    found = fit_places(pd.concat([places([0.5] * 3), quiet, ended]), "2017-10-16")
    by_place = found.set_index("place")
    assert "0 incidents in the series" in by_place.loc["Q", "reason"]
    assert "0 incidents in the periods after 2017-10-16" in by_place.loc["E", "reason"]
    assert by_place.loc["E", ["count_before", "count_after"]].tolist() == [52, 0]
    fitted = found[found["reason"] == ""]
    assert len(fitted) == 3
    assert not fitted.isna().any(axis=None)
    assert found.loc[found["reason"] != "", "ratio"].isna().all()
    assert found["pooled_ratio"].notna().all()
    assert (found["pooled_reason"] == "").all()


def test_two_places_are_too_few_to_pool():
    found = fit_places(places([1, 0.5]), "2017-10-16")
    assert found["pooled_ratio"].isna().all()
    assert set(found["pooled_reason"]) == {
        "2 places with an estimate are too few to learn how places differ; 3 are needed"
    }


@pytest.mark.parametrize(
    ("counts", "exposure", "options", "error", "message"),
    [
        ([1, 2], [1, 1], {}, ModelError, "2 places with an estimate: are too few"),
        ([0, 0, 0], [1, 1, 1], {}, ModelError, "0 incidents in all places: give no rate"),
        ([1, 2, -1], [1, 1, 1], {}, ParameterError, "counts: are not all finite"),
        ([1, 2, 3], [1, 1, 0], {}, ParameterError, "exposure or dispersion: is not above 0"),
        ([1, 2, 3], [1, 1, 1], {"dispersion": 0}, ParameterError, "exposure or dispersion"),
        ([1, 2, 3], [1, 1, 1], {"conf_level": 95}, ParameterError, "confidence level 95"),
    ],
)
def test_refusals(counts, exposure, options, error, message):
    with pytest.raises(error, match=message):
        shrink_rates(pd.Series(counts), pd.Series(exposure), **options)


def test_missing_column_is_named():
    with pytest.raises(ParameterError, match="column 'zone': is not in the series"):
        fit_places(places([1]), "2017-10-16", by="zone")


@pytest.mark.slow
@pytest.mark.parametrize("spread", [0.0, 0.3, 0.8])
def test_pooled_ratios_cover_the_planted_ones(spread):
    rng = np.random.default_rng(7)
    inside = []
    for _ in range(150):
        truth = rng.normal(-0.5, spread, 19)
        errors = np.exp(rng.normal(-1, 0.6, 19))
        raw = rng.normal(truth, errors)
        found = shrink_ratios(pd.Series(raw), pd.Series(errors))
        lower, upper = np.log(found["pooled_lower"]), np.log(found["pooled_upper"])
        inside.append((lower <= truth) & (truth <= upper))
    assert np.mean(inside) >= 0.93


@pytest.mark.slow
@pytest.mark.parametrize("variation", [0.3, 1.0, 2.0])
def test_pooled_rates_cover_the_planted_ones_and_err_less(variation):
    rng = np.random.default_rng(8)
    inside, squares = [], np.zeros(2)
    for _ in range(50):
        truth = rng.gamma(variation**-2, variation**2 * 0.02, 19)
        days = 365.0 * rng.uniform(0.3, 1, 19)
        counts = rng.poisson(truth * days).astype(float)
        found = shrink_rates(pd.Series(counts), pd.Series(days))
        inside.append((found["pooled_lower"] <= truth) & (truth <= found["pooled_upper"]))
        squares += [((found[column] - truth) ** 2).sum() for column in ("pooled_rate", "rate")]
    assert np.mean(inside) >= 0.93
    assert squares[0] < squares[1]
