"""One line per request, written in batches off the path of the answer."""

from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from json import dumps

from starlette.types import Scope

_MOST = 100
"""Lines that are held at most before they are written; few, for all wait for them."""

_Noted = tuple[datetime, bytes, str, str, bytes, int, int, float]


class AccessLog:
    """Collects lines; `flush` writes them."""

    def __init__(self, write: Callable[[str], object]) -> None:
        """Write with `write`, a text of whole lines at a time."""
        self._write = write
        self._lines: list[_Noted] = []

    def note(
        self,
        when: datetime,
        request_id: bytes,
        scope: Scope,
        status: int,
        size: int,
        seconds: float,
    ) -> None:
        """Remember one request."""
        asked = scope["method"], scope["path"], scope["query_string"]
        self._lines.append((when, request_id, *asked, status, size, seconds))
        if len(self._lines) >= _MOST:
            self.flush()

    def flush(self) -> None:
        """Write what was collected."""
        lines, self._lines = self._lines, []
        if lines:
            self._write("".join(map(_line, lines)))


def _line(noted: _Noted) -> str:
    when, request_id, method, path, query, status, size, seconds = noted
    # By hand: a line should cost little beside the answer that it tells of.
    return (
        f'{{"time": "{when.isoformat(timespec="milliseconds")}", "event": "request", '
        f'"request_id": "{request_id.decode()}", {_asked(method, path, query)}, '
        f'"status": {status}, "bytes": {size}, "ms": {seconds * 1000:.3f}}}\n'
    )


@lru_cache(maxsize=256)
def _asked(method: str, path: str, query: bytes) -> str:
    target = f"{path}?{query.decode('latin-1')}" if query else path
    return f'"method": {dumps(method)}, "target": {dumps(target)}'
