"""Quotas that many processes share: never more than is published, in any span."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import httpx2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from app.errors import UnavailableError, UpstreamError
from app.services import quotas
from app.services.quotas import Shared
from app.sources.openrouter_rankings import OpenRouterRankings
from app.store.database import Database
from tests.services.published import NOW
from tests.sources.given import DAY
from tests.sources.upstream import KEY, FakeOpenRouter, Fault

MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_processes_share_a_quota(database: Database, clock: Clock) -> None:
    one, other = (Shared(database, "api", 6, MINUTE, clock) for _ in range(2))

    assert [one.wait(0), other.wait(0), one.wait(0)] == [True] * 3
    assert [other.wait(0), one.wait(0)] == [False, False]
    clock.now += MINUTE - SECOND
    assert not other.wait(0)
    clock.now += SECOND
    assert other.wait(0)


def test_quotas_are_told_apart_by_name_and_length(
    database: Database, clock: Clock
) -> None:
    found = [
        Shared(database, name, 2, per, clock).wait(0)
        for name, per in [("a", MINUTE), ("b", MINUTE), ("a", 2 * MINUTE)]
    ]

    assert found == [True] * 3
    assert not Shared(database, "a", 2, MINUTE, clock).wait(0)


def test_a_turn_is_waited_for_if_it_comes_in_time(database: Database) -> None:
    begun = time.monotonic()

    def now() -> datetime:
        return NOW + timedelta(seconds=time.monotonic() - begun)

    shared = Shared(database, "api", 2, SECOND, now)

    assert shared.wait(0)
    assert not shared.wait(0.2)
    assert shared.wait(3)
    assert 1 <= time.monotonic() - begun < 3


def test_what_failed_is_not_tried_again_at_the_cost_of_others(
    database: Database, clock: Clock
) -> None:
    shared = Shared(database, "api", 12, MINUTE, clock, retries=6)

    assert [shared.wait(0, again=True) for _ in range(4)] == [True] * 3 + [False]
    assert [shared.wait(0) for _ in range(4)] == [True] * 3 + [False]


def test_a_clock_that_was_ahead_does_not_close_a_quota_for_as_long(
    database: Database, clock: Clock
) -> None:
    shared = Shared(database, "api", 2, MINUTE, clock)
    clock.now += timedelta(days=1)
    assert shared.wait(0)

    clock.now = NOW

    assert not shared.wait(0)
    clock.now += MINUTE
    assert shared.wait(0)


def test_many_at_once_get_no_more_than_there_is(
    database: Database, clock: Clock
) -> None:
    def _ask(_: int) -> bool:
        return Shared(database, "api", 10, MINUTE, clock).wait(0)

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(_ask, range(12)))

    assert sum(found) == 5


@given(st.lists(st.integers(0, 25), min_size=1, max_size=40))
@settings(max_examples=25, deadline=None)
def test_no_span_has_more_calls_than_are_published(
    counted: Callable[[list[int]], list[int]], pauses: list[int]
) -> None:
    made = counted(pauses)

    assert made
    for first in made:
        assert sum(first <= moment < first + 60 for moment in made) <= 8


@pytest.fixture(scope="session")
def counted(
    sqlite_template: object, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[list[int]], list[int]]:
    """Return the seconds at which a call was let through, of 8 in a minute."""
    copy = tmp_path_factory.mktemp("quota") / "census.db"
    copy.write_bytes(sqlite_template.read_bytes())  # type: ignore[attr-defined]
    database, names = Database(f"sqlite:///{copy}"), iter(range(10**6))

    def _counted(pauses: list[int]) -> list[int]:
        clock, passed, made = Clock(), 0, []
        shared = Shared(database, f"api {next(names)}", 8, MINUTE, clock)
        for pause in pauses:
            passed += pause
            clock.now = NOW + passed * SECOND
            made += [passed] * sum(shared.wait(0) for _ in range(3))
        return made

    return _counted


def rankings(
    database: Database, url: str, clock: Clock, *shared: Shared
) -> OpenRouterRankings:
    of_key = shared or quotas.data_api(database, clock)
    timeout, every = timedelta(seconds=2), timedelta(hours=6)
    return OpenRouterRankings(url, SecretStr(KEY), clock, timeout, every, of_key)


def test_two_processes_keep_the_published_quotas_together(
    database: Database, clock: Clock
) -> None:
    with FakeOpenRouter() as upstream, httpx2.Client() as client:
        upstream.fail(Fault.BUSY, times=1, retry_after="1")
        sources = [rankings(database, upstream.url, clock) for _ in range(2)]
        for number in range(14):
            sources[number % 2].fetch(client, DAY)

        for source in sources:
            with pytest.raises(UpstreamError, match="our share of its quota is used"):
                source.fetch(client, DAY)
        clock.now += MINUTE
        sources[0].fetch(client, DAY)

    # The one that was answered 429 counts, and its retry.
    assert len(upstream.asked) == 15 + 1


def test_only_the_first_attempt_of_a_fetch_has_all_of_the_quota(
    database: Database, clock: Clock
) -> None:
    shared = Shared(database, "api", 12, MINUTE, clock, retries=4)
    with FakeOpenRouter() as upstream, httpx2.Client() as client:
        source = rankings(database, upstream.url, clock, shared)
        upstream.fail(Fault.ERROR)
        with pytest.raises(UpstreamError, match="our share of its quota is used"):
            source.fetch(client, DAY)
        failed = len(upstream.asked)
        upstream.mend()
        for _ in range(4):
            source.fetch(client, DAY)

    assert failed == 2


def test_what_cannot_be_counted_is_not_asked(
    new_sqlite: Callable[[], str], clock: Clock
) -> None:
    database = Database(new_sqlite().replace("census_", "lost_"))
    with FakeOpenRouter() as upstream, httpx2.Client() as client:
        with pytest.raises(UnavailableError, match="There is no record"):
            rankings(database, upstream.url, clock).fetch(client, DAY)

        assert upstream.asked == []
