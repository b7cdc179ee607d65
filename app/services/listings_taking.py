"""What becomes of one list of models that was read: judged, claimed, recorded."""

import zlib
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime

import structlog
from sqlalchemy.orm import Session

from app.domain.datasets import Run
from app.domain.listings import Listing
from app.domain.observations import Payload
from app.errors import SourceError
from app.services import (
    curate,
    endings,
    ingest,
    listings_drift,
    listings_told,
    loading,
    newcomers,
    releasing,
)
from app.services.ingest import Job
from app.services.listings_told import Told
from app.services.releasing import Release
from app.store import work
from app.store.tables import PayloadRow, RunRow

log = structlog.get_logger()

Parse = Callable[[Payload], Listing]


def open_run(session: Session, source: str, trigger: str, now: datetime) -> RunRow:
    """Start a run that reads a list: it is of no dataset."""
    row = ingest.open_run(session, Job(source, "", trigger), now)
    row.dataset = None
    return row


def last(session: Session, source: str, parse: Parse) -> Listing | None:
    """Return the last list that was taken from a source.

    None: there is none, or this version can no longer read it.
    """
    row = session.scalars(work.last_list_taken(source)).first()
    if row is None:
        return None
    try:
        return listing_of(session, row, parse)
    except SourceError:
        return None


def listing_of(session: Session, row: RunRow, parse: Parse) -> Listing:
    """Return the list that a run has read.

    Raises:
        SourceError: This version can no longer read it.
    """
    kept = session.get_one(PayloadRow, row.payload)
    # Bytes are kept once, however often they are fetched: the run knows when.
    fetched_at = row.as_of or kept.fetched_at
    body = zlib.decompress(kept.body)
    return parse(Payload(body, kept.media_type, kept.url, fetched_at))


def take(
    session: Session,
    row: RunRow,
    listing: Listing,
    before: Listing | None,
    now: datetime,
) -> Run:
    """Judge a list, claim what is new, and end its run, in one transaction.

    Args:
        session: Write session.
        row: Its run. One that somebody decided on takes the list whatever differs.
        listing: The list.
        before: The last one that was taken, if any.
        now: The present moment.
    """
    number = None
    row.as_of = listing.as_of
    if before is not None and before.as_of > listing.as_of:
        _reject_all(row, listing)
        later = f"A later list, of {before.as_of:%FT%TZ}, has been taken already."
        endings.close_run(row, "superseded", now, later)
    else:
        number = _judge(session, row, listing, before, now)
    log.info(
        "list of models read",
        source=row.source,
        run=row.id,
        verdict=row.verdict,
        release=number,
        new=row.rows_new,
        changed=row.rows_changed,
        same=row.rows_same,
        rejected=row.rows_rejected,
    )
    return loading.run_of(row)


def _judge(
    session: Session,
    row: RunRow,
    listing: Listing,
    before: Listing | None,
    now: datetime,
) -> int | None:
    trusted = row.decided_by is not None
    head = releasing.lock(session).release or 0
    told = listings_told.of(listing, loading.registry(session, head), trusted=trusted)
    drift = listings_drift.judge(before, listing)
    row.checks = [asdict(check) for check in [*drift, *told.checks]]
    odd = [f"{check.name}: {check.detail}" for check in drift if not check.passed]
    if odd and not trusted:
        _reject_all(row, listing)
        endings.close_run(row, "quarantined", now, _held_back(row, odd))
        return None
    ingest.count(row, len(listing.models), told.rows)
    number = _publish(session, row, told, now)
    endings.close_run(row, "unchanged" if number is None else "published", now)
    return number


def _reject_all(row: RunRow, listing: Listing) -> None:
    row.rows_in = row.rows_rejected = len(listing.models)


def _held_back(row: RunRow, odd: list[str]) -> str:
    return (
        f"Too much differs from the last list: {'; '.join(odd)}. Held until somebody "
        f"decides: see `modelcensus runs show {row.id}`."
    )


def _publish(session: Session, row: RunRow, told: Told, now: datetime) -> int | None:
    if not told.added:
        return None
    release = Release("registry", told.summary(), now, run=row.id)
    number = releasing.open_release(session, release)
    newcomers.introduce(session, told.new, number)
    curate.add(session, told.edit, number)
    releasing.seal(session, number)
    return number
