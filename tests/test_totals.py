"""A total that somebody stated over a period never becomes incidents, whatever way it comes in."""

import gzip
import json
import sqlite3
from itertools import islice

import ibis
import pandas as pd
import pytest

from analytics.aggregates import difference_running_totals
from analytics.bands import count_band
from analytics.errors import TableError
from analytics.incidents import merge_reports
from analytics.periods import Window
from analytics.reconciliation import load_statements, reconcile_statements
from analytics.records import load_records
from analytics.reference import data_path, load_aggregates
from analytics.series import count_incidents

WINDOW = Window("2021-01-01", "2021-12-31")
INCIDENTS = [
    {"report_id": "a", "date_start": "2021-08-01", "date_end": "2021-08-02", "governorate": "IQ-KI",
     "published_on": "2021-08-03", "n_incidents": "3", "killed": "2"},
    {"report_id": "b", "date_start": "2021-08-30", "date_end": "2021-08-30", "governorate": "IQ-DI",
     "published_on": "2021-08-31", "n_incidents": "", "killed": ""},
    # Known to the month: one incident, whose interval is as long as a total's.
    {"report_id": "c", "date_start": "2021-09-01", "date_end": "2021-09-30", "governorate": "IQ-DI",
     "published_on": "2021-10-01", "n_incidents": "1", "killed": "1"},
]  # fmt: skip
# "134 attacks from January to 30 August", and one that its own column calls a total.
TOTALS = [
    {"report_id": "t", "date_start": "2021-01-01", "date_end": "2021-08-30", "governorate": "IQ-KI",
     "published_on": "2021-09-02", "n_incidents": "134", "killed": "90"},
    {"report_id": "u", "date_start": "2021-08-01", "date_end": "2021-08-02", "governorate": "IQ-KI",
     "published_on": "2021-08-03", "n_incidents": "13", "killed": "9", "kind": " Aggregate "},
]  # fmt: skip


def write(rows, path):
    """One table of rows in the container that the name says."""
    frame = pd.DataFrame(rows, dtype=str).fillna("")
    text = frame.to_csv(index=False)
    match path.suffix:
        case ".csv":
            path.write_text(text)
        case ".gz":
            path.write_bytes(gzip.compress(text.encode()))
        case ".json":
            path.write_text(json.dumps(frame.to_dict("records")))
        case ".jsonl":
            path.write_text("\n".join(map(json.dumps, frame.to_dict("records"))))
        case ".parquet":
            frame.to_parquet(path)
        case ".xlsx":
            frame.to_excel(path, index=False)
        case ".sqlite":
            with sqlite3.connect(path) as base:
                frame.to_sql("records", base, index=False)
    return str(path)


def count_every_way(records):
    """Yield the series from the engine, from a frame in hand, and from merged incidents."""
    frame = records.to_pandas()
    for options in ({}, {"by": "governorate"}, {"measure": "killed"}):
        yield count_incidents(records.accepted, WINDOW, "month", **options)
        yield count_incidents(ibis.memtable(frame), WINDOW, "month", **options)
        for rule in ("best", "all", "none"):
            incidents = merge_reports(frame, rule=rule)
            yield count_incidents(incidents, WINDOW, "month", **options)
            yield count_band(incidents, WINDOW, "month", **options)


@pytest.mark.parametrize(
    "name", ["r.csv", "r.csv.gz", "r.json", "r.jsonl", "r.parquet", "r.xlsx", "r.sqlite"]
)
def test_no_cell_of_any_count_changes_with_totals_in_the_file(name, tmp_path):
    (tmp_path / "with").mkdir()
    without = load_records(write(INCIDENTS, tmp_path / name))
    both = load_records(write([TOTALS[0], *INCIDENTS, TOTALS[1]], tmp_path / "with" / name))
    assert both.n_rejected == 2
    assert both.n_rows == 5
    reasons = both.rejected.sort_values("row")["reason"].tolist()
    assert all(reason.endswith("for 'analytics reconcile'") for reason in reasons)
    assert both.to_pandas()["report_id"].tolist() == ["a", "b", "c"]
    ways = [count_every_way(each) for each in (both, without)]
    # Every way of counting for one container; of the others the engine's and the frame's.
    for told, plain in islice(zip(*ways, strict=True), None if name == "r.csv" else 2):
        pd.testing.assert_frame_equal(told, plain)
    assert next(count_every_way(both))["count"].sum() == 5  # 3 + 1 + 1, by hand


def test_statements_are_not_read_as_records_and_change_nothing_beside_them():
    with pytest.raises(TableError, match="has columns of no known source"):
        load_records(str(data_path("aggregate_claims.csv"))).to_pandas()
    frame = pd.DataFrame(INCIDENTS, dtype=str)
    for column in ("date_start", "date_end", "published_on"):
        frame[column] = pd.to_datetime(frame[column])
    for column in ("n_incidents", "killed"):
        frame[column] = pd.to_numeric(frame[column]).astype("Int64")
    incidents = merge_reports(frame)
    kept = incidents.copy()
    reconcile_statements(load_aggregates(), incidents)
    pd.testing.assert_frame_equal(incidents, kept)


def test_of_the_article_only_the_incidents_are_counted():
    records = load_records(str(data_path("article_records.csv")))
    assert (
        records.to_pandas()["report_id"].tolist() == ["S1", "S2"] or len(records.to_pandas()) == 2
    )


def test_rows_that_a_source_of_events_made_keep_their_counts(tmp_path):
    rows = [{k: v for k, v in row.items() if k != "published_on"} for row in TOTALS[:1]]
    assert load_records(write(rows, tmp_path / "r.csv")).n_rejected == 0


def test_totals_told_in_words_are_differenced_and_reconciled(tmp_path):
    """ "134 attacks since the start of the year", published on 30 August; 206 by 8 November."""
    path = tmp_path / "stated.csv"
    path.write_text(
        "series_key,period,published_on,value,unit,operator\n"
        "attacks,منذ مطلع العام,2021-08-30,134,هجوماً,exact\n"
        "attacks,لە سەرەتای ئەمساڵەوە,2021-11-08,206,هێرش,exact\n"
        ",صيف 2021,2021-11-08,2,قتلى,exact\n"
        ",هاوینی 2021,2021-11-08,2,کوژراو,لانی کەم\n",
        encoding="utf-8",
    )
    stated = load_statements(str(path))
    ends = zip(stated["period_start"], stated["period_end"], strict=True)
    days = [f"{a:%m-%d}/{b:%m-%d}" for a, b in ends]
    assert days == ["01-01/08-30", "01-01/11-08", "06-01/09-23", "06-01/09-23"]
    rates = difference_running_totals(stated, "attacks")
    # January to August have 243 days, less one; then a day of August, 30, 31 and 8.
    assert rates["count"].tolist() == [134, 72]
    assert rates["period_days"].tolist() == [242, 70]
    days = pd.to_datetime(["2021-07-01", "2021-08-01"])
    known = pd.DataFrame({"date_start": days, "date_end": days, "killed": [1, 2]})
    found = reconcile_statements(stated, known)
    assert found["known_best"].tolist() == [2, 2, 3, 3]
    assert found["missed_min"].tolist() == [132, 204, 0, 0]
    # Three killed are more than two, but not more than "at least two".
    assert found["outcome"].tolist() == ["missed", "missed", "contradiction", "consistent"]


def test_a_total_without_a_time_is_kept_and_compared_with_nothing(tmp_path):
    path = tmp_path / "stated.csv"
    rows = "period,value,unit\nشتاء 2021,3,هجمات\n,4,attacks\nOctober 2021,5,attacks\n"
    path.write_text(rows, encoding="utf-8")
    day = pd.to_datetime(["2021-10-04"])
    found = reconcile_statements(
        load_statements(str(path)), pd.DataFrame({"date_start": day, "date_end": day})
    )
    assert found["outcome"].tolist() == ["not comparable", "not comparable", "missed"]
    assert "it may be of two winters" in found["reason"][0]
    assert found["reason"][1].startswith("period '' is no time (")
