"""The ``analytics`` command: it parses, calls and prints; slow imports come late."""

from __future__ import annotations

import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    import pandas as pd

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    help="Time series of incident records around key dates, and the reports made of them.",
)

Interval = StrEnum("Interval", ["day", "week", "month", "quarter", "year"])
Measure = StrEnum("Measure", ["incidents", "killed", "wounded", "abducted", "arrested"])
DateRule = StrEnum("DateRule", ["spread", "start", "end"])
Family = StrEnum("Family", ["quasipoisson", "negbin", "poisson", "gaussian"])
Errors = StrEnum("Errors", ["auto", "model", "quasi", "hac", "autocorrelation"])
Reference = StrEnum("Reference", ["t", "normal"])
TimeUnit = StrEnum("TimeUnit", ["period", "day", "month", "year"])
CheckFormat = StrEnum("CheckFormat", ["table", "json"])
TableFormat = StrEnum("TableFormat", ["csv", "json", "table"])
Effects = StrEnum("Effects", {"level": "level", "slope": "slope", "both": "level+slope"})

Files = Annotated[
    list[str], typer.Argument(metavar="FILE...", help="Files of records; globs are understood.")
]
Source = Annotated[
    str | None,
    typer.Option(help="Name of a source, or a YAML mapping; recognised by itself where not given."),
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


@app.command(epilog="Example: analytics check data/press_reports.csv --format json")
def check(
    files: Files,
    source: Source = None,
    format: Annotated[CheckFormat, typer.Option(help="Form of the answer.")] = CheckFormat.table,
    rejected: Annotated[
        Path | None, typer.Option(help="Write the rejected rows, with their reasons, to this CSV.")
    ] = None,
) -> None:
    """Tell which rows are accepted and which are rejected, and why. Exit 1 if any was rejected."""
    from analytics.records import summarise_records, write_rejected

    records = _load(files, source)
    if rejected is not None:
        write_rejected(records, rejected)
    summary = summarise_records(records)
    if format is CheckFormat.json:
        _print_json(summary)
    else:
        typer.echo(
            f"{summary['rows']} rows: {summary['accepted']} accepted, "
            f"{summary['rejected']} rejected"
        )
        for reason in summary["reasons"]:
            typer.echo(f"  {reason['n']:>8}  {reason['column']}: {reason['reason']}")
    raise typer.Exit(1 if summary["rejected"] else 0)


@app.command(
    epilog="Example: analytics count data/ucdp_is_iraq.csv --start 2017-01-01 --end 2017-12-31 "
    "--interval month --by governorate --format csv"
)
def count(
    files: Files,
    start: Start,
    end: End,
    interval: Annotated[Interval, typer.Option(help="Length of a period; weeks start on Monday.")],
    by: By = None,
    measure: Annotated[Measure, typer.Option(help="What is counted.")] = Measure.incidents,
    only: Only = None,
    date_rule: Annotated[
        DateRule, typer.Option(help="Spread interval dates over their days, or take one end.")
    ] = DateRule.spread,
    covered: Covered = None,
    as_of: AsOf = None,
    reporting_delay_days: Delay = 0,
    source: Source = None,
    format: Annotated[TableFormat, typer.Option(help="Form of the answer.")] = TableFormat.table,
) -> None:
    """Count incidents, or casualties, per period of a stated window."""
    series = _count(
        files, source, start, end, interval.value, by, measure.value, only, date_rule.value,
        covered, as_of, reporting_delay_days,
    )  # fmt: skip
    _print_frame(series, format.value)


@app.command(
    epilog="Example: analytics study data/ucdp_is_iraq.csv --key-date 2017-10-16 "
    "--start 2015-01-01 --end 2018-12-31 --interval week --format json"
)
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
    source: Source = None,
    series: Annotated[
        bool, typer.Option("--series", help="FILE is a series already: period_start, count, ...")
    ] = False,
    effects: Annotated[
        Effects | None, typer.Option(help="Effects at each key date; chosen by length if absent.")
    ] = None,
    harmonics: Annotated[
        int | None, typer.Option(min=0, max=2, help="Pairs of harmonics for the season.")
    ] = None,
    family: Annotated[Family, typer.Option(help="Distribution of counts.")] = Family.quasipoisson,
    errors: Annotated[
        Errors, typer.Option(help="Standard error; auto takes the largest of three.")
    ] = Errors.auto,
    hac_lags: Annotated[int | None, typer.Option(min=0, help="Lags of the HAC error.")] = None,
    reference: Annotated[Reference, typer.Option(help="Reference distribution.")] = Reference.t,
    time_unit: Annotated[TimeUnit, typer.Option(help="Unit of the slopes.")] = TimeUnit.year,
    format: Annotated[CheckFormat, typer.Option(help="Form of the answer.")] = CheckFormat.table,
) -> None:
    """Estimate the change of level and slope at key dates: terms, points and fit statistics."""
    import pandas as pd

    from analytics.errors import ParameterError
    from analytics.models import fit_segmented
    from analytics.series_files import load_series

    if series:
        counted = load_series(files, by=by)
    else:
        if start is None or end is None or interval is None:
            raise ParameterError(
                "the window", "is not complete", "Give --start, --end and --interval, or --series"
            )
        counted = _count(
            files, source, start, end, interval.value, by, measure.value, only, date_rule.value,
            covered, as_of, reporting_delay_days,
        )  # fmt: skip
    options: dict[str, Any] = {
        "effects": effects.value if effects else None,
        "harmonics": harmonics,
        "family": family.value,
        "errors": errors.value,
        "hac_lags": hac_lags,
        "reference": reference.value,
        "time_unit": time_unit.value,
    }
    parts = [(name, part) for name, part in counted.groupby(by)] if by else [("", counted)]
    answers: dict[str, list[pd.DataFrame]] = {
        "terms": [],
        "points": [],
        "statistics": [],
        "notes": [],
    }
    for name, part in parts:
        fit = fit_segmented(part.reset_index(drop=True), key_date, **options)
        tables = {
            "terms": fit.terms,
            "points": fit.points,
            "statistics": pd.DataFrame([fit.statistics]),
            "notes": pd.DataFrame([{"code": n.code, "values": dict(n.values)} for n in fit.notes]),
        }
        for key, table in tables.items():
            answers[key].append(table.assign(**{by: name})[[by, *table.columns]] if by else table)
    frames = {key: pd.concat(tables, ignore_index=True) for key, tables in answers.items()}
    if format is CheckFormat.json:
        rows = {key: _json_rows(frame) for key, frame in frames.items()}
        _print_json({**rows, "statistics": rows["statistics"] if by else rows["statistics"][0]})
    else:
        for key, frame in frames.items():
            typer.echo(f"{key}\n")
            _print_frame(frame.T.reset_index() if key == "statistics" else frame, "table")
            typer.echo("")


@app.command(
    epilog="Example: analytics render reports/key_date_2017_10_16.yaml --lang en --formats html,pdf"
)
def render(
    definitions: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[DEFINITION.yaml]...", help="Report definitions."),
    ] = None,
    all: Annotated[bool, typer.Option("--all", help="Every definition in reports/.")] = False,
    period: Annotated[
        str | None, typer.Option(help="Month 2021-12, quarter 2021-Q4, year 2021 or 'latest'.")
    ] = None,
    lang: Annotated[
        list[str] | None, typer.Option(help="Language: en, ar, ckb; repeat for several.")
    ] = None,
    formats: Annotated[str, typer.Option(help="Formats, parted by commas.")] = "html,pdf",
    out: Annotated[Path, typer.Option(help="Folder for the reports.")] = Path("reports"),
    jobs: Annotated[int, typer.Option(min=1, help="Reports rendered side by side.")] = 2,
) -> None:
    """Render report definitions to HTML and PDF."""
    from analytics.rendering import render_command

    raise typer.Exit(
        render_command(
            definitions or [], all_definitions=all, period=period, languages=lang, formats=formats,
            out_dir=out, n_jobs=jobs,
        )
    )  # fmt: skip


def main() -> None:
    """Run the command; what a user caused is told in one sentence, without a traceback."""
    from analytics.errors import AnalyticsError

    try:
        app()
    except AnalyticsError as error:
        typer.echo(f"analytics: {error}", err=True)
        sys.exit(2)
    except KeyboardInterrupt:
        typer.echo("analytics: stopped", err=True)
        sys.exit(130)
    except BrokenPipeError:
        # The reader of our output has gone (`| head`): nothing more to say, and nothing to flush.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(141)


def _load(files: list[str], source: str | None) -> Any:
    """Records of the files; what was noticed while reading goes to standard error."""
    from datetime import date

    from analytics.records import load_records

    records = load_records(*files, source=source, as_of=date.today())  # noqa: DTZ011
    for note in records.notes:
        typer.echo(f"analytics: {note}", err=True)
    return records


def _count(
    files: list[str], source: str | None, start: str, end: str, interval: str, by: str | None,
    measure: str, only: list[str] | None, date_rule: str, covered: list[str] | None,
    as_of: str | None, reporting_delay_days: int,
) -> pd.DataFrame:  # fmt: skip
    from analytics.incidents import merge_reports
    from analytics.periods import Window
    from analytics.series import count_incidents

    window = Window(start, end)
    records = _load(files, source)
    if records.n_rejected:
        typer.echo(
            f"analytics: {records.n_rejected} of {records.n_rows} rows are rejected and not "
            "counted; 'analytics check' lists them with their reasons",
            err=True,
        )
    # Reports of one incident are one; a table without such labels stays on its engine.
    accepted = records.accepted
    is_labelled = "incident_id" in accepted.columns
    return count_incidents(
        merge_reports(records.to_pandas(), rule="labels") if is_labelled else accepted,
        window,
        interval,
        by=by,
        measure=measure,
        only=_pairs(only),
        date_rule=date_rule,
        covered=[Window(*(span.split("/") * 2)[:2]) for span in covered] if covered else None,
        as_of=as_of,
        reporting_delay_days=reporting_delay_days,
    )


def _pairs(only: list[str] | None) -> dict[str, list[str]] | None:
    from analytics.errors import ParameterError

    pairs: dict[str, list[str]] = {}
    for text in only or []:
        column, equals, value = text.partition("=")
        if not equals:
            raise ParameterError(f"--only {text!r}", "has no '='", "Write it as perpetrator=IS")
        pairs.setdefault(column, []).append(value)
    return pairs or None


def _json_rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    rows = frame.astype(object).where(frame.notna(), None).to_dict("records")
    return [{str(k): _plain(v) for k, v in row.items()} for row in rows]


def _plain(value: Any) -> Any:
    """A day as ISO text, a numpy number as Python's own, without the noise of its last digits."""
    if hasattr(value, "isoformat"):
        return value.isoformat()[:10]
    value = value.item() if hasattr(value, "item") else value
    return float(f"{value:.12g}") if isinstance(value, float) else value


def _print_json(answer: Any) -> None:
    import json

    typer.echo(json.dumps(answer, ensure_ascii=False, indent=2, allow_nan=False, default=_plain))


def _print_frame(frame: pd.DataFrame, form: str) -> None:
    from analytics.tables import write_csv, write_plain

    if form == "json":
        _print_json(_json_rows(frame))
    else:
        typer.echo(write_csv(frame) if form == "csv" else write_plain(frame), nl=False)


if __name__ == "__main__":
    main()
