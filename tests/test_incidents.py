"""Reports merged into incidents: every expected value worked out by hand."""

import pandas as pd
import pytest

from analytics.errors import ParameterError, TableError
from analytics.incidents import merge_reports

DAY = pd.Timestamp


def report(report_id, incident_id=None, start="2021-10-26", end=None, **values):
    days = {"date_start": DAY(start), "date_end": DAY(end or start)}
    return {"report_id": report_id, "incident_id": incident_id, **days, **values}


def merge(*rows, **options):
    return merge_reports(pd.DataFrame(list(rows)), **options).set_index("incident_id")


def test_days_are_those_on_which_all_reports_agree():
    merged = merge(
        report("a", "X", "2021-10-20", "2021-10-26"), report("b", "X", "2021-10-24", "2021-10-30")
    )
    assert merged.loc["X", ["date_start", "date_end"]].tolist() == [
        DAY("2021-10-24"),
        DAY("2021-10-26"),
    ]


def test_days_that_contradict_each_other_become_an_interval():
    # 27 and 28 October 2021, a Wednesday and a Thursday: a night attack.
    merged = merge(report("a", "X", "2021-10-27"), report("b", "X", "2021-10-28"))
    assert merged.loc["X", ["date_start", "date_end"]].tolist() == [
        DAY("2021-10-27"),
        DAY("2021-10-28"),
    ]


def test_low_confidence_dates_are_heard_only_where_there_are_no_others():
    # "5 December" for 5 September 2021: both are Sundays.
    rows = [
        report("a", "X", "2021-09-05", confidence="ok"),
        report("b", "X", "2021-12-05", confidence="low"),
        report("c", "Y", "2021-12-05", confidence="low"),
    ]
    merged = merge(*rows)
    assert merged.loc["X", "date_end"] == DAY("2021-09-05")
    assert merged.loc["Y", "date_start"] == DAY("2021-12-05")


@pytest.mark.parametrize(
    ("figures", "best"),
    [
        # (days after the incident, killed): copies of the first flash do not outvote the rest
        ([(0, 11), (0, 11), (0, 11), (1, 12)], 12),
        # settled from the second day on: the most frequent, whichever of those days it is from
        ([(0, 11), (2, 15), (2, 11), (2, 15), (3, 12)], 15),
        # a retelling in the following year
        ([(0, 11), (0, 11), (302, 12)], 11),
        # equally often: the highest
        ([(1, 4), (1, 5)], 5),
        # no figure on the last day: unknown does not overwrite
        ([(0, 7), (2, None)], 7),
        ([(0, None), (1, None)], None),
    ],
)
def test_best_toll(figures, best):
    rows = [
        report(f"r{i}", "X", killed=killed, published_on=DAY("2021-10-26") + pd.Timedelta(days=lag))
        for i, (lag, killed) in enumerate(figures)
    ]
    merged = merge(*rows)
    stated = [killed for _, killed in figures if killed is not None]
    if best is None:
        assert merged[["killed", "killed_min", "killed_max"]].isna().all(axis=None)
    else:
        found = merged.loc["X", ["killed", "killed_min", "killed_max"]].tolist()
        assert found == [best, min(stated), max(stated)]


def test_casualties_of_the_other_side_are_left_aside():
    rows = [
        report("a", "X", killed=3, casualties_of="is"),
        report("b", "X", killed=4, casualties_of="is"),
        report("c", "X", killed=9, casualties_of="victims"),
    ]
    assert merge(*rows).loc["X", ["killed_min", "killed_max"]].tolist() == [3, 4]


def test_a_report_without_label_stands_alone_and_no_evidence_is_lost():
    rows = [report("a", "X"), report("b", ""), report("c"), report("d", "X")]
    merged = merge(*rows)
    assert merged["report_ids"].to_dict() == {"X": "a;d", "b": "b", "c": "c"}
    assert merged["n_reports"].sum() == 4
    assert merge(*rows, rule="none")["n_reports"].tolist() == [1, 1, 1, 1]


def test_other_columns_hold_what_most_reports_say_and_row_order_is_irrelevant():
    rows = [
        report("a", "X", place="Muqdadiya", target=None, published_on=DAY("2021-10-26")),
        report("b", "X", place="al-Rashad", target="civilian", published_on=DAY("2021-10-28")),
        report("c", "X", place="al-Rashad", target="", published_on=None),
    ]
    merged = merge(*rows)
    assert merged.loc["X", ["place", "target"]].tolist() == ["al-Rashad", "civilian"]
    assert merged.loc["X", "published_first"] == DAY("2021-10-26")
    assert merged.loc["X", "published_last"] == DAY("2021-10-28")
    pd.testing.assert_frame_equal(merged, merge(*rows[::-1]))


def test_messages():
    with pytest.raises(ParameterError, match="rule 'some': is not known"):
        merge(report("a"), rule="some")
    with pytest.raises(TableError, match="report 'a': occurs twice"):
        merge(report("a"), report("a"))
    with pytest.raises(TableError, match="column 'date_end': is not in the reports"):
        merge_reports(pd.DataFrame({"report_id": ["a"], "date_start": [DAY("2021-10-26")]}))
