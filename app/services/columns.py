"""Columns that share and volume have in common: periods, groups, comparisons."""

from collections.abc import Iterable, Sequence

from app.domain.periods import Interval
from app.domain.questions import Ask
from app.domain.registry import Dimension
from app.domain.reports import Column, Kind
from app.errors import BadParameterError, Complaint
from app.services import names
from app.services.asking import Group, Question
from app.services.windows import Period


class Grid:
    """The rows of an answer: every period, and in it every group, in that order."""

    def __init__(self, periods: Sequence[Period], groups: Sequence[Group]) -> None:
        self.periods = periods
        self.groups = groups

    def per_period(self, values: Sequence[object]) -> list[object]:
        """Spread one value per period over the rows."""
        return [value for value in values for _ in self.groups]

    def per_group(self, values: Sequence[object]) -> list[object]:
        """Repeat one value per group in every period."""
        return [*values] * len(self.periods)

    def per_row(self, by_group: Sequence[Sequence[object]]) -> list[object]:
        """Turn the periods of each group into rows; empty where there are no data."""
        found: list[object] = []
        nothing = [None] * len(self.groups)
        for period, values in zip(self.periods, self._turned(by_group), strict=True):
            found += values if period.present else nothing
        return found

    def per_cell(self, values: Sequence[object]) -> list[object]:
        """Turn values, all periods of the first group first, into rows.

        Empty where there are no data.
        """
        count = len(self.periods)
        groups = range(len(self.groups))
        return self.per_row([values[at * count : (at + 1) * count] for at in groups])

    def compared(self, by_group: Sequence[Sequence[object]]) -> list[object]:
        """Turn the periods of each group into rows, also where there are no data."""
        return [value for values in self._turned(by_group) for value in values]

    def _turned(
        self, by_group: Sequence[Sequence[object]]
    ) -> Iterable[Sequence[object]]:
        return zip(*by_group, strict=True) if by_group else [()] * len(self.periods)

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
