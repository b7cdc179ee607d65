"""How much volume the asked-for models have, over time, with bounds.

Definitions: docs/method.md, sections "Volume" and "Bounds".
"""

from collections.abc import Sequence
from datetime import datetime

from app.domain.questions import Ask
from app.domain.reports import Column, Kind, Report
from app.domain.snapshot import Snapshot
from app.domain.tally import NAMED
from app.services import asking, meta, presence, spelling, titles, windows, words
from app.services.asking import Question
from app.services.columns import Grid, check_smooth
from app.services.windows import Period


def answer(snapshot: Snapshot, ask: Ask, now: datetime | None) -> Report:
    """Return the volume of each group, per period.

    Args:
        snapshot: The release to ask.
        ask: The question; it has no base.
        now: The present moment, for the freshness of a live answer; None: pinned.

    Returns:
        Rows by period, then by volume of the whole window; `rest`, `other` and
        `unknown` last. Volumes in the dataset's unit.

    Raises:
        UnknownError: No dataset, provider, model… of this name.
        BadParameterError: A dimension the dataset has not, or parameters at odds.
        OutsideDataError: The days lie wholly outside the data.
        EstimateError: The dataset has no exact volumes.
        BadValueError: Dates that cannot be.
    """
    question = asking.prepare(snapshot, ask)
    asking.check_exact(question)
    check_smooth(question)
    if ask.updated_since is not None:
        question = question.of_periods(_updated(question, ask.updated_since))
    grid = Grid(question.asked.periods, question.groups)
    columns = [*grid.columns(question), *_volumes(question, grid)]
    if ask.compare:
        columns += _compared(question, grid)
    if ask.smooth:
        columns += _smoothed(question, grid, ask.smooth)
    quote = words.volume(question, columns)
    return Report(
        columns,
        meta.for_question(question, now, quote=quote),
        spelling.resolved(question),
        title=titles.volume(question),
    )


def _updated(question: Question, since: datetime) -> list[Period]:
    """Return the periods whose numbers a release after `since` may have changed.

    A release of the registry may move any volume from one group to another.
    """
    later = {r.id: r.kind for r in question.snapshot.releases if r.published_at > since}
    if any(kind != "data" for kind in later.values()):
        return list(question.asked.periods)
    return [
        period
        for period in question.asked.periods
        if any(day.since in later for day in question.view.known(period.part))
    ]


def _volumes(question: Question, grid: Grid) -> list[Column]:
    volumes, low, high = [], [], []
    for group in grid.groups:
        bounds = question.bounds(group)
        volumes.append(question.now.volume(group.cells))
        low.append(bounds.only_row)
        high.append(bounds.may_row)
    return [
        Column("volume", Kind.INTEGER, grid.per_row(volumes)),
        Column("volume_low", Kind.INTEGER, grid.per_row(low)),
        Column("volume_high", Kind.INTEGER, grid.per_row(high)),
        *_listed(question, grid),
    ]


def _listed(question: Question, grid: Grid) -> list[Column]:
    """Return how many days each model was listed: one below the list is not zero."""
    if NAMED.isdisjoint(question.group_by):
        return []
    parts = [period.part for period in grid.periods]
    days = presence.days_listed(question, parts, grid.groups) if parts else []
    return [Column("days_listed", Kind.INTEGER, grid.per_row(days))]


def _compared(question: Question, grid: Grid) -> list[Column]:
    interval = question.ask.interval
    before = [windows.previous(question.view, interval, p) for p in grid.periods]
    then = question.tally(before)
    previous: list[Sequence[int | None]] = []
    change: list[Sequence[int | None]] = []
    growth: list[Sequence[int | None]] = []
    for group in grid.groups:
        now = question.now.volume(group.cells).tolist()
        was = then.volume(group.cells).tolist()
        pairs = list(zip(now, was, grid.periods, before, strict=True))
        previous.append([w if q.present else None for _, w, _, q in pairs])
        change.append([n - w if p.whole and q.whole else None for n, w, p, q in pairs])
        growth.append(
            [
                question.method.fraction(n - w, w) if p.whole and q.whole else None
                for n, w, p, q in pairs
            ]
        )
    return [
        Column("previous", Kind.INTEGER, grid.compared(previous)),
        Column("change", Kind.INTEGER, grid.compared(change)),
        Column("growth", Kind.FRACTION, grid.compared(growth)),
    ]


def _smoothed(question: Question, grid: Grid, days: int) -> list[Column]:
    trailing = [windows.trailing(question.view, p, days) for p in grid.periods]
    tally = question.tally(trailing)
    volumes = [
        [
            question.method.mean(v, days) if p.whole else None
            for v, p in zip(tally.volume(g.cells).tolist(), trailing, strict=True)
        ]
        for g in grid.groups
    ]
    return [Column("volume_smooth", Kind.INTEGER, grid.per_row(volumes))]
