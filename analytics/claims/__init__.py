"""Claims about trends against the records: supported, not supported, or nobody can tell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from analytics.claims.change import fit_variants, judge_change
from analytics.claims.evidence import compare_counted, compare_totals
from analytics.claims.statements import Claim, Test, load_claims
from analytics.claims.verdict import combine, judge, times_as_many
from analytics.editions import Edition, load_edition
from analytics.errors import ModelError, ParameterError
from analytics.incidents import merge_reports
from analytics.periods import Window, parse_day
from analytics.records import load_records
from analytics.reference import (
    data_path,
    load_aggregates,
    load_coverage,
    load_published_counts,
)
from analytics.schema import CLAIM_TESTS, CLAIM_VARIANTS, CLAIM_VERDICTS, names
from analytics.selection import select_records
from analytics.series import count_incidents

__all__ = ["Claim", "EvaluatedClaims", "evaluate_claims", "load_claims"]

_MONTHS_OF_MEAN = {"mean per month": 365.25 / 12, "mean per quarter": 365.25 / 4}


@dataclass(frozen=True)
class EvaluatedClaims:
    """Claims with their verdicts, and what these rest on.

    Tables of `analytics.schema`: ``verdicts`` (CLAIM_VERDICTS, a row a claim), ``tests``
    (CLAIM_TESTS, a row a test), ``variants`` (CLAIM_VARIANTS after ``claim_id``, a row a model).
    """

    verdicts: pd.DataFrame
    tests: pd.DataFrame
    variants: pd.DataFrame


def evaluate_claims(
    path: str | Path = "",
    *,
    only: Sequence[str] | None = None,
    edition: str = "internal",
    as_of: str = "",
) -> EvaluatedClaims:
    """Return the verdict on each claim of a file, with the tests it rests on.

    The verdict is computed from the interval that stands in the table, by the rules of
    docs/decisions/060. No claim is ever tested on two sources joined.

    Parameters
    ----------
    path : str or Path
        A YAML file of claims (docs/claims.md); the project's own where not given.
    only : sequence of str, optional
        Names of the claims wanted; an empty one gives none.
    edition : {"internal", "partner", "public"}
        Of a test on records that would tell what the edition withholds, small counts of a place or
        kind or days before ``as_of`` too recent for it, no number is given.
    as_of : str
        Day of release.

    Raises
    ------
    ParameterError
        A claim, source or column that is not there.
    """
    claims = load_claims(path) if only is None or len(only) else ()
    known = [claim.claim_id for claim in claims]
    for name in only or []:
        if name not in known:
            raise ParameterError(f"claim {name!r}", "is not in the file", f"Use {', '.join(known)}")
    folder = Path(path).parent if path else None
    released = (load_edition(edition), as_of)
    verdicts: list[dict[str, Any]] = []
    tests: list[dict[str, Any]] = []
    variants: list[pd.DataFrame] = []
    for claim in claims:
        if only is not None and claim.claim_id not in only:
            continue
        rows = [_evaluate(claim, test, folder, variants, released) for test in claim.tests]
        tests += [
            {**row, "claim_id": claim.claim_id, "test": i} for i, row in enumerate(rows, start=1)
        ]
        deciding = [(row["verdict"], row["reason"]) for row in rows if row["is_deciding"]]
        verdict, reason = combine(deciding)
        why = claim.cannot_be_tested
        verdicts.append(
            {"claim_id": claim.claim_id, "said_by": claim.said_by, "verdict": verdict,
             "reason": reason, "n_tests": len(rows)}
            | {f"text_{code}": claim.text.get(code, "") for code in ("en", "ar", "ckb")}
            | {f"why_{code}": why.get(code, "") for code in ("en", "ar", "ckb")}
        )  # fmt: skip
    columns = ["claim_id", *names(CLAIM_VARIANTS)]
    return EvaluatedClaims(
        pd.DataFrame(verdicts, columns=names(CLAIM_VERDICTS)),
        pd.DataFrame(tests, columns=names(CLAIM_TESTS)),
        pd.concat(variants, ignore_index=True)[columns]
        if variants
        else pd.DataFrame(columns=columns),
    )


def _evaluate(
    claim: Claim,
    test: Test,
    folder: Path | None,
    variants: list[pd.DataFrame],
    released: tuple[Edition, str],
) -> dict[str, Any]:
    """One row of `analytics.schema.CLAIM_TESTS`; a refusal is a test that nobody can tell."""
    row: dict[str, Any] = dict.fromkeys(names(CLAIM_TESTS), np.nan)
    options = test.options
    row |= {"source": "; ".join(test.source), "place": options.get("place", "all"),
            "measure": options.get("measure", "incidents"), "direction": claim.direction,
            "size": claim.size, "is_deciding": test.is_deciding, "key_date":
            options.get("key_date", "")}  # fmt: skip
    for key in ("period", "compared_with"):
        if key in options:
            row |= {f"{key}_start": options[key].start, f"{key}_end": options[key].end}
    coverage = _coverage(test)
    row["coverage_low"], row["coverage_high"] = coverage or (np.nan, np.nan)
    rule: dict[str, Any] = {"size": claim.size, "coverage": coverage[0] if coverage else None}
    try:
        if "key_date" in options:
            series = _series(test, folder)
            found = fit_variants(series, options["key_date"], _listed(options.get("also")))
            variants.append(found.assign(claim_id=claim.claim_id))
            for name in ("ratio", "ci_lower", "ci_upper", "detectable_ratio"):
                row[name] = found[name].iloc[0]
            verdict, reason = judge_change(
                found, next(iter(series.values())), options["key_date"], claim.direction, **rule
            )
        else:
            compared = _compare(test, folder)
            if _is_withheld(compared, test, *released):
                return row | {"verdict": "cannot tell", "reason": "withheld"}
            row |= compared
            verdict, reason = judge(
                claim.direction, row["ci_lower"], row["ci_upper"],
                detectable=row["detectable_ratio"], **rule,
            )  # fmt: skip
    except ModelError:
        verdict, reason = "cannot tell", "not covered"
    needed = times_as_many(row["detectable_ratio"]) if reason in ("power", "both") else np.nan
    return row | {"verdict": verdict, "reason": reason, "times_as_many": needed}


def _is_withheld(compared: Mapping[str, float], test: Test, rules: Edition, day: str) -> bool:
    """Whether a comparison is one of records that an edition may not tell."""
    if test.kind != "records":
        return False
    kinds = set(test.options.get("where", {})) - {"event_class", "perpetrator"}
    is_fine = test.options.get("place", "all") != "all" or bool(kinds)
    counts = (compared["count"], compared["count_compared"])
    is_small = any(0 < count < rules.smallest for count in counts)
    last = max(test.options[spell].end for spell in ("period", "compared_with"))
    is_recent = bool(day and rules.delay_days) and last > parse_day(day) - pd.Timedelta(
        days=rules.delay_days
    )
    return is_recent or (is_fine and is_small)


def _compare(test: Test, folder: Path | None) -> dict[str, float]:
    if test.kind == "records":
        return compare_counted(_incidents(test, folder), test.options)
    if test.kind == "totals":
        totals = load_aggregates()
        totals = totals[totals["series_key"].isin(test.source)].sort_values("published_on")
        totals = totals.drop_duplicates(["period_start", "period_end"], keep="last")
        return compare_totals(_found(totals, test).assign(count=totals["value"]), test.options)
    published = load_published_counts()
    published = published[published["series_id"].isin(test.source)]
    if published.groupby(["publisher", "vintage"]).ngroups > 1:
        raise ParameterError("; ".join(test.source), "are two sources", "Give one publication")
    days = (published["period_end"] - published["period_start"]).dt.days + 1
    per = published["statistic"].map(_MONTHS_OF_MEAN)
    counts = published["value"] * (days / per).fillna(1)
    return compare_totals(_found(published, test).assign(count=counts), test.options)


def _found(frame: pd.DataFrame, test: Test) -> pd.DataFrame:
    if frame.empty:
        raise ParameterError("; ".join(test.source), "has no figure", "See data/README.md")
    return frame[["period_start", "period_end"]]


def _incidents(test: Test, folder: Path | None, *, place: str | None = None) -> pd.DataFrame:
    files = []
    for name in test.source:
        near = folder / name if folder else None
        files.append(str(near if near and near.is_file() else data_path(name)))
    where = {key: _listed(value) for key, value in test.options.get("where", {}).items()}
    return select_records(
        _merged(tuple(files)),
        place=place or test.options.get("place", "all"),
        where=where,
    )


@lru_cache(maxsize=4)
def _merged(files: tuple[str, ...]) -> pd.DataFrame:
    return merge_reports(load_records(*files).to_pandas())


def _series(test: Test, folder: Path | None) -> dict[Any, pd.DataFrame]:
    """Series of the place and of each comparison area, in each window."""
    options, series = test.options, {}
    windows = options["windows"]
    hull = Window(min(w.start for w in windows), max(w.end for w in windows))
    for area in ("", *_listed(options.get("against"))):
        counted = count_incidents(
            _incidents(test, folder, place=area or None), hull, options.get("interval", "week"),
            measure=options.get("measure", "incidents"),
        )  # fmt: skip
        starts = counted["period_start"]
        ends = starts + pd.to_timedelta(counted["period_days"], unit="D") - pd.Timedelta(days=1)
        for window in windows:
            is_inside = (starts >= window.start) & (ends <= window.end)
            series[(area, window)] = counted[is_inside].reset_index(drop=True)
    return series


def _coverage(test: Test) -> tuple[float, float] | None:
    """Lowest and highest share of what happened that the records may hold, where known."""
    known = load_coverage().dropna(subset="share_low")
    rows = known[known["dataset"].isin(test.source)]
    return None if rows.empty else (float(rows["share_low"].min()), float(rows["share_high"].max()))


def _listed(value: Any) -> tuple[str, ...]:
    return () if value is None else (value,) if isinstance(value, str) else tuple(value)
