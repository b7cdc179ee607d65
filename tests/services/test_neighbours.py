"""Each rule about the days next to a day, on either side of its limit."""

import math

import pytest

from app.services import neighbours
from app.services.neighbours import Fault

DAY = {f"acme/{n}": 1_000 for n in range(10)}
WEEKS = dict.fromkeys(range(1, 30), DAY)


def times(factor: float) -> dict[str, int]:
    return {name: round(volume * factor) for name, volume in DAY.items()}


def rules(found: list[Fault]) -> list[str]:
    return [fault.rule for fault in found]


def listing(count: int) -> dict[str, int]:
    return {f"acme/{n}": 1 for n in range(count)}


def test_a_full_day_lists_as_many_models_as_days_do() -> None:
    assert neighbours.shape(listing(50) | {"other": 1}, 50) == []
    assert neighbours.shape(listing(7), 50) == []

    assert neighbours.shape(listing(49) | {"other": 1}, 50) == [
        Fault("rows", "49 models are listed, not 50")
    ]
    assert rules(neighbours.shape(listing(51), 50)) == ["rows"]
    assert rules(neighbours.shape(listing(51) | {"other": 1}, 50)) == ["rows"]


@pytest.mark.parametrize("factor", [0.866, 1, 1.155])
def test_a_total_that_follows_the_weeks_before_passes(factor: float) -> None:
    assert neighbours.total(times(factor), WEEKS, 1, 1) == []


@pytest.mark.parametrize("factor", [0.864, 1.157])
def test_a_total_that_jumps_is_told(factor: float) -> None:
    assert neighbours.total(times(factor), WEEKS, 1, 1) == [
        Fault(
            "total",
            f"{factor:.2f} times what the days before lead to expect, beyond 1.16",
        )
    ]


def test_a_weekday_that_always_falls_is_expected_to() -> None:
    weeks = dict.fromkeys(range(1, 30), DAY) | {n: times(0.5) for n in (7, 14, 21)}

    assert neighbours.total(times(0.5), weeks, 1, 1) == []
    assert rules(neighbours.total(DAY, weeks, 1, 1)) == ["total"]


def test_the_median_of_three_weeks_counts() -> None:
    weeks = dict.fromkeys(range(1, 30), DAY) | {7: times(0.5)}

    assert neighbours.total(DAY, weeks, 1, 1) == []
    assert neighbours.total(DAY, weeks | {28: times(0.5)}, 1, 1) == []


def test_steps_of_all_days_in_between_count() -> None:
    weeks = dict.fromkeys(range(2, 32), DAY) | {n: times(0.5) for n in (7, 14, 21)}

    assert rules(neighbours.total(DAY, weeks, 2, 1)) == ["total"]
    assert neighbours.total(times(0.5), weeks, 2, 1) == []


def test_with_fewer_than_three_weeks_more_may_be() -> None:
    few = dict.fromkeys(range(1, 22), DAY)

    assert neighbours.total(times(1.41), few, 1, 1) == []
    assert neighbours.total(times(0.71), few, 1, 1) == []
    assert rules(neighbours.total(times(1.43), few, 1, 1)) == ["total"]
    assert rules(neighbours.total(times(1.41), few | {22: DAY}, 1, 1)) == ["total"]


def test_a_launch_does_not_move_what_both_list_but_may_be_too_large() -> None:
    assert neighbours.total(DAY | {"bolt/x": 4_100}, WEEKS, 1, 1) == []

    assert neighbours.total(DAY | {"bolt/x": 4_300}, WEEKS, 1, 1) == [
        Fault("total", "with all its models 1.43 times the nearest day")
    ]


def test_a_day_with_no_model_of_the_day_before_is_another_chart() -> None:
    assert neighbours.total({"bolt/x": 10_000}, WEEKS, 1, 1) == [
        Fault("total", "no listed model is listed on the nearest day")
    ]


def test_limits_widen_with_days_that_nobody_told() -> None:
    assert neighbours.total(times(1.3), WEEKS, 1, 2) == []
    assert neighbours.alike(DAY | {"acme/0": 5_000}, DAY, 2) == []
    assert rules(neighbours.alike(DAY | {"acme/0": 5_000}, DAY, 1)) == ["shares"]


def test_a_fifth_of_the_shares_may_move() -> None:
    before = {"a": 5_000, "b": 5_000}

    assert neighbours.alike({"a": 7_000, "b": 3_000}, before, 1) == []
    assert neighbours.alike({"a": 7_010, "b": 2_990}, before, 1) == [
        Fault("shares", "20.1% of the shares moved")
    ]


LADDER = {f"acme/{n}": 1_000 + 100 * n for n in range(20)}


def turned(of: int) -> dict[str, int]:
    """Turn the order of the first so many around."""
    names = list(LADDER)[:of]
    volumes = [LADDER[name] for name in reversed(names)]
    return LADDER | dict(zip(names, volumes, strict=True))


@pytest.mark.parametrize(
    ("of", "found"), [(5, []), (6, ["order"]), (8, ["order"]), (9, ["shuffled"])]
)
def test_order_may_change_a_little(of: int, found: list[str]) -> None:
    assert rules(neighbours.alike(turned(of), LADDER, 1)) == found


def test_twelve_models_may_come_and_go() -> None:
    before = {f"acme/{n}": 1 for n in range(20)} | {"acme/all": 10_000}
    less = {name: before[name] for name in list(before)[12:]}

    assert neighbours.alike(less, before, 1) == []
    assert neighbours.alike(before, less, 1) == []
    del less["acme/12"]
    assert neighbours.alike(less, before, 1) == [
        Fault("turnover", "13 models were lost")
    ]
    assert neighbours.alike(before, less, 1) == [
        Fault("turnover", "13 models were gained")
    ]


def come_and_gone(count: int, width: float) -> list[str]:
    before = {f"acme/{n}": 1 for n in range(30)} | {"acme/all": 10_000}
    less = {name: before[name] for name in list(before)[count:]}
    return rules(neighbours.alike(less, before, width))


def test_more_may_change_for_each_day_that_nobody_told() -> None:
    a_day, two_days = math.sqrt(2), math.sqrt(3)

    assert come_and_gone(13, a_day) == []
    assert come_and_gone(14, a_day) == ["turnover"]
    assert neighbours.alike(turned(6), LADDER, a_day) == []
    assert rules(neighbours.alike(turned(7), LADDER, a_day)) == ["order"]
    assert neighbours.alike(turned(7), LADDER, two_days) == []


def test_but_not_more_than_so_much() -> None:
    before = {"a": 5_000, "b": 5_000}

    assert come_and_gone(20, 10) == []
    assert come_and_gone(21, 10) == ["turnover"]
    assert neighbours.alike({"a": 9_400, "b": 600}, before, 10) == []
    assert rules(neighbours.alike({"a": 9_600, "b": 400}, before, 10)) == ["shares"]
    assert rules(neighbours.alike(turned(9), LADDER, 10)) == ["shuffled"]
    small = DAY | {"other": 1_000}
    assert neighbours.tail(small | {"acme/0": 600}, small, 10) == []
    assert rules(neighbours.tail(small | {"acme/0": 580}, small, 10)) == ["remainder"]


def test_three_large_models_may_move_by_half_at_once() -> None:
    three = DAY | {f"acme/{n}": 500 for n in range(3)}
    four = DAY | {f"acme/{n}": 500 for n in range(4)}
    less = DAY | {f"acme/{n}": 560 for n in range(4)}

    assert neighbours.movers(three, WEEKS, 1) == []
    assert neighbours.movers(less, WEEKS, 1) == []
    assert neighbours.movers(four, WEEKS, 1) == [
        Fault("movers", "4 large models moved by half at once")
    ]


def test_a_large_model_may_end_but_not_collapse() -> None:
    gone = {name: n for name, n in DAY.items() if name != "acme/0"}

    assert neighbours.movers(gone, WEEKS, 1) == []
    assert neighbours.movers(DAY | {"acme/0": 112}, WEEKS, 1) == []
    assert neighbours.movers(DAY | {"acme/0": 90}, WEEKS, 1) == [
        Fault("movers", "acme/0 moved 10-fold")
    ]


def test_only_models_that_are_large_and_a_week_old_count() -> None:
    small = {"acme/small": 150}
    week = dict.fromkeys(range(1, 8), DAY | small)
    new = WEEKS | {7: {name: n for name, n in DAY.items() if name != "acme/0"}}

    assert neighbours.movers(DAY | {"acme/small": 1}, week, 1) == []
    assert neighbours.movers(DAY | {"acme/0": 1}, new, 1) == []
    assert (
        neighbours.movers(DAY | {"acme/0": 1}, dict.fromkeys(range(1, 7), DAY), 1) == []
    )
    assert neighbours.movers(DAY | {"acme/0": 1}, WEEKS, 2) == []


def test_the_remainder_keeps_its_part() -> None:
    before = DAY | {"other": 1_000}

    assert neighbours.tail(DAY | {"other": 1_400}, before, 1) == []
    assert neighbours.tail(DAY, DAY, 1) == []
    found = neighbours.tail(DAY | {"other": 1_500}, before, 1)
    assert found == [Fault("remainder", "other moved by +0.36 (logarithm) of the day")]
    assert rules(neighbours.tail(DAY, before, 1)) == ["remainder"]
    assert rules(neighbours.tail(before, DAY, 1)) == ["remainder"]


def test_the_remainder_keeps_its_ratio_to_the_last_that_is_listed() -> None:
    before = DAY | {"other": 1_000}

    assert neighbours.tail(before | {"acme/0": 720}, before, 1) == []
    assert rules(neighbours.tail(before | {"acme/0": 700}, before, 1)) == ["remainder"]


@pytest.mark.parametrize(
    ("other", "passes"),
    [(4_999, False), (5_000, True), (42_000, True), (43_500, False)],
)
def test_the_remainder_of_a_day_without_neighbours(other: int, passes: bool) -> None:  # noqa: FBT001
    day = {"acme/big": 99_000, "acme/small": 1_000, "other": other}

    assert (neighbours.remainder(day) == []) is passes


def test_the_remainder_is_at_least_a_hundredth_and_at_most_120_of_the_smallest() -> (
    None
):
    assert rules(neighbours.remainder({"a": 1_000, "b": 1, "other": 10})) == [
        "remainder"
    ]
    assert neighbours.remainder({"a": 900, "b": 1, "other": 10}) == []
    assert neighbours.remainder({"a": 900, "b": 1, "other": 120}) == []
    assert rules(neighbours.remainder({"a": 900, "b": 1, "other": 121})) == [
        "remainder"
    ]
    assert neighbours.remainder({"a": 900}) == []
