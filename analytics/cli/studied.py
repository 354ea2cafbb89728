"""The answer of ``analytics study``: sentences and the tables beside them, as text or JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from analytics.cli.answers import print_frame, print_json, to_rows

if TYPE_CHECKING:
    import pandas as pd

    from analytics.language import Language
    from analytics.study import Study

# (days of a period, at least) and its length as the sentences name it; a file of counts has none.
_LENGTHS = ((360, "year"), (85, "quarter"), (25, "month"), (7, "week"), (1, "day"))


def print_study(
    series: pd.DataFrame,
    key_dates: list[str],
    material: Any,
    sections: list[str],
    options: dict[str, Any],
    measure: str,
    language: Language,
    is_json: bool,
) -> None:
    """Print a study. Exit 2 with the reason where the fit is asked for and refused.

    The JSON holds every table of `analytics.study.TABLES` as rows (those not asked for empty),
    ``statistics`` (an object), ``notes`` (code and values), ``refusals`` (section to reason) and
    ``sentences`` (section to list of text).
    """
    import pandas as pd

    from analytics.study import SECTIONS, TABLES, study_key_dates

    chosen = sections or list(SECTIONS)
    study = study_key_dates(series, key_dates, sections=chosen, material=material, **options)
    if "fit" in study.refusals:
        typer.echo(f"analytics: {study.refusals['fit']}", err=True)
    said = _say_study(study, series, key_dates, measure, options, language)
    said = {part: _at_level(sentences, options, language) for part, sentences in said.items()}
    tables = {name: getattr(study, name) for name in TABLES}
    if is_json:
        rows: dict[str, Any] = {name: to_rows(table) for name, table in tables.items()}
        (rows["statistics"],) = to_rows(pd.DataFrame([study.statistics])) or [{}]
        rows["notes"] = [{"code": note.code, "values": dict(note.values)} for note in study.notes]
        print_json({**rows, "refusals": study.refusals, "sentences": said})
    else:
        for section in SECTIONS:
            _print_sentences(said.pop(section, []))
            parts = {name: tables[name] for name in TABLES if TABLES[name][0] == section}
            if section == "fit" and study.statistics:
                parts["statistics"] = pd.DataFrame([study.statistics]).T.reset_index()
            _print_tables(parts)
        for sentences in said.values():
            _print_sentences(sentences)
    if "fit" in study.refusals:
        raise typer.Exit(2)


def print_groups(
    series: pd.DataFrame,
    by: str,
    key_dates: list[str],
    comparison: str,
    options: dict[str, Any],
    language: Language,
    is_json: bool,
) -> None:
    """Print what each group of a series shows by itself, and all of them together.

    A group that is refused is listed with the reason (``refusals``), and the others go on; exit 2
    where none is left. ``places`` holds every group's change at the first key date, corrected for
    their number and pooled; ``comparison`` one group against the others, where one is named.
    """
    import pandas as pd

    from analytics.errors import AnalyticsError
    from analytics.models import fit_segmented

    frames: dict[str, list[pd.DataFrame]] = {
        name: [] for name in ("terms", "points", "statistics", "notes")
    }
    refusals: dict[str, str] = {}
    for group, part in series.groupby(by, sort=False):
        try:
            fit = fit_segmented(part.reset_index(drop=True), key_dates, **options)
        except AnalyticsError as refusal:
            refusals[str(group)] = str(refusal)
            continue
        tables = {
            "terms": fit.terms,
            "points": fit.points,
            "statistics": pd.DataFrame([fit.statistics]),
            "notes": pd.DataFrame([{"code": n.code, "values": dict(n.values)} for n in fit.notes]),
        }
        for name, table in tables.items():
            frames[name].append(table.assign(**{by: group})[[by, *table.columns]])
    found = {
        name: pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()
        for name, tables in frames.items()
    }
    together, said = _put_together(series, by, key_dates, comparison, options, language)
    said = {part: _at_level(sentences, options, language) for part, sentences in said.items()}
    if is_json:
        rows = {name: to_rows(frame) for name, frame in {**found, **together}.items()}
        print_json({**rows, "refusals": refusals, "sentences": said})
    else:
        for section, shown in (("comparison", ("comparison", "pretrend", "comparison_points")),
                               ("places", ("places",))):  # fmt: skip
            _print_sentences(said.get(section, []))
            _print_tables({name: together[name] for name in shown if name in together})
        found["statistics"] = found["statistics"].T.reset_index()
        _print_tables(found)
        for group, reason in refusals.items():
            typer.echo(f"not given, {group}: {reason}")
    if refusals and not frames["terms"]:
        typer.echo(
            f"analytics: no group could be fitted: {next(iter(refusals.values()))}", err=True
        )
        raise typer.Exit(2)


def _put_together(
    series: pd.DataFrame,
    by: str,
    key_dates: list[str],
    comparison: str,
    options: dict[str, Any],
    language: Language,
) -> tuple[dict[str, pd.DataFrame], dict[str, list[str]]]:
    """Tables and sentences that set the groups beside each other, at the first key date."""
    from analytics.errors import AnalyticsError
    from analytics.material import set_against
    from analytics.models.by_place import fit_places
    from analytics.models.comparison import compare_series
    from analytics.words import describe_comparison, describe_places

    first, *others = key_dates
    known = series[series[by] != "unknown"].reset_index(drop=True)
    tables: dict[str, pd.DataFrame] = {}
    said: dict[str, list[str]] = {}
    column, _, value = comparison.partition("=")
    if column == by:
        try:
            chosen = {name: options[name] for name in ("exposure", "conf_level")}
            compared = compare_series(*set_against(series, by, value), first, **chosen)
            tables = {
                "comparison": compared.effects,
                "pretrend": compared.pretrend,
                "comparison_points": compared.points,
            }
            said["comparison"] = describe_comparison(
                compared.effects, compared.pretrend, first, language=language
            )
        except AnalyticsError as refusal:
            said["comparison"] = [str(refusal)]
    if len(known):
        tables["places"] = fit_places(known, first, by=by, others=others, **options)
        said["places"] = describe_places(tables["places"], first, by=by, language=language)
    return tables, said


def _say_study(
    study: Study,
    series: pd.DataFrame,
    key_dates: list[str],
    measure: str,
    options: dict[str, Any],
    language: Language,
) -> dict[str, list[str]]:
    """Sentences by section, as a report has them; sections without any are left out."""
    import pandas as pd

    from analytics import words
    from analytics.periods import Window

    about: dict[str, Any] = {"language": language}
    first = key_dates[0]
    starts = series["period_start"]
    n_days = int(starts.diff().dt.days.median()) if len(starts) > 1 else 1
    length = next((name for days, name in _LENGTHS if n_days >= days), "day")
    is_linear = options["family"] == "gaussian"
    naive, breaks = (
        (study.naive, study.breaks)
        if is_linear
        else _per_day(study, series, options["exposure"], n_days)
    )
    fitted = study.points[study.points["is_fitted"].astype(bool)]
    level = []
    if len(fitted):
        last = fitted.iloc[-1]
        last_day = last["period_start"] + pd.Timedelta(days=int(last["period_days"]) - 1)
        window = Window(f"{fitted['period_start'].iloc[0]:%Y-%m-%d}", f"{last_day:%Y-%m-%d}")
        level = words.describe_level(
            study.terms, interval=length, window=window, measure=measure,
            distances=study.distances, **about,
        )  # fmt: skip
    summaries = (study.specification_summary, study.specification_choices)
    said = {
        "fit": [
            *level,
            *words.describe_trend(study.terms, **about),
            *words.describe_detectable(study.terms, **about),
            *words.describe_errors(study.statistics, **about),
        ],
        "excess": words.describe_excess(study.excess, **about),
        "naive": [
            sentence
            for label in key_dates
            for sentence in words.describe_naive(naive, label, **about)
        ],
        "breaks": words.describe_breaks(breaks, study.distances, is_rate=not is_linear, **about)
        if len(study.break_path) and breaks is not None
        else [],
        "placebos": words.describe_placebos(study.placebo_summary, **about)
        if len(study.placebo_summary)
        else [],
        "comparison": words.describe_comparison(study.comparison, study.pretrend, first, **about),
        "places": words.describe_places(study.places, first, **about),
        "pooled": words.describe_pooled(study.pooled, study.terms, **about),
        "specifications": words.describe_specifications(*summaries, first, **about),
        "notes": words.describe_notes(study.notes, **about),
        "refusals": words.describe_refusals(study.refusals, **about),
    }
    return {part: list(dict.fromkeys(sentences)) for part, sentences in said.items() if sentences}


def _per_day(
    study: Study, series: pd.DataFrame, exposure: str | None, n_days: int
) -> tuple[pd.DataFrame, pd.DataFrame | None]:
    """Rates by day, as sentences have them; none where the exposure is something else than days."""
    if "exposure" in series or exposure not in (None, "period_days"):
        return study.naive.iloc[:0], None
    if exposure == "period_days" and "period_days" in series:
        return study.naive, study.breaks
    sides = {name: study.naive[name] * n_days for name in ("exposure_before", "exposure_after")}
    rates = {name: study.breaks[name] / n_days for name in ("rate_before", "rate_after")}
    return study.naive.assign(**sides), study.breaks.assign(**rates)


def _at_level(sentences: list[str], options: dict[str, Any], language: Language) -> list[str]:
    """Sentences that name the level of their intervals, where it is not the reports' own."""
    usual, asked = language.share(0.95), language.share(options["conf_level"])
    marks = {"en": "{} interval", "ar": "ثقة {}", "ckb": "متمانەی {}"}, {
        "en": "{} prediction", "ar": "تنبؤ {}", "ckb": "پێشبینیی {}"}  # fmt: skip
    for mark in (names[language.code] for names in marks):
        sentences = [text.replace(mark.format(usual), mark.format(asked)) for text in sentences]
    return sentences


def _print_sentences(sentences: list[str]) -> None:
    """Print sentences, a paragraph each."""
    for sentence in sentences:
        typer.echo(f"{sentence}\n")


def _print_tables(tables: dict[str, pd.DataFrame]) -> None:
    """Print tables under their names, those without a row left out."""
    for name, table in tables.items():
        if len(table):
            typer.echo(f"{name}\n")
            print_frame(table, "table")
            typer.echo("")
