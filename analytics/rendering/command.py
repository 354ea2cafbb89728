"""What ``analytics render`` does and prints."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from analytics.errors import FileError, ParameterError
from analytics.rendering.definitions import FORMATS, load_definition
from analytics.rendering.jobs import RenderResult
from analytics.rendering.render import render_reports

_DEFAULT_FOLDER = Path("reports")


def render_command(
    definitions: Sequence[Path],
    *,
    all_definitions: bool = False,
    period: str | None = None,
    languages: Sequence[str] | None = None,
    formats: str | Sequence[str] = ("html", "pdf"),
    out_dir: Path = _DEFAULT_FOLDER,
    n_jobs: int = 2,
    engine: str = "fork",
    timeout_s: float = 300.0,
) -> int:
    """Render reports, print how it goes and where they are, and return the exit code.

    Parameters
    ----------
    definitions : sequence of Path
    all_definitions : bool
        Every ``reports/*.yaml`` below the working directory besides.
    period : str, optional
        As for `analytics.rendering.load_definition`.
    languages : sequence of str, optional
    formats : str or sequence of str
        As text parted by commas, or one by one.
    out_dir : Path
    n_jobs : int
    engine : {"fork", "kernel"}
    timeout_s : float

    Returns
    -------
    int
        0 if every report was written in every format, else 1.

    Raises
    ------
    AnalyticsError
        If nothing could be started.
    """
    paths = list(definitions)
    if all_definitions:
        paths += sorted(set(_DEFAULT_FOLDER.glob("*.yaml")) - set(paths))
        if not paths:
            raise FileError(str(_DEFAULT_FOLDER), "holds no definitions", "Run it where it does")
    if not paths:
        raise ParameterError("no definition", "was given", "Name one, or give --all")
    if isinstance(formats, str):
        formats = [form.strip() for form in formats.split(",") if form.strip()]
    today = date.today()  # noqa: DTZ011  the reader's own calendar
    checked = [load_definition(path, period=period, today=today) for path in paths]
    results = render_reports(
        checked,
        languages=languages or (),
        formats=formats,
        out_dir=out_dir,
        n_jobs=n_jobs,
        engine=engine,  # type: ignore[arg-type]
        timeout_s=timeout_s,
        progress=_print_progress,
    )
    if any("pdf" in result.files for result in results):
        from analytics.rendering.browser import describe_sandbox

        if said := describe_sandbox():
            print(f"analytics: {said}", file=sys.stderr)
    problems = list(dict.fromkeys(result.problem for result in results if result.problem))
    for problem in problems:
        print(f"analytics: {problem}", file=sys.stderr)
    n_complete = sum(result.is_complete for result in results)
    print(f"{n_complete} of {len(results)} reports complete, in {out_dir}")
    return 0 if n_complete == len(results) else 1


def _print_progress(done: int, total: int, result: RenderResult) -> None:
    """One line a report: which, how long, what was written."""
    made = ", ".join(str(path) for form, path in result.files.items() if form in FORMATS)
    state = made or "not rendered"
    missing = " (incomplete)" if made and result.problem else ""
    width = len(str(total))
    print(f"[{done:>{width}}/{total}] {result.seconds:5.1f} s  {state}{missing}", flush=True)
