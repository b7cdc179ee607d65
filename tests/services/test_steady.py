"""The contract of steady numbers, on either side of each limit."""

from datetime import date, timedelta

from app.services import steady
from app.services.neighbours import Fault
from app.services.plausible import Background

FIRST = date(2026, 8, 1)
USUAL = {f"acme/{n}": 10 for n in range(10)}


def day(n: int) -> date:
    return FIRST + timedelta(days=n)


def judge(
    told: dict[date, dict[str, int]], before: int = 7, usual: dict[str, int] = USUAL
) -> dict[date, list[Fault]]:
    """Judge days on top of so many usual ones."""
    known = {day(n): usual for n in range(before)}
    return steady.judge(told, Background(known, lambda *_: "", lambda _: True, 50))


def of_total(total: int) -> dict[str, int]:
    return USUAL | {"acme/0": total - 90}


def test_a_total_from_a_quarter_to_four_times_the_usual_passes() -> None:
    low = dict.fromkeys(USUAL, 2) | {"acme/0": 7}
    assert judge({day(7): low}) == {}
    assert judge({day(7): of_total(400)}) == {}

    assert judge({day(7): low | {"acme/0": 6}}) == {
        day(7): [Fault("total", "24 in all, usually 100")]
    }
    assert judge({day(7): of_total(401)}) == {
        day(7): [Fault("total", "401 in all, usually 100")]
    }


def test_a_third_of_the_usual_series_passes() -> None:
    usual = {f"acme/{n}": 10 for n in range(9)}
    three = {f"acme/{n}": 30 for n in range(3)}
    two = {f"acme/{n}": 45 for n in range(2)}

    assert judge({day(7): three}, usual=usual) == {}
    assert judge({day(7): two}, usual=usual) == {
        day(7): [Fault("rows", "2 series, usually 9")]
    }


def test_fewer_than_four_days_before_say_nothing() -> None:
    assert judge({day(3): of_total(1_000)}, before=3) == {}
    assert judge({day(4): of_total(1_000)}, before=4).keys() == {day(4)}


def test_a_published_day_does_not_move_further_than_a_new_one() -> None:
    assert judge({day(6): of_total(400)}) == {}
    assert judge({day(1): of_total(400)}, before=2) == {}

    assert judge({day(6): of_total(401)}) == {
        day(6): [Fault("total", "401 in all, usually 100")]
    }
    assert judge({day(1): of_total(401)}, before=2).keys() == {day(1)}


def test_a_published_day_is_not_held_for_those_before_it() -> None:
    known = {day(n): USUAL for n in range(7)} | {day(7): of_total(1_000)}
    background = Background(known, lambda *_: "", lambda _: True, 50)

    assert steady.judge({day(7): of_total(1_001)}, background) == {}


def test_only_the_seven_days_before_count() -> None:
    three = {day(n): of_total(300) for n in range(7, 10)}
    four = {day(n): of_total(300) for n in range(7, 11)}

    assert judge({**three, day(10): of_total(401)}).keys() == {day(10)}
    assert judge({**four, day(11): of_total(1_200)}) == {}


def test_a_held_day_is_no_measure_for_the_next() -> None:
    found = judge({day(7 + n): of_total(1_000) for n in range(9)})

    assert found.keys() == {day(7 + n) for n in range(9)}


def test_a_day_before_all_others_has_no_measure() -> None:
    assert judge({day(-1): of_total(1_000)}) == {}
