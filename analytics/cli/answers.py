"""What the commands do between their options and their output."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd


EVENTS = "a row of {} is an event, merged by its makers: none is merged here"


Reading = dict[str, str | None]
"""How files are read: the options of `analytics.cli.options.with_reading`."""


def load(files: list[str], reading: Reading | None = None) -> Any:
    """Records of the files; what was noticed while reading goes to standard error."""
    from datetime import date

    from analytics.cli.waiting import show_progress
    from analytics.records import load_records

    options = dict(reading or {})
    as_of = options.pop("latest", None) or date.today()  # noqa: DTZ011
    with show_progress("reading", files):
        records = load_records(*files, as_of=as_of, **options)
    for note in records.notes:
        typer.echo(f"analytics: {note}", err=True)
    return records


def load_checked(files: list[str], reading: Reading) -> Any:
    """Records of the files; how many rows are rejected goes to standard error."""
    from analytics.cli.waiting import show_progress

    records = load(files, reading)
    with show_progress("checking", files):
        n_rejected = records.n_rejected
    if n_rejected:
        typer.echo(
            f"analytics: {n_rejected} of {records.n_rows} rows are rejected and not "
            "counted; 'analytics check' lists them with their reasons",
            err=True,
        )
    return records


def count_files(
    files: list[str], reading: Reading, start: str, end: str, interval: str, by: str | None,
    measure: str, only: list[str] | None, date_rule: str, covered: list[str] | None,
    as_of: str | None, reporting_delay_days: int, duplicates: str, decisions: str | None,
) -> pd.DataFrame:  # fmt: skip
    """Return the series of some files; how many rows are rejected goes to standard error."""
    from analytics.bands import count_band
    from analytics.cli.waiting import show_progress
    from analytics.periods import Window
    from analytics.series import count_incidents

    window = Window(start, end)
    records = load_checked(files, reading)
    merged = merge(records, duplicates, decisions)
    count = count_incidents if merged is None else count_band
    with show_progress("counting", files):
        series = count(
            records.accepted if merged is None else merged,
            window,
            interval,
            by=by,
            measure=measure,
            only=pair_options(only),
            date_rule=date_rule,
            covered=[Window(*(span.split("/") * 2)[:2]) for span in covered] if covered else None,
            as_of=as_of,
            reporting_delay_days=reporting_delay_days,
        )
    for note in records.tell_changes():
        typer.echo(f"analytics: {note}", err=True)
    return _hide_not_coded(series, files) if by == "governorate" else series


def _hide_not_coded(series: pd.DataFrame, files: list[str]) -> pd.DataFrame:
    """Series without the zeros of governorates that none of the files tells apart."""
    from analytics.reference import list_not_coded

    counted = series.groupby("governorate")["count"].transform("sum") > 0
    hidden = series["governorate"].isin(list_not_coded(files)) & ~counted
    for code in series.loc[hidden, "governorate"].unique():
        typer.echo(f"analytics: {code} is not told apart by these records: not covered", err=True)
    counts = series.columns[series.columns.str.startswith("count")]
    series[counts] = series[counts].mask(hidden)
    return series.assign(is_covered=series["is_covered"] & ~hidden)


def merge(records: Any, rule: str, decisions: str | None) -> Any:
    """Incidents of the reports, or None for a table of events, which stays on its engine."""
    from analytics.clusters import load_decisions
    from analytics.errors import ParameterError
    from analytics.incidents import merge_reports

    accepted = records.accepted
    made = load_decisions(decisions) if decisions else None
    n_reports = count_reports(accepted)
    if not n_reports and made is None and "incident_id" not in accepted.columns:
        typer.echo(f"analytics: {EVENTS.format(records.source)}", err=True)
        return None
    if n_reports > _MOST_LINKED:
        if rule == "none" and made is None:
            return None
        raise ParameterError(
            f"{n_reports} reports", f"are more than are compared in memory ({_MOST_LINKED})",
            "Give fewer files, or --duplicates none",
        )  # fmt: skip
    incidents = merge_reports(
        records.to_pandas(), rule=rule, decisions=made, progress=tell_pairs  # type: ignore[arg-type]
    )  # fmt: skip
    _tell_band(incidents, rule)
    return incidents


def _tell_band(incidents: pd.DataFrame, rule: str) -> None:
    from analytics.bands import sum_band

    band = sum_band(incidents)
    typer.echo(
        f"analytics: {band['most']} reports are {band['best']} incidents (--duplicates {rule}); "
        f"{band['fewest']} at the fewest, if all that may be one are merged; 'analytics explain' "
        "says why",
        err=True,
    )


_MOST_LINKED = 200_000


def count_reports(accepted: Any) -> int:
    """Number of rows that are reports, not events."""
    if "one_row_is" in accepted.columns:
        accepted = accepted.filter(accepted.one_row_is.fill_null("report") != "event")
    return int(accepted.count().to_pyarrow().as_py())


def tell_pairs(n_done: int, n_all: int) -> None:
    """Tell how many pairs of reports are compared, where it takes long enough to wonder."""
    if n_all > 250_000:
        typer.echo(f"analytics: {n_done:,} of {n_all:,} pairs compared", err=True)


def gather_files(
    files: list[str], reading: Reading, start: str, end: str, interval: str, measure: str,
    only: list[str] | None, date_rule: str, covered: list[str] | None, as_of: str | None,
    reporting_delay_days: int, comparison: str, duplicates: str, decisions: str | None,
) -> Any:  # fmt: skip
    """Return what the records of some files give besides their series."""
    from analytics.clusters import load_decisions
    from analytics.material import gather_material
    from analytics.periods import Window

    records = load_checked(files, reading)
    if not count_reports(records.accepted):
        typer.echo(f"analytics: {EVENTS.format(records.source)}", err=True)
    material = gather_material(
        records.accepted,
        Window(start, end),
        interval,
        comparison=comparison,
        duplicates=duplicates,  # type: ignore[arg-type]
        decisions=load_decisions(decisions) if decisions else None,
        only=pair_options(only),
        date_rule=date_rule,
        measure=measure,
        covered=[Window(*(span.split("/") * 2)[:2]) for span in covered] if covered else None,
        as_of=as_of,
        reporting_delay_days=reporting_delay_days,
    )
    if material.incidents is not None:
        _tell_band(material.incidents, duplicates)
    return material


def pair_options(only: list[str] | None) -> dict[str, list[str]] | None:
    """Return COLUMN=VALUE options as values by column; None if there are none."""
    from analytics.errors import ParameterError

    pairs: dict[str, list[str]] = {}
    for text in only or []:
        column, equals, value = text.partition("=")
        if not equals:
            raise ParameterError(f"--only {text!r}", "has no '='", "Write it as perpetrator=IS")
        pairs.setdefault(column, []).append(value)
    return pairs or None


def to_rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return a frame as a list of rows that JSON can hold; unknown is null."""
    rows = frame.astype(object).where(frame.notna(), None).to_dict("records")
    return [{str(k): _plain(v) for k, v in row.items()} for row in rows]


def _plain(value: Any) -> Any:
    """A day as ISO text, a numpy number as Python's own, without the noise of its last digits."""
    if hasattr(value, "isoformat"):
        return value.isoformat()[:10]
    value = value.item() if hasattr(value, "item") else value
    if isinstance(value, float):
        return float(f"{value:.12g}") if isfinite(value) else None  # without bound: empty
    return value


def print_json(answer: Any) -> None:
    """Print an answer as JSON, its letters as they are."""
    import json

    typer.echo(json.dumps(answer, ensure_ascii=False, indent=2, allow_nan=False, default=_plain))


def print_frame(frame: pd.DataFrame, form: str) -> None:
    """Print a frame as csv, json or table."""
    from analytics.plain import write_csv, write_plain

    if form == "json":
        print_json(to_rows(frame))
    else:
        typer.echo(write_csv(frame) if form == "csv" else write_plain(frame), nl=False)


def write_frame(out: Path, frame: pd.DataFrame) -> None:
    """Write a frame to a CSV file."""
    from analytics.errors import FileError
    from analytics.plain import write_csv

    try:
        out.write_text(write_csv(frame), encoding="utf-8-sig")
    except OSError as error:
        reason = f"cannot be written ({error.strerror})"
        raise FileError(str(out), reason, "Choose another place") from None


def print_summary(summary: dict[str, Any], records: Any, form: str) -> None:
    """Print what was accepted and rejected, and as what source it was read, as json or table."""
    if form == "json":
        print_json({**summary, "source": records.source, "notes": list(records.notes)})
        return
    typer.echo(f"source: {records.source}")
    typer.echo(
        f"{summary['rows']} rows: {summary['accepted']} accepted, {summary['rejected']} rejected"
    )
    for reason in summary["reasons"]:
        typer.echo(f"  {reason['n']:>8}  {reason['column']}: {reason['reason']}")
