"""Counts as figures: a series, small panels, totals, published figures."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from analytics.figures.house import (
    BLUE,
    BLUE_BAND,
    GREY,
    GREY_BAND,
    INK,
    TEMPLATE,
    VERMILION,
    add_band,
    mark_breaks,
    mark_key_dates,
    name_days,
    name_line,
    title_axis,
)
from analytics.language import Language
from analytics.names import name_group, name_interval, name_measure, name_period, name_state
from analytics.series import key_cells
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
    _add_date_band(figure, series)
    if points is not None:
        # A period that the window cuts would bend the line by its few days.
        is_complete = series["is_complete"].to_numpy(bool)
        _add_fit(figure, points[is_complete], language)
    _add_counts(figure, series, interval, measure, language)
    title_axis(figure, _per_period(measure, interval, language))
    if breaks is not None:
        mark_breaks(figure, breaks, language)
    mark_key_dates(figure, key_dates, language)
    return name_days(figure, series["period_start"], language)


def plot_groups(
    series: pd.DataFrame,
    *,
    interval: str,
    language: Language,
    measure: str = "incidents",
    key_dates: Sequence[str] = (),
    n_columns: int = 3,
) -> go.Figure:
    """Return one small panel a group, all on one scale, in the order of the groups' totals.

    Groups without any incident in the window are left out of the picture; the table keeps them.
    """
    column = series.columns[0]
    totals = series.groupby(column)["count"].sum().sort_values(ascending=False, kind="stable")
    groups = totals.index[totals > 0].tolist()
    n_rows = max(1, -(-len(groups) // n_columns))
    figure = make_subplots(
        rows=n_rows,
        cols=min(n_columns, max(1, len(groups))),
        shared_yaxes="all",
        shared_xaxes="all",
        subplot_titles=[escape(name_group(column, group, language)) for group in groups],
        horizontal_spacing=0.03,
        vertical_spacing=min(0.09, 0.5 / n_rows),
    )
    for place, group in enumerate(groups):
        part = series[series[column] == group]
        row, col = place // n_columns + 1, place % n_columns + 1
        panel = go.Figure()
        _add_counts(panel, part, interval, measure, language, size=3)
        for trace in panel.data:
            figure.add_trace(trace, row=row, col=col)
    for label in key_dates:
        figure.add_vline(x=label.partition("/")[0], line={"color": VERMILION, "width": 1.2})
    figure.update_layout(template=TEMPLATE, height=90 + 130 * n_rows, margin={"t": 48})
    figure.update_annotations(font_size=12)
    return name_days(figure, series["period_start"], language, n_ticks=3)


def plot_totals(
    series: pd.DataFrame, *, language: Language, measure: str = "incidents", most: int = 12
) -> go.Figure:
    """Return the total of each group as a bar with its number, the largest first.

    Groups beyond the ``most`` largest are one bar, "others", so that the bars add up.
    """
    column = series.columns[0]
    totals = series.groupby(column)["count"].sum().sort_values(ascending=False, kind="stable")
    totals = totals[totals > 0]
    names = [name_group(column, group, language) for group in totals.index[:most]]
    keys, values = totals.index[:most].astype(str).tolist(), totals.iloc[:most].tolist()
    if len(totals) > most:
        keys.append("")
        names.append(language.text("others"))
        values.append(float(totals.iloc[most:].sum()))
    figure = go.Figure(layout={"template": TEMPLATE})
    figure.add_bar(
        y=[escape(name) for name in names],
        x=values,
        customdata=keys,
        orientation="h",
        marker={"color": BLUE},
        text=[language.number(value, int(not float(value).is_integer())) for value in values],
        textposition="outside",
        cliponaxis=False,
        hoverinfo="skip",
    )
    title_axis(figure, name_measure(measure, language))
    figure.update_xaxes(visible=False)
    figure.update_yaxes(autorange="reversed", showgrid=False, ticks="")
    return figure.update_layout(height=90 + 30 * len(names), margin={"r": 56})


def _add_counts(
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
            "color": np.where(is_complete, BLUE, "white"),
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


def _add_date_band(figure: go.Figure, series: pd.DataFrame) -> None:
    """The range from certain to possible counts, where interval dates leave one."""
    if "count_min" in series and (series["count_max"] > series["count_min"]).any():
        add_band(figure, series, "count_min", "count_max", BLUE_BAND, shape="hvh")


def _add_fit(figure: go.Figure, points: pd.DataFrame, language: Language) -> None:
    """Fitted mean as a full line, the counterfactual dashed with its band, each named."""
    supposed = points.dropna(subset="counterfactual")
    if len(supposed):
        add_band(figure, supposed, "counterfactual_lower", "counterfactual_upper", GREY_BAND)
        figure.add_scatter(
            x=supposed["period_start"],
            y=supposed["counterfactual"],
            mode="lines",
            line={"color": GREY, "width": 2, "dash": "dash"},
            hoverinfo="skip",
        )
        last = supposed.iloc[-1]
        name_line(
            figure,
            last["period_start"],
            last["counterfactual_upper"],
            language.text("had the earlier trend gone on"),
            GREY,
        )
    fitted = points.dropna(subset="fitted")
    is_after = fitted["counterfactual"].notna()
    for part in (fitted[~is_after], fitted[is_after]):
        figure.add_scatter(
            x=part["period_start"],
            y=part["fitted"],
            mode="lines",
            line={"color": INK, "width": 2.2},
            hoverinfo="skip",
        )
    if len(fitted):
        early = fitted.iloc[len(fitted) // 5]
        name_line(figure, early["period_start"], early["fitted"], language.text("fitted"), INK)


def _per_period(measure: str, interval: str, language: Language) -> str:
    return language.text(
        "{measure} per {interval}",
        measure=name_measure(measure, language),
        interval=name_interval(interval, language),
    )
