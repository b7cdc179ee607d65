"""Making a dataset known: what it is, and what its batches must satisfy."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from app.domain.datasets import Dataset
from app.domain.registry import Dimension
from app.errors import NotFoundError, UnknownError, UnreadError
from app.services import curate
from app.services.curate import Category, Edit
from app.services.releasing import Release
from app.store import queries, work
from app.store.dialect import insert_missing
from app.store.operational import ContractRow

_FOLDER = Path(__file__).parents[1] / "registry"


@dataclass(frozen=True, slots=True)
class Declaration:
    """A dataset as it is declared.

    Attributes:
        dataset: What it is.
        contract: Name of what its batches must satisfy; see `app.services.contracts`.
        categories: Use cases that it tells apart, where they are known beforehand.
        needs: Setting without which it cannot be read; None: it needs none.
    """

    dataset: Dataset
    contract: str
    categories: tuple[Category, ...] = ()
    needs: str | None = None


def declare(
    session: Session, declaration: Declaration, *, run: int | None, now: datetime
) -> int | None:
    """Publish that there is a dataset, in a release of its own.

    Args:
        session: Write session.
        declaration: What is declared.
        run: Number of the run that this is due to: the audit row.
        now: The present moment.

    Returns:
        The number of the release; None if there is such a dataset already.
    """
    dataset = declaration.dataset
    number = curate.apply(
        session,
        Edit(datasets=[dataset], categories=declaration.categories),
        Release(
            "registry",
            f"New dataset: {dataset.name} ({dataset.metric} of {dataset.publisher}).",
            now,
            dataset=dataset.slug,
            run=run,
        ),
    )
    bind(session, dataset.slug, declaration.contract)
    return number


def bind(session: Session, dataset: str, contract: str) -> None:
    """Say which contract a dataset's batches must satisfy, unless it is said already.

    Not part of any release: what must hold before something is published is not
    published itself.
    """
    insert_missing(session, ContractRow, [{"dataset": dataset, "name": contract}])


def contract_of(session: Session, dataset: str) -> str | None:
    """Return the name of a dataset's contract; None: none was declared."""
    return session.scalars(work.contract(dataset)).one_or_none()


@cache
def declarations(folder: Path = _FOLDER) -> Mapping[str, Declaration]:
    """Return, by slug, the datasets that are declared when they are first read.

    Args:
        folder: Where `declared.json` is.
    """
    told = json.loads((folder / "declared.json").read_text(encoding="utf-8"))
    return {
        one["slug"]: Declaration(
            dataset_of(one), one["contract"], needs=one.get("needs")
        )
        for one in told
    }


def no_dataset(slug: str, known: Iterable[str]) -> NotFoundError:
    """Return why there is no dataset of a name in a release.

    Args:
        slug: The name.
        known: The datasets that there are.
    """
    declared = declarations().get(slug)
    if declared is not None:
        return UnreadError(slug, declared.needs)
    return UnknownError("dataset", slug, sorted(known), "/v1/datasets")


def dataset_of(values: Mapping[str, Any]) -> Dataset:
    """Return a dataset as a file tells it; what it does not have is left out."""
    found = {f.name: values[f.name] for f in fields(Dataset) if f.name in values}
    found["dimensions"] = tuple(map(Dimension, values["dimensions"]))
    found["default_group"] = Dimension(values["default_group"])
    found["caveats"] = tuple(values["caveats"])
    return Dataset(**found)


def is_declared(session: Session, dataset: str) -> bool:
    """Return whether there is a dataset, or will be once a batch of it is sound."""
    return (
        dataset in declarations()
        or dataset in session.scalars(queries.dataset_slugs()).all()
    )


def declare_known(session: Session, dataset: str, *, run: int, now: datetime) -> None:
    """Declare a dataset that is about to be read, if it is known beforehand.

    Args:
        session: Write session.
        dataset: Slug.
        run: Number of the run that reads it.
        now: The present moment.
    """
    declaration = declarations().get(dataset)
    if declaration is None or dataset in session.scalars(queries.dataset_slugs()).all():
        return
    declare(session, declaration, run=run, now=now)
