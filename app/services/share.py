"""What share of a dataset's volume the asked-for models hold, with bounds.

Definitions: docs/method.md, sections "Share", "Bounds", "Coverage".
"""

from collections.abc import Sequence
from datetime import datetime

import numpy as np

from app.domain.cube import Ints
from app.domain.questions import Ask
from app.domain.reports import Column, Kind, Report, fraction
from app.domain.snapshot import Snapshot
from app.domain.tally import Bounds, Tally
from app.services import asking, meta, running, spelling, titles, windows, words
from app.services.asking import Group, Question
from app.services.columns import Grid, Values, check_smooth
from app.services.methods import Method, share_range
from app.services.running import Figures


def answer(snapshot: Snapshot, ask: Ask, now: datetime | None) -> Report:
    """Return the share of each group in the base, per period.

    Filters select the numerator, `within_…` narrows the base: filtering never turns a
    share into 1 by accident.

    Args:
        snapshot: The release to ask.
        ask: The question.
        now: The present moment, for the freshness of a live answer; None: pinned.

    Returns:
        Rows by period, then by volume of the whole window; `rest`, `other` and
        `unknown` last. Volumes in the dataset's unit, shares as fractions of the base.
        Without a filter the groups of a period sum to its total, exactly.

    Raises:
        UnknownError: No dataset, provider, model… of this name.
        BadParameterError: A dimension the dataset has not, or parameters at odds.
        OutsideDataError: The days lie wholly outside the data.
        BadValueError: Dates that cannot be.
    """
    question = asking.prepare(snapshot, ask)
    check_smooth(question)
    grid = Grid(question.asked.periods, question.groups)
    one = running.figures(question)
    columns = grid.columns(question)
    columns += _shares(question, grid) if one is None else _share(grid, one)
    if ask.compare:
        columns += _compared(question, grid)
    if ask.smooth:
        columns += _smoothed(question, grid, ask.smooth)
    quote = words.share(question, columns)
    return Report(
        columns,
        meta.for_question(
            question, now, quote=quote, unlisted=one.unlisted if one else None
        ),
        spelling.resolved(question),
        title=titles.share(question),
    )


def _shares(question: Question, grid: Grid) -> list[Column]:
    method = question.method
    # Every group after the other, all at once: a group by itself is too short.
    volumes = _joined([question.now.volume(g.cells) for g in grid.groups])
    totals = np.tile(question.now.total, len(grid.groups))
    known = volumes + _joined([question.known_not(g) for g in grid.groups])
    bounds = [question.bounds(group) for group in grid.groups]
    low, high = method.share_bounds(
        Bounds(
            _joined([one.only_row for one in bounds]),
            _joined([one.may_row for one in bounds]),
            _joined([one.only_base for one in bounds]),
            _joined([one.may_base for one in bounds]),
        )
    )
    told: tuple[Values, ...] = (
        volumes,
        totals,
        method.fractions(volumes, totals),
        low,
        high,
        method.fractions(volumes, known),
        method.fractions(known, totals),
    )
    return [
        Column(name, kind, grid.per_cell(values))
        for (name, kind), values in zip(_TOLD, told, strict=True)
    ]


def _share(grid: Grid, told: Figures) -> list[Column]:
    """Return what `_shares` does, of one row by the formulas of the first method."""
    volume, total = told.volume, told.total
    known = volume + told.known_not
    low, high = share_range(*told[4:])
    shares = fraction(volume, total), low, high
    sure = fraction(volume, known), fraction(known, total)
    values = volume, total, *shares, *sure
    (period,) = grid.periods
    return [
        Column(name, kind, [value if period.present else None])
        for (name, kind), value in zip(_TOLD, values, strict=True)
    ]


_TOLD = (
    ("volume", Kind.INTEGER),
    ("total", Kind.INTEGER),
    ("share", Kind.FRACTION),
    ("share_low", Kind.FRACTION),
    ("share_high", Kind.FRACTION),
    ("share_attributed", Kind.FRACTION),
    ("coverage", Kind.FRACTION),
)


def _joined(by_group: Sequence[Ints]) -> Ints:
    if len(by_group) == 1:
        return by_group[0]
    return np.concatenate([np.zeros(0, np.int64), *by_group])


def _compared(question: Question, grid: Grid) -> list[Column]:
    interval = question.ask.interval
    before = [windows.previous(question.view, interval, p) for p in grid.periods]
    then = question.tally(before)
    whole = [p.whole and q.whole for p, q in zip(grid.periods, before, strict=True)]
    previous, change, growth = [], [], []
    for group in grid.groups:
        rows = _changes(question.method, question.now, then, group, whole)
        previous.append([row[0] for row in rows])
        change.append([row[1] for row in rows])
        growth.append([row[2] for row in rows])
    return [
        Column("previous", Kind.FRACTION, grid.compared(previous)),
        Column("change", Kind.FRACTION, grid.compared(change)),
        Column("growth", Kind.FRACTION, grid.compared(growth)),
    ]


def _changes(
    method: Method, now: Tally, then: Tally, group: Group, whole: Sequence[bool]
) -> list[tuple[int | None, int | None, int | None]]:
    """Return previous share, difference and growth per period, in millionths."""
    found: list[tuple[int | None, int | None, int | None]] = []
    for volume, total, volume_then, total_then, is_whole in zip(
        now.volume(group.cells).tolist(),
        now.total.tolist(),
        then.volume(group.cells).tolist(),
        then.total.tolist(),
        whole,
        strict=True,
    ):
        share = method.fraction(volume, total)
        before = method.fraction(volume_then, total_then)
        if not is_whole or share is None or before is None:
            found.append((before, None, None))
            continue
        was = volume_then * total
        grown = method.fraction(volume * total_then - was, was)
        found.append((before, share - before, grown))
    return found


def _smoothed(question: Question, grid: Grid, days: int) -> list[Column]:
    trailing = [windows.trailing(question.view, p, days) for p in grid.periods]
    tally = question.tally(trailing)
    totals, method = tally.total.tolist(), question.method
    volumes, shares = [], []
    for group in grid.groups:
        sums = tally.volume(group.cells).tolist()
        volumes.append(
            [
                method.mean(v, days) if p.whole else None
                for v, p in zip(sums, trailing, strict=True)
            ]
        )
        shares.append(
            [
                method.fraction(v, t) if p.whole else None
                for v, t, p in zip(sums, totals, trailing, strict=True)
            ]
        )
    return [
        Column("volume_smooth", Kind.INTEGER, grid.per_row(volumes)),
        Column("share_smooth", Kind.FRACTION, grid.per_row(shares)),
    ]
