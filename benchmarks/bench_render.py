"""Time of reports against a shell loop of papermill and nbconvert commands, as ratios.

    python benchmarks/bench_render.py --reports 12 --loop 2

The loop makes each report as its commands would be typed: `papermill`, then `jupyter nbconvert` to
html and to webpdf. A few of its reports are timed, since each takes as long as the last.
"""

from __future__ import annotations

import argparse
import os
import re
import shlex
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import yaml

from analytics.rendering import load_definition, render_reports
from analytics.rendering.browser import find_browser

ROOT = Path(__file__).parents[1]
NOTEBOOKS = {
    "small": (ROOT / "tests" / "notebooks" / "small_report.ipynb", {"place": "Kirkuk"}),
    "key_date": (ROOT / "notebooks" / "key_date_report.ipynb", {"place": "all"}),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--notebook", choices=NOTEBOOKS, default="key_date")
    parser.add_argument("--reports", type=int, default=12, help="reports made by analytics")
    parser.add_argument("--loop", type=int, default=2, help="reports made by the loop; 0: none")
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        paths = write_definitions(Path(folder), options.notebook, options.reports)
        ours = {
            "HTML": time_ours(paths, Path(folder), ("html",), options.jobs),
            "HTML and PDF": time_ours(paths, Path(folder), ("html", "pdf"), options.jobs),
        }
        for name, (first, each, memory) in ours.items():
            print(f"{name}: first {first:.1f} s, then {each:.2f} s each, {memory:.0f} MB at most")
        if options.loop:
            first = time_loop(paths[:1], Path(folder), side_by_side=1)
            one = time_loop(paths[: options.loop], Path(folder), side_by_side=1)
            two = time_loop(paths[: 2 * options.loop], Path(folder), side_by_side=2)
            each = ours["HTML and PDF"][1]
            print(f"loop: first {first:.1f} s, {one:.1f} s each; two loops: {two:.1f} s each")
            print(f"ratios: {one / each:.0f} to one loop, {two / each:.0f} to two side by side")


def write_definitions(folder: Path, name: str, n_reports: int) -> list[Path]:
    """Write definitions that differ in name only, so that each costs the same."""
    notebook, parameters = NOTEBOOKS[name]
    content = {"title": "A report", "notebook": str(notebook), "parameters": parameters}
    paths = [folder / f"report{number:03}.yaml" for number in range(n_reports)]
    for path in paths:
        path.write_text(yaml.safe_dump(content))
    return paths


def time_ours(
    paths: list[Path], folder: Path, formats: tuple[str, ...], n_jobs: int
) -> tuple[float, float, float]:
    """Seconds to the first report, seconds for each further one, memory of all processes in MB."""
    ends: list[float] = []
    peak = Peak()
    start = time.perf_counter()
    results = render_reports(
        [load_definition(path) for path in paths],
        formats=formats,
        out_dir=folder / "out",
        n_jobs=n_jobs,
        progress=lambda *_: ends.append(time.perf_counter() - start),
    )
    problems = {result.problem for result in results if result.problem}
    assert not problems, problems
    each = (ends[-1] - ends[0]) / (len(ends) - 1)
    return ends[0], each, peak.stop()


def time_loop(paths: list[Path], folder: Path, *, side_by_side: int) -> float:
    """Seconds a report of the loop of commands takes, one or more such loops side by side."""
    environment = {**os.environ, "PLAYWRIGHT_BROWSERS_PATH": str(folder / "browsers")}
    lend_browser(environment)
    script = folder / "loop.sh"
    script.write_text("\n".join(["set -e", *(commands(path, folder) for path in paths)]))
    start = time.perf_counter()
    share = [paths[number::side_by_side] for number in range(side_by_side)]
    running = []
    for number, part in enumerate(share):
        script = folder / f"loop{number}.sh"
        script.write_text("\n".join(["set -e", *(commands(path, folder) for path in part)]))
        running.append(
            subprocess.Popen(
                ["bash", str(script)],
                env=environment,
                cwd=folder,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
            )
        )
    for process in running:
        _, said = process.communicate()
        assert process.returncode == 0, said.decode()[-2000:]
    return (time.perf_counter() - start) / len(paths)


def commands(path: Path, folder: Path) -> str:
    """The commands for one report."""
    definition = load_definition(path)
    python, stem = shlex.quote(sys.executable), shlex.quote(str(folder / path.stem))
    given = " ".join(f"-p {k} {shlex.quote(str(v))}" for k, v in definition.parameters.items())
    notebook = shlex.quote(str(definition.notebook))
    inside = f"--cwd {shlex.quote(str(definition.notebook.parent))}"
    return "\n".join(
        [
            f"{python} -m papermill {notebook} {stem}.ipynb {given} {inside} -k python3",
            f"{python} -m nbconvert --no-input --to html {stem}.ipynb",
            f"{python} -m nbconvert --no-input --to webpdf --WebPDFExporter.disable_sandbox=True"
            f" {stem}.ipynb",
        ]
    )


def lend_browser(environment: dict[str, str]) -> None:
    """Put the machine's browser where Playwright looks for its own; webpdf takes no other."""
    code = (
        "from playwright.sync_api import sync_playwright as s\nwith s() as p: p.chromium.launch()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False
    )
    wanted = re.search(r"Executable doesn't exist at (\S+)", done.stderr)
    browser = find_browser()
    if wanted and browser:
        place = Path(wanted[1])
        place.parent.mkdir(parents=True)
        place.write_text(f'#!/bin/sh\nexec {shlex.quote(str(browser))} "$@"\n')
        place.chmod(0o755)


class Peak:
    """The most memory that this process and its descendants hold at once (Linux only)."""

    def __init__(self) -> None:
        self.bytes, self.is_over = 0, threading.Event()
        self.thread = threading.Thread(target=self.watch, daemon=True)
        self.thread.start()

    def watch(self) -> None:
        while not self.is_over.wait(0.1):
            self.bytes = max(self.bytes, sum(map(proportional_set, family(os.getpid()))))

    def stop(self) -> float:
        self.is_over.set()
        self.thread.join()
        return self.bytes / 1e6


def family(pid: int) -> list[int]:
    """A process and all that descend from it."""
    found = [pid]
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            for child in task.read_text().split():
                found += family(int(child))
        except OSError:
            continue
    return found


def proportional_set(pid: int) -> int:
    """Memory of a process, what it shares counted by share."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0
    found = re.search(r"^Pss:\s+(\d+) kB", text, re.MULTILINE)
    return int(found[1]) * 1024 if found else 0


if __name__ == "__main__":
    main()
