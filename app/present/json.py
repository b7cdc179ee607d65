"""Answers as JSON: compact, exact, fields always in the same order.

A fraction is a number with six decimals and a volume an integer of any size, so numbers
are written by hand; every text goes through the standard library.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from json.encoder import encode_basestring
from math import isfinite

from app.domain.reports import Column, Kind, Report
from app.present.cells import Writer, decimal, items, moment, plain
from app.present.rows import Block, Layout, blocks

_ENCODER = json.JSONEncoder(
    ensure_ascii=False, allow_nan=False, separators=(",", ":"), check_circular=False
)


def dumps(value: object) -> bytes:
    """Return a JSON-ready value as compact UTF-8, in its own order.

    A float is a fraction, and has six decimals like all of them.
    """
    return _text(value).encode()


def _text(value: object) -> str:
    match value:
        case str() | int() | None:
            return _ENCODER.encode(value)
        case float() if isfinite(value):
            return f"{value:.6f}"
        case Decimal():
            return plain(value)
        case dict() | Mapping():
            fields = (
                f"{encode_basestring(str(k))}:{_text(v)}" for k, v in value.items()
            )
            return "{" + ",".join(fields) + "}"
        case list() | tuple():
            return f"[{','.join(map(_text, value))}]"
        case _:
            return _ENCODER.encode(value)


def rows(report: Report) -> list[Block]:
    """Return the rows of a report as a JSON array of objects, in pieces."""
    *others, last = [b"", *blocks(report.columns, _layout(report.columns, ","))]
    return [b"[", *others, last[:-1], b"]"]


def lines(report: Report) -> Iterator[Block]:
    """Yield the rows of a report as NDJSON: the same objects, each on a line."""
    yield from blocks(report.columns, _layout(report.columns, "\n"))


def _layout(columns: Sequence[Column], end: str) -> Layout:
    return _layout_of(tuple([column.name for column in columns]), end)


@lru_cache(maxsize=256)
def _layout_of(names: tuple[str, ...], end: str) -> Layout:
    between = [f",{encode_basestring(name)}:" for name in names]
    between[:1] = [f"{{{first[1:]}" for first in between[:1]]
    between.append(f"}}{end}")
    return Layout(between, _WRITERS, "null")


def answer(
    data: Iterable[Block], meta: Mapping[str, object], links: Mapping[str, str]
) -> bytes:
    """Return a whole answer.

    Args:
        data: The data, as JSON already, in pieces: they are put together only here.
        meta: What stands beside it: texts, integers, lists and mappings. It holds no
            fractions, so the standard library writes it whole.
        links: The URLs.
    """
    beside = _ENCODER.encode(meta).encode()
    urls = ",".join(
        [
            f"{encode_basestring(name)}:{encode_basestring(u)}"
            for name, u in links.items()
        ]
    )
    parts = b',"meta":', beside, b',"links":{', urls.encode(), b"}}"
    return b"".join([b'{"data":', *data, *parts])


_WRITERS: Mapping[Kind, Writer] = {
    Kind.TEXT: lambda text: encode_basestring(str(text)),
    Kind.DATE: lambda day: f'"{day}"',
    Kind.TIME: lambda when: f'"{moment(when)}"',
    Kind.INTEGER: str,
    Kind.FRACTION: decimal,
    Kind.DECIMAL: plain,
    Kind.TEXTS: lambda values: _ENCODER.encode(items(values)),
}
