"""Estimates with their intervals, one below the other: variants of a claim, places, draws."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go

from analytics.figures.house import (
    BLUE,
    GREY,
    TEMPLATE,
    VERMILION,
    reach,
    scale_ratios,
    shorten,
    title_axis,
)
from analytics.findings import is_told
from analytics.language import Language
from analytics.names import name_drawn, name_group, name_model, name_place, name_term
from analytics.tables import each_row

_LEAST, _MOST = 0.02, 50.0
_ROW = 19  # pixels that an estimate takes


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
    labels = []
    for row in each_row(shown):
        area = name_place(row.against, language) if row.against else ""
        years = f"{language.year(row.window_start)}–{language.year(row.window_end)}"
        labels.append(
            " · ".join(part for part in (area, name_model(row.model, language), years) if part)
        )
    figure = _start(labels, language)
    is_first = shown.index == 0
    is_against = shown["against"] != ""
    _add(figure, shown[~is_first & ~is_against], labels, language, colour=GREY)
    _add(figure, shown[~is_first & is_against], labels, language, colour=BLUE)
    _add(figure, shown[is_first], labels, language, colour=VERMILION, size=10)
    return figure


def plot_places(
    places: pd.DataFrame, *, by: str = "governorate", language: Language
) -> go.Figure | None:
    """Return each place's own ratio (hollow) over its pooled one (full); None if there is none.

    Parameters
    ----------
    places : DataFrame
        `analytics.schema.PLACES`. Of a place with too few incidents to tell its own ratio the
        pooled one alone is drawn. Places without a fit are in the table alone: what the others
        predict for them is the same for all.
    """
    known = places[places["ratio"].notna() & (places["pooled_ratio"].notna() | is_told(places))]
    if known.empty:
        return None
    order = known["pooled_ratio"].fillna(known["ratio"])
    shown = known.loc[order.sort_values(kind="stable").index].reset_index(drop=True)
    labels = [name_group(by, place, language) for place in shown["place"]]
    figure = _start(labels, language, row=2 * _ROW - 8)
    own = shown[is_told(shown)]
    _add(figure, own, labels, language, colour=GREY, shift=-0.2, symbol="circle-open")
    pooled = shown[shown["pooled_ratio"].notna()]
    pooled = pooled.drop(columns=["ratio", "ci_lower", "ci_upper"]).rename(
        columns={"pooled_ratio": "ratio", "pooled_lower": "ci_lower", "pooled_upper": "ci_upper"}
    )
    _add(figure, pooled, labels, language, colour=BLUE, shift=0.2, symbol="diamond")
    if len(pooled):
        title = language.text("○ of its own incidents, ◆ pooled")
        title_axis(figure, title, colour=BLUE, rise=32)
        figure.update_layout(margin_t=62)
    return figure


def plot_pooled(
    pooled: pd.DataFrame, terms: pd.DataFrame, *, language: Language
) -> go.Figure | None:
    """Return the level changes as counted, and pooled over what was drawn; None if there is none.

    Parameters
    ----------
    pooled, terms : DataFrame
        `analytics.schema.POOLED`, and `analytics.schema.TERMS` of the fit as counted.
    """
    if pooled.empty or terms.empty:
        return None
    whole = pd.concat([terms.assign(drawn="nothing"), pooled], ignore_index=True)
    shown = whole[whole["term"].str.match(r"level\[|joint") & whole["ratio"].notna()]
    if shown.empty:
        return None
    shown = shown.sort_values("term", kind="stable").reset_index(drop=True)
    is_one = shown["term"].nunique() == 1
    labels = [
        name_drawn(row.drawn, language)
        if is_one
        else f"{name_term(row.term, language)} · {name_drawn(row.drawn, language)}"
        for row in each_row(shown)
    ]
    figure = _start(labels, language, row=30)
    is_counted = shown["drawn"] == "nothing"
    _add(figure, shown[~is_counted], labels, language, colour=BLUE)
    _add(figure, shown[is_counted], labels, language, colour=VERMILION, size=10)
    return figure


def _start(labels: Sequence[str], language: Language, *, row: int = _ROW) -> go.Figure:
    """A row for each label, the first on top, over a scale of ratios."""
    figure = go.Figure(layout={"template": TEMPLATE})
    figure.add_vline(x=1, line={"color": GREY, "width": 1})
    figure.update_xaxes(**scale_ratios(language))
    figure.update_yaxes(
        tickmode="array", tickvals=list(range(len(labels))), ticktext=list(labels),
        range=[len(labels) - 0.4, -0.6], rangemode="normal", tickfont={"size": 11},
    )  # fmt: skip
    figure.update_layout(height=110 + row * len(labels))
    title_axis(figure, language.text("Rate ratio of the level, with its interval"))
    return figure


def _add(
    figure: go.Figure,
    rows: pd.DataFrame,
    labels: Sequence[str],
    language: Language,
    *,
    colour: str,
    size: int = 7,
    shift: float = 0.0,
    symbol: str = "circle",
) -> None:
    """Estimates at the rows of their index, cut at the edges of the scale."""
    if rows.empty:
        return
    ratio, low, high = (
        rows[name].clip(_LEAST, _MOST) for name in ("ratio", "ci_lower", "ci_upper")
    )
    figure.add_scatter(
        x=shorten(ratio),
        y=[place + shift for place in rows.index],
        mode="markers",
        marker={"color": colour, "size": size, "symbol": symbol},
        error_x=reach(
            shorten(high.fillna(_MOST) - ratio), shorten(ratio - low.fillna(_LEAST)), thickness=2
        ),
        hovertext=[
            f"{labels[place]}<br>{language.number(row.ratio, 2)} "
            f"({language.number(row.ci_lower, 2)}–{language.number(row.ci_upper, 2)})"
            for place, row in zip(rows.index, each_row(rows), strict=True)
        ],
        hovertemplate="%{hovertext}<extra></extra>",
    )
