"""Whole sentences from frames whose numbers are known."""

import ast
from pathlib import Path

import pandas as pd
import pytest

from analytics.language import Language
from analytics.models.notes import MEANINGS
from analytics.periods import Window, make_periods
from analytics.words import (
    describe_breaks,
    describe_coverage,
    describe_excess,
    describe_latest,
    describe_level,
    describe_naive,
    describe_note,
    describe_rates,
    describe_records,
    describe_refusals,
    describe_series,
    headline_key_date,
    headline_latest,
    number_latest,
)
from analytics.words.notes import MESSAGES
from analytics.words.refusals import say_reason

EN, AR = Language("en"), Language("ar")
DAY = "2017-10-16"
WINDOW = Window("2016-01-01", "2018-12-31")


def terms(ratio, low, high, *names):
    rows = [("level[2017-10-16]", ratio, low, high), *((name, 1.0, 0.9, 1.1) for name in names)]
    return pd.DataFrame(rows, columns=["term", "ratio", "ci_lower", "ci_upper"])


def level(frame, **options):
    (sentence,) = describe_level(
        frame, interval="week", window=WINDOW, language=EN, **options
    )  # fmt: skip
    return sentence


@pytest.mark.parametrize(
    ("bounds", "reading"),
    [
        ((0.8, 0.7, 0.9), "The interval excludes no change: the records show a fall."),
        ((2.5, 1.1, 4.0), "The interval excludes no change: the records show a rise."),
        ((1.2, 0.7, 2.1), "the records cannot tell."),
    ],
)
def test_reading_follows_from_the_interval_printed(bounds, reading):
    sentence = level(terms(*bounds, "trend"))
    assert sentence.endswith(reading)
    for number in bounds:
        assert f"{number:.2f}" in sentence


def test_level_sentence_names_estimate_interval_unit_period_and_comparison():
    assert level(terms(0.8, 0.7, 0.9, "trend")) == (
        "At 16 October 2017 the level of reported incidents was 20 % lower compared with the "
        "trend before it (rate ratio 0.80, 95 % interval 0.70 to 0.90; counts per week, 1 January "
        "2016 – 31 December 2018). The interval excludes no change: the records show a fall."
    )


def test_without_a_trend_none_is_spoken_of():
    assert "no trend is allowed for" in level(terms(0.8, 0.7, 0.9))


def distances(days, is_inside):
    return pd.DataFrame(
        {
            "key_date": ["2017-10-16"],
            "break_date": [pd.Timestamp("2017-10-16") + pd.Timedelta(days=days)],
            "distance_days": [days],
            "is_inside_interval": [is_inside],
        }
    )


def test_a_change_that_came_earlier_is_not_put_at_the_date():
    moved = level(terms(0.2, 0.1, 0.4, "trend"), distances=distances(-91, False))
    assert "changed level by 17 July 2017 already" in moved
    assert "show a fall" not in moved
    assert "show a fall" in level(terms(0.2, 0.1, 0.4, "trend"), distances=distances(-7, True))
    assert "show a fall" in level(terms(0.2, 0.1, 0.4, "trend"), distances=distances(91, False))


FALL = pd.DataFrame(
    {
        "date": [pd.Timestamp("2017-07-17")],
        "date_lower": [pd.Timestamp("2017-06-26")],
        "date_upper": [pd.Timestamp("2017-08-14")],
        "rate_before": [2.0],
        "rate_after": [0.5],
    }
)


def test_the_first_page_says_which_way_a_change_before_the_date_went():
    fitted, apart = terms(0.2, 0.1, 0.4, "trend"), distances(-91, False)
    said = headline_key_date(fitted, apart, FALL, "2017-10-16", language=EN)
    assert said == (
        "Reported incidents fell before 16 October 2017: at 17 July 2017, from 60.0 to 15.0 in 30 "
        "days. What happened at 16 October 2017 itself cannot be told from these records."
    )
    rise = FALL.assign(rate_after=4.0)
    said = headline_key_date(fitted, apart, rise, "2017-10-16", language=EN)
    assert "rose before 16 October 2017: at 17 July 2017, from 60.0 to 120.0" in said


def test_breaks_and_their_distance():
    first, second = describe_breaks(FALL, distances(-91, False), language=EN)
    assert "17 July 2017 (95 % interval 26 June – 14 August 2017): from 60.0 to 15.0" in first
    assert "91 days before 16 October 2017" in second
    (none,) = describe_breaks(FALL.iloc[:0], distances(0, True).iloc[:0], language=EN)
    assert "no lasting change" in none


def excess_rows(carried, damped, is_capped=False):
    rows = [
        {
            "key_date": "2017-10-16",
            "version": version,
            "first_day": pd.Timestamp("2017-10-16"),
            "last_day": pd.Timestamp("2017-10-29"),
            "is_capped": is_capped,
            "excess": excess,
            "excess_lower": low,
            "excess_upper": high,
        }
        for version, (excess, low, high) in (("carried", carried), ("damped", damped))
    ]
    return pd.DataFrame(rows)


def test_excess_says_more_and_fewer_with_positive_numbers():
    first, second, last = describe_excess(
        excess_rows((-25.0, -60.0, 5.0), (-12.0, -30.0, -2.0)), language=EN
    )
    assert first == (
        "In the days 16–29 October 2017 the records hold 25 fewer than the "
        "trend before leads one to expect (95 % prediction interval: 5 more to 60 fewer)."
    )
    assert second == "Had that trend died out instead, it would be 12 fewer (2 fewer to 30 fewer)."
    assert last.endswith("an assumption, not a finding.")


def test_excess_says_where_the_sum_ends_and_no_number_twice():
    said = describe_excess(excess_rows((9.0, 4.0, 11.0), (9.0, 4.0, 11.0), True), language=EN)
    assert "4 more to 11 more" in said[0]
    assert said[1].startswith("It is added up no further")
    assert not any("died out" in sentence for sentence in said)


def test_latest_without_a_reference_says_so():
    (sentence,) = describe_latest(pd.DataFrame(), interval="month", language=EN)
    assert "nothing to compare with" in sentence


def test_unbounded_interval_prints_a_dash_and_cannot_tell():
    latest = pd.DataFrame(
        {
            "compared_with": ["previous"],
            "period_start": [pd.Timestamp("2021-12-01")],
            "count": [3.0],
            "reference_start": [pd.Timestamp("2021-11-01")],
            "reference_end": [pd.Timestamp("2021-11-30")],
            "count_reference": [1.0],
            "days_reference": [30.0],
            "ratio": [2.9],
            "ci_lower": [0.2],
            "ci_upper": [float("nan")],
        }
    )
    sentences = describe_latest(latest, interval="month", language=EN)
    assert sentences[0] == "In December 2021 the records hold 3 incidents."
    assert "0.20 to –" in sentences[1]
    assert sentences[1].endswith("the records cannot tell.")


def test_a_period_without_incidents_is_lower_by_all_of_it():
    latest = pd.DataFrame(
        {
            "compared_with": ["long"],
            "period_start": [pd.Timestamp("2021-12-01")],
            "count": [0.0],
            "reference_start": [pd.Timestamp("2020-12-01")],
            "reference_end": [pd.Timestamp("2021-11-30")],
            "count_reference": [73.0],
            "days_reference": [365.0],
            "ratio": [0.0],
            "ci_lower": [0.0],
            "ci_upper": [0.62],
        }
    )
    sentences = describe_latest(latest, interval="month", language=EN)
    assert sentences[1].startswith(
        "The rate was 100 % lower compared with 1 December 2020 – 30 November 2021, when there "
        "were 6.0 in 30 days (rate ratio 0.00, 95 % interval 0.00 to 0.62)."
    )
    headline = headline_latest(latest, interval="month", language=EN)
    assert "The rate is 100 % lower compared with" in headline


def test_the_days_of_the_whole_window_are_those_of_its_cut_weeks():
    # The window begins on a Friday and ends on a Monday: the weeks at its ends have 3 days and 1.
    series = make_periods(Window("2021-10-01", "2022-01-31"), "week").assign(count=2.0)
    nothing = pd.DataFrame({"ratio": pd.Series(dtype=float)})
    ((count, _, days),) = number_latest(nothing, series, interval="week", language=EN)
    assert (count, days) == ("38", "1 October 2021 – 31 January 2022")


def test_records_add_up_in_words():
    balance = {
        "incidents": 51,
        "inside": 50.4,
        "outside": 0.6,
        "with_interval_date": 7,
        "without_governorate": 0,
    }
    sentences = describe_records(balance, WINDOW, language=EN)
    assert sentences[0].startswith("The records hold 51 incidents; 50.4 of them fall")
    assert len(sentences) == 2


def test_coverage_is_told_and_its_absence_too():
    known = describe_coverage(["../data/press_reports.csv"], language=EN)
    assert "between 25 % and 33 %" in known[0]
    (unknown,) = describe_coverage(["/somewhere/mine.csv"], language=EN)
    assert "Nobody has measured what share of attacks mine.csv holds" in unknown


def test_every_note_of_a_model_has_words():
    assert set(MEANINGS) <= set(MESSAGES)
    assert describe_note("never heard of", {}, language=EN) == "⟦never heard of⟧"


def test_naive_comparison_comes_with_its_warning():
    naive = pd.DataFrame(
        {
            "key_date": ["2017-10-16"],
            "method": ["before_after"],
            "count_before": [100.0],
            "count_after": [20.0],
            "exposure_before": [100.0],
            "exposure_after": [100.0],
            "ratio": [0.2],
            "ci_lower": [0.12],
            "ci_upper": [0.33],
        }
    )
    plain, warning = describe_naive(naive, "2017-10-16", language=EN)
    assert "80 % lower after 16 October 2017: 6.0 in 30 days against 30.0" in plain
    assert "already under way" in warning


def test_nothing_to_say_is_said():
    empty = pd.DataFrame(columns=["period_start", "count"])
    assert "no incident" in describe_series(empty, interval="week", language=EN)
    assert describe_rates(pd.DataFrame(), language=EN) == []
    (refusal,) = describe_refusals({"fit": "6 periods: are too few."}, language=EN)
    assert refusal == "The model of the key dates is not given: 6 periods: are too few."


def _said(argument):
    """What an argument of an error would read, each value in it a day."""
    if isinstance(argument, ast.JoinedStr):
        return "".join(p.value if isinstance(p, ast.Constant) else DAY for p in argument.values)
    return argument.value if isinstance(argument, ast.Constant) else DAY


def _reasons_of_models():
    """The value and rule of every refusal that a model raises."""
    for path in (Path(__file__).parents[1] / "analytics" / "models").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "ModelError":
                yield ": ".join(map(_said, node.args[:2]))


def test_every_reason_of_a_model_has_words_for_readers():
    # "before", "after", "at most" and "at least" are values there, and words here.
    skipped = f"0 incidents in the periods {DAY} {DAY}: give no regression"
    reasons = [reason for reason in _reasons_of_models() if not reason.startswith(skipped)]
    assert len(reasons) > 20
    untold = [reason for reason in reasons if say_reason(f"{reason}. Do.", EN) == f"{reason}. Do."]
    assert untold == []


def test_a_reason_is_told_with_its_values():
    reason = (
        "0 incidents in the periods before 2017-10-16: give no regression; by the exact test the "
        "rate ratio is at least 7.86. Compare two rates, widen the window or the place."
    )
    assert say_reason(reason, EN) == (
        "There is no incident before 16 October 2017; two rates compared give a ratio of at least "
        "7.86."
    )
    assert say_reason("2 periods to fit: are too few for 4 coefficients. Widen.", AR) == (
        "عدد الفترات ٢ أقل مما يحتاج إليه نموذج من ٤ معاملات."
    )
    assert say_reason("the records do not tell places apart", EN).startswith("the records")


@pytest.mark.parametrize("word", ["caused", "significant", "proves", "because of"])
def test_no_sentence_claims_a_cause(word):
    for path in (Path(__file__).parents[1] / "analytics" / "words").glob("*.py"):
        assert word not in path.read_text(encoding="utf-8")


def test_placebo_sentence_counts_dates_as_large_and_dates_flagged():
    from analytics.words import describe_placebos

    summary = pd.DataFrame(
        {"key_date": ["2017-10-16"], "n_placebos": [40], "rank": [2], "share_flagged": [0.15]}
    )
    (sentence,) = describe_placebos(summary, language=EN)
    assert "at 40 other dates of the time before 16 October 2017" in sentence
    assert "was found at 1 of them; at 6 it would have been" in sentence
    assert describe_placebos(summary.assign(rank=float("nan")), language=EN) == [
        "The time before is too short to ask the same at other dates."
    ]
