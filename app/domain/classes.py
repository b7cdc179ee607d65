"""Series that are alike in every dimension a question speaks of, as one class.

What holds of a class whatever is asked is worked out once and kept with the classes:
they outlive the question.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Self, overload

import numpy as np
from numpy.typing import NDArray

from app.domain.registry import State
from app.domain.values import Values

Flags = NDArray[np.bool_]
Numbers = NDArray[np.intp]
Cell = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SeriesClass:
    """What all series of a class have in common."""

    unlisted: bool
    """Whether it is the remainder: volume that is listed nowhere."""
    states: tuple[State, ...]
    """In the order of the question's dimensions."""


class Classes(Sequence[SeriesClass]):
    """Classes in columns: which states there are, and which each class has.

    Attributes:
        unlisted: Of each class.
    """

    def __init__(
        self, unlisted: Flags, states: Sequence[tuple[Sequence[State], Numbers]]
    ) -> None:
        """Take, for each dimension, the states there are and each class's number."""
        self.unlisted = unlisted
        self._states = states
        self._cells: dict[tuple[int, ...], tuple[list[Cell], Numbers]] = {}

    @classmethod
    def of(cls, classes: Sequence[SeriesClass], dimensions: int) -> Self:
        """Return classes that were told one by one, of so many dimensions."""
        states = []
        for at in range(dimensions):
            numbers: dict[State, int] = {}
            of = [numbers.setdefault(c.states[at], len(numbers)) for c in classes]
            states.append((list(numbers), np.array(of, np.intp)))
        return cls(np.array([c.unlisted for c in classes], np.bool_), states)

    @cached_property
    def _told(self) -> list[SeriesClass]:
        columns = [
            [states[number] for number in numbers.tolist()]
            for states, numbers in self._states
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
        states, numbers = self._states[at]
        inside = np.array([state.point in values for state in states], np.bool_)
        return inside[numbers]

    @cached_property
    def certain(self) -> Flags:
        """Which classes have one possible value in every dimension."""
        found = np.ones(len(self), np.bool_)
        for states, numbers in self._states:
            possible = (state.possible for state in states)
            one = [not p.negated and len(p.items) <= 1 for p in possible]
            found &= np.array(one, np.bool_)[numbers]
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
        states, numbers = self._states[at]
        points = [state.point for state in states]
        return [points[number] for number in numbers.tolist()]
