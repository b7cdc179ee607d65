"""The clock's door: every source is read when it is due, in the serving process.

Any number of processes may run a schedule: a lease lets one of them read.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Self

import httpx2
import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger

from app.errors import AppError
from app.services import ingest
from app.settings import Settings
from app.sources import known
from app.sources.source import Source
from app.store.database import Database

log = structlog.get_logger()


class Schedule:
    """Reads each source at start, and then every `source.every`.

    Due times live in memory: after a restart each source is read once more, which is
    harmless because what is known already changes nothing.
    """

    def __init__(
        self,
        database: Database,
        sources: Sequence[Source],
        now: Callable[[], datetime],
    ) -> None:
        """Plan the readings; nothing starts before `start`."""
        self._database = database
        self._now = now
        self._client = httpx2.Client()
        self._leaving = False
        self._scheduler = BackgroundScheduler(
            timezone="UTC", executors={"default": ThreadPoolExecutor(1)}
        )
        for source in sources:
            self._scheduler.add_job(
                self._attempt,
                IntervalTrigger(seconds=int(source.every.total_seconds())),
                [source],
                id=source.name,
                # By the scheduler's own clock: from any other it would count on, turn
                # by turn, for as long as the two differ.
                next_run_time=datetime.now(UTC),
                # One late run makes up for any number of missed ones.
                coalesce=True,
                misfire_grace_time=None,
            )

    @classmethod
    def of(
        cls, settings: Settings, database: Database, now: Callable[[], datetime]
    ) -> Self:
        """Return the schedule that the settings ask for; it may be empty."""
        return cls(database, known.scheduled(settings, now), now)

    def __enter__(self) -> Self:
        self._scheduler.start()
        return self

    def __exit__(self, *_: object) -> None:
        # A reading that is under way is cut off, and its run ended by the next one.
        self._leaving = True
        self._scheduler.shutdown(wait=False)
        self._client.close()

    def _attempt(self, source: Source) -> None:
        try:
            if not ingest.is_declared(self._database, source.dataset):
                return
            ingest.read(
                self._database,
                source,
                self._client,
                trigger="schedule",
                now=self._now,
            )
        except AppError as error:
            # The database is away, say. The next due time tries again; a bug is not
            # caught here, and the scheduler logs it.
            log.warning("ingestion failed", source=source.name, reason=str(error))
        except RuntimeError:
            # What a client raises that was closed while it was to try again.
            if not self._leaving:
                raise
