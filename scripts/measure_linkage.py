"""Measure how well reports are linked, on incidents that the weights were not fitted to.

    python scripts/measure_linkage.py [--splink] [--out docs/linkage.md]

The labelled press reports are split into five folds by incident, five times over; weights are
fitted to four folds and judged on the fifth. Splink is measured the same way where it is installed
(it is not a dependency): trained without labels on all reports, its best threshold taken from the
other folds.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.optimize import minimize

from analytics.clusters import link_reports
from analytics.incidents import check_reports
from analytics.linkage import FEATURES, WEIGHTS, compare_reports
from analytics.reference import data_path

N_FOLDS, SEEDS = 5, range(5)


def count_pairs(names: pd.Series) -> int:
    """Pairs of reports that share a name."""
    n = names.value_counts()
    return int((n * (n - 1) // 2).sum())


def judge(found: pd.Series, truth: pd.Series) -> dict[str, float]:
    """Pairwise and cluster precision, recall and F1."""
    found = found.reindex(truth.index).astype(str)
    right, said, true = count_pairs(found + "|" + truth), count_pairs(found), count_pairs(truth)
    ours, theirs = (
        {frozenset(group) for group in names.groupby(names).groups.values()}
        for names in (found, truth)
    )
    values = {
        "pair precision": right / max(said, 1),
        "pair recall": right / max(true, 1),
        "cluster precision": len(ours & theirs) / len(ours),
        "cluster recall": len(ours & theirs) / len(theirs),
    }
    for kind in ("pair", "cluster"):
        p, r = values[f"{kind} precision"], values[f"{kind} recall"]
        values[f"{kind} F1"] = 2 * p * r / max(p + r, 1e-9)
    return values


def fit_weights(pairs: pd.DataFrame, truth: pd.Series) -> np.ndarray:
    """Ridge-logistic weights; an incident of many reports weighs as one of few."""
    design = np.column_stack([np.ones(len(pairs)), pairs[FEATURES]])
    first, second = pairs["report_id_a"].map(truth), pairs["report_id_b"].map(truth)
    is_same = (first == second).to_numpy(float)
    weight = np.where(is_same == 1, 2 / first.map(truth.value_counts()), 1.0)

    def loss(b: np.ndarray) -> float:
        logit = design @ b
        return float(weight @ (np.logaddexp(0, logit) - is_same * logit) + 0.3 * b[1:] @ b[1:])

    return np.asarray(minimize(loss, np.zeros(design.shape[1])).x)


def score_fitted(train: pd.DataFrame, test: pd.DataFrame, truth: pd.Series) -> np.ndarray:
    """Logits of the pairs of the fold left out."""
    design = np.column_stack([np.ones(len(test)), test[FEATURES]])
    return np.asarray(design @ fit_weights(train, truth))


def score_shipped(train: pd.DataFrame, test: pd.DataFrame, truth: pd.Series) -> np.ndarray:
    """Logits by the weights in the package, which have seen every label."""
    return np.asarray(test[FEATURES] @ [WEIGHTS[f] for f in FEATURES] + WEIGHTS["intercept"])


def score_splink(reports: pd.DataFrame, pairs: pd.DataFrame) -> pd.Series:
    """Match weights of Splink's Fellegi-Sunter model, trained without labels; by pair."""
    import splink.comparison_library as cl
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    columns = ["report_id", "governorate", "district", "place", "event_type", "target", "killed"]
    frame = reports[[*columns, "wounded", "latitude", "longitude"]].rename(
        columns={"report_id": "unique_id"}
    )
    frame["day"] = reports["date_start"].dt.strftime("%Y-%m-%d")
    frame[["killed", "wounded"]] = frame[["killed", "wounded"]].astype("Float64").astype(str)
    settings = SettingsCreator(
        link_type="dedupe_only",
        blocking_rules_to_generate_predictions=[block_on("governorate")],
        comparisons=[
            cl.AbsoluteDateDifferenceAtThresholds(
                "day", input_is_string=True, metrics=["day", "day"], thresholds=[1, 3]
            ),
            cl.ExactMatch("district"),
            cl.JaroWinklerAtThresholds("place", [0.9, 0.7]),
            cl.DistanceInKMAtThresholds("latitude", "longitude", [1, 10, 40]),
            cl.ExactMatch("target"),
            cl.ExactMatch("event_type"),
            cl.ExactMatch("killed"),
            cl.ExactMatch("wounded"),
        ],
    )
    linker = Linker(DuckDBAPI().register(frame), settings)
    linker.training.estimate_probability_two_random_records_match(
        [block_on("day", "district")], recall=0.7
    )
    linker.training.estimate_u_using_random_sampling(max_pairs=1e5)
    linker.training.estimate_parameters_using_expectation_maximisation(block_on("day"))
    linker.training.estimate_parameters_using_expectation_maximisation(block_on("district"))
    found = linker.inference.predict(threshold_match_probability=0.0001).as_pandas_dataframe()
    keys = [tuple(sorted(p)) for p in zip(found["unique_id_l"], found["unique_id_r"], strict=True)]
    return pd.Series(found["match_weight"].to_numpy(), pd.MultiIndex.from_tuples(keys))


def cross_validate(
    pairs: pd.DataFrame,
    truth: pd.Series,
    score: Callable[[pd.DataFrame, pd.DataFrame, pd.Series], np.ndarray],
) -> pd.DataFrame:
    """One row a repetition: the measures over the folds left out."""
    rows = []
    events = np.sort(truth.unique())
    for seed in SEEDS:
        fold = dict(
            zip(events, np.random.default_rng(seed).permutation(len(events)) % N_FOLDS, strict=True)
        )
        parts = []
        for k in range(N_FOLDS):
            inside = set(truth.index[truth.map(fold) == k])
            a, b = pairs["report_id_a"].isin(inside), pairs["report_id_b"].isin(inside)
            test = pairs[a & b]
            test = test.assign(score=score(pairs[~a & ~b], test, truth))
            parts.append(f"{k} " + link_reports(sorted(inside), test))
        rows.append(judge(pd.concat(parts), truth))
    return pd.DataFrame(rows)


def main() -> None:
    """Print the table, and write it where asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--splink", action="store_true")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    reports = check_reports(pd.read_csv(data_path("press_reports.csv")))
    truth = reports.set_index("report_id")["incident_id"]
    rows = {}
    unlocated = reports.drop(columns=["latitude", "longitude"])
    for name, frame in (("", reports), (", without points", unlocated)):
        pairs = compare_reports(frame)
        rows[f"fitted weights, unseen incidents{name}"] = cross_validate(pairs, truth, score_fitted)
        rows[f"weights as shipped{name}"] = cross_validate(pairs, truth, score_shipped)
    if options.splink:
        weight = score_splink(reports, compare_reports(reports))

        def score(train: pd.DataFrame, test: pd.DataFrame, truth: pd.Series) -> np.ndarray:
            def look(p: pd.DataFrame) -> np.ndarray:
                keys = zip(p["report_id_a"], p["report_id_b"], strict=True)
                return np.asarray([weight.get(key, -20.0) for key in keys])

            names = sorted(set(train["report_id_a"]) | set(train["report_id_b"]))
            values = [
                judge(link_reports(names, train.assign(score=look(train) - t)), truth[names])[
                    "pair F1"
                ]
                for t in range(-6, 16, 2)
            ]
            return look(test) - range(-6, 16, 2)[int(np.argmax(values))]

        rows["Splink 5, threshold from the other folds"] = cross_validate(
            compare_reports(reports), truth, score
        )
    names = [
        "pair precision",
        "pair recall",
        "pair F1",
        "cluster precision",
        "cluster recall",
        "cluster F1",
    ]
    lines = ["| linking | " + " | ".join(names) + " |", "|---" * 7 + "|"]
    for name, table in rows.items():
        lines.append(f"| {name} | " + " | ".join(f"{table[n].mean():.3f}" for n in names) + " |")
    text = "\n".join(lines)
    print(text)
    if options.out:
        head = "# Linking reports: measured by scripts/measure_linkage.py\n\n"
        tail = f"\n\n{len(reports)} reports of {truth.nunique()} incidents; means of {len(SEEDS)} splits.\n"
        options.out.write_text(head + text + tail, encoding="utf-8")


if __name__ == "__main__":
    main()
