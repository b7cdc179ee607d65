"""The database is taken away while serving: every read still answers."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.engine import make_url
from starlette.testclient import TestClient

from app.main import create_app
from app.services.preparing import prepare
from app.services.snapshots import Snapshots
from app.store.database import Database
from tests.api.conftest import Clock, settings
from tests.api.small import NOW

READS = [
    "/v1/share?origin=CN",
    "/v1/share.csv?group_by=origin,weights&interval=week",
    "/v1/volume?release=4",
    "/v1/rankings?as_of=2026-10-11T06:03:30Z",
    "/v1/models?limit=10",
    "/v1/models/anthropic/claude-sonnet-4.5",
    "/v1/providers/poolside",
    "/v1/origins",
    "/v1/families",
    "/v1/categories",
    "/v1/datasets",
    "/v1/releases",
    "/v1/releases/1",
    "/v1/status",
    "/readyz",
    "/docs/api",
    "/openapi.json",
]


@contextmanager
def file_moved(url: str) -> Iterator[None]:
    path = Path(str(make_url(url).database))
    moved = path.rename(path.with_suffix(".moved"))
    yield
    moved.rename(path)


@contextmanager
def connections_refused(url: str) -> Iterator[None]:
    parts = make_url(url)
    name = str(parts.database)
    admin = parts.set(drivername="postgresql", database="postgres")
    address = admin.render_as_string(hide_password=False)
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(f"ALTER DATABASE {name} WITH ALLOW_CONNECTIONS false")
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s",
            [name],
        )
        yield
        connection.execute(f"ALTER DATABASE {name} WITH ALLOW_CONNECTIONS true")


@pytest.fixture
def away(kind: str, database_url: str) -> AbstractContextManager[None]:
    """Take the database away; entered and left like any context."""
    take = {"sqlite": file_moved, "postgresql": connections_refused}[kind]
    return take(database_url)


def test_every_read_answers_without_the_database(
    database: Database, away: AbstractContextManager[None]
) -> None:
    prepare(database, settings().registry_dir, NOW)
    snapshots = Snapshots(database)
    snapshots.refresh()
    front = create_app(settings(), snapshots, now=Clock(NOW))
    client = TestClient(front)
    # Past releases are loaded when they are first asked for.
    with_database = {url: client.get(url) for url in READS}

    with away:
        fresh = TestClient(create_app(settings(), snapshots, now=Clock(NOW)))
        for url in READS:
            assert client.get(url).content == with_database[url].content
            assert fresh.get(url).content == with_database[url].content
        unloaded = fresh.get("/v1/share?release=2")
        unknown = fresh.get("/v1/share?release=6")

    assert [reply.status_code for reply in with_database.values()] == [200] * 17
    for reply in (unloaded, unknown):
        assert reply.status_code == 503
        assert reply.headers["retry-after"] == "5"
    assert (
        fresh.get("/v1/share?release=2&dataset=ai-tools-directory").status_code == 200
    )
    assert fresh.get("/v1/share?release=6").status_code == 404
