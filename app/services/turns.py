"""When a source is to be read next, by what the record says of its last run.

Not by what a process remembers: a restart asks nobody again, a turn that was missed is
taken late, and a turn that any process has taken is taken for all.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from app.domain.readings import Reading
from app.settings import Settings
from app.sources import known
from app.store import work
from app.store.database import Database

_AGAIN = timedelta(hours=1)


def readings(settings: Settings, now: Callable[[], datetime]) -> tuple[Reading, ...]:
    """Return what is read on schedule, as the settings say."""
    sources = known.scheduled(settings, now)
    return (
        *(Reading(one.name, one.dataset, one.every) for one in sources),
        *(Reading(o.name, None, o.every) for o in known.registries(settings, now)),
    )


def due(database: Database, source: str, every: timedelta, now: datetime) -> datetime:
    """Return when a source is to be read next.

    Args:
        database: The record.
        source: Its name.
        every: How often it is worth reading. After a run that failed it is an hour, if
            that is less.
        now: The present moment.

    Returns:
        A moment; `now` if the source was never read, or its last run was interrupted.
    """
    with database.read() as session:
        last = session.scalars(work.last_run(source)).first()
    if last is None or last.finished_at is None:
        return now
    wait = min(every, _AGAIN) if last.verdict == "failed" else every
    # A run of a clock that was ahead must not put off the next one.
    return min(last.finished_at, now) + wait
