"""From the names that a source has for things to the models of the registry.

Done when a batch is taken in, with the aliases of that moment: a name that gets a model
later is a series from the next batch on, and what was published stays as it is.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date

from sqlalchemy.orm import Session

from app.domain.observations import Batch, Observation, SeriesKind
from app.domain.registry import OTHER, Model
from app.services.contracts import Check
from app.store import queries
from app.store.tables import AliasRow, ModelRow

_Series = tuple[date, SeriesKind, str, str | None]


def resolve(session: Session, batch: Batch) -> tuple[Batch, list[Check]]:
    """Return a batch about models of the registry as it is now, and what was found.

    Whoever publishes holds the head, so that the registry stays as it is.
    """
    if batch.scheme is None:
        return batch, []
    found = resolved(
        batch,
        session.scalars(queries.current_rows(AliasRow)),
        session.scalars(queries.current_rows(ModelRow)),
    )
    named = sum(one.kind is SeriesKind.MODEL for one in found.observations)
    detail = f"{len(batch.observations)} names are {named} models and all the others"
    return found, [Check("subjects", passed=True, detail=detail)]


def resolve_again(session: Session, batch: Batch, run: int) -> Batch:
    """Return a batch about models of the registry as it was when a run took it in."""
    if batch.scheme is None:
        return batch
    release = session.scalars(queries.first_release_of(run)).one() or 0
    return resolved(
        batch,
        session.scalars(queries.aliases(release)),
        session.scalars(queries.models(release)),
    )


def resolved(
    batch: Batch, aliases: Iterable[AliasRow], models: Iterable[ModelRow]
) -> Batch:
    """Return a batch about models, and one remainder of all that is none.

    Args:
        batch: Its subjects are names of `batch.scheme`, in upper or lower case.
        aliases: Names, of any scheme. One that may mean several bases means none.
        models: All of them. A base is told by its standard variant.

    Returns:
        The volumes of all names of one model, added up, and of those of no model.
    """
    model_of = _by_name(batch.scheme, aliases, models)
    volumes: Counter[_Series] = Counter()
    for one in batch.observations:
        model = model_of.get(one.subject.casefold())
        kind = SeriesKind.REMAINDER if model is None else SeriesKind.MODEL
        volumes[one.day, kind, model or OTHER, one.category] += one.volume
    told = [
        Observation(day, kind, subject, volume, category)
        for (day, kind, subject, category), volume in volumes.items()
    ]
    return replace(batch, observations=told, scheme=None)


def _by_name(
    scheme: str | None, aliases: Iterable[AliasRow], models: Iterable[ModelRow]
) -> Mapping[str, str]:
    known = [Model(row.slug, row.base, row.variant) for row in models]
    base_of = {model.slug: model.base for model in known}
    standard: dict[str, Model] = {}
    for model in sorted(known, key=lambda m: (m.variant != "standard", m.slug)):
        standard.setdefault(model.base, model)
    bases = defaultdict(set)
    for alias in aliases:
        if alias.scheme == scheme:
            is_base = alias.target_kind == "base"
            base = alias.target if is_base else base_of.get(alias.target)
            bases[alias.external_id.casefold()].add(base)
    return {
        name: standard[base].slug
        for name, found in bases.items()
        if len(found) == 1 and (base := next(iter(found))) in standard
    }
