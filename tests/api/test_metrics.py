"""`/metrics`: what Prometheus makes of it."""

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.testclient import TestClient

from app.api.front import Front
from app.domain.readings import HeldDay
from app.main import create_app
from tests.api.conftest import Clock, settings
from tests.api.small import FRESH, MONDAY, NOW, READ, SECOND, Published, run

ASK = "/v1/share?origin=CN"
PROCESS = str(os.getpid())

Found = dict[tuple[str, ...], float]


def told(client: TestClient) -> Found:
    """Return each number under its name and its labels' values."""
    reply = client.get("/metrics")
    assert reply.status_code == 200
    found: Found = {}
    for family in text_string_to_metric_families(reply.text):
        assert family.documentation.endswith(".")
        assert family.type in {"counter", "gauge"}
        for sample in family.samples:
            values = tuple(v for v in sample.labels.values() if v != PROCESS)
            name = sample.name.removeprefix("modelcensus_")
            assert name != sample.name
            found[name, *values] = sample.value
    return found


def test_it_is_text_that_nobody_keeps(client: TestClient) -> None:
    reply = client.get("/metrics")

    assert reply.headers["content-type"].startswith("text/plain; version=")
    assert reply.headers["cache-control"] == "no-store"
    assert "etag" not in reply.headers


def test_how_the_data_stand(client: TestClient, clock: Clock) -> None:
    clock.now = FRESH

    found = told(client)

    tokens = "openrouter-tokens"
    through = SECOND.datasets[tokens].last_complete
    assert through is not None
    expected = {
        ("release_number",): 2,
        ("release_age_seconds",): (FRESH - SECOND.release.published_at).total_seconds(),
        ("dataset_freshness", tokens, "fresh"): 1,
        ("dataset_freshness", tokens, "late"): 0,
        ("dataset_freshness", tokens, "stale"): 0,
        ("dataset_staleness_seconds", tokens): 0,
        ("dataset_held_days", tokens): 0,
        ("dataset_overdue", tokens): 1,
        ("source_overdue", "openrouter-exports"): 1,
        ("source_interval_seconds", "openrouter-exports"): 21600,
        ("source_last_run_timestamp_seconds", "test"): READ.timestamp(),
        ("source_runs", "test", "unchanged"): 1,
    }
    assert {name: found.get(name) for name in expected} == expected
    clock.now += timedelta(days=5)
    later = told(client)
    assert later["dataset_freshness", tokens, "stale"] == 1
    for name in [("dataset_age_seconds", tokens), ("release_age_seconds",)]:
        assert later[name] - found[name] == 5 * 86400
    assert 0 < later["dataset_staleness_seconds", tokens] < 5 * 86400


def test_a_dead_scheduler_shows_within_two_intervals(
    published: Published, clock: Clock
) -> None:
    export = replace(run(7), source="openrouter-exports", finished_at=NOW)
    runs = {"openrouter-tokens": (export,)}
    published.publish(replace(SECOND, runs=runs))
    client = TestClient(create_app(settings(), published, now=clock))
    name = ("source_overdue", "openrouter-exports")

    def _both() -> tuple[float, Any, str]:
        reply = client.get("/v1/status")
        (dataset,) = reply.json()["data"]["datasets"]
        return told(client)[name], dataset["overdue"], reply.headers["etag"]

    clock.now = NOW + timedelta(hours=12)
    alive = _both()
    clock.now += timedelta(seconds=2)
    dead = _both()

    assert (alive[:2], dead[:2]) == ((0, False), (1, True))
    assert alive[2] != dead[2]


def test_days_that_wait_and_verdicts_are_counted(
    published: Published, client: TestClient
) -> None:
    held = HeldDay(MONDAY, 3, READ, ())
    bad = replace(run(3), verdict="quarantined", finished_at=None)
    runs = {"openrouter-tokens": (bad, bad, run(1))}
    published.publish(
        replace(SECOND, runs=runs, held={"openrouter-tokens": (held, held)})
    )

    found = told(client)

    assert found["dataset_held_days", "openrouter-tokens"] == 2
    assert found["source_runs", "test", "quarantined"] == 2
    assert found["source_runs", "test", "unchanged"] == 1


def test_requests_and_the_cache_are_counted(front: Front, client: TestClient) -> None:
    first = told(client)
    for _ in range(3):
        etag = client.get(ASK).headers["etag"]
    client.get(ASK, headers={"If-None-Match": etag})
    client.get("/v1/nothing")
    client.post("/v1/share")
    found = told(client)

    assert first["requests_total", "2xx"] == 0
    assert {
        name: found[name]
        for name in found
        if name[0].startswith(("cache", "requests")) and name[0] != "cache_bytes"
    } == {
        ("requests_total", "1xx"): 0,
        ("requests_total", "2xx"): 4,  # with the first look
        ("requests_total", "3xx"): 1,
        ("requests_total", "4xx"): 2,
        ("requests_total", "5xx"): 0,
        ("cache_hits_total",): 3,
        ("cache_misses_total",): 1,
        ("cache_entries",): 1,
    }
    assert found["cache_bytes",] > front.kept.size > 0


def test_what_a_process_counts_carries_its_number(client: TestClient) -> None:
    families = text_string_to_metric_families(client.get("/metrics").text)
    samples = [s for family in families for s in family.samples]

    of_process = {s.name.split("_")[1] for s in samples if "process" in s.labels}
    of_data = {s.name.split("_")[1] for s in samples if "process" not in s.labels}
    assert of_process == {"requests", "cache", "refresh"}
    assert of_data == {"release", "dataset", "source"}
    numbers = {s.labels["process"] for s in samples if "process" in s.labels}
    assert numbers == {PROCESS}


def test_it_answers_before_there_is_a_release(clock: Clock) -> None:
    client = TestClient(create_app(settings(), Published(), now=clock))

    found = told(client)

    assert found["refresh_timestamp_seconds",] == 0
    assert not any(name[0].startswith("dataset") for name in found)


def test_refreshes_are_counted(
    published: Published, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = _failing(published.refresh, times=1)
    monkeypatch.setattr(published, "refresh", slow)
    front = create_app(
        settings(refresh_every=timedelta(milliseconds=10)), published, now=clock
    )

    with TestClient(front) as client:
        while not (found := told(client))["refresh_timestamp_seconds",]:
            pass

    assert found["refresh_failures_total",] == 1
    assert found["refresh_timestamp_seconds",] == clock.now.timestamp()
    assert found["refresh_seconds",] > 0


def _failing(refresh: Callable[[], bool], *, times: int) -> Callable[[], bool]:
    left = [times]

    def _refresh() -> bool:
        left[0] -= 1
        if left[0] >= 0:
            raise ZeroDivisionError
        return refresh()

    return _refresh
