"""What `analytics verify` must notice: each planted edit is named, and nothing else."""

import hashlib
import json
import re
import shutil

import nbformat
import pandas as pd
import pytest
from typer.testing import CliRunner

from analytics.cli import app
from analytics.errors import FileError
from analytics.rendering import Definition, render_reports
from analytics.rendering.finished import check_seal, read_finished, seal_page
from analytics.rendering.verify import CANNOT_TELL, DIFFERS, SAME, find_reports, verify_report

PARAMETERS = """data: list[str] = []  # files
language = "en"  # en, ar or ckb"""
CELL = """import analytics as a
reader = a.Language(language)
window = a.Window("2021-10-01", "2021-11-30")
selection = a.select_incidents(a.load_records(*data).to_pandas())
traced = a.trace_series(selection, window, "month", by="governorate")
table = a.tabulate_totals(traced.series, language=reader)
figure = a.plot_totals(traced.series, language=reader)
a.show_figure(figure, caption="Totals", alt="Totals", table=table, trace=traced)
a.show_text("In all 5 incidents.")"""
ROWS = [
    ("r1", "A", "2021-10-05", "2021-10-05", "2021-10-06", "IQ-KI", 1),
    ("r2", "B", "2021-10-12", "2021-10-12", "2021-10-13", "IQ-KI", 2),
    ("r3", "C", "2021-10-30", "2021-11-02", "2021-11-03", "IQ-DI", 0),
    ("r4", "D", "2021-11-03", "2021-11-03", "2021-11-04", "IQ-DI", 4),
    ("r5", "D", "2021-11-03", "2021-11-03", "2021-11-05", "IQ-DI", 4),
    ("r6", "E", "2021-11-10", "2021-11-10", "2021-11-11", "IQ-SD", 0),
]
COLUMNS = [
    *("report_id", "incident_id", "date_start", "date_end", "published_on"),
    *("governorate", "killed"),
]


def write_records(path, rows=ROWS):
    pd.DataFrame(rows, columns=COLUMNS).to_csv(path, index=False)


@pytest.fixture(scope="module")
def rendered(tmp_path_factory):
    """A folder with one report, its files and its input."""
    folder = tmp_path_factory.mktemp("rendered")
    write_records(folder / "records.csv")
    cells = [
        nbformat.v4.new_code_cell(PARAMETERS, id="p", metadata={"tags": ["parameters"]}),
        nbformat.v4.new_code_cell(CELL, id="c"),
    ]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), folder / "n.ipynb")
    definition = Definition("r", "Totals", folder / "n.ipynb", data=(folder / "records.csv",))
    (result,) = render_reports([definition], formats=["html"], out_dir=folder)
    assert not result.problem
    return folder


@pytest.fixture
def folder(rendered, tmp_path):
    return shutil.copytree(rendered, tmp_path / "copy")


def verify(folder):
    return verify_report(folder / "r.en")


def said(verified, code):
    return [sentence for each, sentence in verified.findings if each == code]


def edit(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_untouched(folder):
    verified = verify(folder)
    assert (verified.code, len(verified.differences)) == (SAME, 0)
    assert said(verified, DIFFERS) == said(verified, CANNOT_TELL) == []
    assert "Input records.csv: as recorded" in said(verified, SAME)
    # Nineteen governorates and two months.
    assert "1 series, 38 cells counted again, all the same" in verified.findings[-1][1]


@pytest.mark.parametrize("given", ["r.en.html", "r.en.manifest.json", "r.en.data.json", "."])
def test_every_file_of_a_report_stands_for_it(folder, given):
    assert find_reports(folder / given) == [folder / "r.en"]


def change(number, **values):
    row = dict(zip(COLUMNS, ROWS[number], strict=True)) | values
    return [*ROWS[:number], tuple(row.values()), *ROWS[number + 1 :]]


LATE = ("r7", "F", "2021-10-20", "2021-10-20", "2021-12-20", "IQ-KI", 1)
KI, DI, SD = ("IQ-KI 2021-10-01", "IQ-DI 2021-11-01", "IQ-SD 2021-11-01")
PLANTED = {
    "late record": ([*ROWS, LATE], [(KI, "count", 2, 3, "r7", "")]),
    "corrected date": (
        change(1, date_start="2021-11-12", date_end="2021-11-12"),
        [(KI, "count", 2, 1, "", "r2"), ("IQ-KI 2021-11-01", "count", 0, 1, "r2", "")],
    ),
    "deleted": (ROWS[:5], [(SD, "count", 1, 0, "", "r6")]),
    "merged": (change(1, incident_id="A"), [(KI, "count", 2, 1, "", "B")]),
    "place recoded": (
        change(0, governorate="IQ-DI"),
        [("IQ-DI 2021-10-01", "count", 0.5, 1.5, "r1", ""), (KI, "count", 2, 1, "", "r1")],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_change_of_the_records_is_named(folder, name):
    rows, expected = PLANTED[name]
    before = hashlib.sha256((folder / "records.csv").read_bytes()).hexdigest()
    write_records(folder / "records.csv", rows)
    after = hashlib.sha256((folder / "records.csv").read_bytes()).hexdigest()
    verified = verify(folder)
    assert verified.code == DIFFERS
    assert said(verified, DIFFERS)[0] == (
        f"Input records.csv was changed: sha256 {before} is recorded, it is {after}"
    )
    told = verified.differences
    told = told[told["what"].isin(["count", "cell", "records"]) & (told["series"] != "")]
    columns = ["where", "what", "was", "now", "gained", "lost"]
    assert sorted(told[columns].itertuples(index=False, name=None)) == sorted(expected)


def test_a_fact_of_a_record_that_no_count_shows(folder):
    write_records(folder / "records.csv", change(3, killed=9))
    told = verify(folder).differences[["where", "what", "was", "now"]]
    assert told.values.tolist() == [["report r4", "killed", 4, 9]]


def test_a_change_outside_every_cell_is_told_of_the_input(folder):
    far = ("r8", "G", "2019-01-01", "2019-01-01", "2019-01-02", "IQ-KI", 0)
    write_records(folder / "records.csv", [*ROWS, far])
    verified = verify(folder)
    assert verified.code == DIFFERS
    assert verified.differences[["where", "what"]].values.tolist() == [["report r8", "reports"]]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("In all 5 incidents.", "In all 6 incidents."),
        ("IQ-KI", "IQ-DI"),
        ("</main>", "<script>alert(1)</script></main>"),
        ('"count":[', '"count":[9'),
    ],
)
@pytest.mark.parametrize("with_manifest", [True, False])
def test_an_edit_of_the_page_is_seen(folder, old, new, with_manifest):
    edit(folder / "r.en.html", old, new)
    if not with_manifest:
        (folder / "r.en.manifest.json").unlink()
    verified = verify(folder)
    assert verified.code == DIFFERS
    assert "r.en.html was changed after it was sealed" in said(verified, DIFFERS)


# The first count of Kirkuk: two in October.
COUNTS = re.compile(r'("count":\[(?:[^,]+,){20})2,')


def test_numbers_edited_in_a_page_that_was_sealed_again(folder):
    for path in folder.glob("r.en.*"):
        if path.suffix != ".html":
            path.unlink()
    page = folder / "r.en.html"
    text = page.read_text(encoding="utf-8")
    page.write_text(seal_page(COUNTS.sub(r"\g<1>3,", text, count=1)), encoding="utf-8")
    verified = verify(folder)
    assert check_seal(page.read_text(encoding="utf-8"))
    assert verified.differences[["where", "what", "was", "now"]].values.tolist() == [
        [KI, "count", 3, 2]
    ]


def test_the_page_alone_is_checked_against_the_data(folder):
    for path in folder.glob("r.en.*"):
        if path.suffix != ".html":
            path.unlink()
    verified = verify(folder)
    assert verified.code == SAME
    assert verified.findings[-1][1].startswith("The page: 1 series, 38 cells counted again")
    assert "a seal can be made anew over other sentences" in verified.findings[0][1]


@pytest.mark.parametrize("with_manifest", [True, False])
def test_an_edit_of_the_sidecar_is_seen(folder, with_manifest):
    path = folder / "r.en.data.json"
    text = path.read_text(encoding="utf-8")
    path.write_text(COUNTS.sub(r"\g<1>4,", text, count=1), encoding="utf-8")
    if not with_manifest:
        (folder / "r.en.manifest.json").unlink()
    verified = verify(folder)
    assert verified.code == DIFFERS
    assert "The page and its data file differ in 1 numbers" in said(verified, DIFFERS)
    found = verified.differences
    assert found.loc[found["file"] == "data file", ["where", "was", "now"]].values.tolist() == [
        [KI, 4, 2]
    ]


def test_an_edit_of_the_csv_without_a_manifest_is_seen(folder):
    (folder / "r.en.manifest.json").unlink()
    edit(folder / "r.en.data.csv", "IQ-KI", "IQ-XX")
    assert "r.en.data.csv does not hold what the data file holds" in said(verify(folder), DIFFERS)


def test_an_edit_of_the_manifest_is_seen(folder):
    edit(folder / "r.en.manifest.json", '"edition": "internal"', '"edition": "public"')
    assert said(verify(folder), DIFFERS) == ["Report: r.en.html and the manifest tell of others"]


@pytest.mark.parametrize(
    ("missing", "sentence"),
    [
        ("records.csv", "Missing: input records.csv; give its folder with --data"),
        ("r.en.data.csv", "Missing: r.en.data.csv, which the manifest names"),
    ],
)
def test_what_is_missing_is_named(folder, missing, sentence):
    (folder / missing).unlink()
    verified = verify(folder)
    assert verified.code == CANNOT_TELL
    assert said(verified, CANNOT_TELL) == [sentence]


def test_data_elsewhere_are_found_where_they_are_said_to_be(folder, tmp_path):
    (tmp_path / "else").mkdir()
    (folder / "records.csv").rename(tmp_path / "else" / "records.csv")
    assert verify(folder).code == CANNOT_TELL
    for given in ("else", "else/records.csv"):
        assert verify_report(folder / "r.en", data=[tmp_path / given]).code == SAME


def test_another_version_of_the_code_is_said_and_counted_all_the_same(folder, monkeypatch):
    there = {"incident-analytics": "9.9", "commit": "abc"}
    monkeypatch.setattr("analytics.rendering.verify.describe_code", lambda: there)
    verified = verify(folder)
    assert verified.code == SAME
    (sentence,) = [s for _, s in verified.findings if "other code" in s]
    assert "incident-analytics 0.1.0 (here 9.9)" in sentence


RECIPES = {
    "window": "0001-01-01/9999-12-31", "rule": "worst", "place": "../../etc", "where": 7,
    "interval": "nanosecond", "measure": "__class__", "edition": "secret", "by": "no such column",
    "covered": ["x"], "date_rule": "os.system", "as_of": "yesterday",
}  # fmt: skip


@pytest.mark.parametrize("key", RECIPES)
def test_a_recipe_that_is_not_ours_is_refused_in_a_sentence(folder, key):
    path = folder / "r.en.data.json"
    (folder / "r.en.html").unlink()
    (folder / "r.en.data.csv").unlink()
    pack = json.loads(path.read_text(encoding="utf-8"))
    pack["series"][0]["recipe"][key] = RECIPES[key]
    path.write_text(json.dumps(pack), encoding="utf-8")
    verified = verify(folder)
    assert verified.code == DIFFERS, "the hash alone tells"
    assert said(verified, CANNOT_TELL)[-1]


@pytest.mark.parametrize(
    "text",
    [
        "", "no report", "<html>", "<!--" * 9000, "<a " * 9000, "<script>" * 9000, "\0" * 100,
        '<script type="application/json" id="numbers">' + "[" * 100_000 + "</script>",
        '<script type="application/json" id="numbers">{"series":[{}]}</script>',
        '<script type="application/json" id="numbers">{"series":7}</script>',
        '<script type="application/json" id="manifest">[1]</script>',
        '<script type="application/json" id="manifest">{"Inputs":{"../x":1}}</script>',
        '<script type="application/json" id="figure-1-data">[]</script>',
    ],
)  # fmt: skip
def test_a_file_that_is_no_report_is_refused_at_once(tmp_path, text):
    (tmp_path / "x.html").write_text(text, encoding="utf-8")
    verified = verify_report(tmp_path / "x")
    assert verified.code == CANNOT_TELL
    assert len(verified.findings) >= 2


def test_a_truncated_page_is_refused(folder):
    text = (folder / "r.en.html").read_text(encoding="utf-8")
    for length in (len(text) // 2, len(text) - 9):
        (folder / "r.en.html").write_text(text[:length], encoding="utf-8")
        assert verify(folder).code == DIFFERS
    with pytest.raises(FileError, match="cut off"):
        read_finished(text[: len(text) // 2])


def test_names_in_a_manifest_lead_nowhere(folder):
    path = folder / "r.en.manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    entry = {"bytes": 1, "sha256": "0" * 64}
    manifest["Outputs"] |= {"../records.csv": entry, "\x1b[2Jr": entry}
    path.write_text(json.dumps(manifest), encoding="utf-8")
    verified = verify(folder)
    assert sum("none of its files" in sentence for sentence in said(verified, DIFFERS)) == 2
    assert not any("\x1b" in sentence for _, sentence in verified.findings)


def test_the_command_prints_what_differs_and_exits_by_it(folder):
    run = CliRunner()
    assert run.invoke(app, ["verify", str(folder)]).exit_code == SAME
    write_records(folder / "records.csv", [*ROWS, LATE])
    found = run.invoke(app, ["verify", str(folder / "r.en.html")])
    assert found.exit_code == DIFFERS
    assert "differs      Input records.csv was changed" in found.output
    answer = run.invoke(app, ["verify", str(folder / "r.en.html"), "--format", "json"])
    (report,) = json.loads(answer.output)
    assert report["verdict"] == "differs"
    assert {"gained": "r7", "was": 2, "now": 3}.items() <= report["differences"][0].items()
    (folder / "records.csv").unlink()
    assert run.invoke(app, ["verify", str(folder)]).exit_code == CANNOT_TELL
