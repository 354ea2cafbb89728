"""Calendar facts counted by hand; each test date carries its weekday."""

import numpy as np
import pandas as pd
import pytest

from analytics.errors import WindowError
from analytics.periods import KeyDate, Window, eid_share, make_periods, ramadan_share


def test_key_date_is_first_day_of_iso_week_2017_w42():
    # 2017-10-16 is a Monday; the week before ends on Sunday 2017-10-15.
    weeks = make_periods(Window("2017-10-01", "2017-10-31"), "week")
    assert pd.Timestamp("2017-10-16") in set(weeks["period_start"])
    # Sunday 1 October belongs to the week of Monday 25 September.
    assert weeks["period_start"].iloc[0] == pd.Timestamp("2017-09-25")
    assert weeks["period_days"].tolist() == [1, 7, 7, 7, 7, 2]
    assert weeks["is_whole"].tolist() == [False, True, True, True, True, False]


def test_iso_week_53():
    # 2020 has an ISO week 53: Monday 28 December 2020 to Sunday 3 January 2021.
    weeks = make_periods(Window("2020-12-28", "2021-01-10"), "week")
    assert weeks["period_start"].dt.strftime("%G-W%V").tolist() == ["2020-W53", "2021-W01"]


@pytest.mark.parametrize(
    ("interval", "n_periods", "days"),
    [("day", 366, {1}), ("month", 12, {29, 30, 31}), ("quarter", 4, {91, 92}), ("year", 1, {366})],
)
def test_leap_year(interval, n_periods, days):
    periods = make_periods(Window("2020-01-01", "2020-12-31"), interval)
    assert len(periods) == n_periods
    assert set(periods["period_days"]) == days
    assert periods["period_days"].sum() == 366
    assert periods["is_whole"].all()


def test_periods_have_no_gap_and_cover_the_window():
    window = Window("2016-02-27", "2018-11-03")
    for interval in ("day", "week", "month", "quarter", "year"):
        periods = make_periods(window, interval)
        following = periods["period_end"] + pd.Timedelta(days=1)
        assert (following.iloc[:-1].to_numpy() == periods["period_start"].iloc[1:].to_numpy()).all()
        assert periods["period_days"].sum() == window.n_days


@pytest.mark.parametrize(
    ("month", "days"),
    [
        ("2018-05", 16),
        ("2018-06", 14),
        ("2020-04", 7),
        ("2021-04", 18),
        ("2022-04", 29),
        ("2023-03", 9),
    ],
)
def test_ramadan_days_counted_by_hand(month, days):
    start = pd.Timestamp(f"{month}-01")
    periods = make_periods(Window(start, start + pd.offsets.MonthEnd(1)), "month")
    assert ramadan_share(periods)[0] * periods["period_days"].iloc[0] == pytest.approx(days)


def test_shifted_ramadan_moves_one_day_between_months():
    periods = make_periods(Window("2018-05-01", "2018-06-30"), "month")
    later = ramadan_share(periods, shift_days=1) * periods["period_days"]
    assert later.round(9).tolist() == [15, 15]


def test_shares_by_period_end_and_by_days_agree():
    periods = make_periods(Window("2014-01-01", "2023-12-31"), "week")
    without_end = periods.drop(columns="period_end")
    np.testing.assert_allclose(ramadan_share(periods), ramadan_share(without_end))
    # Ten years hold ten or eleven Ramadans of 29 or 30 days and about 7 Eid days a Hijri year.
    assert 290 <= (ramadan_share(periods) * 7).sum() <= 330
    assert 70 <= (eid_share(periods) * 7).sum() <= 77


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Window("2017-13-01", "2018-01-01"), "start '2017-13-01': is not a day"),
        (lambda: Window("2018-01-02", "2018-01-01"), "Swap the two days"),
        (lambda: Window("0017-01-01", "2018-01-01"), "outside 1700-2200"),
        (lambda: KeyDate.parse("October 2017"), "Write it as 2017-10-16"),
        (lambda: make_periods(Window("2018-01-01", "2018-01-01"), "fortnight"), "Choose one of"),
    ],
)
def test_messages(make, message):
    with pytest.raises(WindowError, match=message):
        make()
