"""A finished report read back: what it says of itself, its series, and the rows a reader sees."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np

from analytics.errors import FileError

URL = re.compile(r"https?://[^\s\"'<>\\]+")


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


def read_finished(html: str) -> Finished:
    """Return what is in the HTML of a report.

    Raises
    ------
    FileError
        If it is no report of this project, or one that was cut off.
    """
    reader = _Reader()
    reader.feed(html)
    reader.close()
    found = reader.found
    try:
        for name, text in reader.scripts.items():
            if name == "manifest":
                found.provenance = json.loads(text)
            elif name == "numbers":
                found.numbers = json.loads(text)["series"]
            elif name.startswith("figure-"):
                found.figures.append(json.loads(text))
    except (ValueError, KeyError, TypeError) as error:
        raise FileError("the report", "holds data that cannot be read", "Render it anew") from error
    found.text = URL.sub(" ", "\n".join(reader.texts))
    return found


def load_finished(path: Path) -> tuple[str, Finished]:
    """Return the HTML of a file, and what is in it.

    Raises
    ------
    FileError
        If the file cannot be read or is no report.
    """
    try:
        html = path.read_bytes().decode("utf-8")
    except OSError as error:
        raise FileError(
            path.name, f"cannot be read ({error.strerror})", "Give a report's HTML file"
        ) from error
    except UnicodeDecodeError as error:
        raise FileError(path.name, "is not text in UTF-8", "Give a report's HTML file") from error
    found = read_finished(html)
    if not found.provenance and not found.numbers:
        raise FileError(path.name, "is no report of this project", "Give a report's HTML file")
    return html, found


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
        if tag in ("script", "style"):
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
        if tag in ("script", "style"):
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
