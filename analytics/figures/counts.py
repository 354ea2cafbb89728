"""A series of counts as a figure: what was observed, what was fitted, what was not covered."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from analytics.cells import key_cells
from analytics.figures.house import (
    BLUE,
    BLUE_BAND,
    GREY,
    GREY_BAND,
    HOLLOW,
    INK,
    TEMPLATE,
    add_band,
    add_line,
    mark_breaks,
    mark_key_dates,
    name_days,
    name_line,
    title_axis,
)
from analytics.language import Language
from analytics.names import name_interval, name_measure, name_period, name_state
from analytics.tables import each_row


def plot_series(
    series: pd.DataFrame,
    *,
    interval: str,
    language: Language,
    measure: str = "incidents",
    key_dates: Sequence[str] = (),
    points: pd.DataFrame | None = None,
    breaks: pd.DataFrame | None = None,
) -> go.Figure:
    """Return a series with its key dates and, where given, its fit and what it is compared with.

    Parameters
    ----------
    series : DataFrame
        One group's series (`analytics.schema.SERIES`).
    interval : str
        Length of its periods, for their names.
    language : Language
    measure : str
        What was counted; the title of the vertical axis.
    key_dates : sequence of str
        Labels of key dates: "2017-10-16" or "2021-12-09/2021-12-31".
    points : DataFrame, optional
        Fitted points (`analytics.schema.POINTS`) of the same periods.
    breaks : DataFrame, optional
        Change points found (`analytics.schema.BREAKS`), each drawn with its interval.

    Returns
    -------
    plotly Figure
    """
    figure = go.Figure(layout={"template": TEMPLATE})
    mark_uncovered(figure, series, language)
    _add_date_band(figure, series)
    if points is not None:
        # A period that the window cuts would bend the line by its few days.
        is_complete = series["is_complete"].to_numpy(bool)
        _add_fit(figure, points[is_complete], language)
    add_counts(figure, series, interval, measure, language)
    title_axis(figure, _per_period(measure, interval, language))
    if breaks is not None:
        mark_breaks(figure, breaks, language)
    mark_key_dates(figure, key_dates, language)
    return name_days(figure, series["period_start"], language)


def plot_spark(
    series: pd.DataFrame, *, interval: str, language: Language, key_dates: Sequence[str] = ()
) -> go.Figure:
    """Return a series as small as a first page has room for, its highest count named."""
    figure = go.Figure(layout={"template": TEMPLATE, "height": 210})
    mark_uncovered(figure, series, language)
    add_counts(figure, series, interval, "incidents", language, size=3)
    counted = series[series["is_complete"]].dropna(subset="count")
    if len(counted):
        highest = counted.iloc[int(counted["count"].to_numpy().argmax())]
        figure.add_annotation(
            x=highest["period_start"],
            y=highest["count"],
            text=language.number(highest["count"]),
            showarrow=False,
            yshift=10,
            font={"color": BLUE, "size": 12},
        )
    title_axis(figure, _per_period("incidents", interval, language))
    figure.update_yaxes(showgrid=False, nticks=3)
    mark_key_dates(figure, key_dates, language, with_names=False)
    return name_days(figure, series["period_start"], language)


def add_counts(
    figure: go.Figure,
    series: pd.DataFrame,
    interval: str,
    measure: str,
    language: Language,
    size: int | None = None,
) -> None:
    """Observed counts: full marks on a hair line; hollow where the period is not complete."""
    is_complete = (
        series["is_complete"].to_numpy(bool)
        if "is_complete" in series
        else np.ones(len(series), bool)
    )
    figure.add_scatter(
        x=series["period_start"],
        y=series["count"],
        customdata=key_cells(series).tolist(),
        mode="lines+markers",
        line={"color": BLUE, "width": 0.7},
        marker={
            "size": size or (4 if len(series) > 120 else 6),
            "color": np.where(is_complete, BLUE, HOLLOW),
            "line": {"color": BLUE, "width": 1},
        },
        hovertext=[
            "<br>".join(
                [
                    name_period(row.period_start, interval, language),
                    f"{name_measure(measure, language)}: {language.number(row.count, 1)}",
                    name_state(row, language),
                ]
            )
            for row in each_row(series)
        ],
        hovertemplate="%{hovertext}<extra></extra>",
    )


def mark_uncovered(figure: go.Figure, series: pd.DataFrame, language: Language) -> None:
    """Periods that no source observed as hatched stripes: their count is not zero but unknown."""
    if "is_covered" not in series or series["is_covered"].all():
        return
    uncovered = series[~series["is_covered"].astype(bool)]
    days = pd.to_timedelta(uncovered["period_days"], unit="D")
    name = language.text("not covered")
    figure.add_bar(
        x=uncovered["period_start"] + days / 2,
        y=[1] * len(uncovered),
        width=days.dt.total_seconds() * 1000,
        yaxis="y2",
        marker={
            "color": "rgba(0,0,0,0)",
            "line": {"width": 0},
            "pattern": {"shape": "/", "fgcolor": GREY, "size": 6, "solidity": 0.15},
        },
        hovertemplate=f"{name}<extra></extra>",
    )
    figure.update_layout(
        yaxis2={"overlaying": "y", "range": [0, 1], "visible": False, "fixedrange": True}
    )
    figure.add_annotation(
        x=(uncovered["period_start"] + days / 2).iloc[len(uncovered) // 2],
        y=0.5,
        yref="paper",
        text=name,
        textangle=-90,
        showarrow=False,
        font={"color": GREY, "size": 12},
        bgcolor=HOLLOW,
    )


def _add_date_band(figure: go.Figure, series: pd.DataFrame) -> None:
    """The range from certain to possible counts, where interval dates leave one."""
    if "count_min" in series and (series["count_max"] > series["count_min"]).any():
        add_band(figure, series, "count_min", "count_max", BLUE_BAND, shape="hvh")


def _add_fit(figure: go.Figure, points: pd.DataFrame, language: Language) -> None:
    """Fitted mean as a full line, the counterfactual dashed with its band, each named."""
    supposed = points.dropna(subset="counterfactual")
    if len(supposed):
        add_band(figure, supposed, "counterfactual_lower", "counterfactual_upper", GREY_BAND)
        name = language.text("had the earlier trend gone on")
        days, values = supposed["period_start"], supposed["counterfactual"]
        add_line(figure, name, days, values, GREY, 2, dash="dash")
        middle = supposed.iloc[len(supposed) // 2]
        name_line(figure, middle["period_start"], middle["counterfactual"], name, GREY)
    fitted = points.dropna(subset="fitted")
    is_after = fitted["counterfactual"].notna()
    name = language.text("fitted")
    for part in (fitted[~is_after], fitted[is_after]):
        if len(part):
            add_line(figure, name, part["period_start"], part["fitted"], INK, 2.2)
    if len(fitted):
        early = fitted.iloc[len(fitted) // 5]
        name_line(figure, early["period_start"], early["fitted"], name, INK, lift=60)


def _per_period(measure: str, interval: str, language: Language) -> str:
    return language.text(
        "{measure} per {interval}",
        measure=name_measure(measure, language),
        interval=name_interval(interval, language),
    )
