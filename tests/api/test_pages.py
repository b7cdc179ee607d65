"""Pages that are the same for everyone."""

import asyncio
import time

from app.api.pages import serving


def test_what_many_ask_for_first_is_read_once() -> None:
    read: list[int] = []

    def slowly() -> bytes:
        read.append(1)
        time.sleep(0.05)
        return b"read"

    serve = serving(slowly, "text/plain", "default-src 'none'")

    async def ask() -> list[bytes]:
        replies = await asyncio.gather(*(serve() for _ in range(5)))
        return [bytes(reply.body) for reply in replies]

    assert asyncio.run(ask()) == [b"read"] * 5
    assert read == [1]
