"""Which records: those of a place, and those that meet conditions, as expressions on any engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import ibis
import ibis.expr.types as ir
import pandas as pd
import pyarrow as pa

from analytics.errors import ParameterError
from analytics.reference import governorate_codes, load_zones

Records: TypeAlias = pd.DataFrame | ir.Table
UNKNOWN = "unknown"


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
        governorates = governorate_codes()
        check_choice("place", place, ["all", "strip", "elsewhere", *governorates])
        chosen["governorate" if place in governorates else "zone"] = [place]
    columns = [c for c in ("governorate", "district", *chosen) if c in records]
    numbered = records[list(dict.fromkeys(columns))].assign(row_number=range(len(records)))
    kept = keep_only(as_table(numbered), chosen).row_number.to_pyarrow().to_pylist()
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


def check_choice(what: str, value: str, allowed: Sequence[str]) -> None:
    """Raise if a value is none of those allowed."""
    if value not in allowed:
        raise ParameterError(
            f"{what} {value!r}", "is not known", f"Choose one of {', '.join(allowed)}"
        )


def check_column(table: ir.Table, column: str) -> None:
    """Raise if a table does not have a column."""
    if column not in table.columns:
        known = ", ".join(sorted(table.columns))
        raise ParameterError(f"column {column!r}", "is not in the records", f"They have: {known}")


def keep_only(table: ir.Table, only: Mapping[str, Sequence[str]]) -> ir.Table:
    """The rows whose columns have an allowed value; the zone is worked out if asked for."""
    if "zone" in only and "zone" not in table.columns:
        table = table.mutate(zone=assign_zone(table))
    for column, values in only.items():
        check_column(table, column)
        table = table.filter(table[column].isin(list(values)))
    return table
