"""Reads an upstream on the loopback into a record, at a time of one's own."""

import zlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

import httpx2
from sqlalchemy import select
from sqlmodel import col

from app.domain.datasets import Run
from app.domain.observations import Batch, Payload
from app.domain.periods import Window
from app.services import ingest
from app.sources.openrouter_rankings import OpenRouterRankings
from app.store.database import Database
from app.store.tables import PayloadRow, RunRow
from tests.services import published
from tests.sources import given
from tests.sources.upstream import KEY, FakeOpenRouter

FIRST, SECOND, THIRD = (date(2025, 1, day) for day in (1, 2, 3))
NOW = datetime(2025, 1, 4, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)
NAME = "openrouter-rankings"


@dataclass
class Reader:
    """Reads the upstream into a record, at a time that only moves when it is told."""

    database: Database
    upstream: FakeOpenRouter
    client: httpx2.Client
    now: datetime = NOW
    key: str | None = KEY
    seconds: float = 5
    meanwhile: list[Callable[[], object]] = field(default_factory=list)
    """What happens while an answer is on its way, a call each."""
    spoilt: tuple[bytes, bytes] = (b"", b"")
    """What an answer would say, and what it says."""

    name = NAME
    dataset = published.TOKENS
    every = 6 * HOUR

    def windows(self, known: Window | None, today: date) -> list[Window]:
        return list(self._source().windows(known, today))

    def fetch(self, client: httpx2.Client, window: Window) -> Payload:
        payload = self._source().fetch(client, window)
        if self.meanwhile:
            self.meanwhile.pop(0)()
        return replace(payload, body=payload.body.replace(*self.spoilt))

    def parse(self, payload: Payload) -> list[Batch]:
        return self._source().parse(payload)

    def _source(self) -> OpenRouterRankings:
        return given.source(
            self.upstream.url, key=self.key, seconds=self.seconds, now=self.now
        )

    def read(self) -> list[Run] | None:
        """Read now, from an upstream that has just been brought up to date."""
        self.upstream.as_of = self.now - timedelta(minutes=1)
        return ingest.read(
            self.database,
            self,
            self.client,
            trigger="schedule",
            now=lambda: self.now,
        )

    def read_one(self) -> Run:
        (run,) = self.read() or []
        return run

    def later(self, by: timedelta = HOUR) -> "Reader":
        self.now += by
        return self


def volumes(database: Database) -> dict[date, dict[str, int]]:
    return published.numbers(published.view(published.load(database)))


def payloads(database: Database) -> dict[str, bytes]:
    with database.read() as session:
        rows = session.scalars(select(PayloadRow)).all()
        return {row.sha256: zlib.decompress(row.body) for row in rows}


def verdicts(database: Database) -> list[str]:
    with database.read() as session:
        order = col(RunRow.id)
        return list(session.scalars(select(col(RunRow.verdict)).order_by(order)))
