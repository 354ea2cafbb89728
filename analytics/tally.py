"""Records grouped by interval of days: the one counting expression, on whatever engine holds them.

A tally says how many incidents share an interval of days, a group and a size. It is small, however
many records there are, and holds all that the counts of a window can be made from.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import ibis
import ibis.expr.types as ir
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from analytics.errors import ParameterError
from analytics.periods import Window
from analytics.reference import load_governorates, load_zones

Records: TypeAlias = pd.DataFrame | ir.Table
MEASURES = ("incidents", "killed", "wounded", "abducted", "arrested")
DATE_RULES = ("spread", "start", "end")
UNKNOWN = "unknown"
_ONE_DAY = np.timedelta64(1, "D")


def tally_incidents(
    records: Records,
    window: Window,
    *,
    by: str | None = None,
    measure: str = "incidents",
    only: Mapping[str, Sequence[str]] | None = None,
    date_rule: str = "spread",
) -> pd.DataFrame:
    """Return how many incidents share an interval of days, a group and a size; the one expression.

    Returns
    -------
    DataFrame
        One row is a combination: ``group`` (text), ``date_start``, ``date_end`` (days),
        ``size`` (1, or persons an incident), ``n`` (incidents), ``is_unknown`` (size not stated).
        Sorted, so that sums do not depend on the order of records.
    """
    _check_choice("measure", measure, MEASURES)
    _check_choice("date rule", date_rule, DATE_RULES)
    table = as_table(records)
    if by == "zone":
        table = table.mutate(zone=assign_zone(table))
    table = _keep_only(table, only or {})
    for column in (*([by] if by else []), *([measure] if measure != "incidents" else [])):
        _check_column(table, column)
    start, end = table.date_start.cast("date"), table.date_end.cast("date")
    if date_rule == "start":
        end = start
    elif date_rule == "end":
        start = end
    group = table[by].cast("string") if by else ibis.literal("")
    n = table.n_incidents.fill_null(1) if "n_incidents" in table.columns else ibis.literal(1)
    size = table[measure] if measure != "incidents" else ibis.literal(1)
    cells = (
        table.select(
            group=group.nullif("").fill_null(UNKNOWN) if by else group,
            date_start=start,
            date_end=end,
            size=size.cast("int64"),
            n=n.cast("int64") if measure == "incidents" else ibis.literal(1, "int64"),
        )
        .filter(lambda t: (t.date_end >= window.start.date()) & (t.date_start <= window.end.date()))
        .group_by("group", "date_start", "date_end", "size")
        .aggregate(n=lambda t: t.n.sum().cast("int64"))
    )
    # Through Arrow: the engine's own days and whole numbers, whatever pandas would make of them.
    tally: pd.DataFrame = cells.to_pyarrow().to_pandas(date_as_object=False)
    tally["is_unknown"] = tally["size"].isna()
    tally["size"] = tally["size"].fillna(1).astype("int64")
    keys = ["group", "date_start", "date_end", "is_unknown", "size"]
    tally[["date_start", "date_end"]] = tally[["date_start", "date_end"]].astype("datetime64[us]")
    return tally.sort_values(keys, ignore_index=True)[[*keys, "n"]]


def balance_records(records: Records, window: Window) -> dict[str, float]:
    """Return where the incidents of the records are: what a report must account for.

    Returns
    -------
    dict
        ``incidents`` in all, expected ``inside`` and ``outside`` the window (they add up);
        ``with_interval_date`` and ``without_governorate`` among those that touch the window.
    """
    every = Window("1900-01-01", "2200-12-31")
    tally = tally_incidents(records, every)
    n = tally["n"].to_numpy(float)
    inside = overlap_share(tally, window.start, window.end)
    touches = inside > 0
    is_interval = (tally["date_end"] > tally["date_start"]).to_numpy()
    total = float(n.sum())
    placed = tally_incidents(records, window, by="governorate") if _has(records) else None
    unplaced = placed.loc[placed["group"] == UNKNOWN, "n"].sum() if placed is not None else total
    return {
        "incidents": total,
        "inside": float((n * inside).sum()),
        "outside": total - float((n * inside).sum()),
        "with_interval_date": float(n[touches & is_interval].sum()),
        "without_governorate": float(unplaced),
    }


def _has(records: Records) -> bool:
    return "governorate" in records.columns


def count_distribution(records: Records, window: Window) -> pd.DataFrame:
    """Return the exact distribution of the number of incidents inside a window.

    Each incident falls inside with the share of its interval's days that does; the sum of such
    trials is Poisson-binomial (Hong 2013, Computational Statistics & Data Analysis 59:41-51),
    got here by convolution.

    Returns
    -------
    DataFrame
        One row is a possible count: ``count`` (incidents), ``probability``.
    """
    tally = tally_incidents(records, window)
    inside = overlap_share(tally, window.start, window.end)
    n = tally["n"].to_numpy()
    certain = int(n[inside >= 1].sum())
    chances = np.repeat(inside[inside < 1], n[inside < 1])
    probability = np.ones(1)
    for chance in chances:
        probability = np.convolve(probability, [1 - chance, chance])
    count = certain + np.arange(len(probability))
    return pd.DataFrame({"count": count, "probability": probability})


def select_records(
    records: pd.DataFrame,
    *,
    place: str = "all",
    where: Mapping[str, Sequence[str]] | None = None,
) -> pd.DataFrame:
    """Return the records of one place that meet other conditions, in their order.

    Parameters
    ----------
    records : DataFrame
    place : str
        ``all``, a governorate's code, or a zone: strip, elsewhere.
    where : mapping of column to allowed values, optional
        Other conditions, e.g. ``{"event_class": ["attack"]}``.

    Raises
    ------
    ParameterError
        A place or a column that is not known.

    Examples
    --------
    >>> records = pd.DataFrame({"governorate": ["IQ-KI", "IQ-DI"], "event_class": "attack"})
    >>> select_records(records, place="IQ-KI", where={"event_class": ["attack"]})
      governorate event_class
    0       IQ-KI      attack
    """
    chosen = {column: list(values) for column, values in (where or {}).items()}
    if place != "all":
        governorates = load_governorates()["governorate"].tolist()
        _check_choice("place", place, ["all", "strip", "elsewhere", *governorates])
        chosen["governorate" if place in governorates else "zone"] = [place]
    columns = [c for c in ("governorate", "district", *chosen) if c in records]
    numbered = records[list(dict.fromkeys(columns))].assign(row_number=range(len(records)))
    kept = _keep_only(as_table(numbered), chosen).row_number.to_pyarrow().to_pylist()
    return records.iloc[sorted(kept)].reset_index(drop=True)


def assign_zone(table: ir.Table) -> ir.StringValue:
    """Return, per record, "strip", "elsewhere" or "unknown" by the district list in data/zones.csv.

    "strip" is the ground between federal and Peshmerga lines after 16 October 2017. A record
    without a district, in a governorate that has strip districts, is "unknown": it may be either.
    """
    zones = load_zones()
    whole = zones.loc[zones["district"].isna(), "governorate"].tolist()
    listed = zones.dropna(subset="district")
    keys = (listed["governorate"] + "/" + listed["district"]).tolist()
    mixed = sorted(set(listed["governorate"]) - set(whole))
    governorate = table.governorate.nullif("")
    district = table.district.nullif("") if "district" in table.columns else ibis.null("string")
    return ibis.cases(
        (governorate.isnull(), UNKNOWN),
        (governorate.isin(whole) if whole else ibis.literal(False), "strip"),
        ((governorate + "/" + district).fill_null("").isin(keys), "strip"),
        (district.isnull() & governorate.isin(mixed), UNKNOWN),
        else_="elsewhere",
    )


def as_table(records: Records) -> ir.Table:
    """Return records as an Ibis table; a frame goes through Arrow, where a NaN becomes a null."""
    if isinstance(records, pd.DataFrame):
        return ibis.memtable(pa.Table.from_pandas(records, preserve_index=False))
    return records


def overlap_share(
    tally: pd.DataFrame, start: Any, end: Any, rows: npt.NDArray[np.int64] | slice = slice(None)
) -> npt.NDArray[np.float64]:
    """Return the share of each tally row's interval of days inside [start, end], shape (n_rows,).

    ``start`` and ``end`` (inclusive) are one day for all, or one a row of ``rows``.
    """
    first = tally["date_start"].to_numpy("datetime64[D]")[rows]
    last = tally["date_end"].to_numpy("datetime64[D]")[rows]
    start, end = np.asarray(start, "datetime64[D]"), np.asarray(end, "datetime64[D]")
    inside = (np.minimum(last, end) - np.maximum(first, start) + _ONE_DAY).astype(float)
    share: npt.NDArray[np.float64] = np.clip(inside, 0, None) / (last - first + _ONE_DAY).astype(
        float
    )
    return share


def _check_choice(what: str, value: str, allowed: Sequence[str]) -> None:
    if value not in allowed:
        raise ParameterError(
            f"{what} {value!r}", "is not known", f"Choose one of {', '.join(allowed)}"
        )


def _check_column(table: ir.Table, column: str) -> None:
    if column not in table.columns:
        known = ", ".join(sorted(table.columns))
        raise ParameterError(f"column {column!r}", "is not in the records", f"They have: {known}")


def _keep_only(table: ir.Table, only: Mapping[str, Sequence[str]]) -> ir.Table:
    """The rows whose columns have an allowed value; the zone is worked out if asked for."""
    if "zone" in only and "zone" not in table.columns:
        table = table.mutate(zone=assign_zone(table))
    for column, values in only.items():
        _check_column(table, column)
        table = table.filter(table[column].isin(list(values)))
    return table
