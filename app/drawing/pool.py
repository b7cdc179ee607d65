"""The processes that draw: few, started when needed, replaced when they fail.

A figure has a deadline from the moment it is asked for. A process that misses one, or
dies, is ended and replaced; so is one that has drawn much or grown large. Each is led
by a thread, and ends when that, or the process it is in, is gone.
"""

import contextlib
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from time import monotonic
from typing import TypeVar

import structlog

from app.drawing.job import Job, Went, outcome, receive, send
from app.errors import DrawingError, FontError

log = structlog.get_logger(__name__)

_T = TypeVar("_T")

_MOST_DRAWN = 1_000
_MOST_KILOBYTES = 600_000
_HERE = Path(__file__).parents[2]


class Pool:
    """Draws figures off the event loop, so many at a time, and refuses what is more.

    Attributes:
        seconds: Longest time from asking for a figure to having it.
        pending: Figures that are being drawn, or wait for it.
    """

    def __init__(self, workers: int, waiting: int, seconds: float) -> None:
        """Take up to `workers` processes; none of them is started yet.

        Args:
            workers: Processes; 0: no figures.
            waiting: Figures that may wait while others are drawn.
            seconds: Longest time from asking for a figure to having it.
        """
        self._most = workers + waiting
        self.seconds = seconds
        self._workers = workers
        self.pending = 0
        self._lock = threading.Lock()
        self._mine = threading.local()
        self._all: set[_Worker] = set()
        self._threads: ThreadPoolExecutor | None = None
        self._closed = False

    def submit(self, work: Callable[[], _T]) -> Future[_T]:
        """Let a thread do what draws a figure; it may call `draw` once.

        Raises:
            DrawingError: Figures are off, or too many wait already.
        """
        with self._lock:
            if not self._workers or self._closed:
                raise DrawingError("Figures are not drawn here.")
            if self.pending >= self._most:
                raise DrawingError("Too many figures are waiting to be drawn.")
            self.pending += 1
            if self._threads is None:
                self._threads = ThreadPoolExecutor(self._workers, "drawing")
            threads = self._threads
        begun = threads.submit(self._timed, work, monotonic() + self.seconds)
        begun.add_done_callback(self._finished)
        return begun

    def draw(self, job: Job) -> bytes:
        """Return a picture; in a thread of this pool alone.

        Raises:
            DrawingError: It was not drawn in time.
            FontError: There is no font for what it is to say.
        """
        deadline: float = self._mine.deadline
        worker: _Worker | None = getattr(self._mine, "worker", None)
        if worker is None or worker.spent:
            self._replace(worker)
            worker = self._mine.worker = self._started()
        try:
            return worker.draw(job, deadline)
        except (OSError, EOFError) as error:
            self._mine.worker = None
            self._replace(worker)
            log.warning("figure not drawn", error=repr(error))
            raise DrawingError("The figure could not be drawn in time.") from None

    def open(self) -> None:
        """Draw again, after an end."""
        with self._lock:
            self._closed = False

    def close(self) -> None:
        """End the processes; what is being drawn is given up."""
        with self._lock:
            self._closed = True
            workers, self._all = self._all, set()
            threads, self._threads = self._threads, None
        for worker in workers:
            worker.end()
        if threads is not None:
            threads.shutdown(wait=True, cancel_futures=True)

    @property
    def processes(self) -> list[int]:
        """Ids of the processes there are."""
        with self._lock:
            return sorted(worker.process.pid for worker in self._all)

    def _timed(self, work: Callable[[], _T], deadline: float) -> _T:
        if monotonic() >= deadline:
            raise DrawingError("Other figures took all the time there was.")
        self._mine.deadline = deadline
        return work()

    def _finished(self, _: Future[_T]) -> None:
        with self._lock:
            self.pending -= 1

    def _started(self) -> "_Worker":
        worker = _Worker(self.seconds)
        with self._lock:
            self._all.add(worker)
            closed = self._closed
        if closed:
            self._replace(worker)
            raise DrawingError("Figures are not drawn any more.")
        return worker

    def _replace(self, worker: "_Worker | None") -> None:
        if worker is None:
            return
        worker.end()
        with self._lock:
            self._all.discard(worker)


class _Worker:
    """One process that draws."""

    def __init__(self, seconds: float) -> None:
        """Start it; it ends itself when one figure takes longer than `seconds`."""
        self._ours, theirs = socket.socketpair()
        self._drawn = 0
        self._kilobytes = 0
        paths = filter(None, (str(_HERE), os.environ.get("PYTHONPATH")))
        with theirs:
            self.process = subprocess.Popen(  # noqa: S603 (this very interpreter)
                [sys.executable, "-m", "app.drawing.worker", str(seconds)],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                # An interrupt from a keyboard is for the server alone. The session
                # stays the same: of another one, some kernels do not see it give way.
                process_group=0,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
            )

    @property
    def spent(self) -> bool:
        """Whether it has drawn so much, or grown so large, that another takes over."""
        return self._drawn >= _MOST_DRAWN or self._kilobytes >= _MOST_KILOBYTES

    def draw(self, job: Job, deadline: float) -> bytes:
        """Return a picture.

        Raises:
            OSError: It took too long, or the process is gone.
            EOFError: The process is gone.
            FontError: There is no font for what it is to say.
        """

        def wait() -> None:
            left = deadline - monotonic()
            if left <= 0:
                raise TimeoutError
            self._ours.settimeout(left)

        wait()
        send(self._ours, job.packed())
        body = receive(self._ours, wait)
        if body is None:
            raise EOFError
        went, self._kilobytes, picture = outcome(body)
        self._drawn += 1
        if went is Went.NO_FONT:
            raise FontError(picture.decode())
        if went is Went.WRONG:
            raise RuntimeError(picture.decode(errors="replace"))
        return picture

    def end(self) -> None:
        """End it, whatever it does."""
        with contextlib.suppress(OSError):
            self._ours.shutdown(socket.SHUT_RDWR)
        self._ours.close()
        self.process.kill()
        self.process.wait()
