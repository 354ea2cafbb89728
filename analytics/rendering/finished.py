"""A finished report read back: what it says of itself, its series, and the rows a reader sees."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np

from analytics.errors import FileError
from analytics.sidecar import UNREADABLE, check_series, load_text

URL = re.compile(r"https?://[^\s\"'<>\\]+")
_SEAL = re.compile(r'(<meta name="seal" content=")([0-9a-f]*)(">)')
_TAG = re.compile(r"<[/!]?([A-Za-z][A-Za-z0-9]{0,20})\b[^<>]{0,200000}>")
_REMEDY = "Give a report's HTML file"


@dataclass
class Finished:
    """What is in the HTML of a report.

    Parameters
    ----------
    provenance : Mapping
        From `analytics.rendering.manifest.describe_provenance`.
    numbers : list
        Its series: ``name``, ``recipe``, ``periods``.
    rows : Mapping
        Series -> name of a row -> its cells as a reader sees them.
    figures : list
        Charts as JSON.
    text : str
        All that a reader or a program can find in it, without the drawing library, the fonts and
        the addresses of sources.
    """

    language: str = ""
    provenance: Mapping[str, Any] = field(default_factory=dict)
    numbers: list[dict[str, Any]] = field(default_factory=list)
    rows: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    figures: list[Mapping[str, Any]] = field(default_factory=list)
    text: str = ""


def seal_page(html: str) -> str:
    """Return a page with the hash of all else that is in it, which `check_seal` looks for.

    Examples
    --------
    >>> page = seal_page('<meta name="seal" content=""><p>37 incidents</p>')
    >>> check_seal(page), check_seal(page.replace("37", "38")), check_seal("<p>37</p>")
    (True, False, None)
    """
    return _SEAL.sub(rf"\g<1>{_hash_unsealed(html)}\g<3>", html, count=1)


def check_seal(html: str) -> bool | None:
    """Return whether a page is as it was sealed; None where it has no seal."""
    found = _SEAL.search(html)
    return None if found is None else found[2] == _hash_unsealed(html)


def _hash_unsealed(html: str) -> str:
    plain = _SEAL.sub(r"\g<1>\g<3>", html, count=1)
    return hashlib.sha256(plain.encode("utf-8", "replace")).hexdigest()


def read_finished(html: str) -> Finished:
    """Return what is in the HTML of a report; nothing of it is run.

    Raises
    ------
    FileError
        If it is no report of this project, or one that was cut off.
    """
    _check_markup(html)
    reader = _Reader()
    reader.feed(html)
    reader.close()
    found = reader.found
    try:
        for name, text in reader.scripts.items():
            if name == "manifest":
                found.provenance = json.loads(text)
                _check_kinds(found.provenance, *found.provenance.values())
            elif name == "numbers":
                found.numbers = json.loads(text)["series"]
                check_series(found.numbers)
            elif name.startswith("figure-"):
                found.figures.append(json.loads(text))
                _check_kinds(*found.figures, *found.figures[-1].get("data", []))
    except UNREADABLE as error:
        raise FileError("the report", "holds data that cannot be read", "Render it anew") from error
    found.text = URL.sub(" ", "\n".join(reader.texts))
    return found


def load_finished(path: Path) -> tuple[str, Finished]:
    """Return the HTML of a file, and what is in it.

    Raises
    ------
    FileError
        If the file cannot be read, is cut off, or is no report.
    """
    html = load_text(path, _REMEDY)
    if "<html" in html[:200] and not html.rstrip().endswith("</html>"):
        raise FileError(path.name, "is cut off: its end is missing", _REMEDY)
    found = read_finished(html)
    if not found.provenance and not found.numbers:
        raise FileError(path.name, "is no report of this project", _REMEDY)
    return html, found


def _check_markup(html: str) -> None:
    """Refuse markup that no page of ours has, on which a parser may take minutes or read amiss."""
    at = 0
    while (at := html.find("<", at)) >= 0:
        tag = _TAG.match(html, at)
        if tag is None:
            raise FileError("the file", "is cut off, or is no page of this project", _REMEDY)
        at = tag.end()
        if tag[1] in ("script", "style") and tag[0][1] != "/":
            at = html.find(f"</{tag[1]}>", at)
            if at < 0:
                raise FileError("the file", "is cut off in its data", _REMEDY)


def _check_kinds(*values: Any) -> None:
    if not all(isinstance(value, dict) for value in values):
        raise TypeError("not an object of names and values")


def read_marks(figure: Mapping[str, Any]) -> list[tuple[str, list[float]]]:
    """Return the marks of a chart that stand for a cell or a group: its name, and its numbers."""
    marks = []
    for trace in figure.get("data", []):
        keys = _values(trace.get("customdata"))
        if not keys or not all(isinstance(key, str) for key in keys):
            continue
        axes = [_values(trace.get(axis)) for axis in ("x", "y")]
        for place, key in enumerate(keys):
            at = [axis[place] for axis in axes if place < len(axis)]
            marks.append((key, [float(v) for v in at if isinstance(v, int | float)]))
    return marks


def _values(value: Any) -> list[Any]:
    """A list of a chart, which may be packed as the bytes of an array."""
    if isinstance(value, Mapping) and "bdata" in value:
        packed = np.frombuffer(base64.b64decode(value["bdata"]), np.dtype(value["dtype"]))
        return list(packed.tolist())
    return list(value) if isinstance(value, list) else []


class _Reader(HTMLParser):
    """Gathers scripts by id, the rows of tables with records, and all texts."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found = Finished()
        self.scripts: dict[str, str] = {}
        self.texts: list[str] = []
        self.series = self.row = ""
        self.within = ""
        self.cell: list[str] | None = None
        self.depth = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "html":
            self.found.language = given.get("lang", "")
        if tag in ("script", "style", "template"):
            self.within = given.get("id", tag)
            return
        self.texts += [
            v for k, v in given.items() if k in ("alt", "aria-label", "title", "content")
        ]
        if tag == "details" and "data-series" in given:
            self.series, self.depth = given["data-series"], 0
        elif tag == "details":
            self.depth += 1
        elif tag == "tr":
            self.row = given.get("data-cell", "")
        elif tag in ("td", "th") and self.series and self.row:
            self.cell = []

    def handle_endtag(self, tag: str) -> None:
        if tag in ("script", "style", "template"):
            self.within = ""
        elif tag in ("td", "th") and self.cell is not None:
            rows = self.found.rows.setdefault(self.series, {})
            rows.setdefault(self.row, []).append("".join(self.cell))
            self.cell = None
        elif tag == "details":
            self.series = self.series if self.depth else ""
            self.depth = max(0, self.depth - 1)

    def handle_data(self, data: str) -> None:
        if self.within:
            self.scripts[self.within] = self.scripts.get(self.within, "") + data
            if self.within not in ("library", "style", "script"):
                self.texts.append(data)
            return
        self.texts.append(data)
        if self.cell is not None:
            self.cell.append(data)
