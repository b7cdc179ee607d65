"""Quotas of an upstream that all processes use together, counted in the record.

A window begins with its first call and lasts its whole length. Any span of that length
meets at most two windows, so each of them gets half of what is published.
"""

import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from app.sources._data_api import PER_DAY, PER_MINUTE
from app.sources._limits import Quota
from app.store import work
from app.store.database import Database
from app.store.dialect import insert_missing
from app.store.operational import QuotaRow

Clock = Callable[[], datetime]


class Shared:
    """A quota: at most `most` calls within any `per`, by whichever process.

    Raises `UnavailableError` while the database is away: what cannot be counted is
    not asked.
    """

    def __init__(
        self,
        database: Database,
        name: str,
        most: int,
        per: timedelta,
        now: Clock,
        *,
        retries: int | None = None,
    ) -> None:
        """Allow so many calls, and no call again once `retries` were made."""
        self._database = database
        self._name = name
        self._per = per
        self._most = most // 2
        self._retries = self._most if retries is None else retries // 2
        self._now = now

    def wait(self, longest: float, *, again: bool = False) -> bool:
        """Wait for a turn; see `Quota.wait`."""
        end = time.monotonic() + longest
        while (pause := self._take(self._retries if again else self._most)) > 0:
            if pause > end - time.monotonic():
                return False
            time.sleep(pause)
        return True

    def _take(self, most: int) -> float:
        """Take a turn and return 0, or return the seconds until there is one."""
        now, seconds = self._now(), round(self._per.total_seconds())
        with self._database.write() as session:
            unused = {"name": self._name, "seconds": seconds, "since": now, "spent": 0}
            insert_missing(session, QuotaRow, [unused])
            row = session.scalars(work.locked_quota(self._name, seconds)).one()
            # A clock that was ahead must not close the window for as long as it was.
            row.since = min(row.since, now)
            if now - row.since >= self._per:
                row.since, row.spent = now, 0
            if row.spent >= most:
                return (row.since + self._per - now).total_seconds()
            row.spent += 1
            return 0.0


def data_api(database: Database, now: Clock) -> Sequence[Quota]:
    """Return what OpenRouter's Data API allows one key and one account."""
    name = "openrouter-data-api"
    return (
        Shared(database, name, PER_MINUTE, timedelta(minutes=1), now),
        Shared(database, name, PER_DAY, timedelta(days=1), now, retries=PER_DAY // 2),
    )
