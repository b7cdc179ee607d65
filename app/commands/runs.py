"""`modelcensus runs`: what was read, what is held, and what becomes of it."""

import getpass
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, TypedDict

import typer

from app.commands.opened import present_moment, record
from app.domain.datasets import Run
from app.errors import BadValueError
from app.settings import Settings

if TYPE_CHECKING:
    from app.services.deciding import Held

runs = typer.Typer(
    no_args_is_help=True, help="See what was read, and decide on days that are held."
)

_Number = Annotated[int, typer.Argument(min=1, help="As `runs list` shows it.")]
_Days = Annotated[
    list[datetime] | None,
    typer.Option(
        "--day",
        formats=["%Y-%m-%d"],
        help="Only this day; repeatable. Without it, all that wait.",
    ),
]
_Reason = Annotated[str, typer.Option(help="Why, in a sentence.")]
_By = Annotated[str | None, typer.Option(help="Who decides; default: you.")]


@runs.command("list")
def list_runs(
    dataset: Annotated[str | None, typer.Option(help="Only this dataset.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many.")] = 20,
    *,
    held: Annotated[
        bool, typer.Option("--held", help="Only what waits for a decision.")
    ] = False,
) -> None:
    """Show the newest runs, newest first, or what waits for a decision."""
    from app.services import deciding  # noqa: PLC0415

    with record() as database:
        if not held:
            for run in deciding.listed(database, dataset, limit):
                typer.echo(_line(run))
            return
        waiting = deciding.waiting(database)
        lists = [] if dataset else deciding.waiting_lists(database)
    chosen = [one for one in waiting if dataset in {None, one.dataset}][:limit]
    for one in chosen:
        typer.echo(f"run {one.run} {one.dataset} {_held(one)}")
    for run in lists:
        typer.echo(f"run {run.id} {run.source} (waits): {run.reason}")
    if not chosen and not lists:
        typer.echo("Nothing waits for a decision.")


@runs.command("show")
def show_run(number: _Number) -> None:
    """Show one run: its checks, and the days it held with the reasons."""
    from app.services import deciding  # noqa: PLC0415

    with record() as database:
        shown = deciding.shown(database, number)
    run = shown.run
    typer.echo(_line(run))
    typer.echo(f"started {run.started_at}, ended {run.finished_at or 'not yet'}")
    typer.echo(f"as of {run.as_of or 'nothing'}, payload {run.payload or 'none'}")
    if shown.actor:
        typer.echo(f"decided by {shown.actor}: {shown.reason}")
    if run.reason:
        typer.echo(run.reason)
    for check in run.checks:
        state = "ok" if check["passed"] else "FAILED"
        typer.echo(f"  {state} {check['name']}: {check['detail']}")
    for one in shown.held:
        typer.echo(f"held {_held(one)}")


@runs.command("accept")
def accept_days(
    number: _Number, reason: _Reason, day: _Days = None, by: _By = None
) -> None:
    """Publish what a run held: one release, and a note of who did and why."""
    from app.services import deciding, listings  # noqa: PLC0415
    from app.sources import known  # noqa: PLC0415

    with record() as database:
        shown = deciding.shown(database, number)
        lists = {one.name: one for one in known.registries(Settings(), present_moment)}
        source = lists.get(shown.run.source)
        if source is None:
            run = deciding.accept(
                database, number, _dates(day), **_said(reason, by, present_moment())
            )
        elif day:
            raise BadValueError.of("day", str(number), "this run read a list, no days")
        else:
            run = listings.accept(
                database, number, source.parse, **_said(reason, by, present_moment())
            )
    _tell(run)


@runs.command("reject")
def reject_days(
    number: _Number, reason: _Reason, day: _Days = None, by: _By = None
) -> None:
    """Turn down days that a run held; the same numbers are not held again.

    To take it back, accept the day by name.
    """
    from app.services import deciding  # noqa: PLC0415

    with record() as database:
        run = deciding.reject(
            database, number, _dates(day), **_said(reason, by, present_moment())
        )
    _tell(run)


class _Said(TypedDict):
    actor: str
    reason: str
    now: datetime


def _said(reason: str, by: str | None, now: datetime) -> _Said:
    return {"actor": by or getpass.getuser(), "reason": reason, "now": now}


def _dates(days: list[datetime] | None) -> list[date]:
    return [moment.date() for moment in days or ()]


def _tell(run: Run) -> None:
    typer.echo(_line(run))
    for check in run.checks:
        typer.echo(f"  {check['name']}: {check['detail']}")


def _line(run: Run) -> str:
    return (
        f"{run.id} {run.started_at:%Y-%m-%d %H:%M} {run.verdict} {run.source} "
        f"{run.dataset or '-'} {run.counts['in']} rows, {run.counts['new']} new, "
        f"{run.counts['changed']} changed, {run.counts['rejected']} rejected"
    )


def _held(one: "Held") -> str:
    reasons = "; ".join(f"{rule}: {detail}" for rule, detail in one.reasons)
    state = one.decision or "waits"
    if one.decided_run is not None:
        state += f" by run {one.decided_run}"
    return f"{one.day} ({state}), {one.rows} rows, total {one.total}: {reasons}"
