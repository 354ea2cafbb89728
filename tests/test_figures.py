"""What figures draw, from their data; never pixels."""

import re

import numpy as np
import pandas as pd
import pytest

from analytics.figures import plot_excess, plot_groups, plot_published, plot_series, plot_totals
from analytics.language import Language
from analytics.periods import Window, make_periods
from analytics.plain import write_csv, write_plain
from analytics.tables import tabulate_series, tabulate_totals

EN = Language("en")


@pytest.fixture
def series():
    periods = make_periods(Window("2017-09-06", "2017-11-30"), "week")
    counts = np.arange(len(periods), dtype=float)
    return pd.DataFrame(
        {
            "period_start": periods["period_start"],
            "period_days": periods["period_days"],
            "count": counts,
            "count_min": counts.astype(int),
            "count_max": counts.astype(int) + 1,
            "count_var": 0.0,
            "is_complete": periods["is_whole"],
            "is_covered": True,
        }
    )


def marks(figure):
    return [trace for trace in figure.data if trace.mode == "lines+markers"]


def test_observed_counts_are_drawn_as_they_are(series):
    (trace,) = marks(plot_series(series, interval="week", language=EN))
    np.testing.assert_array_equal(trace.y, series["count"])


def test_incomplete_periods_are_hollow(series):
    (trace,) = marks(plot_series(series, interval="week", language=EN))
    hollow = [colour == "white" for colour in trace.marker.color]
    assert hollow == (~series["is_complete"]).tolist()
    assert sum(hollow) == 2  # the window cuts the first and the last week


def test_key_dates_are_marked_with_their_day_in_each_language(series):
    for code, day in (("en", "16 October 2017"), ("ar", "١٦ تشرين الأول ٢٠١٧")):
        figure = plot_series(
            series, interval="week", language=Language(code), key_dates=["2017-10-16"]
        )
        assert [shape.x0 for shape in figure.layout.shapes] == ["2017-10-16"]
        labels = [note.text for note in figure.layout.annotations if note.name == "key-date"]
        assert [label.partition("<br>")[0] for label in labels] == [day]


def test_ticks_are_named_in_the_language(series):
    figure = plot_series(series, interval="week", language=Language("ckb"))
    assert all(not name.isascii() for name in figure.layout.xaxis.ticktext)


def test_fit_and_counterfactual_are_lines_of_their_own(series):
    points = series.assign(
        fitted=3.0,
        counterfactual=[np.nan] * 6 + [4.0] * (len(series) - 6),
        counterfactual_lower=1.0,
        counterfactual_upper=9.0,
    )
    figure = plot_series(series, interval="week", language=EN, points=points)
    dashed = [trace for trace in figure.data if trace.line.dash == "dash"]
    assert [len(trace.x) for trace in dashed] == [
        len(series) - 7
    ]  # the last period is not complete


def by_place(series):
    one = series.assign(governorate="IQ-KI")
    other = series.assign(governorate="IQ-DI", count=0.0)
    both = pd.concat([one, other], ignore_index=True)
    return both[["governorate", *series.columns]]


def test_a_group_without_incidents_has_no_panel_and_stays_in_the_table(series):
    grouped = by_place(series)
    figure = plot_groups(grouped, interval="week", language=EN)
    assert [note.text for note in figure.layout.annotations] == ["Kirkuk"]
    assert tabulate_totals(grouped, language=EN)["Governorate"].tolist() == ["Kirkuk", "Diyala"]


def test_a_governorate_that_records_do_not_tell_apart_has_no_zero(series):
    table = tabulate_totals(by_place(series), language=EN, not_coded=["IQ-DI", "IQ-KI"])
    assert table.loc["IQ-DI"].tolist() == ["Diyala", "not covered", "–"]
    assert table.loc["IQ-KI", "Count"] not in ("not covered", "0")
    assert tabulate_totals(by_place(series), language=EN).loc["IQ-DI", "Count"] == "0"


def test_bars_add_up_with_the_rest_as_others(series):
    parts = [series.assign(event_type=f"type {i}", count=float(i)) for i in range(1, 16)]
    grouped = pd.concat(parts)[["event_type", *series.columns]]
    (bar,) = plot_totals(grouped, language=EN, most=5).data
    assert sum(bar.x) == pytest.approx(grouped["count"].sum())
    assert bar.y[-1] == "others"


def test_hostile_names_are_text(series):
    grouped = series.assign(place="<a href='javascript:alert(1)'>x</a>")
    figure = plot_groups(grouped[["place", *series.columns]], interval="week", language=EN)
    assert all("<a" not in note.text for note in figure.layout.annotations)


def test_nothing_to_draw_is_no_figure(series):
    points = series.assign(cumulative_excess=np.nan, is_beyond_horizon=False)
    assert plot_excess(points, points, interval="week", language=EN) is None
    assert plot_published(pd.DataFrame({"series_id": []}), language=EN) is None


def test_titles_of_published_figures_run_from_right_to_left_line_by_line():
    rates = pd.DataFrame(
        {
            "series_id": ["a", "b"],
            "publisher": ["Knights and Almeida", "CSIS"],
            "measure": [
                "Islamic State attacks, authors SIGACT dataset (Knights & Almeida)",
                "a definition that has no translation",
            ],
            "period_start": pd.to_datetime("2019-01-01"),
            "period_end": pd.to_datetime("2019-12-31"),
            "rate_per_30_days": 100.0,
        }
    )
    for language in map(Language, ("ar", "ckb")):
        notes = plot_published(rates, language=language).layout.annotations
        lines = notes[0].text.split("<br>")
        assert len(lines) == 2
        assert all(re.fullmatch("\u2067[^\u2066-\u2069]+\u2069", line) for line in lines)
        assert notes[1].text == "CSIS: a definition that has no translation"
    assert "\u2067" not in plot_published(rates, language=EN).layout.annotations[0].text


def test_table_of_a_series_says_what_each_period_is(series):
    table = tabulate_series(series, interval="week", language=EN)
    assert table["State"].tolist()[0] == "incomplete"
    assert table["Period"].tolist()[1] == "week of 11 September 2017"
    assert table["Certain to possible"].tolist()[1] == "1 to 2"


def test_csv_cells_cannot_run_in_a_spreadsheet():
    text = write_csv(pd.DataFrame({"place": ["=cmd|' /C calc'!A1", "@x", "-2", "Kirkuk"]}))
    assert text.splitlines()[1:] == ["'=cmd|' /C calc'!A1", "'@x", "'-2", "Kirkuk"]


def test_terminal_table_is_aligned():
    text = write_plain(pd.DataFrame({"period_start": [pd.Timestamp("2017-01-01")], "count": [3.0]}))
    assert text == "period_start  count\n  2017-01-01      3\n"
