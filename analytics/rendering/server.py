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
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from importlib import import_module
from typing import Any

import analytics
from analytics.rendering.assets import load_plotly
from analytics.rendering.copies import Copies

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
        # What is imported stays: looking through it for cycles would be a tenth of the start.
        self._process = subprocess.Popen(
            [
                sys.executable,
                "-c",
                "import gc; gc.disable(); from analytics.rendering.server import serve; serve()",
            ],
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

    copies = Copies(say, [out.fileno(), woken, wake])
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


def _preload() -> None:
    """Import what reports need; whatever fails here fails in the report, where it is told."""
    # Compressing is done beside the imports; its thread has ended before there are copies.
    library = threading.Thread(target=load_plotly)
    library.start()
    # JSON schema imports a grammar of addresses where JupyterLab has installed it: a second of
    # time for a format that no notebook uses.
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
    # Statsmodels imports Polars where there is one, which starts threads: a notebook may, later.
    sys.modules.setdefault("polars", None)  # type: ignore[arg-type]
    for name in _USED:
        import_module(name)
    for module in pkgutil.walk_packages(analytics.__path__, "analytics."):
        # The command line is no part of a report, and would start if it were imported.
        if not module.name.startswith(("analytics.cli", "analytics.rendering")):
            with suppress(Exception):
                import_module(module.name)
    library.join()
    if sys.modules["polars"] is None:
        del sys.modules["polars"]
    import_module("analytics.rendering.report").preload()
