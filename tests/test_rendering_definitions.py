"""Report definitions: what is read, and what is refused before anything starts."""

import json
from datetime import date
from pathlib import Path

import pytest

from analytics.errors import AnalyticsError, FileError, ParameterError, WindowError
from analytics.language import LANGUAGES as SPOKEN
from analytics.language import Language
from analytics.reference import load_governorates
from analytics.rendering import load_definition
from analytics.rendering.definitions import LANGUAGES, load_definitions
from analytics.rendering.manifest import describe_provenance
from analytics.rendering.parameters import Parameter, fits, load_parameters, parse_parameters
from analytics.rendering.period import Period
from analytics.rendering.prose import name_report

ROOT = Path(__file__).parents[1]
SMALL = Path(__file__).parent / "notebooks" / "small_report.ipynb"


@pytest.fixture
def write(tmp_path):
    """Return what writes a definition of the small report, with more lines to it."""

    def written(*lines, notebook=SMALL, name="small.yaml"):
        path = tmp_path / name
        path.write_text("\n".join(["title: A report", f"notebook: {notebook}", *lines]), "utf-8")
        return path

    return written


def test_a_definition_is_read_with_days_as_text(write):
    (write().parent / "b.csv").touch()
    (write().parent / "a.csv").touch()
    path = write(
        "parameters: {start: 2017-10-16, n_weeks: 3, place: no}",
        "data: ['*.csv']",
        "languages: [en, ar]",
        "formats: html",
    )
    definition = load_definition(path)
    assert definition.name == "small"
    assert definition.title == "A report"
    assert definition.parameters == {"start": "2017-10-16", "n_weeks": 3, "place": "no"}
    assert [file.name for file in definition.data] == ["a.csv", "b.csv"]
    assert definition.languages == ("en", "ar")
    assert definition.formats == ("html",)


def test_parameters_come_from_the_tagged_cell():
    assert load_parameters(SMALL)[:3] == (
        Parameter("language", "str", "en"),
        Parameter("start", "str", "2017-01-02"),
        Parameter("n_weeks", "int", 12),
    )


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("parameters: {n_week: 3}", "n_week: is no parameter of small_report.ipynb. Use one of"),
        ("parameters: {n_weeks: three}", "n_weeks = 'three': must be int. Write it as in"),
        ("parameters: {n_weeks: true}", "n_weeks = True: must be int"),
        ("parameters: {start: 2017}", "start = 2017: must be str"),
        ("parameters: {start: 16.10.2017}", "start = '16.10.2017': must be a day"),
        ("parameters: {data: [3]}", "data = [3]: must be list[str]"),
        ("parameters: {language: ar}", "language: is set for each report"),
        ("parameters: [start]", "parameters: must be names with values"),
        ("colour: red", "colour: is no key of a definition"),
        ("title: Another", "the key 'title' stands twice"),
        ("languages: [en, fr]", "languages: fr: is not known. Use en, ar, ckb"),
        ("formats: [docx]", "formats: docx: is not known"),
        ("data: missing.csv", "data missing.csv: is no file"),
        ("parameters: {start: [", "is not YAML"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(write, line, said):
    with pytest.raises(AnalyticsError) as caught:
        load_definition(write(line))
    assert said in str(caught.value)


def test_a_missing_parameter_is_named(write, tmp_path):
    notebook = tmp_path / "needs.ipynb"
    cell = {"metadata": {"tags": ["parameters"]}, "source": ["place: str = None"]}
    notebook.write_text(json.dumps({"cells": [cell]}))
    with pytest.raises(ParameterError, match=r"small: place: is needed by needs\.ipynb"):
        load_definition(write(notebook=notebook))


def test_files_named_by_parameters_lie_beside_the_definition(write, tmp_path):
    notebook = tmp_path / "elsewhere" / "linked.ipynb"
    notebook.parent.mkdir()
    cell = {"metadata": {"tags": ["parameters"]}, "source": ['decisions: str = ""']}
    notebook.write_text(json.dumps({"cells": [cell]}))
    path = write("parameters: {decisions: made.csv}", notebook=notebook)
    with pytest.raises(FileError, match=r"small\.yaml: decisions 'made\.csv': is not there"):
        load_definition(path)
    (tmp_path / "made.csv").write_text("report_id_a,report_id_b,decision\n")
    definition = load_definition(path)
    assert definition.parameters == {"decisions": str(tmp_path / "made.csv")}
    said = describe_provenance(definition, language="en", parameters=definition.parameters)
    assert said["Parameters"] == {"decisions": "made.csv"}
    assert list(said["Inputs"]) == ["made.csv"]


def test_files_that_cannot_be_read_are_named(write, tmp_path):
    with pytest.raises(FileError, match=r"missing\.yaml: cannot be read"):
        load_definition(tmp_path / "missing.yaml")
    with pytest.raises(FileError, match="cannot be read"):
        load_definition(tmp_path)
    with pytest.raises(FileError, match=r"none\.ipynb: cannot be read"):
        load_definition(write(notebook="none.ipynb"))
    with pytest.raises(FileError, match=r"small\.yaml: is not a notebook"):
        load_definition(write(notebook="small.yaml"))
    (tmp_path / "bytes.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(FileError, match="is not text in UTF-8"):
        load_definition(tmp_path / "bytes.yaml")
    (tmp_path / "list.yaml").write_text("- a")
    with pytest.raises(ParameterError, match="must hold keys with values"):
        load_definition(tmp_path / "list.yaml")


@pytest.mark.parametrize("source", ["x = f()", "import os", "x = y = 1", "x: int", "x +"])
def test_a_parameters_cell_holds_literals_only(source):
    with pytest.raises(ParameterError, match="may only assign literals"):
        parse_parameters(source, "a.ipynb")


@pytest.mark.parametrize(
    ("value", "kind", "is_good"),
    [
        (3, "float", True),
        (3.5, "int", False),
        (True, "float", False),
        (None, "str | None", True),
        (None, "str", False),
        ({"a": ["b"]}, "dict[str, list[str]]", True),
        ({"a": [1]}, "dict[str, list[str]]", False),
        ([], "list[int]", True),
        ("a", "list[str]", False),
    ],
)
def test_types_are_those_of_the_notebook(value, kind, is_good):
    assert fits(value, kind) is is_good


def test_an_unknown_type_is_refused():
    with pytest.raises(ParameterError, match="is no type for a notebook parameter"):
        fits(1, "set[int]")


def test_a_period_fills_parameters_and_names_the_report(write):
    path = write("period: 2021-12", "parameters: {start: '{period_start}', place: '{period}'}")
    path.write_text(path.read_text().replace("A report", "'A report on {period}'"))
    own = load_definition(path)
    assert (own.title, own.values) == ("A report on {period}", {"period": "2021-12"})
    assert name_report(own.title, own.values, Language("en")) == ("A report on December 2021", True)
    # No translation of this one: English, and marked so.
    assert name_report(own.title, own.values, Language("ar")) == (
        "A report on December 2021",
        False,
    )
    february = load_definition(path, period="2020-02")
    assert (february.name, february.parameters["start"]) == ("small.2020-02", "2020-02-01")
    latest = load_definition(path, period="latest", today=date(2022, 1, 1))
    assert latest.parameters["place"] == "2021-12"


def test_the_title_of_a_series_is_in_the_words_of_its_language():
    values = {"place": "IQ-KI", "period": "2021-12"}
    title = "Reported attacks in {place}, {period}"
    assert name_report(title, values, Language("ar"))[0] == (
        "الهجمات المبلَّغ عنها في كركوك، كانون الأول ٢٠٢١"
    )
    assert "کەرکووک" in name_report(title, values, Language("ckb"))[0]


def test_the_reports_of_the_project_cover_each_governorate_and_the_country():
    monthly = load_definitions(ROOT / "reports" / "monthly.yaml", period="2021-12")
    places = [definition.values["place"] for definition in monthly]
    assert places[0] == "all"
    assert places[1:] == sorted(load_governorates()["governorate"])
    assert [d.name for d in monthly[:2]] == ["monthly.2021-12.all", "monthly.2021-12.IQ-AN"]
    # The press reports begin on 1 October 2021, which is less than a year before.
    assert {d.parameters["window_start"] for d in monthly} == {"2021-10-01"}
    assert {d.parameters["window_end"] for d in monthly} == {"2021-12-31"}
    (only,) = load_definitions(
        ROOT / "reports" / "monthly.yaml", period="2021-Q4", only={"place": ["IQ-KI"]}
    )
    assert (only.name, only.parameters["interval"]) == ("monthly.2021-Q4.IQ-KI", "quarter")


@pytest.mark.parametrize(
    ("name", "today", "label"),
    [
        ("monthly", date(2026, 11, 24), "2022-01"),  # the data end with January 2022
        ("monthly", date(2022, 1, 31), "2021-12"),  # the last day of a month is not over
    ],
)
def test_the_latest_period_is_one_that_the_data_cover(name, today, label):
    definitions = load_definitions(ROOT / "reports" / f"{name}.yaml", period="latest", today=today)
    assert {definition.values["period"] for definition in definitions} == {label}
    assert f"is {label}" in definitions[0].remark or today < date(2022, 2, 1)


def test_without_stated_coverage_the_last_record_is_how_far_the_data_reach(write):
    path = write("period: month", "data: mine.csv", "parameters: {start: '{period_start}'}")
    (path.parent / "mine.csv").write_text(
        "report_id,date_start,date_end,published_on\n"
        "a,2021-10-05,2021-10-05,2021-10-06\nb,2021-11-29,2021-11-29,2021-11-30\n"
    )
    today = date(2022, 6, 1)
    assert load_definition(path, today=today).parameters["start"] == "2021-11-01"
    (path.parent / "mine.csv").write_text(
        "report_id,date_start,date_end\na,2021-10-05,2021-10-05\nb,2021-11-29,2021-11-29\n"
    )
    late = load_definition(path, period="latest", today=today)
    assert late.parameters["start"] == "2021-10-01"
    assert "the last record in mine.csv" in late.remark
    # A period that is asked for by name is taken at the user's word.
    assert load_definition(path, period="2021-12", today=today).parameters["start"] == "2021-12-01"


def test_a_period_is_cut_to_what_is_covered_and_refused_outside(write):
    path = write(
        *("period: year", "covers: 2021-03-01/2022-01-31", "history: 1"),
        "parameters: {start: '{history_start}', place: '{period_start} {period_end}'}",
    )
    cut = load_definition(path, period="2021")
    assert cut.parameters == {"start": "2021-03-01", "place": "2021-03-01 2021-12-31"}
    assert "2021 is covered in part only: the data cover 2021-03-01 to 2022-01-31" in cut.remark
    with pytest.raises(WindowError, match="period 2020: is not covered: the data cover 2021-03-01"):
        load_definition(path, period="2020")
    with pytest.raises(WindowError, match="latest year: is covered by no data"):
        load_definition(path, today=date(2026, 1, 1))


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (("period: month", "for_each: {place: [a/b]}"), "'a/b': cannot name a file"),
        (("period: month", "for_each: {place: []}"), "place: is no list of values"),
        (("period: month", "for_each: place"), "for_each: must be names with values"),
        (("period: month", "for_each: {colour: [red]}"), "colour: is no parameter"),
        (("period: month", "history: many"), "history 'many': is no number"),
        (("period: month", "covers: 2021"), "covers 2021: is no interval of days"),
        (("period: month", "covers: 2021-02-01/2021-01-01"), "ends before it starts"),
        (("period: month", "parameters: {start: '{begin}'}"), "{begin}: fills nothing. Use one"),
        (("history: 3",), "history: is given for a report without periods"),
        (("for_each: {place: [a]}", "parameters: {place: b}"), "place: is given twice"),
    ],
)
def test_what_is_wrong_with_a_series_is_said_in_a_sentence(write, lines, said):
    with pytest.raises(AnalyticsError) as caught:
        load_definition(write(*lines))
    assert said in str(caught.value)


def test_only_what_is_gone_through_can_be_chosen_from(write):
    path = write("for_each: {place: [Kirkuk, Diyala]}")
    assert [d.name for d in load_definitions(path)] == ["small.Kirkuk", "small.Diyala"]
    assert [d.name for d in load_definitions(path, only={"place": ["Diyala"]})] == ["small.Diyala"]
    with pytest.raises(ParameterError, match="place Basra: is not known"):
        load_definitions(path, only={"place": ["Basra"]})
    with pytest.raises(ParameterError, match="only start: is not gone through here"):
        load_definitions(path, only={"start": ["2021-01-01"]})


def test_a_period_for_a_report_without_periods_is_refused(write):
    with pytest.raises(ParameterError, match="is given for a report without periods"):
        load_definition(write(), period="2021-12")


@pytest.mark.parametrize(
    ("length", "today", "latest"),
    [
        ("month", date(2020, 3, 1), "2020-02"),
        ("month", date(2020, 2, 29), "2020-01"),
        ("quarter", date(2022, 1, 1), "2021-Q4"),
        ("quarter", date(2022, 12, 31), "2022-Q3"),
        ("year", date(2022, 12, 31), "2021"),
    ],
)
def test_the_latest_period_is_over(length, today, latest):
    period = Period.before(today, length)
    assert period.label == latest
    assert period.end < today


@pytest.mark.parametrize("text", ["2021-13", "2021-Q5", "0000", "21", "2021-1", "last"])
def test_what_is_no_period_is_refused(text):
    with pytest.raises(WindowError, match="is no month, quarter or year"):
        Period.parse(text)


def test_languages_are_those_spoken():
    assert LANGUAGES == SPOKEN
