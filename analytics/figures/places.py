"""Places and zones as figures: small panels on one scale, an index beside them, a tile map."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from analytics.cells import total_groups
from analytics.figures.counts import add_counts
from analytics.figures.house import (
    BLUE,
    GREY,
    HOLLOW,
    INK,
    ON_STRONG,
    SHADES,
    TEMPLATE,
    VERMILION,
    classify,
    mark_key_dates,
    name_days,
    name_line,
    title_axis,
)
from analytics.language import Language
from analytics.names import name_group, name_key_date, name_measure, name_period
from analytics.reference import load_governorates
from analytics.tables import each_row

_TILE = 76  # pixels of a tile's height; a fifth more in width


def plot_groups(
    series: pd.DataFrame,
    *,
    interval: str,
    language: Language,
    measure: str = "incidents",
    key_dates: Sequence[str] = (),
    n_columns: int = 3,
) -> go.Figure | None:
    """Return one small panel a group, all on one scale, in the order of the groups' totals.

    None if no group has any incident.

    Groups without any incident in the window are left out of the picture; the table keeps them.
    """
    column = series.columns[0]
    totals = total_groups(series)["count"]
    groups = totals.index[totals > 0].tolist()
    if not groups:
        return None
    n_columns = min(n_columns, len(groups))
    n_rows = -(-len(groups) // n_columns)
    height = 100 + 130 * n_rows
    figure = make_subplots(
        rows=n_rows,
        cols=n_columns,
        shared_yaxes="all",
        shared_xaxes="all",
        subplot_titles=[escape(name_group(column, group, language)) for group in groups],
        horizontal_spacing=0.03,
        vertical_spacing=min(0.3, 34 / (height - 100)),
    )
    for place, group in enumerate(groups):
        part = series[series[column] == group]
        row, col = place // n_columns + 1, place % n_columns + 1
        panel = go.Figure()
        add_counts(panel, part, interval, measure, language, size=3)
        for trace in panel.data:
            figure.add_trace(trace, row=row, col=col)
        # The last panel of a column carries the days, also above an empty corner.
        figure.update_xaxes(showticklabels=place + n_columns >= len(groups), row=row, col=col)
    for label in key_dates:
        figure.add_vline(x=label.partition("/")[0], line={"color": VERMILION, "width": 1.2})
    figure.update_layout(template=TEMPLATE, height=height, margin={"t": 56})
    figure.update_annotations(font_size=12)
    if key_dates:
        days = language.listed([name_key_date(label, language) for label in key_dates])
        title_axis(figure, f"| {days}", colour=VERMILION, rise=34)
    return name_days(figure, series["period_start"], language, n_ticks=4)


def plot_index(
    series: pd.DataFrame, *, interval: str, key_date: str, language: Language
) -> go.Figure | None:
    """Return each group as a percentage of its own mean before a key date; None if one is unknown.

    Panels on one scale show how much a group weighs; this shows whether groups moved alike.
    """
    if "is_withheld" in series and series["is_withheld"].any():
        return None  # a mean of the counts that are shown would be none of all
    column = series.columns[0]
    used = series[series["is_complete"].astype(bool)].dropna(subset="count")
    day = pd.Timestamp(key_date.partition("/")[0])
    ends = used["period_start"] + pd.to_timedelta(used["period_days"], unit="D")
    before = used[ends <= day].groupby(column)["count"].mean()
    groups = used[column].unique()
    if not (before.reindex(groups).fillna(0) > 0).all():
        return None
    figure = go.Figure(layout={"template": TEMPLATE})
    for group, colour, dash in zip(groups, (VERMILION, BLUE, GREY), ("solid", "dot", "dash")):  # noqa: B905
        part = used[used[column] == group]
        index = 100 * part["count"] / before[group]
        name = name_group(column, str(group), language)
        figure.add_scatter(
            name=name,
            x=part["period_start"],
            y=index,
            mode="lines+markers",
            line={"color": colour, "width": 2, "dash": dash},
            marker={"size": 5, "color": colour},
            hovertext=[
                f"{name_period(row.period_start, interval, language)}<br>{escape(name)}: "
                f"{language.number(value)} ({language.number(row.count, 1)})"
                for row, value in zip(each_row(part), index, strict=True)
            ],
            hovertemplate="%{hovertext}<extra></extra>",
        )
        peak = int(np.argmax(index.to_numpy()))
        name_line(figure, part["period_start"].iloc[peak], index.iloc[peak], name, colour)
    figure.add_hline(y=100, line={"color": GREY, "width": 1})
    title_axis(figure, language.text("Each against its own mean before the date, which is 100"))
    mark_key_dates(figure, [key_date], language)
    return name_days(figure, used["period_start"], language)


def plot_tiles(
    series: pd.DataFrame,
    *,
    language: Language,
    measure: str = "incidents",
    not_coded: Sequence[str] = (),
) -> go.Figure:
    """Return Iraq's governorates as tiles, each with its name and total; none is left out.

    Parameters
    ----------
    series : DataFrame
        A series by governorate (`analytics.schema.SERIES`).
    not_coded : sequence of str
        Governorates that the records do not tell apart: theirs is no zero, and is hatched.
    """
    totals = total_groups(series)["count"]
    tiles = load_governorates()
    width, _ = classify(float(totals.max()), language)
    names: list[dict[str, Any]] = []
    fills: list[tuple[str, int, str]] = []  # colour, width of the edge, pattern
    hover: list[str] = []
    for row in each_row(tiles):
        total = float(totals.get(row.governorate, np.nan))
        is_known = row.governorate not in not_coded and np.isfinite(total)
        shade = min(int(np.ceil(total / width)), len(SHADES) - 1) if is_known else 0
        name = escape(getattr(row, f"name_{language.code}"))
        said = language.number(total, int(total % 1 > 0)) if is_known else "–"
        unknown = language.text("withheld") if "total" in series else language.text("not covered")
        state = said if is_known else unknown
        fills.append((SHADES[shade], 0, "") if is_known else (GREY, 1, "/"))
        hover.append(f"{name}<br>{name_measure(measure, language)}: {state}")
        names.append(
            {
                "x": row.tile_column,
                "y": -row.tile_row + 0.47,
                "text": f"{name}<br><b>{said}</b>",
                "showarrow": False,
                "font": {"size": 11, "color": ON_STRONG if shade >= 3 else INK},
                "bgcolor": None if is_known else HOLLOW,
            }
        )
    colours, edges, patterns = (list(values) for values in zip(*fills, strict=True))
    figure = go.Figure(layout={"template": TEMPLATE})
    figure.add_bar(
        x=tiles["tile_column"],
        base=-tiles["tile_row"],
        y=[0.94] * len(tiles),
        width=0.94,
        marker={
            "color": colours,
            "line": {"color": GREY, "width": edges},
            # Of colours that differ by bar, a bar's own is that of its stripes.
            "pattern": {
                "shape": patterns,
                "bgcolor": HOLLOW,
                "fillmode": "replace",
                "size": 7,
                "solidity": 0.1,
            },
        },
        hovertext=hover,
        hovertemplate="%{hovertext}<extra></extra>",
    )
    rows, columns = tiles["tile_row"].max(), tiles["tile_column"].max()
    figure.update_xaxes(visible=False, range=[0.5, columns + 0.5], constrain="domain")
    figure.update_yaxes(
        visible=False,
        range=[-rows - 0.06, 0],
        scaleanchor="x",
        scaleratio=_TILE / 90,
        constrain="domain",
    )
    return figure.update_layout(
        annotations=names,
        height=int(rows) * _TILE + 16,
        margin={"l": 4, "r": 4, "t": 8, "b": 8},
        barmode="overlay",
    )
