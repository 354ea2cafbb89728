"""Make data/ucdp_is_iraq.csv from the UCDP GED file, which is not in the repository.

Usage: python scripts/make_ucdp_figures.py GED_FILE [OUT]

GED_FILE is the Georeferenced Event Dataset as CSV, global or of Iraq alone (version 19.1 gave the
figures in data/). Every event in Iraq with IS on either side that began in 2014-2018 is counted in
exactly one row; the codebook in data/README.md says what the rows mean.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd

DATA = Path(__file__).resolve().parents[1] / "data"
EVENT_TYPES = {
    "1": "state-based conflict",
    "2": "non-state conflict",
    "3": "one-sided violence",
}
SOURCE_URL = "https://ucdp.uu.se/downloads/"
KEYS = ["date_start", "date_end", "governorate", "district", "event_type"]
COLUMNS = [
    "report_id",
    *KEYS[:4],
    "event_type",
    "perpetrator",
    "actors",
    "killed",
    "killed_low",
    "killed_high",
    "killed_civilians",
    "casualties_of",
    "n_incidents",
    "source_url",
]


def read_events(path: Path) -> pd.DataFrame:
    """Return the events in Iraq with IS on either side that began in 2014-2018, all text."""
    events = pd.read_csv(path, dtype=str, keep_default_na=False)
    # Copies from the Humanitarian Data Exchange carry a row of tags under the header.
    events = events[~events["id"].str.startswith("#")]
    has_is = (events["side_a"] == "IS") | (events["side_b"] == "IS")
    # Some versions carry a time of day, which is always midnight.
    for column in ("date_start", "date_end"):
        events[column] = events[column].str[:10]
    is_inside = events["date_start"].between("2014-01-01", "2018-12-31")
    return events[has_is & is_inside & (events["country"] == "Iraq")]


def read_places(column: str) -> dict[str, str]:
    """Return UCDP's spelling -> governorate code (adm_1) or district (adm_2)."""
    names = pd.read_csv(DATA / "place_names.csv", dtype=str, keep_default_na=False)
    level = {"adm_1": "governorate", "adm_2": "district"}[column]
    ours = names[(names["source"] == "UCDP GED") & (names["level"] == level)]
    return {"": "", **dict(zip(ours["variant"], ours[level], strict=True))}


def make_figures(events: pd.DataFrame) -> pd.DataFrame:
    """Return one row per interval of days, governorate, district and type of violence."""
    frame = pd.DataFrame(
        {
            "date_start": events["date_start"],
            "date_end": events["date_end"],
            "governorate": translate(events["adm_1"], read_places("adm_1")),
            "district": translate(events["adm_2"], read_places("adm_2")),
            "event_type": translate(events["type_of_violence"], EVENT_TYPES),
            "actors": events["side_a"] + " - " + events["side_b"],
            "killed": events["best"].astype(int),
            "killed_low": events["low"].astype(int),
            "killed_high": events["high"].astype(int),
            "killed_civilians": events["deaths_civilians"].astype(int),
            "n_incidents": 1,
        }
    )
    deaths = ["killed", "killed_low", "killed_high", "killed_civilians"]
    grouped = frame.groupby(KEYS, sort=True)
    figures = grouped[[*deaths, "n_incidents"]].sum()
    figures["actors"] = grouped["actors"].agg(lambda sides: "; ".join(sorted(set(sides))))
    figures = figures.reset_index()
    is_one_sided = figures["event_type"] == "one-sided violence"
    # Only one-sided violence has a known perpetrator; a clash does not say who attacked.
    figures["perpetrator"] = is_one_sided.map({True: "IS", False: ""})
    figures["casualties_of"] = is_one_sided.map({True: "victims", False: "both"})
    figures["source_url"] = SOURCE_URL
    figures["report_id"] = figures.apply(name_row, axis=1)
    if not figures["report_id"].is_unique:
        sys.exit("two rows would share a report_id; name_row needs another part")
    return figures[COLUMNS]


def name_row(row: pd.Series) -> str:
    """Return an id made of what defines the row, so that it survives another version of GED."""
    place = [row["governorate"] or "IQ", row["district"].replace(" ", "_") or "unknown"]
    days = [row["date_start"].replace("-", ""), row["date_end"].replace("-", "")]
    return "-".join(["UCDP", *days, *place, row["event_type"].split("-")[0]])


def translate(values: pd.Series, names: dict[str, str]) -> pd.Series:
    """Return values by their house names; stop at one that has none, rather than lose an event."""
    unknown = sorted(set(values) - set(names))
    if unknown:
        sys.exit(f"{values.name} {unknown[0]!r} has no house name: add it to data/place_names.csv")
    return values.map(names)


def main() -> None:
    """Write the table and say what it holds."""
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    source = Path(sys.argv[1])
    if not source.is_file():
        sys.exit(f"{source}: is not a file. Get the GED as CSV from {SOURCE_URL}")
    out = Path(sys.argv[2]) if len(sys.argv) == 3 else DATA / "ucdp_is_iraq.csv"
    figures = make_figures(read_events(source))
    figures.to_csv(out, index=False, lineterminator="\n", encoding="utf-8")
    print(f"{out}: {len(figures)} rows, {figures['n_incidents'].sum()} events")


if __name__ == "__main__":
    main()
