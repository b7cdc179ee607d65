"""A release, from its number to its digest.

Whoever publishes holds the head row, so numbers have no gaps and no two releases are
made at once. The digest is read back from what was written: what `verify` recomputes
later is what was published, not what somebody meant to publish.
"""

import json
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

import numpy as np
from sqlalchemy.orm import Session

from app.errors import RecordError
from app.services import changes, methods
from app.store import queries
from app.store.dialect import natural_key, unpacked
from app.store.tables import (
    AliasRow,
    AnnotationRow,
    AppRow,
    AttributionRow,
    CategoryRow,
    DatasetRow,
    HeadRow,
    ModelRow,
    PeriodRow,
    ProviderRow,
    Record,
    ReleaseRow,
    SeriesRow,
)
from app.store.types import from_epoch_day

_AT_ONCE = 10_000
_METHOD = "method"
_OBSERVATION = "observation"

# Numbers that mean something only inside one database, and the range itself.
_SURROGATES = frozenset({"id", "run", "release_from", "release_to"})
_RANGED: tuple[type[Record], ...] = (
    AttributionRow,
    AliasRow,
    AnnotationRow,
    AppRow,
    PeriodRow,
)
_INTRODUCED: tuple[type[Record], ...] = (
    ProviderRow,
    ModelRow,
    DatasetRow,
    CategoryRow,
    SeriesRow,
)


@dataclass(frozen=True, slots=True)
class Release:
    """What is said of a release before it is made.

    Attributes:
        kind: `data`, `registry` or `method`.
        summary: One sentence for readers.
        published_at: In UTC; never before the release before it.
        dataset: Slug, if it is about one dataset.
        run: Number of the run that led to it.
    """

    kind: str
    summary: str
    published_at: datetime
    dataset: str | None = None
    run: int | None = None


def lock(session: Session) -> HeadRow:
    """Return the head row, held until the end of the transaction.

    Raises:
        RecordError: The record has no head: it was not made by the migrations.
    """
    head = session.scalars(queries.locked_head()).one_or_none()
    if head is None:
        raise RecordError("The record has no head row: restore a backup.")
    return head


def open_release(session: Session, release: Release) -> int:
    """Add a release that holds nothing yet, and return its number.

    The caller closes what ends with it, opens what begins with it, and seals it, all
    in this transaction.
    """
    head = lock(session)
    published_at, method = release.published_at, methods.newest()
    if head.release is not None:
        last = session.get_one(ReleaseRow, head.release)
        # A clock that went back must not put releases out of order.
        published_at = max(published_at, last.published_at)
        # Numbers do not change their formulas unless a release says so.
        method = method if release.kind == _METHOD else last.method_version
    number = (head.release or 0) + 1
    session.add(
        ReleaseRow(
            id=number,
            published_at=published_at,
            kind=release.kind,
            method_version=method,
            dataset=release.dataset,
            run=release.run,
            summary=release.summary,
            digest="",
            changes={},
        )
    )
    session.flush()
    return number


def adopt_method(session: Session, published_at: datetime) -> int | None:
    """Publish one release that computes all numbers anew by the newest method.

    Args:
        session: Write session.
        published_at: The present moment.

    Returns:
        The number of the release; None if there is nothing to compute anew.

    Raises:
        RecordError: The numbers are computed by a method that is not known here.
    """
    head = lock(session)
    if head.release is None:
        return None
    last = session.get_one(ReleaseRow, head.release)
    later = methods.after(last.id or 0, last.method_version)
    if not later:
        return None
    summary = " ".join(method.changes for method in later)
    number = open_release(session, Release(_METHOD, summary, published_at))
    seal(session, number)
    return number


def seal(session: Session, number: int) -> None:
    """Write the digest of a release and make it the newest."""
    session.flush()
    row = session.get_one(ReleaseRow, number)
    row.changes = changes.of(session, row)
    row.digest = digest(session, row, previous(session, number))
    lock(session).release = number
    session.flush()


def previous(session: Session, number: int) -> str:
    """Return the digest of the release before `number`; empty before the first."""
    before = session.scalars(queries.release(number - 1)).one_or_none()
    return before.digest if before else ""


def digest(session: Session, release: ReleaseRow, before: str) -> str:
    """Return the SHA-256 of the digest before and of all that a release did.

    Openings and closings are named by natural keys and sorted, so that two records
    that say the same have the same digests, whatever their databases number.
    """
    head = [before, release.kind, release.method_version, release.dataset or ""]
    hashed = sha256(_line(*head, release.summary).encode())
    for lines in _told(session, release.id):
        hashed.update("".join(f"\n{line}" for line in lines).encode())
    return hashed.hexdigest()


def _told(session: Session, release: int) -> Iterator[Sequence[str]]:
    """Yield the lines of all that a release did, sorted."""
    others, done = sorted(_rows(session, release)), 0
    for what in ("close", "open"):
        # All lines of observations begin alike, and no other does.
        at = bisect_left(others, _line(what, _OBSERVATION)[:-1])
        yield others[done:at]
        yield from _observations(what, session, release)
        done = at
    yield others[done:]


def _observations(what: str, session: Session, release: int) -> Iterator[Sequence[str]]:
    """Yield the lines of what a release opened or closed, sorted.

    A million lines would take 100 MB; numbers take a quarter of that, and have the
    order of their lines: by how the name of the series begins a line, then by day.
    """
    queried = (
        queries.opened_observations if what == "open" else queries.closed_observations
    )
    parts = [
        (np.full(len(series), day), series, volumes)
        for day, (series, volumes) in unpacked(session, queried(release))
    ]
    if not parts:
        return
    days, numbers, volumes = map(np.concatenate, zip(*parts, strict=True))
    parts.clear()
    names = {n: name for n, *name in session.execute(queries.series_names())}
    found, at = np.unique(numbers, return_inverse=True)
    starts = [
        f"{_line(what, _OBSERVATION, *names.get(n, ()))[:-1]}," for n in found.tolist()
    ]
    rank = np.argsort(sorted(range(len(starts)), key=starts.__getitem__))
    order = np.lexsort((days, rank[at]))
    spelt = {n: f'"{from_epoch_day(n)}",' for n in np.unique(days).tolist()}
    for first in range(0, len(order), _AT_ONCE):
        some = order[first : first + _AT_ONCE]
        rows = zip(*(c[some].tolist() for c in (at, days, volumes)), strict=True)
        yield [f"{starts[one]}{spelt[day]}{volume}]" for one, day, volume in rows]


def _rows(session: Session, release: int) -> Iterator[str]:
    for row in (*_INTRODUCED, *_RANGED):
        yield from _lines("open", row, session.scalars(queries.opened(row, release)))
    for row in _RANGED:
        yield from _lines("close", row, session.scalars(queries.closed(row, release)))


def _lines(what: str, row: type[Record], found: Iterable[Record]) -> Iterator[str]:
    key = natural_key(row)
    named = set(row.model_fields) - _SURROGATES - {*key}
    columns = [*(k for k in key if k not in _SURROGATES), *sorted(named)]
    for one in found:
        values = [getattr(one, column) for column in columns]
        yield _line(what, str(row.__tablename__), *values)


def _line(*values: object) -> str:
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"), default=_spelt)


def _spelt(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
