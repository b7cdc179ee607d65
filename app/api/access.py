"""One line per request, written in batches off the path of the answer."""

import json
from collections.abc import Callable
from datetime import UTC, datetime

_MOST = 1_000
"""Lines that are held at most before they are written."""


class AccessLog:
    """Collects lines; `flush` writes them."""

    def __init__(self, write: Callable[[str], object]) -> None:
        """Write with `write`, a text of whole lines at a time."""
        self._write = write
        self._lines: list[tuple[datetime, str, str, str, int, int, float]] = []

    def note(
        self,
        when: datetime,
        request_id: str,
        method: str,
        target: str,
        *,
        status: int,
        size: int,
        seconds: float,
    ) -> None:
        """Remember one request."""
        self._lines.append((when, request_id, method, target, status, size, seconds))
        if len(self._lines) >= _MOST:
            self.flush()

    def flush(self) -> None:
        """Write what was collected."""
        lines, self._lines = self._lines, []
        if lines:
            self._write("".join(map(_line, lines)))


def _line(noted: tuple[datetime, str, str, str, int, int, float]) -> str:
    when, request_id, method, target, status, size, seconds = noted
    fields = {
        "time": when.astimezone(UTC).isoformat(timespec="milliseconds"),
        "event": "request",
        "request_id": request_id,
        "method": method,
        "target": target,
        "status": status,
        "bytes": size,
        "ms": round(seconds * 1000, 3),
    }
    return json.dumps(fields) + "\n"
