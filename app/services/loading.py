"""One release, read from the record into memory.

A load names its release, never "current": while it runs, another may be published. A
snapshot of another release saves work: only the days that differ are read.
"""

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from app.domain.datasets import Annotation, Dataset, Release, Run
from app.domain.periods import Window
from app.domain.readings import HeldDay
from app.domain.registry import (
    Alias,
    Attribution,
    Confidence,
    Model,
    Registry,
    Subject,
)
from app.domain.snapshot import Snapshot
from app.errors import UnknownError
from app.services.loading_numbers import dataset_of, views
from app.store import history, queries, work
from app.store.tables import (
    AnnotationRow,
    DatasetRow,
    ReleaseRow,
    RunRow,
)

_LAST_RUNS = 10


def load(session: Session, release: int, known: Snapshot | None = None) -> Snapshot:
    """Return the snapshot of `release`.

    Args:
        session: Read session.
        release: Number of a release that exists.
        known: Another release in memory, an earlier or a later one; what is the same
            in both is shared.

    Raises:
        RecordError: The numbers of a dataset are too large to be added exactly.
    """
    before = known.releases[:release] if known else ()
    later = session.scalars(queries.releases(release, len(before)))
    releases = (*before, *map(_release, later))
    same = _same(session, release, known)
    of = same.get("registry")
    facts = of.registry if of else registry(session, release)
    found = views(session, release, facts, known, same.get("datasets"))
    for view in found.values():
        view.prime()
    of = same.get("annotations")
    return Snapshot(
        releases[-1],
        facts,
        found,
        releases,
        last_runs(session),
        of.annotations if of else _annotations(session, release),
        held_days(session),
    )


def _same(
    session: Session, release: int, known: Snapshot | None
) -> Mapping[str, Snapshot]:
    """Return where to find what a release says as well; see `queries.moved`."""
    if known is None:
        return {}
    first, last = sorted((known.release.id, release))
    moved = session.execute(queries.moved(first, last)).mappings().one()
    return {name: known for name, is_other in moved.items() if not is_other}


def last_runs(session: Session) -> dict[str, tuple[Run, ...]]:
    """Return the last runs of each dataset, or of a source of facts, newest first."""
    found: dict[str, list[Run]] = {}
    for row in session.scalars(work.last_runs(_LAST_RUNS)):
        found.setdefault(row.dataset or row.source, []).append(run_of(row))
    return {of: tuple(runs) for of, runs in found.items()}


def held_days(session: Session) -> dict[str, tuple[HeldDay, ...]]:
    """Return the days of each dataset that wait for a decision, ascending."""
    found: dict[str, list[HeldDay]] = {}
    for row in session.scalars(work.waiting_days()):
        failed = tuple(check["rule"] for check in row.checks)
        day = HeldDay(row.period_start, row.run, row.as_of, failed)
        found.setdefault(row.dataset, []).append(day)
    return {dataset: tuple(days) for dataset, days in found.items()}


def _annotations(session: Session, release: int) -> tuple[Annotation, ...]:
    return tuple(map(_annotation, session.scalars(queries.annotations(release))))


def _annotation(row: AnnotationRow) -> Annotation:
    return Annotation(
        dataset=row.dataset,
        date_from=row.date_from,
        date_to=row.date_to,
        kind=row.kind,
        text=row.text,
        url=row.url,
        since=row.release_from,
    )


def _release(row: ReleaseRow) -> Release:
    return Release(**{f.name: getattr(row, f.name) for f in fields(Release)})


def run_of(row: RunRow) -> Run:
    """Return a run as it is shown."""
    counts = ("in", "new", "changed", "same", "rejected")
    return Run(
        id=row.id or 0,
        source=row.source,
        dataset=row.dataset,
        trigger=row.trigger,
        started_at=row.started_at,
        finished_at=row.finished_at,
        verdict=row.verdict,
        as_of=row.as_of,
        payload=row.payload,
        counts={name: getattr(row, f"rows_{name}") for name in counts},
        checks=row.checks,
        reason=row.reason,
    )


def registry(session: Session, release: int) -> Registry:
    """Return the registry of a release."""
    # Plain rows: to make objects of thousands of them takes longer than to read them.
    session.flush()
    read = session.connection().execute
    return Registry(
        providers={
            row.slug: row.release_from for row in read(queries.providers(release))
        },
        models={
            row.slug: Model(row.slug, row.base, row.variant, row.release_from)
            for row in read(queries.models(release))
        },
        attributions=tuple(map(_claim, read(queries.attributions(release)))),
        aliases=tuple(
            Alias(row.scheme, row.external_id, row.target, row.target_kind)
            for row in read(queries.aliases(release))
        ),
        past=tuple(
            replace(_claim(row), until=row.release_to)
            for row in read(history.ended_claims(release))
        ),
    )


def _claim(row: Row[*tuple[Any, ...]]) -> Attribution:
    return Attribution(
        kind=Subject(row.subject_kind),
        subject=row.subject,
        attribute=row.attribute,
        value=row.value,
        confidence=Confidence(row.confidence),
        basis=row.basis,
        alternatives=tuple(row.alternatives),
        evidence=row.evidence,
        source=row.source,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        since=row.release_from,
    )


def dataset(session: Session, slug: str) -> Dataset:
    """Return what a dataset is.

    Raises:
        UnknownError: There is no such dataset.
    """
    row = session.get(DatasetRow, slug)
    if row is None:
        slugs = session.scalars(queries.dataset_slugs()).all()
        raise UnknownError("dataset", slug, sorted(slugs), "/v1/datasets")
    return dataset_of(row)


def span(session: Session, slug: str) -> Window | None:
    """Return the first to the last day of a dataset; None if it has none."""
    days = [r.period_start for r in session.scalars(queries.current_periods(slug))]
    return Window(min(days), max(days)) if days else None
