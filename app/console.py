"""The operator's door: parse, one call, one line out.

An expected failure is one line on stderr and exit code 1. What only one command needs
is imported by it: a server should not wait for the imports of a migration.
"""

import gc
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

from app import logs
from app.commands import asking
from app.commands.datasets import datasets
from app.commands.deciding import key_ring, registry
from app.commands.ingesting import ingest, status
from app.commands.runs import runs
from app.errors import AppError, RecordError
from app.settings import Settings
from app.store.database import Database, concurrent_safe, sqlite_version

app = typer.Typer(
    name="modelcensus",
    help="An open statistics service for AI-model usage.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)

app.add_typer(registry, name="registry")
app.add_typer(key_ring, name="keys")
app.add_typer(datasets, name="datasets")
app.add_typer(runs, name="runs")

app.command()(ingest)
app.command()(status)
asking.register(app, datasets)


@app.callback()
def _configure() -> None:
    logs.configure(Settings().log_level)


def run() -> None:
    """Run the command that the arguments name, and exit."""
    try:
        app()
    except AppError as error:
        sys.exit(f"modelcensus: {error}")
    except ValidationError as error:
        # Of the settings. Their values are left out: one of them is a key.
        found = error.errors(include_url=False, include_input=False)
        told = [f"MODELCENSUS_{_setting(e['loc'])}: {e['msg']}" for e in found]
        sys.exit(f"modelcensus: {'; '.join(told)}")


def _setting(loc: tuple[int | str, ...]) -> str:
    """Return the name of a setting, and what of it: `WAREHOUSES 0.dataset`."""
    name, *inner = map(str, loc)
    return " ".join([name.upper(), *filter(None, [".".join(inner)])])


def _now() -> datetime:
    return datetime.now(UTC)


@contextmanager
def _record(settings: Settings, *, create: bool = False) -> Iterator[Database]:
    database = Database(settings.database_url, create=create)
    try:
        yield database
    finally:
        database.close()


def _prepare(settings: Settings) -> None:
    """Bring the record to this version, with the bundle if it is new."""
    from app.services.preparing import prepare  # noqa: PLC0415

    with _record(settings, create=True) as database:
        prepare(database, settings.registry_dir, _now())


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to serve on.")] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Port to serve on.")
    ] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, max=64, help="Serving processes.")
    ] = None,
) -> None:
    """Serve; the record is made, migrated and filled first where that is needed."""
    import uvicorn  # noqa: PLC0415

    settings = Settings()
    count = workers or settings.workers
    url = settings.database_url
    if count > 1 and url.startswith("sqlite") and not concurrent_safe():
        version = ".".join(map(str, sqlite_version()))
        raise RecordError(
            f"SQLite {version} can damage a file that several processes use. Serve "
            "with one worker, or set MODELCENSUS_DATABASE_URL to a PostgreSQL."
        )
    _prepare(settings)
    host, port = host or settings.host, settings.port if port is None else port
    # The workers read the settings anew, each in its own process.
    os.environ["MODELCENSUS_WORKERS"] = str(count)
    if "public_url" not in settings.model_fields_set:
        os.environ["MODELCENSUS_PUBLIC_URL"] = _reached_at(host, port)
    # What a start makes is kept. `main` lets the collector work again, once it serves.
    gc.disable()
    try:
        uvicorn.run(
            "app.main:from_environment",
            factory=True,
            host=host,
            port=port,
            workers=count,
            proxy_headers=False,
            server_header=False,
            http="app.api.protocol:Protocol",
            ws="none",
            access_log=False,
            log_config=None,
        )
    finally:
        gc.enable()


def _reached_at(host: str, port: int) -> str:
    """Return where this machine reaches what is served there."""
    if host in {"0.0.0.0", "::"}:  # noqa: S104 (compared, not served on)
        host = "127.0.0.1"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


@app.command()
def migrate() -> None:
    """Bring the record to the current schema, and fill it if it is new."""
    settings = Settings()
    _prepare(settings)
    typer.echo("The record is up to date.")


@app.command()
def verify() -> None:
    """Recompute digests, hashes and totals, and derive numbers from their payloads."""
    from app.services.verify import verify as check  # noqa: PLC0415
    from app.sources import known  # noqa: PLC0415

    settings = Settings()
    with _record(settings) as database:
        found = check(database, known.parsers(settings, _now))
    for problem in found.problems:
        typer.echo(problem, err=True)
    typer.echo(
        f"{found.releases} releases, {found.observations} observations, "
        f"{found.payloads} payloads, {found.derived} observations derived again; "
        f"digest {found.digest}"
    )
    if found.problems:
        raise typer.Exit(1)


@app.command()
def openapi(
    target: Annotated[Path, typer.Argument(help="Where to write it.")] = Path(
        "openapi/openapi.json"
    ),
) -> None:
    """Write the contract that is served, as OpenAPI."""
    from app.main import contract  # noqa: PLC0415

    try:
        target.write_text(contract(), encoding="utf-8")
    except OSError as error:
        sys.exit(f"modelcensus: {target} cannot be written: {error.strerror}.")
    typer.echo(f"{target} written")
