"""The volumes of an answer that is one number: two looks into running sums.

What a question says of series does not depend on its days, so what a row holds of all
that is before a day is a number. It is worked out for the days on which questions begin
and end, by the same tally as any answer, and kept with the plan.
"""

from datetime import date
from operator import add, sub
from typing import NamedTuple

from app.domain.membership import Cells, Row
from app.domain.periods import Window
from app.domain.tally import Cap, Filters
from app.services import methods
from app.services.asking import Group, Question


class Figures(NamedTuple):
    """Volumes of one row, in the dataset's unit."""

    volume: int
    total: int
    known_not: int
    unlisted: int
    only_row: int
    may_row: int
    only_base: int
    may_base: int


_NOTHING = Figures(0, 0, 0, 0, 0, 0, 0, 0)


def figures(question: Question) -> Figures | None:
    """Return the volumes of a question that has one group and one period.

    None if it has more, or if they do not add up over days: where models are named,
    what is listed nowhere has a ceiling in each window.
    """
    group, periods = question.only_group, question.asked.periods
    if group is None or len(periods) != 1:
        return None
    if not question.plan.once("adds up", lambda: _adds_up(question)):
        return None
    return _within(question, group, question.view.measured(periods[0].part))


def _adds_up(question: Question) -> bool:
    has_any = bool(question.view.series)
    capped = question.plan.selection.names_models
    return has_any and not capped and methods.are_first(question.method)


def _within(question: Question, group: Group, window: Window) -> Figures:
    found = _NOTHING
    for stretch, part in question.view.stretches(question.dimensions, window):
        first = _before(question, group, stretch, part.first.toordinal())
        end = _before(question, group, stretch, part.last.toordinal() + 1)
        found = Figures._make(map(add, found, map(sub, end, first)))
    return found


def _before(question: Question, group: Group, stretch: date, day: int) -> Figures:
    """Return the volumes of all days before an ordinal, by the claims of a stretch."""
    return question.plan.running(
        (stretch, day),
        question.snapshot,
        lambda: _summed(question, group.cells, stretch, day),
    )


def _summed(question: Question, cells: Cells, stretch: date, day: int) -> Figures:
    classes, volumes = question.view.before(question.dimensions, stretch, day)
    tally = question.tally_of(classes, volumes)
    bounds = question.method.bounds(tally, cells, _no_cap)
    told = (
        tally.volume(cells),
        tally.total,
        tally.known_not(cells, _no_cap),
        tally.unlisted,
        bounds.only_row,
        bounds.may_row,
        bounds.only_base,
        bounds.may_base,
    )
    return Figures._make(int(one.item()) for one in told)


def _no_cap(_: Row, __: Filters) -> Cap | None:
    return None
