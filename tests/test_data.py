"""The tables in data/ against their codebook, one another and second computations."""

from __future__ import annotations

import re
import subprocess
import sys
from itertools import product
from pathlib import Path

import hijridate
import pandas as pd
import pytest

from analytics import schema

ROOT = Path(__file__).parents[1]
DATA = ROOT / "data"
GED = ROOT.parent / "shared" / "data" / "ucdp" / "ged_iraq.csv"
TABLES = sorted(path.name for path in DATA.glob("*.csv"))
CODEBOOK = (DATA / "README.md").read_text(encoding="utf-8")


def read(name: str) -> pd.DataFrame:
    return pd.read_csv(DATA / name, dtype=str, keep_default_na=False)


def documented(name: str) -> pd.DataFrame:
    _, _, section = CODEBOOK.partition(f"\n## {name}\n")
    section = section.partition("\n## ")[0]
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in section.splitlines()
        if re.match(r"\| [a-z_]+ \| (text|code|day|integer|number|truth) \|", line)
    ]
    return pd.DataFrame(rows, columns=["column", "kind", "unit", "meaning"])


@pytest.mark.parametrize("name", TABLES)
def test_codebook_lists_the_columns_of_the_file_in_order(name: str) -> None:
    assert documented(name)["column"].tolist() == read(name).columns.tolist()
    assert (documented(name)["meaning"] != "").all()


def test_every_stated_measure_has_a_name_in_each_language() -> None:
    """With the numbers of the original, in the digits of the language."""
    names = read("measure_names.csv")
    stated = set(read("aggregate_claims.csv")["measure"])
    assert stated <= set(names["measure"])
    assert set(names["measure"]) <= stated | set(read("published_counts.csv")["measure"])
    for row in names.itertuples():
        for name in (row.name_ar, row.name_ckb):
            assert list(map(int, re.findall(r"\d+", row.measure))) == [
                int(number) for number in re.findall(r"\d+", name)
            ]


@pytest.mark.parametrize("name", TABLES)
def test_cells_are_of_the_documented_kind(name: str) -> None:
    table = read(name)
    rules = {
        "day": r"\d{4}-\d\d-\d\d",
        "integer": r"\d+",
        "number": r"-?\d+(\.\d+)?",
        "truth": "true|false",
    }
    for row in documented(name).itertuples():
        cells = table.loc[table[row.column] != "", row.column]
        if row.kind in rules:
            assert cells.str.fullmatch(rules[row.kind]).all(), row.column
        if row.kind == "day":
            pd.to_datetime(cells, format="%Y-%m-%d")
        if row.column == "governorate":
            assert set(cells) <= set(read("governorates.csv")["governorate"])


@pytest.mark.parametrize("name", TABLES)
def test_cells_are_tidy_text(name: str) -> None:
    raw = (DATA / name).read_bytes()
    assert raw.endswith(b"\n")
    assert not re.search(rb"\r|\xef\xbb\xbf|\x00", raw)
    for column, cells in read(name).drop(columns="variant", errors="ignore").items():
        assert (cells == cells.str.strip()).all(), column


@pytest.mark.parametrize("name", ["ucdp_is_iraq.csv", "press_reports.csv"])
def test_records_use_the_columns_and_kinds_of_a_record(name: str) -> None:
    declared = {column.name: column for column in schema.RECORD}
    rows = [row for row in documented(name).itertuples() if row.column in declared]
    for row in rows:
        # A code is text of a fixed list, and the schema need not know that this file has one.
        kind = declared[row.column].kind
        assert row.kind == kind or {row.kind, kind} == {"text", "code"}, row.column
        assert row.unit == declared[row.column].unit, row.column
    assert {"report_id", "date_start", "date_end"} <= {row.column for row in rows}
    table = read(name)
    assert table["report_id"].is_unique
    assert (table["date_start"] <= table["date_end"]).all()
    assert set(table["casualties_of"]) <= {"victims", "is", "both"}


@pytest.mark.parametrize(
    "name", ["ucdp_is_iraq.csv", "press_reports.csv", "zones.csv", "place_names.csv"]
)
def test_districts_are_those_of_the_district_table(name: str) -> None:
    known = set(zip(*map(read("districts.csv").get, ("governorate", "district")), strict=True))
    table = read(name).query("district != ''")
    assert set(zip(table["governorate"], table["district"], strict=True)) <= known


def test_ramadan_is_that_of_the_umm_al_qura_table() -> None:
    dates = read("key_dates.csv").set_index("key_date_id")
    for year in range(1435, 1448):
        row = dates.loc[f"ramadan-{year}"]
        first = hijridate.Hijri(year, 9, 1)
        last = hijridate.Hijri(year, 9, first.month_length())
        assert row["date_start"] == first.to_gregorian().isoformat()
        assert row["date_end"] == last.to_gregorian().isoformat()


def test_key_dates_are_ordered_and_named_in_three_languages_with_the_same_numbers() -> None:
    dates = read("key_dates.csv")
    assert len(dates) == 61
    assert dates["key_date_id"].is_unique
    assert dates["date_start"].is_monotonic_increasing
    assert (dates["date_start"] <= dates["date_end"]).all()
    assert ((dates["date_start"] == dates["date_end"]) == (dates["interval_kind"] == "")).all()
    for language in ("ar", "ckb"):
        numbers = dates[f"name_{language}"].str.findall(r"\d+").tolist()
        # The base K1 is spelled out in Arabic script.
        assert numbers == dates["name_en"].str.findall(r"(?<!K)\d+").tolist()
        assert not dates[f"name_{language}"].str.contains("[٠-٩۰-۹]").any()
    # Letters that belong to the other language's keyboard.
    assert not dates["name_ckb"].str.contains("[كيىةأإ]").any()
    assert not dates["name_ar"].str.contains("[کیەێۆڕڵڤگ]").any()


@pytest.mark.parametrize(
    ("key_date_id", "weekday"),
    [
        ("kirkuk-16-october", "Monday"),
        ("victory-declared", "Saturday"),
        ("combat-mission-ended", "Thursday"),
        ("independence-referendum", "Monday"),
    ],
)
def test_key_dates_fall_on_the_weekday_of_the_calendar(key_date_id: str, weekday: str) -> None:
    day = read("key_dates.csv").set_index("key_date_id").loc[key_date_id, "date_start"]
    assert pd.Timestamp(day).day_name() == weekday


def test_ucdp_events_of_2017_by_the_month_they_began() -> None:
    figures = read("ucdp_is_iraq.csv").astype({"n_incidents": int, "killed": int})
    assert figures["n_incidents"].sum() == 2912
    months = figures.groupby(figures["date_start"].str[:7])["n_incidents"].sum()[
        "2017-01":"2017-12"
    ]
    assert months.tolist() == [77, 75, 84, 93, 68, 64, 32, 26, 20, 15, 6, 4]
    assert figures.query("governorate == ''")["n_incidents"].sum() == 47
    one_sided = figures["event_type"] == "one-sided violence"
    assert ((figures["perpetrator"] == "IS") == one_sided).all()
    assert not figures.duplicated(
        ["date_start", "date_end", "governorate", "district", "event_type"]
    ).any()


needs_ged = pytest.mark.skipif(not GED.is_file(), reason="the UCDP GED file is not at hand")


@needs_ged
def test_ucdp_figures_are_made_again_to_the_byte(tmp_path: Path) -> None:
    out = tmp_path / "figures.csv"
    script = ROOT / "scripts" / "make_ucdp_figures.py"
    subprocess.run([sys.executable, str(script), str(GED), str(out)], check=True)
    assert out.read_bytes() == (DATA / "ucdp_is_iraq.csv").read_bytes()


@needs_ged
def test_ucdp_numbers_in_the_codebook() -> None:
    events = pd.read_csv(GED, keep_default_na=False)
    is_is = (events["side_a"] == "IS") | (events["side_b"] == "IS")
    events = events[is_is & events["date_start"].between("2014-01-01", "2018-12-31")]
    best, low, high = (events[column] for column in ("best", "low", "high"))
    n_days = (pd.to_datetime(events["date_end"]) - pd.to_datetime(events["date_start"])).dt.days + 1
    said = " ".join(CODEBOOK.split())
    outside, upside_down = ((best < low) | (best > high)).sum(), (high < low).sum()
    assert f"[low, high] in {outside} events, and high below low in {upside_down}" in said
    assert f"best figure of {(best == 0).sum()} events is 0" in said
    assert f"{(n_days > 1).sum()} events (9.7 %)" in said
    assert f"empty for {(events['adm_2'] == '').sum()} events, 362 of them in Baghdad" in said
    bounds = n_days.groupby(events["date_prec"]).agg(["min", "max"]).to_numpy().tolist()
    assert bounds == [[1, 1], [2, 6], [7, 7], [8, 31], [39, 228]]


def test_ucdp_script_stops_at_a_place_without_a_house_name(tmp_path: Path) -> None:
    columns = "id,country,side_a,side_b,adm_1,adm_2,type_of_violence,date_start,date_end"
    columns += ",best,low,high,deaths_civilians"
    tags = "#event+code" + "," * 12
    event = "1,Iraq,IS,Civilians,Atlantis province,,3,2017-01-01,2017-01-01,1,1,1,1"
    source = tmp_path / "ged.csv"
    source.write_text("\n".join([columns, tags, event]) + "\n")
    script = ROOT / "scripts" / "make_ucdp_figures.py"
    command = [sys.executable, str(script), str(source), str(tmp_path / "out.csv")]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 1
    assert "adm_1 'Atlantis province' has no house name" in run.stderr
    assert not (tmp_path / "out.csv").exists()


def test_press_reports_hold_51_attacks_21_operations_and_one_reprisal() -> None:
    reports = read("press_reports.csv")
    assert len(reports) == 184
    by_class = reports.groupby("event_class")["incident_id"].nunique().to_dict()
    assert by_class == {"attack": 51, "security-force operation": 21, "not IS": 1}
    assert (reports.groupby("incident_id")["event_class"].nunique() == 1).all()
    is_operation = reports["event_class"] == "security-force operation"
    assert ((reports["casualties_of"] == "is") == is_operation).all()
    assert (reports.loc[is_operation, "perpetrator"] != "IS").all()


def test_press_reports_point_to_one_reference_report_an_incident() -> None:
    reports = read("press_reports.csv").set_index("report_id")
    references = reports[reports["duplicate_of"] == ""]
    assert references["incident_id"].is_unique
    assert set(references["incident_id"]) == set(reports["incident_id"])
    copies = reports[reports["duplicate_of"] != ""]
    target = references["incident_id"].reindex(copies["duplicate_of"])
    assert target.tolist() == copies["incident_id"].tolist()


def test_no_spelling_of_is_is_left_in_perpetrator() -> None:
    reports = read("press_reports.csv")
    spelled = (
        r"(?i)^(?:isis|isil|da[eiı]ş|daesh.*|islamic state|i̇?şi̇?d|.*estado isl.*|.*etat isl.*)$"
    )
    printed = reports["perpetrator_printed"].str.contains(spelled + "|داعش|الدولة")
    assert printed.sum() > 100
    assert (reports.loc[printed, "perpetrator"] == "IS").all()
    assert not reports["perpetrator"].str.contains(spelled + "|داعش|الدولة").any()


def test_running_totals_of_the_ministry_in_2021() -> None:
    totals = read("aggregate_claims.csv")
    assert len(totals) == 57
    assert totals["claim_id"].is_unique
    of_2021 = totals.query("series_key == 'peshmerga-ministry-attacks' and period_start > '2021'")
    of_2021 = of_2021.sort_values("period_end")
    assert of_2021["value"].tolist() == ["51", "134", "206", "229", "257"]
    for key, rows in totals.query("series_key != ''").groupby("series_key"):
        assert rows["unit"].nunique() == 1, key
        assert rows["scope"].nunique() == 1, key
    operators = {"exact", "more than", "at least", "nearly", "mean"}
    assert set(totals["operator"]) == operators
    words = "|".join(operators - {"mean", "exact"})
    assert not (totals["measure"] + totals["unit"]).str.contains(words).any()


def test_published_counts_never_mix_definitions_in_a_series() -> None:
    counts = read("published_counts.csv")
    assert len(counts) == 368
    assert (counts["period_start"] <= counts["period_end"]).all()
    groups = counts.groupby("series_id")
    same = ["publisher", "vintage", "interval", "area", "measure", "statistic", "source_url"]
    assert (groups[same].nunique() == 1).all().all()
    assert not counts.duplicated(["series_id", "period_start"]).any()
    assert not any("quote" in column for column in counts.columns)
    start, end = (pd.to_datetime(counts[column]) for column in ("period_start", "period_end"))
    days = (end - start).dt.days + 1
    for interval, least, most in (("month", 28, 31), ("quarter", 90, 92), ("year", 365, 366)):
        assert days[counts["interval"] == interval].between(least, most).all()


def test_mean_per_day_times_days_is_the_printed_total_of_2017() -> None:
    counts = read("published_counts.csv").query("vintage == '2018-01'")
    means = counts.query("statistic == 'mean per day' and interval == 'month'")
    start, end = (pd.to_datetime(means[column]) for column in ("period_start", "period_end"))
    total = (means["value"].astype(float) * ((end - start).dt.days + 1)).sum()
    printed = counts.query("interval == 'year' and measure.str.startswith('security incidents')")
    assert total == pytest.approx(float(printed["value"].iloc[0]), rel=0.01)


def test_article_records_hold_its_incidents_totals_and_seven_claims() -> None:
    records = read("article_records.csv").set_index("record_id")
    assert records.index.tolist()[:5] == ["S1", "S2", "S3", "G1", "G2"]
    assert [i for i in records.index if i[0] == "T"] == [f"T{n}" for n in range(1, 8)]
    assert records.loc["S1", ["killed", "casualties_of"]].tolist() == ["3", "is"]
    assert (records.filter(like="T", axis=0)["test_en"] != "").all()


def test_tiles_stand_for_one_governorate_each_and_leave_no_gap() -> None:
    tiles = read("governorates.csv").astype({"tile_column": int, "tile_row": int})
    assert len(tiles) == 19
    cells = set(zip(tiles["tile_column"], tiles["tile_row"], strict=True))
    assert len(cells) == 19
    steps = list(product((-1, 0, 1), repeat=2))
    steps.remove((0, 0))
    assert all(any((x + i, y + j) in cells for i, j in steps) for x, y in cells)


def test_every_place_has_a_standard_name_in_three_scripts() -> None:
    names = read("place_names.csv")
    standard = names[names["kind"] == "standard"]
    places = ["level", "standard_en", "governorate"]
    scripts = standard.groupby(places)["script"].agg(set)
    assert scripts.map(lambda found: found >= {"latin-en", "arabic", "sorani"}).all()
    assert len(scripts) == len(names.groupby(places))
    assert not names.duplicated([*places, "variant", "script", "kind"]).any()
    for table, column in (("governorates.csv", "name_en"), ("districts.csv", "district")):
        level = "governorate" if column == "name_en" else "district"
        ours = standard[(standard["level"] == level) & (standard["script"] == "latin-en")]
        wanted = zip(read(table)["governorate"], read(table)[column], strict=True)
        assert set(wanted) == set(zip(ours["governorate"], ours["standard_en"], strict=True))


def test_zones_count_the_seven_gap_districts_and_say_why() -> None:
    zones = read("zones.csv")
    counted = set(zones.query("is_counted == 'true'")["district"])
    gap = {"Daquq", "Dibis", "Hawija", "Tuz Khurmatu", "Kifri", "Khanaqin", "Makhmour"}
    assert counted == gap
    assert (zones["note"] != "").all()
    assert not zones.duplicated(["zone", "governorate", "district"]).any()


def test_coverage_limits_tables_that_exist() -> None:
    limits = read("coverage.csv")
    assert set(limits["dataset"]) <= set(TABLES)
    assert set(limits["limit"]) == {
        "lethal_only",
        "not_coded",
        "side_unknown",
        "partial",
        "search_effort",
    }
    shares = limits.query("share_low != ''").astype({"share_low": float, "share_high": float})
    assert (shares["share_low"].between(0, 1) & (shares["share_low"] <= shares["share_high"])).all()
