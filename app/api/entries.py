"""Replies as they are sent: fields and bytes, finished once and sent many times."""

from collections.abc import Callable, Iterator
from datetime import datetime
from email.utils import format_datetime
from functools import lru_cache, partial
from http import HTTPStatus

from app.api import encodings
from app.api.conditions import is_known
from app.api.replies import Reply, Writing

Headers = tuple[tuple[bytes, bytes], ...]

EVERY: Headers = (
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
"""Fields of every reply."""

# Of a 304, only what a cache needs to bring its copy up to date.
_OF_CONTENT = {b"content-type", b"content-security-policy"}


@lru_cache(maxsize=64)
def _stamp(when: datetime) -> bytes:
    # Most replies are of the newest release.
    return format_datetime(when, usegmt=True).encode()


@lru_cache(maxsize=256)
def _encoded(name: str, value: str) -> tuple[bytes, bytes]:
    return name.encode(), value.encode()


@lru_cache(maxsize=64)
def _line(status: int) -> bytes:
    return f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\n".encode()


class Sent:
    """One way in which a reply is sent.

    Attributes:
        status: Its status.
        headers: Its fields, without those of one request; a list of one's own for
            every message, as whoever is outside may change that.
        body: Its bytes.
        pieces: Writes the body while it is sent; then `body` is empty.
    """

    __slots__ = ("_head", "body", "headers", "pieces", "status")

    def __init__(
        self,
        status: int,
        headers: Headers,
        body: bytes,
        pieces: Callable[[], Iterator[bytes]] | None = None,
    ) -> None:
        self.status = status
        self.headers = headers
        self.body = body
        self.pieces = pieces
        self._head: bytes | None = None

    @property
    def head(self) -> bytes:
        """Status line and fields as HTTP/1.1 has them, without the empty line."""
        if self._head is None:
            fields = [b"%s: %s\r\n" % field for field in self.headers]
            self._head = _line(self.status) + b"".join(fields)
        return self._head


class Entry:
    """A reply in all ways in which it is sent, each made when first asked for."""

    __slots__ = (
        "_blocks",
        "_etag",
        "_etag_sent",
        "_fields",
        "_modified",
        "_sent",
        "_status",
        "_unchanged",
    )

    def __init__(self, reply: Reply) -> None:
        fields = [_encoded(*field) for field in reply.fields]
        if reply.etag is not None:
            fields.append((b"etag", reply.etag.encode()))
        if reply.modified is not None:
            fields.append((b"last-modified", _stamp(reply.modified)))
        self._status = reply.status_code
        self._etag = reply.etag
        self._etag_sent = reply.etag.encode() if reply.etag else None
        self._modified = reply.modified
        self._fields: Headers = (*fields, *EVERY)
        self._unchanged: Sent | None = None
        self._blocks = reply.blocks
        self._sent = {encodings.IDENTITY: self._in(bytes(reply.body))}

    @property
    def size(self) -> int:
        """Bytes of all bodies."""
        return sum(len(sent.body) for sent in {*self._sent.values()})

    @property
    def plain(self) -> Sent:
        """The reply with its body as it is."""
        return self._sent[encodings.IDENTITY]

    def known(self, none_match: bytes | None, since: bytes | None) -> Sent | None:
        """Return the 304, if the caller has what would be sent."""
        known = none_match is not None and none_match == self._etag_sent
        if known or is_known(self._etag, self._modified, none_match, since):
            return self._bare()
        return None

    def _bare(self) -> Sent:
        if self._unchanged is None:
            bare = tuple(f for f in self._fields if f[0] not in _OF_CONTENT)
            self._unchanged = Sent(304, bare, b"")
        return self._unchanged

    def sent(self, coding: str) -> Sent | None:
        """Return the reply in a coding; None if it has yet to be made."""
        return self._sent.get(coding)

    def pack(self, coding: str) -> Sent:
        """Make the reply in a coding, or as it is where that is not smaller."""
        if coding not in self._sent:
            self._sent[coding] = self._packed(coding)
        return self._sent[coding]

    def _packed(self, coding: str) -> Sent:
        if dict(self._fields)[b"content-type"] in encodings.DENSE:
            return self.plain
        if self._blocks is not None:
            return self._in(b"", coding)
        body = encodings.packed(self.plain.body, coding)
        return self.plain if body is None else self._in(body, coding)

    def _in(self, body: bytes, coding: str = encodings.IDENTITY) -> Sent:
        headers: Headers = self._fields
        if coding:
            headers = (*headers, (b"content-encoding", coding.encode()))
        if self._blocks is None:
            length = b"content-length", b"%d" % len(body)
            return Sent(self._status, (*headers, length), body)
        pieces = partial(_pieces, self._blocks, coding)
        return Sent(self._status, headers, body, pieces)


def _pieces(blocks: Writing, coding: str) -> Iterator[bytes]:
    return encodings.packing(blocks(), coding)
