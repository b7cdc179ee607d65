"""How the two databases are opened, and what their failures mean."""

import os
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, NullPool, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import (
    ArgumentError,
    DBAPIError,
    DisconnectionError,
    InterfaceError,
    OperationalError,
    SQLAlchemyError,
)
from sqlalchemy.exc import (
    TimeoutError as PoolTimeoutError,
)

from app.errors import AppError, RecordError, UnavailableError

# Debian's SQLite has a bug that can damage a WAL file which several processes write;
# the wheel brings a newer one, where there is a wheel.
try:
    from pysqlite3 import dbapi2 as _found  # type: ignore[import-untyped] # has none
except ImportError:
    import sqlite3 as _found

_SQLITE: Any = _found

_LAST_UNSAFE = (3, 51, 2)
_BUSY_SECONDS = 30
_CONNECT_SECONDS = 5
_WRITING = "IMMEDIATE"
# With the usual 2 MB, the index pages of a large batch are written again and again.
_WRITER_KIB = 16_000
# Result codes of SQLite, and states of PostgreSQL.
_WRONG_SQL = 1
_BUSY = 5
_FULL = 13
_CANNOT_OPEN = 14
_DAMAGED = (11, 26)
_NO_TABLES = ("no such table", "no such column")
_NO_TABLES_STATES = ("42P01", "42703")
_FULL_STATE = "53100"


def sqlite_version() -> tuple[int, ...]:
    """Return the version of the SQLite in use."""
    version: tuple[int, ...] = _SQLITE.sqlite_version_info
    return version


def concurrent_safe(version: tuple[int, ...] | None = None) -> bool:
    """Return whether several processes may share one SQLite file.

    Up to 3.51.2 a WAL file may be damaged when two processes reset it at once.
    """
    return (version or sqlite_version()) > _LAST_UNSAFE


def parse_url(text: str) -> URL:
    """Return the URL of a record: a file of SQLite, or a PostgreSQL.

    Raises:
        RecordError: It is neither.
    """
    try:
        url = make_url(text)
    except ArgumentError as error:
        raise RecordError("The database URL cannot be read.") from error
    match url.get_backend_name():
        case "postgresql" | "postgres":
            return url.set(drivername="postgresql+psycopg")
        case "sqlite":
            if url.database in {None, "", ":memory:"} or url.query:
                raise RecordError(
                    "The database URL must name a file, as in sqlite:///census.db."
                )
            return url.set(drivername="sqlite")
        case other:
            raise RecordError(
                f"The record is kept in SQLite or PostgreSQL, not in {other}."
            )


def postgresql_engine(url: URL) -> Engine:
    """Return an engine whose connections are tried before they are handed out."""
    return create_engine(
        url,
        pool_pre_ping=True,
        pool_timeout=_CONNECT_SECONDS,
        connect_args={
            "connect_timeout": _CONNECT_SECONDS,
            "application_name": "modelcensus",
            # A half-open connection is noticed within half a minute.
            "keepalives_idle": 10,
            "keepalives_interval": 5,
            "keepalives_count": 4,
        },
    )


def sqlite_engine(url: URL) -> Engine:
    """Return an engine for a file that must exist; begin with `sqlite_begin`."""
    path = _path(url)
    engine = create_engine(
        url,
        module=_SQLITE,
        creator=lambda: _open(path, "rw", "PRAGMA foreign_keys = ON"),
    )
    event.listen(engine, "begin", _begin)
    event.listen(engine, "connect", lambda _, record: _remember(path, record))
    event.listen(engine, "checkout", lambda _, record, __: _compare(path, record))
    return engine


def sqlite_schema_engine(url: URL, *, create: bool) -> Engine:
    """Return an engine to change tables with: WAL, and no foreign keys.

    A table is changed by building it anew, and dropping the old one would delete the
    rows that refer to it.
    """
    path, mode = _path(url), "rwc" if create else "rw"
    engine = create_engine(
        url,
        module=_SQLITE,
        poolclass=NullPool,
        creator=lambda: _to_wal(_open(path, mode, "PRAGMA foreign_keys = OFF")),
        execution_options={"sqlite_begin": _WRITING},
    )
    event.listen(engine, "begin", _begin)
    return engine


def _path(url: URL) -> Path:
    return Path(str(url.database)).absolute()


def _open(path: Path, mode: str, *pragmas: str) -> Any:
    connection = _SQLITE.connect(
        f"{path.as_uri()}?mode={mode}",
        uri=True,
        timeout=_BUSY_SECONDS,
        check_same_thread=False,
        # The driver would begin on its own, too late and never IMMEDIATE.
        isolation_level=None,
    )
    for pragma in pragmas:
        connection.execute(pragma)
    return connection


def _to_wal(connection: Any) -> Any:
    """Switch a file to WAL, and wait for others who are just doing that.

    SQLite does not: whoever comes second is told at once that the file is busy.
    """
    if connection.execute("PRAGMA journal_mode").fetchone() == ("wal",):
        return connection

    import stamina  # noqa: PLC0415 (only for a record that is new)

    for attempt in stamina.retry_context(
        on=_is_busy, attempts=None, timeout=_BUSY_SECONDS, wait_max=0.5
    ):
        with attempt:
            connection.execute("PRAGMA journal_mode = WAL")
    return connection


def _is_busy(error: Exception) -> bool:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF == _BUSY


def _begin(connection: Connection) -> None:
    kind = connection.get_execution_options().get("sqlite_begin", "DEFERRED")
    if kind == _WRITING:
        connection.exec_driver_sql(f"PRAGMA cache_size = -{_WRITER_KIB}")
    connection.exec_driver_sql(f"BEGIN {kind}")


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = os.stat(path)  # noqa: PTH116 # an event of every checkout
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _remember(path: Path, record: Any) -> None:
    record.info["file"] = _identity(path)


def _compare(path: Path, record: Any) -> None:
    # An open file outlives its name: what is written to it would be lost in silence.
    if record.info["file"] != _identity(path):
        raise DisconnectionError("the file was moved")


def explain(error: SQLAlchemyError, url: URL) -> AppError | None:
    """Return what a failure of the database means to a caller.

    None: it is for the caller to know, as a refused write is, or a bug of ours.
    """
    if isinstance(error, DisconnectionError | PoolTimeoutError):
        return _away(url)
    if not isinstance(error, DBAPIError):
        return None
    if url.get_backend_name() == "sqlite":
        return _explain_sqlite(error, url)
    return _explain_postgresql(error, url)


def _explain_postgresql(error: DBAPIError, url: URL) -> AppError | None:
    state = getattr(error.orig, "sqlstate", None)
    if state in _NO_TABLES_STATES:
        return _no_tables(url)
    if state == _FULL_STATE:
        return _full(url)
    if isinstance(error, OperationalError | InterfaceError):
        return _away(url)
    return None


def _explain_sqlite(error: DBAPIError, url: URL) -> AppError | None:
    code = getattr(error.orig, "sqlite_errorcode", 0) & 0xFF
    if code in _DAMAGED:
        return RecordError(
            f"The record {_name(url)} is damaged or not a database: restore a backup."
        )
    if code == _CANNOT_OPEN:
        return UnavailableError(
            f"There is no record {_name(url)}, or it cannot be opened."
        )
    if code == _FULL:
        return _full(url)
    if code == _WRONG_SQL:
        no_tables = str(error.orig).startswith(_NO_TABLES)
        return _no_tables(url) if no_tables else None
    return _away(url) if isinstance(error, OperationalError) else None


def _name(url: URL) -> str:
    # Not the whole path, nor the host: readers see this sentence too.
    return _path(url).name if url.get_backend_name() == "sqlite" else "on PostgreSQL"


def _away(url: URL) -> UnavailableError:
    return UnavailableError(f"The record {_name(url)} does not answer: try again.")


def _full(url: URL) -> UnavailableError:
    return UnavailableError(
        f"The disk of the record {_name(url)} is full: make room and try again."
    )


def _no_tables(url: URL) -> RecordError:
    return RecordError(
        f"The record {_name(url)} does not have the tables of this version: "
        "run `modelcensus migrate`."
    )
