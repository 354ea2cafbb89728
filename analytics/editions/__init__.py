"""Release editions: what of the records may be told to whom, settled before anything is counted."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pandas as pd
import yaml

from analytics.errors import ParameterError
from analytics.periods import parse_day

EDITIONS = ("internal", "partner", "public")
RULES = ("recent", "columns", "places", "recent_places", "words", "addresses", "ids")
"""In the order in which they are applied to records; ``cells`` is applied to series."""

_POINT_DECIMALS = {"district": 1}  # about eleven kilometres


@dataclass(frozen=True)
class Edition:
    """The rules of an edition, as in its YAML file.

    Parameters
    ----------
    name : str
    columns : {"all", "listed"}
        Whether columns outside ``listed.yaml`` are left out: names, notes, free text.
    place : {"exact", "district", "governorate"}
        The finest place.
    delay_days : int
        Records whose days end later than this before the day of release are left out.
    coarse_days : int
        Records as young as this have a governorate and nothing finer.
    smallest : int
        The smallest count that is shown where counts are split by place or kind; 0 for any.
    is_coded : bool
        Ids are replaced by codes, since an id can name a place.
    lists_records : bool
        Whether records may be listed one by one with place and kind.
    keeps_unknown_words : bool
        Whether types, targets and the like may hold words that are not in ``listed.yaml``.
    """

    name: str
    columns: str
    place: str
    delay_days: int
    coarse_days: int
    smallest: int
    is_coded: bool
    lists_records: bool
    keeps_unknown_words: bool


@dataclass(frozen=True)
class Released:
    """Records as an edition may hold them.

    Parameters
    ----------
    incidents, reports : DataFrame
    edition : Edition
    rules : DataFrame
        One row a rule that the edition has: ``rule``, ``n_incidents`` it changed or left out.
    known_until : Timestamp or None
        Last day of which the edition tells.
    withheld : tuple of str
        Texts that must not be found in the report.
    """

    incidents: pd.DataFrame
    reports: pd.DataFrame
    edition: Edition
    rules: pd.DataFrame
    known_until: pd.Timestamp | None
    withheld: tuple[str, ...]


@cache
def load_edition(name: str) -> Edition:
    """Return the rules of an edition.

    Raises
    ------
    ParameterError
        If there is no such edition.
    """
    if name not in EDITIONS:
        raise ParameterError(
            f"edition {name!r}", "is not known", f"Choose one of {', '.join(EDITIONS)}"
        )
    return Edition(name, **_read(name))


def release_records(
    incidents: pd.DataFrame, reports: pd.DataFrame, edition: str, *, as_of: str = ""
) -> Released:
    """Return incidents and their reports as an edition may hold them.

    Parameters
    ----------
    incidents : DataFrame
        From `analytics.incidents.merge_reports`.
    reports : DataFrame
        `analytics.schema.RECORD`.
    edition : {"internal", "partner", "public"}
    as_of : str
        Day of release; the last day of the records where not given.
    """
    rules = load_edition(edition)
    if edition == "internal":
        empty = pd.DataFrame({"rule": [], "n_incidents": []})
        return Released(incidents, reports, rules, empty, None, ())
    day = parse_day(as_of, "as-of") if as_of else _last_day(reports)
    withheld = list_withheld(reports, edition)
    frames: list[pd.DataFrame] = []
    changed: dict[str, int] = {}
    for frame in (incidents, reports):
        released, n = _release(frame.copy(), rules, day, list(reports.columns))
        frames.append(released)
        changed = changed or n
    until = day - pd.Timedelta(days=rules.delay_days) if rules.delay_days else None
    table = pd.DataFrame({"rule": list(changed), "n_incidents": list(changed.values())})
    return Released(frames[0], frames[1], rules, table, until, withheld)


def _release(
    frame: pd.DataFrame, rules: Edition, day: pd.Timestamp, given: list[str]
) -> tuple[pd.DataFrame, dict[str, int]]:
    """One frame by every rule, and how many of its rows each changed."""
    n: dict[str, int] = {}
    listed = _read("listed")
    if rules.delay_days:
        is_old = frame["date_end"] <= day - pd.Timedelta(days=rules.delay_days)
        n["recent"] = int((~is_old).sum())
        frame = frame[is_old].reset_index(drop=True)
    dropped = [c for c in frame.columns if c not in listed["columns"]]
    # What merging has added tells of reports, not of people: left out, but not counted.
    n["columns"] = int(_has_text(frame, [c for c in dropped if c in given]).sum())
    frame = frame.drop(columns=dropped)
    fine = ["latitude", "longitude", *(["district"] if rules.place == "governorate" else [])]
    fine = [column for column in fine if column in frame]
    n["places"] = int(frame[fine].notna().any(axis=1).sum()) if fine else 0
    if rules.place == "governorate":
        frame = frame.drop(columns=fine)
    else:
        points = [column for column in fine if column != "district"]
        frame[points] = frame[points].astype(float).round(_POINT_DECIMALS[rules.place])
        young = frame["date_end"] > day - pd.Timedelta(days=rules.coarse_days)
        coarse = [c for c in ("district", "zone", "latitude", "longitude") if c in frame]
        n["recent_places"] = int((young & frame[coarse].notna().any(axis=1)).sum())
        frame[coarse] = frame[coarse].mask(young)
    n["words"] = _keep_words(frame, listed) if not rules.keeps_unknown_words else 0
    n["addresses"] = _clean_addresses(frame)
    if rules.is_coded:
        n["ids"] = len(frame)
        for column in ("report_id", "incident_id", "report_ids", "possible_id"):
            if column in frame:
                frame[column] = frame[column].map(code_ids, na_action="ignore")
    return frame, n


def code_ids(ids: str) -> str:
    """Return ids, parted by semicolons, as codes: the same for the same id, and telling nothing.

    Whoever holds the records can work the codes out again; whoever guesses an id can test it.

    Examples
    --------
    >>> code_ids("UCDP-20170801-IQ-KI-Daquq;b")
    'R-318a7fe896f3;R-3e23e8160039'
    """
    codes = [hashlib.sha256(one.encode()).hexdigest()[:12] for one in str(ids).split(";")]
    return ";".join(f"R-{code}" for code in codes)


def _keep_words(frame: pd.DataFrame, listed: dict[str, Any]) -> int:
    """Replace values that hold a word outside the list; return how many rows had one."""
    words = set(listed["words"].split())
    changed = pd.Series(False, frame.index)
    for column in (c for c in listed["worded"] if c in frame):
        values = frame[column].astype("string")
        is_plain = values.map(
            lambda value: set(re.findall(r"[^\W_]+", str(value).lower())) <= words,
            na_action="ignore",
        )
        is_odd = ~is_plain.fillna(True).astype(bool)
        frame[column] = values.mask(is_odd, "other")
        changed |= is_odd
    return int(changed.sum())


def _clean_addresses(frame: pd.DataFrame) -> int:
    """Keep the addresses of pages: nothing local, no user or password in them."""
    if "source_url" not in frame:
        return 0
    before = frame["source_url"].fillna("")
    after = before.map(_clean_address)
    frame["source_url"] = after.mask(after == "")
    return int((before != after).sum())


def _clean_address(url: str) -> str:
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or "." not in host:
        return ""
    if "@" not in parts.netloc:
        return url
    return urlunsplit((parts.scheme, host + port, parts.path, parts.query, ""))


def list_withheld(reports: pd.DataFrame, edition: str) -> tuple[str, ...]:
    """Return texts of what an edition leaves out: what a finished report must not hold."""
    rules = load_edition(edition)
    if edition == "internal":
        return ()
    listed = _read("listed")
    columns = [c for c in reports.columns if c not in listed["columns"]]
    columns += [c for c in ("latitude", "longitude") if c in reports]
    columns += [c for c in ("report_id", "incident_id") if c in reports and rules.is_coded]
    if rules.place == "governorate":
        columns += [c for c in ("district",) if c in reports]
    found: set[str] = set()
    for column in columns:
        found |= {str(value) for value in reports[column].dropna().unique()}
    if not rules.keeps_unknown_words:
        words = set(listed["words"].split())
        for column in (c for c in listed["worded"] if c in reports):
            found |= {
                str(value)
                for value in reports[column].dropna().unique()
                if not set(re.findall(r"[^\W_]+", str(value).lower())) <= words
            }
    if rules.place == "district" and "district" in reports:
        # A place that is printed as the district is called tells no more than the district.
        found -= {str(value) for value in reports["district"].dropna().unique()}
    return tuple(sorted(found))


def _has_text(frame: pd.DataFrame, columns: list[str]) -> pd.Series:
    told = frame[columns].astype("string").fillna("")
    return (told != "").any(axis=1) if columns else pd.Series(False, frame.index)


def _last_day(reports: pd.DataFrame) -> pd.Timestamp:
    days = [reports[c].max() for c in ("date_end", "published_on") if c in reports]
    known = [day for day in days if pd.notna(day)]
    return max(known) if known else pd.Timestamp("1900-01-01")


@cache
def _read(name: str) -> dict[str, Any]:
    text = (files("analytics.editions") / f"{name}.yaml").read_text(encoding="utf-8")
    content: dict[str, Any] = yaml.safe_load(text)
    return content
