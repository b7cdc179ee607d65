"""What stands beside the data of every answer: where it comes from, and how sure it is.

An answer that is pinned to a release carries nothing that moves with time. The door
fills in `query`: only it knows how a question was spelt.
"""

from collections.abc import Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import NamedTuple

from app.domain.datasets import Annotation
from app.domain.freshness import freshness, next_update
from app.domain.periods import Window
from app.domain.snapshot import DatasetView, Snapshot
from app.domain.tally import NAMED
from app.services import spelling
from app.services.asking import Question

API_VERSION = "v1"

Meta = dict[str, object]
Read = tuple[datetime, datetime]
"""The oldest and the newest moment that some days are of."""


def for_question(
    question: Question,
    now: datetime | None,
    *,
    quote: str,
    unlisted: int | None = None,
) -> Meta:
    """Return the meta of a question's answer, JSON-ready, in published order.

    Args:
        question: The question as it was understood.
        now: The present moment; None: the answer is pinned.
        quote: The answer in one sentence.
        unlisted: Volume of the base that is listed nowhere, if it is known already.
    """
    view, window = question.view, question.asked.window
    read = view.read(window)
    fixed = question.plan.once("meta", lambda: _fixed(question))
    return {
        "quote": quote,
        "citation": _cited(question.snapshot, view, read or _whole(view)),
        **fixed.before,
        **_read(read),
        **fixed.after,
        **moving(view, now),
        "query": {},
        **fixed.selected,
        **(_unlisted(question, unlisted) if fixed.tells_unlisted else {}),
        "caveats": list(view.dataset.caveats),
        "warnings": list(question.asked.warnings),
        "annotations": [told for a, told in fixed.notes if is_about(a, window)],
        **fixed.last,
    }


def _notes(question: Question) -> list[tuple[Annotation, Meta]]:
    """Return the notes about a dataset, and how each stands in an answer."""
    of = {None, question.view.dataset.slug}
    return [
        (a, annotation(a)) for a in question.snapshot.annotations if a.dataset in of
    ]


class _Fixed(NamedTuple):
    """What is the same for all dates, in parts."""

    before: Meta
    after: Meta
    selected: Meta
    last: Meta
    notes: Sequence[tuple[Annotation, Meta]]
    tells_unlisted: bool


def _fixed(question: Question) -> _Fixed:
    snapshot, view = question.snapshot, question.view
    return _Fixed(
        {
            "unit": view.dataset.unit,
            **_versions(snapshot),
            "dataset": view.dataset.slug,
            "license": view.dataset.license,
        },
        {**_release(snapshot), "data_through": _text(view.last_complete)},
        {"numerator": spelling.numerator(question), "base": spelling.base(question)},
        {"citation_short": citation_short(snapshot, view)},
        _notes(question),
        _tells_unlisted(question),
    )


def for_list(
    snapshot: Snapshot,
    *,
    quote: str,
    view: DatasetView | None = None,
    count: int | None = None,
) -> Meta:
    """Return the meta of a list or of one thing of the registry, in published order.

    Args:
        snapshot: The release that was asked.
        quote: The answer in one sentence.
        view: The dataset whose numbers the rows carry, if they carry any.
        count: Rows there are in all, on every page; None: one thing.
    """
    return {
        "quote": quote,
        "citation": citation(snapshot, view),
        **_versions(snapshot),
        "dataset": view.dataset.slug if view else None,
        "license": view.dataset.license if view else None,
        **_read(_whole(view) if view else None),
        **_release(snapshot),
        "query": {},
        **({} if count is None else {"count": count}),
        "caveats": list(view.dataset.caveats) if view else [],
        "warnings": [],
        "citation_short": citation_short(snapshot, view),
    }


def citation(snapshot: Snapshot, view: DatasetView | None) -> str:
    """Return how to credit all numbers of a dataset, and what we made of it."""
    if view is None:
        return f"Source: Model Census, release {snapshot.release.id}."
    return _cited(snapshot, view, _whole(view))


def _cited(snapshot: Snapshot, view: DatasetView, read: Read | None) -> str:
    release = snapshot.release.id
    made = f"Aggregated and classified by Model Census, release {release}."
    return f"{_credit(view, read)} {made}"


def citation_short(snapshot: Snapshot, view: DatasetView | None) -> str:
    """Return the credit that fits under a chart: publisher, licence, release."""
    ours = f"Model Census, release {snapshot.release.id}"
    if view is None:
        return ours
    return f"{view.dataset.publisher} ({view.dataset.license}) via {ours}"


def credit(view: DatasetView) -> str:
    """Return how the publisher wants all days of a dataset credited."""
    return _credit(view, _whole(view))


def _credit(view: DatasetView, read: Read | None) -> str:
    as_of = moment(read[1]) if read else "not read yet"
    said = view.dataset.citation.format(as_of=as_of)
    return said if said.endswith((".", "!", "?")) else f"{said}."


def _whole(view: DatasetView) -> Read | None:
    """Return the oldest and the newest moment that any day is of."""
    return view.read(view.span) if view.span else None


def moving(view: DatasetView, now: datetime | None) -> Meta:
    """Return what changes with the clock; nothing for a pinned answer."""
    if now is None:
        return {}
    expected = next_update(view.last_complete, view.dataset.cadence_hours)
    return {
        "freshness": str(freshness(expected, now)),
        "next_update_expected": moment(expected) if expected else None,
    }


def annotation(note: Annotation) -> Meta:
    """Return a note as it stands in an answer."""
    return {
        "dataset": note.dataset,
        "date_from": str(note.date_from),
        "date_to": str(note.date_to or note.date_from),
        "kind": note.kind,
        "text": note.text,
        "url": note.url,
    }


@lru_cache(maxsize=4096)
def moment(when: datetime) -> str:
    """Return a moment in UTC, to the second: `2026-10-11T00:27:00Z`."""
    return when.isoformat(timespec="seconds").replace("+00:00", "Z")


def is_about(note: Annotation, window: Window) -> bool:
    """Return whether a note is about any day of a window."""
    last = note.date_to or note.date_from
    return note.date_from <= window.last and window.first <= last


def _versions(snapshot: Snapshot) -> Meta:
    method = snapshot.release.method_version
    return {"api_version": API_VERSION, "method_version": method}


def _read(read: Read | None) -> Meta:
    return {
        "source_as_of": moment(read[1]) if read else None,
        "source_as_of_oldest": moment(read[0]) if read else None,
    }


def _release(snapshot: Snapshot) -> Meta:
    return {
        "release": snapshot.release.id,
        "published_at": moment(snapshot.release.published_at),
    }


def _unlisted(question: Question, volume: int | None) -> Meta:
    """Return how much of the base is listed nowhere, where `unknown` holds it."""
    if volume is None:
        volume = int(question.now.unlisted.sum())
    return {"unlisted_volume": volume}


def _tells_unlisted(question: Question) -> bool:
    told = bool(question.view.remainders)
    return told and not NAMED.issuperset(question.dimensions)


def _text(day: date | None) -> str | None:
    return None if day is None else str(day)
