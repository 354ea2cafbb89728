"""What changed between two reports of a series: planted changes are found, and they add up."""

import hashlib
import json
from pathlib import Path

import pandas as pd
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from analytics.basis import select_incidents
from analytics.cli import app
from analytics.errors import ParameterError
from analytics.figures import plot_waterfall
from analytics.language import Language
from analytics.periods import Window
from analytics.previous import compare_previous
from analytics.rendering import load_definitions, render_reports
from analytics.schema import CHANGES, WATERFALL, names
from analytics.sidecar import list_members, pack_traces, write_sidecar
from analytics.trace import trace_series
from analytics.vintages import REASONS, explain_changes, sum_changes
from analytics.words import describe_previous, tabulate_changes

COLUMNS = [
    *("report_id", "incident_id", "date_start", "date_end", "published_on"),
    *("governorate", "event_class", "killed"),
]
EARLIER = [
    ("a", "A", "2021-10-05", "2021-10-05", "2021-10-06", "IQ-KI", "attack", 1),
    ("b", "B", "2021-10-12", "2021-10-12", "2021-10-13", "IQ-KI", "attack", 2),
    ("c", "C", "2021-10-20", "2021-10-20", "2021-10-21", "IQ-DI", "attack", 0),
    ("d", "D", "2021-11-03", "2021-11-03", "2021-11-04", "IQ-DI", "attack", 4),
    ("e", "E", "2021-11-03", "2021-11-03", "2021-11-05", "IQ-DI", "attack", 4),
    ("f", "F", "2021-11-10", "2021-11-10", "2021-11-11", "IQ-SD", "operation", 0),
    ("g", "G", "2021-11-15", "2021-11-15", "2021-11-16", "IQ-KI", "attack", 1),
    ("h", "G", "2021-11-15", "2021-11-15", "2021-11-16", "IQ-KI", "attack", 1),
]
LATER = [
    ("a", "A", "2021-10-05", "2021-10-05", "2021-10-06", "IQ-KI", "attack", 1),
    # b: its date is corrected, from October to November.
    ("b", "B", "2021-11-12", "2021-11-12", "2021-10-13", "IQ-KI", "attack", 2),
    # c is deleted; d and e turn out to be one; f is an attack after all; g and h are two.
    ("d", "D", "2021-11-03", "2021-11-03", "2021-11-04", "IQ-DI", "attack", 4),
    ("e", "D", "2021-11-03", "2021-11-03", "2021-11-05", "IQ-DI", "attack", 4),
    ("f", "F", "2021-11-10", "2021-11-10", "2021-11-11", "IQ-SD", "attack", 0),
    ("g", "G", "2021-11-15", "2021-11-15", "2021-11-16", "IQ-KI", "attack", 1),
    ("h", "H", "2021-11-15", "2021-11-15", "2021-11-16", "IQ-KI", "attack", 1),
    # i was published after the earlier report's last day, j before it but not known then.
    ("i", "I", "2021-10-30", "2021-10-30", "2021-12-20", "IQ-KI", "attack", 7),
    ("j", "J", "2021-10-31", "2021-10-31", "2021-11-01", "IQ-KI", "attack", 1),
    # k lies in December, which the earlier window did not reach.
    ("k", "K", "2021-12-02", "2021-12-02", "2021-12-03", "IQ-KI", "attack", 1),
]


def pack(rows, end="2021-11-30", by=None, **options):
    frame = pd.DataFrame(rows, columns=COLUMNS).astype({"report_id": "str", "incident_id": "str"})
    for column in ("date_start", "date_end", "published_on"):
        frame[column] = pd.to_datetime(frame[column])
    chosen = select_incidents(frame, where={"event_class": ["attack"]})
    window = Window("2021-10-01", end)
    return pack_traces([trace_series(chosen, window, "month", by=by, **options)])


def test_every_reason_by_hand():
    earlier = pack(EARLIER, as_of="2021-11-30")
    later = pack(LATER, end="2021-12-31", as_of="2022-01-15")
    changes = explain_changes(earlier, later)
    assert list(changes.columns) == names(CHANGES)
    steps = sum_changes(changes, earlier, later)
    assert list(steps.columns) == names(WATERFALL)
    # October: a, b, c; November: D, E, G. Then A, I, J; B, D, F, G, H; K.
    assert steps.values.tolist() == [
        ["earlier", 6.0, 6.0, 0],
        ["late", 1.0, 7.0, 1],
        ["added", 1.0, 8.0, 1],
        ["corrected", 0.0, 8.0, 1],
        ["merged", -1.0, 7.0, 1],
        ["split", 1.0, 8.0, 1],
        ["recoded", 1.0, 9.0, 1],
        ["deleted", -1.0, 8.0, 1],
        ["window", 1.0, 9.0, 1],
        ["later", 0.0, 9.0, 0],
    ]
    moved = changes[changes["reason"] == "corrected"]
    assert moved[["period_start", "change"]].values.tolist() == [
        [pd.Timestamp("2021-10-01"), -1.0],
        [pd.Timestamp("2021-11-01"), 1.0],
    ]


def test_tolls_are_corrected():
    rows = [(*row[:-1], 9) if row[0] == "a" else row for row in EARLIER]
    earlier, later = (pack(each, measure="killed") for each in (EARLIER, rows))
    changes = explain_changes(earlier, later)
    assert changes[["reason", "change", "earlier_ids"]].values.tolist() == [["corrected", 8.0, "A"]]


def test_a_place_recoded_moves_between_groups():
    rows = [(*row[:5], "IQ-DI", *row[6:]) if row[0] == "a" else row for row in EARLIER]
    earlier, later = (pack(each, by="governorate") for each in (EARLIER, rows))
    changes = explain_changes(earlier, later)
    assert changes[["group", "reason", "change"]].values.tolist() == [
        *(["IQ-DI", "recoded", 1.0], ["IQ-KI", "recoded", -1.0])
    ]


def test_a_day_no_longer_observed_is_the_window():
    earlier = pack(EARLIER)
    later = pack(EARLIER, covered=[Window("2021-10-01", "2021-10-31")])
    steps = sum_changes(explain_changes(earlier, later), earlier, later)
    assert steps["reason"].tolist() == ["earlier", "window", "later"]
    assert steps["change"].tolist() == [6.0, -3.0, 0.0]


def test_nothing_changed():
    earlier = pack(EARLIER)
    steps = sum_changes(explain_changes(earlier, earlier), earlier, earlier)
    assert steps["reason"].tolist() == ["earlier", "later"]


day = st.dates(pd.Timestamp("2021-09-20").date(), pd.Timestamp("2021-12-10").date())
record = st.tuples(
    st.sampled_from("abcdefgh"), st.sampled_from(["A", "B", "C", None]), day, day,
    st.sampled_from(["IQ-KI", "IQ-DI"]), st.sampled_from(["attack", "operation"]),
    st.integers(0, 5),
)  # fmt: skip
records = st.lists(record, max_size=8, unique_by=lambda row: row[0])


@settings(max_examples=40, deadline=None)
@given(records, records, st.sampled_from([None, "governorate"]), st.sampled_from(["10", "30"]))
def test_the_changes_always_add_up(one, two, by, last):
    packs = []
    for rows, end in ((one, "2021-11-30"), (two, f"2021-11-{last}")):
        made = [(r, i, min(a, b), max(a, b), max(a, b), g, e, k) for r, i, a, b, g, e, k in rows]
        packs.append(pack(made, end=end, by=by))
    steps = sum_changes(explain_changes(*packs), *packs)
    assert set(steps["reason"]) <= {"earlier", *REASONS, "later"}
    before_last, last_row = steps.iloc[-2], steps.iloc[-1]
    assert before_last["total_after"] == pytest.approx(last_row["total_after"], abs=1e-6)


def test_other_series_are_not_compared():
    earlier, later = pack(EARLIER), pack(EARLIER, measure="killed")
    with pytest.raises(ParameterError, match="is not in both reports"):
        explain_changes(earlier, later)
    later["series"][0]["name"] = earlier["series"][0]["name"]
    with pytest.raises(ParameterError, match="measure 'incidents': is 'killed' in the later"):
        explain_changes(earlier, later)


@pytest.fixture
def files(tmp_path):
    for name, rows in (("old", EARLIER), ("new", LATER)):
        pd.DataFrame(rows, columns=COLUMNS).to_csv(tmp_path / f"{name}.csv", index=False)
    return [str(tmp_path / "old.csv"), str(tmp_path / "new.csv")]


def test_the_command_names_exactly_the_planted_changes_of_two_files(files, tmp_path):
    out = tmp_path / "changes.csv"
    options = ["--by", "nothing", "--start", "2021-10-01", "--end", "2021-11-30"]
    told = CliRunner().invoke(app, ["compare", *files, *options, "--out", str(out)])
    assert told.exit_code == 0
    found = pd.read_csv(out)
    planted = {
        ("late", "", "I"), ("added", "", "J"), ("corrected", "B", "B"), ("merged", "D;E", "D"),
        ("split", "G", "G;H"), ("deleted", "C", ""),
    }  # fmt: skip
    columns = ["reason", "earlier_ids", "later_ids"]
    assert set(found[columns].fillna("").itertuples(index=False, name=None)) == planted
    assert "nothing changed" in CliRunner().invoke(app, ["compare", files[0], files[0]]).output


def test_a_place_recoded_in_a_file(files):
    rows = [(*row[:5], "IQ-DI", *row[6:]) if row[0] == "a" else row for row in EARLIER]
    pd.DataFrame(rows, columns=COLUMNS).to_csv(files[1], index=False)
    told = CliRunner().invoke(app, ["compare", *files, "--format", "json"])
    answer = json.loads(told.stdout)
    assert [(row["group"], row["reason"], row["change"]) for row in answer["changes"]] == [
        ("IQ-DI", "recoded", 1), ("IQ-KI", "recoded", -1)
    ]  # fmt: skip
    assert [step["change"] for step in answer["steps"]] == [7, 0, 0]


def trace_of(rows, **options):
    frame = pd.DataFrame(rows, columns=COLUMNS).astype({"report_id": "str", "incident_id": "str"})
    for column in ("date_start", "date_end", "published_on"):
        frame[column] = pd.to_datetime(frame[column])
    chosen = select_incidents(frame, where={"event_class": ["attack"]}, **options)
    return trace_series(chosen, Window("2021-10-01", "2021-11-30"), "month")


def test_what_a_report_says_of_the_one_before(tmp_path):
    path = tmp_path / "r.en.data.json"
    path.write_text(write_sidecar(pack_traces([trace_of(EARLIER)])), encoding="utf-8")
    later = trace_of(LATER)
    reader = Language("en")
    # October: a, b, c; November: D, E, G; then c gone, D and E one, I and J new, G two, f in.
    (said,) = describe_previous(compare_previous(str(path), later), language=reader)
    assert said == (
        "The earlier report counted 6 incidents, this one 8. What each reason adds: reported late "
        "+1 (1 incident), added +1 (1 incident), date corrected "
        "±0 (1 incident), merged with another −1 (1 incident), told apart "
        "+1 (1 incident), coded otherwise +1 (1 incident) and deleted "
        "−1 (1 incident)."
    )
    table = tabulate_changes(compare_previous(str(path), later), language=reader)
    assert "D, E → D" in table["Records"].tolist()
    same = compare_previous(str(tmp_path / "r.en.html"), trace_of(EARLIER))
    assert describe_previous(same, language=reader) == [
        "Nothing has changed since the earlier report: 6 incidents then and now."
    ]
    none = compare_previous("", later)
    assert describe_previous(none, language=reader) == [
        "There is no earlier report of this series."
    ]
    assert plot_waterfall(none.steps, language=reader) is None


@pytest.mark.slow
def test_a_report_finds_the_one_before_it_and_keeps_it(tmp_path):
    root, out = Path(__file__).parents[1], tmp_path / "out"
    data = tmp_path / "press_reports.csv"
    data.write_bytes((root / "data" / data.name).read_bytes())
    definition = yaml.safe_load((root / "reports" / "monthly.yaml").read_text())
    definition |= {"notebook": str(root / "notebooks" / "trend_report.ipynb"), "data": [data.name]}
    (tmp_path / "monthly.yaml").write_text(json.dumps(definition))

    def render(period, **options):
        given = load_definitions(
            tmp_path / "monthly.yaml", period=period, only={"place": ["IQ-KI"]}
        )
        (result,) = render_reports(
            given, languages=["en"], formats=["html"], out_dir=out, **options
        )
        return result

    def read(period, ending):
        return (out / f"monthly.{period}.IQ-KI.en.{ending}").read_bytes()

    assert "previous.json" not in render("2021-11").files
    november = read("2021-11", "data.json")
    # The month before, then this month's own earlier report, once the records are others.
    render("2021-12")
    assert read("2021-12", "previous.json") == november
    assert render("2021-12").is_current
    render("2021-12", force=True)
    assert read("2021-12", "previous.json") == november
    december = read("2021-12", "data.json")
    alone = next(ids[0] for ids in list_members(json.loads(december)).values() if len(ids) == 1)
    text = data.read_text("utf-8")
    kept = [row for row in text.splitlines(True) if not row.startswith(f"{alone},")]
    data.write_text("".join(kept), encoding="utf-8")
    render("2021-12")
    assert read("2021-12", "previous.json") == december
    made_of = json.loads(read("2021-12", "manifest.json"))["Inputs"]
    digest = hashlib.sha256(december).hexdigest()
    assert made_of["monthly.2021-12.IQ-KI.en.previous.json"] == f"sha256 {digest}"
    assert "deleted −1 (1 incident)" in read("2021-12", "html").decode("utf-8")
    render("2021-12", force=True)
    assert read("2021-12", "previous.json") == december
    # A report that fails leaves all of it in place.
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    data.write_bytes(b"report_id,date_start\n" + b"\xff\xfe\x00\x01" * 9)
    assert "trend_report.ipynb, cell" in render("2021-12").problem
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before


def test_an_internal_report_is_not_told_of_in_a_public_one(tmp_path):
    path = tmp_path / "r.en.data.json"
    path.write_text(write_sidecar(pack_traces([trace_of(EARLIER)])), encoding="utf-8")
    public = trace_of(LATER, edition="public", as_of="2022-02-01")
    assert compare_previous(str(path), public).state == "other"


def test_of_the_public_edition_totals_are_told_and_no_record(tmp_path):
    path = tmp_path / "r.en.data.json"
    earlier = trace_of(EARLIER, edition="public", as_of="2022-02-01")
    path.write_text(write_sidecar(pack_traces([earlier])), encoding="utf-8")
    found = compare_previous(str(path), trace_of(LATER, edition="public", as_of="2022-02-01"))
    assert found.state == "compared"
    assert found.steps["total_after"].iloc[-1] == 8
    assert tabulate_changes(found, language=Language("en")).empty
