"""An upstream on the loopback, a client to read it with, and one who reads."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
import stamina

from app.domain.snapshot import Snapshot
from app.store.database import Database
from tests.services import listed, listing_reader, published
from tests.services.listing_reader import ListReader
from tests.services.reading import FIRST, NOW, SECOND, THIRD, Reader
from tests.sources.shelf import Shelf
from tests.sources.upstream import FakeOpenRouter


@pytest.fixture
def upstream() -> Iterator[FakeOpenRouter]:
    """An OpenRouter that knows nothing yet."""
    with FakeOpenRouter() as fake:
        yield fake


@pytest.fixture(scope="session")
def client() -> Iterator[httpx2.Client]:
    with httpx2.Client(trust_env=False) as opened:
        yield opened


@pytest.fixture
def hurried() -> Iterator[None]:
    """Retry as often as ever, without the pauses."""
    stamina.set_testing(True, attempts=100, cap=True)
    yield
    stamina.set_testing(False)


@pytest.fixture
def reader(
    database: Database, upstream: FakeOpenRouter, client: httpx2.Client
) -> Reader:
    """A record that knows no day, and an upstream that knows three."""
    published.begin(database, at=NOW)
    upstream.days = {
        FIRST: [("acme/one", 70), ("other", 30)],
        SECOND: [("acme/one", 80), ("bolt/two:free", 15), ("other", 5)],
        THIRD: [("bolt/two:free", 90)],
    }
    return Reader(database, upstream, client)


@pytest.fixture
def lists(database: Database, client: httpx2.Client) -> Iterator[ListReader]:
    """A record that knows `acme/one` and `bolt/two:free`, and a list to be said."""
    published.begin(database, at=listing_reader.NOW - listing_reader.DAY)
    with Shelf() as shelf:
        yield ListReader(database, shelf, client)


@pytest.fixture(scope="session")
def listed_snapshot(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Snapshot:
    """The small census to list."""
    path = tmp_path_factory.mktemp("listed") / "census.db"
    shutil.copy(sqlite_template, path)
    opened = Database(f"sqlite:///{path}")
    listed.fill(opened)
    found = published.load(opened)
    opened.close()
    return found
