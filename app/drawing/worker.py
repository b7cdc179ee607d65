"""The process that draws, one picture after another, until nobody asks any more.

`python -m app.drawing.worker SECONDS`, with a socket as its standard input. What draws
holds the interpreter while it does, so it is not in the process that answers; and as
it is less urgent than answering, it gives way.
"""

import os
import resource
import signal
import socket
import sys
from functools import cache
from pathlib import Path

import vl_convert

from app.drawing.dressing import captioned, dressed
from app.drawing.job import Job, Went, receive, send, told

_MEMORY = Path("/proc/self/statm")
_VEGA_LITE = "6.4"
_GIVE_WAY = 10
_NO_LETTER = "\N{CJK UNIFIED IDEOGRAPH-3402}"


def draw(job: Job) -> bytes:
    """Return a picture; nothing is fetched for it."""
    svg = vl_convert.vegalite_to_svg(
        job.spec, vl_version=_VEGA_LITE, allowed_base_urls=[]
    )
    if not job.png:
        return dressed(svg, job.title, job.description, job.style)
    png = vl_convert.svg_to_png(svg, scale=job.scale)
    return captioned(png, job.title, job.description)


def answered(body: bytes) -> bytes:
    """Return the answer to a message: a picture, or why there is none."""
    try:
        job = Job.unpacked(body)
        if job.png and not all(map(_has_font, job.sample)):
            return told(Went.NO_FONT, job.sample.encode())
        picture = draw(job)
    except Exception as error:  # noqa: BLE001 (whoever asked is told)
        return told(Went.WRONG, f"{type(error).__name__}: {error}".encode())
    return told(Went.WELL, picture, _kilobytes())


def _kilobytes() -> int:
    """Return the memory in use; 0 where that is not to be had."""
    # The most there ever was, of `getrusage`, is also that of the server, which may
    # be large: then no process would draw twice.
    try:
        resident = int(_MEMORY.read_text().split()[1])
    except OSError:
        return 0
    return resident * resource.getpagesize() // 1024


@cache
def _has_font(letter: str) -> bool:
    """Whether a letter looks like itself, and not like one that there is not."""
    return letter.isascii() or _pixels(letter) != _pixels(_NO_LETTER)


def _pixels(letter: str) -> bytes:
    return vl_convert.svg_to_png(
        '<svg xmlns="http://www.w3.org/2000/svg" width="20" height="20">'
        f'<text y="16" font-family="sans-serif" font-size="16">{letter}</text></svg>'
    )


def _main() -> None:  # pragma: no cover (in a process of its own)
    seconds = float(sys.argv[1])
    os.nice(_GIVE_WAY)
    asking = socket.socket(fileno=os.dup(0))
    # What libraries print must not be read as a picture.
    os.dup2(2, 1)
    while (body := receive(asking)) is not None:
        # Ends this process even where the interpreter is held and never let go.
        signal.setitimer(signal.ITIMER_REAL, seconds)
        answer = answered(body)
        signal.setitimer(signal.ITIMER_REAL, 0)
        send(asking, answer)


if __name__ == "__main__":
    _main()
