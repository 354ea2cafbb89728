"""Pairs of reports joined into clusters: by label, by score, and by what an analyst decided."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd

from analytics.errors import FileError, ParameterError, TableError
from analytics.linkage import Progress, compare_reports, is_several

DECISIONS = ("must-link", "cannot-link")
POSSIBLE = -2.0
"""Score (logits) from which two reports may be of one incident; from 0 on they are taken to be."""
NO_PAIRS = pd.DataFrame({"report_id_a": [], "report_id_b": [], "score": []})
UNLIKE = -5.0
"""Score of a pair that was not compared; none speaks louder against."""


def cluster_reports(
    frame: pd.DataFrame,
    rule: str,
    decisions: pd.DataFrame | None = None,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Return the incident of each report under a rule, and at the two ends of what is possible.

    Parameters
    ----------
    frame : DataFrame
        Checked reports; one row a report. Rows that are events (``one_row_is``) or counts
        (``n_incidents`` over 1) are joined by a label or a decision only; counts, to other counts,
        also at the end where every possible merge is made.
    rule : {"labels", "best", "all", "none"}
        As for `analytics.incidents.merge_reports`.
    decisions : DataFrame, optional
        From `load_decisions`.
    progress : callable, optional
        As for `analytics.linkage.compare_reports`.

    Returns
    -------
    DataFrame
        One row is a report, in the order of the rows: ``incident_id``; ``possible_id``, shared
        where every possible merge is made; ``decided_id``, shared where an analyst decided so.
        Each joins at least what the one to its right joins. ``n_shared`` is, of a count of several
        incidents, how many told alone may be among them.

    Raises
    ------
    ParameterError
        A pair is decided both ways, or decisions contradict each other through other reports.
    """
    ids = frame["report_id"].astype(str)
    label = frame.get("incident_id", pd.Series("", frame.index)).astype("string").fillna("")
    label = label.str.strip()
    must, cannot = _pairs_decided(decisions, set(ids))
    decided = link_reports(ids, NO_PAIRS, must=must)
    _check_consistent(decided, cannot)
    alike = _pairs_labelled(ids, label, cannot)
    single = frame.get("one_row_is", pd.Series("", frame.index)).fillna("") != "event"
    compared = compare_reports(frame.loc[single], lowest=UNLIKE, progress=progress)
    several = set(ids[is_several(frame)])
    is_count = [
        compared[end].isin(several).to_numpy(bool) for end in ("report_id_a", "report_id_b")
    ]
    pairs = compared.loc[~(is_count[0] | is_count[1])]
    known = label[label != ""].set_axis(ids[label != ""])
    a, b = pairs["report_id_a"].map(known), pairs["report_id_b"].map(known)
    differ = pairs[(a != b) & a.notna() & b.notna()]
    labels_apart = list(zip(differ["report_id_a"], differ["report_id_b"], strict=True))
    labelled = link_reports(ids, NO_PAIRS, must=[*must, *alike], cannot=cannot)
    best = link_reports(ids, pairs, must=[*must, *alike], cannot=[*cannot, *labels_apart])
    tied = [pair for _, group in ids.groupby(ids.map(best)) for pair in pairwise(group)]
    like = compared.loc[is_count[0] == is_count[1]]
    ties = [*must, *alike, *tied]
    possible = link_reports(
        ids, like, threshold=POSSIBLE, must=ties, cannot=cannot, is_chained=True
    )
    shared = _count_shared(compared.loc[is_count[0] != is_count[1]], possible, several, cannot)
    chosen = {"none": decided, "labels": labelled, "best": best, "all": possible}[rule]
    return pd.DataFrame(
        {
            "incident_id": ids.map(chosen) if rule == "none" else _name(chosen, ids, label),
            "possible_id": ids.map(possible),
            "decided_id": ids.map(decided),
            "n_shared": ids.map(possible).map(shared).fillna(0).astype("int64"),
        }
    )


def _count_shared(
    pairs: pd.DataFrame,
    possible: pd.Series,
    several: set[str],
    cannot: list[tuple[str, str]],
) -> dict[str, int]:
    """By cluster of counts: how many other clusters may be among the incidents counted."""
    likely = pairs[pairs["score"] >= POSSIBLE]
    alone: dict[str, set[str]] = {}
    for a, b in zip(likely["report_id_a"], likely["report_id_b"], strict=True):
        count, one = (a, b) if a in several else (b, a)
        if possible[count] != possible[one] and (a, b) not in cannot:
            alone.setdefault(possible[count], set()).add(possible[one])
    return {name: len(others) for name, others in alone.items()}


def _pairs_labelled(
    ids: pd.Series, label: pd.Series, cannot: list[tuple[str, str]]
) -> list[tuple[str, str]]:
    """Pairs that a label ties; a cannot-link inside it sets one report of the two apart."""
    groups = [list(group) for _, group in ids[label != ""].groupby(label[label != ""])]
    of = dict(zip(ids, label, strict=True))
    apart = {max(pair) for pair in cannot if of[pair[0]] == of[pair[1]] != ""}
    kept = [[name for name in group if name not in apart] for group in groups]
    return [pair for group in kept for pair in pairwise(group)]


def _check_consistent(decided: pd.Series, cannot: list[tuple[str, str]]) -> None:
    for a, b in cannot:
        if decided[a] == decided[b]:
            raise ParameterError(
                f"decision cannot-link on {a} and {b}",
                "contradicts must-links that tie both to one incident",
                "Drop one of the decisions",
            )


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
            pairs["score"].clip(lower=UNLIKE),
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
        between = [score.get((min(i, j), max(i, j)), UNLIKE) for i in ours for j in theirs]
        if is_chained or np.mean(between) >= threshold:
            join(x, y)
    return pd.Series(cluster, name="cluster")


def load_decisions(path: Path | str) -> pd.DataFrame:
    """Return an analyst's decisions on links; one row is a pair.

    Parameters
    ----------
    path : Path or str
        CSV with the columns ``report_id_a``, ``report_id_b`` and ``decision`` (must-link or
        cannot-link); other columns, a note say, are kept. An empty text: none were made.

    Raises
    ------
    FileError
        There is no such file.
    TableError
        A column is missing, or a decision is neither of the two.
    """
    if path == "":
        return pd.DataFrame(columns=["report_id_a", "report_id_b", "decision"], dtype="string")
    if not Path(path).is_file():
        raise FileError(Path(path).name, "is not there", "Check the path of the decisions")
    try:
        frame = pd.read_csv(path, dtype="string")
    except (ValueError, UnicodeDecodeError):
        raise FileError(Path(path).name, "is no CSV table in UTF-8", "Export it again") from None
    for column in ("report_id_a", "report_id_b", "decision"):
        if column not in frame:
            raise TableError(f"column {column!r}", f"is not in {Path(path).name}", "Add it")
    # A table of doubtful pairs may be filled in part.
    frame = frame[frame["decision"].fillna("").str.strip() != ""].reset_index(drop=True)
    frame["decision"] = frame["decision"].str.strip()
    wrong = frame.loc[~frame["decision"].isin(DECISIONS), "decision"]
    if len(wrong):
        raise TableError(
            f"decision {wrong.iloc[0]!r}", "is not known", f"Choose {' or '.join(DECISIONS)}"
        )
    return frame


def name_decisions(decisions: pd.DataFrame | None) -> str:
    """Return a hash of the pairs decided, whatever their order; an empty text for none.

    Examples
    --------
    >>> name_decisions(load_decisions(""))
    ''
    """
    if decisions is None or decisions.empty:
        return ""
    made = decisions[["report_id_a", "report_id_b", "decision"]].astype(str)
    rows = sorted("|".join((*sorted((a, b)), what)) for a, b, what in made.to_numpy())
    return hashlib.sha256("\n".join(rows).encode("utf-8", "surrogatepass")).hexdigest()[:16]
