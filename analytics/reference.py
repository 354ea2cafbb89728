"""The project's own tables in data/, each as a typed frame.

``data/README.md`` is the codebook: what one row of each table is, its columns, sources and limits.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import pandas as pd

from analytics.errors import FileError

# Beside the package in a checkout; inside it once installed.
_FOLDERS = (Path(__file__).resolve().parents[1] / "data", Path(__file__).resolve().parent / "data")


def data_path(name: str) -> Path:
    """Return the path of a file in data/, e.g. ``"key_dates.csv"``.

    Raises
    ------
    FileError
        There is no such file.

    Examples
    --------
    >>> data_path("key_dates.csv").name
    'key_dates.csv'
    """
    for folder in _FOLDERS:
        if (folder / name).is_file():
            return folder / name
    raise FileError(
        name,
        "is not in the project's data folder",
        "Restore it from the repository, or install the project again",
    )


def load_key_dates() -> pd.DataFrame:
    """Return the key dates in order of time; one row is a day or an interval (inclusive).

    Examples
    --------
    >>> load_key_dates().set_index("key_date_id").loc["kirkuk-16-october", "date_start"]
    Timestamp('2017-10-16 00:00:00')
    """
    return _load("key_dates.csv", days=["date_start", "date_end"])


def load_governorates() -> pd.DataFrame:
    """Return the 19 governorates by code, with names and a place on a tile map (from 1).

    Examples
    --------
    >>> load_governorates()["governorate"].is_unique
    True
    """
    return _load("governorates.csv", integers=["tile_column", "tile_row"])


def load_measure_names() -> pd.DataFrame:
    """Return what publishers counted, in Arabic and Sorani; one row is one printed definition.

    Examples
    --------
    >>> load_measure_names()["measure"].is_unique
    True
    """
    return _load("measure_names.csv")


@cache
def governorate_codes() -> tuple[str, ...]:
    """Return the ISO codes of the governorates."""
    return tuple(load_governorates()["governorate"])


def load_districts() -> pd.DataFrame:
    """Return the districts with their governorate and names; one row is a district.

    Examples
    --------
    >>> districts = load_districts()
    >>> districts.loc[districts["governorate"] == "IQ-KI", "district"].tolist()
    ['Daquq', 'Dibis', 'Hawija', 'Kirkuk']
    """
    return _load("districts.csv")


def load_place_names() -> pd.DataFrame:
    """Return the spellings of places; one row is one spelling of one place.

    Examples
    --------
    >>> names = load_place_names()
    >>> sorted(names.loc[names["variant"] == "کەرکووک", "level"])
    ['district', 'governorate']
    """
    return _load("place_names.csv")


def load_zones(*, with_doubtful: bool = False) -> pd.DataFrame:
    """Return the districts of each zone; one row is a district in a zone.

    Zone "strip" is the ground between federal and Peshmerga lines after 16 October 2017.

    Parameters
    ----------
    with_doubtful : bool
        Also return districts that were weighed and left out (``is_counted`` is False).

    Examples
    --------
    >>> load_zones()["district"].tolist()
    ['Makhmour', 'Khanaqin', 'Kifri', 'Daquq', 'Dibis', 'Hawija', 'Tuz Khurmatu']
    """
    zones = _load("zones.csv", truths=["is_counted"])
    return zones if with_doubtful else zones[zones["is_counted"]].reset_index(drop=True)


def load_published_counts() -> pd.DataFrame:
    """Return counts that others printed for a period and area; never join two ``series_id``.

    Examples
    --------
    >>> counts = load_published_counts()
    >>> bool(counts.duplicated(["series_id", "period_start", "period_end"]).any())
    False
    """
    return _load("published_counts.csv", days=["period_start", "period_end"], numbers=["value"])


def load_aggregates() -> pd.DataFrame:
    """Return totals stated over a period, which are never incidents; one row is a statement.

    Examples
    --------
    >>> load_aggregates().set_index("claim_id").loc["A03", "series_key"]
    'peshmerga-ministry-attacks'
    """
    days = ["period_start", "period_end", "published_on"]
    return _load("aggregate_claims.csv", days=days, numbers=["value"])


def load_coverage() -> pd.DataFrame:
    """Return what is known of how much each table of records holds; one row is a limit.

    Examples
    --------
    >>> load_coverage().dropna(subset="share_low")["dataset"].tolist()
    ['press_reports.csv']
    """
    days, numbers = ["period_start", "period_end"], ["share_low", "share_high"]
    return _load("coverage.csv", days=days, numbers=numbers)


def list_not_coded(files: Sequence[str]) -> list[str]:
    """Return the governorates that none of these tables tells apart: theirs is no count of zero.

    Examples
    --------
    >>> list_not_coded(["data/press_reports.csv"])
    ['IQ-HA']
    """
    coverage = load_coverage()
    limits = coverage[coverage["limit"] == "not_coded"]
    names = [Path(file).name for file in files]
    held = [set(limits.loc[limits["dataset"] == name, "governorate"]) for name in names]
    return sorted(set.intersection(*held)) if held else []


def _load(
    name: str,
    *,
    days: Sequence[str] = (),
    integers: Sequence[str] = (),
    numbers: Sequence[str] = (),
    truths: Sequence[str] = (),
) -> pd.DataFrame:
    """Read a table as text, empty cells as missing, and type the columns named."""
    # Without pandas' own markers, only an empty cell is missing; "NA" would stay text.
    frame = pd.read_csv(data_path(name), dtype=str, keep_default_na=False, na_values=[""])
    for column in days:
        frame[column] = pd.to_datetime(frame[column], format="%Y-%m-%d")
    for column in integers:
        frame[column] = pd.to_numeric(frame[column]).astype("Int64")
    for column in numbers:
        frame[column] = pd.to_numeric(frame[column]).astype(float)
    for column in truths:
        frame[column] = frame[column] == "true"
    return frame
