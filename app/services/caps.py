"""How much of the unlisted volume the models that a row names can have had."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from app.domain.ceilings import Ceilings
from app.domain.membership import Cells, Judgement, Row, judge
from app.domain.observations import SeriesKind
from app.domain.periods import Window
from app.domain.registry import OTHER, Dimension
from app.domain.selection import NAMED, Filters
from app.domain.tally import Cap
from app.domain.values import ANY, Values
from app.services.plans import Plan
from app.services.windows import Period

# Where unlisted volume may be, in the order of `Cap`.
_SIDES: tuple[Callable[[Judgement], bool], ...] = (
    lambda seen: seen.in_row,
    lambda seen: seen.in_base,
    lambda seen: seen.in_base or seen.outside,
    lambda seen: seen.in_row or seen.outside,
)


class Caps:
    """What a question's rows are capped by, in its periods."""

    def __init__(
        self, plan: Plan, periods: Sequence[Period], groups: Sequence[Cells]
    ) -> None:
        """Take a question, and the groups it shows."""
        self._plan = plan
        self._asked = plan.selection
        self._periods = periods
        self._rows = list(map(self._asked.row, groups))
        self._known: dict[object, Cap | None] = {}
        self._models_of: dict[object, frozenset[str]] = {}

    def of(self, row: Row, _: Filters) -> Cap | None:
        """Return what unlisted volume may belong to the models a row names.

        None if the row and the base name none: then the remainder may be anyone's.
        """
        key = _key(row)
        if key not in self._known:
            self._known[key] = self._cap_of(row)
        return self._known[key]

    @cached_property
    def _pieces(self) -> list[tuple[int, date, Window]]:
        """The days that are added up: number of the period, stretch, days."""
        return [
            (number, day, part)
            for number, period in enumerate(self._periods)
            for day, part in self._plan.view.stretches(
                self._asked.dimensions, self._plan.view.measured(period.part)
            )
        ]

    @cached_property
    def _stretches(self) -> list[tuple[date, NDArray[np.intp], NDArray[np.intp]]]:
        """Each stretch, the pieces that lie in it, and the periods of these."""
        pieces: dict[date, list[int]] = {}
        for at, (_, day, _) in enumerate(self._pieces):
            pieces.setdefault(day, []).append(at)
        numbers = np.array([number for number, _, _ in self._pieces], np.intp)
        return [(day, np.array(at, np.intp), numbers[at]) for day, at in pieces.items()]

    @cached_property
    def _ceilings(self) -> Ceilings:
        ceilings = Ceilings(self._plan.view, [part for _, _, part in self._pieces])
        of_rows = [self._sides(row, day) for row in self._rows for day in self._days]
        ceilings.prime_together(side for sides in of_rows for side in sides)
        return ceilings

    @cached_property
    def _days(self) -> list[date]:
        return [day for day, _, _ in self._stretches]

    def _cap_of(self, row: Row) -> Cap | None:
        if not self._named(row) or not self._pieces:
            return None
        most = np.zeros((4, len(self._periods)), np.int64)
        for day, pieces, periods in self._stretches:
            for at, side in enumerate(self._sides(row, day)):
                if side:
                    # A period has at most one piece in a stretch.
                    most[at, periods] += self._ceilings.of(side)[pieces]
        return Cap(*most)

    def _sides(self, row: Row, day: date) -> tuple[frozenset[str], ...]:
        """Return the models that may be on each side; see `_SIDES`."""
        models = self._named(row)
        key = ("sides", day, models, *_key(row))
        return self._plan.once(key, lambda: self._judged(row, day, models))

    def _judged(
        self, row: Row, day: date, models: frozenset[str]
    ) -> tuple[frozenset[str], ...]:
        base = self._asked.base
        seen = [(m, judge(self._possible(m, day), row, base)) for m in models]
        return tuple(frozenset(m for m, at in seen if may_be(at)) for may_be in _SIDES)

    def _named(self, row: Row) -> frozenset[str]:
        """Return the same as `_told_apart`; it is asked for again and again."""
        key = _key(row)
        found = self._models_of.get(key)
        if found is None:
            found = self._models_of[key] = frozenset(self._told_apart(row))
        return found

    def _told_apart(self, row: Row) -> set[str]:
        """Return the models that a row or the base tells from the others.

        Those it names or leaves out, and for `rest` those of groups that were cut off.
        """
        found: set[str] = set()
        for dimension in NAMED.intersection(self._asked.dimensions):
            allowed = self._asked.base.get(dimension, ANY)
            for values in (row.values(dimension), allowed):
                found |= self._models(dimension, values.items)
                if values.negated and OTHER not in values:
                    found |= self._listed
            if dimension in row.dimensions and row.cells.negated:
                found |= self._listed
        return found

    @cached_property
    def _listed(self) -> set[str]:
        """The models that were listed in the periods."""
        listed = self._plan.view.cube.days_listed([p.part for p in self._periods])
        seen = listed.sum(axis=0)
        return {
            s.subject
            for column, s in enumerate(self._plan.view.series)
            if s.kind is SeriesKind.MODEL and seen[column]
        }

    def _models(self, dimension: Dimension, values: Iterable[str]) -> set[str]:
        if dimension is Dimension.MODEL:
            return set(values) & self._plan.registry.models.keys()
        bases = self._plan.bases
        return {m.slug for value in values for m in bases.get(value, ())}

    def _possible(self, model: str, day: date) -> dict[Dimension, Values]:
        """Return what a model may be on the days of a stretch."""
        state = self._plan.registry.state
        return self._plan.once(
            ("possible", model, day),
            lambda: {d: state(model, d, day).possible for d in self._asked.dimensions},
        )


def _key(row: Row) -> tuple[object, ...]:
    return (row.cells, *row.filters.items())
