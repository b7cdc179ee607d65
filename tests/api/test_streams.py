"""Long tables are sent while they are written, and are never half of one unnoticed."""

import asyncio
import gzip
import http.client
import logging
import socket
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import brotli  # type: ignore[import-untyped]
import numpy as np
import pytest
import zstandard
from starlette.testclient import TestClient
from structlog.testing import capture_logs
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from app.api import answers
from app.api.front import Front
from app.api.protocol import Protocol
from app.domain.arrays import Numbers
from app.domain.reports import Column, Kind, Report
from app.main import create_app
from app.present import csv
from app.present.formats import Format
from app.services import share
from tests.api.conftest import Clock, settings
from tests.api.small import NOW, Published
from tests.api.test_protocol import request, serving
from tests.services.test_at_scale import of_days

LONG = "/v1/share.csv?interval=day"
MOST = 100_000
Written = Callable[[Report], Iterator[bytes | bytearray]]


def report(rows: int) -> Report:
    numbers = np.arange(rows)
    names = [f"model {n % 50}" for n in range(rows)]
    columns = [
        Column("name", Kind.TEXT, names),
        Column("volume", Kind.INTEGER, Numbers(numbers * 10**12)),
        *(Column(f"share_{n}", Kind.FRACTION, Numbers(numbers)) for n in range(9)),
    ]
    return Report(columns, {})


@pytest.fixture
def long(monkeypatch: pytest.MonkeyPatch) -> Report:
    """The most rows that an answer has."""
    told = report(MOST)
    monkeypatch.setattr(share, "answer", lambda *_: told)
    return told


@pytest.fixture
def port(front: Front) -> Iterator[int]:
    with serving(front, Protocol) as found:
        yield found


def breaking(rows: Written, after: int) -> Written:
    """Return what writes some blocks, and then no more."""

    def broken(report: Report) -> Iterator[bytes | bytearray]:
        for n, block in enumerate(rows(report)):
            if n == after:
                raise RuntimeError("no more")
            yield block

    return broken


def counting(rows: Written, seen: list[int]) -> Written:
    """Return what writes the same, and notes each block."""

    def counted(report: Report) -> Iterator[bytes | bytearray]:
        for block in rows(report):
            seen.append(len(block))
            yield block

    return counted


def scope_of(url: str) -> dict[str, Any]:
    path, _, query = url.partition("?")
    return {
        "type": "http",
        "method": "GET",
        "path": path,
        "query_string": query.encode(),
        "headers": [],
    }


@pytest.mark.parametrize("form", ["csv", "ndjson"])
def test_a_long_table_is_the_same_in_pieces(
    monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    url = f"/v1/share.{form}?dataset=tokens&group_by=model&interval=day&window=all"
    published = Published(of_days(1_010))
    pieces, whole = (
        TestClient(create_app(settings(), published, now=Clock(NOW))) for _ in "ab"
    )

    found = pieces.get(url)
    monkeypatch.setattr(answers, "_LONG", 10**9)
    wanted = whole.get(url)

    assert found.status_code == 200
    assert len(found.content.splitlines()) > 20_000
    assert found.content == wanted.content
    assert "content-length" not in found.headers
    assert "content-length" in wanted.headers
    differ = {"x-request-id", "content-length", "content-encoding"}
    assert {k: v for k, v in found.headers.items() if k not in differ} == {
        k: v for k, v in wanted.headers.items() if k not in differ
    }


@pytest.mark.parametrize(
    ("coding", "unpack"),
    [
        ("gzip", gzip.decompress),
        ("br", brotli.decompress),
        ("zstd", zstandard.ZstdDecompressor().decompressobj().decompress),
        ("identity", bytes),
    ],
)
def test_it_is_packed_on_the_way(
    client: TestClient, long: Report, coding: str, unpack: Callable[[bytes], bytes]
) -> None:
    with client.stream("GET", LONG, headers={"accept-encoding": coding}) as reply:
        raw = b"".join(reply.iter_raw())

    wanted = b"".join(csv.rows(long))
    told = reply.headers.get("content-encoding")
    assert told == (None if coding == "identity" else coding)
    assert coding == "identity" or len(raw) < len(wanted) // 2
    assert unpack(raw) == wanted


@pytest.mark.usefixtures("long")
def test_what_is_held_is_a_block_and_not_the_table(front: Front) -> None:
    sent: list[int] = []

    async def send(message: Any) -> None:
        sent.append(len(message.get("body", b"")))

    async def receive() -> Any:
        await asyncio.Event().wait()

    tracemalloc.start()
    asyncio.run(front(scope_of(LONG), receive, send))
    held = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert sum(sent) > 9_000_000
    assert max(sent) <= 256_000
    assert held < 3_000_000
    assert len(front.kept) == 0


@pytest.mark.usefixtures("long")
def test_a_caller_who_has_it_gets_none_of_it(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    etag = client.head(LONG).headers["etag"]
    seen: list[int] = []
    monkeypatch.setitem(answers._IN_BLOCKS, Format.CSV, counting(csv.rows, seen))  # noqa: SLF001

    known = client.get(LONG, headers={"if-none-match": etag})
    head = client.head(LONG)

    assert (known.status_code, known.content) == (304, b"")
    assert (head.status_code, head.content) == (200, b"")
    assert "content-length" not in head.headers
    assert seen == []


@pytest.mark.parametrize("protocol", [Protocol, HttpToolsProtocol])
def test_on_the_wire_it_comes_in_chunks(
    front: Front, long: Report, protocol: type[HttpToolsProtocol]
) -> None:
    wanted = b"".join(csv.rows(long))
    with (
        serving(front, protocol) as port,
        closing(http.client.HTTPConnection("127.0.0.1", port, timeout=20)) as wire,
    ):
        for _ in range(2):
            wire.request("GET", LONG)
            reply = wire.getresponse()
            assert reply.headers["transfer-encoding"] == "chunked"
            assert reply.read() == wanted
        wire.request("HEAD", LONG)
        assert wire.getresponse().read() == b""
        wire.request("GET", "/livez")
        assert wire.getresponse().status == 200


def test_who_knows_no_chunks_gets_it_whole(port: int, long: Report) -> None:
    wanted = b"".join(csv.rows(long))
    with closing(socket.create_connection(("127.0.0.1", port), timeout=20)) as wire:
        wire.sendall(request(LONG, version="1.0"))
        with wire.makefile("rb") as read:
            head, _, body = read.read().partition(b"\r\n\r\n")

    assert b"content-length: %d" % len(wanted) in head
    assert b"transfer-encoding" not in head
    assert body == wanted


@pytest.mark.usefixtures("long")
@pytest.mark.parametrize("after", [0, 1, 5])
def test_half_a_table_is_no_table(
    port: int, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    monkeypatch.setitem(answers._IN_BLOCKS, Format.CSV, breaking(csv.rows, after))  # noqa: SLF001
    monkeypatch.setattr(logging.getLogger("uvicorn.error"), "disabled", True)
    with (
        capture_logs() as logs,
        closing(http.client.HTTPConnection("127.0.0.1", port, timeout=20)) as wire,
    ):
        wire.request("GET", LONG)
        reply = wire.getresponse()
        with pytest.raises(http.client.IncompleteRead):
            reply.read()

    (told,) = [log for log in logs if log["event"] == "reply broken off"]
    assert told["request_id"] == reply.headers["x-request-id"]


@pytest.mark.usefixtures("long")
def test_it_is_written_no_faster_than_it_is_read(
    port: int, front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []
    monkeypatch.setitem(answers._IN_BLOCKS, Format.CSV, counting(csv.rows, seen))  # noqa: SLF001
    with closing(socket.socket()) as wire:
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        wire.connect(("127.0.0.1", port))
        wire.sendall(request(LONG))
        wire.recv(1_000)
        before = None
        while before != (before := len(seen)):
            time.sleep(0.3)
    time.sleep(0.3)

    # What the kernel takes, and a little more; then the caller went away.
    assert sum(seen) < 6_000_000 < MOST * 90
    assert front.traffic.sent[2] == 1
