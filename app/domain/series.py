"""What the columns of a cube count, and how a question sorts them into classes."""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from app.domain.classes import Classes, Numbers, SeriesClass
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
        self._labelled: dict[object, tuple[Sequence[State], Numbers]] = {}

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
        unlisted = [s.kind is SeriesKind.REMAINDER for s in self.series]
        members = np.array(unlisted, int)
        labels = [self._labels(dimension, day) for dimension in dimensions]
        for states, numbers in labels:
            # Dense again each time: the product of many dimensions may not fit.
            _, members = np.unique(members * len(states) + numbers, return_inverse=True)
        _, firsts, members = np.unique(members, return_index=True, return_inverse=True)
        order = np.argsort(members, kind="stable")
        starts = np.searchsorted(members[order], np.arange(len(firsts)))
        classes = Classes(
            np.array(unlisted, np.bool_)[firsts],
            [(states, numbers[firsts]) for states, numbers in labels],
        )
        return Partition(classes, order, starts)

    def _labels(
        self, dimension: Dimension, day: date
    ) -> tuple[Sequence[State], Numbers]:
        """Return the states there are in one dimension, and each column's number."""
        begun = [d for d in self.registry.boundaries([dimension]) if d <= day]
        key = (dimension, begun[-1] if begun else ALWAYS)
        known = self._labelled.get(key)
        if known is None:
            numbers: dict[State, int] = {}
            of_column = [
                numbers.setdefault(
                    state_of(series, dimension, self.registry, day), len(numbers)
                )
                for series in self.series
            ]
            known = list(numbers), np.array(of_column, np.intp)
            self._labelled[key] = known
        return known
