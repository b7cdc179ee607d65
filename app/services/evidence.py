"""What the numbers rest on: datasets, releases, and notes on some days."""

from collections.abc import Mapping
from typing import Any

from app.domain.datasets import Release
from app.domain.periods import Window
from app.domain.questions import ListAsk
from app.domain.reports import Item, Report
from app.domain.snapshot import DatasetView, Snapshot
from app.errors import UnknownError
from app.services import catalog, declaring, listing, meta, shapes


def datasets(snapshot: Snapshot, ask: ListAsk) -> Report:
    """Return the datasets of a release, one row each.

    Raises:
        BadParameterError: A filter; datasets have none.
        BadValueError: `sort` names no column.
    """
    catalog.allow(ask, set())
    rows = [_dataset(view) for view in snapshot.datasets.values()]
    return listing.report(snapshot, ask, shapes.DATASETS, rows)


def dataset(snapshot: Snapshot, slug: str) -> Item:
    """Return one dataset: what it is, what it covers, and what is missing.

    Raises:
        UnknownError, UnreadError: No dataset of this slug.
    """
    view = snapshot.datasets.get(slug)
    if view is None:
        raise declaring.no_dataset(slug, snapshot.datasets)
    data = catalog.ready(_dataset(view)) | {
        "scope": view.dataset.scope,
        "url": view.dataset.url or None,
        "additive": view.dataset.additive,
        "scale": view.dataset.scale,
        "revision_days": view.dataset.revision_days,
        "top_n": view.dataset.top_n,
        "cadence_hours": view.dataset.cadence_hours,
        "caveats": list(view.dataset.caveats),
        "total": sum(day.total for day in view.days.values()),
        **lacks(view),
        "releases": sorted({day.since for day in view.days.values()}),
    }
    quote = f"{view.dataset.name}: {view.dataset.scope}{_through(view)}."
    return Item(
        data,
        meta.for_list(snapshot, quote=quote, view=view),
        [("release", str(snapshot.release.id))],
    )


def releases(snapshot: Snapshot, ask: ListAsk) -> Report:
    """Return every release there is, the newest first.

    Raises:
        BadParameterError: A filter; releases have none.
        BadValueError: `sort` names no column.
    """
    catalog.allow(ask, set())
    rows = [_release(release) for release in snapshot.releases]
    return listing.report(snapshot, ask, shapes.RELEASES, rows)


def release(snapshot: Snapshot, number: int) -> Item:
    """Return one release: what it did, and the digests that chain it.

    Raises:
        UnknownError: No release of this number.
    """
    known = {r.id: r for r in snapshot.releases}
    if number not in known:
        numbers = [str(n) for n in known]
        raise UnknownError(
            "release", str(number), numbers, "/v1/releases", fix={"id": numbers[-1]}
        )
    one = known[number]
    before = known.get(number - 1)
    data = catalog.ready(_release(one)) | {
        "previous": before.id if before else None,
        "previous_digest": before.digest if before else None,
        "changes": dict(one.changes),
    }
    when = f"{one.published_at:%Y-%m-%d}"
    quote = f"Release {number} of Model Census, published on {when}: {one.summary}"
    resolved = [("release", str(snapshot.release.id))]
    return Item(data, meta.for_list(snapshot, quote=quote), resolved)


def annotations(
    snapshot: Snapshot, ask: ListAsk, dataset: str | None, window: Window | None
) -> Report:
    """Return what readers of a chart should know about some days, by first day.

    Args:
        snapshot: The release.
        ask: Search, order and page.
        dataset: Those about this one; None: all.
        window: Those about any of these days; None: all.

    Raises:
        UnknownError, UnreadError: No dataset of this slug.
        BadValueError: `sort` names no column.
    """
    if dataset is not None and dataset not in snapshot.datasets:
        raise declaring.no_dataset(dataset, snapshot.datasets)
    rows = [
        {
            "dataset": note.dataset,
            "date_from": note.date_from,
            "date_to": note.date_to or note.date_from,
            "kind": note.kind,
            "text": note.text,
            "url": note.url,
            "since_release": note.since,
        }
        for note in snapshot.annotations
        if dataset in {None, note.dataset} or note.dataset is None
        if window is None or meta.is_about(note, window)
    ]
    also = [] if dataset is None else [("dataset", dataset)]
    also += listing.days(window)
    return listing.report(snapshot, ask, shapes.ANNOTATIONS, rows, also=also)


def _dataset(view: DatasetView) -> Mapping[str, Any]:
    span = view.span
    read = [day.as_of for day in view.days.values()]
    return {
        "slug": view.dataset.slug,
        "name": view.dataset.name,
        "publisher": view.dataset.publisher,
        "metric": view.dataset.metric,
        "unit": view.dataset.unit,
        "grain": view.dataset.grain,
        "license": view.dataset.license,
        "citation": meta.credit(view),
        "dimensions": [str(d) for d in view.dataset.dimensions],
        "default_group": str(view.dataset.default_group),
        "series": len(view.series),
        "days": len(view.days),
        "first_day": span.first if span else None,
        "last_day": span.last if span else None,
        "data_through": view.last_complete,
        "source_as_of": max(read, default=None),
        "since_release": view.dataset.since,
    }


def lacks(view: DatasetView) -> dict[str, Any]:
    """Return the days that are missing inside the data, and those left out since."""
    days = view.span.days() if view.span else ()
    return {
        "gaps": [str(day) for day in days if day not in view.days],
        "flagged": [str(d) for d, day in view.days.items() if day.flagged],
    }


def _through(view: DatasetView) -> str:
    span = view.span
    if span is None:
        return ""
    if span.first == span.last:
        return f" on {span.first}"
    return f" from {span.first} to {span.last}"


def _release(one: Release) -> Mapping[str, Any]:
    return {
        "id": one.id,
        "published_at": one.published_at,
        "kind": one.kind,
        "dataset": one.dataset,
        "method_version": one.method_version,
        "summary": one.summary,
        "digest": one.digest,
    }
