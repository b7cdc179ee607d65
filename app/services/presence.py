"""On how many days anything of a group is listed.

A day without does not mean zero: below the list, volume is counted under no name.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from app.domain.membership import Cell, Cells
from app.domain.periods import Window
from app.domain.registry import Dimension
from app.services.asking import Group, Question

_T = TypeVar("_T")


def days_listed(
    question: Question, windows: Sequence[Window], groups: Sequence[Group]
) -> list[list[int]]:
    """Return the number of days: by group, then by window.

    Args:
        question: What the groups are groups of.
        windows: Ascending; they do not overlap.
        groups: Of the question.
    """
    whole = Window(windows[0].first, windows[-1].last)
    if question.view.span is not None:
        # Outside the data nothing is listed, however far a window reaches.
        whole = whole.overlap(question.view.span) or question.view.span
    seen = np.zeros((len(groups), len(whole) + 1), np.int64)
    for day, part in question.view.stretches(question.dimensions, whole):
        at = (part.first - whole.first).days + 1
        seen[:, at : at + len(part)] = _seen(question, day, part, groups)
    before = np.cumsum(seen, axis=1)
    first = whole.first
    starts = np.array([(w.first - first).days for w in windows])
    ends = np.array([(w.last - first).days + 1 for w in windows])
    inside = np.clip(np.stack((starts, ends)), 0, len(whole))
    found: list[list[int]] = (before[:, inside[1]] - before[:, inside[0]]).tolist()
    return found


def _seen(
    question: Question, day: date, part: Window, groups: Sequence[Group]
) -> NDArray[np.bool_]:
    """Return on which days of a stretch each group is listed: (groups, days)."""
    face = question.view.face(question.dimensions)
    partition = face.sorter.partition(question.dimensions, day)
    judged = question.judged(partition.classes)
    found = np.zeros((len(groups), len(part)), np.bool_)
    members = [
        # Unlisted volume is counted, and listed under no name.
        partition.columns(at[~judged.classes.unlisted[at]])
        for at in (judged.of(group.cells) for group in groups)
    ]
    there = [number for number, columns in enumerate(members) if len(columns)]
    if there:
        some = [members[number] for number in there]
        starts = np.cumsum([0, *map(len, some[:-1])])
        listed = face.cube.listed(part, np.concatenate(some))
        found[there] = np.logical_or.reduceat(listed, starts, axis=1).T
    return found


def is_chosen(question: Question, point: Mapping[Dimension, str]) -> bool:
    """Return whether these values are in the base and in the numerator."""
    return all(
        point[d] in values
        for filters in (question.numerator, question.base)
        for d, values in filters.items()
    )


def inside_of(by_cell: Mapping[Cell, list[_T]], cells: Cells) -> list[_T]:
    """Return all that is in any of these cells."""
    if not cells.negated:
        return [one for cell in cells.cells for one in by_cell.get(cell, ())]
    return [one for cell, some in by_cell.items() if cell in cells for one in some]
