"""Rows as text, whatever the format: short answers one by one, long ones by arrays.

Both ways give the same bytes.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from app.domain.arrays import MANY
from app.domain.reports import Column, Kind
from app.present import matrix
from app.present.cells import Writer, slot

Block = bytes | bytearray

_BLOCK = 1_000
"""Rows that are written at a time where arrays are of no use."""


@dataclass(frozen=True, slots=True)
class Layout:
    """How a row is written.

    Attributes:
        between: What stands before the first cell, between two, and after the last.
        writers: How a value of each kind is written.
        empty: What stands for None.
    """

    between: Sequence[str]
    writers: Mapping[Kind, Writer]
    empty: str


def blocks(columns: Sequence[Column], layout: Layout) -> Iterator[Block]:
    """Yield the rows, some at a time: what is held grows with a block, not with rows.

    Raises:
        ValueError: The columns are not all of one length.
    """
    count = len(columns[0].values) if columns else 0
    if count >= MANY:
        sheet = matrix.sheet(columns, layout.between, layout.writers, layout.empty)
        if sheet is not None:
            yield from sheet.blocks()
            return
    if count <= _BLOCK:
        yield plain(columns, layout)
        return
    for start in range(0, count, _BLOCK):
        rows = slice(start, start + _BLOCK)
        yield plain([Column(c.name, c.kind, c.values[rows]) for c in columns], layout)


def plain(columns: Sequence[Column], layout: Layout) -> bytes:
    """Return rows, each value written by itself."""
    if columns and len(columns[0].values) == 1:
        return _one(columns, layout)
    slots = [slot(column, layout.writers, layout.empty) for column in columns]
    between = layout.between
    if "%" in "".join(between):
        between = [text.replace("%", "%%") for text in between]
    cells = [how + text for (how, _), text in zip(slots, between[1:], strict=True)]
    template = between[0] + "".join(cells)
    texts = map(template.__mod__, zip(*[of for _, of in slots], strict=True))
    return "".join(texts).encode()


def _one(columns: Sequence[Column], layout: Layout) -> bytes:
    """Return the only row: nothing of it repeats, and no template pays."""
    writers, empty = layout.writers, layout.empty
    parts = [layout.between[0]]
    for column, text in zip(columns, layout.between[1:], strict=True):
        (value,) = column.values
        parts += (empty if value is None else writers[column.kind](value), text)
    return "".join(parts).encode()
