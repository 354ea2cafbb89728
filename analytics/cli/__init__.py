"""The ``analytics`` command: it parses, calls and prints; slow imports come late."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from analytics.cli.answers import (
    Reading,
    count_files,
    load,
    print_frame,
    print_json,
    print_summary,
    to_rows,
)
from analytics.cli.evidence import explain, reconcile
from analytics.cli.finished import compare, lint, verify
from analytics.cli.options import (
    AsOf,
    Audience,
    By,
    CheckFormat,
    Covered,
    DateRule,
    Decisions,
    Delay,
    Duplicates,
    End,
    Engine,
    Files,
    Interval,
    Measure,
    Merging,
    Only,
    Start,
    TableFormat,
    with_reading,
)  # fmt: skip
from analytics.cli.study import study

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    help="Time series of incident records around key dates, and the reports made of them.",
)


@app.command(epilog="Example: analytics check data/press_reports.csv --format json")
@with_reading
def check(
    files: Files,
    reading: Reading,
    format: Annotated[CheckFormat, typer.Option(help="Form of the answer.")] = CheckFormat.table,
    rejected: Annotated[
        Path | None, typer.Option(help="Write the rejected rows, with their reasons, to this CSV.")
    ] = None,
) -> None:
    """Tell which rows are accepted and which are rejected, and why. Exit 1 if any was rejected."""
    from analytics.cli.waiting import show_progress
    from analytics.records import summarise_records, write_rejected

    records = load(files, reading)
    if rejected is not None:
        write_rejected(records, rejected)
    with show_progress("checking", files):
        summary = summarise_records(records)
    print_summary(summary, records, format.value)
    raise typer.Exit(1 if summary["rejected"] else 0)


@app.command(
    epilog="Example: analytics count data/ucdp_is_iraq.csv --start 2017-01-01 --end 2017-12-31 "
    "--interval month --by governorate --format csv"
)
@with_reading
def count(
    files: Files,
    reading: Reading,
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
    duplicates: Merging = Duplicates.best,
    decisions: Decisions = None,
    format: Annotated[TableFormat, typer.Option(help="Form of the answer.")] = TableFormat.table,
) -> None:
    """Count incidents, or casualties, per period of a stated window."""
    series = count_files(
        files, reading, start, end, interval.value, by, measure.value, only, date_rule.value,
        covered, as_of, reporting_delay_days, duplicates.value, decisions,
    )  # fmt: skip
    print_frame(series, format.value)


@app.command(epilog="Example: analytics claims --only T4 --format json")
def claims(
    file: Annotated[
        str, typer.Argument(metavar="[FILE.yaml]", help="Claims; the project's own if absent.")
    ] = "",
    only: Annotated[list[str] | None, typer.Option(help="Name of a claim; repeatable.")] = None,
    lang: Annotated[str, typer.Option(help="Language of the sentences: en, ar, ckb.")] = "en",
    format: Annotated[CheckFormat, typer.Option(help="Form of the answer.")] = CheckFormat.table,
) -> None:
    """Judge claims about trends: supported, not supported, or nobody can tell; and why."""
    from analytics.claims import evaluate_claims
    from analytics.language import Language
    from analytics.words import describe_claims

    language = Language(lang)
    found = evaluate_claims(file, only=only)
    said = describe_claims(found.verdicts, found.tests, found.variants, language=language)
    if format is CheckFormat.json:
        verdicts = found.verdicts.assign(sentence=said)
        tables = {"verdicts": verdicts, "tests": found.tests, "variants": found.variants}
        print_json({name: to_rows(table) for name, table in tables.items()})
    else:
        typer.echo("\n\n".join(said))


@app.command(
    epilog="Example: analytics render reports/monthly.yaml --period 2021-12 --only place=IQ-KI"
)
def render(
    definitions: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[DEFINITION.yaml]...", help="Report definitions."),
    ] = None,
    all: Annotated[
        bool,
        typer.Option(
            "--all",
            help="Those in reports/: the periodic ones if --period is given, else the rest.",
        ),
    ] = False,
    period: Annotated[
        str | None,
        typer.Option(help="Month 2021-12, quarter 2021-Q4, year 2021 or 'latest' (complete)."),
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option(help="Of many places, only place=IQ-KI; repeat for more."),
    ] = None,
    lang: Annotated[
        list[str] | None, typer.Option(help="Language: en, ar, ckb; repeat for several.")
    ] = None,
    formats: Annotated[
        str, typer.Option(help="Formats, parted by commas; the definition's, else html,pdf.")
    ] = "",
    static: Annotated[
        bool, typer.Option("--static", help="Besides, one HTML file without script.")
    ] = False,
    out: Annotated[Path, typer.Option(help="Folder for the reports.")] = Path("reports"),
    jobs: Annotated[int, typer.Option(min=1, help="Reports rendered side by side.")] = 2,
    force: Annotated[bool, typer.Option("--force", help="Render what is up to date too.")] = False,
    timeout: Annotated[float, typer.Option(min=1, help="Seconds a report may take.")] = 300.0,
    engine: Annotated[Engine, typer.Option(help="fork: fast; kernel: as Jupyter.")] = Engine.fork,
    edition: Annotated[
        Audience | None, typer.Option(help="To whom it may go: what it leaves out follows.")
    ] = None,
) -> None:
    """Render report definitions to HTML and PDF; what is up to date is left as it is."""
    from analytics.cli.answers import pair_options
    from analytics.rendering import render_command

    raise typer.Exit(
        render_command(
            definitions or [], all_definitions=all, period=period, only=pair_options(only),
            languages=lang, formats=formats, static=static, out_dir=out, n_jobs=jobs, force=force,
            timeout_s=timeout, engine=engine.value,
            edition=edition.value if edition else None,
        )
    )  # fmt: skip


app.command(
    epilog="Example: analytics study data/ucdp_is_iraq.csv --key-date 2017-10-16 "
    "--start 2015-01-01 --end 2018-12-31 --interval week --format json"
)(study)
app.command(epilog="Example: analytics explain RSH1 data/press_reports.csv")(explain)
app.command(epilog="Example: analytics reconcile data/press_reports.csv")(reconcile)
app.command(epilog="Example: analytics verify reports/weekly_press_2021.en.html")(verify)
app.command(epilog="Example: analytics compare old.en.html new.en.html --out changes.csv")(compare)
app.command(epilog="Example: analytics lint reports --edition public")(lint)


def main() -> None:
    """Run the command; what a user caused is told in one sentence, without a traceback."""
    from analytics.cli.waiting import run_and_tell

    run_and_tell(app)
