"""The title of a report and the markdown of its notebook, in the language of the report.

A message of the catalogue is a heading, a paragraph or one item of a list, without its mark and on
one line. A message without a translation stays English, and is marked so that a reader sees it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import count
from typing import Any

import mistune
import pandas as pd
from markupsafe import Markup, escape

from analytics.language import Language
from analytics.names import name_group, name_period
from analytics.rendering.period import Period

_MARK = re.compile(r"^(\s*(?:#{1,6}|[-*+]|\d{1,9}[.)]|>)\s+)(.*)$", re.DOTALL)
_ITEM = re.compile(r"^\s*(?:[-*+]|\d{1,9}[.)])\s+")
_AS_IT_IS = ("```", "~~~", "|", "    ")
# Marks that `Language.text` puts around what it has no translation for.
_MISSING = ("⟦", "⟧")


def iter_messages(markdown: str) -> Iterator[str]:
    r"""Yield the messages of a markdown text, as the catalogues hold them.

    Examples
    --------
    >>> list(iter_messages("# Title\n\nOne\nsentence.\n\n- a\n- b"))
    ['Title', 'One sentence.', 'a', 'b']
    """
    for _, message in _messages(markdown):
        if message:
            yield message


def translate(message: str, language: Language) -> tuple[str, bool]:
    """Return a message in a language, and whether there was a translation.

    Examples
    --------
    >>> translate("Contents", Language("en"))
    ('Contents', True)
    """
    if language.code == "en":
        return message, True
    if "{" in message or "}" in message:
        return message, False
    text = language.text(message)
    if text.startswith(_MISSING[0]) and text.endswith(_MISSING[1]):
        return text[1:-1], False
    return text, True


def phrase(message: str, language: Language, value: str = "") -> Markup:
    """Return a phrase of the page itself as HTML, ``%1`` filled; marked if not translated."""
    text, is_translated = translate(message, language)
    text = text.replace("%1", value)
    return Markup(escape(text)) if is_translated else _untranslated(escape(text), "span")  # noqa: S704


def name_report(title: str, values: Mapping[str, str], language: Language) -> tuple[str, bool]:
    """Return a report's title, and whether there was a translation; else it is in English.

    Parameters
    ----------
    title : str
        In English, with a placeholder for each of the values, as the catalogues hold it.
    values : Mapping
        ``period`` as its label, ``place`` as its code; other values stand as they are.
    language : Language

    Examples
    --------
    >>> name_report("Attacks in {place}, {period}", {"place": "IQ-KI", "period": "2021-12"},
    ...             Language("en"))
    ('Attacks in Kirkuk, December 2021', True)
    """
    if not values:
        return translate(title, language)
    text = language.text(title, **_name_all(values, language))
    if not text.startswith("⟦"):
        return text, True
    return Language("en").text(title, **_name_all(values, Language("en"))), False


def _name_all(values: Mapping[str, str], language: Language) -> dict[str, str]:
    return {name: name_value(name, value, language) for name, value in values.items()}


def name_value(name: str, value: str, language: Language) -> str:
    """Return what a report of a series stands for in words: its period, its place.

    Examples
    --------
    >>> name_value("period", "2021-Q4", Language("en")), name_value("place", "all", Language("en"))
    ('October – December 2021', 'Iraq')
    """
    if name == "period":
        period = Period.parse(value)
        return name_period(pd.Timestamp(period.start), period.length, language)
    if name == "place":
        if value == "all":
            return language.text("Iraq")
        return name_group("zone", name_group("governorate", value, language), language)
    return value


def render_prose(markdown: str, language: Language, numbers: Iterator[int] | None = None) -> Markup:
    r"""Return markdown as HTML; raw HTML in it is shown as text, images as their description.

    Parameters
    ----------
    markdown : str
    language : Language
    numbers : iterator of int, optional
        Numbers for the ids of headings, shared by all texts of a page.

    Examples
    --------
    >>> render_prose("## What happened", Language("en"))
    Markup('<h2 id="part-1">What happened</h2>\n')
    """
    render = mistune.create_markdown(
        renderer=_Renderer(numbers or count(1)), plugins=["table", "strikethrough"]
    )
    pieces: list[tuple[str, bool]] = []
    for mark, message in _messages(markdown):
        text, is_translated = translate(message, language) if message else ("", True)
        # Blocks are rendered together where they can be: the items of a list are one list.
        if pieces and pieces[-1][1] == is_translated:
            text = pieces.pop()[0] + mark + text
        else:
            text = mark.lstrip("\n") + text
        pieces.append((text, is_translated))
    html = [
        Markup(render(text)) if is_translated else _untranslated(render(text), "div")  # noqa: S704
        for text, is_translated in pieces
    ]
    return Markup("").join(html)


def render_sentences(markdown: str, numbers: Iterator[int] | None = None) -> Markup:
    """Return markdown that is in the language of the report already, as HTML."""
    return render_prose(markdown, Language("en"), numbers)


def _untranslated(html: Any, tag: str) -> Markup:
    return Markup(f'<{tag} class="untranslated" lang="en" dir="ltr">{html}</{tag}>')  # noqa: S704


def _messages(markdown: str) -> Iterator[tuple[str, str]]:
    """Yield (what stands before it, message); what is not prose comes whole, as a mark alone."""
    for block in _blocks(markdown):
        if block.startswith(_AS_IT_IS):
            yield f"\n\n{block}", ""
            continue
        gap = "\n\n"
        for part in _items(block):
            found = _MARK.match(part)
            mark, text = found.groups() if found else ("", part)
            yield gap + mark, " ".join(text.split())
            gap = "\n"


def _blocks(markdown: str) -> Iterator[str]:
    """Yield blocks parted by blank lines, a fence being one block."""
    lines: list[str] = []
    fence = ""
    for line in markdown.splitlines():
        if line.startswith(("```", "~~~")):
            fence = "" if fence and line.startswith(fence) else fence or line[:3]
        is_heading = line.startswith("#") and not fence
        if (line.strip() or fence) and not is_heading:
            lines.append(line)
            continue
        if lines:
            yield "\n".join(lines)
        lines = []
        if is_heading:
            yield line
    if lines:
        yield "\n".join(lines)


def _items(block: str) -> Iterator[str]:
    """Yield the items of a list, or the block itself."""
    lines: list[str] = []
    for line in block.splitlines():
        if _ITEM.match(line) and lines:
            yield "\n".join(lines)
            lines = []
        lines.append(line)
    yield "\n".join(lines)


class _Renderer(mistune.HTMLRenderer):
    """HTML without raw HTML, images from elsewhere or a second level-one heading."""

    def __init__(self, numbers: Iterator[int]) -> None:
        super().__init__(escape=True)
        self.numbers = numbers

    def heading(self, text: str, level: int, **attrs: Any) -> str:
        level = max(2, level)
        return f'<h{level} id="part-{next(self.numbers)}">{text}</h{level}>\n'

    def image(self, text: str, url: str, title: str | None = None) -> str:
        return str(escape(text))

    def link(self, text: str, url: str, title: str | None = None) -> str:
        if not url.startswith(("https://", "http://", "mailto:", "#")):
            return text
        return f'<a href="{escape(url)}" rel="noopener noreferrer">{text}</a>'
