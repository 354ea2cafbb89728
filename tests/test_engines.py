"""The same records on four engines give the same series, to the last digit."""

from __future__ import annotations

import os
import pwd
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import ibis
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from analytics.balance import balance_records
from analytics.errors import FileError, TableError
from analytics.periods import Window
from analytics.records import load_records, summarise_records
from analytics.series import count_incidents

CODES = ["IQ-KI", "IQ-DI", "IQ-NI", "IQ-SD", "", None]
# It cuts a month, a week and a quarter at both ends.
WINDOW = Window("2016-12-14", "2018-02-07")


def make_records(n: int = 3000, seed: int = 20171016) -> pa.Table:
    """Records with long and short intervals, empty cells of each kind, texts in three scripts."""
    rng = np.random.default_rng(seed)
    start = np.datetime64("2016-10-01") + rng.integers(0, 560, n)
    length = rng.choice([0, 0, 0, 0, 1, 2, 6, 13, 30, 89, 364, 800], n)
    killed = rng.choice([0, 0, 1, 2, 7, 31, -1], n).astype(float)

    def choose(values: list[str | None]) -> pa.Array:
        return pa.array([values[i] for i in rng.integers(0, len(values), n)], pa.string())

    return pa.table(
        {
            "report_id": pa.array([f"R{i}" for i in range(n)]),
            "date_start": pa.array(start),
            "date_end": pa.array(start + length),
            "governorate": choose(CODES),
            "district": choose(["Hawija", "Makhmur", "Khanaqin", "", None]),
            "event_type": choose(["IED", "ied", "عبوة ناسفة", "تەقینەوە", "unknown", "", None]),
            "killed": pa.array(np.where(killed < 0, 0, killed).astype(int), mask=killed < 0),
            "wounded": pa.array(np.where(killed < 0, np.nan, killed)),
            "n_incidents": pa.array(rng.integers(1, 4, n), mask=rng.random(n) < 0.3),
            "is_claimed": pa.array(rng.random(n) < 0.5, mask=rng.random(n) < 0.1),
        }
    )


RECORDS = make_records()


@pytest.fixture(scope="session")
def postgres():
    """The address of a PostgreSQL server of our own, started for the test."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin")) or [
        Path(found).parent for found in [shutil.which("initdb")] if found
    ]
    if not programs or not (programs[-1] / "initdb").exists():
        pytest.skip("no PostgreSQL server (Debian: postgresql) is installed")
    pytest.importorskip("psycopg")
    folder = Path(tempfile.mkdtemp(prefix="analytics-pg-"))
    # initdb refuses to run as root.
    user = {"user": "postgres", "group": "postgres"} if os.geteuid() == 0 else {}
    if user:
        pwd.getpwnam("postgres")
        shutil.chown(folder, **user)

    def run(program: str, *arguments: str) -> None:
        command = [str(programs[-1] / program), *arguments]
        log = folder.with_suffix(".log")
        with log.open("ab") as said:
            done = subprocess.run(
                command, stdout=said, stderr=said, cwd=folder, check=False, **user
            )
        assert done.returncode == 0, log.read_text()

    data = str(folder / "data")
    run("initdb", "--auth=trust", "--username=analyst", "--encoding=UTF8", "--no-sync", data)
    options = f"-c listen_addresses='' -c unix_socket_directories='{folder}' -c fsync=off"
    run("pg_ctl", "--pgdata", data, "--wait", "--options", options, "start")
    yield f"postgresql://analyst@/postgres?host={folder}"
    run("pg_ctl", "--pgdata", data, "--mode", "immediate", "stop")
    shutil.rmtree(folder)
    folder.with_suffix(".log").unlink()


@pytest.fixture(scope="session")
def on_postgres(postgres):
    con = ibis.connect(postgres)
    con.create_table("records", RECORDS)
    yield con.table("records")
    con.disconnect()


@pytest.fixture(scope="session")
def parquet(tmp_path_factory):
    path = tmp_path_factory.mktemp("engines") / "records.parquet"
    pq.write_table(RECORDS, path, row_group_size=500)
    return path


@pytest.fixture(scope="session")
def on_spark(parquet):
    pyspark = pytest.importorskip("pyspark")
    if shutil.which("java") is None:
        pytest.skip("no Java, which Spark needs, is installed")
    session = (
        pyspark.sql.SparkSession.builder.master("local[1]")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.memory", "512m")
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.sql.warehouse.dir", str(parquet.parent / "warehouse"))
        .getOrCreate()
    )
    yield ibis.pyspark.connect(session).read_parquet(str(parquet))
    session.stop()


@pytest.fixture(params=["frame", "postgres", "spark"])
def elsewhere(request):
    if request.param == "frame":
        return RECORDS.to_pandas()
    return request.getfixturevalue(f"on_{request.param}")


CASES = [
    ("month", {"by": "governorate"}),
    ("week", {}),
    ("day", {"by": "zone", "measure": "killed"}),
    ("quarter", {"by": "event_type", "measure": "wounded"}),
    ("year", {"by": "district", "date_rule": "end"}),
    ("month", {"by": "is_claimed", "date_rule": "start", "measure": "killed"}),
    ("week", {"only": {"governorate": ["IQ-KI"], "zone": ["strip", "unknown"]}}),
    ("month", {"by": "killed", "covered": [Window("2017-01-01", "2017-03-31")]}),
]


@pytest.mark.parametrize(("interval", "options"), CASES, ids=lambda value: str(value)[:40])
def test_series_are_identical(parquet, elsewhere, interval, options):
    here = count_incidents(ibis.duckdb.connect().read_parquet(parquet), WINDOW, interval, **options)
    there = count_incidents(elsewhere, WINDOW, interval, **options)
    pd.testing.assert_frame_equal(here, there, check_exact=True)
    assert here["count"].sum() > 100


def test_balances_are_identical(parquet, elsewhere):
    here = balance_records(ibis.duckdb.connect().read_parquet(parquet), WINDOW)
    assert balance_records(elsewhere, WINDOW) == here


def test_checked_records_are_identical(parquet, elsewhere):
    """Accepted and rejected rows, too: a code of no governorate, days in the wrong order."""
    here, there = load_records(parquet), load_records(elsewhere)
    assert summarise_records(here) == summarise_records(there)
    pd.testing.assert_frame_equal(
        count_incidents(here.accepted, WINDOW, "month", by="governorate"),
        count_incidents(there.accepted, WINDOW, "month", by="governorate"),
        check_exact=True,
    )


@pytest.mark.usefixtures("on_postgres")
def test_the_command_counts_a_table_of_a_database(postgres, parquet):
    def count(*names: str) -> str:
        command = [sys.executable, "-m", "analytics.cli", "count", *names, "--interval", "month"]
        days = ["--start", "2016-12-14", "--end", "2018-02-07", "--by", "governorate"]
        done = subprocess.run(
            [*command, *days, "--format", "csv"], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert count(postgres, "--table", "records") == count(str(parquet))


@pytest.fixture(scope="session")
def with_odd_table(postgres, on_postgres):
    """The name of a second table that is an attack, on the same server."""
    con = ibis.connect(postgres)
    name = 'rec"ords; DROP TABLE records; --'
    con.create_table(name, RECORDS.slice(0, 100))
    con.raw_sql("CREATE ROLE reader LOGIN")
    con.raw_sql("GRANT INSERT ON records TO reader")
    con.con.commit()
    con.disconnect()
    return name


def test_a_table_of_a_hostile_name_is_read_like_any_other(postgres, on_postgres, with_odd_table):
    records = load_records(postgres, table=with_odd_table)
    assert records.n_rows == 100
    assert on_postgres.count().to_pyarrow().as_py() == len(RECORDS)


@pytest.mark.parametrize(
    ("role", "table", "error", "said"),
    [
        ("analyst", "nothing", TableError, "'nothing': is not in the postgresql database. It has:"),
        ("analyst", "records; --", TableError, "is not in the postgresql database. It has:"),
        ("analyst", None, TableError, "does not have just one table. Name the table. It has:"),
        ("reader", "records", TableError, "cannot be read (InsufficientPrivilege)"),
        ("nobody", "records", FileError, "cannot be reached (OperationalError)"),
    ],
)
@pytest.mark.usefixtures("with_odd_table")
def test_a_table_that_cannot_be_read_is_told(postgres, role, table, error, said):
    with pytest.raises(error, match=re.escape(said)):
        load_records(postgres.replace("analyst", role, 1), table=table)


@pytest.mark.parametrize(
    ("scheme", "remedy"),
    [("postgresql", "'incident-analytics[postgres]'"), ("mysql", "'ibis-framework[mysql]'")],
)
def test_a_missing_driver_is_told_with_the_remedy(monkeypatch, scheme, remedy):
    def refuse(url: str) -> None:
        raise ImportError(url)

    monkeypatch.setattr(ibis, "connect", refuse)
    with pytest.raises(FileError, match=re.escape(f"Run pip install {remedy}")):
        load_records(f"{scheme}://user:secret@host/base")
