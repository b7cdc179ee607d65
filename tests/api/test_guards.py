"""What keeps answers fast, seen without a clock: what is not done, or done once."""

import asyncio
from collections.abc import Awaitable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.pool import Pool
from starlette.testclient import TestClient

from app.api import front as fronts
from app.api.front import Front
from app.main import create_app
from app.services import share
from app.services.preparing import prepare
from app.services.snapshots import Snapshots
from app.store.database import Database
from tests.api.conftest import Clock, settings
from tests.api.small import NOW
from tests.api.test_database_away import READS

ASK = "/v1/share?origin=CN&group_by=origin,weights"
SPELT = "/v1/share?group_by=origin,weights&origin=CN,CN"

Message = tuple[int, dict[str, str], bytes]


@contextmanager
def connections() -> Iterator[list[object]]:
    """Collect the connections that are taken from any pool."""
    taken: list[object] = []

    def note(connection: object, *_: object) -> None:
        taken.append(connection)

    event.listen(Pool, "checkout", note)
    yield taken
    event.remove(Pool, "checkout", note)


def test_a_read_opens_no_connection(database: Database) -> None:
    prepare(database, settings().registry_dir, NOW)
    snapshots = Snapshots(database)
    with connections() as loading:
        snapshots.refresh()
    for release in (1, 2, 4):
        snapshots.at(release)
    client = TestClient(create_app(settings(), snapshots, now=Clock(NOW)))

    with connections() as taken:
        found = [client.get(url).status_code for url in READS]

    assert found == [200] * len(READS)
    assert loading
    assert taken == []


async def ask(front: Front, url: str, **headers: str) -> Message:
    """Return status, fields and body of a reply."""
    path, _, query = url.partition("?")
    fields = [(k.replace("_", "-").encode(), v.encode()) for k, v in headers.items()]
    scope: dict[str, Any] = {
        "type": "http",
        "method": "GET",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "headers": fields,
    }
    sent: list[Any] = []

    async def receive() -> Any:
        raise AssertionError

    async def send(message: Any) -> None:
        sent.append(message)

    await front(scope, receive, send)
    start, body = sent
    told = {name.decode(): value.decode() for name, value in start["headers"]}
    return start["status"], told, body["body"]


def at_once(*asking: Awaitable[Message]) -> list[Message]:
    """Return the replies to questions that are asked together."""

    async def all_of_them() -> list[Message]:
        return await asyncio.gather(*asking)

    return asyncio.run(all_of_them())


@pytest.fixture
def asked(front: Front) -> list[str]:
    """Collect the queries that reach the application, which takes its time."""
    found: list[str] = []
    inside = front.app

    async def slow(scope: Any, receive: Any, send: Any) -> None:
        found.append(scope["query_string"].decode())
        await asyncio.sleep(0.02)
        await inside(scope, receive, send)

    front.app = slow
    return found


@dataclass
class Held:
    """Questions of share that wait until they may be answered."""

    asked: int = 0
    begun: Event = field(default_factory=Event)
    go: Event = field(default_factory=Event)

    async def until(self, *first: Awaitable[Message]) -> list[Message]:
        """Return some replies, and then let what is held be answered."""
        await asyncio.to_thread(self.begun.wait, 5)
        replies = [await reply for reply in first]
        self.go.set()
        return replies


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Held:
    found = Held()
    inside = share.answer

    def slow(*given: Any) -> Any:
        found.asked += 1
        found.begun.set()
        if not found.go.wait(timeout=5):
            raise RuntimeError
        return inside(*given)

    monkeypatch.setattr(share, "answer", slow)
    return found


def test_many_who_ask_the_same_at_a_time_ask_once(
    front: Front, asked: list[str]
) -> None:
    found = at_once(*(ask(front, ASK) for _ in range(20)))

    assert len(asked) == 1
    assert {status for status, _, _ in found} == {200}
    assert len({body for _, _, body in found}) == 1
    assert len({fields["x-request-id"] for _, fields, _ in found}) == 20
    assert (front.traffic.misses, front.traffic.hits) == (1, 19)


def test_what_only_one_may_have_is_asked_by_each(
    front: Front, client: TestClient, asked: list[str]
) -> None:
    etag = client.get(ASK).headers["etag"]
    front.kept.clear()
    asked.clear()

    found = at_once(
        ask(front, ASK, if_none_match=etag), ask(front, ASK), ask(front, ASK)
    )

    assert [status for status, _, _ in found] == [304, 200, 200]
    assert found[1][2] == found[2][2] != b""
    assert len(asked) == 3


def test_failures_are_not_shared(front: Front, asked: list[str]) -> None:
    found = at_once(*(ask(front, "/v1/share?nonsense=1") for _ in range(3)))

    assert [status for status, _, _ in found] == [400] * 3
    assert asked.count("nonsense=1") == 3
    assert len(front.kept) == 0


def test_spellings_asked_at_a_time_are_worked_out_once(
    front: Front, held: Held
) -> None:
    async def asking() -> list[Message]:
        both = asyncio.gather(ask(front, ASK), ask(front, SPELT))
        await held.until(ask(front, "/livez"))
        return list(await both)

    one, other = asyncio.run(asking())

    assert held.asked == 1
    assert one[1]["etag"] == other[1]["etag"]
    assert one[2] != other[2]
    assert front.state.door.under_way == {}


def test_who_is_worked_for_holds_up_nobody_else(
    front: Front, client: TestClient, held: Held
) -> None:
    kept = client.get("/v1/models")

    async def asking() -> list[Message]:
        long = asyncio.create_task(ask(front, ASK))
        others = [ask(front, url) for url in ("/v1/models", "/livez", "/v1/origins")]
        found = await held.until(*others)
        return [*found, await long]

    found = asyncio.run(asking())

    assert [status for status, _, _ in found] == [200] * 4
    assert found[0][2] == kept.content


def test_long_bodies_are_packed_aside(
    front: Front, client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    aside: list[object] = []
    inside = asyncio.to_thread

    async def noting(*given: Any) -> Any:
        aside.append(given)
        return await inside(*given)

    monkeypatch.setattr(asyncio, "to_thread", noting)
    headers = {"accept-encoding": "gzip"}
    client.get(ASK, headers=headers)
    assert aside == []

    front.kept.clear()
    monkeypatch.setattr(fronts, "_SOON_PACKED", 600)
    long = [client.get(ASK, headers=headers) for _ in range(2)]

    assert [reply.headers["content-encoding"] for reply in long] == ["gzip"] * 2
    assert len(aside) == 1
