"""What a row says of a series: may it be in the row, in the rest of the base, outside?

A row (a filter, an exclusion, a group cell, `rest`) is a set of values per dimension,
and so is the base. A series is a set of possible values per dimension. The judgement
is exact: each "may" is true if some choice of one possible value per dimension makes
it so. See docs/method.md, section "Bounds".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from math import prod

from app.domain.registry import Dimension
from app.domain.values import ANY, Values

Cell = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cells:
    """Group cells: exactly `cells`, or (negated) every cell but them."""

    cells: frozenset[Cell] = frozenset()
    negated: bool = True

    @property
    def single(self) -> Cell | None:
        """The cell that they are, if they are exactly one."""
        if self.negated or len(self.cells) != 1:
            return None
        (cell,) = self.cells
        return cell

    def __contains__(self, cell: Cell) -> bool:
        return (cell in self.cells) is not self.negated

    def __invert__(self) -> "Cells":
        return Cells(self.cells, negated=not self.negated)

    def reachable(self, sets: Sequence[Values]) -> bool:
        """Return whether some choice of one value per set is one of these cells."""
        if self.negated and any(values.negated for values in sets):
            return all(sets)
        inside = self._inside(sets)
        if not self.negated:
            return inside > 0
        return prod(len(values.items) for values in sets) > inside

    def _inside(self, sets: Sequence[Values]) -> int:
        """Return how many of `cells` can be chosen from the sets."""
        finite = [values.items for values in sets if not values.negated]
        # `rest` has as many cells as there are groups; a series is in one or two.
        if len(finite) == len(sets) and prod(map(len, finite)) < len(self.cells):
            return sum(cell in self.cells for cell in product(*finite))
        return sum(
            all(value in values for value, values in zip(cell, sets, strict=True))
            for cell in self.cells
        )


@dataclass(frozen=True, slots=True)
class Row:
    """What one row of an answer selects."""

    filters: Mapping[Dimension, Values] = field(default_factory=dict)
    dimensions: tuple[Dimension, ...] = ()
    cells: Cells = field(default_factory=Cells)

    def values(self, dimension: Dimension) -> Values:
        """Return the values of one dimension that can be in this row."""
        allowed = self.filters.get(dimension, ANY)
        if dimension not in self.dimensions or self.cells.negated:
            return allowed
        at = self.dimensions.index(dimension)
        return allowed & Values(frozenset(c[at] for c in self.cells.cells))


@dataclass(frozen=True, slots=True)
class Judgement:
    """Where a series may be: in the row, in the base but not the row, outside both."""

    in_row: bool
    in_base: bool
    outside: bool

    @property
    def only_row(self) -> bool:
        """Whether it is in the row, whatever is true."""
        return self.in_row and not self.in_base and not self.outside

    @property
    def only_base(self) -> bool:
        """Whether it is in the base and not in the row, whatever is true."""
        return self.in_base and not self.in_row and not self.outside


_OUTSIDE = Judgement(in_row=False, in_base=False, outside=True)


def judge(
    possible: Mapping[Dimension, Values], row: Row, base: Mapping[Dimension, Values]
) -> Judgement:
    """Return where a series with these possible values may be.

    Args:
        possible: For every dimension that `row` or `base` speaks of.
        row: The numerator.
        base: Values per dimension; a dimension that is not named is not narrowed.
    """
    in_row, in_base, outside = True, False, False
    within: dict[Dimension, Values] = {}
    for dimension, values in possible.items():
        allowed = base.get(dimension, ANY)
        held = within[dimension] = values if allowed == ANY else values & allowed
        if not held:
            return _OUTSIDE
        outside = outside or values.exceeds(allowed)
        chosen = row.filters.get(dimension)
        if chosen is not None:
            in_row = in_row and held.meets(chosen)
            in_base = in_base or held.exceeds(chosen)
    if row.dimensions:
        inside = [within[d] & row.filters.get(d, ANY) for d in row.dimensions]
        in_row = in_row and all(inside) and row.cells.reachable(inside)
        in_base = in_base or (~row.cells).reachable([within[d] for d in row.dimensions])
    return Judgement(in_row=in_row, in_base=in_base, outside=outside)
