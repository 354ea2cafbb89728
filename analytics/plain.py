"""Frames as CSV and as aligned text, for programs and terminals."""

from __future__ import annotations

from math import isfinite

import pandas as pd

# A spreadsheet takes a cell that starts with one of these for a formula.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def write_csv(frame: pd.DataFrame) -> str:
    """Return a frame as CSV text; a text cell that a spreadsheet would run gets a leading quote.

    Examples
    --------
    >>> print(write_csv(pd.DataFrame({"place": ["=1+1", "Kirkuk"], "count": [1.0, 2.5]})), end="")
    place,count
    '=1+1,1
    Kirkuk,2.5
    """
    safe = frame.copy()
    for column in safe.columns:
        safe[column] = [_cell(value) for value in safe[column]]
    return safe.to_csv(index=False, lineterminator="\n")


def write_plain(frame: pd.DataFrame) -> str:
    """Return a frame as aligned text for a terminal."""
    cells = {str(c): [_cell(value, digits=4) for value in frame[c]] for c in frame.columns}
    widths = {name: max([len(name), *map(len, column)]) for name, column in cells.items()}
    rows = [tuple(cells), *zip(*cells.values(), strict=True)]
    return "".join(
        "  ".join(cell.rjust(w) for cell, w in zip(row, widths.values(), strict=True)) + "\n"
        for row in rows
    )


def _cell(value: object, digits: int = 10) -> str:
    """A value as text: days as ISO, no noise in the last digits, formulas disarmed."""
    if isinstance(value, pd.Timestamp):
        return f"{value:%Y-%m-%d}"
    if isinstance(value, bool) or type(value).__name__ in ("bool_", "bool"):
        return str(bool(value)).lower()
    if isinstance(value, float):
        return "" if not isfinite(value) else f"{round(value, digits):.15g}"
    if value is None or value is pd.NA or value is pd.NaT:
        return ""
    text = str(value)
    return f"'{text}" if isinstance(value, str) and text.startswith(_FORMULA_STARTS) else text
