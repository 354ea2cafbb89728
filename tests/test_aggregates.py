"""Running totals differenced by hand."""

import pandas as pd
import pytest

from analytics.aggregates import difference_running_totals
from analytics.errors import FileError, ParameterError, SeriesError
from analytics.incidents import merge_reports
from analytics.periods import Window
from analytics.reconciliation import load_statements, reconcile_statements
from analytics.series import count_incidents


def totals(ends, values, start="2021-01-01", **columns):
    ends = pd.to_datetime(ends)
    frame = {"series_key": "k", "period_start": pd.to_datetime(start), "period_end": ends}
    return pd.DataFrame(frame | {"value": values} | columns)


PESHMERGA_2021 = totals(
    ["2021-03-31", "2021-08-30", "2021-11-08", "2021-11-30", "2021-12-31"], [51, 134, 206, 229, 257]
)


def test_peshmerga_ministry_2021():
    # 31 + 28 + 31 = 90; 30 + 31 + 30 + 31 + 30 = 152; 1 + 30 + 31 + 8 = 70; 22; 31 days.
    rates = difference_running_totals(PESHMERGA_2021.sample(frac=1, random_state=1), "k")
    assert rates["period_days"].tolist() == [90, 152, 70, 22, 31]
    assert rates["count"].tolist() == [51, 83, 72, 23, 28]
    by_hand = [51 / 90 * 30, 83 / 152 * 30, 72 / 70 * 30, 23 / 22 * 30, 28 / 31 * 30]
    assert rates["rate_per_30_days"].tolist() == pytest.approx(by_hand)
    assert rates["period_days"].sum() == 365
    assert rates["count"].sum() == rates["running_total"].iloc[-1] == 257
    assert rates["is_exact"].all()


def test_interval_is_garwood():
    # Tabled exact 95 % limits of a Poisson count of 10: 4.795 and 18.39; of 0: 0 and 3.689.
    rates = difference_running_totals(totals(["2021-01-30", "2021-03-01"], [10, 10]), "k")
    assert rates["period_days"].tolist() == [30, 30]
    assert rates["ci_lower"].tolist() == pytest.approx([4.795, 0], abs=0.001)
    assert rates["ci_upper"].tolist() == pytest.approx([18.39, 3.689], abs=0.001)


def test_a_falling_total_is_a_contradiction_without_a_rate():
    rates = difference_running_totals(totals(["2021-01-31", "2021-02-28"], [12, 10]), "k")
    assert rates["count"].tolist() == [12, -2]
    assert rates[["rate_per_30_days", "ci_lower", "ci_upper"]].iloc[1].isna().all()


def test_totals_restart_with_their_start_and_the_latest_statement_wins():
    both = pd.concat(
        [
            totals(["2020-12-31"], [270], "2020-01-01", published_on=pd.to_datetime("2021-05-12")),
            totals(["2021-03-31"], [51], published_on=pd.to_datetime("2021-05-12")),
            totals(["2021-03-31"], [50], published_on=pd.to_datetime("2021-04-01")),
        ]
    )
    assert difference_running_totals(both, "k")["count"].tolist() == [270, 51]


def test_a_bound_makes_both_neighbours_inexact():
    stated = totals(
        ["2021-01-31", "2021-02-28", "2021-03-31", "2021-04-30"],
        [5, 9, 12, 14],
        operator=["exact", "more than", "exact", "exact"],
    )
    assert difference_running_totals(stated, "k")["is_exact"].tolist() == [True, False, False, True]


def test_messages():
    with pytest.raises(ParameterError, match="series_key 'q': has no statement"):
        difference_running_totals(PESHMERGA_2021, "q")
    with pytest.raises(SeriesError, match="column 'value'"):
        difference_running_totals(PESHMERGA_2021.drop(columns="value"), "k")


def stated(value, unit="attacks", **columns):
    days = {
        "period_start": pd.to_datetime("2021-10-01"),
        "period_end": pd.to_datetime("2021-10-31"),
    }
    return pd.DataFrame([days | {"value": value, "unit": unit} | columns])


# Two incidents wholly in October 2021, one across its end, one after.
KNOWN = pd.DataFrame(
    {
        "date_start": pd.to_datetime(["2021-10-01", "2021-10-31", "2021-10-30", "2021-11-01"]),
        "date_end": pd.to_datetime(["2021-10-01", "2021-10-31", "2021-11-02", "2021-11-01"]),
        "governorate": ["IQ-KI", "IQ-DI", "IQ-KI", "IQ-KI"],
        "killed": [3, None, 4, 5],
        "is_disputed_territory": [True, False, True, True],
    }
)


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        (stated(5), [2, 3, 2, "missed"]),
        (stated(3), [2, 3, 0, "consistent"]),
        (stated(2), [2, 3, 0, "consistent"]),
        (stated(1), [2, 3, 0, "contradiction"]),
        (stated(1, operator="more than"), [2, 3, 0, "consistent"]),
        (stated(10, "killed"), [3, 7, 3, "missed"]),
        (stated(5, governorate="IQ-KI"), [1, 2, 3, "missed"]),
        (stated(5, scope="disputed territories"), [1, 2, 3, "missed"]),
    ],
)
def test_stated_totals_beside_known_incidents(statement, expected):
    found = reconcile_statements(statement, KNOWN)
    assert found[["known_min", "known_max", "missed_min", "outcome"]].iloc[0].tolist() == expected
    assert found["value"].tolist() == statement["value"].tolist()


def test_what_cannot_be_compared_is_said():
    some = stated(5, "killed", measure="Peshmerga killed")
    for statement in (stated(5, "towers"), stated(5, scope="Garmiyan"), some):
        found = reconcile_statements(statement, KNOWN)
        assert found["outcome"].tolist() == ["not comparable"]
        assert found[["known_min", "known_max", "missed_min"]].isna().all(axis=None)


def test_statements_never_enter_the_count():
    # The statements as records would be: handed to the count beside the incidents they speak of.
    window = Window("2021-10-01", "2021-11-30")
    before = count_incidents(KNOWN, window, "month")
    reconcile_statements(stated(500), KNOWN)
    pd.testing.assert_frame_equal(count_incidents(KNOWN, window, "month"), before)
    assert before["count"].sum() == 4


def test_known_incidents_are_a_band_and_their_share_is_said():
    day = pd.Timestamp("2021-10-10")
    base = {"date_start": day, "date_end": day, "governorate": "IQ-KI", "killed": 2}
    reports = pd.DataFrame([base | {"report_id": x, "incident_id": y} for x, y in
                            [("a", "X"), ("b", "X"), ("c", "Y"), ("d", "Z")]])  # fmt: skip
    found = reconcile_statements(stated(6), merge_reports(reports)).iloc[0]
    # X, Y and Z may all be one; nothing merged, they are four.
    assert found[["known_min", "known_best", "known_max", "missed_min"]].tolist() == [1, 3, 4, 2]
    assert found["coverage_share"] == 0.5


def test_statements_of_a_users_file(tmp_path):
    path = tmp_path / "stated.csv"
    head = "claim_id,period_start,period_end,what,value,unit,scope\n"
    path.write_text(head + "A,2021-10-01,2021-10-31,attacks,5,attacks,Kirkuk\n")
    found = reconcile_statements(load_statements(str(path)), KNOWN)
    assert found[["known_min", "known_max", "missed_min"]].iloc[0].tolist() == [1, 2, 3]
    assert found["measure"].tolist() == ["attacks"]
    rows = [
        "A,October,2021-10-31,attacks,5,attacks,",
        "B,2021-10-01,2021-10-31,attacks,five,attacks,",
        "C,2021-10-01,,attacks,inf,attacks,",
        "D,2021-10-01,2021-10-31,attacks,5,attacks,",
    ]
    path.write_text(head + "\n".join(rows))
    stated = load_statements(str(path))
    assert stated["unread"].fillna("").tolist() == [
        "period_start 'October' is no day; write it as 2021-11-08",
        "value 'five' is no number; state the total in digits",
        "period_end '' is no day; write it as 2021-11-08",
        "",
    ]
    found = reconcile_statements(stated, KNOWN)
    assert found["reason"][:3].tolist() == stated["unread"][:3].tolist()
    assert found["outcome"].eq("not comparable").tolist() == [True, True, True, False]
    assert difference_running_totals(stated, "")["running_total"].tolist() == [5]
    with pytest.raises(FileError, match="is not there"):
        load_statements(str(tmp_path / "none.csv"))
