"""Days as a calendar: week by week, and apart what no source dates to a day."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from analytics.figures.house import INK, ON_STRONG, SHADES, TEMPLATE, classify, name_days
from analytics.language import Language
from analytics.tables import arrange_weeks

_ROW = 17  # pixels a day takes


def plot_calendar(days: pd.DataFrame, *, language: Language) -> go.Figure | None:
    """Return a calendar of a daily series, a panel a year; None if it has no incident.

    A day is coloured by the incidents that certainly happened on it. What is known only to an
    interval of days is on no day: its expected number a week stands in the row below.

    Parameters
    ----------
    days : DataFrame
        A series by day (`analytics.schema.SERIES`).
    """
    if not days["count"].sum() > 0:
        return None
    weeks = arrange_weeks(days)
    years = sorted(weeks["week"].dt.year.unique())
    values = weeks.drop(columns="week").to_numpy(float)
    width, classes = classify(float(np.nanmax(values)), language)
    figure = make_subplots(
        rows=len(years),
        vertical_spacing=min(0.3, 46 / (len(years) * 8 * _ROW + 46 * len(years))),
    )
    names = [language.weekday(day) for day in pd.date_range("2017-10-16", periods=7)]
    names.append(language.text("undated"))
    places = [0, 1, 2, 3, 4, 5, 6, 7.5]
    # A day is as wide in a year of which few weeks are known as in the others.
    span = max(weeks.groupby(weeks["week"].dt.year)["week"].agg(np.ptp))
    for row, year in enumerate(years, start=1):
        shown = weeks[weeks["week"].dt.year == year]
        cells = shown.drop(columns="week").to_numpy(float).T
        classes_of_days = np.minimum(np.ceil(cells / width), len(SHADES) - 1)
        known = np.isfinite(cells)
        at = np.nonzero(known)
        # Bars, a day each: drawings, where a heat map would be a picture of points.
        figure.add_bar(
            x=shown["week"].to_numpy()[at[1]],
            base=np.array(places)[at[0]] - 0.47,
            y=np.full(len(at[0]), 0.94),
            width=6.6 * 86_400_000,
            marker={"color": np.array(SHADES)[classes_of_days[known].astype(int)]},
            hovertext=np.array(_hover(shown, cells, language))[known],
            hovertemplate="%{hovertext}<extra></extra>",
            row=row,
            col=1,
        )
        figure.update_yaxes(
            tickvals=places,
            ticktext=names,
            range=[8.1, -0.6],
            showgrid=False,
            ticks="",
            tickfont={"size": 11},
            row=row,
            col=1,
        )
        name_days(figure, shown["week"], language)
        first = shown["week"].min()
        figure.update_xaxes(
            tickmode="array", **_months(shown["week"], language), row=row, col=1,
            range=[first - pd.Timedelta(days=4), first + span + pd.Timedelta(days=4)],
        )  # fmt: skip
    _add_key(figure, classes)
    height = len(years) * 8.7 * _ROW + 46 * (len(years) - 1) + 96
    return figure.update_layout(
        template=TEMPLATE, height=int(height), margin={"t": 46, "b": 44, "l": 60}
    )


def _add_key(figure: go.Figure, classes: list[str]) -> None:
    """What each colour stands for, in a row above the first year."""
    for place, (shade, name) in enumerate(zip(SHADES, classes, strict=True)):
        figure.add_annotation(
            x=0,
            y=1,
            xref="paper",
            yref="paper",
            xanchor="left",
            yanchor="bottom",
            xshift=place * 52,
            yshift=14,
            width=44,
            text=name,
            bgcolor=shade,
            font={"size": 11, "color": ON_STRONG if place >= 3 else INK},
            showarrow=False,
        )


def _months(weeks: pd.Series[pd.Timestamp], language: Language) -> dict[str, object]:
    """Ticks at the first week of each month; the year with the first, and with January."""
    firsts = weeks[~weeks.dt.to_period("M").duplicated()]
    names = [
        f"{language.month_name(day)}<br>{language.year(day)}"
        if place == 0
        else language.month_name(day)
        for place, day in enumerate(firsts)
    ]
    return {"tickvals": firsts.tolist(), "ticktext": names, "ticks": "", "showline": False}


def _hover(weeks: pd.DataFrame, cells: np.ndarray, language: Language) -> list[list[str]]:
    """A day with its number; for the last row, a week with its expected number."""
    texts = []
    for weekday, numbers in enumerate(cells):
        row = []
        for monday, n in zip(weeks["week"], numbers, strict=True):
            if weekday < 7:
                day = language.day(monday + pd.Timedelta(days=weekday))
                row.append(f"{day}: {language.number(n)}")
            else:
                name = language.text("not dated to a day, week of {day}", day=monday)
                row.append(f"{name}: {language.number(n, 1)}")
        texts.append(row)
    return texts
