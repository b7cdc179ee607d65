"""Observations in columns say what they say as objects."""

from datetime import date

import pytest

from app.domain.observations import MAX_VOLUME, Observation, SeriesKind
from app.domain.packed import Packed

FIRST, SECOND = date(2026, 4, 1), date(2026, 4, 2)
TOLD = [
    Observation(SECOND, SeriesKind.MODEL, "acme/one", MAX_VOLUME),
    Observation(FIRST, SeriesKind.REMAINDER, "other", 0),
    Observation(FIRST, SeriesKind.MODEL, "acme/one", 7),
    Observation(FIRST, SeriesKind.MODEL, "acme/one", 8, "coding"),
]


@pytest.fixture
def packed() -> Packed:
    return Packed.of(TOLD)


def test_each_series_is_named_once_and_each_observation_kept(packed: Packed) -> None:
    assert packed.names == [
        (SeriesKind.MODEL, "acme/one", None),
        (SeriesKind.REMAINDER, "other", None),
        (SeriesKind.MODEL, "acme/one", "coding"),
    ]
    assert list(packed) == TOLD
    assert packed == TOLD
    assert packed != TOLD[1:]
    assert repr(packed) == repr(TOLD)


def test_observations_are_found_as_in_a_list(packed: Packed) -> None:
    assert len(packed) == len(TOLD)
    assert [packed[at] for at in range(-4, 4)] == [TOLD[at] for at in range(-4, 4)]
    assert packed[1:3] == TOLD[1:3]
    assert packed[::-2] == TOLD[::-2]
    with pytest.raises(IndexError):
        packed[4]


def test_what_is_packed_is_not_packed_again(packed: Packed) -> None:
    assert Packed.of(packed) is packed


def test_a_day_is_a_dictionary_when_it_is_looked_at(packed: Packed) -> None:
    days = packed.by_day(["one", "rest", "one@coding"])

    assert dict(days) == {
        FIRST: {"rest": 0, "one": 7, "one@coding": 8},
        SECOND: {"one": MAX_VOLUME},
    }
    assert list(days) == [FIRST, SECOND]
    assert days.get(date(2026, 4, 3)) is None


def test_days_can_be_left_out(packed: Packed) -> None:
    assert packed.without([]) is packed
    assert packed.without([FIRST]) == TOLD[:1]
    assert packed.without([FIRST, SECOND]) == []
    assert dict(packed.without([FIRST, SECOND]).by_day(["a", "b", "c"])) == {}


def test_nothing_packs_to_nothing() -> None:
    assert list(Packed.of([])) == []
    assert dict(Packed.of([]).by_day([])) == {}


def test_a_volume_that_does_not_fit_is_refused() -> None:
    large = Observation(FIRST, SeriesKind.MODEL, "acme/one", MAX_VOLUME + 1)

    with pytest.raises(OverflowError):
        Packed.of([large])
