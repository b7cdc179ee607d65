"""How the server writes what the front has finished: at once, in one piece.

Most of what a constant reply costs in uvicorn is its task, and checking and joining its
fields one by one. A kept reply was checked when it was made, and one that is short is
ours as well, so they need neither.
Everything else goes the usual way: the front is an ASGI application like any other,
and works with any server.
"""

from collections.abc import Callable
from typing import Any

from uvicorn.protocols.http.httptools_impl import (
    HttpToolsProtocol,
    RequestResponseCycle,
)

AtOnce = Callable[[Any], tuple[bytes, bytes] | None]


class Protocol(HttpToolsProtocol):
    """uvicorn's protocol, with a short cut for an application that has `at_once`."""

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        found = self._found(cycle, getattr(app, "at_once", None))
        if found is None:
            super()._start_asgi_task(cycle, app)
            return
        head, body = found
        date = [b"%s: %s\r\n" % field for field in self.server_state.default_headers]
        self.transport.write(b"%s%s\r\n%s" % (head, b"".join(date), body))
        cycle.response_started = cycle.response_complete = True
        self.on_response_complete()

    def _found(
        self, cycle: RequestResponseCycle, at_once: AtOnce | None
    ) -> tuple[bytes, bytes] | None:
        if at_once is None or not self._free(cycle):
            return None
        try:
            return at_once(cycle.scope)
        except Exception:  # noqa: BLE001 (it fails again, where that is told)
            # Raised here, within the parser, it would look like a bad request.
            return None

    def _free(self, cycle: RequestResponseCycle) -> bool:
        """Return whether the connection takes a reply now, and stays open after it.

        Of requests sent in one piece only the first may go this way: the next one is
        begun from within the last one's end.
        """
        return (
            cycle.keep_alive
            and not self.pipeline
            and not self.flow.write_paused
            and not self.transport.is_closing()
        )
