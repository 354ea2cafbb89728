"""What a user sees while a command works, and when it ends before its time."""

from __future__ import annotations

import errno
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import NoReturn

import typer

_LARGE_BYTES = 100_000_000
_STOPPED = 130


@contextmanager
def show_progress(doing: str, files: Sequence[str]) -> Iterator[None]:
    """Show on a terminal how far and how long work goes; elsewhere one line for large files.

    All of it goes to standard error, and leaves nothing there when the work is done.
    """
    n_bytes = sum(os.path.getsize(file) for file in files if os.path.isfile(file))
    if not sys.stderr.isatty():
        if n_bytes >= _LARGE_BYTES:
            print(f"analytics: {doing} {n_bytes / 1e6:,.0f} MB", file=sys.stderr, flush=True)
        yield
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        Progress,
        Task,
        TaskProgressColumn,
        TextColumn,
        TimeElapsedColumn,
    )
    from rich.progress_bar import ProgressBar

    from analytics.reading import engine_progress

    class EngineBar(BarColumn):
        def render(self, task: Task) -> ProgressBar:
            share = engine_progress()
            if share is not None:
                task.total, task.completed = 100, share
            return super().render(task)

    named = TextColumn("{task.description}")
    columns = (named, EngineBar(), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        progress.add_task(f"{doing} {n_bytes / 1e6:,.0f} MB" if n_bytes else doing, total=None)
        yield


def explain_shortage(error: BaseException) -> str | None:
    """Return a sentence for an error that says memory or disk ran out; None for any other.

    Examples
    --------
    >>> explain_shortage(OSError(errno.ENOSPC, "full"))  # doctest: +ELLIPSIS
    'the disk is full: ...'
    >>> explain_shortage(ValueError("3"))
    """
    text = str(error)
    is_full = isinstance(error, OSError) and error.errno == errno.ENOSPC
    if is_full or "No space left on device" in text or "max_temp_directory_size" in text:
        return (
            "the disk is full: intermediate results found no room. "
            "Free some, or set TMPDIR to a larger disk."
        )
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryException":
        return (
            "the memory is full: the records do not fit beside what else runs. "
            "Give fewer files at a time, or convert them to Parquet first."
        )
    return None


def _stop() -> NoReturn:
    """End as one who was stopped; the key pressed again does not stop the clearing away."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    typer.echo("analytics: stopped", err=True)
    sys.exit(_STOPPED)


def run_and_tell(app: Callable[[], object]) -> None:
    """Run the command; what a user caused is told in one sentence, without a traceback."""
    from analytics.errors import AnalyticsError

    try:
        app()
    except SystemExit as end:
        if end.code == _STOPPED:  # the command parser has caught the key already
            _stop()
        raise
    except AnalyticsError as error:
        typer.echo(f"analytics: {error}", err=True)
        sys.exit(2)
    except KeyboardInterrupt:
        _stop()
    except BrokenPipeError:
        # The reader of our output has gone (`| head`): nothing more to say, and nothing to flush.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(141)
    except Exception as error:
        if "Query interrupted" in str(error):  # how the engine tells of the key
            _stop()
        said = explain_shortage(error)
        if said is None:
            raise
        typer.echo(f"analytics: {said}", err=True)
        sys.exit(2)
