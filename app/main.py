"""The serving application: the front, what is behind it, and what runs beside it."""

import asyncio
import gc
import json
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from time import perf_counter
from typing import Any

import structlog
from fastapi import FastAPI

from app import logs
from app.api.access import AccessLog
from app.api.application import application
from app.api.cache import Clock, Present
from app.api.counted import Refreshes
from app.api.exports import Exports
from app.api.front import Front
from app.api.openapi import document
from app.api.problems import Problems
from app.api.readable import readable
from app.drawing.pool import Pool
from app.errors import AppError
from app.services import turns
from app.services.snapshots import Snapshots
from app.settings import Settings
from app.store.database import Database
from app.web.pages import pages
from app.web.problem_page import problem_page
from app.web.site import site

log = structlog.get_logger(__name__)

Task = Callable[[], Coroutine[Any, Any, None]]

# Of the memory for answers, the part for questions spelt differently.
_SPELLINGS = 4

_SWITCH = 0.0005
"""Seconds after which a thread that works gives way."""

_SETTLED = 1.0
"""Seconds for which the first answers come before the reading of sources."""


def _now() -> datetime:
    return datetime.now(UTC)


def create_app(
    settings: Settings,
    snapshots: Snapshots,
    *,
    now: Clock = _now,
    background: Sequence[Task] = (),
) -> Front:
    """Return the ASGI application.

    Args:
        settings: Settings of this deployment.
        snapshots: The releases in memory; refreshed for as long as the application
            lives, whether or not the database can be reached.
        now: The clock.
        background: What else runs beside the answering, until it is cancelled.
    """
    public = _public(settings)
    present = Present(snapshots, now, turns.readings(settings, now))
    access = AccessLog(sys.stdout.write) if settings.access_log else None
    refresher = Refresher(snapshots, now)
    exports = Exports(public, settings.exports_dir)
    drawing = Pool(
        settings.figure_workers,
        settings.figure_queue,
        settings.figure_timeout.total_seconds(),
    )

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await refresher.refresh()
        drawing.open()
        every = settings.refresh_every.total_seconds()
        beside = [_every(every, refresher.refresh), *(task() for task in background)]
        if access is not None:
            beside.append(_flushing(access))
        tasks = [asyncio.create_task(_watched(task)) for task in beside]
        yield
        for task in tasks:
            task.cancel()
        drawing.close()
        exports.close()
        await asyncio.wait(tasks)

    app = application(
        public,
        snapshots,
        present,
        now,
        limit=settings.cache_size // _SPELLINGS,
        pages=pages(public),
        seen=site(),
        record=snapshots.database,
        drawing=drawing,
        exports=exports,
        lifespan=lifespan,
    )
    limit = settings.cache_size - settings.cache_size // _SPELLINGS
    front = Front(
        app,
        present,
        Problems(public),
        now,
        limit=limit,
        short=app.state.short,
        state=app.state,
        readable=readable(problem_page, public),
        access=access,
    )
    app.state.front, app.state.refreshes = front, refresher.refreshes
    return front


def from_environment() -> Front:
    """Return the application of this environment; what a server process calls."""
    settings = Settings()
    logs.configure(settings.log_level)
    database = Database(settings.database_url)
    return create_app(
        settings,
        Snapshots(database, past=settings.past_snapshots),
        background=[_frozen, partial(_scheduled, settings, database)],
    )


async def _frozen() -> None:
    """Keep the collector from looking through what lives as long as the process.

    And let finished answers not wait long for one that is being worked out.
    """
    sys.setswitchinterval(_SWITCH)
    # What a start leaves behind is too little to be looked for first.
    gc.freeze()
    gc.enable()


async def _scheduled(settings: Settings, database: Database) -> None:
    """Read the sources when they are due, until cancelled."""
    await asyncio.sleep(_SETTLED)
    from app.schedule import Schedule  # noqa: PLC0415 (not needed for an answer)

    with Schedule.of(settings, database, _now):
        await asyncio.Event().wait()


def contract() -> str:
    """Return the OpenAPI document as it is published: of a service with defaults."""
    made = document(_public(Settings.model_construct()))
    return json.dumps(made, indent=1, ensure_ascii=False) + "\n"


def _public(settings: Settings) -> str:
    return str(settings.public_url).rstrip("/")


class Refresher:
    """Keeps looking for a newer release; a failure is logged when it begins."""

    def __init__(self, snapshots: Snapshots, now: Clock) -> None:
        self.refreshes = Refreshes()
        self._snapshots = snapshots
        self._now = now
        self._failure: str | None = None

    async def refresh(self) -> None:
        """Look once, in a thread; what is held stays, if that fails."""
        begun = perf_counter()
        try:
            if await asyncio.to_thread(self._snapshots.refresh):
                log.info("release loaded", release=self._snapshots.current.release.id)
            if self._failure is not None:
                log.info("refresh works again")
            self._failure = None
            self.refreshes.at = self._now()
            self.refreshes.seconds = perf_counter() - begun
        except AppError as error:
            self._note(str(error), error)
        except Exception as error:  # noqa: BLE001 (reading must outlive a bug here)
            self._note(repr(error), error)

    def _note(self, failure: str, error: Exception) -> None:
        self.refreshes.failures += 1
        # Once, not every second for as long as a database is away.
        if failure != self._failure:
            log.error("refresh failed", error=failure, exc_info=error)
        self._failure = failure


async def _every(seconds: float, task: Task) -> None:
    while True:
        await asyncio.sleep(seconds)
        await task()


async def _flushing(access: AccessLog) -> None:
    try:
        while True:
            await asyncio.sleep(1)
            access.flush()
    finally:
        access.flush()


async def _watched(task: Coroutine[Any, Any, None]) -> None:
    """Let a task end alone: the answering goes on, and the log says why."""
    try:
        await task
    except Exception:
        log.exception("background task failed")
