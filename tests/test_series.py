"""Counting, by hand and by invariants."""

import numpy as np
import pandas as pd
import pytest

from analytics.balance import balance_records, count_distribution
from analytics.errors import AnalyticsError, ParameterError, SeriesError
from analytics.periods import Window
from analytics.series import count_incidents, draw_series
from analytics.series_files import check_series, load_series
from analytics.tally import tally_periods


def records_of(*spans, **columns):
    """Records from "2017-10-10" or "2017-10-01/2017-10-31" texts."""
    starts, ends = zip(*((s.split("/") * 2)[:2] for s in spans), strict=True)
    frame = pd.DataFrame(
        {
            "report_id": [f"R{i}" for i in range(len(spans))],
            "date_start": pd.to_datetime(list(starts)),
            "date_end": pd.to_datetime(list(ends)),
        }
    )
    return frame.assign(**columns)


# Six records before 16 October 2017 (a Monday, exclusive), counted by hand: the weights are
# 1, 15/31, 2/5, 0, 21/28, 288/365.
VECTOR = records_of(
    "2017-10-10",
    "2017-10-01/2017-10-31",
    "2017-10-14/2017-10-18",
    "2017-10-16",
    "2017-09-25/2017-10-22",
    "2017-01-01/2017-12-31",
)


def test_poisson_binomial_vector():
    before = count_distribution(VECTOR, Window("2017-01-01", "2017-10-15"))
    assert before["count"].tolist() == [1, 2, 3, 4, 5]
    np.testing.assert_allclose(
        before["probability"], [0.01633, 0.13628, 0.37006, 0.36278, 0.11454], atol=5e-6
    )
    mean = (before["count"] * before["probability"]).sum()
    variance = (before["count"] ** 2 * before["probability"]).sum() - mean**2
    assert (mean, variance) == (
        pytest.approx(3.422912, abs=5e-7),
        pytest.approx(0.843695, abs=5e-7),
    )


def test_series_gives_the_moments_of_the_same_vector():
    # One period that ends on Sunday 15 October: a day grid summed by hand would do the same.
    series = count_incidents(VECTOR, Window("2017-01-01", "2017-10-15"), "year")
    row = series.iloc[0]
    assert row["count"] == pytest.approx(3.422912, abs=5e-7)
    assert row["count_var"] == pytest.approx(0.843695, abs=5e-7)
    assert (row["count_min"], row["count_max"], row["period_days"]) == (1, 5, 288)
    assert not row["is_complete"]  # 288 of 365 days


def random_records(n=400, seed=1):
    rng = np.random.default_rng(seed)
    start = pd.Timestamp("2017-01-01") + pd.to_timedelta(rng.integers(0, 365, n), "D")
    length = pd.to_timedelta(rng.choice([0, 0, 0, 2, 6, 30], n), "D")
    return pd.DataFrame(
        {
            "date_start": start,
            "date_end": start + length,
            "governorate": rng.choice(["IQ-KI", "IQ-DI", ""], n),
            "district": rng.choice(["Hawija", "Baquba", None], n),
            "event_type": rng.choice(["IED", "=cmd|' /C calc'!A1"], n),
            "killed": pd.array(rng.choice([0, 1, 2, 7, None], n), dtype="Int64"),
            "n_incidents": rng.integers(1, 4, n),
        }
    )


@pytest.mark.parametrize("interval", ["day", "week", "month", "quarter", "year"])
def test_totals_reconcile_whatever_the_interval(interval):
    records = random_records()
    window = Window("2016-12-01", "2018-02-28")  # wide enough for every interval
    series = count_incidents(records, window, interval)
    assert series["count"].sum() == pytest.approx(records["n_incidents"].sum())
    assert series["period_days"].sum() == window.n_days
    assert (series["count_min"] <= series["count"] + 1e-9).all()
    assert (series["count"] <= series["count_max"] + 1e-9).all()


def test_a_second_computation_day_by_day():
    records = random_records(60)
    window = Window("2017-03-04", "2017-11-20")
    expected = pd.Series(0.0, index=pd.date_range(window.start, window.end))
    for row in records.itertuples():
        days = pd.date_range(row.date_start, row.date_end)
        for day in days.intersection(expected.index):
            expected[day] += row.n_incidents / len(days)
    weekly = expected.groupby(expected.index.to_period("W-SUN").start_time).sum()
    series = count_incidents(records, window, "week")
    np.testing.assert_allclose(series["count"], weekly)
    assert (series["period_start"].to_numpy() == weekly.index.to_numpy()).all()


def test_groups_add_up_and_unknown_is_a_group():
    records = random_records()
    window = Window("2017-01-01", "2017-12-31")
    total = count_incidents(records, window, "month")
    for by in ("governorate", "zone", "district", "event_type"):
        grouped = count_incidents(records, window, "month", by=by)
        assert grouped.columns[0] == by
        summed = grouped.groupby("period_start")["count"].sum()
        np.testing.assert_allclose(summed, total["count"])
    assert "unknown" in set(
        count_incidents(records, window, "month", by="governorate")["governorate"]
    )


def test_every_governorate_is_there_even_with_zero():
    series = count_incidents(VECTOR.assign(governorate="IQ-KI"), Window("2017-10-01", "2017-10-31"),
                             "month", by="governorate")  # fmt: skip
    assert len(series) == 19
    assert series.set_index("governorate")["count"].drop("IQ-KI").eq(0).all()


def test_row_order_is_irrelevant_and_arguments_are_unchanged():
    records = random_records()
    before = records.copy(deep=True)
    window = Window("2017-01-01", "2017-12-31")
    one = count_incidents(records, window, "week", by="governorate", measure="killed")
    other = count_incidents(records.sample(frac=1, random_state=3), window, "week",
                            by="governorate", measure="killed")  # fmt: skip
    pd.testing.assert_frame_equal(one, other, check_exact=True)
    pd.testing.assert_frame_equal(records, before)


def test_unknown_casualties_are_not_zero():
    records = records_of("2017-10-10", "2017-10-11", "2017-10-12")
    records["killed"] = pd.array([3, None, 0], dtype="Int64")
    series = count_incidents(records, Window("2017-10-01", "2017-10-31"), "month", measure="killed")
    assert series[["count", "count_unknown"]].iloc[0].tolist() == [3, 1]


def test_count_zero_and_not_covered_are_three_states():
    series = count_incidents(
        records_of("2017-01-10"),
        Window("2017-01-01", "2017-04-30"),
        "month",
        covered=[Window("2017-01-01", "2017-02-28"), Window("2017-03-20", "2017-03-31")],
    )
    assert series["count"].tolist()[:3] == [1, 0, 0]
    assert np.isnan(series["count"].iloc[3])
    assert series["is_covered"].tolist() == [True, True, True, False]
    assert series["is_complete"].tolist() == [True, True, False, False]


def test_young_and_unfinished_periods_are_not_complete():
    def is_complete(**options):
        return count_incidents(
            VECTOR, Window("2017-01-01", "2017-12-31"), "month", **options
        )["is_complete"].tolist()  # fmt: skip

    assert is_complete(as_of="2017-11-30") == [True] * 11 + [False]
    assert is_complete(as_of="2017-11-29") == [True] * 10 + [False] * 2
    late = is_complete(as_of="2017-12-31", reporting_delay_days=31)
    assert late == [True] * 11 + [False]


def test_ten_a_day_give_the_days_of_the_month():
    days = pd.date_range("2021-01-01", "2021-03-31")
    records = pd.DataFrame({"date_start": days, "date_end": days, "n_incidents": 10})
    series = count_incidents(records, Window("2021-01-01", "2021-03-31"), "month")
    assert series["count"].tolist() == [310, 280, 310]
    assert series["period_days"].tolist() == [31, 28, 31]


def test_date_rules_bracket_the_spread():
    window = Window("2017-10-01", "2017-10-15")
    starts, ends = (
        count_incidents(VECTOR, window, "year", date_rule=rule)["count"].iloc[0]
        for rule in ("start", "end")
    )
    # By first day: 10 Oct, 1 Oct, 14 Oct (25 Sep and 1 Jan lie before); by last day: 10 Oct only.
    assert (starts, ends) == (3, 1)


def test_draws_have_the_mean_and_variance_of_the_series():
    records = random_records(200, seed=5)
    window = Window("2017-02-01", "2017-11-30")
    series = count_incidents(records, window, "month")
    draws = np.array([d["count"] for d in draw_series(records, window, "month", n_draws=2000)])
    standard_error = np.sqrt(series["count_var"] / len(draws))
    assert (abs(draws.mean(axis=0) - series["count"]) < 5 * standard_error + 1e-9).all()
    np.testing.assert_allclose(draws.var(axis=0), series["count_var"], rtol=0.2, atol=0.05)


def test_tally_is_small_and_sorted():
    records, window = pd.concat([VECTOR] * 50), Window("2017-01-01", "2017-10-15")
    tally = tally_periods(records, window, "year", by_day=True)
    # The one record inside; of those over the end, each by its first day (16 October is outside).
    assert tally[["first", "last", "days", "day", "n"]].values.tolist() == [
        [0, 0, 0, 0, 50],
        [0, 1, 5, 286, 50],
        [0, 1, 28, 267, 50],
        [0, 1, 31, 273, 50],
        [0, 1, 365, 0, 50],
    ]


def test_balance_of_the_same_vector():
    records = VECTOR.assign(governorate=["IQ-KI", "", None, "IQ-KI", "unknown", "IQ-DI"])
    balance = balance_records(records, Window("2017-01-01", "2017-10-15"))
    assert balance.pop("inside") == pytest.approx(3.422912, abs=5e-7)
    assert balance.pop("outside") == pytest.approx(6 - 3.422912, abs=5e-7)
    # Five of the six touch the window, one of them on a single day; 16 October does not.
    assert balance == {"incidents": 6, "with_interval_date": 4, "without_governorate": 3}
    assert balance_records(VECTOR, Window("2017-01-01", "2017-10-15"))["without_governorate"] == 5


def test_empty_records_give_zeros():
    empty = VECTOR.iloc[:0]
    series = count_incidents(empty, Window("2017-01-01", "2017-12-31"), "month")
    assert series["count"].tolist() == [0] * 12


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"measure": "deaths"}, "measure 'deaths': is not known. Choose one of incidents"),
        ({"by": "colour"}, "column 'colour': is not in the records. They have"),
        ({"measure": "wounded"}, "column 'wounded': is not in the records"),
        ({"date_rule": "middle"}, "date rule 'middle'"),
        ({"only": {"perpetrator": ["IS"]}}, "column 'perpetrator'"),
    ],
)
def test_messages(options, message):
    with pytest.raises(ParameterError, match=message):
        count_incidents(VECTOR, Window("2017-01-01", "2017-12-31"), "month", **options)


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        ({"period_start": pd.to_datetime(["2017-01-01"] * 2), "count": [1, 2]}, "occurs twice"),
        ({"period_start": pd.to_datetime(["2017-02-01", "2017-01-01"]), "count": [1, 2]}, "order"),
        ({"period_start": pd.to_datetime(["2017-01-01"]), "count": [-1]}, "is not a count"),
        ({"period_start": pd.to_datetime(["2017-01-01"])}, "column 'count'"),
        ({"period_start": pd.to_datetime([]), "count": []}, "has no period"),
    ],
)
def test_what_is_not_a_series(frame, message):
    with pytest.raises(SeriesError, match=message):
        check_series(pd.DataFrame(frame))


def write(path, text):
    path.write_text(text, encoding="utf-8")
    return [str(path)]


def test_series_from_a_file(tmp_path):
    files = write(
        tmp_path / "s.csv", "period_start,count,exposure\n2017-02-01,3,28\n2017-01-01,,31\n"
    )
    series = load_series(files)
    assert series["period_start"].dt.month.tolist() == [1, 2]
    assert np.isnan(series["count"].iloc[0])
    assert series["exposure"].tolist() == [31, 28]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("period,count\n2017-01-01,3\n", "column 'period_start': is not in s.csv"),
        ("period_start,count\n01/02/2017,3\n", "period_start in row 2 '01/02/2017': is not a day"),
        ("period_start,count\n2017-01-01,three\n", "count 'three': is not a number"),
        ("period_start,count\n2017-01-01,1\n2017-01-01,2\n", "occurs twice"),
    ],
)
def test_files_that_are_not_a_series(tmp_path, text, message):
    with pytest.raises(AnalyticsError, match=message):
        load_series(write(tmp_path / "s.csv", text))


def test_a_selection_without_incidents_is_a_series_of_no_rows():
    # A quiet governorate has no type of event to count by; its report is made all the same.
    window = Window("2021-10-01", "2021-12-31")
    frame = pd.DataFrame(
        {"date_start": pd.to_datetime(["2021-10-05"]), "date_end": pd.to_datetime(["2021-10-05"])}
    ).assign(event_type="arson")
    whole = count_incidents(frame, window, "month", by="event_type")
    empty = count_incidents(frame.iloc[:0], window, "month", by="event_type")
    assert (len(whole), len(empty)) == (3, 0)
    assert list(empty.columns) == list(whole.columns)


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("1970", "1970-01-01"),
        ("2017Q4", "2017-10-01"),
        ("2017-q2", "2017-04-01"),
        ("2017-10", "2017-10-01"),
        ("2017M3", "2017-03-01"),
        ("2020-W53", "2020-12-28"),
        ("2017-10-16", "2017-10-16"),
    ],
)
def test_a_period_is_written_as_its_first_day_or_its_name(tmp_path, written, day):
    file = tmp_path / "series.csv"
    file.write_text(f"period_start,count\n{written},3\n", encoding="utf-8")
    assert load_series([str(file)])["period_start"].tolist() == [pd.Timestamp(day)]


@pytest.mark.parametrize("written", ["2017-13", "2021-W53", "2017-00", "W42", "1600", "1.5", ""])
def test_what_is_no_period_is_refused_with_its_row(tmp_path, written):
    file = tmp_path / "series.csv"
    file.write_text(f"period_start,count\n2017-01-01,3\n{written},3\n", encoding="utf-8")
    with pytest.raises(AnalyticsError, match="row 3"):
        load_series([str(file)])
