"""One attempt to read a source: fetch, parse, check, publish; and what became of it.

The network is done before the transaction opens. Whatever happens, the run is recorded
with its verdict and its payload, and what is published stays as it is unless the whole
batch is sound.
"""

import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date, datetime
from functools import partial
from hashlib import sha256

import httpx2
import structlog
from sqlalchemy.orm import Session

from app.domain.arrivals import Arrival
from app.domain.datasets import Run
from app.domain.observations import Batch, Payload
from app.errors import AppError, RecordError, SourceError
from app.services import (
    contracts,
    declaring,
    endings,
    leases,
    loading,
    quarantine,
    releasing,
    subjects,
)
from app.services.contracts import Check
from app.services.endings import close_run
from app.services.leases import Lease
from app.services.publish import Publication, publish
from app.services.quarantine import Judged
from app.sources.source import Source
from app.store.database import Database
from app.store.dialect import insert_missing
from app.store.tables import PayloadRow, RunRow

log = structlog.get_logger()

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Job:
    """What is read, and on whose behalf: stands in every run."""

    source: str
    dataset: str
    trigger: str
    """`schedule`, `cli`, `bundle` or `push`."""
    lease: Lease | None = None


def read(
    database: Database,
    source: Source,
    client: httpx2.Client,
    *,
    trigger: str,
    now: Clock,
    wanted: Callable[[], bool] = lambda: True,
) -> list[Run] | None:
    """Read one source now, window by window, and publish what is new.

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
        The runs, in order; one that did not end well is the last. None: another
        process reads this source right now.
    """
    with leases.alone(database, source.name, now) as lease:
        if lease is None:
            return None
        if not wanted():
            return []
        job = Job(source.name, source.dataset, trigger, lease)
        return _read(database, source, client, job, now)


def is_declared(database: Database, dataset: str) -> bool:
    """Return whether there is a place for a dataset, or will be once it is read."""
    with database.read() as session:
        return declaring.is_declared(session, dataset)


def _read(
    database: Database,
    source: Source,
    client: httpx2.Client,
    job: Job,
    now: Clock,
) -> list[Run]:
    with database.write() as session:
        endings.end_unfinished(session, source.name, now())
        known = loading.span(session, source.dataset)
    found: list[Run] = []
    for window in source.windows(known, now().date()):
        fetch = partial(source.fetch, client, window)
        found += take(database, fetch, source.parse, job, now=now)
        if found[-1].verdict in {"failed", "rejected"}:
            break
    return found


def take(
    database: Database,
    fetch: Callable[[], Payload],
    parse: Callable[[Payload], list[Batch]],
    job: Job,
    *,
    now: Clock,
) -> list[Run]:
    """Take one payload: a run per batch in it, each of which is all or nothing.

    Args:
        database: The record.
        fetch: Gets the payload; may raise `UpstreamError`.
        parse: Reads it; may raise `SourceError`.
        job: What stands in the runs.
        now: The clock.

    Returns:
        The runs, in order. One that failed or was rejected is the last.
    """
    number = _start(database, job, None, now)
    digest = None
    try:
        with _ended(database, job, number, now):
            payload = fetch()
            digest = _keep(database, payload)
            batches = parse(payload)
            del payload  # its bytes are kept; a large one need not stay in memory
    except AppError as error:
        return [_fail(database, number, digest, error, now)]
    found: list[Run] = []
    for batch in batches:
        if found:
            number = _start(database, job, digest, now)
        try:
            with _ended(database, job, number, now), database.write() as session:
                row = session.get_one(RunRow, number)
                row.payload = digest
                found.append(record(session, batch, job, row, now=now()))
        except AppError as error:
            return [*found, _fail(database, number, digest, error, now)]
    return found


def record(
    session: Session,
    batch: Batch,
    job: Job,
    row: RunRow,
    *,
    now: datetime,
    published_at: datetime | None = None,
    summary: str | None = None,
    also: Sequence[Check] = (),
) -> Run:
    """Check a batch, publish what differs, and end its run, in one transaction.

    Args:
        session: Write session.
        batch: What was read.
        job: On whose behalf.
        row: The run that was started for it.
        now: The present moment.
        published_at: Moment of the release, if not `now`.
        summary: What readers are told of the release, if not what changed.
        also: Checks that were made elsewhere, to be recorded.

    Raises:
        SourceError: The batch is not sound; nothing was written.
        StaleBatchError: The lease was lost; nothing was written.
        UnknownError: There is no such dataset.
        RecordError: Observations were lost on the way; nothing was written.
    """
    if job.lease is not None:
        leases.show(session, job.lease)
    # Names must mean what they mean in the release that this may become.
    releasing.lock(session)
    declaring.declare_known(session, batch.dataset, run=row.id or 0, now=now)
    batch, mapped = subjects.resolve(session, batch)
    checks = contracts.sound(batch, loading.dataset(session, batch.dataset))
    failed = [check for check in checks if not check.passed]
    if failed:
        detail = "; ".join(f"{check.name}: {check.detail}" for check in failed)
        raise SourceError(job.source, detail)
    judged, judgement = _judge(session, batch, job)
    done = publish(
        session,
        batch,
        run=row.id or 0,
        published_at=published_at or now,
        summary=summary,
        aside=judged.aside,
    )
    waiting = _hold(session, batch, judged, done, row, now)
    count(row, len(batch.observations), done.counts)
    row.as_of = batch.as_of
    found = [*checks, *mapped, *judgement, *also, *_found(batch, done)]
    row.checks = [asdict(check) for check in found]
    close_run(row, _verdict(done, waiting), now, _reason(done, waiting))
    log.info(
        "ingested",
        source=job.source,
        run=row.id,
        verdict=row.verdict,
        release=done.release,
        **done.counts,
    )
    return loading.run_of(row)


def open_run(session: Session, job: Job, now: datetime) -> RunRow:
    """Start a run: it is `running` until it is recorded."""
    row = RunRow(
        source=job.source,
        dataset=job.dataset,
        trigger=job.trigger,
        started_at=now,
        verdict="running",
        rows_in=0,
        rows_new=0,
        rows_changed=0,
        rows_same=0,
        rows_rejected=0,
        checks=[],
    )
    session.add(row)
    session.flush()
    return row


def keep(session: Session, payload: Payload) -> str:
    """Keep the bytes that were read under their SHA-256, and return that."""
    digest = sha256(payload.body).hexdigest()
    row = {
        "sha256": digest,
        "body": zlib.compress(payload.body),
        "media_type": payload.media_type,
        "url": payload.url,
        "fetched_at": payload.fetched_at,
    }
    insert_missing(session, PayloadRow, [row])
    return digest


@contextmanager
def _ended(database: Database, job: Job, number: int, now: Clock) -> Iterator[None]:
    """End a run that a bug or an interruption cuts off, if nobody else would.

    Whoever reads a source under a lease ends the runs that were begun before.
    """
    try:
        yield
    except AppError:
        raise
    except BaseException as error:
        if job.lease is None:
            with database.write() as session:
                row = session.get_one(RunRow, number)
                close_run(row, "failed", now(), f"Cut off: {type(error).__name__}.")
        raise


def _start(database: Database, job: Job, digest: str | None, now: Clock) -> int:
    with database.write() as session:
        endings.end_lost(session, now())
        row = open_run(session, job, now())
        row.payload = digest
        return row.id or 0


def _keep(database: Database, payload: Payload) -> str:
    with database.write() as session:
        return keep(session, payload)


def _fail(
    database: Database, number: int, digest: str | None, error: AppError, now: Clock
) -> Run:
    verdict = "rejected" if isinstance(error, SourceError) else "failed"
    with database.write() as session:
        row = session.get_one(RunRow, number)
        row.payload = digest
        close_run(row, verdict, now(), str(error))
        log.warning(
            "ingestion failed",
            source=row.source,
            run=row.id,
            verdict=verdict,
            reason=row.reason,
        )
        return loading.run_of(row)


def count(row: RunRow, rows_in: int, counts: Mapping[str, int]) -> None:
    """Write into a run what became of each observation.

    Raises:
        RecordError: The numbers do not add up; nothing may be published.
    """
    row.rows_in = rows_in
    row.rows_new = counts["new"]
    row.rows_changed = counts["changed"]
    row.rows_same = counts["same"]
    row.rows_rejected = counts["rejected"]
    if rows_in != sum(counts.values()):
        raise RecordError(
            f"{rows_in} observations came in, {sum(counts.values())} were dealt with; "
            "nothing was published."
        )


def _judge(session: Session, batch: Batch, job: Job) -> tuple[Judged, list[Check]]:
    if job.trigger == "bundle":
        # Read by people, day by day, before it was bundled.
        return Judged(), []
    contract = quarantine.contract(session, batch.dataset)
    dataset = loading.dataset(session, batch.dataset)
    judged = quarantine.judge(session, batch, dataset, contract)
    return judged, judged.checks(contract)


def _hold(
    session: Session,
    batch: Batch,
    judged: Judged,
    done: Publication,
    row: RunRow,
    now: datetime,
) -> list[date]:
    number = row.id or 0
    quarantine.supersede(session, batch.dataset, done.days, number, now)
    return quarantine.keep(session, batch, judged, number, now)


def _verdict(done: Publication, waiting: Sequence[date]) -> str:
    if waiting or done.those(Arrival.CONFLICT):
        return "quarantined"
    if done.release is not None:
        return "published"
    used = done.counts["rejected"] < sum(done.counts.values())
    late = not used and done.those(Arrival.SUPERSEDED)
    return "superseded" if late else "unchanged"


def _reason(done: Publication, waiting: Sequence[date]) -> str | None:
    found = []
    if waiting:
        days = ", ".join(map(str, waiting))
        found.append(
            f"Held until somebody decides: {days}. See `modelcensus runs list --held`."
        )
    conflicts = ", ".join(map(str, done.those(Arrival.CONFLICT)))
    if conflicts:
        found.append(
            f"Other numbers as of the same moment, for {conflicts}: these days were "
            "kept."
        )
    return " ".join(found) or None


def _found(batch: Batch, done: Publication) -> list[Check]:
    """Return what publishing found out, as checks."""
    held = ", ".join(map(str, done.those(Arrival.CONFLICT)))
    missed = ", ".join(map(str, done.those(Arrival.MISSED)))
    return [
        Check("same_as_of", passed=not held, detail=held or "no conflict"),
        Check("days_kept", passed=not missed, detail=missed or "none left out"),
        *(Check("warning", passed=True, detail=text) for text in batch.warnings),
        *(Check("new_model", passed=True, detail=model) for model in done.newcomers),
    ]
