"""Time of many reports against shell loops of papermill and nbconvert commands, as ratios.

    python benchmarks/bench_render.py --loop 3 --record

The reports are those of ``reports/monthly.yaml``: 19 governorates in 3 languages. The loop makes
each as its commands would be typed: `papermill`, then `jupyter nbconvert` to html and to webpdf. A
few of its reports are timed, since each takes as long as the last. ``--reports 1000`` takes more
months, and other key dates once these are used up, so that no two reports are the same.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

from analytics.rendering import Definition, load_definitions, render_reports
from analytics.rendering.browser import find_browsers

ROOT = Path(__file__).parents[1]
MONTHLY = ROOT / "reports" / "monthly.yaml"
RECORD = ROOT / "docs" / "benchmarks.md"
LANGUAGES = ("en", "ar", "ckb")
MARKS = ("<!-- reports -->", "<!-- end of reports -->")


@dataclass(frozen=True)
class Ours:
    """One run: seconds to the first report and to the last, of processors, and most memory."""

    n: int
    first: float
    whole: float
    cpu: float
    megabytes: float

    @property
    def each(self) -> float:
        return self.whole / self.n


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--reports", type=int, default=57, help="reports made by analytics")
    parser.add_argument("--loop", type=int, default=3, help="reports made by the loop; 0: none")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--html-only", action="store_true", help="leave out the run with PDF")
    parser.add_argument("--record", action="store_true", help="write the table into the docs")
    options = parser.parse_args()
    definitions = list(itertools.islice(vary(), -(-options.reports // len(LANGUAGES))))
    rows = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        loop = Loop(definitions, folder) if options.loop else None
        # By turns, so that what else the machine does weighs on all alike.
        one = loop.run(options.loop, side_by_side=1) if loop else None
        both = None if options.html_only else time_ours(definitions, folder, options.jobs, "pdf")
        html = time_ours(definitions, folder, options.jobs)
        two = loop.run(2 * options.loop, side_by_side=2) if loop else None
    for title, ours, part in (("HTML and PDF", both, 3), ("HTML", html, 2)):
        if ours is None:
            continue
        row = [title, str(ours.n), f"{ours.first:.1f}", f"{ours.whole:.1f}", f"{ours.each:.2f}"]
        row += [f"{ours.cpu / ours.n:.2f}", f"{ours.megabytes:.0f}"]
        if one and two:
            row += [f"{sum(one[:part]):.1f}", f"{sum(one[:part]) / ours.each:.0f}"]
            row += [f"{sum(two[:part]):.1f}", f"{sum(two[:part]) / ours.each:.0f}"]
        rows.append(row)
    heads = ["written", "reports", "first, s", "all, s", "each, s", "CPU s each", "MB at most"]
    heads += ["one loop, s each", "ratio", "two loops, s each", "ratio"] if loop else []
    lines = [heads, ["---"] * len(heads), *rows]
    table = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    print(table)
    if options.record:
        record(f"`{' '.join(['python', 'benchmarks/bench_render.py', *sys.argv[1:]])}`, "
               f"{time.strftime('%Y-%m-%d')}, {os.cpu_count()} cores:\n\n{table}")  # fmt: skip


def record(section: str) -> None:
    """Put a section in the place of the last one."""
    text = RECORD.read_text(encoding="utf-8")
    before, _, rest = text.partition(MARKS[0])
    _, _, after = rest.partition(MARKS[1])
    RECORD.write_text(f"{before}{MARKS[0]}\n{section}\n{MARKS[1]}{after}", encoding="utf-8")


def vary() -> Iterator[Definition]:
    """Yield as many reports as are wanted, no two the same."""
    for number in itertools.count():
        day = str(date(2021, 10, 1) + timedelta(days=number))
        for period in ("2021-12", "2022-01", "2021-11", "2021-10"):
            for definition in load_definitions(MONTHLY, period=period):
                if definition.values["place"] == "all":
                    continue
                name = definition.name + (f".{number}" if number else "")
                parameters = dict(definition.parameters, key_dates=[day] if number else [])
                yield replace(definition, name=name, parameters=parameters)


def time_ours(definitions: list[Definition], folder: Path, n_jobs: int, *formats: str) -> Ours:
    """Time one run of `render_reports`, from its call to its end."""
    ends: list[float] = []
    peak = Peak()
    start, busy = time.perf_counter(), cpu_seconds()
    results = render_reports(
        definitions,
        languages=LANGUAGES,
        formats=("html", *formats),
        out_dir=folder / "-".join(("out", *formats)),
        n_jobs=n_jobs,
        progress=lambda *_: ends.append(time.perf_counter() - start),
    )
    whole = time.perf_counter() - start
    problems = {result.problem for result in results if result.problem}
    assert not problems, problems
    return Ours(len(results), ends[0], whole, cpu_seconds() - busy, peak.stop())


def cpu_seconds() -> float:
    """Processor seconds of this process and of all that it started and that have ended."""
    return sum(os.times()[:4])


class Loop:
    """The same reports by commands typed into a shell, each timed by itself."""

    def __init__(self, definitions: list[Definition], folder: Path) -> None:
        self.reports = [(d, language) for d in definitions for language in LANGUAGES]
        self.folder = folder
        self.environment = {**os.environ, "PLAYWRIGHT_BROWSERS_PATH": str(folder / "browsers")}
        lend_browser(self.environment)

    def run(self, n_reports: int, *, side_by_side: int) -> list[float]:
        """Seconds a report takes for each of its three commands, one or more such loops at once."""
        running = []
        logs = [self.folder / f"times{side_by_side}{number}" for number in range(side_by_side)]
        start = time.perf_counter()
        for number, log in enumerate(logs):
            reports = self.reports[number:n_reports:side_by_side]
            script = self.folder / f"loop{number}.sh"
            lines = ["set -e", f"exec 3>{shlex.quote(str(log))}", "echo $EPOCHREALTIME >&3"]
            for report in reports:
                lines += [f"{c}; echo $EPOCHREALTIME >&3" for c in self.commands(*report)]
            script.write_text("\n".join(lines))
            running.append(
                subprocess.Popen(
                    ["bash", str(script)],
                    env=self.environment,
                    cwd=self.folder,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.PIPE,
                )
            )
        for process in running:
            _, said = process.communicate()
            assert process.returncode == 0, said.decode()[-2000:]
        whole = time.perf_counter() - start
        took = [0.0, 0.0, 0.0]
        for log in logs:
            ticks = [float(line) for line in log.read_text().split()]
            for position, (begin, end) in enumerate(itertools.pairwise(ticks)):
                took[position % 3] += end - begin
        # The share of each command, in the time that the loops took together.
        return [whole * part / sum(took) / n_reports for part in took]

    def commands(self, definition: Definition, language: str) -> list[str]:
        """The commands for one report."""
        python = shlex.quote(sys.executable)
        stem = shlex.quote(str(self.folder / f"{definition.name}.{language}"))
        given = {**definition.parameters, "language": language}
        given["data"] = [str(path) for path in definition.data]
        notebook = shlex.quote(str(definition.notebook))
        inside = f"--cwd {shlex.quote(str(definition.notebook.parent))}"
        parameters = f"-y {shlex.quote(json.dumps(given))}"
        return [
            f"{python} -m papermill {notebook} {stem}.ipynb {parameters} {inside} -k python3",
            f"{python} -m nbconvert --no-input --to html {stem}.ipynb",
            f"{python} -m nbconvert --no-input --to webpdf --WebPDFExporter.disable_sandbox=True"
            f" {stem}.ipynb",
        ]


def lend_browser(environment: dict[str, str]) -> None:
    """Put the machine's browser where Playwright looks for its own; webpdf takes no other."""
    code = (
        "from playwright.sync_api import sync_playwright as s\nwith s() as p: p.chromium.launch()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False
    )
    wanted = re.search(r"Executable doesn't exist at (\S+)", done.stderr)
    browsers = find_browsers()
    if wanted and browsers:
        place = Path(wanted[1])
        place.parent.mkdir(parents=True)
        place.write_text(f'#!/bin/sh\nexec {shlex.quote(str(browsers[0]))} "$@"\n')
        place.chmod(0o755)


class Peak:
    """The most memory that this process and its descendants hold at once (Linux only)."""

    def __init__(self) -> None:
        self.bytes, self.is_over = 0, threading.Event()
        self.thread = threading.Thread(target=self.watch, daemon=True)
        self.thread.start()

    def watch(self) -> None:
        # Adding up the pages of a process takes the kernel milliseconds: not too often.
        while not self.is_over.wait(0.5):
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
