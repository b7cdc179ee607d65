"""One reader at a time, and a late one is refused."""

from datetime import timedelta

import pytest

from app.errors import StaleBatchError
from app.services import leases
from app.services.ingest import Job
from app.services.leases import LASTS, Lease
from app.store.database import Database
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
