"""Columns as text: how the values of each kind are written, once for every format."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import cast

from app.domain.reports import Column, Kind

Writer = Callable[[object], str]

_MILLION = 1_000_000


def slot(
    column: Column, writers: Mapping[Kind, Writer], empty: str
) -> tuple[str, Sequence[object]]:
    """Return how `%` puts a value of a column into a row, and its values for that.

    Numbers that are all there go into a row as they are, without a text of their own.

    Args:
        column: The column.
        writers: How to write a value of each kind.
        empty: What stands for None.
    """
    values, kind = column.values, column.kind
    # Compared, not looked up: an enumeration is hashed in Python.
    numbers = kind is Kind.INTEGER or kind is Kind.FRACTION
    if numbers and set(map(type, values)) == {int}:
        if kind is Kind.INTEGER:
            return "%d", values
        counts = cast("Sequence[int]", values)
        if min(counts) >= 0 and max(counts) < _MILLION:
            return "0.%06d", values
    return "%s", texts(column, writers, empty)


def texts(column: Column, writers: Mapping[Kind, Writer], empty: str) -> list[str]:
    """Return each value of a column as text.

    Args:
        column: The column.
        writers: How to write a value of each kind.
        empty: What stands for None.
    """
    write, values = writers[column.kind], column.values
    # What repeats from row to row, as names and dates do, is written once. Lists can
    # be no keys.
    if column.kind is not Kind.TEXTS and 2 * len(distinct := set(values)) <= len(
        values
    ):
        known = {v: empty if v is None else write(v) for v in distinct}
        return [known[v] for v in values]
    return [empty if v is None else write(v) for v in values]


def decimal(millionths: object) -> str:
    """Return a fraction in millionths with six decimals: `0.454280`, `-0.012000`."""
    if not isinstance(millionths, int):
        raise TypeError(millionths)
    if 0 <= millionths < _MILLION:
        return f"0.{millionths:06d}"
    whole, rest = divmod(abs(millionths), _MILLION)
    return f"{'-' if millionths < 0 else ''}{whole}.{rest:06d}"


def plain(number: object) -> str:
    """Return a decimal in full, as exact as it is: `0.252`, `10`, `0.0000001`."""
    if not isinstance(number, Decimal):
        raise TypeError(number)
    return f"{number:f}"


def moment(when: object) -> str:
    """Return a moment in UTC, to the second: `2026-10-11T00:27:00Z`."""
    if not isinstance(when, datetime):
        raise TypeError(when)
    return when.isoformat(timespec="seconds").replace("+00:00", "Z")


def items(values: object) -> list[str]:
    """Return the texts of an array."""
    if not isinstance(values, (list, tuple)):
        raise TypeError(values)
    return [str(value) for value in values]
