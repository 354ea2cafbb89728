"""Totals that others stated, beside the incidents known in their days and place; never counted."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd

from analytics.dates import parse_dates
from analytics.errors import FileError, SeriesError
from analytics.incidents import find_least
from analytics.letters import fold_letters
from analytics.periods import Window
from analytics.places import match_places
from analytics.reference import load_aggregates
from analytics.schema import RECONCILED, names

# As they stand in tables in English, Arabic and Sorani; compared with one form for each letter.
_UNITS = {
    "n_incidents": "attacks incidents هجوم هجوما هجمة هجمات حادث حادثا حوادث هێرش ڕووداو",
    "killed": "killed قتيل قتيلا قتلى شهيد شهيدا شهداء کوژراو شەهید",
    "wounded": "wounded جريح جريحا جرحى مصاب مصابا مصابين بریندار",
    "abducted": "abducted مختطف مختطفا مختطفين مخطوف مخطوفا ڕفێندراو",
    "arrested": "arrested معتقل معتقلا معتقلين دەستگیرکراو",
}
_MEASURE_OF_UNIT = {
    fold_letters(word): measure for measure, words in _UNITS.items() for word in words.split()
}
_SOME_VICTIMS = re.compile("peshmerga|soldier|civilian|militant|fighter|police")
_OTHER_NAMES = {
    "what": "measure",
    "source_of_claim": "claimed_by",
    "published_date": "published_on",
}
_NEEDED = ("period_start", "period_end", "value", "unit")
_BOUNDS = ["more than", "at least", "أكثر من", "ما لا يقل عن", "زیاتر لە", "لانی کەم"]


def load_statements(path: str | None = None) -> pd.DataFrame:
    """Return stated totals from a CSV in the columns of data/aggregate_claims.csv (the default).

    ``what``, ``source_of_claim`` and ``published_date`` are understood too. Where there are no
    days of the period, ``period`` is read as a date in words ("since the start of the year", also
    in Arabic and Sorani), beside the day of publication. A row without a time or a total that can
    be read is kept: ``unread`` says why, and `reconcile_statements` compares it with nothing.

    Raises
    ------
    FileError
        There is no such file, or it is no table.
    SeriesError
        A needed column is missing.
    """
    if path is None:
        return load_aggregates()
    if not Path(path).is_file():
        raise FileError(path, "is not there", "Check the path of the statements")
    try:
        frame = pd.read_csv(path, dtype=str, keep_default_na=False, na_values=[""])
    except (ValueError, UnicodeDecodeError):
        raise FileError(path, "is no CSV table in UTF-8", "Export it again") from None
    frame = frame.rename(columns={k: v for k, v in _OTHER_NAMES.items() if v not in frame})
    frame["unread"] = None
    if "period" in frame and "period_start" not in frame:
        frame = _read_periods(frame)
    _check_columns(frame)
    is_known = frame["unread"].isna()
    for column in ("period_start", "period_end", "published_on"):
        if column in frame:
            days = pd.to_datetime(frame[column], format="%Y-%m-%d", errors="coerce")
            # A month of publication is no day; the days of the period are needed.
            if column != "published_on":
                _mark(frame, days.isna() & is_known, column, "is no day; write it as 2021-11-08")
            frame[column] = days
    value = pd.to_numeric(frame["value"], errors="coerce").replace([np.inf, -np.inf], np.nan)
    _mark(frame, value.isna() & is_known, "value", "is no number; state the total in digits")
    frame["value"] = value.astype(float)
    if "series_key" not in frame:
        frame["series_key"] = ""
    frame["unread"] = frame["unread"].astype(object).where(frame["unread"].notna(), None)
    return frame


def _mark(frame: pd.DataFrame, is_wrong: pd.Series, column: str, reason: str) -> None:
    """Say of rows why they cannot be read; what was said first stands."""
    shown = frame[column].fillna("").map(lambda cell: f"{column} {cell!r} {reason}")
    frame["unread"] = frame["unread"].fillna(shown.where(is_wrong))


def _read_periods(frame: pd.DataFrame) -> pd.DataFrame:
    """Statements with the days of the period that they tell in words."""
    published = frame.get("published_on", pd.Series(pd.NA, frame.index))
    days = pd.to_datetime(published, format="%Y-%m-%d", errors="coerce")
    asked = pd.DataFrame({"text": frame["period"].fillna(""), "published_on": days})
    asked["published_on"] = asked["published_on"].astype("datetime64[us]")
    read = parse_dates(asked["text"], published_on=list(days))
    found = asked.merge(read, how="left", on=["text", "published_on"]).set_axis(frame.index)
    told = found["text"].map(lambda text: f"period {text!r} is no time (")
    frame["unread"] = (told + found["reason"] + "); give its days").where(found["reason"] != "")
    ends = ["date_start", "date_end"]
    told = found[ends].apply(lambda column: column.dt.strftime("%Y-%m-%d"))
    return frame.assign(period_start=told["date_start"], period_end=told["date_end"])


def select_statements(
    statements: pd.DataFrame, window: Window, *, place: str = "all", smallest: int = 0
) -> pd.DataFrame:
    """Return the stated totals that lie wholly in a report's days and place.

    Parameters
    ----------
    statements : DataFrame
        From `load_statements`.
    window : Window
    place : str
        ``all``, which holds every place; or a governorate's code.
    smallest : int
        Where an edition withholds small counts of places, only totals of the whole country.

    Examples
    --------
    >>> window = Window("2021-11-21", "2021-11-30")
    >>> select_statements(load_statements(), window, place="IQ-DI")["claim_id"].tolist()
    ['A58', 'A28']
    """
    is_inside = (statements["period_start"] >= window.start) & (
        statements["period_end"] <= window.end
    )
    governorate = statements.get("governorate", pd.Series("", statements.index)).fillna("")
    if place != "all":
        is_inside &= governorate == place
    elif smallest:
        scope = statements.get("scope", pd.Series("", statements.index)).fillna("")
        is_inside &= (governorate == "") & scope.isin(["", "Iraq"])
    order = ["period_start", "period_end"]
    return statements[is_inside].sort_values(order, kind="stable", ignore_index=True)


def reconcile_statements(statements: pd.DataFrame, incidents: pd.DataFrame) -> pd.DataFrame:
    """Return each stated total beside the incidents known in its days and place.

    A total is a bound on a sum; it never becomes incidents. Compare like with like: give only
    the incidents that the statements speak of (attacks by IS, say).

    Parameters
    ----------
    statements : DataFrame
        One row a statement: ``period_start``, ``period_end`` (days, inclusive), ``value``,
        ``unit``; optionally ``operator``, ``measure``, ``governorate`` (code), ``scope``.
    incidents : DataFrame
        One row an incident, as `analytics.incidents.merge_reports` returns it.

    Returns
    -------
    DataFrame
        One row is a statement, with its columns and those of `analytics.schema.RECONCILED`.

    Raises
    ------
    SeriesError
        A needed column is missing.

    Notes
    -----
    ``known_min`` counts what lies wholly inside the days if every possible merge is made,
    ``known_max`` whatever touches them if no reports are merged: the total contradicts the records
    only where it is below the first, and something is missed for certain only where it is above
    the second. An incident without a stated toll adds nothing, so that ``missed_min`` of tolls
    holds for stated tolls only.

    A scope that names the disputed territories is compared with incidents that have
    ``is_disputed_territory``; another is looked up as a place.

    Examples
    --------
    >>> stated = pd.DataFrame({
    ...     "period_start": pd.to_datetime(["2021-10-28"]), "value": [13], "unit": ["attacks"],
    ...     "period_end": pd.to_datetime(["2021-11-10"])})
    >>> known = pd.DataFrame({
    ...     "date_start": pd.to_datetime(["2021-10-28", "2021-11-10", "2021-11-11"]),
    ...     "date_end": pd.to_datetime(["2021-10-28", "2021-11-12", "2021-11-11"])})
    >>> reconcile_statements(stated, known)[["known_min", "known_max", "missed_min", "outcome"]]
       known_min  known_max  missed_min outcome
    0          1          2          11  missed
    """
    _check_columns(statements)
    rows = [_reconcile(row, incidents) for _, row in statements.iterrows()]
    found = pd.DataFrame(rows, columns=names(RECONCILED), index=statements.index)
    whole = dict.fromkeys(["known_min", "known_best", "known_max", "missed_min"], "Int64")
    found = found.astype(whole | {"coverage_share": "Float64"})
    return pd.concat([statements, found], axis=1)


def _check_columns(statements: pd.DataFrame) -> None:
    for column in _NEEDED:
        if column not in statements:
            raise SeriesError(
                f"column {column!r}", "is not in the statements", "See data/README.md for them"
            )


def _reconcile(row: pd.Series, incidents: pd.DataFrame) -> tuple[object, ...]:
    """The columns of RECONCILED for one statement."""

    def leave(reason: str) -> tuple[object, ...]:
        return (pd.NA, pd.NA, pd.NA, pd.NA, pd.NA, "not comparable", reason)

    if pd.notna(row.get("unread")):
        return leave(str(row["unread"]))
    measure = _MEASURE_OF_UNIT.get(fold_letters(str(row["unit"])))
    if measure is None or (measure != "n_incidents" and measure not in incidents):
        return leave("the unit is not counted here")
    # A toll of an incident is not told apart by who the victims were.
    if measure != "n_incidents" and _SOME_VICTIMS.search(str(row.get("measure", "")).casefold()):
        return leave("some victims only are meant")
    if str(row.get("operator", "exact")) == "mean":
        return leave("a mean is no total")
    place = _find_place(row, incidents)
    if place is None:
        return leave("the place cannot be told")
    start, end = row["period_start"], row["period_end"]
    chosen = incidents[place & (incidents["date_start"] <= end) & (incidents["date_end"] >= start)]
    is_inside = (chosen["date_start"] >= start) & (chosen["date_end"] <= end)
    first = np.maximum(chosen["date_start"].to_numpy("datetime64[D]"), np.datetime64(start, "D"))
    last = np.minimum(chosen["date_end"].to_numpy("datetime64[D]"), np.datetime64(end, "D"))
    days = (chosen["date_end"] - chosen["date_start"]).dt.days.to_numpy() + 1
    share = ((last - first).astype(int) + 1) / days
    ones = pd.Series(1, index=chosen.index)
    blank = int(measure == "n_incidents")
    amount = pd.to_numeric(chosen.get(measure, ones)).fillna(blank).astype(float)
    least = find_least(chosen, "incidents" if measure == "n_incidents" else measure).fillna(0)
    unmerged = "n_unmerged" if measure == "n_incidents" else f"{measure}_unmerged"
    most = pd.to_numeric(chosen.get(unmerged, amount)).fillna(0).astype(float)
    stands = pd.Series(True, index=chosen.index)
    if "possible_id" in chosen:
        ranked = chosen.assign(_in=is_inside, _least=least).sort_values(
            ["_in", "_least", "n_reports"], ascending=[True, False, False], kind="stable"
        )
        stands = ~ranked["possible_id"].duplicated().reindex(chosen.index)
    low, high = int(least[is_inside & stands].sum()), int(most.sum())
    best = round(float((amount.to_numpy() * share).sum()))
    best = min(max(best, low), high)
    value = float(row["value"])
    is_bound = str(row.get("operator", "exact")) in _BOUNDS
    coverage = best / value if value > 0 else pd.NA
    missed = max(int(np.ceil(value)) - high, 0)
    if low > value and not is_bound:
        return low, best, high, 0, coverage, "contradiction", "more are known than were stated"
    reason = "" if len(chosen) else "the records hold nothing of these days and this place"
    return low, best, high, missed, coverage, "missed" if missed else "consistent", reason


def _find_place(row: pd.Series, incidents: pd.DataFrame) -> pd.Series | None:
    """Which incidents lie in the place of a statement; None where that cannot be told."""
    scope = "" if pd.isna(row.get("scope")) else str(row.get("scope")).strip().casefold()
    governorate = "" if pd.isna(row.get("governorate")) else str(row.get("governorate"))
    if not governorate and "disputed" in scope:
        known = [c for c in ("is_disputed_territory", "disputed_territory") if c in incidents]
        column = known[0] if known else None
        if column is None:
            return None
        return incidents[column].astype(str).str.casefold().isin(["true", "yes", "1"])
    if not governorate and scope not in ("", "iraq"):
        found = match_places(pd.DataFrame({"governorate": [row["scope"]]})).iloc[0]
        governorate = found["governorate"] if found["level"] == "governorate" else ""
        if not governorate:
            return None
    if governorate:
        if "governorate" not in incidents:
            return None
        return incidents["governorate"].isin(governorate.split(";")).fillna(False)
    return pd.Series(True, index=incidents.index)
