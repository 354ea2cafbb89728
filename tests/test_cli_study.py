"""``analytics study`` as a user meets it: words beside tables, groups, comparisons, bad input."""

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from analytics.cli import app
from analytics.errors import AnalyticsError
from analytics.models import fit_segmented
from analytics.schema import names
from analytics.study import TABLES

MONTHS = pd.date_range("2013-01-01", periods=72, freq="MS")
DATE = "2016-01-01"
NOT_A_NUMBER = re.compile(r"\b(nan|NaN|inf|Infinity|NaT)\b")


def run(path, *arguments):
    return CliRunner().invoke(app, ["study", str(path), "--series", *map(str, arguments)])


def write(folder, **columns):
    path = folder / "series.csv"
    pd.DataFrame({"period_start": MONTHS, **columns}).to_csv(path, index=False)
    return path


@pytest.fixture(scope="module")
def step():
    rng = np.random.default_rng(1)
    return rng.poisson(np.repeat([20.0, 10.0], 36))


@pytest.fixture(scope="module")
def groups(tmp_path_factory):
    rng = np.random.default_rng(2)
    parts = [
        pd.DataFrame({"period_start": MONTHS, "area": name, "count": rng.poisson(rate, 72)})
        for name, rate in (("north", 12), ("south", 9), ("east", 15), ("west", 8), ("empty", 0))
    ]
    parts[0].loc[36:, "count"] //= 3
    path = tmp_path_factory.mktemp("groups") / "groups.csv"
    pd.concat(parts).to_csv(path, index=False)
    return path


def test_sentences_stand_beside_tables_with_the_numbers_of_the_tables(tmp_path, step):
    path = write(tmp_path, count=step)
    answer = json.loads(run(path, "--key-date", DATE, "--format", "json").stdout)
    level = next(row for row in answer["terms"] if row["term"] == f"level[{DATE}]")
    (said,) = [text for text in answer["sentences"]["fit"] if "the level of reported" in text]
    assert f"rate ratio {level['ratio']:.2f}, 95 % interval {level['ci_lower']:.2f}" in said
    assert "counts per month, 1 January 2013 –" in said
    printed = run(path, "--key-date", DATE).stdout
    assert printed.index(said) < printed.index("\nterms\n")
    assert any("hangs most" in text for text in answer["sentences"]["specifications"])


def test_rates_in_sentences_are_by_thirty_days_though_the_file_has_no_days(tmp_path, step):
    path = write(tmp_path, count=step)
    options = ("--key-date", DATE, "--sections", "naive", "--format", "json")
    (first, *_) = json.loads(run(path, *options).stdout)["sentences"]["naive"]
    after = 30 * step[36:].sum() / (36 * 31)  # most months have 31 days: their median
    assert f": {after:.1f} in 30 days" in first


def test_every_language_says_as_much(tmp_path, step):
    path = write(tmp_path, count=step)
    said = {
        code: json.loads(
            run(path, "--key-date", DATE, "--language", code, "--format", "json").stdout
        )["sentences"]
        for code in ("en", "ar", "ckb")
    }
    n_said = [(k, len(v)) for k, v in said["en"].items()]
    for code in ("ar", "ckb"):
        assert [(k, len(v)) for k, v in said[code].items()] == n_said
        assert "⟦" not in str(said[code])


def test_the_level_of_the_intervals_is_named(tmp_path, step):
    path = write(tmp_path, count=step)
    said = run(path, "--key-date", DATE, "--conf-level", 0.9, "--sections", "fit,excess").stdout
    assert "90 % interval" in said
    assert "90 % prediction interval" in said
    assert "95 %" not in said


def test_a_linear_model_says_a_difference(tmp_path):
    path = write(tmp_path, count=[30.0, 32.0] * 18 + [20.0, 22.0] * 18)
    options = ("--key-date", DATE, "--family", "gaussian", "--effects", "level", "--no-trend",
               "--harmonics", 0, "--format", "json")  # fmt: skip
    answer = json.loads(run(path, *options).stdout)
    assert "changed by −10.00 from" in answer["sentences"]["fit"][0]
    assert "a linear model gives a difference" in " ".join(answer["sentences"]["refusals"])


def test_groups_go_on_where_one_is_refused(groups):
    done = run(groups, "--by", "area", "--key-date", DATE, "--comparison", "area=south",
               "--format", "json")  # fmt: skip
    assert done.exit_code == 0
    answer = json.loads(done.stdout)
    assert list(answer["refusals"]) == ["empty"]
    assert {row["area"] for row in answer["terms"]} == {"north", "south", "east", "west"}
    places = {row["place"]: row for row in answer["places"]}
    assert places["empty"]["ratio"] is None
    assert places["empty"]["reason"]
    assert places["north"]["p_holm"] >= places["north"]["p_value"]
    assert places["north"]["pooled_ratio"] > places["north"]["ratio"]  # drawn towards the others
    assert answer["comparison"]
    assert answer["pretrend"]
    assert "north" in " ".join(answer["sentences"]["places"])


def test_a_column_of_counts_can_be_compared_with(tmp_path, step):
    path = write(tmp_path, count=step, other=np.full(72, 30))
    options = ("--key-date", DATE, "--comparison", "other", "--format", "json")
    answer = json.loads(run(path, *options).stdout)
    parallel = next(row for row in answer["comparison"] if row["model"] == "parallel")
    assert parallel["ratio"] == pytest.approx(step[36:].sum() / step[:36].sum(), abs=1e-6)
    assert run(path, "--key-date", DATE, "--comparison", "missing").exception is not None


def test_effects_by_date_and_other_names_of_options(tmp_path, step):
    path = write(tmp_path, count=step)
    second = "2017-06-01"
    done = run(path, "--key-date", DATE, "--key-date", second, "--change", f"{DATE}=level",
               "--change", f"{second}=slope", "--family", "nb2", "--errors", "hac", "--lags", 2,
               "--harmonics", 1, "--format", "json")  # fmt: skip
    answer = json.loads(done.stdout)
    expected = fit_segmented(
        pd.DataFrame({"period_start": MONTHS, "count": step}),
        [DATE, second],
        effects={DATE: "level", second: "slope"},
        family="negbin", errors="hac", hac_lags=2, harmonics=1,
    )  # fmt: skip
    assert [row["term"] for row in answer["terms"]] == expected.terms["term"].tolist()
    assert [row["std_error"] for row in answer["terms"]] == pytest.approx(
        expected.terms["std_error"].tolist()
    )
    wrong = run(path, "--key-date", DATE, "--change", "2014-01-01=level")
    assert isinstance(wrong.exception, AnalyticsError)


SERIES = {
    "all zeros": [0] * 72,
    "constant": [7] * 72,
    "none after": [5] * 36 + [0] * 36,
    "none before": [0] * 36 + [5] * 36,
    "none between": [6, 8] * 12 + [0] * 24 + [5, 7] * 12,
    "one incident": [0] * 71 + [1],
    "spike": [3, 4] * 20 + [10**6] + [3] * 31,
    "gaps": [4, None] * 36,
    "unknown": [None] * 72,
}


def assert_told(done):
    """A refusal with a reason, or an answer without a number that is none."""
    assert done.exception is None or isinstance(done.exception, AnalyticsError | SystemExit), (
        done.exception
    )
    if isinstance(done.exception, AnalyticsError):
        assert not NOT_A_NUMBER.search(str(done.exception))
        return
    assert not NOT_A_NUMBER.search(done.stdout), NOT_A_NUMBER.search(done.stdout)
    assert done.exit_code == 0 or "analytics: " in done.stderr


@pytest.mark.parametrize("form", ["table", "json"])
@pytest.mark.parametrize("dates", [(DATE,), ("2015-01-01", "2017-01-01"), ("2031-01-01",)])
@pytest.mark.parametrize("name", SERIES)
def test_degenerate_series_are_refused_or_marked(tmp_path, name, dates, form):
    path = write(tmp_path, count=SERIES[name])
    asked = [part for date in dates for part in ("--key-date", date)]
    sections = "fit,excess,naive,breaks,placebos"
    done = run(path, *asked, "--sections", sections, "--format", form)
    assert_told(done)
    if form == "json" and done.exception is None:
        json.loads(done.stdout, parse_constant=lambda constant: pytest.fail(constant))


@settings(
    max_examples=25, deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip
@given(
    counts=st.lists(
        st.one_of(st.none(), st.integers(0, 3), st.sampled_from([0, 50, 10**6])),
        min_size=1, max_size=40,
    ),
    at=st.integers(0, 45),
)  # fmt: skip
def test_any_counts_are_refused_or_marked(tmp_path: Path, counts, at):
    starts = pd.date_range("2015-01-05", periods=46, freq="7D")
    path = tmp_path / "any.csv"
    frame = pd.DataFrame({"period_start": starts[: len(counts)], "count": counts})
    frame.to_csv(path, index=False)
    assert_told(run(path, "--key-date", f"{starts[at]:%Y-%m-%d}"))


@pytest.mark.parametrize("count", ["many", "1e999", "-3"])
def test_what_is_no_count_is_refused(tmp_path, count):
    path = write(tmp_path, count=["4"] * 71 + [count])
    assert isinstance(run(path, "--key-date", DATE).exception, AnalyticsError)


def test_the_page_on_the_answer_names_every_key_and_column(tmp_path, step):
    page = (Path(__file__).parents[1] / "docs" / "study.md").read_text(encoding="utf-8")
    answer = json.loads(
        run(write(tmp_path, count=step), "--key-date", DATE, "--format", "json").stdout
    )
    assert set(re.findall(r"^\| `(\w+)` \|", page, re.M)) == set(answer)
    listed = " ".join(page.split())
    for name, (_, columns) in TABLES.items():
        assert ", ".join(names(columns)) in listed, name
        if answer[name] and name != "specifications":
            assert list(answer[name][0]) == names(columns)
