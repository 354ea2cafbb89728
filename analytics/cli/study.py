"""The command ``analytics study``: from its options to a study, in words and tables."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from analytics.cli.answers import Reading, count_files, gather_files
from analytics.cli.options import (
    SYNONYMS,
    AsOf,
    By,
    CheckFormat,
    Covered,
    DateRule,
    Decisions,
    Delay,
    Duplicates,
    Errors,
    Family,
    Files,
    Interval,
    Measure,
    Merging,
    OnGate,
    Only,
    Reference,
    TimeUnit,
    Transition,
    with_reading,
)


@with_reading
def study(
    files: Files,
    reading: Reading,
    key_date: Annotated[
        list[str],
        typer.Option(help="A day, or an interval START/END (or START..END); repeatable."),
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
    series: Annotated[
        bool, typer.Option("--series", help="FILE is a series already: period_start, count, ...")
    ] = False,
    effects: Annotated[
        list[str] | None,
        typer.Option(
            "--effects",
            "--change",
            help="What changes: level, slope or both, at every date or, as DATE=slope, at one; "
            "chosen by length if absent.",
        ),
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
    hac_lags: Annotated[
        int | None, typer.Option("--hac-lags", "--lags", min=0, help="Lags of the HAC error.")
    ] = None,
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
        str,
        typer.Option(
            help="What is compared with: records (with --by, a group) of COLUMN=VALUE; with "
            "--series, also a COLUMN of counts."
        ),
    ] = "zone=elsewhere",
    language: Annotated[
        str, typer.Option("--language", "--lang", help="Of the sentences: en, ar, ckb.")
    ] = "en",
    format: Annotated[CheckFormat, typer.Option(help="Form of the answer.")] = CheckFormat.table,
) -> None:
    """Study key dates: the fit, its checks, other places, and every defensible choice."""
    from analytics.cli.studied import print_groups, print_study
    from analytics.errors import ParameterError
    from analytics.language import Language
    from analytics.material import Material
    from analytics.series_files import load_series

    reader = Language(language)
    key_dates = [label.replace("..", "/") for label in key_date]
    gathered = None
    if series:
        beside = [comparison] if not by and "=" not in comparison else []
        counted = load_series(files, by=by, is_count=family is not Family.gaussian, numbers=beside)
        for name in beside:
            compared = counted.assign(count=counted[name])
            gathered = Material(counted, exposed=counted, comparison=compared)
    elif start is None or end is None or interval is None:
        raise ParameterError(
            "the window", "is not complete", "Give --start, --end and --interval, or --series"
        )
    elif by:
        counted = count_files(
            files, reading, start, end, interval.value, by, measure.value, only, date_rule.value,
            covered, as_of, reporting_delay_days, duplicates.value, decisions,
        )  # fmt: skip
    else:
        gathered = gather_files(
            files, reading, start, end, interval.value, measure.value, only, date_rule.value,
            covered, as_of, reporting_delay_days, comparison, duplicates.value, decisions,
        )  # fmt: skip
        counted = gathered.series
    options: dict[str, Any] = {
        "effects": _read_effects(effects or [], key_dates),
        "trend": trend,
        "harmonics": harmonics,
        "cycle": cycle,
        "calendar_months": calendar_months,
        "family": SYNONYMS.get(family.value, family.value),
        "errors": SYNONYMS.get(errors.value, errors.value),
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
        print_groups(counted, by, key_dates, comparison, options, reader, is_json)
    else:
        wanted = [part.strip() for part in sections.split(",") if part.strip()]
        print_study(counted, key_dates, gathered, wanted, options, measure.value, reader, is_json)


def _read_effects(given: list[str], key_dates: list[str]) -> str | dict[str, str] | None:
    """Effects of every date, or by date; None where the length of the series decides."""
    from analytics.errors import ParameterError

    parts = [text.rpartition("=") for text in given]
    everywhere = [SYNONYMS.get(what, what) for date, _, what in parts if not date]
    by_date = {date.replace("..", "/"): SYNONYMS.get(what, what) for date, _, what in parts if date}
    if len(everywhere) > 1:
        raise ParameterError(
            f"--effects {' and '.join(everywhere)}", "are both for every date", "Name the dates"
        )
    if not by_date:
        return everywhere[0] if everywhere else None
    unknown = sorted(set(by_date) - set(key_dates))
    if unknown:
        raise ParameterError(
            f"--effects of {unknown[0]}", "is of no key date", f"Name {' or '.join(key_dates)}"
        )
    rest = everywhere[0] if everywhere else "level"
    return {label: by_date.get(label, rest) for label in key_dates}
