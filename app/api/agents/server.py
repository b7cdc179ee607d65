"""The protocol that agents speak, as a library speaks it; loaded when one first asks.

Each request stands alone: no sessions, and nothing that outlives the reply.
"""

import json
import logging
from collections.abc import Iterable
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

import fastmcp
from fastmcp.server.http import FastMCPStreamableHTTPSessionManager
from fastmcp.tools.base import Tool, ToolResult
from pydantic import PrivateAttr
from starlette.types import Message, Scope

from app import __version__
from app.api.agents import tools
from app.api.agents.told import MOST_ROWS, Refused
from app.api.views import Ask

_asking: ContextVar[Ask] = ContextVar("asking")


@dataclass(slots=True)
class Spoken:
    """A reply of the protocol: status, header fields and body."""

    status: int = 500
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    body: bytes = b""


async def speak(scope: Scope, body: bytes, ask: Ask) -> Spoken:
    """Return the reply to one request.

    Args:
        scope: The request, of which the fields of the header count.
        body: What was sent.
        ask: Asks the API, for the tools.
    """
    spoken = Spoken()
    # Whoever waits for more than the body is sent away.
    coming: list[Message] = [{"type": "http.request", "body": body}]

    async def receive() -> Message:
        return coming.pop() if coming else {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            spoken.status, spoken.headers = message["status"], message["headers"]
        else:
            spoken.body += message.get("body", b"")

    manager = FastMCPStreamableHTTPSessionManager(
        app=_server()._mcp_server,  # noqa: SLF001 (its own application wants a life)
        json_response=True,
        stateless=True,
    )
    token = _asking.set(ask)
    try:
        async with manager.run():
            await manager.handle_request(_plain(scope), receive, send)
    finally:
        _asking.reset(token)
    return spoken


def _plain(scope: Scope) -> Scope:
    """Return the request without what belongs to this one server or connection."""
    kept = [f for f in scope["headers"] if f[0].startswith(b"mcp-")]
    # Answers in one piece: whoever takes a stream of events takes these too.
    types = [(b"content-type", b"application/json"), (b"accept", b"application/json")]
    return {**scope, "headers": [*kept, *types], "state": {}}


class _Asked(Tool):
    """A tool of ours as the library calls it."""

    _tool: tools.Tool = PrivateAttr()

    async def run(self, arguments: dict[str, Any]) -> ToolResult:
        """Return the result, or what to do instead."""
        try:
            found = await self._tool.run(_asking.get(), arguments)
        except Refused as refused:
            return ToolResult(content=str(refused), is_error=True)
        text = json.dumps(found, ensure_ascii=False, separators=(",", ":"))
        return ToolResult(content=text, structured_content=found)


def _asked(tool: tools.Tool) -> _Asked:
    made = _Asked(
        name=tool.name,
        title=tool.title,
        description=tool.about,
        parameters=tool.parameters,
        output_schema=_OUTPUT,
        annotations={
            "readOnlyHint": True,
            "destructiveHint": False,
            "idempotentHint": True,
            "openWorldHint": False,
        },
    )
    made._tool = tool  # noqa: SLF001 (of the class above)
    return made


def _server() -> fastmcp.FastMCP:
    server: fastmcp.FastMCP = fastmcp.FastMCP(
        "Model Census",
        version=__version__,
        instructions=tools.INSTRUCTIONS,
        tools=_TOOLS,
        mask_error_details=True,
    )
    return server


def _quieten(names: Iterable[str]) -> None:
    """Make libraries log what goes wrong, and as all else here."""
    for name in names:
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
        logger.setLevel(logging.WARNING)


_OUTPUT: dict[str, Any] = {
    "type": "object",
    "properties": {
        "quote": {
            "type": ["string", "null"],
            "description": "The answer in a sentence; null if one does not do.",
        },
        "citation": {"type": "string", "description": "What to cite with it."},
        "permalink": {
            "type": ["string", "null"],
            "description": "The same question, of the same release, for ever.",
        },
        "data": {
            "type": "array",
            "maxItems": MOST_ROWS,
            "items": {"type": "object"},
            "description": "Rows, as the API has them; none for a quote.",
        },
    },
    "required": ["quote", "citation", "permalink"],
}

_quieten(["fastmcp", "mcp"])
_TOOLS = [_asked(tool) for tool in tools.tools()]
