"""Bars with their numbers: what a total is made of, and how one became another."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import pandas as pd
import plotly.graph_objects as go

from analytics.cells import total_groups
from analytics.figures.house import BLUE, GREY, HOLLOW, INK, TEMPLATE, VERMILION
from analytics.language import Language
from analytics.names import name_group, name_measure, name_reason
from analytics.tables import each_row, write_count

_BAR = 30  # pixels a bar takes
_LETTER = 6  # pixels a letter takes


def plot_totals(
    series: pd.DataFrame, *, language: Language, measure: str = "incidents", most: int = 12
) -> go.Figure | None:
    """Return the total of each group as a bar with its number, the largest first; None if none.

    Groups beyond the ``most`` largest are one bar, "others", so that the bars add up; what the
    records do not state is a hollow bar of its own, the last.
    """
    column = series.columns[0]
    totals = total_groups(series)["count"]
    unknown = float(totals.fillna(0).get("unknown", 0.0))
    totals = totals[(totals > 0) & (totals.index != "unknown")]
    bars = [
        (str(group), name_group(column, str(group), language), n, BLUE)
        for group, n in totals[:most].items()
    ]
    if len(totals) > most:
        bars.append(("", language.text("others"), float(totals[most:].sum()), GREY))
    if unknown > 0:
        bars.append(("unknown", name_group(column, "unknown", language), unknown, HOLLOW))
    if not bars:
        return None
    keys, names, values, colours = zip(*bars, strict=True)
    figure = go.Figure(layout={"template": TEMPLATE})
    figure.add_bar(
        y=[escape(name) for name in names],
        x=values,
        customdata=keys,
        orientation="h",
        width=0.72,
        marker={"color": colours, "line": {"color": INK, "width": [c == HOLLOW for c in colours]}},
        text=[write_count(value, language) for value in values],
        textposition="outside",
        cliponaxis=False,
        hovertemplate=f"%{{y}}<br>{name_measure(measure, language)}: %{{text}}<extra></extra>",
    )
    return _lay_out(figure, names)


def plot_waterfall(changes: pd.DataFrame, *, language: Language) -> go.Figure | None:
    """Return how an earlier total became a later one, a bar a reason; None if there is no change.

    Parameters
    ----------
    changes : DataFrame
        `analytics.schema.WATERFALL`.
    """
    if len(changes) < 3:
        return None
    names, texts, colours, ends = [], [], [], []
    starts, lengths, shapes = [], [], []
    for row in each_row(changes):
        is_total = row.reason in ("earlier", "later")
        length = row.total_after if is_total else row.change
        starts.append(0.0 if is_total else row.total_after - row.change)
        lengths.append(length)
        ends.append(max(row.total_after, starts[-1]))
        names.append(escape(name_reason(row.reason, language)))
        sign = "+" if row.change > 0 and not is_total else ""
        texts.append(sign + write_count(length, language))
        colours.append(INK if is_total else VERMILION if row.change < 0 else BLUE)
        # A fall is hatched: grey print must tell it from a rise.
        shapes.append("/" if length < 0 else "")
    figure = go.Figure(layout={"template": TEMPLATE})
    figure.add_bar(
        y=names,
        base=starts,
        x=lengths,
        orientation="h",
        width=0.72,
        marker={"color": colours, "pattern": {"shape": shapes, "solidity": 0.5}},
        hovertext=texts,
        hovertemplate="%{y}: %{hovertext}<extra></extra>",
    )
    for name, end, text in zip(names, ends, texts, strict=True):
        figure.add_annotation(
            x=end, y=name, text=text, xanchor="left", xshift=4, showarrow=False, font={"size": 12}
        )
    return _lay_out(figure, names)


def _lay_out(figure: go.Figure, names: Sequence[str]) -> go.Figure:
    """Bars from the top, their names level, as high as they are many."""
    figure.update_xaxes(visible=False, rangemode="tozero")
    figure.update_yaxes(autorange="reversed", showgrid=False, ticks="", rangemode="normal")
    # Room for the longest name is made here: a redrawn chart was seen to forget its own measure.
    room = 16 + _LETTER * max(map(len, names), default=0)
    margin = {"t": 8, "b": 8, "r": 56, "l": room}
    return figure.update_layout(height=20 + _BAR * len(names), margin=margin)
