from app.store import migrate
from app.store.database import Database


def test_tables_go_up_down_and_up(empty_database: Database) -> None:
    migrate.upgrade(empty_database)
    assert migrate.current(empty_database) == migrate.head()
    migrate.downgrade(empty_database, "base")
    assert migrate.current(empty_database) is None
    migrate.upgrade(empty_database)
    assert migrate.current(empty_database) == migrate.head()
