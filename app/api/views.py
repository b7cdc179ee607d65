"""Pages that are made from answers of `/v1`: asked within, kept like any answer."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Protocol
from urllib.parse import unquote

from fastapi import APIRouter, Request
from starlette.types import Scope

from app.api import answers
from app.api.door import Door
from app.api.replies import EXCHANGE, LIVE, NO_STORE, Exchange, Reply, nowhere
from app.api.short import Short
from app.api.urls import Pairs, canonical, pairs

_OK = 200


class Seen(Protocol):
    """What a view makes."""

    @property
    def body(self) -> bytes: ...  # noqa: D102
    @property
    def policy(self) -> str: ...  # noqa: D102
    @property
    def media_type(self) -> str: ...  # noqa: D102
    @property
    def status(self) -> int: ...  # noqa: D102
    @property
    def headers(self) -> Sequence[tuple[str, str]]: ...  # noqa: D102
    @property
    def kept(self) -> bool: ...  # noqa: D102


Ask = Callable[[str], Awaitable[tuple[int, bytes]]]
"""Asks a path with its query; returns status and body."""
See = Callable[[str, Mapping[str, str], Pairs, str, Ask], Awaitable[Seen]]
"""Makes a page of path, named parts, query, public URL, and a way to ask."""


def router_of(views: Mapping[str, See]) -> APIRouter:
    """Return the routes of views, by path with named parts."""
    router = APIRouter(include_in_schema=False)
    for path, see in views.items():
        router.get(path)(_served(see))
    return router


def _served(see: See) -> Callable[[Request], Awaitable[Reply]]:
    async def serve(request: Request) -> Reply:
        door: Door = request.app.state.door
        path: str = request.scope["path"]
        query = pairs(request.scope["query_string"])
        before = door.present.standing()
        seen = await see(path, request.path_params, query, door.public, asking(request))
        good = seen.status == _OK and seen.kept
        # What was made of two releases must not be kept for either.
        same = door.present.standing() is before
        tag = answers.etag(
            path,
            canonical(query),
            seen.media_type,
            before.snapshot.release.id,
            before.ages,
            before.runs,
        )
        return Reply(
            seen.body,
            seen.media_type,
            status=seen.status,
            headers=seen.headers,
            cache_control=LIVE if good and same else NO_STORE,
            etag=tag if good and same else None,
            modified=None,
            policy=seen.policy,
            kept=good and same,
        )

    return serve


def asking(request: Request) -> Ask:
    """Return what asks the application itself, for a request."""

    async def ask(url: str) -> tuple[int, bytes]:
        exchange = await asked_inside(request, url)
        reply = exchange.reply
        assert reply is not None  # noqa: S101 # every failure is made one
        return reply.status_code, bytes(reply.body)

    return ask


async def asked_inside(request: Request, url: str, *, trial: bool = False) -> Exchange:
    """Ask the application itself, as a caller would.

    Args:
        request: The one that the question comes from.
        url: Path and query.
        trial: Whether it is only to be known if the URL works.
    """
    exchange = Exchange(request.scope[EXCHANGE].request_id, trial=trial)
    path, _, query = url.partition("?")
    short: Short = request.app.state.short
    exchange.reply = short.reply(unquote(path), query.encode())
    if exchange.reply is not None:
        return exchange
    scope: Scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": unquote(path),
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [],
        "client": None,
        "server": None,
        "state": {},
        EXCHANGE: exchange,
    }
    await request.app(scope, request.receive, nowhere)
    return exchange
