"""The clock's door: sources are read at start and when they are due, come what may."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest
from pydantic import HttpUrl
from structlog.testing import capture_logs

from app.domain.observations import Batch, Payload
from app.domain.periods import Window
from app.schedule import Schedule
from app.services import endings, ingest, leases
from app.services.ingest import Job
from app.services.leases import Lease
from app.settings import Settings
from app.store import work
from app.store.database import Database
from tests.due import (
    DAY,
    LONG,
    NOW,
    Clock,
    Due,
    ended,
    schedule,
    verdicts,
    wait_until,
)
from tests.house.tree import ROOT
from tests.services import published
from tests.services.listing_reader import MODELS, many
from tests.sources.shelf import Shelf
from tests.sources.upstream import FakeOpenRouter, Fault


@pytest.fixture
def record(new_sqlite: Callable[[], str]) -> Iterator[Database]:
    opened = Database(new_sqlite())
    published.begin(opened, at=NOW)
    yield opened
    opened.close()


@pytest.fixture
def upstream() -> Iterator[FakeOpenRouter]:
    with FakeOpenRouter() as fake:
        fake.days = {DAY: [("acme/one", 7)]}
        fake.as_of = NOW - timedelta(minutes=1)
        yield fake


def test_nothing_is_read_before_the_start(
    record: Database, upstream: FakeOpenRouter
) -> None:
    source = Due(upstream)

    schedule(record, source)

    assert not source.asked.wait(0.2)
    assert verdicts(record) == []


def test_a_source_is_read_at_start_and_again_when_it_is_due(
    record: Database, upstream: FakeOpenRouter
) -> None:
    source = Due(upstream)

    with schedule(record, source):
        wait_until(lambda: len(ended(record)) == 1)
        first = ended(record)
        upstream.days[DAY] = [("acme/one", 8)]
        upstream.as_of += timedelta(seconds=1)
        wait_until(lambda: len(ended(record)) >= 2)

    assert first == ["published"]
    assert ended(record)[:2] == ["published", "published"]
    triggers = {run.trigger for run in published.load(record).runs[published.TOKENS]}
    assert triggers == {"schedule"}
    volumes = published.numbers(published.view(published.load(record)))
    assert volumes == {DAY: {"acme/one": 8}}


def test_a_source_whose_dataset_nobody_declared_is_left_alone(
    record: Database, upstream: FakeOpenRouter
) -> None:
    undeclared, declared = Due(upstream), Due(upstream)
    undeclared.name, undeclared.dataset = "other", "nobodys"

    with capture_logs() as logged, schedule(record, undeclared, declared):
        wait_until(lambda: declared.times >= 3)  # with several looks at the other

    assert undeclared.times == 0
    told = "source left alone: nobody declared its dataset"
    assert [line for line in logged if line["event"] == told] == [
        {"event": told, "log_level": "warning", "source": "other", "dataset": "nobodys"}
    ]
    with record.read() as session:
        sources = {run.source for run in session.scalars(work.last_runs(9))}
    assert undeclared.name not in sources


def test_an_upstream_that_is_away_is_asked_again(
    record: Database, upstream: FakeOpenRouter
) -> None:
    upstream.fail(Fault.MISSING, times=1)

    with schedule(record, Due(upstream)):
        wait_until(lambda: len(ended(record)) >= 2)

    assert ended(record)[:2] == ["failed", "published"]


def test_a_database_that_is_away_is_tried_again(
    record: Database, upstream: FakeOpenRouter, tmp_path: Path
) -> None:
    (path,) = tmp_path.glob("*.db")
    away = path.rename(tmp_path / "away")
    source = Due(upstream)

    with capture_logs() as logged, schedule(record, source):
        wait_until(lambda: bool(logged))
        away.rename(path)
        wait_until(lambda: bool(ended(record)))

    assert (logged[0]["event"], logged[0]["source"]) == (
        "ingestion failed",
        "openrouter-rankings",
    )
    assert str(logged[0]["reason"]).startswith("There is no record ")
    assert ended(record)[0] == "published"


def test_a_bug_in_one_source_leaves_the_others_and_its_next_turn(
    record: Database, upstream: FakeOpenRouter
) -> None:
    class _Broken(Due):
        name = "broken"

        def parse(self, payload: Payload) -> list[Batch]:
            raise ZeroDivisionError(payload.url)

    broken, sound = _Broken(upstream), Due(upstream)

    with schedule(record, broken, sound):
        wait_until(lambda: "published" in verdicts(record))
        wait_until(lambda: broken.times >= 2)

    assert "failed" in verdicts(record)  # by the next turn


def test_a_source_with_a_bug_is_not_asked_every_minute(
    record: Database, upstream: FakeOpenRouter, monkeypatch: pytest.MonkeyPatch
) -> None:
    class _Broken(Due):
        name = "broken"
        every = timedelta(hours=6)

        def parse(self, payload: Payload) -> list[Batch]:
            raise ZeroDivisionError(payload.url)

    monkeypatch.setattr("app.schedule._REST", timedelta(milliseconds=1))
    broken, sound = _Broken(upstream), Due(upstream)

    with schedule(record, broken, sound):
        wait_until(lambda: len(ended(record)) >= 2)

    assert broken.times == 1


def test_two_schedules_read_once(record: Database, upstream: FakeOpenRouter) -> None:
    others: list[Any] = []
    source = Due(upstream)
    source.every = timedelta(hours=6)

    class _Slow(Due):
        every = timedelta(hours=6)

        def fetch(self, client: httpx2.Client, window: Window) -> Payload:
            # Meanwhile another process has its turn, in vain.
            with schedule(record, source):
                time.sleep(0.3)
            others.append(source.times)
            return super().fetch(client, window)

    with schedule(record, _Slow(upstream)):
        wait_until(lambda: bool(ended(record)))

    assert others == [0]
    assert ended(record) == ["published"]
    assert len(upstream.asked) == 1


def test_leaving_does_not_wait_for_a_silent_upstream(
    record: Database, upstream: FakeOpenRouter
) -> None:
    upstream.fail(Fault.SILENCE)
    source = Due(upstream, seconds=3)

    with schedule(record, source):
        wait_until(lambda: bool(upstream.asked))
        leaving = time.monotonic()
    took = time.monotonic() - leaving

    assert took < 1
    upstream.mend()
    with schedule(record, Due(upstream)):
        wait_until(lambda: "published" in verdicts(record))
    assert verdicts(record)[:2] == ["failed", "published"]


def ran(record: Database, moment: datetime, verdict: str = "unchanged") -> None:
    """Leave a run of the source in the record, as another process would."""
    job = Job(Due.name, published.TOKENS, "cli")
    with record.write() as session:
        row = ingest.open_run(session, job, moment)
        if verdict != "running":
            endings.close_run(row, verdict, moment)


HOURS = timedelta(hours=1)


@pytest.mark.parametrize(
    ("last", "ago", "due"),
    [
        ("unchanged", timedelta(hours=5, minutes=59), False),
        ("unchanged", timedelta(hours=6), True),
        ("rejected", timedelta(hours=5), False),
        ("failed", timedelta(minutes=59), False),
        ("failed", timedelta(minutes=60), True),
        ("running", timedelta(minutes=1), True),
        # Of a clock that was ahead: six hours from now, not from then.
        ("unchanged", -timedelta(days=3), False),
    ],
)
def test_a_restart_takes_the_turns_that_were_missed_and_no_others(
    record: Database,
    upstream: FakeOpenRouter,
    last: str,
    ago: timedelta,
    *,
    due: bool,
) -> None:
    ran(record, NOW - ago, last)
    source, other = Due(upstream), Due(upstream)
    source.every = timedelta(hours=6)
    other.name = "looked-at-after-it"

    with schedule(record, source, other):
        assert other.asked.wait(LONG)

    assert (source.times, bool(source.asked.is_set())) == (
        (1, True) if due else (0, False)
    )


def test_a_turn_that_another_process_took_meanwhile_is_not_taken_again(
    record: Database, upstream: FakeOpenRouter
) -> None:
    source, other = Due(upstream), Due(upstream)
    source.every = timedelta(hours=6)
    other.name = "looked-at-after-it"
    begin = leases.acquire

    def _slowly(*given: Any) -> Lease | None:
        # The other reads between our look and our lease.
        ran(record, NOW)
        return begin(*given)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(leases, "acquire", _slowly)
        with schedule(record, source, other):
            assert other.asked.wait(LONG)

    assert source.times == 0
    assert upstream.asked[1:] == []


def test_what_the_settings_ask_for_is_read_lists_of_models_too(
    record: Database,
) -> None:
    clock, sources = Clock(), {"openrouter-models", "modelsdev"}
    with Shelf() as shelf:
        shelf.bodies[MODELS] = json.dumps({"data": many(1, prompt="1")}).encode()
        asked = Settings(
            _env_file=None,
            openrouter_url=HttpUrl(shelf.url),
            modelsdev_url=HttpUrl(shelf.url),
            huggingface_url=HttpUrl(shelf.url),
            source_timeout=timedelta(seconds=5),
        )
        with Schedule.of(asked, record, clock):
            wait_until(lambda: len(lists(record, sources) - {"running"}) == 2)

        assert lists(record, sources) == {"failed", "published"}
        assert "/api/models" in {urlsplit(path).path for path in shelf.asked}


def lists(record: Database, sources: set[str]) -> set[str]:
    with record.read() as session:
        runs = session.scalars(work.last_runs(1))
        return {run.verdict for run in runs if run.source in sources}


def test_a_source_that_another_process_reads_is_looked_at_again_soon(
    record: Database, upstream: FakeOpenRouter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.schedule.LASTS", timedelta(seconds=0.2))
    source, clock, turned_away = Due(upstream), Clock(), Event()
    source.every = timedelta(hours=6)
    begin = leases.acquire

    def _acquire(*given: Any) -> Lease | None:
        lease = begin(*given)
        if lease is None:
            turned_away.set()
        return lease

    with ExitStack() as running:
        with leases.alone(record, source.name, clock):
            monkeypatch.setattr(leases, "acquire", _acquire)
            running.enter_context(schedule(record, source, now=clock))
            assert turned_away.wait(LONG)
            meanwhile = source.times
        wait_until(lambda: bool(ended(record)))

    assert meanwhile == 0
    assert ended(record) == ["published"]


PROGRAM = """
import sys
from datetime import UTC, datetime
from app.schedule import Schedule
from app.store.database import Database
from tests.sources import given

record, upstream = sys.argv[1:]
now = datetime(2025, 1, 2, 2, tzinfo=UTC)
source = given.source(upstream, seconds=30, now=now)
with Schedule(Database(record), [source], lambda: now):
    sys.stdin.readline()
"""


@contextmanager
def process(record_url: str, upstream: FakeOpenRouter) -> Iterator[Any]:
    started = subprocess.Popen(  # noqa: S603 (our own interpreter)
        [sys.executable, "-c", PROGRAM, record_url, upstream.url],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield started
    finally:
        started.kill()
        started.communicate()


def test_a_process_ends_promptly_while_an_upstream_drips(
    record: Database, upstream: FakeOpenRouter, tmp_path: Path
) -> None:
    upstream.fail(Fault.DRIP)
    (path,) = tmp_path.glob("*.db")

    with process(f"sqlite:///{path}", upstream) as started:
        wait_until(lambda: bool(upstream.asked))
        began = time.monotonic()
        started.communicate("stop\n", timeout=LONG)
        took = time.monotonic() - began

    assert started.returncode == 0
    assert took < 5
    assert published.head(record) == 1
