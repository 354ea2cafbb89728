"""Exporters for nbconvert: ``jupyter nbconvert --to incident-html`` (or ``incident-pdf``).

JupyterLab's export menu offers both. They make the same page as `analytics render`, from a
notebook that has been run.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from nbconvert.exporters import Exporter, HTMLExporter
from nbformat import NotebookNode
from traitlets import Unicode, default

from analytics.errors import RenderError
from analytics.rendering.page import Page, compose_page
from analytics.rendering.parameters import parse_parameters
from analytics.rendering.pdf import open_printer


class ReportHTMLExporter(HTMLExporter):
    """One HTML file that needs nothing from anywhere: code hidden, charts interactive."""

    export_from_notebook = "Incident report (HTML)"

    language = Unicode(
        "", help="Language of the page: en, ar or ckb; else the notebook's parameter 'language'."
    ).tag(config=True)

    @default("template_name")
    def _template_name_default(self) -> str:
        # Never rendered: the page has a template of its own. This one is always installed.
        return "basic"

    def from_notebook_node(
        self, nb: NotebookNode, resources: dict[str, Any] | None = None, **kw: Any
    ) -> tuple[Any, dict[str, Any]]:
        """Return the page and nbconvert's resources.

        Raises
        ------
        RenderError
            If the notebook was not run, or a cell of it failed.
        """
        # The template exporters' own step is left out: only copying and preprocessing is wanted.
        nb, resources = Exporter.from_notebook_node(self, nb, resources, **kw)
        return self._finish(self._compose(nb)), resources

    def _finish(self, page: Page) -> Any:
        return page.html

    def _compose(self, nb: NotebookNode) -> Page:
        code = [cell for cell in nb.cells if cell.cell_type == "code" and cell.source.strip()]
        if code and not any(cell.outputs for cell in code):
            raise RenderError("the notebook", "has not been run", "Run all its cells, then export")
        return compose_page(nb, language=self.language or _read_language(nb))


class ReportPDFExporter(ReportHTMLExporter):
    """The same page printed: A4, tagged, with an outline."""

    export_from_notebook = "Incident report (PDF)"
    output_mimetype = "application/pdf"

    @default("file_extension")
    def _file_extension_default(self) -> str:
        return ".pdf"

    @default("template_name")
    def _template_name_default(self) -> str:
        return "webpdf"

    def _finish(self, page: Page) -> Any:
        # JupyterLab calls from inside its event loop, where Playwright's plain API refuses to run.
        with ThreadPoolExecutor(1) as thread:
            return thread.submit(_print, page).result()


def _print(page: Page) -> bytes:
    with open_printer() as printer:
        return printer.print(page.html, n_figures=page.n_figures)


def _read_language(nb: NotebookNode) -> str:
    """The language a notebook was run in: its parameter, as injected or by default."""
    language = "en"
    for tag in ("parameters", "injected-parameters"):
        for cell in nb.cells:
            if tag in cell.metadata.get("tags", []):
                for parameter in parse_parameters(cell.source, "the notebook"):
                    if parameter.name == "language":
                        language = str(parameter.default)
    return language
