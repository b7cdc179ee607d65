"""A census to check by head: two days, two models, and what is listed nowhere.

Monday: 60 of acme (US, closed), 30 of panda (CN, open), 10 unlisted.
Tuesday: 20, 60, 20. In release 1 there is only Monday, and acme has 50.
"""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np

from app.domain.cube import Cube, DayRows
from app.domain.datasets import Dataset, Day, Release, Run
from app.domain.observations import SeriesKind
from app.domain.registry import (
    Alias,
    Attribution,
    Confidence,
    Dimension,
    Model,
    Registry,
    Subject,
)
from app.domain.snapshot import DatasetView, Series, Snapshot
from app.errors import UnknownError
from app.services.snapshots import Snapshots
from app.store.database import Database

MONDAY, TUESDAY = date(2026, 8, 17), date(2026, 8, 18)
READ = datetime(2026, 10, 1, 12, tzinfo=UTC)
PUBLISHED = datetime(2026, 10, 2, tzinfo=UTC)
FRESH = datetime(2026, 8, 20, tzinfo=UTC)
NOW = datetime(2026, 10, 20, 12, tzinfo=UTC)
WEIRD = 'Pan"da, <b>=1'

_DATASET = Dataset(
    slug="openrouter-tokens",
    name="Tokens",
    publisher="A router",
    scope="tokens on A router",
    metric="tokens",
    unit="tokens",
    grain="day",
    license="CC-BY-4.0",
    citation="Source: A router, as of {as_of}.",
    url="",
    dimensions=tuple(
        d for d in Dimension if d not in {Dimension.CATEGORY, Dimension.APP}
    ),
    default_group=Dimension.ORIGIN,
    additive=True,
    scale=1,
    revision_days=30,
    top_n=2,
    cadence_hours=24,
    caveats=("tokenizers_differ",),
    since=1,
)


def _claim(subject: str, attribute: str, value: str) -> Attribution:
    kind = Subject.MODEL if "/" in subject else Subject.PROVIDER
    return Attribution(
        kind, subject, attribute, value, Confidence.HIGH, "written here", since=1
    )


REGISTRY = Registry(
    providers={"acme": 1, "panda": 1},
    models={
        "acme/one": Model("acme/one", "acme/one", "standard", 1),
        "panda/two:free": Model("panda/two:free", "panda/two", "free", 1),
    },
    attributions=(
        _claim("acme", "origin", "US"),
        _claim("panda", "origin", "CN"),
        _claim("panda", "name", WEIRD),
        _claim("acme/one", "provider", "acme"),
        _claim("acme/one", "weights", "closed"),
        _claim("panda/two:free", "provider", "panda"),
        _claim("panda/two:free", "weights", "open"),
    ),
    aliases=(Alias("old", "acme/uno", "acme/one"),),
)

_SERIES = (
    Series(SeriesKind.MODEL, "acme/one", None, 1),
    Series(SeriesKind.MODEL, "panda/two:free", None, 1),
    Series(SeriesKind.REMAINDER, "other", None, 1),
)


def _view(volumes: dict[date, list[int]]) -> DatasetView:
    days = {
        day: Day(READ, sum(row), len(row), flagged=False, since=1, run=1)
        for day, row in volumes.items()
    }
    rows = {
        day: DayRows(np.arange(3, dtype=np.intp), np.array(row, np.int64))
        for day, row in volumes.items()
    }
    floors = {day: min(row[:2]) for day, row in volumes.items()}
    cube = Cube.build(rows, 3)
    return DatasetView(_DATASET, _SERIES, days, floors, cube, REGISTRY)


def _release(number: int) -> Release:
    when = PUBLISHED + timedelta(days=number - 1)
    return Release(number, when, "data", "1", "openrouter-tokens", 1, "Days.", "ab")


def run(number: int) -> Run:
    counts = dict.fromkeys(("in", "new", "changed", "same", "rejected"), 0)
    return Run(
        number,
        "test",
        "openrouter-tokens",
        "cli",
        READ,
        READ,
        "unchanged",
        READ,
        "ff",
        counts,
        [],
        None,
    )


def _snapshot(number: int, volumes: dict[date, list[int]]) -> Snapshot:
    return Snapshot(
        _release(number),
        REGISTRY,
        {"openrouter-tokens": _view(volumes)},
        tuple(_release(n) for n in range(1, number + 1)),
        {"openrouter-tokens": (run(1),)},
    )


FIRST = _snapshot(1, {MONDAY: [50, 30, 10]})
SECOND = _snapshot(2, {MONDAY: [60, 30, 10], TUESDAY: [20, 60, 20]})
THIRD = _snapshot(3, {MONDAY: [60, 30, 10], TUESDAY: [20, 70, 10]})


class Published(Snapshots):
    """Releases that are all in memory; there is no record behind them."""

    def __init__(self, *snapshots: Snapshot) -> None:
        super().__init__(Database("sqlite:///nowhere.db"))
        self.all = {snapshot.release.id: snapshot for snapshot in snapshots}
        self.refreshed = 0

    @property
    def current(self) -> Snapshot:
        if not self.all:
            return super().current
        return self.all[max(self.all)]

    def held(self, release: int) -> Snapshot | None:
        return self.all.get(release)

    def at(self, release: int) -> Snapshot:
        self.refresh()
        if release not in self.all:
            newest = str(max(self.all))
            known = map(str, self.all)
            fix = {"release": newest}
            raise UnknownError("release", str(release), known, "/v1/releases", fix=fix)
        return self.all[release]

    def refresh(self) -> bool:
        self.refreshed += 1
        return False

    def publish(self, snapshot: Snapshot) -> None:
        self.all[snapshot.release.id] = snapshot

    def read_again(self, number: int) -> None:
        """A run that changes nothing: the release stays, the runs move."""
        newest = self.current
        runs = {"openrouter-tokens": (run(number), run(1))}
        self.all[newest.release.id] = replace(newest, runs=runs)
