"""Who may read a source alone, and until when.

The token only grows. Whoever publishes under a lease shows the token in the same
transaction: a holder that was stopped and wakes up late finds a newer one and is
refused. Advisory locks would not survive a connection pooler; a row does.

A lease is short, so that a holder that died is not waited for, and renewed for as long
as its holder lives.
"""

import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Event, Thread

from sqlalchemy.orm import Session

from app.errors import AppError, StaleBatchError
from app.store import work
from app.store.database import Database
from app.store.dialect import insert_missing
from app.store.operational import LeaseRow

LASTS = timedelta(seconds=75)
"""How long a holder that gives no sign of life is waited for."""

_SIGNS = 4
"""How often a holder gives a sign of life in that time."""

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Lease:
    """A right to do `name` alone, shown by its token."""

    name: str
    token: int


@contextmanager
def alone(database: Database, name: str, now: Clock) -> Iterator[Lease | None]:
    """Hold a lease for as long as the block takes, and this process lives.

    Args:
        database: The record.
        name: What is to be done alone.
        now: The clock.

    Yields:
        The lease; None: somebody else has it.
    """
    holder = f"{socket.gethostname()}:{os.getpid()}"
    lease = acquire(database, name, holder, now())
    if lease is None:
        yield None
        return
    done, pause = Event(), LASTS.total_seconds() / _SIGNS

    def _renew() -> None:
        while not done.wait(pause):
            try:
                if not renew(database, lease, now()):
                    return
            except AppError:
                # The database is away or busy, with what we write perhaps. The next
                # sign of life may be in time; if not, the token tells.
                continue

    # A daemon: a process that is told to end must not wait for its next turn.
    renewing = Thread(target=_renew, name=f"lease of {name}", daemon=True)
    renewing.start()
    try:
        yield lease
    finally:
        done.set()
        renewing.join()
        release(database, lease, now())


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
        # One that lasts longer is from a clock that is wrong: nobody waits for that.
        if timedelta(0) < row.expires_at - now <= 2 * LASTS:
            return None
        row.holder, row.token, row.expires_at = holder, row.token + 1, now + LASTS
        return Lease(name, row.token)


def renew(database: Database, lease: Lease, now: datetime) -> bool:
    """Keep a lease for `LASTS` from now.

    Returns:
        Whether it was kept; False: somebody else has taken it.
    """
    with database.write() as session:
        row = session.scalars(work.locked_lease(lease.name)).one_or_none()
        if row is None or row.token != lease.token:
            return False
        row.expires_at = now + LASTS
        return True


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
