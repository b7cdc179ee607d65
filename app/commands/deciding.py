"""`modelcensus registry` and `modelcensus keys`: what people decide, and who may write.

The same services as over HTTP.
"""

import getpass
from datetime import date, datetime
from typing import Annotated

import typer

from app.commands.opened import present_moment, record
from app.domain.registry import ALWAYS, Confidence, Subject
from app.services import keys
from app.services.keys import Scope

registry = typer.Typer(no_args_is_help=True, help="Decide who made what.")
key_ring = typer.Typer(no_args_is_help=True, help="Let others write over HTTP.")


@registry.callback()
def _registry() -> None:
    """Keep `set` a command of its own, though it is the only one."""


@registry.command("set")
def set_claims(
    kind: Annotated[Subject, typer.Argument(help="provider or model.")],
    subject: Annotated[str, typer.Argument(help="Its slug.")],
    values: Annotated[list[str], typer.Argument(help="What is so: origin=FR.")],
    confidence: Annotated[
        Confidence, typer.Option(help="How sure it is; low and disputed widen bounds.")
    ],
    basis: Annotated[str, typer.Option(help="Why, in a sentence.")],
    evidence: Annotated[str, typer.Option(help="Address of a page that shows it.")],
    alternative: Annotated[
        list[str] | None,
        typer.Option(
            help="What else it may be; repeatable. A dispute without it is with what "
            "was claimed before."
        ),
    ] = None,
    since: Annotated[
        datetime | None,
        typer.Option("--from", formats=["%Y-%m-%d"], help="First day it holds for."),
    ] = None,
    until: Annotated[
        datetime | None,
        typer.Option("--to", formats=["%Y-%m-%d"], help="First day it does not."),
    ] = None,
    by: Annotated[str | None, typer.Option(help="Who decides; default: you.")] = None,
) -> None:
    """Claim something of a provider or a model: one release, and a note of who did."""
    from app.services import decisions  # noqa: PLC0415
    from app.services.decisions import Decision  # noqa: PLC0415

    decision = Decision(
        kind,
        subject,
        _pairs(values),
        confidence,
        basis,
        evidence,
        by or getpass.getuser(),
        tuple(alternative or ()),
        _day(since) or ALWAYS,
        _day(until),
    )
    with record() as database:
        number = decisions.decide(
            database, decision, trigger="cli", now=present_moment()
        )
    told = "said already" if number is None else f"release {number}"
    typer.echo(f"{subject}: {told}")


def _pairs(texts: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in map(_pair, texts):
        if name in found:
            raise typer.BadParameter(f"{name} is given twice")
        found[name] = value
    return found


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise typer.BadParameter(f"{text!r} is not of the form origin=FR")
    return name, value


def _day(moment: datetime | None) -> date | None:
    return None if moment is None else moment.date()


@key_ring.command("create")
def create_key(
    owner: Annotated[str, typer.Argument(help="Who will use it.")],
    scope: Annotated[list[Scope], typer.Option(help="What it allows; repeatable.")],
    dataset: Annotated[
        str | None, typer.Option(help="Dataset it owns; with the scope ingest.")
    ] = None,
) -> None:
    """Make a key and show it, once."""
    with record() as database:
        key = keys.create(database, owner, scope, now=present_moment(), dataset=dataset)
    typer.echo(key)
    typer.echo("Keep it now: only its hash is stored.", err=True)


@key_ring.command("list")
def list_keys() -> None:
    """Show all keys but their secrets."""
    with record() as database:
        for key in keys.listed(database):
            state = "revoked" if key.revoked_at else "valid"
            owns = f" {key.dataset}" if key.dataset else ""
            typer.echo(f"{key.prefix} {state} {','.join(key.scopes)}{owns} {key.owner}")


@key_ring.command("revoke")
def revoke_key(
    prefix: Annotated[str, typer.Argument(help="As `keys list` shows it.")],
) -> None:
    """Make a key worthless from now on."""
    with record() as database:
        keys.revoke(database, prefix, present_moment())
    typer.echo(f"{prefix} revoked")
