import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, func, select, text
from sqlalchemy.exc import IntegrityError

from app.errors import RecordError, UnavailableError
from app.store import migrate
from app.store.database import Database
from app.store.dialect import table_of
from app.store.tables import ProviderRow, Record
from tests.store import facts

only_sqlite = pytest.mark.parametrize("kind", ["sqlite"])
only_postgresql = pytest.mark.parametrize("kind", ["postgresql"])

# What a database says of itself, in its own words.
SCHEMA = {
    "sqlite": "SELECT type, name, sql FROM sqlite_master WHERE tbl_name <> :other",
    "postgresql": """
        SELECT 'constraint', conname, conrelid::regclass || pg_get_constraintdef(oid)
        FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace
          AND conrelid <> coalesce(to_regclass(:other), 0)
        UNION ALL
        SELECT 'index', indexname, indexdef FROM pg_indexes
        WHERE schemaname = 'public' AND tablename <> :other
        UNION ALL
        SELECT 'column', table_name || '.' || column_name, concat_ws(
            ' ', data_type, is_nullable, column_default)
        FROM information_schema.columns
        WHERE table_schema = 'public' AND table_name <> :other
    """,
}


def config(connection: Connection) -> Config:
    found = Config()
    found.set_main_option("script_location", str(migrate.location()))
    found.attributes["connection"] = connection
    return found


def schema(connection: Connection) -> dict[tuple[str, str], set[str]]:
    rows = connection.execute(
        text(SCHEMA[connection.dialect.name]), {"other": "alembic_version"}
    )
    # By line: the order of constraints within a table means nothing.
    return {
        (type_, name): {line.strip(", \t") for line in (sql or "").splitlines()}
        for type_, name, sql in rows
    }


def counts(database: Database) -> dict[str, int]:
    with database.read() as session:
        return {
            table.name: session.scalar(select(func.count()).select_from(table)) or 0
            for table in Record.metadata.sorted_tables
        }


def everything(database: Database) -> dict[str, list[str]]:
    with database.read() as session:
        return {
            table.name: sorted(str(row) for row in session.execute(select(table)))
            for table in Record.metadata.sorted_tables
        }


def test_tables_go_up_down_and_up(empty_database: Database) -> None:
    migrate.upgrade(empty_database)
    assert migrate.current(empty_database) == migrate.head()
    with empty_database.schema_change() as connection:
        first = schema(connection)

    migrate.downgrade(empty_database, "base")
    assert migrate.current(empty_database) is None
    with empty_database.schema_change() as connection:
        assert schema(connection) == {}

    migrate.upgrade(empty_database)
    with empty_database.schema_change() as connection:
        assert schema(connection) == first


def test_a_full_record_goes_down_and_up(database: Database) -> None:
    with database.write() as session:
        facts.populate(session)
    assert all(counts(database)[table_of(row).name] for row in facts.FILLED)

    migrate.downgrade(database, "base")
    migrate.upgrade(database)

    assert {name for name, n in counts(database).items() if n} == {"head"}
    with database.write() as session:
        facts.populate(session)


def test_going_up_again_changes_nothing(database: Database) -> None:
    with database.write() as session:
        facts.populate(session)
    before = everything(database)

    migrate.upgrade(database)

    assert everything(database) == before


def test_tables_and_migrations_agree(database: Database) -> None:
    with database.schema_change() as connection:
        command.check(config(connection))


def test_every_constraint_is_migrated(database: Database, empty_url: str) -> None:
    other = Database(empty_url, create=True)
    with other.schema_change() as connection:
        Record.metadata.create_all(connection)
        expected = schema(connection)
    other.close()

    with database.schema_change() as connection:
        found = schema(connection)

    assert len(found) > len(Record.metadata.tables)
    assert found == expected


@only_sqlite
def test_every_table_is_strict(database: Database) -> None:
    with database.schema_change() as connection:
        tables = connection.execute(text("PRAGMA table_list")).mappings().all()

    ours = [t for t in tables if t["name"] in Record.metadata.tables]
    assert len(ours) == len(Record.metadata.tables) == 21
    assert all(table["strict"] for table in ours)
    assert [t["name"] for t in ours if t["wr"]] == ["observation"]


def test_one_history_of_numbered_revisions() -> None:
    scripts = ScriptDirectory(str(migrate.location()))
    revisions = [script.revision for script in scripts.walk_revisions()]

    assert scripts.get_heads() == [migrate.head()] == revisions[:1]
    assert revisions == sorted(revisions, reverse=True)
    assert {p.name[:4] for p in Path(scripts.versions).glob("*.py")} == set(revisions)


def test_two_processes_may_start_together(empty_url: str) -> None:
    code = (
        "import sys; from app.store import migrate;"
        "from app.store.database import Database;"
        "database = Database(sys.argv[1], create=True); sys.stdin.read();"
        "migrate.upgrade(database); print(migrate.current(database));"
        "database.close()"
    )
    processes = [
        subprocess.Popen(  # noqa: S603 # our own code
            [sys.executable, "-W", "error", "-c", code, empty_url],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    time.sleep(1.5)
    for process in processes:
        assert process.stdin
        process.stdin.close()
        process.stdin = None

    told = [process.communicate(timeout=60) for process in processes]
    # Before its answer, one that had to wait for another may have said so.
    assert [(out.splitlines()[-1], err) for out, err in told] == [
        (migrate.head(), "") for _ in processes
    ]


def test_many_may_make_one_file_at_the_same_moment(
    empty_sqlite: Callable[[], str],
) -> None:
    # SQLite does not wait for others who switch the same file to WAL; we do.
    together = threading.Barrier(8)

    def change(url: str) -> None:
        database = Database(url, create=True)
        together.wait()
        with database.schema_change() as connection:
            connection.execute(text("CREATE TABLE IF NOT EXISTS one (x INTEGER)"))
        database.close()

    for url in [empty_sqlite() for _ in range(20)]:
        with ThreadPoolExecutor(together.parties) as pool:
            assert list(pool.map(change, [url] * together.parties)) == [None] * 8


def test_a_migration_that_fails_leaves_the_tables_as_they_were(
    database: Database,
) -> None:
    with database.schema_change() as connection:
        before = schema(connection)

    with pytest.raises(ZeroDivisionError):
        fail_half_way(database)

    with database.schema_change() as connection:
        assert schema(connection) == before
    assert migrate.current(database) == migrate.head()


def fail_half_way(database: Database) -> None:
    with database.schema_change() as connection:
        Record.metadata.drop_all(connection)
        connection.execute(text("DELETE FROM alembic_version"))
        raise ZeroDivisionError


@only_sqlite
def test_a_rebuilt_parent_keeps_its_children(database: Database) -> None:
    with database.write() as session:
        facts.populate(session)
    before = everything(database)

    with database.schema_change() as connection:
        operations = Operations(MigrationContext.configure(connection))
        for table in ("release", "series", "run", "dataset"):
            with operations.batch_alter_table(table, recreate="always"):
                pass

    assert everything(database) == before
    with database.write() as session:
        session.add(ProviderRow(slug="lab", release_from=99))
        with pytest.raises(IntegrityError):
            session.flush()
        session.rollback()


@only_sqlite
def test_a_migration_that_loses_a_parent_is_undone(database: Database) -> None:
    with database.write() as session:
        facts.populate(session)
    before = everything(database)

    with pytest.raises(RecordError, match="refer to a series that is not there"):
        lose_the_series(database)

    assert everything(database) == before


def lose_the_series(database: Database) -> None:
    with database.schema_change() as connection:
        connection.execute(text("DELETE FROM series"))


def test_a_record_of_a_later_version_is_left_alone(database: Database) -> None:
    with database.schema_change() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(RecordError, match="install the later version"):
        migrate.upgrade(database)

    assert migrate.current(database) == "9999"


@only_postgresql
def test_a_migration_does_not_wait_for_long(database: Database) -> None:
    started = time.monotonic()
    with database.read() as session:
        session.execute(text("SELECT * FROM series"))
        with pytest.raises(UnavailableError):
            migrate.downgrade(database, "base")

    assert 3 < time.monotonic() - started < 20
    assert migrate.current(database) == migrate.head()


def test_a_new_sqlite_record_is_made_fast(empty_sqlite: Callable[[], str]) -> None:
    times = []
    for _ in range(3):
        made = Database(empty_sqlite(), create=True)
        started = time.perf_counter()
        migrate.upgrade(made)
        times.append(time.perf_counter() - started)
        made.close()

    assert min(times) < 0.4


def test_the_command_line_of_alembic_works(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MODELCENSUS_DATABASE_URL", database_url)
    ini = migrate.location().parent / "alembic.ini"

    command.check(Config(str(ini)))
