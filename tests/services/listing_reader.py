"""Reads lists of models on the loopback into a record, at a time of one's own."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx2

from app.domain.datasets import Run
from app.domain.listings import Listing
from app.domain.observations import Payload
from app.domain.registry import Attribution, Registry, Subject
from app.services import listings
from app.sources.modelsdev import ModelsDev
from app.sources.openrouter_models import OpenRouterModels
from app.store.database import Database
from tests.services import published
from tests.sources.shelf import Shelf

NOW = datetime(2026, 8, 25, 4, tzinfo=UTC)
TODAY = NOW.date()
DAY = timedelta(days=1)
OURS = OpenRouterModels.name
SAME = {"prompt": "0.000002", "completion": "0.00001"}
MODELS, DEV = OpenRouterModels.path, ModelsDev.path

Row = tuple[str, str, str, date, date | None]
"""Attribute, value, source, first day and end of a claim."""


def entry(slug: str, name: str | None = None, **more: Any) -> dict[str, Any]:
    """Return an entry of OpenRouter's list; `prompt` and `completion` are prices."""
    pricing = {k: more.pop(k) for k in ("prompt", "completion") if k in more}
    base, _, _ = slug.partition(":")
    return {
        "id": slug,
        "canonical_slug": base,
        "name": name or slug,
        "created": 1,
        "pricing": pricing,
        **more,
    }


def many(count: int, **more: Any) -> list[dict[str, Any]]:
    """Return entries of models by one maker, all with the same prices."""
    return [entry(f"acme/m{n}", **more) for n in range(count)]


def twenty(**changes: dict[str, Any]) -> list[dict[str, Any]]:
    """Return twenty models; `m0={…}` changes one of them."""
    found = {one["id"].partition("/")[2]: one for one in many(20, **SAME)}
    return [found[name] | changes.get(name, {}) for name in found]


def renamed(count: int) -> list[dict[str, Any]]:
    return twenty(**{f"m{n}": {"name": f"Other {n}"} for n in range(count)})


def priced(count: int, prompt: str) -> list[dict[str, Any]]:
    pricing = {"pricing": SAME | {"prompt": prompt}}
    return twenty(**{f"m{n}": pricing for n in range(count)})


@dataclass
class ListReader:
    """A list of models, and who reads it; time moves only when it is told to."""

    database: Database
    shelf: Shelf
    client: httpx2.Client
    now: datetime = NOW
    meanwhile: list[Callable[[], object]] = field(default_factory=list)
    """What happens while an answer is on its way, a call each."""

    name = OpenRouterModels.name
    every = DAY

    def fetch(self, client: httpx2.Client) -> Payload:
        payload = self._source().fetch(client)
        if self.meanwhile:
            self.meanwhile.pop(0)()
        return payload

    def parse(self, payload: Payload) -> Listing:
        return self._source().parse(payload)

    def _source(self) -> OpenRouterModels:
        return OpenRouterModels(
            self.shelf.url, lambda: self.now, timedelta(seconds=5), DAY
        )

    def say(self, *entries: Mapping[str, Any]) -> None:
        self.shelf.bodies[MODELS] = json.dumps({"data": entries}).encode()

    def read(self, *entries: Mapping[str, Any]) -> Run:
        """Read the list as it is, or a list of these."""
        if entries:
            self.say(*entries)
        run = self.try_to_read()
        assert run is not None
        return run

    def try_to_read(self, wanted: Callable[[], bool] = lambda: True) -> Run | None:
        return listings.read(
            self.database,
            self,
            self.client,
            trigger="cli",
            now=lambda: self.now,
            wanted=wanted,
        )

    def read_modelsdev(self, **models: Mapping[str, Any]) -> Run:
        """Read models.dev, of which each entry is given by its id."""
        found = {
            name: {"id": name, "name": name} | dict(m) for name, m in models.items()
        }
        body = {"openrouter": {"models": found}}
        self.shelf.bodies[DEV] = json.dumps(body).encode()
        source = ModelsDev(self.shelf.url, lambda: self.now, timedelta(seconds=5), DAY)
        run = listings.read(
            self.database, source, self.client, trigger="cli", now=lambda: self.now
        )
        assert run is not None
        return run

    def accept(self, run: Run, **said: str) -> Run:
        return listings.accept(
            self.database,
            run.id,
            self.parse,
            now=self.now,
            **{"actor": "Ada", "reason": "The maker says so.", **said},
        )

    def later(self, by: timedelta = DAY) -> "ListReader":
        self.now += by
        return self

    def registry(self) -> Registry:
        return published.load(self.database).registry

    def claims(self, slug: str) -> list[Attribution]:
        found = self.registry().claims(Subject.MODEL, slug)
        return [replace(claim, since=0) for claim in found]

    def rows(self, slug: str, *attributes: str) -> list[Row]:
        return [
            (c.attribute, c.value, c.source, c.valid_from, c.valid_to)
            for c in self.claims(slug)
            if c.attribute in attributes
        ]

    def summary(self) -> str:
        return published.load(self.database).release.summary
