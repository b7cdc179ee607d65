"""URLs of this service: read from a request, spelt out, mended.

Every link starts with the configured public URL, never with what a request says the
host is.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from urllib.parse import parse_qsl, quote, urlencode

Pairs = Sequence[tuple[str, str]]

_SAFE = ",:/-"
_SHORT = 64


def pairs(raw_query: bytes) -> list[tuple[str, str]]:
    """Return the parameters of a query as they were given, repeated ones too."""
    return parse_qsl(raw_query.decode("latin-1"), keep_blank_values=True)


def spelt(path: str, query: Iterable[tuple[str, str]]) -> str:
    """Return a path with a query, escaped."""
    text = "&".join(f"{_escaped(name)}={_escaped(value)}" for name, value in query)
    return f"{_escaped(path)}?{text}" if text else _escaped(path)


def _escaped(text: str) -> str:
    # The same names and values stand in every link of an answer.
    return _remembered(text) if len(text) <= _SHORT else quote(text, safe=_SAFE)


@lru_cache(maxsize=4096)
def _remembered(text: str) -> str:
    return quote(text, safe=_SAFE)


_ORDERED = frozenset({"group_by", "datasets"})


def canonical(query: Pairs) -> str:
    """Return one spelling for queries that ask the same: names and values in order."""
    plain = [
        (name, value if name in _ORDERED else ",".join(sorted(set(value.split(",")))))
        for name, value in query
    ]
    return urlencode(sorted(plain), quote_via=quote)


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
