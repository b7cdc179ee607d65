"""What the columns of a cube count, and how a question sorts them into classes."""

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np

from app.domain.classes import Classes, Flags, Numbers, SeriesClass, States
from app.domain.observations import SeriesKind
from app.domain.registry import (
    ALWAYS,
    UNKNOWN,
    Dimension,
    Registry,
    State,
    unattributed,
)
from app.domain.values import Values

_KEPT = 64
_SMALL = 2**16
_SPARSE = 4  # times as many numbers as there are may be marked one by one
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


def state_of(
    series: Series, dimension: Dimension, registry: Registry, day: date
) -> State:
    """Return what is known of one dimension of a series on `day`."""
    if dimension in _OF_SERIES:
        return _own(series, dimension)
    if series.kind is SeriesKind.MODEL:
        return registry.state(series.subject, dimension, day)
    return unattributed(dimension)


def _own(series: Series, dimension: Dimension) -> State:
    """Return the category or the app of a series: never in doubt."""
    value = series.category if dimension is Dimension.CATEGORY else None
    if series.kind is _OF_SERIES[dimension]:
        value = series.subject
    return State(value or UNKNOWN, Values.of(value or UNKNOWN))


@dataclass(frozen=True, slots=True)
class Partition:
    """The series of a dataset, sorted into classes that hold on one stretch of days."""

    classes: Classes
    order: Numbers
    """Columns, class after class."""
    starts: Numbers
    """Where each class begins in `order`."""

    def columns(self, classes: Numbers) -> Numbers:
        """Return the columns of some classes, one class after the other."""
        if len(classes) == 1:
            (at,) = classes.tolist()
            end = self.starts[at + 1] if at + 1 < len(self.starts) else None
            return self.order[self.starts[at] : end]
        found = np.split(self.order, self.starts[1:])
        nothing = np.zeros(0, np.intp)
        return np.concatenate([nothing, *(found[at] for at in classes.tolist())])


@dataclass(frozen=True, slots=True)
class Union:
    """The classes of several stretches together."""

    classes: Classes
    rows: Sequence[Numbers]
    """For each stretch, where its classes stand among all of them."""


class Sorter:
    """Sorts series into classes; remembers how. Safe to share between threads."""

    def __init__(self, series: tuple[Series, ...], registry: Registry) -> None:
        """Take the columns of a cube, and what is claimed of them."""
        self.series = series
        self.registry = registry
        self._partitions: OrderedDict[object, Partition] = OrderedDict()
        self._unions: OrderedDict[object, Union] = OrderedDict()
        self._labelled: dict[object, tuple[States, Numbers]] = {}

    def partition(self, dimensions: tuple[Dimension, ...], day: date) -> Partition:
        """Return the classes of all series in these dimensions, as of `day`.

        `day` must be ALWAYS or a boundary of the registry in these dimensions.
        """
        key = (dimensions, day)
        known = self._partitions.get(key)
        if known is None:
            known = self._partitions[key] = self._sorted_out(dimensions, day)
            while len(self._partitions) > _KEPT:
                self._partitions.popitem(last=False)
        return known

    def union(self, dimensions: tuple[Dimension, ...], days: Sequence[date]) -> Union:
        """Return the classes of the partitions of several days."""
        key = (dimensions, tuple(days))
        known = self._unions.get(key)
        if known is None:
            numbers: dict[SeriesClass, int] = {}
            rows = [
                np.array(
                    [
                        numbers.setdefault(kind, len(numbers))
                        for kind in self.partition(dimensions, day).classes
                    ],
                    np.intp,
                )
                for day in days
            ]
            known = Union(Classes.of(list(numbers), len(dimensions)), rows)
            self._unions[key] = known
            while len(self._unions) > _KEPT:
                self._unions.popitem(last=False)
        return known

    def _sorted_out(self, dimensions: tuple[Dimension, ...], day: date) -> Partition:
        members, count = self._unlisted.astype(np.intp), 2
        labels = [self._labels(dimension, day) for dimension in dimensions]
        for states, numbers in labels:
            # Dense again each time: the product of many dimensions may not fit.
            members, count = _dense(
                members * len(states) + numbers, count * len(states)
            )
        if not dimensions:
            members, count = _dense(members, count)
        # Small numbers are sorted much faster.
        small = members.astype(np.uint16) if count <= _SMALL else members
        order = np.argsort(small, kind="stable")
        starts = np.searchsorted(small[order], np.arange(count, dtype=small.dtype))
        firsts = order[starts]
        classes = Classes(
            self._unlisted[firsts],
            [(states, numbers[firsts]) for states, numbers in labels],
        )
        return Partition(classes, order, starts)

    @cached_property
    def _unlisted(self) -> Flags:
        kinds = (s.kind is SeriesKind.REMAINDER for s in self.series)
        return np.fromiter(kinds, np.bool_, len(self.series))

    @cached_property
    def _subjects(self) -> tuple[list[Series], Numbers]:
        """A series of each subject, and the number of the subject of each column."""
        return self._firsts((s.kind, s.subject) for s in self.series)

    def _told_apart(self, dimension: Dimension) -> tuple[list[Series], Numbers]:
        """Return a series of each category or app, and the number of each column's."""
        kind = _OF_SERIES[dimension]
        return self._firsts(
            (s.category, s.subject if s.kind is kind else None) for s in self.series
        )

    def _firsts(self, keys: Iterable[object]) -> tuple[list[Series], Numbers]:
        """Return the first series of each key, and the number of each column's key."""
        first: dict[object, int] = {}
        numbers = np.array([first.setdefault(k, len(first)) for k in keys], np.intp)
        at = np.unique(numbers, return_index=True)[1].tolist()
        return [self.series[n] for n in at], numbers

    def prime(self, dimensions: Iterable[Dimension]) -> None:
        """Look up what is known of every series now: a first question need not wait."""
        for dimension in dimensions:
            self._labels(dimension, date.max)

    def _labels(self, dimension: Dimension, day: date) -> tuple[States, Numbers]:
        """Return the states there are in one dimension, and each column's number."""
        begun = [d for d in self.registry.boundaries([dimension]) if d <= day]
        key = (dimension, begun[-1] if begun else ALWAYS)
        known = self._labelled.get(key)
        if known is None:
            known = self._labelled[key] = self._looked_up(dimension, day)
        return known

    def _looked_up(self, dimension: Dimension, day: date) -> tuple[States, Numbers]:
        series, of = self._subjects
        if dimension in _OF_SERIES:
            series, of = self._told_apart(dimension)
        numbers: dict[State, int] = {}
        found = [
            numbers.setdefault(
                state_of(one, dimension, self.registry, day), len(numbers)
            )
            for one in series
        ]
        return States(list(numbers)), np.array(found, np.intp)[of]


def _dense(numbers: Numbers, most: int) -> tuple[Numbers, int]:
    """Return numbers below `most` counted anew, without gaps, and how many there are.

    In the same order.
    """
    if most > _SPARSE * len(numbers):
        found, again = np.unique(numbers, return_inverse=True)
        return again, len(found)
    there = np.zeros(most, np.bool_)
    there[numbers] = True
    again = np.cumsum(there) - 1
    return again[numbers], int(again[-1]) + 1 if most else 0
