"""Long tables as text: whole columns become characters at once, by arrays.

Every cell gets as many bytes as the longest of its column, those it does not need are
NUL, and in the end all NUL are taken out. That is some ten times as fast as to write
value after value, and no object is made for a cell.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from app.domain.arrays import Ints, Numbers, Picked, Places
from app.domain.reports import Column, Kind
from app.present.cells import Writer, texts

Cells = NDArray[np.void]
"""(rows,) of so many bytes each."""

_BLOCK = 256_000
"""Bytes in which rows are laid out at a time: they stay near the processor."""
_NARROW = 64
_WASTE = 4
"""Bytes per byte of text that a wide column may take at most."""
_MILLION = 1_000_000
_TEN = 10 * _MILLION
_FOUR = np.uint64(10_000)

_DIGITS_4 = np.array([b"%04d" % n for n in range(10_000)]).view(np.uint32)
_DIGITS_2 = np.array([b"%02d" % n for n in range(100)]).view(np.uint16)
_POINTED = np.array([b"%d." % n for n in range(10)]).view(np.uint16)
_POWERS = np.array([10**n for n in range(1, 20)], np.uint64)
# Which bytes are left of a number that has one digit more than the place says.
_LAST = np.array([[(n >= 20 - k) * 255 for n in range(20)] for k in range(1, 21)])
_LAST = _LAST.astype(np.uint8).view(np.uint32)


class UnfitError(Exception):
    """A column is better written value by value."""


class _Fixed:
    """A text that is the same in every row."""

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def width(self) -> int:
        return len(self.text.encode())


class _Table:
    """Few texts that come again and again."""

    def __init__(self, texts: Sequence[str], at: Places) -> None:
        self.texts = texts
        self.at = at

    @cached_property
    def width(self) -> int:
        return self._cells.dtype.itemsize

    @cached_property
    def _cells(self) -> Cells:
        found = np.array([text.encode() for text in self.texts], np.bytes_)
        return found.view(f"V{found.dtype.itemsize}")

    def cells(self, rows: slice) -> Cells:
        return self._cells.take(self.at[rows])


class _Digits:
    """Numbers in decimal, of any sign."""

    def __init__(self, numbers: Numbers, empty: bytes) -> None:
        self._numbers = numbers
        self._empty = empty
        counts = numbers.counts
        least, most = int(counts.min()), int(counts.max())
        self._signed = least < 0
        self._chunks = -(-len(str(max(-least, most))) // 4)
        self._digits = self._signed + 4 * self._chunks
        self.width = max(self._digits, len(empty))

    def cells(self, rows: slice) -> Cells:
        counts = self._numbers.counts[rows]
        # The least number of all has no positive twin but this one.
        sizes = np.abs(counts).view(np.uint64)
        found = np.zeros((len(counts), self.width), np.uint8)
        found[:, self._signed : self._digits] = _decimal(sizes, self._chunks)
        if self._signed:
            found[counts < 0, 0] = ord("-")
        return _with_gaps(found, self._numbers, rows, self._empty)


class _Fractions:
    """Numbers in millionths, as nearly all are: `0.454280`, `1.000000`."""

    def __init__(self, numbers: Numbers, empty: bytes) -> None:
        self._numbers = numbers
        self._empty = empty
        self.width = max(8, len(empty))

    def cells(self, rows: slice) -> Cells:
        counts = self._numbers.counts[rows]
        found = np.zeros((len(counts), self.width), np.uint8)
        wholes = counts // _MILLION
        found[:, :8] = _six(wholes, counts - wholes * _MILLION)
        return _with_gaps(found, self._numbers, rows, self._empty)


class _AnyFractions:
    """Numbers in millionths, of any size and sign: `-12.000001`."""

    def __init__(self, numbers: Numbers, empty: bytes) -> None:
        self._numbers = numbers
        self._empty = empty
        counts = numbers.counts
        most = max(-int(counts.min()), int(counts.max()))
        self._chunks = -(-len(str(most // _MILLION)) // 4)
        self.width = max(8 + 4 * self._chunks, len(empty))

    def cells(self, rows: slice) -> Cells:
        counts = self._numbers.counts[rows]
        wholes, rests = np.divmod(np.abs(counts).view(np.uint64), np.uint64(_MILLION))
        found = np.zeros((len(counts), self.width), np.uint8)
        end = 1 + 4 * self._chunks
        found[counts < 0, 0] = ord("-")
        found[:, 1:end] = _decimal(wholes, self._chunks)
        found[:, end : end + 7] = _six(0, rests.view(np.int64))[:, 1:]
        return _with_gaps(found, self._numbers, rows, self._empty)


def _decimal(sizes: NDArray[np.uint64], chunks: int) -> NDArray[np.uint8]:
    """Return numbers as digits, (rows, 4 * chunks), with NUL for zeros in front."""
    found = np.empty((len(sizes), chunks), np.uint32)
    left = sizes
    for chunk in range(chunks - 1, -1, -1):
        above = left // _FOUR
        found[:, chunk] = _DIGITS_4.take((left - above * _FOUR).view(np.int64))
        left = above
    found &= _LAST[:, -chunks:].take(np.searchsorted(_POWERS, sizes, "right"), axis=0)
    return found.view(np.uint8)


def _six(wholes: Ints | int, rests: Ints) -> NDArray[np.uint8]:
    """Return single digits and millionths as `0.454280`, (rows, 8)."""
    found = np.empty((len(rests), 4), np.uint16)
    above = rests // 100
    found[:, 0] = _POINTED[wholes]
    found[:, 1:3] = _DIGITS_4.take(above).view(np.uint16).reshape(-1, 2)
    found[:, 3] = _DIGITS_2.take(rests - above * 100)
    return found.view(np.uint8)


def _with_gaps(
    found: NDArray[np.uint8], numbers: Numbers, rows: slice, empty: bytes
) -> Cells:
    if numbers.known is not None:
        nothing = np.zeros(found.shape[1], np.uint8)
        nothing[: len(empty)] = np.frombuffer(empty, np.uint8)
        found[~numbers.known[rows]] = nothing
    return found.view(f"V{found.shape[1]}")[:, 0]


_Part = _Fixed | _Table | _Digits | _Fractions | _AnyFractions


class Sheet:
    """A table that is laid out block by block."""

    def __init__(self, parts: Sequence[_Part], rows: int) -> None:
        self._rows = rows
        self._parts = parts
        self._type = np.dtype([(f"{n}", f"V{p.width}") for n, p in enumerate(parts)])

    def blocks(self) -> Iterator[bytearray]:
        """Yield the rows as text."""
        width = self._type.itemsize
        most = max(1, min(_BLOCK // width, self._rows))
        space = bytearray(most * width)
        laid: NDArray[Any] = np.frombuffer(space, self._type)
        filled = []
        for name, part in zip(self._type.names or (), self._parts, strict=True):
            if isinstance(part, _Fixed):
                laid[name] = np.void(part.text.encode())
            else:
                filled.append((laid[name], part.cells))
        for start in range(0, self._rows, most):
            rows = slice(start, min(start + most, self._rows))
            yield self._block(space, filled, rows)

    def _block(
        self,
        space: bytearray,
        filled: Sequence[tuple[Cells, Callable[[slice], Cells]]],
        rows: slice,
    ) -> bytearray:
        count = rows.stop - rows.start
        for cells, written in filled:
            cells[:count] = written(rows)
        used = count * self._type.itemsize
        whole = space if used == len(space) else space[:used]
        return whole.translate(None, b"\0")


def sheet(
    columns: Sequence[Column],
    between: Sequence[str],
    writers: Mapping[Kind, Writer],
    empty: str,
) -> Sheet | None:
    """Return a table; None if it is better written value by value.

    Args:
        columns: The columns.
        between: What stands before the first cell, between two, and after the last.
        writers: How to write a value of each kind.
        empty: What stands for None.
    """
    # To make arrays of lists takes as long as to write the values.
    if not any(isinstance(column.values, Numbers) for column in columns):
        return None
    try:
        parts: list[_Part] = [_Fixed(between[0])]
        for column, text in zip(columns, between[1:], strict=True):
            parts += _part(column, writers, empty), _Fixed(text)
    except (UnfitError, OverflowError):
        return None
    return Sheet(_joined(parts), len(columns[0].values))


def _part(column: Column, writers: Mapping[Kind, Writer], empty: str) -> _Part:
    values = column.values
    is_number = column.kind in {Kind.INTEGER, Kind.FRACTION}
    if is_number and not isinstance(values, Picked):
        numbers = Numbers.of(cast("Sequence[int | None]", values))
        return _numeric(column.kind, numbers, empty.encode())
    picked = values if isinstance(values, Picked) else _picked(column)
    told = texts(Column(column.name, column.kind, picked.values), writers, empty)
    _check(told)
    return _Table(told, picked.at)


def _check(told: Sequence[str]) -> None:
    """Refuse texts of which a few are much longer than the others, or have a NUL.

    Raises:
        UnfitError: These have.
    """
    longest = max(map(len, told), default=0)
    if longest > _NARROW and longest * len(told) > _WASTE * sum(map(len, told)):
        raise UnfitError
    if "\0" in "".join(told):
        raise UnfitError


def _numeric(kind: Kind, numbers: Numbers, empty: bytes) -> _Part:
    counts = numbers.counts
    if kind is Kind.INTEGER:
        return _Digits(numbers, empty)
    if counts.min() >= 0 and counts.max() < _TEN:
        return _Fractions(numbers, empty)
    return _AnyFractions(numbers, empty)


def _picked(column: Column) -> Picked:
    if column.kind is Kind.TEXTS:
        return Picked(column.values, np.arange(len(column.values)))
    places: dict[object, int] = {}
    at = [places.setdefault(value, len(places)) for value in column.values]
    return Picked([*places], np.array(at, np.intp))


def _joined(parts: Sequence[_Part]) -> list[_Part]:
    """Join what goes together: fixed texts, and tables that are read at one place."""
    found: list[_Part] = []
    for part in parts:
        if isinstance(part, _Fixed) and not part.text:
            continue
        both = _both(found[-1], part) if found else None
        if both is None:
            found.append(part)
        else:
            found[-1] = both
    return found


def _both(first: _Part, second: _Part) -> _Part | None:
    match first, second:
        case _Fixed(), _Fixed():
            return _Fixed(first.text + second.text)
        case _Fixed(), _Table():
            return _Table([f"{first.text}{t}" for t in second.texts], second.at)
        case _Table(), _Fixed():
            return _Table([f"{t}{second.text}" for t in first.texts], first.at)
        case _Table(), _Table() if first.at is second.at:
            both = map("".join, zip(first.texts, second.texts, strict=True))
            return _Table([*both], first.at)
        case _:
            return None
