"""A small record behind the door, to publish into while it is asked."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from starlette.testclient import TestClient

from app.domain.observations import Payload
from app.main import create_app
from app.services import ingest
from app.services.ingest import Job
from app.services.snapshots import Snapshots
from app.store.database import Database
from tests.api.conftest import PUBLIC, Clock, settings
from tests.domain import examples
from tests.services import published
from tests.services.published import MONDAY, TOKENS, TUESDAY, WEDNESDAY, Told

FIRST = datetime(2026, 8, 24, 3, tzinfo=UTC)
EVIDENCE = "https://acme.example/moved"
TOLD: Told = {
    MONDAY: {"acme/one": 60, "bolt/two:free": 30, "other": 10},
    TUESDAY: {"acme/one": 20, "bolt/two:free": 60, "other": 20},
    WEDNESDAY: {"acme/one": 25, "bolt/two:free": 50, "other": 25},
}


def noon(release: int) -> datetime:
    """Return when a release was published: one a day."""
    return FIRST + timedelta(days=release - 1)


@dataclass(frozen=True)
class Record:
    """A record, what is in memory of it, and the door before it."""

    database: Database
    snapshots: Snapshots
    client: TestClient
    clock: Clock

    def get(self, url: str, **headers: str) -> Any:
        """Ask; the public address of a link may stand before the path."""
        return self.client.get(url.removeprefix(PUBLIC), headers=headers)

    def rows(self, url: str) -> list[dict[str, Any]]:
        """Return the rows of an answer that there is."""
        reply = self.get(url)
        assert reply.status_code == 200, reply.text
        found: list[dict[str, Any]] = reply.json()["data"]
        return found

    def publish(self, told: Told, release: int) -> None:
        """Publish days, as read some hours after release `release` - 2."""
        day = date(2026, 8, 20) + timedelta(days=release)
        taken = published.batch(
            datetime(day.year, day.month, day.day, tzinfo=UTC), told
        )
        ingest.take(
            self.database,
            lambda: Payload(repr(taken).encode(), "text/plain", "file:test", FIRST),
            lambda _: [taken],
            Job("test", TOKENS, "cli"),
            now=lambda: noon(release),
        )
        self.snapshots.refresh()
        assert self.snapshots.current.release.id == release

    def edit(self, summary: str, release: int, subject: str, **values: str) -> None:
        """Publish claims about one subject."""
        claims = [
            examples.claim(subject, name, value, basis=summary, evidence=EVIDENCE)
            for name, value in values.items()
        ]
        edit = published.claims(*claims)
        made = published.apply(self.database, edit, summary, at=noon(release))
        assert made == release
        self.snapshots.refresh()

    def restate(self) -> None:
        """Publish release 3, a restated Monday, and 4, another home of acme."""
        self.publish({MONDAY: {**TOLD[MONDAY], "acme/one": 80}}, 3)
        self.edit("Acme moved.", 4, "acme", origin="FR")


def record(database: Database) -> Record:
    """Return a record with release 1, the registry, and 2, three days."""
    published.begin(database, at=noon(1))
    snapshots = Snapshots(database)
    snapshots.refresh()
    clock = Clock(datetime(2026, 10, 20, 12, tzinfo=UTC))
    front = create_app(settings(), snapshots, now=clock)
    client = TestClient(front, follow_redirects=False)
    made = Record(database, snapshots, client, clock)
    made.publish(TOLD, 2)
    return made
