"""Run migrations on the connection of `app.store.migrate`, or of the settings."""

from alembic import context
from sqlalchemy import Connection, text

from app.store import operational  # noqa: F401 # its tables belong to the record
from app.store.tables import Record


def run(connection: Connection) -> None:
    """Run what was asked for, inside the transaction of `connection`."""
    if connection.dialect.name == "postgresql":
        # A migration that has to wait would make every reader wait behind it.
        connection.execute(text("SET LOCAL lock_timeout = '4s'"))
        connection.execute(text("SET LOCAL statement_timeout = '60s'"))
    context.configure(
        connection=connection,
        target_metadata=Record.metadata,
        compare_server_default=True,
        render_as_batch=connection.dialect.name == "sqlite",
    )
    context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    # On the way of a start neither is needed, nor wanted: they take time to import.
    from app.settings import Settings
    from app.store.database import Database

    database = Database(Settings().database_url)
    with database.schema_change() as opened:
        run(opened)
    database.close()
