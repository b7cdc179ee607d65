"""The outermost layer: finished answers out, before any routing.

Pure ASGI. A hit, a 304, a HEAD and a preflight run no application code, and a short
answer none of the framework; what else is not kept is asked of the application, which
hands its reply over and sends nothing itself.
Security headers, request ids and the access log are here too, so that every reply has
them.
"""

import asyncio
import secrets
from datetime import datetime
from itertools import count
from time import perf_counter

import structlog
from starlette.datastructures import State
from starlette.types import ASGIApp, Receive, Scope, Send

from app.api import encodings, preflight
from app.api.access import AccessLog
from app.api.cache import Bounded, Clock, Present, Standing
from app.api.counted import Traffic
from app.api.entries import EVERY, Entry, Headers, Sent
from app.api.problems import Problems, TooLongError
from app.api.readable import Readable
from app.api.replies import EXCHANGE, Exchange, Reply, nowhere
from app.api.short import Short
from app.api.streams import Stream
from app.errors import UnavailableError

log = structlog.get_logger(__name__)

Key = tuple[bytes, bytes]

LONGEST_URL = 8_192

_PREFLIGHT: Headers = (
    *EVERY,
    (b"access-control-allow-headers", b"*"),
    (b"access-control-max-age", b"86400"),
    (b"content-length", b"0"),
)
_SOON_PACKED = 50_000
"""Bytes that are compressed in a millisecond or two, and so without a thread."""
_READS = frozenset({"GET", "HEAD"})


class Front:
    """ASGI application: the cache before `app`."""

    def __init__(
        self,
        app: ASGIApp,
        present: Present,
        problems: Problems,
        now: Clock,
        *,
        limit: int,
        short: Short,
        state: State,
        readable: Readable,
        access: AccessLog | None = None,
    ) -> None:
        """Put a cache of `limit` bytes before an application.

        Args:
            app: Hands its replies over as `Reply`; see `replies.Exchange`.
            present: What live answers depend on.
            problems: What to say when something fails here.
            now: The clock, for the access log.
            limit: Most bytes that are kept.
            short: Answers what takes less time than `app` takes to be asked.
            state: The application's; `draining` makes it say that it is not ready.
            readable: Makes problems such that people can read them.
            access: Where requests are noted; None: nowhere.
        """
        self.app = app
        self.state = state
        self._present = present
        self._problems = problems
        self._readable = readable
        self._now = now
        self.kept: Bounded[Key, Entry] = Bounded(limit)
        self.traffic = Traffic()
        self.short = short
        self._standing: Standing | None = None
        self._under_way: dict[Key, asyncio.Future[Entry | None]] = {}
        self._access = access
        self._numbers = count(1)
        # Requests of two processes, or of one before and after a restart, differ.
        self._prefix = secrets.token_hex(4).encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or pass on what is none."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun, now = perf_counter(), self._now()
        number = b"%s-%x" % (self._prefix, next(self._numbers))
        sent = self._soon(scope, now) if scope["method"] in _READS else None
        if sent is None:
            sent = await self._made(scope, receive, number)
        headers = [*sent.headers, (b"x-request-id", number)]
        start = {"type": "http.response.start", "status": sent.status}
        if sent.pieces is not None and scope["method"] == "GET":
            stream = Stream(sent.pieces(), number)
            try:
                await stream.send(scope, receive, send, start, headers)
            finally:
                self._note(sent.status, stream.size, begun, now, number, scope)
            return
        body = b"" if scope["method"] == "HEAD" else sent.body
        self._note(sent.status, len(body), begun, now, number, scope)
        await send(start | {"headers": headers})
        await send({"type": "http.response.body", "body": body})

    def _note(
        self,
        status: int,
        size: int,
        begun: float,
        now: datetime,
        number: bytes,
        scope: Scope,
    ) -> None:
        self.traffic.sent[status // 100] += 1
        if self._access is not None:
            took = perf_counter() - begun
            self._access.note(now, number, scope, status, size, took)

    def at_once(self, scope: Scope) -> tuple[bytes, bytes] | None:
        """Return a kept or short reply to a GET, for a server that can send bytes.

        It saves what a server does for each field of each reply, which is more than
        all that is done here.

        Returns:
            Status line and fields, without the empty line, and the body; None if the
            request is to be answered as any other.
        """
        if scope["method"] != "GET":
            return None
        begun, now = perf_counter(), self._now()
        sent = self._soon(scope, now)
        if sent is None:
            return None
        number, body = b"%s-%x" % (self._prefix, next(self._numbers)), sent.body
        self._note(sent.status, len(body), begun, now, number, scope)
        return b"%sx-request-id: %s\r\n" % (sent.head, number), body

    def _soon(self, scope: Scope, now: datetime) -> Sent | None:
        """Return the reply to a read, in the way that the caller wishes it.

        None if it takes long to make, or is no answer.
        """
        try:
            standing = self._present.standing_at(now)
        except UnavailableError:
            standing = None
        if standing is not self._standing:
            self._standing = standing
            self.kept.clear()
        key = (scope.get("raw_path") or scope["path"].encode(), scope["query_string"])
        entry = self.kept.get(key)
        if entry is not None:
            self.traffic.hits += 1
        elif key not in self._under_way:
            entry = self._drawn(key, scope)
        return None if entry is None else self._wished(key, entry, scope)

    def _drawn(self, key: Key, scope: Scope) -> Entry | None:
        """Return a short answer, kept if it may be."""
        path = scope["path"]
        if len(path) + len(scope["query_string"]) > LONGEST_URL:
            return None
        none_match = dict(scope["headers"]).get(b"if-none-match")
        try:
            reply = self.short.reply(path, scope["query_string"], none_match)
        except Exception:  # noqa: BLE001 (it fails again, where that is told)
            return None
        if reply is None:
            return None
        entry = Entry(reply)
        self.traffic.misses += reply.kept
        if reply.kept:
            self._keep(key, entry)
        return entry

    def _wished(self, key: Key, entry: Entry, scope: Scope) -> Sent | None:
        """Return a reply as the caller wishes it; None if that takes long to make."""
        wishes = dict(scope["headers"])
        none_match = wishes.get(b"if-none-match")
        since = wishes.get(b"if-modified-since")
        if none_match is not None or since is not None:
            known = entry.known(none_match, since)
            if known is not None:
                return known
        coding = encodings.chosen(wishes.get(b"accept-encoding", b""))
        sent = entry.sent(coding)
        if sent is None and len(entry.plain.body) <= _SOON_PACKED:
            sent = entry.pack(coding)
            self._grown(key, entry)
        return sent

    async def _finished(self, key: Key, entry: Entry, scope: Scope) -> Sent:
        sent = self._wished(key, entry, scope)
        if sent is None:
            header = dict(scope["headers"]).get(b"accept-encoding", b"")
            coding = encodings.chosen(header)
            sent = await asyncio.to_thread(entry.pack, coding)
            self._grown(key, entry)
        return sent

    async def _made(self, scope: Scope, receive: Receive, number: bytes) -> Sent:
        """Return the application's reply, in the way that the caller wishes it."""
        method = scope["method"]
        if method == "OPTIONS":
            return Sent(204, _preflight(scope["path"]), b"")
        key = (scope.get("raw_path") or scope["path"].encode(), scope["query_string"])
        entry = self.kept.get(key) if method in _READS else None
        if entry is None:
            entry = await self._entry(key, scope, receive, number)
        return await self._finished(key, entry, scope)

    async def _entry(
        self, key: Key, scope: Scope, receive: Receive, number: bytes
    ) -> Entry:
        if scope["method"] not in _READS or key in self._under_way:
            return await self._shared(key, scope, receive, number)
        ours = self._under_way[key] = asyncio.get_running_loop().create_future()
        shared: Entry | None = None
        try:
            entry, may_share = await self._asked(key, scope, receive, number)
            shared = entry if may_share else None
            return entry
        finally:
            del self._under_way[key]
            ours.set_result(shared)

    async def _shared(
        self, key: Key, scope: Scope, receive: Receive, number: bytes
    ) -> Entry:
        """Return what another request is asking for, or ask if that is not for all."""
        other = self._under_way.get(key) if scope["method"] in _READS else None
        entry = await asyncio.shield(other) if other is not None else None
        if entry is None:
            entry, _ = await self._asked(key, scope, receive, number)
        else:
            self.traffic.hits += 1
        return entry

    async def _asked(
        self, key: Key, scope: Scope, receive: Receive, number: bytes
    ) -> tuple[Entry, bool]:
        """Return the application's reply, kept if it may be; and whether it may."""
        standing = self._standing
        none_match = dict(scope["headers"]).get(b"if-none-match")
        exchange = Exchange(number.decode(), none_match)
        reply = self._readable(scope, await self._reply(scope, receive, exchange))
        entry = Entry(reply)
        self.traffic.misses += reply.kept
        # What was asked before a change must not be kept after it.
        may = reply.kept and standing is self._standing
        if may:
            self._keep(key, entry)
        return entry, may

    def _grown(self, key: Key, entry: Entry) -> None:
        if self.kept.holds(key, entry):
            self._keep(key, entry)

    def _keep(self, key: Key, entry: Entry) -> None:
        self.kept.put(key, entry, len(key[0]) + len(key[1]) + entry.size)

    async def _reply(self, scope: Scope, receive: Receive, exchange: Exchange) -> Reply:
        if len(scope["path"]) + len(scope["query_string"]) > LONGEST_URL:
            return self._problems.reply(TooLongError(LONGEST_URL))
        request_id = exchange.request_id
        method = "GET" if scope["method"] == "HEAD" else scope["method"]
        inside = {**scope, "method": method, EXCHANGE: exchange}
        try:
            await self.app(inside, receive, nowhere)
            if exchange.reply is not None:
                return exchange.reply
            log.error("no reply", request_id=request_id, path=scope["path"])
        except Exception:
            # Whatever it is, the caller gets a problem and we get the traceback.
            log.exception("request failed", request_id=request_id, path=scope["path"])
        return self._problems.failure(request_id)


def _preflight(path: str) -> Headers:
    methods = preflight.methods(path).encode()
    allowed = (b"allow", methods), (b"access-control-allow-methods", methods)
    return (*_PREFLIGHT, *allowed)
