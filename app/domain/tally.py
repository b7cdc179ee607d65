"""From volumes by class of series to the volumes and bounds of rows.

Series that are alike in every dimension a question speaks of form a class. What the
question says of a class is judged once (`judged.Judged`); here are the sums. All arrays
of volumes are int64 and exact, one column per period.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import numpy as np

from app.domain.classes import Classes, SeriesClass
from app.domain.cube import Ints
from app.domain.judged import Judged, Part
from app.domain.membership import Cell, Cells, Judgement, Row
from app.domain.registry import Dimension
from app.domain.selection import NAMED, Filters, Selection

__all__ = [
    "NAMED",
    "Bounds",
    "Cap",
    "CapOf",
    "Filters",
    "SeriesClass",
    "Tally",
]


@dataclass(frozen=True, slots=True)
class Bounds:
    """Possible volumes of one row per period: surely in it, maybe in it, and so on."""

    only_row: Ints
    may_row: Ints
    only_base: Ints
    may_base: Ints


@dataclass(frozen=True, slots=True)
class Cap:
    """What unlisted models can have had of the remainder, at most, per period.

    Together, those of them that may be in the row, in the rest of the base, elsewhere
    than in the row, and elsewhere than in the rest of the base.
    """

    in_row: Ints
    in_base: Ints
    not_row: Ints
    not_base: Ints


_NOTHING = np.zeros(1, np.int64)
_NO_CAP = Cap(_NOTHING, _NOTHING, _NOTHING, _NOTHING)


CapOf = Callable[[Row, Filters], Cap | None]


class _Figures(NamedTuple):
    """Volumes of one row per period, as if the remainder were in no row."""

    volume: Ints
    only_row: Ints
    may_row: Ints
    only_base: Ints
    may_base: Ints
    known_not: Ints
    remainder: Sequence[tuple[int, Judgement]]
    """The classes of what is listed nowhere, if it may be capped, and where each is."""


@dataclass(frozen=True)
class Tally:
    """Volumes by class, and what the numerator and the base say of each.

    Attributes:
        dimensions: Every dimension the question speaks of.
        classes: The classes.
        volumes: (classes, periods).
        numerator: Filters of the numerator.
        base: Filters of the base.
        group_by: Dimensions of the group cells; empty for one group.
        judged: What is known of the classes already.
    """

    dimensions: tuple[Dimension, ...]
    classes: Sequence[SeriesClass]
    volumes: Ints
    numerator: Filters
    base: Filters
    group_by: tuple[Dimension, ...]
    judged: Judged | None = None
    _figures: dict[Cells, _Figures] = field(default_factory=dict, init=False)

    @cached_property
    def _judged(self) -> Judged:
        if self.judged is not None:
            return self.judged
        classes = self.classes
        if not isinstance(classes, Classes):
            classes = Classes.of(classes, len(self.dimensions))
        selection = Selection(self.dimensions, self.numerator, self.base, self.group_by)
        return Judged(selection, classes)

    @cached_property
    def total(self) -> Ints:
        """Volume of the base: (periods,)."""
        return self._judged.total.of(self.volumes)

    @cached_property
    def unlisted(self) -> Ints:
        """Part of the base that is listed nowhere: (periods,)."""
        return self._judged.unlisted.of(self.volumes)

    @cached_property
    def cells(self) -> dict[Cell, Ints]:
        """Volume of each group cell that is in the numerator: (periods,)."""
        return dict(zip(*self.by_cell, strict=True))

    @cached_property
    def by_cell(self) -> tuple[list[Cell], Ints]:
        """The group cells in the numerator, and their volumes: (cells, periods)."""
        cells, at, starts = self._judged.cells
        volumes = self.volumes[at]
        if len(starts) < len(at):
            volumes = np.add.reduceat(volumes, starts, axis=0)
        return cells, volumes

    def _sum(self, part: Part) -> Ints:
        judged = self._judged
        return self.total if part is judged.total else part.of(self.volumes)

    def volume(self, cells: Cells) -> Ints:
        """Return the volume of a row by best judgement: (periods,)."""
        return self._told(cells).volume

    def bounds(self, cells: Cells, cap_of: CapOf) -> Bounds:
        """Return the possible volumes of a row, over every possible assignment."""
        told = self._told(cells)
        only_row, may_row, only_base, may_base = told[1:5]
        for at, seen, cap in self._capped(told, cells, cap_of):
            volumes, far = self.volumes[at], self._judged.nowhere[at]
            if far.in_base:
                may_base = may_base - volumes
            if far.only_base:
                only_base = only_base - volumes
            may_row = may_row + _at_most(cap.in_row, volumes, surely=seen.in_row)
            may_base = may_base + _at_most(cap.in_base, volumes, surely=seen.in_base)
            if seen.only_row:
                only_row = only_row + volumes - np.minimum(cap.not_row, volumes)
            if seen.only_base:
                only_base = only_base + volumes - np.minimum(cap.not_base, volumes)
        return Bounds(only_row, may_row, only_base, may_base)

    def known_not(self, cells: Cells, cap_of: CapOf) -> Ints:
        """Return the part of the base that is known not to be in a row: (periods,)."""
        told = self._told(cells)
        known = told.known_not
        for at, seen, cap in self._capped(told, cells, cap_of):
            if self._judged.in_base[at]:
                known = known - _at_most(
                    cap.in_row, self.volumes[at], surely=seen.in_row
                )
        return known

    def _capped(
        self, told: _Figures, cells: Cells, cap_of: CapOf
    ) -> list[tuple[int, Judgement, Cap]]:
        """Return the classes of the remainder, where each may be, and its caps.

        Only the remainder has caps, and only where a question names models. What is
        judged of it is then the volume of models that nobody names.
        """
        if not told.remainder:
            return []
        cap = cap_of(self._judged.selection.row(cells), self.base) or _NO_CAP
        return [(at, seen, cap) for at, seen in told.remainder]

    def _told(self, cells: Cells) -> _Figures:
        found = self._figures.get(cells)
        if found is None:
            self.prime([cells])
            found = self._figures[cells]
        return found

    def prime(self, rows: Sequence[Cells]) -> None:
        """Sum up many rows at once; what is asked of each of them is then cheap."""
        sums = self._judged.sums(tuple(rows))
        volume, settled, only_row, may_row, only_base, may_base, maybe = sums.of(
            self.volumes
        )
        only_row += settled
        may_row += settled
        only_base += self._sum(self._judged.only_base) - settled
        may_base += self._sum(self._judged.may_base) - settled
        known_not = self.total - settled - maybe
        told = zip(
            volume,
            only_row,
            may_row,
            only_base,
            may_base,
            known_not,
            sums.remainder,
            strict=True,
        )
        self._figures.update(zip(rows, map(_Figures._make, told), strict=True))


def _at_most(cap: Ints, volumes: Ints, *, surely: bool) -> Ints:
    """Return volumes, or what of them can be where it may be by name alone."""
    return volumes if surely else np.minimum(cap, volumes)
