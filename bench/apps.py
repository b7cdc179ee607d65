"""What is measured beside the service: the limit, and the service without its cache."""

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

from app.api.cache import Bounded
from app.api.front import Front
from app.main import from_environment

BODY = Path(os.environ.get("BENCH_BODY") or os.devnull).read_bytes()
HEADERS = [
    (b"content-type", b"application/json"),
    (b"content-length", str(len(BODY)).encode()),
]


async def constant(scope: Any, receive: Any, send: Any) -> None:
    """Send the same bytes whatever is asked: as little as an application can do."""
    del scope, receive
    await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
    await send({"type": "http.response.body", "body": BODY})


def uncached() -> Front:
    """Return the service, which keeps no answer."""
    front = from_environment()
    front.kept = Bounded(0)
    front.state.door = replace(front.state.door, drawn=Bounded(0))
    return front
