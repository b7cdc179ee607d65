"""What is asked of the tables that no answer shows: arrivals, runs, leases, keys.

Pure functions that return statements, as in `app.store.queries`.
"""

from datetime import date, datetime

from sqlalchemy import Select, func, select
from sqlmodel import col

from app.domain.datasets import DECISION
from app.domain.periods import Window
from app.store.operational import (
    ApiKeyRow,
    ConfirmationRow,
    ContractRow,
    HeldRow,
    LeaseRow,
    QuotaRow,
)
from app.store.tables import PayloadRow, RunRow


def confirmations(dataset: str, window: Window) -> Select[ConfirmationRow]:
    """Return when each day of a window was last told, and last left out."""
    return select(ConfirmationRow).where(
        col(ConfirmationRow.dataset) == dataset,
        col(ConfirmationRow.period_start).between(window.first, window.last),
    )


def contract(dataset: str) -> Select[str]:
    """Return the name of a dataset's contract, or nothing."""
    return select(col(ContractRow.name)).where(col(ContractRow.dataset) == dataset)


def run(number: int) -> Select[RunRow]:
    """Return one run."""
    return select(RunRow).where(col(RunRow.id) == number)


def runs(dataset: str | None, most: int) -> Select[RunRow]:
    """Return the newest runs, of one dataset or of all, newest first."""
    statement = select(RunRow).order_by(col(RunRow.id).desc()).limit(most)
    return (
        statement
        if dataset is None
        else statement.where(col(RunRow.dataset) == dataset)
    )


def unfinished_runs(source: str) -> Select[RunRow]:
    """Return the runs of a source that were started and have no verdict yet."""
    return select(RunRow).where(
        col(RunRow.source) == source, col(RunRow.verdict) == "running"
    )


def lost_runs(before: datetime, now: datetime) -> Select[RunRow]:
    """Return unfinished runs that began before a moment, and have no lease now."""
    source = col(RunRow.source)
    lease = select(LeaseRow).where(
        col(LeaseRow.name) == source, col(LeaseRow.expires_at) > now
    )
    return select(RunRow).where(
        col(RunRow.verdict) == "running",
        col(RunRow.started_at) < before,
        ~lease.exists(),
    )


def last_run(source: str) -> Select[RunRow]:
    """Return the last run that read a source, or nothing: a decision reads none."""
    number = col(RunRow.id)
    of_source = select(RunRow).where(
        col(RunRow.source) == source, col(RunRow.trigger) != DECISION
    )
    return of_source.order_by(number.desc()).limit(1)


def last_list_taken(source: str) -> Select[RunRow]:
    """Return the last run that took a list of models from a source, or nothing."""
    number = col(RunRow.id)
    taken = select(RunRow).where(
        col(RunRow.source) == source,
        col(RunRow.verdict).in_(["published", "unchanged"]),
        col(RunRow.payload).is_not(None),
    )
    return taken.order_by(number.desc()).limit(1)


def last_runs(count: int = 1) -> Select[RunRow]:
    """Return the last `count` runs of every source and dataset, newest first."""
    number = col(RunRow.id)
    rank = func.row_number().over(
        partition_by=(col(RunRow.source), col(RunRow.dataset)), order_by=number.desc()
    )
    ranked = select(number.label("id"), rank.label("rank")).subquery()
    return (
        select(RunRow)
        .join(ranked, ranked.c.id == number)
        .where(ranked.c.rank <= count)
        .order_by(number.desc())
    )


def newest_run() -> Select[int | None, int]:
    """Return the number of the newest run, and how many of the newest have ended.

    The number is null before the first. Of more than 100 runs that are under way at
    once, one may end unnoticed until the next begins.
    """
    newest = (
        select(col(RunRow.id).label("id"), col(RunRow.finished_at).label("ended"))
        .order_by(col(RunRow.id).desc())
        .limit(100)
        .subquery()
    )
    return select(func.max(newest.c.id), func.count(newest.c.ended))


def held_days(dataset: str, day: date) -> Select[HeldRow]:
    """Return every reading of a day that was held, decided or not, oldest first."""
    return (
        select(HeldRow)
        .where(col(HeldRow.dataset) == dataset, col(HeldRow.period_start) == day)
        .order_by(col(HeldRow.id))
    )


def waiting_days(dataset: str | None = None) -> Select[HeldRow]:
    """Return the readings that wait for a decision, of one dataset or of all."""
    statement = select(HeldRow).where(col(HeldRow.decision).is_(None))
    if dataset is not None:
        statement = statement.where(col(HeldRow.dataset) == dataset)
    return statement.order_by(col(HeldRow.period_start), col(HeldRow.id))


def held_by(run: int) -> Select[HeldRow]:
    """Return the days that a run held, ascending."""
    day = col(HeldRow.period_start)
    return select(HeldRow).where(col(HeldRow.run) == run).order_by(day)


def payload_hashes() -> Select[str]:
    """Return the hashes of all payloads, in no order."""
    return select(col(PayloadRow.sha256))


def payload(sha256: str) -> Select[PayloadRow]:
    """Return a payload by its hash."""
    return select(PayloadRow).where(col(PayloadRow.sha256) == sha256)


def locked_lease(name: str) -> Select[LeaseRow]:
    """Return a lease, held until the end of the transaction."""
    return select(LeaseRow).where(col(LeaseRow.name) == name).with_for_update()


def locked_quota(name: str, seconds: int) -> Select[QuotaRow]:
    """Return how much of a quota is used, held until the end of the transaction."""
    return (
        select(QuotaRow)
        .where(col(QuotaRow.name) == name, col(QuotaRow.seconds) == seconds)
        .with_for_update()
    )


# Who may write


def api_keys() -> Select[ApiKeyRow]:
    """Return every key, oldest first."""
    return select(ApiKeyRow).order_by(col(ApiKeyRow.id))


def api_keys_of(prefix: str) -> Select[ApiKeyRow]:
    """Return the keys of a prefix: one, or none."""
    return select(ApiKeyRow).where(col(ApiKeyRow.prefix) == prefix)
