import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from app.errors import RecordError, UnavailableError
from app.store import migrate, queries
from app.store.database import Database, concurrent_safe, sqlite_version
from app.store.tables import HeadRow, PayloadRow, ProviderRow, Record
from tests.store import facts
from tests.store.facts import NOON

only_sqlite = pytest.mark.parametrize("kind", ["sqlite"])
only_postgresql = pytest.mark.parametrize("kind", ["postgresql"])


def head_of(database: Database) -> int | None:
    with database.read() as session:
        return session.scalar(queries.head())


def fill(database: Database, *more: Record) -> None:
    with database.write() as session:
        facts.populate(session)
        session.flush()
        session.add_all(more)


def fill_half(database: Database) -> None:
    with database.write() as session:
        facts.populate(session)
        session.flush()
        raise ZeroDivisionError


def read_all(database: Database) -> None:
    with database.read() as session:
        session.scalar(queries.head())
        session.execute(text("PRAGMA integrity_check")).all()
        session.execute(queries.releases(9)).all()


def path_of(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///"))


def test_a_write_is_kept(database: Database) -> None:
    fill(database)

    assert head_of(database) == 2


def test_a_read_session_throws_changes_away(database: Database) -> None:
    with database.read() as session:
        facts.populate(session)
        session.flush()
        assert session.scalar(queries.head()) == 2

    assert head_of(database) is None


def test_a_write_that_fails_leaves_nothing(database: Database) -> None:
    with pytest.raises(ZeroDivisionError):
        fill_half(database)

    assert head_of(database) is None


def test_what_is_refused_at_the_end_leaves_nothing(database: Database) -> None:
    with pytest.raises(IntegrityError):
        fill(database, ProviderRow(slug="lab", release_from=99))

    assert head_of(database) is None


def test_objects_can_be_used_after_the_commit(database: Database) -> None:
    with database.write() as session:
        facts.populate(session)
        head = session.get_one(HeadRow, 1)

    assert head.release == 2


def test_a_read_session_sees_one_state(database: Database) -> None:
    with database.read() as session:
        assert session.scalar(queries.head()) is None
        fill(database)
        session.expire_all()
        assert session.scalar(queries.head()) is None

    assert head_of(database) == 2


def test_two_writers_wait_for_each_other(database: Database) -> None:
    fill(database)
    order = []
    inside = threading.Event()

    def second() -> None:
        inside.wait(10)
        with database.write() as session:
            head = session.scalars(queries.locked_head()).one()
            order.append(head.release)

    thread = threading.Thread(target=second)
    thread.start()
    with database.write() as session:
        head = session.scalars(queries.locked_head()).one()
        inside.set()
        thread.join(0.3)
        assert thread.is_alive()
        order.append(0)
        head.release = 1
    thread.join(10)

    assert order == [0, 1]


def test_foreign_keys_are_on_in_every_session(database: Database) -> None:
    for opened in (database.read, database.write):
        with opened() as session:
            session.add(ProviderRow(slug="lab", release_from=99))
            with pytest.raises(IntegrityError):
                session.flush()
            session.rollback()


@only_sqlite
def test_a_lost_file_is_not_an_empty_record(database_url: str) -> None:
    path = path_of(database_url)
    path.unlink()
    for create in (False, True):
        lost = Database(database_url, create=create)
        with pytest.raises(UnavailableError, match=f"no record {path.name}"):
            head_of(lost)
        with pytest.raises(UnavailableError, match=f"no record {path.name}"):
            fill(lost)
    with pytest.raises(UnavailableError):
        migrate.upgrade(Database(database_url))

    assert not path.exists()


@only_sqlite
def test_a_file_moved_away_while_open_is_missed(
    database: Database, database_url: str
) -> None:
    path = path_of(database_url)
    head_of(database)
    away = path.rename(path.with_suffix(".away"))

    with pytest.raises(UnavailableError):
        fill(database)

    away.rename(path)
    assert head_of(database) is None


@only_sqlite
@pytest.mark.parametrize("damage", ["text", "header", "pages", "cut"])
def test_a_damaged_file_is_one_clear_sentence(database_url: str, damage: str) -> None:
    path = path_of(database_url)
    bytes_ = path.read_bytes()
    path.write_bytes(
        {
            "text": b"This is no database, only some text." * 100,
            "header": b"\xff" * 100 + bytes_[100:],
            "pages": bytes_[:100] + b"\xff" * (len(bytes_) - 100),
            "cut": bytes_[: len(bytes_) // 3],
        }[damage]
    )
    damaged = Database(database_url)

    with pytest.raises(RecordError) as caught:
        read_all(damaged)

    assert str(caught.value) == (
        f"The record {path.name} is damaged or not a database: restore a backup."
    )


def test_a_record_without_tables_says_what_to_do(empty_database: Database) -> None:
    with empty_database.schema_change():
        pass  # SQLite: make the file

    with pytest.raises(RecordError, match="run `modelcensus migrate`"):
        head_of(empty_database)


@only_postgresql
@pytest.mark.parametrize("change", ["name", "host"])
def test_an_absent_server_is_unavailable(database_url: str, change: str) -> None:
    before, _, host = database_url.partition("?")
    url = f"{before}-not?{host}" if change == "name" else f"{before}?host=/nowhere"
    absent = Database(url)

    with pytest.raises(UnavailableError) as caught:
        head_of(absent)
    with pytest.raises(UnavailableError):
        fill(absent)

    assert str(caught.value) == "The record on PostgreSQL does not answer: try again."
    with pytest.raises(UnavailableError):
        migrate.upgrade(absent)


def head_of_killed(database: Database) -> None:
    kill = text(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    with database.read() as session:
        session.scalar(queries.head())
        with database.write() as killer:
            killer.execute(kill)
        session.scalar(queries.head())


@only_postgresql
def test_a_killed_connection_is_replaced(database: Database) -> None:
    with pytest.raises(UnavailableError):
        head_of_killed(database)

    assert head_of(database) is None


@pytest.mark.parametrize(
    "url",
    [
        "",
        "nonsense",
        "mysql://x/y",
        "sqlite://",
        "sqlite:///:memory:",
        "sqlite:///a?b=c",
    ],
)
def test_a_url_that_is_no_record_is_refused(url: str) -> None:
    with pytest.raises(RecordError, match=r"database URL|is kept in"):
        Database(url)


def test_errors_hold_no_password() -> None:
    absent = Database("postgresql://me:secret@localhost:1/x")

    with pytest.raises(UnavailableError) as caught:
        head_of(absent)

    assert "secret" not in str(caught.value)


def test_which_sqlite_several_processes_may_share() -> None:
    assert not concurrent_safe((3, 40, 1))
    assert not concurrent_safe((3, 51, 2))
    assert concurrent_safe((3, 51, 3))
    assert concurrent_safe((3, 53, 0))
    assert concurrent_safe() == (sqlite_version() > (3, 51, 2))
    assert sqlite_version() >= (3, 37, 0), "STRICT tables need it"


@only_sqlite
def test_sqlite_writes_ahead(database: Database) -> None:
    with database.read() as session:
        assert session.scalar(text("PRAGMA journal_mode")) == "wal"


def test_reading_imports_no_alembic(database_url: str) -> None:
    code = (
        "import sys; from app.store import migrate, queries;"
        "from app.store.database import Database;"
        "database = Database(sys.argv[1]); migrate.upgrade(database);"
        "assert migrate.current(database) == migrate.head();"
        "exec('with database.read() as s: s.scalar(queries.head())');"
        "database.close();"
        "assert 'alembic' not in sys.modules; print('done')"
    )
    done = subprocess.run(  # noqa: S603 # our own code
        [sys.executable, "-W", "error", "-c", code, database_url],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ,
    )

    assert (done.stdout, done.stderr) == ("done\n", "")


def test_a_bug_is_not_dressed_up(database: Database) -> None:
    with database.read() as session, pytest.raises(DBAPIError):
        session.execute(text("SELECT no_such_function(1)"))
    with pytest.raises(DBAPIError):
        ask_nonsense(database)


def ask_nonsense(database: Database) -> None:
    with database.read() as session:
        session.execute(text("SELEKT 1"))


@only_sqlite
def test_a_full_disk_keeps_what_was_there(database: Database) -> None:
    fill(database)

    with pytest.raises(UnavailableError, match="is full: make room"):
        fill_the_disk(database)

    assert head_of(database) == 2


def fill_the_disk(database: Database) -> None:
    with database.write() as session:
        session.get_one(HeadRow, 1).release = 1
        session.execute(text("PRAGMA max_page_count = 1"))
        session.add(
            PayloadRow(
                sha256="b", body=bytes(10**6), media_type="", url="", fetched_at=NOON
            )
        )


@only_sqlite
def test_a_restored_file_is_read_at_once(
    database: Database, database_url: str, new_sqlite: Callable[[], str]
) -> None:
    url = new_sqlite()
    backup = Database(url)
    fill(backup)
    backup.close()
    assert head_of(database) is None

    path_of(url).replace(path_of(database_url))

    assert head_of(database) == 2
