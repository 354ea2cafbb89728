"""Exports of each source, in each of its shapes, become the records that a reader would write."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from analytics.errors import FileError, ParameterError, TableError
from analytics.records import Records, load_records
from analytics.schema import RECORD, names
from analytics.sources import _INSIDE, _KEYS, load_source, recognise_source, source_names

SHARED = Path(__file__).parents[2] / "shared" / "data"

ACLED = {
    "data_id": "8707",
    "iso": "368",
    "event_id_cnty": "IRQ1",
    "event_id_no_cnty": "1",
    "event_date": "05 January 2022",
    "year": "2022",
    "time_precision": "1",
    "event_type": "Battles",
    "sub_event_type": "Armed clash",
    "actor1": "Islamic State (Iraq)",
    "assoc_actor_1": "",
    "inter1": "2",
    "actor2": "Military Forces of Iraq (2021-)",
    "assoc_actor_2": "",
    "inter2": "1",
    "interaction": "12",
    "region": "Middle East",
    "country": "Iraq",
    "admin1": "Salah al-Din",
    "admin2": "Tuz",
    "admin3": "Markaz Tuz Khurmatu",
    "location": "Tuz Khurmatu",
    "latitude": "34.88",
    "longitude": "44.63",
    "geo_precision": "2",
    "source": "NINA",
    "source_scale": "National",
    "notes": "On 5 January 2022, ...",
    "fatalities": "2",
    "timestamp": "1641945600",
    "iso3": "IRQ",
}
GED = {
    "id": "114064",
    "relid": "IRQ-2014-1-524-1",
    "year": "2014",
    "type_of_violence": "1",
    "dyad_new_id": "524",
    "dyad_name": "Government of Iraq - IS",
    "side_a": "Government of Iraq",
    "side_b": "IS",
    "where_prec": "1",
    "where_coordinates": "Al Fallūjah town",
    "adm_1": "Al Anbār province",
    "adm_2": "Qaḑā’ al Fallūjah",
    "latitude": "33.355813",
    "longitude": "43.786124",
    "country": "Iraq",
    "country_id": "645",
    "date_prec": "2",
    "date_start": "2014-01-24",
    "date_end": "2014-01-25",
    "deaths_civilians": "1",
    "low": "8",
    "best": "8",
    "high": "9",
}
GTD = {
    "eventid": "201406100001",
    "iyear": "2014",
    "imonth": "6",
    "iday": "10",
    "approxdate": "",
    "extended": "0",
    "country": "95",
    "country_txt": "Iraq",
    "provstate": "Nineveh",
    "city": "Mosul",
    "latitude": "36.33",
    "longitude": "43.13",
    "attacktype1_txt": "Armed Assault",
    "targtype1_txt": "Police",
    "gname": "Islamic State of Iraq and the Levant (ISIL)",
    "nkill": "4",
    "nwound": "",
    "nhostkid": "-99",
}


def load(path: Path, *rows: dict[str, str], **options: Any) -> Records:
    """Records of rows written down as CSV."""
    pd.DataFrame(rows).to_csv(path, index=False, encoding=options.pop("written", "utf-8"))
    return load_records(path, **options)


def only_row(records: Records) -> dict[str, Any]:
    assert records.n_rejected == 0, records.rejected.to_string()
    frame = records.to_pandas()
    assert len(frame) == 1
    days = ["date_start", "date_end"]
    frame[days] = frame[days].astype(str)
    row: dict[str, Any] = frame.iloc[0].to_dict()
    return row


@pytest.mark.parametrize(
    ("event_date", "time_precision", "start", "end"),
    [
        ("05 January 2022", "1", "2022-01-05", "2022-01-05"),
        ("5 January 2022", "1", "2022-01-05", "2022-01-05"),
        ("2022-01-05", "1", "2022-01-05", "2022-01-05"),
        ("05-Jan-22", "1", "2022-01-05", "2022-01-05"),
        ("05-January-2022", "1", "2022-01-05", "2022-01-05"),
        ("05-Jan-2022", "1", "2022-01-05", "2022-01-05"),
        ("2022-01-05", "2", "2022-01-02", "2022-01-08"),
        ("16 February 2020", "3", "2020-02-01", "2020-02-29"),
        ("31 December 2021", "3", "2021-12-01", "2021-12-31"),
        ("2022-01-05", "", "2022-01-05", "2022-01-05"),
    ],
)
@pytest.mark.parametrize("case", [str.lower, str.upper])
def test_acled_dates_in_every_form_and_precision(
    tmp_path: Path, case: Any, event_date: str, time_precision: str, start: str, end: str
) -> None:
    event = {**ACLED, "event_date": event_date, "time_precision": time_precision}
    records = load(tmp_path / "a.csv", {case(name): value for name, value in event.items()})
    row = only_row(records)
    assert records.source == "acled"
    assert (row["date_start"], row["date_end"]) == (start, end)


def test_an_acled_event_is_a_record(tmp_path: Path) -> None:
    row = only_row(load(tmp_path / "a.csv", ACLED))
    assert {c: row[c] for c in names(RECORD) if c in row} == {
        "report_id": "IRQ1",
        "date_start": "2022-01-05",
        "date_end": "2022-01-05",
        "governorate": "IQ-SD",
        "district": "Tuz Khurmatu",
        "place": "Tuz Khurmatu",
        "latitude": 34.88,
        "longitude": 44.63,
        "event_type": "Battles",
        "perpetrator": "IS",
        "target": "Military Forces of Iraq (2021-)",
        "killed": 2,
        "casualties_of": "both",
        "n_incidents": 1,
        "one_row_is": "event",
    }
    # What the record does not hold as it was is kept beside it.
    assert row["perpetrator_printed"] == "Islamic State (Iraq)"
    assert (row["admin1"], row["sub_event_type"]) == ("Salah al-Din", "Armed clash")


def test_events_of_other_countries_are_rejected_as_such(tmp_path: Path) -> None:
    syria = {**ACLED, "event_id_cnty": "SYR1", "country": "Syria", "admin1": "Deir ez-Zor"}
    records = load(tmp_path / "a.csv", ACLED, syria)
    assert records.rejected[["row", "column", "value"]].to_numpy().tolist() == [
        [3, "country", "Syria"]
    ]


def test_a_ged_event_is_a_record(tmp_path: Path) -> None:
    row = only_row(load(tmp_path / "a.csv", GED))
    assert (row["date_start"], row["date_end"]) == ("2014-01-24", "2014-01-25")
    assert (row["governorate"], row["district"]) == ("IQ-AN", "Falluja")
    assert (row["event_type"], row["casualties_of"]) == ("state-based conflict", "both")
    assert (row["killed"], row["n_incidents"]) == (8, 1)
    assert pd.isna(row["perpetrator"])
    assert row["actors"] == "Government of Iraq - IS"


def test_only_one_sided_violence_names_who_attacked(tmp_path: Path) -> None:
    event = {**GED, "type_of_violence": "3", "side_a": "IS", "dyad_name": "IS - Civilians"}
    row = only_row(load(tmp_path / "a.csv", event))
    assert (row["perpetrator"], row["casualties_of"]) == ("IS", "victims")


@pytest.mark.parametrize(
    "changes",
    [
        {"adm_1": "Al Anbār  province"},
        {"date_start": "2014-01-24 00:00:00.000", "date_end": "2014-01-25 00:00:00.000"},
        {"adm_1": "Al Anbar"},
    ],
)
def test_shapes_of_ged_give_the_same_record(tmp_path: Path, changes: dict[str, str]) -> None:
    row = only_row(load(tmp_path / "a.csv", {**GED, **changes}))
    assert (row["date_start"], row["date_end"]) == ("2014-01-24", "2014-01-25")
    assert row["governorate"] == "IQ-AN"


def test_a_row_of_hxl_tags_is_skipped_and_said(tmp_path: Path) -> None:
    tags = {name: f"#meta+{name}" for name in GED}
    records = load(tmp_path / "a.csv", tags, GED)
    assert records.n_rows == 1
    assert "a.csv: the row of HXL tags under the header was skipped" in records.notes


@pytest.mark.parametrize(
    ("imonth", "iday", "approxdate", "start", "end"),
    [
        ("6", "10", "", "2014-06-10", "2014-06-10"),
        ("6", "0", "", "2014-06-01", "2014-06-30"),
        ("0", "0", "", "2014-01-01", "2014-12-31"),
        ("6", "0", "June 10-12, 2014", "2014-06-10", "2014-06-12"),
        ("6", "0", "July 10-12, 2014", "2014-06-01", "2014-06-30"),
        ("6", "0", "some day", "2014-06-01", "2014-06-30"),
        ("6", "10", "June 1, 2014", "2014-06-10", "2014-06-10"),
    ],
)
def test_an_unknown_day_or_month_of_gtd_is_an_interval(
    tmp_path: Path, imonth: str, iday: str, approxdate: str, start: str, end: str
) -> None:
    event = {**GTD, "imonth": imonth, "iday": iday, "approxdate": approxdate}
    row = only_row(load(tmp_path / "a.csv", event))
    assert (row["date_start"], row["date_end"]) == (start, end)


def test_an_impossible_day_of_gtd_is_rejected(tmp_path: Path) -> None:
    records = load(tmp_path / "a.csv", {**GTD, "imonth": "2", "iday": "30"})
    assert records.rejected[["column", "value"]].to_numpy().tolist() == [
        ["date_start", "2014-2-30"]
    ]


@pytest.mark.parametrize("form", ["csv", "latin-1", "xlsx"])
def test_a_gtd_event_is_a_record(tmp_path: Path, form: str) -> None:
    event = {**GTD, "city": "Tall ‘Afar" if form == "csv" else "Tal Afár"}
    if form == "xlsx":
        frame = pd.DataFrame([event])
        numbers = ["eventid", "iyear", "imonth", "iday", "nkill", "nhostkid"]
        frame[numbers] = frame[numbers].astype("int64")
        frame.to_excel(tmp_path / "a.xlsx", index=False)
        records = load_records(tmp_path / "a.xlsx")
    else:
        records = load(
            tmp_path / "a.csv", event, written="latin-1" if form == "latin-1" else "utf-8"
        )
    row = only_row(records)
    assert records.source == "gtd"
    assert (row["report_id"], row["governorate"]) == ("201406100001", "IQ-NI")
    assert (row["perpetrator"], row["killed"]) == ("IS", 4)
    assert pd.isna(row["wounded"])
    assert pd.isna(row["abducted"])


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared data are not beside this checkout")
def test_the_whole_ged_file_of_iraq_is_accepted() -> None:
    records = load_records(SHARED / "ucdp" / "ged_iraq.csv")
    frame = records.to_pandas()
    assert (records.source, records.n_rows, records.n_rejected) == ("ucdp_ged", 7473, 0)
    raw = pd.read_csv(SHARED / "ucdp" / "ged_iraq.csv", low_memory=False)
    assert frame["killed"].tolist() == raw["best"].tolist()
    is_party = raw["side_a"].eq("IS") | raw["side_b"].eq("IS")
    started = pd.to_datetime(raw["date_start"])
    wanted = is_party & started.between("2014-01-01", "2018-12-31")
    assert wanted.sum() == 2912
    assert (
        frame.loc[wanted.to_numpy(), "governorate"].isna().sum()
        <= raw["adm_1"].isna()[wanted].sum()
    )


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared data are not beside this checkout")
def test_the_press_reports_as_extracted_become_the_projects_table() -> None:
    records = load_records(SHARED / "facts" / "press_reports.csv")
    assert (records.source, records.n_rows, records.n_rejected) == ("press", 184, 0)
    frame = records.to_pandas()
    assert frame["incident_id"].nunique() == 73
    assert set(frame["casualties_of"].dropna()) == {"victims", "is"}


def test_a_mapping_of_ones_own_is_a_yaml_file(tmp_path: Path) -> None:
    mapping = tmp_path / "mine.yaml"
    mapping.write_text(
        "title: my list\n"
        "columns: {report_id: nr, governorate: Muhafaza, killed: dead}\n"
        "dates: {start: when, formats: ['%d/%m/%Y']}\n"
        "recode: {governorate: {K: Kirkuk}}\n"
        "constants: {perpetrator: IS}\n"
        "unknown: ['-1']\n"
    )
    row = only_row(
        load(
            tmp_path / "a.csv",
            {"Nr": "1", "WHEN": "03/04/2021", "muhafaza": "k", "dead": "-1"},
            source=str(mapping),
        )
    )
    assert (row["date_start"], row["governorate"], row["perpetrator"]) == (
        "2021-04-03",
        "IQ-KI",
        "IS",
    )
    assert pd.isna(row["killed"])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("title: x\n", "does not give columns and dates"),
        ("columns: [1]\ndates: {start: a}\n", "does not give columns and dates"),
        ("columns: {victims: a}\ndates: {start: a}\n", "has 'victims', which is no key"),
        ("columns: {killed: a}\ndates: {start: a}\ncolour: red\n", "has 'colour', which is no key"),
        (
            "columns: {killed: a}\ndates: {start: a, precision: {column: p, codes: {1: hour}}}\n",
            "has a precision other than day, week, month, year",
        ),
        ("columns: {killed: a}\ndates: {start: a}\nrecode: [x]\n", "gives a list where"),
        ("columns: {killed: [", "is not YAML"),
    ],
)
def test_a_mapping_that_makes_no_sense_is_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    with pytest.raises(FileError, match="source mine") as caught:
        load_source(str(path))
    assert message in str(caught.value)


def test_every_mapping_reads_and_recognises_its_own_header() -> None:
    headers = {"acled": ACLED, "ucdp_ged": GED, "gtd": GTD}
    for name in source_names():
        source = load_source(name)
        header = headers.get(name, {group[0]: "" for group in source.recognised_by})
        assert recognise_source(list(header), "a.csv").name == name
        assert set(source.columns) <= set(names(RECORD))
    with pytest.raises(TableError, match="has columns of no known source"):
        recognise_source(["when", "where"], "a.csv")
    with pytest.raises(ParameterError, match="Choose one of acled, gtd, press, records, ucdp_ged"):
        load_source("wikipedia")


def test_a_source_that_does_not_fit_is_said(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="has no column event_date"):
        load(tmp_path / "a.csv", GED, source="acled")


def test_the_example_of_a_mapping_in_the_docs(tmp_path: Path) -> None:
    page = (Path(__file__).parents[1] / "docs" / "mapping.md").read_text(encoding="utf-8")
    table = re.findall(r"^    (.+)$", page, re.MULTILINE)
    (tmp_path / "archive.csv").write_text("\n".join(table))
    (tmp_path / "my.yaml").write_text(page.split("```yaml\n")[1].split("```")[0])
    records = load_records(tmp_path / "archive.csv", source=str(tmp_path / "my.yaml"))
    frame = records.to_pandas()
    assert frame["date_start"].astype(str).tolist() == ["2022-01-05", "2022-02-01"]
    assert frame["date_end"].astype(str).tolist() == ["2022-01-05", "2022-02-28"]
    assert frame["governorate"].tolist() == ["IQ-KI", "IQ-SD"]
    assert frame["killed"].tolist() == [2, 1]
    assert frame["wounded"].isna().all()
    assert records.rejected[["row", "column", "value"]].to_numpy().tolist() == [
        [4, "governorate", "Atlantis"]
    ]
    # Every key that is understood is explained there.
    explained = set(re.findall(r"`\.?([a-z_.]+)`", page.split("## Keys")[1]))
    explained |= {key.split(".")[-1] for key in explained} | {
        key.split(".")[0] for key in explained
    }
    assert {*_KEYS, *_INSIDE["dates"], *_INSIDE["country"], "only_where"} <= explained


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("columns: {kiled: dead}\ndates: {start: day}", "'killed' meant"),
        ("columns: {killed: dead}\ndates: {begin: day}", "no key of dates"),
        ("colums: {killed: dead}\ndates: {start: day}", "does not give columns"),
        ("columns: {killed: 3}\ndates: {start: day}", "a number where a name"),
        ("columns: {killed: a}\ndates: {start: day, precision: week}", "without its column"),
        ("columns: {killed: a}\ndates: {start: a}\ncountry: [Iraq]", "gives a list where"),
        ("columns: {killed: a}\ndates: {start: a}\ncountries: {is: 1}", "'country' meant"),
        ("columns: {killed: a}\ndates: {start: a}\none_row_is: attack", "not report or event"),
        ("columns: {killed: [a\n", "is not YAML (line"),
    ],
)
def test_a_wrong_key_of_a_mapping_is_named(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "my.yaml"
    path.write_text(text)
    with pytest.raises(FileError) as caught:
        load_source(str(path))
    assert said in str(caught.value)
