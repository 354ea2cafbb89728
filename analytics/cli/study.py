"""The answer of ``analytics study``: every table of a study, as text or JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from analytics.cli.answers import print_frame, print_json, to_rows

if TYPE_CHECKING:
    import pandas as pd


def print_study(
    series: pd.DataFrame,
    key_dates: list[str],
    material: Any,
    sections: list[str],
    options: dict[str, Any],
    is_json: bool,
) -> None:
    """Print a study. Exit 2 with the reason where the fit is asked for and refused.

    The JSON holds every table of `analytics.study.TABLES` as rows (those not asked for empty),
    ``statistics`` (an object), ``notes`` (code and values) and ``refusals`` (section to reason).
    """
    import pandas as pd

    from analytics.study import SECTIONS, TABLES, study_key_dates

    chosen = sections or list(SECTIONS)
    study = study_key_dates(series, key_dates, sections=chosen, material=material, **options)
    if "fit" in study.refusals:
        typer.echo(f"analytics: {study.refusals['fit']}", err=True)
    tables = {name: getattr(study, name) for name in TABLES}
    if is_json:
        rows: dict[str, Any] = {name: to_rows(table) for name, table in tables.items()}
        (rows["statistics"],) = to_rows(pd.DataFrame([study.statistics])) or [{}]
        rows["notes"] = [{"code": note.code, "values": dict(note.values)} for note in study.notes]
        print_json({**rows, "refusals": study.refusals})
    else:
        frames = {"terms": tables.pop("terms"), "points": tables.pop("points")}
        frames["statistics"] = pd.DataFrame([study.statistics]).T.reset_index()
        for name, table in {**frames, **tables}.items():
            if len(table):
                typer.echo(f"{name}\n")
                print_frame(table, "table")
                typer.echo("")
        for note in study.notes:
            typer.echo(f"note: {note}")
        for section, reason in study.refusals.items():
            typer.echo(f"not given, {section}: {reason}")
    if "fit" in study.refusals:
        raise typer.Exit(2)


def print_groups(
    series: pd.DataFrame, by: str, key_dates: list[str], options: dict[str, Any], is_json: bool
) -> None:
    """Print the fit of each group of a series, the group in the first column of every table."""
    import pandas as pd

    from analytics.models import fit_segmented

    answers: dict[str, list[pd.DataFrame]] = {
        name: [] for name in ("terms", "points", "statistics", "notes")
    }
    for group, part in series.groupby(by):
        fit = fit_segmented(part.reset_index(drop=True), key_dates, **options)
        tables = {
            "terms": fit.terms,
            "points": fit.points,
            "statistics": pd.DataFrame([fit.statistics]),
            "notes": pd.DataFrame([{"code": n.code, "values": dict(n.values)} for n in fit.notes]),
        }
        for name, table in tables.items():
            answers[name].append(table.assign(**{by: group})[[by, *table.columns]])
    frames = {name: pd.concat(tables, ignore_index=True) for name, tables in answers.items()}
    if is_json:
        print_json({name: to_rows(frame) for name, frame in frames.items()})
        return
    for name, frame in frames.items():
        typer.echo(f"{name}\n")
        print_frame(frame.T.reset_index() if name == "statistics" else frame, "table")
        typer.echo("")
