"""Current and past releases in memory, kept fresh.

Readers take a whole snapshot and keep it for the length of one question: a refresh
swaps one reference, so old and new never mix and nobody waits.
"""

from collections import OrderedDict
from dataclasses import replace
from datetime import datetime
from threading import Lock

from app.domain.snapshot import Snapshot
from app.errors import OutsideDataError, UnavailableError, UnknownError
from app.services import loading
from app.store import queries, work
from app.store.database import Database


class Snapshots:
    """The newest release, and a few past ones. Safe to share between threads."""

    def __init__(self, database: Database, *, past: int = 4) -> None:
        """Hold nothing yet; `refresh` loads the newest release.

        Args:
            database: The record.
            past: How many past releases are kept, the least recently used go first.
        """
        self.database = database
        self._past = past
        self._held: OrderedDict[int, Snapshot] = OrderedDict()
        self._current: Snapshot | None = None
        self._runs_seen: tuple[int | None, int] | None = None
        self._refreshing = Lock()
        self._loading = Lock()
        self._touching = Lock()

    @property
    def current(self) -> Snapshot:
        """The newest release in memory.

        Raises:
            UnavailableError: Nothing has been published or loaded yet.
        """
        if self._current is None:
            raise UnavailableError("No release has been loaded yet; try again shortly.")
        return self._current

    def refresh(self) -> bool:
        """Take in a newer release, or newer runs, if there are any.

        Returns:
            Whether a newer release was loaded.

        Raises:
            UnavailableError: The database is away; what is held stays as it is.
        """
        with self._refreshing, self.database.read() as session:
            head = session.scalars(queries.head()).first()
            if head is None:
                return False
            newest, ended = session.execute(work.newest_run()).one()
            runs_seen = newest, ended
            known = self._current
            if known is not None and known.release.id == head:
                if runs_seen != self._runs_seen:
                    self._current = replace(
                        known,
                        runs=loading.last_runs(session),
                        held=loading.held_days(session),
                    )
                    self._runs_seen = runs_seen
                return False
            fresh = loading.load(session, head, known)
            self._runs_seen = runs_seen
            self._current = fresh
            if known is not None:
                self._keep(known)
            return True

    def held(self, release: int) -> Snapshot | None:
        """Return a release if it is in memory, without asking the database."""
        current = self._current
        if current is not None and current.release.id == release:
            return current
        with self._touching:
            found = self._held.get(release)
            if found is not None:
                self._held.move_to_end(release)
            return found

    def at(self, release: int) -> Snapshot:
        """Return a release, from memory or from the record.

        A number not seen yet triggers one look for a newer release.

        Raises:
            UnknownError: There is no release of this number.
            UnavailableError: It is not in memory and the database is away.
        """
        current = self.current
        if release > current.release.id:
            self.refresh()
            current = self.current
        if not 1 <= release <= current.release.id:
            numbers = [str(r.id) for r in current.releases]
            raise UnknownError(
                "release",
                str(release),
                numbers,
                "/v1/releases",
                fix={"release": numbers[-1]},
            )
        found = self.held(release)
        if found is not None:
            return found
        # One load at a time: a flood of old releases must not fill the memory.
        with self._loading:
            return self.held(release) or self._load(release)

    def _load(self, release: int) -> Snapshot:
        known = self._nearest(release)
        with self.database.read() as session:
            found = loading.load(session, release, known)
        self._keep(found)
        return found

    def _nearest(self, release: int) -> Snapshot:
        """Return what is in memory and has most in common with a release."""
        with self._touching:
            held = [self.current, *self._held.values()]
        return min(held, key=lambda one: abs(one.release.id - release))

    def _keep(self, snapshot: Snapshot) -> None:
        with self._touching:
            self._held[snapshot.release.id] = snapshot
            self._held.move_to_end(snapshot.release.id)
            while len(self._held) > self._past:
                self._held.popitem(last=False)

    def as_of(self, moment: datetime, now: datetime) -> int:
        """Return the number of the last release published by `moment`.

        Raises:
            OutsideDataError: Nothing was published by then, or it lies ahead.
        """
        releases = self.current.releases
        if moment > now:
            raise OutsideDataError.of(
                "as_of",
                _spelt(moment),
                f"lies in the future; it is {_spelt(now)}",
                fix=_spelt(releases[-1].published_at),
            )
        published = [r.id for r in releases if r.published_at <= moment]
        if not published:
            first = _spelt(releases[0].published_at)
            raise OutsideDataError.of(
                "as_of",
                _spelt(moment),
                f"is before the first release, which was published at {first}",
                fix=first,
            )
        return published[-1]


def _spelt(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")
