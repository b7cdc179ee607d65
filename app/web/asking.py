"""How pages ask: of `/v1` alone, in its own words, as any reader could."""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Pairs = Sequence[tuple[str, str]]

PINS = frozenset({"release", "as_of"})
"""Parameters that name a release."""

_UNAVAILABLE, _SOON = 503, "5"

HTML = "text/html; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Answer:
    """What `/v1` says: an answer, or a problem.

    Attributes:
        status: Of HTTP.
        body: As it came; JSON, unless another format was asked for.
    """

    status: int
    body: bytes

    @property
    def ok(self) -> bool:
        """Whether it is an answer."""
        return self.status < 300  # noqa: PLR2004 (the limit of HTTP)

    def json(self) -> Any:
        """Return what it says."""
        return json.loads(self.body)

    @property
    def later(self) -> Pairs:
        """Header fields that say when to ask again, if that may help."""
        return [("retry-after", _SOON)] if self.status == _UNAVAILABLE else []


def is_pinned(query: Pairs) -> bool:
    """Tell whether a query names a release."""
    return any(name in PINS for name, _ in query)


Ask = Callable[[str], Awaitable[Answer]]
"""Asks a path with its query, `/v1/share?origin=CN`, within this process."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One request for a page.

    Attributes:
        path: The path, as it was asked for.
        named: What stands in the parts of the path that have a name.
        query: Parameters as they were given.
        public: Where readers reach this service, without a slash at the end.
        ask: Asks `/v1`. Answers of one page may stem from two releases if one is
            published meanwhile: ask with `release=` what must agree with the first.
    """

    path: str
    named: Mapping[str, str]
    query: Pairs
    public: str
    ask: Ask


@dataclass(frozen=True, slots=True)
class Made:
    """A page for one visit.

    Attributes:
        body: Its bytes.
        policy: Content security policy.
        media_type: What it is.
        status: Of HTTP; what is not 200 is not kept.
        headers: Others than the usual ones, such as `Link`.
        kept: Whether it may be sent again; not if something was missing for a moment.
    """

    body: bytes
    policy: str
    media_type: str = HTML
    status: int = 200
    headers: Sequence[tuple[str, str]] = ()
    kept: bool = True


View = Callable[[Visit], Awaitable[Made]]
"""Makes a page; it is the same for everyone as long as `/v1` answers the same."""
