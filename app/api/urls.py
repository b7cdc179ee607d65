"""URLs of this service: read from a request, spelt out, mended.

Every link starts with the configured public URL, never with what a request says the
host is.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from urllib.parse import parse_qsl, quote

from app.domain.registry import Dimension

Pairs = Sequence[tuple[str, str]]

QUESTIONS = frozenset({"/v1/share", "/v1/volume", "/v1/rankings"})
"""Paths of what has figures, evidence and revisions."""

_SAFE = ",:/-"
_SHORT = 64
_PLAIN = re.compile(r"[\w.~-]*", re.ASCII)


def pairs(raw_query: bytes) -> list[tuple[str, str]]:
    """Return the parameters of a query as they were given, repeated ones too."""
    text = raw_query.decode("latin-1")
    if "%" in text or "+" in text:
        return parse_qsl(text, keep_blank_values=True)
    # Nothing is escaped: half of what a short answer's query would take.
    parts = (one.partition("=") for one in text.split("&") if one)
    return [(name, value) for name, _, value in parts]


def spelt(path: str, query: Iterable[tuple[str, str]]) -> str:
    """Return a path with a query, escaped."""
    return escaped(path) + question(query)


def question(query: Iterable[tuple[str, str]]) -> str:
    """Return a query, escaped, with its question mark; nothing if it is empty."""
    text = "&".join(
        [
            # The same names and values stand in every link of an answer.
            _remembered(name, value)
            if len(value) <= _SHORT >= len(name)
            else f"{escaped(name)}={escaped(value)}"
            for name, value in query
        ]
    )
    return f"?{text}" if text else ""


def escaped(text: str) -> str:
    """Return a path, a name or a value as it stands in a URL."""
    return _known(text) if len(text) <= _SHORT else quote(text, safe=_SAFE)


@lru_cache(maxsize=4096)
def _known(text: str) -> str:
    return quote(text, safe=_SAFE)


@lru_cache(maxsize=4096)
def _remembered(name: str, value: str) -> str:
    return f"{escaped(name)}={escaped(value)}"


LISTS = frozenset({*Dimension, *(f"within_{d}" for d in Dimension)})
"""Parameters that select by any of several values."""

_SETS = LISTS | {"kind"}
"""Parameters whose values may come in any order, and twice."""


def canonical(query: Pairs) -> str:
    """Return one spelling for queries that ask the same: names and values in order."""
    plain = sorted(
        (name, _in_order(value) if "," in value and name in _SETS else value)
        for name, value in query
    )
    return "&".join(
        [
            _wholly(name, value)
            if len(value) <= _SHORT >= len(name)
            else f"{_whole(name)}={_whole(value)}"
            for name, value in plain
        ]
    )


@lru_cache(maxsize=4096)
def _wholly(name: str, value: str) -> str:
    return f"{_whole(name)}={_whole(value)}"


def _in_order(value: str) -> str:
    return ",".join(sorted(set(value.split(","))))


def _whole(text: str) -> str:
    # Most of what is given are words and days.
    return text if _PLAIN.fullmatch(text) else quote(text, safe="")


def mended(
    path: str,
    query: Pairs,
    fix: Mapping[str, str | None],
    collection: str | None,
) -> str:
    """Return the URL, without its host, in which `fix` is applied.

    Args:
        path: Path that was asked for.
        query: Parameters that were given.
        fix: Parameters to set, or (None) to leave out.
        collection: Path of the list, if `path` is that of one of its things; then a
            name that is no parameter means the last part of the path.
    """
    given = dict(reversed(query))
    for name, value in fix.items():
        if collection is not None and name not in given:
            path = f"{collection}/{value}" if value else collection
        elif value is None:
            given.pop(name, None)
        else:
            given[name] = value
    order = [*dict(query), *fix]
    return spelt(path, [(n, given[n]) for n in dict.fromkeys(order) if n in given])
