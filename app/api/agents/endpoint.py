"""`/mcp`: where agents ask, by the Model Context Protocol over HTTP."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool

from app.api import sent
from app.api.replies import Reply
from app.api.views import asking

router = APIRouter(include_in_schema=False)

_MOST_BYTES = 64_000
"""Bytes of one request: arguments of a tool are short."""
_LONGEST = 15.0


@router.post("/mcp")
async def post_mcp(request: Request) -> Reply:
    body = await sent.body(request, _MOST_BYTES, longest=_LONGEST)
    speak = await run_in_threadpool(_loaded)
    spoken = await speak(request.scope, body, asking(request))
    kind = dict(spoken.headers).get(b"content-type", b"application/json").decode()
    return Reply(spoken.body, kind, status=spoken.status)


def _loaded() -> Callable[..., Coroutine[Any, Any, Any]]:
    # What speaks the protocol takes a second and 40 MB: only who is asked has it.
    from app.api.agents.server import speak  # noqa: PLC0415

    return speak
