"""Status: what was read last, how old it is, what waits, and what nobody reads."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from app.domain.readings import HeldDay, Reading
from app.domain.snapshot import Snapshot
from app.services import endings, ingest, status, turns
from app.services.ingest import Job
from app.services.snapshots import Snapshots
from app.settings import Settings
from app.store.database import Database
from app.store.operational import HeldRow
from app.store.tables import RunRow
from tests.services import listed, published
from tests.services.published import MONDAY, NOW, TUESDAY, WEDNESDAY, batch, moment

HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def snapshot(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Snapshot]:
    """The small census, and after it a run that was refused and one that was held."""
    path = tmp_path_factory.mktemp("status") / "census.db"
    shutil.copy(sqlite_template, path)
    opened = Database(f"sqlite:///{path}")
    listed.fill(opened)
    published.take(opened, batch(moment(32), {TUESDAY: {"acme/one": -1}}))
    published.take(opened, batch(moment(31), {MONDAY: {"acme/one": 1}}))
    yield published.load(opened)
    opened.close()


def of_tokens(snapshot: Snapshot, now: datetime, *readings: Reading) -> dict[str, Any]:
    """Return what status says of the tokens."""
    told: Any = status.status(snapshot, now, readings).data["datasets"]
    assert [one["dataset"] for one in told] == [published.TOKENS, "tools"]
    found: dict[str, Any] = told[0]
    return found


@pytest.mark.parametrize(
    ("now", "freshness"),
    [
        # Through Monday, so Tuesday is expected at two o'clock on Wednesday.
        (datetime(2026, 8, 19, 7, 59, tzinfo=UTC), "fresh"),
        (datetime(2026, 8, 19, 8, tzinfo=UTC), "late"),
        (datetime(2026, 8, 21, 2, tzinfo=UTC), "stale"),
    ],
)
def test_status_tells_how_late_the_next_day_is(
    snapshot: Snapshot, now: datetime, freshness: str
) -> None:
    found = of_tokens(snapshot, now)

    assert (found["freshness"], found["data_through"]) == (freshness, "2026-08-17")
    assert found["next_update_expected"] == "2026-08-19T02:00:00Z"
    quote = status.status(snapshot, now).meta["quote"]
    stale = "openrouter-tokens: stale."
    assert quote == (stale if freshness == "stale" else "All datasets are up to date.")


def test_status_tells_the_last_run_the_last_good_one_and_those_held(
    snapshot: Snapshot,
) -> None:
    found = of_tokens(snapshot, NOW)

    assert found["last_run"] == {
        "id": 4,
        "source": "test",
        "trigger": "cli",
        "verdict": "quarantined",
        "started_at": "2026-08-24T03:00:00Z",
        "finished_at": "2026-08-24T03:00:00Z",
        "as_of": "2026-08-19T07:00:00Z",
        "payload": found["last_run"]["payload"],
        "rows": {"in": 1, "new": 0, "changed": 0, "same": 0, "rejected": 1},
        "checks_failed": ["same_as_of"],
        "reason": (
            "Other numbers as of the same moment, for 2026-08-17: these days were kept."
        ),
    }
    assert found["last_good_run"]["id"] == 2
    assert [run["id"] for run in found["held_runs"]] == [4]
    refused = snapshot.runs[published.TOKENS][1]
    assert (refused.id, refused.verdict) == (3, "rejected")


def test_status_tells_how_much_is_attributed(snapshot: Snapshot) -> None:
    found = of_tokens(snapshot, NOW)

    # Of 105 on Monday: 75 are of the USA; 20 of nobody known; 10 are listed nowhere.
    assert found["attribution_coverage"] == {"origin": 0.714286, "weights": 0.714286}
    assert found["unattributed_models"] == [{"model": "bolt/two", "volume_28d": 20}]


def test_status_of_a_dataset_without_a_day_is_empty(snapshot: Snapshot) -> None:
    told: Any = status.status(snapshot, NOW).data["datasets"]

    assert told[1] == {
        "dataset": "tools",
        "freshness": "fresh",
        "data_through": None,
        "next_update_expected": None,
        "gaps": [],
        "flagged": [],
        "last_run": None,
        "last_good_run": None,
        "held_runs": [],
        "held_days": [],
        "attribution_coverage": {},
        "unattributed_models": [],
        "overdue": False,
    }


# What is read on schedule


TEST = Reading("test", published.TOKENS, 6 * HOUR)
LIST = Reading("models", None, 24 * HOUR)


@pytest.mark.parametrize(
    ("passed", "overdue"), [(12 * HOUR, False), (12 * HOUR + HOUR / 60, True)]
)
def test_a_source_that_is_not_read_for_two_turns_is_overdue(
    snapshot: Snapshot, passed: timedelta, *, overdue: bool
) -> None:
    now = datetime(2026, 8, 24, 3, tzinfo=UTC) + passed

    found = status.status(snapshot, now, [TEST]).data

    assert found["sources"] == [
        {
            "source": "test",
            "dataset": published.TOKENS,
            "every_seconds": 21600,
            "last_run_at": "2026-08-24T03:00:00Z",
            "last_verdict": "quarantined",
            "overdue": overdue,
        }
    ]
    assert of_tokens(snapshot, now, TEST)["overdue"] is overdue
    assert status.overdue(snapshot, now, [TEST]) == (["test"] if overdue else [])


def test_a_source_that_was_never_read_is_overdue(snapshot: Snapshot) -> None:
    told = status.status(snapshot, NOW, [LIST])
    found: Any = told.data["sources"]

    assert found == [
        {
            "source": "models",
            "dataset": None,
            "every_seconds": 86400,
            "last_run_at": None,
            "last_verdict": None,
            "overdue": True,
        }
    ]
    assert str(told.meta["quote"]).endswith("models: not read when due.")
    assert not of_tokens(snapshot, NOW, LIST)["overdue"]


def test_a_run_that_is_under_way_is_no_sign_that_any_comes_to_an_end(
    database: Database,
) -> None:
    published.begin(database)
    for source, dataset in [("test", published.TOKENS), ("models", None)]:
        job = Job(source, dataset or "none", "schedule")
        with database.write() as session:
            row = ingest.open_run(session, job, NOW)
            row.dataset = dataset

    assert status.overdue(published.load(database), NOW, [TEST, LIST]) == [
        "test",
        "models",
    ]
    for number in (1, 2):
        with database.write() as session:
            row = session.get_one(RunRow, number)
            endings.close_run(row, "failed", NOW)
    assert status.overdue(published.load(database), NOW, [TEST, LIST]) == []


def test_the_settings_say_what_is_read() -> None:
    asked = Settings(_env_file=None, huggingface_every=5 * HOUR)

    found = turns.readings(asked, lambda: NOW)

    assert Reading("huggingface", "huggingface-downloads", 5 * HOUR) in found
    assert {r.source for r in found if r.dataset is None} == {
        "openrouter-models",
        "modelsdev",
    }


# What moves without a release


def test_the_end_of_a_run_is_noticed_without_a_release(database: Database) -> None:
    published.begin(database)
    snapshots = Snapshots(database)
    with database.write() as session:
        first = ingest.open_run(session, Job("one", published.TOKENS, "cli"), NOW)
        ingest.open_run(session, Job("two", published.TOKENS, "cli"), NOW)
        number = first.id
    snapshots.refresh()
    before = snapshots.current

    with database.write() as session:
        endings.close_run(session.get_one(RunRow, number), "unchanged", NOW)

    assert not snapshots.refresh()
    after = snapshots.current
    assert {r.verdict for r in before.runs[published.TOKENS]} == {"running"}
    assert {r.verdict for r in after.runs[published.TOKENS]} == {"running", "unchanged"}
    assert not snapshots.refresh()
    assert snapshots.current is after


def test_days_that_wait_are_shown_until_somebody_decides(database: Database) -> None:
    published.begin(database)
    job = Job("test", published.TOKENS, "cli")
    with database.write() as session:
        run = ingest.open_run(session, job, NOW)
        decided = WEDNESDAY
        for day in (TUESDAY, MONDAY, decided):
            held = HeldRow(
                run=run.id or 0,
                dataset=published.TOKENS,
                period_start=day,
                as_of=moment(32),
                volumes=[],
                checks=[{"rule": "total", "detail": "twice the usual"}],
                decision="rejected" if day == decided else None,
                decided_at=NOW if day == decided else None,
            )
            session.add(held)
        job = Job("test", published.TOKENS, "cli")
        other = ingest.open_run(session, job, NOW)
        for row in (session.get_one(RunRow, run.id), other):
            endings.close_run(row, "quarantined", NOW)
    found = published.load(database)

    waits = [HeldDay(day, 1, moment(32), ("total",)) for day in (MONDAY, TUESDAY)]
    assert found.held == {published.TOKENS: tuple(waits)}
    told: Any = status.status(found, NOW).data["datasets"]
    assert told[0]["held_days"] == [
        {
            "day": str(day),
            "run": 1,
            "as_of": "2026-08-19T08:00:00Z",
            "checks_failed": ["total"],
        }
        for day in (MONDAY, TUESDAY)
    ]
    # The other one held days once: all of them are decided.
    assert [one["id"] for one in told[0]["held_runs"]] == [1]


def test_a_decision_does_not_hide_that_nobody_reads(database: Database) -> None:
    published.begin(database)
    reading = Reading("rankings", published.TOKENS, HOUR)
    for trigger, ago in (("schedule", 3 * HOUR), ("decision", HOUR)):
        with database.write() as session:
            job = Job("rankings", published.TOKENS, trigger)
            row = ingest.open_run(session, job, NOW - ago)
            endings.close_run(row, "published", NOW - ago)

    found = status.overdue(published.load(database), NOW, [reading])

    assert found == ["rankings"]
