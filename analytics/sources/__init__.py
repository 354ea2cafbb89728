"""Where records come from: one YAML mapping per source, recognised by its header.

A mapping of your own is a copy of one of these files, its path given as the source.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from analytics.errors import FileError, ParameterError, TableError
from analytics.schema import RECORD, names

PRECISIONS = ("day", "week", "month", "year")
_DATE_COLUMNS = ("date_start", "date_end")
_PARTS = ("country", "perpetrator", "recode", "constants", "extras")
_KEYS = {
    *_PARTS, "unknown", "rounded",
    "title", "one_row_is", "reference", "recognised_by", "earliest", "columns", "dates", "parties",
}  # fmt: skip
_INSIDE = {
    "dates": {"start", "end", "formats", "precision", "year", "month", "day", "text", "day_first"},
    "country": {"column", "is"},
    "perpetrator": {"only_where"},
}


@dataclass(frozen=True)
class Source:
    """How the columns of one source become those of a record.

    Parameters
    ----------
    name : str
        Short name, as in ``--source``.
    title : str
        What the table is, for people.
    recognised_by : tuple of tuple of str
        Columns that a table of this source has; of alternatives, one.
    columns : mapping
        Record column to the columns of the file that may hold it; of several, the first cell
        that is not empty.
    dates : mapping
        ``start``, ``end``: columns; ``formats``: forms the engine reads, beside ISO 8601;
        ``precision``: ``column`` and ``codes`` to day, week, month or year; ``year``, ``month``,
        ``day``: columns of a date in parts; ``text``: column of a date in words, used where a
        part is unknown; ``day_first``: order of 03/04/2021, where the source states it.
    earliest : str
        First plausible day.
    country : mapping
        ``column`` and ``is``, its values for Iraq; a row of another country is rejected.
    perpetrator : mapping
        ``only_where``: column and values under which the column names who attacked.
    recode : mapping
        Record column to {value: value}.
    constants : mapping
        Record column to the value of every row.
    extras : mapping
        Column of ours beyond the record's to the column of the file.
    unknown : tuple of str
        Values that stand for unknown.
    rounded : tuple of str
        Record columns in which the source gives shares of a person: rounded to whole persons.
    parties : tuple of tuple of str
        Columns that name who took part, on whichever side; ``involves`` is IS where one is IS.
    one_row_is : str or mapping
        ``report`` (several may be of one incident), ``event`` (whoever made the table has merged
        reports already; rows are never merged), or ``{report_with: columns}``: reports where the
        table has one of these columns, else events.
    """

    name: str
    title: str
    recognised_by: tuple[tuple[str, ...], ...]
    columns: Mapping[str, tuple[str, ...]]
    dates: Mapping[str, Any]
    earliest: str = "2003-01-01"
    country: Mapping[str, Any] = field(default_factory=dict)
    perpetrator: Mapping[str, Any] = field(default_factory=dict)
    recode: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    extras: Mapping[str, str] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()
    rounded: tuple[str, ...] = ()
    parties: tuple[tuple[str, ...], ...] = ()
    one_row_is: str | Mapping[str, Sequence[str]] = "event"

    def holds_events(self, columns: Sequence[str]) -> bool:
        """Return whether the rows of a table with these columns are events, never merged."""
        if isinstance(self.one_row_is, str):
            return self.one_row_is == "event"
        marks = {fold_name(column) for column in self.one_row_is["report_with"]}
        return not marks & {fold_name(column) for column in columns}


def load_source(name: str) -> Source:
    """Return the mapping of a known source, or the one in a YAML file.

    Raises
    ------
    ParameterError
        No such source.
    FileError
        The file is not a mapping.

    Examples
    --------
    >>> load_source("records").title
    'the record columns of this project'
    >>> load_source("mine.yaml")
    Traceback (most recent call last):
    analytics.errors.FileError: mine.yaml: is not there. Check the name and the folder.
    """
    if name.lower() in source_names():
        return _own_source(name.lower())
    if name.endswith((".yaml", ".yml")):
        if not os.path.isfile(name):
            raise FileError(name, "is not there", "Check the name and the folder")
        try:
            with open(name, encoding="utf-8") as source:
                text = source.read()
        except (OSError, UnicodeDecodeError):
            raise FileError(name, "cannot be read as UTF-8 text", "Save it as UTF-8") from None
        return _parse_source(os.path.basename(name).rsplit(".", 1)[0], text)
    raise ParameterError(
        f"source {name!r}",
        "is not known",
        f"Choose one of {', '.join(source_names())}, or give a YAML file",
    )


@cache
def _own_source(name: str) -> Source:
    return _parse_source(name, files(__name__).joinpath(f"{name}.yaml").read_text("utf-8"))


@cache
def source_names() -> tuple[str, ...]:
    """Return the names of the sources that come with the package."""
    found = (file.name for file in files(__name__).iterdir())
    return tuple(
        sorted(
            n.removesuffix(".yaml") for n in found if n.endswith(".yaml") and n != "is_names.yaml"
        )
    )


def recognise_source(columns: Sequence[str], file: str) -> Source:
    """Return the source whose columns these are; of several, the one that asks for most.

    Raises
    ------
    TableError
        No known source has such columns.

    Examples
    --------
    >>> recognise_source(["report_id", "Date_Start", "governorate"], "a.csv").name
    'records'
    """
    there = {fold_name(column) for column in columns}
    fits = []
    for name in source_names():
        source = load_source(name)
        if all(any(fold_name(c) in there for c in group) for group in source.recognised_by):
            fits.append(source)
    if not fits:
        shown = ", ".join(columns[:8]) + (", ..." if len(columns) > 8 else "")
        raise TableError(
            file,
            f"has columns of no known source ({shown[:300]})",
            f"Name a date_start column, or the source: {', '.join(source_names())}, a YAML file",
        )
    return max(fits, key=lambda source: len(source.recognised_by))


def fold_name(column: str) -> str:
    """Return a column name without case, and with spaces and hyphens as underscores.

    Examples
    --------
    >>> fold_name(" Event Date")
    'event_date'
    """
    return "_".join(column.strip().casefold().replace("-", " ").replace("_", " ").split())


def _parse_source(name: str, text: str) -> Source:
    """Check a mapping: its keys, its record columns, its precisions, the kinds of its values."""

    def refuse(reason: str) -> FileError:
        remedy = "See docs/mapping.md, or copy a mapping that comes with the package"
        return FileError(f"source {name}", reason, remedy)

    try:
        content = yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506
    except yaml.YAMLError as error:
        at = getattr(error, "problem_mark", None)
        raise refuse(f"is not YAML{f' (line {at.line + 1})' if at else ''}") from None
    is_mapping = isinstance(content, dict) and all(
        isinstance(content.get(key), dict) and content[key] for key in ("columns", "dates")
    )
    if not is_mapping:
        raise refuse("does not give columns and dates")
    if not all(isinstance(content.get(key) or {}, dict) for key in _PARTS):
        raise refuse(f"gives a list where {', '.join(_PARTS)} map")
    _check_keys(content, refuse)
    codes = (content["dates"].get("precision") or {"codes": {}})["codes"]
    if not set(codes.values()) <= set(PRECISIONS):
        raise refuse(f"has a precision other than {', '.join(PRECISIONS)}")
    level = content.get("one_row_is", "event")
    marks = level.get("report_with") if isinstance(level, dict) else None
    if level not in ("report", "event") and not isinstance(marks, list):
        raise refuse("has a one_row_is that is not report or event")
    parts: dict[str, Any] = {key: content.get(key) or {} for key in _PARTS}
    try:
        return Source(
            name=name,
            title=str(content.get("title", name)),
            recognised_by=tuple(_listed(group) for group in content.get("recognised_by") or []),
            columns={column: _listed(value) for column, value in content["columns"].items()},
            dates=content["dates"],
            earliest=str(content.get("earliest", "2003-01-01")),
            parties=tuple(_listed(group) for group in content.get("parties") or []),
            one_row_is=level,
            unknown=tuple(map(str, content.get("unknown") or [])),
            rounded=_listed(content.get("rounded") or []),
            **parts,
        )
    except TypeError:
        raise refuse("gives a number where a name, or a list of names, should be") from None


def _check_keys(content: dict[str, Any], refuse: Callable[[str], FileError]) -> None:
    """Refuse the first key that is none, with the one that may be meant."""
    recorded = set(names(RECORD)) - set(_DATE_COLUMNS)
    given: list[tuple[str, Any, set[str]]] = [("a mapping", content, _KEYS)]
    given += [(key, content.get(key) or {}, known) for key, known in _INSIDE.items()]
    given += [(key, content.get(key) or {}, recorded) for key in ("columns", "constants", "recode")]
    given.append(("rounded", dict.fromkeys(_listed(content.get("rounded") or [])), recorded))
    for where, keys, known in given:
        for key in keys:
            if key not in known:
                close = get_close_matches(str(key), sorted(known), 1)
                meant = (
                    f" (is {close[0]!r} meant?)" if close else f"; keys: {', '.join(sorted(known))}"
                )
                raise refuse(f"has {str(key)[:60]!r}, which is no key of {where}{meant}")
    precision = content["dates"].get("precision", {"column": "", "codes": {}})
    if not isinstance(precision, dict) or not (
        set(precision) == {"column", "codes"} and isinstance(precision["codes"], dict)
    ):
        raise refuse("has a precision without its column and its codes")


def _listed(value: str | list[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)
