"""`modelcensus status`: what a person reads, and what a monitor goes by."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.services import endings, ingest, turns
from app.services.ingest import Job
from app.settings import Settings
from app.store.database import Database
from app.store.operational import HeldRow
from tests.cli.conftest import Run

SetClock = Callable[[datetime], None]

NOW = datetime(2026, 8, 23, 7, tzinfo=UTC)
HEAD = "release 5, published 2026-10-11T06:04:00Z"
TOOLS = "ai-tools-directory: fresh, data through 2026-10-10; last run published"


def read(
    record: Database, at: datetime, verdict: str = "unchanged", *, only: str = ""
) -> int:
    """Leave a run of every source in the record; return the number of the last."""
    number = 0
    for one in turns.readings(Settings(_env_file=None), lambda: at):
        if only in {"", one.source}:
            job = Job(one.source, one.dataset or "", "schedule")
            with record.write() as session:
                row = ingest.open_run(session, job, at)
                row.dataset = one.dataset
                endings.close_run(row, verdict, at)
                number = row.id or 0
    return number


@pytest.mark.parametrize(
    ("now", "freshness", "code"),
    [
        (NOW, "fresh", 0),
        (datetime(2026, 8, 23, 9, tzinfo=UTC), "late", 0),
        (datetime(2026, 8, 25, 9, tzinfo=UTC), "stale", 1),
    ],
)
def test_status_ends_badly_when_figures_are_stale(
    bundled: Database,
    run: Run,
    set_clock: SetClock,
    now: datetime,
    freshness: str,
    code: int,
) -> None:
    read(bundled, now)
    set_clock(now)

    ended = run("status")

    assert (ended.code, ended.err) == (code, [])
    assert ended.out == [
        HEAD,
        TOOLS,
        (
            f"openrouter-tokens: {freshness}, data through 2026-08-21; "
            "last run unchanged"
        ),
    ]


def test_status_ends_badly_after_a_bad_run(
    bundled: Database, run: Run, set_clock: SetClock, tmp_path: Path
) -> None:
    read(bundled, NOW)
    set_clock(NOW)
    file = tmp_path / "days.csv"
    file.write_text("no days\n")
    run("ingest", "--file", str(file))

    ended = run("status")

    assert ended.code == 1
    assert ended.out[-1] == (
        "openrouter-tokens: fresh, data through 2026-08-21; last run rejected"
    )


def test_status_ends_well_after_somebody_turned_a_day_down(
    bundled: Database, run: Run, set_clock: SetClock
) -> None:
    read(bundled, NOW)
    set_clock(NOW)
    with bundled.write() as session:
        job = Job("openrouter-exports", "openrouter-tokens", "decision")
        endings.close_run(ingest.open_run(session, job, NOW), "rejected", NOW)

    ended = run("status")

    assert (ended.code, ended.out[-1]) == (
        0,
        "openrouter-tokens: fresh, data through 2026-08-21; last run rejected",
    )


def test_status_ends_badly_after_a_bad_run_of_a_list_of_models(
    bundled: Database, run: Run, set_clock: SetClock
) -> None:
    read(bundled, NOW)
    read(bundled, NOW, "quarantined", only="modelsdev")
    set_clock(NOW)

    ended = run("status")

    assert (ended.code, ended.out[3:]) == (1, ["modelsdev: last run quarantined"])


def test_status_ends_badly_when_a_first_read_fails(
    bundled: Database, run: Run, set_clock: SetClock
) -> None:
    read(bundled, NOW)
    read(bundled, NOW, "failed", only="huggingface")
    set_clock(NOW)

    ended = run("status")

    assert (ended.code, ended.out[3:]) == (1, ["huggingface: last run failed"])


def test_status_ends_badly_while_a_source_is_read_again_that_failed(
    bundled: Database, run: Run, set_clock: SetClock
) -> None:
    read(bundled, NOW)
    read(bundled, NOW, "failed", only="openrouter-exports")
    set_clock(NOW)
    with bundled.write() as session:
        job = Job("openrouter-exports", "openrouter-tokens", "schedule")
        ingest.open_run(session, job, NOW)

    ended = run("status")

    assert (ended.code, ended.out[2:]) == (
        1,
        [
            "openrouter-tokens: fresh, data through 2026-08-21; last run running",
            "openrouter-exports: last run failed",
        ],
    )


def test_status_ends_badly_when_nobody_reads(
    bundled: Database, run: Run, set_clock: SetClock
) -> None:
    read(bundled, NOW - timedelta(hours=12, minutes=1))
    read(bundled, NOW, only="huggingface")
    set_clock(NOW)

    ended = run("status")

    assert (ended.code, ended.err) == (1, [])
    assert ended.out[3:] == [
        "openrouter-exports: not read when due, last 2026-08-22T18:59:00Z",
    ]


def test_status_ends_badly_when_nobody_ever_read(
    bundled: Database, run: Run, set_clock: SetClock
) -> None:
    read(bundled, NOW, only="openrouter-exports")
    set_clock(NOW)

    ended = run("status")

    assert (ended.code, ended.out[3:]) == (
        1,
        [
            "huggingface: not read when due, never",
            "openrouter-models: not read when due, never",
            "modelsdev: not read when due, never",
        ],
    )


def test_status_ends_badly_while_a_day_waits_for_a_decision(
    bundled: Database, run: Run, set_clock: SetClock
) -> None:
    number = read(bundled, NOW)
    set_clock(NOW)
    with bundled.write() as session:
        held = HeldRow(
            run=number,
            dataset="openrouter-tokens",
            period_start=NOW.date(),
            as_of=NOW,
            volumes=[],
            checks=[],
        )
        session.add(held)

    ended = run("status")

    told = "fresh, data through 2026-08-21; last run unchanged, held 2026-08-23"
    assert (ended.code, ended.out[2:]) == (1, [f"openrouter-tokens: {told}"])
