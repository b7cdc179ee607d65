"""Columns that share and volume have in common: periods, groups, comparisons."""

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from app.domain.arrays import MANY, Flags, Ints, Numbers, Picked, Places
from app.domain.periods import Interval
from app.domain.questions import Ask
from app.domain.registry import Dimension
from app.domain.reports import Column, Kind
from app.errors import BadParameterError, Complaint
from app.services import names
from app.services.asking import Group, Question
from app.services.windows import Period

_Cell = TypeVar("_Cell", np.int64, np.bool_)

Values = Ints | Sequence[int | None]


class Grid:
    """The rows of an answer: every period, and in it every group, in that order.

    Many values stand in arrays, few in lists: each is faster in its place.
    """

    def __init__(self, periods: Sequence[Period], groups: Sequence[Group]) -> None:
        self.periods = periods
        self.groups = groups
        self._are_many = len(periods) * len(groups) >= MANY

    def per_period(self, values: Sequence[object]) -> Sequence[object]:
        """Spread one value per period over the rows."""
        if self._are_many:
            return Picked(values, self._period_of)
        return [value for value in values for _ in self.groups]

    def per_group(self, values: Sequence[object]) -> Sequence[object]:
        """Repeat one value per group in every period."""
        if self._are_many:
            return Picked(values, self._group_of)
        return [*values] * len(self.periods)

    def per_row(self, by_group: Sequence[Values]) -> Sequence[object]:
        """Turn the periods of each group into rows; empty where there are no data."""
        numbers = self._numbers(by_group)
        if numbers is not None:
            return self._where_present(numbers)
        found: list[object] = []
        nothing = [None] * len(self.groups)
        for period, values in zip(self.periods, self._turned(by_group), strict=True):
            found += values if period.present else nothing
        return found

    def per_cell(self, values: Values) -> Sequence[object]:
        """Turn values, all periods of the first group first, into rows.

        Empty where there are no data.
        """
        numbers = self._numbers([values])
        if numbers is not None:
            return self._where_present(numbers)
        listed = values.tolist() if isinstance(values, np.ndarray) else values
        return [None if at is None else listed[at] for at in self._cells]

    @cached_property
    def _cells(self) -> list[int | None]:
        """Where the value of each row stands; None if there are no data."""
        count = len(self.periods)
        return [
            group * count + at if period.present else None
            for at, period in enumerate(self.periods)
            for group in range(len(self.groups))
        ]

    def compared(self, by_group: Sequence[Values]) -> Sequence[object]:
        """Turn the periods of each group into rows, also where there are no data."""
        numbers = self._numbers(by_group)
        if numbers is not None:
            return numbers
        return [value for values in self._turned(by_group) for value in values]

    def _turned(self, by_group: Sequence[Values]) -> Iterable[Sequence[object]]:
        if not by_group:
            return [()] * len(self.periods)
        lists = (v.tolist() if isinstance(v, np.ndarray) else v for v in by_group)
        return zip(*lists, strict=True)

    @cached_property
    def _period_of(self) -> Places:
        return np.repeat(np.arange(len(self.periods)), len(self.groups))

    @cached_property
    def _group_of(self) -> Places:
        return np.tile(np.arange(len(self.groups)), len(self.periods))

    @cached_property
    def _present(self) -> Flags:
        return np.array([period.present > 0 for period in self.periods], np.bool_)

    def _numbers(self, groups: Sequence[Values]) -> Numbers | None:
        """Return what stands group after group in the order of the rows.

        None if it is little, or does not fit: a growth from next to nothing can be
        larger than any volume.
        """
        if not self._are_many:
            return None
        try:
            numbers = [Numbers.of(values) for values in groups]
        except OverflowError:
            return None
        counts = self._in_rows([one.counts for one in numbers])
        if all(one.known is None for one in numbers):
            return Numbers(counts)
        everywhere = np.ones(len(numbers[0]), np.bool_)
        known = [everywhere if one.known is None else one.known for one in numbers]
        return Numbers(counts, self._in_rows(known))

    def _in_rows(self, arrays: Sequence[NDArray[_Cell]]) -> NDArray[_Cell]:
        shape = len(self.groups), len(self.periods)
        return np.concatenate(arrays).reshape(shape).T.ravel()

    def _where_present(self, numbers: Numbers) -> Numbers:
        if self._present.all():
            return numbers
        known = self._present[self._period_of]
        if numbers.known is not None:
            known &= numbers.known
        return Numbers(numbers.counts, known)

    def columns(self, question: Question) -> list[Column]:
        """Return the columns that say which row this is."""
        spread = self.per_period
        found = [
            Column(
                "period_start",
                Kind.DATE,
                spread([p.calendar.first for p in self.periods]),
            ),
            Column(
                "period_end", Kind.DATE, spread([p.calendar.last for p in self.periods])
            ),
            Column("status", Kind.TEXT, spread([str(p.status) for p in self.periods])),
            Column("days", Kind.INTEGER, spread([p.days for p in self.periods])),
            Column(
                "days_expected",
                Kind.INTEGER,
                spread([len(p.calendar) for p in self.periods]),
            ),
        ]
        for at, dimension in enumerate(question.group_by):
            found += self._labels(question, at, dimension)
        return found

    def _labels(
        self, question: Question, at: int, dimension: Dimension
    ) -> list[Column]:
        name = names.namer(question, dimension)
        values = [g.label[at] for g in self.groups]
        return [
            Column(str(dimension), Kind.TEXT, self.per_group(values)),
            Column(
                f"{dimension}_name",
                Kind.TEXT,
                self.per_group([name(v) for v in values]),
            ),
        ]


def check_smooth(question: Question) -> None:
    """Refuse a trailing mean where there is none.

    Raises:
        BadParameterError: The interval is not a day, or volumes do not add up.
    """
    ask: Ask = question.ask
    if ask.smooth is None:
        return
    if ask.interval is not Interval.DAY or not question.view.dataset.additive:
        raise BadParameterError(
            "smooth goes with interval=day, for datasets whose volumes add up.",
            complaints=[Complaint("smooth", f"{ask.smooth}d", "needs interval=day")],
            fix={"interval": "day"}
            if question.view.dataset.additive
            else {"smooth": None},
        )
