"""Sums of any window, for every series of a dataset at one release.

Prefix sums over time, int64 and exact, kept in blocks of 32 days that are never
changed: a refresh copies only the blocks that hold a changed day and shares the rest
with the snapshot before. A block stores running sums within itself; beside each block
stands the sum of all blocks before it, shared likewise up to the first changed day. So
the sum of a window, for all series at once, is the difference of two rows.

A series is a column, numbered from 0 in order of appearance; what was made before a
series appeared simply has fewer columns.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from typing import Any, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from app.domain.periods import Window

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Numbers = NDArray[np.intp]
Bytes = NDArray[np.uint8]

_T = TypeVar("_T", np.int64, np.uint8)

BLOCK = 32


@dataclass(frozen=True, slots=True)
class DayRows:
    """One day as it is listed: the columns of the series, and their volumes."""

    columns: Numbers
    volumes: Ints


@dataclass(frozen=True, slots=True)
class Block:
    """Running sums within 32 days: shape (32, columns known when it was made).

    Days are counted in bytes: there are at most 32 of them.
    """

    volumes: Ints
    listed: Bytes

    @classmethod
    def of(cls, volumes: Ints, listed: Bytes) -> Self:
        """Take the volumes of 32 days, and 1 where a series is listed; keep both."""
        np.cumsum(volumes, axis=0, out=volumes)
        np.cumsum(listed, axis=0, dtype=np.uint8, out=listed)
        return cls(volumes, listed)

    def with_days(self, days: Mapping[int, DayRows], width: int) -> "Block":
        """Return this block with some of its days (0 to 31) replaced as a whole."""
        volumes = {day: (rows.columns, rows.volumes) for day, rows in days.items()}
        listed = {day: (rows.columns, 1) for day, rows in days.items()}
        found = _replaced(self.listed, listed, width)
        if not found[-1].any():
            return _EMPTY
        return Block(_replaced(self.volumes, volumes, width), found)

    def cut(self, width: int) -> "Block":
        """Return the first columns; they are shared."""
        return Block(self.volumes[:, :width], self.listed[:, :width])

    def merged(self, layers: "Layers") -> "Block":
        """Return the block of the sums over layers."""
        known = self.volumes.shape[1]
        if not known:
            return self
        order, starts, width = layers.of(known)
        listed = np.zeros((BLOCK, width), np.uint8)
        volumes = np.zeros((BLOCK, width), np.int64)
        np.add.reduceat(self.volumes[:, order], starts, axis=1, out=volumes)
        any_of = np.bitwise_or.reduceat
        any_of(_undone(self.listed)[:, order], starts, axis=1, out=listed)
        return Block(volumes, np.cumsum(listed, axis=0, dtype=np.uint8))


_EMPTY = Block(np.zeros((BLOCK, 0), np.int64), np.zeros((BLOCK, 0), np.uint8))


@dataclass(frozen=True, slots=True)
class Before:
    """The sums of all that is before a block, per column known then."""

    volumes: Ints
    listed: Ints

    def and_then(self, block: Block) -> "Before":
        """Return the sums of all that is before the next block."""
        if not block.volumes.shape[1]:
            return self
        return Before(
            _added(self.volumes, block.volumes[-1]),
            _added(self.listed, block.listed[-1]),
        )

    def cut(self, width: int) -> "Before":
        """Return the first columns; they are shared."""
        return Before(self.volumes[:width], self.listed[:width])


_NOTHING = Before(np.zeros(0, np.int64), np.zeros(0, np.int64))


class Layers:
    """Which series are one series in several layers: its columns are added up."""

    def __init__(self, column_of: Sequence[int]) -> None:
        """Take the column of the sum for each column, ascending as they appear."""
        self.column_of = np.array(column_of, np.intp)
        self.width = int(self.column_of.max(initial=-1)) + 1

    def of(self, known: int) -> tuple[Numbers, Numbers, int]:
        """Return the first columns sorted by sum, where each sum begins, how many."""
        columns = self.column_of[:known]
        order = np.argsort(columns, kind="stable")
        width = int(columns.max(initial=-1)) + 1
        starts = np.searchsorted(columns[order], np.arange(width))
        return order, starts, width

    def summed(self, rows: DayRows) -> DayRows:
        """Return a day of the sums."""
        columns, members = np.unique(self.column_of[rows.columns], return_inverse=True)
        volumes = np.zeros(len(columns), np.int64)
        np.add.at(volumes, members, rows.volumes)
        return DayRows(columns, volumes)


@dataclass(frozen=True)
class Cube:
    """Volumes and listed days of every series. Immutable; see the module docstring.

    The caller makes sure that the total of a dataset stays below 2**62.
    """

    width: int
    """Number of series."""
    first_block: int
    blocks: tuple[Block, ...]
    _before: tuple[Before, ...] = field(repr=False)
    """One per block, and one of all that there is."""

    @classmethod
    def build(cls, days: Mapping[date, DayRows], width: int) -> Self:
        """Return the cube of these days; a day that is not given is all zero."""
        return cls(0, 0, (), (_NOTHING,)).replace(days, width)

    @classmethod
    def of_blocks(cls, blocks: Mapping[int, Block], width: int) -> Self:
        """Return the cube of these blocks, by number: the ordinal of a day ÷ 32."""
        first, last = min(blocks, default=0), max(blocks, default=-1)
        found = tuple(blocks.get(n, _EMPTY) for n in range(first, last + 1))
        return cls(width, first, found, _sums(found, ()))

    def replace(self, days: Mapping[date, DayRows], width: int) -> Self:
        """Return a cube in which `days` are replaced; what is unchanged is shared.

        Args:
            days: Each as a whole; one that lists nothing is taken out.
            width: Number of series. Of fewer than there are, the first ones remain,
                and nothing of the others may be listed on a day that is not replaced.
        """
        if not days and width == self.width:
            return self
        if width < self.width:
            return self._cut(width).replace(days, width)
        by_block: dict[int, dict[int, DayRows]] = {}
        for day, rows in days.items():
            block, offset = divmod(day.toordinal(), BLOCK)
            by_block.setdefault(block, {})[offset] = rows
        first, blocks = self._spread(by_block)
        for number, changed in by_block.items():
            blocks[number - first] = blocks[number - first].with_days(changed, width)
        kept = 0
        if first == self.first_block:
            kept = min(by_block, default=first + len(blocks)) - first + 1
        before = _sums(blocks, self._before[:kept])
        return type(self)(width, first, tuple(blocks), before)

    def _cut(self, width: int) -> Self:
        blocks = tuple(block.cut(width) for block in self.blocks)
        before = tuple(one.cut(width) for one in self._before)
        return type(self)(width, self.first_block, blocks, before)

    def merged(self, layers: Layers) -> "Cube":
        """Return the sums over layers."""
        blocks = tuple(block.merged(layers) for block in self.blocks)
        return Cube(layers.width, self.first_block, blocks, _sums(blocks, ()))

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
        return self._between(windows, listed=False)

    def days_listed(self, windows: Sequence[Window]) -> Ints:
        """Return on how many days of each window each series was listed."""
        return self._between(windows, listed=True)

    def volume(self, window: Window) -> Ints:
        """Return the sum of one window for each series: (series,)."""
        first, end = window.first.toordinal(), window.last.toordinal() + 1
        return self.before_day(end) - self.before_day(first)

    def before_day(self, day: int) -> Ints:
        """Return the volumes of all that is before an ordinal: (series,)."""
        number, offset = divmod(day, BLOCK)
        number -= self.first_block
        found = np.zeros(self.width, np.int64)
        before = self._before[min(max(number, 0), len(self.blocks))].volumes
        found[: len(before)] = before
        if offset and 0 <= number < len(self.blocks):
            inside = self.blocks[number].volumes[offset - 1]
            found[: len(inside)] += inside
        return found

    def before(self, days: Sequence[int]) -> Ints:
        """Return the sums of all that is before each ordinal: (days, series)."""
        return self._rows(days)

    def _between(self, windows: Sequence[Window], *, listed: bool) -> Ints:
        edges, firsts, ends = edges_of(windows)
        rows = self._rows(edges, listed=listed)
        found = rows[ends]
        found -= rows[firsts]
        return found

    def listed(self, window: Window, columns: Sequence[int] | Numbers) -> Flags:
        """Return which of `columns` were listed on each day: (days, columns)."""
        wanted = np.asarray(columns, np.intp)
        found = np.zeros((len(window), len(wanted)), np.bool_)
        begin = window.first.toordinal()
        for number, block in enumerate(self.blocks, start=self.first_block):
            first = max(number * BLOCK, begin)
            end = min((number + 1) * BLOCK, begin + len(window))
            if first >= end:
                continue
            known = np.flatnonzero(wanted < block.listed.shape[1])
            counts = block.listed[:, wanted[known]]
            part = slice(first - number * BLOCK, end - number * BLOCK)
            days = slice(first - begin, end - begin)
            found[days, known] = _undone(counts)[part] > 0
        return found

    def seen(self) -> list[tuple[date, date] | None]:
        """Return the first and the last day each series was listed; None: never."""
        firsts = np.zeros(self.width, np.int64)
        lasts = np.zeros(self.width, np.int64)
        for number, block in enumerate(self.blocks, start=self.first_block):
            listed = _undone(block.listed) > 0
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
        first = window.first.toordinal()
        edges = range(first, first + len(window) + 1)
        return np.diff(self._rows(edges, columns=columns), axis=0)

    def _rows(
        self,
        days: Sequence[int],
        *,
        listed: bool = False,
        columns: Sequence[int] | None = None,
    ) -> Ints:
        """Return the sums of all that is before each day: (days, series)."""
        # Without a type, no columns at all would be floats.
        wanted = None if columns is None else np.asarray(columns, np.intp)
        width = self.width if wanted is None else len(wanted)
        numbers, offsets = np.divmod(np.asarray(days, np.int64), BLOCK)
        numbers -= self.first_block
        last = len(self.blocks)
        # Before the first block there is nothing; after the last, everything.
        offsets[(numbers < 0) | (numbers >= last)] = 0
        np.clip(numbers, 0, last, out=numbers)
        found = np.zeros((len(numbers), width), np.int64)
        order = np.argsort(numbers, kind="stable")
        held, starts = np.unique(numbers[order], return_index=True)
        for number, (begin, end) in zip(
            held.tolist(), pairwise([*starts.tolist(), len(order)]), strict=True
        ):
            at = order[begin:end]
            before = self._before[number]
            _put(found, at, before.listed if listed else before.volumes, wanted)
            inside = at[offsets[at] > 0]
            if len(inside):
                block = self.blocks[number]
                sums = block.listed if listed else block.volumes
                _add(found, inside, sums, offsets[inside] - 1, wanted)
        return found


def edges_of(windows: Sequence[Window]) -> tuple[Sequence[int], Numbers, Numbers]:
    """Return every day on which a window begins or the day after it ended, once.

    With them come, for each window, where its first day stands among them, and the day
    after its last: neighbours share one.
    """
    firsts = [w.first.toordinal() for w in windows]
    ends = [w.last.toordinal() + 1 for w in windows]
    edges = np.unique(np.array([*firsts, *ends], np.int64))
    return edges.tolist(), np.searchsorted(edges, firsts), np.searchsorted(edges, ends)


def _put(found: Ints, at: Numbers, row: Ints, wanted: Numbers | None) -> None:
    """Write one row, which may be short, into some rows."""
    if wanted is None:
        found[at, : len(row)] = row
        return
    known = np.flatnonzero(wanted < len(row))
    found[np.ix_(at, known)] = row[wanted[known]]


def _add(
    found: Ints,
    at: Numbers,
    sums: NDArray[_T],
    rows: NDArray[np.int64],
    wanted: Numbers | None,
) -> None:
    """Add some rows of a block, which may be narrow, to some rows."""
    if wanted is None:
        found[at, : sums.shape[1]] += sums[rows]
        return
    known = np.flatnonzero(wanted < sums.shape[1])
    found[np.ix_(at, known)] += sums[np.ix_(rows, wanted[known])]


def _replaced(
    sums: NDArray[_T], days: Mapping[int, tuple[Numbers, Any]], width: int
) -> NDArray[_T]:
    """Return running sums with some of their days replaced, and of so many columns."""
    known, first = sums.shape[1], min(days)
    found = np.zeros((BLOCK, width), sums.dtype)
    found[:first, :known] = sums[:first]
    for day in range(first, BLOCK):
        row, own = found[day], found[day, :known]
        if day in days:
            columns, values = days[day]
            row[columns] = values
        elif day:
            np.subtract(sums[day], sums[day - 1], out=own)
        else:
            own[:] = sums[0]
        if day:
            row += found[day - 1]
    return found


def _undone(sums: NDArray[_T]) -> NDArray[_T]:
    """Return what a block summed up, day by day."""
    found = sums.copy()
    found[1:] -= sums[:-1]
    return found


def _added(row: Ints, more: NDArray[_T]) -> Ints:
    found = np.zeros(max(len(row), len(more)), np.int64)
    found[: len(row)] = row
    found[: len(more)] += more
    return found


def _sums(blocks: Sequence[Block], known: Sequence[Before]) -> tuple[Before, ...]:
    """Return what is before each block, and all; the first ones are known."""
    found = [*known] or [_NOTHING]
    for block in blocks[len(found) - 1 :]:
        found.append(found[-1].and_then(block))
    return tuple(found)
