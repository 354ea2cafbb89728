"""Before and after without a model: sums by hand, the exact interval, what it is fooled by."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analytics.errors import ParameterError, WindowError
from analytics.models.naive import compare_naively
from analytics.schema import NAIVE, names


def monthly(counts, start="2015-01-01"):
    starts = pd.date_range(start, periods=len(counts), freq="MS")
    return pd.DataFrame(
        {"period_start": starts, "period_days": starts.days_in_month, "count": counts}
    )


def row(frame, method):
    return frame.set_index("method").loc[method]


def test_ratio_and_interval_by_hand():
    # 30 incidents in the 59 days of January and February 2015, 60 in the 61 of March and April.
    found = compare_naively(monthly([10, 20, 25, 35]), "2015-03-01")
    assert list(found.columns) == names(NAIVE)
    both = row(found, "before_after")
    assert (both["count_before"], both["count_after"]) == (30, 60)
    assert (both["exposure_before"], both["exposure_after"]) == (59, 61)
    assert both["ratio"] == pytest.approx((60 / 61) / (30 / 59))
    # Second computation: the binomial interval of 60 in 90, turned into a ratio.
    share = stats.binomtest(60, 90).proportion_ci(0.95, "exact")
    bounds = [p / (1 - p) * 59 / 61 for p in (share.low, share.high)]
    assert both[["ci_lower", "ci_upper"]].tolist() == pytest.approx(bounds)


def test_year_before_compares_the_same_months():
    # Only July differs, every year; the date is 1 July: before/after sees a rise, the year none.
    counts = [70 if month == 7 else 7 for month in [*range(1, 13)] * 2][:-4]  # to August 2016
    found = compare_naively(monthly(counts), "2016-07-01", horizon_months=2)
    assert row(found, "year_before")[["n_before", "n_after"]].tolist() == [2, 2]
    assert row(found, "year_before")["ratio"] == pytest.approx(1)
    assert row(found, "before_after")["ratio"] > 2


def test_weeks_are_paired_with_those_fifty_two_weeks_before():
    starts = pd.date_range("2016-10-17", periods=104, freq="7D")
    counts = np.r_[np.arange(52), 2 * np.arange(52)]
    weeks = pd.DataFrame({"period_start": starts, "period_days": 7, "count": counts})
    weeks.loc[60, "count"] = np.nan  # its partner, week 8, is left out with it
    year = row(compare_naively(weeks, "2017-10-16"), "year_before")
    assert (year["n_before"], year["n_after"]) == (51, 51)
    assert year["count_before"] == sum(range(52)) - 8
    assert year["ratio"] == pytest.approx(2)


def test_period_with_the_date_inside_is_on_neither_side():
    found = row(compare_naively(monthly([9, 9, 1, 9]), "2015-03-16"), "before_after")
    assert (found["n_before"], found["n_after"]) == (2, 1)


@pytest.mark.parametrize(
    ("counts", "reason"),
    [
        ([0, 0, 4, 4], "no incident before: the ratio has only a lower bound"),
        ([0, 0, 0, 0], "0 incidents on either side give no ratio"),
        ([4, np.nan, np.nan, np.nan], "no usable periods to compare"),
    ],
)
def test_without_a_ratio_there_is_a_reason(counts, reason):
    found = row(compare_naively(monthly(counts), "2015-03-01"), "before_after")
    assert np.isnan(found["ratio"])
    assert found["reason"] == reason


def test_no_incident_after_is_a_ratio_of_zero_with_an_upper_bound():
    found = row(compare_naively(monthly([6, 6, 0, 0]), "2015-03-01"), "before_after")
    assert (found["ratio"], found["ci_lower"], found["reason"]) == (0, 0, "")
    assert 0 < found["ci_upper"] < 1


def test_refusals():
    with pytest.raises(ParameterError, match="horizon_months 13: is not between 1 and 12"):
        compare_naively(monthly([1, 2, 3]), "2015-02-01", horizon_months=13)
    with pytest.raises(WindowError, match="key date 2019-01-01: has no period after it"):
        compare_naively(monthly([1, 2, 3]), "2019-01-01")
