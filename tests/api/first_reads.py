"""A record that reads tasks, apps and downloads for the first time, and the door to it.

The registry is that of `tests.services.published`: acme/one of Acme Labs, US, with open
weights, and bolt/two:free of nobody knows where.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
from pydantic import SecretStr
from starlette.testclient import TestClient

from app.domain.datasets import Run
from app.domain.registry import Alias
from app.main import create_app
from app.services import ingest, verify
from app.services.curate import Edit
from app.services.snapshots import Snapshots
from app.sources.huggingface import HuggingFace
from app.sources.openrouter_apps import OpenRouterApps
from app.sources.openrouter_tasks import OpenRouterTasks
from app.sources.source import Source
from app.store.database import Database
from tests.api.conftest import Clock, settings
from tests.services import published
from tests.sources.pages import FakeApps
from tests.sources.upstream import KEY, Upstream

TASKS, APPS = "openrouter-tasks", "openrouter-apps"
DOWNLOADS = "huggingface-downloads"
READ = datetime(2026, 8, 24, 12, tzinfo=UTC)
DAY = READ.date()
WHEN = "as of 24 August 2026"
_EVERY = timedelta(days=1)
_SOON = timedelta(seconds=5)


class FakeTasks(Upstream):
    """Classifications of tasks: `shares` by tag, each with its name."""

    def __init__(self, shares: Mapping[str, float]) -> None:
        super().__init__()
        self.shares = shares
        self.day = DAY

    def answer(self, path: str, key: str | None) -> tuple[int, bytes]:
        assert (path, key) == (
            "/api/v1/classifications/task?window=7d",
            f"Bearer {KEY}",
        )
        tags = [
            {"tag": tag, "display_name": tag.title(), "token_share": share}
            for tag, share in self.shares.items()
        ]
        data = {
            "window_days": 7,
            "as_of": str(self.day),
            "classifications": tags,
        }
        return 200, json.dumps({"data": data}).encode()


class NamedApps(FakeApps):
    """The ranking of applications; the first ones go by these names."""

    def __init__(self, tokens: Sequence[int], names: Sequence[str | None]) -> None:
        super().__init__(tokens)
        self.names = names

    def name(self, place: int) -> str | None:
        return self.names[place]


class Reader:
    """Reads on the hour, and asks the door what is known then."""

    def __init__(self, database: Database) -> None:
        published.begin(database)
        self.database = database
        self.now = READ
        self.snapshots = Snapshots(database)
        self._clock = Clock(READ)
        front = create_app(settings(), self.snapshots, now=self._clock)
        self.client = TestClient(front, follow_redirects=False)

    def tasks(self, fake: Upstream) -> Run:
        return self._read(OpenRouterTasks(fake.url, *self._keyed()))

    def apps(self, fake: Upstream) -> Run:
        return self._read(OpenRouterApps(fake.url, *self._keyed()))

    def downloads(self, fake: Upstream) -> Run:
        return self._read(self.hub(fake.url))

    def hub(self, url: str = "http://127.0.0.1:9") -> HuggingFace:
        return HuggingFace(url, lambda: self.now, _SOON, _EVERY)

    def _keyed(
        self,
    ) -> tuple[SecretStr, Callable[[], datetime], timedelta, timedelta]:
        return SecretStr(KEY), lambda: self.now, _SOON, _EVERY

    def _read(self, source: Source) -> Run:
        with httpx2.Client(trust_env=False) as client:
            runs = ingest.read(
                self.database, source, client, trigger="cli", now=lambda: self.now
            )
        assert runs is not None
        (run,) = runs
        return run

    def alias(self, name: str, base: str) -> None:
        """Let the registry say that a repository holds the weights of a base."""
        alias = Alias("huggingface", name, base, "base")
        published.apply(self.database, Edit(aliases=[alias]), at=self.now)

    def get(self, url: str) -> Any:
        """Return the reply to a question, of what is known now."""
        self._clock.now = self.now
        self.snapshots.refresh()
        return self.client.get(url)

    def ask(self, url: str) -> Any:
        reply = self.get(url)
        assert reply.status_code == 200, reply.text
        return reply.json()

    def rows(self, url: str, *columns: str) -> list[tuple[Any, ...]]:
        return [
            tuple(row[column] for column in columns) for row in self.ask(url)["data"]
        ]

    def models(self) -> set[str]:
        """Return the models that the registry knows."""
        return set(published.load(self.database).registry.models)

    def problems(self) -> tuple[str, ...]:
        """Return what does not hold together, derived again from the payloads."""
        parsers = {
            source.name: source.parse
            for source in (
                OpenRouterTasks("http://127.0.0.1:9", *self._keyed()),
                OpenRouterApps("http://127.0.0.1:9", *self._keyed()),
                self.hub(),
            )
        }
        found = verify.verify(self.database, parsers)
        assert found.derived
        return found.problems
