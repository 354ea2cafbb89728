"""An earlier report of a series beside this one: what changed since, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from analytics.errors import ParameterError
from analytics.schema import CHANGES, WATERFALL, names
from analytics.sidecar import load_sidecar, pack_traces
from analytics.trace import Trace
from analytics.vintages import explain_changes, sum_changes


@dataclass(frozen=True)
class Comparison:
    """What changed in a series since an earlier report.

    Parameters
    ----------
    state : {"none", "other", "compared"}
        No earlier report; one that counts something else, or by other rules; compared.
    changes : DataFrame
        `analytics.schema.CHANGES`; empty in an edition that lists no records.
    steps : DataFrame
        `analytics.schema.WATERFALL`.
    recipe : Mapping
        Of the series compared.
    """

    state: str
    changes: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=names(CHANGES)))
    steps: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=names(WATERFALL)))
    recipe: Mapping[str, Any] = field(default_factory=dict)


def compare_previous(previous: str, *traces: Trace) -> Comparison:
    """Return what changed since an earlier report in the first of some series that it has too.

    Parameters
    ----------
    previous : str
        The earlier report's HTML file or its data file; empty if there is none.
    *traces : Trace
        The series of this report, those by which changes are best told first.

    Raises
    ------
    FileError
        If the file is there but cannot be read, or is no data of a report.
    """
    if not previous:
        return Comparison("none")
    earlier = load_sidecar(find_sidecar(previous))
    for trace in traces:
        later = pack_traces([trace])
        try:
            changes = explain_changes(earlier, later, trace.name)
            steps = sum_changes(changes, earlier, later, trace.name)
        except ParameterError:
            continue
        if not trace.selection.released.edition.lists_records:
            changes = changes.iloc[:0]
        return Comparison("compared", changes, steps, trace.recipe)
    return Comparison("other")


def find_sidecar(path: str | Path) -> Path:
    """Return the data file of a report, for the report's own file or the data file itself.

    Examples
    --------
    >>> find_sidecar("reports/weekly.en.html").name
    'weekly.en.data.json'
    """
    path = Path(path)
    for ending in (".html", ".manifest.json", ".pdf", ".data.csv"):
        if path.name.endswith(ending):
            return path.with_name(path.name.removesuffix(ending) + ".data.json")
    return path
