"""Report definitions: what is read, and what is refused before anything starts."""

import json
from datetime import date
from pathlib import Path

import pytest

from analytics.errors import AnalyticsError, FileError, ParameterError, WindowError
from analytics.language import LANGUAGES as SPOKEN
from analytics.rendering import load_definition
from analytics.rendering.definitions import LANGUAGES
from analytics.rendering.parameters import Parameter, fits, load_parameters, parse_parameters
from analytics.rendering.period import Period

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


def test_a_period_fills_title_and_parameters(write):
    path = write("period: 2021-12", "parameters: {start: '{period_start}', place: '{period}'}")
    path.write_text(path.read_text().replace("A report", "A report on {period}"))
    assert load_definition(path).title == "A report on 2021-12"
    february = load_definition(path, period="2020-02")
    assert (february.name, february.parameters["start"]) == ("small.2020-02", "2020-02-01")
    latest = load_definition(path, period="latest", today=date(2022, 1, 1))
    assert latest.parameters["place"] == "2021-12"


def test_a_period_for_a_report_without_periods_is_refused(write):
    with pytest.raises(ParameterError, match="is given for a report without periods"):
        load_definition(write(), period="2021-12")


@pytest.mark.parametrize(
    ("own", "today", "latest"),
    [
        ("2021-12", date(2020, 3, 1), "2020-02"),
        ("2021-12", date(2020, 2, 29), "2020-01"),
        ("2021-Q1", date(2022, 1, 1), "2021-Q4"),
        ("2021-Q1", date(2022, 12, 31), "2022-Q3"),
        ("2020", date(2022, 12, 31), "2021"),
    ],
)
def test_the_latest_period_is_over(own, today, latest):
    period = Period.parse(own).latest(today)
    assert period.label == latest
    assert period.end < today


@pytest.mark.parametrize("text", ["2021-13", "2021-Q5", "0000", "21", "2021-1", "last"])
def test_what_is_no_period_is_refused(text):
    with pytest.raises(WindowError, match="is no month, quarter or year"):
        Period.parse(text)


def test_languages_are_those_spoken():
    assert LANGUAGES == SPOKEN
