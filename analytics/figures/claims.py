"""Claims as figures: how far the answer moves with the window, the comparison and the model."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from analytics.figures.house import BLUE, GREY, TEMPLATE, VERMILION, title_axis
from analytics.language import Language
from analytics.names import name_model, name_place
from analytics.tables import each_row

_MOST, _LEAST = 50.0, 0.02


def plot_claim_variants(variants: pd.DataFrame, *, language: Language) -> go.Figure | None:
    """Return a forest plot of the variants of a claim, the reference marked; None if none.

    Parameters
    ----------
    variants : DataFrame
        `analytics.schema.CLAIM_VARIANTS`. Intervals that run off the scale are cut at its edge;
        the table beside has them whole.
    """
    shown = variants[variants["reason"] == ""].reset_index(drop=True)
    if shown.empty:
        return None
    figure = go.Figure(layout={"template": TEMPLATE})
    labels = []
    for place, row in enumerate(each_row(shown)):
        area = name_place(row.against, language) if row.against else ""
        years = f"{language.year(row.window_start)}–{language.year(row.window_end)}"
        name = " · ".join(part for part in (area, name_model(row.model, language), years) if part)
        labels.append(name)
        low, high = max(row.ci_lower, _LEAST), min(row.ci_upper, _MOST)
        colour = VERMILION if place == 0 else BLUE if row.against else GREY
        figure.add_scatter(
            x=[low, high], y=[place, place], mode="lines",
            line={"color": colour, "width": 2 if place else 3}, hoverinfo="skip",
        )  # fmt: skip
        figure.add_scatter(
            x=[min(max(row.ratio, _LEAST), _MOST)],
            y=[place],
            mode="markers",
            marker={"color": colour, "size": 7 if place else 10},
            hovertext=f"{name}<br>{language.number(row.ratio, 2)} "
            f"({language.number(row.ci_lower, 2)}–{language.number(row.ci_upper, 2)})",
            hovertemplate="%{hovertext}<extra></extra>",
        )
    figure.add_vline(x=1, line={"color": GREY, "width": 1})
    ticks = [0.02, 0.1, 0.5, 1, 2, 10, 50]
    decimals = [2, 1, 1, 0, 0, 0, 0]
    figure.update_xaxes(
        type="log", tickmode="array", tickvals=ticks, tickangle=0,
        ticktext=[language.number(tick, d) for tick, d in zip(ticks, decimals, strict=True)],
    )  # fmt: skip
    figure.update_yaxes(
        tickmode="array", tickvals=list(range(len(labels))), ticktext=labels,
        autorange="reversed", rangemode="normal", tickfont={"size": 11},
    )  # fmt: skip
    figure.update_layout(height=110 + 19 * len(labels))
    title_axis(figure, language.text("Rate ratio of the level, with its interval"))
    return figure
