"""Whether the record is what was published: digests, payloads, totals.

Everything is recomputed from the rows; a check that finds nothing to look at fails.
"""

import zlib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from hashlib import sha256

from sqlalchemy.orm import Session

from app.errors import RecordError
from app.services import releasing
from app.services.rederive import Parse, check
from app.store import queries, work
from app.store.database import Database
from app.store.dialect import stream_integers
from app.store.tables import PayloadRow, ReleaseRow
from app.store.types import from_epoch_day


@dataclass(frozen=True, slots=True)
class Verification:
    """What was looked at, and what does not hold together."""

    releases: int
    observations: int
    payloads: int
    digest: str
    """Of the newest release: equal digests mean equal records."""
    problems: tuple[str, ...]
    derived: int = 0
    """Observations, of all releases, that follow from the payload they came from."""


def verify(
    database: Database, parsers: Mapping[str, Parse] | None = None
) -> Verification:
    """Recompute digests, hashes and totals, and derive the numbers from their payloads.

    Args:
        database: The record.
        parsers: Name of a source → how it reads a payload. None: the numbers are not
            derived again.

    Raises:
        RecordError: There is no release, so there is nothing to verify.
        UnavailableError: The database is away.
    """
    with database.read() as session:
        head = session.scalars(queries.head()).first()
        if head is None:
            raise RecordError("The record holds no release: run `modelcensus migrate`.")
        rows = session.scalars(queries.releases(head)).all()
        problems = [*_chain(session, head)]
        payloads, found = _payloads(session)
        problems += found
        observations, found = _totals(session, head)
        problems += found
        derived, found = (0, []) if parsers is None else check(session, parsers)
        problems += found
        return Verification(
            len(rows),
            observations,
            payloads,
            rows[-1].digest,
            tuple(problems),
            derived,
        )


def _chain(session: Session, head: int) -> Iterator[str]:
    before = ""
    rows = session.scalars(queries.releases(head)).all()
    numbers = {row.id for row in session.scalars(queries.current_rows(ReleaseRow))}
    if numbers != set(range(1, head + 1)):
        yield f"Releases are not numbered 1 to {head} without gaps."
    for row in rows:
        if releasing.digest(session, row, before) != row.digest:
            yield f"Release {row.id} is not what its digest says."
        before = row.digest


def _payloads(session: Session) -> tuple[int, list[str]]:
    problems = []
    hashes = session.scalars(work.payload_hashes()).all()
    for digest in hashes:
        row = session.scalars(work.payload(digest)).one()
        if _hash(row) != digest:
            problems.append(f"Payload {digest[:12]} is not what its hash says.")
        session.expunge(row)  # one at a time in memory
    return len(hashes), problems


def _hash(row: PayloadRow) -> str | None:
    try:
        return sha256(zlib.decompress(row.body)).hexdigest()
    except zlib.error:
        return None


def _totals(session: Session, head: int) -> tuple[int, list[str]]:
    problems = []
    looked_at = 0
    for dataset in session.scalars(queries.datasets(head)).all():
        totals: dict[date, int] = defaultdict(int)
        counts: dict[date, int] = defaultdict(int)
        statement = queries.observations(dataset.slug, head)
        for chunk in stream_integers(session, statement):
            for _, day, volume in chunk.tolist():
                totals[from_epoch_day(day)] += volume
                counts[from_epoch_day(day)] += 1
        looked_at += sum(counts.values())
        told = {
            row.period_start: (row.total, row.rows)
            for row in session.scalars(queries.periods(dataset.slug, head))
        }
        summed = {day: (total, counts[day]) for day, total in totals.items()}
        problems += [
            f"{dataset.slug}, {day}: the observations are not what the day says."
            for day in sorted(told.keys() | summed.keys())
            if told.get(day) != summed.get(day)
        ]
    return looked_at, problems
