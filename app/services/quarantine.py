"""Days that are not published until somebody decides: found, kept, and left behind."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy.orm import Session

from app.domain.arrivals import Outcome
from app.domain.datasets import Dataset, Status
from app.domain.likeness import Volumes
from app.domain.observations import Batch, Observation, SeriesKind
from app.domain.periods import Window
from app.domain.registry import OTHER, UNKNOWN, Dimension, Registry, Subject
from app.services import declaring, loading, newcomers, plausible, releasing, steady
from app.services.contracts import Check
from app.services.neighbours import Fault
from app.services.plausible import Background
from app.store import queries, work
from app.store.dialect import stream_integers
from app.store.operational import HeldRow
from app.store.types import from_epoch_day

STRUCTURE, STEADY, RANKINGS = CONTRACTS = ("structure", "steady", "rankings")
"""Names of what a batch may have to satisfy, from the least to the most."""

_ALL_DAYS = Window(date.min, date.max)
_LOOKED_BACK = 60
_TOP = 50


@dataclass(frozen=True)
class Judged:
    """What a contract says of a batch.

    Attributes:
        held: Days to hold, each with why.
        early: Days that were not over when they were read; they come again.
        looked_at: Days that were judged.
    """

    held: Mapping[date, Sequence[Fault]] = field(default_factory=dict)
    early: Collection[date] = ()
    looked_at: int = 0

    @property
    def aside(self) -> set[date]:
        """Days of which nothing is published now."""
        return {*self.held, *self.early}

    def checks(self, contract: str) -> list[Check]:
        """Return what was found, rule by rule, to be recorded."""
        if contract == STRUCTURE:
            return []
        found = [
            Check(fault.rule, passed=False, detail=f"{day}: {fault.detail}")
            for day, faults in sorted(self.held.items())
            for fault in faults
        ]
        early = ", ".join(map(str, sorted(self.early)))
        if early:
            found.append(Check("unfinished", passed=True, detail=f"left out: {early}"))
        days = "day" if self.looked_at == 1 else "days"
        detail = f"{self.looked_at} {days} looked at, {len(self.held)} held"
        return [Check(contract, passed=not self.held, detail=detail), *found]


def judge(
    session: Session,
    batch: Batch,
    dataset: Dataset,
    contract: str,
    accepted: Collection[date] = (),
) -> Judged:
    """Judge the days of a batch by the contract of its dataset.

    Args:
        session: Write session that holds the head.
        batch: A sound batch.
        dataset: What it is about.
        contract: One of `CONTRACTS`.
        accepted: Days that somebody has accepted: they are not judged, and the others
            are judged by them.
    """
    if contract == STRUCTURE:
        return Judged()
    told = days_of(batch)
    early = set()
    if contract == RANKINGS:
        early = {day for day in told if _is_early(day, batch.as_of)}
    known, partial = _known(session, dataset, _reach(batch, contract))
    background = _background(session, dataset, known)
    current = {
        row.period_start: row.confirmed_as_of
        for row in session.scalars(work.confirmations(dataset.slug, batch.window))
    }
    # What comes too late changes nothing, and what comes at the same moment is a
    # conflict: both are found when the batch is published.
    open_ = {
        day: volumes
        for day, volumes in told.items()
        if day not in early and not _is_late(batch.as_of, current.get(day))
    }
    trusted = {day: open_[day] for day in accepted if day in open_}
    background = _with(background, trusted)
    # Of a day that was published before it was over, only other numbers are news.
    rest = {
        day: volumes
        for day, volumes in open_.items()
        if day not in trusted and volumes != partial.get(day)
    }
    rule = plausible.judge if contract == RANKINGS else steady.judge
    return Judged(rule(rest, background), early, len(open_))


def keep(
    session: Session, batch: Batch, judged: Judged, run: int, now: datetime
) -> list[date]:
    """Keep what is held for a decision; return the days that wait for one.

    The same numbers are held once, however often they are read, and not at all after
    they have been rejected. Another reading of a day takes the place of the one before.
    """
    waiting = []
    for day, told in _of_days(batch, judged.held).items():
        volumes = _spelt(told)
        before = session.scalars(work.held_days(batch.dataset, day)).all()
        if any(r.decision == "rejected" and r.volumes == volumes for r in before):
            continue
        waiting.append(day)
        undecided = [row for row in before if row.decision is None]
        if any(row.volumes == volumes for row in undecided):
            continue
        for row in undecided:
            if row.as_of <= batch.as_of:
                row.decision, row.decided_at = "superseded", now
        session.add(
            HeldRow(
                run=run,
                dataset=batch.dataset,
                period_start=day,
                as_of=batch.as_of,
                volumes=volumes,
                checks=[asdict(fault) for fault in judged.held[day]],
            )
        )
    session.flush()
    return waiting


def supersede(
    session: Session,
    dataset: str,
    days: Mapping[date, Outcome],
    run: int,
    now: datetime,
) -> None:
    """Leave behind what is held of days that a later reading has told.

    Args:
        session: Write session.
        dataset: Slug.
        days: What became of the days of a batch. A day that it left out was not told.
        run: Number of the run that read it.
        now: The present moment.
    """
    told = {day: o.confirmed for day, o in days.items() if o.confirmed is not None}
    for row in session.scalars(work.waiting_days(dataset)):
        day = row.period_start
        if day in told and row.as_of <= told[day]:
            row.decision, row.decided_at, row.decided_run = "superseded", now, run
    session.flush()


def observations(rows: Sequence[HeldRow]) -> list[Observation]:
    """Return what is held, as it was read."""
    return [
        Observation(row.period_start, SeriesKind(kind), subject, volume, category)
        for row in rows
        for kind, subject, category, volume in row.volumes
    ]


def days_of(batch: Batch) -> dict[date, Volumes]:
    """Return the volumes of each day of a batch, by model or `other`."""
    found: dict[date, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for one in batch.observations:
        found[one.day][one.subject] += one.volume
    return {day: dict(volumes) for day, volumes in sorted(found.items())}


def _of_days(batch: Batch, days: Collection[date]) -> dict[date, list[Observation]]:
    """Return the observations of some days, ascending."""
    found: dict[date, list[Observation]] = {day: [] for day in sorted(days)}
    # A large batch would have to be unpacked.
    for one in batch.observations if found else ():
        if one.day in found:
            found[one.day].append(one)
    return found


def _spelt(told: Any) -> list[list[Any]]:
    rows = [[str(o.kind), o.subject, o.category, o.volume] for o in told]
    return sorted(rows, key=lambda row: (row[0], row[1], row[2] or ""))


def _is_early(day: date, as_of: datetime) -> bool:
    end = datetime(day.year, day.month, day.day, tzinfo=as_of.tzinfo)
    return as_of < end + timedelta(days=1, hours=1)


def _is_late(as_of: datetime, confirmed: datetime | None) -> bool:
    return confirmed is not None and as_of <= confirmed


def _with(background: Background, trusted: Mapping[date, Volumes]) -> Background:
    if not trusted:
        return background
    known = dict(sorted({**background.known, **trusted}.items()))
    return replace(background, known=known)


def _reach(batch: Batch, contract: str) -> Window:
    """Return the days that are looked at, to judge those of a batch."""
    if contract == RANKINGS:
        return _ALL_DAYS  # a repeated day may be any
    first = date.fromordinal(max(batch.window.first.toordinal() - _LOOKED_BACK, 1))
    return Window(first, batch.window.last)


def _background(
    session: Session, dataset: Dataset, known: Mapping[date, Volumes]
) -> Background:
    registry = loading.registry(session, session.scalars(queries.head()).one() or 0)
    bases: dict[str, str] = {}
    for slug, model in registry.models.items():
        if bases.setdefault(model.base, slug) != slug and model.variant == "standard":
            bases[model.base] = slug
    pending = session.scalars(work.waiting_days(dataset.slug)).all()
    return Background(
        known,
        cache(lambda base, day: _origin(registry, bases.get(base), base, day)),
        bases.__contains__,
        dataset.top_n or _TOP,
        {row.period_start: _volumes_of(row) for row in pending},
        {
            row.period_start
            for row in pending
            if plausible.is_of_the_market([check["rule"] for check in row.checks])
        },
    )


def _volumes_of(row: HeldRow) -> Volumes:
    """Return the volumes of a day that is held, by model or `other`."""
    found: dict[str, int] = defaultdict(int)
    for _, subject, _, volume in row.volumes:
        found[subject] += volume
    return dict(found)


def _origin(registry: Registry, model: str | None, base: str, day: date) -> str:
    if model is not None:
        return registry.state(model, Dimension.ORIGIN, day).point
    author = newcomers.author(base)
    return registry.value(Subject.PROVIDER, author, Dimension.ORIGIN, day) or UNKNOWN


def _known(
    session: Session, dataset: Dataset, reach: Window
) -> tuple[Mapping[date, Volumes], Mapping[date, Volumes]]:
    """Return what is published of days that were complete when read, and of others."""
    is_partial = {
        row.period_start: dataset.status(row.period_start, row.as_of) is Status.PARTIAL
        for row in session.scalars(queries.current_periods(dataset.slug))
        if row.period_start in reach
    }
    subjects = {
        number: key.partition("@")[0].partition(":")[2] or OTHER
        for key, number in session.execute(queries.series_ids(dataset.slug))
    }
    found: dict[date, dict[str, int]] = {day: {} for day in sorted(is_partial)}
    statement = queries.current_observations(dataset.slug, reach)
    for chunk in stream_integers(session, statement):
        for series, number, volume in chunk.tolist():
            volumes, subject = found[from_epoch_day(number)], subjects[series]
            volumes[subject] = volumes.get(subject, 0) + volume
    partial = {day: volumes for day, volumes in found.items() if is_partial[day]}
    return {d: v for d, v in found.items() if d not in partial}, partial


def contract(session: Session, dataset: str) -> str:
    """Return the name of the contract of a dataset; without one, structure alone."""
    releasing.lock(session)
    return declaring.contract_of(session, dataset) or STRUCTURE
