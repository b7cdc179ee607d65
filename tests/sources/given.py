"""Payloads to read: recorded ones, and what becomes of them."""

import json
from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from app.domain.observations import Payload
from app.domain.periods import Window
from app.sources.openrouter_rankings import OpenRouterRankings
from tests.sources.upstream import KEY

DATA = Path(__file__).parent / "data"
SAMPLE = (DATA / "sample.json").read_bytes()
TWO_DAYS = (DATA / "two_days.json").read_bytes()
EXPORT = (DATA / "export.csv").read_bytes()

NOW = datetime(2026, 8, 22, 2, 1, 38, tzinfo=UTC)
DAY = Window(date(2026, 5, 24), date(2026, 5, 24))

Wire = dict[str, Any]


def source(
    url: str = "http://127.0.0.1:9",
    *,
    key: str | None = KEY,
    seconds: float = 5,
    now: datetime = NOW,
) -> OpenRouterRankings:
    return OpenRouterRankings(
        url,
        SecretStr(key) if key is not None else None,
        lambda: now,
        timedelta(seconds=seconds),
        timedelta(hours=6),
    )


def answer(
    body: bytes | Wire,
    *,
    first: str = "2026-05-24",
    last: str = "2026-05-24",
    now: datetime = NOW,
) -> Payload:
    """Return a body as it would have been fetched for these days."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    path = "/api/v1/datasets/rankings-daily"
    url = f"https://openrouter.ai{path}?start_date={first}&end_date={last}"
    return Payload(raw, "application/json", url, now)


def changed(change: Callable[[Wire], object]) -> Wire:
    """Return the sample after `change`."""
    found: Wire = deepcopy(json.loads(SAMPLE))
    change(found)
    return found


def set_row(**values: object) -> Callable[[Wire], object]:
    return lambda wire: wire["data"][1].update(values)


def set_meta(**values: object) -> Callable[[Wire], object]:
    return lambda wire: wire["meta"].update(values)


def drop(*path: Any) -> Callable[[Wire], object]:
    def _drop(wire: Any) -> None:
        for key in path[:-1]:
            wire = wire[key]
        del wire[path[-1]]

    return _drop


def window(first: str, last: str) -> Window:
    return Window(date.fromisoformat(first), date.fromisoformat(last))
