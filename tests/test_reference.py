"""Loading the project's own tables: kinds, missing cells, messages."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from analytics import reference
from analytics.errors import FileError

LOADERS = [
    reference.load_key_dates,
    reference.load_governorates,
    reference.load_districts,
    reference.load_place_names,
    reference.load_zones,
    reference.load_published_counts,
    reference.load_aggregates,
    reference.load_coverage,
]


@pytest.mark.parametrize("load", LOADERS)
def test_days_are_midnights_without_a_zone_and_frames_are_fresh(load) -> None:
    frame = load()
    assert len(frame) > 0
    for column in frame.columns:
        is_day = column.startswith(("date_", "period_")) or column == "published_on"
        assert pd.api.types.is_datetime64_dtype(frame[column]) == is_day, column
    frame.iloc[:, 0] = None
    assert load().iloc[:, 0].notna().all()


def test_empty_cells_are_missing_and_text_stays_text() -> None:
    dates = reference.load_key_dates()
    assert dates.loc[dates["date_start"] == dates["date_end"], "interval_kind"].isna().all()
    assert not reference.load_aggregates()["series_key"].eq("").any()
    assert reference.load_governorates()["governorate"].notna().all()


def test_numbers_and_truths_are_typed() -> None:
    counts = reference.load_published_counts().set_index("series_id")
    series = counts.loc["musings-2018-01/security-incidents-all-actors-mean-per-day/IQ/month"]
    assert series["value"].iloc[0] == 23.1
    assert reference.load_governorates()["tile_row"].max() == 7
    assert reference.load_zones()["is_counted"].all()


def test_doubtful_zones_are_left_out_unless_asked_for() -> None:
    counted, weighed = reference.load_zones(), reference.load_zones(with_doubtful=True)
    assert len(counted) == 7
    assert set(weighed["district"]) - set(counted["district"]) >= {"Kirkuk", "Sinjar", "Hamdaniya"}


def test_a_missing_table_is_named_with_its_remedy(monkeypatch, tmp_path: Path) -> None:
    monkeypatch.setattr(reference, "_FOLDERS", (tmp_path,))
    with pytest.raises(
        FileError, match=r"zones\.csv: is not in the project's data folder\. Restore"
    ):
        reference.load_zones()


def test_an_installed_package_finds_the_data_inside_itself(monkeypatch, tmp_path: Path) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "zones.csv").write_text("zone,is_counted\nstrip,true\nstrip,false\n")
    monkeypatch.setattr(reference, "_FOLDERS", (tmp_path / "absent", inside))
    assert reference.data_path("zones.csv").parent == inside
    assert len(reference.load_zones()) == 1
