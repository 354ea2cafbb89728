"""The command as a user meets it: what it prints, how it ends, and that no traceback is seen."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pandas as pd
import pytest

ROOT = Path(__file__).parents[1]
UCDP = str(ROOT / "data" / "ucdp_is_iraq.csv")
PRESS = str(ROOT / "data" / "press_reports.csv")


def run(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "analytics.cli", *map(str, arguments)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=ROOT,
        check=False,
    )


def test_months_of_2017_by_day_of_start():
    done = run("count", UCDP, "--start", "2017-01-01", "--end", "2017-12-31", "--interval", "month",
               "--date-rule", "start", "--format", "json")  # fmt: skip
    assert done.returncode == 0, done.stderr
    rows = json.loads(done.stdout)
    assert [row["count"] for row in rows] == [77, 75, 84, 93, 68, 64, 32, 26, 20, 15, 6, 4]
    assert list(rows[0])[:5] == ["period_start", "period_days", "count", "count_min", "count_max"]


def test_spreading_moves_a_month_by_about_one():
    done = run("count", UCDP, "--start", "2017-01-01", "--end", "2017-12-31", "--interval", "month",
               "--format", "json")  # fmt: skip
    by_start = [77, 75, 84, 93, 68, 64, 32, 26, 20, 15, 6, 4]
    counts = [row["count"] for row in json.loads(done.stdout)]
    assert max(abs(a - b) for a, b in zip(counts, by_start, strict=True)) < 2.5


def test_a_governorate_that_no_record_tells_apart_is_not_covered():
    done = run("count", UCDP, "--start", "2017-01-01", "--end", "2017-12-31", "--interval", "year",
               "--by", "governorate", "--format", "json")  # fmt: skip
    rows = {row["governorate"]: row for row in json.loads(done.stdout)}
    halabja, duhok = rows["IQ-HA"], rows["IQ-DA"]
    assert (halabja["count"], halabja["is_covered"]) == (None, False)
    assert (duhok["count"], duhok["is_covered"]) == (0, True)
    assert "IQ-HA is not told apart" in done.stderr


def test_labelled_reports_are_counted_once():
    done = run("count", PRESS, "--start", "2021-10-01", "--end", "2022-01-31", "--interval", "year",
               "--format", "json")  # fmt: skip
    assert sum(row["count"] for row in json.loads(done.stdout)) == pytest.approx(73)


def test_check_counts_every_row(tmp_path):
    table = tmp_path / "mixed.csv"
    table.write_text(
        "report_id,date_start,date_end,killed\n"
        "a,2017-10-16,2017-10-16,3\n"
        "b,2017-10-16,2017-10-10,0\n"
        "c,,,\n"
        "d,2999-01-01,2999-01-01,\n",
        encoding="utf-8",
    )
    rejected = tmp_path / "rejected.csv"
    done = run("check", table, "--format", "json", "--rejected", rejected)
    assert done.returncode == 1
    answer = json.loads(done.stdout)
    assert (answer["rows"], answer["accepted"], answer["rejected"]) == (4, 1, 3)
    assert pd.read_csv(rejected)["row"].tolist() == [3, 4, 5]


def test_clean_files_check_with_zero():
    done = run("check", UCDP, PRESS)
    assert done.returncode == 0, done.stdout + done.stderr


def make_bad(folder):
    (folder / "empty.csv").write_bytes(b"")
    (folder / "binary.csv").write_bytes(bytes(range(256)) * 20)
    (folder / "no_known_columns.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    return ["empty.csv", "binary.csv", "no_known_columns.csv", "missing.csv", "."]


def test_what_is_no_table_is_told_in_one_sentence(tmp_path):
    for name in make_bad(tmp_path):
        done = run("check", tmp_path / name)
        assert done.returncode == 2, name
        assert "Traceback" not in done.stderr, name
        assert done.stderr.startswith("analytics: "), name
        assert len(done.stderr.strip().splitlines()) == 1, name


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--start", "2017-02-01", "--end", "2017-01-01"], "Swap the two days"),
        (["--start", "1.1.2017", "--end", "2017-01-01"], "is not a day"),
        (["--start", "2017-01-01", "--end", "2017-02-01", "--by", "colour"], "column 'colour'"),
        (["--start", "2017-01-01", "--end", "2017-02-01", "--only", "x"], "has no '='"),
        (["--start", "2017-01-01", "--end", "2017-02-01", "--covered", "May"], "is not a day"),
    ],
)
def test_wrong_options_are_told(arguments, said):
    done = run("count", UCDP, "--interval", "month", *arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_study_prints_terms_points_and_statistics():
    done = run("study", UCDP, "--key-date", "2017-10-16", "--start", "2016-01-01", "--end",
               "2018-12-31", "--interval", "week", "--format", "json")  # fmt: skip
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    level = next(row for row in answer["terms"] if row["term"] == "level[2017-10-16]")
    assert level["ci_lower"] < level["ratio"] < level["ci_upper"]
    assert len(answer["points"]) == answer["statistics"]["n_periods"] == 158
    assert answer["refusals"] == {}
    for table in ("excess", "naive", "placebo_summary", "comparison", "pooled", "distances"):
        assert answer[table], table
    assert len(answer["specifications"]) >= 100
    assert len(answer["places"]) == 19


def test_study_of_a_series(tmp_path):
    starts = pd.date_range("2015-01-01", periods=48, freq="MS")
    frame = pd.DataFrame({"period_start": starts, "count": [20] * 24 + [10] * 24})
    frame.to_csv(tmp_path / "series.csv", index=False)
    done = run("study", tmp_path / "series.csv", "--series", "--key-date", "2017-01-01",
               "--effects", "level", "--harmonics", "0", "--errors", "model",
               "--format", "json")  # fmt: skip
    terms = {row["term"]: row for row in json.loads(done.stdout)["terms"]}
    assert terms["level[2017-01-01]"]["ratio"] == pytest.approx(0.5, abs=1e-6)
    refused = run("study", tmp_path / "series.csv", "--series", "--key-date", "2030-01-01")
    assert refused.returncode == 2
    assert "Traceback" not in refused.stderr


@pytest.mark.parametrize("command", ["check", "count", "study", "render"])
def test_help_shows_an_example(command):
    done = run(command, "--help")
    assert done.returncode == 0
    assert f"analytics {command}" in " ".join(done.stdout.split())


def test_the_command_starts_without_heavy_imports():
    code = "import sys, analytics.cli; print({'pandas', 'ibis', 'plotly'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_the_plausible_days_can_be_set_and_the_source_is_told(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("report_id,date_start\na,2001-01-01\nb,2017-10-16\nc,2018-10-16\n")
    done = run("check", path, "--earliest", "2000-01-01", "--latest", "2017-12-31")
    assert done.returncode == 1
    assert done.stdout.startswith("source: records\n3 rows: 2 accepted, 1 rejected\n")
    answer = json.loads(run("check", path, "--format", "json").stdout)
    assert (answer["accepted"], answer["source"]) == (2, "records")
    assert "a.csv: read as UTF-8" in answer["notes"]


def test_a_stopped_command_says_so_and_leaves_nothing(tmp_path):
    path = tmp_path / "many.csv"
    row = ",2017-10-16,2017-10-18,Kirkuk,the text of a report that goes on for a while\n"
    with path.open("w") as file:
        file.write("report_id,date_start,date_end,governorate,headline\n")
        file.writelines(f"R{number}{row}" for number in range(1_500_000))
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    running = subprocess.Popen(
        [sys.executable, "-m", "analytics.cli", "check", str(path)],
        env={**os.environ, "TMPDIR": str(scratch)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # A shell starts what runs in its background deaf to the key, and so are its children.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    while running.poll() is None and not list(scratch.glob("analytics-*")):
        time.sleep(0.02)
    time.sleep(0.3)
    # Pressed again where the key was lost between two steps, as a person would.
    while running.poll() is None:
        running.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            running.wait(timeout=1)
    _, said = running.communicate(timeout=60)
    assert running.returncode == 130
    assert said.splitlines()[-1] == "analytics: stopped"
    assert "Traceback" not in said
    assert not list(scratch.iterdir())


@pytest.fixture
def unlabelled(tmp_path):
    path = tmp_path / "press.csv"
    pd.read_csv(PRESS).drop(columns="incident_id").to_csv(path, index=False)
    return path


def test_reports_without_labels_are_merged_and_the_count_is_a_band(unlabelled):
    span = ("--start", "2021-10-01", "--end", "2022-01-31", "--interval", "month")
    done = run("count", unlabelled, *span, "--format", "json")
    assert "184 reports are" in done.stderr
    rows = json.loads(done.stdout)
    assert all(r["count_fewest"] <= r["count"] <= r["count_most"] for r in rows)
    none = json.loads(
        run("count", unlabelled, *span, "--duplicates", "none", "--format", "json").stdout
    )
    assert sum(r["count"] for r in none) == sum(r["count_most"] for r in rows) == 184


def test_events_are_never_merged_and_that_is_said():
    done = run("count", UCDP, "--start", "2017-01-01", "--end", "2017-12-31", "--interval", "year")
    assert "is an event, merged by its makers" in done.stderr
    assert "count_fewest" not in done.stdout


def test_explain_an_incident_a_pair_and_what_is_in_doubt(unlabelled, tmp_path):
    found = json.loads(run("explain", "INC-0176", unlabelled, "--format", "json").stdout)
    assert "INC-0173" in found["incident"]["report_ids"].split(";")
    assert found["tolls"][0]["toll"] == "killed"
    pair = json.loads(run("explain", "INC-0168", "INC-0351", unlabelled, "--format", "json").stdout)
    assert not pair["is_merged"]
    out = tmp_path / "decisions.csv"
    assert run("explain", "--doubtful", unlabelled, "--out", out).returncode == 0
    assert list(pd.read_csv(out))[:3] == ["report_id_a", "report_id_b", "decision"]
    assert run("explain", unlabelled, "--decisions", out).returncode == 0
    for words in (["nothing"], ["nothing", unlabelled], ["a", "b", "c", unlabelled]):
        done = run("explain", *words)
        assert done.returncode == 2
        assert "Traceback" not in done.stderr


def test_stated_totals_beside_the_records():
    done = run("reconcile", PRESS, "--only", "event_class=attack", "--format", "json")
    rows = {row["claim_id"]: row for row in json.loads(done.stdout)}
    # By the ministry's count 206 attacks to 8 November 2021; the records begin in October.
    assert rows["A03"]["value"] == 206
    assert rows["A03"]["missed_min"] == 206 - rows["A03"]["known_max"]
    rates = run("reconcile", PRESS, "--rates", "peshmerga-ministry-attacks", "--format", "json")
    assert [r["count"] for r in json.loads(rates.stdout)][-4:] == [83, 72, 23, 28]


@pytest.mark.parametrize("command", ["check", "count", "study", "explain", "reconcile"])
def test_every_command_that_reads_records_can_be_told_how(command):
    from typer.main import get_command

    from analytics.cli import app

    names = {option.name for option in get_command(app).commands[command].params}
    assert {"source", "table", "encoding", "earliest", "latest"} <= names
    assert "reading" not in names
