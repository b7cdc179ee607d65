"""Values of long columns as arrays: no object for each, until it is looked at."""

from collections.abc import Iterator, Sequence
from typing import TypeVar, overload

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Places = NDArray[np.intp]

MANY = 400
"""Values from which on arrays are faster than lists, from the sums to the bytes."""

_T_co = TypeVar("_T_co", covariant=True)


class _Values(Sequence[_T_co]):
    """What an array stands for, as a sequence of objects."""

    __slots__ = ()

    def _of(self, rows: slice) -> list[_T_co]:
        raise NotImplementedError

    def _at(self, row: int) -> _T_co:
        raise NotImplementedError

    @overload
    def __getitem__(self, index: int) -> _T_co: ...
    @overload
    def __getitem__(self, index: slice) -> list[_T_co]: ...
    def __getitem__(self, index: int | slice) -> _T_co | list[_T_co]:
        return self._of(index) if isinstance(index, slice) else self._at(index)

    def __iter__(self) -> Iterator[_T_co]:
        return iter(self._of(slice(None)))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and [*self] == [*other]

    __hash__ = None  # type: ignore[assignment] # like any sequence of values


class Numbers(_Values[int | None]):
    """Integers, of which some may not be known.

    Attributes:
        counts: The numbers, (rows,); anything where they are not known.
        known: Where they are, (rows,); None: everywhere.
    """

    __slots__ = ("counts", "known")

    def __init__(self, counts: Ints, known: Flags | None = None) -> None:
        self.counts = counts
        self.known = known

    @classmethod
    def of(cls, values: "Ints | Sequence[int | None]") -> "Numbers":
        """Return values as an array.

        Raises:
            OverflowError: One is no int64.
        """
        if isinstance(values, Numbers):
            return values
        if isinstance(values, np.ndarray):
            return cls(values)
        known = np.array([value is not None for value in values], np.bool_)
        counts = np.array([value or 0 for value in values], np.int64)
        return cls(counts, None if known.all() else known)

    def __len__(self) -> int:
        return len(self.counts)

    def _at(self, row: int) -> int | None:
        if self.known is None or self.known[row]:
            return int(self.counts[row])
        return None

    def _of(self, rows: slice) -> list[int | None]:
        counts: list[int | None] = self.counts[rows].tolist()
        if self.known is None:
            return counts
        known = self.known[rows].tolist()
        return [
            v if is_known else None for v, is_known in zip(counts, known, strict=True)
        ]


class Picked(_Values[object]):
    """A few values that come again and again.

    Attributes:
        values: The values there are.
        at: Which of them each row has, (rows,). Columns that share this very array
            go together.
    """

    __slots__ = ("at", "values")

    def __init__(self, values: Sequence[object], at: Places) -> None:
        self.values = values
        self.at = at

    def __len__(self) -> int:
        return len(self.at)

    def _at(self, row: int) -> object:
        return self.values[self.at[row]]

    def _of(self, rows: slice) -> list[object]:
        return [self.values[at] for at in self.at[rows].tolist()]
