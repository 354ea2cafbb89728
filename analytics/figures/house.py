"""The house style of figures: template, colours by day and night, key dates, days, labels."""

from __future__ import annotations

import math
import textwrap
import unicodedata
from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import plotly.io as pio

from analytics.language import Language
from analytics.names import name_key_date, name_known_date
from analytics.tables import each_row

# After Okabe & Ito, told apart by people with any colour vision, the orange dark enough for text;
# each also differs in form, so that grey print loses nothing.
BLUE, VERMILION, GREY, INK = "#0072B2", "#B34700", "#626262", "#222222"
BLUE_BAND, GREY_BAND = "rgba(0,114,178,0.16)", "rgba(98,98,98,0.16)"
HOLLOW, ON_STRONG, _GRID, _CLEAR = "white", "#FFFFFE", "#E0DED6", "rgba(0,0,0,0)"
SHADES = ("#F0EEE6", "#C6DBEF", "#6BAED6", "#2171B5", "#08306B")
"""Colours of classes, from none to most: light to dark on paper, dark to light on a dark page."""

_DARK = {
    BLUE: "#6CB8EE",
    VERMILION: "#F0A070",
    GREY: "#B3B1A8",
    INK: "#E9E7E0",
    BLUE_BAND: "rgba(108,184,238,0.24)",
    GREY_BAND: "rgba(179,177,168,0.22)",
    HOLLOW: "#171715",
    ON_STRONG: "#10100E",
    _GRID: "#3A3934",
    **dict(zip(SHADES, ("#2A2A25", "#1F4060", "#275F8F", "#6CB8EE", "#D6ECFB"), strict=True)),
}
_LINE = 16  # pixels that a line of a label takes above the plot
_WRAP = 26  # letters in a line of a key date's name: on a telephone it must fit beside the date

TEMPLATE = go.layout.Template(
    layout=go.Layout(
        font={"family": "Noto Sans, Noto Sans Arabic, sans-serif", "size": 13, "color": INK},
        paper_bgcolor=_CLEAR,
        plot_bgcolor=_CLEAR,
        colorway=[BLUE, VERMILION, GREY],
        margin={"l": 48, "r": 16, "t": 40, "b": 44},
        height=360,
        showlegend=False,
        hovermode="closest",
        hoverlabel={"bgcolor": HOLLOW, "bordercolor": GREY, "font": {"color": INK}},
        xaxis={"showgrid": False, "ticks": "outside", "linecolor": INK, "zeroline": False},
        yaxis={"gridcolor": _GRID, "zeroline": False, "rangemode": "tozero", "automargin": True},
        # The page's script draws with the second colour of each pair on a dark page.
        meta={"dark": _DARK},
    )
)
pio.templates["incidents"] = TEMPLATE


def add_band(
    figure: go.Figure,
    frame: pd.DataFrame,
    lower: str,
    upper: str,
    colour: str,
    shape: str = "linear",
) -> None:
    """A filled band between two columns; none where they are empty."""
    for column, fill in ((lower, None), (upper, "tonexty")):
        figure.add_scatter(
            x=frame["period_start"],
            y=frame[column].fillna(0),
            mode="lines",
            line={"width": 0, "shape": shape},
            fill=fill,
            fillcolor=colour,
            hoverinfo="skip",
        )


def add_line(
    figure: go.Figure, name: str, days: Any, values: Any, colour: str, width: float, **line: str
) -> None:
    """A line of what was fitted or supposed; what was observed tells its numbers, this none."""
    line_of = {"color": colour, "width": width, **line}
    figure.add_scatter(name=name, x=days, y=values, mode="lines", line=line_of, hoverinfo="skip")


def reach(above: Any, below: Any, *, thickness: int = 1) -> dict[str, Any]:
    """The bar of an interval: how far it reaches on either side of its estimate."""
    return {
        "type": "data",
        "symmetric": False,
        "array": above,
        "arrayminus": below,
        "thickness": thickness,
        "width": 0,
    }


def name_line(
    figure: go.Figure, x: pd.Timestamp, y: float, name: str, colour: str, *, lift: int = 24
) -> None:
    """The name of a line beside one of its points, with a thread to it.

    Where the label would lie on a curve, the page's script looks for a free place along the trace
    of the same name: only the browser knows how wide the chart is.
    """
    figure.add_annotation(
        name=f"line:{name}",
        x=x,
        y=y,
        ax=0,
        ay=-lift,
        text=escape(name),
        showarrow=True,
        arrowhead=0,
        arrowwidth=0.8,
        arrowcolor=colour,
        standoff=2,
        font={"color": colour, "size": 12},
    )


def set_line(text: str) -> str:
    """Return a line that runs from right to left if it has Arabic letters; a chart never does."""
    has_arabic = any(unicodedata.bidirectional(letter) == "AL" for letter in text)
    return f"\u2067{text}\u2069" if has_arabic else text


def title_axis(figure: go.Figure, title: str, *, colour: str = GREY, rise: int = 14) -> None:
    """The title of the vertical axis, level and on top, where it is read first."""
    figure.add_annotation(
        name="axis-title",
        x=0,
        y=1,
        xref="paper",
        yref="paper",
        xanchor="left",
        yanchor="bottom",
        xshift=-44,
        yshift=rise,
        text=escape(set_line(title)),
        showarrow=False,
        font={"size": 12, "color": colour},
    )


def mark_key_dates(
    figure: go.Figure, key_dates: Sequence[str], language: Language, *, with_names: bool = True
) -> None:
    """Each key date as a line (an interval as a stripe), named above the plot, a row for each.

    Called last of all that writes above the plot: it makes room.
    """
    days = [pd.Timestamp(label.partition("/")[0]) for label in key_dates]
    drawn = [pd.Timestamp(x) for trace in figure.data for x in (trace.x[0], trace.x[-1])]
    first, last = min(drawn), max(drawn)
    shown = [
        (day, label)
        for day, label in sorted(zip(days, key_dates, strict=True))
        if first <= day <= last
    ]
    # A late date's name ends at its line, an early one's begins there: in this order of rows no
    # line runs through the name of another date of its half.
    middle = first + 0.5 * (last - first)
    early = [each for each in shown if each[0] <= middle]
    shown = [*shown[len(early) :], *reversed(early)]
    labels = [_name_lines(label, language, with_names=with_names) for _, label in shown]
    top = 26 + _LINE * sum(map(len, labels)) + 4
    height = (figure.layout.height or TEMPLATE.layout.height) - top - TEMPLATE.layout.margin.b
    row = 0
    for (day, label), lines in zip(shown, labels, strict=True):
        start, _, end = label.partition("/")
        edge = {"color": VERMILION, "width": 1.5}
        if end:
            figure.add_vrect(x0=start, x1=end, fillcolor=VERMILION, opacity=0.2, line_width=0)
            # In grey print the stripe is a band like others: its edges tell it apart.
            edge |= {"width": 1, "dash": "dot"}
            figure.add_vline(x=end, line=edge)
        rise = (_LINE * (row + len(lines)) - 2) / height
        figure.add_shape(
            type="line", x0=start, x1=start, yref="paper", y0=0, y1=1 + rise, line=edge
        )
        is_late = day > middle
        figure.add_annotation(
            name="key-date",
            x=start,
            y=1,
            yref="paper",
            xanchor="right" if is_late else "left",
            align="right" if is_late else "left",
            xshift=-3 if is_late else 3,
            yanchor="bottom",
            yshift=_LINE * row - 2,
            text="<br>".join(map(escape, lines)),
            showarrow=False,
            font={"color": VERMILION, "size": 12},
        )
        row += len(lines)
    figure.update_layout(margin_t=top)
    figure.update_annotations({"yshift": _LINE * row + 6}, selector={"name": "axis-title"})


def mark_breaks(figure: go.Figure, breaks: pd.DataFrame, language: Language) -> None:
    """Each change point found as a dotted line over the stripe of its interval, named."""
    top = max(max(trace.y) for trace in figure.data if len(trace.y))
    for row in each_row(breaks):
        figure.add_vrect(
            x0=row.date_lower, x1=row.date_upper, fillcolor=GREY, opacity=0.18, line_width=0
        )
        name = language.text("change found: {day}", day=row.date)
        figure.add_scatter(
            name=name,
            x=[row.date, row.date],
            y=[0, 1.05 * top],
            mode="lines",
            line={"color": GREY, "width": 1.5, "dash": "dot"},
            hovertemplate=f"{escape(name)}<extra></extra>",
        )
        name_line(figure, row.date, 1.05 * top, name, GREY)


def name_days(
    figure: go.Figure, days: pd.Series[pd.Timestamp], language: Language, n_ticks: int = 13
) -> go.Figure:
    """Name the ticks of the time axis in the reader's language (plotly knows English only).

    As many as a wide page has room for; the page's script leaves out names on a narrow one.
    """
    first, last = days.min(), days.max()
    n_months = max(1, (last.year - first.year) * 12 + last.month - first.month)
    step = next((m for m in (1, 3, 6, 12, 24, 60) if n_months / m <= n_ticks), 120)
    start = pd.Timestamp(first.year, 1 if step >= 3 else first.month, 1)
    ticks = [day for day in pd.date_range(start, last, freq=f"{step}MS") if day >= first]
    names = [
        _name_tick(day, language, with_year=place == 0 or day.month == 1) if step < 12
        else language.year(day)
        for place, day in enumerate(ticks)
    ]  # fmt: skip
    return figure.update_xaxes(tickmode="array", tickvals=ticks, ticktext=names, tickangle=0)


def _name_tick(day: pd.Timestamp, language: Language, *, with_year: bool) -> str:
    name = language.month_name(day)
    return f"{name}<br>{language.year(day)}" if with_year else name


def _name_lines(label: str, language: Language, *, with_names: bool) -> list[str]:
    """A key date's day and, where the project knows it, its name, in lines of a chart."""
    name = name_known_date(label, language) if with_names else ""
    day = name_key_date(label, language)
    return [*textwrap.wrap(day, 32), *textwrap.wrap(name, _WRAP)]


def scale_ratios(language: Language, low: float = 0.02, high: float = 50.0) -> dict[str, Any]:
    """A logarithmic axis of ratios that a reader knows, in the reader's numerals."""
    steps = [0.001, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 1000]
    if high > 3000 * low:
        steps = [0.001, 0.01, 0.1, 1, 10, 100, 1000]
    ratios = [step for step in steps if low <= step <= high]
    names = [language.number(r, max(0, -math.floor(math.log10(r)))) for r in ratios]
    return {
        "type": "log",
        "rangemode": "normal",
        "tickmode": "array",
        "tickvals": ratios,
        "ticktext": names,
        "tickangle": 0,
    }


def shorten(values: Iterable[float], digits: int = 4) -> list[float | None]:
    """Return numbers as short as a chart can show; a page holds thousands of them."""
    return [float(f"{value:.{digits}g}") if math.isfinite(value) else None for value in values]


def classify(top: float, language: Language) -> tuple[int, list[str]]:
    """Width of a class of counts, and the names of the classes, of which the first is none."""
    width = max(1, math.ceil((top if math.isfinite(top) else 0) / (len(SHADES) - 1)))
    bounds = [(i * width + 1, (i + 1) * width) for i in range(len(SHADES) - 1)]
    return width, [
        language.number(0),
        *(
            language.number(low)
            if low == high
            else f"{language.number(low)}–{language.number(high)}"
            for low, high in bounds
        ),
    ]
