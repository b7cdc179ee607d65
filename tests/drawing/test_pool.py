"""What draws is alone, bounded, replaced when it fails, and gone with its server."""

import io
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from threading import Event, Thread
from xml.etree import ElementTree as ET

import pytest
from PIL import Image

from app.drawing import pool as pools
from app.drawing.job import Job
from app.drawing.pool import Pool
from app.errors import DrawingError, FontError
from tests.house.tree import ROOT

SPEC = (
    '{"$schema":"https://vega.github.io/schema/vega-lite/v6.json","width":50,'
    '"height":20,"data":{"values":[{"a":1}]},"mark":"point"}'
)
BAD = '{"mark":"nonsense","data":{"values":[]}}'
PATIENCE = 30


def job(spec: str = SPEC, *, png: bool = False, sample: str = "") -> Job:
    return Job(spec, png, 1, "Title", "Description", "", sample)


def draw(pool: Pool, wanted: Job | None = None) -> bytes:
    wanted = wanted or job()
    return pool.submit(lambda: pool.draw(wanted)).result(PATIENCE)


def gone(pid: int) -> bool:
    """Whether a process ends, or has ended."""
    for _ in range(200):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.02)
    return False


@pytest.fixture(scope="module")
def shared() -> Iterator[Pool]:
    made = Pool(1, 2, PATIENCE)
    yield made
    made.close()


@pytest.fixture
def pool(shared: Pool) -> Iterator[Pool]:
    """Draw with one process for all tests, as long as none of them ends it."""
    yield shared
    shared.seconds = PATIENCE


def test_nothing_is_started_before_something_is_drawn(pool: Pool) -> None:
    assert pool.processes == []

    svg, png = draw(pool), draw(pool, job(png=True))

    assert ET.fromstring(svg).get("role") == "img"
    assert Image.open(io.BytesIO(png)).format == "PNG"
    assert len(pool.processes) == 1


def test_drawing_gives_way_to_answering(pool: Pool) -> None:
    draw(pool)

    (pid,) = pool.processes
    assert os.getpriority(os.PRIO_PROCESS, pid) == 10
    # Of another session it would not be compared with the server on some kernels.
    assert os.getsid(pid) == os.getsid(0)
    assert os.getpgid(pid) != os.getpgid(0)


def test_a_process_that_dies_is_replaced(pool: Pool) -> None:
    draw(pool)
    (first,) = pool.processes
    os.kill(first, signal.SIGKILL)

    with pytest.raises(DrawingError, match="could not be drawn"):
        draw(pool)

    assert draw(pool).startswith(b"<svg")
    assert pool.processes != [first]
    assert gone(first)


def test_a_process_that_is_stuck_is_ended_in_time_and_replaced(pool: Pool) -> None:
    draw(pool)
    (first,) = pool.processes
    pool.seconds = 0.3
    os.kill(first, signal.SIGSTOP)

    begun = time.monotonic()
    with pytest.raises(DrawingError, match="in time"):
        draw(pool)

    assert time.monotonic() - begun < 5
    assert gone(first)
    pool.seconds = PATIENCE
    assert draw(pool).startswith(b"<svg")


def test_what_waited_too_long_is_not_begun(pool: Pool) -> None:
    let_go = Event()
    pool.seconds = 0.1
    stuck = pool.submit(let_go.wait)
    late: Future[bytes] = pool.submit(lambda: pool.draw(job()))
    time.sleep(0.15)
    let_go.set()

    with pytest.raises(DrawingError, match="all the time"):
        late.result(PATIENCE)
    assert stuck.result(PATIENCE)


def test_more_than_may_wait_is_refused_and_room_is_made_again(pool: Pool) -> None:
    let_go = Event()
    held = [pool.submit(let_go.wait) for _ in range(3)]

    with pytest.raises(DrawingError, match="Too many"):
        pool.submit(let_go.wait)

    let_go.set()
    assert all(one.result(PATIENCE) for one in held)
    # Room is made just after the result is there.
    for _ in range(100):
        if not pool.pending:
            break
        time.sleep(0.01)
    assert draw(pool).startswith(b"<svg")


def test_without_workers_there_are_no_figures() -> None:
    with pytest.raises(DrawingError, match="not drawn here"):
        Pool(0, 10, 1).submit(int)


def test_what_cannot_be_drawn_is_a_fault_of_ours_and_stops_nothing(pool: Pool) -> None:
    with pytest.raises(RuntimeError, match="conversion failed"):
        draw(pool, job(BAD))

    assert draw(pool).startswith(b"<svg")
    assert len(pool.processes) == 1


def test_a_png_in_letters_without_a_font_is_refused(pool: Pool) -> None:
    with pytest.raises(FontError, match="no font"):
        draw(pool, job(png=True, sample="አማርኛ"))

    assert draw(pool, job(png=True, sample="Ελληνικά"))
    assert draw(pool, job(sample="አማርኛ")).startswith(b"<svg")


@pytest.mark.parametrize("limit", ["_MOST_DRAWN", "_MOST_KILOBYTES"])
def test_a_process_that_has_done_enough_is_replaced(
    pool: Pool, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    draw(pool)
    (first,) = pool.processes
    monkeypatch.setattr(pools, limit, 1)

    draw(pool)

    assert pool.processes != [first]
    assert gone(first)


def test_memory_stays_as_it_is(pool: Pool) -> None:
    for _ in range(20):
        draw(pool, job(png=True))
    before = _kilobytes(pool)

    for _ in range(60):
        draw(pool, job(png=True))

    assert _kilobytes(pool) - before < 20_000


def _kilobytes(pool: Pool) -> int:
    (pid,) = pool.processes
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0])


def test_what_is_closed_is_gone_and_can_be_opened_again(pool: Pool) -> None:
    draw(pool)
    (first,) = pool.processes

    pool.close()

    assert gone(first)
    assert pool.processes == []
    with pytest.raises(DrawingError, match="not drawn here"):
        draw(pool)
    pool.open()
    assert draw(pool).startswith(b"<svg")


def test_closing_gives_up_what_is_being_drawn(pool: Pool) -> None:
    draw(pool)
    (first,) = pool.processes
    os.kill(first, signal.SIGSTOP)
    drawing = pool.submit(lambda: pool.draw(job()))
    time.sleep(0.1)

    pool.close()
    pool.open()

    with pytest.raises(DrawingError):
        drawing.result(PATIENCE)


def test_nothing_is_started_after_the_end() -> None:
    pool, begun, go_on = Pool(1, 1, PATIENCE), Event(), Event()

    def work() -> bytes:
        begun.set()
        go_on.wait()
        return pool.draw(job())

    drawing = pool.submit(work)
    begun.wait(PATIENCE)
    closing = Thread(target=pool.close)
    closing.start()
    time.sleep(0.05)
    go_on.set()

    with pytest.raises(DrawingError, match="any more"):
        drawing.result(PATIENCE)
    closing.join(PATIENCE)
    assert pool.processes == []


def test_what_takes_its_time_elsewhere_is_not_drawn_any_more(pool: Pool) -> None:
    def work() -> bytes:
        time.sleep(0.1)
        return pool.draw(job())

    pool.seconds = 0.05
    late = pool.submit(work)

    with pytest.raises(DrawingError, match="in time"):
        late.result(PATIENCE)


def test_a_process_that_ends_in_between_is_replaced(
    pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(pools, "receive", lambda *_: None)
        with pytest.raises(DrawingError, match="could not be drawn"):
            draw(pool)

    assert draw(pool).startswith(b"<svg")


_SERVER = """
import sys, time
from app.drawing.pool import Pool
from tests.drawing.test_pool import draw
pool = Pool(1, 1, 30)
draw(pool)
print(*pool.processes, flush=True)
time.sleep(60)
"""


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_no_process_outlives_its_server(how: signal.Signals) -> None:
    with subprocess.Popen(  # noqa: S603 (our own)
        [sys.executable, "-c", _SERVER],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as server:
        assert server.stdout is not None
        pid = int(server.stdout.readline())

        server.send_signal(how)

        assert server.wait(PATIENCE) != 0
    assert gone(pid)


_LARGE = """
from app.drawing import pool as pools
from tests.drawing.test_pool import draw
large = bytes(range(256)) * (pools._MOST_KILOBYTES * 5)
pool = pools.Pool(1, 1, 30)
draw(pool)
(first,) = pool.processes
draw(pool)
print(pool.processes == [first])
pool.close()
"""


def test_a_large_server_has_its_figures_drawn_by_one_process() -> None:
    told = subprocess.run(  # noqa: S603 (our own)
        [sys.executable, "-c", _LARGE],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )

    assert told.stdout == "True\n"
