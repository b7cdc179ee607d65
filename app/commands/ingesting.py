"""`modelcensus ingest` and `modelcensus status`: read now, and see how it stands."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from app.commands import opened
from app.domain.datasets import DECISION, Run
from app.domain.questions import DEFAULT_DATASET
from app.errors import AppError, UnknownError, UpstreamError
from app.settings import Settings
from app.sources.source import RegistrySource, Source
from app.store.database import Database

_BAD = {"failed", "rejected", "quarantined"}
_CANNOT_LOOK = 2


def _now() -> datetime:
    return opened.present_moment()


@dataclass(frozen=True, slots=True)
class _Read:
    """What became of one source; `runs` is None while another process reads it."""

    source: str
    runs: list[Run] | None


def ingest(
    name: Annotated[
        str, typer.Argument(help="Dataset or source to read, or dataset of the file.")
    ] = DEFAULT_DATASET,
    *,
    everything: Annotated[
        bool, typer.Option("--all", help="Read all that is read on schedule.")
    ] = False,
    file: Annotated[
        Path | None,
        typer.Option(help="Read this file instead: CSV, JSON, NDJSON or Parquet."),
    ] = None,
    as_of: Annotated[
        str | None,
        typer.Option(help="When the file's figures were read: 2026-08-22T02:00:00Z."),
    ] = None,
) -> None:
    """Read a source once. Safe to repeat: the same report is recorded once.

    Ends with exit code 1 if a run did not end well, or if another process reads the
    source right now; with --all, that is no failure. 2: there is no such file.
    """
    if everything and (file is not None or name != DEFAULT_DATASET):
        raise typer.BadParameter("names no source and no file", param_hint="--all")
    if file is not None:
        _check_there(file)
    settings = Settings()
    with opened.record() as database:
        if everything:
            found = list(_read_all(settings, database))
        elif file is None:
            found = list(_read_named(settings, database, name))
        else:
            found = [_Read("", _take(database, file, name, as_of))]
    _tell(found, name, everything=everything)


def _check_there(file: Path) -> None:
    """End the command if there is no such file: nothing was read, so it is no run."""
    try:
        file.open("rb").close()
    except OSError as error:
        why = error.strerror or type(error).__name__
        line = f"modelcensus: {file.name}: the file cannot be opened: {why}."
        typer.echo(line, err=True)
        raise typer.Exit(_CANNOT_LOOK) from None


def _tell(found: list[_Read], name: str, *, everything: bool) -> None:
    for read in found:
        before = f"{read.source}: " if everything else ""
        if read.runs is None:
            typer.echo(f"{before}another process reads it right now.")
        for run in read.runs or ():
            typer.echo(before + _told(run), err=run.verdict in _BAD)
        if everything and read.runs == []:
            typer.echo(f"{before}there is nothing to read.")
    runs = [run for read in found for run in read.runs or ()]
    if not runs and not everything:
        typer.echo(f"{name}: there is nothing to read yet.")
    if any(run.verdict in _BAD for run in runs):
        raise typer.Exit(1)


def _read_all(settings: Settings, database: Database) -> Iterator[_Read]:
    from app.services import ingest as service  # noqa: PLC0415
    from app.services import quotas  # noqa: PLC0415
    from app.sources import known  # noqa: PLC0415

    for source in known.scheduled(settings, _now, quotas.data_api(database, _now)):
        if service.is_declared(database, source.dataset):
            yield _read(database, source)
        else:
            # Nobody has asked for it: a warehouse, say, before `datasets add`.
            yield _Read(source.name, [])
    for registry in known.registries(settings, _now):
        yield _read_list(database, registry)


def _read_named(settings: Settings, database: Database, name: str) -> Iterator[_Read]:
    from app.services import quotas  # noqa: PLC0415
    from app.sources import known  # noqa: PLC0415

    registries = {one.name: one for one in known.registries(settings, _now)}
    shared = quotas.data_api(database, _now)
    chosen = known.named(settings, _now, name, shared)
    if not chosen and name not in registries:
        found = known.sources(settings, _now)
        names = {n for source in found for n in (source.name, source.dataset)}
        names |= set(registries)
        raise UnknownError("source", name, sorted(names), "modelcensus ingest --help")
    reads: list[Callable[[], _Read]] = [partial(_read, database, s) for s in chosen]
    if not chosen:
        reads = [partial(_read_list, database, registries[name])]
    for read in reads:
        done = read()
        if done.runs is None:
            raise UpstreamError(done.source, "another process reads it right now.")
        yield done


def _read(database: Database, source: Source) -> _Read:
    import httpx2  # noqa: PLC0415

    from app.commands.progress import Watched, bar  # noqa: PLC0415
    from app.services import ingest as service  # noqa: PLC0415

    with httpx2.Client() as client, bar() as shown:
        watched = Watched(source, shown)
        runs = service.read(database, watched, client, trigger="cli", now=_now)
    return _Read(source.name, runs)


def _read_list(database: Database, source: RegistrySource) -> _Read:
    import httpx2  # noqa: PLC0415

    from app.services import listings  # noqa: PLC0415

    with httpx2.Client() as client:
        run = listings.read(database, source, client, trigger="cli", now=_now)
    return _Read(source.name, None if run is None else [run])


def _take(database: Database, file: Path, name: str, as_of: str | None) -> list[Run]:
    from app.commands.progress import bar  # noqa: PLC0415
    from app.services import endings  # noqa: PLC0415
    from app.services import ingest as service  # noqa: PLC0415
    from app.sources import files  # noqa: PLC0415

    moment = None if as_of is None else _moment(as_of)
    source = f"file:{file.name}"
    with bar() as shown, endings.alive(database, source, _now):
        shown.tell(file.name)
        return service.take(
            database,
            lambda: files.load(file, _now()),
            partial(files.parse, dataset=name, as_of=moment),
            service.Job(source, name, "cli"),
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


def status() -> None:
    """Show what was read last and how fresh it is.

    Exit code 0: all is well. 1: something needs a look: a dataset is stale, a source is
    not read when due, a last run ended badly, or a day waits for a decision. 2: the
    record cannot be read.
    """
    from app.services import turns  # noqa: PLC0415
    from app.services.snapshots import Snapshots  # noqa: PLC0415
    from app.services.status import status as stand  # noqa: PLC0415

    settings = Settings()
    try:
        with opened.record() as database:
            snapshots = Snapshots(database)
            snapshots.refresh()
            readings = turns.readings(settings, _now)
            data: Any = stand(snapshots.current, _now(), readings).data
    except AppError as error:
        typer.echo(f"modelcensus: {error}", err=True)
        raise typer.Exit(_CANNOT_LOOK) from None
    typer.echo(f"release {data['release']}, published {data['published_at']}")
    bad = [_dataset(one) for one in data["datasets"]]
    # One that runs says nothing yet; how the run before it ended is told as well.
    shown = {
        one["dataset"]
        for one in data["datasets"]
        if not one["last_run"] or one["last_run"]["verdict"] != "running"
    }
    bad += [_source(one, shown) for one in data["sources"]]
    if any(bad):
        raise typer.Exit(1)


def _dataset(one: dict[str, Any]) -> bool:
    """Show a dataset; return whether it needs a look."""
    run = one["last_run"] or {"verdict": "never read"}
    held = [day["day"] for day in one["held_days"]]
    typer.echo(
        f"{one['dataset']}: {one['freshness']}, data through "
        f"{one['data_through'] or 'never'}; last run {run['verdict']}"
        f"{', gaps ' + ', '.join(one['gaps']) if one['gaps'] else ''}"
        f"{', held ' + ', '.join(held) if held else ''}"
    )
    # Whoever turns days down wants nothing more to be done about them.
    is_bad = run["verdict"] in _BAD and run.get("trigger") != DECISION
    return one["freshness"] == "stale" or is_bad or bool(held)


def _source(one: dict[str, Any], shown: Collection[str]) -> bool:
    """Show a source if it needs a look; return whether it does."""
    last = f"last {one['last_run_at']}" if one["last_run_at"] else "never"
    if one["overdue"]:
        typer.echo(f"{one['source']}: not read when due, {last}")
    # Runs of a dataset were shown with it, unless none of it was ever published.
    bad = one["dataset"] not in shown and one["last_verdict"] in _BAD
    if bad and not one["overdue"]:
        typer.echo(f"{one['source']}: last run {one['last_verdict']}")
    return one["overdue"] or bad
