"""Upstreams of our own, on the loopback, that behave as their documentation says.

Each answers until it is told to `fail`; `FakeOpenRouter` answers from its `days`.
"""

import json
import socket
import struct
import zlib
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from enum import Enum, auto
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs, urlsplit

FIRST = date(2025, 1, 1)
MOST_DAYS = 366
LISTED = 50
KEY = "sk-or-v1-0123456789abcdef"

PAGE = b"<!DOCTYPE html>\n<title>Back soon</title>"
BOMB_BYTES = 300_000_000


class Fault(Enum):
    """How an upstream fails."""

    ERROR = auto()
    """500."""
    BUSY = auto()
    """429, with `retry_after`."""
    RESET = auto()
    """The connection is reset before an answer."""
    SILENCE = auto()
    """No byte, ever."""
    DRIP = auto()
    """A byte of the body at a time, without end."""
    DRIP_HEADERS = auto()
    """A byte of a header at a time, without end."""
    DRIP_UNMEASURED = auto()
    """As DRIP, but a body that ends when the connection does."""
    PAGE = auto()
    """A web page with status 200."""
    PAGE_AS_JSON = auto()
    """The same, said to be JSON."""
    TRUNCATED = auto()
    """The connection ends before the body does."""
    CUT = auto()
    """Half of the body, said to be all of it."""
    BOMB = auto()
    """300 MB of spaces, compressed to less than 1 MB."""
    HUGE = auto()
    """300 MB of spaces, as they are."""
    BAD_GZIP = auto()
    """A body said to be compressed that is not."""
    REDIRECT = auto()
    """302, to another host."""
    MISSING = auto()
    """404."""


class Upstream:
    """A server that can fail: `with … as upstream: upstream.url`.

    Attributes:
        quota: Calls that it still answers; then it is BUSY. None: no end.
        asked: The path and query of every call, the oldest first.
        keys: The `Authorization` of every call.
    """

    def __init__(self) -> None:
        self.quota: int | None = None
        self.asked: list[str] = []
        self.keys: list[str | None] = []
        self.retry_after: str | None = None
        self._faults: list[Fault] = []
        self._always: Fault | None = None
        self._closing = Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = Thread(target=self._server.serve_forever, args=(0.01,))

    def answer(self, path: str, key: str | None) -> tuple[int, bytes]:
        """Return the status and the body for a call without a fault."""
        raise NotImplementedError

    def headers(self, _path: str) -> dict[str, str]:
        """Return more headers for a call without a fault, `_` for each `-`."""
        return {}

    @property
    def url(self) -> str:
        """Scheme, host and port."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def fail(
        self, fault: Fault, *, times: int | None = None, retry_after: str | None = None
    ) -> None:
        """Fail the next `times` calls, or all until `mend` is called."""
        self.retry_after = retry_after
        if times is None:
            self._always = fault
        else:
            self._faults += [fault] * times

    def mend(self) -> None:
        """Answer again."""
        self._always = None
        self._faults.clear()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def next_fault(self) -> Fault | None:
        """Return how to fail the call at hand."""
        if self._faults:
            return self._faults.pop(0)
        if self.quota is not None:
            self.quota -= 1
            if self.quota < 0:
                return Fault.BUSY
        return self._always

    def rest(self, seconds: float) -> bool:
        """Wait a little; return whether to go on."""
        return not self._closing.wait(seconds)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        upstream = self

        class _Handler(_Wire):
            fake = upstream

        return _Handler


class FakeOpenRouter(Upstream):
    """The Data API of OpenRouter.

    Attributes:
        days: What it knows: the tokens of models by day, in any order. All beyond the
            50 largest of a day goes to `other`, as does what is given as `other`.
        as_of: When it knows that.
        meta: Replaces parts of `meta`, such as `start_date`.
    """

    def __init__(self) -> None:
        super().__init__()
        self.days: dict[date, list[tuple[str, int]]] = {}
        self.as_of = datetime(2026, 8, 22, 2, 1, 37, tzinfo=UTC)
        self.meta: dict[str, object] = {}

    def answer(self, path: str, key: str | None) -> tuple[int, bytes]:
        """Return the status and the body for a call without a fault."""
        if not key or not key.removeprefix("Bearer ").strip():
            return 401, b'{"error":{"code":401,"message":"No auth credentials found"}}'
        query = parse_qs(urlsplit(path).query)
        first = max(FIRST, date.fromisoformat(query["start_date"][0]))
        last = date.fromisoformat(query["end_date"][0])
        if last < FIRST or (last - first).days >= MOST_DAYS:
            return 400, b'{"error":{"code":400,"message":"Bad window"}}'
        meta = {
            "as_of": f"{self.as_of:%Y-%m-%dT%H:%M:%S}.000Z",
            "version": "v1",
            "start_date": first.isoformat(),
            "end_date": last.isoformat(),
        }
        body = {"data": list(self._rows(first, last)), "meta": meta | self.meta}
        return 200, json.dumps(body, separators=(",", ":")).encode()

    def _rows(self, first: date, last: date) -> Iterator[dict[str, str]]:
        for day in sorted(day for day in self.days if first <= day <= last):
            models = [row for row in self.days[day] if row[0] != "other"]
            models.sort(key=lambda row: -row[1])
            rest = sum(n for slug, n in self.days[day] if slug == "other")
            rest += sum(n for _, n in models[LISTED:])
            rows = models[:LISTED] + ([("other", rest)] if rest else [])
            for slug, tokens in rows:
                yield {
                    "date": day.isoformat(),
                    "model_permaslug": slug,
                    "total_tokens": str(tokens),
                }


class _Wire(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    fake: Upstream

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""

    def do_GET(self) -> None:
        key = self.headers["Authorization"]
        self.fake.asked.append(self.path)
        self.fake.keys.append(key)
        status, body = self.fake.answer(self.path, key)
        fault = self.fake.next_fault()
        try:
            if fault is None:
                self._send(body, status=status, **self.fake.headers(self.path))
            else:
                self._fail(fault, body)
        except ConnectionError:
            self.close_connection = True  # the caller has had enough

    def _send(
        self,
        body: bytes,
        *,
        status: int = 200,
        **headers: str,
    ) -> None:
        # Without a date: the clock of a test is seldom that of the machine.
        self.send_response_only(status)
        headers = {"Content_Type": "application/json", **headers}
        headers["Content_Length"] = str(len(body))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def _fail(self, fault: Fault, body: bytes) -> None:
        match fault:
            case Fault.ERROR | Fault.MISSING:
                self._send(b"{}", status=500 if fault is Fault.ERROR else 404)
            case Fault.BUSY:
                after = self.fake.retry_after
                headers = {"Date": ago(0)} | ({"Retry_After": after} if after else {})
                self._send(b"{}", status=429, **headers)
            case Fault.REDIRECT:
                self._send(b"", status=302, Location="http://elsewhere.example/")
            case Fault.PAGE:
                self._send(PAGE, Content_Type="text/html; charset=utf-8")
            case Fault.PAGE_AS_JSON | Fault.CUT:
                cut = body[: len(body) // 2]
                self._send(cut if fault is Fault.CUT else b"\n  " + PAGE)
            case Fault.BAD_GZIP | Fault.BOMB:
                sent = _bomb() if fault is Fault.BOMB else body
                self._send(sent, Content_Encoding="gzip")
            case _:
                self.close_connection = True
                self._fail_slowly(fault, body)

    def _fail_slowly(self, fault: Fault, body: bytes) -> None:
        match fault:
            case Fault.RESET:
                linger = struct.pack("ii", 1, 0)
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                self.connection.close()
            case Fault.TRUNCATED:
                self._start(len(body))
                self.wfile.write(body[:-1])
            case Fault.HUGE:
                self._start(BOMB_BYTES)
                self._repeat(b" " * 1_000_000, 0)
            case Fault.DRIP | Fault.DRIP_UNMEASURED:
                self._start(BOMB_BYTES if fault is Fault.DRIP else None)
                self.wfile.write(body)
                self._repeat(b" ")
            case Fault.DRIP_HEADERS:
                self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
                self._repeat(b"-")
            case _:
                self._repeat(b"")

    def _start(self, length: int | None) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Connection", "close")
        if length is not None:
            self.send_header("Content-Length", str(length))
        self.end_headers()

    def _repeat(self, piece: bytes, seconds: float = 0.02) -> None:
        while self.fake.rest(seconds):
            self.wfile.write(piece)


def _bomb() -> bytes:
    pump = zlib.compressobj(level=9, wbits=31)
    block = b" " * 1_000_000
    pieces = [pump.compress(block) for _ in range(BOMB_BYTES // len(block))]
    return b"".join([*pieces, pump.flush()])


def ago(seconds: int) -> str:
    """Return an HTTP date, so many seconds from now; negative ones are to come."""
    return format_datetime(datetime.now(UTC) - timedelta(seconds=seconds), usegmt=True)
