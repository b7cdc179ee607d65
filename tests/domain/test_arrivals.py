"""What becomes of a day, compared with a model that looks at all readings at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain import arrivals
from app.domain.arrivals import Arrival, Known, Outcome, Volumes
from app.domain.datasets import Status
from tests.domain import examples
from tests.domain.examples import law

DAY = date(2026, 4, 1)
END = datetime(2026, 4, 2, tzinfo=UTC)
REVISED = 30  # days
DATASET = examples.dataset(revision_days=REVISED)


@dataclass(frozen=True)
class Reading:
    """What one batch says of the day; no volumes: it covers the day, without a word."""

    as_of: datetime
    volumes: Volumes | None


@dataclass(frozen=True)
class Seen:
    """What a reader sees of the day."""

    volumes: dict[str, int]
    flagged: bool
    status: Status | None


def hours(count: int) -> datetime:
    return END + timedelta(hours=count)


def status(as_of: datetime) -> Status:
    return DATASET.status(DAY, as_of)


def expected(readings: Sequence[Reading]) -> Seen:
    """All readings at once: the newest that told the day counts."""
    told = [r for r in readings if r.volumes is not None]
    if not told:
        return Seen({}, flagged=False, status=None)
    newest = max(told, key=lambda r: r.as_of)
    later = [r for r in readings if r.volumes is None and r.as_of > newest.as_of]
    return Seen(dict(newest.volumes or {}), bool(later), status(newest.as_of))


def arrive(known: Known, reading: Reading) -> Outcome:
    if reading.volumes is None:
        return arrivals.missed(reading.as_of, known)
    return arrivals.told(DAY, reading.volumes, reading.as_of, known, DATASET)


def after(known: Known, outcome: Outcome) -> Known:
    kept = {k: v for k, v in known.volumes.items() if k not in outcome.closed}
    assert not kept.keys() & outcome.opened.keys()
    return Known(
        kept | dict(outcome.opened),
        outcome.as_of,
        outcome.flagged,
        outcome.confirmed,
        outcome.missed,
    )


def seen(known: Known) -> Seen:
    found = None if known.as_of is None else status(known.as_of)
    return Seen(dict(known.volumes), known.flagged, found)


def outcomes(*readings: Reading) -> list[Outcome]:
    known, found = Known(), []
    for reading in readings:
        found.append(arrive(known, reading))
        known = after(known, found[-1])
    return found


def words(*readings: Reading) -> list[Arrival]:
    return [outcome.arrival for outcome in outcomes(*readings)]


MOMENTS = (-1, 1, 5, 24, REVISED * 24, REVISED * 24 + 1)
VOLUMES = ({"a": 1}, {"a": 2}, {"b": 1}, {"a": 1, "b": 1}, {"a": 0})

# One moment says one thing: two that disagree are a conflict, and have their own tests.
readings = st.dictionaries(
    st.sampled_from(MOMENTS), st.none() | st.sampled_from(VOLUMES), max_size=5
).map(lambda told: [Reading(hours(h), v) for h, v in told.items()])


@law
@given(
    readings.flatmap(lambda few: st.lists(st.sampled_from(few)) if few else st.just([]))
)
def test_readings_in_any_order_and_number_leave_what_the_newest_says(
    arriving: list[Reading],
) -> None:
    known = Known()

    for count, reading in enumerate(arriving, start=1):
        before, outcome = seen(known), arrive(known, reading)
        known = after(known, outcome)

        assert seen(known) == expected(arriving[:count])
        assert outcome.publishes == (seen(known) != before)


@law
@given(readings)
def test_only_volumes_that_differ_are_opened_and_closed(few: list[Reading]) -> None:
    known = Known()

    for reading in few:
        outcome = arrive(known, reading)
        now = after(known, outcome)

        before, later = set(known.volumes.items()), set(now.volumes.items())
        assert set(outcome.opened.items()) == later - before
        assert outcome.closed == {key for key, _ in before - later}
        known = now


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_every_order_of_four_readings_ends_alike(order: tuple[int, ...]) -> None:
    four = [
        Reading(hours(2), {"a": 1, "b": 1}),
        Reading(hours(26), {"a": 2}),
        Reading(hours(50), None),
        Reading(hours(50), {"a": 2, "c": 1}),
    ]
    known = Known()

    for number in order:
        known = after(known, arrive(known, four[number]))

    assert seen(known) == Seen(
        {"a": 2, "c": 1}, flagged=False, status=Status.PROVISIONAL
    )


def test_other_numbers_as_of_the_same_moment_are_a_conflict_that_keeps() -> None:
    first, other = Reading(hours(2), {"a": 1}), Reading(hours(2), {"a": 2})

    told, conflict = outcomes(first, other)

    assert conflict == Outcome(
        Arrival.CONFLICT, hours(2), flagged=False, confirmed=hours(2), missed=None
    )
    assert not conflict.publishes
    assert told.opened == {"a": 1}


def test_a_conflict_is_told_from_the_last_reading_not_from_the_published_one() -> None:
    first, again = Reading(hours(2), {"a": 1}), Reading(hours(5), {"a": 1})
    other = Reading(hours(5), {"a": 2})

    assert words(first, again, other) == ["new", "same", "conflict"]


def test_the_same_reading_twice_changes_nothing() -> None:
    reading = Reading(hours(2), {"a": 1})

    assert words(reading, reading, reading) == ["new", "same", "same"]


def test_a_day_left_out_and_listed_again_is_flagged_meanwhile() -> None:
    told = {"a": 1}

    found = outcomes(
        Reading(hours(2), told),
        Reading(hours(26), None),
        Reading(hours(50), None),
        Reading(hours(74), told),
    )

    assert [(o.arrival, o.flagged) for o in found] == [
        ("new", False),
        ("missed", True),
        ("same", True),
        ("returned", False),
    ]


def test_a_day_that_was_left_out_before_it_was_known_comes_in_flagged() -> None:
    found = outcomes(Reading(hours(26), None), Reading(hours(2), {"a": 1}))

    assert [(o.arrival, o.flagged) for o in found] == [("same", False), ("new", True)]
    assert found[-1].missed == hours(26)


def test_the_same_numbers_read_when_the_day_is_final_settle_it() -> None:
    told = {"a": 1}

    found = outcomes(
        Reading(hours(2), told),
        Reading(hours(3), told),
        Reading(hours(REVISED * 24), told),
    )

    assert [(o.arrival, o.as_of) for o in found] == [
        ("new", hours(2)),
        ("same", hours(2)),
        ("settled", hours(REVISED * 24)),
    ]
    assert not found[-1].opened
    assert not found[-1].closed


def test_an_older_reading_is_superseded_whatever_it_says() -> None:
    newer = Reading(hours(26), {"a": 2})

    assert words(newer, Reading(hours(2), {"a": 1})) == ["new", "superseded"]
    assert words(newer, Reading(hours(2), {"a": 2})) == ["new", "superseded"]
    assert words(newer, Reading(hours(2), None)) == ["new", "superseded"]
    assert words(newer, Reading(hours(26), None)) == ["new", "superseded"]


def test_a_restated_day_is_replaced_as_a_whole() -> None:
    _, restated = outcomes(
        Reading(hours(2), {"a": 1, "b": 5, "c": 7}),
        Reading(hours(26), {"a": 2, "b": 5, "d": 0}),
    )

    assert restated == Outcome(
        Arrival.RESTATED,
        hours(26),
        flagged=False,
        confirmed=hours(26),
        missed=None,
        opened={"a": 2, "d": 0},
        closed=frozenset({"a", "c"}),
    )
