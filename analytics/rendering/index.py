"""One page that lists the reports of a folder by period, place and language."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from markupsafe import Markup

from analytics.errors import AnalyticsError, WindowError
from analytics.language import LANGUAGES, Language
from analytics.rendering.assets import hash_source, load_template, write_font_faces
from analytics.rendering.page import open_template
from analytics.rendering.period import Period
from analytics.rendering.prose import name_value, phrase, translate
from analytics.rendering.static import STATIC

NAME = "index.html"
_FORMATS = ("html", "pdf", STATIC)
_OWN_NAMES = {"en": "English", "ar": "العربية", "ckb": "کوردی"}
_POLICY = (
    "default-src 'none'; script-src '{script}'; style-src 'unsafe-inline'; font-src data:; "
    "base-uri 'none'; form-action 'none'"
)


@dataclass(frozen=True)
class Entry:
    """A report of one period and place, in the languages it is there in.

    Parameters
    ----------
    series, period, place : str
        Codes; empty where a report has none.
    titles : Mapping
        Language to title.
    files : Mapping
        Language to format to file name.
    """

    series: str
    period: str
    place: str
    titles: Mapping[str, str]
    files: Mapping[str, Mapping[str, str]]


def write_index(folder: Path) -> Path:
    """Write ``index.html`` from the manifests in a folder, whole and in one step; return its path.

    Parameters
    ----------
    folder : Path
        Where the reports are. A manifest that cannot be read, or whose files have gone, is left
        out.
    """
    path = folder / NAME
    partial = folder / f".{NAME}-{os.getpid()}"
    partial.write_text(compose_index(list(read_entries(folder))), encoding="utf-8")
    partial.replace(path)
    return path


def read_entries(folder: Path) -> Iterator[Entry]:
    """Yield what the manifests of a folder tell of, the latest period first."""
    found: dict[tuple[str, str, str], tuple[dict[str, str], dict[str, dict[str, str]]]] = {}
    for path in sorted(folder.glob("*.manifest.json")):
        with suppress(OSError, ValueError, KeyError, TypeError, AttributeError, AnalyticsError):
            manifest = json.loads(path.read_text(encoding="utf-8"))
            report, language = manifest["Report"], manifest["Report"]["language"]
            period, place = str(report.get("period", "")), str(report.get("place", ""))
            if period:
                Period.parse(period)
            files = {
                form: name
                for form in _FORMATS
                for name in manifest["Outputs"]
                if name == path.name.replace("manifest.json", form) and (folder / name).is_file()
            }
            if language in LANGUAGES and files:
                series = str(report.get("series") or report["definition"])
                titles, by_language = found.setdefault((series, period, place), ({}, {}))
                titles[language] = str(manifest.get("Title") or report["definition"])
                by_language[language] = files
    entries = [Entry(*key, *value) for key, value in found.items()]
    # Places in the order of their names within each list; the whole country stands first.
    entries.sort(key=lambda e: (e.series, e.place != "all", e.place))
    yield from sorted(entries, key=lambda e: _last_day(e.period), reverse=True)


def _last_day(period: str) -> str:
    return f"{Period.parse(period).end}{Period.parse(period).start}" if period else ""


def compose_index(entries: Iterable[Entry]) -> str:
    """Return the index as one HTML page that needs nothing from anywhere.

    Without a script it is a plain list; the language is chosen by style alone.
    """
    entries = list(entries)
    script = load_template("index.js")
    sections = [_describe_section(Language(code), entries) for code in LANGUAGES]
    html = open_template("index.html.j2").render(
        sections=sections,
        phrase=phrase,
        plain=lambda message, language: translate(message, language)[0],
        policy=_POLICY.format(script=hash_source(script.encode())),
        script=Markup(script),  # noqa: S704
        style="",
        names=_OWN_NAMES,
    )
    style = write_font_faces(html) + "\n" + load_template("index.css")
    return html.replace("<style></style>", f"<style>\n{style}</style>", 1)


def _describe_section(language: Language, entries: list[Entry]) -> dict[str, Any]:
    """What the page says in one language: groups of a period each, and the choices to filter by."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for entry in entries:
        groups.setdefault(entry.period, []).append(_describe_entry(entry, language))
    periods = {e.period: _name("period", e.period, language) for e in entries if e.period}
    places = {e.place: _name("place", e.place, language) for e in entries if e.place}
    return {
        "language": language,
        "groups": [
            {"name": periods.get(period, ""), "entries": listed}
            for period, listed in groups.items()
        ],
        "periods": periods,
        "places": dict(sorted(places.items(), key=lambda pair: (pair[0] != "all", pair[1]))),
    }


def _describe_entry(entry: Entry, language: Language) -> dict[str, Any]:
    shown = next(code for code in (language.code, *LANGUAGES) if code in entry.titles)
    return {
        "title": entry.titles[shown],
        "title_language": Language(shown),
        "link": quote(next(iter(entry.files[shown].values()))),
        "period": entry.period,
        "place": entry.place,
        "files": [
            (code, [(_label(form, language), quote(name)) for form, name in files.items()])
            for code in LANGUAGES
            if (files := entry.files.get(code))
        ],
    }


def _label(form: str, language: Language) -> str:
    return language.text("HTML without script") if form == STATIC else form.upper()


def _name(kind: str, value: str, language: Language) -> str:
    try:
        return name_value(kind, value, language)
    except WindowError:
        return value
