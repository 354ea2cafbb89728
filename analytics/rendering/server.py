"""A process that has imported everything and forks copies of itself, which make the reports.

Start-up is most of what a report costs, so it is paid once. The server imports, and does nothing
else, before it forks: a library that has started threads would leave its copies with locks that
nobody holds. A copy is at one report at a time, in a process group of its own, so that one that
hangs or dies takes no other report with it. It makes reports of one notebook only, each in a shell
of its own, with environment, warnings and chance as they were; one that failed, or left a thread
or a process behind, is its last.

Protocol: one JSON object a line. In: ``{"start": id, "job": {...}}`` or ``{"kill": id}``. Out:
``{"ready": true}``, then ``{"ended": id, "code": n}``, n negative for a signal. The copy
leaves what it made, and ``result.json``, in the job's folder. At the end of its input the server
ends, and what is still running with it.
"""

from __future__ import annotations

import gc
import json
import os
import pkgutil
import random
import select
import signal
import subprocess
import sys
import threading
import warnings
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import analytics

# One report, one thread: two cores are kept busy by two reports. Plotly's default outside a
# terminal is what JupyterLab shows. Arrow would start a thread to give memory back.
_ENVIRONMENT = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "PLOTLY_RENDERER": "plotly_mimetype",
    "JE_ARROW_MALLOC_CONF": "background_thread:false",
    "PYTHONHASHSEED": "0",
    "OBJC_DISABLE_INITIALIZE_FORK_SAFETY": "YES",
}


# What is imported stays: looking through it for cycles, again and again, is a tenth of the start.
_START = "import gc; gc.disable(); from analytics.rendering.server import serve; serve()"

# Reports that a copy makes before another takes its place: what a notebook gathers ends with it.
_MOST = 8

# What libraries import when they are first asked, as every report asks them.
_USED = (
    "pandas",
    "plotly.graph_objects",
    "plotly.subplots",
    "pyarrow.dataset",
    "ibis.backends.duckdb.converter",
    "ibis.formats.pyarrow",
    "IPython.core.completer",
)


class Server:
    """The caller's end of a server: starts it, sends jobs, passes on what ended.

    Parameters
    ----------
    on_event : callable
        Given each message of the server as a dict, in a thread of its own; ``{"closed": code}``
        comes last.
    """

    def __init__(self, on_event: Callable[[dict[str, Any]], object]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", _START],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, **_ENVIRONMENT},
            text=True,
            encoding="utf-8",
        )
        self._on_event = on_event
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def start(self, number: int, job: Mapping[str, Any]) -> None:
        """Have a copy do a job."""
        self._send({"start": number, "job": dict(job)})

    def kill(self, number: int) -> None:
        """Kill the copy that does a job, and what it started."""
        self._send({"kill": number})

    def close(self) -> None:
        """End the server and whatever runs in it."""
        with suppress(OSError):
            self._stdin.close()
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._reader.join(timeout=10)

    @property
    def pid(self) -> int:
        """Number of the server's process."""
        return self._process.pid

    @property
    def _stdin(self) -> Any:
        return self._process.stdin

    def _send(self, message: Mapping[str, Any]) -> None:
        # A server that has died says so through its reader.
        with suppress(OSError, ValueError):
            self._stdin.write(json.dumps(message) + "\n")
            self._stdin.flush()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._on_event(json.loads(line))
        self._on_event({"closed": self._process.wait()})


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


class _Copies:
    """The copies there are, and what they are at."""

    def __init__(self, say: Callable[[Mapping[str, Any]], None], private: list[int]) -> None:
        self.say, self.private = say, private
        self.known: dict[int, _Copy] = {}
        self.done, self.tell = os.pipe()
        os.set_blocking(self.done, False)

    def start(self, number: int, job: Mapping[str, Any]) -> None:
        """Give a job to a copy that waits and has run no other notebook, else to a new one."""
        chosen = None
        for copy in self.known.values():
            if copy.number is None and copy.jobs >= 0:
                if copy.notebook == job["notebook"] and copy.n_given < _MOST and chosen is None:
                    chosen = copy
                elif copy.notebook != job["notebook"] or copy.n_given >= _MOST:
                    self._dismiss(copy)
        chosen = chosen or self._fork(job["notebook"])
        chosen.number, chosen.n_given = number, chosen.n_given + 1
        with suppress(BrokenPipeError):  # one that has just died is told of when it is reaped
            _write_all(chosen.jobs, json.dumps(dict(job)).encode() + b"\n")

    def kill(self, number: int) -> None:
        """Kill the copy that is at a job."""
        _kill([copy.pid for copy in self.known.values() if copy.number == number])

    def kill_all(self) -> None:
        """Kill all copies."""
        _kill(list(self.known))

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


def serve() -> None:
    """Run the server on standard input and output until the input ends."""
    # Ctrl-C is the caller's affair, which closes our input.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    # Nothing that is imported or run may write into the protocol.
    os.dup2(2, 1)
    woken, wake = os.pipe()
    os.set_blocking(woken, False)
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(wake)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    _preload()
    gc.collect()
    gc.freeze()  # what is shared stays shared: the collector does not touch it

    def say(message: Mapping[str, Any]) -> None:
        out.write(json.dumps(message) + "\n")
        out.flush()

    copies = _Copies(say, [out.fileno(), woken, wake])
    say({"ready": True})
    pending = b""
    while True:
        readable, _, _ = select.select([0, woken, copies.done], [], [])
        if copies.done in readable:
            copies.hear()
        if woken in readable:
            with suppress(BlockingIOError):
                os.read(woken, 4096)
            copies.reap()
        if 0 in readable:
            chunk = os.read(0, 65536)
            if not chunk:
                break
            *lines, pending = (pending + chunk).split(b"\n")
            for line in lines:
                message = json.loads(line)
                if "start" in message:
                    copies.start(message["start"], message["job"])
                else:
                    copies.kill(message["kill"])
    copies.kill_all()
    # Without the farewells of the libraries loaded: nothing here is left to be saved.
    os._exit(0)


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
    environment, chance, chances = dict(os.environ), random.getstate(), np.random.get_state()
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
        random.setstate(chance)
        np.random.set_state(chances)
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


def _preload() -> None:
    """Import what reports need; whatever fails here fails in the report, where it is told."""
    # JSON schema imports a grammar of addresses where JupyterLab has installed it: a second of
    # time for a format that no notebook uses.
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
    for name in _USED:
        import_module(name)
    for module in pkgutil.walk_packages(analytics.__path__, "analytics."):
        # The command line is no part of a report, and would start if it were imported.
        if not module.name.startswith(("analytics.cli", "analytics.rendering")):
            with suppress(Exception):
                import_module(module.name)
    import_module("analytics.rendering.report").preload()
