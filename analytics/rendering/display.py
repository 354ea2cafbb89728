"""What a notebook cell shows: a figure, a table, sentences, key numbers.

Each shows at once in JupyterLab and, by the metadata of its output, in the exported report. Text
that comes from records is escaped here, whatever it contains; nothing passes as markup unless it
already is `markupsafe.Markup`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from IPython.display import display
from markupsafe import Markup, escape

from analytics.errors import ParameterError
from analytics.language import mark
from analytics.sidecar import pack_traces

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go

    from analytics.trace import Trace

PLOTLY = "application/vnd.plotly.v1+json"
FOLD = mark("Data behind this chart")
ROLE = "analytics"
"""Key of our own part of an output's metadata."""

# A figure of any script: digits with their separators, signs and brackets, and the dash for none.
_NUMERIC = re.compile(
    r"^[\s+\-−–~≈<>≤≥(\[]*(?:\d[\d\s.,:/٫٬%٪×–−\-)\]\u2066-\u2069\u200e\u200f]*)?$"
)
_MARKUP = re.compile(r"([\\`*_{}\[\]()<>#+!|~$-])")


def show_figure(
    figure: go.Figure | None,
    *,
    caption: str,
    alt: str,
    table: pd.DataFrame | Markup | None = None,
    trace: Trace | None = None,
    summary: str = FOLD,
) -> None:
    """Show a figure with its caption, a text in its place, and the table behind it.

    Parameters
    ----------
    figure : plotly Figure or None
        None, where there is nothing to draw, shows nothing.
    caption : str
        What the reader should see in it, as plain text.
    alt : str
        The same for who cannot see it: what is drawn, and its main numbers.
    table : DataFrame or Markup, optional
        The numbers drawn, as for `show_table`; folded away until asked for.
    trace : Trace, optional
        The series drawn: in the report each row of the table, named for a cell or a group by its
        index, opens to the records behind it.
    summary : str
        Label of the fold; a report says the default in its own language.

    Raises
    ------
    ParameterError
        If the caption or the alternative text is empty.
    """
    if figure is None:
        return
    for name, text in (("caption", caption), ("alt", alt)):
        if not text.strip():
            raise ParameterError(f"{name} of a figure", "is empty", "Say what the figure shows")
    behind = format_table(table, caption=caption) if table is not None and len(table) else ""
    role = {"kind": "figure", "caption": caption, "alt": alt, "has_more": True}
    drawn = json.loads(figure.to_json())
    display(  # type: ignore[no-untyped-call]
        {PLOTLY: drawn, "text/plain": alt}, metadata={ROLE: role}, raw=True
    )
    fold = f"<details><summary>{escape(summary)}</summary>{behind}</details>" if behind else ""
    more: dict[str, Any] = {"kind": "figure-more", "fold": fold}
    if trace is not None and table is not None and not isinstance(table, Markup):
        more |= {"series": trace.name, "pack": pack_traces([trace])}
        more["table"] = json.loads(table.to_json(orient="split", date_format="iso"))
    _display_html(f"<p>{escape(caption)}</p>{fold}", caption, more)


def show_table(table: pd.DataFrame | Markup, *, caption: str, note: str = "") -> None:
    """Show a table with its caption and, under it, a note; nothing where it has no rows.

    Parameters
    ----------
    table : DataFrame or Markup
        Of a frame each cell is shown as its text, escaped, and the first column names the row;
        a missing value is a dash. Markup is taken as it is.
    caption, note : str
        Plain text.

    Raises
    ------
    ParameterError
        If the table is text that is not Markup, or the caption is empty.
    """
    if not caption.strip():
        raise ParameterError("caption of a table", "is empty", "Say what the table shows")
    if not isinstance(table, str) and not len(table):
        return
    html = format_table(table, caption=caption)
    if note:
        html += Markup('<p class="note">{}</p>').format(note)
    _display_html(html, caption, {"kind": "table"})


def show_text(*sentences: str) -> None:
    """Show sentences as paragraphs; markdown is understood, HTML is not.

    Pass text from records through `escape_markdown` first.
    """
    text = "\n\n".join(filter(None, sentences))
    if not text:
        return
    display({"text/markdown": text, "text/plain": text}, raw=True)  # type: ignore[no-untyped-call]


def show_lead(*sentences: str) -> None:
    """Show what a reader must take away, in larger type: plain text, whatever it holds."""
    text = " ".join(filter(None, sentences))
    if text:
        _display_html(f'<p class="lead">{escape(text)}</p>', text, {"kind": "lead"})


def show_list(*sentences: str) -> None:
    """Show sentences as the items of a list; markdown is understood, HTML is not."""
    show_text("\n".join(f"- {sentence}" for sentence in sentences if sentence))


def show_terms(terms: Sequence[tuple[str, str]]) -> None:
    """Show terms with what they mean, as a list of definitions."""
    items = "".join(
        f"<div><dt>{escape(term)}</dt><dd>{escape(meaning)}</dd></div>" for term, meaning in terms
    )
    plain = "\n".join(f"{term}: {meaning}" for term, meaning in terms)
    _display_html(f'<dl class="terms">{items}</dl>', plain, {"kind": "terms"})


def show_key_numbers(numbers: Sequence[tuple[str, str, str]]) -> None:
    """Show a row of key numbers.

    Parameters
    ----------
    numbers : sequence of (value, label, note)
        Formatted value, what it is, and its interval or comparison (may be empty).
    """
    items = "".join(
        f"<div><dt>{escape(label)}</dt><dd><strong>{escape(value)}</strong>"
        + (f"<span>{escape(note)}</span>" if note else "")
        + "</dd></div>"
        for value, label, note in numbers
    )
    plain = "; ".join(f"{label}: {value}" for value, label, _ in numbers)
    _display_html(f'<dl class="key-numbers">{items}</dl>', plain, {"kind": "key-numbers"})


def escape_markdown(text: str) -> str:
    r"""Return text that markdown shows as it is.

    Examples
    --------
    >>> print(escape_markdown("<b>[Hawija](http://x)</b>"))
    \<b\>\[Hawija\]\(http://x\)\</b\>
    """
    # A full stop or a bracket after a number at the start of a line would open a list.
    return re.sub(r"(?m)^(\s*\d+)([.)])", r"\1\\\2", _MARKUP.sub(r"\\\1", text))


def format_table(
    table: pd.DataFrame | Markup,
    *,
    caption: str = "",
    last: tuple[str, Callable[[str], Markup]] | None = None,
) -> Markup:
    """Return a frame as an HTML table, every cell escaped.

    Column heads carry ``scope="col"``, the first cell of each row ``scope="row"``; a column whose
    cells are all figures is marked for alignment. ``last`` is the head of one more column and what
    gives its cell for a row's name in the index.

    Raises
    ------
    ParameterError
        If given text that is not Markup.

    Examples
    --------
    >>> import pandas as pd
    >>> html = format_table(pd.DataFrame({"Place": ["<Tuz>"], "Attacks": ["3"]}))
    >>> html[html.index("<tbody>") :].split("</tr>")[0]
    Markup('<tbody><tr><th scope="row">&lt;Tuz&gt;</th><td class="figure">3</td>')
    """
    if isinstance(table, Markup):
        return table
    if isinstance(table, str):
        raise ParameterError(
            "a table given as text", "may hold markup from records", "Give a frame or Markup"
        )
    columns = [[_cell(value) for value in table.iloc[:, i]] for i in range(table.shape[1])]
    marks = [
        ' class="figure"' if cells and all(map(_NUMERIC.match, cells)) else "" for cells in columns
    ]
    if marks:
        marks[0] = ""
    head = "".join(
        f'<th scope="col"{mark}>{escape(str(name))}</th>'
        for name, mark in zip(table.columns, marks, strict=True)
    )
    if last:
        head += f'<th scope="col">{escape(last[0])}</th>'
    rows = []
    for name, *cells in zip(map(str, table.index), *columns, strict=True):
        first, *rest = map(escape, cells)
        row = f'<th scope="row">{first}</th>' + "".join(
            f"<td{mark}>{cell}</td>" for mark, cell in zip(marks[1:], rest, strict=True)
        )
        if last:
            row += f'<td class="records">{last[1](name)}</td>'
        rows.append(f'<tr data-cell="{escape(name)}">{row}</tr>' if last else f"<tr>{row}</tr>")
    title = f"<caption>{escape(caption)}</caption>" if caption else ""
    # A table wider than the page scrolls, and what scrolls must be within reach of the keyboard.
    group = f' role="group" tabindex="0" aria-label="{escape(caption)}"' if caption else ""
    return Markup(  # noqa: S704
        f'<div class="table"{group}><table>{title}<thead><tr>{head}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


def _cell(value: Any) -> str:
    if value is None or value != value or str(value) in ("NaT", "<NA>"):
        return "–"
    return str(value)


def _display_html(html: str, plain: str, role: dict[str, Any]) -> None:
    bundle = {"text/html": html, "text/plain": plain}
    display(bundle, metadata={ROLE: role}, raw=True)  # type: ignore[no-untyped-call]
