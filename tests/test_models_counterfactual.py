"""Counterfactual and excess: arithmetic, bounds and coverage."""

import numpy as np
import pandas as pd
import pytest

from analytics.errors import ModelError, ParameterError
from analytics.models import fit_segmented, project_counterfactual
from analytics.schema import POINTS, names

DATE = "2018-01-01"


def months(n_before=36, n_after=24, seed=1, effect=0.5):
    start = pd.Timestamp(DATE) - pd.DateOffset(months=n_before)
    days = pd.date_range(start, periods=n_before + n_after, freq="MS")
    mean = 1.5 * days.days_in_month.to_numpy() * np.where(days < DATE, 1, effect)
    counts = np.random.default_rng(seed).negative_binomial(mean, 0.5)
    return pd.DataFrame(
        {"period_start": days, "period_days": days.days_in_month, "count": counts.astype(float)}
    )


def test_excess_is_count_minus_counterfactual_and_adds_up():
    points = project_counterfactual(fit_segmented(months(), [DATE])).points
    assert list(points) == names(POINTS)
    after = points[points["period_start"] >= DATE]
    assert points.loc[points["period_start"] < DATE, "counterfactual"].isna().all()
    assert (after["excess"] == after["count"] - after["counterfactual"]).all()
    assert after["cumulative_excess"].to_numpy() == pytest.approx(after["excess"].cumsum())
    for name in ("counterfactual", "excess", "cumulative_excess"):
        assert (after[f"{name}_lower"] < after[name]).all()
        assert (after[name] < after[f"{name}_upper"]).all()


def test_counterfactual_is_the_fit_without_its_effects():
    fit = fit_segmented(months(), [DATE], effects="level")
    points = project_counterfactual(fit).points
    after = points[points["period_start"] >= DATE]
    ratio = fit.terms.set_index("term").loc[f"level[{DATE}]", "ratio"]
    assert (after["fitted"] / after["counterfactual"]).to_numpy() == pytest.approx(
        np.full(24, ratio)
    )


def test_counterfactual_of_the_first_date_drops_later_ones_too():
    later = "2019-01-01"
    fit = fit_segmented(months(), [DATE, later], effects="level")
    ratios = fit.terms.set_index("term")["ratio"]
    both = project_counterfactual(fit).points.iloc[-1]
    second = project_counterfactual(fit, key_date=later).points
    assert both["fitted"] / both["counterfactual"] == pytest.approx(
        ratios[f"level[{DATE}]"] * ratios[f"level[{later}]"]
    )
    assert second["counterfactual"].first_valid_index() == 48
    assert second.iloc[-1]["fitted"] / second.iloc[-1]["counterfactual"] == pytest.approx(
        ratios[f"level[{later}]"]
    )


def test_same_seed_same_bounds_and_the_fit_is_unchanged():
    fit = fit_segmented(months(), [DATE])
    one, two = project_counterfactual(fit).points, project_counterfactual(fit).points
    pd.testing.assert_frame_equal(one, two)
    assert fit.points["counterfactual"].isna().all()
    other = project_counterfactual(fit, seed=1).points
    assert not other["excess_lower"].equals(one["excess_lower"])


def test_mixed_and_incomplete_periods_have_no_excess():
    series = months().assign(is_complete=True)
    series.loc[59, "is_complete"] = False
    points = project_counterfactual(fit_segmented(series, ["2018-01-16"])).points
    assert points["counterfactual"].notna().sum() == 24
    assert points.index[points["excess"].notna()].tolist() == list(range(37, 59))


def test_damped_trend_follows_then_flattens():
    series = months(n_after=72, effect=1)
    years = np.arange(len(series)) / 12
    rate = series["period_days"] * np.exp(1 - 0.5 * years)
    fit = fit_segmented(series.assign(count=rate.round()), [DATE], effects="level", harmonics=0)
    plain = project_counterfactual(fit).points
    damped = project_counterfactual(fit, is_damped=True).points
    trend = fit.terms.set_index("term").loc["trend", "estimate"]
    last = len(series) - 1
    # Pre-period 3 years, so the slope halves every 1.5 years; 5 11/12 years are elapsed.
    slowed = 1.5 / np.log(2) * (1 - 2 ** (-(5 + 11 / 12) / 1.5))
    gap = np.log(damped.loc[last, "counterfactual"] / plain.loc[last, "counterfactual"])
    assert gap == pytest.approx(trend * (slowed - (5 + 11 / 12)))
    assert damped.loc[36, "counterfactual"] == pytest.approx(plain.loc[36, "counterfactual"])


def test_horizon_is_the_length_of_the_series_before():
    fit = project_counterfactual(fit_segmented(months(n_before=14, n_after=24), [DATE]))
    # 14 months before; 24 after: the last ten start 14 months after the date or later.
    assert fit.points["is_beyond_horizon"].sum() == 10
    assert str(fit.notes[-1]).startswith("10 periods lie further after 2018-01-01 than")


def test_gaussian_and_negbin_have_bounds_too():
    for family in ("gaussian", "negbin"):
        fit = project_counterfactual(fit_segmented(months(), [DATE], family=family))
        assert fit.statistics["family"] == family
        assert fit.points["excess_lower"].iloc[36:].notna().all()


def test_correlated_residuals_widen_the_cumulative_interval():
    fit = fit_segmented(months(), [DATE], effects="level")
    widths = []
    for correlation in (0.0, 0.5):
        fit.statistics["lag1_correlation"] = correlation
        last = project_counterfactual(fit, n_draws=4000).points.iloc[-1]
        widths.append(last["cumulative_excess_upper"] - last["cumulative_excess_lower"])
    assert widths[1] > 1.1 * widths[0]


def test_refusals():
    with pytest.raises(ModelError, match="has no key date to go without"):
        project_counterfactual(fit_segmented(months()))
    with pytest.raises(ParameterError, match="Choose one of 2018-01-01"):
        project_counterfactual(fit_segmented(months(), [DATE]), key_date="2018-02-01")


@pytest.mark.slow
@pytest.mark.parametrize("dispersion", [1.2, 3.0])
def test_prediction_interval_covers_what_would_have_happened(dispersion):
    inside, inside_total = [], []
    for seed in range(200):
        rng = np.random.default_rng(seed)
        series = months(seed=seed, effect=1)
        mean = series["period_days"].to_numpy() * 0.8
        counts = rng.negative_binomial(mean / (dispersion - 1), 1 / dispersion)
        fit = fit_segmented(series.assign(count=counts), [DATE])
        after = project_counterfactual(fit, n_draws=1000).points.iloc[36:]
        is_inside = after["count"].between(
            after["counterfactual_lower"], after["counterfactual_upper"]
        )
        inside.append(is_inside.mean())
        last = after.iloc[-1]
        inside_total.append(last["cumulative_excess_lower"] <= 0 <= last["cumulative_excess_upper"])
    assert 0.92 <= np.mean(inside) <= 0.98
    assert 0.91 <= np.mean(inside_total) <= 0.985
