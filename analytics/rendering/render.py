"""Many reports at once: definitions in, HTML, PDF and manifests out."""

from __future__ import annotations

import queue
import shutil
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from analytics.errors import ParameterError, RenderError
from analytics.rendering.definitions import FORMATS, LANGUAGES, Definition, load_definitions
from analytics.rendering.index import write_index
from analytics.rendering.jobs import Job, RenderResult, open_work_folder, plan_jobs
from analytics.rendering.server import Server
from analytics.rendering.static import STATIC, write_static

if TYPE_CHECKING:
    from analytics.rendering.pdf import Printer

# Reports after which the browser's memory is cleared of those before: a tenth of a second.
_FORGET = 12

Progress = Callable[[int, int, RenderResult], object]
"""Called with the number done, the number of all, and the report that is done."""


def render_reports(
    definitions: Sequence[Definition | str | Path],
    *,
    languages: Sequence[str] = (),
    formats: Sequence[str] = (),
    out_dir: str | Path = "reports",
    n_jobs: int = 2,
    engine: Literal["fork", "kernel"] = "fork",
    timeout_s: float = 300.0,
    force: bool = False,
    progress: Progress | None = None,
) -> list[RenderResult]:
    """Render reports, each in each language, and return what became of each.

    Every definition is checked before anything starts. A report that would come out the same is
    left as it lies there (`analytics.rendering.manifest`). A file appears whole or not at all;
    where a report fails, those of an earlier run stay as they are and the other reports go on.
    At the end, ``index.html`` lists all reports of the folder.

    Parameters
    ----------
    definitions : sequence of Definition, str or Path
        Definitions, or their files.
    languages, formats : sequence of str
        Override those of the definitions; English, HTML and PDF where neither says.
    out_dir : str or Path
        Made if need be. Files are named ``NAME.LANGUAGE.html``, ``.pdf``, ``.static.html``,
        ``.manifest.json``.
    n_jobs : int
        Reports worked on side by side.
    engine : {"fork", "kernel"}
        ``fork`` runs notebooks in copies of one warm process, ``kernel`` each in a kernel.
    timeout_s : float
        Seconds a notebook may take before it is killed.
    force : bool
        Render what is up to date as well.
    progress : callable, optional
        Called with the number done, the number of all and the result, as each is done.

    Returns
    -------
    list of RenderResult
        In the order of definitions, then languages.

    Raises
    ------
    FileError, ParameterError
        If a definition, a language, a format or the folder is not usable.
    """
    checked = [
        definition
        for given in definitions
        for definition in ([given] if isinstance(given, Definition) else load_definitions(given))
    ]
    options = (
        ("language", languages, LANGUAGES),
        ("format", formats, FORMATS),
        ("engine", [engine], ("fork", "kernel")),
    )
    for name, given, known in options:
        for code in given:
            if code not in known:
                raise ParameterError(
                    f"{name} {code!r}", "is not known", f"Use one of {', '.join(known)}"
                )
    if n_jobs < 1:
        raise ParameterError(f"n_jobs {n_jobs}", "must be 1 or more", "Use the number of cores")
    stems = [definition.name for definition in checked]
    if doubles := {stem for stem in stems if stems.count(stem) > 1}:
        raise ParameterError(
            ", ".join(sorted(doubles)), "names two definitions", "Rename one of the files"
        )
    with open_work_folder(Path(out_dir)) as folder:
        jobs = list(plan_jobs(checked, tuple(languages), tuple(formats), folder))
        run = _Run(jobs, Path(out_dir), n_jobs, engine, timeout_s, progress)
        try:
            return run.finish(force=force)
        finally:
            write_index(Path(out_dir))


class _Run:
    """One call of `render_reports`: a server that makes pages, a browser that prints them."""

    def __init__(
        self,
        jobs: list[Job],
        out_dir: Path,
        n_jobs: int,
        engine: str,
        timeout_s: float,
        progress: Progress | None,
    ) -> None:
        self.jobs, self.out_dir, self.n_jobs = jobs, out_dir, n_jobs
        self.engine = "inprocess" if engine == "fork" else engine
        self.timeout_s, self.progress = timeout_s, progress
        self.events: queue.Queue[dict[str, Any]] = queue.Queue()
        self.to_print: queue.Queue[int | None] = queue.Queue()
        # A language at a time: what does not depend on it is then at hand for the others.
        order = list(dict.fromkeys(job.language for job in jobs))
        self.waiting = sorted(range(len(jobs)), key=lambda n: (-order.index(jobs[n].language), -n))
        self.running: set[int] = set()
        self.results: dict[int, RenderResult] = {}
        self.is_stopped = False

    def finish(self, *, force: bool) -> list[RenderResult]:
        """Do all the jobs that are to be done."""
        if not force:
            self._pass_over_current()
        if self.waiting:
            self._work()
        return [self.results[number] for number in range(len(self.jobs))]

    def _pass_over_current(self) -> None:
        for number, job in enumerate(self.jobs):
            if (current := job.find_current(self.out_dir)) is not None:
                self.waiting.remove(number)
                self._tell(number, current)

    def _work(self) -> None:
        wants_browser = any(self.jobs[number].needs_browser for number in self.waiting)
        printer = threading.Thread(target=self._print_all, daemon=True)
        if wants_browser:
            printer.start()
        server = Server(self.events.put)
        try:
            while len(self.results) < len(self.jobs):
                self._handle(self._next_event(), server)
        finally:
            self.is_stopped = True
            server.close()
            self.to_print.put(None)
            if wants_browser:
                printer.join(timeout=30)

    def _next_event(self) -> dict[str, Any]:
        due = [
            self.jobs[n].started + self.timeout_s for n in self.running if not self.jobs[n].is_late
        ]
        try:
            return self.events.get(timeout=max(0.0, min(due) - time.monotonic()) if due else None)
        except queue.Empty:
            return {}

    def _handle(self, event: dict[str, Any], server: Server) -> None:
        now = time.monotonic()
        for number in self.running:
            job = self.jobs[number]
            if not job.is_late and now >= job.started + self.timeout_s:
                job.is_late = True
                server.kill(number)
        if "ended" in event:
            self.running.discard(event["ended"])
            self._collect(event["ended"], event["code"])
        elif "printed" in event:
            # Without its PDF a report still is a report: what was made is put in place.
            files = self.jobs[event["printed"]].publish(self.out_dir)
            self._finish(event["printed"], event["problem"], files)
        elif "closed" in event:
            for number in [*self.running, *self.waiting]:
                reason = "was not rendered: the process that makes the reports has died"
                self._finish(number, self.jobs[number].explain(reason), {})
            self.running.clear()
            self.waiting.clear()
            return
        # A printer that is behind is left a core, so that it is not alone at the end.
        n_jobs = self.n_jobs - min(self.to_print.qsize(), self.n_jobs - 1)
        while self.waiting and len(self.running) < n_jobs:
            number = self.waiting.pop()
            self.jobs[number].started = time.monotonic()
            self.jobs[number].keep_previous(self.out_dir)
            self.running.add(number)
            server.start(number, self.jobs[number].describe(self.engine))

    def _collect(self, number: int, code: int) -> None:
        """Take what a copy has left, and pass it on."""
        job = self.jobs[number]
        if problem := job.read_result(code, self.timeout_s):
            self._finish(number, problem, {})
        elif job.needs_browser:
            self.to_print.put(number)
        else:
            self._finish(number, "", job.publish(self.out_dir))

    def _print_all(self) -> None:
        """Print what is to be printed, in a thread of its own."""
        # Imported here, while the server imports what it needs.
        from analytics.rendering.pdf import open_printer

        try:
            with open_printer() as printer:
                for n_printed, number in enumerate(iter(self.to_print.get, None), 1):
                    self.events.put({"printed": number, "problem": self._print(number, printer)})
                    if n_printed % _FORGET == 0:
                        printer.forget()
            return
        except Exception as error:
            problem = str(error) or type(error).__name__
        for number in iter(self.to_print.get, None):
            self.events.put({"printed": number, "problem": problem})

    def _print(self, number: int, printer: Printer) -> str:
        job = self.jobs[number]
        if self.is_stopped:
            return "stopped"
        try:
            html = (job.folder / "print.html").read_text(encoding="utf-8")
            n_figures = job.result["n_figures"]
            if "pdf" in job.formats:
                (job.folder / "report.pdf").write_bytes(printer.print(html, n_figures=n_figures))
            if STATIC in job.formats:
                page = (job.folder / "report.html").read_text(encoding="utf-8")
                page = write_static(page, printer.lift(html, n_figures=n_figures))
                (job.folder / f"report.{STATIC}").write_text(page, encoding="utf-8")
        except (RenderError, OSError) as error:
            return str(error)
        return ""

    def _finish(self, number: int, problem: str, files: dict[str, Path]) -> None:
        job = self.jobs[number]
        result = RenderResult(
            name=job.definition.name,
            language=job.language,
            files=files,
            problem=problem,
            title=job.result.get("title", job.definition.title),
            n_figures=job.result.get("n_figures", 0),
            seconds=time.monotonic() - job.started if job.started else 0.0,
            warnings=tuple(job.result.get("warnings", ())),
        )
        shutil.rmtree(job.folder, ignore_errors=True)
        self._tell(number, result)

    def _tell(self, number: int, result: RenderResult) -> None:
        self.results[number] = result
        if self.progress is not None:
            self.progress(len(self.results), len(self.jobs), result)
