"""A small record of a test's own: written through the services, read back plainly."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from app.domain.datasets import Annotation, Run
from app.domain.observations import Batch, Observation, Payload, SeriesKind
from app.domain.periods import Window
from app.domain.registry import Alias, Attribution
from app.domain.snapshot import DatasetView, Snapshot
from app.services import curate, ingest, loading
from app.services.curate import Edit
from app.services.ingest import Job
from app.services.releasing import Release
from app.store import queries
from app.store.database import Database
from app.store.tables import RunRow
from tests.domain import examples

TOKENS = "openrouter-tokens"
DATASET = examples.dataset(slug=TOKENS, caveats=("top_50",))
NOW = datetime(2026, 8, 24, 3, tzinfo=UTC)
MONDAY, TUESDAY, WEDNESDAY = (date(2026, 8, day) for day in (17, 18, 19))

Told = Mapping[date, Mapping[str, int]]
"""Day → model, or `other` → volume."""

EDIT = Edit(
    providers=["acme", "bolt", "stealth"],
    models=[examples.model("acme/one"), examples.model("bolt/two:free")],
    claims=[
        examples.claim("acme", "origin", "US"),
        examples.claim("acme", "name", "Acme Labs"),
        examples.claim("stealth", "kind", "pseudo"),
        examples.claim("acme/one", "provider", "acme"),
        examples.claim("acme/one", "weights", "open"),
        examples.claim("acme/one", "family", "one"),
        examples.claim("bolt/two:free", "provider", "bolt"),
    ],
    aliases=[Alias("openrouter", "acme/uno", "acme/one")],
    datasets=[DATASET],
    annotations=[Annotation(TOKENS, MONDAY, None, "reading", "A note.")],
)


def moment(hours: float) -> datetime:
    """Return a moment some hours after the end of Monday."""
    return datetime(2026, 8, 18, tzinfo=UTC) + timedelta(hours=hours)


def begin(database: Database, *, at: datetime = NOW) -> None:
    """Publish release 1: the registry, and a dataset without a day."""
    assert apply(database, EDIT, at=at) == 1


def apply(
    database: Database, edit: Edit, summary: str = "An edit.", *, at: datetime = NOW
) -> int | None:
    with database.write() as session:
        return curate.apply(session, edit, Release("registry", summary, at))


def claims(*told: Attribution) -> Edit:
    return Edit(claims=told)


def batch(
    as_of: datetime, told: Told, *, first: date | None = None, last: date | None = None
) -> Batch:
    """Return what a source says; the window may begin earlier and end later."""
    window = Window(first or min(told), last or max(told))
    rows = [
        observation(day, subject, volume)
        for day, listed in told.items()
        for subject, volume in listed.items()
    ]
    return Batch(TOKENS, window, as_of, rows)


def observation(day: date, subject: str, volume: Any) -> Observation:
    kind = SeriesKind.REMAINDER if subject == "other" else SeriesKind.MODEL
    return Observation(day, kind, subject, volume)


def take(database: Database, *batches: Batch, job: Job | None = None) -> list[Run]:
    """Take batches as if one payload had held them."""
    return ingest.take(
        database,
        lambda: Payload(repr(batches).encode(), "text/plain", "file:test", NOW),
        lambda _: list(batches),
        job or Job("test", TOKENS, "cli"),
        now=lambda: NOW,
    )


def take_one(database: Database, taken: Batch) -> Run:
    (run,) = take(database, taken)
    return run


def head(database: Database) -> int | None:
    with database.read() as session:
        return session.scalars(queries.head()).one()


def run_row(database: Database, number: int) -> RunRow:
    with database.read() as session:
        return session.get_one(RunRow, number)


def load(database: Database, release: int | None = None) -> Snapshot:
    """Load a release afresh; the newest one unless asked otherwise."""
    with database.read() as session:
        number = release or session.scalars(queries.head()).one()
        assert number is not None
        return loading.load(session, number)


def view(snapshot: Snapshot) -> DatasetView:
    return snapshot.datasets[TOKENS]


def numbers(of: DatasetView) -> dict[date, dict[str, int]]:
    """Return day → subject → volume, of what is listed."""
    if of.span is None:
        return {}
    columns = range(len(of.series))
    volumes = of.cube.by_day(of.span, columns).tolist()
    listed = of.cube.listed(of.span, columns).tolist()
    return {
        day: {of.series[n].subject: volumes[at][n] for n in columns if listed[at][n]}
        for at, day in enumerate(of.span.days())
        if day in of.days
    }


def told(snapshot: Snapshot) -> tuple[object, ...]:
    """Return all that a release says, to be compared; its runs move without it."""
    return (
        replace(snapshot, datasets={}, runs={}),
        {
            slug: (
                found.dataset,
                found.series,
                dict(found.days),
                dict(found.floors),
                numbers(found),
                found.cube.seen(),
                dict(found.categories),
            )
            for slug, found in snapshot.datasets.items()
        },
    )
