"""Reports merged into incidents: every expected value worked out by hand."""

import pandas as pd
import pytest

from analytics.bands import bound_incidents, count_band
from analytics.clusters import load_decisions
from analytics.errors import FileError, ParameterError, TableError
from analytics.evidence import explain_incident, explain_pair, list_doubtful
from analytics.incidents import merge_reports
from analytics.linkage import compare_reports
from analytics.periods import Window
from analytics.reference import data_path

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


PRESS = pd.read_csv(data_path("press_reports.csv"))
UNLABELLED = PRESS.drop(columns="incident_id")


def pairs_of(names):
    """Pairs of reports of one incident, counted from the size of each incident."""
    n = names.value_counts()
    return (n * (n - 1) // 2).sum()


def test_links_find_the_labelled_incidents():
    # docs/decisions/042 gives the figures on incidents that the weights were not fitted to.
    merged = merge_reports(UNLABELLED, rule="best")
    found = merged.assign(report=merged["report_ids"].str.split(";")).explode("report")
    found = found.set_index("report")["incident_id"]
    truth = PRESS.set_index("report_id")["incident_id"]
    both = pairs_of(found.reindex(truth.index) + "|" + truth)
    assert both / pairs_of(found) > 0.95
    assert both / pairs_of(truth) > 0.95


def test_band_is_ordered_and_each_rule_joins_what_the_one_before_joined():
    band = bound_incidents(UNLABELLED)
    assert band["most"] == len(UNLABELLED)
    assert band["fewest"] <= band["best"] <= band["most"]
    fine, coarse = (merge_reports(UNLABELLED, rule=rule) for rule in ("best", "all"))
    coarse = [set(ids.split(";")) for ids in coarse["report_ids"]]
    assert all(any(set(ids.split(";")) <= group for group in coarse) for ids in fine["report_ids"])


def test_labels_stand_above_links():
    assert len(merge_reports(PRESS, rule="best")) == PRESS["incident_id"].nunique() == 73


def similar(report_id, incident_id=None, **values):
    base = {"governorate": "IQ-KI", "district": "Daquq", "place": "Tamur", "target": "police"}
    return report(
        report_id,
        incident_id,
        **(base | {"event_type": "IED", "killed": 2, "perpetrator": "IS"} | values),
    )


def ids(*rows, **options):
    return sorted(merge(*rows, **options)["report_ids"])


def test_hard_cases():
    night = [similar("a", start="2021-12-04"), similar("b", start="2021-12-05")]
    assert ids(*night, rule="best") == ["a;b"]
    rising = [similar("a", killed=7, wounded=13), similar("b", killed=11, wounded=13)]
    assert ids(*rising, rule="best") == ["a;b"]
    two_in_one_town = [similar("a"), similar("b", target="civilian", event_type="sniper", killed=0)]
    assert ids(*two_in_one_town, rule="best") == ["a", "b"]
    next_week = [similar("a"), similar("b", start="2021-11-02")]
    assert ids(*next_week, rule="all") == ["a", "b"]


def test_a_count_of_several_is_joined_by_a_decision_only_but_may_hold_what_is_told_alone():
    alone = similar("a"), similar("c", target="civilian", event_type="sniper", killed=0)
    bundle = similar("b", n_incidents=4, killed=9, target="police; civilian")
    far = similar("d", n_incidents=3, start="2021-11-20", governorate="IQ-NI")
    rows = [*alone, bundle, far]
    assert ids(*rows, rule="best") == ids(*rows, rule="all") == ["a", "b", "c", "d"]
    # Two of the four may be a and c: at the fewest 1 + 1 + (4 - 2) + 3, else 1 + 1 + 4 + 3.
    assert bound_incidents(pd.DataFrame(rows)) == {"fewest": 7, "best": 9, "most": 9}
    assert merge(*rows, rule="all")["n_incidents"].sum() == 7
    # The same count in two papers may be one count; at the fewest the larger.
    twice = [bundle, similar("e", n_incidents=5, killed=8, target="police; civilian")]
    assert bound_incidents(pd.DataFrame(twice)) == {"fewest": 5, "best": 9, "most": 9}
    doubtful = list_doubtful(pd.DataFrame(rows))
    pairs = {*zip(doubtful["report_id_a"], doubtful["report_id_b"], strict=True)}
    assert {("a", "b"), ("b", "c")} <= pairs
    assert "counts several" in explain_pair(pd.DataFrame(rows), "a", "b")["verdict"]
    made = decide(("a", "b", "cannot-link"), ("b", "c", "must-link"))
    assert bound_incidents(pd.DataFrame(rows), decisions=made)["fewest"] == 1 + 4 + 3


def test_what_a_count_of_several_killed_is_not_added_to_what_is_told_alone():
    rows = [similar("a", killed=2), similar("b", n_incidents=4, killed=9)]
    band = count_band(merge(*rows), Window("2021-10-01", "2021-12-31"), "quarter", measure="killed")
    assert band[["count_fewest", "count", "count_most"]].to_numpy().tolist() == [[2, 11, 11]]


def decide(*rows):
    return pd.DataFrame(rows, columns=["report_id_a", "report_id_b", "decision"])


def test_decisions_stand_above_links_and_labels():
    rows = [similar("a", "X"), similar("b", "X"), similar("c", governorate="IQ-BA")]
    apart, tied = decide(("b", "a", "cannot-link")), decide(("a", "c", "must-link"))
    for rule in ("labels", "best", "all"):
        assert ids(*rows, rule=rule, decisions=apart)[0] == "a"
        assert ids(*rows, rule=rule, decisions=tied) == ["a;b;c"]
    # A decision holds at both ends of the band too.
    assert ids(*rows, rule="none", decisions=tied) == ["a;c", "b"]
    assert bound_incidents(pd.DataFrame(rows), decisions=tied) == {
        "fewest": 1,
        "best": 1,
        "most": 2,
    }
    with pytest.raises(ParameterError, match="is both must-link and cannot-link"):
        ids(*rows, decisions=decide(("a", "b", "must-link"), ("b", "a", "cannot-link")))


def test_decisions_are_read_and_checked(tmp_path):
    path = tmp_path / "decisions.csv"
    path.write_text("report_id_a,report_id_b,decision,note\na,b,must-link,same night\n")
    assert load_decisions(path)["decision"].tolist() == ["must-link"]
    path.write_text("report_id_a,report_id_b,decision\na,b,maybe\n")
    with pytest.raises(TableError, match="decision 'maybe': is not known"):
        load_decisions(path)
    with pytest.raises(FileError, match="is not there"):
        load_decisions(tmp_path / "none.csv")


def test_every_merge_is_explained():
    reports = pd.DataFrame(
        [similar("a"), similar("b", killed=4), similar("c", place="Basra", start="2021-11-20")]
    )
    found = explain_incident(reports, "b")
    assert found["incident"]["report_ids"] == "a;b"
    assert found["reports"]["linked_to"].tolist() == ["b", "a"]
    assert found["reports"]["why"][0].startswith("same_place +2.6; same_type +1.8")
    # log(5/3) - 0.4 = 0.11 beyond what a rising toll may differ by.
    assert found["reports"]["against"].tolist() == ["other_toll -0.2"] * 2
    assert found["tolls"][["min", "best", "max"]].iloc[0].tolist() == [2, 4, 4]
    labelled = explain_incident(PRESS, "RSH1")
    assert labelled["reports"]["why"].str.startswith("label RSH1").all()
    with pytest.raises(ParameterError, match="'Q': is neither an incident nor a report"):
        explain_incident(reports, "Q")


def test_why_two_reports_were_not_merged():
    far = [similar("a"), similar("b", start="2021-11-20")]
    assert "25 apart, more than 2" in explain_pair(pd.DataFrame(far), "a", "b")["verdict"]
    events = pd.DataFrame([similar("a"), similar("b")]).assign(one_row_is="event")
    found = explain_pair(events, "a", "b")
    assert not found["is_merged"]
    assert "events are never merged" in found["verdict"]
    # The printed weights add up to the printed score.
    assert found["comparisons"]["weight"].sum() == pytest.approx(found["score"], abs=0.2)
    with pytest.raises(ParameterError, match="report 'z': is not in these files"):
        explain_pair(events, "a", "z")


def test_doubtful_pairs_are_a_table_of_decisions_to_fill(tmp_path):
    doubtful = list_doubtful(UNLABELLED)
    assert len(doubtful)
    assert (doubtful.loc[doubtful["now"] == "apart", "score"] >= -2).all()
    path = tmp_path / "decisions.csv"
    doubtful.to_csv(path, index=False)
    assert load_decisions(path).empty
    pair = doubtful[doubtful["now"] == "apart"].iloc[0]
    doubtful.loc[pair.name, "decision"] = "cannot-link"
    doubtful.to_csv(path, index=False)
    left = list_doubtful(UNLABELLED, decisions=load_decisions(path))
    keys = set(zip(left["report_id_a"], left["report_id_b"], strict=True))
    assert (pair["report_id_a"], pair["report_id_b"]) not in keys


def test_band_holds_in_every_period_group_and_measure():
    # Reports of one incident that differ by a day, across the end of a week and of a month.
    window = Window("2021-10-01", "2022-01-31")
    for frame in (PRESS, UNLABELLED):
        incidents = merge_reports(frame)
        for by in (None, "governorate", "event_type"):
            for interval in ("day", "week", "month"):
                for measure in ("incidents", "killed"):
                    band = count_band(incidents, window, interval, by=by, measure=measure)
                    assert (band["count_fewest"] <= band["count"] + 1e-9).all()
                    assert (band["count"] <= band["count_most"] + 1e-9).all()
    total = count_band(incidents, Window("2021-01-01", "2022-12-31"), "year").sum(numeric_only=True)
    ends = bound_incidents(UNLABELLED)
    assert total["count_fewest"] == pytest.approx(ends["fewest"])
    assert total["count_most"] == pytest.approx(ends["most"]) == 184


def test_events_of_a_source_that_merged_already_are_never_merged():
    rows = [similar("a", one_row_is="event"), similar("b", one_row_is="event"), similar("c")]
    assert ids(*rows, rule="all") == ["a", "b", "c"]
    assert ids(*rows, rule="all", decisions=decide(("a", "b", "must-link"))) == ["a;b", "c"]


def test_work_grows_with_reports_not_with_their_square():
    def pairs_for(n_days):
        days = pd.date_range("2015-01-01", periods=n_days)
        frame = pd.DataFrame({"report_id": range(n_days), "date_start": days, "date_end": days})
        return len(compare_reports(frame.assign(governorate="IQ-KI")))

    # Each day is compared with the two that follow: 2n - 3 pairs.
    assert [pairs_for(n) for n in (100, 1000)] == [197, 1997]
