"""One release in memory: the registry, and a cube per dataset. Immutable."""

from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from app.domain.cube import Cube, Ints
from app.domain.datasets import Annotation, Dataset, Day, Release, Run, Status
from app.domain.observations import SeriesKind
from app.domain.periods import Window, parse_date
from app.domain.readings import HeldDay
from app.domain.registry import (
    ALWAYS,
    UNKNOWN,
    Dimension,
    Model,
    Registry,
    State,
    Subject,
    unattributed,
)
from app.domain.tally import SeriesClass
from app.domain.values import Values

_KEPT_PARTITIONS = 64
# What a series bears itself: no model and no claim is asked for it.
_OF_SERIES = {
    Dimension.CATEGORY: SeriesKind.CATEGORY,
    Dimension.APP: SeriesKind.APP,
}


@dataclass(frozen=True, slots=True)
class Series:
    """What one column of a cube counts."""

    kind: SeriesKind
    subject: str
    category: str | None
    since: int


def _own(series: Series, dimension: Dimension) -> State:
    """Return the category or the app of a series: never in doubt."""
    value = series.category if dimension is Dimension.CATEGORY else None
    if series.kind is _OF_SERIES[dimension]:
        value = series.subject
    return State(value or UNKNOWN, Values.of(value or UNKNOWN))


@dataclass(frozen=True, slots=True)
class Partition:
    """The series of a dataset, sorted into classes that hold on one stretch of days."""

    classes: Sequence[SeriesClass]
    order: NDArray[np.intp]
    """Columns, class after class."""
    starts: NDArray[np.intp]
    """Where each class begins in `order`."""


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
    _partitions: OrderedDict[object, Partition] = field(
        default_factory=OrderedDict, init=False, repr=False, compare=False
    )
    _labelled: dict[object, tuple[Sequence[State], NDArray[np.intp]]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

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

    @cached_property
    def _ordinals(self) -> Ints:
        return np.array([day.toordinal() for day in self.days], np.int64)

    @cached_property
    def _settled(self) -> Ints:
        """How many days before each day are complete, and final: (days + 1, 2)."""
        marks = np.zeros((len(self.days) + 1, 2), np.int64)
        for number, day in enumerate(self.days, start=1):
            status = self.status(day)
            marks[number] = status is not Status.PARTIAL, status is Status.FINAL
        return np.cumsum(marks, axis=0)

    def _between(self, window: Window) -> tuple[int, int]:
        """Return where the days of a window begin and end among those there are."""
        edges = [window.first.toordinal(), window.last.toordinal() + 1]
        first, last = np.searchsorted(self._ordinals, edges)
        return int(first), int(last)

    def count(self, window: Window) -> tuple[int, int, int]:
        """Return how many days of a window are there, complete, and final."""
        first, last = self._between(window)
        complete, final = self._settled[last] - self._settled[first]
        return last - first, int(complete), int(final)

    def known(self, window: Window) -> list[Day]:
        """Return the days of a window that are there, ascending."""
        first, last = self._between(window)
        return list(self.days.values())[first:last]

    def measured(self, window: Window) -> Window:
        """Return the days whose sum is the value of a window that has any.

        All of them if volumes add up over time, otherwise the last one there is.
        """
        if self.dataset.additive:
            return window
        first, last = self._between(window)
        if first == last:
            return window
        day = date.fromordinal(int(self._ordinals[last - 1]))
        return Window(day, day)

    def state(self, series: Series, dimension: Dimension, day: date) -> State:
        """Return what is known of one dimension of a series on `day`."""
        if dimension in _OF_SERIES:
            return _own(series, dimension)
        if series.kind is SeriesKind.MODEL:
            return self.registry.state(series.subject, dimension, day)
        return unattributed(dimension)

    def partition(self, dimensions: tuple[Dimension, ...], day: date) -> Partition:
        """Return the classes of all series in these dimensions, as of `day`.

        `day` must be ALWAYS or a boundary of the registry in these dimensions.
        """
        key = (dimensions, day)
        known = self._partitions.get(key)
        if known is None:
            known = self._partitions[key] = self._sorted_out(dimensions, day)
            while len(self._partitions) > _KEPT_PARTITIONS:
                self._partitions.popitem(last=False)
        return known

    def _sorted_out(self, dimensions: tuple[Dimension, ...], day: date) -> Partition:
        members = np.array([s.kind is SeriesKind.REMAINDER for s in self.series], int)
        labels = [self._labels(dimension, day) for dimension in dimensions]
        for states, numbers in labels:
            # Dense again each time: the product of many dimensions may not fit.
            _, members = np.unique(members * len(states) + numbers, return_inverse=True)
        _, firsts, members = np.unique(members, return_index=True, return_inverse=True)
        order = np.argsort(members, kind="stable")
        starts = np.searchsorted(members[order], np.arange(len(firsts)))
        classes = [
            SeriesClass(
                self.series[first].kind is SeriesKind.REMAINDER,
                tuple(states[numbers[first]] for states, numbers in labels),
            )
            for first in firsts.tolist()
        ]
        return Partition(classes, order, starts)

    def _labels(
        self, dimension: Dimension, day: date
    ) -> tuple[Sequence[State], NDArray[np.intp]]:
        """Return the states there are in one dimension, and each column's number."""
        begun = [d for d in self.registry.boundaries([dimension]) if d <= day]
        key = (dimension, begun[-1] if begun else ALWAYS)
        known = self._labelled.get(key)
        if known is None:
            numbers: dict[State, int] = {}
            of_column = [
                numbers.setdefault(self.state(series, dimension, day), len(numbers))
                for series in self.series
            ]
            known = list(numbers), np.array(of_column, np.intp)
            self._labelled[key] = known
        return known

    def volumes(
        self, dimensions: tuple[Dimension, ...], windows: Sequence[Window]
    ) -> tuple[list[SeriesClass], Ints]:
        """Return classes of series and their volumes: (classes, windows).

        A window is cut where a claim about the dimensions begins or ends, and each
        part takes the claims of its own days.
        """
        numbers: dict[SeriesClass, int] = {}
        parts: list[tuple[int, list[int], Ints]] = []
        stretches = self._parts(dimensions, windows)
        for at, day, window in stretches:
            partition = self.partition(dimensions, day)
            sums = self.cube.volumes(window)[:, partition.order]
            by_class = np.add.reduceat(sums, partition.starts, axis=1)
            if len(stretches) == 1:
                return list(partition.classes), by_class.T
            for number, kind in enumerate(partition.classes):
                row = numbers.setdefault(kind, len(numbers))
                parts.append((row, at, by_class[:, number]))
        found = np.zeros((len(numbers), len(windows)), np.int64)
        for row, at, volumes in parts:
            np.add.at(found[row], at, volumes)
        return list(numbers), found

    def stretches(
        self, dimensions: tuple[Dimension, ...], window: Window
    ) -> list[tuple[date, Window]]:
        """Return the parts of a window in which no claim begins or ends.

        With each comes the day that `partition` takes for it.
        """
        starts = [ALWAYS, *self.registry.boundaries(dimensions)]
        begun = bisect_right(starts, window.first)
        ended = bisect_right(starts, window.last)
        inside = starts[begun:ended]
        firsts = [window.first, *inside]
        lasts = [*(day - timedelta(days=1) for day in inside), window.last]
        parts = map(Window, firsts, lasts)
        return list(zip(starts[begun - 1 : ended], parts, strict=True))

    def _parts(
        self, dimensions: tuple[Dimension, ...], windows: Sequence[Window]
    ) -> list[tuple[list[int], date, list[Window]]]:
        """Return, per stretch of unchanging claims: window numbers, its day, parts."""
        found: dict[date, tuple[list[int], date, list[Window]]] = {}
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

    @cached_property
    def bases(self) -> Mapping[str, tuple[Model, ...]]:
        """The variants of each base."""
        found: dict[str, list[Model]] = {}
        for model in self.registry.models.values():
            found.setdefault(model.base, []).append(model)
        return {base: tuple(models) for base, models in found.items()}
