"""One report: a notebook executed with its parameters, and the page made of it."""

from __future__ import annotations

import json
import logging
import sys
import tempfile
import warnings
from collections.abc import Iterable, Mapping
from contextlib import chdir, suppress
from pathlib import Path
from typing import Any, Literal

import nbformat
import papermill
from papermill.engines import papermill_engines
from papermill.execute import raise_for_execution_errors, remove_error_markers
from papermill.iorw import load_notebook_node
from papermill.parameterize import parameterize_notebook

from analytics.errors import AnalyticsError, RenderError
from analytics.language import LANGUAGES
from analytics.rendering.assets import load_plotly, write_font_faces
from analytics.rendering.display import ROLE
from analytics.rendering.engine import InProcessEngine
from analytics.rendering.lint import lint_report
from analytics.rendering.page import Page, compose_page, hide_folders
from analytics.rendering.parameters import FILES
from analytics.rendering.sharing import share_results
from analytics.rendering.static import STATIC
from analytics.sidecar import write_cells, write_sidecar

Engine = Literal["inprocess", "kernel"]

# As the entry point does for other programs; registered here too, so that a copy that is run
# without being installed knows it.
papermill_engines.register("inprocess", InProcessEngine)
logging.getLogger("papermill").setLevel(logging.ERROR)


def execute_notebook(
    path: Path, parameters: Mapping[str, Any], *, engine: Engine = "inprocess"
) -> nbformat.NotebookNode:
    """Return a notebook executed with parameters, in the folder where it lies.

    Parameters
    ----------
    path : Path
    parameters : Mapping
        Checked already (`analytics.rendering.definitions.check_parameters`).
    engine : {"inprocess", "kernel"}
        ``inprocess`` runs the cells in this process, ``kernel`` in an IPython kernel of its own.

    Raises
    ------
    RenderError
        If a cell fails; the message names the cell and what it said.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of nbformat, on notebooks of older minor versions
        prepared = remove_error_markers(load_notebook_node(str(path)))
    # Papermill's steps one by one: in one call they end in writing the notebook to nowhere.
    if parameters:
        prepared = parameterize_notebook(
            prepared, dict(parameters), kernel_name="python3", language="python"
        )
    try:
        with chdir(path.parent):
            executed: nbformat.NotebookNode = papermill_engines.execute_notebook_with_engine(
                "inprocess" if engine == "inprocess" else None,
                prepared,
                kernel_name="python3",
                progress_bar=False,
            )
        raise_for_execution_errors(executed, None)
    except papermill.PapermillExecutionError as error:
        # Papermill has put a cell before it; the reader's notebook does not have that one.
        number = error.exec_count - bool(parameters)
        raise _explain(error, f"{path.name}, cell [{number}]") from error
    return executed


def _explain(error: papermill.PapermillExecutionError, cell: str) -> RenderError:
    first_line = next((line for line in error.source.splitlines() if line.strip()), "")
    where = f"{cell} '{first_line.strip()[:60]}'"
    said = " ".join(str(error.evalue).split())[:300].rstrip(".")
    ours = {kind.__name__ for kind in AnalyticsError.__subclasses__()}
    rule = f"refused: {said}" if error.ename in ours else f"stopped with {error.ename}: {said}"
    return RenderError(where, rule, "Run the notebook in JupyterLab to see all of it")


def produce(job: Mapping[str, Any]) -> bool:
    """Do one job of the server: leave ``report.html`` and ``result.json`` in its folder.

    Returns whether there is a report.

    Parameters
    ----------
    job : Mapping
        ``folder``, ``notebook``, ``parameters``, ``language``, ``title``, ``values``,
        ``provenance``, ``formats``, ``engine``, ``edition``.

    Notes
    -----
    ``result.json`` holds either ``title``, ``n_figures`` and ``warnings``, or, for a report that
    could not be made, ``error`` with value, rule and remedy. ``print.html`` is the page without the
    drawing library, for a printer that holds it already.
    """
    folder = Path(job["folder"])
    if job["engine"] == "inprocess" and (shelf := folder.parent / "shared").is_dir():
        share_results(shelf)
    try:
        given = job["parameters"]
        files = [*given.get("data", []), *(given[name] for name in FILES if given.get(name))]
        private = _private_folders(Path(job["notebook"]), files)
        notebook = execute_notebook(Path(job["notebook"]), job["parameters"], engine=job["engine"])
        page = compose_page(
            notebook,
            language=job["language"],
            title=job["title"],
            values=job["values"],
            provenance=job["provenance"],
            private=private,
        )
        data = _write_data(page)
        _check_edition(page, data, job["edition"])
        _write(folder / "report.html", page.html)
        for name, text in data.items():
            _write(folder / f"report.{name}", text)
        if {"pdf", STATIC} & set(job["formats"]):
            _write(folder / "print.html", page.without_library())
        if "ipynb" in job["formats"]:
            _write(folder / "report.ipynb", _write_notebook(notebook, private))
        result: dict[str, Any] = {
            "title": page.title,
            "n_figures": page.n_figures,
            "warnings": page.warnings,
        }
    except AnalyticsError as error:
        result = {"error": [error.value, error.rule, error.remedy]}
    _write(folder / "result.json", json.dumps(result, ensure_ascii=False))
    return "error" not in result


def _write_data(page: Page) -> dict[str, str]:
    """The data files of a report, by the ending of their names; none where it has no series."""
    if not page.pack["series"]:
        return {}
    return {"data.json": write_sidecar(page.pack), "data.csv": write_cells(page.pack)}


def _check_edition(page: Page, data: Mapping[str, str], edition: str) -> None:
    """Stop a report that tells what its edition leaves out."""
    if edition == "internal":
        return
    faults = lint_report(page.html, edition, withheld=page.pack["withheld"], files=data)
    if faults:
        raise RenderError(
            f"the {edition} edition",
            f"breaks its rules: {' '.join(faults[:3]).rstrip('.')}",
            "It was not published; mend the records or the notebook",
        )


# What every report does, on nothing: a figure from a frame, a table, a sentence.
_REHEARSAL = """
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots
from analytics.rendering.display import show_figure, show_table, show_text
frame = pd.DataFrame({"a": pd.date_range("2017-10-16", periods=2), "b": [1.0, 2.0]})
figure = make_subplots(rows=1, cols=2, subplot_titles=["a", "b"])
figure.add_scatter(x=frame["a"], y=frame["b"], row=1, col=1, line={"dash": "dot"})
mark = {"color": "#000", "line": {"width": 0}, "pattern": {"shape": ""}}
figure.add_bar(x=frame["b"], y=["a", "b"], orientation="h", marker=mark, row=1, col=2)
figure.add_heatmap(z=[[1]], colorbar={"title": "a"})
figure.update_traces(marker={"color": "#000", "line": {"width": 0}}, selector={"type": "scatter"})
figure.update_xaxes(title="a")
figure.update_yaxes(tickfont={"size": 12})
figure.add_vline(x="2017-10-16")
figure.update_layout(template=go.layout.Template(layout={"font": {"size": 12}}), height=300)
show_figure(figure, caption="a", alt="b", table=frame.astype(str))
show_table(frame.astype(str), caption="a")
show_text("a")
"""


def preload() -> None:
    """Make what every page carries, and rehearse one, before there are copies of this process.

    The libraries load much when they are first used: validators, locales, parts of themselves. A
    rehearsal reads no data, so that no thread is started; that it fails is no fault of a report.
    """
    load_plotly()
    write_font_faces("الف")
    with suppress(Exception), tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rehearsal.ipynb"
        cells = [nbformat.v4.new_code_cell(_REHEARSAL, id="a")]  # type: ignore[no-untyped-call]
        content = nbformat.v4.new_notebook(cells=cells)  # type: ignore[no-untyped-call]
        nbformat.write(content, path)  # type: ignore[no-untyped-call]
        notebook = execute_notebook(path, {})
        for language in LANGUAGES:
            compose_page(notebook, language=language, title="Reports")


def _write_notebook(notebook: nbformat.NotebookNode, private: Iterable[Path]) -> str:
    """An executed notebook as text, with nothing in it that tells of this machine."""
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            output.get("metadata", {}).get(ROLE, {}).get("pack", {}).pop("withheld", None)
    text: str = nbformat.writes(notebook)  # type: ignore[no-untyped-call]
    return str(hide_folders(text, private))


def _private_folders(notebook: Path, files: Iterable[str]) -> list[Path]:
    """Folders that tell whose machine this is."""
    here = Path(__file__).parents[2]
    own = [notebook.parent, here, Path(sys.prefix), Path.home(), Path(tempfile.gettempdir())]
    return own + [Path(file).parent for file in files]


def _write(path: Path, text: str) -> None:
    # As bytes: a carriage return in a record must not change with the system.
    path.write_bytes(text.encode("utf-8", errors="replace"))
