"""A file of SQLite for others to open: tables as told, nothing of the record."""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from pathlib import Path

_VERSION_AT = 96
_NO_VERSION = (3_000_000).to_bytes(4, "big")

Table = tuple[Mapping[str, str], Iterable[Sequence[object]]]
"""Columns with their types (`TEXT`, `INTEGER`, `REAL`), and rows."""


def write(path: Path, tables: Mapping[str, Table]) -> None:
    """Write a file that is not there yet; the same bytes for the same tables.

    Args:
        path: Where to.
        tables: By name. Names are ours, and quoted all the same.
    """
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = OFF")
        connection.execute("PRAGMA page_size = 4096")
        connection.execute("BEGIN")
        for name, (columns, rows) in tables.items():
            told = ", ".join(f"{_quoted(c)} {of}" for c, of in columns.items())
            connection.execute(f"CREATE TABLE {_quoted(name)} ({told}) STRICT")
            marks = ", ".join("?" * len(columns))
            connection.executemany(
                f"INSERT INTO {_quoted(name)} VALUES ({marks})",  # noqa: S608 (names are quoted)
                rows,
            )
        connection.execute("COMMIT")
    # Which version of the library wrote it last is of no use to a reader.
    with path.open("r+b") as file:
        file.seek(_VERSION_AT)
        file.write(_NO_VERSION)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
