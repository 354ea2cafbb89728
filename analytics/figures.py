"""Result frames as plotly figures: one visual language, readable in grey print and without colour.

A figure is drawn from columns that are already there; nothing is fitted or counted here. What is
observed is a mark, what is fitted a full line, what is supposed a dashed one, a period that is not
complete a hollow mark; lines carry their name at their end instead of a legend.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from analytics.language import Language
from analytics.names import (
    name_group,
    name_interval,
    name_key_date,
    name_measure,
    name_period,
    name_state,
)
from analytics.tables import each_row

# Okabe & Ito's palette, told apart by people with any colour vision; each also differs in form.
BLUE, VERMILION, GREY, INK = "#0072B2", "#D55E00", "#6B6B6B", "#222222"
_BAND, _GRID = "rgba(0,114,178,0.16)", "#E3E3E3"
_GREY_BAND = "rgba(107,107,107,0.16)"
TEMPLATE = go.layout.Template(
    layout=go.Layout(
        font={"family": "Noto Sans, Noto Sans Arabic, sans-serif", "size": 13, "color": INK},
        paper_bgcolor="white",
        plot_bgcolor="white",
        colorway=[BLUE, VERMILION, GREY],
        margin={"l": 48, "r": 16, "t": 64, "b": 36},
        height=360,
        showlegend=False,
        hovermode="closest",
        hoverlabel={"bgcolor": "white", "font": {"color": INK}},
        xaxis={"showgrid": False, "ticks": "outside", "linecolor": INK, "zeroline": False},
        yaxis={"gridcolor": _GRID, "zeroline": False, "rangemode": "tozero", "automargin": True},
    )
)


def plot_series(
    series: pd.DataFrame,
    *,
    interval: str,
    language: Language,
    measure: str = "incidents",
    key_dates: Sequence[str] = (),
    points: pd.DataFrame | None = None,
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

    Returns
    -------
    plotly Figure
    """
    figure = go.Figure(layout={"template": TEMPLATE})
    _add_date_band(figure, series)
    if points is not None:
        _add_fit(figure, points, language)
    _add_counts(figure, series, interval, measure, language)
    _title_axis(figure, _per_period(measure, interval, language))
    _mark_key_dates(figure, key_dates, language)
    return _name_days(figure, series["period_start"], language)


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
    return _name_days(figure, series["period_start"], language, n_ticks=4)


def plot_excess(points: pd.DataFrame, *, interval: str, language: Language) -> go.Figure:
    """Return the running sum of observed minus expected incidents, with its band."""
    after = points.dropna(subset="cumulative_excess")
    figure = go.Figure(layout={"template": TEMPLATE})
    _add_band(figure, after, "cumulative_excess_lower", "cumulative_excess_upper", _GREY_BAND)
    figure.add_scatter(
        x=after["period_start"],
        y=after["cumulative_excess"],
        mode="lines",
        line={"color": INK, "width": 2},
        hovertext=[
            f"{name_period(row.period_start, interval, language)}<br>"
            + language.text(
                "{excess} ({low} to {high})",
                excess=language.number(row.cumulative_excess),
                low=language.number(row.cumulative_excess_lower),
                high=language.number(row.cumulative_excess_upper),
            )
            for row in each_row(after)
        ],
        hovertemplate="%{hovertext}<extra></extra>",
    )
    figure.add_hline(y=0, line={"color": GREY, "width": 1})
    _title_axis(figure, language.text("Observed minus expected, summed"))
    return _name_days(figure, after["period_start"], language)


def plot_spans(
    spans: pd.DataFrame, *, language: Language, value_title: str, key_dates: Sequence[str] = ()
) -> go.Figure:
    """Return published figures as flat steps, each as wide as the days it speaks of.

    Parameters
    ----------
    spans : DataFrame
        One row is a figure: ``period_start``, ``period_end`` (days, inclusive), ``value``.
    """
    figure = go.Figure(layout={"template": TEMPLATE})
    for row in each_row(spans):
        end = row.period_end + pd.Timedelta(days=1)
        figure.add_scatter(
            x=[row.period_start, end],
            y=[row.value, row.value],
            mode="lines",
            line={"color": BLUE, "width": 5},
            hovertemplate=(
                f"{escape(language.days(row.period_start, row.period_end))}<br>"
                f"{language.number(row.value, 1)}<extra></extra>"
            ),
        )
        middle = row.period_start + (end - row.period_start) / 2
        figure.add_annotation(
            x=middle, y=row.value, text=language.number(row.value, 1), showarrow=False, yshift=13
        )
    _title_axis(figure, value_title)
    _mark_key_dates(figure, key_dates, language)
    return _name_days(figure, pd.concat([spans["period_start"], spans["period_end"]]), language)


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
        _add_band(figure, series, "count_min", "count_max", _BAND, shape="hvh")


def _add_fit(figure: go.Figure, points: pd.DataFrame, language: Language) -> None:
    """Fitted mean as a full line, the counterfactual dashed with its band, each named."""
    supposed = points.dropna(subset="counterfactual")
    if len(supposed):
        _add_band(figure, supposed, "counterfactual_lower", "counterfactual_upper", _GREY_BAND)
        figure.add_scatter(
            x=supposed["period_start"],
            y=supposed["counterfactual"],
            mode="lines",
            line={"color": GREY, "width": 2, "dash": "dash"},
            hoverinfo="skip",
        )
        last = supposed.iloc[-1]
        _name_line(
            figure,
            last["period_start"],
            last["counterfactual_upper"],
            language.text("had the earlier trend gone on"),
            GREY,
        )
    fitted = points.dropna(subset="fitted")
    figure.add_scatter(
        x=points["period_start"],
        y=points["fitted"],
        mode="lines",
        line={"color": INK, "width": 2.2},
        connectgaps=False,
        hoverinfo="skip",
    )
    if len(fitted):
        early = fitted.iloc[len(fitted) // 5]
        _name_line(figure, early["period_start"], early["fitted"], language.text("fitted"), INK)


def _add_band(
    figure: go.Figure,
    frame: pd.DataFrame,
    lower: str,
    upper: str,
    colour: str,
    shape: str = "linear",
) -> None:
    """A filled band between two columns."""
    for column, fill in ((lower, None), (upper, "tonexty")):
        figure.add_scatter(
            x=frame["period_start"],
            y=frame[column],
            mode="lines",
            line={"width": 0, "shape": shape},
            fill=fill,
            fillcolor=colour,
            hoverinfo="skip",
        )


def _name_line(figure: go.Figure, x: pd.Timestamp, y: float, name: str, colour: str) -> None:
    """The name of a line, over one of its points."""
    figure.add_annotation(
        x=x,
        y=y,
        text=escape(name),
        showarrow=False,
        xanchor="right",
        yshift=12,
        font={"color": colour, "size": 12},
        bgcolor="rgba(255,255,255,0.75)",
    )


def _title_axis(figure: go.Figure, title: str) -> None:
    """The title of the vertical axis, level and on top, where it is read first."""
    figure.add_annotation(
        x=0,
        y=1,
        xref="paper",
        yref="paper",
        xanchor="left",
        yanchor="bottom",
        xshift=-44,
        yshift=38,
        text=escape(title),
        showarrow=False,
        font={"size": 12, "color": GREY},
    )


def _per_period(measure: str, interval: str, language: Language) -> str:
    return language.text(
        "{measure} per {interval}",
        measure=name_measure(measure, language),
        interval=name_interval(interval, language),
    )


def _mark_key_dates(figure: go.Figure, key_dates: Sequence[str], language: Language) -> None:
    """Each key date as a line (an interval as a stripe), its day above the plot."""
    for place, label in enumerate(key_dates):
        start, _, end = label.partition("/")
        if end:
            figure.add_vrect(x0=start, x1=end, fillcolor=VERMILION, opacity=0.25, line_width=0)
        else:
            figure.add_vline(x=start, line={"color": VERMILION, "width": 1.5})
        figure.add_annotation(
            x=start,
            y=1,
            yref="paper",
            yanchor="bottom",
            yshift=16 * (place % 2),
            text=escape(name_key_date(label, language)),
            showarrow=False,
            font={"color": VERMILION, "size": 12},
        )


def _name_days(
    figure: go.Figure, days: pd.Series[pd.Timestamp], language: Language, n_ticks: int = 9
) -> go.Figure:
    """Name the ticks of the time axis in the reader's language (plotly knows English only)."""
    first, last = days.min(), days.max()
    n_months = max(1, (last.year - first.year) * 12 + last.month - first.month)
    # Month names are long outside English, and a tick is never slanted.
    room = n_ticks if language.code == "en" else max(2, n_ticks - 3)
    step = next((m for m in (1, 2, 3, 6, 12, 24, 60) if n_months / m <= room), 120)
    step = 12 if 3 <= step < 12 and n_months >= 30 else step
    start = pd.Timestamp(first.year, 1 if step >= 3 else first.month, 1)
    ticks = [day for day in pd.date_range(start, last, freq=f"{step}MS") if day >= first]
    names = [
        language.year(day) if step >= 12 else language.month(day, is_short=True) for day in ticks
    ]
    return figure.update_xaxes(tickmode="array", tickvals=ticks, ticktext=names, tickangle=0)
