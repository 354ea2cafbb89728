"""The project's own tables in data/, each as a typed frame.

``data/README.md`` is the codebook: what one row of each table is, its columns, sources and limits.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from analytics.errors import FileError

# Beside the package in a checkout; inside it once installed.
_FOLDERS = (Path(__file__).resolve().parents[1] / "data", Path(__file__).resolve().parent / "data")


def data_path(name: str) -> Path:
    """Return the path of a table in data/.

    Parameters
    ----------
    name : str
        Name of the file, e.g. ``"key_dates.csv"``.

    Raises
    ------
    FileError
        There is no such file.

    Examples
    --------
    >>> data_path("key_dates.csv").name
    'key_dates.csv'
    >>> data_path("nowhere.csv")
    Traceback (most recent call last):
    analytics.errors.FileError: nowhere.csv: is not in the project's data folder. ...
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
    """Return the key dates, in order of time.

    Returns
    -------
    DataFrame
        One row is a key date or an interval of days, ``date_start`` to ``date_end`` (inclusive),
        with its names in three languages, category, sources and confidence; Ramadan included.

    Examples
    --------
    >>> dates = load_key_dates().set_index("key_date_id")
    >>> dates.loc["kirkuk-16-october", ["date_start", "name_en"]].tolist()
    [Timestamp('2017-10-16 00:00:00'), 'Federal forces enter Kirkuk']
    """
    return _load("key_dates.csv", days=["date_start", "date_end"])


def load_governorates() -> pd.DataFrame:
    """Return the 19 governorates, in order of their codes.

    Returns
    -------
    DataFrame
        One row is a governorate: ``governorate`` (ISO 3166-2; IQ-HA, Halabja, is ours),
        ``name_en``, ``name_ar``, ``name_ckb``, ``region`` (KRI, federal), ``tile_column`` and
        ``tile_row`` (place on a tile map, from 1, west and north first), ``source``.

    Examples
    --------
    >>> len(load_governorates())
    19
    """
    return _load("governorates.csv", integers=["tile_column", "tile_row"])


def load_districts() -> pd.DataFrame:
    """Return the districts: ``governorate``, ``district``, names, a rival parent, source.

    Examples
    --------
    >>> districts = load_districts()
    >>> districts.loc[districts["governorate"] == "IQ-KI", "district"].tolist()
    ['Daquq', 'Dibis', 'Hawija', 'Kirkuk']
    """
    return _load("districts.csv")


def load_place_names() -> pd.DataFrame:
    """Return the spellings of places: one row is one spelling of one place.

    Examples
    --------
    >>> names = load_place_names()
    >>> names.loc[names["variant"] == "کەرکووک", "standard_en"].tolist()
    ['Kirkuk', 'Kirkuk']
    """
    return _load("place_names.csv")


def load_zones(*, with_doubtful: bool = False) -> pd.DataFrame:
    """Return the districts of each zone; "strip" is the ground between the two lines.

    Parameters
    ----------
    with_doubtful : bool
        Also return districts that were weighed and not counted (``is_counted`` is False).

    Returns
    -------
    DataFrame
        One row is a district in a zone: ``zone``, ``governorate``, ``district``, ``part`` (whole,
        part), ``certainty`` (likely, open, unlikely), ``is_counted``, ``source``, ``note``.

    Examples
    --------
    >>> load_zones()["district"].tolist()
    ['Makhmour', 'Khanaqin', 'Kifri', 'Daquq', 'Dibis', 'Hawija', 'Tuz Khurmatu']
    """
    zones = _load("zones.csv", truths=["is_counted"])
    return zones if with_doubtful else zones[zones["is_counted"]].reset_index(drop=True)


def load_published_counts() -> pd.DataFrame:
    """Return counts printed by others for a period and area; never join two ``series_id``.

    Examples
    --------
    >>> counts = load_published_counts()
    >>> bool(counts.duplicated(["series_id", "period_start", "period_end"]).any())
    False
    """
    return _load(
        "published_counts.csv",
        days=["period_start", "period_end"],
        numbers=["value", "period_days"],
    )


def load_aggregates() -> pd.DataFrame:
    """Return totals stated over a period, which are never incidents.

    Examples
    --------
    >>> totals = load_aggregates().set_index("claim_id")
    >>> totals.loc["A03", ["value", "operator"]].tolist()
    [206.0, 'exact']
    """
    return _load(
        "aggregate_claims.csv",
        days=["period_start", "period_end", "published_on"],
        numbers=["value"],
    )


def _load(
    name: str,
    *,
    days: Sequence[str] = (),
    integers: Sequence[str] = (),
    numbers: Sequence[str] = (),
    truths: Sequence[str] = (),
) -> pd.DataFrame:
    """Read a table as text, empty cells as missing, and type the columns named."""
    # Without the default markers "NA" stays text, and no code or name is lost.
    frame = pd.read_csv(data_path(name), dtype=str, keep_default_na=False, na_values=[""])
    for column in days:
        frame[column] = pd.to_datetime(frame[column], format="%Y-%m-%d")
    for column in integers:
        frame[column] = pd.to_numeric(frame[column]).astype("Int64")
    for column in numbers:
        frame[column] = pd.to_numeric(frame[column]).astype(float)
    for column in truths:
        frame[column] = frame[column].map({"true": True, "false": False}).astype(bool)
    return frame
