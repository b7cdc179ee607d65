"""A bar for what takes long: on a terminal only, and not before a second has passed."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from threading import Timer

import httpx2
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from app.domain.observations import Batch, Payload
from app.domain.periods import Window
from app.sources.source import Source

_AFTER = 1.0


@dataclass(frozen=True, slots=True)
class Bar:
    """What is done now, and how much of it."""

    progress: Progress
    task: TaskID

    def tell(self, what: str, *, of: int | None = None) -> None:
        """Say what is done now; `of`: in how many steps, if that is known."""
        self.progress.update(self.task, description=what, total=of, completed=0)

    def step(self) -> None:
        """Say that one more step is done."""
        self.progress.advance(self.task)


@contextmanager
def bar() -> Iterator[Bar]:
    """Show a bar on standard error for as long as the block takes, and remove it."""
    console = Console(stderr=True)
    progress = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TimeElapsedColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    begin = Timer(_AFTER, progress.start)
    begin.daemon = True
    begin.start()
    try:
        yield Bar(progress, progress.add_task("", total=None))
    finally:
        begin.cancel()
        begin.join()
        progress.stop()


@dataclass(frozen=True, slots=True)
class Watched:
    """A source that tells a bar how far it is."""

    source: Source
    bar: Bar

    @property
    def name(self) -> str:
        """See `Source`."""
        return self.source.name

    @property
    def dataset(self) -> str:
        """See `Source`."""
        return self.source.dataset

    @property
    def every(self) -> timedelta:
        """See `Source`."""
        return self.source.every

    def windows(self, known: Window | None, today: date) -> Sequence[Window]:
        """See `Source`."""
        found = self.source.windows(known, today)
        self.bar.tell(self.name, of=len(found))
        return found

    def fetch(self, client: httpx2.Client, window: Window) -> Payload:
        """See `Source`."""
        payload = self.source.fetch(client, window)
        self.bar.step()
        return payload

    def parse(self, payload: Payload) -> list[Batch]:
        """See `Source`."""
        return self.source.parse(payload)
