"""Pairs of reports joined into clusters: by label, by score, and by what an analyst decided."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd

from analytics.errors import FileError, ParameterError, TableError
from analytics.linkage import compare_reports

DECISIONS = ("must-link", "cannot-link")
POSSIBLE = -2.0
"""Score (logits) from which two reports may be of one incident; from 0 on they are taken to be."""


def cluster_reports(
    frame: pd.DataFrame, rule: str, decisions: pd.DataFrame | None = None
) -> pd.Series:
    """Return the name of the incident of each report, in the order of the rows.

    Parameters
    ----------
    frame : DataFrame
        Checked reports; one row a report.
    rule : {"labels", "best", "all"}
        As for `analytics.incidents.merge_reports`.
    decisions : DataFrame, optional
        From `load_decisions`.

    Raises
    ------
    ParameterError
        A pair is decided both ways.
    """
    ids = frame["report_id"].astype(str)
    label = frame.get("incident_id", pd.Series("", frame.index)).astype("string").fillna("")
    label = label.str.strip()
    if rule == "labels" and decisions is None:
        return label.where(label != "", ids)
    must, cannot = _pairs_decided(decisions, set(ids))
    labelled = [list(group) for _, group in ids[label != ""].groupby(label[label != ""])]
    forbidden = {frozenset(pair) for pair in cannot}
    alike = [pair for group in labelled for pair in pairwise(group)]
    if forbidden:
        # A cannot-link parts a label: its other reports stay with the first of the two.
        alike = [(g[0], x) for g in labelled for x in g[1:]]
        apart = {max(pair) for pair in forbidden}
        alike = [pair for pair in alike if not apart & set(pair)]
    pairs = pd.DataFrame({"report_id_a": [], "report_id_b": [], "score": []})
    if rule != "labels":
        single = frame["n_incidents"].fillna(1) == 1 if "n_incidents" in frame else slice(None)
        pairs = compare_reports(frame.loc[single])
        known = label[label != ""].set_axis(ids[label != ""])
        a, b = pairs["report_id_a"].map(known), pairs["report_id_b"].map(known)
        differ = pairs[(a != b) & a.notna() & b.notna()]
        labels_apart = list(zip(differ["report_id_a"], differ["report_id_b"], strict=True))
        best = link_reports(ids, pairs, must=[*alike, *must], cannot=[*cannot, *labels_apart])
        if rule == "best":
            return _name(best, ids, label)
        tied = [pair for _, group in ids.groupby(ids.map(best)) for pair in pairwise(group)]
        alike = [*alike, *tied]
    threshold = POSSIBLE if rule == "all" else np.inf
    found = link_reports(
        ids, pairs, threshold=threshold, must=[*alike, *must], cannot=cannot, is_chained=True
    )
    return _name(found, ids, label)


def _name(cluster: pd.Series, ids: pd.Series, label: pd.Series) -> pd.Series:
    """Clusters by the label that most of their reports have, or by their first report."""
    cluster = ids.map(cluster)
    has_label = label != ""
    named = label[has_label].groupby(cluster[has_label]).agg(_usual)
    name = cluster.where(~cluster.isin(named.index), cluster.map(named.astype(object)))
    # A label whose reports were parted names only the cluster that most of them are in.
    sizes = pd.DataFrame({"cluster": cluster, "name": name}).value_counts().reset_index()
    owner = sizes.drop_duplicates("name").set_index("name")["cluster"]
    return name.where(name.map(owner) == cluster, cluster)


def _usual(labels: pd.Series) -> str:
    return str(labels.iloc[0] if labels.nunique() == 1 else labels.mode().iloc[0])


def _pairs_decided(
    decisions: pd.DataFrame | None, known: set[str]
) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Pairs that must and cannot be linked; those on reports that are not here are left aside."""
    if decisions is None:
        return [], []
    made: dict[str, list[tuple[str, str]]] = {name: [] for name in DECISIONS}
    for a, b, decision in zip(
        *(decisions[c] for c in ("report_id_a", "report_id_b", "decision")), strict=True
    ):
        if {a, b} <= known:
            made[decision].append((min(a, b), max(a, b)))
    both = set(made["must-link"]) & set(made["cannot-link"])
    if both:
        raise ParameterError(
            f"decision on {' and '.join(min(both))}",
            "is both must-link and cannot-link",
            "Drop one",
        )
    return made["must-link"], made["cannot-link"]


def link_reports(
    report_ids: Iterable[str],
    pairs: pd.DataFrame,
    *,
    threshold: float = 0.0,
    must: Iterable[tuple[str, str]] = (),
    cannot: Iterable[tuple[str, str]] = (),
    is_chained: bool = False,
) -> pd.Series:
    """Return the cluster of each report: pairs are joined from the surest down.

    Two clusters join only where the mean score between their reports also passes the threshold,
    so that one doubtful report does not chain two incidents into one; ``is_chained`` lifts that.

    Returns
    -------
    Series
        Number of the cluster, indexed by report; the smallest report_id of a cluster names it.
    """
    cluster = {name: name for name in report_ids}
    members = {name: [name] for name in cluster}
    score = dict(
        zip(
            zip(pairs["report_id_a"], pairs["report_id_b"], strict=True),
            pairs["score"],
            strict=True,
        )
    )
    forbidden = {frozenset(pair) for pair in cannot}

    def join(x: str, y: str) -> None:
        x, y = sorted((cluster[x], cluster[y]))
        if x != y:
            members[x] += members.pop(y)
            cluster.update(dict.fromkeys(members[x], x))

    for x, y in must:
        join(x, y)
    for (x, y), value in sorted(score.items(), key=lambda item: (-item[1], item[0])):
        if value < threshold:
            break
        ours, theirs = members[cluster[x]], members[cluster[y]]
        if ours is theirs or any(frozenset((i, j)) in forbidden for i in ours for j in theirs):
            continue
        between = [score.get((min(i, j), max(i, j)), -5.0) for i in ours for j in theirs]
        if is_chained or np.mean(between) >= threshold:
            join(x, y)
    return pd.Series(cluster, name="cluster")


def load_decisions(path: Path | str) -> pd.DataFrame:
    """Return an analyst's decisions on links; one row is a pair.

    Parameters
    ----------
    path : Path or str
        CSV with the columns ``report_id_a``, ``report_id_b`` and ``decision`` (must-link or
        cannot-link); other columns, a note say, are kept.

    Raises
    ------
    FileError
        There is no such file.
    TableError
        A column is missing, or a decision is neither of the two.
    """
    if not Path(path).is_file():
        raise FileError(str(path), "is not there", "Check the path of the decisions")
    frame = pd.read_csv(path, dtype="string")
    for column in ("report_id_a", "report_id_b", "decision"):
        if column not in frame:
            raise TableError(f"column {column!r}", f"is not in {Path(path).name}", "Add it")
    wrong = frame.loc[~frame["decision"].isin(DECISIONS), "decision"]
    if len(wrong):
        raise TableError(
            f"decision {wrong.iloc[0]!r}", "is not known", f"Choose {' or '.join(DECISIONS)}"
        )
    return frame
