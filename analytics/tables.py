"""Result frames as tables for readers: words for codes, numbers in the reader's numerals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd

from analytics.cells import key_cells, total_groups
from analytics.language import Language
from analytics.names import name_column, name_group, name_period, name_state
from analytics.periods import Window


def tabulate_series(series: pd.DataFrame, *, interval: str, language: Language) -> pd.DataFrame:
    """Return a series as a table for readers: one row a period (of a group), all cells text.

    The index names the cell of each row (`analytics.cells.key_cells`).

    Columns: the group where there is one, period, days, expected count, certain to possible, state;
    fewest to most, where it is in doubt which reports tell of one incident.
    """
    t = language.text
    table = pd.DataFrame(index=series.index)
    group = series.columns[0]
    if group != "period_start":
        table[name_column(group, language)] = [
            name_group(group, v, language) for v in series[group]
        ]
    table[t("Period")] = [name_period(day, interval, language) for day in series["period_start"]]
    table[t("Days")] = [language.number(days) for days in series["period_days"]]
    table[t("Count")] = _withhold(series["count"], series.get("is_withheld", False), language)
    table[t("Certain to possible")] = [
        write_range(low, high, language)
        for low, high in zip(series["count_min"], series["count_max"], strict=True)
    ]
    if "count_fewest" in series and not series["count_fewest"].equals(series["count_most"]):
        table[t("Fewest to most")] = [
            write_range(low, high, language)
            for low, high in zip(series["count_fewest"], series["count_most"], strict=True)
        ]
    table[t("State")] = [name_state(row, language) for row in each_row(series)]
    return table.set_axis(key_cells(series))


def tabulate_band(band: pd.DataFrame, *, interval: str, language: Language) -> pd.DataFrame:
    """Return the fewest, best and most incidents of the window and of its latest complete period.

    Empty where it is certain which reports tell of one incident.
    """
    t = language.text
    complete = band[band["is_complete"]]
    if complete.empty or band["count_fewest"].equals(band["count_most"]):
        return pd.DataFrame()
    last = complete.iloc[-1]
    readings = {
        "count_fewest": t("All that may be one are one"),
        "count": t("As counted in this report"),
        "count_most": t("No two reports tell of the same"),
    }
    return pd.DataFrame(
        {
            t("Reports"): list(readings.values()),
            t("Whole window"): [write_count(band[name].sum(), language) for name in readings],
            name_period(last["period_start"], interval, language): [
                write_count(last[name], language) for name in readings
            ],
        }
    )


def tabulate_latest(latest: pd.DataFrame, *, language: Language) -> pd.DataFrame:
    """Return the comparisons of the latest period as a table: one row a reference."""
    t, number = language.text, language.number
    rows = list(each_row(latest))
    return pd.DataFrame(
        {
            t("Compared with"): [
                language.days(row.reference_start, row.reference_end) for row in rows
            ],
            t("In 30 days now"): [number(30 * row.count / row.period_days, 1) for row in rows],
            t("In 30 days then"): [
                number(30 * row.count_reference / row.days_reference, 1) for row in rows
            ],
            **write_ratios(rows, language),
        }
    )


def tabulate_totals(
    series: pd.DataFrame, *, language: Language, not_coded: Sequence[str] = ()
) -> pd.DataFrame:
    """Return the total of each group, the largest first, with the range that dates leave.

    The index names the group of each row by its code. A group of ``not_coded``, which the records
    do not tell apart (`list_not_coded`), is not covered where none of its incidents is in them.
    """
    t = language.text
    column = series.columns[0]
    totals = total_groups(series)
    unknown = totals.index.isin(not_coded) & totals["count"].eq(0)
    totals = totals.astype(float).mask(unknown)
    counts = _withhold(totals["count"], "total" in series, language)
    return pd.DataFrame(
        {
            name_column(column, language): [
                name_group(column, str(group), language) for group in totals.index
            ],
            t("Count"): [
                t("not covered") if hidden else count
                for hidden, count in zip(unknown, counts, strict=True)
            ],
            t("Certain to possible"): [
                write_range(low, high, language)
                for low, high in zip(totals["count_min"], totals["count_max"], strict=True)
            ],
        },
        index=totals.index.astype(str),
    )


def tabulate_incidents(
    incidents: pd.DataFrame, window: Window, *, language: Language, most: int = 60
) -> pd.DataFrame:
    """Return the incidents that may lie in a window as a table, the latest first.

    At most ``most`` rows; the report's own count says how many there are. Places, types and
    targets are as the records have them, in whatever language.
    """
    t = language.text
    touches = (incidents["date_start"] <= window.end) & (incidents["date_end"] >= window.start)
    latest_first = incidents[touches].sort_values(
        ["date_start", "date_end"], ascending=False, kind="stable"
    )
    told = ["governorate", "place", "event_type", "target", "attribution", "n_reports"]
    told += [f"{toll}{end}" for toll in ("killed", "wounded") for end in ("", "_min", "_max")]
    shown = latest_first.head(most)[
        ["date_start", "date_end", *(column for column in told if column in incidents)]
    ]
    days = [language.days(row.date_start, row.date_end) for row in each_row(shown)]
    columns: dict[str, list[str]] = {t("Day"): days}
    if "governorate" in shown:
        columns[t("Governorate")] = [
            name_group("governorate", code or "unknown", language)
            for code in shown["governorate"].fillna("")
        ]
    for column, heading in (
        ("place", t("Place")),
        ("event_type", t("Type of event")),
        ("target", t("Target")),
        ("attribution", t("Attributed by")),
    ):
        if column in shown:
            said = shown[column].fillna("–").astype(str)
            columns[heading] = [name_group(column, value, language) for value in said]
    for column, heading in (("killed", t("Killed")), ("wounded", t("Wounded"))):
        if column in shown:
            columns[heading] = [_toll(row, column, language) for row in each_row(shown)]
    if "n_reports" in shown:
        columns[t("Reports")] = [language.number(n) for n in shown["n_reports"]]
    return pd.DataFrame(columns)


def tabulate_weeks(days: pd.DataFrame, *, language: Language) -> pd.DataFrame:
    """Return a calendar as a table: a week a row, a weekday a column, and what has no day."""
    weeks = arrange_weeks(days)
    table = {language.text("Period"): [name_period(d, "week", language) for d in weeks["week"]]}
    for weekday, monday_on in enumerate(pd.date_range("2017-10-16", periods=7)):
        table[language.weekday(monday_on)] = [language.number(n) for n in weeks[weekday]]
    table[language.text("undated")] = [write_count(n, language) for n in weeks["undated"]]
    return pd.DataFrame(table)


def arrange_weeks(days: pd.DataFrame) -> pd.DataFrame:
    """Return a row a week: incidents certain on each weekday, and expected in it without a day.

    A day that no source covered is empty, and so is one outside the series.

    Examples
    --------
    >>> days = pd.DataFrame({
    ...     "period_start": pd.to_datetime(["2017-10-16", "2017-10-17"]),
    ...     "count": [1.5, 0.5], "count_min": [1, 0]})
    >>> arrange_weeks(days)[[0, 1, "undated"]].to_numpy().tolist()
    [[1.0, 0.0, 1.0]]
    """
    weekday = days["period_start"].dt.day_of_week
    week = days["period_start"] - pd.to_timedelta(weekday, unit="D")
    certain = days["count_min"].where(days["count"].notna())
    table = certain.groupby([week, weekday]).sum(min_count=1).unstack()
    table = table.reindex(columns=range(7)).astype(float)
    table["undated"] = (days["count"] - certain).groupby(week).sum(min_count=1).round(9)
    return table.rename_axis("week").reset_index()


def each_row(frame: pd.DataFrame) -> Iterator[Any]:
    """Yield each row with its cells as attributes, typed as the table has them."""
    yield from frame.itertuples(index=False)


def write_interval(row: Any, language: Language, decimals: int = 2) -> str:
    """Return the interval of a row as text: its ``ci_lower`` and ``ci_upper``."""
    low, high = (language.number(bound, decimals) for bound in (row.ci_lower, row.ci_upper))
    return language.text("{low} to {high}", low=low, high=high)


def _toll(row: Any, column: str, language: Language) -> str:
    """A toll with the range that reports give, where they differ; unknown is a dash."""
    best = getattr(row, column)
    if pd.isna(best):
        return "–"
    low, high = getattr(row, f"{column}_min", best), getattr(row, f"{column}_max", best)
    if pd.isna(low) or low == high:
        return language.number(best)
    best, low, high = (language.number(value) for value in (best, low, high))
    return language.text("{best} ({low} to {high})", best=best, low=low, high=high)


def write_range(low: float, high: float, language: Language) -> str:
    """Return a range as text; a dash where nothing is known."""
    if pd.isna(low):
        return "–"
    return language.text(
        "{low} to {high}", low=write_count(low, language), high=write_count(high, language)
    )


def _withhold(
    counts: pd.Series, is_withheld: pd.Series | bool, language: Language, smallest: int = 5
) -> list[str]:
    """Counts as text; one that the edition withholds is told as small, whether it is or not."""
    hidden = counts.isna() & is_withheld
    return [
        language.text("<{n}*", n=smallest) if hide else write_count(value, language)
        for value, hide in zip(counts, hidden, strict=True)
    ]


def write_count(value: float, language: Language) -> str:
    """Return a count as text, with a decimal only where it has one."""
    return language.number(value, int(not float(value).is_integer()))


def write_expected(value: float, language: Language) -> str:
    """Return an expected number as text, with a decimal only where it is not nearly a whole one."""
    return language.number(value, 0 if abs(value - round(value)) < 0.05 else 1)


def write_ratios(rows: Sequence[Any], language: Language) -> dict[str, list[str]]:
    """Return two columns of a table: the ``ratio`` of each row, and its interval."""
    return {
        language.text("Rate ratio"): [language.number(row.ratio, 2) for row in rows],
        language.text("95 % interval"): [write_interval(row, language) for row in rows],
    }
