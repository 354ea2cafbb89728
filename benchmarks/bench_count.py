"""Counting by month and governorate, against DuckDB and Polars doing the same from the same file.

    python benchmarks/bench_count.py --millions 10 --repeats 3

The data are made by the benchmark, the same in every run, in a temporary folder that is removed.
Each contender runs in a process of its own, by turns; the time is from the first call to the
answer, imports not counted. With ``--record`` the tables go into docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import datetime
import importlib
import sys
import tempfile
from pathlib import Path

import duckdb

sys.path.insert(0, str(Path(__file__).parent))
from measure import record, run_by_turns, run_one, write_table

FIRST, LAST = datetime.date(2014, 1, 1), datetime.date(2021, 12, 31)
CODES = (
    *("IQ-AN", "IQ-AR", "IQ-BA", "IQ-BB", "IQ-BG", "IQ-DA", "IQ-DI", "IQ-DQ", "IQ-HA", "IQ-KA"),
    *("IQ-KI", "IQ-MA", "IQ-MU", "IQ-NA", "IQ-NI", "IQ-QA", "IQ-SD", "IQ-SU", "IQ-WA"),
)
# Eight records of ten are of one day; the others of up to a week, a month, three months.
LENGTH = """CASE WHEN h % 100 < 80 THEN 0 WHEN h % 100 < 90 THEN h // 100 % 7
    WHEN h % 100 < 97 THEN h // 100 % 31 ELSE h // 100 % 90 END"""
INSIDE = f"date_start BETWEEN DATE '{FIRST}' AND DATE '{LAST}'"


def make_data(path: Path, n: int, *, spread: bool) -> None:
    """Write n records in an order without meaning, as extraction leaves them."""
    length = LENGTH if spread else "0"
    format_ = "PARQUET" if path.suffix == ".parquet" else "CSV"
    con = duckdb.connect(config={"memory_limit": "2GB", "preserve_insertion_order": "false"})
    con.execute("SET enable_progress_bar = false")
    con.execute(
        f"""COPY (SELECT printf('R%09d', i) AS report_id, d AS date_start,
            d + ({length})::INTEGER AS date_end,
            CASE WHEN g % 50 = 0 THEN NULL ELSE {list(CODES)}[(g // 50 % 19)::INTEGER + 1] END
                AS governorate,
            ['bombing', 'armed clash', 'IED', 'kidnapping'][(g // 7 % 4)::INTEGER + 1]
                AS event_type,
            CASE WHEN h // 3 % 10 = 0 THEN NULL ELSE h // 11 % 8 END::BIGINT AS killed
            FROM (SELECT i, DATE '{FIRST}' + (hash(i) % 2922)::INTEGER AS d,
                hash(i + 1000000000)::UBIGINT // 8 AS h, hash(i * 7 + 3)::UBIGINT // 8 AS g
                FROM range({n}) t(i))) TO '{path}' (FORMAT {format_})"""
    )


def count_ours(path: str) -> float:
    import analytics as a

    records = a.load_records(path)
    window = a.Window(FIRST, LAST)
    series = a.count_incidents(records.accepted, window, "month", by="governorate")
    return round(float(series["count"].sum()), 3)


def count_duckdb(path: str) -> float:
    con = duckdb.connect()
    con.execute("SET enable_progress_bar = false")
    rows = con.execute(
        f"""SELECT date_trunc('month', date_start) AS month, governorate, count(*) AS n
        FROM '{path}' WHERE {INSIDE} GROUP BY ALL ORDER BY ALL"""
    ).df()
    return round(float(rows["n"].sum()), 3)


def read_all_duckdb(path: str) -> float:
    """Every cell read as a value of its column, and every id compared, as ours does."""
    con = duckdb.connect()
    con.execute("SET enable_progress_bar = false")
    con.execute(f"CREATE TABLE records AS FROM '{path}'").fetchall()
    repeats = con.execute("SELECT count(*) - count(DISTINCT report_id) FROM records").fetchall()
    assert repeats == [(0,)]
    rows = con.execute(
        f"""SELECT date_trunc('month', date_start) AS month, governorate, count(*) AS n
        FROM records WHERE {INSIDE} GROUP BY ALL ORDER BY ALL"""
    ).df()
    return round(float(rows["n"].sum()), 3)


def spread_duckdb(path: str) -> float:
    con = duckdb.connect()
    con.execute("SET enable_progress_bar = false")
    rows = con.execute(
        f"""SELECT month, governorate, sum(
            (least(date_end, last_day(month), DATE '{LAST}') - greatest(date_start, month) + 1)
            / (date_end - date_start + 1)) AS n
        FROM (SELECT governorate, date_start, date_end,
            unnest(generate_series(date_trunc('month', date_start), date_end, INTERVAL 1 MONTH))
            ::DATE AS month FROM '{path}'
            WHERE date_end >= DATE '{FIRST}' AND date_start <= DATE '{LAST}')
        WHERE month <= DATE '{LAST}' GROUP BY ALL ORDER BY ALL"""
    ).df()
    return round(float(rows["n"].sum()), 3)


def count_polars(path: str) -> float:
    import polars as pl

    rows = (
        pl.scan_parquet(path)
        .filter(pl.col("date_start").is_between(FIRST, LAST))
        .group_by(pl.col("date_start").dt.truncate("1mo"), "governorate")
        .agg(n=pl.len())
        .collect(engine="streaming")
        .sort("date_start", "governorate")
    )
    return round(float(rows["n"].sum()), 3)


def spread_polars(path: str) -> float:
    import polars as pl

    start, end = pl.col("date_start"), pl.col("date_end")
    rows = (
        pl.scan_parquet(path)
        .filter(end >= FIRST, start <= LAST)
        .select(
            "governorate",
            start,
            end,
            month=pl.date_ranges(start.dt.month_start(), end, interval="1mo"),
        )
        .explode("month")
        .filter(pl.col("month") <= LAST)
        .with_columns(
            first=pl.max_horizontal(start, "month"),
            last=pl.min_horizontal(end, pl.col("month").dt.month_end(), pl.lit(LAST)),
        )
        .group_by("month", "governorate")
        .agg(
            n=(
                ((pl.col("last") - pl.col("first")).dt.total_days() + 1)
                / ((end - start).dt.total_days() + 1)
            ).sum()
        )
        .collect(engine="streaming")
        .sort("month", "governorate")
    )
    return round(float(rows["n"].sum()), 3)


KINDS = {
    "days": {"analytics": count_ours, "DuckDB": count_duckdb, "Polars": count_polars},
    "intervals": {"analytics": count_ours, "DuckDB": spread_duckdb, "Polars": spread_polars},
    "csv": {
        "analytics": count_ours,
        "DuckDB, two columns": count_duckdb,
        "DuckDB, every cell and id": read_all_duckdb,
    },
}
MODULES = {
    "analytics": ("analytics.records", "analytics.series", "pandas"),
    "Polars": ("polars",),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--millions", type=float, nargs="+", default=[10])
    parser.add_argument("--csv-millions", type=float, nargs="+", default=[1])
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=list(KINDS))
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--record", action="store_true", help="write docs/benchmarks.md")
    parser.add_argument("--one", nargs=3, metavar=("KIND", "CONTENDER", "FILE"))
    options = parser.parse_args()
    if options.one:
        kind, contender, path = options.one
        # A contender's libraries are loaded before the clock, and no others: DuckDB looks about
        # for tables of a library that is there.
        for module in MODULES.get(contender, ("duckdb", "pandas")):
            importlib.import_module(module)
        run_one(lambda: KINDS[kind][contender](path))
        return
    tables = []
    for kind in options.kinds:
        for millions in options.csv_millions if kind == "csv" else options.millions:
            with tempfile.TemporaryDirectory(prefix="analytics-bench-") as folder:
                path = Path(folder) / f"records.{'csv' if kind == 'csv' else 'parquet'}"
                make_data(path, int(millions * 1e6), spread=kind == "intervals")
                commands = {
                    name: [__file__, "--one", kind, name, str(path)] for name in KINDS[kind]
                }
                measured = run_by_turns(commands, options.repeats)
            answers = {name: one.answer for name, one in measured.items()}
            assert max(answers.values()) - min(answers.values()) < 1, answers
            title = f"{kind}, {millions:g} million rows, month x governorate"
            tables.append(write_table(title, "analytics", measured))
            print(tables[-1], flush=True)
    if options.record:
        record("counting", tables)


if __name__ == "__main__":
    main()
