"""Figures that others published, as flat steps: each as wide as the days it speaks of."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from html import escape
from typing import Any

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from analytics.figures.house import (
    BLUE,
    INK,
    TEMPLATE,
    VERMILION,
    mark_key_dates,
    name_days,
    set_line,
    title_axis,
)
from analytics.language import Language
from analytics.names import name_stated
from analytics.tables import each_row

_WRAP = 44  # letters in a line of a panel's title: on a telephone it must fit


def plot_rates(
    rates: pd.DataFrame, *, language: Language, key_dates: Sequence[str] = ()
) -> go.Figure | None:
    """Return the rates between running totals, with their intervals; None if there are none.

    Parameters
    ----------
    rates : DataFrame
        From `analytics.aggregates.difference_running_totals`.
    """
    if rates.empty:
        return None
    figure = go.Figure(layout={"template": TEMPLATE})
    for row in each_row(rates):
        _add_step(figure, row, row.rate_per_30_days, language)
        middle = row.period_start + (row.period_end - row.period_start) / 2
        figure.add_scatter(
            x=[middle, middle],
            y=[row.ci_lower, row.ci_upper],
            mode="lines",
            line={"color": INK, "width": 1},
            hoverinfo="skip",
        )
        figure.add_annotation(
            name="number",
            x=middle,
            y=row.ci_upper,
            text=language.number(row.rate_per_30_days, 1),
            showarrow=False,
            yshift=9,
        )
    title_axis(figure, language.text("Attacks in 30 days"))
    mark_key_dates(figure, key_dates, language)
    days = pd.concat([rates["period_start"], rates["period_end"]])
    return name_days(figure, days, language)


def plot_published(
    rates: pd.DataFrame, *, language: Language, key_dates: Sequence[str] = ()
) -> go.Figure | None:
    """Return a panel for each definition of published figures, each on its own scale; None if none.

    Parameters
    ----------
    rates : DataFrame
        From `analytics.aggregates.rate_published_counts`.
    """
    if rates.empty:
        return None
    series_ids = rates["series_id"].drop_duplicates().tolist()
    heads = rates.drop_duplicates("series_id")
    named = [f"{row.publisher}: {name_stated(row.measure, language)}" for row in each_row(heads)]
    titles = [list(map(set_line, textwrap.wrap(name, _WRAP)[:3])) for name in named]
    n_lines = max(map(len, titles))
    height = 80 * len(titles) + (24 + 16 * n_lines) * (len(titles) - 1)
    figure = make_subplots(
        rows=len(titles),
        shared_xaxes="all",
        vertical_spacing=(24 + 16 * n_lines) / height,
        subplot_titles=["<br>".join(map(escape, lines)) for lines in titles],
    )
    for place, series_id in enumerate(series_ids, start=1):
        panel = go.Figure()
        for row in each_row(rates[rates["series_id"] == series_id]):
            _add_step(panel, row, row.rate_per_30_days, language)
        for trace in panel.data:
            figure.add_trace(trace, row=place, col=1)
        top = float(rates.loc[rates["series_id"] == series_id, "rate_per_30_days"].max())
        figure.update_yaxes(range=[0, 1.15 * top], nticks=4, row=place, col=1)
    for label in key_dates:
        figure.add_vline(x=label.partition("/")[0], line={"color": VERMILION, "width": 1.2})
    figure.update_layout(
        template=TEMPLATE, height=height + 16 * n_lines + 56, margin={"t": 12 + 16 * n_lines}
    )
    figure.update_annotations(font_size=12, x=0, xanchor="left")
    days = pd.concat([rates["period_start"], rates["period_end"]])
    return name_days(figure, days, language)


def _add_step(figure: go.Figure, row: Any, value: float, language: Language) -> None:
    """One figure as a flat line over its days, with its number under the pointer."""
    start, end = row.period_start, row.period_end
    figure.add_scatter(
        x=[start, end + pd.Timedelta(days=1)],
        y=[value, value],
        mode="lines",
        line={"color": BLUE, "width": 5},
        hovertemplate=(
            f"{escape(language.days(start, end))}<br>{language.number(value, 1)}<extra></extra>"
        ),
    )
