"""The house style of figures: template, colours, named lines, key dates and days."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import pandas as pd
import plotly.graph_objects as go

from analytics.language import Language
from analytics.names import name_key_date
from analytics.tables import each_row

# Okabe & Ito's palette, told apart by people with any colour vision; each also differs in form.
BLUE, VERMILION, GREY, INK = "#0072B2", "#D55E00", "#6B6B6B", "#222222"
BLUE_BAND, _GRID = "rgba(0,114,178,0.16)", "#E3E3E3"
GREY_BAND = "rgba(107,107,107,0.16)"
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


def add_band(
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


def name_line(figure: go.Figure, x: pd.Timestamp, y: float, name: str, colour: str) -> None:
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


def title_axis(figure: go.Figure, title: str) -> None:
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


def mark_key_dates(figure: go.Figure, key_dates: Sequence[str], language: Language) -> None:
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


def mark_breaks(figure: go.Figure, breaks: pd.DataFrame, language: Language) -> None:
    """Each change point found as a dotted line over the stripe of its interval, named below."""
    for row in each_row(breaks):
        figure.add_vrect(
            x0=row.date_lower, x1=row.date_upper, fillcolor=GREY, opacity=0.18, line_width=0
        )
        figure.add_vline(x=row.date, line={"color": GREY, "width": 1.5, "dash": "dot"})
        figure.add_annotation(
            x=row.date,
            y=0.98,
            yref="paper",
            xanchor="right",
            xshift=-4,
            text=escape(language.text("change found: {day}", day=row.date)),
            showarrow=False,
            font={"color": GREY, "size": 12},
            bgcolor="rgba(255,255,255,0.75)",
        )


def name_days(
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
