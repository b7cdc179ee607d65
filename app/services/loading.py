"""One release, read from the record into memory.

A load names its release, never "current": while it runs, another may be published. A
snapshot of the release before saves work: only the days that have changed are read.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import fields, replace
from datetime import date, timedelta

import numpy as np
from sqlalchemy.orm import Session

from app.domain.cube import Cube, DayRows, Ints
from app.domain.datasets import Annotation, Dataset, Day, Release, Run
from app.domain.observations import MAX_TOTAL, SeriesKind
from app.domain.periods import Window
from app.domain.readings import HeldDay
from app.domain.registry import (
    Alias,
    Attribution,
    Confidence,
    Dimension,
    Model,
    Registry,
    Subject,
)
from app.domain.snapshot import DatasetView, Series, Snapshot
from app.errors import RecordError, UnknownError
from app.store import history, queries, work
from app.store.dialect import stream_integers
from app.store.tables import (
    AnnotationRow,
    AttributionRow,
    DatasetRow,
    PeriodRow,
    ReleaseRow,
    RunRow,
)

_EPOCH = date(1970, 1, 1)
_LAST_RUNS = 10


def load(session: Session, release: int, known: Snapshot | None = None) -> Snapshot:
    """Return the snapshot of `release`.

    Args:
        session: Read session.
        release: Number of a release that exists.
        known: An earlier release in memory; what has not changed since is shared.

    Raises:
        RecordError: The numbers of a dataset are too large to be added exactly.
    """
    releases = tuple(map(_release, session.scalars(queries.releases(release))))
    registry = _registry(session, release, known)
    views = {}
    rows = session.scalars(queries.datasets(release)).all()
    for row in sorted(rows, key=lambda r: r.slug):
        before = known.datasets.get(row.slug) if known else None
        since = known.release.id if known else 0
        view = _View(session, release, row).load(registry, before, since)
        views[row.slug] = view
    return Snapshot(
        releases[-1],
        registry,
        views,
        releases,
        last_runs(session),
        tuple(map(_annotation, session.scalars(queries.annotations(release)))),
        held_days(session),
    )


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
    return _registry(session, release, None)


def _registry(session: Session, release: int, known: Snapshot | None) -> Registry:
    if (
        known
        and not session.scalars(
            queries.registry_changes(known.release.id, release)
        ).first()
    ):
        return known.registry
    return Registry(
        providers={
            row.slug: row.release_from
            for row in session.scalars(queries.providers(release))
        },
        models={
            row.slug: Model(row.slug, row.base, row.variant, row.release_from)
            for row in session.scalars(queries.models(release))
        },
        attributions=tuple(map(_claim, session.scalars(queries.attributions(release)))),
        aliases=tuple(
            Alias(row.scheme, row.external_id, row.target, row.target_kind)
            for row in session.scalars(queries.aliases(release))
        ),
        past=tuple(
            replace(_claim(row), until=row.release_to)
            for row in session.scalars(history.ended_claims(release))
        ),
    )


def _claim(row: AttributionRow) -> Attribution:
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


class _View:
    """Loads one dataset at one release."""

    def __init__(self, session: Session, release: int, row: DatasetRow) -> None:
        self._session = session
        self._release = release
        self._row = row
        series = session.scalars(queries.series(row.slug, release)).all()
        self._series = tuple(
            Series(SeriesKind(s.kind), s.subject, s.category, s.release_from)
            for s in series
        )
        self._ids = np.array([s.id for s in series], np.int64)

    def load(
        self, registry: Registry, known: DatasetView | None, since: int
    ) -> DatasetView:
        """Return the dataset; `known` is what release `since` said of it."""
        rows = self._session.scalars(queries.periods(self._row.slug, self._release))
        days = {row.period_start: _day(row) for row in rows}
        total = sum(day.total for day in days.values())
        if total > MAX_TOTAL:
            raise RecordError(
                f"{self._row.slug}: the total of {total} is above 2**62; sums would "
                "not be exact. Raise the dataset's scale."
            )
        changed = None if known is None else self._changed(since)
        listed = self._listed(changed)
        gone = (changed or set()) - listed.keys()
        rows_of = listed | dict.fromkeys(gone, _NOTHING)
        floors = {
            day: floor
            for day, rows in listed.items()
            if (floor := self._floor(rows)) is not None
        }
        width = len(self._series)
        if known is None:
            cube = Cube.build(rows_of, width)
        else:
            cube = known.cube.replace(rows_of, width)
            kept = {d: f for d, f in known.floors.items() if d not in rows_of}
            floors = kept | floors
        return DatasetView(
            _dataset(self._row),
            self._series,
            days,
            floors,
            cube,
            registry,
            self._categories(),
            self._apps(),
        )

    def _changed(self, since: int) -> set[date]:
        rows = self._session.scalars(
            queries.changed_periods(self._row.slug, since, self._release)
        )
        return {row.period_start for row in rows}

    def _listed(self, days: Collection[date] | None) -> dict[date, DayRows]:
        """Return what is listed on each day, or on these days."""
        if days is not None and not days:
            return {}
        statement = queries.observations(self._row.slug, self._release, days)
        chunks = list(stream_integers(self._session, statement))
        if not chunks:
            return {}
        return dict(_by_day(np.concatenate(chunks), self._ids))

    def _floor(self, rows: DayRows) -> int | None:
        """Return the smallest volume of a listed model.

        None if none is listed, or if what is listed is not the largest: then it says
        nothing of what is not.
        """
        if self._row.top_n is None:
            return None
        of_models = [
            volume
            for column, volume in zip(
                rows.columns.tolist(), rows.volumes.tolist(), strict=True
            )
            if self._series[column].kind is SeriesKind.MODEL
        ]
        return min(of_models, default=None)

    def _categories(self) -> Mapping[str, str]:
        rows = self._session.scalars(queries.categories(self._release))
        return {row.slug: row.name for row in rows if row.dataset == self._row.slug}

    def _apps(self) -> Mapping[str, str]:
        rows = self._session.scalars(queries.apps(self._row.slug, self._release))
        names = {row.slug: row.name for row in rows}
        apps = [s.subject for s in self._series if s.kind is SeriesKind.APP]
        return {app: names.get(app, app) for app in apps}


_NOTHING = DayRows(np.zeros(0, np.intp), np.zeros(0, np.int64))


def _by_day(rows: Ints, ids: Ints) -> Iterable[tuple[date, DayRows]]:
    """Cut rows of (series, day, volume), sorted by day, into days."""
    columns = np.searchsorted(ids, rows[:, 0])
    days, starts = np.unique(rows[:, 1], return_index=True)
    for day, part, volumes in zip(
        days.tolist(),
        np.split(columns, starts[1:]),
        np.split(rows[:, 2], starts[1:]),
        strict=True,
    ):
        yield _EPOCH + timedelta(days=day), DayRows(part, volumes)


def _day(row: PeriodRow) -> Day:
    return Day(
        as_of=row.as_of,
        total=row.total,
        rows=row.rows,
        flagged=row.flagged,
        since=row.release_from,
        run=row.run,
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
    return _dataset(row)


def span(session: Session, slug: str) -> Window | None:
    """Return the first to the last day of a dataset; None if it has none."""
    days = [r.period_start for r in session.scalars(queries.current_periods(slug))]
    return Window(min(days), max(days)) if days else None


def _dataset(row: DatasetRow) -> Dataset:
    return Dataset(
        slug=row.slug,
        name=row.name,
        publisher=row.publisher,
        scope=row.scope,
        metric=row.metric,
        unit=row.unit,
        grain=row.grain,
        license=row.license,
        citation=row.citation,
        url=row.url,
        dimensions=tuple(map(Dimension, row.dimensions)),
        default_group=Dimension(row.default_group),
        additive=row.additive,
        scale=row.scale,
        revision_days=row.revision_days,
        top_n=row.top_n,
        cadence_hours=row.cadence_hours,
        caveats=tuple(row.caveats),
        since=row.release_from,
    )
