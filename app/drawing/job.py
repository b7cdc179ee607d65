"""What is drawn, and how it crosses from one process to the other."""

import json
import socket
import struct
from collections.abc import Callable
from dataclasses import asdict, dataclass

_LENGTH = struct.Struct("!I")
_DONE = struct.Struct("!?I")
"""Whether it was drawn, and the kilobytes that the drawing process takes."""


@dataclass(frozen=True, slots=True)
class Job:
    """A figure to draw.

    Attributes:
        spec: Vega-Lite, as JSON.
        png: Whether pixels are wanted, and not SVG.
        scale: Pixels of a PNG for each pixel of its layout.
        title: What the picture is called, for those who do not see it.
        description: What it shows, for them.
        style: Style sheet of an SVG.
    """

    spec: str
    png: bool
    scale: int
    title: str
    description: str
    style: str = ""

    def packed(self) -> bytes:
        """Return it as bytes."""
        return json.dumps(asdict(self)).encode()

    @classmethod
    def unpacked(cls, packed: bytes) -> "Job":
        """Return the job that bytes hold."""
        return cls(**json.loads(packed))


def send(to: socket.socket, body: bytes) -> None:
    """Send one message."""
    to.sendall(_LENGTH.pack(len(body)) + body)


def receive(
    source: socket.socket, before: Callable[[], None] = lambda: None
) -> bytes | None:
    """Return one message; None if the other side is gone.

    Args:
        source: Where it comes from.
        before: Called before each wait.
    """
    head = _exactly(source, _LENGTH.size, before)
    if head is None:
        return None
    (count,) = _LENGTH.unpack(head)
    return _exactly(source, count, before)


def _exactly(
    source: socket.socket, count: int, before: Callable[[], None]
) -> bytes | None:
    found = bytearray()
    while len(found) < count:
        before()
        part = source.recv(count - len(found))
        if not part:
            return None
        found += part
    return bytes(found)


def done(picture: bytes, kilobytes: int) -> bytes:
    """Return a picture as the drawing process hands it over."""
    return _DONE.pack(True, kilobytes) + picture


def failed(why: str) -> bytes:
    """Return why there is no picture."""
    return _DONE.pack(False, 0) + why.encode(errors="replace")


def outcome(body: bytes) -> tuple[bool, int, bytes]:
    """Return whether it was drawn, kilobytes, and the picture or why there is none."""
    drawn, kilobytes = _DONE.unpack_from(body)
    return drawn, kilobytes, body[_DONE.size :]
