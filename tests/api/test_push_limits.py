"""Pushes that are large, slow, many at once, or come while the database is away."""

import asyncio
import threading
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import pytest

from app.api import sent
from app.api.pushes import MOST_BYTES, Slots
from app.errors import UnavailableError
from app.services import verify
from app.store.database import Database
from app.store.tables import HeadRow
from tests.api.gateway import (
    CSV,
    DAYS,
    FIRST,
    FORMS,
    JSON,
    SECOND,
    SLUG,
    Gateway,
    as_csv,
    as_json,
    gateway,
    nothing_written,
)
from tests.api.test_database_away import away as away  # noqa: PLC0414 (a fixture)
from tests.api.test_writes import refused

_CHUNK = 64_000


@pytest.fixture
def owner(new_sqlite: Callable[[], str]) -> Iterator[Gateway]:
    database = Database(new_sqlite())
    yield gateway(database)
    database.close()


class Sender:
    """Sends a body a chunk at a time, over ASGI, as a server hands it on."""

    def __init__(
        self,
        owner: Gateway,
        chunks: Any,
        *,
        length: str | None = None,
    ) -> None:
        self._chunks = iter(chunks)
        self.sent = 0
        self.status = 0
        self._app = owner.client.app
        query = "&".join(f"{name}={value}" for name, value in DAYS.items())
        headers = {"authorization": f"Bearer {owner.key}", "content-type": JSON}
        if length is not None:
            headers["content-length"] = length
        path = f"/v1/datasets/{SLUG}/observations"
        self._scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "POST",
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": [(n.encode(), v.encode()) for n, v in headers.items()],
            "client": None,
            "server": None,
            "state": {},
        }

    async def receive(self) -> dict[str, Any]:
        chunk = next(self._chunks, None)
        if chunk is None:
            return {"type": "http.disconnect"}
        body, more = chunk
        self.sent += len(body)
        return {"type": "http.request", "body": body, "more_body": more}

    async def send(self, message: dict[str, Any]) -> None:
        self.status = message.get("status", self.status)

    async def post(self) -> int:
        await self._app(self._scope, self.receive, self.send)  # type: ignore[arg-type] # typed as of a server
        return self.status


def endless() -> Iterator[tuple[bytes, bool]]:
    yield b'{"observations":[', True
    while True:
        yield b" " * _CHUNK, True


@pytest.mark.parametrize("length", [None, "10", "0", "nonsense"])
def test_a_body_without_end_is_cut_whatever_it_promises(
    owner: Gateway, length: str | None
) -> None:
    sender = Sender(owner, endless(), length=length)

    tracemalloc.start()
    try:
        assert asyncio.run(sender.post()) == 413
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert MOST_BYTES < sender.sent <= MOST_BYTES + 2 * _CHUNK
    assert peak < 1.6 * MOST_BYTES
    nothing_written(owner)


@pytest.mark.parametrize("length", [str(MOST_BYTES + 1), "9" * 5000])
def test_a_body_that_promises_too_much_is_not_read(owner: Gateway, length: str) -> None:
    sender = Sender(owner, endless(), length=length)

    assert asyncio.run(sender.post()) == 413
    assert sender.sent == 0


def test_a_body_of_just_the_limit_is_taken(owner: Gateway) -> None:
    body = as_json().encode()

    fits = owner.push(body.ljust(MOST_BYTES))
    over = owner.push(body.ljust(MOST_BYTES + 1))

    assert fits.status_code == 201
    refused(over, 413, "too-large")


@pytest.mark.parametrize(
    "body",
    [
        '{"observations":[' + '{"a":' * 3_000_000,
        as_json([(FIRST, "\N{GRINNING FACE}" * 3_900_000, 1)]),
        '{"observations":[' + "9" * 15_000_000,
        '{"observations":[' + "{}," * 5_000_000 + "{}]}",
    ],
    ids=["deep", "a long word in wide letters", "a long number", "many bad rows"],
)
def test_what_is_large_and_wrong_is_refused_in_bounded_memory(
    owner: Gateway, body: str
) -> None:
    raw = body.encode()[:MOST_BYTES]
    tracemalloc.start()
    try:
        reply = owner.push(raw)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    refused(reply, 422, "unreadable-payload")
    assert peak < 6 * MOST_BYTES
    nothing_written(owner)


def test_a_body_that_is_cut_off_is_refused(owner: Gateway) -> None:
    sender = Sender(owner, [(as_json()[:40].encode(), True)], length="500")

    assert asyncio.run(sender.post()) == 422
    nothing_written(owner)


def test_a_body_that_does_not_come_frees_its_place(
    owner: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = sent.body

    async def impatient(request: Any, most: int) -> bytes:
        return await real(request, most, longest=0.05)

    monkeypatch.setattr(sent, "body", impatient)

    async def slow() -> list[int]:
        senders = [Sender(owner, []) for _ in range(2)]
        for sender in senders:
            sender.receive = _never  # type: ignore[method-assign] # a client that waits
        return [await sender.post() for sender in senders]

    assert asyncio.run(slow()) == [408, 408]
    nothing_written(owner)
    monkeypatch.undo()
    assert owner.push(as_json()).status_code == 201


async def _never() -> dict[str, Any]:
    await asyncio.sleep(60)
    raise AssertionError


def test_two_are_read_at_once_and_a_third_is_told_to_wait(owner: Gateway) -> None:
    body = as_json().encode()

    async def three() -> tuple[list[int], int]:
        gate = asyncio.Event()
        senders = [Sender(owner, [(body, False)]) for _ in range(3)]
        reading = [_hold(sender, gate) for sender in senders[:2]]
        first = [asyncio.create_task(sender.post()) for sender in senders[:2]]
        await asyncio.gather(*(begun.wait() for begun in reading))
        third = await senders[2].post()
        gate.set()
        return sorted(await asyncio.gather(*first)), third

    held, third = asyncio.run(three())

    assert third == 503
    assert held == [200, 201]
    assert owner.push(as_json()).json()["verdict"] == "unchanged"


def _hold(sender: Sender, gate: asyncio.Event) -> asyncio.Event:
    """Let a sender wait for a gate; return what tells that it does."""
    receive, begun = sender.receive, asyncio.Event()

    async def later() -> dict[str, Any]:
        begun.set()
        await gate.wait()
        return await receive()

    sender.receive = later  # type: ignore[method-assign] # waits for the gate
    return begun


def test_a_place_is_free_again_after_a_failure() -> None:
    slots = Slots(1)

    with pytest.raises(ZeroDivisionError), slots.one():
        raise ZeroDivisionError
    with (
        slots.one(),
        pytest.raises(UnavailableError, match="try again soon"),
        slots.one(),
    ):
        raise AssertionError
    with slots.one():
        pass


def test_pushes_at_once_are_one_after_the_other(database: Database) -> None:
    owner = gateway(database)
    days = [(FIRST, "acme/one", 60)], [(SECOND, "acme/one", 70)]
    bodies: list[tuple[str, dict[str, Any]]] = [
        (as_json(days[0]), {"end_date": FIRST}),
        (as_json(days[1]), {"start_date": SECOND}),
    ]
    barrier = threading.Barrier(2)
    replies: list[Any] = [None, None]

    def push(at: int) -> None:
        body, query = bodies[at]
        barrier.wait()
        replies[at] = owner.push(body, **query)

    threads = [threading.Thread(target=push, args=(at,)) for at in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(r.json()["release"] for r in replies) == [3, 4]
    told = owner.rows(
        f"/v1/volume?dataset={SLUG}&start_date={FIRST}&end_date={SECOND}"
        "&interval=day&group_by=none"
    )
    assert [row["volume"] for row in told] == [60, 70]
    assert verify.verify(database, {}).problems == ()


def test_a_push_waits_for_the_database_and_reads_do_not(
    database: Database, away: AbstractContextManager[None]
) -> None:
    owner = gateway(database)
    owner.push(as_json())
    asked = f"/v1/share?dataset={SLUG}&start_date={FIRST}&end_date={SECOND}"
    before = owner.client.get(asked).content

    with away:
        reply = owner.push(as_csv(), CSV, as_of="2026-10-20T03:00:00Z")
        assert owner.client.get(asked).content == before

    refused(reply, 503, "unavailable")
    assert reply.headers["retry-after"] == "5"
    assert owner.push(as_csv(), CSV, as_of="2026-10-20T03:00:00Z").status_code == 200


def test_a_push_that_fails_on_the_way_says_that_nothing_was_written(
    owner: Gateway,
) -> None:
    with owner.database.write() as session:
        session.delete(session.get_one(HeadRow, 1))

    reply = owner.push(as_json())

    problem = refused(reply, 503, "unavailable")
    assert problem["detail"] == (
        "Nothing was written (run 2): The record has no head row: restore a backup."
    )
    assert reply.headers["retry-after"] == "5"


def test_a_large_day_is_the_same_in_every_form(owner: Gateway) -> None:
    rows = [(day, f"acme/m{n}", n) for day in (FIRST, SECOND) for n in range(1_000)]

    replies = [owner.push(FORMS[form](rows), form) for form in FORMS]

    assert [r.status_code for r in replies] == [201, 200, 200]
    assert replies[0].json()["counts"]["new"] == 2_000
