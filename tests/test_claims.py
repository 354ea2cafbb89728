"""Verdicts by hand, by planted truth, and on the shipped claims; files refused with the remedy."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from analytics.claims import _is_withheld, evaluate_claims, load_claims
from analytics.claims.change import fit_variants, judge_change
from analytics.claims.evidence import compare_spells, count_between
from analytics.claims.verdict import combine, judge
from analytics.editions import load_edition
from analytics.errors import FileError, ModelError, ParameterError
from analytics.language import Language
from analytics.periods import Window
from analytics.schema import CLAIM_TESTS, CLAIM_VARIANTS, CLAIM_VERDICTS, names
from analytics.words import describe_claims


@pytest.fixture(scope="module")
def shipped():
    return evaluate_claims()


@pytest.mark.parametrize(
    ("direction", "size", "bounds", "expected"),
    [
        ("rise", None, (1.1, 1.9), "supported"),
        ("rise", None, (1.01, 1.2), "not supported"),  # a rise, but never by a quarter
        ("rise", None, (0.9, 1.3), "cannot tell"),
        ("rise", None, (0.3, 1.2), "not supported"),
        ("fall", None, (0.5, 0.9), "supported"),
        ("fall", None, (0.9, 1.6), "not supported"),
        ("fall", None, (0.7, 1.1), "cannot tell"),
        ("no change", None, (0.85, 1.2), "supported"),
        ("no change", None, (0.7, 1.1), "cannot tell"),
        ("no change", None, (1.3, 2.0), "not supported"),
        ("rise", 2.0, (1.5, 2.7), "supported"),
        ("rise", 2.0, (1.1, 1.35), "not supported"),
        ("rise", 2.0, (1.1, 1.9), "cannot tell"),
        ("fall", 0.5, (0.4, 0.65), "supported"),
        ("rise", None, (np.nan, np.nan), "cannot tell"),
    ],
)
def test_verdict_by_hand(direction, size, bounds, expected):
    assert judge(direction, *bounds, detectable=1.5, size=size)[0] == expected


def test_coverage_and_power_come_before_the_interval():
    assert judge("rise", 1.5, 3, detectable=1.5, coverage=0.49) == ("cannot tell", "coverage")
    assert judge("rise", 1.5, 3, detectable=1.5, coverage=0.5)[0] == "supported"
    assert judge("rise", 1.5, 3, detectable=2.1) == ("cannot tell", "power")
    assert judge("rise", 1.9, 9, detectable=3.9, size=4.0)[1] != "power"


def test_the_burden_is_on_the_claim():
    yes, no, open_ = ("supported", "a"), ("not supported", "b"), ("cannot tell", "power")
    assert combine([yes, yes])[0] == "supported"
    assert combine([yes, no])[0] == combine([yes, open_])[0] == "cannot tell"
    assert combine([no, open_])[0] == "not supported"
    assert combine([open_, open_]) == open_


def test_totals_are_added_and_differenced_by_hand():
    totals = pd.DataFrame(
        {
            "period_start": pd.to_datetime(["2021-01-01", "2021-01-01", "2022-01-01"]),
            "period_end": pd.to_datetime(["2021-03-31", "2021-12-31", "2022-01-31"]),
            "count": [51, 257, 10],
        }
    )
    assert count_between(totals, Window("2021-04-01", "2022-01-31")) == 257 - 51 + 10
    with pytest.raises(ModelError, match="not told apart"):
        count_between(totals, Window("2021-02-01", "2021-03-31"))


@pytest.mark.parametrize("dispersion", [1.0, 2.0, 3.0])
@pytest.mark.parametrize(("ratio", "most"), [(1.0, 0.05), (0.7, 0.01)])
def test_wrongly_supported_is_rare_where_nothing_rose(dispersion, ratio, most):
    rng = np.random.default_rng(2017)
    mean = 30.0

    def draw(n, level):
        if dispersion == 1:
            return rng.poisson(level, n).astype(float).tolist()
        size = level / (dispersion - 1)
        return rng.negative_binomial(size, 1 / dispersion, n).astype(float).tolist()

    said = []
    for _ in range(300):
        found = compare_spells(draw(6, mean * ratio), 42, draw(12, mean), 84)
        said.append(
            judge(
                "rise", found["ci_lower"], found["ci_upper"], detectable=found["detectable_ratio"]
            )
        )
    assert np.mean([verdict == "supported" for verdict, _ in said]) <= most


def test_a_true_doubling_is_supported_and_an_unpowered_one_is_not():
    rng = np.random.default_rng(3)
    said = []
    for _ in range(100):
        after, before = (rng.poisson(mean, n).tolist() for mean, n in ((60, 6), (30, 12)))
        found = compare_spells(after, 42, before, 84)
        bounds = (found["ci_lower"], found["ci_upper"])
        said.append(judge("rise", *bounds, detectable=found["detectable_ratio"])[0])
    assert np.mean([verdict == "supported" for verdict in said]) > 0.95
    few = compare_spells([2.0], 30, [1.0], 30)
    verdict = judge("rise", few["ci_lower"], few["ci_upper"], detectable=few["detectable_ratio"])
    assert verdict == ("cannot tell", "power")


def judge_planted(seed, factor):
    rng = np.random.default_rng(seed)
    starts = pd.date_range("2015-01-05", periods=160, freq="7D")
    level = np.where(np.arange(160) < 100, 1.0, factor)
    series = {}
    for area in ("", "IQ-AN"):
        for name, first in (("2015-01-05", 0), ("2015-08-03", 30)):
            counts = rng.poisson(40 * (level if not area else 1.0), 160)
            part = pd.DataFrame({"period_start": starts, "period_days": 7, "count": counts})
            series[(area, Window(name, "2018-01-28"))] = part.iloc[first:].reset_index(drop=True)
    day = f"{starts[100]:%Y-%m-%d}"
    variants = fit_variants(series, day)
    return variants, judge_change(variants, next(iter(series.values())), day, "rise")


def test_planted_steps_at_a_key_date():
    assert [judge_planted(seed, 1.0)[1][0] for seed in range(8)].count("supported") == 0
    found = [judge_planted(seed, 2.5) for seed in range(4)]
    assert [verdict for _, (verdict, _) in found].count("supported") >= 3
    assert list(found[0][0].columns) == names(CLAIM_VARIANTS)


def test_shipped_claims(shipped):
    verdicts = shipped.verdicts.set_index("claim_id")
    assert verdicts["verdict"].to_dict() == {
        "T1": "not supported",
        **dict.fromkeys(["T2", "T3", "T4", "T5", "T6", "T7", "B1"], "cannot tell"),
    }
    assert list(shipped.verdicts.columns) == names(CLAIM_VERDICTS)
    assert list(shipped.tests.columns) == names(CLAIM_TESTS)
    tests = shipped.tests.set_index(["claim_id", "test"])
    # 330 a quarter over 17 months less the 510 of the first quarter, against 808 + 510.
    counted = 330 * 518 / (365.25 / 4) - 510
    assert tests.loc[("T1", 1), "count"] == pytest.approx(counted)
    assert tests.loc[("T1", 1), "ratio"] == pytest.approx((counted / 426) / (1318 / 183))
    # The ministry's totals: 206 - 134 in 70 days against 134 in 242, 229 - 206 in 22 against that.
    assert tests.loc[("T2", 7), "ratio"] == pytest.approx((72 / 70) / (134 / 242))
    assert tests.loc[("T2", 5), "ratio"] == pytest.approx((23 / 22) / (72 / 70))
    assert tests.loc[("T2", 4), "reason"] == "not covered"
    ratios = shipped.variants["ratio"]
    assert ratios.min() < 1 < ratios.max()


def test_every_claim_has_its_sentence_in_every_language(shipped):
    for code in ("en", "ar", "ckb"):
        frames = (shipped.verdicts, shipped.tests, shipped.variants)
        said = describe_claims(*frames, language=Language(code))
        assert len(said) == 8
        assert "⟦" not in " ".join(said)
    english = describe_claims(*frames, language=Language("en"))
    assert "Verdict: not supported. In 1 October 2020 – 30 November 2021" in english[0]
    short = describe_claims(*frames, language=Language("en"), in_short=True)
    for text, whole in zip(short, english, strict=True):
        assert whole.startswith(text + " ")
    assert all(text.endswith((" supported.", " cannot tell.")) for text in short)
    assert not any(word in " ".join(english) for word in ("caused", "significant", "proves"))


def test_none_wanted_none_given():
    empty = evaluate_claims(only=[])
    assert empty.verdicts.empty
    assert empty.tests.empty
    assert describe_claims(empty.verdicts, empty.tests, language=Language("en")) == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: [", "is not YAML"),
        ("claims: {}", "has no claims"),
        ("claims: {x: {text: a, direction: up, tests: []}}", "direction 'up': is not known"),
        ("claims: {x: {text: a, direction: rise}}", "tests: are none"),
        ("claims: {x: {text: a, dir: rise}}", "dir: is no key here"),
        ("claims: {x: {direction: rise, cannot_be_tested: b}}", "text: is not text by language"),
        (
            "claims: {x: {text: a, direction: rise, size: 1, tests: [{records: f}]}}",
            "is no ratio",
        ),
        ("claims: {x: {text: a, direction: rise, tests: [{place: all}]}}", "names no source"),
        ("claims: {x: {text: a, direction: rise, tests: [{totals: f}]}}", "period: is missing"),
    ],
)
def test_a_file_at_fault_is_refused_with_the_remedy(tmp_path, text, message):
    file = tmp_path / "claims.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ParameterError, match=message):
        load_claims(file)


def test_a_missing_file_and_an_unknown_claim():
    with pytest.raises(FileError, match="cannot be read"):
        load_claims("nowhere.yaml")
    with pytest.raises(ParameterError, match="'T9'"):
        evaluate_claims(only=["T9"])


@pytest.mark.parametrize("counts", [(3, 9), (9, 4)])
def test_an_edition_tells_no_small_count_of_a_place(counts):
    windows = {"period": Window("2021-01-01", "2021-01-31"),
               "compared_with": Window("2020-01-01", "2020-01-31")}  # fmt: skip
    compared = dict(zip(("count", "count_compared"), counts, strict=True))
    test = SimpleNamespace(kind="records", options={**windows, "place": "IQ-KI"})
    for edition, is_withheld in (("internal", False), ("partner", False), ("public", True)):
        assert _is_withheld(compared, test, load_edition(edition), "") is is_withheld
    everywhere = SimpleNamespace(kind="records", options=windows)
    assert not _is_withheld(compared, everywhere, load_edition("public"), "2021-03-31")
    assert _is_withheld(compared, everywhere, load_edition("public"), "2021-02-10")


def test_a_withheld_test_says_so(shipped):
    public = evaluate_claims(only=["T2"], edition="public", as_of="2021-12-10")
    assert "withheld" in set(public.tests["reason"])
    assert "withheld" not in set(shipped.tests["reason"])
    (said,) = describe_claims(public.verdicts, public.tests, language=Language("en"))
    assert "This edition withholds the counts." in said
