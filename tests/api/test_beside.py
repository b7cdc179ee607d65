"""What runs beside the answering: refreshing, the access log, background tasks."""

import asyncio
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import structlog
from starlette.testclient import TestClient

from app.api.access import AccessLog
from app.errors import UnavailableError
from app.main import create_app
from tests.api.conftest import Clock, settings
from tests.api.small import FIRST, NOW, SECOND, Published

SOON = timedelta(milliseconds=10)


def wait_for(happened: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not happened():
        assert time.monotonic() < end
        time.sleep(0.01)


class Failing(Published):
    """The record is away as long as `away` says so."""

    away: Exception | None = None

    def refresh(self) -> bool:
        self.refreshed += 1
        if self.away is not None:
            raise self.away
        return False


def test_a_release_is_looked_for_while_serving(published: Published) -> None:
    front = create_app(settings(refresh_every=SOON), published, now=Clock(NOW))

    with TestClient(front) as client:
        wait_for(lambda: published.refreshed > 3)
        assert client.get("/readyz").status_code == 200


def test_a_record_that_is_away_is_logged_once_and_outlived() -> None:
    snapshots = Failing(FIRST, SECOND)
    snapshots.away = UnavailableError("The database is away.")
    front = create_app(settings(refresh_every=SOON), snapshots, now=Clock(NOW))

    with structlog.testing.capture_logs() as logged, TestClient(front) as client:
        wait_for(lambda: snapshots.refreshed > 3)
        assert client.get("/v1/share").status_code == 200
        snapshots.away = RuntimeError("a bug")
        seen = snapshots.refreshed
        wait_for(lambda: snapshots.refreshed > seen + 3)
        snapshots.away = None
        seen = snapshots.refreshed
        wait_for(lambda: snapshots.refreshed > seen + 1)

    events = [(entry["event"], entry.get("error")) for entry in logged]
    assert events == [
        ("refresh failed", "The database is away."),
        ("refresh failed", "RuntimeError('a bug')"),
        ("refresh works again", None),
    ]


def test_background_tasks_run_and_end_with_the_application(
    published: Published,
) -> None:
    told: list[str] = []

    async def task() -> None:
        told.append("begun")
        try:
            await asyncio.Event().wait()
        finally:
            told.append("ended")

    async def broken() -> None:
        raise RuntimeError("alone")

    front = create_app(settings(), published, background=[broken, task])
    with structlog.testing.capture_logs() as logged, TestClient(front) as client:
        wait_for(lambda: told == ["begun"])
        assert client.get("/livez").status_code == 200

    assert told == ["begun", "ended"]
    assert [entry["event"] for entry in logged] == ["background task failed"]


def test_each_request_is_a_line(
    published: Published, capsys: pytest.CaptureFixture[str]
) -> None:
    front = create_app(settings(access_log=True), published, now=Clock(NOW))

    with TestClient(front) as client:
        reply = client.get("/v1/share?q=1%0A")
        client.head("/livez")

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    asked = [line for line in lines if line["event"] == "request"]
    assert [(a["method"], a["target"], a["status"]) for a in asked] == [
        ("GET", "/v1/share?q=1%0A", 400),
        ("HEAD", "/livez", 200),
    ]
    assert asked[0]["request_id"] == reply.headers["x-request-id"]
    assert asked[0]["bytes"] == int(reply.headers["content-length"])
    assert asked[0]["time"] == "2026-10-20T12:00:00.000+00:00"
    assert asked[1]["bytes"] == 0


def test_lines_are_written_in_batches() -> None:
    written: list[str] = []
    log = AccessLog(written.append)
    log.flush()
    for _ in range(101):
        when = datetime(2026, 1, 1, tzinfo=UTC)
        scope = {"method": "GET", "path": "/", "query_string": b""}
        log.note(when, b"id", scope, 200, 1, 0.0)

    assert [text.count("\n") for text in written] == [100]
    log.flush()
    assert [text.count("\n") for text in written] == [100, 1]
