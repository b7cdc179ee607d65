"""From volumes by class of series to the volumes and bounds of rows.

Series that are alike in every dimension a question speaks of form a class. A class is
settled if one value is possible in each dimension: then it is in one cell, in or out of
the base, and sums decide. The few classes that are not settled are judged one by one
(`membership.judge`). All arrays of volumes are int64 and exact, one column per period.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from app.domain.cube import Flags, Ints
from app.domain.membership import Cell, Cells, Judgement, Row, judge
from app.domain.registry import Dimension, State
from app.domain.values import ANY, Values

Filters = Mapping[Dimension, Values]
# Series of these dimensions are named by the dataset itself: what is not listed is
# capped by what is.
NAMED = frozenset({Dimension.MODEL, Dimension.BASE})


@dataclass(frozen=True, slots=True)
class SeriesClass:
    """What all series of a class have in common."""

    unlisted: bool
    """Whether it is the remainder: volume that is listed nowhere."""
    states: tuple[State, ...]
    """In the order of the question's dimensions."""


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
    """

    dimensions: tuple[Dimension, ...]
    classes: Sequence[SeriesClass]
    volumes: Ints
    numerator: Filters
    base: Filters
    group_by: tuple[Dimension, ...]

    def _point(self, filters: Filters) -> Flags:
        """Return which classes are, by best judgement, in `filters`."""
        checks = [
            (self.dimensions.index(d), values)
            for d, values in filters.items()
            if values != ANY
        ]
        return np.array(
            [
                all(c.states[at].point in values for at, values in checks)
                for c in self.classes
            ],
            np.bool_,
        )

    @cached_property
    def _in_base(self) -> Flags:
        return self._point(self.base)

    @cached_property
    def _in_row(self) -> Flags:
        return self._in_base & self._point(self.numerator)

    @cached_property
    def _settled(self) -> Flags:
        named = not NAMED.isdisjoint(self.dimensions)
        return np.array(
            [
                not (c.unlisted and named)
                and not any(
                    s.possible.negated or len(s.possible.items) > 1 for s in c.states
                )
                for c in self.classes
            ],
            np.bool_,
        )

    @cached_property
    def _cell_of(self) -> list[Cell]:
        at = [self.dimensions.index(d) for d in self.group_by]
        return [tuple(c.states[i].point for i in at) for c in self.classes]

    @cached_property
    def total(self) -> Ints:
        """Volume of the base: (periods,)."""
        return self._sum(self._in_base)

    @cached_property
    def unlisted(self) -> Ints:
        """Part of the base that is listed nowhere: (periods,)."""
        unlisted = np.array([c.unlisted for c in self.classes], np.bool_)
        return self._sum(unlisted & self._in_base)

    @cached_property
    def cells(self) -> dict[Cell, Ints]:
        """Volume of each group cell that is in the numerator: (periods,)."""
        return self._by_cell(self._in_row)

    @cached_property
    def _settled_cells(self) -> dict[Cell, Ints]:
        return self._by_cell(self._in_row & self._settled)

    @cached_property
    def _settled_base(self) -> Ints:
        return self._sum(self._in_base & self._settled)

    def _sum(self, which: Flags) -> Ints:
        return np.asarray(self.volumes[which].sum(axis=0), np.int64)

    def _by_cell(self, which: Flags) -> dict[Cell, Ints]:
        found: dict[Cell, Ints] = {}
        for at in map(int, np.flatnonzero(which)):
            cell = self._cell_of[at]
            known = found.get(cell)
            volumes = self.volumes[at]
            found[cell] = volumes if known is None else known + volumes
        return found

    def row(self, cells: Cells) -> Row:
        """Return the row of the numerator made of these group cells."""
        if len(self.group_by) != 1:
            return Row(self.numerator, self.group_by, cells)
        # In one dimension, cells are a set of values like any filter.
        (dimension,) = self.group_by
        named = Values(frozenset(c[0] for c in cells.cells), negated=cells.negated)
        chosen = self.numerator.get(dimension, ANY) & named
        return Row({**self.numerator, dimension: chosen})

    def volume(self, cells: Cells) -> Ints:
        """Return the volume of a row by best judgement: (periods,)."""
        return self._pick(self.cells, cells)

    def _pick(self, by_cell: Mapping[Cell, Ints], cells: Cells) -> Ints:
        found = np.zeros(self.volumes.shape[1], np.int64)
        for cell in cells.cells:
            if cell in by_cell:
                found += by_cell[cell]
        if not cells.negated:
            return found
        return np.sum([found * 0, *by_cell.values()], axis=0, dtype=np.int64) - found

    def bounds(self, cells: Cells, cap_of: CapOf) -> Bounds:
        """Return the possible volumes of a row, over every possible assignment."""
        row = self.row(cells)
        settled = self._pick(self._settled_cells, cells)
        rest = self._settled_base - settled
        only_row, may_row = settled.copy(), settled.copy()
        only_base, may_base = rest.copy(), rest.copy()
        for seen, volumes, cap in self._open(row, cap_of):
            may_row += volumes if seen.in_row else np.minimum(cap.in_row, volumes)
            may_base += volumes if seen.in_base else np.minimum(cap.in_base, volumes)
            if seen.only_row:
                only_row += volumes - np.minimum(cap.not_row, volumes)
            if seen.only_base:
                only_base += volumes - np.minimum(cap.not_base, volumes)
        return Bounds(only_row, may_row, only_base, may_base)

    def known_not(self, cells: Cells, cap_of: CapOf) -> Ints:
        """Return the part of the base that is known not to be in a row: (periods,)."""
        row = self.row(cells)
        known = self._settled_base - self._pick(self._settled_cells, cells)
        for seen, volumes, cap in self._open(row, cap_of, in_base=True):
            if not seen.in_row:
                known = known + volumes - np.minimum(cap.in_row, volumes)
        return known

    def _open(
        self, row: Row, cap_of: CapOf, *, in_base: bool = False
    ) -> list[tuple[Judgement, Ints, Cap]]:
        """Return what is not settled: where it may be, its volumes, and caps.

        Only the remainder has caps, and only where a question names models: what is
        judged is then the volume of models that nobody names.
        """
        which = ~self._settled & self._in_base if in_base else ~self._settled
        found = []
        for at in map(int, np.flatnonzero(which)):
            kind = self.classes[at]
            possible = {
                d: s.possible for d, s in zip(self.dimensions, kind.states, strict=True)
            }
            cap = cap_of(row, self.base) if kind.unlisted else None
            seen = judge(possible, row, self.base)
            found.append((seen, self.volumes[at], cap or _NO_CAP))
        return found
