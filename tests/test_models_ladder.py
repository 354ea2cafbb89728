"""Short series, close dates, exact rates, degenerate series."""

import numpy as np
import pandas as pd
import pytest

from analytics.errors import ModelError, ParameterError, SeriesError
from analytics.models import compare_rates, find_detectable_ratio, fit_segmented
from analytics.models.ladder import find_confused_dates
from analytics.models.timing import read_changes, read_grid

pytestmark = pytest.mark.filterwarnings("error")


def months(n_before, n_after, mean=20.0, seed=1):
    """Months around 2018-01-01, Poisson."""
    start = pd.Timestamp("2018-01-01") - pd.DateOffset(months=n_before)
    days = pd.date_range(start, periods=n_before + n_after, freq="MS")
    counts = np.random.default_rng(seed).poisson(mean, len(days)).astype(float)
    return pd.DataFrame({"period_start": days, "period_days": days.days_in_month, "count": counts})


DATE = "2018-01-01"


def codes(fit):
    return [note.code for note in fit.notes]


# -- exact rates ----------------------------------------------------------------------------------


def test_two_rates_agree_with_r():
    # poisson.test(c(60, 30), c(51477.5, 54308.7)) in R 4.2
    exact = compare_rates(60, 51477.5, 30, 54308.7)
    assert exact.ratio == pytest.approx(2.10999757175465, rel=1e-14)
    assert exact.p_value == pytest.approx(0.000675182658686, rel=1e-11)
    assert [exact.ci_lower, exact.ci_upper] == pytest.approx([1.339735722, 3.388365574], rel=1e-9)


def test_two_rates_without_an_incident_on_one_side():
    assert compare_rates(5, 10, 0, 10).ratio is None
    assert compare_rates(5, 10, 0, 10).ci_upper is None
    assert compare_rates(5, 10, 0, 10).ci_lower == pytest.approx(
        1 / compare_rates(0, 10, 5, 10).ci_upper
    )


def test_two_rates_refuse_what_is_none():
    with pytest.raises(ModelError, match="0 incidents: on either side give no ratio"):
        compare_rates(0, 1, 0, 1)
    with pytest.raises(ParameterError, match="exposure 0: is not possible"):
        compare_rates(1, 0, 1, 1)


def test_detectable_ratio_by_hand():
    # 1.959964 + .841621 = 2.801585 standard errors
    assert np.log(find_detectable_ratio(0.2)) == pytest.approx(0.5603170, rel=1e-6)


# -- ladder ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("n_before", "n_after", "rung", "terms"),
    [
        (12, 12, "segmented", ["intercept", "trend", "level", "slope", "sin1", "cos1"]),
        (12, 11, "step", ["intercept", "trend", "level", "sin1", "cos1"]),
        (8, 30, "step", ["intercept", "trend", "level"]),
        (30, 7, "two-rate", ["intercept", "level"]),
        (3, 3, "two-rate", ["intercept", "level"]),
    ],
)
def test_length_decides_what_is_fitted(n_before, n_after, rung, terms):
    fit = fit_segmented(months(n_before, n_after), [DATE])
    assert fit.statistics["rung"] == rung
    assert [term.split("[")[0] for term in fit.terms["term"]] == terms


def test_two_periods_on_a_side_are_refused():
    with pytest.raises(ModelError) as caught:
        fit_segmented(months(12, 2), [DATE])
    assert str(caught.value) == (
        "key date 2018-01-01: has 2 usable periods on its shorter side, and 3 are needed. "
        "Describe the counts without a model, widen the window or take shorter periods."
    )


def test_two_rates_take_the_wider_interval():
    series = months(5, 5)
    row = fit_segmented(series, [DATE]).terms.iloc[1]
    before, after = series.iloc[:5].sum(numeric_only=True), series.iloc[5:].sum(numeric_only=True)
    exact = compare_rates(
        after["count"], after["period_days"], before["count"], before["period_days"]
    )
    assert row["ratio"] == pytest.approx(exact.ratio)
    assert row["ci_lower"] <= exact.ci_lower
    assert row["ci_upper"] >= exact.ci_upper
    assert row["p_value"] >= exact.p_value
    bursts = series.assign(count=[1, 60, 2, 50, 3, 40, 1, 1, 30, 2])
    wide = fit_segmented(bursts, [DATE]).terms.iloc[1]
    assert wide["p_value"] > compare_rates(74, 151, 116, 153).p_value


def test_what_was_asked_for_is_obeyed_and_marked():
    fit = fit_segmented(months(9, 9), [DATE], effects="level+slope")
    assert fit.statistics["effects"] == "level+slope"
    assert "level+slope at 2018-01-01 as asked, on 9 periods on its shorter side" in map(
        str, fit.notes
    )


def test_too_many_coefficients_are_refused():
    with pytest.raises(ModelError, match="6 periods to fit: are too few for 8 coefficients"):
        fit_segmented(months(3, 3), [DATE], effects="level+slope", harmonics=2)


# -- dates that cannot be told apart --------------------------------------------------------------


def weeks(seed=1):
    days = pd.date_range("2015-01-05", "2019-12-23", freq="W-MON")
    counts = np.random.default_rng(seed).poisson(20, len(days))
    return pd.DataFrame({"period_start": days, "count": counts})


CLOSE = ["2017-10-16", "2017-12-09"]  # a Monday and a Saturday, 54 days apart


def test_months_cannot_tell_two_dates_of_one_autumn_apart():
    fit = fit_segmented(months(36, 36), CLOSE)
    assert [change.label for change in fit.changes] == ["2017-10-16+2017-12-09"]
    assert fit.terms["term"].str.startswith("level").sum() == 1
    assert "joint_effect" in codes(fit)
    # October, with the first date inside, to December, with the second, are not fitted.
    assert (~fit.points["is_fitted"]).sum() == 3
    with pytest.raises(ModelError, match=r"cannot be told apart \(periods between them 1\)"):
        fit_segmented(months(36, 36), CLOSE, on_gate="refuse")


def test_close_dates_can_be_marked_instead():
    fit = fit_segmented(weeks(), ["2017-10-16", "2017-11-06"], effects="level", on_gate="mark")
    assert len(fit.changes) == 2
    assert "2017-10-16 and 2017-11-06 can hardly be told apart (periods between them 3)" in map(
        str, fit.notes
    )


def test_joint_effect_has_the_effects_of_both():
    effects = {"2017-10-16": "level", "2017-12-09": "slope"}
    fit = fit_segmented(months(36, 36), CLOSE, effects=effects)
    label = "2017-10-16+2017-12-09"
    assert {f"level[{label}]", f"slope[{label}]"} < set(fit.terms["term"])


def test_asking_for_effects_does_not_open_the_gate():
    fit = fit_segmented(months(36, 36), CLOSE, effects="level")
    assert fit.terms["term"].tolist()[2] == "level[2017-10-16+2017-12-09]"


def test_weeks_can_tell_their_steps_but_not_their_slopes():
    fit = fit_segmented(weeks(), CLOSE)
    assert fit.statistics["effects"] == "level"
    assert len(fit.changes) == 2
    assert "trend" in set(fit.terms["term"])
    slopes = fit_segmented(weeks(), CLOSE, effects="level+slope")
    assert "not_separable" in codes(slopes)
    joint = fit_segmented(weeks(), CLOSE, effects="level+slope", on_gate="joint")
    assert len(joint.changes) == 1


def test_dates_a_year_apart_pass_the_gate():
    fit = fit_segmented(weeks(), ["2016-05-02", "2017-05-01", "2018-05-07"])
    assert len(fit.changes) == 3
    assert fit.notes[0].code == "exposure_equal"
    assert len(fit.notes) == 1


def test_inflation_by_another_date_is_noticed():
    series = weeks()
    grid = read_grid(series)
    changes = read_changes(["2017-10-16", "2018-01-01"], grid)
    names = ["intercept", *(f"level[{change.label}]" for change in changes)]
    one, two = (change.share_after(grid) for change in changes)
    columns = np.column_stack([np.ones_like(one), one, two])
    assert find_confused_dates(changes, names, columns, np.ones_like(one)) is None
    almost = np.column_stack([np.ones_like(one), one, one + 0.2 * two])
    at, note = find_confused_dates(changes, names, almost, np.ones_like(one))
    assert at == 0
    assert note.values["reason"] in ("correlation of their levels", "variance inflation")


# -- degenerate series ----------------------------------------------------------------------------


def with_counts(rule):
    series = months(24, 24)
    return series.assign(count=rule(series["period_start"], series["count"]))


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        (lambda day, _: day.dt.year * 0.0, "0 incidents in the series: give no rate to compare"),
        (
            lambda day, count: count.where(day < DATE, 0),
            "0 incidents in the periods after 2018-01-01: give no regression; by the exact test "
            "the rate ratio is at most 0.0",
        ),
        (
            lambda day, count: count.where(day >= DATE, 0),
            "0 incidents in the periods before 2018-01-01: give no regression; by the exact test "
            "the rate ratio is at least",
        ),
        (
            lambda day, count: count.where((day < DATE) | (day == DATE), 0),
            "runs off to a rate of zero",
        ),
        (
            lambda day, count: count.where(day != "2018-05-01", 1e6),
            "period 2018-05-01: holds 1e+06 of the 1.0009",
        ),
        (lambda day, count: count.where(day < "2000-01-01"), "0 usable periods of 48"),
    ],
)
def test_degenerate_series_are_refused_in_words(rule, message):
    with pytest.raises(ModelError) as caught:
        fit_segmented(with_counts(rule), [DATE])
    assert message in str(caught.value)
    assert "nan" not in str(caught.value)


def test_one_period_is_no_series():
    with pytest.raises(SeriesError, match="1 period: is not a series"):
        fit_segmented(months(1, 0), [DATE])


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        (lambda day, _: day.dt.year * 0.0 + 7, None),
        (lambda day, _: day.dt.days_in_month * 2.0, "no_variation"),
        (lambda day, count: count.where(day != "2018-05-01", 900), "one_period_dominates"),
        (lambda day, count: (count > 24) * 1.0, "sparse_counts"),
        (lambda day, count: count.where(day < DATE, day.dt.month == 4), "few_after"),
    ],
)
def test_odd_series_are_fitted_and_marked(rule, code):
    fit = fit_segmented(with_counts(rule), [DATE])
    shown = fit.terms.drop(columns=["term", "se_used", "detectable_ratio"])
    assert np.isfinite(shown.to_numpy(float)).all()
    assert code is None or code in codes(fit)


def test_constant_linear_series_are_refused():
    with pytest.raises(ModelError, match="7 in every period: does not vary"):
        fit_segmented(months(12, 12).assign(count=7), [DATE], family="gaussian")
    line = months(12, 12).assign(count=np.arange(24.0))
    with pytest.raises(ModelError, match="fits every period exactly"):
        fit_segmented(line, [DATE], family="gaussian", harmonics=0)


def test_strong_correlation_is_said():
    rng = np.random.default_rng(5)
    walk = np.exp(np.cumsum(rng.normal(0, 0.25, 132)))
    series = months(66, 66).assign(count=rng.poisson(30 * walk / walk.mean()))
    assert "interval_too_narrow" in codes(fit_segmented(series, [DATE]))


def test_negbin_falls_back_where_counts_are_not_overdispersed():
    rng = np.random.default_rng(2)
    series = months(30, 30).assign(count=rng.binomial(40, 0.5, 60))
    fit = fit_segmented(series, [DATE], family="negbin")
    assert fit.statistics["family"] == "quasipoisson"
    assert "negbin_fell_back" in codes(fit)
    assert fit.statistics["alpha"] is None


def test_two_rates_of_quadrillions_are_compared_and_not_searched_for_ever():
    n = 10**15
    alike, apart = (compare_rates(n + more, 24, n, 24).p_value for more in (0, 10**9))
    assert alike == 1
    assert apart < 1e-9


def test_the_normal_law_of_large_counts_is_that_of_the_exact_test():
    # Either side of the border: the first by scipy's exact test, the second not.
    exact = compare_rates(499_990_000, 1, 500_000_000, 1).p_value
    normal = compare_rates(500_000_001, 1, 500_010_001, 1).p_value
    assert exact == pytest.approx(normal, rel=1e-3)
