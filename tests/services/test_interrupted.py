"""An ingestion that is killed, starved of disk, or loses rows on its way."""

import os
import signal
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from itertools import count
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import Engine, event

from app.domain.datasets import Run
from app.domain.observations import Batch
from app.domain.packed import ByDay, Packed
from app.services import publish, releasing
from app.services.verify import verify
from app.store.database import Database
from app.store.dialect import insert_blocks
from tests.services import published
from tests.services.published import MONDAY, TUESDAY, batch, moment

Told = dict[date, dict[str, int]]


def reading(number: int) -> Told:
    """Restates Monday, closes a series, opens one of a new model, and adds a day."""
    return {
        MONDAY: {"acme/one": 100 + number, f"acme/n-{number}": 1, "other": 10},
        TUESDAY - timedelta(days=2 + number): {"acme/one": number, "other": 3},
    }


def batch_of(number: int) -> Batch:
    told = reading(number)
    return batch(moment(26 + number), told, first=min(told), last=MONDAY)


def numbers(database: Database) -> Told:
    return published.numbers(published.view(published.load(database)))


@pytest.fixture
def begun(database: Database) -> Database:
    published.begin(database)
    published.take_one(database, batch_of(0))
    return database


class Failpoint:
    """Kills this process before its n-th statement or commit."""

    def __init__(self, at: int) -> None:
        self._left = at

    def __call__(self, *_: Any, **__: Any) -> None:
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        self._left -= 1

    def set(self) -> None:
        for name in ("before_cursor_execute", "commit"):
            event.listen(Engine, name, self)


def killed_at(url: str, at: int, number: int) -> bool:
    """Take a reading in a process of its own; return whether it met the failpoint."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            Failpoint(at).set()
            run = published.take_one(Database(url), batch_of(number))
            code = 0 if run.verdict == "published" else 2
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
    return os.WIFSIGNALED(status)


def test_whatever_statement_is_the_last_the_old_release_is_left_or_the_new_one(
    begun: Database, database_url: str
) -> None:
    before = numbers(begun)
    old = 0
    for at in count():
        begun.close()  # nothing that is open is shared with the child
        was_killed = killed_at(database_url, at, 1)
        after = numbers(begun)
        if not was_killed:
            break
        assert after == before
        assert published.head(begun) == 2
        old += 1

    assert old > 40
    assert after == {**before, **reading(1)}
    assert published.head(begun) == 3
    found = verify(begun)
    assert (found.problems, found.releases) == ((), 3)
    assert found.observations == sum(map(len, after.values()))


def forget_one(
    session: Any, row: Any, names: Sequence[str], blocks: Iterable[Sequence[Any]]
) -> None:
    first, *rest = blocks
    kept = [told[1:] if isinstance(told, list) else told for told in first]
    insert_blocks(session, row, names, [kept, *rest])


def pack_fewer(told: Packed, keys: Sequence[str]) -> ByDay:
    columns = (told.series[1:], told.days[1:], told.volumes[1:])
    return ByDay(dict(enumerate(keys)), *columns)


@pytest.mark.parametrize(
    ("where", "name", "instead", "reason"),
    [
        (
            publish,
            "insert_blocks",
            forget_one,
            "4 observations were to be written, 3 were; nothing was published.",
        ),
        (
            Packed,
            "by_day",
            pack_fewer,
            "5 observations came in, 4 were dealt with; nothing was published.",
        ),
    ],
    ids=["when it is written", "when it is compared"],
)
def test_a_row_that_is_lost_on_the_way_fails_the_run(
    begun: Database,
    monkeypatch: pytest.MonkeyPatch,
    where: object,
    name: str,
    instead: Callable[..., Any],
    reason: str,
) -> None:
    before = published.told(published.load(begun))
    with monkeypatch.context() as broken:
        broken.setattr(where, name, instead)
        run = published.take_one(begun, batch_of(1))

    assert (run.verdict, run.reason) == ("failed", reason)
    assert published.told(published.load(begun)) == before
    assert verify(begun).problems == ()

    assert published.take_one(begun, batch_of(1)).verdict == "published"


@contextmanager
def full_disk() -> Iterator[None]:
    """Let no file of SQLite grow, whichever connection writes to it."""

    def _limit(connection: Any, _: Any) -> None:
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {pages}")

    event.listen(Engine, "connect", _limit)
    try:
        yield
    finally:
        event.remove(Engine, "connect", _limit)


def test_a_full_disk_undoes_the_release_and_readers_go_on(
    new_sqlite: Callable[[], str],
) -> None:
    database = Database(new_sqlite())
    published.begin(database)
    published.take_one(database, batch_of(0))
    before = published.told(published.load(database))
    large = batch(
        moment(50), {MONDAY: {f"acme/large-{n}": n + 1 for n in range(2_000)}}
    )

    database.close()
    with full_disk():
        run = published.take_one(database, large)
        during = published.told(published.load(database))
        problems = verify(database).problems
    database.close()

    assert run.verdict == "failed"
    assert run.reason is not None
    assert run.reason.endswith(".db is full: make room and try again.")
    assert during == before
    assert problems == ()
    assert published.take_one(database, large).verdict == "published"
    assert verify(database).problems == ()
    database.close()


def test_a_writer_waits_for_another_one_and_no_reader_notices(begun: Database) -> None:
    before = published.told(published.load(begun))
    runs: list[Run] = []
    writer = Thread(target=lambda: runs.append(published.take_one(begun, batch_of(1))))

    with begun.write() as other:
        releasing.lock(other)
        writer.start()
        for _ in range(5):
            writer.join(0.05)
            assert published.told(published.load(begun)) == before
        assert writer.is_alive()
    writer.join()

    assert [run.verdict for run in runs] == ["published"]
    assert numbers(begun)[MONDAY] == reading(1)[MONDAY]
