"""The commands on finished reports: ``verify``, ``compare`` and ``lint``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from analytics.cli.answers import load, print_frame, print_json, to_rows, write_frame
from analytics.cli.options import (
    Audience,
    CheckFormat,
    Duplicates,
    Interval,
    Merging,
    TableFormat,
)

_MOST_SHOWN = 60


def verify(
    reports: Annotated[
        list[Path],
        typer.Argument(metavar="REPORT...", help="HTML files, manifests, or folders of reports."),
    ],
    data: Annotated[
        list[Path] | None,
        typer.Option(help="A file of records, or a folder that holds them; repeatable."),
    ] = None,
    format: Annotated[CheckFormat, typer.Option(help="Form of the answer.")] = CheckFormat.table,
) -> None:
    """Tell whether the data still give a report's numbers: exit 0 same, 1 differs, 2 cannot tell.

    The report's files are compared with their hashes, its series counted again from its inputs.
    """
    from analytics.rendering.verify import CANNOT_TELL, DIFFERS, find_reports, verify_report

    stems = [stem for path in reports for stem in find_reports(path)]
    found = [verify_report(stem, data=data or ()) for stem in dict.fromkeys(stems)]
    verdicts = ("same", "differs", "cannot tell")
    if format is CheckFormat.json:
        print_json(
            [
                {
                    "report": each.name,
                    "verdict": verdicts[each.code],
                    "findings": [
                        {"verdict": verdicts[code], "finding": said} for code, said in each.findings
                    ],
                    "differences": to_rows(each.differences),
                }
                for each in found
            ]
        )
    for each in found if format is CheckFormat.table else ():
        typer.echo(f"{each.name}: {_VERDICTS[each.code]}")
        for code, said in each.findings:
            typer.echo(f"  {'ok' if code == 0 else verdicts[code]:<12} {said}.")
        if len(each.differences):
            typer.echo("")
            print_frame(each.differences.head(_MOST_SHOWN), "table")
        if (rest := len(each.differences) - _MOST_SHOWN) > 0:
            typer.echo(f"and {rest} more; --format json lists all")
    codes = {each.code for each in found}
    raise typer.Exit(next((code for code in (DIFFERS, CANNOT_TELL) if code in codes), 0))


def compare(
    earlier: Annotated[str, typer.Argument(metavar="OLD", help="A report, or a file of records.")],
    later: Annotated[str, typer.Argument(metavar="NEW", help="The same, later.")],
    series: Annotated[str, typer.Option(help="Name of a series; else the first of both.")] = "",
    start: Annotated[
        str | None, typer.Option(help="Of records: first day; that of both files if absent.")
    ] = None,
    end: Annotated[str | None, typer.Option(help="Of records: last day, inclusive.")] = None,
    interval: Annotated[Interval, typer.Option(help="Of records: length of a period.")] = (
        Interval.month
    ),
    by: Annotated[str, typer.Option(help="Of records: split by; 'nothing' for one series.")] = (
        "governorate"
    ),
    duplicates: Merging = Duplicates.best,
    out: Annotated[Path | None, typer.Option(help="Write the changes to this CSV.")] = None,
    format: Annotated[TableFormat, typer.Option(help="Form of the answer.")] = TableFormat.table,
) -> None:
    """Tell what changed between two reports of one series, or two files of records, and why."""
    from analytics.previous import find_sidecar
    from analytics.sidecar import load_sidecar
    from analytics.vintages import explain_changes, sum_changes

    paths = [find_sidecar(path) for path in (earlier, later)]
    if all(path.suffix == ".json" and _is_sidecar(path) for path in paths):
        packs = [load_sidecar(path) for path in paths]
    else:
        group = None if by == "nothing" else by
        packs = _count([earlier, later], start, end, interval.value, group, duplicates.value)
    changes = explain_changes(packs[0], packs[1], series)
    steps = sum_changes(changes, packs[0], packs[1], series)
    if out is not None:
        write_frame(out, changes)
    if format is TableFormat.csv:
        print_frame(changes, "csv")
    elif format is TableFormat.json:
        print_json({"steps": to_rows(steps), "changes": to_rows(changes)})
    else:
        print_frame(steps, "table")
        typer.echo("")
        if changes.empty:
            typer.echo("nothing changed")
        else:
            print_frame(changes, "table")


def _is_sidecar(path: Path) -> bool:
    """Whether a file is the data of a report, or should be: records may be JSON too."""
    return path.name.endswith(".data.json") or not path.exists()


def _count(
    files: list[str], start: str | None, end: str | None, interval: str, by: str | None, rule: str
) -> list[Any]:
    """The data that reports of these files would have, over one window."""
    from analytics.basis import select_incidents
    from analytics.periods import Window
    from analytics.sidecar import pack_traces
    from analytics.trace import trace_series

    frames = [load([file]).to_pandas() for file in files]
    first = min(frame["date_start"].min() for frame in frames)
    last = max(frame["date_end"].max() for frame in frames)
    window = Window(start or first, end or last)
    typer.echo(
        f"analytics: counted from {window.start:%Y-%m-%d} to {window.end:%Y-%m-%d}", err=True
    )
    by = by if all(by in frame for frame in frames) else None
    return [
        pack_traces([trace_series(select_incidents(frame, rule=rule), window, interval, by=by)])
        for frame in frames
    ]


def lint(
    reports: Annotated[
        list[Path], typer.Argument(metavar="REPORT...", help="HTML files, or folders of reports.")
    ],
    edition: Annotated[Audience, typer.Option(help="The edition whose rules they must keep.")],
    data: Annotated[
        list[str] | None,
        typer.Option(help="Records they were made of: what is withheld of them is looked for."),
    ] = None,
) -> None:
    """Tell what in finished reports an edition does not allow. Exit 1 if anything, 2 if unread."""
    from analytics.editions import list_withheld
    from analytics.editions.search import take_fingerprints
    from analytics.errors import AnalyticsError
    from analytics.rendering.lint import lint_files
    from analytics.rendering.verify import find_reports

    withheld: list[str] = []
    if data:
        withheld = take_fingerprints(list_withheld(load(data).to_pandas(), edition.value))
    worst = 0
    for stem in dict.fromkeys(stem for path in reports for stem in find_reports(path)):
        try:
            faults = lint_files(stem, edition.value, withheld=withheld)
        except AnalyticsError as error:
            typer.echo(f"{stem.name}: {error}")
            worst = worst or 2
            continue
        typer.echo(f"{stem.name}: {'nothing against' if not faults else 'breaks'} the rules of the "
                   f"{edition.value} edition")  # fmt: skip
        for fault in faults:
            typer.echo(f"  {fault}")
        worst = 1 if faults else worst
    raise typer.Exit(worst)


_VERDICTS = (
    "the data give these numbers",
    "DIFFERS from what was written, or from what the data give",
    "cannot tell",
)
