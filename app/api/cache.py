"""What is kept between requests, and under what it stays true.

An answer is a function of the release, of how fresh the data are (live answers say
so), of the last runs (for status), and of the question. Finished bytes are kept by the
URL as it came; they are dropped as a whole when anything but the URL changes.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Generic, TypeVar

from app.domain.freshness import freshness, next_update
from app.domain.readings import Reading
from app.domain.snapshot import Snapshot
from app.errors import UnavailableError
from app.services.snapshots import Snapshots
from app.services.status import overdue

Clock = Callable[[], datetime]

_LOOK_AGAIN = timedelta(seconds=1)
_SETTLED = timedelta(hours=1)
_OVERHEAD = 3_000
_LARGEST = 8
_APART = 0.8
"""Of the bytes, the part for what was asked for again."""

_K = TypeVar("_K", bound=Hashable)
_V = TypeVar("_V")


class Bounded(Generic[_K, _V]):
    """A mapping that holds so many bytes and no more.

    What was asked for again is set apart from what was asked for once: a flood of
    questions that nobody repeats only ever pushes out its own kind. Of either part,
    what was asked for least recently goes first.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._once: OrderedDict[_K, tuple[_V, int]] = OrderedDict()
        self._again: OrderedDict[_K, tuple[_V, int]] = OrderedDict()
        self._size_again = 0
        self.size = 0

    def __len__(self) -> int:
        return len(self._once) + len(self._again)

    def get(self, key: _K) -> _V | None:
        """Return what is kept under a key, and keep it longer."""
        found = self._again.get(key)
        if found is not None:
            self._again.move_to_end(key)
            return found[0]
        found = self._once.pop(key, None)
        if found is None:
            return None
        self._set_apart(key, found)
        return found[0]

    def put(self, key: _K, value: _V, size: int) -> None:
        """Keep a value of so many bytes, unless it alone would crowd out many."""
        again = self._drop(key)
        size += _OVERHEAD
        if size > self._limit // _LARGEST:
            return
        self.size += size
        if again:
            self._set_apart(key, (value, size))
        else:
            self._once[key] = value, size
        # The other part is never all of it.
        while self.size > self._limit:
            _, (_, gone) = self._once.popitem(last=False)
            self.size -= gone

    def holds(self, key: _K, value: _V) -> bool:
        """Return whether just this is kept under a key; that is no asking for it."""
        found = self._again.get(key) or self._once.get(key)
        return found is not None and found[0] is value

    def clear(self) -> None:
        """Drop everything."""
        self._once.clear()
        self._again.clear()
        self.size = self._size_again = 0

    def _set_apart(self, key: _K, held: tuple[_V, int]) -> None:
        self._again[key] = held
        self._size_again += held[1]
        while self._size_again > self._limit * _APART:
            oldest, held = self._again.popitem(last=False)
            self._size_again -= held[1]
            self._once[oldest] = held

    def _drop(self, key: _K) -> bool:
        """Forget a key; return whether it was asked for again."""
        once, again = self._once.pop(key, None), self._again.pop(key, None)
        for held in (once, again):
            self.size -= held[1] if held else 0
        self._size_again -= again[1] if again else 0
        return again is not None


@dataclass(frozen=True, slots=True)
class Standing:
    """All that live answers depend on beside the question."""

    snapshot: Snapshot
    ages: str
    """How fresh each dataset is."""
    runs: str
    """The newest runs, and which are overdue."""
    settled: frozenset[str]
    """Datasets of which nothing new is expected within the hour."""


class Present:
    """The present standing; cheap to ask for, as every request does."""

    def __init__(
        self, snapshots: Snapshots, now: Clock, readings: Sequence[Reading] = ()
    ) -> None:
        """Look at the newest release, the clock, and what is to be read on schedule."""
        self._snapshots = snapshots
        self._now = now
        self.readings = readings
        self._known: Standing | None = None
        self._looked = self._look_again = datetime.min.replace(tzinfo=UTC)

    def standing(self) -> Standing:
        """Return the same object as long as live answers stay as they are.

        Raises:
            UnavailableError: No release has been loaded yet.
        """
        return self.standing_at(self._now())

    def standing_at(self, now: datetime) -> Standing:
        """Return the standing at the present moment, which is known already."""
        snapshot, known = self._snapshots.current, self._known
        # Not before, either: a clock may be set back.
        if (
            known is not None
            and known.snapshot is snapshot
            and self._looked <= now < self._look_again
        ):
            return known
        self._looked, self._look_again = now, now + _LOOK_AGAIN
        fresh = Standing(
            snapshot,
            _ages(snapshot, now),
            self._runs(snapshot, now),
            frozenset(_settled(snapshot, now)),
        )
        if fresh != known:
            self._known = known = fresh
        return known

    def standing_or_none(self) -> Standing | None:
        """Return the standing; None as long as no release has been loaded."""
        try:
            return self.standing()
        except UnavailableError:
            return None

    def _runs(self, snapshot: Snapshot, now: datetime) -> str:
        newest = {of: runs[0] for of, runs in snapshot.runs.items() if runs}
        told = [f"{of}:{run.id}:{run.verdict}" for of, run in sorted(newest.items())]
        return ",".join(told + overdue(snapshot, now, self.readings))


def _ages(snapshot: Snapshot, now: datetime) -> str:
    return ",".join(
        freshness(next_update(view.last_complete, view.dataset.cadence_hours), now)
        for view in snapshot.datasets.values()
    )


def _settled(snapshot: Snapshot, now: datetime) -> Iterator[str]:
    for slug, view in snapshot.datasets.items():
        cadence = view.dataset.cadence_hours
        expected = next_update(view.last_complete, cadence)
        if cadence is None or (expected and now + _SETTLED < expected):
            yield slug
