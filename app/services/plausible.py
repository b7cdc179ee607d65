"""The contract of daily rankings: is this day what the days around it lead to expect?

A day that is not is held for a decision; what is published stays, and the other days of
the payload are judged on their own. Thresholds come from 145 real days: see
`docs/reliability.md` for what they catch, and for how seldom they are wrong.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from statistics import median

from app.domain import likeness
from app.domain.likeness import Volumes
from app.domain.registry import OTHER, UNKNOWN

OriginOf = Callable[[str, date], str]
"""Model and day → country of its lab, or `unknown`."""

_WEEK = 7
_STEPS = 3
# Logarithms: by how much a total may miss what is expected, per day of distance.
_TOTAL = 0.145
_TOTAL_UNTRIED = 0.35
_ORIGIN = 0.10
_DISTANCE = 0.20
_ORDER = 0.90
_TURNOVER = 12
_UNKNOWN = 0.20
_REPEATED = 0.10
_MOVED = math.log(1.5)
_MOVERS = 4
_COLLAPSE = math.log(9)
_ESTABLISHED = 0.02
_REMAINDER = 0.35
_REMAINDER_SHARE = (0.01, 0.30)
_REMAINDER_SIZE = (5, 120)
_RESTATED = 0.005
_RESTATED_NEWEST = 0.03
_RESTATED_MODEL = 0.03
_RESTATED_MODEL_NEWEST = 0.25
_RESTATED_NAMES = 4
_FEWEST_TOLD_AGAIN = 3


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a day is held."""

    rule: str
    detail: str


@dataclass(frozen=True)
class Background:
    """What a batch is judged by.

    Attributes:
        known: Published days that were complete when they were read.
        pending: Days that an earlier run read, and that are held.
        origin_of: Country of a model's lab.
        is_known: Whether the registry knows a model.
        top_n: Listed models of a full day.
    """

    known: Mapping[date, Volumes]
    origin_of: OriginOf
    is_known: Callable[[str], bool]
    top_n: int
    pending: Mapping[date, Volumes] = field(default_factory=dict)


def judge(
    told: Mapping[date, Volumes], background: Background
) -> dict[date, list[Fault]]:
    """Return the days of a batch to hold, each with every reason.

    Days that are published are compared with what was published; new ones with their
    nearest neighbours, from what is known outwards, so that a batch which hangs
    together but does not join what is known is held from the seam on.

    Args:
        told: All complete days of the batch.
        background: What they are judged by.
    """
    again = {d for d in told if d in background.known}
    found = {d: faults for d in again if (faults := _restated(d, told, background))}
    fresh = sorted(told.keys() - again)
    if found and 2 * len(found) > len(again):
        reason = f"{len(found)} of {len(again)} published days are told otherwise"
        return found | {d: [Fault("overlap", reason)] for d in fresh}
    trusted = len(again) - len(found) >= _FEWEST_TOLD_AGAIN
    return found | _Walk(told, background, trusted=trusted).faults(fresh)


def _restated(
    day: date, told: Mapping[date, Volumes], background: Background
) -> list[Fault]:
    known = background.known[day]
    if told[day] == known:
        return []
    newest = day == max(background.known)
    whole = _RESTATED_NEWEST if newest else _RESTATED
    one = _RESTATED_MODEL_NEWEST if newest else _RESTATED_MODEL
    found = _shape(told[day], background.top_n)
    moved = likeness.drift(told[day], known)
    if moved > whole:
        found.append(Fault("overlap", f"{moved:.1%} of what is published would move"))
    names = told[day].keys() ^ known.keys()
    if len(names) > _RESTATED_NAMES:
        reason = f"{len(names)} models would be listed, or no longer"
        found.append(Fault("overlap", reason))
    large = _ESTABLISHED / 2 * sum(known.values())
    for model, volume in known.items():
        now = told[day].get(model, 0)
        if volume > large and abs(now - volume) > one * volume:
            found.append(Fault("overlap", f"{model} would move from {volume} to {now}"))
    return found


class _Walk:
    """Judges new days one after the other; each that passes is a neighbour then."""

    def __init__(
        self, told: Mapping[date, Volumes], background: Background, *, trusted: bool
    ) -> None:
        self._told = told
        self._background = background
        self._good = dict(background.known)
        self._pairs = {
            pair: day for day, volumes in self._good.items() for pair in volumes.items()
        }
        # A held day is a neighbour only if this batch, which tells what is published
        # as it was, tells that day again: the jump was no accident of one reading.
        self._confirmed = {
            day: volumes
            for day, volumes in background.pending.items()
            if trusted
            and day in told
            and likeness.drift(told[day], volumes) <= _RESTATED_NEWEST
        }

    def faults(self, fresh: Sequence[date]) -> dict[date, list[Fault]]:
        found = {}
        for day in self._outwards(fresh):
            faults = self._judged(day)
            if faults:
                found[day] = faults
            else:
                self._good[day] = self._told[day]
            for pair in self._told[day].items():
                self._pairs.setdefault(pair, day)
        return found

    def _outwards(self, fresh: Sequence[date]) -> list[date]:
        if not self._good:
            return list(fresh)
        first = min(self._good)
        before = [day for day in reversed(fresh) if day < first]
        return [*before, *(day for day in fresh if day > first)]

    def _judged(self, day: date) -> list[Fault]:
        told = self._told[day]
        alone = [
            *_shape(told, self._background.top_n),
            *self._repeated(day, told),
        ]
        past = self._past(day, self._good)
        if not past:
            return [*alone, *_remainder(told)]
        faults = self._compared(day, past)
        if faults and self._confirmed:
            other = self._past(day, self._good | self._confirmed)
            if other[0][0] != past[0][0]:
                faults = self._compared(day, other)
        return [*alone, *faults]

    @staticmethod
    def _past(
        day: date, good: Mapping[date, Volumes]
    ) -> list[tuple[int, dict[str, int]]]:
        """Return the neighbours on the known side: days away, volumes; nearest first.

        Before everything that is known, time runs backwards.
        """
        side = 1 if day < min(good, default=day) else -1
        near = sorted(
            (abs((other - day).days), other)
            for other in good
            if (other - day).days * side > 0
        )
        most = _WEEK * (_STEPS + 1) + 1
        return [
            (away, likeness.by_base(good[other]))
            for away, other in near
            if away <= near[0][0] + most
        ]

    def _repeated(self, day: date, told: Volumes) -> list[Fault]:
        same = [self._pairs[p] for p in told.items() if self._pairs.get(p, day) != day]
        if len(same) <= _REPEATED * len(told):
            return []
        reason = f"{len(same)} of {len(told)} volumes are those of another day"
        return [Fault("repeated", f"{reason}, such as {same[0]}")]

    def _compared(
        self, day: date, past: Sequence[tuple[int, dict[str, int]]]
    ) -> list[Fault]:
        told, days = likeness.by_base(self._told[day]), dict(past)
        away = past[0][0]
        width = math.sqrt(away)
        checks = (
            _total(told, days, away, width),
            _likeness(told, days[away], away, width),
            _movers(told, days, away),
            _tail(told, days[away], width),
            self._origins(day, told, past, width),
            self._newcomers(told, past),
        )
        return [fault for check in checks for fault in check]

    def _origins(
        self,
        day: date,
        told: Volumes,
        past: Sequence[tuple[int, dict[str, int]]],
        width: float,
    ) -> list[Fault]:
        mine = self._shares(day, told)
        week = [self._shares(day, volumes) for _, volumes in past[:_WEEK]]
        limit = min(_ORIGIN * width, 0.25)
        found = []
        for origin in sorted({*mine, *week[0]} - {UNKNOWN}):
            usual = median(shares.get(origin, 0.0) for shares in week)
            share = mine.get(origin, 0.0)
            nearest = min(abs(share - week[0].get(origin, 0.0)), abs(share - usual))
            if nearest > limit:
                reason = f"the share of {origin} is {share:.1%}, usually {usual:.1%}"
                found.append(Fault("origin", reason))
        return found

    def _shares(self, day: date, volumes: Volumes) -> dict[str, float]:
        total = max(sum(volumes.values()), 1)
        found: dict[str, float] = {}
        for base, volume in volumes.items():
            origin = self._background.origin_of(base, day) if base != OTHER else UNKNOWN
            found[origin] = found.get(origin, 0.0) + volume / total
        return found

    def _newcomers(
        self, told: Volumes, past: Sequence[tuple[int, dict[str, int]]]
    ) -> list[Fault]:
        seen = {OTHER, *(base for _, volumes in past for base in volumes)}
        new = [b for b in told.keys() - seen if not self._background.is_known(b)]
        share = sum(told[base] for base in new) / max(sum(told.values()), 1)
        if share <= _UNKNOWN:
            return []
        reason = f"{share:.1%} is of {len(new)} models that nobody knows"
        return [Fault("unknown_models", f"{reason}, such as {min(new)}")]


def _shape(told: Volumes, top_n: int) -> list[Fault]:
    models = len(told.keys() - {OTHER})
    if models == top_n if OTHER in told else models <= top_n:
        return []
    return [Fault("rows", f"{models} models are listed, not {top_n}")]


def _remainder(told: Volumes) -> list[Fault]:
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


def _tail(told: Volumes, before: Volumes, width: float) -> list[Fault]:
    """Compare the remainder with a neighbour's: of the day, and of the last listed."""
    if (OTHER in told) != (OTHER in before):
        return [Fault("remainder", "other is there on one of two days, not on both")]
    if OTHER not in told:
        return []
    share = _moved(told[OTHER] / sum(told.values()), before[OTHER], before)
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


def _total(
    told: Volumes, days: Mapping[int, Volumes], away: int, width: float
) -> list[Fault]:
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
    weeks = [at + _WEEK * n for n in range(1, _STEPS + 2) if at + _WEEK * n >= away]
    found = [
        step
        for there in weeks
        if there in days
        and there + 1 in days
        and (step := likeness.step(days[there], days[there + 1]))
    ]
    return median(found[:_STEPS]) if len(found) >= _STEPS else None


def _likeness(told: Volumes, before: Volumes, away: int, width: float) -> list[Fault]:
    found = []
    apart = likeness.distance(told, before)
    if apart > min(_DISTANCE * width, 0.45):
        found.append(Fault("shares", f"{apart:.1%} of the shares moved"))
    order = likeness.order(told, before)
    if order < max(_ORDER - 0.04 * (away - 1), 0.70):
        found.append(Fault("order", f"volumes correlate with {order:.2f} only"))
    most = min(_TURNOVER + away - 1, 20)
    for rule, names in (
        ("lost", before.keys() - told.keys()),
        ("gained", told.keys() - before.keys()),
    ):
        if len(names) > most:
            found.append(Fault("turnover", f"{len(names)} models were {rule}"))
    return found


def _movers(told: Volumes, days: Mapping[int, Volumes], away: int) -> list[Fault]:
    """Look for established models that moved far beyond what all moved by."""
    week = [days[n] for n in range(away, away + _WEEK) if n in days]
    if away > 1 or len(week) < _WEEK:
        return []
    before, all_moved = days[away], likeness.step(told, days[away]) or 1.0
    large = _ESTABLISHED * sum(before.values())
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
