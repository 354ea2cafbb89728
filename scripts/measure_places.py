"""How often a spelling that the matcher was not given is placed right, wrongly, or left open.

The spellings that were seen in print (source "press" in data/place_names.csv, or a table of your own
with the columns level, standard_en and variant) are parted in folds by hand of chance. The matcher is
rebuilt without those of one fold, and asked for them; so each is asked once per seed. Our own
spellings ("house", but for the standard names) are left out: they were written by people who had seen
the others. A second figure is for the gazetteer with them.

Then places that the gazetteer lacks: a twelfth of the places is taken out, with every name, and asked
for. The only right answer is to leave them open; to name their governorate by chance is no merit.

    python scripts/measure_places.py [TABLE.csv] [--folds 2] [--seeds 5] [--list]
"""

from __future__ import annotations

import argparse

import numpy as np
import pandas as pd

from analytics.places import match_places
from analytics.reference import load_place_names


def ask(asked: pd.DataFrame, shown: pd.DataFrame) -> pd.DataFrame:
    """The answers for some spellings of a matcher that knows only those shown."""
    is_governorate = asked["level"] == "governorate"
    printed = pd.DataFrame(
        {
            "governorate": asked["variant"].where(is_governorate),
            "place": asked["variant"].mask(is_governorate),
        }
    )
    found = match_places(printed, names=shown)
    answer = found["name"].mask(is_governorate, found["governorate"])
    truth = asked["standard_en"].mask(is_governorate, asked["governorate"])
    outcome = np.select([answer == "", answer == truth], ["open", "right"], "wrong")
    return asked.assign(answer=answer, outcome=outcome)


def cross_validate(
    names: pd.DataFrame, *, with_house: bool, n_folds: int, seed: int
) -> pd.DataFrame:
    """The answers for every spelling seen in print, each asked of a matcher built without it."""
    if not with_house:
        names = names[(names["source"] != "house") | (names["kind"] == "standard")]
    is_printed = (names["source"] == "press") & (names["kind"] != "homonym")
    fold = np.random.default_rng(seed).integers(n_folds, size=len(names))
    answers = []
    for number in range(n_folds):
        asked = names[is_printed & (fold == number)]
        is_hidden = names["variant"].isin(asked["variant"]) & (names["kind"] != "standard")
        answers.append(ask(asked, names[~is_hidden]))
    return pd.concat(answers)


def ask_for_unknown(names: pd.DataFrame, *, n_folds: int = 12, seed: int = 0) -> pd.DataFrame:
    """The answers, without a governorate beside the name, for places taken out of the gazetteer."""
    places = names[~names["level"].isin(["governorate", "region"])]
    number = places.groupby(["level", "standard_en", "governorate"], dropna=False).ngroup()
    order = np.random.default_rng(seed).permutation(number.max() + 1)
    answers = []
    for fold in range(n_folds):
        asked = places[order[number] % n_folds == fold]
        found = match_places(
            asked[["variant"]].set_axis(["place"], axis=1), names=names.drop(asked.index)
        )
        is_same = found["governorate"] == asked["governorate"]
        outcome = np.select([found["governorate"] == "", is_same], ["open", "right"], "wrong")
        answers.append(asked.assign(answer=found["name"], how=found["how"], outcome=outcome))
    return pd.concat(answers)


def main() -> None:
    """Print the shares."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("table", nargs="?", help="spellings to ask of the whole gazetteer instead")
    parser.add_argument("--folds", type=int, default=2)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--list", action="store_true", help="show what was wrong or left open")
    options = parser.parse_args()
    names = load_place_names()
    if options.table:
        asked = pd.read_csv(options.table, dtype=str)
        codes = names[names["level"] == "governorate"].set_index("standard_en")["governorate"]
        asked["governorate"] = asked["standard_en"].map(codes.groupby(level=0).first())
        report("whole gazetteer", ask(asked, names), show=options.list)
        return
    for with_house in (False, True):
        parts = [
            cross_validate(names, with_house=with_house, n_folds=options.folds, seed=seed)
            for seed in range(options.seeds)
        ]
        report(
            "with our own spellings" if with_house else "without our own spellings",
            pd.concat(parts),
            show=options.list,
        )
    report("places that are not known", ask_for_unknown(names), show=options.list)


def report(title: str, answers: pd.DataFrame, *, show: bool) -> None:
    """Print one line of shares, and what was not right."""
    shares = answers["outcome"].value_counts(normalize=True).reindex(["right", "wrong", "open"])
    print(
        f"{title}: {len(answers)} asked, "
        + ", ".join(f"{k} {v:.3f}" for k, v in shares.fillna(0).items())
    )
    if show:
        missed = answers[answers["outcome"] != "right"].drop_duplicates("variant")
        print(missed[["variant", "standard_en", "answer", "outcome"]].to_string(index=False))


if __name__ == "__main__":
    main()
