"""Bring the catalogues of the Arabic and Sorani Kurdish reports up to date with what is said.

Usage: python scripts/catalogues.py

Messages come from the package, the page's template, the notebooks (code and prose) and the titles
in reports/. Translations are kept. A message that was reworded keeps the old translation, marked
``fuzzy``, which no report shows until a translator has removed the mark. Prints what is missing.
"""

from __future__ import annotations

import ast
import io
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po
from jinja2.ext import babel_extract

from analytics.rendering.definitions import load_definition
from analytics.rendering.manifest import describe_provenance
from analytics.rendering.prose import iter_messages

ROOT = Path(__file__).resolve().parents[1]
LOCALES = ROOT / "analytics" / "locale"
LANGUAGES = ("ar", "ckb")
# Functions whose first argument is a message; `t` is short for `language.text` in the tables.
KEYWORDS = {"text": None, "t": None, "mark": None, "plural": (1, 2), "phrase": (1,)}
KEYWORDS |= {"translate": (1,), "plain": None}

Found = Iterator[tuple[str, str | tuple[str, ...]]]


def extract_messages(root: Path = ROOT) -> Catalog:
    """Return every message that a report can ask for, in the order of the files."""
    template = Catalog(charset="utf-8")
    for file, message in (
        *_from_code(root),
        *_from_pages(root),
        *_from_notebooks(root),
        *_from_definitions(root),
    ):
        template.add(message, locations=[(file, 0)])
    return template


def list_missing(catalogue: Catalog) -> list[Message]:
    """Return the messages without a translation, or with one that is doubted."""
    return [message for message in catalogue if message.id and not _is_translated(message)]


def read_catalogue(language: str) -> Catalog:
    """Return a catalogue as it is kept."""
    with _path_of(language).open("rb") as file:
        return read_po(file, locale=language)


def update_catalogue(catalogue: Catalog, template: Catalog) -> None:
    """Give a catalogue the messages of the template; translations and comments stay."""
    catalogue.update(template, update_creation_date=False)
    for message in catalogue:
        # "95 % interval" looks like a format to gettext, and is none.
        message.flags.discard("python-format")


def write_catalogue(language: str, catalogue: Catalog) -> None:
    """Write a catalogue back: file names without line numbers, so that changes are few."""
    with _path_of(language).open("wb") as file:
        write_po(file, catalogue, width=100, include_lineno=False, include_previous=True)


def main() -> int:
    """Update every catalogue and print how many messages each lacks."""
    template = extract_messages()
    for language in LANGUAGES:
        catalogue = read_catalogue(language)
        update_catalogue(catalogue, template)
        write_catalogue(language, catalogue)
        missing = list_missing(catalogue)
        print(f"{language}: {len(catalogue)} messages, {len(missing)} missing")
        for message in missing:
            print(f"  {message.id}")
    return 0


def _path_of(language: str) -> Path:
    return LOCALES / language / "LC_MESSAGES" / "analytics.po"


def _is_translated(message: Message) -> bool:
    forms = message.string if isinstance(message.string, tuple | list) else [message.string]
    return all(forms) and not message.fuzzy


def _from_code(root: Path) -> Found:
    """Messages that are literals of the package; adjoining literals are one message."""
    for path in sorted((root / "analytics").rglob("*.py")):
        yield from _from_source(path.read_text(encoding="utf-8"), _name(path, root))


def _from_source(source: str, file: str) -> Found:
    for _, message, *_ in extract(_find_calls, io.BytesIO(source.encode()), keywords=KEYWORDS):
        yield file, message


def _find_calls(
    file: IO[bytes], keywords: Any, comment_tags: Any, options: Any
) -> Iterator[tuple[int, str, tuple[str | None, ...], list[str]]]:
    """Yield the calls of the keywords to Babel, whose own reader loses a call within a call."""
    calls = [node for node in ast.walk(ast.parse(file.read())) if isinstance(node, ast.Call)]
    for call in sorted(calls, key=lambda call: (call.lineno, call.col_offset)):
        name = getattr(call.func, "attr", getattr(call.func, "id", ""))
        if name in keywords:
            values = [getattr(argument, "value", None) for argument in call.args]
            yield call.lineno, name, tuple(v if isinstance(v, str) else None for v in values), []


def _from_pages(root: Path) -> Found:
    """What the page itself says, around the cells and in the table of how it was made."""
    for path in sorted((root / "analytics" / "rendering" / "template").glob("*.j2")):
        with path.open("rb") as file:
            for _, message, *_ in extract(babel_extract, file, keywords=KEYWORDS):
                yield _name(path, root), message


def _from_notebooks(root: Path) -> Found:
    for path in sorted((root / "notebooks").glob("*.ipynb")):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            source = "".join(cell["source"])
            if cell["cell_type"] == "code":
                yield from _from_source(source, _name(path, root))
            elif cell["cell_type"] == "markdown":
                for message in iter_messages(source):
                    yield _name(path, root), message


def _from_definitions(root: Path) -> Found:
    """Titles of reports, and the groups of their provenance."""
    for path in sorted((root / "reports").glob("*.yaml")):
        definition = load_definition(path)
        yield _name(path, root), definition.title
        for group in describe_provenance(definition, language="en", parameters={}):
            yield "analytics/rendering/manifest.py", group


def _name(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix()


if __name__ == "__main__":
    sys.exit(main())
