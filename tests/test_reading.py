"""Files of every format, encoding and delimiter give one and the same table of text."""

from __future__ import annotations

import bz2
import gzip
import json
import sqlite3
import threading
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from analytics.errors import FileError, ParameterError, TableError
from analytics.reading import (
    BROKEN,
    LINE,
    ROW,
    RawTable,
    connect,
    engine_progress,
    find_files,
    read_file,
)

ROWS = [
    {"id": "1", "date_start": "2017-10-16", "place": "كركوك"},
    {"id": "2", "date_start": "2017-10-17", "place": 'Tuz, "south"\nof it'},
    {"id": "3", "date_start": "2017-10-18", "place": None},
]


def table_of(raw: RawTable) -> list[tuple[Any, ...]]:
    """Row number and cells as text; for a broken row its number, reason and text."""
    frame = raw.table.to_pyarrow().to_pandas()
    if raw.first_row is not None:
        frame[ROW] = range(raw.first_row, raw.first_row + len(frame))
    rows = []
    for record in frame.sort_values(ROW).to_dict("records"):
        cells = [None if pd.isna(record[c]) else str(record[c]) for c in raw.columns]
        is_broken = not pd.isna(record.get(BROKEN, None))
        rows.append((record[ROW], *((record[BROKEN], record[LINE]) if is_broken else cells)))
    return rows


def read(path: Path, **options: Any) -> RawTable:
    return read_file(connect(), str(path), **options)


def csv_text(delimiter: str = ",") -> str:
    return pd.DataFrame(ROWS).to_csv(index=False, sep=delimiter)


def as_csv(delimiter: str = ",", encoding: str = "utf-8") -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        path = folder / "a.csv"
        path.write_bytes(csv_text(delimiter).encode(encoding))
        return path

    return write


def as_json(folder: Path) -> Path:
    path = folder / "a.json"
    path.write_text(json.dumps(ROWS, indent=1), "utf-8")
    return path


def as_wrapped_json(folder: Path) -> Path:
    path = folder / "a.txt.json"
    path.write_text(json.dumps({"count": 3, "data": ROWS}, ensure_ascii=False), "utf-8")
    return path


def as_json_lines(folder: Path) -> Path:
    path = folder / "a.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in ROWS), "utf-8")
    return path


def as_excel(folder: Path) -> Path:
    path = folder / "a.xlsx"
    frame = pd.DataFrame(ROWS)
    frame["date_start"] = pd.to_datetime(frame["date_start"])
    frame["id"] = frame["id"].astype(int)
    frame.to_excel(path, index=False)
    return path


def as_sqlite(folder: Path) -> Path:
    path = folder / "a.db"
    with sqlite3.connect(path) as con:
        con.execute("CREATE TABLE reports (id INTEGER, date_start TEXT, place TEXT)")
        con.executemany("INSERT INTO reports VALUES (:id, :date_start, :place)", ROWS)
    con.close()
    return path


def as_parquet(folder: Path) -> Path:
    path = folder / "a.parquet"
    pd.DataFrame(ROWS).to_parquet(path)
    return path


def as_gzip(folder: Path) -> Path:
    path = folder / "a.csv.gz"
    path.write_bytes(gzip.compress(csv_text().encode(), mtime=0))
    return path


FORMATS = {
    "comma": as_csv(),
    "semicolon": as_csv(";"),
    "tab": as_csv("\t"),
    "bar": as_csv("|"),
    "utf-8 with mark": as_csv(encoding="utf-8-sig"),
    "utf-16": as_csv(encoding="utf-16"),
    "utf-16 little-endian": as_csv(encoding="utf-16-le"),
    "utf-16 big-endian": as_csv(encoding="utf-16-be"),
    "windows-1256": as_csv(encoding="cp1256"),
    "gzip": as_gzip,
    "json": as_json,
    "json in an object": as_wrapped_json,
    "json lines": as_json_lines,
    "excel": as_excel,
    "sqlite": as_sqlite,
    "parquet": as_parquet,
}


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_gives_the_same_rows(tmp_path: Path, name: str) -> None:
    raw = read(FORMATS[name](tmp_path))
    assert raw.columns == ("id", "date_start", "place")
    first = 2 if FORMATS[name].__name__ in ("write", "as_gzip", "as_excel") else 1
    expected = [(first + n, *row.values()) for n, row in enumerate(ROWS)]
    assert table_of(raw) == expected


@pytest.mark.parametrize(
    ("encoding", "place", "said"),
    [
        ("cp1256", "كركوك", "Windows-1256"),
        ("iso8859_6", "الحويجة والرشاد", "ISO 8859-6"),
        ("latin-1", "Fallûjah", "Latin-1"),
        ("cp1252", "the “strip”", "Windows-1252"),
        ("cp1254", "Musul saldırısı", "Windows-1254"),
        ("utf-16", "كركوك", "UTF-16"),
    ],
)
def test_an_encoding_is_found_out_and_said(
    tmp_path: Path, encoding: str, place: str, said: str
) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(f"id,place\n1,{place}\n".encode(encoding))
    raw = read(path)
    assert table_of(raw) == [(2, "1", place)]
    assert said in "".join(raw.notes)


def test_an_encoding_that_is_given_is_strict(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("id,place\n1,كركوك\n".encode("cp1256"))
    assert table_of(read(path, encoding="windows-1256")) == [(2, "1", "كركوك")]
    with pytest.raises(FileError, match="is not utf-8 text"):
        read(path, encoding="utf-8")
    with pytest.raises(ParameterError, match="encoding 'klingon'"):
        read(path, encoding="klingon")


def test_bytes_that_are_not_text_cost_their_row_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    lines = [f"{n},كركوك".encode() for n in range(5)]
    path.write_bytes(b"\n".join([b"id,place", *lines, b"5,\xff", b"6,x\0y", b"7,z"]))
    raw = read(path)
    assert [row[0] for row in table_of(raw) if row[1].startswith("holds")] == [7, 8]
    assert table_of(raw)[-1] == (9, "7", "z")
    assert "not UTF-8" in "".join(raw.notes)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # Quoted line ends: a record is a row.
        ('id,b\n1,"x\ny"\n2,z\n', [(2, "1", "x\ny"), (3, "2", "z")]),
        # A blank line takes a number, as in a spreadsheet.
        ("id,b\n1,x\n\n2,y\n", [(2, "1", "x"), (4, "2", "y")]),
        ("id,b\r\n1,x\r\n2,y", [(2, "1", "x"), (3, "2", "y")]),
        ("id,b\r\n1,x\n2,y\n", [(2, "1", "x"), (3, "2", "y")]),
        ("id,b\r1,x\r2,y\r", [(2, "1", "x"), (3, "2", "y")]),
        # Empty fields past the header are nothing; filled ones are something.
        ("id,b\n1,x,\n2,y,,,\n", [(2, "1", "x"), (3, "2", "y")]),
        ("id,b\n1\n2,y,z\n3,w\n", [(2, "few", "1"), (3, "many", "2,y,z"), (4, "3", "w")]),
        # A quote that is never closed costs one line, not the rest of the file.
        ('id,b\n1,"x\n2,y\n3,z\n', [(2, "quote", '1,"x'), (3, "2", "y"), (4, "3", "z")]),
        ('id,b\n1,"x" y\n2,"y"\n', [(2, "quote", '1,"x" y'), (3, "2", "y")]),
        ('id,b\n1,5" gun\n', [(2, "1", '5" gun')]),
        ('"id","b"\n1,x\n', [(2, "1", "x")]),
        ("\n\nid,b\n1,x\n", [(4, "1", "x")]),
        ("sep=;\nid;b\n1;x\n", [(3, "1", "x")]),
        ("#id,#b\n1,x\n", [(2, "1", "x")]),
        ("id,b\n#event+id,#meta+b\n1,x\n", [(3, "1", "x")]),
        ('id,b\n#event+id,#meta+b\n1,"x\n2,y\n', [(3, "quote", '1,"x'), (4, "2", "y")]),
        ("id\n1\n2\n", [(2, "1"), (3, "2")]),
        ("id,b\n1,\n,\n", [(2, "1", None), (3, None, None)]),
    ],
)
def test_every_record_of_a_delimited_file_is_accounted_for(
    tmp_path: Path, text: str, expected: list[tuple[Any, ...]]
) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(text.encode())
    for careful in (False, True):
        try:
            found = table_of(read(path, careful=careful))
        except duckdb.Error:
            assert not careful
            continue
        short = []
        for number, *row in found:
            kind = next((w for w in ("few", "many", "quote") if f"{w} " in f"{row[0]} "), None)
            is_broken = str(row[0]).startswith("has ")
            short.append((number, *([kind, row[1]] if is_broken else row)))
        assert short == expected


cells = st.text(st.sampled_from('ab ,;"\n\r\té٣'), max_size=4)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.lists(cells, min_size=1, max_size=4), max_size=6), st.booleans())
@example([["1", 'x"'], ["2", "y"]], False)
def test_the_fast_reader_reads_as_the_careful_one_or_not_at_all(
    rows: list[list[str]], is_quoted: bool
) -> None:
    con = connect()
    path = Path(con.raw_sql("SELECT current_setting('temp_directory')").fetchone()[0]).parent / "a"
    if is_quoted:
        rows = [['"' + cell.replace('"', '""') + '"' for cell in row] for row in rows]
    path.write_bytes("\n".join(["id,b", *(",".join(row) for row in rows)]).encode())
    try:
        careful = table_of(read_file(con, str(path), careful=True))
    except TableError:
        return  # cells that look like another header, named twice
    try:
        fast = table_of(read_file(con, str(path)))
    except duckdb.Error:
        return
    assert fast == careful


def test_json_keeps_numbers_as_printed_and_nothing_is_lost(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(
        '{"id": 12345678901234567890, "b": 1.50, "c": true}\n'
        '{"id": "x", "b": {"deep": [1]}, "d": NaN}\n'
        "\n"
        "{broken\n"
        "[1, 2]\n"
        '{"id": 1, "id": 2}\n'
        '{"id": "\\ud800"}\n'
        '{"id": "a\\u0000b"}\n'
        '{"id": ' + "[" * 5000 + "]" * 5000 + "}\n",
        "utf-8",
    )
    rows = table_of(read(path))
    assert rows[:2] == [
        (1, "12345678901234567890", "1.50", "true", None),
        (2, "x", '{"deep": ["1"]}', None, "NaN"),
    ]
    reasons = {number: reason.split(";")[0] for number, reason, *_ in rows[2:]}
    assert reasons == {
        4: "is not JSON",
        5: "is not an object with names and values",
        6: "gives 'id' twice",
        7: "holds bytes or half characters that are not text",
        8: "holds a NUL character",
        9: "is nested too deeply",
    }


@pytest.mark.parametrize("first", ['{"id": "' + "x" * 3_000_000 + '"}', '{"id": "cut of'])
def test_objects_a_line_are_told_by_the_second_line_too(tmp_path: Path, first: str) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(first + '\n\n{"id": "y"}\n')
    raw = read(path)
    assert [row[0] for row in table_of(raw)] == [1, 3]
    assert table_of(raw)[1] == (3, "y")


def test_an_object_over_many_lines_is_one_document(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps({"data": [{"id": "1"}, {"id": "2"}]}, indent=1))
    assert table_of(read(path)) == [(1, "1"), (2, "2")]


def test_geojson_features_are_records_with_coordinates(tmp_path: Path) -> None:
    point = {"type": "Point", "coordinates": [44.4, 35.47]}
    feature = {"type": "Feature", "properties": {"id": "1"}, "geometry": point}
    path = tmp_path / "a.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    raw = read(path)
    assert raw.columns == ("longitude", "latitude", "id")
    assert table_of(raw) == [(1, "44.4", "35.47", "1")]


def test_a_long_list_is_read_in_pieces(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps([{"id": n, "text": "x" * 700} for n in range(4000)]))
    rows = table_of(read(path))
    assert (len(rows), rows[-1][:2]) == (4000, (4000, "3999"))


def test_a_cell_of_a_megabyte_is_a_cell(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    for size in (1_000_000, 5_000_000):
        path.write_text(f"id,b\n1,{'x' * size}\n2,y\n")
        try:
            rows = table_of(read(path))
        except duckdb.Error:
            rows = table_of(read(path, careful=True))
        assert [len(row[2]) for row in rows] == [size, 1]


def test_a_sheet_or_table_can_be_named(tmp_path: Path) -> None:
    book = tmp_path / "a.xlsx"
    with pd.ExcelWriter(book) as writer:
        pd.DataFrame().to_excel(writer, sheet_name="cover", index=False)
        pd.DataFrame({"id": [1]}).to_excel(writer, sheet_name="one", index=False, startrow=2)
        pd.DataFrame({"id": [2]}).to_excel(writer, sheet_name="two", index=False)
    assert table_of(read(book)) == [(4, "1")]
    assert (
        "sheet 'one' was read, 'cover', 'two' not: name a sheet to read another" in read(book).notes
    )
    assert table_of(read(book, table="two")) == [(2, "2")]
    with pytest.raises(TableError, match="It has: cover, one, two"):
        read(book, table="three")
    base = tmp_path / "a.db"
    with sqlite3.connect(base) as con:
        con.execute("CREATE TABLE a (id)")
        con.execute("CREATE TABLE b (id)")
    con.close()
    with pytest.raises(TableError, match="It has: a, b"):
        read(base)


@pytest.mark.parametrize("kind", ["sqlite", "duckdb"])
def test_a_database_is_read_by_its_url_and_never_made(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "a.db"
    if kind == "sqlite":
        as_sqlite(tmp_path)
    else:
        with duckdb.connect(str(path)) as base:
            base.execute("CREATE TABLE reports (id INTEGER, date_start TEXT, place TEXT)")
            base.executemany("INSERT INTO reports VALUES (?, ?, ?)", [[*r.values()] for r in ROWS])
    raw = read_file(connect(), f"{kind}://{path}")
    ids = [row["id"] for row in raw.table.order_by("id").to_pyarrow().to_pylist()]
    assert list(map(int, ids)) == [1, 2, 3]
    with pytest.raises(FileError, match="is not there"):
        read_file(connect(), f"{kind}://{tmp_path}/none.db")
    assert not (tmp_path / "none.db").exists()


def test_a_password_in_a_url_is_not_repeated() -> None:
    with pytest.raises(FileError, match=r"the \w+ database") as caught:
        read_file(connect(), "postgresql://user:secret@127.0.0.1:1/none")
    assert "secret" not in str(caught.value)


def packed(path: Path, **members: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def test_an_archive_of_one_file_is_that_file(tmp_path: Path) -> None:
    inner = {"__MACOSX/._a.csv": b"\0", "folder/a.jsonl": as_json_lines(tmp_path).read_bytes()}
    raw = read(packed(tmp_path / "a.zip", **inner))
    assert [row[1] for row in table_of(raw)] == ["1", "2", "3"]
    assert "'folder/a.jsonl' was read out of the zip archive" in raw.notes
    book = packed(tmp_path / "b.zip", **{"a.xlsx": as_excel(tmp_path).read_bytes()})
    assert [row[1] for row in table_of(read(book))] == ["1", "2", "3"]
    two = packed(tmp_path / "c.zip", **{"a.csv": b"id\n1\n", "b.csv": b"id\n1\n"})
    with pytest.raises(FileError, match=r"zip archive of 2 files \(a.csv, b.csv\)"):
        read(two)


def test_a_workbook_made_to_fill_memory_is_refused(tmp_path: Path) -> None:
    book = packed(tmp_path / "a.xlsx", **{"[Content_Types].xml": b" " * 150_000_000})
    with pytest.raises(FileError, match="would unpack to 150 MB"):
        read(book)


def test_titles_above_a_header_are_found_and_said(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("Attacks; in Iraq\nmade, by hand\n\nid,date,place\n1,2017-10-16,Hit\n")
    raw = read(path)
    assert table_of(raw) == [(5, "1", "2017-10-16", "Hit")]
    assert "rows above the header, left out: 2 ('Attacks; in Iraq')" in raw.notes
    book = tmp_path / "a.xlsx"
    rows = [["Attacks"], [], ["id", "date", "place"], [1, "2017-10-16", "Hit"]]
    pd.DataFrame(rows).to_excel(book, index=False, header=False)
    raw = read(book)
    assert table_of(raw) == [(4, "1", "2017-10-16", "Hit")]
    assert "rows above the header, left out: 1 ('Attacks')" in raw.notes


def test_globs_and_names_that_look_like_globs(tmp_path: Path) -> None:
    for name in ("b.csv", "a.csv", "c[1].csv"):
        (tmp_path / name).write_text("id,b\n1,x\n")
    assert find_files([tmp_path / "?.csv"]) == [str(tmp_path / "a.csv"), str(tmp_path / "b.csv")]
    assert find_files([tmp_path / "c[1].csv"]) == [str(tmp_path / "c[1].csv")]
    assert table_of(read(tmp_path / "c[1].csv")) == [(2, "1", "x")]


def test_other_compressions_are_named(tmp_path: Path) -> None:
    path = tmp_path / "a.csv.bz2"
    path.write_bytes(bz2.compress(b"id\n1\n"))
    with pytest.raises(FileError, match="is compressed with bzip2"):
        read(path)


def test_scratch_files_go_with_the_engine() -> None:
    con = connect()
    folder = Path(con.raw_sql("SELECT current_setting('temp_directory')").fetchone()[0]).parent
    assert folder.is_dir()
    del con
    assert not folder.exists()


def test_how_far_an_engine_has_read_is_told_while_it_reads():
    con = connect()
    con.con.execute("CREATE TABLE t AS SELECT i FROM range(3000000) r(i)").fetchall()
    assert engine_progress() is None
    query = "SELECT count(DISTINCT i::VARCHAR) FROM t"
    work = threading.Thread(target=lambda: con.con.execute(query).fetchall())
    work.start()
    shares = []
    while work.is_alive():
        shares.append(engine_progress())
        work.join(0.02)
    told = [share for share in shares if share is not None]
    assert told
    assert told == sorted(told)
    assert 0 < told[0] <= told[-1] <= 100
    assert engine_progress() is None


def test_records_of_an_interface_are_told_from_its_messages(tmp_path):
    answer = {"success": True, "messages": [{"text": "one page"}], "data": [{"id": "a"}]}
    (tmp_path / "a.json").write_text(json.dumps(answer))
    assert read_file(connect(), str(tmp_path / "a.json")).columns == ("id",)
    (tmp_path / "b.json").write_text(json.dumps({"one": [{"id": "a"}], "two": [{"id": "b"}]}))
    with pytest.raises(TableError, match="holds 2 lists of records"):
        read_file(connect(), str(tmp_path / "b.json"))
