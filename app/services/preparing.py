"""Making a record ready to be used: tables first, then the bundled facts."""

from pathlib import Path

from app.services import bundle
from app.store import migrate
from app.store.database import Database


def prepare(database: Database, registry_dir: Path) -> None:
    """Bring the tables to this version, and fill a record that has no release yet.

    Safe to repeat, and to start in several processes at once: one does it, the others
    wait and find it done.

    Raises:
        RecordError: The record was made by a later version, or is damaged.
        UnavailableError: The database is away.
    """
    migrate.upgrade(database)
    bundle.load(database, registry_dir)
