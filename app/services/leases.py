"""Who may read a source alone, and until when.

The token only grows. Whoever publishes under a lease shows the token in the same
transaction: a holder that was stopped and wakes up late finds a newer one and is
refused. Advisory locks would not survive a connection pooler; a row does.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from app.errors import StaleBatchError
from app.store import work
from app.store.database import Database
from app.store.dialect import insert_missing
from app.store.operational import LeaseRow

LASTS = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Lease:
    """A right to do `name` alone, shown by its token."""

    name: str
    token: int


def acquire(database: Database, name: str, holder: str, now: datetime) -> Lease | None:
    """Take a lease for `LASTS` if nobody else has it.

    Args:
        database: The record.
        name: What is to be done alone.
        holder: Who asks, for people to read.
        now: The present moment.

    Returns:
        The lease, with a new token; None while somebody else has it.
    """
    with database.write() as session:
        free = {"name": name, "holder": "", "token": 0, "expires_at": now}
        insert_missing(session, LeaseRow, [free])
        row = session.scalars(work.locked_lease(name)).one()
        if row.expires_at > now:
            return None
        row.holder, row.token, row.expires_at = holder, row.token + 1, now + LASTS
        return Lease(name, row.token)


def release(database: Database, lease: Lease, now: datetime) -> None:
    """Give a lease back, unless somebody else has it already."""
    with database.write() as session:
        row = session.scalars(work.locked_lease(lease.name)).one_or_none()
        if row is not None and row.token == lease.token:
            row.expires_at = now


def show(session: Session, lease: Lease) -> None:
    """Hold a lease to the end of the transaction.

    Raises:
        StaleBatchError: Somebody else has taken it since.
    """
    row = session.scalars(work.locked_lease(lease.name)).one_or_none()
    if row is None or row.token != lease.token:
        raise StaleBatchError(
            f"Another process reads {lease.name} by now; nothing was written."
        )
