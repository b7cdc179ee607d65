"""What every command begins with: the present moment, and the record."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from app.settings import Settings
from app.store.database import Database


def present_moment() -> datetime:
    """Return the present moment, in UTC."""
    return datetime.now(UTC)


@contextmanager
def record() -> Iterator[Database]:
    """Open the record of the settings, and close it."""
    database = Database(Settings().database_url)
    try:
        yield database
    finally:
        database.close()
