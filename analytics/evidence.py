"""Why reports were merged, or were not: the evidence, and what is in doubt."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from analytics.clusters import POSSIBLE, cluster_reports
from analytics.errors import ParameterError
from analytics.incidents import TOLLS, Rule, check_reports, merge_reports
from analytics.linkage import FEATURES, GAP_DAYS, WEIGHTS, compare_pair, compare_reports, is_several

_SHOWN = ("date_start", "date_end", "published_on", "governorate", "district", "place",
          "event_type", "target", *TOLLS, "source_url")  # fmt: skip


def explain_incident(
    reports: pd.DataFrame,
    name: str,
    *,
    rule: Rule = "best",
    decisions: pd.DataFrame | None = None,
) -> dict[str, Any]:
    """Return the evidence of one incident, named by its id or by that of one of its reports.

    Returns
    -------
    dict
        ``incident`` (its row of `merge_reports`, as a dict), ``tolls`` (one row a toll: ``toll``,
        ``min``, ``best``, ``max`` in persons, and ``why`` that best) and ``reports`` (one row a
        report: what it says; ``linked_to``, the report it is tied to most; ``score``, logits;
        ``why``, and ``against``, what speaks against).

    Raises
    ------
    ParameterError
        There is neither an incident nor a report of that name.
    """
    frame = check_reports(reports)
    merged = merge_reports(frame, rule=rule, decisions=decisions)
    holds = merged["report_ids"].str.split(";").map(lambda ids: name in ids)
    chosen = merged[(merged["incident_id"] == name) | holds]
    if chosen.empty:
        raise ParameterError(
            f"{name!r}", "is neither an incident nor a report of these files",
            "List the incidents with 'analytics explain FILE...'",
        )  # fmt: skip
    incident = chosen[chosen["incident_id"] == name] if len(chosen) > 1 else chosen
    row = incident.iloc[0]
    ids = str(row["report_ids"]).split(";")
    own = frame[frame["report_id"].isin(ids)].reset_index(drop=True)
    shown = own[["report_id", *[c for c in _SHOWN if c in own]]]
    ties = [_strongest_tie(own, number, decisions) for number in range(len(own))]
    return {
        "incident": row.to_dict(),
        "tolls": _explain_tolls(own, row),
        "reports": pd.concat([shown, pd.DataFrame(ties)], axis=1),
    }


def explain_pair(
    reports: pd.DataFrame,
    first: str,
    second: str,
    *,
    rule: Rule = "best",
    decisions: pd.DataFrame | None = None,
) -> dict[str, Any]:
    """Return why two reports are one incident, or why they are not.

    Returns
    -------
    dict
        ``is_merged``, ``verdict`` (a sentence), ``score`` (logits) and ``comparisons`` (one row a
        comparison that weighs: ``comparison``, ``value``, ``weight`` in logits).

    Raises
    ------
    ParameterError
        One of the reports is not there.
    """
    frame = check_reports(reports)
    for name in (first, second):
        if name not in set(frame["report_id"]):
            raise ParameterError(f"report {name!r}", "is not in these files", "Check its id")
    clusters = cluster_reports(frame, rule, decisions).set_axis(frame["report_id"])
    a, b = clusters.loc[first], clusters.loc[second]
    pair = compare_pair(frame, first, second)
    is_merged = bool(a["incident_id"] == b["incident_id"])
    both = frame[frame["report_id"].isin([first, second])]
    weights = [{"comparison": "intercept", "value": 1.0, "weight": WEIGHTS["intercept"]}]
    weights += [
        {"comparison": name, "value": float(pair[name]), "weight": WEIGHTS[name] * pair[name]}
        for name in FEATURES
        if abs(WEIGHTS[name] * pair[name]) >= 0.05
    ]
    decided = _decided(decisions, first, second)
    if decided:
        verdict = f"an analyst decided {decided}"
    elif _share_label(both):
        verdict = "they share a label" if is_merged else "the rule does not use their shared label"
    elif (both.get("one_row_is", pd.Series("")) == "event").any():
        verdict = "rows of a source of events are never merged"
    elif is_several(both).any():
        verdict = "not merged: a row that counts several incidents is joined by a decision only"
    elif pair["days_apart"] > GAP_DAYS:
        verdict = (
            f"not merged: their days are {int(pair['days_apart'])} apart, more than {GAP_DAYS}"
        )
    elif is_merged and pair["score"] < 0:
        verdict = "merged through other reports, not by each other"
    elif is_merged:
        verdict = "merged: more speaks for one incident than against"
    elif pair["score"] >= 0:
        verdict = "not merged: the other reports of the two incidents do not fit together"
    elif pair["score"] >= POSSIBLE:
        verdict = "not merged, but possible: an analyst should decide"
    else:
        verdict = "not merged: more speaks against one incident than for it"
    return {
        "is_merged": is_merged,
        "verdict": verdict,
        "score": float(pair["score"]),
        "comparisons": pd.DataFrame(weights),
    }


def list_doubtful(
    reports: pd.DataFrame, *, rule: Rule = "best", decisions: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Return the pairs that an analyst should decide, the most doubtful first.

    One pair stands for each two incidents that may be one: the one that scores highest. Pairs
    decided already, and pairs of two labels, are left out.

    Returns
    -------
    DataFrame
        One row is a pair, in the columns of a table of decisions: ``report_id_a``,
        ``report_id_b``, ``decision`` (empty, to be filled), ``now`` (merged or apart), ``score``
        (logits, 0 is the border), ``why`` and what the two say: days, place, killed.
    """
    frame = check_reports(reports)
    clusters = cluster_reports(frame, rule, decisions).set_axis(frame["report_id"])
    single = frame.get("one_row_is", pd.Series("", frame.index)).fillna("") != "event"
    pairs = compare_reports(frame[single], lowest=POSSIBLE)
    ends = [pairs[f"report_id_{end}"] for end in "ab"]
    first, second = (end.map(clusters["incident_id"]) for end in ends)
    is_tied = (
        ends[0].map(clusters["decided_id"]) == ends[1].map(clusters["decided_id"])
    ) | np.array([bool(_decided(decisions, a, b)) for a, b in zip(*ends, strict=True)], bool)
    if "incident_id" in frame:
        label = frame.set_index("report_id")["incident_id"].fillna("")
        is_tied |= (ends[0].map(label) != "") & (ends[1].map(label) != "")
    pairs = pairs.assign(now=np.where(first == second, "merged", "apart"))
    low, high = np.minimum(first, second), np.maximum(first, second)
    # Inside an incident, only the report whose strongest tie is weak is in doubt.
    strongest = pd.concat([pairs.set_index(end)["score"] for end in ends]).groupby(level=0).max()
    weakest = pd.concat([end.map(strongest) for end in ends], axis=1).min(axis=1)
    weak = weakest == pairs["score"]
    is_open = (first != second) | (weak & (pairs["score"] < -POSSIBLE))
    pairs = pairs.assign(key=low + "|" + high)[is_open & ~is_tied]
    pairs = pairs.sort_values(["score", "report_id_a"], ascending=[False, True], kind="stable")
    apart = pairs[pairs["now"] == "apart"].drop_duplicates("key")
    doubtful = pd.concat([apart, pairs[pairs["now"] == "merged"]])
    doubtful = doubtful.iloc[doubtful["score"].abs().argsort(kind="stable")].reset_index(drop=True)
    found = doubtful[["report_id_a", "report_id_b"]].assign(
        decision="", now=doubtful["now"], score=doubtful["score"].round(2),
        why=[weigh(row) for _, row in doubtful.iterrows()],
    )  # fmt: skip
    said = frame.set_index("report_id")
    for column in ("date_start", "place", "killed"):
        if column in said:
            for end in "ab":
                found[f"{column}_{end}"] = found[f"report_id_{end}"].map(said[column])
    return pd.DataFrame(found)


def weigh(pair: pd.Series, *, sign: int = 0) -> str:
    """Return what weighs in a pair, the heaviest first; for (1) or against (-1) alone, or both."""
    parts = [(name, WEIGHTS[name] * pair[name]) for name in FEATURES]
    heavy = [part for part in parts if abs(part[1]) >= 0.1 and part[1] * (sign or part[1]) > 0]
    heavy.sort(key=lambda part: -abs(part[1]))
    return "; ".join(f"{name} {value:+.1f}" for name, value in heavy)


def _strongest_tie(
    own: pd.DataFrame, number: int, decisions: pd.DataFrame | None
) -> dict[str, Any]:
    """What ties one report of an incident to the others."""
    if len(own) == 1:
        return {"linked_to": "", "score": np.nan, "why": "stands alone", "against": ""}
    name = own["report_id"].iloc[number]
    ties = [(compare_pair(own, name, x), x) for x in own["report_id"] if x != name]
    pair, other = max(ties, key=lambda tie: float(tie[0]["score"]))
    why = weigh(pair, sign=1)
    both = own[own["report_id"].isin([name, other])]
    if _share_label(both):
        why = f"label {both['incident_id'].iloc[0]}; {why}"
    made = [x for x in own["report_id"] if _decided(decisions, name, x) == "must-link"]
    if made:
        why = f"must-link with {', '.join(made)}; {why}"
    return {
        "linked_to": other,
        "score": round(float(pair["score"]), 2),
        "why": why,
        "against": weigh(pair, sign=-1),
    }


def _explain_tolls(own: pd.DataFrame, incident: pd.Series) -> pd.DataFrame:
    """Each toll's lowest, best and highest figure, and what the best rests on."""
    rows = []
    for toll in (t for t in TOLLS if t in own):
        stated = own[own[toll].notna()]
        best = incident[toll]
        if pd.isna(best):
            why = "no report states it"
        elif incident[f"{toll}_min"] == incident[f"{toll}_max"]:
            why = f"every report that states it ({len(stated)}) says so"
        else:
            n = int((stated[toll] == best).sum())
            why = (
                f"stated by {n} of {len(stated)} reports; of the latest wave of reports (2 to 30 "
                "days after, else the last day with any) the figure stated most often, of equals "
                "the highest"
            )
        low, high = incident[f"{toll}_min"], incident[f"{toll}_max"]
        rows.append({"toll": toll, "min": low, "best": best, "max": high, "why": why})
    return pd.DataFrame(rows, columns=["toll", "min", "best", "max", "why"])


def _share_label(both: pd.DataFrame) -> bool:
    if "incident_id" not in both:
        return False
    labels = both["incident_id"].fillna("").astype(str).str.strip().unique().tolist()
    return len(labels) == 1 and labels[0] != ""


def _decided(decisions: pd.DataFrame | None, first: str, second: str) -> str:
    """What was decided on a pair; empty if nothing was."""
    if decisions is None:
        return ""
    a, b = decisions["report_id_a"], decisions["report_id_b"]
    is_it = ((a == first) & (b == second)) | ((a == second) & (b == first))
    return str(decisions.loc[is_it, "decision"].iloc[0]) if is_it.any() else ""
