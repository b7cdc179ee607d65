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

from app.domain.classes import Classes, SeriesClass
from app.domain.cube import Flags, Ints
from app.domain.membership import Cell, Cells, Judgement, Row, judge
from app.domain.registry import Dimension
from app.domain.values import ANY, Values

__all__ = [
    "NAMED",
    "Bounds",
    "Cap",
    "CapOf",
    "Filters",
    "SeriesClass",
    "Tally",
]

Filters = Mapping[Dimension, Values]
# Series of these dimensions are named by the dataset itself: what is not listed is
# capped by what is.
NAMED = frozenset({Dimension.MODEL, Dimension.BASE})


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

    @cached_property
    def _classes(self) -> Classes:
        if isinstance(self.classes, Classes):
            return self.classes
        return Classes.of(self.classes, len(self.dimensions))

    def _point(self, filters: Filters) -> Flags:
        """Return which classes are, by best judgement, in `filters`."""
        found = np.ones(len(self._classes), np.bool_)
        for dimension, values in filters.items():
            if values != ANY:
                at = self.dimensions.index(dimension)
                found &= self._classes.within(at, values)
        return found

    @cached_property
    def _in_base(self) -> Flags:
        return self._point(self.base)

    @cached_property
    def _in_row(self) -> Flags:
        return self._in_base & self._point(self.numerator)

    @cached_property
    def _settled(self) -> Flags:
        if NAMED.isdisjoint(self.dimensions):
            return self._classes.certain
        return self._classes.certain & ~self._classes.unlisted

    @cached_property
    def total(self) -> Ints:
        """Volume of the base: (periods,)."""
        return self._sum(self._in_base)

    @cached_property
    def unlisted(self) -> Ints:
        """Part of the base that is listed nowhere: (periods,)."""
        return self._sum(self._classes.unlisted & self._in_base)

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
        dimensions = tuple(map(self.dimensions.index, self.group_by))
        cells, numbers = self._classes.cells(dimensions)
        at = np.flatnonzero(which)
        # Class after class of each cell; most cells have one.
        at = at[np.argsort(numbers[at], kind="stable")]
        found, starts = np.unique(numbers[at], return_index=True)
        volumes = self.volumes[at]
        if len(found) < len(at):
            volumes = np.add.reduceat(volumes, starts, axis=0)
        return dict(zip([cells[n] for n in found.tolist()], volumes, strict=True))

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
        settled = self._pick(self._settled_cells, cells)
        only_row, may_row = settled.copy(), settled.copy()
        only_base = self._settled_base - settled + self._far.only_base
        may_base = self._settled_base - settled + self._far.may_base
        for at, seen, cap in self._near(cells, cap_of):
            volumes, far = self.volumes[at], self._nowhere[at]
            if far.in_base:
                may_base -= volumes
            if far.only_base:
                only_base -= volumes
            may_row += volumes if seen.in_row else np.minimum(cap.in_row, volumes)
            may_base += volumes if seen.in_base else np.minimum(cap.in_base, volumes)
            if seen.only_row:
                only_row += volumes - np.minimum(cap.not_row, volumes)
            if seen.only_base:
                only_base += volumes - np.minimum(cap.not_base, volumes)
        return Bounds(only_row, may_row, only_base, may_base)

    def known_not(self, cells: Cells, cap_of: CapOf) -> Ints:
        """Return the part of the base that is known not to be in a row: (periods,)."""
        known = self._settled_base - self._pick(self._settled_cells, cells)
        known += self._sum(self._in_base & ~self._settled)
        for at, seen, cap in self._near(cells, cap_of):
            volumes = self.volumes[at]
            if self._in_base[at]:
                known -= volumes if seen.in_row else np.minimum(cap.in_row, volumes)
        return known

    def _near(self, cells: Cells, cap_of: CapOf) -> list[tuple[int, Judgement, Cap]]:
        """Return the classes that are not settled and may be in a row.

        With each comes where it may be, and its caps: only the remainder has any, and
        only where a question names models. What is judged of it is then the volume of
        models that nobody names.
        """
        key = (cells, cap_of)
        if key not in self._judged:
            self._judged[key] = self._judge(cells, cap_of)
        return self._judged[key]

    @cached_property
    def _judged(self) -> dict[tuple[Cells, CapOf], list[tuple[int, Judgement, Cap]]]:
        return {}

    def _judge(self, cells: Cells, cap_of: CapOf) -> list[tuple[int, Judgement, Cap]]:
        row = self.row(cells)
        found = []
        for at in sorted(self._within_reach(cells)):
            cap = cap_of(row, self.base) if self.classes[at].unlisted else None
            seen = judge(self._possible[at], row, self.base)
            found.append((at, seen, cap or _NO_CAP))
        return found

    @cached_property
    def _possible(self) -> dict[int, dict[Dimension, Values]]:
        """What each class that is not settled may be."""
        return {
            at: {
                d: s.possible
                for d, s in zip(self.dimensions, self.classes[at].states, strict=True)
            }
            for at in map(int, np.flatnonzero(~self._settled))
        }

    @cached_property
    def _nowhere(self) -> dict[int, Judgement]:
        """Where each class that is not settled may be, if not in the row."""
        nothing = self.row(Cells(negated=False))
        return {at: judge(p, nothing, self.base) for at, p in self._possible.items()}

    @cached_property
    def _far(self) -> Bounds:
        """Volumes of all that is not settled, if none of it may be in the row."""
        nothing = np.zeros(self.volumes.shape[1], np.int64)
        only_base, may_base = nothing.copy(), nothing.copy()
        for at, seen in self._nowhere.items():
            if seen.in_base:
                may_base += self.volumes[at]
            if seen.only_base:
                only_base += self.volumes[at]
        return Bounds(nothing, nothing, only_base, may_base)

    def _within_reach(self, cells: Cells) -> set[int]:
        """Return the unsettled classes that may be in these cells, and the remainder.

        Most rows are one cell, and most classes cannot be in it.
        """
        if cells.negated or not self.group_by:
            return set(self._possible)
        found = {*self._remainder}
        for cell in cells.cells:
            ways = [
                self._by_value[d].get(value, set()) | self._by_value[d][None]
                for d, value in zip(self.group_by, cell, strict=True)
            ]
            found |= set.intersection(*ways)
        return found

    @cached_property
    def _remainder(self) -> list[int]:
        unlisted = self._classes.unlisted & ~self._settled
        return list(map(int, np.flatnonzero(unlisted)))

    @cached_property
    def _by_value(self) -> dict[Dimension, dict[str | None, set[int]]]:
        """By group dimension and value, the unsettled classes that may have it.

        Under None stand those that may have nearly any.
        """
        found: dict[Dimension, dict[str | None, set[int]]] = {}
        for dimension in self.group_by:
            by_value = found[dimension] = {None: set()}
            for at, possible in self._possible.items():
                values = possible[dimension]
                for value in (None,) if values.negated else values.items:
                    by_value.setdefault(value, set()).add(at)
        return found
