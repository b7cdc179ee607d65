"""One release in memory: the registry, and a cube per dataset. Immutable."""

from bisect import bisect_right
from collections.abc import Collection, Mapping, Sequence
from dataclasses import InitVar, dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cached_property

import numpy as np

from app.domain.calendar import Calendar
from app.domain.classes import Classes
from app.domain.cube import Cube, DayRows, Ints, Layers, edges_of
from app.domain.datasets import Annotation, Dataset, Day, Release, Run, Status
from app.domain.observations import SeriesKind
from app.domain.periods import Window, parse_date
from app.domain.readings import HeldDay
from app.domain.registry import (
    ALWAYS,
    Dimension,
    Model,
    Registry,
    State,
    Subject,
)
from app.domain.series import Partition, Series, Sorter, state_of

__all__ = ["DatasetView", "Face", "Series", "Snapshot"]

# What is worked out of the series alone.
_OF_SERIES = ("column_of", "remainders")


@dataclass(frozen=True, slots=True)
class Face:
    """The series of a dataset as one kind of question sees them, and their cube."""

    cube: Cube
    sorter: Sorter
    layers: Layers | None = None
    """Which series of the dataset are one here; None: each is by itself."""

    @property
    def series(self) -> tuple[Series, ...]:
        """By column of the cube."""
        return self.sorter.series


@dataclass(frozen=True)
class DatasetView:
    """One dataset at one release."""

    dataset: Dataset
    series: tuple[Series, ...]
    """By column of the cube."""
    days: Mapping[date, Day]
    """Every day the dataset has, ascending."""
    floors: Mapping[date, int]
    """The smallest listed volume of each day: the cap of what is not listed."""
    cube: Cube
    registry: Registry
    categories: Mapping[str, str] = field(default_factory=dict)
    """Slug → name."""
    apps: Mapping[str, str] = field(default_factory=dict)
    """Slug → name; of the slug where it has no other."""
    numbers: Ints = field(default_factory=lambda: np.zeros(0, np.int64))
    """By which the record knows each series."""
    earlier: InitVar["DatasetView | None"] = None
    """Of another release: what is the same in both is shared."""
    changed: InitVar[Mapping[date, DayRows] | None] = None
    """Every day that is not as in `earlier`; None: any may be."""
    calendar: Calendar = field(init=False, repr=False, compare=False)
    """How settled its days are."""
    kept: dict[object, object] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    """What one question had worked out and others need; see `Snapshot.kept`."""
    whole: Face = field(init=False, repr=False, compare=False)
    """Every series by itself."""
    merged: Face = field(init=False, repr=False, compare=False)
    """The series summed over the categories that they are told apart by."""

    def __post_init__(
        self, earlier: "DatasetView | None", changed: Mapping[date, DayRows] | None
    ) -> None:
        calendar = (
            earlier.calendar.moved(self.dataset, self.days)
            if earlier
            else Calendar.of(self.dataset, self.days)
        )
        whole, merged = self._faces(earlier, changed)
        object.__setattr__(self, "calendar", calendar)
        object.__setattr__(self, "whole", whole)
        object.__setattr__(self, "merged", merged)
        for name in _OF_SERIES if earlier and earlier.series is self.series else ():
            if name in earlier.__dict__:
                self.__dict__[name] = earlier.__dict__[name]

    def _faces(
        self, earlier: "DatasetView | None", changed: Mapping[date, DayRows] | None
    ) -> tuple[Face, Face]:
        if earlier and earlier.series is self.series:
            known, layers = earlier.whole.sorter, earlier.merged.layers
        else:
            known, layers = None, _layers(self.series)
        kept = known is not None and known.registry is self.registry
        sorter = known if known and kept else Sorter(self.series, self.registry)
        whole = Face(self.cube, sorter)
        if layers is None:
            return whole, whole
        if earlier and earlier.merged.layers and changed is not None:
            days = {day: layers.summed(rows) for day, rows in changed.items()}
            cube = earlier.merged.cube.replace(days, layers.width)
        else:
            cube = self.cube.merged(layers)
        if earlier and kept:
            return whole, Face(cube, earlier.merged.sorter, layers)
        firsts = np.unique(layers.column_of, return_index=True)[1].tolist()
        series = tuple(replace(self.series[at], category=None) for at in firsts)
        return whole, Face(cube, Sorter(series, self.registry), layers)

    def face(self, dimensions: Collection[Dimension]) -> Face:
        """Return the series and the cube that these dimensions need."""
        return self.whole if Dimension.CATEGORY in dimensions else self.merged

    def prime(self) -> None:
        """Look up now what any question needs: the first one need not wait for it."""
        for face in (self.whole, self.merged):
            face.sorter.prime(self.dataset.dimensions)

    @cached_property
    def span(self) -> Window | None:
        """The first to the last day there is; None if there is none."""
        days = list(self.days)
        return Window(days[0], days[-1]) if days else None

    @cached_property
    def last_complete(self) -> date | None:
        """The last day that was read after it had ended; None if there is none."""
        for day in reversed(list(self.days)):
            if self.status(day) is not Status.PARTIAL:
                return day
        return None

    def status(self, day: date) -> Status:
        """Return how settled a day that the dataset has is."""
        return self.dataset.status(day, self.days[day].as_of)

    @cached_property
    def column_of(self) -> Mapping[str, int]:
        """Column of each model's series; of its first one if there are several."""
        found: dict[str, int] = {}
        for column, series in enumerate(self.series):
            if series.kind is SeriesKind.MODEL:
                found.setdefault(series.subject, column)
        return found

    @cached_property
    def remainders(self) -> tuple[int, ...]:
        """Columns of volume that is listed nowhere."""
        return tuple(
            column
            for column, series in enumerate(self.series)
            if series.kind is SeriesKind.REMAINDER
        )

    def count(self, window: Window) -> tuple[int, int, int]:
        """Return how many days of a window are there, complete, and final."""
        return self.calendar.count(window)

    def known(self, window: Window) -> Sequence[Day]:
        """Return the days of a window that are there, ascending."""
        return self.calendar.known(window)

    def read(self, window: Window) -> tuple[datetime, datetime] | None:
        """Return the oldest and the newest moment the days of a window are of.

        None if none of them is there.
        """
        return self.calendar.read(window)

    def measured(self, window: Window) -> Window:
        """Return the days whose sum is the value of a window that has any.

        All of them if volumes add up over time, otherwise the last one there is.
        """
        if self.dataset.additive:
            return window
        day = self.calendar.last(window)
        return window if day is None else Window(day, day)

    def state(self, series: Series, dimension: Dimension, day: date) -> State:
        """Return what is known of one dimension of a series on `day`."""
        return state_of(series, dimension, self.registry, day)

    def volumes(
        self, dimensions: tuple[Dimension, ...], windows: Sequence[Window]
    ) -> tuple[Classes, Ints]:
        """Return classes of series and their volumes: (classes, windows).

        A window is cut where a claim about the dimensions begins or ends, and each
        part takes the claims of its own days.
        """
        face, stretches = self.face(dimensions), self._parts(dimensions, windows)
        if len(stretches) == 1:
            ((_, day, parts),) = stretches
            partition = face.sorter.partition(dimensions, day)
            return partition.classes, _by_class(face.cube, partition, parts)
        union = face.sorter.union(dimensions, [day for _, day, _ in stretches])
        found = np.zeros((len(union.classes), len(windows)), np.int64)
        for rows, (at, day, parts) in zip(union.rows, stretches, strict=True):
            partition = face.sorter.partition(dimensions, day)
            # A window has at most one part in a stretch.
            found[np.ix_(rows, np.array(at))] += _by_class(face.cube, partition, parts)
        return union.classes, found

    def before(
        self, dimensions: tuple[Dimension, ...], stretch: date, day: int
    ) -> tuple[Classes, Ints]:
        """Return classes of series and their volumes before an ordinal: (classes, 1).

        Args:
            dimensions: What the classes are told apart by.
            stretch: As `stretches` tells it; its claims hold for all days.
            day: The ordinal.
        """
        face = self.face(dimensions)
        partition = face.sorter.partition(dimensions, stretch)
        sums = face.cube.before_day(day)[partition.order]
        volumes = np.add.reduceat(sums, partition.starts)
        return partition.classes, volumes[:, None]

    def stretches(
        self, dimensions: tuple[Dimension, ...], window: Window
    ) -> list[tuple[date, Window]]:
        """Return the parts of a window in which no claim begins or ends.

        With each comes the day that `partition` takes for it.
        """
        starts = self._starts(dimensions)
        begun = bisect_right(starts, window.first)
        ended = bisect_right(starts, window.last)
        if begun == ended:
            return [(starts[begun - 1], window)]
        inside = starts[begun:ended]
        firsts = [window.first, *inside]
        lasts = [*(day - timedelta(days=1) for day in inside), window.last]
        parts = map(Window, firsts, lasts)
        return list(zip(starts[begun - 1 : ended], parts, strict=True))

    def _starts(self, dimensions: tuple[Dimension, ...]) -> list[date]:
        """Return the first day of each stretch of unchanging claims."""
        found = self._stretched.get(dimensions)
        if found is None:
            found = [ALWAYS, *self.registry.boundaries(dimensions)]
            self._stretched[dimensions] = found
        return found

    @cached_property
    def _stretched(self) -> dict[tuple[Dimension, ...], list[date]]:
        return {}

    def _parts(
        self, dimensions: tuple[Dimension, ...], windows: Sequence[Window]
    ) -> list[tuple[list[int], date, list[Window]]]:
        """Return, per stretch of unchanging claims: window numbers, its day, parts."""
        found: dict[date, tuple[list[int], date, list[Window]]] = {}
        starts = self._starts(dimensions)
        if len(starts) == 1 and windows and self.series:
            return [(list(range(len(windows))), ALWAYS, list(windows))]
        for number, window in enumerate(windows if self.series else ()):
            for day, part in self.stretches(dimensions, window):
                numbers, _, parts = found.setdefault(day, ([], day, []))
                numbers.append(number)
                parts.append(part)
        return list(found.values())

    def released(self, model: str) -> date | None:
        """Return the first day a model may have been released on, if that is known."""
        text = self.registry.value(Subject.MODEL, model, "released_on", date.max)
        return parse_date(text).first if text else None


def _layers(series: Sequence[Series]) -> Layers | None:
    """Return which series are one but for their category; None: no two are."""
    if all(one.category is None for one in series):
        return None
    numbers: dict[tuple[SeriesKind, str], int] = {}
    return Layers(
        [numbers.setdefault((s.kind, s.subject), len(numbers)) for s in series]
    )


def _by_class(cube: Cube, partition: Partition, windows: Sequence[Window]) -> Ints:
    """Return the volumes of classes: (classes, windows)."""
    if len(windows) == 1:
        one = cube.volume(windows[0])[partition.order]
        return np.add.reduceat(one, partition.starts)[:, None]
    days, firsts, ends = edges_of(windows)
    sums = cube.before(days)[:, partition.order]
    before = np.add.reduceat(sums, partition.starts, axis=1)
    return np.ascontiguousarray((before[ends] - before[firsts]).T)


@dataclass(frozen=True)
class Snapshot:
    """All that one release says, in memory."""

    release: Release
    registry: Registry
    datasets: Mapping[str, DatasetView]
    releases: tuple[Release, ...]
    """Every release up to this one, ascending."""
    runs: Mapping[str, tuple[Run, ...]] = field(default_factory=dict)
    """The last runs of each dataset, or of a source of facts, newest first."""
    annotations: tuple[Annotation, ...] = ()
    """By their first day."""
    held: Mapping[str, tuple[HeldDay, ...]] = field(default_factory=dict)
    """Days of each dataset that wait for a decision; moves without a release, as runs
    do."""
    kept: dict[object, object] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    """What was worked out for one question and holds for others. Who keeps it here sees
    to it that it does not grow without bounds."""

    @cached_property
    def bases(self) -> Mapping[str, tuple[Model, ...]]:
        """The variants of each base."""
        found: dict[str, list[Model]] = {}
        for model in self.registry.models.values():
            found.setdefault(model.base, []).append(model)
        return {base: tuple(models) for base, models in found.items()}
