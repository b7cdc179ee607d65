"""Releases in memory: loaded by number, refreshed by what changed, never mixed."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from sqlalchemy import event, update
from sqlalchemy.orm import Session

from app.domain.periods import Window
from app.domain.snapshot import Snapshot
from app.errors import OutsideDataError, RecordError, UnavailableError, UnknownError
from app.services import loading, loading_numbers
from app.services.snapshots import Snapshots
from app.store.database import Database
from app.store.dialect import close_rows, insert_many
from app.store.tables import (
    AttributionRow,
    CategoryRow,
    HeadRow,
    ObservationRow,
    PeriodRow,
    SeriesRow,
)
from app.store.types import epoch_day
from tests.store import facts

DAYS = Window(facts.MONDAY, facts.TUESDAY)


@pytest.fixture
def filled(database: Database) -> Database:
    with database.write() as session:
        facts.populate(session)
    return database


def numbers(snapshot: Snapshot) -> list[list[int]]:
    """Monday and Tuesday of both series."""
    days = [Window(day, day) for day in DAYS.days()]
    found: list[list[int]] = snapshot.datasets["tokens"].cube.volumes(days).tolist()
    return found


def publish(session: Session, number: int) -> None:
    session.add(facts.release(number, published_at=facts.NOON + timedelta(number)))
    session.get_one(HeadRow, 1).release = number
    session.flush()


def restate_tuesday(session: Session) -> None:
    """Release 3: Tuesday has a remainder too, and a new series."""
    publish(session, 3)
    session.add(facts.series(3, "model:acme/two", release_from=3))
    session.flush()
    new = [
        facts.observation(series=2, release_from=3, volume=5),
        facts.observation(series=3, release_from=3, volume=7),
    ]
    insert_many(session, ObservationRow, new)
    close_rows(session, PeriodRow, [("tokens", facts.TUESDAY)], 3)
    insert_many(session, PeriodRow, [facts.period(facts.TUESDAY, 3, total=42)])


def test_each_release_has_its_own_numbers(filled: Database) -> None:
    snapshots = Snapshots(filled)
    snapshots.refresh()

    now, then = snapshots.current, snapshots.at(1)

    assert now.release.id == 2
    assert numbers(now) == [[30, 0], [2**62, 0]]
    assert numbers(then) == [[20, 10], [2**62, 0]]


def test_refresh_reads_only_days_that_changed(filled: Database) -> None:
    snapshots = Snapshots(filled)
    snapshots.refresh()
    before = snapshots.current
    with filled.write() as session:
        restate_tuesday(session)

    asked: list[str] = []

    def note(*args: object) -> None:
        asked.append(f"{args[2]} {args[3]}")

    with filled.read() as session:
        event.listen(session.get_bind(), "before_cursor_execute", note)
    changed = snapshots.refresh()

    assert changed
    observed = [text for text in asked if "FROM observation" in text]
    assert len(observed) == 1
    named = [repr(facts.TUESDAY), str(epoch_day(facts.TUESDAY))]
    assert any(name in observed[0] for name in named)
    other = [repr(facts.MONDAY), str(epoch_day(facts.MONDAY))]
    assert not any(name in observed[0] for name in other)
    after = snapshots.current
    with filled.read() as session:
        fresh = loading.load(session, 3)
    assert numbers(after) == numbers(fresh) == [[30, 0, 0], [2**62, 5, 7]]
    assert after.datasets["tokens"].floors == fresh.datasets["tokens"].floors
    assert after.datasets["tokens"].days == fresh.datasets["tokens"].days
    assert after.registry is before.registry
    assert numbers(before) == [[30, 0], [2**62, 0]]


def test_refresh_shares_blocks_that_did_not_change(filled: Database) -> None:
    far = facts.MONDAY - timedelta(days=200)
    with filled.write() as session:
        publish(session, 3)
        old = facts.observation(series=1, period_start=far, release_from=3, volume=4)
        insert_many(session, ObservationRow, [old])
        insert_many(session, PeriodRow, [facts.period(far, 3, total=4)])
    snapshots = Snapshots(filled)
    snapshots.refresh()
    before = snapshots.current.datasets["tokens"].cube
    with filled.write() as session:
        publish(session, 4)
        close_rows(session, PeriodRow, [("tokens", far)], 4)
        close_rows(session, ObservationRow, [(1, far)], 4)
        new = facts.observation(series=1, period_start=far, release_from=4, volume=6)
        insert_many(session, ObservationRow, [new])
        insert_many(session, PeriodRow, [facts.period(far, 4, total=6)])

    snapshots.refresh()

    after = snapshots.current.datasets["tokens"].cube
    assert after.volumes([Window(far, far)]).tolist() == [[6, 0]]
    assert np.shares_memory(after.blocks[-1].volumes, before.blocks[-1].volumes)
    assert not np.shares_memory(after.blocks[0].volumes, before.blocks[0].volumes)


def test_a_past_release_shares_what_is_the_same_now(filled: Database) -> None:
    far = facts.MONDAY - timedelta(days=200)
    with filled.write() as session:
        publish(session, 3)
        old = facts.observation(series=1, period_start=far, release_from=3, volume=4)
        insert_many(session, ObservationRow, [old])
        insert_many(session, PeriodRow, [facts.period(far, 3, total=4)])
    with filled.write() as session:
        publish(session, 4)
        session.add(facts.series(3, "model:acme/two", release_from=4))
        session.flush()
        new = facts.observation(series=3, release_from=4, volume=7)
        insert_many(session, ObservationRow, [new])
        close_rows(session, PeriodRow, [("tokens", facts.TUESDAY)], 4)
        insert_many(session, PeriodRow, [facts.period(facts.TUESDAY, 4, total=42)])
    snapshots = Snapshots(filled)
    snapshots.refresh()
    now = snapshots.current.datasets["tokens"]

    then = {number: snapshots.at(number) for number in (3, 2)}

    for number, found in then.items():
        with filled.read() as session:
            fresh = loading.load(session, number)
        assert numbers(found) == numbers(fresh)
        mine, its = found.datasets["tokens"], fresh.datasets["tokens"]
        assert (mine.series, mine.days) == (its.series, its.days)
        assert (mine.floors, found.releases) == (its.floors, fresh.releases)
        assert mine.calendar.settled.tolist() == its.calendar.settled.tolist()
        assert mine.merged.cube.volumes([DAYS]).tolist() == (
            its.merged.cube.volumes([DAYS]).tolist()
        )
    held, gone = (found.datasets["tokens"].cube for found in then.values())
    assert np.shares_memory(held.blocks[0].volumes, now.cube.blocks[0].volumes)
    assert np.shares_memory(gone.blocks[-1].volumes, held.blocks[-1].volumes)
    assert gone.volumes([Window(far, far)]).tolist() == [[0, 0]]


def test_a_release_that_has_little_in_common_is_read_whole(
    filled: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with filled.write() as session:
        session.execute(update(SeriesRow).values(category="code"))
    snapshots = Snapshots(filled)
    snapshots.refresh()
    now = snapshots.current.datasets["tokens"]
    monkeypatch.setattr(loading_numbers, "_AT_ONCE", 0)

    then = snapshots.at(1)

    assert numbers(then) == [[20, 10], [2**62, 0]]
    found = then.datasets["tokens"]
    assert found.series is now.series
    assert found.merged.cube.volumes([DAYS]).tolist() == [[2**62 + 20, 10]]
    assert not np.shares_memory(
        found.cube.blocks[0].volumes, now.cube.blocks[0].volumes
    )


def test_what_a_release_does_not_touch_is_the_very_same(filled: Database) -> None:
    snapshots = Snapshots(filled)
    snapshots.refresh()
    before = snapshots.current
    with filled.write() as session:
        publish(session, 3)

    snapshots.refresh()

    after = snapshots.current
    assert [release.id for release in after.releases] == [1, 2, 3]
    assert after.datasets["tokens"] is before.datasets["tokens"]
    assert after.annotations is before.annotations


def test_a_name_that_changed_reaches_the_new_release(filled: Database) -> None:
    snapshots = Snapshots(filled)
    snapshots.refresh()
    before = snapshots.current.datasets["tokens"]
    with filled.write() as session:
        publish(session, 3)
        name = {"slug": "play", "name": "Play"}
        session.add(CategoryRow(dataset="tokens", release_from=3, **name))

    snapshots.refresh()

    after = snapshots.current.datasets["tokens"]
    assert set(after.categories) - set(before.categories) == {"play"}
    assert after.cube is before.cube


def test_a_claim_that_changed_reaches_the_new_release_only(filled: Database) -> None:
    snapshots = Snapshots(filled)
    snapshots.refresh()
    before = snapshots.current
    with filled.write() as session:
        publish(session, 3)
        key = ("provider", "acme", "origin", facts.claim()["valid_from"])
        close_rows(session, AttributionRow, [key], 3)
        claim = facts.claim(value="FR", release_from=3)
        insert_many(session, AttributionRow, [claim])

    snapshots.refresh()

    told = [a.value for a in snapshots.current.registry.attributions]
    assert told == ["FR"]
    assert [a.value for a in before.registry.attributions] == ["US"]
    assert snapshots.held(2) is before


def test_nothing_new_is_no_refresh_but_runs_move(filled: Database) -> None:
    snapshots = Snapshots(filled)
    assert snapshots.refresh()
    with filled.write() as session:
        session.add(facts.run(2, verdict="rejected"))

    assert not snapshots.refresh()

    runs = snapshots.current.runs["tokens"]
    assert [run.verdict for run in runs] == ["rejected", "published"]


def test_past_releases_are_bounded_in_memory(filled: Database) -> None:
    with filled.write() as session:
        publish(session, 3)
        publish(session, 4)
    snapshots = Snapshots(filled, past=2)
    snapshots.refresh()

    for release in (1, 2, 1, 3):
        snapshots.at(release)

    assert [n for n in (1, 2, 3) if snapshots.held(n)] == [1, 3]


def test_a_release_nobody_published_is_unknown(filled: Database) -> None:
    snapshots = Snapshots(filled)
    snapshots.refresh()

    with pytest.raises(UnknownError, match="There is no release '3'"):
        snapshots.at(3)
    with pytest.raises(UnknownError):
        snapshots.at(0)


def test_a_number_not_seen_yet_triggers_one_look(filled: Database) -> None:
    snapshots = Snapshots(filled)
    snapshots.refresh()
    with filled.write() as session:
        restate_tuesday(session)

    assert snapshots.at(3).release.id == 3


def test_as_of_is_the_last_release_published_by_then(filled: Database) -> None:
    with filled.write() as session:
        publish(session, 3)
    snapshots = Snapshots(filled)
    snapshots.refresh()
    now = datetime(2026, 9, 1, tzinfo=UTC)

    assert snapshots.as_of(facts.NOON, now) == 2
    assert snapshots.as_of(facts.NOON + timedelta(days=3), now) == 3
    with pytest.raises(OutsideDataError, match="before the first release"):
        snapshots.as_of(facts.NOON - timedelta(seconds=1), now)
    with pytest.raises(OutsideDataError, match="future"):
        snapshots.as_of(now + timedelta(seconds=1), now)


def test_an_empty_record_has_no_release_yet(database: Database) -> None:
    snapshots = Snapshots(database)

    assert not snapshots.refresh()
    with pytest.raises(UnavailableError, match="No release"):
        _ = snapshots.current


def test_a_total_that_could_wrap_is_refused(filled: Database) -> None:
    with filled.write() as session:
        session.execute(update(PeriodRow).values(total=2**61 + 1))

    with pytest.raises(RecordError, match=r"above 2\*\*62"):
        Snapshots(filled).refresh()
