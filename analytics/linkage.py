"""Which reports may be of one incident: pairs in blocks of place and time, scored and linked."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from rapidfuzz import fuzz

from analytics.places import match_places
from analytics.spelling import fold_place, hear_place

GAP_DAYS = 2
"""Reports whose days lie further apart are not compared."""

WEIGHTS = {
    "intercept": -1.9,
    "days_apart": -2.5,
    "days_unsure": -0.1,
    "same_district": 0.5,
    "other_district": -1.0,
    "same_place": 2.5,
    "other_place": -2.5,
    "same_target": 1.2,
    "other_target": -1.2,
    "same_type": 1.4,
    "other_type": -1.4,
    "other_side": -1.5,
    "other_perpetrator": -3.0,
    "same_toll": 1.0,
    "other_toll": -0.8,
}
"""Evidence of each comparison, in logits; docs/decisions/042 tells how they were measured."""

FEATURES = [name for name in WEIGHTS if name != "intercept"]
_EARTH_KM = 6371.0


def compare_reports(reports: pd.DataFrame) -> pd.DataFrame:
    """Return every pair of reports that may be of one incident, with what speaks for and against.

    Pairs are compared inside a governorate (a report without one, with all) and where their days
    are at most two apart, so that work grows with the number of reports, not with its square.

    Parameters
    ----------
    reports : DataFrame
        Columns of `analytics.schema.RECORD`; one row a report.

    Returns
    -------
    DataFrame
        One row is a pair: ``report_id_a``, ``report_id_b`` (in order of text), the comparisons
        named in `WEIGHTS` (0 to 1, or days), and ``score``, their weighted sum (logits).
    """
    frame = reports.reset_index(drop=True)
    left, right = _pairs(frame)
    a, b = frame.iloc[left].reset_index(drop=True), frame.iloc[right].reset_index(drop=True)
    found: dict[str, npt.NDArray[Any]] = {
        "days_apart": _gap(a, b).astype(float),
        "days_unsure": np.log1p(np.minimum(_width(a), _width(b))),
    }
    is_known = _known(a, "district") & _known(b, "district")
    is_same = is_known & (_text(a, "district") == _text(b, "district"))
    found["same_district"], found["other_district"] = is_same, is_known & ~is_same
    found["same_place"], found["other_place"] = _compare_places(a, b)
    for name, column in (("target", "target"), ("type", "event_type")):
        found[f"same_{name}"], found[f"other_{name}"] = _compare_lists(a, b, column)
    is_known = _known(a, "casualties_of") & _known(b, "casualties_of")
    found["other_side"] = is_known & (_text(a, "casualties_of") != _text(b, "casualties_of"))
    found["other_perpetrator"] = _differ_in_perpetrator(a, b)
    found["same_toll"], found["other_toll"] = _compare_tolls(a, b)
    pairs = pd.DataFrame({name: np.asarray(values, float) for name, values in found.items()})
    ids = frame["report_id"].astype(str).to_numpy()
    first, second = ids[left], ids[right]
    pairs.insert(0, "report_id_a", np.where(first < second, first, second))
    pairs.insert(1, "report_id_b", np.where(first < second, second, first))
    weights = np.array([WEIGHTS[name] for name in FEATURES])
    pairs["score"] = pairs[FEATURES].to_numpy() @ weights + WEIGHTS["intercept"]
    order = ["report_id_a", "report_id_b"]
    return pairs.sort_values(order, ignore_index=True)


def _pairs(frame: pd.DataFrame) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Positions of reports that share a block and are near in time, each pair once."""
    place = _text(frame, "governorate")
    lefts: list[npt.NDArray[np.int64]] = []
    rights: list[npt.NDArray[np.int64]] = []
    unplaced = np.flatnonzero(place == "")
    for name in sorted(set(place) - {""}) or [""]:
        rows = np.union1d(np.flatnonzero(place == name), unplaced)
        start = frame["date_start"].to_numpy("datetime64[D]")[rows]
        rows = rows[np.argsort(start, kind="stable")]
        start = np.sort(start)
        end = frame["date_end"].to_numpy("datetime64[D]")[rows]
        last = np.searchsorted(start, end + np.timedelta64(GAP_DAYS, "D"), side="right")
        n = np.maximum(last - np.arange(len(rows)) - 1, 0)
        left = np.repeat(np.arange(len(rows)), n)
        right = left + 1 + np.arange(n.sum()) - np.repeat(n.cumsum() - n, n)
        lefts, rights = [*lefts, rows[left]], [*rights, rows[right]]
    pairs = np.sort(np.column_stack([np.concatenate(lefts), np.concatenate(rights)]), axis=1)
    pairs = np.unique(pairs, axis=0)
    return pairs[:, 0], pairs[:, 1]


def _text(frame: pd.DataFrame, column: str) -> npt.NDArray[np.object_]:
    if column not in frame:
        return np.full(len(frame), "", dtype=object)
    return frame[column].astype("object").where(frame[column].notna(), "").to_numpy(object)


def _known(frame: pd.DataFrame, column: str) -> npt.NDArray[np.bool_]:
    return np.asarray(_text(frame, column) != "", bool)


def _gap(a: pd.DataFrame, b: pd.DataFrame) -> npt.NDArray[np.int64]:
    """Days between two intervals; 0 where they share a day."""
    start = np.maximum(*(x["date_start"].to_numpy("datetime64[D]") for x in (a, b)))
    end = np.minimum(*(x["date_end"].to_numpy("datetime64[D]") for x in (a, b)))
    gap: npt.NDArray[np.int64] = np.maximum((start - end).astype("int64"), 0)
    return gap


def _width(frame: pd.DataFrame) -> npt.NDArray[np.int64]:
    return np.asarray((frame["date_end"] - frame["date_start"]).dt.days, "int64")


def _compare_places(
    a: pd.DataFrame, b: pd.DataFrame
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """How far printed places agree and differ; the closer of spelling, sounds and distance."""
    names = {str(text) for frame in (a, b) for text in _text(frame, "place") if text}
    folded = {name: fold_place(name) for name in names}
    heard = {name: hear_place(folded[name])[1] or folded[name] for name in names}
    alike = np.full(len(a), np.nan)
    for at, (x, y) in enumerate(zip(_text(a, "place"), _text(b, "place"), strict=True)):
        if x and y:
            pairs = ((folded[x], folded[y]), (heard[x], heard[y]))
            alike[at] = max(fuzz.partial_ratio(*pair) for pair in pairs) / 100
    standard = [_standard_names(frame) for frame in (a, b)]
    alike = np.where((standard[0] != "") & (standard[0] == standard[1]), 1.0, alike)
    same = np.nan_to_num(np.clip((alike - 0.5) / 0.5, 0, 1))
    # One place has many printed names: names that differ say less than points that do.
    other = np.where(np.isnan(alike), 0, 0.4 * (1 - same))
    near = np.exp(-_distance_km(a, b) / 10)
    same = np.where(np.isnan(near), same, np.maximum(same, near))
    return same, np.where(np.isnan(near), other, 1 - same)


def _standard_names(frame: pd.DataFrame) -> npt.NDArray[np.object_]:
    """Standard name of the printed place, where it is one narrower than a district."""
    columns = [c for c in ("governorate", "district", "place") if c in frame]
    if "place" not in columns:
        return np.full(len(frame), "", dtype=object)
    printed = frame[columns].drop_duplicates()
    found = match_places(printed)
    is_narrow = found["level"].isin(["subdistrict", "village", "feature"])
    names = printed.assign(name=found["name"].where(is_narrow, ""))
    return frame[columns].merge(names, on=columns, how="left")["name"].to_numpy(object)


def _distance_km(a: pd.DataFrame, b: pd.DataFrame) -> npt.NDArray[np.float64]:
    """Great-circle distance; not a number where a point is missing."""
    if not {"latitude", "longitude"} <= set(a):
        return np.full(len(a), np.nan)
    x, y = (
        np.radians([frame[c].to_numpy(float, na_value=np.nan) for c in ("latitude", "longitude")])
        for frame in (a, b)
    )
    half = np.sin((x - y) / 2) ** 2
    cosines = np.cos(x[0]) * np.cos(y[0])
    return np.asarray(2 * _EARTH_KM * np.arcsin(np.sqrt(half[0] + cosines * half[1])))


def _compare_lists(
    a: pd.DataFrame, b: pd.DataFrame, column: str
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Whether two lists parted by semicolons share a value, or are known and share none."""
    split = {
        t: frozenset(p.strip() for p in str(t).split(";")) for f in (a, b) for t in _text(f, column)
    }
    shared = [
        bool(split[x] & split[y]) for x, y in zip(_text(a, column), _text(b, column), strict=True)
    ]
    is_known = _known(a, column) & _known(b, column)
    return is_known & np.array(shared, bool), is_known & ~np.array(shared, bool)


def _differ_in_perpetrator(a: pd.DataFrame, b: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Whether one names IS and the other somebody else; "unknown" is nobody."""
    names = [_text(frame, "perpetrator") for frame in (a, b)]
    is_named = [(text != "") & (text != "unknown") for text in names]
    return np.asarray(is_named[0] & is_named[1] & ((names[0] == "IS") != (names[1] == "IS")), bool)


def _compare_tolls(
    a: pd.DataFrame, b: pd.DataFrame
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """How near the tolls are, and how far apart: tolls rise, so only large gaps weigh."""
    near, far = np.full(len(a), np.nan), np.full(len(a), np.nan)
    for toll in ("killed", "wounded", "abducted"):
        if toll not in a:
            continue
        x, y = (f[toll].astype("Float64").to_numpy(float, na_value=np.nan) for f in (a, b))
        ratio = np.log((np.fmax(x, y) + 1) / (np.fmin(x, y) + 1))
        ratio = np.where(np.isnan(x) | np.isnan(y), np.nan, ratio)
        near, far = np.fmin(near, ratio), np.fmax(far, ratio)
    same = np.where(np.isnan(near), 0, np.exp(-2 * np.nan_to_num(near)))
    return same, np.clip(np.nan_to_num(far) - 0.4, 0, 2)
