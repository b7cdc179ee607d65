"""Bodies that are sent while they are written: no more of one is held than a piece."""

import asyncio
from collections.abc import Iterator
from typing import Any

import structlog
from starlette.types import Receive, Scope, Send

log = structlog.get_logger(__name__)

Headers = list[tuple[bytes, bytes]]

_BODY = "http.response.body"


class Stream:
    """One long body on its way to one caller.

    Attributes:
        size: Bytes of it that were sent.
    """

    def __init__(self, pieces: Iterator[bytes], number: bytes) -> None:
        """Send these pieces in answer to the request of this number."""
        self._pieces = pieces
        self._number = number
        self.size = 0

    async def send(
        self,
        scope: Scope,
        receive: Receive,
        send: Send,
        start: dict[str, Any],
        headers: Headers,
    ) -> None:
        """Send it as fast as the caller takes it; stop when the caller is gone.

        What fails in the middle is raised, and the server then breaks off: half a body
        must not look like a whole one.
        """
        gone = asyncio.ensure_future(_gone(receive))
        try:
            if scope.get("http_version") == "1.0":
                headers = [*headers, await self._whole()]
            await send(start | {"headers": headers})
            await self._send(send, gone)
        except Exception:
            log.exception("reply broken off", request_id=self._number.decode())
            raise
        finally:
            gone.cancel()

    async def _whole(self) -> tuple[bytes, bytes]:
        """Write all of it now, for a caller who knows no pieces; return its length."""
        body = await asyncio.to_thread(b"".join, self._pieces)
        self._pieces = iter([body])
        return b"content-length", b"%d" % len(body)

    async def _send(self, send: Send, gone: "asyncio.Future[None]") -> None:
        while not gone.done():
            piece = await asyncio.to_thread(next, self._pieces, None)
            if piece is None:
                await send({"type": _BODY, "body": b""})
                return
            await send({"type": _BODY, "body": piece, "more_body": True})
            self.size += len(piece)


async def _gone(receive: Receive) -> None:
    """Return when the caller is gone."""
    while (await receive())["type"] != "http.disconnect":
        pass
