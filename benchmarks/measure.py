"""Contenders timed by turns, each in a process of its own: time, processor time and memory."""

from __future__ import annotations

import gc
import json
import os
import platform
import re
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Measured:
    """The least of several runs: seconds, processor seconds; and the most memory, in MB."""

    seconds: float
    processor_seconds: float
    megabytes: float
    answer: object


def run_one(work: Callable[[], object]) -> None:
    """Do the work once in this process and print what it cost; imports are done before.

    So is the first round of Python's garbage collector, which goes through what they have made.
    """
    gc.collect()
    began, used = time.perf_counter(), time.process_time()
    answer = work()
    seconds, processor = time.perf_counter() - began, time.process_time() - used
    print(json.dumps([seconds, processor, peak_megabytes(), answer]))


def peak_megabytes() -> float:
    """The most memory this process has held."""
    status = Path("/proc/self/status")
    if status.exists():
        # The other count goes on from what the process that started this one held.
        found = re.search(r"VmHWM:\s*(\d+) kB", status.read_text(encoding="utf-8"))
        assert found is not None
        return int(found[1]) * 1024 / 1e6
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


def run_by_turns(commands: dict[str, Sequence[str]], repeats: int) -> dict[str, Measured]:
    """Run every command ``repeats`` times, by turns, so that a busy machine is busy for all."""
    runs: dict[str, list[list[float]]] = {name: [] for name in commands}
    for _ in range(repeats):
        for name, command in commands.items():
            done = subprocess.run(
                [sys.executable, *command], capture_output=True, text=True, check=False
            )
            assert done.returncode == 0, done.stderr[-2000:]
            runs[name].append(json.loads(done.stdout.splitlines()[-1]))
    return {
        name: Measured(
            min(run[0] for run in found),
            min(run[1] for run in found),
            max(run[2] for run in found),
            found[0][3],
        )
        for name, found in runs.items()
    }


def machine() -> str:
    """What it was measured on."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{os.cpu_count()} cores ({platform.machine()}), {memory:.0f} GiB, "
        f"Python {platform.python_version()}"
    )


def write_table(title: str, ours: str, measured: dict[str, Measured]) -> str:
    """A Markdown table with ratios of ours to each."""
    own = measured[ours]
    rows = [
        "| contender | seconds | processor seconds | MB at most | ours takes, times |",
        "|---|---|---|---|---|",
    ]
    for name, other in measured.items():
        ratio = (
            ""
            if name == ours
            else f"{own.seconds / other.seconds:.2f} "
            f"({own.processor_seconds / other.processor_seconds:.2f} of processor time)"
        )
        rows.append(
            f"| {name} | {other.seconds:.2f} | {other.processor_seconds:.2f} "
            f"| {other.megabytes:.0f} | {ratio} |"
        )
    return f"### {title}\n\n" + "\n".join(rows) + "\n"


def record(section: str, tables: Sequence[str]) -> None:
    """Write the tables into their section of docs/benchmarks.md, and print them."""
    path = Path(__file__).parents[1] / "docs" / "benchmarks.md"
    text = path.read_text(encoding="utf-8")
    first, last = f"<!-- {section} -->\n", f"<!-- end of {section} -->"
    before, rest = text.split(first)
    _, after = rest.split(last)
    body = f"\nOn {machine()}.\n\n" + "\n".join(tables) + "\n"
    path.write_text(before + first + body + last + after, encoding="utf-8")
    print(body)
