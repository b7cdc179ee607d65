"""What share of a dataset's volume the asked-for models hold, with bounds.

Definitions: docs/method.md, sections "Share", "Bounds", "Coverage".
"""

from collections.abc import Sequence
from datetime import datetime

from app.domain.questions import Ask
from app.domain.reports import Column, Kind, Report, fraction
from app.domain.snapshot import Snapshot
from app.domain.tally import Bounds, Tally
from app.services import asking, meta, windows, words
from app.services.asking import Group, Question
from app.services.columns import Grid, check_smooth, rounded

_ALL = 1_000_000


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
    columns = [*grid.columns(question), *_shares(question, grid)]
    if ask.compare:
        columns += _compared(question, grid)
    if ask.smooth:
        columns += _smoothed(question, grid, ask.smooth)
    quote = words.share(question, columns)
    return Report(
        columns,
        meta.for_question(question, now, quote=quote),
        words.resolved(question),
    )


def _shares(question: Question, grid: Grid) -> list[Column]:
    tally = question.now
    totals: list[int] = tally.total.tolist()
    volumes: list[list[int]] = []
    parts: list[list[list[int | None]]] = [[], [], [], [], []]
    for group in grid.groups:
        volume: list[int] = tally.volume(group.cells).tolist()
        volumes.append(volume)
        known_not: list[int] = question.known_not(group).tolist()
        bounds = question.bounds(group)
        low, high = share_bounds(bounds)
        known = [v + k for v, k in zip(volume, known_not, strict=True)]
        parts[0].append(_ratios(volume, totals))
        parts[1].append(low)
        parts[2].append(high)
        parts[3].append(_ratios(volume, known))
        parts[4].append(_ratios(known, totals))
    names = ("share", "share_low", "share_high", "share_attributed", "coverage")
    return [
        Column("volume", Kind.INTEGER, grid.per_row(volumes)),
        Column("total", Kind.INTEGER, grid.per_row([totals] * len(grid.groups))),
        *(
            Column(name, Kind.FRACTION, grid.per_row(part))
            for name, part in zip(names, parts, strict=True)
        ),
    ]


def _ratios(numerators: Sequence[int], denominators: Sequence[int]) -> list[int | None]:
    return [fraction(n, d) for n, d in zip(numerators, denominators, strict=True)]


def share_bounds(bounds: Bounds) -> tuple[list[int | None], list[int | None]]:
    """Return the least and the greatest possible share per period, in millionths."""
    low: list[int | None] = []
    high: list[int | None] = []
    for only_row, may_row, only_base, may_base in zip(
        bounds.only_row.tolist(),
        bounds.may_row.tolist(),
        bounds.only_base.tolist(),
        bounds.may_base.tolist(),
        strict=True,
    ):
        if may_row + may_base == 0:
            low.append(None)
            high.append(None)
            continue
        # An empty denominator: the base is the numerator alone, or has none of it.
        least = fraction(only_row, only_row + may_base)
        most = fraction(may_row, may_row + only_base)
        low.append(_ALL if least is None else least)
        high.append(0 if most is None else most)
    return low, high


def _compared(question: Question, grid: Grid) -> list[Column]:
    interval = question.ask.interval
    before = [windows.previous(question.view, interval, p) for p in grid.periods]
    then = question.tally(before)
    whole = [p.whole and q.whole for p, q in zip(grid.periods, before, strict=True)]
    previous, change, growth = [], [], []
    for group in grid.groups:
        rows = _changes(question.now, then, group, whole)
        previous.append([row[0] for row in rows])
        change.append([row[1] for row in rows])
        growth.append([row[2] for row in rows])
    return [
        Column("previous", Kind.FRACTION, grid.per_row(previous)),
        Column("change", Kind.FRACTION, grid.per_row(change)),
        Column("growth", Kind.FRACTION, grid.per_row(growth)),
    ]


def _changes(
    now: Tally, then: Tally, group: Group, whole: Sequence[bool]
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
        share, before = fraction(volume, total), fraction(volume_then, total_then)
        if not is_whole or share is None or before is None:
            found.append((before, None, None))
            continue
        was = volume_then * total
        grown = fraction(volume * total_then - was, was)
        found.append((before, share - before, grown))
    return found


def _smoothed(question: Question, grid: Grid, days: int) -> list[Column]:
    trailing = [windows.trailing(question.view, p, days) for p in grid.periods]
    tally = question.tally(trailing)
    totals = tally.total.tolist()
    volumes, shares = [], []
    for group in grid.groups:
        sums = tally.volume(group.cells).tolist()
        volumes.append(
            [
                rounded(v, days) if p.whole else None
                for v, p in zip(sums, trailing, strict=True)
            ]
        )
        shares.append(
            [
                fraction(v, t) if p.whole else None
                for v, t, p in zip(sums, totals, trailing, strict=True)
            ]
        )
    return [
        Column("volume_smooth", Kind.INTEGER, grid.per_row(volumes)),
        Column("share_smooth", Kind.FRACTION, grid.per_row(shares)),
    ]
