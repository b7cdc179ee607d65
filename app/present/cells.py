"""Columns as text: how the values of each kind are written, once for every format."""

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal

from app.domain.reports import Column, Kind

Writer = Callable[[object], str]

# Names and dates repeat from row to row; numbers rarely do, and arrays are no keys.
_REPEATED = frozenset({Kind.TEXT, Kind.DATE, Kind.TIME})


def texts(column: Column, writers: Mapping[Kind, Writer], empty: str) -> list[str]:
    """Return each value of a column as text.

    Args:
        column: The column.
        writers: How to write a value of each kind.
        empty: What stands for None.
    """
    write = writers[column.kind]
    if column.kind in _REPEATED:
        known = {v: empty if v is None else write(v) for v in set(column.values)}
        return [known[v] for v in column.values]
    return [empty if v is None else write(v) for v in column.values]


def decimal(millionths: object) -> str:
    """Return a fraction in millionths with six decimals: `0.454280`, `-0.012000`."""
    if not isinstance(millionths, int):
        raise TypeError(millionths)
    digits = f"{millionths:07d}" if millionths >= 0 else f"{millionths:08d}"
    return f"{digits[:-6]}.{digits[-6:]}"


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
