"""Whole exports of each source, as they come, counted by hand."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from analytics.records import load_records
from analytics.sources.perpetrators import is_islamic_state

# The header of ACLED's exports until 2023, of those since, and of one row an event and actor.
ACLED_31_NAMES = """
data_id iso event_id_cnty event_id_no_cnty event_date year time_precision event_type
sub_event_type actor1 assoc_actor_1 inter1 actor2 assoc_actor_2 inter2 interaction region
country admin1 admin2 admin3 location latitude longitude geo_precision source source_scale
notes fatalities timestamp iso3
"""
ACLED_31 = ACLED_31_NAMES.split()
ACLED_NEW_NAMES = """
event_id_cnty event_date year time_precision disorder_type event_type sub_event_type
actor1 assoc_actor_1 inter1 actor2 assoc_actor_2 inter2 interaction civilian_targeting iso
region country admin1 admin2 admin3 location latitude longitude geo_precision source
source_scale notes fatalities tags timestamp
"""
ACLED_NEW = ACLED_NEW_NAMES.split()
MONADIC = [c for c in ACLED_NEW if c not in ("actor2", "assoc_actor_2", "inter2", "tags")]
EVENT = {
    "iso": "368", "event_date": "05 January 2022", "year": "2022", "time_precision": "1",
    "event_type": "Battles", "actor1": "Military Forces of Iraq (2021-)",
    "actor2": "Islamic State (Iraq)", "country": "Iraq", "admin1": "Ninewa", "location": "Hatra",
    "notes": 'On 5 January, "gunmen",\nas the army said', "fatalities": "1", "iso3": "IRQ",
}  # fmt: skip
# Governorate as ACLED spells it, day, precision; then the first and last day, counted by hand.
EVENTS = [
    ("Kirkuk", "05 January 2022", "1", "IQ-KI", "2022-01-05", "2022-01-05"),
    ("Ninewa", "2022-01-05", "2", "IQ-NI", "2022-01-02", "2022-01-08"),
    ("Salah al-Din", "5 January 2022", "3", "IQ-SD", "2022-01-01", "2022-01-31"),
    ("Al Sulaymaniyah", "05-Jan-22", "1", "IQ-SU", "2022-01-05", "2022-01-05"),
    ("Thi Qar", "2022-01-05 00:00:00", "1.0", "IQ-DQ", "2022-01-05", "2022-01-05"),
    ("Diyala", "29 February 2020", "3.0", "IQ-DI", "2020-02-01", "2020-02-29"),
]
GTD = ["eventid", "iyear", "imonth", "iday", "approxdate", "country", "country_txt", "provstate",
       "city", "gname", "gname2", "nkill", "nwound", "nhostkid"]  # fmt: skip
ATTACK = {"iyear": "2017", "imonth": "10", "iday": "16", "country": "95", "country_txt": "Iraq",
          "provstate": "Saladin",
          "gname": "Islamic State of Iraq and the Levant (ISIL)"}  # fmt: skip


def events() -> list[dict[str, str]]:
    return [
        {**EVENT, "event_id_cnty": f"IRQ{n}", "admin1": row[0], "event_date": row[1],
         "time_precision": row[2]}
        for n, row in enumerate(EVENTS)
    ]  # fmt: skip


def write(
    path: Path, rows: list[dict[str, str]], header: list[str], *, upper: bool = False,
    encoding: str = "utf-8", **form: Any,
) -> Path:  # fmt: skip
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n", **form)
    writer.writerow([name.upper() if upper else name for name in header])
    writer.writerows([[row.get(name, "") for name in header] for row in rows])
    path.write_bytes(text.getvalue().encode(encoding))
    return path


@pytest.mark.parametrize(
    ("header", "form"),
    [
        (ACLED_31, {}),
        (ACLED_31, {"upper": True}),
        (ACLED_31, {"delimiter": ";", "quoting": csv.QUOTE_ALL}),
        (ACLED_NEW, {"encoding": "utf-8-sig"}),
        (ACLED_NEW, {"delimiter": "\t", "encoding": "utf-16"}),
        ([*ACLED_NEW, "population_1km", "population_best"], {}),
    ],
)
def test_every_shape_of_an_acled_export_gives_the_same_records(
    tmp_path: Path, header: list[str], form: dict[str, Any]
) -> None:
    records = load_records(write(tmp_path / "a.csv", events(), header, **form))
    frame = records.to_pandas()
    assert (records.source, records.n_rows, records.n_rejected) == ("acled", 6, 0)
    found = zip(
        frame["governorate"],
        frame["date_start"].astype(str),
        frame["date_end"].astype(str),
        strict=True,
    )
    assert list(found) == [row[3:] for row in EVENTS]
    assert frame["involves"].tolist() == ["IS"] * 6


def test_an_answer_of_the_acled_interface_is_a_table(tmp_path: Path) -> None:
    rows = [{name: row.get(name, "") for name in ACLED_NEW} for row in events()]
    answer = {"status": 200, "success": True, "count": 6, "messages": [], "data": rows}
    (tmp_path / "a.json").write_text(json.dumps(answer))
    records = load_records(tmp_path / "a.json")
    assert (records.source, records.n_rows, records.n_rejected) == ("acled", 6, 0)


def test_a_monadic_export_has_each_event_once(tmp_path: Path) -> None:
    rows = [row for row in events() for _ in (1, 2)]
    records = load_records(write(tmp_path / "a.csv", rows, MONADIC))
    assert (records.n_rows, records.n_rejected, len(records.to_pandas())) == (12, 6, 6)


def test_a_code_of_precision_that_is_unknown_is_not_taken_for_a_day(tmp_path: Path) -> None:
    rows = events()
    rows[0]["time_precision"] = "9"
    records = load_records(write(tmp_path / "a.csv", rows, ACLED_31))
    assert records.rejected[["row", "column", "value"]].to_numpy().tolist() == [
        [2, "precision", "9"]
    ]


@pytest.mark.parametrize(
    ("name", "is_one"),
    [
        ("Islamic State (Iraq)", True), ("Islamic State (Iraq and the Levant)", True),
        ("Islamic State Iraq and the Levant", True), ("Islamic State in Iraq and al-Sham", True),
        ("Islamic State of Iraq and the Levant (ISIL)", True), ("IS: Islamic State", True),
        ("Islamic State of Iraq (ISI)", True), ("Islamic State (Syria)", True), ("IŞİD", True),
        ("DAEŞ", True), ("Da'esh", True), ("Daesh/ISIS", True), ("ISIS militants", True),
        ("تنظيم الدولة الإسلامية", True), ("عصابات داعش الارهابية", True), ("داعش", True),
        ("دەوڵەتی ئیسلامی", True), ("تیرۆرستانی داعش", True), ("ИГИЛ", True), ("ІДІЛ", True),
        ("Al-Qaida in Iraq", False), ("Islamic Resistance in Iraq", False), ("ISF", False),
        ("Military Forces of Iraq (2021-)", False), ("Sinai Province of the Islamic State", False),
        ("Islamic Movement of Kurdistan", False), ("Isis Hotel", False), ("Unknown", False),
    ],
)  # fmt: skip
def test_spellings_of_the_organisation(name: str, is_one: bool) -> None:
    assert is_islamic_state(name) is is_one


def gtd_rows() -> list[dict[str, str]]:
    """Six attacks: four of a day, one of a month, one of two days (by its approximate date)."""
    return [
        {**ATTACK, "eventid": "201710160001", "nkill": "2.33", "nwound": "-99"},
        {**ATTACK, "eventid": "201710160002", "nkill": "0.5", "nhostkid": "-9"},
        {**ATTACK, "eventid": "201710160003", "nkill": "", "provstate": "NIneveh"},
        {**ATTACK, "eventid": "201710160004", "nkill": "3.0", "gname": "Unknown"},
        {**ATTACK, "eventid": "201710000001", "iday": "0", "provstate": "Dihok"},
        {**ATTACK, "eventid": "201710000002", "iday": "0", "approxdate": "10/11/2017-10/12/2017"},
    ]


@pytest.mark.parametrize("form", ["latin-1", "floats", "xlsx", "parquet"])
def test_gtd_with_shares_of_persons_and_numbers_with_a_point(tmp_path: Path, form: str) -> None:
    path = tmp_path / {"xlsx": "a.xlsx", "parquet": "a.parquet"}.get(form, "a.csv")
    frame = pd.DataFrame(gtd_rows()).reindex(columns=GTD).fillna("")
    frame["city"] = "Tal Afár"
    if form != "latin-1":
        numbers = ["iyear", "imonth", "iday", "country", "nkill", "nwound", "nhostkid"]
        frame[numbers] = frame[numbers].apply(lambda cells: pd.to_numeric(cells).astype(float))
    if form == "parquet":
        frame.to_parquet(path)
    elif form == "xlsx":
        frame.to_excel(path, index=False)
    else:
        frame.to_csv(path, index=False, encoding="latin-1")
    records = load_records(path)
    found = records.to_pandas()
    assert (records.source, records.n_rows, records.n_rejected) == ("gtd", 6, 0)
    assert found["report_id"].tolist()[0] == "201710160001"
    assert found["killed"].fillna(-1).tolist() == [2, 1, -1, 3, -1, -1]
    assert found["wounded"].isna().all()
    assert found["abducted"].isna().all()
    assert found["governorate"].tolist()[2:5] == ["IQ-NI", "IQ-SD", "IQ-DA"]
    assert found["involves"].fillna("").tolist() == ["IS", "IS", "IS", "", "IS", "IS"]
    days = found[["date_start", "date_end"]].astype(str).to_numpy().tolist()
    assert days == [["2017-10-16"] * 2] * 4 + [
        ["2017-10-01", "2017-10-31"],
        ["2017-10-11", "2017-10-12"],
    ]
    assert f"{path.name}: killed of 2 rows is a share of persons: rounded" in records.notes


GED = ["id", "relid", "year", "code_status", "type_of_violence", "dyad_name", "side_a", "side_b",
       "where_coordinates", "adm_1", "adm_2", "country", "country_id", "date_prec", "date_start",
       "date_end", "low", "best", "high"]  # fmt: skip


@pytest.mark.parametrize(
    ("version", "time"),
    [("17.1", " 00:00:00.000"), ("19.1", ""), ("api", "T00:00:00"), ("map", ""), ("tags", "")],
)
def test_every_version_of_ged_gives_the_same_records(
    tmp_path: Path, version: str, time: str
) -> None:
    rows = [
        {"id": "1", "type_of_violence": "1", "dyad_name": "Government of Iraq - IS",
         "side_a": "Government of Iraq", "side_b": "IS", "adm_1": "Al Başrah  province",
         "date_start": "2017-10-16" + time, "date_end": "2017-10-18" + time, "best": "4"},
        {"id": "2", "type_of_violence": "3", "dyad_name": "IS - Civilians", "side_a": "IS",
         "side_b": "Civilians", "adm_1": "Şalāḩ ad Dīn province",
         "date_start": "2017-10-01" + time, "date_end": "2017-10-31" + time, "best": "0"},
        {"id": "3", "type_of_violence": "2", "dyad_name": "Government of Turkey - PKK",
         "side_a": "A", "side_b": "B", "adm_1": "Ta’mīm province",
         "date_start": "2017-10-16" + time, "date_end": "2017-10-16" + time, "best": "1"},
    ]  # fmt: skip
    rows = [{**row, "country": "Iraq", "country_id": "645"} for row in rows]
    if version == "api":
        path = tmp_path / "a.json"
        path.write_text(json.dumps({"TotalCount": 3, "NextPageUrl": "", "Result": rows}))
    else:
        header = GED
        if version == "tags":
            rows = [{name: f"#meta+{name}" for name in GED}, *rows]
        if version == "map":
            cut = {"type_of_violence": "type_of_vi", "where_coordinates": "where_coor"}
            rows = [{cut.get(name, name): cell for name, cell in row.items()} for row in rows]
            header = [cut.get(name, name) for name in GED]
        path = write(tmp_path / "a.csv", rows, header)
    records = load_records(path)
    frame = records.to_pandas()
    assert (records.source, records.n_rows, records.n_rejected) == ("ucdp_ged", 3, 0)
    assert frame["governorate"].tolist() == ["IQ-BA", "IQ-SD", "IQ-KI"]
    assert frame["killed"].tolist() == [4, 0, 1]
    assert frame["involves"].fillna("").tolist() == ["IS", "IS", ""]
    assert frame["perpetrator"].fillna("").tolist() == ["", "IS", ""]
    assert ((frame["date_end"] - frame["date_start"]).dt.days + 1).tolist() == [3, 31, 1]


def test_a_mapping_may_state_the_order_of_numeric_dates(tmp_path: Path) -> None:
    mapping = tmp_path / "mine.yaml"
    for day_first, day in (("true", "2021-04-03"), ("false", "2021-03-04")):
        mapping.write_text(
            f"columns: {{report_id: nr}}\ndates: {{start: when, day_first: {day_first}}}\n"
        )
        path = write(tmp_path / "a.csv", [{"nr": "1", "when": "03/04/2021"}], ["nr", "when"])
        frame = load_records(path, source=str(mapping)).to_pandas()
        assert frame["date_start"].astype(str).tolist() == [day]
