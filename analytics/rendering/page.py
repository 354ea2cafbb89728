"""An executed notebook as one HTML page that needs nothing from anywhere."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import count
from typing import Any

import bleach
import jinja2
from markupsafe import Markup

from analytics.errors import RenderError
from analytics.language import Language
from analytics.rendering.assets import (
    FONT_FAMILY,
    hash_source,
    load_plotly,
    load_template,
    write_font_faces,
)
from analytics.rendering.display import PLOTLY, ROLE
from analytics.rendering.prose import phrase, render_prose, render_sentences, translate

_TITLE = re.compile(r"^#\s+(.+?)\s*$", re.MULTILINE)
_H2 = re.compile(r'<h2 id="(.*?)">(.*?)</h2>')
_BOXES = ("summary", "note", "limits")
_IMAGES = ("image/svg+xml", "image/png", "image/jpeg")
_FOREIGN_TAGS = {
    *("table", "caption", "colgroup", "col", "thead", "tbody", "tfoot", "tr", "th", "td", "div"),
    *("p", "span", "b", "i", "em", "strong", "code", "pre", "ul", "ol", "li", "dl", "dt", "dd"),
    *("br", "hr", "sub", "sup", "small", "h3", "h4", "h5", "h6"),
}
_FOREIGN_ATTRIBUTES = {"*": ["colspan", "rowspan", "scope", "title", "dir", "lang"]}


@dataclass(frozen=True)
class Page:
    """A composed page: its HTML, what it holds, and what the notebook wrote to stderr."""

    html: str
    title: str
    n_figures: int
    warnings: tuple[str, ...] = ()

    def without_library(self) -> str:
        """Return the HTML without plotly.js, for a browser page that holds it already."""
        payload, _ = load_plotly()
        return self.html.replace(payload, "", 1)


@dataclass
class _Sheet:
    """What is gathered while the cells are read."""

    language: Language
    numbers: Iterator[int] = field(default_factory=lambda: count(1))
    figures: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def compose_page(
    notebook: Mapping[str, Any],
    *,
    language: str = "en",
    title: str = "",
    provenance: Mapping[str, Any] | None = None,
) -> Page:
    """Return an executed notebook as one HTML page.

    Code is left out. Markdown cells are translated block by block; outputs are in the language of
    the report already. The same notebook gives the same bytes.

    Parameters
    ----------
    notebook : NotebookNode
        Executed; ``metadata.title`` is the title where none is given, else its first heading.
    language : {"en", "ar", "ckb"}
    title : str
        In English; translated by the catalogue.
    provenance : Mapping, optional
        What `analytics.rendering.manifest.describe_provenance` returns; printed at the end.

    Returns
    -------
    Page

    Raises
    ------
    RenderError
        If a cell holds an error, or nothing was executed.
    """
    speech = Language(language)
    sheet = _Sheet(speech)
    title = title or notebook["metadata"].get("title") or _first_title(notebook)
    heading, is_translated = translate(title, speech)
    body = Markup("").join(_render_cells(notebook, sheet))
    payload, plotly_source = load_plotly() if sheet.figures else ("", "")
    script = load_template("page.js")
    end = _render_provenance(provenance, speech) if provenance else Markup("")
    shown = "".join((heading, body, end, *sheet.figures))
    html = _template().render(
        language=speech,
        title=heading,
        is_title_translated=is_translated,
        phrase=lambda message: phrase(message, speech),
        plain=lambda message: translate(message, speech)[0],
        contents=_H2.findall(body),
        body=body,
        provenance=end,
        machine_provenance=Markup(_json(provenance)) if provenance else "",  # noqa: S704
        figures=list(map(Markup, sheet.figures)),
        payload=Markup(payload),  # noqa: S704
        script=Markup(script),  # noqa: S704
        policy=_policy(hash_source(script.encode()), plotly_source),
        style=Markup(write_font_faces(shown) + "\n" + load_template("style.css")),  # noqa: S704
        page_rules=Markup(_page_rules(heading, speech)),  # noqa: S704
        fonts=FONT_FAMILY,
    )
    return Page(html, heading, len(sheet.figures), tuple(sheet.warnings))


@lru_cache(maxsize=1)
def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined
    )
    return environment.from_string(load_template("page.html.j2"))


def _first_title(notebook: Mapping[str, Any]) -> str:
    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown" and (found := _TITLE.search(cell["source"])):
            return found[1]
    return "Report"


def _render_cells(notebook: Mapping[str, Any], sheet: _Sheet) -> Iterator[Markup]:
    has_title = False
    for number, cell in enumerate(notebook["cells"], start=1):
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
        tags = cell["metadata"].get("tags", [])
        if html and (box := next((tag for tag in tags if tag in _BOXES), "")):
            html = Markup('<div class="{}">{}</div>').format(box, html)
        yield html


def _render_outputs(cell: Mapping[str, Any], number: int, sheet: _Sheet) -> Iterator[Markup]:
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


def _render_bundle(data: Mapping[str, Any], role: Mapping[str, Any], sheet: _Sheet) -> Markup:
    """One displayed object, in the richest form that a page can hold."""
    if PLOTLY in data:
        return _render_figure(data[PLOTLY], role, sheet)
    if "text/html" in data:
        html = _text(data["text/html"])
        if role.get("kind") == "figure-more":
            return Markup(role["fold"]) + Markup("</figure>\n")  # noqa: S704
        # Only what `analytics.rendering.display` wrote is known to have escaped its records.
        return Markup(html if role else f'<div class="table">{_clean(html)}</div>') + "\n"  # noqa: S704
    if "text/markdown" in data:
        return render_sentences(_text(data["text/markdown"]), sheet.numbers)
    for kind in _IMAGES:
        if kind in data:
            return _render_image(kind, _text(data[kind]), _text(data.get("text/plain", "")))
    return Markup("<pre>{}</pre>\n").format(_text(data.get("text/plain", "")))


def _render_figure(figure: Mapping[str, Any], role: Mapping[str, Any], sheet: _Sheet) -> Markup:
    sheet.figures.append(_json(figure))
    number = len(sheet.figures)
    layout = figure.get("layout", {})
    height = layout.get("height") or layout.get("template", {}).get("layout", {}).get("height")
    start = Markup(
        '<figure id="figure-{0}" class="chart"><figcaption>{1}</figcaption>'
        '<div class="plot" role="img" dir="ltr" aria-label="{2}" data-figure="{0}" '
        'style="block-size:{3}px"></div>'
    ).format(number, role.get("caption", ""), role.get("alt") or "Chart", int(height or 420))
    # What `show_figure` displays next is the fold with the table, and closes the figure.
    return start if role.get("has_more") else start + Markup("</figure>\n")


def _render_image(kind: str, content: str, alt: str) -> Markup:
    if kind == "image/svg+xml":
        import base64

        content = base64.b64encode(content.encode()).decode()
    source = f"data:{kind};base64,{''.join(content.split())}"
    return Markup('<figure><img src="{}" alt="{}"></figure>\n').format(source, alt)


def _render_provenance(provenance: Mapping[str, Any], language: Language) -> Markup:
    """What the report was made of: a row a group, its entries left to right in any language."""
    rows = [
        Markup('<tr><th scope="row">{}</th><td><ul dir="ltr">{}</ul></td></tr>').format(
            phrase(group, language),
            Markup("").join(
                Markup("<li><b>{}</b> {}</li>").format(name, _show(value))
                for name, value in entries.items()
                if value != ""
            ),
        )
        for group, entries in provenance.items()
        if entries
    ]
    return Markup('<table class="plain"><tbody>{}</tbody></table>').format(Markup("\n").join(rows))


def _show(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _policy(*sources: str) -> str:
    scripts = " ".join(f"'{source}'" for source in sources if source)
    return (
        f"default-src 'none'; script-src {scripts}; style-src 'unsafe-inline'; "
        "img-src data: blob:; font-src data:; base-uri 'none'; form-action 'none'"
    )


def _page_rules(title: str, language: Language) -> str:
    """Running header and page x of y, set by the browser in the margins of a printed page."""
    digits = "arabic-indic" if language.numbering == "arab" else "decimal"
    start, end = ("left", "right") if language.direction == "ltr" else ("right", "left")
    pages = translate("Page %1 of %2", language)[0]
    content = " ".join(
        {"%1": f"counter(page,{digits})", "%2": f"counter(pages,{digits})"}.get(
            part, _css_string(part)
        )
        for part in re.split(r"(%[12])", pages)
        if part
    )
    return (
        f"@page{{@top-{start}{{content:{_css_string(title)}}}@bottom-{end}{{content:{content}}}}}"
        "@page:first{@top-left{content:none}@top-right{content:none}}"
    )


def _css_string(text: str) -> str:
    safe = "".join(c if c.isalnum() or c in " .,:;-" else f"\\{ord(c):x} " for c in text)
    return f'"{safe}"'


def _json(value: Any) -> str:
    """JSON that can stand in a script element, the same for the same value."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _text(value: Any) -> str:
    return "".join(value) if isinstance(value, list) else str(value)


def _clean(html: str) -> str:
    """HTML of unknown making, cut down to tables and text."""
    html = re.sub(r"(?is)<(style|script)\b.*?</\1\s*>", "", html)
    return str(bleach.clean(html, tags=_FOREIGN_TAGS, attributes=_FOREIGN_ATTRIBUTES, strip=True))
