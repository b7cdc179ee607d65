"""What Prometheus reads: how the data stand, and what this process has done.

The data are the same whichever process answers. What a process counts itself carries
its number as `process`: several workers share a port, and a counter that jumps between
theirs would be worse than one each. Nothing is counted twice on the way of an answer;
numbers are put together when they are asked for.
"""

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from app.api.counted import CLASSES, Process
from app.domain.freshness import Freshness, next_update
from app.domain.readings import Reading
from app.domain.snapshot import DatasetView, Snapshot
from app.services.status import status

MEDIA_TYPE = CONTENT_TYPE_LATEST


def exposition(
    snapshot: Snapshot | None,
    now: datetime,
    readings: Sequence[Reading],
    process: Process,
) -> bytes:
    """Return all metrics in the text format of Prometheus.

    Args:
        snapshot: The newest release; None as long as there is none.
        now: The present moment.
        readings: What is read on schedule.
        process: What this process has done.
    """
    found = list(_of_process(process, str(os.getpid())))
    if snapshot is not None:
        found += _of_release(snapshot, now)
        told: Any = status(snapshot, now, readings).data
        found += _of_datasets(snapshot, now, told["datasets"])
        found += _of_sources(snapshot, told["sources"])
    registry = CollectorRegistry()
    registry.register(_Found(found))
    return generate_latest(registry)


@dataclass(frozen=True, eq=False)
class _Found(Collector):
    metrics: Sequence[Metric]

    def collect(self) -> Iterable[Metric]:
        return self.metrics


def _gauge(name: str, help_text: str, *labels: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"modelcensus_{name}", help_text, labels=labels)


def _counter(name: str, help_text: str, *labels: str) -> CounterMetricFamily:
    return CounterMetricFamily(f"modelcensus_{name}", help_text, labels=labels)


def _of_process(process: Process, number: str) -> Iterator[Metric]:
    requests = _counter("requests", "Replies, by class of status.", "process", "status")
    for digit in range(1, CLASSES):
        sent = process.traffic.sent[digit]
        requests.add_metric([number, f"{digit}xx"], sent)
    yield requests
    refreshes = process.refreshes
    counted = (
        ("cache_hits", "Answers from the response cache.", process.traffic.hits),
        ("cache_misses", "Answers that were made for it.", process.traffic.misses),
        ("refresh_failures", "Looks for a release that failed.", refreshes.failures),
    )
    for name, text, count in counted:
        counter = _counter(name, text, "process")
        counter.add_metric([number], count)
        yield counter
    seen = refreshes.at.timestamp() if refreshes.at else 0.0
    measured: tuple[tuple[str, str, float], ...] = (
        ("cache_entries", "Answers in the response cache.", process.kept),
        ("cache_bytes", "Memory of the response cache.", process.kept_bytes),
        ("refresh_seconds", "Duration of the last good refresh.", refreshes.seconds),
        ("refresh_timestamp_seconds", "When the last refresh went well.", seen),
    )
    for name, text, value in measured:
        gauge = _gauge(name, text, "process")
        gauge.add_metric([number], value)
        yield gauge


def _of_release(snapshot: Snapshot, now: datetime) -> Iterator[Metric]:
    newest = snapshot.release
    number = _gauge("release_number", "Number of the newest release.")
    number.add_metric([], newest.id)
    age = _gauge("release_age_seconds", "Time since the newest release was published.")
    age.add_metric([], (now - newest.published_at).total_seconds())
    yield from (number, age)


def _of_datasets(
    snapshot: Snapshot, now: datetime, told: Sequence[dict[str, Any]]
) -> Iterator[Metric]:
    age = _gauge(
        "dataset_age_seconds", "Time since the last complete day ended.", "dataset"
    )
    stale = _gauge(
        "dataset_staleness_seconds",
        "Time since the next day was expected; 0 until then.",
        "dataset",
    )
    state = _gauge(
        "dataset_freshness", "1 for the state that it is in.", "dataset", "state"
    )
    held = _gauge(
        "dataset_held_days", "Days that wait for somebody's decision.", "dataset"
    )
    overdue = _gauge(
        "dataset_overdue", "Whether a source of it is not read when due.", "dataset"
    )
    for one in told:
        slug = one["dataset"]
        view = snapshot.datasets[slug]
        through = view.last_complete
        if through is not None:
            ended = datetime.combine(through, time(), UTC) + timedelta(days=1)
            age.add_metric([slug], (now - ended).total_seconds())
        stale.add_metric([slug], _staleness(view, now))
        for kind in Freshness:
            state.add_metric([slug, kind], float(one["freshness"] == kind))
        held.add_metric([slug], len(one["held_days"]))
        overdue.add_metric([slug], float(one["overdue"]))
    yield from (age, stale, state, held, overdue)


def _staleness(view: DatasetView, now: datetime) -> float:
    expected = next_update(view.last_complete, view.dataset.cadence_hours)
    return 0.0 if expected is None else max(0.0, (now - expected).total_seconds())


def _of_sources(snapshot: Snapshot, told: Sequence[dict[str, Any]]) -> Iterator[Metric]:
    overdue = _gauge(
        "source_overdue", "Whether its last two turns are missing.", "source"
    )
    every = _gauge("source_interval_seconds", "How often it is read.", "source")
    for one in told:
        overdue.add_metric([one["source"]], float(one["overdue"]))
        every.add_metric([one["source"]], one["every_seconds"])
    yield from (overdue, every)
    last = _gauge(
        "source_last_run_timestamp_seconds", "When its last run ended.", "source"
    )
    runs = _gauge("source_runs", "Verdicts of its last runs.", "source", "verdict")
    ended: dict[str, float] = {}
    verdicts: dict[tuple[str, str], int] = {}
    for run in (run for found in snapshot.runs.values() for run in found):
        key = run.source, run.verdict
        verdicts[key] = verdicts.get(key, 0) + 1
        if run.finished_at is not None:
            moment = run.finished_at.timestamp()
            ended[run.source] = max(moment, ended.get(run.source, moment))
    for source, moment in sorted(ended.items()):
        last.add_metric([source], moment)
    for key, count in sorted(verdicts.items()):
        runs.add_metric(key, count)
    yield from (last, runs)
