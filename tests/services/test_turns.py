"""When a source is read next, by what the record says of its last run."""

from datetime import timedelta

import pytest

from app.services import endings, ingest, turns
from app.services.ingest import Job
from app.store.database import Database
from tests.services import published
from tests.services.published import NOW

EVERY = timedelta(hours=6)
HOUR = timedelta(hours=1)


def leave(
    database: Database,
    ago: timedelta,
    verdict: str,
    name: str,
    trigger: str = "cli",
) -> None:
    with database.write() as session:
        job = Job(name, published.TOKENS, trigger)
        row = ingest.open_run(session, job, NOW - ago)
        if verdict != "running":
            endings.close_run(row, verdict, NOW - ago)


def test_a_source_that_was_never_read_is_due(database: Database) -> None:
    leave(database, HOUR, "published", "another")

    assert turns.due(database, "rankings", EVERY, NOW) == NOW


@pytest.mark.parametrize(
    ("ago", "verdict", "expected"),
    [
        (2 * HOUR, "published", NOW + 4 * HOUR),
        (2 * HOUR, "rejected", NOW + 4 * HOUR),
        (7 * HOUR, "unchanged", NOW - HOUR),
        (HOUR / 4, "failed", NOW + HOUR * 3 / 4),
        (2 * HOUR, "running", NOW),
        (-72 * HOUR, "published", NOW + EVERY),
    ],
)
def test_the_last_run_says_when(
    database: Database, ago: timedelta, verdict: str, expected: object
) -> None:
    leave(database, 9 * HOUR, "published", "rankings")
    leave(database, ago, verdict, "rankings")
    leave(database, timedelta(), "published", "another")

    assert turns.due(database, "rankings", EVERY, NOW) == expected


def test_a_decision_reads_nothing_and_puts_nothing_off(database: Database) -> None:
    leave(database, 5 * HOUR, "quarantined", "rankings")
    leave(database, HOUR, "published", "rankings", trigger="decision")

    assert turns.due(database, "rankings", EVERY, NOW) == NOW + HOUR


def test_what_is_read_every_minute_does_not_wait_an_hour_after_a_failure(
    database: Database,
) -> None:
    leave(database, timedelta(), "failed", "rankings")

    due = turns.due(database, "rankings", timedelta(minutes=1), NOW)

    assert due == NOW + timedelta(minutes=1)
