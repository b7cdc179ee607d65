"""How long a question takes that nobody has asked before, in the service layer.

Random questions of all three kinds, never repeated, on the bundled data; the same ones
in every run. No HTTP, no cache: from the question to the finished report.
"""

import random
import sys
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from app.domain.observations import SeriesKind
from app.domain.periods import Interval, Window
from app.domain.questions import Ask
from app.domain.registry import Dimension
from app.domain.snapshot import DatasetView, Snapshot
from app.domain.values import Values
from app.services import rankings, share, volume
from app.services.preparing import prepare
from app.services.snapshots import Snapshots
from app.settings import Settings
from app.store.database import Database

QUESTIONS = 2_000
LIMIT_MS = 5.0
DATASET = "openrouter-tokens"
QUESTION_KINDS = {
    "share": share.answer,
    "volume": volume.answer,
    "rankings": rankings.answer,
}


class Asker:
    """Makes up questions about what a snapshot holds."""

    def __init__(self, snapshot: Snapshot, seed: int) -> None:
        self._random = random.Random(seed)
        self._view: DatasetView = snapshot.datasets[DATASET]
        self._values: dict[Dimension, list[str]] = {
            d: self._known(snapshot, d)
            for d in self._view.dataset.dimensions
            if d is not Dimension.CATEGORY
        }

    def _known(self, snapshot: Snapshot, dimension: Dimension) -> list[str]:
        day = date.max
        models = [s.subject for s in self._view.series if s.kind is SeriesKind.MODEL]
        found = {snapshot.registry.state(m, dimension, day).point for m in models}
        return sorted(found)

    def _filters(self, most: int) -> dict[Dimension, Values]:
        chosen = self._random.sample(
            sorted(self._values), self._random.randint(0, most)
        )
        return {d: self._some(d) for d in chosen}

    def _some(self, dimension: Dimension) -> Values:
        values = self._values[dimension]
        count = min(len(values), self._random.randint(1, 3))
        picked = frozenset(self._random.sample(values, count))
        return Values(picked, negated=self._random.random() < 0.2)

    def _window(self) -> Window:
        span = self._view.span
        if span is None:
            sys.exit("the bundled data are empty")
        first, last = sorted(self._random.sample(range(len(span)), 2))
        return Window(
            span.first + timedelta(days=first), span.first + timedelta(days=last)
        )

    def ask(self, kind: str) -> Ask:
        """Return the next question."""
        window = self._window()
        dimensions = sorted(self._values)
        groups = self._random.sample(dimensions, self._random.randint(0, 2))
        if kind == "rankings":
            groups = groups or [Dimension.BASE]
        return Ask(
            dataset=DATASET,
            interval=Interval.TOTAL
            if kind == "rankings"
            else self._random.choice(list(Interval)),
            start=window,
            end=window,
            numerator=self._filters(2),
            base={} if kind == "volume" else self._filters(1),
            group_by=tuple(groups),
            top=self._random.choice([5, 20, 100]),
            compare=self._random.random() < 0.3,
        )


def measure(snapshot: Snapshot, kind: str, seed: int) -> list[float]:
    """Return the milliseconds of each question, ascending."""
    asker = Asker(snapshot, seed)
    found = []
    for _ in range(QUESTIONS):
        ask = asker.ask(kind)
        begun = time.perf_counter()
        QUESTION_KINDS[kind](snapshot, ask, None)
        found.append((time.perf_counter() - begun) * 1000)
    return sorted(found)


def bundled(folder: Path) -> Snapshot:
    """Return the newest release of a new record in `folder`."""
    settings = Settings(database_url=f"sqlite:///{folder / 'bench.db'}")
    database = Database(settings.database_url, create=True)
    prepare(database, settings.registry_dir, datetime.now(UTC))
    snapshots = Snapshots(database)
    snapshots.refresh()
    database.close()
    return snapshots.current


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        snapshot = bundled(Path(folder))
    print(f"{QUESTIONS} questions of each kind, never repeated; limit {LIMIT_MS} ms")
    for seed, kind in enumerate(QUESTION_KINDS):
        found = measure(snapshot, kind, seed)
        if len(found) != QUESTIONS:
            sys.exit(f"nothing was measured: {kind}")
        print(
            f"{kind:<10} p50 {found[QUESTIONS // 2]:6.2f} ms   "
            f"p99 {found[QUESTIONS * 99 // 100]:6.2f} ms   max {found[-1]:6.2f} ms   "
            f"over the limit {sum(ms > LIMIT_MS for ms in found) / QUESTIONS:.1%}"
        )


if __name__ == "__main__":
    main()
