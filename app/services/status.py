"""How everything stands: what was read last, how old it is, and what is wrong."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from app.domain.datasets import DECISION, Run
from app.domain.freshness import freshness, next_update
from app.domain.observations import SeriesKind
from app.domain.periods import Window
from app.domain.readings import HeldDay, Reading
from app.domain.registry import Dimension
from app.domain.reports import Item, fraction
from app.domain.snapshot import DatasetView, Snapshot
from app.services import meta
from app.services.evidence import lacks
from app.services.recent import Recent

_SHOWN = 20
_CONFLICT = "same_as_of"
_JUDGED = (Dimension.ORIGIN, Dimension.WEIGHTS)


def status(snapshot: Snapshot, now: datetime, readings: Sequence[Reading] = ()) -> Item:
    """Return how each dataset stands, and whether its sources are read.

    Args:
        snapshot: The newest release.
        now: The present moment.
        readings: What is read on schedule.
    """
    sources = [_source(snapshot, reading, now) for reading in readings]
    late = {one["dataset"] for one in sources if one["overdue"]}
    told = [
        _status(snapshot, view, now) | {"overdue": view.dataset.slug in late}
        for view in snapshot.datasets.values()
    ]
    data = {
        "release": snapshot.release.id,
        "published_at": meta.moment(snapshot.release.published_at),
        "datasets": told,
        "sources": sources,
    }
    return Item(data, meta.for_list(snapshot, quote=_quote(told, sources)))


def overdue(
    snapshot: Snapshot, now: datetime, readings: Sequence[Reading]
) -> list[str]:
    """Return the sources that nobody seems to read, by name."""
    return [
        reading.source
        for reading in readings
        if reading.is_overdue(_last_ended(snapshot, reading), now)
    ]


def _quote(told: list[dict[str, Any]], sources: list[dict[str, Any]]) -> str:
    stale = [one["dataset"] for one in told if one["freshness"] == "stale"]
    late = [one["source"] for one in sources if one["overdue"]]
    said = [f"{', '.join(stale)}: stale."] if stale else []
    said += [f"{', '.join(late)}: not read when due."] if late else []
    return " ".join(said) or "All datasets are up to date."


def _runs(snapshot: Snapshot, reading: Reading) -> list[Run]:
    """Return the last runs that read a source and have ended, newest first."""
    runs = snapshot.runs.get(reading.dataset or reading.source, ())
    return [
        r
        for r in runs
        if r.source == reading.source and r.finished_at and r.trigger != DECISION
    ]


def _last_ended(snapshot: Snapshot, reading: Reading) -> datetime | None:
    ended = _runs(snapshot, reading)
    return ended[0].finished_at if ended else None


def _source(snapshot: Snapshot, reading: Reading, now: datetime) -> dict[str, Any]:
    ended = _runs(snapshot, reading)
    last = _last_ended(snapshot, reading)
    return {
        "source": reading.source,
        "dataset": reading.dataset,
        "every_seconds": round(reading.every.total_seconds()),
        "last_run_at": meta.moment(last) if last else None,
        "last_verdict": ended[0].verdict if ended else None,
        "overdue": reading.is_overdue(last, now),
    }


def _held(day: HeldDay) -> dict[str, Any]:
    return {
        "day": str(day.day),
        "run": day.run,
        "as_of": meta.moment(day.as_of),
        "checks_failed": list(day.checks_failed),
    }


def _status(snapshot: Snapshot, view: DatasetView, now: datetime) -> dict[str, Any]:
    runs = snapshot.runs.get(view.dataset.slug, ())
    expected = next_update(view.last_complete, view.dataset.cadence_hours)
    held = snapshot.held.get(view.dataset.slug, ())
    return {
        "dataset": view.dataset.slug,
        "freshness": str(freshness(expected, now)),
        "data_through": str(view.last_complete) if view.last_complete else None,
        "next_update_expected": meta.moment(expected) if expected else None,
        **lacks(view),
        "last_run": _run(runs[0]) if runs else None,
        "last_good_run": next((_run(r) for r in runs if _is_good(r)), None),
        "held_runs": [_run(r) for r in runs if _is_open(r, held)],
        "held_days": [_held(day) for day in held],
        **_attribution(view),
    }


def _is_open(run: Run, held: Sequence[HeldDay]) -> bool:
    """Return whether a day that a run held waits, or its numbers contradict others."""
    if run.verdict != "quarantined":
        return False
    failed = {check["name"] for check in run.checks if not check["passed"]}
    return _CONFLICT in failed or run.id in {day.run for day in held}


def _is_good(run: Run) -> bool:
    return run.verdict in {"published", "unchanged", "superseded"}


def _run(run: Run) -> dict[str, Any]:
    return {
        "id": run.id,
        "source": run.source,
        "trigger": run.trigger,
        "verdict": run.verdict,
        "started_at": meta.moment(run.started_at),
        "finished_at": meta.moment(run.finished_at) if run.finished_at else None,
        "as_of": meta.moment(run.as_of) if run.as_of else None,
        "payload": run.payload,
        "rows": dict(run.counts),
        "checks_failed": [c["name"] for c in run.checks if not c["passed"]],
        "reason": run.reason,
    }


def _attribution(view: DatasetView) -> dict[str, Any]:
    """Return how much of the last 28 days is attributed, and what is not."""
    window = Recent(view).window
    judged = [d for d in _JUDGED if d in view.dataset.dimensions]
    if window is None or not judged:
        return {"attribution_coverage": {}, "unattributed_models": []}
    return {
        "attribution_coverage": {str(d): _covered(view, window, d) for d in judged},
        "unattributed_models": _unattributed(view, window),
    }


def _covered(view: DatasetView, window: Window, dimension: Dimension) -> float | None:
    """Return the part of the volume whose value is settled, by its models' claims."""
    classes, volumes = view.volumes((dimension,), [window])
    total, settled = 0, 0
    for kind, volume in zip(classes, volumes[:, 0].tolist(), strict=True):
        possible = kind.states[0].possible
        total += volume
        if not possible.negated and len(possible.items) == 1:
            settled += volume
    part = fraction(settled, total)
    return None if part is None else part / 1_000_000


def _unattributed(view: DatasetView, window: Window) -> list[dict[str, Any]]:
    sums = view.cube.volumes([window])[0].tolist()
    found = [
        (volume, series.subject)
        for series, volume in zip(view.series, sums, strict=True)
        if series.kind is SeriesKind.MODEL
        and volume
        and view.state(series, Dimension.ORIGIN, window.last).point == "unknown"
    ]
    found.sort(key=lambda pair: (-pair[0], pair[1]))
    return [{"model": m, "volume_28d": volume} for volume, m in found[:_SHOWN]]
