"""The one history of the tables: up, down, and where a record stands.

Alembic is imported when there is something to change, never to find out.
"""

import re
from pathlib import Path

from sqlalchemy import Connection, inspect, text

from app.errors import RecordError
from app.store.database import Database

_VERSION = re.compile(r"([0-9]{4})_\w+\.py")


def upgrade(database: Database) -> None:
    """Bring the tables up to this version of the code.

    Safe to repeat, and to start in several processes at once: one does it, the others
    wait and find it done.

    Raises:
        RecordError: The record was made by a later version of the code.
    """
    with database.schema_change() as connection:
        found = _revision(connection)
        if found == head():
            return
        if found is not None and found > head():
            raise RecordError(
                f"The record is at revision {found}, this version of the code at "
                f"{head()}: install the later version again."
            )
        _run(connection, "upgrade", head())


def downgrade(database: Database, revision: str) -> None:
    """Take the tables down to a revision such as `0001`, or to `base`.

    What has no place in the earlier tables is lost.
    """
    with database.schema_change() as connection:
        if _revision(connection) is not None:
            _run(connection, "downgrade", revision)


def current(database: Database) -> str | None:
    """Return the revision a record is at; None if it has no tables yet."""
    with database.read() as session:
        return _revision(session.connection())


def head() -> str:
    """Return the revision this version of the code works with."""
    names = (_VERSION.fullmatch(p.name) for p in (location() / "versions").iterdir())
    return max(match[1] for match in names if match)


def location() -> Path:
    """Return the folder of the migrations: in the package, or beside it."""
    package = Path(__file__).parent.parent
    inside = package / "migrations"
    return inside if inside.is_dir() else package.parent / "migrations"


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.scalar(
        text("SELECT version_num FROM alembic_version")
    )
    return found


def _run(connection: Connection, direction: str, revision: str) -> None:
    # A third of a second that a start without changes need not spend.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(location()).replace("%", "%%"))
    config.attributes["connection"] = connection
    getattr(command, direction)(config, revision)
