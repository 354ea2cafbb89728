"""What became of many reports, as a small table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from analytics.rendering.definitions import Definition
from analytics.rendering.jobs import RenderResult

_HEADINGS = ("report", "period", "rendered", "up to date", "incomplete", "failed", "seconds")


def summarise_results(
    results: Iterable[RenderResult], definitions: Sequence[Definition], *, seconds: float
) -> str:
    """Return a table with a row for each series and period, and why what failed has failed.

    Parameters
    ----------
    results : iterable of RenderResult
        Of those that are done.
    definitions : sequence of Definition
        Theirs.
    seconds : float
        Of the whole run; the rows give the sum over their reports.

    Examples
    --------
    >>> from pathlib import Path
    >>> weekly = Definition("weekly", "Weekly", Path("a.ipynb"))
    >>> results = [RenderResult("weekly", "en", {"html": Path("a")}, seconds=1.25),
    ...            RenderResult("weekly", "ar", problem="a.ipynb: is broken. Mend it.")]
    >>> print(summarise_results(results, [weekly], seconds=2.0))  # doctest: +NORMALIZE_WHITESPACE
    report  period  rendered  up to date  incomplete  failed  seconds
    weekly  -              1           0           0       1      1.2
    all     -              1           0           0       1      2.0
    failed: weekly.ar: a.ipynb: is broken. Mend it.
    """
    by_name = {definition.name: definition for definition in definitions}
    rows: dict[tuple[str, str], list[float]] = {}
    failed = []
    for result in results:
        definition = by_name[result.name]
        key = (definition.series or definition.name, definition.values.get("period", "-"))
        row = rows.setdefault(key, [0, 0, 0, 0, 0.0])
        row[_state_of(result)] += 1
        row[4] += result.seconds
        if result.problem:
            state = "incomplete" if result.files else "failed"
            failed.append(f"{state}: {result.name}.{result.language}: {result.problem}")
    totals = [float(sum(column)) for column in list(zip(*rows.values(), strict=True))[:4]]
    cells = [_HEADINGS, *(_cells(*key, row) for key, row in rows.items())]
    if rows:
        cells.append(_cells("all", "-", [*totals, seconds]))
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = [
        "  ".join(
            cell.ljust(width) if number < 2 else cell.rjust(width)
            for number, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in cells
    ]
    return "\n".join([*lines, *failed])


def _state_of(result: RenderResult) -> int:
    """Column of a result: rendered, up to date, incomplete or failed."""
    if result.is_current:
        return 1
    if result.problem:
        return 2 if result.files else 3
    return 0


def _cells(series: str, period: str, row: Sequence[float]) -> tuple[str, ...]:
    return (series, period, *(f"{n:.0f}" for n in row[:4]), f"{row[4]:.1f}")
