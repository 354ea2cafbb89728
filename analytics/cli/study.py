"""The command ``analytics study``: every table of a study, as text or JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from analytics.cli.answers import count_files, gather_files, print_frame, print_json, to_rows
from analytics.cli.options import (
    AsOf,
    By,
    CheckFormat,
    Covered,
    DateRule,
    Decisions,
    Delay,
    Duplicates,
    Effects,
    Errors,
    Family,
    Files,
    Interval,
    Measure,
    Merging,
    OnGate,
    Only,
    Reference,
    Source,
    TimeUnit,
    Transition,
)

if TYPE_CHECKING:
    import pandas as pd


def study(
    files: Files,
    key_date: Annotated[
        list[str], typer.Option(help="A day, or an interval START/END; repeat for several.")
    ],
    start: Annotated[str | None, typer.Option(help="First day of the window.")] = None,
    end: Annotated[str | None, typer.Option(help="Last day of the window, inclusive.")] = None,
    interval: Annotated[Interval | None, typer.Option(help="Length of a period.")] = None,
    by: By = None,
    measure: Annotated[Measure, typer.Option(help="What is counted.")] = Measure.incidents,
    only: Only = None,
    date_rule: Annotated[DateRule, typer.Option(help="Rule for interval dates.")] = DateRule.spread,
    covered: Covered = None,
    as_of: AsOf = None,
    reporting_delay_days: Delay = 0,
    duplicates: Merging = Duplicates.best,
    decisions: Decisions = None,
    source: Source = None,
    series: Annotated[
        bool, typer.Option("--series", help="FILE is a series already: period_start, count, ...")
    ] = False,
    effects: Annotated[
        Effects | None, typer.Option(help="Effects at each key date; chosen by length if absent.")
    ] = None,
    trend: Annotated[
        bool | None, typer.Option("--trend/--no-trend", help="Whether time enters.")
    ] = None,
    harmonics: Annotated[
        int | None, typer.Option(min=0, max=2, help="Pairs of harmonics for the season.")
    ] = None,
    cycle: Annotated[
        float | None, typer.Option(help="Periods in a season; a calendar year if absent.")
    ] = None,
    calendar_months: Annotated[
        bool, typer.Option("--calendar-months", help="A term a month in place of harmonics.")
    ] = False,
    family: Annotated[Family, typer.Option(help="Distribution of counts.")] = Family.quasipoisson,
    errors: Annotated[
        Errors, typer.Option(help="Standard error; auto takes the largest of three.")
    ] = Errors.auto,
    hac_lags: Annotated[int | None, typer.Option(min=0, help="Lags of the HAC error.")] = None,
    hac_correction: Annotated[
        bool, typer.Option(help="Small-sample factor n / (n - p) of the HAC error.")
    ] = True,
    reference: Annotated[Reference, typer.Option(help="Reference distribution.")] = Reference.auto,
    ramadan: Annotated[
        bool, typer.Option("--ramadan", help="Add the share of days in Ramadan.")
    ] = False,
    eid: Annotated[bool, typer.Option("--eid", help="Add the share of days in an Eid.")] = False,
    covariate: Annotated[
        list[str] | None, typer.Option(help="A further column of the series; repeatable.")
    ] = None,
    exposure: Annotated[
        str, typer.Option(help="Column whose logarithm is the offset; '' for none.")
    ] = "period_days",
    time_unit: Annotated[TimeUnit, typer.Option(help="Unit of the slopes.")] = TimeUnit.year,
    time_start: Annotated[float, typer.Option(help="Time of the first period.")] = 0.0,
    slope_start: Annotated[
        float, typer.Option(help="A slope's value in a period that begins on its date: 0 or 1.")
    ] = 0.0,
    transition: Annotated[
        Transition, typer.Option(help="What a period with the date inside counts as.")
    ] = Transition.exclude,
    on_gate: Annotated[
        OnGate | None, typer.Option(help="Key dates that cannot be told apart.")
    ] = None,
    conf_level: Annotated[float, typer.Option(help="Level of every interval.")] = 0.95,
    sections: Annotated[
        str, typer.Option(help="Sections parted by commas: fit,excess,naive,...; all if absent.")
    ] = "",
    comparison: Annotated[
        str, typer.Option(help="Records compared with, COLUMN=VALUE.")
    ] = "zone=elsewhere",
    format: Annotated[CheckFormat, typer.Option(help="Form of the answer.")] = CheckFormat.table,
) -> None:
    """Study key dates: the fit, its checks, other places, and every defensible choice."""
    from analytics.errors import ParameterError
    from analytics.series_files import load_series

    gathered = None
    if series:
        counted = load_series(files, by=by, is_count=family is not Family.gaussian)
    elif start is None or end is None or interval is None:
        raise ParameterError(
            "the window", "is not complete", "Give --start, --end and --interval, or --series"
        )
    elif by:
        counted = count_files(
            files, source, start, end, interval.value, by, measure.value, only, date_rule.value,
            covered, as_of, reporting_delay_days, duplicates.value, decisions,
        )  # fmt: skip
    else:
        gathered = gather_files(
            files, source, start, end, interval.value, measure.value, only, date_rule.value,
            covered, as_of, reporting_delay_days, comparison, duplicates.value, decisions,
        )  # fmt: skip
        counted = gathered.series
    options: dict[str, Any] = {
        "effects": effects.value if effects else None,
        "trend": trend,
        "harmonics": harmonics,
        "cycle": cycle,
        "calendar_months": calendar_months,
        "family": family.value,
        "errors": errors.value,
        "hac_lags": hac_lags,
        "hac_correction": hac_correction,
        "reference": reference.value,
        "ramadan": ramadan,
        "eid": eid,
        "covariates": covariate or [],
        "exposure": exposure or None,
        "time_unit": time_unit.value,
        "time_start": time_start,
        "slope_start": slope_start,
        "transition": transition.value,
        "on_gate": on_gate.value if on_gate else None,
        "conf_level": conf_level,
    }
    is_json = format is CheckFormat.json
    if by:
        print_groups(counted, by, key_date, options, is_json)
    else:
        wanted = [part.strip() for part in sections.split(",") if part.strip()]
        print_study(counted, key_date, gathered, wanted, options, is_json)


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
