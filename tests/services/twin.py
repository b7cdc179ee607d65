"""A slow, obvious twin of the questions, from the words of the method.

Plain loops over days and series, whole numbers and `Fraction`s. It shares no code with
the app, so where the two agree they are right, or wrong for two different reasons.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cache, cached_property
from itertools import product
from math import prod

from tests.services import plain_calendar as calendar
from tests.services.plain import DIMENSIONS, OTHER, REST, UNKNOWN, Cell, Facts, Wish
from tests.services.plain_calendar import Cut
from tests.services.plain_claims import Claims, Point, Possible

ELSE = "~something else"
FEW = 300
ROW, BASE, OUT = "in the row", "in the rest of the base", "outside the base"


@dataclass(frozen=True)
class Group:
    """A row's label, and its cells: these, or (rest) all but these."""

    label: Cell
    cells: frozenset[Cell]
    all_but: bool = False

    def __contains__(self, cell: Cell) -> bool:
        return (cell in self.cells) != self.all_but

    @property
    def outside_top(self) -> bool:
        return bool(self.label) and set(self.label) <= {UNKNOWN, OTHER, REST}


@dataclass(frozen=True)
class Tail:
    """Of some remainder, the volume that may or must be in the row or the rest."""

    may_row: int = 0
    must_row: int = 0
    may_base: int = 0
    must_base: int = 0


def millionths(numerator: int, denominator: int) -> int | None:
    return round(Fraction(numerator, denominator) * 10**6) if denominator else None


class Twin:
    """One question about plain facts."""

    def __init__(self, facts: Facts, wish: Wish, default: str | None = None) -> None:
        self.facts, self.wish = facts, wish
        self.group_by = self._group_by(default)
        spoken = {*wish.filters, *wish.within, *self.group_by}
        self.dimensions = tuple(d for d in DIMENSIONS if d in spoken)
        self.claims = Claims(facts)
        self.periods = calendar.periods(facts, wish)
        self.outcomes = cache(self._outcomes)
        self.possible = cache(self._possible)
        self.point = cache(self._point)

    def _group_by(self, default: str | None) -> tuple[str, ...]:
        if self.wish.group_by is not None:
            return self.wish.group_by
        if default or not self.wish.filters:
            wanted = default or self.facts.default_group
            has_it = wanted in self.facts.dimensions
            return (wanted if has_it else self.facts.default_group,)
        named = [d for d in DIMENSIONS if d in self.wish.filters]
        named = [d for d in named if not self.wish.filters[d].all_but]
        return tuple(named) if len(named) in {1, 2} else ()

    # What is asked for, of one series on one day

    def _point(self, series: str, day: date) -> Point:
        return {d: self.claims.best(series, d, day) for d in DIMENSIONS}

    def _possible(self, series: str, day: date) -> Possible:
        found = [self.claims.possible(series, d, day) for d in self.dimensions]
        return tuple(found)

    def in_base(self, point: Mapping[str, str]) -> bool:
        return all(point[d] in v for d, v in self.wish.within.items())

    def in_numerator(self, point: Mapping[str, str]) -> bool:
        mine = all(point[d] in v for d, v in self.wish.filters.items())
        return mine and self.in_base(point)

    def cell(self, point: Mapping[str, str]) -> Cell:
        return tuple(point[d] for d in self.group_by)

    def has(self, group: Group, point: Mapping[str, str]) -> bool:
        return self.in_numerator(point) and self.cell(point) in group

    def _values(self, dimension: str, group: Group) -> set[str]:
        """Every value that it may matter to tell apart, and one that no one named."""
        found = {UNKNOWN, ELSE}
        for filters in (self.wish.filters, self.wish.within):
            if dimension in filters:
                found |= filters[dimension].values
        if dimension in self.group_by:
            at = self.group_by.index(dimension)
            found |= {cell[at] for cell in group.cells}
        return found

    def _outcomes(self, possible: Possible, group: Group) -> frozenset[str]:
        """Where a series may be, over every choice of one possible value each."""
        choices = [
            self._values(d, group) if values is None else values
            for d, values in zip(self.dimensions, possible, strict=True)
        ]
        found = set()
        for chosen in product(*choices):
            point = dict(zip(self.dimensions, chosen, strict=True))
            if not self.in_base(point):
                found.add(OUT)
            else:
                found.add(ROW if self.has(group, point) else BASE)
        return frozenset(found)

    # Sums

    def measured(self, cut: Cut) -> list[date]:
        """The days that are added up: all there are, or the last one."""
        days = [day for day in cut.days if day in self.facts.volumes]
        return days if self.facts.additive else days[-1:]

    def volume(self, cut: Cut, group: Group | None) -> int:
        """Volume of a group, or (None) of the base."""
        return sum(
            volume
            for day in self.measured(cut)
            for series, volume in self.facts.volumes[day].items()
            if (
                self.in_base(self.point(series, day))
                if group is None
                else self.has(group, self.point(series, day))
            )
        )

    def by_cell(self, cut: Cut) -> dict[Cell, int]:
        found: dict[Cell, int] = defaultdict(int)
        for day in self.measured(cut):
            for series, volume in self.facts.volumes[day].items():
                point = self.point(series, day)
                if self.in_numerator(point):
                    found[self.cell(point)] += volume
        return {cell: volume for cell, volume in found.items() if volume}

    @cached_property
    def groups(self) -> list[Group]:
        if not self.group_by:
            return [Group((), frozenset([()]))]
        of_window = self._of_window()
        there = {c for cut in self.periods for c in self.by_cell(cut)}
        last = list(product((OTHER, UNKNOWN), repeat=len(self.group_by)))
        order = sorted(there - {*last}, key=lambda c: (-of_window.get(c, 0), c))
        asked = self._asked()
        shown = sorted(
            {*order[: self.wish.top], *asked} - {*last},
            key=lambda c: (-of_window.get(c, 0), c),
        )
        found = [Group(c, frozenset([c])) for c in shown]
        if set(order) - set(shown):
            label = (REST,) * len(self.group_by)
            found.append(Group(label, frozenset([*shown, *last]), all_but=True))
        return found + [
            Group(c, frozenset([c])) for c in last if c in there or c in asked
        ]

    def _of_window(self) -> dict[Cell, int]:
        found: dict[Cell, int] = defaultdict(int)
        for cut in self.periods:
            here = self.by_cell(cut)
            if not self.facts.additive and self.measured(cut):
                found = defaultdict(int)
            for cell, volume in here.items():
                found[cell] += volume
        return found

    def _asked(self) -> set[Cell]:
        asked = [self.wish.filters.get(d) for d in self.group_by]
        if any(values is None or values.all_but for values in asked):
            return set()
        return set(product(*(v.values for v in asked if v is not None)))

    # Bounds

    def listed(self, cut: Cut, group: Group) -> dict[tuple[str, frozenset[str]], int]:
        """Volume of each series but the remainder, by where it may be."""
        found: dict[tuple[str, frozenset[str]], int] = defaultdict(int)
        for day in self.measured(cut):
            for series, volume in self.facts.volumes[day].items():
                if series != OTHER and volume:
                    may = self.outcomes(self.possible(series, day), group)
                    found[series, may] += volume
        return found

    def tails(self, cut: Cut, group: Group) -> dict[date, Tail]:
        return {day: self.tail(day, group) for day in self.measured(cut)}

    def tail(self, day: date, group: Group) -> Tail:
        """What the remainder of a day may be, and what of it models can have."""
        listed = self.facts.volumes[day]
        volume = listed.get(OTHER, 0)
        may = self.outcomes(self.possible(OTHER, day), group)
        least = min((v for s, v in listed.items() if s != OTHER), default=0)
        models = [
            self.outcomes(self.possible(m, day), group)
            for m in self.in_question(group)
            if m not in listed and self.claims.released(m, day)
        ]

        def held(count: int) -> int:
            return min(count * least, volume)

        def may_be(where: str) -> int:
            return volume if where in may else held(sum(where in m for m in models))

        def must_be(where: str) -> int:
            if may != {where}:
                return 0
            return volume - held(sum(m != {where} for m in models))

        return Tail(may_be(ROW), must_be(ROW), may_be(BASE), must_be(BASE))

    def in_question(self, group: Group) -> set[str]:
        """Models that a row or the base names, leaves out, or (rest) cuts off."""
        named, listed = self.named(group)
        seen: set[str] = set()
        if listed:
            shown = [day for cut in self.periods for day in cut.days]
            seen = {s for day in shown for s in self.facts.volumes.get(day, ())}
        return {
            slug
            for slug, model in self.facts.models.items()
            if slug in seen or {("model", slug), ("base", model.base)} & named
        }

    def named(self, group: Group) -> tuple[set[tuple[str, str]], bool]:
        """Names of models and bases, and whether those listed are meant as well."""
        found: set[tuple[str, str]] = set()
        listed = False
        for dimension in {"model", "base"} & {*self.dimensions}:
            sets = [self.wish.within.get(dimension)]
            if group.all_but:
                listed = True
            elif dimension in self.group_by:
                at = self.group_by.index(dimension)
                found |= {(dimension, cell[at]) for cell in group.cells}
            if dimension not in self.group_by or group.all_but:
                sets.append(self.wish.filters.get(dimension))
            for values in filter(None, sets):
                found |= {(dimension, value) for value in values.values}
                listed = listed or (values.all_but and OTHER not in values)
        return found, listed

    def volume_bounds(self, cut: Cut, group: Group) -> tuple[int, int]:
        listed, tails = self.listed(cut, group), self.tails(cut, group).values()
        low = sum(v for (_, may), v in listed.items() if may == {ROW})
        high = sum(v for (_, may), v in listed.items() if ROW in may)
        return (
            low + sum(t.must_row for t in tails),
            high + sum(t.may_row for t in tails),
        )

    def share_bounds(self, cut: Cut, group: Group) -> tuple[int | None, int | None]:
        """The least and the greatest share over every choice of where things are."""
        listed = self.listed(cut, group)
        tails = self.tails(cut, group).values()
        most = sum(t.may_row for t in tails), sum(t.must_base for t in tails)
        least = sum(t.must_row for t in tails), sum(t.may_base for t in tails)
        found = []
        for chosen in _choices([may for _, may in listed]):
            pairs = list(zip(chosen, listed.values(), strict=True))
            row = sum(v for where, v in pairs if where == ROW)
            base = sum(v for where, v in pairs if where == BASE)
            for more_row, more_base in (most, least):
                whole = row + more_row + base + more_base
                if whole:
                    found.append(Fraction(row + more_row, whole))
        if not found:
            return None, None
        return round(min(found) * 10**6), round(max(found) * 10**6)

    def known_not(self, cut: Cut, group: Group) -> int:
        """Volume of the base of which one can tell that it is not in the group."""
        found = 0
        for day, tail in self.tails(cut, group).items():
            for series, volume in self.facts.volumes[day].items():
                if not self.in_base(self.point(series, day)):
                    continue
                if series == OTHER:
                    found += volume - tail.may_row
                elif ROW not in self.outcomes(self.possible(series, day), group):
                    found += volume
        return found


def _choices(sets: Sequence[frozenset[str]]) -> Iterable[Sequence[str]]:
    """Every choice where they are few, otherwise the two that go to the extremes."""
    if prod(map(len, sets)) <= FEW:
        yield from product(*sets)
        return
    for wish in ((ROW, OUT, BASE), (BASE, OUT, ROW)):
        yield [next(w for w in wish if w in may) for may in sets]
