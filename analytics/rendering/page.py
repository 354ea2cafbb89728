"""An executed notebook as one HTML page that needs nothing from anywhere."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from analytics.language import Language
from analytics.rendering.assets import (
    hash_source,
    load_plotly,
    load_template,
    write_font_faces,
)
from analytics.rendering.evidence import gather_evidence
from analytics.rendering.finished import seal_page
from analytics.rendering.outputs import (
    Sheet,
    collect_packs,
    dump_json,
    find_title,
    render_cells,
)
from analytics.rendering.prose import name_report, phrase, translate

_H2 = re.compile(r'<h2 id="(.*?)">(.*?)</h2>')

# A number and its sign stay on one line.
_PERCENT = re.compile(r"(?<=\d) (?=[%٪])")

_CONTROLS = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 127], "\ufffd")


@dataclass(frozen=True)
class Page:
    """A composed page: its HTML, what it holds, and what the notebook wrote to stderr."""

    html: str
    title: str
    n_figures: int
    pack: dict[str, Any]
    """Its series and their records (`analytics.sidecar`)."""
    warnings: tuple[str, ...] = ()

    def without_library(self) -> str:
        """Return the HTML without plotly.js, for a browser page that holds it already."""
        payload, _ = load_plotly()
        return self.html.replace(payload, "", 1)


def compose_page(
    notebook: Mapping[str, Any],
    *,
    language: str = "en",
    title: str = "",
    values: Mapping[str, str] | None = None,
    provenance: Mapping[str, Any] | None = None,
    private: Iterable[Path] = (),
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
    values : Mapping, optional
        What fills its placeholders (`analytics.rendering.prose.name_report`).
    provenance : Mapping, optional
        What `analytics.rendering.manifest.describe_provenance` returns; printed at the end.
    private : iterable of Path
        Folders of this machine that the page must not name, if a cell should print them.

    Returns
    -------
    Page

    Raises
    ------
    RenderError
        If a cell holds an error, or nothing was executed.
    """
    speech = Language(language)
    pack = collect_packs(notebook)
    sheet = Sheet(speech, gather_evidence(pack, speech))
    title = title or notebook["metadata"].get("title") or find_title(notebook) or "Report"
    heading, is_translated = name_report(title, values or {}, speech)
    folders = tuple(private)
    body = hide_folders(Markup("").join(render_cells(notebook, sheet)), folders)
    body = Markup(_PERCENT.sub("\u00a0", body))  # noqa: S704
    figures = [Markup(hide_folders(figure, folders)) for figure in sheet.figures]  # noqa: S704
    payload, plotly_source = load_plotly() if figures else ("", "")
    script = load_template("charts.js") + load_template("page.js")
    end = _render_provenance(provenance, speech) if provenance else Markup("")
    shown = "".join((heading, body, end, *figures))
    html = open_template("page.html.j2").render(
        language=speech,
        title=heading,
        is_title_translated=is_translated,
        phrase=lambda message: phrase(message, speech),
        plain=lambda message: translate(message, speech)[0],
        contents=_H2.findall(body),
        body=body,
        provenance=end,
        machine_provenance=Markup(dump_json(provenance)) if provenance else "",  # noqa: S704
        numbers=Markup(dump_json(_numbers(pack))) if pack["series"] else "",  # noqa: S704
        figures=figures,
        payload=Markup(payload),  # noqa: S704
        script=Markup(script),  # noqa: S704
        policy=_policy(hash_source(script.encode()), plotly_source),
        style=Markup(write_font_faces(shown) + "\n" + load_template("style.css")),  # noqa: S704
        page_rules=Markup(_page_rules(heading, speech)),  # noqa: S704
    )
    return Page(seal_page(html), heading, len(figures), pack, tuple(sheet.warnings))


def _numbers(pack: Mapping[str, Any]) -> dict[str, Any]:
    """The series of a pack without their records: enough to check a page that stands alone."""
    kept = ("name", "recipe", "periods")
    return {"series": [{key: series[key] for key in kept} for series in pack["series"]]}


@lru_cache(maxsize=2)
def open_template(name: str) -> jinja2.Template:
    """Return a page's template; what it is given is escaped."""
    environment = jinja2.Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined
    )
    return environment.from_string(load_template(name))


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


def hide_folders(text: str, folders: Iterable[Path]) -> Any:
    """Return text without control characters, and without the way to a folder of this machine."""
    kind = type(text)
    text = text.translate(_CONTROLS)
    # The longest first; the root itself, or a first folder inside a longer address, is no secret.
    for folder in sorted({str(f) for f in folders if len(f.parts) > 1}, key=len, reverse=True):
        text = re.sub(rf"(?<![\w.:/-]){re.escape(folder)}(?=[/\s\"'<]|$)", "…", text)
    return kind(text)


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
