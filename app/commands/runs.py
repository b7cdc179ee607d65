"""`modelcensus runs`: what was read, what is held, and what becomes of it."""

import getpass
from collections.abc import Callable
from datetime import date, datetime
from typing import Annotated

import typer

from app.commands.opened import present_moment, record
from app.domain.datasets import Run
from app.services import deciding
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
        bool, typer.Option("--held", help="Only days that wait for a decision.")
    ] = False,
) -> None:
    """Show the newest runs, newest first, or what waits for a decision."""
    with record() as database:
        if not held:
            for run in deciding.listed(database, dataset, limit):
                typer.echo(_line(run))
            return
        waiting = deciding.waiting(database)
    chosen = [one for one in waiting if dataset in {None, one.dataset}][:limit]
    for one in chosen:
        typer.echo(f"run {one.run} {one.dataset} {_held(one)}")
    if not chosen:
        typer.echo("Nothing waits for a decision.")


@runs.command("show")
def show_run(number: _Number) -> None:
    """Show one run: its checks, and the days it held with the reasons."""
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
    """Publish days that a run held: one release, and a note of who did and why."""
    _carry_out(deciding.accept, number, reason, day, by)


@runs.command("reject")
def reject_days(
    number: _Number, reason: _Reason, day: _Days = None, by: _By = None
) -> None:
    """Turn down days that a run held; the same numbers are not held again."""
    _carry_out(deciding.reject, number, reason, day, by)


def _carry_out(
    decide: Callable[..., Run],
    number: int,
    reason: str,
    days: list[datetime] | None,
    by: str | None,
) -> None:
    chosen: list[date] = [moment.date() for moment in days or ()]
    with record() as database:
        run = decide(
            database,
            number,
            chosen,
            actor=by or getpass.getuser(),
            reason=reason,
            now=present_moment(),
        )
    typer.echo(_line(run))
    for check in run.checks:
        typer.echo(f"  {check['name']}: {check['detail']}")


def _line(run: Run) -> str:
    return (
        f"{run.id} {run.started_at:%Y-%m-%d %H:%M} {run.verdict} {run.source} "
        f"{run.dataset or '-'} {run.counts['in']} rows, {run.counts['new']} new, "
        f"{run.counts['changed']} changed, {run.counts['rejected']} rejected"
    )


def _held(one: Held) -> str:
    reasons = "; ".join(f"{rule}: {detail}" for rule, detail in one.reasons)
    state = one.decision or "waits"
    if one.decided_run is not None:
        state += f" by run {one.decided_run}"
    return f"{one.day} ({state}), {one.rows} rows, total {one.total}: {reasons}"
