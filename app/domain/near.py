"""Where classes may be that are not settled, for many classes and rows at once.

`membership.judge` says the same of one class and one row.
"""

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import NamedTuple

import numpy as np

from app.domain.classes import Classes, Facing, Flags, Numbers, States
from app.domain.membership import Cells, Judgement, judge
from app.domain.registry import Dimension
from app.domain.selection import Selection
from app.domain.values import ANY, Values


class Near(NamedTuple):
    """Pairs of a row and a class that may be in it, and where the class may be."""

    rows: Numbers
    """Number of the row."""
    at: Numbers
    """Number of the class."""
    in_row: Flags
    in_base: Flags
    """In the base, but not in the row."""
    outside: Flags

    def only(self, which: Flags) -> "Near":
        """Return some of them."""
        return Near(
            self.rows[which],
            self.at[which],
            self.in_row[which],
            self.in_base[which],
            self.outside[which],
        )

    @property
    def told(self) -> Iterator[tuple[int, int, Judgement]]:
        """The pairs one by one, and what is judged of each."""
        rows, at, *flags = (values.tolist() for values in self)
        judgements = (Judgement(*one) for one in zip(*flags, strict=True))
        return zip(rows, at, judgements, strict=True)

    @property
    def only_row(self) -> Flags:
        """Which are in the row, whatever is true."""
        return self.in_row & ~self.in_base & ~self.outside

    @property
    def only_base(self) -> Flags:
        """Which are in the base and not in the row, whatever is true."""
        return self.in_base & ~self.in_row & ~self.outside


def _near(rows: Numbers, at: Numbers, faced: Facing) -> Near:
    held = faced.held
    # What cannot be in the base may be outside it, and says so.
    return Near(rows, at, held & faced.meets, held & faced.misses, faced.exceeds)


class Unsettled:
    """The classes that sums do not decide on, as a selection sees them."""

    def __init__(
        self, selection: Selection, classes: Classes, numbers: Numbers
    ) -> None:
        """Take some of the classes, by number, ascending."""
        self.selection = selection
        self.classes = classes
        self.numbers = numbers
        self._rest = np.zeros(len(numbers), np.intp)

    @cached_property
    def far(self) -> Near:
        """Where each of them may be, if in no row; its row is number 0."""
        faced = self._faced
        if len(self.selection.group_by) == 1:
            faced = faced & self._grouped(Cells(negated=False))
        elif self.selection.group_by:
            faced = faced._replace(meets=np.zeros_like(faced.held), misses=faced.held)
        return _near(self._rest, self.numbers, faced)

    def near(self, rows: Sequence[Cells]) -> Near:
        """Return those within reach of each row.

        They are those that may be in its cells; of `rest`, and where there are no
        groups, all of them.
        """
        if not len(self.numbers):
            return self.far
        nothing = self.far.only(self._rest != 0)
        found = [nothing, *self._each(rows)]
        return Near(*map(np.concatenate, zip(*found, strict=True)))

    def _each(self, rows: Sequence[Cells]) -> Iterator[Near]:
        group_by = self.selection.group_by
        if len(group_by) == 1:
            cells_of = [(number, cells.single) for number, cells in enumerate(rows)]
            yield self._of_values([(n, cell[0]) for n, cell in cells_of if cell])
        for number, cells in enumerate(rows):
            if len(group_by) > 1:
                yield self._one_by_one(number, cells)
            elif not group_by or not cells.single:
                faced = self._faced
                faced = faced & self._grouped(cells) if group_by else faced
                yield _near(self._rest + number, self.numbers, faced)

    @cached_property
    def _faced(self) -> Facing:
        """How they face the question, but for the only dimension of its groups."""
        yes, no = self._rest == 0, self._rest != 0
        found = Facing(yes, yes, no, no)
        asked = self.selection
        for dimension, (states, numbers) in zip(
            asked.dimensions, self.classes.states, strict=True
        ):
            if asked.group_by != (dimension,):
                allowed = asked.base.get(dimension, ANY)
                faced = states.facing(allowed, asked.numerator.get(dimension))
                found &= faced.of(numbers[self.numbers])
        return found

    @cached_property
    def _groups(self) -> tuple[States, Numbers]:
        """The states in the only dimension of the groups, and the state of each."""
        asked = self.selection
        states, of = self.classes.states[asked.dimensions.index(asked.group_by[0])]
        return states, of[self.numbers]

    def _grouped(self, cells: Cells) -> Facing:
        """Return how they face the only dimension of the groups."""
        states, of = self._groups
        allowed = self.selection.base.get(self.selection.group_by[0], ANY)
        return states.facing(allowed, self.selection.chosen(cells)).of(of)

    def _of_values(self, rows: Sequence[tuple[int, str]]) -> Near:
        """Return those that may have a value of the only dimension of the groups."""
        states, of = self._groups
        dimension = self.selection.group_by[0]
        allowed = self.selection.base.get(dimension, ANY)
        numerator = self.selection.numerator.get(dimension, ANY)
        pairs = [
            (row, at, *faced)
            for row, value in rows
            for at, faced in _reach(states, value, allowed, numerator)
        ]
        told = np.array(pairs, np.intp).reshape(len(pairs), 6)
        pair, member = _members(of, told[:, 1])
        flags = told[pair, 2:].T > 0
        faced = self._faced.of(member) & Facing(*flags)
        return _near(told[pair, 0], self.numbers[member], faced)

    def _one_by_one(self, number: int, cells: Cells) -> Near:
        """Return those within reach of a row, if its cells have many dimensions."""
        row = self.selection.row(cells)
        within = sorted(self._within_reach(cells))
        seen = [judge(self._possible[at], row, self.selection.base) for at in within]
        flags = np.array([(s.in_row, s.in_base, s.outside) for s in seen], np.bool_)
        rows = np.full(len(within), number, np.intp)
        at = np.array(within, np.intp)
        return Near(rows, at, *flags.reshape(len(within), 3).T)

    def _within_reach(self, cells: Cells) -> set[int]:
        if cells.negated:
            return set(self._possible)
        found: set[int] = set()
        for cell in cells.cells:
            ways = [
                self._by_value[d].get(value, set()) | self._by_value[d][None]
                for d, value in zip(self.selection.group_by, cell, strict=True)
            ]
            found |= set.intersection(*ways)
        return found

    @cached_property
    def _possible(self) -> dict[int, dict[Dimension, Values]]:
        """What each of them may be."""
        columns = [
            [states.told[at].possible for at in numbers[self.numbers].tolist()]
            for states, numbers in self.classes.states
        ]
        dimensions = self.selection.dimensions
        return {
            at: dict(zip(dimensions, values, strict=True))
            for at, *values in zip(self.numbers.tolist(), *columns, strict=True)
        }

    @cached_property
    def _by_value(self) -> dict[Dimension, dict[str | None, set[int]]]:
        """By group dimension and value, those that may have it.

        Under None stand those that may have nearly any.
        """
        found: dict[Dimension, dict[str | None, set[int]]] = {}
        for dimension in self.selection.group_by:
            by_value = found[dimension] = {None: set()}
            for at, possible in self._possible.items():
                values = possible[dimension]
                for value in (None,) if values.negated else values.items:
                    by_value.setdefault(value, set()).add(at)
        return found


def _members(of: Numbers, wanted: Numbers) -> tuple[Numbers, Numbers]:
    """Return pairs of a place in `wanted`, and a place in `of` where that number is."""
    order = np.argsort(of, kind="stable")
    of = of[order]
    begin = np.searchsorted(of, wanted)
    counts = np.searchsorted(of, wanted, side="right") - begin
    pair = np.repeat(np.arange(len(wanted)), counts)
    within = np.arange(len(pair)) - np.repeat(np.cumsum(counts) - counts, counts)
    return pair, order[begin[pair] + within]


def _reach(
    states: States, value: str, allowed: Values, numerator: Values
) -> Iterator[tuple[int, Sequence[bool]]]:
    """Yield the states that may have a value, and how each faces a row of just that.

    In the order of the fields of `Facing`.
    """
    held, taken = value in allowed, value in numerator
    for at in states.by_single.get(value, ()):
        yield at, (held, held and taken, held and not taken, not held)
    chosen = numerator & Values.of(value)
    for at in (*states.may_be.get(value, ()), *states.may_be[None]):
        possible = states.told[at].possible
        within = possible if allowed == ANY else possible & allowed
        meets, misses = within.meets(chosen), within.exceeds(chosen)
        yield at, (bool(within), meets, misses, possible.exceeds(allowed))
