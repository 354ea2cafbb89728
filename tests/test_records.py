"""Row checks: every row accepted, or rejected with the first rule it breaks."""

from __future__ import annotations

import gzip
import json
import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path

import duckdb
import ibis
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from analytics.errors import FileError, ParameterError, TableError
from analytics.records import load_records, summarise_records, write_rejected
from analytics.reference import data_path

HEADER = "report_id,date_start,date_end,governorate,killed,latitude,n_incidents,casualties_of\n"


def write(path: Path, text: str | bytes) -> Path:
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def rejected(path: Path, **options: object) -> list[tuple[int, str, str, str]]:
    """Row, column, value and the start of the reason."""
    records = load_records(path, **options)
    assert records.n_rows == records.n_rejected + len(records.to_pandas())
    return [
        (r.row, r.column, r.value, r.reason.split(";")[0]) for r in records.rejected.itertuples()
    ]


@pytest.mark.parametrize(
    ("row", "column", "value", "reason"),
    [
        (",2017-10-16,,IQ-KI,,,,", "report_id", "", "is empty"),
        ("a,,,IQ-KI,,,,", "date_start", "", "is empty"),
        ("a,banana,,IQ-KI,,,,", "date_start", "banana", "'banana' is not understood"),
        ("a,2017-02-30,,IQ-KI,,,,", "date_start", "2017-02-30", "there is no 30 February"),
        ("a,epoch,,IQ-KI,,,,", "date_start", "epoch", "'epoch' is not understood"),
        ("a,2017-10-16,2017-10-15,IQ-KI,,,,", "date_end", "2017-10-15", "lies before date_start"),
        ("a,1917-10-16,,IQ-KI,,,,", "date_start", "1917-10-16", "lies before 2003-01-01"),
        ("a,2026-11-25,,IQ-KI,,,,", "date_start", "2026-11-25", "lies after 2026-11-24"),
        ("a,2026-11-23,2026-11-25,IQ-KI,,,,", "date_end", "2026-11-25", "lies after 2026-11-24"),
        ("a,2017-10-16,,Atlantis,,,,", "governorate", "Atlantis", "is not a governorate of Iraq"),
        ("a,2017-10-16,,IQ-KI,-1,,,", "killed", "-1", "is not a number from 0 to 1000000"),
        ("a,2017-10-16,,IQ-KI,2.5,,,", "killed", "2.5", "is not a whole number up to 1000000"),
        ("a,2017-10-16,,IQ-KI,three,,,", "killed", "three", "is not a whole number"),
        ("a,2017-10-16,,IQ-KI,9e99,,,", "killed", "9e99", "is not a whole number"),
        ("a,2017-10-16,,IQ-KI,,91,,", "latitude", "91.0", "is not within 90 degrees"),
        ("a,2017-10-16,,IQ-KI,,north,,", "latitude", "north", "is not a number"),
        ("a,2017-10-16,,IQ-KI,,,0,", "n_incidents", "0", "is not a number from 1"),
        ("a,2017-10-16,,IQ-KI,,,,them", "casualties_of", "them", "is not one of victims, is, both"),
        ("ok,2017-10-16,,IQ-KI,,,,", "report_id", "ok", "is the id of an earlier row"),
    ],
)
def test_a_broken_row_is_listed_and_the_others_are_kept(
    tmp_path: Path, row: str, column: str, value: str, reason: str
) -> None:
    path = write(tmp_path / "a.csv", HEADER + "ok,2017-10-16,,IQ-KI,3,35.5,1,is\n" + row + "\n")
    ((number, *found, said),) = rejected(path, as_of="2026-11-24")
    assert (number, *found) == (3, column, value)
    assert said.startswith(reason)


def test_what_is_unknown_is_accepted_and_empty(tmp_path: Path) -> None:
    row = "a,2017-10-16,,,n/a,,,\nb, 2017-10-16 ,NULL,unknown,٣,-,,\n"
    frame = load_records(write(tmp_path / "a.csv", HEADER + row)).to_pandas()
    assert frame["date_end"].eq(pd.Timestamp("2017-10-16")).all()
    assert frame["governorate"].isna().all()
    assert frame["killed"].astype(object).where(frame["killed"].notna(), None).tolist() == [None, 3]


def test_places_and_the_organisation_get_one_name_and_keep_the_printed_one(tmp_path: Path) -> None:
    text = "report_id,date_start,governorate,perpetrator\n1,2017-10-16,كركوك,داعش\n"
    (row,) = load_records(write(tmp_path / "a.csv", text)).to_pandas().to_dict("records")
    assert (row["governorate"], row["governorate_printed"]) == ("IQ-KI", "كركوك")
    assert (row["perpetrator"], row["perpetrator_printed"]) == ("IS", "داعش")


def test_a_row_in_two_governorates_is_kept_and_said(tmp_path: Path) -> None:
    text = "report_id,date_start,governorate\n1,2017-10-16,Diyala; Kirkuk\n"
    records = load_records(write(tmp_path / "a.csv", text))
    assert records.to_pandas()["governorate"].isna().tolist() == [True]
    assert "a.csv: governorate 'Diyala; Kirkuk' left open" in records.notes


def test_dates_in_words_become_intervals(tmp_path: Path) -> None:
    text = (
        "report_id,date,published_on\n1,yesterday,2021-12-05\n2,October 2017,\n"
        "3,٢٨ تشرين الأول ٢٠٢١,\n4,yesterday,\n5,2017-10-16 21:30:00,someday\n"
    )
    records = load_records(write(tmp_path / "a.csv", text))
    days = records.to_pandas().set_index("report_id")[["date_start", "date_end"]]
    assert days.astype(str).to_numpy().tolist() == [
        ["2021-12-04", "2021-12-04"],
        ["2017-10-01", "2017-10-31"],
        ["2021-10-28", "2021-10-28"],
        ["2017-10-16", "2017-10-16"],
    ]
    assert records.rejected["row"].tolist() == [5]
    assert any("published_on of 1 rows" in note for note in records.notes)


def test_the_projects_own_tables_are_accepted_whole() -> None:
    records = load_records(data_path("ucdp_is_iraq.csv"), data_path("press_reports.csv"))
    assert (records.n_rows, records.n_rejected) == (2443 + 184, 0)
    assert records.to_pandas()["n_incidents"].fillna(1).sum() == 2912 + 184


def test_files_given_twice_and_ids_given_twice_are_said(tmp_path: Path) -> None:
    text = HEADER + "a,2017-10-16,,,,,,\nb,2017-10-16,,,,,,\n"
    first = write(tmp_path / "a.csv", text)
    copy = write(tmp_path / "b.csv", text)
    other = write(tmp_path / "c.csv", text + "c,2017-10-17,,,,,,\n")
    records = load_records(first, copy, other, first)
    assert (records.n_rows, records.n_rejected) == (5, 2)
    assert [f"{r.file}:{r.row}" for r in records.rejected.itertuples()] == ["c.csv:2", "c.csv:3"]
    assert f"{copy}: the same bytes as {first}; read once" in records.notes
    assert "c.csv: 2 rows have the report_id of an earlier row" in records.notes


def test_every_file_is_read_under_its_own_source_and_ids_of_two_sources_may_meet(
    tmp_path: Path,
) -> None:
    ours = write(tmp_path / "a.csv", "report_id,date_start\n7,2017-10-16\n")
    gtd = (
        "eventid,iyear,imonth,iday,country_txt,provstate,gname,nkill\n7,2014,6,0,Iraq,Saladin,,-99"
    )
    theirs = write(tmp_path / "gtd.csv", gtd)
    records = load_records(ours, theirs)
    assert records.source == "records, gtd"
    frame = records.to_pandas()
    assert sorted(frame["date_end"].astype(str)) == ["2014-06-30", "2017-10-16"]
    assert frame["killed"].isna().all()


def test_typed_tables_in_hand_give_what_the_file_gives(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "report_id": ["a", "b", "c", "a"],
            "date_start": pd.to_datetime(["2017-10-16", "2017-10-20", "2017-10-21", "2017-10-22"]),
            "date_end": pd.to_datetime(["2017-10-16", "2017-10-19", "2017-10-21", "2017-10-22"]),
            "governorate": ["IQ-KI", "IQ-KI", "IQ-XX", "IQ-DI"],
            "killed": [1, 2, 3, 4],
        }
    )
    frame.to_csv(tmp_path / "a.csv", index=False)
    frame.to_parquet(tmp_path / "a.parquet")
    con = ibis.duckdb.connect()
    remote = con.create_table("t", ibis.memtable(frame))
    for given in (tmp_path / "a.csv", tmp_path / "a.parquet", frame, remote):
        records = load_records(given)
        assert records.n_rows == 4
        assert sorted(records.rejected["column"]) == ["date_end", "governorate", "report_id"]
        assert records.to_pandas()["report_id"].tolist()[0] == "a"


@pytest.mark.parametrize(
    ("ends", "kept"),
    [
        (["2017-10-16", "2017-10-18"], ["2017-10-16", "2017-10-18"]),
        (["2017-10-16", None], ["2017-10-16", "2017-10-18"]),
        (["2017-10-20", "2017-10-18"], ["2017-10-20", "2017-10-18"]),
        (["2017-10-15", "2017-10-18"], ["2017-10-18"]),
        (["2017-10-15", "2017-10-20"], ["2017-10-20"]),
        ([None, None], ["2017-10-16", "2017-10-18"]),
    ],
)
def test_last_days_of_a_typed_table_whatever_a_look_at_them_finds(
    tmp_path: Path, ends: list[str | None], kept: list[str]
) -> None:
    frame = pd.DataFrame({"report_id": ["a", "b"], "date_start": ["2017-10-16", "2017-10-18"]})
    table = pa.table(
        {
            "report_id": frame["report_id"],
            "date_start": pa.array(pd.to_datetime(frame["date_start"]).dt.date, pa.date32()),
            "date_end": pa.array([e and date.fromisoformat(e) for e in ends], pa.date32()),
        }
    )
    pq.write_table(table, tmp_path / "a.parquet")
    records = load_records(tmp_path / "a.parquet")
    assert records.to_pandas()["date_end"].astype(str).tolist() == kept
    assert records.n_rejected == 2 - len(kept)


def test_a_record_table_in_parquet_is_not_copied(tmp_path: Path) -> None:
    frame = pd.DataFrame({"date_start": pd.to_datetime(["2017-10-16"]), "governorate": ["IQ-KI"]})
    frame.to_parquet(tmp_path / "a.parquet")
    records = load_records(tmp_path / "a.parquet")
    sql = str(ibis.to_sql(records.accepted.count()))
    assert "read_parquet" in sql
    assert records.to_pandas()["report_id"].tolist() == ["a.parquet:1"]


def test_a_summary_counts_reasons(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "report_id,date_start\n1,\n2,\n3,2017-10-16\n3,2017-10-16\n")
    summary = summarise_records(load_records(path))
    assert summary == {
        "rows": 4,
        "accepted": 1,
        "rejected": 3,
        "reasons": [
            {
                "reason": "is empty; give the day, or an interval of days",
                "column": "date_start",
                "n": 2,
            },
            {
                "reason": "is the id of an earlier row; give every report an id of its own",
                "column": "report_id",
                "n": 1,
            },
        ],
    }


def test_rejected_values_cannot_run_in_a_spreadsheet(tmp_path: Path) -> None:
    text = 'report_id,date_start,killed\n1,"=cmd()",1\n2,"<b>@x</b>",\n'
    write_rejected(load_records(write(tmp_path / "a.csv", text)), tmp_path / "out.csv")
    out = pd.read_csv(tmp_path / "out.csv", encoding="utf-8-sig")
    assert out["value"].tolist() == ["'=cmd()", "<b>@x</b>"]
    with pytest.raises(FileError, match="cannot be written"):
        write_rejected(load_records(tmp_path / "a.csv"), tmp_path / "no" / "out.csv")


def test_formulas_and_html_in_accepted_cells_stay_text(tmp_path: Path) -> None:
    text = 'report_id,date_start,target\n1,2017-10-16,"=1+1"\n2,2017-10-16,<script>x</script>\n'
    frame = load_records(write(tmp_path / "a.csv", text)).to_pandas()
    assert frame["target"].tolist() == ["=1+1", "<script>x</script>"]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("empty.csv", b"", "empty.csv: is empty"),
        ("blank.csv", b" \n\n", "blank.csv: is empty"),
        ("photo.csv", b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "is a picture, not a table"),
        ("noise.csv", bytes(range(256)) * 40, "holds binary bytes"),
        ("page.csv", b"<!DOCTYPE html><html></html>", "is a web page"),
        (
            "cut.csv.gz",
            gzip.compress(b"report_id,date_start\n" * 50, mtime=0)[:-12],
            "is damaged or cut off",
        ),
        ("cut.parquet", b"PAR1" + b"x" * 400, "is a Parquet file that is damaged"),
        ("twice.csv", b"date_start,Date_Start\n1,2\n", "names column 'Date_Start' twice"),
        ("other.csv", b"a,b\n1,2\n", "has columns of no known source"),
        ("deep.json", b"[" * 100_000, "deep.json: is"),
        ("cut.json", b'[{"date_start": "2017-10-16"}, {"date', "is cut off there"),
        ("cut.xlsx", b"PK\x03\x04" + b"x" * 300, "is damaged or cut off"),
        ("cut.db", b"SQLite format 3\0" + b"x" * 300, "is an SQLite file that cannot be read"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_clear_sentence(
    tmp_path: Path, name: str, content: bytes, message: str
) -> None:
    with pytest.raises((FileError, TableError)) as caught:
        load_records(write(tmp_path / name, content))
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_what_is_no_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="is not there"):
        load_records(tmp_path / "no.csv")
    with pytest.raises(FileError, match="is a directory"):
        load_records(tmp_path)
    with pytest.raises(FileError, match="matches no file"):
        load_records(tmp_path / "*.csv")
    with pytest.raises(ParameterError, match="no file"):
        load_records()
    with pytest.raises(ParameterError, match="source 'x'"):
        load_records(write(tmp_path / "a.csv", "date_start\n2017-10-16\n"), source="x")


def test_a_header_alone_is_no_rows(tmp_path: Path) -> None:
    records = load_records(write(tmp_path / "a.csv", HEADER))
    assert (records.n_rows, len(records.to_pandas()), len(records.rejected)) == (0, 0, 0)


def test_equal_rows_of_files_without_ids_are_counted_and_said(tmp_path: Path) -> None:
    header, rows = "date,place,killed\n", ["2017-10-16,x,1\n", "2017-10-17,y,\n"]
    for folder in "ab":
        (tmp_path / folder).mkdir()
    (tmp_path / "a" / "x.csv").write_text(header + "".join(rows))
    (tmp_path / "b" / "x.csv").write_text(header + "".join(rows) + "2017-10-18,z,3\n")
    records = load_records(tmp_path / "a" / "x.csv", tmp_path / "b" / "x.csv")
    assert (records.n_rows, records.n_rejected) == (5, 0)
    assert records.to_pandas()["report_id"].tolist() == [
        "x.csv:2", "x.csv:3", "x.csv[2]:2", "x.csv[2]:3", "x.csv[2]:4",
    ]  # fmt: skip
    assert "2 rows without an id are equal to rows of x.csv" in " ".join(records.notes)


def test_a_file_that_changes_after_it_was_opened_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    frame = pd.DataFrame({"report_id": ["a"], "date_start": [pd.Timestamp("2017-10-16")]})
    frame.to_parquet(path)
    records = load_records(path)
    assert records.tell_changes() == ()
    pd.concat([frame, frame.assign(report_id="b")]).to_parquet(path)
    assert records.tell_changes() == ("a.parquet: changed while it was read; read it again",)
    path.unlink()
    assert len(records.tell_changes()) == 1


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("killed", "2"),
        ("killed", "2.5"),
        ("killed", "3.0"),
        ("killed", "nan"),
        ("date_start", "epoch"),
        ("date_start", "infinity"),
        ("date_start", "03/04/2021"),
        ("date_end", ""),
        ("date_end", "1960-01-01"),
        ("latitude", "1e400"),
        ("report_id", "b "),
        ("governorate", "Kirkuk"),
        ("district", "Hawija"),
        ("district", " Hawija\t"),
        ("place", "  "),
        ("event_type", "\tarmed clash "),
        ("perpetrator", "Daesh"),
        ("casualties_of", "Victims"),
        ("casualties_of", " IS "),
    ],
)
def test_values_read_straight_from_text_are_those_read_cell_by_cell(tmp_path, column, cell):
    # A list of objects is always read as text; a delimited file only where values do not fit.
    rows = [
        {"report_id": "a", "date_start": "2017-10-16", "date_end": "2017-10-17",
         "governorate": "IQ-KI", "killed": "1", "latitude": "35.4", column: value}
        for value in (cell, {"report_id": "a"}.get(column, ""))
    ]  # fmt: skip
    rows[1] |= {"report_id": "z", "date_start": "2017-10-16"}
    pd.DataFrame(rows).to_csv(tmp_path / "a.csv", index=False)
    (tmp_path / "a.json").write_text(json.dumps(rows))
    straight, by_cell = load_records(tmp_path / "a.csv"), load_records(tmp_path / "a.json")
    ours, theirs = straight.to_pandas(), by_cell.to_pandas()
    assert straight.n_rows == by_cell.n_rows == 2
    pd.testing.assert_frame_equal(ours, theirs[ours.columns.tolist()])
    told = ["column", "value", "reason"]
    assert straight.rejected[told].values.tolist() == by_cell.rejected[told].values.tolist()


@pytest.mark.parametrize(
    ("kind", "n_rejected"), [("csv", 1), ("json", 1), ("sqlite", 1), ("parquet", 0), ("duckdb", 0)]
)
def test_a_nul_costs_a_row_where_cells_are_read_as_text(tmp_path, kind, n_rejected):
    """As docs/mapping.md says."""
    frame = pd.DataFrame(
        {
            "report_id": ["a", "b"],
            "date_start": pd.to_datetime("2021-01-01"),
            "governorate": "IQ-KI",
            "place": ["x\0y", "Daquq"],
        }
    )
    texts = frame.assign(date_start="2021-01-01")
    path = tmp_path / f"records.{kind}"
    if kind == "csv":
        path.write_text(texts.to_csv(index=False), encoding="utf-8")
    elif kind == "json":
        path.write_text(json.dumps(texts.to_dict("records")), encoding="utf-8")
    elif kind == "sqlite":
        with closing(sqlite3.connect(path)) as base:
            base.execute(f"CREATE TABLE records ({', '.join(texts)})")
            base.executemany("INSERT INTO records VALUES (?, ?, ?, ?)", texts.to_numpy().tolist())
            base.commit()
    elif kind == "parquet":
        frame.to_parquet(path)
    else:
        with duckdb.connect(str(path)) as base:
            base.execute("CREATE TABLE records AS SELECT * FROM frame")
    records = load_records(path)
    assert (records.n_rows, records.n_rejected) == (2, n_rejected)
    if n_rejected:
        assert records.rejected["reason"].tolist() == ["holds a NUL character; remove it"]
    else:
        assert records.to_pandas()["place"].tolist() == ["x\0y", "Daquq"]
