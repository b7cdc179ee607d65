"""What the drawing process answers to each message."""

import io
import socket

from PIL import Image

from app.drawing import worker
from app.drawing.job import Job, Went, outcome, receive, send
from tests.drawing.test_pool import BAD, SPEC


def answered(job: Job) -> tuple[Went, int, bytes]:
    return outcome(worker.answered(job.packed()))


def test_it_draws_and_says_what_it_weighs() -> None:
    went, kilobytes, svg = answered(Job(SPEC, False, 1, "T", "D", "a{}"))

    assert went is Went.WELL
    assert kilobytes > 10_000
    assert svg.startswith(b"<svg ")
    assert b"<title>T</title><desc>D</desc><style>a{}</style>" in svg


def test_it_draws_as_many_pixels_as_the_scale_says() -> None:
    _, _, once = answered(Job(SPEC, True, 1, "T", "D"))
    _, _, thrice = answered(Job(SPEC, True, 3, "T", "D"))

    small, large = (Image.open(io.BytesIO(png)) for png in (once, thrice))
    assert large.size == (small.width * 3, small.height * 3)


def test_it_says_why_it_cannot_draw() -> None:
    went, _, why = answered(Job(BAD, False, 1, "T", "D"))
    broken, _, wrong = outcome(worker.answered(b"{"))

    assert (went, broken) == (Went.WRONG, Went.WRONG)
    assert why.startswith(b"ValueError: Vega-Lite to SVG conversion failed")
    assert wrong.startswith(b"JSONDecodeError")


def test_it_knows_which_letters_have_a_font() -> None:
    lacking = answered(Job(SPEC, True, 1, "T", "D", sample="aé አ"))

    assert lacking == (Went.NO_FONT, 0, "aé አ".encode())
    assert answered(Job(SPEC, True, 1, "T", "D", sample="aéβ"))[0] is Went.WELL


def test_messages_cross_whole_and_end_with_who_sends_them() -> None:
    ours, theirs = socket.socketpair()
    with theirs:
        with ours:
            send(ours, b"a" * 100_000)
            send(ours, b"")
            assert receive(theirs) == b"a" * 100_000
            assert receive(theirs) == b""
            ours.sendall(b"\0\0\0\x05abc")
        assert receive(theirs) is None
        assert receive(theirs) is None
