"""Checks of a model as figures: what was expected and what came."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from analytics.figures.house import GREY, GREY_BAND, INK, TEMPLATE, add_band, name_days, title_axis
from analytics.language import Language
from analytics.names import name_period
from analytics.tables import each_row


def plot_excess(points: pd.DataFrame, *, interval: str, language: Language) -> go.Figure | None:
    """Return the running sum of observed minus expected incidents; None if there is none."""
    after = points.dropna(subset="cumulative_excess")
    if after.empty:
        return None
    figure = go.Figure(layout={"template": TEMPLATE})
    add_band(figure, after, "cumulative_excess_lower", "cumulative_excess_upper", GREY_BAND)
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
    title_axis(figure, language.text("Observed minus expected, summed"))
    return name_days(figure, after["period_start"], language)
