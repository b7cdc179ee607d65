"""A source that is due, and what became of it."""

import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from threading import Event

import httpx2

from app.domain.observations import Batch, Payload
from app.domain.periods import Window
from app.schedule import Schedule
from app.sources.source import Source
from app.store.database import Database
from tests.services import published
from tests.sources import given
from tests.sources.upstream import FakeOpenRouter

DAY = date(2025, 1, 1)
NOW = datetime(2025, 1, 2, 2, tzinfo=UTC)
LONG = 20  # seconds; a wait that is ended by what it waits for


class Due:
    """A source that is due every second, and counts how often it was asked for."""

    name = "openrouter-rankings"
    dataset = published.TOKENS
    every = timedelta(seconds=1)

    def __init__(self, upstream: FakeOpenRouter, *, seconds: float = 5) -> None:
        self._source = given.source(upstream.url, now=NOW, seconds=seconds)
        self.times = 0
        self.asked = Event()

    def windows(self, known: Window | None, today: date) -> list[Window]:
        self.times += 1
        self.asked.set()
        return list(self._source.windows(known, today))

    def fetch(self, client: httpx2.Client, window: Window) -> Payload:
        return self._source.fetch(client, window)

    def parse(self, payload: Payload) -> list[Batch]:
        return self._source.parse(payload)


class Clock:
    """Goes on from `NOW`, and from wherever else it is set to."""

    def __init__(self) -> None:
        self.set(NOW)

    def set(self, moment: datetime) -> None:
        self._ahead = moment - datetime.now(UTC)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self._ahead


def schedule(
    record: Database, *sources: Source, now: Callable[[], datetime] | None = None
) -> Schedule:
    return Schedule(record, sources, now or Clock())


def wait_until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LONG
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def verdicts(record: Database) -> list[str]:
    found = published.load(record).runs.get(published.TOKENS, ())
    return [run.verdict for run in reversed(found)]


def ended(record: Database) -> list[str]:
    return [verdict for verdict in verdicts(record) if verdict != "running"]
