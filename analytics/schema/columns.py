"""What a column of a declared table is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["text", "code", "day", "integer", "number", "truth"]


@dataclass(frozen=True)
class Column:
    """One column of a table: its name, kind, unit (empty where there is none) and meaning."""

    name: str
    kind: Kind
    unit: str
    meaning: str


def names(table: tuple[Column, ...]) -> list[str]:
    """Return the column names of a declared table, in order.

    Examples
    --------
    >>> names((Column("count", "number", "incidents", "expected count"),))
    ['count']
    """
    return [column.name for column in table]
