"""Several processes and one record: each turn is taken once, whoever stops or dies."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from urllib.parse import urlsplit

import httpx2
import pytest

from app.services import ingest
from app.store import work
from app.store.database import Database
from app.store.tables import RunRow
from tests.house.tree import ROOT
from tests.services import published
from tests.sources import given
from tests.sources.upstream import FIRST, KEY, FakeOpenRouter

LONG = 30  # seconds; a wait that is ended by what it waits for
RANKINGS = "/api/v1/datasets/rankings-daily"


class Held(FakeOpenRouter):
    """Keeps the first caller waiting until `go` is set; knows nothing but rankings."""

    def __init__(self) -> None:
        super().__init__()
        self.as_of = datetime.now(UTC).replace(microsecond=0)
        self.asked_first, self.go = Event(), Event()
        yesterday = self.as_of.date() - timedelta(days=1)
        for day in (FIRST, yesterday):
            self.days[day] = [("acme/one", 7)]

    def answer(self, path: str, key: str | None) -> tuple[int, bytes]:
        if urlsplit(path).path != RANKINGS:
            return 404, b"{}"
        found = super().answer(path, key)
        if not self.asked_first.is_set():
            self.asked_first.set()
            self.go.wait(LONG)
        return found


@pytest.fixture
def upstream() -> Iterator[Held]:
    with Held() as fake:
        yield fake
        fake.go.set()


@pytest.fixture
def record(database: Database) -> Database:
    published.begin(database, at=datetime.now(UTC))
    return database


@contextmanager
def running(*arguments: str, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    started = subprocess.Popen(  # noqa: S603 (our own interpreter)
        [sys.executable, *arguments],
        cwd=ROOT,
        env=os.environ | environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield started
    finally:
        started.send_signal(signal.SIGCONT)
        started.terminate()  # a server ends its workers
        started.wait(LONG)


# Reads when it is due, and gives signs of life in quick succession.
READER = """
import sys, time
from datetime import UTC, datetime, timedelta
from app import schedule
from app.services import leases
from app.store.database import Database
from tests.sources import given

leases.LASTS = schedule.LASTS = timedelta(seconds=2)
clock = lambda: datetime.now(UTC)
source = given.source(sys.argv[2], seconds=50, now=clock())
with schedule.Schedule(Database(sys.argv[1]), [source], clock):
    time.sleep(100)
"""


def wait_until(holds: Callable[[], object]) -> None:
    deadline = time.monotonic() + LONG
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def runs(record: Database) -> list[RunRow]:
    with record.read() as session:
        return list(session.scalars(work.runs(None, 100)))[::-1]


def outcomes(record: Database) -> list[tuple[str, str | None]]:
    return [(row.verdict, row.reason) for row in runs(record)]


def test_a_leader_that_was_stopped_is_refused_when_it_wakes_up(
    database_url: str, record: Database, upstream: Held
) -> None:
    with running("-c", READER, database_url, upstream.url) as leader:
        assert upstream.asked_first.wait(LONG)
        leader.send_signal(signal.SIGSTOP)
        time.sleep(2.1)  # as long as it is waited for
        another = given.source(upstream.url, now=datetime.now(UTC))

        def now() -> datetime:
            return datetime.now(UTC)

        with httpx2.Client() as client:
            done = ingest.read(record, another, client, trigger="cli", now=now)
        before = published.head(record)
        upstream.go.set()
        leader.send_signal(signal.SIGCONT)
        refused = (
            "failed",
            "Another process reads openrouter-rankings by now; nothing was written.",
        )
        wait_until(lambda: refused in outcomes(record))

    assert done
    assert {run.verdict for run in done} == {"published"}
    assert published.head(record) == before


def test_a_reader_that_was_killed_is_not_waited_for(
    database_url: str, record: Database, upstream: Held
) -> None:
    with running("-c", READER, database_url, upstream.url) as first:
        assert upstream.asked_first.wait(LONG)
        first.kill()
        first.wait()
    assert [row.verdict for row in runs(record)] == ["running"]
    assert published.head(record) == 1

    with running("-c", READER, database_url, upstream.url):
        wait_until(lambda: len(runs(record)) == 3 and runs(record)[-1].finished_at)

    assert outcomes(record) == [
        ("failed", "The process ended before the run did."),
        ("published", None),
        ("published", None),
    ]


def free_port() -> int:
    with socket.socket() as any_port:
        any_port.bind(("127.0.0.1", 0))
        return int(any_port.getsockname()[1])


def test_two_servers_with_two_workers_each_read_each_source_once(
    new_postgresql: Callable[[], str], upstream: Held, tmp_path: Path
) -> None:
    url = new_postgresql()
    record = Database(url)
    published.begin(record, at=datetime.now(UTC))
    upstream.go.set()
    names = ("OPENROUTER", "MODELSDEV", "HUGGINGFACE")
    environment = {f"MODELCENSUS_{name}_URL": upstream.url for name in names} | {
        "MODELCENSUS_DATABASE_URL": url,
        "MODELCENSUS_OPENROUTER_API_KEY": KEY,
        "PYTHONPATH": str(ROOT),
        "HOME": str(tmp_path),
    }
    ports = [free_port(), free_port()]
    with ExitStack() as servers:
        for port in ports:
            serve = ("-m", "app", "serve", "--workers", "2", "--port", str(port))
            servers.enter_context(running(*serve, **environment))
        wait_until(lambda: len({row.source for row in runs(record)}) == 6)
        wait_until(lambda: all(row.finished_at for row in runs(record)))
        wait_until(lambda: all(map(_is_ready, ports)))
        time.sleep(2)  # for whoever reads a second time

    found = Counter(row.source for row in runs(record))
    # Of the rankings two windows; all else is not there, which is tried once.
    assert found.pop("openrouter-rankings") == 2
    assert set(found.values()) == {1}
    asked = Counter(upstream.asked)
    assert len(asked) == len(upstream.asked) == 7
    record.close()


def _is_ready(port: int) -> bool:
    try:
        return httpx2.get(f"http://127.0.0.1:{port}/readyz").status_code == 200
    except httpx2.TransportError:
        return False
