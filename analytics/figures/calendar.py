"""Days as a calendar: week by week, and apart what no source dates to a day."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from analytics.figures.house import SHADES, TEMPLATE, classify, name_days
from analytics.language import Language
from analytics.weeks import arrange_weeks

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
    for row, year in enumerate(years, start=1):
        shown = weeks[weeks["week"].dt.year == year]
        cells = shown.drop(columns="week").to_numpy(float).T
        figure.add_heatmap(
            x=shown["week"],
            y=places,
            z=np.minimum(np.ceil(cells / width), len(SHADES) - 1),
            zmin=-0.5,
            zmax=len(SHADES) - 0.5,
            colorscale=_steps(),
            xgap=1,
            ygap=1,
            hoverongaps=False,
            hovertext=_hover(shown, cells, language),
            hovertemplate="%{hovertext}<extra></extra>",
            showscale=row == 1,
            colorbar={
                "orientation": "h",
                "x": 0,
                "xanchor": "left",
                "y": 1,
                "yanchor": "bottom",
                "len": 0.5,
                "thickness": 8,
                "tickvals": [*range(len(SHADES))],
                "ticktext": classes,
                "ticks": "",
                "outlinewidth": 0,
            },
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
        last = shown["week"].max()
        figure.update_xaxes(
            tickmode="array", **_months(shown["week"], language), row=row, col=1,
            range=[shown["week"].min() - pd.Timedelta(days=4), last + pd.Timedelta(days=4)],
        )  # fmt: skip
    height = len(years) * 8.7 * _ROW + 46 * (len(years) - 1) + 96
    return figure.update_layout(
        template=TEMPLATE, height=int(height), margin={"t": 46, "b": 44, "l": 60}
    )


def _steps() -> list[list[object]]:
    """A scale of flat colours, one a class."""
    n = len(SHADES)
    return [[place / n, colour] for i, colour in enumerate(SHADES) for place in (i, i + 1)]


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
