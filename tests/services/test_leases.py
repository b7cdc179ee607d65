"""One reader at a time, and a late one is refused."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import enumerate as threads

import pytest

from app.errors import StaleBatchError
from app.services import leases
from app.services.ingest import Job
from app.services.leases import LASTS, Lease, alone
from app.store.database import Database
from app.store.operational import LeaseRow
from tests.services import published
from tests.services.published import MONDAY, NOW, batch, moment

SECOND = timedelta(seconds=1)


def test_the_second_reader_waits_for_the_first(database: Database) -> None:
    first = leases.acquire(database, "rankings", "one", NOW)

    assert first == Lease("rankings", 1)
    assert leases.acquire(database, "rankings", "two", NOW + LASTS - SECOND) is None
    assert leases.acquire(database, "models", "two", NOW) == Lease("models", 1)

    leases.release(database, first, NOW + SECOND)

    assert leases.acquire(database, "rankings", "two", NOW + SECOND) == Lease(
        "rankings", 2
    )


def test_a_reader_that_is_gone_is_waited_for_until_its_lease_ends(
    database: Database,
) -> None:
    leases.acquire(database, "rankings", "one", NOW)

    assert leases.acquire(database, "rankings", "two", NOW + LASTS) == Lease(
        "rankings", 2
    )


def test_a_late_reader_does_not_give_back_the_lease_of_another(
    database: Database,
) -> None:
    late = leases.acquire(database, "rankings", "one", NOW)
    leases.acquire(database, "rankings", "two", NOW + LASTS)

    assert late
    leases.release(database, late, NOW + LASTS)

    assert leases.acquire(database, "rankings", "three", NOW + LASTS + SECOND) is None


def test_only_the_newest_token_may_write(database: Database) -> None:
    late = leases.acquire(database, "rankings", "one", NOW)
    newest = leases.acquire(database, "rankings", "two", NOW + LASTS)

    assert late
    assert newest
    with database.write() as session:
        leases.show(session, newest)
        with pytest.raises(StaleBatchError, match="Another process reads rankings"):
            leases.show(session, late)
        with pytest.raises(StaleBatchError):
            leases.show(session, Lease("never taken", 1))


def test_a_lease_from_a_clock_that_is_a_day_ahead_is_not_waited_for(
    database: Database,
) -> None:
    ahead = leases.acquire(database, "rankings", "one", NOW + timedelta(days=1))

    assert leases.acquire(database, "rankings", "two", NOW) == Lease("rankings", 2)
    assert ahead
    with database.write() as session, pytest.raises(StaleBatchError):
        leases.show(session, ahead)


def test_only_the_holder_may_keep_a_lease(database: Database) -> None:
    late = leases.acquire(database, "rankings", "one", NOW)
    assert late
    assert leases.renew(database, late, NOW + LASTS - SECOND)
    assert leases.acquire(database, "rankings", "two", NOW + LASTS) is None
    leases.acquire(database, "rankings", "two", NOW + 2 * LASTS)

    assert not leases.renew(database, late, NOW + 2 * LASTS)
    with database.write() as session:
        leases.show(session, Lease("rankings", 2))


def wait_until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_lease_is_kept_for_as_long_as_its_holder_lives(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leases, "_SIGNS", 4_000)
    clock = [NOW]

    def _free(moment: datetime) -> bool:
        # Asks and takes nothing: a lease that is not free stays as it is.
        return leases.acquire(database, "rankings", "two", moment) is not None

    with alone(database, "rankings", lambda: clock[0]) as lease:
        assert lease == Lease("rankings", 1)
        for _ in range(3):
            clock[0] += LASTS - SECOND
            wait_until(lambda: not _is_due(database, clock[0] + 2 * SECOND))
            assert not _free(clock[0] + 2 * SECOND)
        assert renewing() == 1

    assert renewing() == 0
    assert _free(clock[0])


def renewing() -> int:
    return sum(thread.name == "lease of rankings" for thread in threads())


def _is_due(database: Database, moment: datetime) -> bool:
    with database.read() as session:
        return session.get_one(LeaseRow, "rankings").expires_at <= moment


def test_a_holder_that_lost_its_lease_stops_asking_for_it(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leases, "_SIGNS", 4_000)

    with alone(database, "rankings", lambda: NOW) as lease:
        assert leases.acquire(database, "rankings", "two", NOW + LASTS)
        wait_until(lambda: renewing() == 0)

    assert lease == Lease("rankings", 1)
    assert leases.acquire(database, "rankings", "three", NOW + LASTS) is None


def test_nobody_else_gets_in_meanwhile(database: Database) -> None:
    def now() -> datetime:
        return datetime.now(UTC)

    with alone(database, "rankings", now), alone(database, "rankings", now) as second:
        assert second is None

    with alone(database, "rankings", now) as third:
        assert third == Lease("rankings", 2)


def test_what_a_late_reader_has_read_is_not_published(database: Database) -> None:
    published.begin(database)
    late = leases.acquire(database, "rankings", "one", NOW)
    leases.acquire(database, "rankings", "two", NOW + LASTS)

    (run,) = published.take(
        database,
        batch(moment(26), {MONDAY: {"acme/one": 1}}),
        job=Job("rankings", published.TOKENS, "schedule", late),
    )

    assert (run.verdict, run.reason) == (
        "failed",
        "Another process reads rankings by now; nothing was written.",
    )
    assert published.head(database) == 1
