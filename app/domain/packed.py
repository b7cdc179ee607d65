"""Observations in columns: 16 bytes each, where an object takes 150.

A file may hold a million of them; only what is looked at becomes an object.
"""

from array import array
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from typing import Self, overload

import numpy as np
from numpy.typing import NDArray

from app.domain.observations import Observation, SeriesKind

Name = tuple[SeriesKind, str, str | None]
"""Kind, subject and category of a series."""

_AT_ONCE = 10_000

Numbers = NDArray[np.integer]


class Packed(Sequence[Observation]):
    """The observations of a batch, in the order of its source.

    Attributes:
        names: The series that are told of, each once.
        series: Of each observation: where its series stands in `names`.
        days: Of each observation: its day, as an ordinal.
        volumes: Of each observation.
    """

    def __init__(
        self, names: Sequence[Name], series: Numbers, days: Numbers, volumes: Numbers
    ) -> None:
        """Take columns of one length."""
        self.names = names
        self.series = series
        self.days = days
        self.volumes = volumes

    @classmethod
    def of(cls, observations: Sequence[Observation]) -> "Packed":
        """Pack observations, if they are not.

        Raises:
            OverflowError: A volume is not below 2**63.
        """
        if isinstance(observations, Packed):
            return observations
        numbers: dict[Name, int] = {}
        series, days, volumes = array("I"), array("I"), array("q")
        for one in observations:
            name = (one.kind, one.subject, one.category)
            series.append(numbers.setdefault(name, len(numbers)))
            days.append(one.day.toordinal())
            volumes.append(one.volume)
        return cls.from_arrays(list(numbers), series, days, volumes)

    @classmethod
    def from_arrays(
        cls,
        names: Sequence[Name],
        series: "array[int]",
        days: "array[int]",
        volumes: "array[int]",
    ) -> Self:
        """Take columns that were filled one after the other; they are not copied."""
        return cls(
            names,
            np.frombuffer(series, np.uint32),
            np.frombuffer(days, np.uint32),
            np.frombuffer(volumes, np.int64),
        )

    def without(self, days: Collection[date]) -> "Packed":
        """Return the observations of other days."""
        if not days:
            return self
        kept = ~np.isin(self.days, [day.toordinal() for day in days])
        columns = (self.series[kept], self.days[kept], self.volumes[kept])
        return Packed(self.names, *columns)

    def by_day(self, keys: Sequence[str]) -> "ByDay":
        """Return the volumes of each day, by the key of the series.

        Args:
            keys: One for each of `names`.
        """
        return ByDay(dict(enumerate(keys)), self.series, self.days, self.volumes)

    def __len__(self) -> int:
        return len(self.series)

    def __iter__(self) -> Iterator[Observation]:
        for at in range(0, len(self), _AT_ONCE):
            yield from self[at : at + _AT_ONCE]

    @overload
    def __getitem__(self, index: int) -> Observation: ...
    @overload
    def __getitem__(self, index: slice) -> list[Observation]: ...
    def __getitem__(self, index: int | slice) -> Observation | list[Observation]:
        if isinstance(index, slice):
            columns = (self.series[index], self.days[index], self.volumes[index])
            rows = zip(*(column.tolist() for column in columns), strict=True)
            return [self._made(*row) for row in rows]
        at = range(len(self))[index]
        columns = (self.series[at], self.days[at], self.volumes[at])
        return self._made(*map(int, columns))

    def _made(self, series: int, day: int, volume: int) -> Observation:
        kind, subject, category = self.names[series]
        return Observation(date.fromordinal(day), kind, subject, volume, category)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment] # as of a list

    def __repr__(self) -> str:
        return repr(list(self))


class ByDay(Mapping[date, dict[str, int]]):
    """Day → key of a series → volume; a day is a dictionary while it is looked at."""

    def __init__(
        self, keys: Mapping[int, str], series: Numbers, days: Numbers, volumes: Numbers
    ) -> None:
        """Take columns of one length.

        Args:
            keys: Number of a series → its key.
            series: Of each volume, the number of its series.
            days: Of each volume, its day as an ordinal.
            volumes: No two of one series and day.
        """
        if np.any(days[1:] < days[:-1]):
            order = np.argsort(days, kind="stable")
            series, days, volumes = series[order], days[order], volumes[order]
        found, starts = np.unique(days, return_index=True)
        ends = [*starts.tolist(), len(days)][1:]
        self._parts = {
            date.fromordinal(day): slice(start, end)
            for day, start, end in zip(
                found.tolist(), starts.tolist(), ends, strict=True
            )
        }
        self._keys = keys
        self._columns = (series, volumes)

    def __getitem__(self, day: date) -> dict[str, int]:
        part = self._parts[day]
        series, volumes = (column[part].tolist() for column in self._columns)
        return dict(zip(map(self._keys.__getitem__, series), volumes, strict=True))

    def __iter__(self) -> Iterator[date]:
        return iter(self._parts)

    def __len__(self) -> int:
        return len(self._parts)
