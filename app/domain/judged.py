"""What a selection says of classes of series: where each is, and what is added up.

Worked out once for a selection and its classes, and kept: with other dates only the
volumes are others. A class is settled if one value is possible in each dimension: then
it is in one cell, in or out of the base, and sums decide.
"""

from collections.abc import Sequence
from functools import cached_property
from itertools import repeat

import numpy as np

from app.domain.classes import Cell, Classes, Flags, Numbers
from app.domain.cube import Ints
from app.domain.membership import Cells, Judgement
from app.domain.near import Near, Unsettled
from app.domain.selection import Filters, Selection
from app.domain.values import ANY

_KEPT = 8
_KINDS = 7


class Sums:
    """What is added up for each of some rows.

    Attributes:
        remainder: By row, the classes that may be capped, and where each may be.
    """

    def __init__(
        self,
        rows: int,
        parts: Sequence[Sequence[tuple[Numbers, Numbers, int]]],
        remainder: Sequence[Sequence[tuple[int, Judgement]]],
    ) -> None:
        """Take the parts of each kind of sum: rows, the class of each, and a sign."""
        self.remainder = remainder
        self._rows = rows
        found = [
            (kind * rows + of, at, np.full(len(at), sign, np.int64))
            for kind, some in enumerate(parts)
            for of, at, sign in some
        ]
        of, at, signs = map(np.concatenate, zip(*found, strict=True))
        order = np.argsort(of, kind="stable")
        self._at, self._signs = at[order], signs[order]
        self._sums, self._starts = np.unique(of[order], return_index=True)
        self._signed = bool((signs < 0).any())

    def of(self, volumes: Ints) -> Ints:
        """Return the sums of volumes by class: (kinds, rows, periods)."""
        found = np.zeros((_KINDS * self._rows, volumes.shape[1]), np.int64)
        if len(self._at):
            some = volumes[self._at]
            if self._signed:
                some *= self._signs[:, None]
            found[self._sums] = np.add.reduceat(some, self._starts, axis=0)
        return found.reshape(_KINDS, self._rows, volumes.shape[1])


class Part:
    """Some of the classes; their volumes are added up.

    Attributes:
        flags: Which.
    """

    def __init__(self, flags: Flags) -> None:
        """Take flags that nobody changes."""
        self.flags = flags
        self._at = None if flags.all() else np.flatnonzero(flags)

    def of(self, volumes: Ints) -> Ints:
        """Return the sum of their volumes: (periods,)."""
        some = volumes if self._at is None else volumes[self._at]
        return np.asarray(np.add.reduce(some, axis=0), np.int64)


class Judged:
    """Classes, and what a selection says of each.

    Attributes:
        settled: Which classes sums decide on.
        in_base: Which are in the base, by best judgement.
        in_row: Which are in the numerator, too.
    """

    def __init__(self, selection: Selection, classes: Classes) -> None:
        """Take a selection, and classes in its dimensions."""
        self.selection = selection
        self.classes = classes
        self.in_base = self._point(selection.base)
        self.in_row = self.in_base & self._point(selection.numerator)
        self.settled = classes.certain
        # Where a selection names models, what is listed nowhere may be any of them.
        self._capped = np.zeros(len(classes), np.bool_)
        if selection.names_models:
            self._capped = classes.unlisted
            self.settled = self.settled & ~classes.unlisted
        self._unsettled = Unsettled(selection, classes, np.flatnonzero(~self.settled))
        self._sums: dict[tuple[Cells, ...], Sums] = {}

    def _point(self, filters: Filters) -> Flags:
        """Return which classes are, by best judgement, in `filters`."""
        found = np.ones(len(self.classes), np.bool_)
        for dimension, values in filters.items():
            if values != ANY:
                at = self.selection.dimensions.index(dimension)
                found &= self.classes.within(at, values)
        return found

    @cached_property
    def total(self) -> Part:
        """The classes of the base."""
        return Part(self.in_base)

    @cached_property
    def only_base(self) -> Part:
        """Those in it, whatever is true, if no unsettled one is in a row."""
        return self._of_base(self._unsettled.far.only_base)

    @cached_property
    def may_base(self) -> Part:
        """Those that may be in it, if no unsettled one is in a row."""
        return self._of_base(self._unsettled.far.in_base)

    def _of_base(self, unsettled: Flags) -> Part:
        found = self.in_base & self.settled
        found[self._unsettled.numbers] = unsettled
        # What is the same is added up once.
        return self.total if np.array_equal(found, self.in_base) else Part(found)

    @cached_property
    def unlisted(self) -> Part:
        """Those of the base that are listed nowhere."""
        return Part(self.in_base & self.classes.unlisted)

    @cached_property
    def nowhere(self) -> dict[int, Judgement]:
        """Where each class that may be capped may be, if it is in no row."""
        far = self._unsettled.far
        capped = far.only(self._capped[far.at])
        return {at: seen for _, at, seen in capped.told}

    @cached_property
    def cells(self) -> tuple[list[Cell], Numbers, Numbers]:
        """The cells of the numerator, its classes cell after cell, where each begins.

        Cells come in the order in which classes first have them.
        """
        asked = self.selection
        dimensions = tuple(map(asked.dimensions.index, asked.group_by))
        cells, numbers = self.classes.cells(dimensions)
        at = np.flatnonzero(self.in_row)
        at = at[np.argsort(numbers[at], kind="stable")]
        found, starts = np.unique(numbers[at], return_index=True)
        return [cells[n] for n in found.tolist()], at, starts

    @cached_property
    def _places(self) -> dict[Cell, int]:
        return {cell: place for place, cell in enumerate(self.cells[0])}

    @cached_property
    def _edges(self) -> list[int]:
        """Where each cell begins, and the last one ends."""
        _, at, starts = self.cells
        return [*starts.tolist(), len(at)]

    def of(self, cells: Cells) -> Numbers:
        """Return the classes of the numerator that are, by point, in these cells."""
        at, edges = self.cells[1], self._edges
        places = [self._places[c] for c in cells.cells if c in self._places]
        found = [at[edges[n] : edges[n + 1]] for n in places]
        if not cells.negated:
            return np.concatenate(found) if found else np.zeros(0, np.intp)
        kept = self.in_row.copy()
        for at in found:
            kept[at] = False
        return np.flatnonzero(kept)

    def sums(self, rows: tuple[Cells, ...]) -> Sums:
        """Return what is added up for each of some rows; the last ones are kept."""
        found = self._sums.get(rows)
        if found is None:
            found = self._sums[rows] = self._sums_of(rows)
            for old in list(self._sums)[:-_KEPT]:
                self._sums.pop(old, None)
        return found

    def _sums_of(self, rows: tuple[Cells, ...]) -> Sums:
        members = [self.of(cells) for cells in rows]
        counts = [len(at) for at in members]
        at = np.concatenate([np.zeros(0, np.intp), *members])
        of = np.repeat(np.arange(len(rows)), counts)
        sure = self.settled[at]
        near = self._unsettled.near(rows)
        capped = self._capped[near.at]
        parts = [[(of, at, 1)], [(of[sure], at[sure], 1)]]
        parts += self._apart(near.only(~capped))
        return Sums(len(rows), parts, self._remainder(len(rows), near.only(capped)))

    def _apart(self, near: Near) -> list[list[tuple[Numbers, Numbers, int]]]:
        """Return what the unsettled classes add to each sum of the settled ones."""

        def where(which: Flags, sign: int = 1) -> tuple[Numbers, Numbers, int]:
            return near.rows[which], near.at[which], sign

        return [
            [where(near.only_row)],
            [where(near.in_row)],
            [where(near.only_base), where(self.only_base.flags[near.at], -1)],
            [where(near.in_base), where(self.may_base.flags[near.at], -1)],
            [where(near.in_row & self.in_base[near.at])],
        ]

    def _remainder(
        self, rows: int, near: Near
    ) -> list[Sequence[tuple[int, Judgement]]]:
        """Return, by row, the classes that may be capped, and where each may be."""
        if not self.nowhere:
            return list(repeat((), rows))
        found = [dict(self.nowhere) for _ in range(rows)]
        for row, at, seen in near.told:
            found[row][at] = seen
        return [list(one.items()) for one in found]
