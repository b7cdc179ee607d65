"""The record, opened. The only place that commits."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from app.errors import RecordError
from app.store.engines import (
    concurrent_safe,
    explain,
    parse_url,
    postgresql_engine,
    sqlite_engine,
    sqlite_schema_engine,
    sqlite_version,
)

__all__ = ["Database", "concurrent_safe", "sqlite_version"]

# Of our own choosing: whoever changes the tables holds the lock of this number.
_SCHEMA_LOCK = 0x4D43_0001


class Database:
    """A pool of connections, handed out as sessions.

    Every failure of the database itself comes out as `UnavailableError` (try again) or
    `RecordError` (it will not get better on its own); a refused write as
    `sqlalchemy.exc.IntegrityError`. Safe to share between threads, not between
    processes: open one after a fork.

    Attributes:
        dialect: `sqlite` or `postgresql`.
    """

    def __init__(self, url: str, *, create: bool = False) -> None:
        """Open lazily: nothing is read before the first session.

        Args:
            url: SQLAlchemy URL.
            create: Let `schema_change` make a SQLite file that is not there. Sessions
                never do: a lost file is an error, not an empty record.
        """
        self._url = parse_url(url)
        self._create = create
        self.dialect = self._url.get_backend_name()
        if self.dialect == "sqlite":
            self._engine = sqlite_engine(self._url)
            self._reading: Engine = self._engine
            self._writing: Engine = self._engine.execution_options(
                sqlite_begin="IMMEDIATE"
            )
        else:
            self._engine = postgresql_engine(self._url)
            # All statements of one session see one state, as they do on SQLite.
            self._reading = self._engine.execution_options(
                isolation_level="REPEATABLE READ"
            )
            self._writing = self._engine

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Yield a session that sees one state; its changes are thrown away."""
        with self._explained(), Session(self._reading) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """Yield a session; commit if the block ends well, roll back if it raises.

        On SQLite the session is the only writer from its first statement on.
        """
        with (
            self._explained(),
            Session(self._writing, expire_on_commit=False) as session,
            session.begin(),
        ):
            yield session

    @contextmanager
    def schema_change(self) -> Iterator[Connection]:
        """Yield a connection to change tables with, one process at a time.

        All or nothing. On SQLite foreign keys are off, and checked at the end.

        Raises:
            RecordError: The change left a row that refers to nothing; undone.
        """
        change = (
            self._sqlite_change if self.dialect == "sqlite" else self._postgresql_change
        )
        with self._explained(), change() as connection:
            yield connection

    def close(self) -> None:
        """Return every connection."""
        self._engine.dispose()

    @contextmanager
    def _sqlite_change(self) -> Iterator[Connection]:
        # Connections that are open keep what they know of the tables.
        self._engine.dispose()
        engine = sqlite_schema_engine(self._url, create=self._create)
        with engine.begin() as connection:
            yield connection
            broken = connection.execute(text("PRAGMA foreign_key_check")).first()
            if broken:
                raise RecordError(
                    f"A row of {broken[0]} would refer to a {broken[2]} that is not "
                    "there; nothing was changed."
                )

    @contextmanager
    def _postgresql_change(self) -> Iterator[Connection]:
        with self._engine.begin() as connection:
            connection.execute(text("SET LOCAL lock_timeout = '60s'"))
            connection.execute(
                text("SELECT pg_advisory_xact_lock(:number)"), {"number": _SCHEMA_LOCK}
            )
            yield connection

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except SQLAlchemyError as error:
            explained = explain(error, self._url)
            if explained is None:
                raise
            raise explained from error
