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
_OVERHEAD = 1_500
_LARGEST = 8

_K = TypeVar("_K", bound=Hashable)
_V = TypeVar("_V")


class Bounded(Generic[_K, _V]):
    """A mapping that holds so many bytes and no more; what is asked for least goes."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._held: OrderedDict[_K, tuple[_V, int]] = OrderedDict()
        self.size = 0

    def __len__(self) -> int:
        return len(self._held)

    def get(self, key: _K) -> _V | None:
        """Return what is kept under a key, and keep it a little longer."""
        found = self._held.get(key)
        if found is None:
            return None
        self._held.move_to_end(key)
        return found[0]

    def put(self, key: _K, value: _V, size: int) -> None:
        """Keep a value of so many bytes, unless it alone would crowd out many."""
        before = self._held.pop(key, None)
        self.size -= before[1] if before else 0
        size += _OVERHEAD
        if size > self._limit // _LARGEST:
            return
        self._held[key] = value, size
        self.size += size
        while self.size > self._limit:
            _, (_, gone) = self._held.popitem(last=False)
            self.size -= gone

    def clear(self) -> None:
        """Drop everything."""
        self._held.clear()
        self.size = 0


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
