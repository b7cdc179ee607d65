"""The contract of daily rankings, on the real days: seldom wrong, and seldom blind."""

from datetime import date

import pytest

from app.services import plausible
from app.services.neighbours import Fault
from tests.services.replayed import (
    ALL,
    DAY,
    DAYS,
    END,
    FIRST,
    LAST,
    LAUNCH,
    Replay,
    Told,
    background,
    days,
    origin_of,
    payloads,
    rules,
    since,
    until,
)

ODD = {LAUNCH, END}
SEAM = date(2026, 7, 15)
"""A day like any other; what is known ends before it, or begins after it."""
BEFORE = SEAM - DAY


def scaled(day: date, factor: float) -> dict[str, int]:
    return {model: int(tokens * factor) for model, tokens in DAYS[day].items()}


def all_scaled(told: Told, factor: float) -> dict[date, dict[str, int]]:
    return {day: scaled(day, factor) for day in told}


# What really was


@pytest.mark.parametrize("width", [1, 2, 7, 30])
def test_the_real_days_are_replayed(width: int) -> None:
    done = Replay().read(payloads(width))

    assert done.held.keys() == ODD
    assert done.known.keys() == DAYS.keys() - ODD
    assert len(done.held) / len(DAYS) <= 0.02


def test_a_day_that_is_accepted_the_next_day_holds_no_other() -> None:
    done = Replay(decide=lambda day: day in ODD).read(payloads(1))

    assert done.held.keys() == ODD
    assert done.known == DAYS


def test_all_real_days_at_once() -> None:
    assert rules(DAYS, {}) == {
        LAUNCH: {"shares"},
        END: {"shares", "order", "origin"},
    }


def test_the_real_days_backwards() -> None:
    found = rules(until(LAST - DAY), {LAST: DAYS[LAST]})

    assert {day for day in found if day > date(2026, 4, 7)} == {
        date(2026, 4, 16),
        date(2026, 5, 26),
        date(2026, 7, 6),
        date(2026, 8, 4),
    }
    assert {day for day in found if day <= date(2026, 4, 7)} == until(END - DAY).keys()


def test_published_days_that_are_told_again_are_not_held() -> None:
    assert rules(DAYS, DAYS) == {}


# Levels


@pytest.mark.parametrize("factor", [0.7, 1.5])
def test_a_batch_on_another_level_is_held_from_the_seam_on(factor: float) -> None:
    month = days(SEAM, SEAM + 29 * DAY)

    assert rules(all_scaled(month, factor), until(BEFORE)).keys() == month.keys()


def test_so_is_one_that_lies_before_what_is_known() -> None:
    month = days(SEAM - 29 * DAY, SEAM)

    found = rules(all_scaled(month, 0.7), since(SEAM + DAY))

    assert found.keys() == month.keys()


def test_sound_days_after_one_on_another_level_pass() -> None:
    told = days(SEAM, SEAM + 6 * DAY) | {SEAM: scaled(SEAM, 0.7)}

    assert rules(told, until(BEFORE)) == {SEAM: {"total"}}


def test_the_level_is_left_when_the_days_come_back() -> None:
    wrong = days(SEAM, SEAM + 2 * DAY)
    told = days(SEAM, SEAM + 6 * DAY) | all_scaled(wrong, 0.5)

    assert rules(told, until(BEFORE)).keys() == wrong.keys()


def test_a_held_level_that_is_told_again_is_the_new_one() -> None:
    wrong = {SEAM: scaled(SEAM, 0.7)}
    next_ = SEAM + DAY
    told = days(SEAM - 5 * DAY, BEFORE) | wrong | {next_: scaled(next_, 0.7)}

    assert rules(told, until(BEFORE), wrong).keys() == {SEAM}


def test_not_if_it_is_told_otherwise_or_alone() -> None:
    next_ = SEAM + DAY
    pending = {SEAM: scaled(SEAM, 0.6)}
    after = {SEAM: scaled(SEAM, 0.7), next_: scaled(next_, 0.7)}

    assert rules(
        days(SEAM - 5 * DAY, BEFORE) | after, until(BEFORE), pending
    ).keys() == {
        SEAM,
        next_,
    }
    assert rules(after, until(BEFORE), {SEAM: after[SEAM]}).keys() == {SEAM, next_}
    two = days(SEAM - 2 * DAY, BEFORE)
    assert rules(two | after, until(BEFORE), {SEAM: after[SEAM]}).keys() == {
        SEAM,
        next_,
    }


def test_the_market_may_move_but_not_a_total() -> None:
    assert plausible.is_of_the_market(["shares", "order", "origin", "unknown_models"])
    for rule in ("total", "rows", "repeated", "shuffled", "remainder", "movers"):
        assert not plausible.is_of_the_market(["shares", rule])


# Places


def test_a_day_without_the_day_next_to_it_is_held() -> None:
    told = {SEAM + DAY: DAYS[SEAM + DAY]}

    assert rules(told, until(BEFORE)) == {SEAM + DAY: {"gap"}}
    assert rules(told, until(SEAM)) == {}
    assert rules(told, until(BEFORE), {SEAM: DAYS[SEAM]}) == {}
    assert rules(told, {}) == {}


def test_a_day_before_a_gap_is_held_as_well() -> None:
    told = {SEAM - DAY: DAYS[SEAM - DAY]}

    assert rules(told, since(SEAM + DAY)) == {SEAM - DAY: {"gap"}}


def test_two_new_days_in_each_others_place_are_held() -> None:
    first, second = date(2026, 8, 1), date(2026, 8, 2)
    turned = {first: DAYS[second], second: DAYS[first]}

    assert rules(turned, until(first - DAY)) == {
        first: {"sequence"},
        second: {"sequence"},
    }
    assert rules(days(first, second), until(first - DAY)) == {}


def test_so_are_two_of_which_the_first_is_held_for_that() -> None:
    first, second = date(2026, 5, 29), date(2026, 5, 30)
    turned = {first: DAYS[second], second: DAYS[first]}

    assert rules(turned, until(first - DAY)) == {
        first: {"order", "total", "sequence"},
        second: {"sequence"},
    }


def test_a_sound_day_after_one_that_is_further_away_passes() -> None:
    told = {SEAM: DAYS[date(2026, 8, 5)], SEAM + DAY: DAYS[SEAM + DAY]}

    assert rules(told, until(BEFORE)).keys() == {SEAM}


def test_a_day_that_is_told_again_under_another_date_is_held() -> None:
    told = {SEAM: DAYS[date(2026, 5, 20)]}

    assert "repeated" in rules(told, until(BEFORE))[SEAM]
    assert "repeated" not in rules(told, since(date(2026, 6, 1)))[SEAM]


def test_so_is_a_new_day_that_repeats_another_new_one() -> None:
    told = {SEAM: DAYS[SEAM], SEAM + DAY: DAYS[SEAM]}

    assert rules(told, until(BEFORE)) == {SEAM + DAY: {"repeated"}}


@pytest.mark.parametrize(("count", "held"), [(5, set()), (6, {"repeated"})])
def test_a_tenth_of_the_volumes_may_be_known(count: int, held: set[str]) -> None:
    known = until(BEFORE)
    small = sorted(DAYS[SEAM], key=lambda model: DAYS[SEAM][model])[:count]
    known[BEFORE] = {**known[BEFORE], **{m: DAYS[SEAM][m] for m in small}}

    assert rules({SEAM: DAYS[SEAM]}, known).get(SEAM, set()) == held


# What is published


def drifted(part: float, day: date = SEAM) -> dict[str, int]:
    """Return a day with a part of its volume more, all of it on its small models."""
    told = dict(DAYS[day])
    small = [
        m for m, n in told.items() if m != "other" and n * 100 < sum(told.values())
    ]
    more = int(2 * part * sum(told.values()) / len(small))
    return told | {model: told[model] + more for model in small}


@pytest.mark.parametrize(("part", "held"), [(0.0049, set()), (0.0051, {"overlap"})])
def test_half_a_percent_of_a_published_day_may_move(
    part: float, held: set[str]
) -> None:
    told = days(SEAM - 9 * DAY, SEAM + 9 * DAY) | {SEAM: drifted(part)}

    assert rules(told, until(SEAM + 9 * DAY)).get(SEAM, set()) == held


@pytest.mark.parametrize(("part", "held"), [(0.029, set()), (0.031, {"overlap"})])
def test_three_percent_of_the_newest_may(part: float, held: set[str]) -> None:
    told = days(SEAM - 9 * DAY, SEAM) | {SEAM: drifted(part)}

    assert rules(told, until(SEAM)).get(SEAM, set()) == held


@pytest.mark.parametrize(
    ("factor", "last", "held"),
    [
        (1.029, SEAM + DAY, set()),
        (1.031, SEAM + DAY, {"overlap"}),
        (0.76, SEAM, set()),
        (0.74, SEAM, {"overlap"}),
    ],
)
def test_a_large_model_of_a_published_day_moves_little(
    factor: float, last: date, held: set[str]
) -> None:
    total = sum(DAYS[SEAM].values())
    model = next(m for m, n in DAYS[SEAM].items() if 0.012 < n / total < 0.02)
    told = {**DAYS[SEAM], model: int(DAYS[SEAM][model] * factor)}
    around = days(SEAM - 9 * DAY, last)

    assert rules(around | {SEAM: told}, until(last)).get(SEAM, set()) == held


@pytest.mark.parametrize(("count", "held"), [(2, set()), (3, {"overlap"})])
def test_four_names_of_a_published_day_may_change(count: int, held: set[str]) -> None:
    small = sorted(DAYS[SEAM], key=lambda model: DAYS[SEAM][model])[:count]
    told = {(f"new/{m[-3:]}" if m in small else m): n for m, n in DAYS[SEAM].items()}
    around = days(SEAM - 9 * DAY, SEAM + 9 * DAY)

    assert rules(around | {SEAM: told}, until(LAST)).get(SEAM, set()) == held


def test_a_published_day_keeps_its_number_of_models() -> None:
    told = dict(DAYS[SEAM])
    del told[min(told, key=lambda model: told[model])]
    around = days(SEAM - 9 * DAY, SEAM + 9 * DAY)

    assert rules(around | {SEAM: told}, until(LAST)) == {SEAM: {"rows"}}


def test_if_most_published_days_are_told_otherwise_nothing_is_used() -> None:
    known, told = until(BEFORE), days(SEAM - 4 * DAY, SEAM)
    two = all_scaled(days(SEAM - 4 * DAY, SEAM - 3 * DAY), 1.1)
    three = all_scaled(days(SEAM - 4 * DAY, SEAM - 2 * DAY), 1.1)
    little = {BEFORE: drifted(0.001, BEFORE)}

    assert rules(told | two, known).keys() == two.keys()
    found = plausible.judge(told | three | little, background(known))
    assert found.keys() == {*three, BEFORE, SEAM}
    reason = Fault("overlap", "3 of 4 published days are told otherwise")
    assert found[BEFORE] == found[SEAM] == [reason]


# Who made it


def renamed(part: float, author: str) -> dict[str, int]:
    """Return a day of which a part is of the models of one author."""
    rest = {m: int(n * (1 - part)) for m, n in DAYS[SEAM].items()}
    smallest = min((m for m in rest if m != "other"), key=lambda m: rest[m])
    del rest[smallest]
    return rest | {f"{author}/x": int(part * sum(DAYS[SEAM].values()))}


@pytest.mark.parametrize(("part", "held"), [(0.19, False), (0.21, True)])
def test_a_fifth_may_be_of_models_that_nobody_knows(part: float, *, held: bool) -> None:
    found = rules({SEAM: renamed(part, "nobody")}, until(BEFORE)).get(SEAM, set())

    assert ("unknown_models" in found) is held


def moved(points: float, missing: int = 0) -> set[str]:
    """Return the rules broken if so many points of a day go to Chinese models."""
    last = BEFORE - missing * DAY
    chinese = {m for m in DAYS[SEAM] if origin_of(m.partition(":")[0], SEAM) == "CN"}
    total = sum(DAYS[SEAM].values())
    its = sum(DAYS[SEAM][m] for m in chinese)
    up, down = 1 + points * total / its, 1 - points * total / (total - its)
    told = {m: int(n * (up if m in chinese else down)) for m, n in DAYS[SEAM].items()}
    week = dict.fromkeys(days(last - 9 * DAY, last), DAYS[SEAM])
    return rules({SEAM: told}, until(last) | week).get(SEAM, set())


def test_a_country_moves_by_ten_points_at_most() -> None:
    assert moved(0.099) == set()
    assert moved(0.101) == {"origin"}


def test_after_a_gap_by_twenty_five_at_most() -> None:
    assert "origin" not in moved(0.249, missing=8)
    assert "origin" in moved(0.251, missing=8)


# The first of all


def test_the_first_day_of_all_is_judged_alone() -> None:
    assert rules({FIRST: DAYS[FIRST]}, {}) == {}
    assert rules({FIRST: {**DAYS[FIRST], "other": 1}}, {}) == {FIRST: {"remainder"}}
    assert len(ALL) == 145
