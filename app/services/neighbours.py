"""What a day of rankings must have in common with the days next to it.

Each function looks at one side of it and returns every fault it finds. Thresholds come
from 145 real days: see `docs/reliability.md` for what they catch, and for how seldom
they are wrong. `width` is 1 for days that follow each other, and grows with the square
root of the days that nobody has told in between.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median

from app.domain import likeness
from app.domain.likeness import Volumes
from app.domain.registry import OTHER

WEEK = 7
STEPS = 3
ESTABLISHED = 0.02
"""Part of a day's volume that makes a model a large one."""

# Logarithms: by how much a total may miss what is expected.
_TOTAL = 0.145
_TOTAL_UNTRIED = 0.35
_DISTANCE = 0.20
_ORDER = 0.90
_ORDER_LEAST = 0.70
_TURNOVER = 12
_MOVED = math.log(1.5)
_MOVERS = 4
_COLLAPSE = math.log(9)
_REMAINDER = 0.35
_REMAINDER_SHARE = (0.01, 0.30)
_REMAINDER_SIZE = (5, 120)


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a day is held."""

    rule: str
    detail: str


def shape(told: Volumes, top_n: int) -> list[Fault]:
    """Judge how many models are listed: all that a full day has."""
    models = len(told.keys() - {OTHER})
    if models == top_n if OTHER in told else models <= top_n:
        return []
    return [Fault("rows", f"{models} models are listed, not {top_n}")]


def remainder(told: Volumes) -> list[Fault]:
    """Judge the remainder of a day that has no neighbour."""
    rest, floor = told.get(OTHER), likeness.smallest(told)
    if rest is None:
        return []
    share, size = rest / max(sum(told.values()), 1), rest / max(floor, 1)
    low, high = _REMAINDER_SHARE
    if low <= share <= high and _REMAINDER_SIZE[0] <= size <= _REMAINDER_SIZE[1]:
        return []
    reason = f"other is {share:.1%} of the day and {size:.0f} times the smallest listed"
    return [Fault("remainder", reason)]


def tail(told: Volumes, before: Volumes, width: float) -> list[Fault]:
    """Compare the remainder with a neighbour's: of the day, and of the last listed."""
    if (OTHER in told) != (OTHER in before):
        return [Fault("remainder", "other is there on one of two days, not on both")]
    if OTHER not in told:
        return []
    share = _moved(told[OTHER] / max(sum(told.values()), 1), before[OTHER], before)
    size = math.log(
        max(told[OTHER], 1)
        / max(likeness.smallest(told), 1)
        / (max(before[OTHER], 1) / max(likeness.smallest(before), 1))
    )
    if abs(share) <= _REMAINDER * width and abs(size) <= _REMAINDER * min(width, 1.5):
        return []
    return [Fault("remainder", f"other moved by {share:+.2f} (logarithm) of the day")]


def _moved(share: float, rest: int, before: Volumes) -> float:
    its = max(rest, 1) / max(sum(before.values()), 1)
    return math.log(max(share, 1e-9) / its)


def total(
    told: Volumes, days: Mapping[int, Volumes], away: int, width: float
) -> list[Fault]:
    """Compare the volume with what the steps of the last three weeks lead to expect."""
    ratio = likeness.step(told, days[away])
    if ratio is None:
        return [Fault("total", "no listed model is listed on the nearest day")]
    steps = [_usual_step(days, away, at) for at in range(away)]
    usual, limit = 1.0, _TOTAL_UNTRIED * width
    if None not in steps:
        usual = math.prod(s for s in steps if s is not None)
        limit = _TOTAL * width
    missed = math.log(ratio / usual)
    whole = math.log(max(sum(told.values()), 1) / max(sum(days[away].values()), 1))
    if abs(missed) > limit:
        reason = f"{math.exp(missed):.2f} times what the days before lead to expect"
        return [Fault("total", f"{reason}, beyond {math.exp(limit):.2f}")]
    # What both list moved as it should, but the whole did not.
    if abs(whole - math.log(usual)) > _TOTAL_UNTRIED * width:
        reason = f"with all its models {math.exp(whole):.2f} times the nearest day"
        return [Fault("total", reason)]
    return []


def _usual_step(days: Mapping[int, Volumes], away: int, at: int) -> float | None:
    """Return the median step between the same weekdays of the last three weeks.

    Args:
        days: Days away → volumes.
        away: Days to the nearest neighbour.
        at: Which of the steps between it and the day, counted from the day.
    """
    weeks = [at + WEEK * n for n in range(1, STEPS + 2) if at + WEEK * n >= away]
    found = [
        step
        for there in weeks
        if there in days
        and there + 1 in days
        and (step := likeness.step(days[there], days[there + 1]))
    ]
    return median(found[:STEPS]) if len(found) >= STEPS else None


def alike(told: Volumes, before: Volumes, width: float) -> list[Fault]:
    """Compare shares, their order, and what is listed at all."""
    found = []
    apart = likeness.distance(told, before)
    if apart > min(_DISTANCE * width, 0.45):
        found.append(Fault("shares", f"{apart:.1%} of the shares moved"))
    order = likeness.order(told, before)
    gap = round(width**2) - 1
    if order < max(_ORDER - 0.04 * gap, _ORDER_LEAST):
        rule = "order" if order >= _ORDER_LEAST else "shuffled"
        found.append(Fault(rule, f"volumes correlate with {order:.2f} only"))
    most = min(_TURNOVER + gap, 20)
    for rule, names in (
        ("lost", before.keys() - told.keys()),
        ("gained", told.keys() - before.keys()),
    ):
        if len(names) > most:
            found.append(Fault("turnover", f"{len(names)} models were {rule}"))
    return found


def movers(told: Volumes, days: Mapping[int, Volumes], away: int) -> list[Fault]:
    """Look for established models that moved far beyond what all moved by."""
    week = [days[n] for n in range(away, away + WEEK) if n in days]
    if away > 1 or len(week) < WEEK:
        return []
    before, all_moved = days[away], likeness.step(told, days[away]) or 1.0
    large = ESTABLISHED * sum(before.values())
    moved = {
        base: math.log(max(told.get(base, 0), 1) / volume / all_moved)
        for base, volume in before.items()
        if base != OTHER and volume > large and all(base in one for one in week)
    }
    by_half = [base for base, by in moved.items() if abs(by) > _MOVED]
    # A model that is withdrawn is no longer listed: that happens.
    collapsed = [b for b, by in moved.items() if abs(by) > _COLLAPSE and b in told]
    found = []
    if len(by_half) >= _MOVERS:
        reason = f"{len(by_half)} large models moved by half at once"
        found.append(Fault("movers", reason))
    if collapsed:
        reason = f"{collapsed[0]} moved {math.exp(abs(moved[collapsed[0]])):.0f}-fold"
        found.append(Fault("movers", reason))
    return found
