"""The clock's door: every source is read when it is due, in the serving process.

Any number of processes may run a schedule: a lease lets one of them read, and the
record says which turns were taken.
"""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Self

import httpx2
import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.date import DateTrigger

from app.errors import AppError
from app.services import ingest, listings, quotas, turns
from app.services.leases import LASTS
from app.settings import Settings
from app.sources import known
from app.sources.source import RegistrySource, Source
from app.store.database import Database

log = structlog.get_logger()

# The longest pause: a clock that was set, or a machine that slept, is noticed.
_LOOK = timedelta(hours=1)
# The shortest pause after a reading, whatever became of it.
_REST = timedelta(minutes=1)
# Of the time between two turns, the part by which installations differ at random.
_SPREAD = 20
_MOST_SPREAD = timedelta(minutes=10)

Wanted = Callable[[], bool]


@dataclass(frozen=True, slots=True)
class _Turn:
    """What is read again and again. `read` returns None if another process reads."""

    name: str
    every: timedelta
    read: Callable[[Wanted], object]


class Schedule:
    """Reads each source when its last run, whoever made it, is `source.every` ago."""

    def __init__(
        self,
        database: Database,
        sources: Sequence[Source],
        now: Callable[[], datetime],
        *,
        registries: Sequence[RegistrySource] = (),
    ) -> None:
        """Plan the readings; nothing starts before the schedule is entered."""
        self._database = database
        self._now = now
        self._client = httpx2.Client()
        self._leaving = False
        self._left_alone: set[str] = set()
        self._scheduler = BackgroundScheduler(
            timezone="UTC", executors={"default": ThreadPoolExecutor(1)}
        )
        for source in sources:
            read = partial(self._ingest, source)
            self._plan(_Turn(source.name, source.every, read), timedelta())
        for registry in registries:
            read = partial(self._take_list, registry)
            self._plan(_Turn(registry.name, registry.every, read), timedelta())

    @classmethod
    def of(
        cls, settings: Settings, database: Database, now: Callable[[], datetime]
    ) -> Self:
        """Return the schedule that the settings ask for; it may be empty."""
        shared = quotas.data_api(database, now)
        return cls(
            database,
            known.scheduled(settings, now, shared),
            now,
            registries=known.registries(settings, now),
        )

    def __enter__(self) -> Self:
        self._scheduler.start()
        return self

    def __exit__(self, *_: object) -> None:
        # A reading that is under way is cut off, and its run ended by the next one.
        self._leaving = True
        self._scheduler.shutdown(wait=False)
        self._client.close()

    def _plan(self, turn: _Turn, pause: timedelta) -> None:
        if self._leaving:
            return
        self._scheduler.add_job(
            self._attempt,
            # By the scheduler's own clock: from any other it would count on, turn by
            # turn, for as long as the two differ.
            DateTrigger(datetime.now(UTC) + min(pause, _LOOK)),
            [turn],
            id=turn.name,
            replace_existing=True,
            misfire_grace_time=None,
            # The one that plans the next still counts as running.
            max_instances=2,
        )

    def _attempt(self, turn: _Turn) -> None:
        # After a bug, which is not caught here: the scheduler logs it.
        pause = min(turn.every, _LOOK)
        try:
            pause = self._look(turn)
        except AppError as error:
            # The database is away, say. The next look tries again.
            pause = min(turn.every, _REST)
            log.warning("ingestion failed", source=turn.name, reason=str(error))
        except RuntimeError:
            # What a client raises that was closed while it was to try again.
            if not self._leaving:
                raise
        finally:
            self._plan(turn, pause)

    def _look(self, turn: _Turn) -> timedelta:
        """Take a turn if it is due, and return how long to wait for the next look."""
        wait = self._wait(turn)
        if wait > timedelta():
            return wait + _spread(turn.every)
        if turn.read(lambda: self._wait(turn) <= timedelta()) is None:
            return min(turn.every, LASTS)
        return max(self._wait(turn), min(turn.every, _REST)) + _spread(turn.every)

    def _wait(self, turn: _Turn) -> timedelta:
        now = self._now()
        return turns.due(self._database, turn.name, turn.every, now) - now

    def _ingest(self, source: Source, wanted: Wanted) -> object:
        if not ingest.is_declared(self._database, source.dataset):
            self._leave(source)
            return ()
        return ingest.read(
            self._database,
            source,
            self._client,
            trigger="schedule",
            now=self._now,
            wanted=wanted,
        )

    def _take_list(self, source: RegistrySource, wanted: Wanted) -> object:
        return listings.read(
            self._database,
            source,
            self._client,
            trigger="schedule",
            now=self._now,
            wanted=wanted,
        )

    def _leave(self, source: Source) -> None:
        if source.name not in self._left_alone:
            self._left_alone.add(source.name)
            log.warning(
                "source left alone: nobody declared its dataset",
                source=source.name,
                dataset=source.dataset,
            )


def _spread(every: timedelta) -> timedelta:
    return min(every / _SPREAD, _MOST_SPREAD) * secrets.SystemRandom().random()
