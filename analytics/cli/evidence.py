"""The commands that say what counts rest on: ``explain`` and ``reconcile``."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any

import typer

from analytics.cli.answers import (
    Reading,
    load,
    merge,
    pair_options,
    print_frame,
    print_json,
    tell_pairs,
    to_rows,
    write_frame,
)
from analytics.cli.options import (
    CheckFormat,
    Decisions,
    Duplicates,
    Files,
    Merging,
    Only,
    TableFormat,
    with_reading,
)

_INCIDENT = (
    "incident_id", "date_start", "date_end", "governorate", "district", "place", "event_type",
    "perpetrator", "target", "n_incidents", "n_reports", "report_ids", "published_first",
    "published_last", "possible_id",
)  # fmt: skip


@with_reading
def explain(
    reading: Reading,
    words: Annotated[
        list[str],
        typer.Argument(
            metavar="[INCIDENT | REPORT [REPORT]] FILE...",
            help="An incident, or a report of it; or two reports; or neither, for a list.",
        ),
    ],
    rule: Merging = Duplicates.best,
    decisions: Decisions = None,
    doubtful: Annotated[
        bool, typer.Option("--doubtful", help="List the pairs of reports that one should decide.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option(help="Write the list to this CSV, ready to be filled and read.")
    ] = None,
    format: Annotated[CheckFormat, typer.Option(help="Form of the answer.")] = CheckFormat.table,
) -> None:
    """Tell why reports are one incident, or are not; list all merges, and what is in doubt."""
    from analytics.clusters import load_decisions
    from analytics.evidence import explain_incident, explain_pair, list_doubtful
    from analytics.incidents import merge_reports

    named, files = _part(words)
    made = load_decisions(decisions) if decisions else None
    reports = load(files, reading).to_pandas()
    options: dict[str, Any] = {"rule": rule.value, "decisions": made}
    if len(named) == 2:
        _print_parts(explain_pair(reports, *named, **options), format)
    elif named:
        _print_parts(explain_incident(reports, *named, **options), format)
    else:
        if doubtful:
            found = list_doubtful(reports, **options)
        else:
            merged = merge_reports(reports, progress=tell_pairs, **options)
            tolls = [c for t in ("killed", "wounded") for c in (f"{t}_min", t, f"{t}_max")]
            shown = ["incident_id", "date_start", "date_end", "governorate", "place", "n_reports",
                     *tolls, "published_first", "published_last", "report_ids"]  # fmt: skip
            found = merged.loc[merged["n_reports"] > 1, [c for c in shown if c in merged]]
        if out is None:
            print_frame(found, format.value)
        else:
            write_frame(out, found)


@with_reading
def reconcile(
    reading: Reading,
    files: Files,
    statements: Annotated[
        str | None, typer.Option(help="CSV of stated totals; data/aggregate_claims.csv if absent.")
    ] = None,
    only: Only = None,
    duplicates: Merging = Duplicates.best,
    decisions: Decisions = None,
    rates: Annotated[
        str | None,
        typer.Option(help="Instead: rates between the running totals of this series_key."),
    ] = None,
    format: Annotated[TableFormat, typer.Option(help="Form of the answer.")] = TableFormat.table,
) -> None:
    """Set totals that others stated beside the incidents known; they are never counted."""
    from analytics.aggregates import difference_running_totals
    from analytics.incidents import merge_reports
    from analytics.reconciliation import load_statements, reconcile_statements
    from analytics.selection import select_records

    stated = load_statements(statements)
    # The header is row 1, as a spreadsheet shows it.
    for row, reason in enumerate(stated.get("unread", []), 2):
        if reason:
            typer.echo(f"analytics: row {row} of the statements: {reason}", err=True)
    if rates is not None:
        print_frame(difference_running_totals(stated, rates), format.value)
        return
    records = load(files, reading)
    incidents = merge(records, duplicates.value, decisions)
    if incidents is None:
        incidents = merge_reports(records.to_pandas(), rule="none")
    incidents = select_records(incidents, where=pair_options(only))
    found = reconcile_statements(stated, incidents)
    if format is TableFormat.table:
        found = found.drop(
            columns=["source_url", "note", "scope", "series_key", "unread"], errors="ignore"
        )
        found = found.dropna(axis=1, how="all")
    print_frame(found, format.value)


def _part(words: list[str]) -> tuple[list[str], list[str]]:
    """Names and files: a word is a file if it is there, or is written as a glob or address."""
    from analytics.errors import FileError

    named = [w for w in words if not (os.path.exists(w) or "://" in w or set("*?[") & set(w))]
    files = [word for word in words if word not in named]
    if not files or len(named) > 2:
        raise FileError(
            named[-1], "is no file that is there", "Name an incident or two reports, then files"
        )
    return named, files


def _print_parts(answer: dict[str, Any], format: CheckFormat) -> None:
    """An answer of several parts: frames as tables, and the rest as lines."""
    import pandas as pd

    if format is CheckFormat.json:
        rows = {
            key: to_rows(part) if isinstance(part, pd.DataFrame)
            else to_rows(pd.DataFrame([part]))[0] if isinstance(part, dict) else part
            for key, part in answer.items()
        }  # fmt: skip
        print_json(rows)
        return
    for key, part in answer.items():
        if isinstance(part, pd.DataFrame):
            typer.echo(f"\n{key}\n")
            print_frame(part.drop(columns="source_url", errors="ignore"), "table")
        elif isinstance(part, dict):
            typer.echo(f"{key}\n")
            known = {k: part[k] for k in _INCIDENT if k in part and not pd.isna(part[k])}
            print_frame(
                pd.DataFrame({"column": list(known), "value": list(known.values())}), "table"
            )
        else:
            typer.echo(f"{key}: {round(part, 2) if isinstance(part, float) else part}")
