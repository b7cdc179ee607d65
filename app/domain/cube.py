"""Sums of any window, for every series of a dataset at one release.

Prefix sums over time, int64 and exact, kept in blocks of 32 days that are never
changed: a refresh copies only the blocks that hold a changed day and shares the rest
with the snapshot before. A block stores running sums within itself; a base row per
block stores the sum of all blocks before it. So the sum of a window, for all series at
once, is the difference of two rows.

A series is a column, numbered from 0 in order of appearance; a block made before a
series appeared simply has fewer columns.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from app.domain.periods import Window

Ints = NDArray[np.int64]
Counts = NDArray[np.int32]
Flags = NDArray[np.bool_]

_T = TypeVar("_T", np.int64, np.int32)

BLOCK = 32


@dataclass(frozen=True, slots=True)
class DayRows:
    """One day as it is listed: the columns of the series, and their volumes."""

    columns: NDArray[np.intp]
    volumes: Ints


@dataclass(frozen=True, slots=True)
class Block:
    """Running sums within 32 days: shape (32, columns known when it was made)."""

    volumes: Ints
    listed: Counts

    def with_days(self, days: Mapping[int, DayRows], width: int) -> "Block":
        """Return this block with some of its days (0 to 31) replaced as a whole."""
        volumes = np.zeros((BLOCK, width), np.int64)
        listed = np.zeros((BLOCK, width), np.int32)
        known = self.volumes.shape[1]
        volumes[:, :known] = np.diff(self.volumes, axis=0, prepend=0)
        listed[:, :known] = np.diff(self.listed, axis=0, prepend=0)
        for day, rows in days.items():
            volumes[day] = 0
            listed[day] = 0
            volumes[day, rows.columns] = rows.volumes
            listed[day, rows.columns] = 1
        return Block(
            np.cumsum(volumes, axis=0, out=volumes),
            np.cumsum(listed, axis=0, out=listed, dtype=np.int32),
        )


_EMPTY = Block(np.zeros((BLOCK, 0), np.int64), np.zeros((BLOCK, 0), np.int32))


@dataclass(frozen=True)
class Cube:
    """Volumes and listed days of every series. Immutable; see the module docstring.

    The caller makes sure that the total of a dataset stays below 2**62.
    """

    width: int
    """Number of series."""
    first_block: int
    blocks: tuple[Block, ...]
    _volume_bases: Ints
    _listed_bases: Counts

    @classmethod
    def build(cls, days: Mapping[date, DayRows], width: int) -> Self:
        """Return the cube of these days; a day that is not given is all zero."""
        empty = cls(0, 0, (), np.zeros((1, 0), np.int64), np.zeros((1, 0), np.int32))
        return empty.replace(days, width)

    def replace(self, days: Mapping[date, DayRows], width: int) -> Self:
        """Return a cube in which `days` are replaced; unchanged blocks are shared."""
        if not days and width == self.width:
            return self
        by_block: dict[int, dict[int, DayRows]] = {}
        for day, rows in days.items():
            block, offset = divmod(day.toordinal(), BLOCK)
            by_block.setdefault(block, {})[offset] = rows
        first, blocks = self._spread(by_block)
        for number, changed in by_block.items():
            blocks[number - first] = blocks[number - first].with_days(changed, width)
        return type(self)(
            width,
            first,
            tuple(blocks),
            _bases([b.volumes for b in blocks], width, np.int64),
            _bases([b.listed for b in blocks], width, np.int32),
        )

    def _spread(self, numbers: Iterable[int]) -> tuple[int, list[Block]]:
        """Return the first block and a list long enough to hold `numbers`."""
        held = range(self.first_block, self.first_block + len(self.blocks))
        wanted = [*numbers, *held]
        first, last = min(wanted, default=0), max(wanted, default=-1)
        blocks = [
            self.blocks[n - self.first_block] if n in held else _EMPTY
            for n in range(first, last + 1)
        ]
        return first, blocks

    def volumes(self, windows: Sequence[Window]) -> Ints:
        """Return the sum of each window for each series: (windows, series)."""
        after = self._rows([w.last.toordinal() + 1 for w in windows], listed=False)
        after -= self._rows([w.first.toordinal() for w in windows], listed=False)
        return after

    def days_listed(self, windows: Sequence[Window]) -> Ints:
        """Return on how many days of each window each series was listed."""
        after = self._rows([w.last.toordinal() + 1 for w in windows], listed=True)
        after -= self._rows([w.first.toordinal() for w in windows], listed=True)
        return after

    def listed(self, window: Window, columns: Sequence[int]) -> Flags:
        """Return which of `columns` were listed on each day: (days, columns)."""
        rows = self._rows(_edges(window), listed=True, columns=columns)
        return np.diff(rows, axis=0).astype(np.bool_)

    def seen(self) -> list[tuple[date, date] | None]:
        """Return the first and the last day each series was listed; None: never."""
        firsts = np.zeros(self.width, np.int64)
        lasts = np.zeros(self.width, np.int64)
        for number, block in enumerate(self.blocks, start=self.first_block):
            listed = np.diff(block.listed, axis=0, prepend=0) > 0
            known = np.flatnonzero(listed.any(axis=0))
            first = number * BLOCK + listed[:, known].argmax(axis=0)
            last = (number + 1) * BLOCK - 1 - listed[::-1, known].argmax(axis=0)
            firsts[known] = np.where(firsts[known], firsts[known], first)
            lasts[known] = last
        return [
            (date.fromordinal(first), date.fromordinal(last)) if first else None
            for first, last in zip(firsts.tolist(), lasts.tolist(), strict=True)
        ]

    def by_day(self, window: Window, columns: Sequence[int]) -> Ints:
        """Return the volumes of `columns`, day by day: (days, columns)."""
        return np.diff(self._rows(_edges(window), columns=columns), axis=0)

    def _rows(
        self,
        days: Sequence[int],
        *,
        listed: bool = False,
        columns: Sequence[int] | None = None,
    ) -> Ints:
        """Return the sums of all that is before each day: (days, series)."""
        bases = self._listed_bases if listed else self._volume_bases
        wanted = np.arange(self.width)
        if columns is not None:
            # Without a type, no columns at all would be floats.
            wanted = np.asarray(columns, np.intp)
            bases = bases[:, wanted]
        numbers, offsets = np.divmod(np.asarray(days, np.int64), BLOCK)
        numbers -= self.first_block
        last = len(self.blocks)
        # Before the first block there is nothing; after the last, everything.
        offsets[(numbers < 0) | (numbers >= last)] = 0
        np.clip(numbers, 0, last, out=numbers)
        found = bases[numbers].astype(np.int64)
        for number in np.unique(numbers[offsets > 0]):
            at = np.flatnonzero((numbers == number) & (offsets > 0))
            block = self.blocks[number]
            sums = block.listed if listed else block.volumes
            known = np.flatnonzero(wanted < sums.shape[1])
            if columns is not None:
                sums = sums[:, wanted[known]]
            found[np.ix_(at, known)] += sums[offsets[at] - 1]
        return found


def _edges(window: Window) -> Sequence[int]:
    """Return the ordinals of a window's days and of the day after it."""
    first = window.first.toordinal()
    return range(first, first + len(window) + 1)


def _bases(sums: Sequence[NDArray[_T]], width: int, dtype: type[_T]) -> NDArray[_T]:
    """Return the sum of all blocks before each block, and of all: (blocks + 1, n)."""
    bases = np.zeros((len(sums) + 1, width), dtype)
    for number, block in enumerate(sums):
        bases[number + 1, : block.shape[1]] = block[-1]
    np.cumsum(bases, axis=0, out=bases)
    return bases
