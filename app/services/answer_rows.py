"""The rows of an answer, looked at one by one."""

from collections.abc import Mapping, Sequence
from typing import overload

from app.domain.reports import Column

Row = Mapping[str, object]


class Rows(Sequence[Row]):
    """The rows of an answer; one is made when it is looked at.

    Attributes:
        places: Where each stands in the columns.
    """

    def __init__(self, columns: Sequence[Column], having: str | None = None) -> None:
        """Take every row, or those that have a value in one column."""
        self._columns = {c.name: c.values for c in columns}
        told = self._columns[having or columns[0].name]
        self.places = [at for at, v in enumerate(told) if not having or v is not None]

    def __len__(self) -> int:
        return len(self.places)

    @overload
    def __getitem__(self, index: int) -> Row: ...
    @overload
    def __getitem__(self, index: slice) -> list[Row]: ...
    def __getitem__(self, index: int | slice) -> Row | list[Row]:
        if isinstance(index, slice):
            return [self._row(at) for at in self.places[index]]
        return self._row(self.places[index])

    def _row(self, at: int) -> Row:
        return {name: values[at] for name, values in self._columns.items()}
