"""Series that are alike in every dimension a question speaks of, as one class.

What holds of a class whatever is asked is worked out once and kept with the classes:
they outlive the question.
"""

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import NamedTuple, Self, overload

import numpy as np
from numpy.typing import NDArray

from app.domain.registry import State
from app.domain.values import ANY, Values

Flags = NDArray[np.bool_]
Numbers = NDArray[np.intp]
Cell = tuple[str, ...]


class SeriesClass(NamedTuple):
    """What all series of a class have in common."""

    unlisted: bool
    """Whether it is the remainder: volume that is listed nowhere."""
    states: tuple[State, ...]
    """In the order of the question's dimensions."""


class Facing(NamedTuple):
    """How states, or classes, face a base and what is chosen in it.

    Of a class it says what one dimension, or several together, have to say.
    """

    held: Flags
    """May be in the base."""
    meets: Flags
    """May be in the base, and of what is chosen."""
    misses: Flags
    """May be in the base, and not of what is chosen."""
    exceeds: Flags
    """May be outside the base."""

    def of(self, numbers: Numbers) -> "Facing":
        """Return this for the states of some classes."""
        return Facing(*(flags[numbers] for flags in self))

    def __and__(self, other: "Facing") -> "Facing":
        return Facing(
            self.held & other.held,
            self.meets & other.meets,
            self.misses | other.misses,
            self.exceeds | other.exceeds,
        )


class States:
    """The states there are in one dimension, and where each value stands in them."""

    def __init__(self, told: Sequence[State]) -> None:
        """Take the states, each once."""
        self.told = told
        self.points = [state.point for state in told]
        self._by_point = _places(enumerate(self.points))
        single = {n: _single(state.possible) for n, state in enumerate(told)}
        self.by_single = _places((n, v) for n, v in single.items() if v is not None)
        """By its only possible value, the numbers of the states."""
        self.doubtful = [n for n, value in single.items() if value is None]
        """Numbers of the states with more possible values than one."""
        self.certain = np.ones(len(told), np.bool_)
        self.certain[self.doubtful] = False

    def __len__(self) -> int:
        return len(self.told)

    def within(self, values: Values) -> Flags:
        """Return which states are, by best judgement, of these values."""
        return _marked(len(self), self._by_point, values)

    def facing(self, allowed: Values, chosen: Values | None) -> Facing:
        """Return how each state faces a base and what is chosen in it.

        Args:
            allowed: Values of the base.
            chosen: Values of the row; None: it does not speak of the dimension.
        """
        held = _marked(len(self), self.by_single, allowed)
        taken = _marked(len(self), self.by_single, ANY if chosen is None else chosen)
        found = Facing(held, held & taken, held & ~taken, ~held)
        for at in self.doubtful:
            possible = self.told[at].possible
            within = possible if allowed == ANY else possible & allowed
            found.held[at] = bool(within)
            found.meets[at] = chosen is None or within.meets(chosen)
            found.misses[at] = chosen is not None and within.exceeds(chosen)
            found.exceeds[at] = possible.exceeds(allowed)
        return found

    @cached_property
    def may_be(self) -> dict[str | None, list[int]]:
        """By value, the doubtful states that may have it; None: that may have any."""
        found: dict[str | None, list[int]] = {None: []}
        for at in self.doubtful:
            possible = self.told[at].possible
            for value in (None,) if possible.negated else possible.items:
                found.setdefault(value, []).append(at)
        return found


def _single(possible: Values) -> str | None:
    if possible.negated or len(possible.items) != 1:
        return None
    (value,) = possible.items
    return value


def _places(pairs: "Iterator[tuple[int, str]]") -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for at, value in pairs:
        found.setdefault(value, []).append(at)
    return found


def _marked(count: int, places: dict[str, list[int]], values: Values) -> Flags:
    """Return which of so many things have one of these values."""
    found = np.full(count, values.negated)
    for value in values.items:
        for at in places.get(value, ()):
            found[at] = not values.negated
    return found


class Classes(Sequence[SeriesClass]):
    """Classes in columns: which states there are, and which each class has.

    Attributes:
        unlisted: Of each class.
        states: By dimension, the states there are, and each class's number.
    """

    def __init__(
        self, unlisted: Flags, states: Sequence[tuple[States, Numbers]]
    ) -> None:
        """Take, for each dimension, the states there are and each class's number."""
        self.unlisted = unlisted
        self.states = states
        self._cells: dict[tuple[int, ...], tuple[list[Cell], Numbers]] = {}

    @classmethod
    def of(cls, classes: Sequence[SeriesClass], dimensions: int) -> Self:
        """Return classes that were told one by one, of so many dimensions."""
        states = []
        for at in range(dimensions):
            numbers: dict[State, int] = {}
            of = [numbers.setdefault(c.states[at], len(numbers)) for c in classes]
            states.append((States(list(numbers)), np.array(of, np.intp)))
        return cls(np.array([c.unlisted for c in classes], np.bool_), states)

    @cached_property
    def _told(self) -> list[SeriesClass]:
        columns = [
            [states.told[number] for number in numbers.tolist()]
            for states, numbers in self.states
        ]
        rows = zip(*columns, strict=True) if columns else iter([()] * len(self))
        told = zip(self.unlisted.tolist(), rows, strict=True)
        return [SeriesClass(unlisted, states) for unlisted, states in told]

    @overload
    def __getitem__(self, index: int) -> SeriesClass: ...
    @overload
    def __getitem__(self, index: slice) -> list[SeriesClass]: ...
    def __getitem__(self, index: int | slice) -> SeriesClass | list[SeriesClass]:
        return self._told[index]

    def __iter__(self) -> Iterator[SeriesClass]:
        return iter(self._told)

    def __len__(self) -> int:
        return len(self.unlisted)

    def within(self, at: int, values: Values) -> Flags:
        """Return which classes are, by best judgement, of these values.

        Args:
            at: Number of the dimension.
            values: Of that dimension.
        """
        states, numbers = self.states[at]
        return states.within(values)[numbers]

    @cached_property
    def certain(self) -> Flags:
        """Which classes have one possible value in every dimension."""
        found = np.ones(len(self), np.bool_)
        for states, numbers in self.states:
            if states.doubtful:
                found &= states.certain[numbers]
        return found

    def cells(self, dimensions: tuple[int, ...]) -> tuple[list[Cell], Numbers]:
        """Return the cells there are in some dimensions, and each class's number.

        Args:
            dimensions: Their numbers, in the order of the cell.
        """
        known = self._cells.get(dimensions)
        if known is None:
            columns = [self._points(at) for at in dimensions]
            of = zip(*columns, strict=True) if columns else [()] * len(self)
            numbers: dict[Cell, int] = {}
            found = [numbers.setdefault(cell, len(numbers)) for cell in of]
            known = list(numbers), np.array(found, np.intp)
            self._cells[dimensions] = known
        return known

    def _points(self, at: int) -> list[str]:
        states, numbers = self.states[at]
        return [states.points[number] for number in numbers.tolist()]
