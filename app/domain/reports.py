"""The one shape every answer has: columns of rows, or one item, with meta."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

import numpy as np

from app.domain.arrays import Ints, Numbers


class Kind(StrEnum):
    """What the values of a column are, and so how they are written."""

    # An enumeration is hashed in Python; a text keeps its hash.
    __hash__ = str.__hash__

    TEXT = "text"
    DATE = "date"
    """`datetime.date`."""
    TIME = "time"
    """`datetime.datetime`, UTC."""
    INTEGER = "integer"
    FRACTION = "fraction"
    """An `int` in millionths (454280 is written 0.454280); see `fraction`."""
    DECIMAL = "decimal"
    """A `decimal.Decimal`, written out in full: 0.252, 10."""
    TEXTS = "texts"
    """A sequence of `str`: an array in JSON, joined by `;` in CSV."""


_MILLION = 1_000_000
_DOUBT = 1e-4  # of a millionth; floats are off by less than 1e-8 of one below _LARGE
_LARGE = 1e8
_FEW = 24  # fewer are divided faster one by one

_LIMIT = 2**63


class Column(NamedTuple):
    """One column: a name, a kind, and a value (or None) per row.

    Of long columns the values are `Numbers` or `Picked`.
    """

    name: str
    kind: Kind
    values: Sequence[object]


@dataclass(frozen=True)
class Report:
    """An answer as rows.

    Attributes:
        columns: In published order, all of one length.
        meta: What stands beside the data, JSON-ready, in published order.
        resolved: The question spelt out, in canonical order: a permalink's query.
    """

    columns: Sequence[Column]
    meta: Mapping[str, object]
    resolved: Sequence[tuple[str, str]] = field(default=())
    next_cursor: str | None = None
    title: str = ""
    """What a figure of it is called: `Share of tokens on OpenRouter by origin`."""

    def __len__(self) -> int:
        return len(self.columns[0].values) if self.columns else 0

    def rows(self) -> Iterator[dict[str, object]]:
        """Yield each row as a dict in column order."""
        names = [c.name for c in self.columns]
        for values in zip(*(c.values for c in self.columns), strict=True):
            yield dict(zip(names, values, strict=True))


@dataclass(frozen=True)
class Item:
    """An answer about one thing: `data` is JSON-ready, in published order."""

    data: Mapping[str, object]
    meta: Mapping[str, object]
    resolved: Sequence[tuple[str, str]] = field(default=())
    canonical: str | None = None
    """Path of the thing under its canonical name, if it was asked for by an alias."""


def rounded(numerator: int, denominator: int) -> int:
    """Return numerator ÷ denominator as an integer, rounded half-even."""
    quotient, rest = divmod(numerator, denominator)
    twice = 2 * rest
    return quotient + (twice > denominator or (twice == denominator and quotient % 2))


def fraction(numerator: int, denominator: int) -> int | None:
    """Return numerator ÷ denominator in millionths, rounded half-even.

    Exact for integers of any size. None if the denominator is 0: a share of nothing
    is not 0.
    """
    if denominator == 0:
        return None
    return rounded(numerator * _MILLION, denominator)


def fractions(numerators: Ints, denominators: Ints) -> Sequence[int | None]:
    """Return `fraction` of each pair; exact, and fast for many.

    The quotient of two floats settles the rounding unless it comes near a tie, and
    then the integers decide.
    """
    if len(numerators) < _FEW:
        return list(map(fraction, numerators.tolist(), denominators.tolist()))
    known = denominators != 0
    with np.errstate(divide="ignore", invalid="ignore"):
        near = numerators / denominators * _MILLION
        certain = np.abs(near - np.floor(near) - 0.5) > _DOUBT
    certain &= np.abs(near) < _LARGE
    found = np.rint(np.where(certain, near, 0)).astype(np.int64)
    for at in np.flatnonzero(known & ~certain).tolist():
        exact = rounded(int(numerators[at]) * _MILLION, int(denominators[at]))
        if not -_LIMIT <= exact < _LIMIT:
            return list(map(fraction, numerators.tolist(), denominators.tolist()))
        found[at] = exact
    return Numbers(found, None if known.all() else known)
