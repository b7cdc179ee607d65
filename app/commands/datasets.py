"""`modelcensus datasets`: declare a dataset of one's own, and list what there is."""

import getpass
from typing import Annotated

import typer

from app.commands.opened import present_moment, record
from app.domain.datasets import Dataset
from app.domain.registry import Dimension

datasets = typer.Typer(help="List datasets, or publish numbers of your own.")

_OF_MODELS = ",".join(d for d in Dimension if d not in {"category", "app"})


@datasets.command("add")
def add_dataset(
    slug: Annotated[str, typer.Argument(help="Its name in URLs: our-gateway.")],
    *,
    name: Annotated[str, typer.Option(help="Its name for people.")],
    publisher: Annotated[str, typer.Option(help="Who publishes the numbers.")],
    license_: Annotated[
        str, typer.Option("--license", help="SPDX identifier, or LicenseRef-….")
    ],
    citation: Annotated[
        str, typer.Option(help="How to credit it; {as_of} becomes the moment.")
    ],
    url: Annotated[str, typer.Option(help="Page about the numbers.")],
    metric: Annotated[str, typer.Option(help="What is counted.")] = "tokens processed",
    unit: Annotated[str, typer.Option(help="In what, in the plural.")] = "tokens",
    grain: Annotated[str, typer.Option(help="Length of a period.")] = "day",
    scope: Annotated[
        str | None,
        typer.Option(help="What the numbers are of: tokens on Our Gateway."),
    ] = None,
    contract: Annotated[
        str,
        typer.Option(help="What batches must satisfy: structure, steady or rankings."),
    ] = "steady",
    revision_days: Annotated[
        int, typer.Option(help="Days for which a day may still be restated.")
    ] = 7,
    top: Annotated[
        int | None,
        typer.Option(
            help="Models of a day, if only so many are listed; rankings needs it."
        ),
    ] = None,
    cadence_hours: Annotated[
        int | None, typer.Option(help="Hours between two updates; none: not expected.")
    ] = None,
    dimensions: Annotated[
        str, typer.Option(help="What to filter and group by, with commas.")
    ] = _OF_MODELS,
    default_group: Annotated[
        Dimension, typer.Option(help="What to group by if nothing is asked.")
    ] = Dimension.ORIGIN,
    additive: Annotated[
        bool, typer.Option(help="Whether volumes of several days may be added.")
    ] = True,
    by: Annotated[str | None, typer.Option(help="Who declares; default: you.")] = None,
) -> None:
    """Declare a dataset: one release, and a note of who did. Safe to repeat."""
    from app.services import new_datasets  # noqa: PLC0415
    from app.services.declaring import Declaration  # noqa: PLC0415

    dataset = Dataset(
        slug=slug,
        name=name,
        publisher=publisher,
        scope=scope or f"{unit} on {publisher}",
        metric=metric,
        unit=unit,
        grain=grain,
        license=license_,
        citation=citation,
        url=url,
        dimensions=_dimensions(dimensions),
        default_group=default_group,
        additive=additive,
        scale=1,
        revision_days=revision_days,
        top_n=top,
        cadence_hours=cadence_hours,
        caveats=(),
    )
    with record() as database:
        number = new_datasets.add(
            database,
            Declaration(dataset, contract),
            actor=by or getpass.getuser(),
            now=present_moment(),
        )
    told = "declared already" if number is None else f"release {number}"
    typer.echo(f"{slug}: {told}")


def _dimensions(text: str) -> tuple[Dimension, ...]:
    given = text.split(",")
    unknown = [name for name in given if name not in list(Dimension)]
    if unknown:
        raise typer.BadParameter(
            f"{unknown[0]!r} is not one of {', '.join(Dimension)}",
            param_hint="--dimensions",
        )
    # In the order of the contract, whatever the order they are told in.
    return tuple(dimension for dimension in Dimension if dimension in given)


@datasets.command("list")
def list_datasets() -> None:
    """Show every dataset, what it counts, and for which days there are numbers."""
    from app.services.snapshots import Snapshots  # noqa: PLC0415

    with record() as database:
        snapshots = Snapshots(database)
        snapshots.refresh()
        views = snapshots.current.datasets
    for slug, view in views.items():
        days = f"{view.span.first} to {view.span.last}" if view.span else "no days yet"
        told = view.dataset
        typer.echo(f"{slug}: {told.metric} of {told.publisher}, {told.license}; {days}")
