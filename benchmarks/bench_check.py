"""Checking messy rows of CSV, against pandas and pandera with the same rules.

    python benchmarks/bench_check.py --rows 1000000 --repeats 3

Rows in three scripts: days in four forms and some that are none, governorates as printed in
English, Arabic and Sorani, figures with slips. The data are made by the benchmark, the same in
every run, in a temporary folder that is removed. The other side is given the spellings and forms
as tables to map by; it accepts the same number of rows, or the run stops.
"""

from __future__ import annotations

import argparse
import importlib
import sys
import tempfile
from pathlib import Path

import duckdb

sys.path.insert(0, str(Path(__file__).parent))
from measure import record, run_by_turns, run_one, write_table

PLACES = {
    "Kirkuk": "IQ-KI", "كركوك": "IQ-KI", "کەرکووک": "IQ-KI", "Diyala": "IQ-DI", "ديالى": "IQ-DI",
    "دیالە": "IQ-DI", "Nineveh": "IQ-NI", "نينوى": "IQ-NI", "نەینەوا": "IQ-NI", "IQ-SD": "IQ-SD",
    "Baghdad": "IQ-BG", "بغداد": "IQ-BG", "بەغدا": "IQ-BG", "Atlantis": None, "": "",
}  # fmt: skip
MONTHS = {
    "January": 1, "February": 2, "March": 3, "April": 4, "May": 5, "June": 6, "July": 7,
    "August": 8, "September": 9, "October": 10, "November": 11, "December": 12,
}  # fmt: skip
FIGURES = ["0", "1", "2", "12", "", "", "n/a", "-3", "three men"]
ARABIC_DIGITS = str.maketrans("٠١٢٣٤٥٦٧٨٩", "0123456789")


def make_data(path: Path, n: int) -> None:
    con = duckdb.connect(config={"preserve_insertion_order": "true"})
    con.execute("SET enable_progress_bar = false")
    con.execute(
        f"""COPY (SELECT printf('R%07d', i) AS report_id,
            CASE WHEN h % 100 < 60 THEN strftime(d, '%Y-%m-%d')
                WHEN h % 100 < 80 THEN strftime(d, '%-d %B %Y')
                WHEN h % 100 < 97 THEN translate(strftime(d, '%Y-%m-%d'),
                    '0123456789', '٠١٢٣٤٥٦٧٨٩')
                WHEN h % 100 < 98 THEN '2017-02-30' WHEN h % 100 < 99 THEN 'banana'
                ELSE '' END AS date_start,
            {list(PLACES)}[(hash(i * 3 + 1) % {len(PLACES)})::INTEGER + 1] AS governorate,
            {FIGURES}[(hash(i * 5 + 2) % {len(FIGURES)})::INTEGER + 1] AS killed,
            round(33 + (hash(i * 7) % 60) / 10, 1) AS latitude,
            'text of the report, ' || i AS headline
            FROM (SELECT i, hash(i + 99) AS h, DATE '2014-01-01' + (hash(i) % 2900)::INTEGER AS d
                FROM range({n}) t(i) ORDER BY i)) TO '{path}' (FORMAT CSV)"""
    )


def check_ours(path: str) -> list[int]:
    import analytics as a

    summary = importlib.import_module("analytics.records").summarise_records(a.load_records(path))
    return [summary["rows"], summary["accepted"]]


def check_pandera(path: str) -> list[int]:
    import pandas as pd
    import pandera.pandas as pa

    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    text = frame["date_start"].str.translate(ARABIC_DIGITS)
    day = pd.to_datetime(text, format="%Y-%m-%d", errors="coerce")
    frame["date_start"] = day.fillna(pd.to_datetime(text, format="%d %B %Y", errors="coerce"))
    frame["governorate"] = frame["governorate"].map(PLACES).astype(object)
    figure = frame["killed"].replace({"": None, "n/a": None})
    number = pd.to_numeric(figure, errors="coerce")
    frame["is_number"] = number.notna() | figure.isna()
    frame["killed"] = number
    frame["latitude"] = pd.to_numeric(frame["latitude"], errors="coerce")
    codes = sorted({code for code in PLACES.values() if code is not None})
    schema = pa.DataFrameSchema(
        {
            "report_id": pa.Column(str, pa.Check.str_length(min_value=1), unique=True),
            "date_start": pa.Column(
                "datetime64[us]",
                pa.Check.in_range(pd.Timestamp("2003-01-01"), pd.Timestamp("2100-12-31")),
                coerce=True,
            ),
            "governorate": pa.Column(object, pa.Check.isin(codes)),
            "is_number": pa.Column(bool, pa.Check.eq(True)),
            "killed": pa.Column(float, pa.Check.in_range(0, 1_000_000), nullable=True),
            "latitude": pa.Column(float, pa.Check.in_range(-90, 90), nullable=True),
        }
    )  # fmt: skip
    bad: set[int] = set()
    try:
        schema.validate(frame, lazy=True)
    except pa.errors.SchemaErrors as found:
        bad = set(found.failure_cases["index"].dropna().astype(int))
    return [len(frame), len(frame) - len(bad)]


CONTENDERS = {"analytics": check_ours, "pandas and pandera": check_pandera}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, nargs="+", default=[1_000_000])
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--record", action="store_true", help="write docs/benchmarks.md")
    parser.add_argument("--one", nargs=2, metavar=("CONTENDER", "FILE"))
    options = parser.parse_args()
    if options.one:
        for module in ("analytics.records", "pandera.pandas"):
            importlib.import_module(module)
        run_one(lambda: CONTENDERS[options.one[0]](options.one[1]))
        return
    tables = []
    for n in options.rows:
        with tempfile.TemporaryDirectory(prefix="analytics-bench-") as folder:
            path = Path(folder) / "messy.csv"
            make_data(path, n)
            commands = {name: [__file__, "--one", name, str(path)] for name in CONTENDERS}
            measured = run_by_turns(commands, options.repeats)
        answers = [one.answer for one in measured.values()]
        assert answers[0] == answers[1], answers
        tables.append(write_table(f"{n:,} messy rows of CSV", "analytics", measured))
        print(tables[-1], flush=True)
    if options.record:
        record("checking", tables)


if __name__ == "__main__":
    main()
