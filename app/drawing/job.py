"""What is drawn, and how it crosses from one process to the other."""

import json
import socket
import struct
from collections.abc import Callable
from dataclasses import asdict, dataclass
from enum import IntEnum

_LENGTH = struct.Struct("!I")
_DONE = struct.Struct("!BI")
"""How it went, and the kilobytes that the drawing process takes."""


class Went(IntEnum):
    """How drawing went."""

    WRONG = 0
    """It failed, and will again."""
    WELL = 1
    NO_FONT = 2
    """There is no font here for what a PNG is to say."""


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
        sample: Letters without which a PNG is of no use.
    """

    spec: str
    png: bool
    scale: int
    title: str
    description: str
    style: str = ""
    sample: str = ""

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


def told(went: Went, body: bytes, kilobytes: int = 0) -> bytes:
    """Return a picture, or why there is none, as the drawing process hands it over."""
    return _DONE.pack(went, kilobytes) + body


def outcome(message: bytes) -> tuple[Went, int, bytes]:
    """Return how it went, kilobytes, and the picture or why there is none."""
    went, kilobytes = _DONE.unpack_from(message)
    return Went(went), kilobytes, message[_DONE.size :]
