"""Segmented regression: vectors made with R 4.2 (glm, glm.nb, sandwich::NeweyWest), invariants."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analytics.errors import ParameterError, SeriesError, WindowError
from analytics.models import fit_segmented
from analytics.periods import Window, make_periods, ramadan_share
from analytics.schema import POINTS, STATISTICS, TERMS, names

COUNTS = """30 18 22 39 45 18 28 23 11 15 20 10 18 30 16 20 20 17 12 14 15 17 18 21 24 19 36 37 21
            20 34 17 16 22 15 14 28 36 26 27 26 32 13 12 18 24 17 8"""
DATE = "2017-03-01"  # a Wednesday; period 26, counted from 0


@pytest.fixture
def series():
    """48 months from January 2015; every February is given 28 days, as it was in R."""
    return pd.DataFrame(
        {
            "period_start": pd.date_range("2015-01-01", periods=48, freq="MS"),
            "period_days": [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] * 4,
            "count": [int(count) for count in COUNTS.split()],
        }
    )


def terms_of(fit):
    return fit.terms.set_index("term")


def level(fit, date=DATE):
    return terms_of(fit).loc[f"level[{date}]"]


@pytest.fixture
def weeks():
    """Five years of weeks from Monday 2013-01-07, Poisson with mean 20."""
    periods = make_periods(Window("2013-01-07", "2018-01-07"), "week")
    return periods.assign(count=np.random.default_rng(7).poisson(20, len(periods)))


# -- second computation: R ------------------------------------------------------------------------

R_QUASIPOISSON = {  # estimate, quasi error, NeweyWest(lag=3, prewhite=FALSE, adjust=TRUE)
    "intercept": (-0.238027147653, 0.116436708688, 0.105228779511),
    "trend": (-0.168641279977, 0.101331569521, 0.098653159841),
    f"level[{DATE}]": (0.437757481588, 0.188194421541, 0.155984070726),
    f"slope[{DATE}]": (0.000333735031, 0.158218475672, 0.130571222977),
    "sin1": (0.249771526670, 0.066863829907, 0.046021014155),
    "cos1": (-0.078826318286, 0.066064810942, 0.068194559753),
}
R_NEGBIN = {
    "intercept": (-0.2482440036531, 0.1117504130267),
    f"level[{DATE}]": (0.4243873758827, 0.1775099521094),
    f"slope[{DATE}]": (-0.0132032708321, 0.1500713208671),
}
R_LINEAR = {  # estimate, least squares, NeweyWest(lag=2, prewhite=FALSE, adjust=TRUE)
    "intercept": (24.324301750201, 2.68205995150, 2.71063666739),
    f"level[{DATE}]": (9.938320944754, 4.18764249667, 3.34610704453),
    f"slope[{DATE}]": (-0.533095921524, 3.54162645723, 3.20513769885),
}


def test_quasipoisson_agrees_with_r(series):
    fit = fit_segmented(series, [DATE], effects="level+slope", harmonics=1, hac_lags=3)
    for term, (estimate, quasi, hac) in R_QUASIPOISSON.items():
        row = terms_of(fit).loc[term]
        assert row[["estimate", "se_quasi", "se_hac"]].astype(float).tolist() == pytest.approx(
            [estimate, quasi, hac], rel=1e-8, abs=1e-11
        )
        assert row["std_error"] == max(row["se_quasi"], row["se_hac"], row["se_autocorrelation"])
    assert level(fit)["se_model"] == pytest.approx(0.130460004258, rel=1e-8)
    assert fit.statistics["dispersion"] == pytest.approx(2.0809359598, rel=1e-8)
    assert fit.statistics["deviance"] == pytest.approx(87.8378567406, rel=1e-9)
    assert fit.statistics["log_likelihood"] == pytest.approx(-160.368404282, rel=1e-9)


def test_negbin_agrees_with_r(series):
    fit = fit_segmented(
        series, [DATE], effects="level+slope", harmonics=1, family="negbin", errors="model"
    )
    for term, (estimate, error) in R_NEGBIN.items():
        row = terms_of(fit).loc[term]
        assert [row["estimate"], row["std_error"]] == pytest.approx([estimate, error], rel=1e-5)
    assert 1 / fit.statistics["alpha"] == pytest.approx(25.8346446574, rel=1e-5)
    assert fit.statistics["log_likelihood"] == pytest.approx(-154.615499423, rel=1e-9)


def test_linear_agrees_with_r(series):
    fit = fit_segmented(
        series, [DATE], effects="level+slope", harmonics=1, family="gaussian", hac_lags=2
    )
    for term, (estimate, ordinary, hac) in R_LINEAR.items():
        row = terms_of(fit).loc[term]
        assert row[["estimate", "se_model", "se_hac"]].astype(float).tolist() == pytest.approx(
            [estimate, ordinary, hac], rel=1e-9
        )
    assert fit.terms["ratio"].isna().all()
    assert "exposure_ignored" in [note.code for note in fit.notes]
    assert fit.statistics["log_likelihood"] == pytest.approx(-157.623716421, rel=1e-9)


def test_published_linear_example():
    # Per-capita cigarette sales (packs) in California, 1970-2000; Linden 2015, Stata Journal
    # 15:480-500, prints these Newey-West (lag 1) errors for the tax of 1989.
    sales = """123 121 123.5 124.4 126.7 127.1 128 126.4 126.1 121.9 120.2 118.6 115.4 110.8 104.8
               102.8 99.7 97.5 90.1 82.4 77.8 68.7 67.5 63.4 58.6 56.4 54.5 53.8 52.3 47.2 41.6"""
    years = pd.date_range("1970-01-01", periods=31, freq="YS")
    series = pd.DataFrame({"period_start": years, "count": [float(x) for x in sales.split()]})
    fit = fit_segmented(
        series, ["1989-01-01"], effects="level+slope", family="gaussian", errors="hac", hac_lags=1
    )
    printed = [(-1.779474, 0.3834188), (-20.0581, 4.724395), (-1.494652, 0.4368201)]
    for (_, row), (estimate, error) in zip(fit.terms.iloc[1:].iterrows(), printed, strict=True):
        assert [row["estimate"], row["std_error"]] == pytest.approx([estimate, error], rel=1e-6)


# -- by hand --------------------------------------------------------------------------------------


def test_step_alone_is_the_ratio_of_rates(series):
    fit = fit_segmented(series, [DATE], effects="level", harmonics=0, trend=False)
    before, after = series.iloc[:26].sum(numeric_only=True), series.iloc[26:].sum(numeric_only=True)
    by_hand = (after["count"] / after["period_days"]) / (before["count"] / before["period_days"])
    assert level(fit)["ratio"] == pytest.approx(by_hand)


def test_ten_a_day_are_no_trend_no_season_no_change():
    months = make_periods(Window("2015-01-01", "2018-12-31"), "month")
    fit = fit_segmented(months.assign(count=10 * months["period_days"]), ["2017-01-01"])
    assert fit.terms["ratio"].iloc[1:].to_numpy() == pytest.approx(np.ones(7), abs=1e-9)
    assert "no_variation" in [note.code for note in fit.notes]
    assert np.isfinite(fit.terms["p_value"]).all()


def test_planted_step_and_slope_are_found_exactly():
    months = make_periods(Window("2015-01-01", "2018-12-31"), "month")
    years = np.arange(48) / 12
    rate = 3 * np.exp(-0.4 * years + (years >= 2) * (0.5 + 0.3 * (years - 2)))
    fit = fit_segmented(months.assign(count=rate * months["period_days"]), ["2017-01-01"])
    found = terms_of(fit)["estimate"]
    planted = [np.log(3), -0.4, 0.5, 0.3]
    assert found.iloc[:4].to_numpy() == pytest.approx(planted, abs=1e-9)


def test_bounds_are_those_of_t_with_the_residual_degrees(series):
    row = level(fit_segmented(series, [DATE], effects="level", harmonics=1, conf_level=0.9))
    # 48 periods, 5 coefficients: t with 43 degrees of freedom, quantile .95 = 1.681071.
    assert np.log(row["ci_upper"]) == pytest.approx(row["estimate"] + 1.681071 * row["std_error"])
    fit = fit_segmented(series, [DATE], effects="level", harmonics=1, reference="normal")
    row = level(fit)
    assert np.log(row["ci_lower"]) == pytest.approx(row["estimate"] - 1.959964 * row["std_error"])


def test_model_errors_of_counts_have_normal_bounds(series):
    fit = fit_segmented(series, [DATE], effects="level", family="poisson", errors="model")
    assert fit.statistics["reference"] == "normal"
    assert (terms_of(fit)["std_error"] == terms_of(fit)["se_model"]).all()


# -- invariants -----------------------------------------------------------------------------------


def test_level_does_not_depend_on_the_unit_or_origin_of_time(series):
    ratios = [
        level(fit_segmented(series, [DATE], time_unit=unit))["ratio"]
        for unit in ("period", "month", "year")
    ]
    assert ratios == pytest.approx([ratios[0]] * 3)
    in_days = level(fit_segmented(series, [DATE], time_unit="day"))["ratio"]
    assert in_days == pytest.approx(ratios[0], rel=0.01)  # months are not equally long in days
    monthly, yearly = (
        terms_of(fit_segmented(series, [DATE], time_unit=unit)).loc[f"slope[{DATE}]"]
        for unit in ("month", "year")
    )
    assert yearly["estimate"] == pytest.approx(12 * monthly["estimate"])


def test_argument_is_not_changed_and_columns_are_as_declared(series):
    before = series.copy(deep=True)
    fit = fit_segmented(series, [DATE])
    pd.testing.assert_frame_equal(series, before)
    assert list(fit.terms) == names(TERMS)
    assert list(fit.points) == names(POINTS)
    assert list(fit.statistics) == names(STATISTICS)


def test_fitted_counts_add_up(series):
    # The score equations of the intercept and of the step: totals before and after are met.
    points = fit_segmented(series, [DATE]).points
    for part in (points.iloc[:26], points.iloc[26:]):
        assert part["fitted"].sum() == pytest.approx(part["count"].sum())
    assert (points["fitted_lower"] < points["fitted"]).all()
    assert (points["fitted"] < points["fitted_upper"]).all()


def test_two_dates_are_marginal_to_each_other(weeks):
    one, two = "2014-10-13", "2016-05-02"  # Mondays
    fit = fit_segmented(weeks, [two, one], effects={one: "level", two: "level+slope"})
    assert fit.terms["term"].tolist()[:5] == [
        "intercept",
        "trend",
        f"level[{one}]",
        f"level[{two}]",
        f"slope[{two}]",
    ]
    assert fit.statistics["effects"] == "mixed"


# -- what enters the fit --------------------------------------------------------------------------


def test_period_with_the_date_inside_is_left_out_and_shown(series):
    fit = fit_segmented(series, ["2017-03-16"])
    mixed = fit.points.loc[26]
    assert not mixed["is_fitted"]
    assert np.isnan(mixed["fitted"])
    assert fit.statistics["n_fitted"] == 47
    assert "1 periods contain 2017-03-16 after their first day and are not fitted" in map(
        str, fit.notes
    )


def test_transition_is_excluded_or_ramped(series):
    date = "2017-03-10/2017-04-08"  # 30 days: 22 of March, 8 of April
    fit = fit_segmented(series, [date], effects="level")
    assert fit.points.index[~fit.points["is_fitted"]].tolist() == [26, 27]
    ramp = fit_segmented(series, [date], effects="level", transition="ramp")
    column = ramp.design[f"level[{date}]"]
    # Day k of the ramp counts k/30; April 9 and later days count 1.
    by_hand = [sum(range(1, 23)) / 30 / 31, (sum(range(23, 31)) / 30 + 22) / 30]
    assert column.iloc[25:29].tolist() == pytest.approx([0, *by_hand, 1])
    assert ramp.points["is_fitted"].all()


def test_only_complete_and_covered_periods_are_fitted(series):
    marked = series.assign(is_complete=True, is_covered=True)
    marked.loc[47, "is_complete"] = False
    marked.loc[5, ["is_covered", "count"]] = [False, np.nan]
    fit = fit_segmented(marked, [DATE])
    assert fit.points.index[~fit.points["is_fitted"]].tolist() == [5, 47]
    assert fit.points["fitted"].notna().all()
    without = fit_segmented(series.drop(index=[5, 47]), [DATE])
    assert level(fit)["estimate"] == pytest.approx(level(without)["estimate"])
    assert level(fit)["std_error"] == pytest.approx(level(without)["std_error"])


def test_gap_does_not_make_strangers_neighbours(series):
    gapped = series.drop(index=[10, 11])
    fit = fit_segmented(gapped, [DATE], harmonics=0)
    assert fit.grid.numbers.tolist() == [*range(10), *range(12, 48)]
    assert fit.design["trend"].iloc[10] == pytest.approx(1.0)


def test_exposure_takes_the_place_of_days(series):
    people = series.assign(exposure=1000.0 + 10 * np.arange(48))
    fit = fit_segmented(people, [DATE])
    renamed = people.drop(columns="exposure").assign(period_days=people["exposure"])
    assert level(fit)["estimate"] == level(fit_segmented(renamed, [DATE]))["estimate"]
    assert "exposure_column" in [note.code for note in fit.notes]
    bare = fit_segmented(series[["period_start", "count"]], [DATE])
    assert level(bare)["estimate"] == pytest.approx(
        level(fit_segmented(series, [DATE], exposure=None))["estimate"]
    )
    assert "exposure_equal" in [note.code for note in bare.notes]


def test_linear_outcome_is_divided_by_an_exposure(series):
    people = series.assign(exposure=1000.0 + 10 * np.arange(48))
    fit = fit_segmented(people, [DATE], family="gaussian")
    rate = series.assign(count=people["count"] / people["exposure"])
    assert level(fit)["estimate"] == pytest.approx(
        level(fit_segmented(rate, [DATE], family="gaussian"))["estimate"]
    )
    assert fit.points["count"].tolist() == pytest.approx(series["count"].tolist())


def test_season_follows_the_months_before_the_date(series):
    harmonics = {
        date: fit_segmented(series, [date]).statistics["harmonics"]
        for date in ("2015-12-01", "2016-01-01", "2016-12-01", "2017-01-01")
    }
    assert list(harmonics.values()) == [0, 1, 1, 2]  # 11, 12, 23, 24 months


def test_season_angle_is_month_by_twelve(series):
    design = fit_segmented(series, [DATE], harmonics=2).design
    assert design["sin1"].iloc[:3].tolist() == pytest.approx([0.5, np.sqrt(0.75), 1])
    assert design["cos2"].iloc[5] == pytest.approx(1)


def test_ramadan_is_a_share_of_days(series):
    fit = fit_segmented(series, [DATE], ramadan=True, eid=True)
    months = make_periods(Window("2015-01-01", "2018-12-31"), "month")
    assert fit.design["ramadan"].to_numpy() == pytest.approx(ramadan_share(months))
    assert {"ramadan", "eid"} < set(fit.terms["term"])
    shifted = fit_segmented(series, [DATE], ramadan=True, ramadan_shift_days=1)
    assert shifted.design["ramadan"].to_numpy() == pytest.approx(
        ramadan_share(months, shift_days=1)
    )


def test_covariate_enters_and_its_gaps_leave_periods_out(series):
    other = series.assign(patrols=np.sin(np.arange(48.0)))
    other.loc[3, "patrols"] = np.nan
    fit = fit_segmented(other, [DATE], covariates=["patrols"])
    assert "patrols" in set(fit.terms["term"])
    assert not fit.points.loc[3, "is_fitted"]


# -- reading --------------------------------------------------------------------------------------


def test_detectable_ratio_has_eighty_per_cent_power(series):
    row = level(fit_segmented(series, [DATE], effects="level", harmonics=1))
    reach = stats.t(43).ppf(0.975) + stats.t(43).ppf(0.8)
    assert np.log(row["detectable_ratio"]) == pytest.approx(reach * row["std_error"])


def test_repr_reads_in_a_notebook(series):
    fit = fit_segmented(series, [DATE])
    assert repr(fit).startswith("quasipoisson regression on 48 of 48 periods, level+slope, 2 har")
    assert "<table" in fit._repr_html_()


@pytest.mark.parametrize(
    ("change", "options", "error", "message"),
    [
        ({}, {"effects": "step"}, ParameterError, "effects 'step': is not known."),
        ({}, {"effects": {"2017-04-01": "level"}}, ParameterError, f"{DATE}: has no effects"),
        ({}, {"family": "normal"}, ParameterError, "family 'normal': is not known."),
        ({}, {"harmonics": 3}, ParameterError, "harmonics 3: is not known"),
        ({}, {"conf_level": 95}, ParameterError, "confidence level 95: is not between"),
        ({}, {"covariates": ["rain"]}, ParameterError, "covariate 'rain': is not in the series"),
        ({}, {"exposure": "people"}, ParameterError, "exposure 'people': is not a column"),
        ({"count": -1}, {}, SeriesError, "count -1: is negative"),
        ({"count": np.inf}, {}, SeriesError, "column 'count': is not finite"),
        ({"count": "many"}, {}, SeriesError, "column 'count': is not numbers"),
        ({"period_days": 0}, {}, SeriesError, "period_days 0: is not positive"),
        ({"period_start": "soon"}, {}, SeriesError, "period_start: is not a column of days"),
        ({"period_start": pd.NaT}, {}, SeriesError, "period_start: has an empty cell"),
    ],
)
def test_refusals_name_value_rule_and_remedy(series, change, options, error, message):
    with pytest.raises(error) as caught:
        fit_segmented(series.assign(**change), [DATE], **options)
    assert message in str(caught.value)


def test_series_must_be_one_regular_series(series):
    with pytest.raises(SeriesError, match="2015-01-01: does not come after the one above it"):
        fit_segmented(pd.concat([series, series]), [DATE])
    days = pd.to_datetime(["2017-01-02", "2017-01-09", "2017-01-18"])
    with pytest.raises(SeriesError, match="not a whole number of steps of 7 days away"):
        fit_segmented(pd.DataFrame({"period_start": days, "count": 1}), ["2017-01-09"])


def test_key_dates_must_lie_inside(series):
    with pytest.raises(WindowError, match="key date 2014-06-01: has no period before it"):
        fit_segmented(series, ["2014-06-01"])
    with pytest.raises(WindowError, match="key date 2018-12-16: has no period after it"):
        fit_segmented(series, ["2018-12-16"])
    with pytest.raises(ParameterError, match="is given twice"):
        fit_segmented(series, [DATE, DATE])
