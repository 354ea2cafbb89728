"""Many reports at once: what is written, what is kept, and what happens to those that fail."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest

from analytics.errors import FileError, ParameterError
from analytics.rendering import Definition, render_command, render_reports
from analytics.rendering.manifest import hash_file
from analytics.rendering.server import Server

SMALL = Path(__file__).parent / "notebooks" / "small_report.ipynb"
ROOT = Path(__file__).parents[1]


@pytest.fixture
def write(tmp_path):
    """Return what writes a notebook of one cell, and the definition of its report."""

    def written(name, source):
        cells = [
            nbformat.v4.new_code_cell(
                'language = "en"\ndata: list[str] = []', id="p", metadata={"tags": ["parameters"]}
            ),
            nbformat.v4.new_code_cell(source, id="c"),
        ]
        nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / f"{name}.ipynb")
        return Definition(name, name.capitalize(), tmp_path / f"{name}.ipynb")

    return written


@pytest.mark.slow
def test_reports_that_fail_leave_the_others_and_what_was_there(write, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    (out / "fails.en.html").write_text("earlier")
    hangs = (
        "import subprocess, time\n"
        "child = subprocess.Popen(['sleep', '600'])\n"
        f"open({str(tmp_path / 'child')!r}, 'w').write(str(child.pid))\n"
        "time.sleep(600)"
    )
    definitions = [
        write("hangs", hangs),
        write("dies", "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)"),
        write("leaves", "import os\nos._exit(7)"),
        write("fails", "open('missing.csv')"),
        write("writes", "print('good')\nimport os; os.write(1, b'noise'); os.write(2, b'noise')"),
        write("reads", "import sys\nprint('read', repr(sys.stdin.readline()))"),
    ]
    seen = []
    results = render_reports(
        definitions,
        formats=["html"],
        out_dir=out,
        timeout_s=4,
        progress=lambda done, total, result: seen.append((done, total, result.name)),
    )
    problems = {result.name: result.problem for result in results}
    assert "hangs.ipynb: took more than 4 s and was stopped" in problems["hangs"]
    assert "dies.ipynb: was killed by signal 9" in problems["dies"]
    assert "leaves.ipynb: ended without a report" in problems["leaves"]
    assert "fails.ipynb, cell [2] 'open('missing.csv')': stopped with" in problems["fails"]
    assert [result.name for result in results if result.is_complete] == ["writes", "reads"]
    assert "good" in (out / "writes.en.html").read_text()
    assert "read &#39;&#39;" in (out / "reads.en.html").read_text()
    assert (out / "fails.en.html").read_text() == "earlier"
    assert sorted(path.name for path in out.iterdir()) == [
        *("fails.en.html", "index.html", "reads.en.html", "reads.en.manifest.json"),
        *("writes.en.html", "writes.en.manifest.json"),
    ]
    assert [done for done, _, _ in seen] == [1, 2, 3, 4, 5, 6]
    # What a report started ends with it.
    child = int((tmp_path / "child").read_text())
    with pytest.raises(ProcessLookupError):
        wait_for_end(child)


def wait_for_end(pid, seconds=5):
    for _ in range(seconds * 20):
        os.kill(pid, 0)
        if Path(f"/proc/{pid}/stat").exists() and ") Z " in Path(f"/proc/{pid}/stat").read_text():
            raise ProcessLookupError(pid)
        time.sleep(0.05)


@pytest.mark.slow
def test_a_report_is_the_same_again_and_its_manifest_true(tmp_path):
    data = tmp_path / "data.csv"
    data.write_text("a,b\n1,2\n")
    definition = Definition(
        "small", "A small report", SMALL, {"place": "Kirkuk"}, (data,), ("en", "ckb"), ("html",)
    )
    for folder in ("one", "two"):
        render_reports([definition], out_dir=tmp_path / folder, formats=["html", "ipynb"])
    names = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert names == [
        "index.html",
        *("small.ckb.html", "small.ckb.ipynb", "small.ckb.manifest.json"),
        *("small.en.html", "small.en.ipynb", "small.en.manifest.json"),
    ]
    for name in ("small.en.html", "small.ckb.html"):
        one, two = tmp_path / "one" / name, tmp_path / "two" / name
        assert one.read_bytes() == two.read_bytes()
        assert str(tmp_path) not in one.read_text()
        assert str(ROOT) not in one.read_text()
    manifest = json.loads((tmp_path / "one" / "small.en.manifest.json").read_text())
    assert manifest["Inputs"] == {"data.csv": f"sha256 {hash_file(data)}"}
    assert manifest["Parameters"] == {"place": "Kirkuk"}
    assert manifest["Figures"] == 2
    for name, entry in manifest["Outputs"].items():
        path = tmp_path / "one" / name
        assert entry == {"bytes": path.stat().st_size, "sha256": hash_file(path)}


@pytest.mark.slow
def test_a_kernel_gives_the_same_page(tmp_path):
    definition = Definition("small", "A small report", SMALL, formats=("html",))
    for engine in ("fork", "kernel"):
        (result,) = render_reports([definition], out_dir=tmp_path / engine, engine=engine)
        assert result.problem == ""
    pages = [(tmp_path / engine / "small.en.html").read_bytes() for engine in ("fork", "kernel")]
    assert pages[0] == pages[1]


@pytest.mark.slow
def test_a_server_that_is_killed_says_so(write, tmp_path):
    first = write(
        "first", "import os, signal, time\nos.kill(os.getppid(), signal.SIGKILL)\ntime.sleep(60)"
    )
    results = render_reports(
        [first, write("second", "1")], formats=["html"], out_dir=tmp_path / "out", n_jobs=1
    )
    assert [result.is_complete for result in results] == [False, False]
    assert "the process that makes the reports has died" in results[1].problem


@pytest.mark.slow
def test_a_server_has_one_thread_and_ends_with_its_caller():
    events, is_ready = [], threading.Event()

    def on_event(event):
        events.append(event)
        is_ready.set()

    server = Server(on_event)
    try:
        assert is_ready.wait(120)
        assert events == [{"ready": True}]
        tasks = Path(f"/proc/{server.pid}/task")
        if tasks.exists():
            # A copy has only the thread that forked: a lock held by another would stay locked.
            assert len(list(tasks.iterdir())) == 1
    finally:
        server.close()
    assert events[-1] == {"closed": 0}


_ONE_AFTER_ANOTHER = """
import os, threading, time, warnings
import numpy as np
print(os.environ.get("LEFT"), os.getcwd() == {folder!r}, np.random.rand())
warnings.warn("said by each", UserWarning, stacklevel=1)
if os.path.exists({process!r}):
    print("as before" if open({process!r}).read() == str(os.getpid()) else "another process")
open({process!r}, "w").write(str(os.getpid()))
os.environ["LEFT"] = "left behind"
os.chdir("/")
warnings.simplefilter("ignore")
{leave}
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("leave", "process"),
    [
        ("", "as before"),
        ("threading.Thread(target=time.sleep, args=[30], daemon=True).start()", "another process"),
        ("import subprocess; subprocess.Popen(['sleep', '30'])", "another process"),
    ],
    ids=["nothing", "thread", "process"],
)
def test_reports_of_one_notebook_find_nothing_of_each_other(leave, process, write, tmp_path):
    source = _ONE_AFTER_ANOTHER.format(
        folder=str(tmp_path), process=str(tmp_path / "pid"), leave=leave
    )
    first = write("same", source)
    definitions = [replace(first, name=f"report{n}") for n in range(3)]
    out = tmp_path / "out"
    results = render_reports(definitions, formats=["html"], out_dir=out, n_jobs=1)
    assert [result.problem for result in results] == [""] * 3
    pages = [(out / f"report{n}.en.html").read_text() for n in range(3)]
    said = [re.search(r"None True [0-9.]+", page) for page in pages]
    assert all(said)
    assert len({found[0] for found in said}) == 1
    assert [process in page for page in pages] == [False, True, True]
    assert ["said by each" in " ".join(result.warnings) for result in results] == [True] * 3


@pytest.mark.slow
def test_a_report_that_hangs_or_dies_takes_none_of_its_notebook_with_it(write, tmp_path):
    count = str(tmp_path / "count")
    source = (
        "import os, signal, time\n"
        f"open({count!r}, 'a').write('x')\n"
        f"number = len(open({count!r}).read())\n"
        "if number == 2: time.sleep(600)\n"
        "if number == 3: os.kill(os.getpid(), signal.SIGKILL)\n"
        "if number == 4: raise ValueError('the fourth')\n"
        "print('made as number', number)"
    )
    first = write("same", source)
    definitions = [replace(first, name=f"report{n}") for n in range(1, 8)]
    out = tmp_path / "out"
    results = render_reports(
        definitions, formats=["html"], out_dir=out, n_jobs=1, timeout_s=4, languages=["en"]
    )
    said = ["", "took more than 4 s", "was killed by signal 9", "the fourth", "", "", ""]
    for number, (result, problem) in enumerate(zip(results, said, strict=True), 1):
        assert problem in result.problem
        assert result.is_complete == (problem == "")
        if result.is_complete:
            text = (out / f"report{number}.en.html").read_text()
            assert f"made as number {number}" in text


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"languages": ["fr"]}, "language 'fr': is not known"),
        ({"formats": ["docx"]}, "format 'docx': is not known"),
        ({"n_jobs": 0}, "n_jobs 0: must be 1 or more"),
        ({"engine": "spark"}, "engine 'spark': is not known"),
    ],
)
def test_options_are_checked_before_anything_starts(write, tmp_path, options, said):
    with pytest.raises(ParameterError, match=said):
        render_reports([write("a", "1")], out_dir=tmp_path / "out", **options)
    assert not (tmp_path / "out").exists()


def test_two_definitions_of_one_name_are_refused(write, tmp_path):
    with pytest.raises(ParameterError, match="a: names two definitions"):
        render_reports([write("a", "1"), write("a", "2")], out_dir=tmp_path / "out")


def test_a_folder_that_cannot_be_written_is_named(write, tmp_path):
    (tmp_path / "out").write_text("a file")
    with pytest.raises(FileError, match="out: cannot be written to"):
        render_reports([write("a", "1")], out_dir=tmp_path / "out")


def test_nothing_to_render_is_said(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FileError, match="reports: holds no definitions"):
        render_command([], all_definitions=True)
    with pytest.raises(ParameterError, match="no definition: was given"):
        render_command([])


@pytest.mark.slow
def test_what_an_earlier_run_left_is_cleared_away(write, tmp_path):
    out = tmp_path / "out"
    (out / ".rendering-999999999-x").mkdir(parents=True)
    (out / f".rendering-{os.getpid()}-y").mkdir()
    render_reports([write("a", "1")], formats=["html"], out_dir=out)
    assert sorted(path.name for path in out.glob(".rendering-*")) == [f".rendering-{os.getpid()}-y"]


@pytest.mark.slow
def test_a_run_that_is_killed_leaves_no_process_and_no_half_report(write, tmp_path):
    ready = tmp_path / "pid"
    source = (
        "import os, time\n"
        f"open({str(ready)!r} + '.part', 'w').write(str(os.getpid()))\n"
        f"os.replace({str(ready)!r} + '.part', {str(ready)!r})\n"
        "time.sleep(600)"
    )
    write("slow", source)
    (tmp_path / "slow.yaml").write_text("title: Slow\nnotebook: slow.ipynb\nformats: [html]\n")
    code = (
        "from analytics.rendering import render_reports\n"
        f"render_reports([{str(tmp_path / 'slow.yaml')!r}], out_dir={str(tmp_path / 'out')!r})"
    )
    with subprocess.Popen([sys.executable, "-c", code], cwd=ROOT) as process:
        for _ in range(2400):
            if ready.exists():
                break
            time.sleep(0.05)
        process.kill()
    with pytest.raises(ProcessLookupError):
        wait_for_end(int(ready.read_text()))
    assert not list((tmp_path / "out").glob("*.*"))[1:]


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_run_that_is_stopped_half_way_is_finished_by_the_next(how, write, tmp_path):
    write("one", "print('first')")
    source = f"import os, time\ntime.sleep(0 if os.path.exists({str(tmp_path / 'go')!r}) else 600)"
    write("two", source)
    out = tmp_path / "out"
    for name in ("one", "two"):
        text = f"title: {name}\nnotebook: {name}.ipynb\nformats: [html]\n"
        (tmp_path / f"{name}.yaml").write_text(text)
    paths = [str(tmp_path / f"{name}.yaml") for name in ("one", "two")]
    command = [sys.executable, "-m", "analytics.cli", "render", *paths, "--out", str(out)]
    command += ["--formats", "html", "--jobs", "1"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert "one.en.html" in process.stdout.readline()
        process.send_signal(how)
        said = process.stdout.read()
    assert process.returncode == (-9 if how == signal.SIGKILL else 128 + how)
    assert (out / "one.en.manifest.json").exists()
    assert not list(out.glob("two.*"))
    if how != signal.SIGKILL:
        assert "1 of 2 reports complete" in said
        assert (out / "index.html").exists()
        assert not list(out.glob(".rendering-*"))
    before = (out / "one.en.html").stat().st_mtime_ns
    (tmp_path / "go").touch()
    again = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert again.returncode == 0, again.stderr
    assert "1 of 2 reports are up to date" in again.stdout
    assert "2 of 2 reports complete" in again.stdout
    assert (out / "one.en.html").stat().st_mtime_ns == before
    assert not list(out.glob(".rendering-*"))
    assert (out / "index.html").read_text().count('href="two.en.html"') == 6  # title and form


# What lies there when the run is killed; in a notebook and between reports is tested above.
MOMENTS = {
    "while a page is made": ".rendering-*/*/report.html",
    "before it is printed": ".rendering-*/*/print.html",
    "while one is put in place": "*.html",
}


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.parametrize("moment", MOMENTS)
def test_a_run_killed_at_any_moment_leaves_whole_reports_only(moment, tmp_path):
    out = tmp_path / "out"
    for name in ("one", "two"):
        (tmp_path / f"{name}.yaml").write_text(f"title: {name}\nnotebook: {SMALL}\n")
    paths = [str(tmp_path / f"{name}.yaml") for name in ("one", "two")]
    command = [sys.executable, "-m", "analytics.cli", "render", *paths, "--out", str(out)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL) as process:
        while not list(out.glob(MOMENTS[moment])):
            assert process.poll() is None
            time.sleep(0.002)
        process.kill()
    for path in out.glob("*.html"):
        assert path.read_text(encoding="utf-8").rstrip().endswith("</html>")
    for path in out.glob("*.pdf"):
        assert path.read_bytes().rstrip().endswith(b"%%EOF")
    again = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert again.returncode == 0, again.stderr
    assert "2 of 2 reports complete" in again.stdout
    for name in ("one", "two"):
        manifest = json.loads((out / f"{name}.en.manifest.json").read_text())
        assert set(manifest["Outputs"]) == {f"{name}.en.html", f"{name}.en.pdf"}
        for file, entry in manifest["Outputs"].items():
            assert hash_file(out / file) == entry["sha256"]
    assert not list(out.glob(".*"))


@pytest.mark.slow
def test_what_is_up_to_date_is_left_and_what_is_not_is_made_again(write, tmp_path):
    out, data = tmp_path / "out", tmp_path / "data.csv"
    data.write_text("a\n1\n")
    definition = replace(write("a", "print(data)"), data=(data,), parameters={})

    def render(**changes):
        options = {"formats": ["html"], "out_dir": out, **changes}
        (result,) = render_reports([options.pop("definition", definition)], **options)
        assert result.problem == ""
        return result.is_current

    assert not render()
    assert render()
    assert not render(force=True)
    data.write_text("a\n2\n")
    assert not render()
    assert not render(definition=replace(definition, title="Another"))
    assert not render()
    assert not render(formats=["html", "ipynb"])
    assert render()
    (out / "a.en.html").write_text("cut o")
    assert not render()
    (out / "a.en.manifest.json").write_text('{"Fingerprint": ')
    assert not render()
    write("a", "print(data, 'changed')")
    assert not render()


@pytest.mark.slow
def test_without_a_browser_there_is_html_and_a_sentence(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("BROWSER_PATH", raising=False)
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path))
    (tmp_path / "small.yaml").write_text(f"title: Small\nnotebook: {SMALL}\n")
    code = render_command([tmp_path / "small.yaml"], out_dir=tmp_path / "out")
    said = capsys.readouterr()
    assert code == 1
    assert (tmp_path / "out" / "small.en.html").exists()
    assert not (tmp_path / "out" / "small.en.pdf").exists()
    assert said.err.count("analytics: ") == 1
    assert "PDF: needs a Chromium and this machine has none. Install Chromium" in said.err
    assert "0 of 1 reports complete" in said.out
