"""What categories and apps are called, taken from the batch that tells of them."""

from collections.abc import Iterable, Mapping

from sqlalchemy.orm import Session

from app.domain.observations import Batch, SeriesKind
from app.domain.packed import Name
from app.store import queries
from app.store.dialect import close_rows, insert_many
from app.store.tables import AppRow, CategoryRow


def introduce(
    session: Session,
    batch: Batch,
    told: Iterable[Name],
    number: int,
    *,
    newest: bool,
) -> None:
    """Add categories and apps within release `number`, which is being written.

    A category keeps its first name. An app goes by the name it had last: names are
    given by the apps themselves, and the number in its slug is what stays.

    Args:
        session: Write session that holds the head.
        batch: Bears the names.
        told: The series in it that are published.
        number: Of the release.
        newest: Whether no later batch has told of the dataset: an older one names only
            what has no name yet.
    """
    categories: set[str] = set()
    apps: set[str] = set()
    for kind, subject, category in told:
        if category is not None:
            categories.add(category)
        if kind is SeriesKind.CATEGORY:
            categories.add(subject)
        if kind is SeriesKind.APP:
            apps.add(subject)
    _add_categories(session, batch, categories, number)
    named = {app: batch.names[app] for app in sorted(apps) if app in batch.names}
    _name_apps(session, batch.dataset, named, number, newest=newest)


def _add_categories(
    session: Session, batch: Batch, categories: set[str], number: int
) -> None:
    if not categories:
        return
    known = {
        row.slug
        for row in session.scalars(queries.current_rows(CategoryRow))
        if row.dataset == batch.dataset
    }
    rows = [
        {
            "dataset": batch.dataset,
            "slug": slug,
            "name": batch.names.get(slug, slug),
            "release_from": number,
        }
        for slug in sorted(categories - known)
    ]
    insert_many(session, CategoryRow, rows)


def _name_apps(
    session: Session,
    dataset: str,
    names: Mapping[str, str],
    number: int,
    *,
    newest: bool,
) -> None:
    if not names:
        return
    known = {
        row.slug: row.name
        for row in session.scalars(queries.current_rows(AppRow))
        if row.dataset == dataset
    }
    ended = [s for s, n in names.items() if newest and s in known and known[s] != n]
    close_rows(session, AppRow, [(dataset, slug) for slug in ended], number)
    rows = [
        {"dataset": dataset, "slug": slug, "name": name, "release_from": number}
        for slug, name in names.items()
        if slug in ended or slug not in known
    ]
    insert_many(session, AppRow, rows)
