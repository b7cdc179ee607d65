"""Sets of values of one dimension: finite ones and complements of finite ones."""

from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class Values:
    """Either the values `items`, or (negated) every value but them.

    The values of a dimension are taken to be without end, so the complement of a
    finite set is never empty.
    """

    items: frozenset[str] = frozenset()
    negated: bool = False

    @classmethod
    def of(cls, *items: str) -> Self:
        """Return the finite set of `items`."""
        return cls(frozenset(items))

    @classmethod
    def all_but(cls, *items: str) -> Self:
        """Return every value but `items`."""
        return cls(frozenset(items), negated=True)

    def __bool__(self) -> bool:
        return self.negated or bool(self.items)

    def __contains__(self, value: object) -> bool:
        return (value in self.items) is not self.negated

    def __invert__(self) -> "Values":
        return Values(self.items, negated=not self.negated)

    def __and__(self, other: "Values") -> "Values":
        match self.negated, other.negated:
            case False, False:
                return Values(self.items & other.items)
            case False, True:
                return Values(self.items - other.items)
            case True, False:
                return Values(other.items - self.items)
            case _:
                return Values(self.items | other.items, negated=True)

    def __or__(self, other: "Values") -> "Values":
        return ~(~self & ~other)

    def __sub__(self, other: "Values") -> "Values":
        return self & ~other

    def meets(self, other: "Values") -> bool:
        """Return whether there is a value in both."""
        if not self.negated:
            return any(value in other for value in self.items)
        return other.negated or not other.items <= self.items

    def exceeds(self, other: "Values") -> bool:
        """Return whether there is a value in this set and not in the other."""
        if not self.negated:
            return not all(value in other for value in self.items)
        return not other.negated or not other.items <= self.items


ANY = Values.all_but()
