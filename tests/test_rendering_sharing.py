"""What is shared between reports is what each would have worked out by itself, and is so once."""

import multiprocessing
import os
import time
from pathlib import Path

import ibis
import pandas as pd
import pytest

import analytics
from analytics.errors import FileError
from analytics.records import load_records
from analytics.rendering import render_reports
from analytics.rendering.definitions import load_definitions
from analytics.rendering.sharing import _take_key, shared

ROOT = Path(__file__).parents[1]


@pytest.fixture
def reader(tmp_path):
    """Return a function that reads a file and notes that it was called, shared; and its notes."""
    calls = tmp_path / "calls"
    calls.touch()

    def read(path, *, times=1):
        with calls.open("a") as file:
            file.write("x")
        time.sleep(0.2)
        return pd.DataFrame({"a": [Path(path).read_text()] * times})

    (tmp_path / "shelf").mkdir()
    return shared(read, tmp_path / "shelf"), lambda: len(calls.read_text())


def test_the_same_question_is_worked_out_once_for_all_processes(reader, tmp_path):
    read, n_calls = reader
    (tmp_path / "data").write_text("one")
    fork = multiprocessing.get_context("fork")
    running = [fork.Process(target=read, args=(str(tmp_path / "data"),)) for _ in range(3)]
    for process in running:
        process.start()
    for process in running:
        process.join()
    assert n_calls() == 1
    first = read(str(tmp_path / "data"))
    first.loc[0, "a"] = "spoilt"
    assert read(str(tmp_path / "data"))["a"].tolist() == ["one"]
    assert n_calls() == 1


def test_another_question_or_other_contents_are_worked_out_anew(reader, tmp_path):
    read, n_calls = reader
    data = tmp_path / "data"
    data.write_text("one")
    read(str(data))
    assert len(read(str(data), times=2)) == 2
    assert n_calls() == 2
    # The same name, size and time, but not the same contents.
    state = data.stat()
    data.write_text("two")
    os.utime(data, ns=(state.st_atime_ns, state.st_mtime_ns))
    assert read(str(data))["a"].tolist() == ["two"]
    assert n_calls() == 3


def test_an_error_is_told_to_everyone_and_kept_for_no_one(reader, tmp_path):
    read, n_calls = reader
    for _ in range(2):
        with pytest.raises(FileNotFoundError):
            read(str(tmp_path / "missing"))
    assert n_calls() == 2
    (tmp_path / "missing").write_text("there")
    assert read(str(tmp_path / "missing"))["a"].tolist() == ["there"]


def test_what_may_change_unseen_has_no_key():
    table = ibis.memtable(pd.DataFrame({"a": [1]}))
    assert _take_key(len, (table,), {}) is None
    assert _take_key(len, ("data/*.csv",), {}) is None
    assert _take_key(len, ("postgresql://host/base",), {}) is None
    assert _take_key(len, (lambda: 1,), {}) is None


def test_a_key_tells_contents_and_nothing_else():
    def frame(value):
        made = pd.DataFrame({"a": ["x", value], "b": [1, 2]})
        made["a"].str.upper()  # fills caches that are no contents
        return made

    assert _take_key(len, (frame("x"),), {}) == _take_key(len, (frame("x" * 1),), {})
    different = [frame("y"), frame("x")[["b", "a"]], frame("x").astype({"b": float})]
    keys = {_take_key(len, (each,), {}) for each in [frame("x"), *different]}
    assert len(keys) == 4
    assert _take_key(len, (), {"a": 1, "b": 2}) == _take_key(len, (), {"b": 2, "a": 1})


def test_shared_records_are_the_records(tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text(
        "report_id,date_start,date_end,killed\na,2021-10-05,2021-10-05,3\nb,soon,,\n"
        "c,2021-11-29,2021-11-30,\n"
    )
    own = load_records(path)
    for _ in range(2):
        got = shared(load_records, tmp_path)(str(path))
        pd.testing.assert_frame_equal(got.to_pandas(), own.to_pandas())
        pd.testing.assert_frame_equal(got.rejected, own.rejected)
        assert (got.n_rows, got.n_rejected, got.source) == (3, 1, own.source)
        assert got.notes == own.notes
        columns = set(got.accepted.columns)
        assert set(own.to_pandas().columns) <= columns
        assert got.accepted.killed.sum().to_pyarrow().as_py() == 3
    with pytest.raises(FileError, match="none"):
        shared(load_records, tmp_path)(str(tmp_path / "none.csv"))


def test_names_that_notebooks_use_for_pages_are_not_shared():
    from analytics.rendering.sharing import _PAGES

    assert set(_PAGES) <= set(analytics._STAGES)


@pytest.mark.slow
def test_reports_that_share_are_byte_for_byte_those_of_kernels(tmp_path):
    definitions = load_definitions(
        ROOT / "reports" / "monthly.yaml", period="2021-12", only={"place": ["IQ-KI", "IQ-WA"]}
    )
    options = {"formats": ["html"], "languages": ["en", "ar"]}
    for engine in ("fork", "kernel"):
        results = render_reports(definitions, out_dir=tmp_path / engine, engine=engine, **options)
        assert [result.problem for result in results] == [""] * 4
    for path in sorted((tmp_path / "fork").iterdir()):
        assert path.read_bytes() == (tmp_path / "kernel" / path.name).read_bytes(), path.name
