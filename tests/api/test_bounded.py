"""What is kept within a number of bytes, and what makes room for what."""

from hypothesis import given, settings
from hypothesis import strategies as st

from app.api.cache import Bounded

ROOM = 100_000
SIZE = 2_000


def asked(kept: Bounded[int, str], *keys: int) -> list[str | None]:
    return [kept.get(key) for key in keys]


def test_what_was_asked_for_again_outlives_a_flood_of_questions_asked_once() -> None:
    kept: Bounded[int, str] = Bounded(ROOM)
    for key in range(5):
        kept.put(key, f"good {key}", SIZE)
    asked(kept, *range(4))

    for key in range(100, 1_100):
        kept.put(key, "flood", SIZE)

    good = ["good 0", "good 1", "good 2", "good 3", None]
    assert asked(kept, *range(5)) == good
    assert kept.size <= ROOM


def test_what_is_asked_for_again_makes_room_in_its_turn() -> None:
    kept: Bounded[int, str] = Bounded(ROOM)
    for key in range(1_000):
        kept.put(key, str(key), SIZE)
        kept.get(key)

    assert kept.size <= ROOM
    assert asked(kept, 0, 1, 998, 999) == [None, None, "998", "999"]


def test_what_alone_would_crowd_out_many_is_not_kept() -> None:
    kept: Bounded[int, str] = Bounded(ROOM)
    kept.put(1, "small", SIZE)
    kept.put(1, "large", ROOM // 8)
    kept.put(2, "as large as may be", ROOM // 8 - 3_000)

    assert asked(kept, 1, 2) == [None, "as large as may be"]
    assert len(kept) == 1


def test_looking_whether_a_value_is_kept_is_no_asking_for_it() -> None:
    kept: Bounded[int, str] = Bounded(ROOM)
    value = "looked at"
    kept.put(1, value, SIZE)

    assert kept.holds(1, value)
    assert not kept.holds(2, value)
    for key in range(100, 200):
        kept.put(key, "flood", SIZE)
    assert not kept.holds(1, value)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(-1, 9_000)), max_size=60))
def test_its_size_is_that_of_what_it_keeps(steps: list[tuple[int, int]]) -> None:
    kept: Bounded[int, int] = Bounded(ROOM // 3)
    for key, size in steps:
        if size < 0:
            kept.get(key)
        else:
            kept.put(key, size, size)

    held = [got for key in range(10) if (got := kept.get(key)) is not None]
    assert kept.size == sum(held) + 3_000 * len(held) <= ROOM // 3
    assert len(kept) == len(held)
    kept.clear()
    assert (len(kept), kept.size) == (0, 0)
