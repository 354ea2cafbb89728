"""A full study of one series, and the fits of many, against statsmodels one fit at a time.

    python benchmarks/bench_study.py --repeats 3 [--record]

The study: 5 years of weeks, 3 key dates, 19 governorates, 8,000 incidents; placebo dates at each
date, change points, more than 100 specifications, the comparison, every governorate, draws of the
interval dates; from records in memory to tables. Time (wall and processor) is of the study alone,
in a process of its own that has imported everything and done nothing yet. The other side fits as
many generalised linear models of the same size with statsmodels and does nothing else. The scaling:
level and slope at 3 dates, two harmonics, errors under correlation, for 1 to 76 series.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).parent))
from measure import Measured, record, run_by_turns, run_one, write_table

DATES = ["2015-06-01", "2016-10-17", "2017-10-16"]
FIRST, LAST = "2014-01-06", "2019-01-06"
GOVERNORATES = [
    "IQ-AN", "IQ-AR", "IQ-BA", "IQ-BB", "IQ-BG", "IQ-DA", "IQ-DI", "IQ-DQ", "IQ-HA", "IQ-KA",
    "IQ-KI", "IQ-MA", "IQ-MU", "IQ-NA", "IQ-NI", "IQ-QA", "IQ-SD", "IQ-SU", "IQ-WA",
]  # fmt: skip
SERIES = (1, 4, 19, 76)
# Engines are imported by the first query; what is timed begins after all imports.
IMPORTED = (
    "analytics.study",
    "analytics.material",
    "statsmodels.api",
    "duckdb",
    "pyarrow.dataset",
    "ibis.backends.duckdb",
)


def make_records(n: int = 8000) -> pd.DataFrame:
    """Incidents over the window, a third of them with an interval of days, falling with time."""
    rng = np.random.default_rng(1)
    days = pd.date_range(FIRST, LAST)
    weights = np.exp(-np.arange(len(days)) / 900)
    start = days[rng.choice(len(days), n, p=weights / weights.sum())]
    length = np.where(rng.random(n) < 1 / 3, rng.integers(1, 10, n), 0)
    where = rng.choice(len(GOVERNORATES), n)
    return pd.DataFrame(
        {
            "report_id": [f"R{i}" for i in range(n)],
            "one_row_is": "event",
            "n_incidents": 1,
            "date_start": start,
            "date_end": start + pd.to_timedelta(length, unit="D"),
            "governorate": np.array(GOVERNORATES)[where],
            "zone": np.where(where < 12, "disputed", "elsewhere"),
        }
    )


def study() -> list[int]:
    """Rows of the tables of a full study."""
    from analytics.material import gather_material
    from analytics.periods import Window
    from analytics.study import study_key_dates

    material = gather_material(make_records(), Window(FIRST, LAST), "week")
    found = study_key_dates(material.series, DATES, material=material)
    assert not found.refusals, found.refusals
    sizes = [len(found.specifications), len(found.placebos), len(found.places), 21]
    assert sizes[0] >= 100, sizes
    assert sizes[2] == len(GOVERNORATES), sizes
    return [*sizes, len(DATES) + 1 + sum(sizes)]


def make_series(n: int) -> pd.DataFrame:
    """Weekly counts of n places."""
    rng = np.random.default_rng(2)
    weeks = pd.DataFrame({"period_start": pd.date_range(FIRST, LAST, freq="W-MON")})
    parts = [weeks.assign(place=f"P{i}", count=rng.poisson(8, len(weeks))) for i in range(n)]
    return pd.concat(parts, ignore_index=True)


def fit_ours(n: int) -> list[int]:
    """Fits of n places by this package."""
    from analytics.models import fit_segmented

    fits = [
        fit_segmented(part.reset_index(drop=True), DATES, effects="level+slope")
        for _, part in make_series(n).groupby("place", sort=False)
    ]
    return [len(fits), len(fits[0].terms)]


def fit_statsmodels(n: int) -> list[int]:
    """As many fits by statsmodels, the columns given: Poisson with Pearson's dispersion and HAC."""
    import statsmodels.api as sm

    series = make_series(1)
    time = np.arange(len(series)) / 52.18
    starts = [int((series["period_start"] < date).sum()) for date in DATES]
    steps = [np.arange(len(series)) >= first for first in starts]
    slopes = [np.clip(time - time[first], 0, None) for first in starts]
    season = [wave(2 * np.pi * k * time) for k in (1, 2) for wave in (np.sin, np.cos)]
    columns = np.column_stack([np.ones(len(series)), time, *steps, *slopes, *season])
    for _, part in make_series(min(n, 76)).groupby("place", sort=False):
        for _ in range(-(-n // 76)):
            model = sm.GLM(part["count"].to_numpy(), columns, family=sm.families.Poisson())
            model.fit(scale="X2")
            fit = model.fit(cov_type="HAC", cov_kwds={"maxlags": 4})
    return [n, len(fit.params)]


def main() -> None:
    """Time both by turns."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--record", action="store_true", help="write docs/benchmarks.md")
    parser.add_argument("--one", nargs=2, metavar=("WORK", "N"))
    options = parser.parse_args()
    if options.one:
        name, n = options.one[0], int(options.one[1])
        for module in IMPORTED:
            importlib.import_module(module)
        works = {"study": study, "fits": lambda: fit_ours(n), "peer": lambda: fit_statsmodels(n)}
        run_one(works[name])
        return
    here = str(Path(__file__))
    whole = run_by_turns({"analytics, a full study": [here, "--one", "study", "0"]}, 1)
    n_fits = int(whole["analytics, a full study"].answer[-1])  # type: ignore[index]
    peer = f"statsmodels, {n_fits} fits alone"
    measured = run_by_turns(
        {
            "analytics, a full study": [here, "--one", "study", "0"],
            peer: [here, "--one", "peer", str(n_fits)],
        },
        options.repeats,
    )
    tables = [write_table("A full study", "analytics, a full study", measured)]
    commands = {
        f"{name} {n}": [here, "--one", work, str(n)]
        for n in SERIES
        for name, work in (("analytics", "fits"), ("statsmodels", "peer"))
    }
    tables.append(write_scaling(run_by_turns(commands, options.repeats)))
    print("\n".join(tables))
    if options.record:
        record("study", tables)


def write_scaling(measured: dict[str, Measured]) -> str:
    """Seconds of processor time by number of series."""
    rows = [
        "### Fits of many series",
        "",
        "| series | analytics | statsmodels | ours takes, times |",
    ]
    rows.append("|---:|---:|---:|---:|")
    for n in SERIES:
        ours, peer = (
            measured[f"{name} {n}"].processor_seconds for name in ("analytics", "statsmodels")
        )
        rows.append(f"| {n} | {ours:.3f} | {peer:.3f} | {ours / peer:.2f} |")
    return "\n".join(rows) + "\n"


if __name__ == "__main__":
    main()
