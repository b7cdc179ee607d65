"""How runs end: with a verdict, or because nobody is at work on them any more."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from app.services import leases
from app.store import work
from app.store.database import Database
from app.store.tables import RunRow

_LOST = "The process ended before the run did."
# A push takes seconds, a large file a minute; whatever may take longer has a lease.
_LONGEST = timedelta(minutes=10)


def close_run(
    row: RunRow, verdict: str, now: datetime, reason: str | None = None
) -> None:
    """End a run with its verdict, and why if it did not end well."""
    row.verdict = verdict
    row.reason = reason
    # A clock that went back must not make a run end before it began.
    row.finished_at = max(now, row.started_at)


def end_unfinished(session: Session, source: str, now: datetime) -> None:
    """End the runs of a source, on which nobody is at work: its lease is ours."""
    for row in session.scalars(work.unfinished_runs(source)):
        close_run(row, "failed", now, _LOST)


def end_lost(session: Session, now: datetime) -> None:
    """End the runs that began long ago and of which nobody gives a sign of life."""
    for row in session.scalars(work.lost_runs(now - _LONGEST, now)):
        close_run(row, "failed", now, _LOST)


@contextmanager
def alive(
    database: Database, source: str, now: Callable[[], datetime]
) -> Iterator[None]:
    """Give signs of life while the block reads a source that many may read at once.

    A run of it that a process has left behind is ended first.

    Args:
        database: The record.
        source: Name of what is read.
        now: The clock.
    """
    with leases.alone(database, source, now) as lease:
        if lease is not None:
            with database.write() as session:
                end_unfinished(session, source, now())
        yield
