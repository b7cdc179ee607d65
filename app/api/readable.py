"""Problems that a person meets in a browser: pages instead of JSON."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from starlette.types import Scope

from app.api.problems import MEDIA_TYPE
from app.api.replies import Reply
from app.api.views import Seen

_MACHINES = ("/v1", "/mcp", "/oembed")
"""Paths, and those below them, that programs ask: their problems are JSON always."""
_HTML = b"text/html"

Tell = Callable[[str, str, Mapping[str, Any]], Seen]
"""Makes a page of the path, the public URL and what the problem says."""
Readable = Callable[[Scope, Reply], Reply]
"""Returns a reply as who asked for it can read it."""


def readable(tell: Tell, public: str) -> Readable:
    """Return what makes a page of each problem that a browser gets for a page.

    Args:
        tell: Makes the page.
        public: Where readers reach this service.
    """

    def told(scope: Scope, reply: Reply) -> Reply:
        media_type = dict(reply.fields)["content-type"]
        if media_type != MEDIA_TYPE or reply.kept or not _seen(scope):
            return reply
        page = tell(scope["path"], public, json.loads(bytes(reply.body)))
        others = [(n, v) for n, v in reply.fields if n not in _OWN]
        return Reply(
            page.body,
            page.media_type,
            status=reply.status_code,
            policy=page.policy,
            headers=[*others, *page.headers],
        )

    return told


_OWN = frozenset({"content-type", "content-security-policy", "cache-control"})
"""Fields that a reply writes itself."""


def _seen(scope: Scope) -> bool:
    """Tell whether a browser asks for what is to be looked at."""
    path = scope["path"]
    for machines in _MACHINES:
        if path == machines or path.startswith((f"{machines}/", f"{machines}.")):
            return False
    return _HTML in dict(scope["headers"]).get(b"accept", b"")
