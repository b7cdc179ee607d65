"""What a question selects, whatever its dates: a numerator, a base, and groups."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.domain.membership import Cells, Row
from app.domain.registry import Dimension
from app.domain.values import ANY, Values

Filters = Mapping[Dimension, Values]
# Series of these dimensions are named by the dataset itself: what is not listed is
# capped by what is.
NAMED = frozenset({Dimension.MODEL, Dimension.BASE})


@dataclass(frozen=True, slots=True)
class Selection:
    """What is asked of series.

    Attributes:
        dimensions: Every dimension it speaks of.
        numerator: Filters of the numerator.
        base: Filters of the base.
        group_by: Dimensions of the group cells; empty for one group.
    """

    dimensions: tuple[Dimension, ...]
    numerator: Filters
    base: Filters
    group_by: tuple[Dimension, ...]

    @property
    def names_models(self) -> bool:
        """Whether it speaks of what the dataset itself names."""
        return not NAMED.isdisjoint(self.dimensions)

    def row(self, cells: Cells) -> Row:
        """Return the row of the numerator made of these group cells."""
        if len(self.group_by) != 1:
            return Row(self.numerator, self.group_by, cells)
        # In one dimension, cells are a set of values like any filter.
        return Row({**self.numerator, self.group_by[0]: self.chosen(cells)})

    def chosen(self, cells: Cells) -> Values:
        """Return what a row chooses of the only dimension that groups are made of."""
        (dimension,) = self.group_by
        named = Values(frozenset(c[0] for c in cells.cells), negated=cells.negated)
        return self.numerator.get(dimension, ANY) & named
