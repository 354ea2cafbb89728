"""A series and the records of each cell: they add up, and a file of them is safe and complete."""

import csv
import io
import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.basis import select_incidents
from analytics.cells import key_cells
from analytics.errors import FileError, ParameterError
from analytics.periods import Window
from analytics.series import count_incidents
from analytics.sidecar import (
    load_sidecar,
    merge_packs,
    pack_traces,
    write_cells,
    write_sidecar,
)
from analytics.trace import repeat_selection, repeat_trace, trace_series

WINDOW = Window("2017-10-02", "2017-10-29")
REPORTS = pd.DataFrame(
    {
        "report_id": ["a", "b", "c", "d", "e"],
        "incident_id": ["X", "X", None, None, None],
        "date_start": pd.to_datetime(
            ["2017-10-03", "2017-10-03", "2017-10-07", "2017-10-20", "2017-12-01"]
        ),
        "date_end": pd.to_datetime(
            ["2017-10-03", "2017-10-03", "2017-10-10", "2017-10-20", "2017-12-01"]
        ),
        "published_on": pd.to_datetime(["2017-10-04", "2017-10-05", None, "2017-10-21", None]),
        "governorate": ["IQ-KI", "IQ-KI", "IQ-DI", None, "IQ-KI"],
        "district": ["Daquq", "Daquq", None, None, None],
        "killed": pd.array([2, 3, None, 5, 1], "Int64"),
        "source_url": ["https://a.example/1", "https://b.example/2", "", "=cmd()", None],
    }
)


def trace(reports=REPORTS, interval="week", **options):
    chosen = {k: options.pop(k) for k in ("place", "where") if k in options}
    return trace_series(select_incidents(reports, **chosen), WINDOW, interval, **options)


def total_by_cell(traced):
    """Add up the cells again, by hand as it were: share times amount, row by row."""
    total = [0.0] * len(traced.series)
    for row, _, share, amount in traced.cells.itertuples(index=False):
        total[row] += share * (0 if pd.isna(amount) else amount)
    return total


def test_cells_by_hand():
    cells = trace().cells
    # c lies on 7-10 October: two days in the week of the 2nd, two in that of the 9th.
    assert cells.values.tolist() == [
        [0, "X", 1.0, 1],
        [0, "c", 0.5, 1],
        [1, "c", 0.5, 1],
        [2, "d", 1.0, 1],
    ]


@pytest.mark.parametrize("by", [None, "governorate", "zone", "district"])
@pytest.mark.parametrize("measure", ["incidents", "killed"])
@pytest.mark.parametrize("rule", ["spread", "start", "end"])
def test_cells_add_up_to_the_count(by, measure, rule):
    traced = trace(by=by, measure=measure, date_rule=rule)
    np.testing.assert_allclose(total_by_cell(traced), traced.series["count"], atol=1e-12)
    counted = count_incidents(
        select_incidents(REPORTS).incidents, WINDOW, "week", by=by, measure=measure, date_rule=rule
    )
    pd.testing.assert_frame_equal(traced.series, counted)


days = st.dates(min_value=WINDOW.start.date(), max_value=WINDOW.end.date())


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(days, days, st.sampled_from(["IQ-KI", "IQ-DI", "", "x y"])), max_size=12))
def test_cells_add_up_whatever_the_records(rows):
    frame = pd.DataFrame(
        {
            "report_id": pd.Series([f"r{i}" for i in range(len(rows))], dtype="str"),
            "date_start": pd.to_datetime([min(a, b) for a, b, _ in rows]),
            "date_end": pd.to_datetime([max(a, b) for a, b, _ in rows]),
            "governorate": pd.Series([g for *_, g in rows], dtype="str"),
        }
    )
    traced = trace(frame, by="governorate", interval="month")
    np.testing.assert_allclose(total_by_cell(traced), traced.series["count"], atol=1e-9)


def test_what_is_not_covered_has_no_cells():
    traced = trace(covered=[Window("2017-10-09", "2017-10-29")])
    assert traced.series["count"].isna().tolist() == [True, False, False, False]
    assert 0 not in traced.cells["row"].tolist()


def test_a_series_is_repeated_from_its_recipe():
    traced = trace(
        by="governorate", place="IQ-KI", measure="killed", as_of="2017-10-20",
        covered=[Window("2017-10-02", "2017-10-25")],
    )  # fmt: skip
    recipe = json.loads(json.dumps(traced.recipe))
    again = repeat_trace(repeat_selection(REPORTS, recipe), recipe)
    pd.testing.assert_frame_equal(again.series, traced.series)
    pd.testing.assert_frame_equal(again.cells, traced.cells)
    assert again.recipe == traced.recipe


def test_a_series_is_repeated_with_the_decisions_it_was_counted_with():
    made = pd.DataFrame(
        {"report_id_a": ["c", "a"], "report_id_b": ["d", "b"], "decision": ["must-link"] * 2}
    )
    parted = made.assign(decision="cannot-link")
    traced = trace_series(select_incidents(REPORTS, decisions=made), WINDOW, "week")
    assert traced.series["count"].sum() == pytest.approx(2)  # a and b; c and d
    assert trace().series["count"].sum() == pytest.approx(3)
    selection = repeat_selection(REPORTS, traced.recipe, decisions=made[::-1])
    again = repeat_trace(selection, traced.recipe)
    pd.testing.assert_frame_equal(again.series, traced.series)
    for other in (None, parted, made.iloc[:1]):
        with pytest.raises(ParameterError, match="are not those of the report"):
            repeat_selection(REPORTS, traced.recipe, decisions=other)


def test_a_pack_says_where_every_report_is():
    pack = pack_traces([trace(place="IQ-KI")])
    assert {key: row["state"] for key, row in pack["reports"].items()} == {
        **{"a": "counted", "b": "counted", "c": "selection", "d": "selection"},
        "e": "window",
    }
    assert pack["reports"]["b"]["published_on"] == "2017-10-05"
    assert list(pack["incidents"]) == ["X"]
    both = merge_packs(pack, pack_traces([trace(interval="month")]))
    assert [series["name"] for series in both["series"]] == [
        *("incidents per week", "incidents per month")
    ]
    assert {row["state"] for key, row in both["reports"].items() if key in "abcd"} == {"counted"}


def test_a_pack_survives_its_file(tmp_path):
    traced = trace(by="governorate", measure="killed")
    path = tmp_path / "r.en.data.json"
    path.write_text(write_sidecar(pack_traces([traced])), encoding="utf-8")
    (series,) = load_sidecar(path)["series"]
    again = pd.DataFrame(series["periods"])
    again["period_start"] = pd.to_datetime(again["period_start"])
    expected = traced.series.astype(dict.fromkeys(["count", "count_min", "count_max"], float))
    pd.testing.assert_frame_equal(again.astype(expected.dtypes), expected)


def test_the_csv_reconciles_and_is_safe():
    pack = pack_traces([trace(), trace(by="governorate")])
    rows = list(csv.DictReader(io.StringIO(write_cells(pack))))
    for series in pack["series"]:
        total = sum(
            float(row["share"]) * float(row["amount"])
            for row in rows
            if row["series"] == series["name"] and row["share"]
        )
        assert total == pytest.approx(sum(series["periods"]["count"]))
    first = rows[0]
    assert (first["incident_id"], first["report_ids"]) == ("X", "a b")
    assert first["source_urls"] == "https://a.example/1 https://b.example/2"
    assert "'=cmd()" in [row["source_urls"] for row in rows]
    # A period without any record is a row too: nothing is left out.
    assert {row["period_start"] for row in rows if row["series"] == "incidents per week"} == {
        *("2017-10-02", "2017-10-09", "2017-10-16", "2017-10-23")
    }


def test_keys_of_cells_are_unique():
    keys = key_cells(trace(by="governorate").series)
    assert keys.is_unique
    assert "IQ-KI 2017-10-02" in keys


@pytest.mark.parametrize(("text", "said"), [("[]", "is not the data"), ("{", "is not JSON")])
def test_a_file_that_is_no_sidecar(tmp_path, text, said):
    (tmp_path / "x.json").write_text(text)
    with pytest.raises(FileError, match=said):
        load_sidecar(tmp_path / "x.json")
