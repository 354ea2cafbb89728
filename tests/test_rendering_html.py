"""The exporters that nbconvert and JupyterLab's export menu offer."""

import asyncio
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbconvert.exporters import get_export_names, get_exporter

from analytics.errors import RenderError
from analytics.rendering.page import compose_page
from analytics.rendering.report import execute_notebook

SMALL = Path(__file__).parent / "notebooks" / "small_report.ipynb"


@pytest.fixture(scope="module")
def executed():
    return execute_notebook(SMALL, {"language": "ckb"})


def test_both_are_offered_by_name():
    assert {"incident-html", "incident-pdf"} <= set(get_export_names())
    assert get_exporter("incident-html").export_from_notebook == "Incident report (HTML)"


def test_the_page_is_the_one_that_render_makes(executed):
    html, resources = get_exporter("incident-html")().from_notebook_node(executed)
    assert html == compose_page(executed, language="ckb").html
    assert 'lang="ckb" dir="rtl"' in html
    assert resources["output_extension"] == ".html"


def test_the_language_can_be_chosen(executed):
    html, _ = get_exporter("incident-html")(language="en").from_notebook_node(executed)
    assert 'lang="en" dir="ltr"' in html


def test_a_notebook_that_was_not_run_is_refused():
    with pytest.raises(RenderError, match="the notebook: has not been run"):
        get_exporter("incident-html")().from_filename(str(SMALL))


@pytest.mark.slow
def test_nbconvert_writes_it_from_the_command_line(executed, tmp_path):
    nbformat.write(executed, tmp_path / "small.ipynb")
    command = [sys.executable, "-m", "nbconvert", "--to", "incident-html", "small.ipynb"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    written = (tmp_path / "small.html").read_text(encoding="utf-8")
    assert written.rstrip("\n") == compose_page(executed, language="ckb").html.rstrip("\n")


@pytest.mark.slow
@pytest.mark.browser
def test_a_pdf_is_printed_from_within_an_event_loop(executed):
    async def export():
        return get_exporter("incident-pdf")().from_notebook_node(executed)

    pdf, resources = asyncio.run(export())
    assert pdf.startswith(b"%PDF-")
    assert resources["output_extension"] == ".pdf"
