"""The contract of daily rankings: is this day what the days around it lead to expect?

A day that is not is held for a decision; what is published stays, and the other days of
the payload are judged on their own. Thresholds come from 145 real days: see
`docs/reliability.md` for what they catch, and for how seldom they are wrong.
"""

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from statistics import median

from app.domain import likeness
from app.domain.likeness import Volumes
from app.domain.registry import OTHER, UNKNOWN
from app.services import neighbours
from app.services.neighbours import ESTABLISHED, STEPS, WEEK, Fault

OriginOf = Callable[[str, date], str]
"""Model and day → country of its lab, or `unknown`."""

_ORIGIN = 0.10
_ORIGIN_MOST = 0.25
_UNKNOWN = 0.20
_REPEATED = 0.10
_EXCHANGED = 0.016
_LEVEL = "total"
_LOOSE = 2.0
_RESTATED = 0.005
_RESTATED_NEWEST = 0.03
_RESTATED_MODEL = 0.03
_RESTATED_MODEL_NEWEST = 0.25
_RESTATED_NAMES = 4
_FEWEST_TOLD_AGAIN = 3
# What a launch, a withdrawal or a price does to the market, and an error seldom does:
# it moves shares, and leaves the rest as it was.
_OF_THE_MARKET = frozenset({"shares", "order", "origin", "unknown_models"})


@dataclass(frozen=True)
class Background:
    """What a batch is judged by.

    Attributes:
        known: Published days that were complete when they were read.
        pending: Days that an earlier run read, and that are held.
        moved: Those of them that are held for what the market may do by itself.
        origin_of: Country of a model's lab.
        is_known: Whether the registry knows a model.
        top_n: Listed models of a full day.
    """

    known: Mapping[date, Volumes]
    origin_of: OriginOf
    is_known: Callable[[str], bool]
    top_n: int
    pending: Mapping[date, Volumes] = field(default_factory=dict)
    moved: Collection[date] = ()


def is_of_the_market(rules: Collection[str]) -> bool:
    """Return whether the market may have broken these rules by itself.

    A launch or a withdrawal moves shares; it does not move what all the other models
    have, nor how many are listed.
    """
    return set(rules) <= _OF_THE_MARKET


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
        news = {day for day in told if told[day] != background.known.get(day)}
        return {day: found.get(day, [Fault("overlap", reason)]) for day in sorted(news)}
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
    found = neighbours.shape(told[day], background.top_n)
    moved = likeness.drift(told[day], known)
    if moved > whole:
        found.append(Fault("overlap", f"{moved:.1%} of what is published would move"))
    names = told[day].keys() ^ known.keys()
    if len(names) > _RESTATED_NAMES:
        reason = f"{len(names)} models would be listed, or no longer"
        found.append(Fault("overlap", reason))
    large = ESTABLISHED / 2 * sum(known.values())
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
        self._pending = background.pending
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
        self._moved = {day: background.pending[day] for day in background.moved}
        self._astray: dict[date, int] = {}

    def faults(self, fresh: Sequence[date]) -> dict[date, list[Fault]]:
        found = {}
        for day in self._outwards(fresh):
            faults = [*self._judged(day), *self._goes_on(day)]
            before = day + timedelta(days=self._side(day, self._good))
            if faults and not self._is_new_level(day, faults):
                found[day] = faults
                self._stray(day, faults)
            elif before in fresh and self._are_exchanged(before, day):
                self._good.pop(before, None)
                for one, other in ((before, day), (day, before)):
                    fault = Fault("sequence", f"it may be that of {other}")
                    found[one] = [*found.get(one, []), fault]
            else:
                self._good[day] = self._told[day]
            for pair in self._told[day].items():
                self._pairs.setdefault(pair, day)
        return found

    def _is_new_level(self, day: date, faults: Sequence[Fault]) -> bool:
        """Return whether the day next to it, held as well, says the same as this one.

        Then the market did move. That day remains held: only what comes after it is no
        longer compared with what was before.
        """
        if not is_of_the_market([fault.rule for fault in faults]):
            return False
        near = day + timedelta(days=self._side(day, self._good))
        before = self._moved.get(near)
        self._moved[day] = self._told[day]
        if before is None:
            return False
        past = self._past(day, self._good | {near: before})
        return not self._compared(day, past)

    def _stray(self, day: date, faults: Sequence[Fault]) -> None:
        """Count how many days in a row are on a level that is held."""
        if any(fault.rule == _LEVEL for fault in faults):
            near = day + timedelta(days=self._side(day, self._good))
            goes_on = near in self._astray and self._is_like(day)
            self._astray[day] = 1 + (self._astray[near] if goes_on else 0)

    def _goes_on(self, day: date) -> list[Fault]:
        """Hold a day that goes on from a level that was held for two days or more.

        What is expected grows, so it would meet a level that is too high some day.
        """
        near = day + timedelta(days=self._side(day, self._good))
        again = self._astray.get(near, 0) > 1 and near not in self._confirmed
        if not again or not self._is_like(day):
            return []
        return [Fault(_LEVEL, f"it goes on from {near}, which is held")]

    def _is_like(self, day: date) -> bool:
        """Return whether a day follows from a held one, not from what is known."""
        told = likeness.by_base(self._told[day])
        astray = {one: self._told[one] for one in self._astray}
        past = self._past(day, self._good | astray)
        good = self._past(day, self._good)[0][1]
        nearer = likeness.gap(told, past[0][1]) < likeness.gap(told, good)
        return nearer and not neighbours.total(told, dict(past), 1, _LOOSE)

    def _are_exchanged(self, before: date, day: date) -> bool:
        """Return whether the second of two new days should rather be the first.

        Shares drift: of two days in a row, the first is the more like the day before
        both, nearly always.
        """
        past = self._past(before, self._good)
        if not past or past[0][0] > 1:
            return False
        first, second = self._told[before], self._told[day]
        apart = [
            likeness.distance(likeness.by_base(v), past[0][1]) for v in (first, second)
        ]
        if apart[0] - apart[1] <= _EXCHANGED:
            return False
        turned = self._past(day, self._good | {before: second})
        return not self._compared(before, past, second) and not self._compared(
            day, turned, first
        )

    def _outwards(self, fresh: Sequence[date]) -> list[date]:
        if not self._good:
            return list(fresh)
        first = min(self._good)
        before = [day for day in reversed(fresh) if day < first]
        return [*before, *(day for day in fresh if day > first)]

    def _judged(self, day: date) -> list[Fault]:
        told = self._told[day]
        alone = [
            *neighbours.shape(told, self._background.top_n),
            *self._repeated(day, told),
            *self._stands_alone(day),
        ]
        past = self._past(day, self._good)
        if not past:
            return [*alone, *neighbours.remainder(told)]
        faults = self._compared(day, past)
        if faults and self._confirmed:
            other = self._past(day, self._good | self._confirmed)
            if other[0][0] != past[0][0]:
                faults = self._compared(day, other)
        return [*alone, *faults]

    def _stands_alone(self, day: date) -> list[Fault]:
        """Hold a day whose neighbour is missing: it may be that of its neighbour."""
        near = day + timedelta(days=self._side(day, self._good))
        if not self._good or near in {*self._told, *self._good, *self._pending}:
            return []
        return [Fault("gap", f"nothing is told of {near}, the day next to it")]

    @staticmethod
    def _side(day: date, good: Mapping[date, Volumes]) -> int:
        """Return 1 if what is known lies after a day: then time runs backwards."""
        return 1 if day < min(good, default=day) else -1

    def _past(
        self, day: date, good: Mapping[date, Volumes]
    ) -> list[tuple[int, dict[str, int]]]:
        """Return neighbours on the known side: days away, volumes; nearest first."""
        side = self._side(day, good)
        near = sorted(
            (abs((other - day).days), other)
            for other in good
            if (other - day).days * side > 0
        )
        most = WEEK * (STEPS + 1) + 1
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
        self,
        day: date,
        past: Sequence[tuple[int, dict[str, int]]],
        volumes: Volumes | None = None,
    ) -> list[Fault]:
        told, days = likeness.by_base(volumes or self._told[day]), dict(past)
        away = past[0][0]
        width = math.sqrt(1 + self._missing(day, away))
        checks = (
            neighbours.total(told, days, away, width),
            neighbours.alike(told, days[away], width),
            neighbours.movers(told, days, away),
            neighbours.tail(told, days[away], width),
            self._origins(day, told, past, width),
            self._newcomers(told, past),
        )
        return [fault for check in checks for fault in check]

    def _missing(self, day: date, away: int) -> int:
        """Return how many days up to the nearest neighbour nobody has told."""
        side = self._side(day, self._good)
        between = (day + timedelta(days=side * n) for n in range(1, away))
        return sum(d not in self._told and d not in self._pending for d in between)

    def _origins(
        self,
        day: date,
        told: Volumes,
        past: Sequence[tuple[int, dict[str, int]]],
        width: float,
    ) -> list[Fault]:
        mine = self._shares(day, told)
        week = [self._shares(day, volumes) for _, volumes in past[:WEEK]]
        limit = min(_ORIGIN * width, _ORIGIN_MOST)
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
