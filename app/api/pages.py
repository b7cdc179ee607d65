"""Pages and files that are the same for everyone, served like any other reply."""

from collections.abc import Awaitable, Callable, Mapping
from hashlib import sha256
from threading import Lock
from typing import Protocol

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool

from app.api.replies import Reply

_LIFETIME = "public, max-age=3600"


class Page(Protocol):
    """One page or file: what it is, its content security policy, its bytes."""

    @property
    def media_type(self) -> str: ...  # noqa: D102
    @property
    def policy(self) -> str: ...  # noqa: D102
    @property
    def read(self) -> Callable[[], bytes]: ...  # noqa: D102


def router_of(pages: Mapping[str, Page]) -> APIRouter:
    """Return the routes of pages, by path."""
    router = APIRouter(include_in_schema=False)
    for path, page in pages.items():
        router.get(path)(_served(page))
    return router


def _unchanging(body: bytes, media_type: str, policy: str) -> Reply:
    return Reply(
        body,
        media_type,
        cache_control=_LIFETIME,
        etag=f'W/"{sha256(body).hexdigest()[:24]}"',
        policy=policy,
        kept=True,
    )


def _served(page: Page) -> Callable[[], Awaitable[Reply]]:
    return serving(page.read, page.media_type, page.policy)


def serving(
    read: Callable[[], bytes], media_type: str, policy: str
) -> Callable[[], Awaitable[Reply]]:
    """Return an endpoint for what is the same until the code changes.

    It is read when it is first asked for, in a thread: nobody else waits for it. It is
    read once, as not all that is read bears being read twice at a time.
    """
    known: list[Reply] = []
    reading = Lock()

    def once() -> Reply:
        with reading:
            if not known:
                known.append(_unchanging(read(), media_type, policy))
        return known[0]

    async def serve() -> Reply:
        return known[0] if known else await run_in_threadpool(once)

    return serve
