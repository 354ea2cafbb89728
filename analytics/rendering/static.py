"""The static edition: the same page without any script, its charts drawn once and for all."""

from __future__ import annotations

import re
from collections.abc import Sequence

from analytics.errors import RenderError
from analytics.rendering.finished import seal_page

STATIC = "static.html"
"""Its format, and the ending of its file's name."""

_SCRIPT = re.compile(r"<script([^>]*)>(.*?)</script>\n?", re.DOTALL)
_POLICY = re.compile(r'(http-equiv="Content-Security-Policy" content=")[^"]*')
_NO_SCRIPT = (
    "default-src 'none'; script-src 'none'; style-src 'unsafe-inline'; img-src data:; "
    "font-src data:; base-uri 'none'; form-action 'none'"
)
_NOTE = re.compile(r'<p class="no-script".*?</p>\n?', re.DOTALL)
_PLOT = re.compile(r'(<div class="plot)(" role="img"[^>]*?) style="[^"]*">(?=</div>)')
# What a program reads back (`analytics.rendering.finished`) is kept, where no browser runs it.
_KEPT = (' id="manifest"', ' id="numbers"')


def write_static(html: str, charts: Sequence[str]) -> str:
    """Return a report's page without script: each chart an SVG, each table in its fold.

    Parameters
    ----------
    html : str
        From `analytics.rendering.page.compose_page`, which escapes all that records hold: what
        stands in it as a script is one.
    charts : sequence of str
        The SVG of each chart in its order, from `analytics.rendering.pdf.Printer.lift`.

    Raises
    ------
    RenderError
        If there is not one chart for each place of one.
    """
    drawn = iter(charts)
    n_places = len(_PLOT.findall(html))
    if n_places != len(charts):
        raise RenderError(f"{len(charts)} charts", f"are not {n_places}", "Render it again")
    html = _SCRIPT.sub(_keep_data, html)
    html = _POLICY.sub(rf"\1{_NO_SCRIPT}", html, count=1)
    html = _NOTE.sub("", html, count=1)
    html = _PLOT.sub(lambda place: f"{place[1]} drawn{place[2]}>{next(drawn)}", html)
    return seal_page(html)


def _keep_data(script: re.Match[str]) -> str:
    name = next((name for name in _KEPT if name in script[1]), "")
    return f"<template{name}>{script[2]}</template>\n" if name else ""
