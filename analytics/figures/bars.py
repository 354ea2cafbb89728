"""Bars with their numbers: what a total is made of, and how one became another."""

from __future__ import annotations

from html import escape

import pandas as pd
import plotly.graph_objects as go

from analytics.figures.house import BLUE, GREY, HOLLOW, INK, TEMPLATE, VERMILION
from analytics.language import Language
from analytics.names import name_group, name_measure

_BAR = 30  # pixels a bar takes


def plot_totals(
    series: pd.DataFrame, *, language: Language, measure: str = "incidents", most: int = 12
) -> go.Figure:
    """Return the total of each group as a bar with its number, the largest first.

    Groups beyond the ``most`` largest are one bar, "others", so that the bars add up; what the
    records do not state is a hollow bar of its own, the last.
    """
    column = series.columns[0]
    totals = series.groupby(column)["count"].sum().sort_values(ascending=False, kind="stable")
    unknown = float(totals.get("unknown", 0.0))
    totals = totals[(totals > 0) & (totals.index != "unknown")]
    bars = [
        (str(group), name_group(column, str(group), language), n, BLUE)
        for group, n in totals[:most].items()
    ]
    if len(totals) > most:
        bars.append(("", language.text("others"), float(totals[most:].sum()), GREY))
    if unknown > 0:
        bars.append(("unknown", name_group(column, "unknown", language), unknown, HOLLOW))
    keys, names, values, colours = zip(*bars, strict=True) if bars else ((), (), (), ())
    figure = go.Figure(layout={"template": TEMPLATE})
    figure.add_bar(
        y=[escape(name) for name in names],
        x=values,
        customdata=keys,
        orientation="h",
        width=0.72,
        marker={"color": colours, "line": {"color": INK, "width": [c == HOLLOW for c in colours]}},
        text=[_number(value, language) for value in values],
        textposition="outside",
        cliponaxis=False,
        hovertemplate=f"%{{y}}<br>{name_measure(measure, language)}: %{{text}}<extra></extra>",
    )
    return _lay_out(figure, len(bars))


def plot_waterfall(changes: pd.DataFrame, *, language: Language) -> go.Figure | None:
    """Return how an earlier total became the new one, a bar a reason; None if there is nothing.

    Parameters
    ----------
    changes : DataFrame
        One row is a step: ``reason`` (text as the reader is to see it) and ``change`` (incidents).
        The first row is the earlier total, the last the new one.

    Raises
    ------
    ValueError
        If the steps do not lead from the first total to the last.
    """
    if len(changes) < 2:
        return None
    values = changes["change"].astype(float).tolist()
    if abs(sum(values[:-1]) - values[-1]) > 1e-6:
        raise ValueError("the changes do not add up to the new total")
    starts = [0.0, *pd.Series(values[:-1]).cumsum().tolist()[:-1], 0.0]
    starts[0] = 0.0
    is_total = [place in (0, len(values) - 1) for place in range(len(values))]
    colours = [
        INK if total else VERMILION if value < 0 else BLUE
        for total, value in zip(is_total, values, strict=True)
    ]
    texts = [
        _number(value, language)
        if total
        else f"{'+' if value > 0 else ''}{_number(value, language)}"
        for total, value in zip(is_total, values, strict=True)
    ]
    ends = [max(start, start + value) for start, value in zip(starts, values, strict=True)]
    figure = go.Figure(layout={"template": TEMPLATE})
    names = [escape(str(reason)) for reason in changes["reason"]]
    figure.add_bar(
        y=names,
        base=starts,
        x=values,
        orientation="h",
        width=0.72,
        # A fall is hatched: grey print must tell it from a rise.
        marker={
            "color": colours,
            "pattern": {"shape": ["/" if value < 0 else "" for value in values], "solidity": 0.5},
        },
        hoverinfo="skip",
    )
    for name, end, text in zip(names, ends, texts, strict=True):
        figure.add_annotation(
            x=end, y=name, text=text, xanchor="left", xshift=4, showarrow=False, font={"size": 12}
        )
    return _lay_out(figure, len(values))


def _lay_out(figure: go.Figure, n_bars: int) -> go.Figure:
    """Bars from the top, their names level, as high as they are many."""
    figure.update_xaxes(visible=False, rangemode="tozero")
    figure.update_yaxes(autorange="reversed", showgrid=False, ticks="", rangemode="normal")
    return figure.update_layout(height=20 + _BAR * n_bars, margin={"t": 8, "b": 8, "r": 56})


def _number(value: float, language: Language) -> str:
    return language.number(value, int(not float(value).is_integer()))
