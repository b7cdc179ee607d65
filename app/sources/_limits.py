"""Limits in time: a quota, a deadline, and what cuts a connection when it comes."""

import socket
import time
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from threading import Lock, Timer
from types import TracebackType
from typing import Any, Protocol, Self


class Quota(Protocol):
    """A quota, wherever it is counted."""

    def wait(self, longest: float, *, again: bool = False) -> bool:
        """Wait for a turn, or return False at once if it is over `longest` s away.

        Args:
            longest: Seconds.
            again: Whether it is for a call that failed before: there may be fewer
                turns for those.
        """


class Pace:
    """A quota: at most `most` calls within any `per`, counted in this process."""

    def __init__(
        self, most: int, per: timedelta, *, retries: int | None = None
    ) -> None:
        """Allow so many calls, and no call again once `retries` were made."""
        self._per = per.total_seconds()
        self._retries = most if retries is None else retries
        self._calls: deque[float] = deque(maxlen=most)
        self._lock = Lock()

    def wait(self, longest: float, *, again: bool = False) -> bool:
        """Wait for a turn; see `Quota.wait`."""
        with self._lock:
            now = time.monotonic()
            if again and sum(c > now - self._per for c in self._calls) >= self._retries:
                return False
            full = len(self._calls) == self._calls.maxlen
            turn = max(now, self._calls[0] + self._per) if full else now
            if turn - now > longest:
                return False
            self._calls.append(turn)
        time.sleep(turn - now)
        return True


class Deadline:
    """The end of one fetch, on the clock that only goes forward."""

    def __init__(self, timeout: timedelta) -> None:
        self.seconds = timeout.total_seconds()
        self._end = time.monotonic() + self.seconds

    def left(self) -> float:
        """Return the seconds until then, 0 if it is over."""
        return max(0.0, self._end - time.monotonic())


class Cutter:
    """Shuts the connection of one attempt after so many seconds.

    A read time-out bounds the silence between two bytes. Only this bounds their sum,
    for the headers as for the body.
    """

    def __init__(self, seconds: float) -> None:
        self._timer = Timer(seconds, self._cut)
        self._timer.daemon = True
        self._socket: socket.socket | None = None
        self.late = False

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._timer.cancel()

    def trace(self, event: str, info: Mapping[str, Any]) -> None:
        """Take note of a connection that was made."""
        if event.endswith((".connect_tcp.complete", ".start_tls.complete")):
            self._socket = info["return_value"].get_extra_info("socket")
            if self.late:
                self._cut()

    def _cut(self) -> None:
        self.late = True
        if self._socket:
            with suppress(OSError):  # closed already
                # Of the plain class: TLS would first forget its keys, in mid-read.
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)
