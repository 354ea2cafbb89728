"""Examples printed in the literature, fed to ``analytics study --series`` and to the functions."""

import json
import math

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from typer.testing import CliRunner

from analytics.cli import app
from analytics.errors import AnalyticsError
from analytics.models import fit_segmented
from analytics.models.breaks import find_breaks

# Acute coronary episodes a month in Sicily and the age-standardised population, 2002-2006: the data
# of Lopez Bernal, Cummins & Gasparrini (2017), International Journal of Epidemiology 46:348-355.
EPISODES = """728 659 791 734 757 726 760 740 720 814 795 858 887 766 851 769 781 756 766 752 765
831 879 928 914 808 937 840 916 828 845 818 860 839 887 886 831 796 833 820 877 758 767 738 781 843
850 908 1021 859 976 888 962 838 810 876 843 936 912"""
POPULATION = """379875.3 376495.5 377040.8 377116.4 377383.4 374113.1 379513.3 376295.5 374653.2
378485.6 375955.5 378349.7 376762.4 379032.3 379360.4 376162 377972.4 381830.7 379888.6 380872.2
380966.9 381240.4 382104.9 381802.7 381656.3 383680 383504.2 386462.9 383783.1 380836.8 383483
380906.2 382926.8 384052.4 384449.6 383428.4 388153.2 388373.2 386470.1 386033.2 383686.4 385509.3
385901.9 386516.6 388436.5 383255.2 390148.7 385874.9 391613.6 391750.4 394005.6 391364.9 391664.6
389022.3 391878.5 388575.3 392989 390018.8 390712.3"""
# Disasters in British coal mines a year, 1851-1961, of Jarrett (1979), Biometrika 66:191-193.
DISASTERS = """4 5 4 0 1 4 3 4 0 6 3 3 4 0 2 6 3 3 5 4 5 3 1 4 4 1 5 5 3 4 2 5 2 2 3 4 2 1 3 2 2 1 1
1 1 3 0 0 1 0 1 1 0 0 3 1 0 3 2 2 0 1 1 1 0 1 0 1 0 0 0 2 1 0 0 0 1 1 0 2 3 3 1 1 2 1 1 1 1 2 4 2 0
0 1 4 0 0 0 1 0 0 0 0 0 1 0 0 1 0 1"""

# Packs of cigarettes sold per head in California, 1970-2000, before and after Proposition 99: the
# single-group example of Linden (2015), Stata Journal 15:480-500.
CIGARETTES = """123 121 123.5 124.4 126.7 127.1 128 126.4 126.1 121.9 120.2 118.6 115.4 110.8 104.8
102.8 99.7 97.5 90.1 82.4 77.8 68.7 67.5 63.4 58.6 56.4 54.5 53.8 52.3 47.2 41.6"""


def numbers(text):
    return np.array([float(part) for part in text.split()])


@pytest.fixture
def sicily():
    months = pd.date_range("2002-01-01", periods=59, freq="MS")
    return pd.DataFrame(
        {"period_start": months, "count": numbers(EPISODES), "stdpop": numbers(POPULATION)}
    )


@pytest.fixture
def nile():
    flow = sm.datasets.nile.load_pandas().data["volume"]
    years = pd.date_range("1871-01-01", periods=100, freq="YS")
    return pd.DataFrame({"period_start": years, "count": flow})


def study(tmp_path, series, *words):
    """Terms by name, as the command prints them."""
    file = tmp_path / "series.csv"
    series.to_csv(file, index=False)
    done = CliRunner().invoke(
        app, ["study", str(file), "--series", "--sections", "fit", "--format", "json", *words]
    )
    assert done.exit_code == 0, done.output
    return {row["term"]: row for row in json.loads(done.stdout)["terms"]}


MONTHS_FROM_ONE = ["--exposure", "stdpop", "--time-unit", "period", "--time-start", "1"]


def test_smoking_ban_poisson(sicily, tmp_path):
    # The paper's first model: rate ratio .894, P < .001, and glm's own coefficients.
    words = "--key-date 2005-01-01 --effects level --harmonics 0 --family poisson --errors model"
    terms = study(tmp_path, sicily, *words.split(), *MONTHS_FROM_ONE)
    ban = terms["level[2005-01-01]"]
    assert round(ban["ratio"], 3) == 0.894
    assert ban["p_value"] < 0.001
    assert round(ban["ci_upper"], 3) == 0.925


def test_smoking_ban_with_season(sicily, tmp_path):
    # The seasonal quasi-Poisson model: .885 (.839-.933); the bounds are normal ones.
    words = "--key-date 2005-01-01 --effects level --harmonics 2 --errors quasi --reference normal"
    ban = study(tmp_path, sicily, *words.split(), *MONTHS_FROM_ONE)["level[2005-01-01]"]
    assert [round(ban[name], 3) for name in ("ratio", "ci_lower", "ci_upper")] == [
        0.885, 0.839, 0.933,
    ]  # fmt: skip


def test_smoking_ban_with_a_slope_that_starts_at_one(sicily, tmp_path):
    # The correction's model: (time - 36) x ban, the ban of 10 January counting from the 1st.
    words = """--key-date 2005-01-10 --transition after --effects level+slope --harmonics 2
    --errors quasi --slope-start 1"""
    terms = study(tmp_path, sicily, *words.split(), *MONTHS_FROM_ONE)
    time = np.arange(1, 60)
    ban = (time >= 37).astype(float)
    angle = 2 * np.pi * time / 12
    season = [wave(k * angle) for k in (1, 2) for wave in (np.sin, np.cos)]
    columns = np.column_stack([np.ones(59), time, ban, ban * (time - 36), *season])
    family = sm.families.Poisson()
    fit = sm.GLM(sicily["count"], columns, family=family, offset=np.log(sicily["stdpop"]))
    peer = fit.fit(scale="X2")
    assert [row["estimate"] for row in terms.values()] == pytest.approx(peer.params, rel=1e-8)
    assert [row["std_error"] for row in terms.values()] == pytest.approx(peer.bse, rel=1e-7)
    assert terms["level[2005-01-10]"]["estimate"] == pytest.approx(-0.131859, abs=5e-7)


def test_rate_by_least_squares_without_the_factor_of_small_samples(sicily, tmp_path):
    # statsmodels' own default for HAC: no correction, normal bounds.
    rate = sicily.assign(count=sicily["count"] / sicily["stdpop"] * 1e5).drop(columns="stdpop")
    words = """--key-date 2005-01-01 --effects level+slope --harmonics 1 --family gaussian
    --errors hac --hac-lags 2 --no-hac-correction --reference normal --time-unit period
    --time-start 1 --slope-start 37"""
    terms = study(tmp_path, rate, *words.split())
    time = np.arange(1, 60)
    ban = (time >= 37).astype(float)
    season = [wave(2 * np.pi * time / 12) for wave in (np.sin, np.cos)]
    columns = np.column_stack([np.ones(59), time, ban, ban * time, *season])
    peer = sm.OLS(rate["count"], columns).fit(cov_type="HAC", cov_kwds={"maxlags": 2})
    for row, estimate, error, p_value, bounds in zip(
        terms.values(), peer.params, peer.bse, peer.pvalues, peer.conf_int().to_numpy(), strict=True
    ):
        assert row["estimate"] == pytest.approx(estimate, rel=1e-8)
        assert row["std_error"] == pytest.approx(error, rel=1e-8)
        assert row["p_value"] == pytest.approx(p_value, rel=1e-6, abs=1e-12)
        assert [row["ci_lower"], row["ci_upper"]] == pytest.approx(bounds, rel=1e-7)


def test_proposition_99_with_newey_west_errors(tmp_path):
    # Linden's table: trend -1.7795 (.3834), level -20.0581 (4.7244), slope -1.4947 (.4368).
    packs = numbers(CIGARETTES)
    series = pd.DataFrame({"period_start": range(1970, 2001), "count": packs})
    words = "--key-date 1989-01-01 --family gaussian --errors hac --hac-lags 1"
    terms = study(tmp_path, series, *words.split())
    printed = {
        "trend": (-1.7795, 0.3834),
        "level[1989-01-01]": (-20.0581, 4.7244),
        "slope[1989-01-01]": (-1.4947, 0.4368),
    }
    for term, (estimate, error) in printed.items():
        assert terms[term]["estimate"] == pytest.approx(estimate, abs=6e-5)
        assert terms[term]["std_error"] == pytest.approx(error, abs=6e-5)


@pytest.mark.parametrize(
    ("language", "rate"), [("en", "in 30 days"), ("ar", "٣٠ يوم"), ("ckb", "٣٠ ڕۆژ")]
)
def test_a_linear_model_speaks_of_means_and_not_of_rates_or_chance(tmp_path, language, rate):
    packs = numbers(CIGARETTES)
    file = tmp_path / "packs.csv"
    pd.DataFrame({"period_start": range(1970, 2001), "count": packs}).to_csv(file, index=False)
    words = f"study {file} --series --key-date 1989-01-01 --family gaussian --errors model"
    done = CliRunner().invoke(
        app, [*words.split(), "--sections", "fit,breaks", "--language", language]
    )
    assert done.exit_code == 0, done.output
    said = done.stdout
    assert rate not in said
    if language == "en":
        assert "as chance alone" not in said
        assert "1 January 1970 – 31 December 2000" in said
        # The mean up to the first change point, taken by hand.
        assert f"from {packs[:13].mean():.1f} to" in said


def test_months_as_terms_and_negative_values(sicily, tmp_path):
    # A log rate below nought, a term for each month, several breaks, ordinary errors.
    log_rate = sicily.assign(count=np.log(sicily["count"] / sicily["stdpop"]))
    words = """--key-date 2003-07-01 --key-date 2005-01-01 --effects level+slope --family gaussian
    --calendar-months --errors model --time-unit month --time-start 1 --slope-start 1"""
    terms = study(tmp_path, log_rate.drop(columns="stdpop"), *words.split())
    time = np.arange(1, 60)
    steps = [(time >= first) * power for first in (19, 37) for power in (1, time - first + 1)]
    months = [(time - 1) % 12 == month for month in range(1, 12)]
    peer = sm.OLS(log_rate["count"], np.column_stack([np.ones(59), time, *steps, *months])).fit()
    assert list(terms)[2:6] == [
        f"{kind}[{date}]" for date in ("2003-07-01", "2005-01-01") for kind in ("level", "slope")
    ]
    assert [row["estimate"] for row in terms.values()] == pytest.approx(peer.params, rel=1e-8)
    assert [row["std_error"] for row in terms.values()] == pytest.approx(peer.bse, rel=1e-8)
    assert [row["p_value"] for row in terms.values()] == pytest.approx(peer.pvalues, rel=1e-6)


def test_nile_before_and_after_the_dam(nile, tmp_path):
    # R: coef(lm(Nile ~ breakfactor(breakpoints(Nile ~ 1)))): 1097.75 and 849.9722 a year.
    words = "--key-date 1899-01-01 --effects level --no-trend --family gaussian --errors model"
    terms = study(tmp_path, nile, *words.split(), "--harmonics", "0")
    mean, step = (terms[name]["estimate"] for name in ("intercept", "level[1899-01-01]"))
    assert round(mean, 2) == 1097.75
    assert round(mean + step, 4) == 849.9722
    spread = 1597457 / 98 * (1 / 28 + 1 / 72)  # the residual sum of squares that R prints
    assert terms["level[1899-01-01]"]["std_error"] == pytest.approx(math.sqrt(spread), rel=1e-6)


def test_coal_mines_change_after_1891_from_three_a_year_to_one():
    # Raftery & Akman (1986), Biometrika 73:85-89; Carlin, Gelfand & Smith (1992), Applied
    # Statistics 41:389-405: the change lies after 41 years, at rates of about 3.1 and .9.
    years = pd.date_range("1851-01-01", periods=111, freq="YS")
    series = pd.DataFrame({"period_start": years, "count": numbers(DISASTERS)})
    (found,) = find_breaks(series).breaks.to_dict("records")
    assert (found["n_before"], found["date"].year) == (41, 1892)
    assert (round(found["rate_before"], 1), round(found["rate_after"], 1)) == (3.1, 0.9)
    fit = fit_segmented(series, ["1892-01-01"], effects="level", trend=False, harmonics=0)
    before, after = numbers(DISASTERS)[:41].mean(), numbers(DISASTERS)[41:].mean()
    assert fit.terms["ratio"].iloc[1] == pytest.approx(after / before, rel=1e-9)


def test_season_counted_in_periods():
    weeks = pd.DataFrame({"period_start": pd.date_range("2015-01-05", periods=156, freq="7D")})
    weeks["count"] = np.random.default_rng(5).poisson(30, 156)
    fit = fit_segmented(weeks, ["2016-08-01"], effects="level", harmonics=2, cycle=52)
    time = np.arange(1, 157)
    for k in (1, 2):
        assert fit.design[f"sin{k}"].to_numpy() == pytest.approx(np.sin(2 * np.pi * k * time / 52))
        assert fit.design[f"cos{k}"].to_numpy() == pytest.approx(np.cos(2 * np.pi * k * time / 52))


def test_origin_of_time_moves_the_intercept_alone(sicily):
    plain = fit_segmented(sicily, ["2005-01-01"], time_unit="period").terms
    moved = fit_segmented(sicily, ["2005-01-01"], time_unit="period", time_start=5).terms
    trend = plain["estimate"].iloc[1]
    assert moved["estimate"].iloc[0] == pytest.approx(plain["estimate"].iloc[0] - 5 * trend)
    assert moved["estimate"].iloc[1:].tolist() == pytest.approx(plain["estimate"].iloc[1:].tolist())


@pytest.mark.parametrize(
    ("transition", "first"), [("exclude", None), ("after", "2005-01-01"), ("before", "2005-02-01")]
)
def test_period_with_the_date_inside(sicily, transition, first):
    fit = fit_segmented(sicily, ["2005-01-10"], transition=transition, effects="level")
    assert fit.points["is_fitted"].sum() == (59 if first else 58)
    if first:
        same = fit_segmented(sicily, [first], effects="level").terms
        assert fit.terms["estimate"].tolist() == pytest.approx(same["estimate"].tolist())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"cycle": 1}, "cycle 1: is not above 1"),
        ({"cycle": 4, "harmonics": 2}, "harmonics 2: needs more than 4 periods in a season"),
        ({"slope_start": math.nan}, "slope_start nan: is no time"),
        ({"transition": "soon"}, "transition 'soon': is not known"),
    ],
)
def test_refused_options(sicily, options, message):
    with pytest.raises(AnalyticsError, match=message):
        fit_segmented(sicily, ["2005-01-01"], **options)


def test_counts_below_nought_are_refused_but_for_gaussian(sicily, tmp_path):
    file = tmp_path / "series.csv"
    sicily.assign(count=-sicily["count"]).to_csv(file, index=False)
    done = CliRunner().invoke(app, ["study", str(file), "--series", "--key-date", "2005-01-01"])
    assert isinstance(done.exception, AnalyticsError)
    assert "a gaussian model takes negative ones too" in str(done.exception)
