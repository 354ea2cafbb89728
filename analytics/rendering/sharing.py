"""What several reports of one run need is read, counted and fitted once, and shared among them.

A notebook calls ``a.load_records(...)`` and the like as ever. In a process of the fork server those
names answer from a folder of the run, if another report has asked the same of the same contents
before. Nothing is kept beyond the run, and tables, words and figures are made by each report, since
they differ by language.
"""

from __future__ import annotations

import fcntl
import hashlib
import inspect
import io
import os
import pickle
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from glob import has_magic
from importlib import import_module
from pathlib import Path
from typing import Any

import ibis
import pandas as pd
import pyarrow as pa

import analytics
from analytics.reading import file_digest, is_url
from analytics.records import Records

_PAGES = (
    "language",
    "periods",
    "tables",
    "stated",
    "findings",
    "words",
    "figures",
    "rendering",
    "rendering.display",
)
# Merging is most of what they do, and is the same for all places.
_MERGING = ("basis", "bands", "material")
_MOST_ROWS = 1_000_000


def share_results(folder: Path) -> None:
    """Have the names of ``analytics`` that load, count and fit answer from a folder.

    Parameters
    ----------
    folder : Path
        Of this run alone, readable by this user alone.
    """
    for stage, names in analytics._STAGES.items():
        if stage in _PAGES:
            continue
        home = import_module(f"analytics.{stage}")
        for name in names:
            if inspect.isfunction(function := getattr(home, name)):
                setattr(analytics, name, shared(function, folder))
    merge = analytics.merge_reports
    for stage in _MERGING:
        setattr(import_module(f"analytics.{stage}"), merge.__name__, merge)


def shared(function: Callable[..., Any], folder: Path) -> Callable[..., Any]:
    """Return a function that does its work only where no other process has done it before.

    The key is a hash of the contents of its arguments, files included. Every caller is given a
    copy of its own, the first one too, so that all go on from the same. What cannot be hashed or
    kept (a table in a database, more than a million records, a pattern of file names) is computed
    each time; an error is raised to each caller that meets it.
    """

    @wraps(function)
    def ask(*args: Any, **kwargs: Any) -> Any:
        key = _take_key(function, args, kwargs)
        if key is None:
            return function(*args, **kwargs)
        path = folder / key
        with _locked(folder / f"{key}.lock"):
            if not path.exists():
                result = function(*args, **kwargs)
                content = _pack(result)
                if content is None:
                    return result
                partial = folder / f"{key}.{os.getpid()}"
                partial.write_bytes(content)
                partial.replace(path)
        return pickle.loads(path.read_bytes())  # noqa: S301  written above, in this run

    return ask


def _take_key(function: Callable[..., Any], args: Any, kwargs: Any) -> str | None:
    try:
        files = [_identify(value) for value in _flatten([*args, *kwargs.values()])]
    except (OSError, LookupError):
        return None
    asked = (function.__module__, function.__name__, args, sorted(kwargs.items()), files)
    content = _pack(asked, by_value=True)
    return hashlib.sha256(content).hexdigest() if content is not None else None


def _flatten(values: Any) -> Iterator[Any]:
    for value in values:
        if isinstance(value, list | tuple):
            yield from _flatten(value)
        else:
            yield value


def _identify(value: Any) -> str:
    """The contents of a file that an argument names; nothing if it names none."""
    if not isinstance(value, str | os.PathLike):
        return ""
    text = os.fspath(value)
    if isinstance(text, str) and os.path.isfile(text):
        return file_digest(text)
    if isinstance(text, str) and (is_url(text) or has_magic(text)):
        raise LookupError(text)
    return ""


class _Packer(pickle.Pickler):
    """Packs records as the tables they are; refuses what lives in a database."""

    def __init__(self, file: io.BytesIO, whole: Any, *, by_value: bool) -> None:
        super().__init__(file, protocol=5)
        self.fast, self.whole = by_value, whole
        # With the frame, which must be there as long as its number stands for it.
        self.digests: dict[int, tuple[pd.DataFrame, str]] = {}

    def reducer_override(self, value: Any) -> Any:
        if isinstance(value, Records):
            table, faults = value.table, value.faults.to_pyarrow()
            if len(table) > _MOST_ROWS:
                raise pickle.PicklingError("too many records")
            return _restore, (table, faults, value.source, value.notes, value.n_rows)
        if isinstance(value, ibis.Expr):
            raise pickle.PicklingError("a table of an engine")
        if self.fast and isinstance(value, pd.DataFrame) and value is not self.whole:
            # A selection holds its frames in several places: each is looked through once.
            if id(value) not in self.digests:
                content = _pack(value, by_value=True)
                if content is None:
                    raise pickle.PicklingError("a frame of things that cannot be kept")
                self.digests[id(value)] = value, hashlib.sha256(content).hexdigest()
            return str, (self.digests[id(value)][1],)
        if self.fast and isinstance(value, pd.api.extensions.ExtensionDtype):
            return str, (repr(value),)  # it gathers caches, and would differ with its history
        return NotImplemented


def _pack(value: Any, *, by_value: bool = False) -> bytes | None:
    """Bytes of a value; by value, the same whether or not its parts are one object."""
    packed = io.BytesIO()
    packer = _Packer(packed, value, by_value=by_value)
    try:
        packer.dump(value)
    except (pickle.PicklingError, TypeError, AttributeError, ValueError, RecursionError):
        return None
    return packed.getvalue()


def _restore(
    table: pa.Table, faults: pa.Table, source: str, notes: tuple[str, ...], n_rows: int
) -> Records:
    accepted = ibis.memtable(table)
    records = Records(
        accepted=accepted,
        faults=ibis.memtable(faults),
        source=source,
        notes=notes,
        in_order=accepted,
        totals=(ibis.literal(n_rows),),
    )
    # What has been worked out already need not be asked of an engine again.
    vars(records).update(table=table, n_rows=n_rows, n_rejected=len(faults))
    return records


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Wait for others that work on the same; a process that dies lets go."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
