"""The options of the ``analytics`` command that several of its parts share."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from enum import StrEnum
from functools import wraps
from typing import Annotated, Any

import typer

Interval = StrEnum("Interval", ["day", "week", "month", "quarter", "year"])
Measure = StrEnum("Measure", ["incidents", "killed", "wounded", "abducted", "arrested"])
DateRule = StrEnum("DateRule", ["spread", "start", "end"])
Family = StrEnum(
    "Family", ["quasipoisson", "quasi-poisson", "negbin", "nb2", "poisson", "gaussian"]
)
Errors = StrEnum("Errors", ["auto", "three-way", "model", "quasi", "hac", "autocorrelation"])
SYNONYMS = {
    "quasi-poisson": "quasipoisson", "nb2": "negbin", "three-way": "auto", "both": "level+slope"
}  # fmt: skip
"""Other names of options, as a reader of the literature would write them."""
Reference = StrEnum("Reference", ["auto", "t", "normal"])
Transition = StrEnum("Transition", ["exclude", "ramp", "before", "after"])
OnGate = StrEnum("OnGate", ["joint", "refuse", "mark"])
TimeUnit = StrEnum("TimeUnit", ["period", "day", "month", "year"])
Duplicates = StrEnum("Duplicates", ["labels", "best", "all", "none"])
Audience = StrEnum("Audience", ["internal", "partner", "public"])
CheckFormat = StrEnum("CheckFormat", ["table", "json"])
Engine = StrEnum("Engine", ["fork", "kernel"])
TableFormat = StrEnum("TableFormat", ["csv", "json", "table"])

Files = Annotated[
    list[str],
    typer.Argument(
        metavar="FILE...", help="Files of records; globs are understood. Or the URL of a database."
    ),
]
Start = Annotated[str, typer.Option(help="First day of the window, as 2017-01-01.")]
End = Annotated[str, typer.Option(help="Last day of the window, inclusive.")]
By = Annotated[
    str | None,
    typer.Option(help="Group by governorate, zone, district, event_type, target, or any column."),
]
Only = Annotated[
    list[str] | None,
    typer.Option(help="Keep only records with COLUMN=VALUE; repeat for more values or columns."),
]
Covered = Annotated[
    list[str] | None,
    typer.Option(
        help="Days the source observed, START/END; repeatable. The whole window if absent."
    ),
]
AsOf = Annotated[str | None, typer.Option(help="Last day the records could know of.")]
Delay = Annotated[
    int, typer.Option(min=0, help="Reporting delay in days; younger periods are open.")
]
Merging = Annotated[
    Duplicates,
    typer.Option(
        help="Which reports are one incident: those that share a label (labels); these, and those "
        "alike enough (best); every possible one (all); none. Rows of ACLED, UCDP and GTD are "
        "events already and never merged."
    ),
]
Decisions = Annotated[
    str | None,
    typer.Option(
        help="CSV of an analyst's decisions: report_id_a, report_id_b, decision (must-link or "
        "cannot-link). 'analytics explain --doubtful' writes one to fill."
    ),
]

_READING = {
    "source": "Name of a source, or a YAML mapping; recognised by itself where not given.",
    "table": "Which table of a database, or sheet of a workbook.",
    "encoding": "Encoding of text files; found out where not given.",
    "earliest": "First plausible day; the source's own where not given.",
    "latest": "Last plausible day; today where not given.",
}


def with_reading(command: Callable[..., None]) -> Callable[..., None]:
    """Return a command with the options on how files are read, which its ``reading`` gathers."""

    @wraps(command)
    def run(**given: Any) -> None:
        reading = {name: given.pop(name) for name in _READING}
        command(**given, reading=reading)

    signature = inspect.signature(command, eval_str=True)
    own = [p for p in signature.parameters.values() if p.name != "reading"]
    shared = [
        inspect.Parameter(
            name,
            inspect.Parameter.KEYWORD_ONLY,
            default=None,
            annotation=Annotated[str | None, typer.Option(help=text)],
        )
        for name, text in _READING.items()
    ]
    run.__signature__ = signature.replace(parameters=[*own, *shared])  # type: ignore[attr-defined]
    run.__annotations__ = {p.name: p.annotation for p in (*own, *shared)}
    return run
