"""The door, in memory: a small census, and the bundled one."""

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from app.api.front import Front
from app.main import create_app
from app.services.preparing import prepare
from app.services.snapshots import Snapshots
from app.settings import Settings
from app.store.database import Database
from tests.api.small import FIRST, NOW, SECOND, Published

PUBLIC = "https://census.example"

Ask = Callable[[str], Any]


class Clock:
    """A clock that stands still until it is set."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


def settings(**other: Any) -> Settings:
    given: dict[str, Any] = {"public_url": PUBLIC, "access_log": False} | other
    return Settings(_env_file=None, **given)


@pytest.fixture
def clock() -> Clock:
    return Clock(NOW)


@pytest.fixture
def published() -> Published:
    """Releases 1 and 2 of the small census."""
    return Published(FIRST, SECOND)


@pytest.fixture
def front(published: Published, clock: Clock) -> Iterator[Front]:
    front = create_app(settings(), published, now=clock)
    yield front
    front.state.door.drawing.close()


@pytest.fixture
def client(front: Front) -> TestClient:
    """Ask the small census; nothing runs beside the answering."""
    return TestClient(front, follow_redirects=False)


@pytest.fixture(scope="session")
def bundled_snapshots(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Snapshots]:
    """The bundled releases, loaded from a record of SQLite."""
    folder: Path = tmp_path_factory.mktemp("bundled")
    database = Database(f"sqlite:///{folder / 'census.db'}", create=True)
    prepare(database, settings().registry_dir, NOW)
    snapshots = Snapshots(database)
    snapshots.refresh()
    yield snapshots
    database.close()


@pytest.fixture(scope="session")
def bundled(bundled_snapshots: Snapshots) -> Iterator[TestClient]:
    """Ask the bundled census on 20 October 2026."""
    front = create_app(settings(), bundled_snapshots, now=Clock(NOW))
    yield TestClient(front, follow_redirects=False)
    front.state.door.drawing.close()
