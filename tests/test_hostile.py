"""Garbage in: a clear sentence, or rows that are accepted or rejected to the last one."""

from __future__ import annotations

import gzip
import json
import random
import re
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from analytics.errors import AnalyticsError, FileError
from analytics.records import load_records, summarise_records, write_rejected
from analytics.reference import data_path

HOSTILE = [
    "",
    " ",
    "\t",
    "\x00",
    "\x1b[31mred",
    "\ufeff",
    "\u202eabc",
    "😀",
    "\ud800",
    "x" * 1_000_000,
    "9" * 400,
    "-0",
    "1e308",
    "1e-400",
    "NaN",
    "Infinity",
    "0x10",
    "1_000",
    "٣",
    "三",
    "=cmd|' /C calc'!A0",
    "@SUM(A1)",
    "<script>alert(1)</script>",
    "'; DROP TABLE records; --",
    '"',
    "a'b",
    "\\",
    "../../etc/passwd",
    "C:\\nul",
    "{{7*7}}",
    "%s%n",
    "${HOME}",
    "null",
    "None",
    "true",
    "2017-10-16",
    "2017-02-30",
    "0000-00-00",
    "99999-01-01",
    "-2017-10-16",
    "2017-10-16T25:61:61Z",
    "epoch",
    "infinity",
    "16/10/2017",
    "yesterday",
    "IQ-KI",
    "كركوك",
    "Kirkuk; Diyala",
    "_row",
    "a\nb",
    "a\r\nb",
]
CONTROL = re.compile(r"[\0-\x08\x0e-\x1f\x7f]")
COLUMNS = ("report_id", "date_start", "date_end", "published_on", "governorate", "place", "killed")
values = st.sampled_from(HOSTILE) | st.text(max_size=8) | st.none()
# A file of many control characters is refused whole: long tables are of text.
texts = values.filter(lambda cell: cell is None or not CONTROL.search(cell))
tables = st.lists(st.tuples(*(texts for _ in COLUMNS)), min_size=12, max_size=30) | st.lists(
    st.tuples(*(values for _ in COLUMNS)), min_size=1, max_size=4
)
calm = settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)


def write_csv(path: Path, rows: list[tuple[Any, ...]]) -> None:
    lines = [
        ",".join('"' + str("" if cell is None else cell).replace('"', '""') + '"' for cell in row)
        for row in [COLUMNS, *rows]
    ]
    path.write_bytes("\n".join(lines).encode("utf-8", "surrogatepass"))


def write_json(path: Path, rows: list[tuple[Any, ...]]) -> None:
    path.write_text(json.dumps([dict(zip(COLUMNS, row, strict=True)) for row in rows]))


def write_lines(path: Path, rows: list[tuple[Any, ...]]) -> None:
    path.write_text(
        "".join(json.dumps(dict(zip(COLUMNS, row, strict=True))) + "\n" for row in rows)
    )


def write_parquet(path: Path, rows: list[tuple[Any, ...]]) -> None:
    clean = [[None if c is None else c.replace("\ud800", "?") for c in row] for row in rows]
    pd.DataFrame(clean, columns=list(COLUMNS), dtype="str").to_parquet(path)


def write_utf16(path: Path, rows: list[tuple[Any, ...]]) -> None:
    write_csv(path, rows)
    text = path.read_bytes().decode("utf-8", "replace")
    path.write_bytes(text.encode("utf-16"))


def write_gzip(path: Path, rows: list[tuple[Any, ...]]) -> None:
    write_csv(path, rows)
    path.write_bytes(gzip.compress(path.read_bytes(), mtime=0))


def write_workbook(path: Path, rows: list[tuple[Any, ...]]) -> None:
    sheet = Workbook()
    sheet.active.append(COLUMNS)
    for row in rows:
        # A workbook holds neither control characters nor long cells, nor a row without any cell.
        clean = [ILLEGAL_CHARACTERS_RE.sub("", (c or "").replace("\ud800", "?")) for c in row]
        sheet.active.append([cell[:32_000] for cell in clean[:-1]] + [clean[-1][:32_000] or "-"])
    sheet.save(path)


def write_sqlite(path: Path, rows: list[tuple[Any, ...]]) -> None:
    clean = [[None if c is None else c.replace("\ud800", "?") for c in row] for row in rows]
    with closing(sqlite3.connect(path)) as base, base:
        base.execute(f"create table records ({', '.join(COLUMNS)})")
        base.executemany(f"insert into records values ({', '.join('?' * len(COLUMNS))})", clean)


@pytest.mark.parametrize(
    ("name", "write"),
    [
        ("a.csv", write_csv),
        ("a.json", write_json),
        ("a.jsonl", write_lines),
        ("a.parquet", write_parquet),
        ("utf16.csv", write_utf16),
        ("a.csv.gz", write_gzip),
        ("a.xlsx", write_workbook),
        ("a.sqlite", write_sqlite),
    ],
)
def test_rows_in_are_rows_accepted_and_rejected(name: str, write: Any) -> None:
    @calm
    @given(tables)
    def check(rows: list[tuple[Any, ...]]) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / name
            write(path, rows)
            try:
                records = load_records(path, as_of="2026-11-24")
            except FileError as refusal:
                # Refused whole, in one sentence, is right only for bytes that are no text.
                assert "holds binary bytes" in str(refusal)  # noqa: PT017
                content = path.read_bytes()
                content = gzip.decompress(content) if name.endswith(".gz") else content
                assert sum(byte < 9 or 13 < byte < 32 or byte == 127 for byte in content) > 4
                return
            accepted, listed = records.to_pandas(), records.rejected
            assert records.n_rows == len(rows) == len(accepted) + len(listed)
            assert listed["row"].is_unique
            assert listed["reason"].str.len().gt(10).all()
            assert accepted["date_start"].notna().all()
            assert (accepted["date_start"] <= accepted["date_end"]).all()
            assert accepted["report_id"].is_unique
            summary = summarise_records(records)
            assert summary["rejected"] == sum(reason["n"] for reason in summary["reasons"])
            write_rejected(records, Path(folder) / "out.csv")
            json.dumps(summary)

    check()


@calm
@given(st.binary(max_size=300), st.sampled_from(["a.csv", "a.json", "a.xlsx", "a.parquet", "a"]))
def test_any_bytes_are_read_or_refused_in_one_sentence(content: bytes, name: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        try:
            records = load_records(path)
        except AnalyticsError as error:
            assert "\n" not in str(error)  # noqa: PT017
        else:
            assert records.n_rows == len(records.to_pandas()) + len(records.rejected)


def damaged(content: bytes, how: int) -> bytes:
    """A file with some bytes changed, some lost, or its end cut off."""
    chance = random.Random(how)
    at = chance.randrange(len(content))
    if how % 3 == 0:
        return content[:at]
    if how % 3 == 1:
        return content[:at] + chance.randbytes(3) + content[at + 3 :]
    return content[:at] + content[at + chance.randrange(1, 50) :]


@pytest.mark.parametrize("kind", ["csv", "csv.gz", "json", "jsonl", "parquet", "xlsx"])
def test_a_damaged_file_is_refused_or_its_rows_are_all_told(tmp_path: Path, kind: str) -> None:
    frame = pd.read_csv(data_path("press_reports.csv"), dtype=str).head(40)
    whole = tmp_path / f"whole.{kind}"
    if kind == "csv":
        frame.to_csv(whole, index=False)
    elif kind == "csv.gz":
        whole.write_bytes(gzip.compress(frame.to_csv(index=False).encode(), mtime=0))
    elif kind == "parquet":
        frame.to_parquet(whole)
    elif kind == "xlsx":
        frame.to_excel(whole, index=False)
    else:
        frame.to_json(whole, orient="records", lines=kind == "jsonl")
    content = whole.read_bytes()
    for how in range(9):
        path = tmp_path / f"{how}.{kind}"
        path.write_bytes(damaged(content, how))
        try:
            records = load_records(path)
        except AnalyticsError as error:
            assert "\n" not in str(error)  # noqa: PT017
        else:
            assert records.n_rows == len(records.to_pandas()) + len(records.rejected)


def test_nothing_in_a_cell_or_a_name_is_executed(tmp_path: Path) -> None:
    name = "a'; DROP TABLE x; --{{7*7}}$(touch pwned).csv"
    header = 'report_id,date_start,"x\'); DROP TABLE x; --","select","a""b"\n'
    (tmp_path / name).write_text(header + "'; DELETE,2017-10-16,1,2,3\n")
    frame = load_records(tmp_path / name).to_pandas()
    assert frame["report_id"].tolist() == ["'; DELETE"]
    assert {"x'); DROP TABLE x; --", "select", 'a"b'} <= set(frame.columns)
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_thousand_files_are_one_table(tmp_path: Path) -> None:
    for number in range(60):
        (tmp_path / f"{number:03}.csv").write_text(f"report_id,date\n{number},2017-10-16\n")
    records = load_records(tmp_path / "*.csv")
    assert (records.n_rows, records.n_rejected) == (60, 0)
