"""Finished replies on the wire: written at once, and just as any server writes them."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from typing import BinaryIO

import pytest
import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from app.api.front import Front
from app.api.protocol import Protocol

ASK = "/v1/share?origin=CN"
LONG = "/v1/share.csv?interval=day"
Message = tuple[str, dict[str, str], bytes]


@contextmanager
def serving(front: Front, protocol: type[HttpToolsProtocol]) -> Iterator[int]:
    """Serve on loopback as the service does; yield the port."""
    config = uvicorn.Config(
        front,
        port=0,
        http=protocol,
        lifespan="off",
        proxy_headers=False,
        server_header=False,
        access_log=False,
        log_config=None,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.005)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    thread.join()


@pytest.fixture
def port(front: Front) -> Iterator[int]:
    with serving(front, Protocol) as found:
        yield found


def request(url: str, *fields: str, method: str = "GET", version: str = "1.1") -> bytes:
    lines = [f"{method} {url} HTTP/{version}", "Host: census.example", *fields]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def exchanged(port: int, sent: bytes, count: int = 1) -> list[Message]:
    """Return so many messages that come back, and see the connection through."""
    with closing(socket.create_connection(("127.0.0.1", port), timeout=20)) as wire:
        wire.sendall(sent)
        with wire.makefile("rb") as read:
            return [message(sent, read) for _ in range(count)]


def message(sent: bytes, read: BinaryIO) -> Message:
    status = read.readline().decode().strip()
    fields: dict[str, str] = {}
    while field := read.readline().decode().strip():
        name, _, value = field.partition(": ")
        assert name not in fields
        fields[name] = value
    bare = sent.startswith(b"HEAD") or " 304 " in status or " 204 " in status
    return status, fields, b"" if bare else read.read(int(fields["content-length"]))


def the_same(message: Message) -> Message:
    """Return a message without what differs from one to the next."""
    status, fields, body = message
    assert fields["x-request-id"]
    assert fields["date"]
    return status, fields | {"x-request-id": "", "date": ""}, body


def spoken(front: Front, protocol: type[HttpToolsProtocol]) -> list[Message]:
    with serving(front, protocol) as port:
        (first,) = exchanged(port, request(ASK))
        known = f"If-None-Match: {first[1]['etag']}"
        dated = f"If-Modified-Since: {first[1]['last-modified']}"
        asked = [
            request(ASK),
            request(ASK, known),
            request(ASK, dated),
            request(ASK, "Accept-Encoding: gzip"),
            request(ASK, "Accept-Encoding: br, zstd"),
            request(ASK, "Connection: close"),
            request(ASK, version="1.0"),
            request(ASK, method="HEAD"),
            request(ASK, method="OPTIONS"),
            request(LONG),
            request("/v1/share?nonsense=1"),
            request("/v1/nowhere"),
        ]
        return [the_same(exchanged(port, one)[0]) for one in asked]


def test_what_is_written_at_once_is_what_the_server_would_write(front: Front) -> None:
    assert spoken(front, Protocol) == spoken(front, HttpToolsProtocol)
    assert front.traffic.hits > 10


def test_a_kept_reply_needs_no_task(
    front: Front, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    (first,) = exchanged(port, request(ASK))

    async def never(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(Front, "__call__", never)
    again, known = exchanged(
        port,
        request(ASK) + request(ASK, f"If-None-Match: {first[1]['etag']}"),
        count=2,
    )

    assert again[2] == first[2]
    assert known[0] == "HTTP/1.1 304 Not Modified"
    assert front.traffic.hits == 2


def test_requests_sent_in_one_piece_are_answered_in_turn(port: int) -> None:
    exchanged(port, request(ASK))
    other = "/v1/share?origin=US"
    several = request(other) + request(ASK) * 2_000 + request("/livez")

    found = exchanged(port, several, count=2_002)

    bodies = [body for _, _, body in found]
    assert b'"origin":"US"' in bodies[0]
    assert {b'"origin":"CN"' in body for body in bodies[1:-1]} == {True}
    assert len({fields["x-request-id"] for _, fields, _ in found}) == 2_002
    assert b"origin" not in bodies[-1]


def test_who_does_not_read_is_not_written_to_without_end(
    front: Front, port: int
) -> None:
    exchanged(port, request(ASK))
    before = front.traffic.hits
    with closing(socket.socket()) as wire:
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        wire.settimeout(0.3)
        wire.connect(("127.0.0.1", port))
        with suppress(TimeoutError):
            for _ in range(100):
                wire.sendall(request(ASK) * 1_000)
        written = front.traffic.hits - before

    # What the kernel takes, and a little more; not a hundred thousand.
    assert written < 20_000


def test_a_connection_that_is_to_be_closed_is_closed(port: int) -> None:
    exchanged(port, request(ASK))
    for asked in (request(ASK, "Connection: close"), request(ASK, version="1.0")):
        with closing(socket.create_connection(("127.0.0.1", port), timeout=5)) as wire:
            wire.sendall(asked)
            with wire.makefile("rb") as read:
                status, fields, _ = message(asked, read)
                assert read.read() == b""
        assert (status, fields["connection"]) == ("HTTP/1.1 200 OK", "close")


def test_a_bug_on_the_short_cut_is_no_fault_of_the_caller(
    front: Front, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: object) -> None:
        raise RuntimeError

    (good,) = exchanged(port, request(ASK))
    monkeypatch.setattr(front, "at_once", broken)

    (other,) = exchanged(port, request(ASK))

    assert (other[0], other[2]) == (good[0], good[2])
