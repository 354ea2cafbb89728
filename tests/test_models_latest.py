"""The latest period against references: by hand, and false alarms counted."""

import numpy as np
import pandas as pd
import pytest

from analytics.models.latest import compare_latest
from analytics.models.rates import compare_rates


def monthly(counts, start="2020-01-01", **columns):
    starts = pd.date_range(start, periods=len(counts), freq="MS")
    frame = pd.DataFrame(
        {"period_start": starts, "period_days": starts.days_in_month, "count": counts}
    )
    return frame.assign(**columns)


def test_three_references_by_hand():
    # January 2021 against December 2020, against all of 2020, and against January 2020.
    table = compare_latest(monthly([4, *[3] * 10, 5, 8])).set_index("compared_with")
    assert table["count_reference"].tolist() == [5, 39, 4]
    assert table["days_reference"].tolist() == [31, 366, 31]
    assert table.loc["previous", "ratio"] == pytest.approx(8 / 5)
    assert table.loc["long", "ratio"] == pytest.approx(8 / 31 / (39 / 366))
    assert table.loc["year_before", "reference_start"] == pd.Timestamp("2020-01-01")
    assert table.loc["long", "reference_end"] == pd.Timestamp("2020-12-31")
    exact = compare_rates(8, 31, 5, 31)  # these counts vary less than Poisson: dispersion 1
    assert table.loc["previous", "ci_lower"] == pytest.approx(exact.ci_lower)


def test_incomplete_periods_are_not_the_latest():
    series = monthly([5, 6, 7, 1], is_complete=[True, True, True, False])
    assert compare_latest(series)["count"].tolist() == [7, 7]


@pytest.mark.parametrize("counts", [[3], [0, 0, 0]])
def test_nothing_to_compare_gives_no_row(counts):
    assert compare_latest(monthly(counts)).empty


def test_bursts_widen_the_interval():
    calm = compare_latest(monthly([10] * 12 + [20])).set_index("compared_with")
    bursts = compare_latest(monthly([2, 18] * 6 + [20])).set_index("compared_with")
    assert bursts.loc["long", "dispersion"] > 5
    assert bursts.loc["long", "ci_lower"] < 1 < calm.loc["long", "ci_lower"]


@pytest.mark.slow
def test_false_alarms_are_rare_under_overdispersion():
    rng = np.random.default_rng(11)
    alarms = []
    for _ in range(1000):
        counts = rng.negative_binomial(5, 5 / (5 + 10), 13)  # mean 10, dispersion 3
        row = compare_latest(monthly(counts)).set_index("compared_with").loc["long"]
        alarms.append(row["ci_lower"] > 1 or row["ci_upper"] < 1)
    assert np.mean(alarms) < 0.06
