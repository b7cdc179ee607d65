"""Other ways to serve the same numbers: their programs, their tables, their servers.

The numbers come out of the service as CSV, so that all have the same. They stand in a
table rolled up by day and origin, one by day and model, and one of a hundred thousand
rows, in which each model's day is divided among ten callers.
"""

import csv
import io
import json
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from bench.records import records
from bench.rounds import ROOT, Server, asked, serving

VENV = ROOT / ".venv-peers"
LOCK = ROOT / "bench" / "requirements-peers.txt"
CALLERS = 10

_ROWS = "/v1/volume.csv?interval=day&incomplete=include&start_date={}&end_date={}"
_SHARE = """
SELECT :origin AS origin, sum(CASE WHEN origin = :origin THEN volume ELSE 0 END)
    AS volume, sum(volume) AS total,
    round(1.0 * sum(CASE WHEN origin = :origin THEN volume ELSE 0 END)
    / sum(volume), 6) AS share
FROM rolled WHERE day BETWEEN :start AND :end
"""
_SERIES = """
SELECT day, base, volume FROM models WHERE day BETWEEN :start AND :end
ORDER BY day, volume DESC
"""

Rolled = list[tuple[str, str, int]]
Model = list[tuple[str, str, str, int]]


@dataclass(frozen=True, slots=True)
class Peers:
    """The servers of the peers."""

    datasette: Server
    fastapi: Server


def install() -> None:
    """Make the environment of the peers, if it is not there yet."""
    made = VENV / ".made"
    if made.exists() and made.stat().st_mtime > LOCK.stat().st_mtime:
        return
    python = VENV / "bin" / "python"
    commands: list[list[str | Path]] = [
        [sys.executable, "-m", "venv", VENV],
        [python, "-m", "pip", "install", "--quiet", "--no-deps", "-r", LOCK],
    ]
    for command in commands:
        subprocess.run(command, check=True)  # noqa: S603 - our own commands
    made.touch()


@contextmanager
def peers(ours: Server, span: tuple[str, str], folder: Path) -> Iterator[Peers]:
    """Run the peers with the numbers of a server of ours, of so many days."""
    rolled, models = _numbers(ours, *span)
    sqlite, duck = folder / "peers.db", folder / "peers.duckdb"
    _fill_sqlite(sqlite, rolled, models)
    _fill_duckdb(duck, rolled, folder)
    config = folder / "datasette.json"
    queries = {"share": {"sql": _SHARE}, "series": {"sql": _SERIES}}
    config.write_text(json.dumps({"databases": {"peers": {"queries": queries}}}))
    datasette: list[str | Path] = [
        VENV / "bin" / "datasette",
        "serve",
        "--immutable",
        sqlite,
    ]
    datasette += ["--metadata", config, "--port", "{port}", "--host", "127.0.0.1"]
    datasette += ["--setting", "max_returned_rows", "20000"]
    fastapi: list[str | Path] = [
        VENV / "bin" / "uvicorn",
        "bench.peer_app:app",
        "--no-access-log",
    ]
    fastapi += ["--port", "{port}", "--log-level", "warning"]
    with records(("postgresql",)) as found:
        url = found.new("postgresql")
        _fill_postgresql(url, rolled)
        env = {"PEER_SQLITE": str(sqlite), "PEER_DUCKDB": str(duck)}
        env |= {"PEER_POSTGRESQL": url}
        with (
            serving("datasette", datasette, folder) as one,
            serving("fastapi", fastapi, folder, env=env) as other,
        ):
            yield Peers(one, other)


def _numbers(ours: Server, start: str, end: str) -> tuple[Rolled, Model]:
    url = _ROWS.format(start, end)
    rolled = [
        (row["period_start"], row["origin"], int(row["volume"]))
        for row in _table(ours, f"{url}&group_by=origin&top=100")
    ]
    models = [
        (row["period_start"], row["base"], origin, int(row["volume"]))
        for origin in sorted({origin for _, origin, _ in rolled})
        for row in _table(ours, f"{url}&group_by=base&origin={origin}&top=100")
    ]
    if not rolled or not models:
        sys.exit("NOTHING WAS MEASURED: there are no numbers.")
    return rolled, models


def _table(ours: Server, url: str) -> Sequence[dict[str, str]]:
    status, _, body = asked(ours, url)
    if status != 200:
        sys.exit(f"{url}: {status} {body[:300]!r}")
    return [row for row in csv.DictReader(io.StringIO(body.decode())) if row["volume"]]


def _fill_sqlite(path: Path, rolled: Rolled, models: Model) -> None:
    with closing(sqlite3.connect(path)) as made, made:
        made.executescript(
            "CREATE TABLE rolled (day TEXT, origin TEXT, volume INTEGER,"
            " PRIMARY KEY (day, origin)) WITHOUT ROWID;"
            "CREATE TABLE models (day TEXT, base TEXT, origin TEXT, volume INTEGER,"
            " PRIMARY KEY (day, base, origin)) WITHOUT ROWID;"
            "CREATE TABLE daily (day TEXT, base TEXT, caller INTEGER, origin TEXT,"
            " volume INTEGER, PRIMARY KEY (day, base, origin, caller)) WITHOUT ROWID;"
        )
        made.executemany("INSERT INTO rolled VALUES (?, ?, ?)", rolled)
        made.executemany("INSERT INTO models VALUES (?, ?, ?, ?)", models)
        made.executemany("INSERT INTO daily VALUES (?, ?, ?, ?, ?)", _daily(models))
        made.execute("ANALYZE")


def _daily(models: Model) -> Iterator[tuple[str, str, int, str, int]]:
    for day, base, origin, volume in models:
        for caller in range(CALLERS):
            part = volume // CALLERS + (caller < volume % CALLERS)
            yield day, base, caller, origin, part


def _fill_duckdb(path: Path, rolled: Rolled, folder: Path) -> None:
    # The library is only in the environment of the peers.
    rows = folder / "rolled.csv"
    with rows.open("w", newline="") as file:
        csv.writer(file).writerows([("day", "origin", "volume"), *rolled])
    code = (
        "import duckdb, sys; duckdb.connect(sys.argv[1]).execute('CREATE TABLE rolled "
        "AS SELECT day::VARCHAR AS day, origin, volume::BIGINT AS volume "
        "FROM read_csv(?)', [sys.argv[2]])"
    )
    subprocess.run(  # noqa: S603 - our own command
        [VENV / "bin" / "python", "-c", code, path, rows], check=True
    )


def _fill_postgresql(url: str, rolled: Rolled) -> None:
    with psycopg.connect(url) as made, made.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE rolled (day TEXT, origin TEXT, volume BIGINT,"
            " PRIMARY KEY (day, origin))"
        )
        cursor.executemany("INSERT INTO rolled VALUES (%s, %s, %s)", rolled)
        cursor.execute("ANALYZE rolled")


def versions() -> str:
    """Return the versions of the peers that matter."""
    wanted = ("datasette", "duckdb", "fastapi", "sqlmodel", "uvicorn")
    lines = LOCK.read_text().splitlines()
    return ", ".join(
        line.replace("==", " ") for line in lines if line.partition("==")[0] in wanted
    )
