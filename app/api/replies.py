"""What the application hands to the front: finished replies, never sent by itself."""

from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from app.present.figures.palette import STYLE

EXCHANGE = "modelcensus.exchange"

NO_STORE = "no-store"
LIVE = (
    "public, max-age=60, s-maxage=300, stale-while-revalidate=86400, "
    "stale-if-error=604800"
)
SETTLED = LIVE.replace("s-maxage=300", "s-maxage=3600")
"""Of a live answer, if nothing new is expected for that long."""
FOR_EVER = "public, max-age=31536000, immutable"

DENY_ALL = "default-src 'none'; frame-ancestors 'none'"
"""Content security policy of whatever is not a page."""
_STYLE = b64encode(sha256(STYLE.encode()).digest()).decode()
SVG_POLICY = f"default-src 'none'; style-src 'sha256-{_STYLE}'; frame-ancestors 'none'"
"""Of a picture that is looked at by itself: the style that darkens it."""


Writing = Callable[[], Iterator[bytes | bytearray]]
"""Begins to write a body, block by block."""


class Reply(Response):
    """A finished reply: bytes, and what the front needs to send it well.

    Attributes:
        etag: Entity tag, quoted and weak; None: the reply has no validators.
        modified: When what it says was published.
        kept: Whether the same URL may be answered from the front's cache.
        blocks: Writes the body while it is sent; then `body` is empty.
    """

    def __init__(
        self,
        body: bytes,
        media_type: str,
        *,
        status: int = 200,
        headers: Iterable[tuple[str, str]] = (),
        cache_control: str = NO_STORE,
        etag: str | None = None,
        modified: datetime | None = None,
        policy: str = DENY_ALL,
        kept: bool = False,
        blocks: Writing | None = None,
    ) -> None:
        super().__init__(body, status)
        self.etag = etag
        self.modified = modified
        self.kept = kept
        self.blocks = blocks
        self.fields = (
            ("content-type", media_type),
            ("cache-control", cache_control),
            ("content-security-policy", policy),
            *headers,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the reply over to the front, which sends it."""
        del receive, send
        scope[EXCHANGE].reply = self


@dataclass(slots=True)
class Exchange:
    """What the front and the application tell each other about one request."""

    request_id: str
    if_none_match: bytes | None = None
    reply: Reply | None = None
    trial: bool = False
    """Whether the application asks itself, to see whether a URL works."""
    better: str | None = None
    """The URL, without its host, that a failed trial offers instead."""


async def nowhere(message: Message) -> None:
    """Drop what the application's own machinery would send after a failure."""
    del message
