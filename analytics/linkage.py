"""Which reports may be of one incident: pairs in blocks of place and time, scored and linked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from rapidfuzz import fuzz

from analytics.places import match_places
from analytics.reference import load_governorates
from analytics.spelling import fold_place, hear_place

GAP_DAYS = 2
"""Reports whose days lie further apart are not compared."""

WEIGHTS = {
    "intercept": -1.5,
    "days_apart": -3.6,
    "days_unsure": -1.1,
    "other_governorate": -1.6,
    "same_place": 2.6,
    "other_place": -0.8,
    "near": 1.4,
    "far": -3.5,
    "same_target": 1.4,
    "other_target": -1.4,
    "same_type": 1.8,
    "other_type": -1.8,
    "other_side": -0.4,
    "other_perpetrator": -1.7,
    "same_toll": 2.2,
    "other_toll": -1.5,
    "same_article": -2.9,
}
"""Evidence of each comparison, in logits; docs/decisions/042 tells how they were measured."""

FEATURES = [name for name in WEIGHTS if name != "intercept"]
_EARTH_KM, _CHUNK = 6371.0, 250_000
Progress = Callable[[int, int], None]


def compare_reports(
    reports: pd.DataFrame, *, lowest: float = -np.inf, progress: Progress | None = None
) -> pd.DataFrame:
    """Return every pair of reports that may be of one incident, with what speaks for and against.

    Pairs are compared where their days are at most two apart and they share a governorate (a
    report without one, with all), a place's name or a point, so that work grows with the number
    of reports a day, not with the square of all.

    Parameters
    ----------
    reports : DataFrame
        Columns of `analytics.schema.RECORD`; one row a report.
    lowest : float
        Pairs that score lower (logits) are left out, to save memory.
    progress : callable, optional
        Called with the number of pairs compared, and of all pairs.

    Returns
    -------
    DataFrame
        One row is a pair: ``report_id_a``, ``report_id_b`` (in order of text), the comparisons
        named in `WEIGHTS` (0 to 1, or days), and ``score``, their weighted sum (logits).
    """
    frame = reports.reset_index(drop=True)
    frame["_standard"] = _standard_names(frame)
    left, right = _pairs(frame)
    weights = np.array([WEIGHTS[name] for name in FEATURES])
    parts: list[pd.DataFrame] = []
    for start in range(0, max(len(left), 1), _CHUNK):
        chunk = slice(start, start + _CHUNK)
        pairs = _compare(frame.iloc[left[chunk]], frame.iloc[right[chunk]])
        pairs["score"] = pairs[FEATURES].to_numpy() @ weights + WEIGHTS["intercept"]
        parts.append(pairs[pairs["score"] >= lowest])
        if progress is not None:
            progress(min(start + _CHUNK, len(left)), len(left))
    order = ["report_id_a", "report_id_b"]
    return pd.concat(parts, ignore_index=True).sort_values(order, ignore_index=True)


def compare_pair(reports: pd.DataFrame, first: str, second: str) -> pd.Series:
    """Return the comparisons and the score of two reports, whether or not they share a block."""
    named = reports.set_index("report_id", drop=False)
    both = named.loc[[first, second]].reset_index(drop=True)
    both["_standard"] = _standard_names(both)
    pair = _compare(both.iloc[[0]], both.iloc[[1]])
    weights = np.array([WEIGHTS[name] for name in FEATURES])
    score = pair[FEATURES].to_numpy(float) @ weights + WEIGHTS["intercept"]
    return pair.assign(score=score).iloc[0]


def _compare(a: pd.DataFrame, b: pd.DataFrame) -> pd.DataFrame:
    """The comparisons of pairs, of which ``a`` and ``b`` hold the two reports, row by row."""
    a, b = a.reset_index(drop=True), b.reset_index(drop=True)
    found: dict[str, npt.NDArray[Any]] = {
        "days_apart": _gap(a, b).astype(float),
        "days_unsure": np.log1p(np.minimum(_width(a), _width(b))),
        "other_governorate": _differ(a, b, "governorate"),
    }
    found["same_place"], found["other_place"] = _compare_places(a, b)
    near = np.exp(-_distance_km(a, b) / 10)
    found["near"], found["far"] = np.nan_to_num(near), np.nan_to_num(1 - near)
    for name, column in (("target", "target"), ("type", "event_type")):
        found[f"same_{name}"], found[f"other_{name}"] = _compare_lists(a, b, column)
    found["other_side"] = _differ(a, b, "casualties_of")
    found["other_perpetrator"] = _differ_in_perpetrator(a, b)
    found["same_toll"], found["other_toll"] = _compare_tolls(a, b)
    # What is told of several incidents at once cannot speak against one of them.
    several = is_several(a) | is_several(b)
    for name in ("same_toll", "other_toll", "other_type", "other_target", "other_side"):
        found[name] = np.where(several, 0.0, found[name])
    # Whoever made two rows of one article read of two incidents in it.
    address = _text(a, "source_url")
    found["same_article"] = (address != "") & (address == _text(b, "source_url"))
    first, second = (frame["report_id"].astype(str).to_numpy() for frame in (a, b))
    ids = {
        "report_id_a": np.where(first < second, first, second),
        "report_id_b": np.where(first < second, second, first),
    }
    return pd.DataFrame(ids | {name: np.asarray(found[name], float) for name in FEATURES})


def is_several(reports: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Return which rows are a count of several incidents (``n_incidents`` over 1)."""
    n = reports.get("n_incidents", pd.Series(1, reports.index))
    return np.asarray(n.astype("Float64").fillna(1) > 1, bool)


def _pairs(frame: pd.DataFrame) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Positions of reports that share a block and are near in time, each pair once."""
    governorate = _text(frame, "governorate")
    unplaced = np.flatnonzero(governorate == "")
    place = np.array([fold_place(str(text)) for text in _text(frame, "place")], dtype=object)
    blocks = [governorate, place]
    if {"latitude", "longitude"} <= set(frame):
        point = frame[["latitude", "longitude"]].astype(float).round(1)
        known = point.notna().all(axis=1)
        text = point["latitude"].astype(str) + " " + point["longitude"].astype(str)
        blocks.append(text.where(known, "").to_numpy(object))
    n_rows = len(frame)
    codes: list[npt.NDArray[np.int64]] = [np.empty(0, np.int64)]
    for number, block in enumerate(blocks):
        rows_of = pd.Series(np.arange(n_rows)).groupby(block, sort=True).groups
        if number == 0 and set(rows_of) <= {""}:
            rows_of = {"all": pd.RangeIndex(n_rows)}
        for name, members in rows_of.items():
            if name != "":
                rows = np.asarray(members, np.int64)
                rows = np.union1d(rows, unplaced) if number == 0 else rows
                codes.append(_near_in_time(frame, rows) if len(rows) > 1 else codes[0])
    both = np.unique(np.concatenate(codes))
    left, right = both // max(n_rows, 1), both % max(n_rows, 1)
    is_possible = _are_neighbours(governorate, left, right)
    return left[is_possible], right[is_possible]


def _are_neighbours(
    governorate: npt.NDArray[np.object_],
    left: npt.NDArray[np.int64],
    right: npt.NDArray[np.int64],
) -> npt.NDArray[np.bool_]:
    """Whether two reports name one governorate or neighbours: no homonym reaches further."""
    tiles = load_governorates().set_index("governorate")[["tile_column", "tile_row"]]
    at = tiles.reindex(governorate).to_numpy(float, na_value=np.nan)
    apart = np.abs(at[left] - at[right]).max(axis=1)
    return np.asarray(~(apart > 2), bool)


def _near_in_time(frame: pd.DataFrame, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Pairs of some rows whose days are near, each as one number: smaller * n + larger."""
    start = frame["date_start"].to_numpy("datetime64[D]")[rows]
    rows = rows[np.argsort(start, kind="stable")]
    start = np.sort(start)
    end = frame["date_end"].to_numpy("datetime64[D]")[rows]
    last = np.searchsorted(start, end + np.timedelta64(GAP_DAYS, "D"), side="right")
    n = np.maximum(last - np.arange(len(rows)) - 1, 0)
    left = np.repeat(np.arange(len(rows)), n)
    right = left + 1 + np.arange(n.sum()) - np.repeat(n.cumsum() - n, n)
    x, y = rows[left], rows[right]
    codes: npt.NDArray[np.int64] = np.minimum(x, y) * len(frame) + np.maximum(x, y)
    return codes


def _text(frame: pd.DataFrame, column: str) -> npt.NDArray[np.object_]:
    if column not in frame:
        return np.full(len(frame), "", dtype=object)
    return frame[column].astype("object").where(frame[column].notna(), "").to_numpy(object)


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
    """How far printed names agree and differ, the closer of spelling and sounds."""

    def compare(x: str, y: str) -> float:
        if not x or not y:
            return np.nan
        spelt = [fold_place(name) for name in (x, y)]
        heard = [hear_place(name)[1] or name for name in spelt]
        return max(fuzz.partial_ratio(*spelt), fuzz.partial_ratio(*heard)) / 100

    alike = _for_each(_text(a, "place"), _text(b, "place"), compare)
    standard = [_text(frame, "_standard") for frame in (a, b)]
    alike = np.where((standard[0] != "") & (standard[0] == standard[1]), 1.0, alike)
    same = np.clip((alike - 0.5) / 0.5, 0, 1)
    return np.nan_to_num(same), np.nan_to_num(1 - same)


def _for_each(
    x: npt.NDArray[np.object_], y: npt.NDArray[np.object_], compare: Callable[[str, str], float]
) -> npt.NDArray[np.float64]:
    """A comparison of texts, made once for each two texts that meet."""
    (i, left), (j, right) = pd.factorize(x), pd.factorize(y)
    met, back = np.unique(i * max(len(right), 1) + j, return_inverse=True)
    values = [compare(str(left[c // len(right)]), str(right[c % len(right)])) for c in met]
    return np.array(values, float)[back]


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
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Whether two lists parted by semicolons share a value, or are known and share none."""

    def share(x: str, y: str) -> float:
        lists = [{part.strip() for part in text.split(";")} - {""} for text in (x, y)]
        return float(bool(lists[0] & lists[1])) if lists[0] and lists[1] else np.nan

    shared = _for_each(_text(a, column), _text(b, column), share)
    return shared == 1, shared == 0


def _differ(a: pd.DataFrame, b: pd.DataFrame, column: str) -> npt.NDArray[np.bool_]:
    x, y = _text(a, column), _text(b, column)
    return np.asarray((x != "") & (y != "") & (x != y), bool)


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
