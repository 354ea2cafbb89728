"""The commands on finished reports: ``verify``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from analytics.cli.answers import print_frame, print_json, to_rows
from analytics.cli.options import CheckFormat

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


_VERDICTS = (
    "the data give these numbers",
    "DIFFERS from what was written, or from what the data give",
    "cannot tell",
)
