"""`modelcensus share`, `models`, `figure` and so on: what people ask, at a terminal.

The record of the settings is asked as the service would, or a service with `--url`.
"""

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from app.client import Client, ProblemError, UnreachableError
from app.commands import progress
from app.commands.asking_options import LISTS, LOOKS, QUESTIONS, Told
from app.commands.opened import present_moment
from app.errors import closest
from app.settings import Settings

_OWN = ("format", "url", "output")
_REFUSED = 2
_CLIENT_ERRORS = range(400, 500)
_SUFFIXES = (".vl.json", ".badge.json", ".badge.svg", ".svg", ".png")

figure = typer.Typer(no_args_is_help=True, help="Draw an answer into a file.")


class Format(StrEnum):
    """How an answer is printed."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"
    NDJSON = "ndjson"


_FORMAT = Annotated[
    str,
    typer.Option(
        "--format",
        metavar="|".join(Format),
        help="How to print it.",
        autocompletion=lambda incomplete: [
            f for f in Format if f.startswith(incomplete)
        ],
    ),
]
_URL = Annotated[
    str | None,
    typer.Option("--url", help="Service to ask: https://…; default: the own record."),
]
_OUTPUT = Annotated[
    Path,
    typer.Option("--output", "-o", help=f"File to write: {', '.join(_SUFFIXES)}."),
]


def register(app: typer.Typer, datasets: typer.Typer) -> None:
    """Add the commands to those of the operator; `datasets` alone is one of them."""
    as_they_come = {"ignore_unknown_options": True, "allow_extra_args": True}
    for name, told in QUESTIONS.items():
        ask = _command(partial(_print, name), told, form=_FORMAT, url=_URL)
        app.command(name, help=_ASKS[name], context_settings=as_they_come)(ask)
        draw = _command(partial(_draw, name), told | LOOKS, output=_OUTPUT, url=_URL)
        figure.command(name, help=_DRAWS[name], context_settings=as_they_come)(draw)
    app.add_typer(figure, name="figure")
    for name, told in LISTS.items():
        ask = _command(partial(_print, name), told, form=_FORMAT, url=_URL)
        if name == "datasets":
            datasets.callback(invoke_without_command=True)(ask)
        else:
            app.command(name, help=_ASKS[name], context_settings=as_they_come)(ask)


_ASKS = {
    "share": "Ask for shares of the market, with their bounds.",
    "volume": "Ask for volumes, over time.",
    "rankings": "Ask what ranks first.",
    "models": "List models.",
    "providers": "List who develops models.",
    "origins": "List countries.",
}
_DRAWS = {
    "share": "Draw shares of the market.",
    "volume": "Draw volumes.",
    "rankings": "Draw what ranks first.",
}


def _command(
    act: Callable[..., None], told: Mapping[str, Told], **own: Any
) -> Callable[..., None]:
    """Return what does `act`, with an option for each parameter."""

    def run(context: typer.Context, **given: Any) -> None:
        if context.invoked_subcommand is None:
            kept = {name: given.pop(name) for name in own}
            act(_parameters(given, context.args), **kept)

    several = [
        _option(name, Annotated[list[str] | None, _declared(name, one)], None)
        for name, one in told.items()
    ]
    ours = [
        _option(name, kind, _DEFAULTS.get(name, inspect.Parameter.empty))
        for name, kind in own.items()
    ]
    context = _option("context", typer.Context, inspect.Parameter.empty)
    # What typer reads: as if each option were written as a parameter.
    run.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [context, *several, *ours]
    )
    return run


_DEFAULTS: dict[str, Any] = {"form": Format.TABLE, "url": None}


def _option(name: str, kind: Any, default: Any) -> inspect.Parameter:
    return inspect.Parameter(
        name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=kind
    )


def _declared(name: str, told: Told) -> Any:
    return typer.Option(
        f"--{name.replace('_', '-')}",
        help=told.help,
        metavar="|".join(told.values) if len(told.values) in {1, 2, 3} else "TEXT",
        rich_help_panel=told.panel,
        autocompletion=_completing(told.values) if told.values else None,
    )


def _completing(values: Sequence[str]) -> Callable[[str], list[str]]:
    def completed(incomplete: str) -> list[str]:
        return [value for value in values if value.startswith(incomplete)]

    return completed


def _parameters(
    given: Mapping[str, list[str] | None], others: Sequence[str]
) -> dict[str, str]:
    """Return what to ask; what is no option here is for the service to judge."""
    found = {name: list(values) for name, values in given.items() if values}
    for name, value in _pairs(others):
        meant = closest(name, _OWN)
        if meant and name not in found:
            _refuse(f"--{name}: no such option here. Did you mean --{meant}?")
        found.setdefault(name, []).append(value)
    for name, values in found.items():
        if len(values) > 1:
            _refuse(
                f"{name}: given more than once. Put several values into one, with "
                "commas."
            )
    return {name: values[0] for name, values in found.items()}


def _pairs(words: Sequence[str]) -> Iterator[tuple[str, str]]:
    rest = iter(words)
    for word in rest:
        if not word.startswith("--"):
            _refuse(f"{word}: begin with what it is, as in --origin CN.")
        name, equals, value = word.removeprefix("--").partition("=")
        found = value if equals else next(rest, None)
        if found is None:
            _refuse(f"{word}: give it a value, as in {word} CN.")
        yield name.replace("-", "_"), found


def _refuse(sentence: str) -> NoReturn:
    typer.echo(f"modelcensus: {sentence}", err=True)
    raise typer.Exit(_REFUSED)


@contextmanager
def _asked(url: str | None) -> Iterator[Client]:
    """Open what is asked; a failure is told in a line, and is the end."""
    # A line for each time it is asked again is for a log.
    import stamina  # noqa: PLC0415 (and its import is for who asks)

    stamina.instrumentation.set_on_retry_hooks([])
    try:
        with progress.bar() as bar:
            bar.tell("Asking")
            with _client(url) as client:
                yield client
    except ProblemError as error:
        typer.echo(f"modelcensus: {_sentence(error)}", err=True)
        refused = error.status in _CLIENT_ERRORS
        raise typer.Exit(_REFUSED if refused else 1) from None
    except UnreachableError as error:
        typer.echo(f"modelcensus: {error}", err=True)
        raise typer.Exit(1) from None


def _client(url: str | None) -> Client:
    if url is not None:
        return Client(url)
    from app.inside import Inside  # noqa: PLC0415 (all that serves is behind it)

    settings = Settings()
    inside = Inside(settings, present_moment)
    return Client(str(settings.public_url), transport=inside, attempts=1)


def _sentence(error: ProblemError) -> str:
    """Return what a service says, with what it takes to be meant, on one line."""
    told = " ".join(str(error).split())
    meant = [one.get("did_you_mean") for one in error.problem.get("errors", [])]
    found = [text for text in meant if text]
    if not found or "Did you mean" in told:
        return told
    return f"{told} Did you mean {', '.join(found)}?"


def _print(name: str, parameters: dict[str, str], form: str, url: str | None) -> None:
    if form not in list(Format):
        _refuse(f"--format: {form!r} is not one of {', '.join(Format)}.")
    if form != Format.TABLE:
        with _asked(url) as client:
            body = client.content(f"/v1/{name}.{form}", **parameters)
        typer.echo(body.removesuffix(b"\n"))
        return
    from app.commands import asking_table as table  # noqa: PLC0415

    with _asked(url) as client:
        answer = client.get(f"/v1/{name}", **parameters)
    if name in QUESTIONS:
        table.show_question(table.console(), answer)
    else:
        table.show_list(table.console(), name, answer)


def _draw(name: str, parameters: dict[str, str], output: Path, url: str | None) -> None:
    suffix = next((s for s in _SUFFIXES if output.name.endswith(s)), None)
    if suffix is None:
        _refuse(f"{output}: end the name in one of {', '.join(_SUFFIXES)}.")
    with _asked(url) as client:
        body = client.content(f"/v1/{name}{suffix}", **parameters)
    try:
        output.write_bytes(body)
    except OSError as error:
        typer.echo(
            f"modelcensus: {output} cannot be written: {error.strerror}.", err=True
        )
        raise typer.Exit(1) from None
    typer.echo(f"{output} written")
