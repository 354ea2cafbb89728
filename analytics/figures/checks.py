"""Checks of a model as figures: what was expected, other dates, other choices, another area."""

from __future__ import annotations

import math

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from analytics.figures.house import (
    BLUE,
    BLUE_BAND,
    GREY,
    GREY_BAND,
    INK,
    TEMPLATE,
    VERMILION,
    add_band,
    add_line,
    mark_key_dates,
    name_days,
    name_line,
    reach,
    scale_ratios,
    shorten,
    title_axis,
)
from analytics.language import Language
from analytics.names import label_of, name_choice, name_option, name_period
from analytics.tables import each_row

_OPTION = 17  # pixels that a row of options takes
_LEAST, _MOST = 0.001, 1000.0
_CURVE = 200  # pixels of the estimates above them


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
    label = label_of(levels["term"].iloc[0])
    shown = placed[placed["key_date"] == label]
    if shown.empty:
        return None
    key_day = pd.Timestamp(label.partition("/")[0])
    # The key date's own interval lies on its line: thick, it is seen there.
    for days, frame, colour, size, thickness in (
        (shown["placebo_date"], shown, GREY, 5, 1),
        (pd.Series([key_day]), levels.iloc[:1], VERMILION, 9, 5),
    ):
        figure.add_scatter(
            x=days,
            y=frame["ratio"],
            mode="markers",
            marker={"color": colour, "size": size},
            error_y=reach(
                frame["ci_upper"] - frame["ratio"],
                frame["ratio"] - frame["ci_lower"],
                thickness=thickness,
            ),
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


def plot_specifications(curve: pd.DataFrame, *, language: Language) -> go.Figure | None:
    """Return the estimates of every choice in order, over the options that make each; None if none.

    A full mark has an interval that leaves out no change, a hollow one includes it.

    Parameters
    ----------
    curve : DataFrame
        `analytics.schema.SPECIFICATIONS`, with a column ``choice_NAME`` for each choice.
    """
    fitted = curve[curve["reason"] == ""].sort_values("ratio", kind="stable", ignore_index=True)
    if fitted.empty:
        return None
    # A choice's name has a row of its own, inside the plot: beside it are the options alone.
    rows: list[tuple[str, str | None]] = []
    for column in curve.columns:
        if column.startswith("choice_") and curve[column].nunique() > 1:
            rows += [(column, None), *((column, o) for o in curve[column].drop_duplicates())]
    height = _CURVE + _OPTION * len(rows)
    figure = make_subplots(
        rows=2, shared_xaxes=True, vertical_spacing=0.02,
        row_heights=[_CURVE, _OPTION * max(len(rows), 1)],
    )  # fmt: skip
    is_clear, is_reference = fitted["sign"] != "unclear", fitted["is_reference"].astype(bool)
    for part, colour, symbol, size in (
        (fitted[~is_clear & ~is_reference], GREY, "circle-open", 4),
        (fitted[is_clear & ~is_reference], BLUE, "circle", 4),
        (fitted[is_reference], VERMILION, "diamond", 10),
    ):  # fmt: skip
        if part.empty:
            continue
        low, high = part["ci_lower"].clip(lower=_LEAST), part["ci_upper"].clip(upper=_MOST)
        figure.add_scatter(
            x=[int(place) + 1 for place in part.index],
            y=shorten(part["ratio"], 3),
            mode="markers",
            marker={"color": colour, "size": size, "symbol": symbol},
            error_y=reach(
                shorten(high.fillna(_MOST) - part["ratio"], 3),
                shorten(part["ratio"] - low.fillna(_LEAST), 3),
            ),
            hovertemplate="%{y}<extra></extra>",
            row=1,
            col=1,
        )
    labels: list[str] = []
    for row, (column, option) in enumerate(rows):
        choice = column.removeprefix("choice_")
        labels.append("" if option is None else name_option(choice, option, language))
        if option is None:
            figure.add_annotation(
                x=0, y=row, xanchor="left", text=name_choice(choice, language), showarrow=False,
                font={"size": 10, "color": GREY}, row=2, col=1,
            )  # fmt: skip
            continue
        places = fitted.index[fitted[column] == option]
        figure.add_scatter(
            x=[int(place) + 1 for place in places],
            y=[row] * len(places),
            mode="markers",
            marker={"color": INK, "size": 5, "symbol": "line-ns-open"},
            hoverinfo="skip",
            row=2,
            col=1,
        )
    figure.update_layout(template=TEMPLATE, height=height + 82, margin={"t": 62, "b": 12})
    figure.add_hline(y=1, line={"color": GREY, "width": 1}, row=1, col=1)
    low, high = fitted["ci_lower"].clip(lower=_LEAST).min(), fitted["ci_upper"].clip(upper=_MOST)
    figure.update_yaxes(**scale_ratios(language, low, high.max()), row=1, col=1)
    figure.update_yaxes(
        tickmode="array", tickvals=list(range(len(labels))), ticktext=labels, showgrid=False,
        range=[len(labels) - 0.4, -0.6], rangemode="normal", tickfont={"size": 10},
        row=2, col=1,
    )  # fmt: skip
    figure.update_xaxes(visible=False, range=[0, len(fitted) + 1])
    title_axis(figure, language.text("Rate ratio of the level, with its interval"))
    if is_reference.any():
        title_axis(figure, language.text("◆ as in this report"), colour=VERMILION, rise=32)
    return figure


def plot_comparison(
    points: pd.DataFrame, key_date: str, *, interval: str, language: Language
) -> go.Figure | None:
    """Return the ratio of an area's rate to another's, period by period; None if there is none.

    A triangle at an edge of the scale is a period in which one of the two has no incident, so that
    the ratio is nought or without bound. The line drifts through the date as it did before.

    Parameters
    ----------
    points : DataFrame
        `analytics.schema.COMPARISON_POINTS`.
    key_date : str
        Label of the key date.
    """
    known = points[points["ratio"] > 0]
    if known.empty:
        return None
    low = min(known["ratio"].min() / 2, 0.5)
    high = max(known["ratio"].max() * 2, 2.0)
    figure = go.Figure(layout={"template": TEMPLATE})
    fitted = points[points["fitted_ratio"].notna()]
    bounded = fitted.assign(
        **{name: fitted[name].clip(low, high).map(lambda v: float(f"{v:.3g}"))
           for name in ("fitted_lower", "fitted_upper")}
    )  # fmt: skip
    start, _, end = key_date.partition("/")
    first, last = pd.Timestamp(start), pd.Timestamp(end or start)
    name = language.text("fitted, with its own trend")
    for side in (bounded[bounded["period_start"] < first], bounded[bounded["period_start"] > last]):
        if side.empty:
            continue
        add_band(figure, side, "fitted_lower", "fitted_upper", BLUE_BAND)
        y = shorten(side["fitted_ratio"].clip(low, high), 3)
        add_line(figure, name, side["period_start"], y, INK, 2.2)
    for part, y, symbol, colour in (
        (known, shorten(known["ratio"], 3), "circle", BLUE),
        (points[points["ratio"] == 0], low, "triangle-down-open", GREY),
        (points[points["ratio"].isna()], high, "triangle-up-open", GREY),
    ):
        if part.empty:
            continue
        figure.add_scatter(
            x=part["period_start"],
            y=y if isinstance(y, list) else [y] * len(part),
            mode="markers",
            marker={"color": colour, "size": 5, "symbol": symbol},
            hovertext=[
                f"{name_period(row.period_start, interval, language)}<br>"
                f"{language.number(row.count_exposed, 1)} / "
                f"{language.number(row.count_comparison, 1)}"
                for row in each_row(part)
            ],
            hovertemplate="%{hovertext}<extra></extra>",
        )
    if len(fitted):
        at = bounded.iloc[len(bounded) // 5]
        name_line(figure, at["period_start"], math.log10(at["fitted_ratio"]), name, INK, lift=60)
    figure.add_hline(y=1, line={"color": GREY, "width": 1})
    figure.update_yaxes(**scale_ratios(language, low, high))
    title_axis(
        figure, language.text("Ratio of the two rates (△ ▽: one of the two has no incident)")
    )
    mark_key_dates(figure, [key_date], language)
    return name_days(figure, points["period_start"], language)
