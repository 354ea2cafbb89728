"""How firm an answer is, as words, tables and figures: by hand-made frames."""

import numpy as np
import pandas as pd
import pytest

from analytics.basis import select_incidents
from analytics.figures import plot_comparison, plot_places, plot_pooled, plot_specifications
from analytics.findings import say_ratio, tabulate_choices, tabulate_places
from analytics.language import Language
from analytics.material import gather_material, set_against
from analytics.models.specifications import summarise_choices, summarise_specifications
from analytics.periods import Window
from analytics.study import study_key_dates
from analytics.words import describe_comparison, describe_places, describe_specifications

EN = Language("en")
DATE = "2017-10-16"


def curve_of(*rows):
    """Specifications of (interval, effects, ratio, lower, upper)."""
    frame = pd.DataFrame(
        rows, columns=["choice_interval", "choice_effects", "ratio", "ci_lower", "ci_upper"]
    )
    frame["reason"] = np.where(frame["ratio"].isna(), "too few", "")
    frame["is_reference"] = frame.index == 0
    frame["sign"] = np.select(
        [frame["ci_upper"] < 1, frame["ci_lower"] > 1, frame["ratio"].notna()],
        ["fall", "rise", "unclear"],
        "",
    )
    return frame


CURVE = curve_of(
    ("week", "auto", 0.5, 0.3, 0.8),
    ("month", "level", 1.2, 0.9, 1.6),
    ("week", "level", 0.6, 0.4, 0.9),
    ("month", "auto", 0.8, 0.5, 1.3),
    ("month", "slope", np.nan, np.nan, np.nan),
)


def test_specifications_agree_in_sign_and_hang_on_a_choice():
    said = describe_specifications(
        summarise_specifications(CURVE), summarise_choices(CURVE), DATE, language=EN
    )
    assert "4 combinations" in said[0]
    assert said[0].endswith("1 more could not be fitted.")
    assert "from 0.50 to 1.20, with 0.70 in the middle" in said[1]
    # 0.5, 0.6 and 0.8 of four point where 0.5 does; two intervals lie below one.
    assert said[2].startswith("75 % of them point the same way")
    assert "a fall in 50 %, a rise in 0 %, and includes no change in 50 %" in said[2]
    # Medians: week 0.55, month 1.0; by effects 0.65 and 0.9.
    assert "hangs most on this choice: length of a period" in said[3]
    assert "0.55 with the option “week” and 1.00 with the option “month”" in said[3]
    assert "0 % of the combinations with the option “week” and in 100 %" in said[4]


def test_the_curve_is_drawn_in_order_with_its_choices_below():
    figure = plot_specifications(CURVE, language=EN)
    drawn = {x: y for trace in figure.data if trace.yaxis in (None, "y") for x, y in
             zip(trace.x, trace.y, strict=True)}  # fmt: skip
    assert [drawn[x] for x in sorted(drawn)] == [0.5, 0.6, 0.8, 1.2]
    rows = [list(trace.x) for trace in figure.data if trace.yaxis == "y2"]
    assert rows == [[1, 2], [3, 4], [1, 3], [2, 4], []]  # week, month; auto, level, slope
    hollow = [trace for trace in figure.data if trace.marker.symbol == "circle-open"]
    assert [list(trace.x) for trace in hollow] == [[3, 4]]
    table = tabulate_choices(summarise_choices(CURVE), language=EN)
    assert table["Option"].tolist()[:2] == ["week", "month"]
    assert plot_specifications(CURVE.assign(reason="x"), language=EN) is None


PLACES = pd.DataFrame(
    {
        "place": ["IQ-KI", "IQ-DI", "IQ-NI", "IQ-BA"],
        "count_before": [90.0, 80.0, 70.0, 1.0],
        "count_after": [9.0, 60.0, 80.0, 0.0],
        "ratio": [0.2, 0.9, 488.3, np.nan],
        "ci_lower": [0.1, 0.5, 1.2, np.nan],
        "ci_upper": [0.4, 1.6, 2000.0, np.nan],
        "p_value": [0.001, 0.7, 0.04, np.nan],
        "p_holm": [0.003, 0.7, 0.08, np.nan],
        "p_bh": [0.003, 0.7, 0.06, np.nan],
        "pooled_ratio": [0.3, 0.85, 1.1, 0.8],
        "pooled_lower": [0.15, 0.5, 0.6, 0.2],
        "pooled_upper": [0.6, 1.4, 2.0, 3.0],
        "reason": ["", "", "", "too few"],
        "pooled_reason": "",
    }
)


def test_places_stand_out_only_after_correction():
    said = describe_places(PLACES, DATE, language=EN)
    assert "at 16 October 2017 run from 0.30 (Kirkuk) to 1.10 (Nineveh)" in said[0]
    # Nineveh's own interval spans a factor of 1,667.
    assert said[1] == (
        "Of 4 places, 2 have enough incidents to tell a level change of their own: from 0.20 "
        "(Kirkuk) to 0.90 (Diyala)."
    )
    assert said[2] == (
        "A model could be fitted to 3. Taken alone, 2 of them have an interval that leaves out no "
        "change; allowing for having looked at 3, 1 still do: Kirkuk."
    )
    none = describe_places(PLACES.assign(p_holm=0.9), DATE, language=EN)
    assert none[2].endswith("looked at 3, none does.")
    few = describe_places(PLACES.assign(ci_upper=1e6), DATE, language=EN)
    assert few[1] == "No place has enough incidents to tell a level change of its own."


def test_a_place_is_drawn_with_its_own_and_its_pooled_ratio():
    own, pooled = plot_places(PLACES, language=EN).data
    assert own.x == (0.2, 0.9)
    assert pooled.x == (0.3, 0.85, 1.1)
    table = tabulate_places(PLACES, language=EN)
    assert table.columns.tolist()[3:6] == ["Pooled ratio", "Its interval", "Own ratio"]
    assert table["Own ratio"].tolist() == ["0.20", "0.90", "too few to tell", "too few to tell"]
    assert table["Corrected, Holm"].tolist() == ["0.003", "0.700", "0.080", "–"]
    assert table["95 % interval"].tolist()[-1] == "–"
    assert say_ratio(100.5, EN) == "over 100"


def test_a_comparison_that_tells_nothing_says_so_and_always_warns():
    wide = pd.DataFrame(
        {"model": ["own_trend"], "ratio": [0.1], "ci_lower": [1e-6], "ci_upper": [1e4]}
    )
    pretrend = pd.DataFrame({"ratio": [np.nan], "detectable_ratio": [np.nan]})
    said = describe_comparison(wide, pretrend, DATE, language=EN)
    assert "too few incidents" in said[0]
    assert "too short to see whether the two moved alike" in said[1]
    assert said[2].startswith("A change that reached the area compared with")


def test_a_period_without_incidents_stays_in_the_chart():
    points = pd.DataFrame(
        {
            "period_start": pd.date_range("2017-01-01", periods=4, freq="MS"),
            "count_exposed": [4.0, 0.0, 3.0, 6.0],
            "count_comparison": [8.0, 5.0, 0.0, 3.0],
            "ratio": [0.5, 0.0, np.nan, 2.0],
            "fitted_ratio": np.nan,
            "fitted_lower": np.nan,
            "fitted_upper": np.nan,
        }
    )
    figure = plot_comparison(points, "2017-03-01", interval="month", language=EN)
    drawn = {trace.marker.symbol: len(trace.x) for trace in figure.data if trace.mode == "markers"}
    assert drawn == {"circle": 2, "triangle-down-open": 1, "triangle-up-open": 1}


def test_pooled_effects_stand_under_the_one_as_counted():
    terms = pd.DataFrame(
        {"term": [f"level[{DATE}]"], "ratio": [0.5], "ci_lower": [0.4], "ci_upper": [0.7]}
    )
    pooled = terms.assign(drawn="dates", ratio=0.52)
    figure = plot_pooled(pooled, terms, language=EN)
    assert figure.layout.yaxis.ticktext == ("nothing: as counted", "days of uncertain dates")
    assert sorted(x for trace in figure.data for x in trace.x) == [0.5, 0.52]


def reports(n=120):
    days = pd.date_range("2016-01-04", periods=n, freq="7D")
    return pd.DataFrame(
        {
            "report_id": [f"r{i}" for i in range(n)],
            "date_start": days,
            "date_end": days,
            "governorate": ["IQ-KI", "IQ-DI", "IQ-NI"] * (n // 3),
            "district": None,
        }
    )


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"place": "IQ-KI"}, "the records are of one place alone"),
        ({"edition": "public", "as_of": "2019-06-30"}, "this edition shows no small counts"),
    ],
)
def test_a_selection_that_cannot_be_split_says_why(options, reason):
    selection = select_incidents(reports(), **options)
    material = gather_material(selection, Window("2016-01-01", "2018-03-31"), "month")
    assert material.places is None
    study = study_key_dates(material.series, ["2017-02-01"], material=material)
    assert study.refusals["places"].startswith(reason)
    assert study.refusals["comparison"].startswith(reason)
    assert study.places.empty


def test_a_group_is_set_against_the_others_by_period_whatever_the_order():
    months = pd.date_range("2017-01-01", periods=2, freq="MS")
    groups = pd.DataFrame(
        {
            "area": ["a", "b", "c", "a", "b", "c"],
            "period_start": [*[months[1]] * 3, *[months[0]] * 3],
            "count": [1.0, 2.0, 4.0, 8.0, np.nan, 32.0],
        }
    )
    exposed, compared = set_against(groups, "area", "a")
    assert compared["count"].tolist() == [1.0, 8.0]
    assert exposed["count"].iloc[0] == 6.0
    assert np.isnan(exposed["count"].iloc[1])  # one part unknown: the sum is
