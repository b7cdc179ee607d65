"""The outermost layer: finished answers out, before any routing.

Pure ASGI. A hit, a 304, a HEAD and a preflight run no application code; what is not
kept is asked of the application, which hands its reply over and sends nothing itself.
Security headers, request ids and the access log are here too, so that every reply has
them.
"""

import secrets
from email.utils import format_datetime
from itertools import count
from time import perf_counter

import structlog
from starlette.datastructures import State
from starlette.types import ASGIApp, Receive, Scope, Send

from app.api import encodings, preflight
from app.api.access import AccessLog
from app.api.cache import Bounded, Clock, Present, Standing
from app.api.conditions import is_known
from app.api.metrics import Traffic
from app.api.problems import Problems, TooLongError
from app.api.replies import EXCHANGE, Exchange, Reply, nowhere

log = structlog.get_logger(__name__)

Headers = tuple[tuple[bytes, bytes], ...]
Key = tuple[bytes, bytes]

LONGEST_URL = 8_192

_EVERY: Headers = (
    (b"access-control-allow-origin", b"*"),
    (
        b"access-control-expose-headers",
        b"ETag, Link, Retry-After, RateLimit, RateLimit-Policy, Deprecation, Sunset",
    ),
    (b"vary", b"Accept-Encoding"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"cross-origin"),
)
_PREFLIGHT: Headers = (
    *_EVERY,
    (b"access-control-allow-headers", b"*"),
    (b"access-control-max-age", b"86400"),
    (b"content-length", b"0"),
)
# Of a 304, only what a cache needs to bring its copy up to date.
_OF_CONTENT = {b"content-type", b"content-security-policy"}


class Entry:
    """A reply as it is sent: headers, and a body per coding, made when asked for."""

    __slots__ = ("bare", "bodies", "etag", "full", "modified", "status")

    def __init__(self, reply: Reply) -> None:
        fields = [(name.encode(), value.encode()) for name, value in reply.fields]
        if reply.etag is not None:
            fields.append((b"etag", reply.etag.encode()))
        if reply.modified is not None:
            stamp = format_datetime(reply.modified, usegmt=True)
            fields.append((b"last-modified", stamp.encode()))
        self.status = reply.status_code
        self.etag = reply.etag
        self.modified = reply.modified
        self.full: Headers = (*fields, *_EVERY)
        self.bare: Headers = tuple(f for f in self.full if f[0] not in _OF_CONTENT)
        self.bodies: dict[str, bytes | None] = {encodings.IDENTITY: bytes(reply.body)}

    @property
    def size(self) -> int:
        """Bytes of all bodies."""
        return sum(len(body) for body in self.bodies.values() if body)

    def body(self, coding: str) -> tuple[bytes, str]:
        """Return the body and the coding it is in, which may be none."""
        body = self.bodies.get(coding)
        return (body, coding) if body is not None else (self.plain, encodings.IDENTITY)

    @property
    def plain(self) -> bytes:
        """The body as it is."""
        return self.bodies[encodings.IDENTITY] or b""

    def pack(self, coding: str) -> bool:
        """Make the body in a coding; return whether that was still to be done."""
        if coding in self.bodies:
            return False
        self.bodies[coding] = encodings.packed(self.plain, coding)
        return True


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
        state: State,
        access: AccessLog | None = None,
    ) -> None:
        """Put a cache of `limit` bytes before an application.

        Args:
            app: Hands its replies over as `Reply`; see `replies.Exchange`.
            present: What live answers depend on.
            problems: What to say when something fails here.
            now: The clock, for the access log.
            limit: Most bytes that are kept.
            state: The application's; `draining` makes it say that it is not ready.
            access: Where requests are noted; None: nowhere.
        """
        self.app = app
        self.state = state
        self._present = present
        self._problems = problems
        self._now = now
        self.kept: Bounded[Key, Entry] = Bounded(limit)
        self.traffic = Traffic()
        self._standing: Standing | None = None
        self._access = access
        self._numbers = count(1)
        # Requests of two processes, or of one before and after a restart, differ.
        self._prefix = secrets.token_hex(4)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or pass on what is none."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun = perf_counter()
        request_id = f"{self._prefix}-{next(self._numbers):x}"
        status, headers, body = await self._answer(scope, receive, request_id)
        self.traffic.sent[status // 100] += 1
        fields = [*headers, (b"x-request-id", request_id.encode())]
        start = {"type": "http.response.start", "status": status, "headers": fields}
        await send(start)
        if scope["method"] == "HEAD":
            body = b""
        await send({"type": "http.response.body", "body": body})
        if self._access is not None:
            self._access.note(
                self._now(),
                request_id,
                scope["method"],
                _target(scope),
                status=status,
                size=len(body),
                seconds=perf_counter() - begun,
            )

    async def _answer(
        self, scope: Scope, receive: Receive, request_id: str
    ) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
        if scope["method"] == "OPTIONS":
            return 204, _preflight(scope["path"]), b""
        coding, if_none_match, if_modified_since = _wishes(scope)
        key = (scope.get("raw_path") or scope["path"].encode(), scope["query_string"])
        entry = None
        if scope["method"] in {"GET", "HEAD"}:
            self._forget_if_changed()
            entry = self.kept.get(key)
        if entry is not None:
            self.traffic.hits += 1
        else:
            exchange = Exchange(request_id, if_none_match)
            entry = await self._asked(key, scope, receive, exchange)
        if is_known(entry.etag, entry.modified, if_none_match, if_modified_since):
            return 304, list(entry.bare), b""
        if coding and entry.pack(coding) and self.kept.get(key) is entry:
            self.kept.put(key, entry, len(key[0]) + len(key[1]) + entry.size)
        body, packed = entry.body(coding)
        headers = [*entry.full, (b"content-length", b"%d" % len(body))]
        if packed:
            headers.append((b"content-encoding", packed.encode()))
        return entry.status, headers, body

    def _forget_if_changed(self) -> None:
        standing = self._present.standing_or_none()
        if standing is not self._standing:
            self._standing = standing
            self.kept.clear()

    async def _asked(
        self, key: Key, scope: Scope, receive: Receive, exchange: Exchange
    ) -> Entry:
        """Return the application's reply, and keep it if it may be kept."""
        standing = self._standing
        reply = await self._reply(scope, receive, exchange)
        entry = Entry(reply)
        self.traffic.misses += reply.kept
        # What was asked before a change must not be kept after it.
        if reply.kept and standing is self._standing:
            self.kept.put(key, entry, len(key[0]) + len(key[1]) + entry.size)
        return entry

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


def _preflight(path: str) -> list[tuple[bytes, bytes]]:
    methods = preflight.methods(path).encode()
    allowed = [(b"allow", methods), (b"access-control-allow-methods", methods)]
    return [*_PREFLIGHT, *allowed]


def _wishes(scope: Scope) -> tuple[str, bytes | None, bytes | None]:
    """Return the coding a caller takes, and its two conditions."""
    coding = encodings.IDENTITY
    if_none_match = if_modified_since = None
    for name, value in scope["headers"]:
        if name == b"accept-encoding":
            coding = encodings.chosen(value)
        elif name == b"if-none-match":
            if_none_match = value
        elif name == b"if-modified-since":
            if_modified_since = value
    return coding, if_none_match, if_modified_since


def _target(scope: Scope) -> str:
    query = scope["query_string"].decode("latin-1")
    return f"{scope['path']}?{query}" if query else str(scope["path"])
