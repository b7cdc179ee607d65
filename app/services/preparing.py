"""Making a record ready to be used: tables, bundled facts, this version's formulas."""

from datetime import datetime
from pathlib import Path

from app.services import bundle, releasing
from app.store import migrate
from app.store.database import Database


def prepare(database: Database, registry_dir: Path, now: datetime) -> None:
    """Bring a record to this version of the code, and fill one that has no release yet.

    Tables first, then the facts. A record whose numbers were computed by an earlier
    method gets one release that says so; older releases keep their formulas.

    Safe to repeat, and to start in several processes at once: one does it, the others
    wait and find it done.

    Args:
        database: The record.
        registry_dir: Where the files of the bundle are.
        now: The present moment.

    Raises:
        RecordError: The record was made by a later version, or is damaged.
        UnavailableError: The database is away.
    """
    migrate.upgrade(database)
    if not bundle.load(database, registry_dir):
        with database.write() as session:
            releasing.adopt_method(session, now)
