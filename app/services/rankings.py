"""Who leads, by volume, growth or trend, in one window.

Definitions: docs/method.md, section "Rankings".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from app.domain.membership import Cell
from app.domain.periods import Interval
from app.domain.questions import Ask, Sort
from app.domain.registry import Dimension
from app.domain.reports import Column, Kind, Report
from app.domain.snapshot import Snapshot
from app.domain.tally import Tally
from app.services import asking, meta, names, presence, spelling, titles, windows, words
from app.services.asking import Group, Question
from app.services.methods import Method
from app.services.windows import Period

_TRENDING_WINDOWS = 3
_FACTS = (Dimension.PROVIDER, Dimension.ORIGIN, Dimension.WEIGHTS)


def answer(snapshot: Snapshot, ask: Ask, now: datetime | None) -> Report:
    """Return the groups of one window, ranked.

    Args:
        snapshot: The release to ask.
        ask: The question; its interval is `total`. Groups are bases unless it says
            otherwise; `top` picks them by volume, `sort` orders them.
        now: The present moment, for the freshness of a live answer; None: pinned.

    Returns:
        A row per group. `rest`, `other` and `unknown` come last and have no rank.
        Volumes in the dataset's unit, shares as fractions of the base.

    Raises:
        UnknownError: No dataset, provider, model… of this name.
        BadParameterError: A dimension the dataset has not.
        OutsideDataError: The days lie wholly outside the data.
        BadValueError: Dates that cannot be.
    """
    question = asking.prepare(snapshot, ask, default=Dimension.BASE)
    ranking = _Ranking(question)
    columns = ranking.columns() if ranking.period.present else ranking.nothing()
    quote = words.rankings(question, columns)
    return Report(
        columns,
        meta.for_question(question, now, quote=quote),
        spelling.resolved(question, ranked=True),
        title=titles.rankings(question),
    )


@dataclass(frozen=True)
class _Ranking:
    """One window's groups, the windows before it, and how they compare."""

    question: Question

    @property
    def method(self) -> Method:
        return self.question.method

    @cached_property
    def period(self) -> Period:
        return self.question.asked.periods[0]

    @cached_property
    def before(self) -> list[Period]:
        """The three windows before, nearest first."""
        found = [self.period]
        for _ in range(_TRENDING_WINDOWS):
            view = self.question.view
            found.append(windows.previous(view, Interval.TOTAL, found[-1]))
        return found[1:]

    @cached_property
    def then(self) -> Tally:
        """The tally of the windows before."""
        return self.question.tally(self.before)

    @cached_property
    def comparable(self) -> bool:
        """Whether this window and the one before have all their days."""
        return self.period.whole and self.before[0].whole

    def volume(self, group: Group) -> int:
        return int(self.question.now.volume(group.cells)[0])

    def previous(self, group: Group) -> int | None:
        """Return the volume in the window before, if the two can be compared."""
        if not self.comparable:
            return None
        return int(self.then.volume(group.cells)[0])

    def change(self, group: Group) -> int | None:
        was = self.previous(group)
        return None if was is None else self.volume(group) - was

    def growth(self, group: Group) -> int | None:
        was = self.previous(group)
        if not was:
            return None
        return self.method.fraction(self.volume(group) - was, was)

    def trend(self, group: Group) -> int | None:
        """Return volume minus the mean of the three windows before, rounded down."""
        if not (self.period.whole and all(p.whole for p in self.before)):
            return None
        before = int(self.then.volume(group.cells).sum())
        return self.volume(group) - before // _TRENDING_WINDOWS

    @cached_property
    def groups(self) -> Sequence[Group]:
        """The groups in the order asked for; the reserved ones stay last."""
        groups = self.question.groups
        keys = {Sort.GROWTH: self.growth, Sort.TRENDING: self.trend}
        key = keys.get(self.question.ask.sort)
        if key is None:
            return groups
        ranked = [(key(g), g) for g in groups if not g.reserved]
        # Stable: what cannot be compared keeps its order by volume, at the end.
        ranked.sort(key=lambda pair: (pair[0] is None, -(pair[0] or 0)))
        return [g for _, g in ranked] + [g for g in groups if g.reserved]

    def ranks(self) -> list[int | None]:
        numbers = iter(range(1, len(self.groups) + 1))
        return [None if g.reserved else next(numbers) for g in self.groups]

    def previous_ranks(self) -> list[int | None]:
        """Return each group's rank by volume in the window before."""
        if not self.comparable:
            return [None] * len(self.groups)
        then = {c: int(v[0]) for c, v in self.then.cells.items()}
        order = sorted(
            (c for c, v in then.items() if v and not asking.is_reserved(c)),
            key=lambda c: (-then[c], c),
        )
        ranks = {cell: rank for rank, cell in enumerate(order, start=1)}
        return [ranks.get(g.label) for g in self.groups]

    def columns(self) -> list[Column]:
        groups = self.groups
        tally = self.question.now
        total = int(tally.total[0])
        bounds = [self.method.share_bounds(self.question.bounds(g)) for g in groups]
        volumes = [self.volume(g) for g in groups]
        shares = [self.method.fraction(v, total) for v in volumes]
        found = [
            Column("rank", Kind.INTEGER, self.ranks()),
            Column("previous_rank", Kind.INTEGER, self.previous_ranks()),
            *self.labels(),
            *self.facts(),
            Column("volume", Kind.INTEGER, volumes),
            Column("share", Kind.FRACTION, shares),
            Column("share_low", Kind.FRACTION, [low[0] for low, _ in bounds]),
            Column("share_high", Kind.FRACTION, [high[0] for _, high in bounds]),
            Column("change", Kind.INTEGER, [self.change(g) for g in groups]),
            Column("growth", Kind.FRACTION, [self.growth(g) for g in groups]),
            Column("days_listed", Kind.INTEGER, self.days_listed()),
            *self.window(len(groups)),
        ]
        if self.question.ask.sort is Sort.TRENDING:
            trends = [self.trend(g) for g in groups]
            found.append(Column("trend", Kind.INTEGER, trends))
        return found

    def nothing(self) -> list[Column]:
        """Return the columns of a window without data: no group can be ranked."""
        names = ("rank", "previous_rank")
        found = [Column(n, Kind.INTEGER, [None]) for n in names]
        for dimension in self.question.group_by:
            found.append(Column(str(dimension), Kind.TEXT, [None]))
            found.append(Column(f"{dimension}_name", Kind.TEXT, [None]))
        facts = [d for d in _FACTS if d not in self.question.group_by]
        found += [Column(str(d), Kind.TEXT, [None]) for d in facts]
        found.append(Column("volume", Kind.INTEGER, [None]))
        for name in ("share", "share_low", "share_high"):
            found.append(Column(name, Kind.FRACTION, [None]))
        found.append(Column("change", Kind.INTEGER, [None]))
        found.append(Column("growth", Kind.FRACTION, [None]))
        found.append(Column("days_listed", Kind.INTEGER, [None]))
        found += self.window(1)
        if self.question.ask.sort is Sort.TRENDING:
            found.append(Column("trend", Kind.INTEGER, [None]))
        return found

    def window(self, rows: int) -> list[Column]:
        period = self.period
        return [
            Column("period_start", Kind.DATE, [period.calendar.first] * rows),
            Column("period_end", Kind.DATE, [period.calendar.last] * rows),
            Column("status", Kind.TEXT, [str(period.status)] * rows),
        ]

    def labels(self) -> list[Column]:
        found = []
        for at, dimension in enumerate(self.question.group_by):
            name = names.namer(self.question, dimension)
            values = [g.label[at] for g in self.groups]
            found += [
                Column(str(dimension), Kind.TEXT, values),
                Column(f"{dimension}_name", Kind.TEXT, [name(v) for v in values]),
            ]
        return found

    def facts(self) -> list[Column]:
        """Return provider, origin and weights of each group where it has just one."""
        has = self.question.view.dataset.dimensions
        wanted = [d for d in _FACTS if d not in self.question.group_by]
        members = self._members()
        chosen = [presence.inside_of(members, group.cells) for group in self.groups]
        found = []
        for dimension in wanted:
            values: list[str | None] = []
            for facts in chosen:
                seen = {fact[dimension] for fact in facts if dimension in has}
                values.append(seen.pop() if len(seen) == 1 else None)
            found.append(Column(str(dimension), Kind.TEXT, values))
        return found

    def _members(self) -> dict[Cell, list[Mapping[Dimension, str]]]:
        """Return, by cell, the facts of each class that was listed in the window."""
        view, group_by = self.question.view, self.question.group_by
        facts = tuple(d for d in _FACTS if d in view.dataset.dimensions)
        spoken = {*self.question.dimensions, *facts}
        dimensions = tuple(d for d in Dimension if d in spoken)
        classes, volumes = view.volumes(dimensions, [view.measured(self.period.part)])
        found: dict[Cell, list[Mapping[Dimension, str]]] = {}
        for kind, volume in zip(classes, volumes[:, 0].tolist(), strict=True):
            point = {d: s.point for d, s in zip(dimensions, kind.states, strict=True)}
            if volume and presence.is_chosen(self.question, point):
                cell = tuple(point[d] for d in group_by)
                found.setdefault(cell, []).append(point)
        return found

    def days_listed(self) -> list[int]:
        """Return on how many days of the window anything of each group was listed."""
        counts = presence.days_listed(self.question, [self.period.part], self.groups)
        return [count for (count,) in counts]
