"""The operator's door: parse, one call, one line out.

An expected failure is one line on stderr and exit code 1. What only one command needs
is imported by it: a server should not wait for the imports of a migration.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

from app import logs
from app.commands.datasets import datasets
from app.commands.deciding import key_ring, registry
from app.commands.runs import runs
from app.domain.datasets import Run
from app.domain.questions import DEFAULT_DATASET
from app.errors import AppError, RecordError, UnknownError, UpstreamError
from app.settings import Settings
from app.store.database import Database, concurrent_safe, sqlite_version

app = typer.Typer(
    name="modelcensus",
    help="An open statistics service for AI-model usage.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

app.add_typer(registry, name="registry")
app.add_typer(key_ring, name="keys")
app.add_typer(datasets, name="datasets")
app.add_typer(runs, name="runs")

_BAD = {"failed", "rejected", "quarantined"}


@app.callback()
def _configure() -> None:
    logs.configure(Settings().log_level)


def main() -> None:
    """Run the command that the arguments name."""
    try:
        app()
    except AppError as error:
        sys.exit(f"modelcensus: {error}")
    except ValidationError as error:
        # Of the settings. Their values are left out: one of them is a key.
        found = error.errors(include_url=False, include_input=False)
        told = [f"MODELCENSUS_{str(e['loc'][0]).upper()}: {e['msg']}" for e in found]
        sys.exit(f"modelcensus: {'; '.join(told)}")


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
    uvicorn.run(
        "app.main:from_environment",
        factory=True,
        host=host,
        port=port,
        workers=count,
        proxy_headers=False,
        server_header=False,
        access_log=False,
        log_config=None,
    )


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
def ingest(
    name: Annotated[
        str, typer.Argument(help="Dataset or source to read, or dataset of the file.")
    ] = DEFAULT_DATASET,
    file: Annotated[
        Path | None, typer.Option(help="Read this CSV or JSON file instead.")
    ] = None,
    as_of: Annotated[
        str | None,
        typer.Option(help="When the file's figures were read: 2026-08-22T02:00:00Z."),
    ] = None,
) -> None:
    """Read a source once. Safe to repeat: the same report is recorded once."""
    settings = Settings()
    with _record(settings) as database:
        runs = (
            _read(settings, database, name)
            if file is None
            else _take(database, file, name, as_of)
        )
    if not runs:
        typer.echo(f"{name}: there is nothing to read yet.")
    for run in runs:
        typer.echo(_told(run), err=run.verdict in _BAD)
    if any(run.verdict in _BAD for run in runs):
        raise typer.Exit(1)


def _read(settings: Settings, database: Database, name: str) -> list[Run]:
    import httpx2  # noqa: PLC0415

    from app.services import ingest as service  # noqa: PLC0415
    from app.sources import known  # noqa: PLC0415

    chosen = known.named(settings, _now, name)
    if not chosen:
        found = known.sources(settings, _now)
        names = {n for source in found for n in (source.name, source.dataset)}
        raise UnknownError("source", name, sorted(names), "modelcensus ingest --help")
    runs: list[Run] = []
    with httpx2.Client() as client:
        for source in chosen:
            read = service.read(database, source, client, trigger="cli", now=_now)
            if read is None:
                raise UpstreamError(source.name, "another process reads it right now.")
            runs += read
    return runs


def _take(database: Database, file: Path, name: str, as_of: str | None) -> list[Run]:
    from app.services import ingest as service  # noqa: PLC0415
    from app.sources import files  # noqa: PLC0415

    moment = None if as_of is None else _moment(as_of)
    return service.take(
        database,
        lambda: files.load(file, _now()),
        partial(files.parse, dataset=name, as_of=moment),
        service.Job(f"file:{file.name}", name, "cli"),
        now=_now,
    )


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise typer.BadParameter(
            "give a moment with its zone, as in 2026-08-22T02:00:00Z",
            param_hint="--as-of",
        )
    return moment.astimezone(UTC)


def _told(run: Run) -> str:
    counts = run.counts
    line = (
        f"run {run.id}: {run.verdict}; {counts['in']} rows: {counts['new']} new, "
        f"{counts['changed']} changed, {counts['same']} same, "
        f"{counts['rejected']} rejected"
    )
    return f"{line}. {run.reason}" if run.reason else line


@app.command()
def status() -> None:
    """Show what was read last and how fresh it is; exit 1 if anything needs a look."""
    from app.services import evidence  # noqa: PLC0415
    from app.services.snapshots import Snapshots  # noqa: PLC0415

    with _record(Settings()) as database:
        snapshots = Snapshots(database)
        snapshots.refresh()
        data = evidence.status(snapshots.current, _now()).data
    typer.echo(f"release {data['release']}, published {data['published_at']}")
    bad = False
    for one in data["datasets"]:  # type: ignore[attr-defined] # JSON-ready, a list
        run = one["last_run"] or {"verdict": "never read"}
        typer.echo(
            f"{one['dataset']}: {one['freshness']}, data through "
            f"{one['data_through'] or 'never'}; last run {run['verdict']}"
            f"{', gaps ' + ', '.join(one['gaps']) if one['gaps'] else ''}"
        )
        bad = bad or one["freshness"] == "stale" or run["verdict"] in _BAD
    if bad:
        raise typer.Exit(1)


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
