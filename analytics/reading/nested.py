"""JSON, JSON Lines and GeoJSON: one object a record, read as a stream; numbers stay as printed.

Row numbers: the line in JSON Lines, the position in the list (from 1) elsewhere.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, TextIO

from ibis.backends.duckdb import Backend

from analytics.errors import FileError, TableError
from analytics.reading.encoding import TextFile
from analytics.reading.rawtable import RawTable, Row, check_columns, raw_from_rows

_CHUNK = 1 << 20
_MEMBERS = ("data", "Result", "features", "results", "records")
"""Where interfaces put their records: an empty list there is no record."""
_REPEATED = "\0repeated"
_SPACE = re.compile(r"[\s,]*")
Item = tuple[int, Any, str | None]


def read_json(con: Backend, text: TextFile) -> RawTable:
    """Return the table of a file of objects: a list, one a line, or a list under one name.

    Nested values are kept as JSON text. The file is read twice: once for the names of columns.

    Raises
    ------
    FileError
        Not JSON, cut off, or nested too deeply to read.
    TableError
        JSON, but not a list of records.
    """
    names: dict[str, None] = {}
    for _, item, _ in _items(text):
        if isinstance(item, dict):
            names.update(dict.fromkeys(_flatten(item)))
    names.pop(_REPEATED, None)
    if not names:
        raise TableError(text.file, "holds no records", "Give a list of objects, one a record")
    columns = check_columns(list(names), text.file)

    def rows() -> Iterator[Row]:
        for number, item, reason in _items(text):
            if reason is None and not isinstance(item, dict):
                reason = "is not an object with names and values; mend the record"
            if reason is not None:
                yield number, [_text(item)], reason
                continue
            record = _flatten(item)
            if _REPEATED in record:
                reason = f"gives {record.pop(_REPEATED)} twice; keep one"
            yield number, [_text(record.get(name)) for name in names], reason

    return raw_from_rows(con, rows(), columns, text.file, text.notes)


def _items(text: TextFile) -> Iterator[Item]:
    """Yield the records of a file, whichever way they are strung together."""
    with text.path.open(encoding="utf-8-sig", errors="surrogateescape") as source:
        is_list = source.read(_CHUNK).lstrip().startswith("[")
        source.seek(0)
        if is_list:
            yield from _list_items(source, text.file)
        elif _is_lines(source):
            yield from _line_items(source)
        else:
            yield from _member_items(_parse(source.read(), text.file), text.file)


def _is_lines(source: TextIO) -> bool:
    """Whether a file that begins with an object goes on after its first line as no object does."""
    lines = (line.strip() for line in source)
    first, second = (next((line for line in lines if line), "") for _ in range(2))
    source.seek(0)
    return second.startswith("{") or bool(second and _loads(first)[1] is None)


def _line_items(source: Any) -> Iterator[Item]:
    for number, line in enumerate(source, 1):
        if line.strip():
            item, reason = _loads(line)
            yield number, item, reason


def _list_items(source: Any, file: str) -> Iterator[Item]:
    """Yield the elements of a top-level list, holding no more than a chunk and an element."""
    decoder = json.JSONDecoder(**_OPTIONS)
    buffer = source.read(_CHUNK).lstrip()[1:]
    number, start, wanted = 0, 0, _CHUNK
    while True:
        start = _SPACE.match(buffer, start).end()  # type: ignore[union-attr]
        if buffer[start : start + 1] == "]":
            if (buffer[start + 1 :] + source.read(_CHUNK)).strip():
                raise FileError(file, "has text after the end of its list", "Give one list")
            return
        try:
            item, end = decoder.raw_decode(buffer, start)
            is_whole = buffer[end : end + 1] != ""
        except RecursionError:
            raise _too_deep(file) from None
        except ValueError:
            is_whole = False
        if is_whole:
            number += 1
            yield number, item, None
            start, wanted = end, _CHUNK
            continue
        more = source.read(wanted)
        if not more:
            raise FileError(
                file,
                f"is not JSON after record {number}, or is cut off there",
                "Fetch the file again, or mend it",
            )
        buffer, start, wanted = buffer[start:] + more, 0, wanted * 2


def _member_items(document: Any, file: str) -> Iterator[Item]:
    """Yield the records of an object: features, the one list of objects in it, or itself."""
    found = {
        name: value
        for name, value in document.items()
        if isinstance(value, list) and any(isinstance(item, dict) for item in value)
    } or {name: value for name, value in document.items() if name in _MEMBERS and value == []}
    # An interface may send messages along, a list of objects too.
    lists = [found[name] for name in found if name in _MEMBERS] or list(found.values())
    if len(lists) > 1:
        raise TableError(file, f"holds {len(lists)} lists of records", "Give one list of objects")
    if not lists and any(isinstance(value, dict | list) for value in document.values()):
        raise TableError(file, "is JSON, but not a list of records", "Give a list of objects")
    for number, item in enumerate(lists[0] if lists else [document], 1):
        yield number, item, None


def _flatten(item: dict[str, Any]) -> dict[str, Any]:
    """A record's names and values; those of a GeoJSON feature are its properties and its point."""
    properties = item.get("properties")
    if item.get("type") != "Feature" or not isinstance(properties, dict):
        return item
    geometry = item.get("geometry")
    if isinstance(geometry, dict) and geometry.get("type") == "Point":
        point = geometry.get("coordinates")
        if isinstance(point, list) and len(point) >= 2:
            return {"longitude": point[0], "latitude": point[1], **properties}
    return properties


def _text(value: Any) -> str | None:
    """A value as text, as printed in the file."""
    if value is None or isinstance(value, str):
        return value or None
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value, ensure_ascii=False)


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object in which a name that came twice is marked, instead of its first value lost."""
    item = dict(pairs)
    if len(item) < len(pairs):
        names = [name for name, _ in pairs]
        item[_REPEATED] = repr(next(name for name in names if names.count(name) > 1))
    return item


_OPTIONS: dict[str, Any] = {
    "parse_int": str,
    "parse_float": str,
    "parse_constant": str,
    "object_pairs_hook": _pairs,
}


def _loads(line: str) -> tuple[Any, str | None]:
    """A line's value, or the line and why it is none."""
    try:
        return json.loads(line, **_OPTIONS), None
    except RecursionError:
        return line[:1000], "is nested too deeply; flatten the record"
    except ValueError:
        return line.rstrip("\n"), "is not JSON; mend the line"


def _parse(text: str, file: str) -> Any:
    try:
        document = json.loads(text, **_OPTIONS)
    except RecursionError:
        raise _too_deep(file) from None
    except ValueError as error:
        raise FileError(
            file, f"is not JSON ({error})", "Fetch the file again, or mend it"
        ) from None
    if not isinstance(document, dict):
        raise TableError(file, "is JSON, but not a list of records", "Give a list of objects")
    return document


def _too_deep(file: str) -> FileError:
    return FileError(file, "is nested too deeply to be a table", "Give a list of flat objects")
