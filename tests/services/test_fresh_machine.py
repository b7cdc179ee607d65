"""A new record without a key: the bundle, then the exports, up to yesterday."""

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import httpx2
import pytest

from app.services import deciding, ingest
from app.services.preparing import prepare
from app.sources.openrouter_exports import OpenRouterExports
from app.store.database import Database
from tests.registry.bundled import FOLDER
from tests.services import published, real_days
from tests.sources.exports import HEADER, FakeExports

FIRST, LAST = date(2026, 3, 30), date(2026, 8, 21)
OLDEST = date(2026, 9, 19)
NOW = datetime(2026, 11, 24, 6, tzinfo=UTC)
DAY = timedelta(days=1)
WEEK = (1.0, 1.02, 1.03, 1.01, 0.97, 0.86, 0.88)


def onwards() -> dict[date, dict[str, int]]:
    """Return days as they might have gone on from the last bundled one."""
    chance = random.Random(4)  # noqa: S311 (made-up numbers, not secrets)
    last = real_days.days()[LAST]
    level = {model: volume / WEEK[LAST.weekday()] for model, volume in last.items()}
    found = {LAST: dict(last)}
    day = LAST
    while day < NOW.date() - DAY:
        day += DAY
        level = {m: v * chance.gauss(1.003, 0.03) for m, v in level.items()}
        found[day] = {m: int(v * WEEK[day.weekday()]) for m, v in level.items()}
    return found


def table(days: dict[date, dict[str, int]], last: date) -> bytes:
    lines = [HEADER]
    for day in (last - DAY * n for n in range(29, -1, -1)):
        told = days.get(day) or real_days.days()[day]
        total = sum(told.values())
        listed = sorted((v, m) for m, v in told.items() if m != "other")[::-1]
        lines += [
            f"{day},{m},{n},{v},{v / total}" for n, (v, m) in enumerate(listed, 1)
        ]
        lines.append(f"{day},other,,{told['other']},{told['other'] / total}")
    return "".join(f"{line}\r\n" for line in lines).encode()


@pytest.fixture
def upstream() -> Iterator[FakeExports]:
    days = onwards()
    with FakeExports() as serving:
        named = OLDEST
        while named <= NOW.date():
            serving.files[named] = table(days, named - DAY)
            named += DAY
        yield serving


def test_a_fresh_machine_ends_with_every_day_to_yesterday(
    database: Database, upstream: FakeExports
) -> None:
    prepare(database, FOLDER, NOW)
    source = OpenRouterExports(
        upstream.url, lambda: NOW, timedelta(seconds=20), timedelta(hours=6)
    )
    with httpx2.Client() as client:
        runs = ingest.read(
            database, source, client, trigger="schedule", now=lambda: NOW
        )

    view = published.view(published.load(database))
    told = real_days.days() | onwards()
    assert runs is not None
    assert [(run.verdict, run.reason) for run in runs] == [("published", None)] * 4
    assert deciding.waiting(database) == []
    assert list(view.days) == [
        FIRST + DAY * n for n in range((NOW.date() - FIRST).days)
    ]
    assert published.numbers(view) == told
