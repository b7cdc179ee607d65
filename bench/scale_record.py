"""Records of a hundred times today's size, kept from one run to the next.

Days, series and volumes are written by the database itself, as fast as it can; models,
claims and the dataset by the services that always do. The rows are those that one file
of an operator would have left, in one release; only its digest is not computed, which
would take longer than all the rest and is of no use to a reader.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, create_engine, text
from sqlalchemy.orm import Session

from app.domain.datasets import Dataset
from app.domain.periods import Interval
from app.domain.registry import Attribution, Confidence, Dimension, Subject
from app.services import curate, newcomers, releasing
from app.services.curate import Category, Edit
from app.services.declaring import Declaration, declare
from app.services.preparing import prepare
from app.services.releasing import Release
from app.settings import Settings
from app.store.database import Database
from app.store.dialect import insert_many
from app.store.tables import ReleaseRow, RunRow, SeriesRow
from bench.records import server

DATASET = "gateway"
LAYERS = 20
PROVIDERS = 50
FIRST = date(2021, 6, 1)
READ = datetime(2026, 6, 1, tzinfo=UTC)
_VERSION = 1
_ORIGINS = ("US", "CN", "FR", "KR", "CA", "IL", "AE", "JP")
_INDEXES = {
    "uq_observation_current": "CREATE UNIQUE INDEX uq_observation_current ON "
    "observation (series, period_start) WHERE release_to IS NULL",
    "ix_observation_opened": "CREATE INDEX ix_observation_opened ON "
    "observation (release_from)",
}


@dataclass(frozen=True, slots=True)
class Size:
    """How large a record is; every cell of it is filled.

    Attributes:
        name: As it is called in results.
        days: Days there are.
        models: Models there are, each in every layer.
    """

    name: str
    days: int
    models: int

    @property
    def rows(self) -> int:
        """Observations there are."""
        return self.days * self.models * LAYERS

    @property
    def last(self) -> date:
        """The last day there is."""
        return FIRST + timedelta(days=self.days - 1)


SIZES = (
    Size("100 k", 100, 50),
    Size("3.65 M", 1_825, 100),
    Size("36.5 M", 1_825, 1_000),
)


def model(number: int) -> str:
    """Return the slug of a model."""
    return f"lab-{number % PROVIDERS:02}/m-{number:04}"


def day_of(text: str) -> date:
    """Return a day spelt as in an answer."""
    return date.fromisoformat(text)


def volume(day: date, series: int) -> int:
    """Return the volume of a series on a day, as `_FILL` has it."""
    days = (day - date(1970, 1, 1)).days
    return (days * 7919 + series * 104_729) % 999_983 * (series % 1_000 + 1)


def sqlite(folder: Path, size: Size) -> str:
    """Return the URL of a file of SQLite with a record; made if it is not there."""
    path = folder / f"scale-{_VERSION}-{size.rows}.db"
    if not path.exists():
        made = path.with_suffix(".part")
        for old in folder.glob(f"{made.name}*"):
            old.unlink()
        _make(f"sqlite:///{made}", size)
        made.rename(path)
    return f"sqlite:///{path}"


@contextmanager
def postgresql(folder: Path, size: Size) -> Iterator[str]:
    """Yield the URL of a PostgreSQL with a record; made if it is not there."""
    place = folder / f"scale-{_VERSION}-postgresql"
    place.mkdir(exist_ok=True)
    name, part = f"scale_{size.rows}", f"part_{size.rows}"
    with server(place, keep=True) as url:
        admin = create_engine(
            url.format(name="postgres").replace("://", "+psycopg://", 1),
            isolation_level="AUTOCOMMIT",
        )
        with admin.connect() as connection:
            known = text("SELECT 1 FROM pg_database WHERE datname = :name")
            if not connection.execute(known, {"name": name}).first():
                connection.execute(text(f"DROP DATABASE IF EXISTS {part}"))
                connection.execute(text(f"CREATE DATABASE {part}"))
                _make(url.format(name=part), size)
                connection.execute(text(f"ALTER DATABASE {part} RENAME TO {name}"))
        admin.dispose()
        yield url.format(name=name)


def _make(url: str, size: Size) -> None:
    database = Database(url, create=True)
    prepare(database, Settings().registry_dir, READ)
    with database.write() as session:
        declare(session, _declaration(), run=None, now=READ)
    with database.write() as session:
        number = _release(session, size)
        _registry(session, size, number)
        _series(session, size, number)
        _fill(session.connection(), size, number, database.dialect)
        session.execute(text("UPDATE head SET release = :number"), {"number": number})
    with database.write() as session:
        session.execute(text("ANALYZE"))
    database.close()


def _declaration() -> Declaration:
    dataset = Dataset(
        slug=DATASET,
        name="Gateway",
        publisher="Acme",
        scope="What goes through our gateway.",
        metric="Tokens",
        unit="tokens",
        grain=Interval.DAY,
        license="ours",
        citation="Acme",
        url="",
        dimensions=(
            Dimension.ORIGIN,
            Dimension.PROVIDER,
            Dimension.BASE,
            Dimension.MODEL,
            Dimension.CATEGORY,
            Dimension.WEIGHTS,
        ),
        default_group=Dimension.PROVIDER,
        additive=True,
        scale=1,
        revision_days=0,
        top_n=None,
        cadence_hours=None,
        caveats=(),
    )
    layers = (Category(DATASET, one, one.title()) for one in map(layer, range(LAYERS)))
    return Declaration(dataset, "structure", tuple(layers))


def layer(number: int) -> str:
    """Return the slug of a category."""
    return f"use-{number:02}"


def _release(session: Session, size: Size) -> int:
    run = RunRow(
        source="file",
        dataset=DATASET,
        trigger="cli",
        started_at=READ,
        finished_at=READ,
        verdict="published",
        as_of=READ,
        rows_in=size.rows,
        rows_new=size.rows,
        rows_changed=0,
        rows_same=0,
        rows_rejected=0,
        checks=[],
    )
    session.add(run)
    session.flush()
    release = Release("data", f"{size.rows} rows.", READ, dataset=DATASET, run=run.id)
    number = releasing.open_release(session, release)
    made = session.get_one(ReleaseRow, number)
    made.digest = "0" * 64
    made.changes = {"observations": {"opened": size.rows, "closed": 0}}
    return number


def _registry(session: Session, size: Size, number: int) -> None:
    """Add models, and claims of every kind of certainty."""
    newcomers.introduce(session, map(model, range(size.models)), number)
    claims = []
    for at in range(min(PROVIDERS, size.models)):
        origin = _ORIGINS[at % len(_ORIGINS)]
        doubted = Confidence.DISPUTED if at % 10 == 0 else Confidence.HIGH
        others = ("SG",) if at % 10 == 0 else ()
        of = (Subject.PROVIDER, f"lab-{at:02}", Dimension.ORIGIN)
        claims.append(Attribution(*of, origin, doubted, "Made up.", others))
    for at in range(size.models):
        weights = ("open", "closed")[at % 2]
        sure = Confidence.LOW if at % 9 == 0 else Confidence.HIGH
        of = (Subject.MODEL, model(at), Dimension.WEIGHTS)
        claims.append(Attribution(*of, weights, sure, "Made up."))
    curate.add(session, Edit(claims=claims), number)


def _series(session: Session, size: Size, number: int) -> None:
    rows = [
        {
            "dataset": DATASET,
            "kind": "model",
            "key": f"model:{subject}@{category}",
            "subject": subject,
            "category": category,
            "release_from": number,
        }
        for category in map(layer, range(LAYERS))
        for subject in map(model, range(size.models))
    ]
    insert_many(session, SeriesRow, rows)


_DAYS = {
    "sqlite": """WITH RECURSIVE days (day) AS (
        SELECT :first UNION ALL SELECT day + 1 FROM days WHERE day < :last)""",
    "postgresql": """WITH days (day) AS (
        SELECT generate_series(CAST(:first AS integer), CAST(:last AS integer)))""",
}
_DAY = {"sqlite": "day", "postgresql": "DATE '1970-01-01' + day"}
# Nested loops, days first: as the rows lie in the table.
_FILL = """INSERT INTO observation
        (period_start, series, release_from, volume, run)
    {days}
    SELECT {day}, series.id, :number,
        (CAST(day AS bigint) * 7919 + series.id * 104729) % 999983
            * (series.id % 1000 + 1), :run
    FROM days CROSS JOIN series WHERE series.dataset = :dataset
    {order}"""
_SUM = """INSERT INTO period (dataset, period_start, release_from, as_of, run,
        total, rows, flagged)
    SELECT :dataset, period_start, :number, :read, :run, sum(volume), count(*), {no}
    FROM observation WHERE release_from = :number GROUP BY period_start"""


def _fill(connection: Connection, size: Size, number: int, dialect: str) -> None:
    epoch = date(1970, 1, 1)
    run = connection.execute(
        text("SELECT run FROM release WHERE id = :number"), {"number": number}
    ).scalar_one()
    given = {"number": number, "run": run, "dataset": DATASET}
    days = {"first": (FIRST - epoch).days, "last": (size.last - epoch).days}
    read = READ.strftime("%Y-%m-%dT%H:%M:%S.%fZ") if dialect == "sqlite" else READ
    order = "" if dialect == "sqlite" else "ORDER BY 1, 2"
    fill = _FILL.format(days=_DAYS[dialect], day=_DAY[dialect], order=order)
    no = "0" if dialect == "sqlite" else "false"
    if dialect == "postgresql":
        # Every row refers to three others, and is right by the way it is made.
        connection.execute(text("SET LOCAL session_replication_role = replica"))
    for name in _INDEXES:
        connection.execute(text(f"DROP INDEX {name}"))
    connection.execute(text(fill), given | days)
    connection.execute(text(_SUM.format(no=no)), given | {"read": read})
    for statement in _INDEXES.values():
        connection.execute(text(statement))
