"""Checks of a model as figures: what was expected and what came."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from analytics.figures.house import (
    BLUE,
    BLUE_BAND,
    GREY,
    GREY_BAND,
    INK,
    TEMPLATE,
    VERMILION,
    add_band,
    mark_key_dates,
    name_days,
    name_line,
    scale_ratios,
    shorten,
    title_axis,
)
from analytics.language import Language
from analytics.names import name_period
from analytics.tables import each_row


def plot_excess(
    points: pd.DataFrame, damped: pd.DataFrame, *, interval: str, language: Language
) -> go.Figure | None:
    """Return the running sum of observed minus expected incidents; None if there is none.

    Parameters
    ----------
    points, damped : DataFrame
        `analytics.schema.POINTS` with the trend carried on, and with it dying out.
    """
    figure = go.Figure(layout={"template": TEMPLATE})
    if damped["cumulative_excess"].equals(points["cumulative_excess"]):
        damped = damped.iloc[:0]  # without a trend there is none to die out
    for frame, name, colour, band, dash in (
        (damped, language.text("trend dying out"), BLUE, BLUE_BAND, "dash"),
        (points, language.text("trend carried on"), INK, GREY_BAND, "solid"),
    ):
        after = frame[frame["cumulative_excess"].notna() & ~frame["is_beyond_horizon"]]
        if after.empty:
            continue
        add_band(figure, after, "cumulative_excess_lower", "cumulative_excess_upper", band)
        figure.add_scatter(
            name=name,
            x=after["period_start"],
            y=shorten(after["cumulative_excess"]),
            mode="lines",
            line={"color": colour, "width": 2, "dash": dash},
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
        at = after.iloc[2 * len(after) // 3]
        name_line(figure, at["period_start"], at["cumulative_excess"], name, colour)
    if not figure.data:
        return None
    figure.add_hline(y=0, line={"color": GREY, "width": 1})
    title_axis(figure, language.text("Observed minus expected, summed"))
    days = pd.concat([pd.Series(trace.x) for trace in figure.data])
    return name_days(figure, days, language)


def plot_placebos(
    placebos: pd.DataFrame, terms: pd.DataFrame, *, language: Language
) -> go.Figure | None:
    """Return the level ratio at each placebo date and, apart, at the key date; None if none.

    Parameters
    ----------
    placebos : DataFrame
        `analytics.schema.PLACEBOS`.
    terms : DataFrame
        `analytics.schema.TERMS` of the fit at the key date.
    """
    placed = placebos[placebos["ratio"].notna()]
    levels = terms[terms["term"].str.startswith("level[")]
    if placed.empty or levels.empty:
        return None
    figure = go.Figure(layout={"template": TEMPLATE})
    level = levels.iloc[0]
    label = level["term"][len("level[") :].rstrip("]")
    shown = placed[placed["key_date"] == label]
    if shown.empty:
        return None
    key_day = pd.Timestamp(label.partition("/")[0])
    for days, frame, colour, size in (
        (shown["placebo_date"], shown, GREY, 5),
        (pd.Series([key_day]), levels.iloc[:1], VERMILION, 9),
    ):
        figure.add_scatter(
            x=days,
            y=frame["ratio"],
            mode="markers",
            marker={"color": colour, "size": size},
            error_y={
                "type": "data",
                "symmetric": False,
                "array": frame["ci_upper"] - frame["ratio"],
                "arrayminus": frame["ratio"] - frame["ci_lower"],
                "thickness": 1,
                "width": 0,
            },
            hovertext=[
                f"{language.day(day)}<br>{language.number(ratio, 2)}"
                for day, ratio in zip(days, frame["ratio"], strict=True)
            ],
            hovertemplate="%{hovertext}<extra></extra>",
        )
    figure.add_hline(y=1, line={"color": GREY, "width": 1})
    figure.update_yaxes(**scale_ratios(language))
    title_axis(figure, language.text("Rate ratio of the level, with its interval"))
    mark_key_dates(figure, [label], language)
    return name_days(figure, pd.concat([shown["placebo_date"], pd.Series([key_day])]), language)
