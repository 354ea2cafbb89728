"""The rules of an edition, checked on the finished file: one that breaks any is not published."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from analytics.editions import EDITIONS, Edition, load_edition
from analytics.editions.search import find_texts
from analytics.errors import FileError
from analytics.reference import load_districts, load_governorates
from analytics.rendering.finished import (
    URL,
    Finished,
    check_seal,
    load_finished,
    read_finished,
    read_marks,
)
from analytics.sidecar import UNREADABLE, load_text, name_cells

_BESIDE = ("data.json", "data.csv", "previous.json", "manifest.json")
_LOCAL = re.compile(r"(?:file://|/home/|/Users/|[A-Z]:\\+Users\\+)[\w.\\/-]*")
_MAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")
# A point in or about Iraq, with more decimals than a tenth of a degree.
_POINT = re.compile(r"\b(29|3[0-8])\.\d{2,}[^\d]{1,24}(3[89]|4[0-9])\.\d{2,}")
# Numbers along one axis of a chart, and three in a row or more anywhere, are a column and no point.
_NUMBER = r"(?:-?[\d.]+(?:[eE][-+]?\d+)?|null)"
_COLUMN = re.compile(rf'"[xy]":\[{_NUMBER},{_NUMBER}\]|\[(?:{_NUMBER},){{2,}}[^\[\]]*\]')


def lint_report(
    html: str,
    edition: str,
    *,
    withheld: Sequence[str] = (),
    files: Mapping[str, str] | None = None,
) -> list[str]:
    """Return what in a finished report its edition does not allow; empty if it may go out.

    Parameters
    ----------
    html : str
    edition : {"internal", "partner", "public"}
    withheld : sequence of str
        Fingerprints of texts that were left out (`analytics.editions.search`).
    files : mapping of name to text, optional
        Data files that go with the report.

    Returns
    -------
    list of str
        One sentence a fault.
    """
    rules, page = load_edition(edition), read_finished(html)
    texts = {"the page": page.text}
    # Addresses of sources are kept, whatever words they hold.
    texts |= {name: URL.sub(" ", text) for name, text in (files or {}).items()}
    return list(dict.fromkeys(_find_faults(rules, page, texts, withheld)))


def lint_files(stem: Path, edition: str, *, withheld: Sequence[str] = ()) -> list[str]:
    """Return what in a report's page and data files its edition does not allow.

    Parameters
    ----------
    stem : Path
        Of its files, from `analytics.rendering.verify.find_reports`.
    edition, withheld
        As for `lint_report`.

    Raises
    ------
    FileError
        If a file cannot be read or the page is no report.
    """
    html, _ = load_finished(stem.with_name(f"{stem.name}.html"))
    beside = [stem.with_name(f"{stem.name}.{ending}") for ending in _BESIDE]
    files = {path.name: load_text(path, "Render it anew") for path in beside if path.is_file()}
    changed = ["The page is not as it was made."] if check_seal(html) is False else []
    try:
        return changed + lint_report(html, edition, withheld=withheld, files=files)
    except UNREADABLE as error:
        raise FileError(stem.name, "holds data that cannot be read", "Render it anew") from error


def _find_faults(
    rules: Edition, page: Finished, texts: Mapping[str, str], withheld: Sequence[str]
) -> Iterator[str]:
    made_as = page.provenance.get("Report", {}).get("edition", "internal")
    rank = {name: place for place, name in enumerate(EDITIONS)}
    if page.provenance and rank.get(made_as, -1) < rank[rules.name]:
        yield f"The report was made as the {made_as} edition, not as the {rules.name} one."
    for where, text in texts.items():
        for found in _LOCAL.finditer(text):
            yield f"{where.capitalize()} holds a path of a machine: {found[0][:60]}."
        if rules.name == "internal":
            continue
        for found in _MAIL.finditer(text):
            yield f"{where.capitalize()} holds an address of a person: {found[0][:60]}."
        for found in _POINT.finditer(_COLUMN.sub(" ", text)):
            yield f"{where.capitalize()} holds a point: {' '.join(found[0].split())[:40]}."
        for words in find_texts(text, withheld):
            yield f"{where.capitalize()} holds a text that was left out of the records: {words}."
    if rules.place == "governorate":
        yield from _find_places(page)
    if rules.smallest:
        yield from _find_small(rules, page)
    if not rules.lists_records:
        yield from _find_lists(page)


def _is_fine(series: Mapping[str, Any]) -> bool:
    return bool(series["recipe"]["by"])


def _find_small(rules: Edition, page: Finished) -> Iterator[str]:
    """Small counts in the series, in the charts, and alone in their row or column."""
    for series in page.numbers:
        if not _is_fine(series):
            continue
        periods = series["periods"]
        keys = name_cells(series)
        for key, count in zip(keys, periods["count"], strict=True):
            if _is_small(count, rules):
                yield f"{series['name']}: the cell {key} is {count:g}, below {rules.smallest}."
        if "is_withheld" not in periods:
            yield f"{series['name']}: no small cells were looked for in it."
            continue
        yield from _find_given_away(series, keys)
        names = set(keys) | {key.rpartition(" ")[0] for key in keys}
        for figure in page.figures:
            for key, numbers in read_marks(figure):
                if key in names and any(_is_small(number, rules) for number in numbers):
                    yield f"{series['name']}: a chart draws a small count at {key}."


def _find_given_away(series: Mapping[str, Any], keys: Sequence[str]) -> Iterator[str]:
    """A cell that is the only one withheld in its period is known from the total of the period."""
    alone: dict[str, list[str]] = {}
    for key, is_withheld in zip(keys, series["periods"]["is_withheld"], strict=True):
        if is_withheld:
            alone.setdefault(key.rpartition(" ")[2], []).append(key)
    for hidden in alone.values():
        if len(hidden) == 1 and len(set(series["periods"][series["recipe"]["by"]])) > 1:
            yield f"{series['name']}: the cell {hidden[0]} is known from its period's total."


def _find_lists(page: Finished) -> Iterator[str]:
    """Records named in the rows of series that are split by place or kind."""
    for series in page.numbers:
        if _is_fine(series):
            for key, cells in page.rows.get(series["name"], {}).items():
                if "R-" in cells[-1]:
                    yield f"{series['name']}: the row {key} names its records."


def _find_places(page: Finished) -> Iterator[str]:
    """Names of districts in tables and charts; a governorate may have the name of one."""
    governorates = load_governorates().filter(like="name_").to_numpy().ravel().tolist()
    names = load_districts().filter(like="name_").to_numpy().ravel().tolist()
    districts = {str(name) for name in names} - {str(name) for name in governorates} - {"nan"}
    shown = {cell for rows in page.rows.values() for cells in rows.values() for cell in cells}
    marks = {key for figure in page.figures for key, _ in read_marks(figure)}
    for text in sorted(shown | marks):
        if text.strip() in districts:
            yield f"A table or chart names the district {text.strip()}."


def _is_small(number: Any, rules: Edition) -> bool:
    return isinstance(number, int | float) and 1e-9 < number < rules.smallest - 1e-9
