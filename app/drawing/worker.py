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

import vl_convert

from app.drawing.dressing import captioned, dressed
from app.drawing.job import Job, done, failed, receive, send

_VEGA_LITE = "6.4"
_GIVE_WAY = 10


def draw(job: Job) -> bytes:
    """Return a picture; nothing is fetched for it."""
    svg = vl_convert.vegalite_to_svg(
        job.spec, vl_version=_VEGA_LITE, allowed_base_urls=[]
    )
    if not job.png:
        return dressed(svg, job.title, job.description, job.style)
    png = vl_convert.svg_to_png(svg, scale=job.scale)
    return captioned(png, job.title, job.description)


def _answered(body: bytes) -> bytes:
    try:
        picture = draw(Job.unpacked(body))
    except Exception as error:  # noqa: BLE001 (whoever asked is told)
        return failed(f"{type(error).__name__}: {error}")
    return done(picture, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


def _main() -> None:
    seconds = float(sys.argv[1])
    os.nice(_GIVE_WAY)
    asking = socket.socket(fileno=os.dup(0))
    # What libraries print must not be read as a picture.
    os.dup2(2, 1)
    while (body := receive(asking)) is not None:
        # Ends this process even where the interpreter is held and never let go.
        signal.setitimer(signal.ITIMER_REAL, seconds)
        answer = _answered(body)
        signal.setitimer(signal.ITIMER_REAL, 0)
        send(asking, answer)


if __name__ == "__main__":
    _main()
