"""Of many readers one reads; one that is late, or gone, is found out."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from app.domain.observations import Batch, Observation, Payload
from app.services import ingest, leases
from app.services.ingest import Job
from app.store.database import Database
from tests.services import published
from tests.services.reading import (
    HOUR,
    NAME,
    NOW,
    Reader,
    verdicts,
)


def test_of_two_readers_one_reads(reader: Reader) -> None:
    found: list[object] = []
    other = Reader(reader.database, reader.upstream, reader.client)
    reader.meanwhile.append(lambda: found.append(other.read()))

    reader.read()

    assert found == [None]
    assert len(reader.upstream.asked) == 1
    assert verdicts(reader.database) == ["published"]
    assert other.read_one().verdict == "unchanged"


def test_a_reader_that_wakes_up_late_is_refused(reader: Reader) -> None:
    other = Reader(reader.database, reader.upstream, reader.client)
    other.later(leases.LASTS)
    found: list[str] = []

    def _overtake() -> None:
        found.append(other.read_one().verdict)

    reader.meanwhile.append(_overtake)

    late = reader.read_one()

    assert found == ["published"]
    assert (late.verdict, late.reason) == (
        "failed",
        "Another process reads openrouter-rankings by now; nothing was written.",
    )
    assert published.head(reader.database) == 2


def test_a_run_that_was_interrupted_has_failed_by_the_next_read(
    reader: Reader,
) -> None:
    with reader.database.write() as session:
        for source in (NAME, "at work", "lost"):
            ingest.open_run(session, Job(source, published.TOKENS, "schedule"), NOW)
    leases.acquire(reader.database, "at work", "somebody", NOW + HOUR)

    reader.later().read()

    assert verdicts(reader.database) == ["failed", "running", "failed", "published"]
    for number in (1, 3):
        row = published.run_row(reader.database, number)
        assert (row.reason, row.finished_at) == (
            "The process ended before the run did.",
            NOW + HOUR,
        )


def test_a_bug_of_ours_gives_the_lease_back_and_is_told_by_the_next_read(
    reader: Reader,
) -> None:
    def _bug() -> None:
        raise ZeroDivisionError

    reader.meanwhile.append(_bug)
    with pytest.raises(ZeroDivisionError):
        reader.read()

    assert verdicts(reader.database) == ["running"]
    reader.read()
    assert verdicts(reader.database) == ["failed", "published"]


@pytest.mark.parametrize("error", [ZeroDivisionError, KeyboardInterrupt])
def test_what_nobody_else_would_end_is_ended_by_what_cuts_it_off(
    database: Database, error: type[BaseException]
) -> None:
    class _Broken(list[Observation]):
        def __iter__(self) -> Iterator[Observation]:
            raise error

    def _bug(payload: Payload) -> list[Batch]:
        raise error(payload.url)

    published.begin(database)
    batch = published.batch(NOW, {published.MONDAY: {"acme/one": 1}})
    broken = replace(batch, observations=_Broken(batch.observations))
    for parse in (_bug, lambda _: [broken]):
        with pytest.raises(error):
            ingest.take(
                database,
                lambda: Payload(b"one", "text/plain", "https://one.example/", NOW),
                parse,
                Job("push:one", published.TOKENS, "push"),
                now=lambda: NOW,
            )

    assert verdicts(database) == ["failed", "failed"]
    for number in (1, 2):
        row = published.run_row(database, number)
        assert row.reason == f"Cut off: {error.__name__}."
        assert row.finished_at == NOW


def test_a_clock_that_goes_back_does_not_end_a_run_before_it_began(
    reader: Reader,
) -> None:
    reader.meanwhile.append(lambda: reader.later(-timedelta(minutes=3)))

    run = reader.read_one()

    assert run.verdict == "published"
    assert run.finished_at == run.started_at == NOW
