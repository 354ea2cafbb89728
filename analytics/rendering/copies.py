"""The copies of the server that make the reports: what each is at, and what it does."""

from __future__ import annotations

import gc
import json
import os
import signal
import threading
import warnings
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# Reports that a copy makes before another takes its place: what a notebook gathers ends with it.
_MOST = 8


@dataclass
class _Copy:
    """A copy of the server, as the server knows it."""

    pid: int
    notebook: str
    jobs: int
    """Descriptor that it is given jobs by; -1 once it is to end."""
    number: int | None = None
    """The job it is at; none while it waits."""
    n_given: int = 0


class Copies:
    """The copies there are, and what they are at."""

    def __init__(self, say: Callable[[Mapping[str, Any]], None], private: list[int]) -> None:
        self.say, self.private = say, private
        self.known: dict[int, _Copy] = {}
        self.done, self.tell = os.pipe()
        os.set_blocking(self.done, False)

    def start(self, number: int, job: Mapping[str, Any]) -> None:
        """Give a job to a copy that waits and has run no other notebook, else to a new one."""
        waiting = [copy for copy in self.known.values() if copy.number is None and copy.jobs >= 0]
        fit = [c for c in waiting if c.notebook == job["notebook"] and c.n_given < _MOST]
        for copy in waiting:
            if copy not in fit:
                self._dismiss(copy)
        copy = fit[0] if fit else self._fork(job["notebook"])
        copy.number, copy.n_given = number, copy.n_given + 1
        with suppress(BrokenPipeError):  # one that has just died is told of when it is reaped
            _write_all(copy.jobs, json.dumps(dict(job)).encode() + b"\n")

    def kill(self, number: int) -> None:
        """Kill the copy that is at a job."""
        _kill([copy.pid for copy in self.known.values() if copy.number == number])

    def kill_all(self) -> None:
        """Kill all copies, and wait until they are gone."""
        _kill(list(self.known))
        for pid in self.known:
            os.waitpid(pid, 0)

    def hear(self) -> None:
        """Tell of every job that a copy says is done."""
        with suppress(BlockingIOError):
            for pid in os.read(self.done, 65536).split():
                copy = self.known[int(pid)]
                self.say({"ended": copy.number, "code": 0})
                copy.number = None

    def reap(self) -> None:
        """Tell of every job that ended with its copy."""
        for copy in list(self.known.values()):
            ended, status = os.waitpid(copy.pid, os.WNOHANG)
            if ended:
                _kill([copy.pid])  # what it started and left behind
                self.hear()
                self._dismiss(copy)
                del self.known[copy.pid]
                if copy.number is not None:
                    self.say({"ended": copy.number, "code": os.waitstatus_to_exitcode(status)})

    def _dismiss(self, copy: _Copy) -> None:
        """Let a copy end: there is no more for it to read."""
        if copy.jobs >= 0:
            os.close(copy.jobs)
            copy.jobs = -1

    def _fork(self, notebook: str) -> _Copy:
        """Fork a copy; it lets go of the descriptors that are the server's alone."""
        source, target = os.pipe()
        pid = os.fork()
        if pid:
            os.close(source)
            with suppress(OSError):
                os.setpgid(pid, pid)
            self.known[pid] = _Copy(pid, notebook, target)
            return self.known[pid]
        code = 1
        try:
            with suppress(OSError):
                os.setpgid(0, 0)
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            others = [copy.jobs for copy in self.known.values() if copy.jobs >= 0]
            for descriptor in (*self.private, self.done, target, *others):
                os.close(descriptor)
            _work(source, self.tell)
            code = 0
        finally:
            # Not sys.exit: the copy must not run what the server would do at its end.
            os._exit(code)


def _kill(leaders: list[int]) -> None:
    for pid in leaders:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)


def _write_all(descriptor: int, content: bytes) -> None:
    while content:
        content = content[os.write(descriptor, content) :]


def _work(jobs: int, tell: int) -> None:
    """Be a copy: do one job after another, until there is none or one leaves something behind."""
    import numpy as np

    from analytics.rendering.report import produce

    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    os.dup2(null, 1)
    gc.enable()
    gc.set_threshold(50_000)  # a report lives for a second: it need not look for cycles often
    environment, chance = dict(os.environ), np.random.get_state()  # noqa: NPY002
    for line in os.fdopen(jobs):
        job = json.loads(line)
        log = os.open(Path(job["folder"]) / "stderr.txt", os.O_WRONLY | os.O_CREAT, 0o600)
        os.dup2(log, 2)
        os.close(log)
        with warnings.catch_warnings():
            is_made = produce(job)
        if not is_made or _leaves_something():
            return
        os.environ.clear()
        os.environ.update(environment)
        np.random.set_state(chance)  # noqa: NPY002  a notebook that seeds nothing draws the same
        os.write(tell, b"%d\n" % os.getpid())


def _leaves_something() -> bool:
    """Whether a thread or a process that a notebook started is still there."""
    if threading.active_count() > 1:
        return True
    try:
        os.waitpid(-1, os.WNOHANG)
    except ChildProcessError:
        return False
    return True
