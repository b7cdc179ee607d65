"""Making a dataset known: what it is, and what its batches must satisfy."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.domain.datasets import Dataset
from app.services import curate
from app.services.curate import Category, Edit
from app.services.releasing import Release
from app.store import work
from app.store.dialect import insert_missing
from app.store.operational import ContractRow


@dataclass(frozen=True, slots=True)
class Declaration:
    """A dataset as it is declared.

    Attributes:
        dataset: What it is.
        contract: Name of what its batches must satisfy; see `app.services.contracts`.
        categories: Use cases that it tells apart, where they are known beforehand.
    """

    dataset: Dataset
    contract: str
    categories: tuple[Category, ...] = ()


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
