"""Totals that others stated, in words and tables; how many incidents the same reports can be."""

import pandas as pd
import pytest

from analytics.aggregates import difference_running_totals
from analytics.bands import count_band, trace_band
from analytics.basis import select_incidents
from analytics.claims import evaluate_claims
from analytics.findings import tabulate_claims
from analytics.language import LANGUAGES, Language
from analytics.periods import Window
from analytics.reconciliation import reconcile_statements, select_statements
from analytics.reference import load_aggregates, load_published_counts
from analytics.stated import tabulate_statements
from analytics.tables import tabulate_band, tabulate_series
from analytics.trace import trace_series
from analytics.words import describe_band, describe_rivals, describe_statements

EN = Language("en")
WINDOW = Window("2021-12-01", "2021-12-31")
# Two flashes of one attack under a label, a third that may be of it, and one far from all.
REPORTS = pd.DataFrame(
    {
        "report_id": ["a", "b", "c", "d"],
        "incident_id": ["X", "X", None, None],
        "governorate": ["IQ-KI", "IQ-KI", "IQ-KI", "IQ-DI"],
        "date_start": pd.to_datetime(["2021-12-04", "2021-12-04", "2021-12-04", "2021-12-20"]),
        "date_end": pd.to_datetime(["2021-12-04", "2021-12-04", "2021-12-04", "2021-12-20"]),
        "published_on": pd.to_datetime("2021-12-21"),
    }
)


def statement(value, start="2021-12-01", end="2021-12-31", **more):
    row = {
        "claimed_by": "The ministry", "measure": "attacks", "unit": "attacks", "operator": "exact",
        "value": float(value), "scope": "Iraq", "governorate": None,
        "period_start": pd.Timestamp(start), "period_end": pd.Timestamp(end),
    }  # fmt: skip
    return row | more


def reconcile(*rows):
    return reconcile_statements(pd.DataFrame(rows), select_incidents(REPORTS).incidents)


def test_the_two_tables_of_the_ministry_are_both_told():
    key = "peshmerga-ministry-attacks"
    rates = difference_running_totals(load_aggregates(), key)
    rivals = difference_running_totals(load_published_counts(), key, is_needed=False)
    # 2021 as the other pages print it: 14 in January, 134 by July, 170 by October, 257 in all.
    assert rivals["count"].tolist()[-4:] == [14, 120, 36, 87]
    assert rivals["rate_per_30_days"].round(1).tolist()[-2:] == [11.7, 42.8]  # 92 and 61 days
    first, facts = describe_rivals(rates, rivals, language=EN)
    assert "Nothing tells which is right" in first
    assert (
        "134 are told until 30 August 2021 above, and until 31 July 2021 in the other table."
        in facts
    )
    assert "Until 31 December 2020 there are 270 above, and 230 in the other table." in facts
    assert "31 August 2021, from 16.4 to 30.9 in 30 days" in facts
    assert "1 November 2021, from 11.7 to 42.8." in facts


def test_tables_that_agree_are_not_told_twice():
    rates = difference_running_totals(load_aggregates(), "peshmerga-ministry-attacks")
    assert describe_rivals(rates, rates, language=EN) == []
    assert describe_rivals(rates, rates.iloc[:0], language=EN) == []
    assert difference_running_totals(load_published_counts(), "none", is_needed=False).empty


def test_statements_are_chosen_by_days_and_place():
    rows = pd.DataFrame(
        [
            statement(9, start="2021-11-30"),
            statement(1, end="2021-12-07"),
            statement(2, scope="Diyala", governorate="IQ-DI"),
            statement(3, scope="disputed territories"),
        ]
    )

    def chosen(**options):
        return select_statements(rows, WINDOW, **options)["value"].tolist()

    assert chosen() == [1, 2, 3]
    assert chosen(place="IQ-DI") == [2]
    assert chosen(place="IQ-KI") == chosen(place="strip") == []
    # A small count of a place would tell what the edition withholds.
    assert chosen(smallest=5) == [1]


def test_statements_in_words():
    found = reconcile(
        statement(20, operator="more than"),
        statement(1, end="2021-12-10"),
        statement(0, start="2021-12-20", end="2021-12-20", scope="Diyala", governorate="IQ-DI"),
        statement(160, unit="towers"),
    )
    assert found["outcome"].tolist() == [
        "missed", "consistent", "contradiction", "not comparable"
    ]  # fmt: skip
    assert describe_statements(found, language=EN) == [
        "4 totals that others stated lie wholly in these days; 3 can be set beside the records. "
        "None is ever added to a count.",
        "Totals by which something is missing here for certain: 1. Most is missing by The "
        "ministry: more than 20 (incidents, Iraq, 1–31 December 2021), of which "
        "the records hold at most 4.",
        "The ministry stated 0 (incidents, Diyala, 20 December 2021), the records hold at least 1: "
        "the two do not count the same, or one is wrong.",
    ]
    table = tabulate_statements(found, language=EN)
    assert table["Known"].tolist() == ["2 to 4", "1 to 3", "1 to 1", "–"]
    assert table["Missed at least"].tolist() == ["16", "0", "0", "–"]
    assert table["Outcome"].iloc[-1] == "the unit is not counted here"


def test_no_statement_is_said_in_a_line():
    (said,) = describe_statements(reconcile(statement(1)).iloc[:0], language=EN)
    assert said.startswith("No total")


@pytest.mark.parametrize("code", LANGUAGES)
def test_outcomes_and_reasons_are_in_the_language(code):
    reader = Language(code)
    found = reconcile_statements(load_aggregates(), select_incidents(REPORTS).incidents)
    table = tabulate_statements(found, language=reader)
    assert not table.apply(lambda cells: cells.str.contains("⟦")).any(axis=None)
    assert "⟦" not in " ".join(describe_statements(found, language=reader))
    assert table.iloc[:, -1].str.contains("[A-Za-z]").any() == (code == "en")


def test_the_band_in_words_and_in_a_table():
    traced = trace_series(select_incidents(REPORTS), WINDOW, "month")
    band = trace_band(traced)
    again = count_band(traced.selection.incidents, WINDOW, "month")
    assert band[["count_fewest", "count", "count_most"]].to_numpy().tolist() == [[2, 3, 4]]
    pd.testing.assert_frame_equal(band, again, check_like=True)
    assert "count_fewest" not in traced.series
    assert describe_band(band, language=EN) == [
        "Which reports tell of one incident is a judgement. Counted here: 3. If all that may be "
        "one are one: 2. If no two reports tell of the same: 4."
    ]
    table = tabulate_band(band, interval="month", language=EN)
    assert table["Whole window"].tolist() == table["December 2021"].tolist() == ["2", "3", "4"]
    behind = tabulate_series(band, interval="month", language=EN)
    assert behind["Fewest to most"].tolist() == ["2 to 4"]


def test_a_band_of_events_is_not_told():
    events = select_incidents(REPORTS.assign(one_row_is="event", incident_id=None))
    band = trace_band(trace_series(events, WINDOW, "month"))
    assert describe_band(band, language=EN) == []
    assert tabulate_band(band, interval="month", language=EN).empty
    assert "Fewest to most" not in tabulate_series(band, interval="month", language=EN)


def test_where_there_is_no_count_there_is_no_band():
    covered = [Window("2021-12-01", "2021-12-12")]
    weeks = trace_band(trace_series(select_incidents(REPORTS), WINDOW, "week", covered=covered))
    assert weeks["count_most"].isna().tolist() == (~weeks["is_covered"]).tolist()
    released = select_incidents(REPORTS, edition="public", as_of="2022-06-01")
    parts = trace_band(trace_series(released, WINDOW, "week", by="governorate"))
    assert parts[["count_fewest", "count_most"]].isna().all(axis=None)


def test_a_test_at_a_key_date_has_no_empty_cells_and_huge_bounds_are_told_in_words():
    judged = evaluate_claims(only=["T3", "T4"])
    table = tabulate_claims(judged.tests, language=EN).set_index("Claim")
    assert table.loc["T4.1", "Compared with"] == "the trend before"
    assert "16 October 2017" in table.loc["T4.1", "Days"]
    assert judged.tests["ci_upper"].max() > 1000
    assert not table["95 % interval"].str.contains(r"\d,\d").any()
    assert table["95 % interval"].str.contains("over 100").any()
