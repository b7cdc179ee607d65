"""Lists of models: read, compared with the last one, and taken as dated claims.

As with numbers, the network is done before the transaction opens, every reading leaves
a run with its verdict and its payload, and nothing changes unless the whole list is
sound. What a list said of a price stands, with its days, when the price has moved on.
"""

from collections.abc import Callable
from datetime import datetime

import httpx2
import structlog
from sqlalchemy.orm import Session

from app.domain.datasets import DECISION, Run
from app.errors import AppError, BadValueError, SourceError, UnknownError
from app.services import endings, ingest, leases, listings_taking, loading, releasing
from app.services.ingest import Clock
from app.services.leases import Lease
from app.services.listings_taking import Parse
from app.sources.source import RegistrySource
from app.store import work
from app.store.database import Database
from app.store.tables import RunRow

log = structlog.get_logger()

_LONGEST = 500


def read(
    database: Database,
    source: RegistrySource,
    client: httpx2.Client,
    *,
    trigger: str,
    now: Clock,
    wanted: Callable[[], bool] = lambda: True,
) -> Run | None:
    """Read a list of models now, and claim what it says that nobody else does.

    Safe to repeat, and to start in many processes: one reads, the others do nothing.

    Args:
        database: The record.
        source: What to read.
        client: For the network.
        trigger: `schedule` or `cli`.
        now: The clock.
        wanted: Asked when nobody else reads, and none can begin: is it still to be
            done, or has another process just done it?

    Returns:
        The run. None: another process reads this source right now, or has just done.
    """
    with leases.alone(database, source.name, now) as lease:
        if lease is None or not wanted():
            return None
        return _read(database, source, client, lease, trigger, now)


def accept(
    database: Database,
    run: int,
    parse: Parse,
    *,
    actor: str,
    reason: str,
    now: datetime,
) -> Run:
    """Take a list that was held, or the prices of it that were left out.

    Args:
        database: The record.
        run: Number of the run that read it.
        parse: How its source reads a payload.
        actor: Who decides.
        reason: Why the list is right.
        now: The present moment.

    Returns:
        A run of its own, the audit row. Its verdict is `superseded` if a later list
        has been taken since; nothing changes then.

    Raises:
        UnknownError: There is no such run.
        BadValueError: It kept nothing back, or nothing is said of who and why.
        SourceError: Its payload cannot be read any more.
    """
    _check(actor, reason)
    with database.write() as session:
        releasing.lock(session)
        held = _held(session, run)
        listing = listings_taking.listing_of(session, held, parse)
        row = listings_taking.open_run(session, held.source, DECISION, now)
        row.payload = held.payload
        row.decided_by, row.decided_reason = actor, reason
        before = listings_taking.last(session, held.source, parse)
        return listings_taking.take(session, row, listing, before, now)


def _read(
    database: Database,
    source: RegistrySource,
    client: httpx2.Client,
    lease: Lease,
    trigger: str,
    now: Clock,
) -> Run:
    with database.write() as session:
        endings.end_unfinished(session, source.name, now())
        number = listings_taking.open_run(session, source.name, trigger, now()).id or 0
    digest = None
    try:
        payload = source.fetch(client)
        with database.write() as session:
            digest = ingest.keep(session, payload)
        listing = source.parse(payload)
        with database.read() as session:
            before = listings_taking.last(session, source.name, source.parse)
        with database.write() as session:
            leases.show(session, lease)
            row = session.get_one(RunRow, number)
            row.payload = digest
            return listings_taking.take(session, row, listing, before, now())
    except AppError as error:
        return _fail(database, number, digest, error, now())


def _fail(
    database: Database,
    number: int,
    digest: str | None,
    error: AppError,
    now: datetime,
) -> Run:
    verdict = "rejected" if isinstance(error, SourceError) else "failed"
    with database.write() as session:
        row = session.get_one(RunRow, number)
        row.payload = digest
        endings.close_run(row, verdict, now, str(error))
        log.warning(
            "list of models not taken",
            source=row.source,
            run=row.id,
            verdict=verdict,
            reason=row.reason,
        )
        return loading.run_of(row)


def _check(actor: str, reason: str) -> None:
    for name, text in (("by", actor), ("reason", reason)):
        if not text.strip() or len(text) > _LONGEST or not text.isprintable():
            raise BadValueError.of(
                name, text, f"give 1 to {_LONGEST} printable characters"
            )


def _held(session: Session, run: int) -> RunRow:
    row = session.scalars(work.run(run)).one_or_none()
    if row is None:
        raise UnknownError("run", str(run), [], "modelcensus runs list")
    kept_back = any(not check["passed"] for check in row.checks)
    if row.dataset is not None or row.payload is None or not kept_back:
        raise BadValueError.of("run", str(run), "it held no list of models")
    return row
