"""What ``analytics render`` does and prints."""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path

from analytics.errors import FileError, ParameterError
from analytics.rendering.definitions import FORMATS, Definition, is_periodic, load_definitions
from analytics.rendering.jobs import RenderResult
from analytics.rendering.render import render_reports

_DEFAULT_FOLDER = Path("reports")
_HEADINGS = ("report", "period", "rendered", "up to date", "incomplete", "failed", "seconds")


def render_command(
    definitions: Sequence[Path],
    *,
    all_definitions: bool = False,
    period: str | None = None,
    only: Mapping[str, Sequence[str]] | None = None,
    languages: Sequence[str] | None = None,
    formats: str | Sequence[str] = (),
    static: bool = False,
    out_dir: Path = _DEFAULT_FOLDER,
    n_jobs: int = 2,
    engine: str = "fork",
    timeout_s: float = 300.0,
    force: bool = False,
    edition: str | None = None,
) -> int:
    """Render reports, print how it goes and where they are, and return the exit code.

    Parameters
    ----------
    definitions : sequence of Path
    all_definitions : bool
        The ``reports/*.yaml`` below the working directory besides: those without a length of
        period, or, where a period is given, those with one.
    period : str, optional
        As for `analytics.rendering.load_definitions`.
    only : mapping, optional
        Likewise.
    languages : sequence of str, optional
    formats : str or sequence of str
        As text parted by commas, or one by one; those of the definition where none is given.
    static : bool
        The edition without script besides.
    out_dir : Path
    n_jobs : int
    engine : {"fork", "kernel"}
    timeout_s : float
        Seconds a report may take before it is stopped.
    force : bool
        Render what is up to date as well.
    edition : {"internal", "partner", "public"}, optional
        That of the definition where not given.

    Returns
    -------
    int
        0 if every report is there in every format, 1 if not, 130 or 143 if stopped by a signal.

    Raises
    ------
    AnalyticsError
        If nothing could be started.
    """
    paths = list(definitions)
    if all_definitions:
        paths += _find_definitions(paths, with_period=period is not None)
    if not paths:
        raise ParameterError("no definition", "was given", "Name one, or give --all")
    if isinstance(formats, str):
        formats = [form.strip() for form in formats.split(",") if form.strip()]
    today = date.today()  # noqa: DTZ011  the reader's own calendar
    checked: list[Definition] = []
    for path in paths:
        checked += load_definitions(path, period=period, today=today, only=only)
    if static:
        checked = [replace(each, formats=tuple(formats) or each.formats) for each in checked]
        checked, formats = [each.with_static() for each in checked], ()
    if edition is not None:
        checked = [definition.release(edition) for definition in checked]
    for remark in dict.fromkeys(definition.remark for definition in checked if definition.remark):
        print(f"analytics: {remark}", file=sys.stderr)
    report = _Report()
    stopped = 0
    with _signals_raised():
        try:
            render_reports(
                checked,
                languages=languages or (),
                formats=formats,
                out_dir=out_dir,
                n_jobs=n_jobs,
                engine=engine,  # type: ignore[arg-type]
                timeout_s=timeout_s,
                force=force,
                progress=report.take,
            )
        except _Stopped as stop:
            stopped = stop.signum
    results = report.results
    if any("pdf" in result.files and not result.is_current for result in results):
        from analytics.rendering.browser import describe_sandbox

        if said := describe_sandbox():
            print(f"analytics: {said}", file=sys.stderr)
    for problem in dict.fromkeys(result.problem for result in results if result.problem):
        print(f"analytics: {problem}", file=sys.stderr)
    n_all = report.n_all
    print(summarise_results(results, checked, seconds=time.monotonic() - report.started))
    n_complete = sum(result.is_complete for result in results)
    print(f"{n_complete} of {n_all} reports complete, in {out_dir}")
    if stopped:
        print(
            "analytics: stopped; what is done stays, and the same command renders the rest",
            file=sys.stderr,
        )
        return 128 + stopped
    return 0 if n_complete == n_all else 1


def _find_definitions(named: Sequence[Path], *, with_period: bool) -> list[Path]:
    """Definitions in the default folder: those made for each period only where one is given."""
    found = sorted(set(_DEFAULT_FOLDER.glob("*.yaml")) - set(named))
    if not found:
        raise FileError(str(_DEFAULT_FOLDER), "holds no definitions", "Run it where it does")
    periodic = [path for path in found if is_periodic(path)]
    if with_period:
        return periodic
    if periodic:
        names = ", ".join(path.name for path in periodic)
        print(
            f"analytics: {names}: left out, since made for each period; add --period latest",
            file=sys.stderr,
        )
    return [path for path in found if path not in periodic]


class _Report:
    """What has become of the reports so far, printed a line each as they are done."""

    def __init__(self) -> None:
        self.results: list[RenderResult] = []
        self.n_all = 0
        self.started = time.monotonic()

    def take(self, done: int, total: int, result: RenderResult) -> None:
        self.results.append(result)
        self.n_all = total
        if result.is_current:
            return
        n_new = sum(not each.is_current for each in self.results)
        if n_new == 1 and done > 1:
            print(f"{done - 1} of {total} reports are up to date", flush=True)
        made = ", ".join(str(path) for form, path in result.files.items() if form in FORMATS)
        state = made or f"{result.name}.{result.language} not rendered"
        missing = " (incomplete)" if made and result.problem else ""
        left = (time.monotonic() - self.started) / n_new * (total - done)
        still = f"  ({left:.0f} s left)" if n_new > 2 and total > done else ""
        width = len(str(total))
        line = f"[{done:>{width}}/{total}] {result.seconds:5.1f} s  {state}{missing}{still}"
        print(line, flush=True)


def summarise_results(
    results: Iterable[RenderResult], definitions: Sequence[Definition], *, seconds: float
) -> str:
    """Return a table with a row for each series and period, and why what failed has failed.

    Parameters
    ----------
    results : iterable of RenderResult
        Of those that are done.
    definitions : sequence of Definition
        Theirs.
    seconds : float
        Of the whole run; the rows give the sum over their reports.

    Examples
    --------
    >>> from pathlib import Path
    >>> weekly = Definition("weekly", "Weekly", Path("a.ipynb"))
    >>> results = [RenderResult("weekly", "en", {"html": Path("a")}, seconds=1.25),
    ...            RenderResult("weekly", "ar", problem="a.ipynb: is broken. Mend it.")]
    >>> print(summarise_results(results, [weekly], seconds=2.0))  # doctest: +NORMALIZE_WHITESPACE
    report  period  rendered  up to date  incomplete  failed  seconds
    weekly  -              1           0           0       1      1.2
    all     -              1           0           0       1      2.0
    failed: weekly.ar: a.ipynb: is broken. Mend it.
    """
    by_name = {definition.name: definition for definition in definitions}
    rows: dict[tuple[str, str], list[float]] = {}
    failed = []
    for result in results:
        definition = by_name[result.name]
        key = (definition.series or definition.name, definition.values.get("period", "-"))
        row = rows.setdefault(key, [0, 0, 0, 0, 0.0])
        row[_state_of(result)] += 1
        row[4] += result.seconds
        if result.problem:
            state = "incomplete" if result.files else "failed"
            failed.append(f"{state}: {result.name}.{result.language}: {result.problem}")
    totals = [float(sum(column)) for column in list(zip(*rows.values(), strict=True))[:4]]
    cells = [_HEADINGS, *(_cells(*key, row) for key, row in rows.items())]
    if rows:
        cells.append(_cells("all", "-", [*totals, seconds]))
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = [
        "  ".join(
            cell.ljust(width) if number < 2 else cell.rjust(width)
            for number, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in cells
    ]
    return "\n".join([*lines, *failed])


def _state_of(result: RenderResult) -> int:
    """Column of a result: rendered, up to date, incomplete or failed."""
    if result.is_current:
        return 1
    if result.problem:
        return 2 if result.files else 3
    return 0


def _cells(series: str, period: str, row: Sequence[float]) -> tuple[str, ...]:
    return (series, period, *(f"{n:.0f}" for n in row[:4]), f"{row[4]:.1f}")


class _Stopped(BaseException):
    """A signal asked for the end; nothing on the way may take it for an error of its own."""

    def __init__(self, signum: int) -> None:
        super().__init__(signum)
        self.signum = signum


@contextmanager
def _signals_raised() -> Iterator[None]:
    """Ctrl-C and the request to end come as an exception, so that everything is put in order."""

    def stop(signum: int, _: object) -> None:
        for each in kept:
            signal.signal(each, signal.SIG_IGN)
        raise _Stopped(signum)

    # Only the main thread hears signals, and only it may say what they do.
    is_main = threading.current_thread() is threading.main_thread()
    heard = (signal.SIGINT, signal.SIGTERM) if is_main else ()
    kept = {each: signal.getsignal(each) for each in heard}
    try:
        for each in kept:
            signal.signal(each, stop)
        yield
    finally:
        for each, handler in kept.items():
            signal.signal(each, handler)
