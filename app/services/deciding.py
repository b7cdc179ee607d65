"""What becomes of days that are held: somebody accepts or rejects them, and says why.

A decision is a run of its own, of the same source and payload: its audit row. What is
accepted is published as any batch is.
"""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from app.domain.arrivals import Arrival
from app.domain.datasets import DECISION, Run
from app.domain.observations import Batch
from app.domain.periods import Window
from app.errors import BadValueError, UnknownError
from app.services import endings, ingest, loading, quarantine, releasing
from app.services.contracts import Check
from app.services.ingest import Job
from app.services.publish import Publication, publish
from app.store import work
from app.store.database import Database
from app.store.operational import HeldRow
from app.store.tables import RunRow

_TOO_LATE = (Arrival.SUPERSEDED, Arrival.CONFLICT)
_LONGEST = 500


@dataclass(frozen=True, slots=True)
class Held:
    """A day that a run held, as it is shown.

    Attributes:
        run: Number of the run that read it.
        dataset: Slug.
        day: The day.
        as_of: When it was read.
        total: Of all its volumes.
        rows: How many there are.
        reasons: Rule and detail of each check that it failed.
        decision: `accepted`, `rejected` or `superseded`; None: it waits.
        decided_at: When that was.
        decided_run: Run that carried it out.
    """

    run: int
    dataset: str
    day: date
    as_of: datetime
    total: int
    rows: int
    reasons: tuple[tuple[str, str], ...]
    decision: str | None
    decided_at: datetime | None
    decided_run: int | None


@dataclass(frozen=True, slots=True)
class Shown:
    """A run as an operator sees it.

    Attributes:
        run: What became of it.
        held: The days it held, ascending.
        actor: Who decided, if it carries out a decision.
        reason: Why.
    """

    run: Run
    held: list[Held]
    actor: str | None
    reason: str | None


def listed(database: Database, dataset: str | None, most: int) -> list[Run]:
    """Return the newest runs, of one dataset or of all, newest first."""
    with database.read() as session:
        return [
            loading.run_of(row) for row in session.scalars(work.runs(dataset, most))
        ]


def waiting(database: Database) -> list[Held]:
    """Return the days that wait for a decision, by day."""
    with database.read() as session:
        return [_shown(row) for row in session.scalars(work.waiting_days())]


def waiting_lists(database: Database) -> list[Run]:
    """Return the runs whose lists of models were held, of each source the last."""
    with database.read() as session:
        return [
            loading.run_of(row)
            for row in session.scalars(work.last_runs())
            if row.dataset is None and row.verdict == "quarantined"
        ]


def shown(database: Database, run: int) -> Shown:
    """Return a run and the days it held.

    Raises:
        UnknownError: There is no such run.
    """
    with database.read() as session:
        row = _run(session, run)
        held = [_shown(one) for one in session.scalars(work.held_by(run))]
        actor, reason = row.decided_by, row.decided_reason
        return Shown(loading.run_of(row), held, actor, reason)


def accept(
    database: Database,
    run: int,
    days: Collection[date] = (),
    *,
    actor: str,
    reason: str,
    now: datetime,
) -> Run:
    """Publish days that a run held.

    Days of the same run that were held only because of these are judged again, and
    published with them if they pass now.

    Args:
        database: The record.
        run: Number of the run that held them.
        days: Which ones; empty: all that wait. One that was rejected may be named too.
        actor: Who decides.
        reason: Why the numbers are right.
        now: The present moment.

    Returns:
        The run that carried it out; its verdict tells whether anything was published.

    Raises:
        UnknownError: There is no such run.
        BadValueError: It holds no such day, or nothing is said of who and why.
    """
    _check(actor, reason)
    with database.write() as session:
        releasing.lock(session)
        chosen = _chosen(session, run, days, rejected=True)
        row = _open(session, chosen[0], actor, reason, now)
        accepted = {held.period_start for held in chosen}
        waits = [
            held
            for held in session.scalars(work.held_by(run))
            if _waits(held) or held.period_start in accepted
        ]
        refused = _judged(session, _batch(waits), accepted)
        good = [held for held in waits if held.period_start not in refused]
        done = _publish(session, good, row, now)
        late = done.those(*_TOO_LATE)
        for held in good:
            is_late = held.period_start in late
            _decide(held, "superseded" if is_late else "accepted", row, now)
        dataset = row.dataset or ""
        quarantine.supersede(session, dataset, done.days, row.id or 0, now)
        ingest.count(row, sum(len(held.volumes) for held in good), done.counts)
        row.checks = [asdict(check) for check in _found(good, accepted)]
        kept = "superseded" if late else "unchanged"
        endings.close_run(row, kept if done.release is None else "published", now)
        return loading.run_of(row)


def reject(
    database: Database,
    run: int,
    days: Collection[date] = (),
    *,
    actor: str,
    reason: str,
    now: datetime,
) -> Run:
    """Turn down days that a run held; the same numbers are not held again.

    Args and errors as for `accept`. Nothing is published.
    """
    _check(actor, reason)
    with database.write() as session:
        releasing.lock(session)
        chosen = _chosen(session, run, days)
        row = _open(session, chosen[0], actor, reason, now)
        for held in chosen:
            _decide(held, "rejected", row, now)
        told = [Check("rejected", passed=True, detail=_days(chosen))]
        row.checks = [asdict(check) for check in told]
        row.rows_in = row.rows_rejected = sum(len(held.volumes) for held in chosen)
        endings.close_run(row, "rejected", now)
        return loading.run_of(row)


def _check(actor: str, reason: str) -> None:
    for name, text in (("by", actor), ("reason", reason)):
        if not text.strip() or len(text) > _LONGEST or not text.isprintable():
            raise BadValueError.of(
                name, text, f"give 1 to {_LONGEST} printable characters"
            )


def _chosen(
    session: Session, run: int, days: Collection[date], *, rejected: bool = False
) -> list[HeldRow]:
    """Return what is decided on; what was rejected only by name, and if it may be."""
    _run(session, run)
    rows = session.scalars(work.held_by(run)).all()
    again = {row.period_start for row in rows if row.decision == "rejected"} & {*days}
    waits = [
        row for row in rows if _waits(row) or (rejected and row.period_start in again)
    ]
    if not waits:
        told = "; ".join(f"{r.period_start} was {r.decision}" for r in rows)
        reason = f"no day of this run waits for a decision{': ' if told else ''}{told}"
        raise BadValueError.of("run", str(run), reason)
    known = {row.period_start: row for row in waits}
    for day in days:
        if day not in known:
            raise BadValueError.of(
                "day",
                str(day),
                f"run {run} holds no such day",
                allowed=[str(d) for d in known],
            )
    return [known[day] for day in sorted(days or known)]


def _run(session: Session, number: int) -> RunRow:
    row = session.get(RunRow, number)
    if row is None:
        raise UnknownError("run", str(number), [], "modelcensus runs list")
    return row


def _waits(row: HeldRow) -> bool:
    return row.decision is None


def _open(
    session: Session, held: HeldRow, actor: str, reason: str, now: datetime
) -> RunRow:
    before = session.get_one(RunRow, held.run)
    row = ingest.open_run(session, Job(before.source, held.dataset, DECISION), now)
    row.payload, row.as_of = before.payload, held.as_of
    row.decided_by, row.decided_reason = actor, reason
    return row


def _batch(rows: Sequence[HeldRow]) -> Batch:
    days = [row.period_start for row in rows]
    return Batch(
        rows[0].dataset,
        Window(min(days), max(days)),
        rows[0].as_of,
        quarantine.observations(rows),
    )


def _publish(
    session: Session, rows: Sequence[HeldRow], row: RunRow, now: datetime
) -> Publication:
    batch = _batch(rows)
    told = {held.period_start for held in rows}
    between = {day for day in batch.window.days() if day not in told}
    return publish(session, batch, run=row.id or 0, published_at=now, aside=between)


def _judged(session: Session, batch: Batch, accepted: set[date]) -> set[date]:
    """Return the days to leave held, of those that nobody has chosen."""
    dataset = loading.dataset(session, batch.dataset)
    contract = quarantine.contract(session, batch.dataset)
    judged = quarantine.judge(session, batch, dataset, contract, accepted)
    return judged.aside - accepted


def _found(good: Sequence[HeldRow], accepted: set[date]) -> list[Check]:
    told = {held.period_start for held in good}
    named = (("accepted", told & accepted), ("followed", told - accepted))
    return [
        Check(name, passed=True, detail=", ".join(map(str, sorted(days))))
        for name, days in named
        if days
    ]


def _decide(held: HeldRow, decision: str, row: RunRow, now: datetime) -> None:
    held.decision, held.decided_at, held.decided_run = decision, now, row.id


def _days(rows: Sequence[HeldRow]) -> str:
    return ", ".join(str(row.period_start) for row in rows)


def _shown(row: HeldRow) -> Held:
    return Held(
        run=row.run,
        dataset=row.dataset,
        day=row.period_start,
        as_of=row.as_of,
        total=sum(volume for *_, volume in row.volumes),
        rows=len(row.volumes),
        reasons=tuple((check["rule"], check["detail"]) for check in row.checks),
        decision=row.decision,
        decided_at=row.decided_at,
        decided_run=row.decided_run,
    )
