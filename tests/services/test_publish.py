"""Batches become releases, on both databases: what a reader, a run and a row say."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.domain.datasets import Run
from app.domain.observations import MAX_TOTAL, Batch
from app.services import ingest, publish
from app.services.publish import Publication
from app.services.snapshots import Snapshots
from app.services.verify import verify
from app.store.database import Database
from app.store.tables import RunRow
from tests.conftest import KINDS
from tests.domain import examples
from tests.services import published
from tests.services.published import MONDAY, TUESDAY, WEDNESDAY, batch, moment

FIRST = batch(
    moment(26),
    {
        MONDAY: {"acme/one": 70, "bolt/two:free": 20, "other": 10},
        TUESDAY: {"acme/one": 80, "other": 20},
    },
)
RESTATED = batch(moment(50), {MONDAY: {"acme/one": 75, "bolt/two:free": 20}})


@pytest.fixture
def kinds_of_url(request: pytest.FixtureRequest) -> list[str]:
    """Records of every kind that is tested, and one more."""
    return [request.getfixturevalue(f"new_{kind}")() for kind in [*KINDS, KINDS[0]]]


@pytest.fixture
def begun(database: Database) -> Database:
    published.begin(database)
    return database


def verdicts(runs: Sequence[Run]) -> list[str]:
    return [run.verdict for run in runs]


def release(database: Database) -> tuple[int, str]:
    now = published.load(database).release
    return now.id, now.summary


def test_a_life_of_one_record_is_told_by_its_releases(begun: Database) -> None:
    later = batch(moment(74), {TUESDAY: {"acme/one": 81, "other": 19}}, first=MONDAY)
    back = batch(
        moment(98),
        {
            MONDAY: {"acme/one": 75, "bolt/two:free": 20},
            TUESDAY: {"acme/one": 81, "other": 19},
            WEDNESDAY: {"acme/one": 9, "bolt/new": 0},
        },
    )
    steps = [FIRST, FIRST, RESTATED, FIRST, later, RESTATED, back, back]

    runs = [published.take_one(begun, step) for step in steps]

    assert verdicts(runs) == [
        "published",
        "unchanged",
        "published",
        "unchanged",
        "published",
        "unchanged",
        "published",
        "unchanged",
    ]
    now = published.load(begun)
    assert [(r.kind, r.dataset, r.run, r.summary) for r in now.releases] == [
        ("registry", None, None, "An edit."),
        (
            "data",
            "openrouter-tokens",
            1,
            "Tokens: 2 days new (2026-08-17 to 2026-08-18).",
        ),
        ("data", "openrouter-tokens", 3, "Tokens: 1 day restated (2026-08-17)."),
        (
            "data",
            "openrouter-tokens",
            5,
            (
                "Tokens: 1 day restated (2026-08-18), "
                "1 day no longer listed, kept (2026-08-17)."
            ),
        ),
        (
            "data",
            "openrouter-tokens",
            7,
            "Tokens: 1 day new (2026-08-19), 1 day listed again (2026-08-17).",
        ),
    ]
    assert [
        {
            day: (volumes, found.days[day].flagged)
            for day, volumes in published.numbers(found).items()
        }
        for found in (
            published.view(published.load(begun, number)) for number in range(1, 6)
        )
    ] == [
        {},
        {
            MONDAY: ({"acme/one": 70, "bolt/two:free": 20, "other": 10}, False),
            TUESDAY: ({"acme/one": 80, "other": 20}, False),
        },
        {
            MONDAY: ({"acme/one": 75, "bolt/two:free": 20}, False),
            TUESDAY: ({"acme/one": 80, "other": 20}, False),
        },
        {
            MONDAY: ({"acme/one": 75, "bolt/two:free": 20}, True),
            TUESDAY: ({"acme/one": 81, "other": 19}, False),
        },
        {
            MONDAY: ({"acme/one": 75, "bolt/two:free": 20}, False),
            TUESDAY: ({"acme/one": 81, "other": 19}, False),
            WEDNESDAY: ({"acme/one": 9, "bolt/new": 0}, False),
        },
    ]
    assert verify(begun).problems == ()


def test_records_that_say_the_same_have_the_same_digest(
    kinds_of_url: list[str],
) -> None:
    digests = []
    for tries, url in enumerate(kinds_of_url):
        opened = Database(url)
        published.begin(opened)
        # What went wrong before differs, and with it the numbers of runs.
        published.take(opened, *[batch(moment(1), {MONDAY: {"acme/one": -1}})] * tries)
        published.take(opened, FIRST, RESTATED)
        moved = examples.claim("acme", "origin", "CN", confidence="disputed")
        published.apply(opened, published.claims(moved))

        found = verify(opened)

        assert (found.releases, found.observations, found.problems) == (4, 4, ())
        digests.append(found.digest)
        opened.close()
    assert len(digests) > 1
    assert len(set(digests)) == 1


def test_every_row_that_came_in_is_accounted_for(begun: Database) -> None:
    runs = published.take(begun, FIRST, RESTATED, FIRST)

    assert [run.counts for run in runs] == [
        {"in": 5, "new": 5, "changed": 0, "same": 0, "rejected": 0},
        {"in": 2, "new": 0, "changed": 1, "same": 1, "rejected": 0},
        {"in": 5, "new": 0, "changed": 0, "same": 2, "rejected": 3},
    ]


def test_a_conflict_holds_its_day_and_publishes_the_others(begun: Database) -> None:
    published.take(begun, FIRST)
    other = batch(
        moment(26),
        {MONDAY: {"acme/one": 71}, WEDNESDAY: {"acme/one": 5}},
    )

    run = published.take_one(begun, other)

    assert run.verdict == "quarantined"
    assert run.reason == (
        "Other numbers as of the same moment, for 2026-08-17: these days were kept."
    )
    assert run.counts == {"in": 2, "new": 1, "changed": 0, "same": 0, "rejected": 1}
    held = next(check for check in run.checks if check["name"] == "same_as_of")
    assert held == {"name": "same_as_of", "passed": False, "detail": "2026-08-17"}
    found = published.numbers(published.view(published.load(begun)))
    assert found[MONDAY] == {"acme/one": 70, "bolt/two:free": 20, "other": 10}
    assert found[WEDNESDAY] == {"acme/one": 5}
    assert release(begun) == (3, "Tokens: 1 day new (2026-08-19).")


def test_a_reading_that_changes_nothing_still_outranks_an_older_one(
    begun: Database,
) -> None:
    told = {MONDAY: {"acme/one": 70}}

    runs = [
        published.take_one(begun, step)
        for step in (
            batch(moment(2), told),
            batch(moment(50), told),
            batch(moment(26), {MONDAY: {"acme/one": 1}}),
        )
    ]

    assert verdicts(runs) == ["published", "unchanged", "superseded"]
    assert published.numbers(published.view(published.load(begun))) == told


def test_a_day_that_was_left_out_later_stays_flagged_when_it_is_restated(
    begun: Database,
) -> None:
    told = {TUESDAY: {"acme/one": 5}}

    published.take(
        begun,
        batch(moment(2), {MONDAY: {"acme/one": 70}}),
        batch(moment(50), told, first=MONDAY),
        batch(moment(26), {MONDAY: {"acme/one": 71}}),
    )

    now = published.view(published.load(begun))
    assert published.numbers(now)[MONDAY] == {"acme/one": 71}
    assert now.days[MONDAY].flagged


def test_batches_of_one_payload_are_published_one_by_one(begun: Database) -> None:
    broken = batch(moment(60), {TUESDAY: {"acme/one": -1}})

    runs = published.take(begun, FIRST, broken, RESTATED)

    assert verdicts(runs) == ["published", "rejected"]
    assert {run.payload for run in runs} == {runs[0].payload}
    assert published.head(begun) == 2


def test_a_total_that_cannot_be_added_exactly_is_refused(begun: Database) -> None:
    published.take(begun, FIRST)
    kept = sum(o.volume for o in FIRST.observations if o.day == TUESDAY)
    most = MAX_TOTAL - kept
    halves = {"acme/one": most // 2, "other": most - most // 2}

    # Tuesday lies in its window and is kept, so it counts.
    above = published.take_one(
        begun, batch(moment(49), {MONDAY: halves | {"bolt/new": 1}}, last=TUESDAY)
    )
    at_most = published.take_one(begun, batch(moment(50), {MONDAY: halves}))

    assert (above.verdict, at_most.verdict) == ("rejected", "published")
    assert above.reason == (
        f"openrouter-tokens: with this batch the total would be {MAX_TOTAL + 1}, "
        "above 2**62; sums would not be exact. Publish in a larger unit."
    )
    view = published.view(published.load(begun))
    assert sum(day.total for day in view.days.values()) == MAX_TOTAL


def test_a_release_is_never_published_before_the_one_before(begun: Database) -> None:
    published.take(begun, FIRST)
    earlier = datetime(2020, 1, 1, tzinfo=UTC)

    with begun.write() as session:
        job = ingest.Job("test", published.TOKENS, "cli")
        row = ingest.open_run(session, job, published.NOW)
        ingest.record(session, RESTATED, job, row, now=earlier)

    assert published.load(begun).release.published_at == published.NOW
    assert published.run_row(begun, 2).finished_at == published.NOW


def test_an_observation_that_is_lost_on_the_way_publishes_nothing(
    begun: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def _forgetful(*args: Any, **options: Any) -> Publication:
        done = publish.publish(*args, **options)
        return replace(done, counts={**done.counts, "new": done.counts["new"] - 1})

    monkeypatch.setattr(ingest, "publish", _forgetful)

    run = published.take_one(begun, FIRST)

    assert (run.verdict, run.reason) == (
        "failed",
        "5 observations came in, 4 were dealt with; nothing was published.",
    )
    assert published.head(begun) == 1
    assert published.numbers(published.view(published.load(begun))) == {}


def test_a_batch_with_nothing_but_older_readings_is_superseded(
    begun: Database,
) -> None:
    published.take(begun, RESTATED)

    older = published.take_one(begun, batch(moment(49), {MONDAY: {"acme/one": 1}}))
    gap_before = MONDAY - timedelta(days=1)
    wider = published.take_one(
        begun, batch(moment(48), {MONDAY: {"acme/one": 1}}, first=gap_before)
    )

    assert verdicts([older, wider]) == ["superseded", "superseded"]
    assert (
        older.counts
        == wider.counts
        == {"in": 1, "new": 0, "changed": 0, "same": 0, "rejected": 1}
    )
    assert published.head(begun) == 2


def test_a_run_is_not_lost_with_its_batch(begun: Database) -> None:
    unknown = Batch("nothing", FIRST.window, FIRST.as_of, FIRST.observations)

    (run,) = published.take(begun, unknown)

    assert run.verdict == "failed"
    assert str(run.reason).startswith("There is no dataset 'nothing'.")
    with begun.read() as session:
        assert session.get_one(RunRow, run.id).payload == run.payload is not None


def test_the_newest_release_is_refreshed_by_what_changed(begun: Database) -> None:
    snapshots = Snapshots(begun)
    snapshots.refresh()

    for step in (FIRST, RESTATED):
        published.take(begun, step)
        snapshots.refresh()

        fresh = published.told(published.load(begun))
        assert published.told(snapshots.current) == fresh
