"""Cells of an executed notebook as pieces of HTML."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from itertools import count, groupby
from typing import Any

import bleach
import pandas as pd
from markupsafe import Markup

from analytics.errors import RenderError
from analytics.language import Language
from analytics.rendering.display import FOLD, PLOTLY, ROLE, format_table
from analytics.rendering.evidence import Evidence
from analytics.rendering.prose import phrase, render_prose, render_sentences
from analytics.sidecar import merge_packs, pack_traces

_TITLE = re.compile(r"^#\s+(.+?)\s*$", re.MULTILINE)
# Tags of cells: what is tagged alike, cell after cell, stands in one box of that class.
_BOXES = ("first-page", "back-page", "summary", "note", "limits")
_IMAGES = ("image/svg+xml", "image/png", "image/jpeg")
_FOREIGN_TAGS = {
    *("table", "caption", "colgroup", "col", "thead", "tbody", "tfoot", "tr", "th", "td", "div"),
    *("p", "span", "b", "i", "em", "strong", "code", "pre", "ul", "ol", "li", "dl", "dt", "dd"),
    *("br", "hr", "sub", "sup", "small", "h3", "h4", "h5", "h6"),
}
_FOREIGN_ATTRIBUTES = {"*": ["colspan", "rowspan", "scope", "title", "dir", "lang"]}
_DEFAULT_HEIGHT = 420  # pixels


@dataclass
class Sheet:
    """What is gathered while the cells are read.

    Parameters
    ----------
    language : Language
    evidence : Evidence
        The records behind the rows of tables.
    numbers : iterator of int
        Numbers for the ids of headings.
    figures : list of str
        Figures as JSON that can stand in a script element.
    warnings : list of str
        What cells wrote to stderr.
    """

    language: Language
    evidence: Evidence
    numbers: Iterator[int] = field(default_factory=lambda: count(1))
    figures: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def find_title(notebook: Mapping[str, Any]) -> str:
    """Return a notebook's first heading of level one, or an empty text."""
    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown" and (found := _TITLE.search(cell["source"])):
            return found[1]
    return ""


def collect_packs(notebook: Mapping[str, Any]) -> dict[str, Any]:
    """Return the series that figures of a notebook show, with the records of each cell."""
    pack = pack_traces([])
    for cell in notebook["cells"]:
        for output in cell.get("outputs", []):
            role = output.get("metadata", {}).get(ROLE, {})
            if "pack" in role:
                pack = merge_packs(pack, {"withheld": [], **role["pack"]})
    return pack


def render_cells(notebook: Mapping[str, Any], sheet: Sheet) -> Iterator[Markup]:
    """Yield the HTML of the cells; what is found on the way goes onto the sheet.

    Raises
    ------
    RenderError
        If a cell holds an error.
    """
    for box, cells in groupby(_render_each(notebook, sheet), key=lambda cell: cell[0]):
        html = Markup("").join(html for _, html in cells)
        yield Markup('<div class="{}">\n{}</div>\n').format(box, html) if box else html


def _render_each(notebook: Mapping[str, Any], sheet: Sheet) -> Iterator[tuple[str, Markup]]:
    """Yield the box that a cell belongs to, and its HTML; a cell that shows nothing is passed."""
    has_title = False
    for number, cell in _pass_over_empty_sections(notebook["cells"]):
        if cell["cell_type"] == "markdown":
            source = cell["source"]
            if not has_title and (found := _TITLE.search(source)):
                # The page has its title already, from here or from the definition.
                source, has_title = source[: found.start()] + source[found.end() :], True
            html = render_prose(source, sheet.language, sheet.numbers)
        elif cell["cell_type"] == "code":
            html = Markup("").join(_render_outputs(cell, number, sheet))
        else:
            continue
        if html.strip():
            tags = cell["metadata"].get("tags", [])
            yield next((tag for tag in tags if tag in _BOXES), ""), html


def _pass_over_empty_sections(cells: Iterable[Mapping[str, Any]]) -> Iterator[tuple[int, Any]]:
    """Yield the cells with their numbers, without sections whose code has nothing to show."""
    sections: list[list[tuple[int, Any]]] = [[]]
    for number, cell in enumerate(cells, start=1):
        if cell["cell_type"] == "markdown" and cell["source"].startswith("## "):
            sections.append([])
        sections[-1].append((number, cell))
    for place, section in enumerate(sections):
        code = [cell for _, cell in section if cell["cell_type"] == "code"]
        shown = [o for cell in code for o in cell["outputs"] if o.get("name") != "stderr"]
        if shown or not code or not place:
            yield from section


def _render_outputs(cell: Mapping[str, Any], number: int, sheet: Sheet) -> Iterator[Markup]:
    for output in cell.get("outputs", []):
        kind = output["output_type"]
        if kind == "error":
            raise RenderError(
                f"cell {number}",
                f"stopped with {output['ename']}",
                "Run the notebook in JupyterLab",
            )
        if kind == "stream":
            if output["name"] == "stderr":
                sheet.warnings.append(output["text"])
            elif output["text"].strip():
                yield Markup("<pre>{}</pre>\n").format(output["text"])
        else:
            yield _render_bundle(output["data"], output["metadata"].get(ROLE, {}), sheet)


def _render_bundle(data: Mapping[str, Any], role: Mapping[str, Any], sheet: Sheet) -> Markup:
    """One displayed object, in the richest form that a page can hold."""
    if PLOTLY in data:
        return _render_figure(data[PLOTLY], role, sheet)
    if "text/html" in data:
        html = _text(data["text/html"])
        if role.get("kind") == "figure-more":
            label = phrase(FOLD, sheet.language)
            fold = _fold_records(role, sheet) if "series" in role else role["fold"]
            fold = fold.replace(f"<summary>{FOLD}</summary>", f"<summary>{label}</summary>", 1)
            return Markup(fold) + Markup("</figure>\n")  # noqa: S704
        # Only what `analytics.rendering.display` wrote is known to have escaped its records.
        return Markup(html if role else f'<div class="table">{_clean(html)}</div>') + "\n"  # noqa: S704
    if "text/markdown" in data:
        return render_sentences(_text(data["text/markdown"]), sheet.numbers)
    for kind in _IMAGES:
        if kind in data:
            return _render_image(kind, _text(data[kind]), _text(data.get("text/plain", "")))
    return Markup("<pre>{}</pre>\n").format(_text(data.get("text/plain", "")))


def _render_figure(figure: Mapping[str, Any], role: Mapping[str, Any], sheet: Sheet) -> Markup:
    sheet.figures.append(dump_json(figure))
    number = len(sheet.figures)
    name = phrase("Figure %1", sheet.language, sheet.language.number(number))
    layout = figure.get("layout", {})
    height = layout.get("height") or layout.get("template", {}).get("layout", {}).get("height")
    start = Markup(
        '<figure id="figure-{0}" class="chart"><figcaption><span class="number">{4}</span> {1}'
        "</figcaption>"
        '<div class="plot" role="img" tabindex="0" dir="ltr" aria-label="{2}" data-figure="{0}" '
        'style="block-size:{3}px"></div>'
    ).format(
        number,
        role.get("caption", ""),
        role.get("alt") or "Chart",
        int(height or _DEFAULT_HEIGHT),
        name,
    )
    # What `show_figure` displays next is the fold with the table, and closes the figure.
    return start if role.get("has_more") else start + Markup("</figure>\n")


def _fold_records(role: Mapping[str, Any], sheet: Sheet) -> str:
    """The table behind a chart, each row of which opens to its records."""
    table = pd.DataFrame(**role["table"]).astype(object)
    heading = sheet.language.text("Records")
    rows = partial(sheet.evidence.list_records, role["series"])
    caption = re.search(r"<caption>(.*?)</caption>", role["fold"])
    return str(
        Markup('<details data-series="{}"><summary>{}</summary>{}</details>').format(
            role["series"],
            FOLD,
            format_table(
                table,
                caption=Markup(caption[1]).unescape() if caption else "",  # noqa: S704
                last=(heading, rows),
            ),
        )
    )


def _render_image(kind: str, content: str, alt: str) -> Markup:
    if kind == "image/svg+xml":
        content = base64.b64encode(content.encode()).decode()
    source = f"data:{kind};base64,{''.join(content.split())}"
    return Markup('<figure><img src="{}" alt="{}"></figure>\n').format(source, alt)


def dump_json(value: Any) -> str:
    """JSON that can stand in a script or template element, the same for the same value."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    text = text.replace("&", "\\u0026")
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _text(value: Any) -> str:
    return "".join(value) if isinstance(value, list) else str(value)


def _clean(html: str) -> str:
    """HTML of unknown making, cut down to tables and text."""
    html = re.sub(r"(?is)<(style|script)\b.*?</\1\s*>", "", html)
    return str(bleach.clean(html, tags=_FOREIGN_TAGS, attributes=_FOREIGN_ATTRIBUTES, strip=True))
