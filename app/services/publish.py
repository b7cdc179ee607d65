"""The only writer of facts: a batch becomes a release, or changes nothing.

One transaction that holds the head: what is known is read, compared day by day
(`app.domain.arrivals`), closed and opened. Only what differs is written.
"""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime

import numpy as np
from sqlalchemy.orm import Session

from app.domain import arrivals
from app.domain.arrivals import Arrival, Known, Outcome, Volumes
from app.domain.datasets import Dataset
from app.domain.observations import MAX_TOTAL, Batch, Observation, SeriesKind
from app.domain.packed import ByDay, Packed
from app.domain.periods import Window
from app.errors import RecordError, SourceError
from app.services import labels, loading, newcomers, releasing
from app.services.releasing import Release
from app.store import queries, work
from app.store.dialect import close_rows, insert_blocks, insert_many, stream_integers
from app.store.operational import ConfirmationRow
from app.store.tables import (
    ObservationRow,
    PeriodRow,
    ReleaseRow,
    SeriesRow,
)

_EPOCH = date(1970, 1, 1).toordinal()


@dataclass(frozen=True)
class Publication:
    """What became of a batch.

    Attributes:
        release: Number of the release; None: nothing changed for a reader.
        days: What became of each day of the batch's window that is or was there.
        counts: Observations of the batch: `new`, `changed`, `same`, `rejected`.
        newcomers: Models that were not known before.
    """

    release: int | None
    days: Mapping[date, Outcome]
    counts: Mapping[str, int]
    newcomers: Collection[str] = field(default=())

    def those(self, *arrival: Arrival) -> list[date]:
        """Return the days of which this became, ascending."""
        return [day for day, o in sorted(self.days.items()) if o.arrival in arrival]


def publish(
    session: Session,
    batch: Batch,
    *,
    run: int,
    published_at: datetime,
    summary: str | None = None,
    aside: Collection[date] = (),
) -> Publication:
    """Compare a batch with what is known, and publish what differs.

    Args:
        session: Write session; nothing is committed here.
        batch: Checked: no two observations of one series and day, none outside the
            window.
        run: Number of the run that read it.
        published_at: Moment of the release, if there is one.
        summary: What readers are told of it; None: which days are new or restated.
        aside: Days that are left as they are, whatever the batch says of them.

    Raises:
        UnknownError: There is no such dataset.
        SourceError: The dataset's total would be too large to be added exactly.
        RecordError: Not all that was to be written is there.
    """
    releasing.lock(session)
    dataset = loading.dataset(session, batch.dataset)
    writer = _Writer(session, batch, dataset, aside)
    days = writer.outcomes()
    counts = dict(writer.counts)
    if not any(outcome.publishes for outcome in days.values()):
        writer.remember(days)
        return Publication(None, days, counts)
    number = releasing.open_release(
        session,
        Release(
            "data",
            summary or _summary(dataset, days),
            published_at,
            dataset=batch.dataset,
            run=run,
        ),
    )
    new = writer.write(days, number, run)
    writer.remember(days)
    releasing.seal(session, number)
    _check_written(session, number, counts)
    return Publication(number, days, counts, new)


def _check_written(session: Session, number: int, counts: Mapping[str, int]) -> None:
    written = session.get_one(ReleaseRow, number).changes["observations"]["opened"]
    meant = counts["new"] + counts["changed"]
    if written != meant:
        raise RecordError(
            f"{meant} observations were to be written, {written} were; nothing was "
            "published."
        )


def key_of(observation: Observation) -> str:
    """Return the natural key of an observation's series within its dataset."""
    return _key(observation.kind, observation.subject, observation.category)


def _key(kind: SeriesKind, subject: str, category: str | None) -> str:
    key = str(kind)
    if kind is not SeriesKind.REMAINDER:
        key += f":{subject}"
    return key if category is None else f"{key}@{category}"


class _Writer:
    """One batch, and what is known of the days of its window.

    What becomes of a day is found out when it is needed, and again when it is written:
    all days of a large batch at once would fill the memory.
    """

    def __init__(
        self,
        session: Session,
        batch: Batch,
        dataset: Dataset,
        aside: Collection[date],
    ) -> None:
        self._session = session
        self._aside = frozenset(aside)
        self._batch = batch
        self._dataset = dataset
        self._series = dict(session.execute(queries.series_ids(dataset.slug)).all())
        packed = Packed.of(batch.observations)
        keys = [_key(*name) for name in packed.names]
        self._names = dict(zip(keys, packed.names, strict=True))
        told = packed.without(self._aside)
        self._left = len(packed) - len(told)
        self._told = told.by_day(keys)
        rows = session.scalars(queries.current_periods(dataset.slug)).all()
        self._periods = {row.period_start: row for row in rows}
        rows_of = session.scalars(work.confirmations(dataset.slug, batch.window))
        self._arrived = {row.period_start: row for row in rows_of}
        self._volumes = self._read([d for d in self._periods if d in batch.window])
        self._opened: set[str] = set()
        self.counts = Counter({"new": 0, "changed": 0, "same": 0, "rejected": 0})
        self.counts["rejected"] += self._left

    def _read(self, days: Collection[date]) -> Mapping[date, Mapping[str, int]]:
        """Return what is published of these days, by key of the series."""
        if not days:
            return {}
        keys = {number or 0: key for key, number in self._series.items()}
        window = Window(min(days), max(days))
        statement = queries.current_observations(self._dataset.slug, window)
        chunks = [*stream_integers(self._session, statement)]
        if not chunks:
            return {}
        rows = np.concatenate(chunks)
        return ByDay(keys, rows[:, 0], rows[:, 1] + _EPOCH, rows[:, 2])

    def _known(self, day: date) -> Known:
        period, arrived = self._periods.get(day), self._arrived.get(day)
        return Known(
            self._volumes.get(day, {}),
            period.as_of if period else None,
            flagged=period is not None and period.flagged,
            confirmed=arrived.confirmed_as_of if arrived else None,
            missed=arrived.missed_as_of if arrived else None,
        )

    def outcomes(self) -> dict[date, Outcome]:
        """Return what becomes of each day of the window, without its volumes."""
        found = {}
        total = sum(row.total for row in self._periods.values())
        for day in self._batch.window.days():
            if day in self._aside:
                continue
            told, outcome = self._told.get(day, {}), self._outcome(day)
            self._count(day, told, outcome)
            if self._restates(outcome):
                total += sum(told.values())
                total -= self._periods[day].total if day in self._periods else 0
            found[day] = replace(outcome, opened={}, closed=frozenset())
        self._check(total)
        return found

    def _outcome(self, day: date) -> Outcome:
        known, told, as_of = self._known(day), self._told.get(day), self._batch.as_of
        if told is None:
            return arrivals.missed(as_of, known)
        return arrivals.told(day, told, as_of, known, self._dataset)

    def _check(self, total: int) -> None:
        if total > MAX_TOTAL:
            raise SourceError(
                self._dataset.slug,
                f"with this batch the total would be {total}, above 2**62; sums would "
                "not be exact. Publish in a larger unit.",
            )

    @staticmethod
    def _restates(outcome: Outcome) -> bool:
        return outcome.arrival in {Arrival.NEW, Arrival.RESTATED}

    def _count(self, day: date, told: Volumes, outcome: Outcome) -> None:
        if outcome.arrival in {Arrival.SUPERSEDED, Arrival.CONFLICT}:
            self.counts["rejected"] += len(told)
            return
        new = len(told.keys() - self._volumes.get(day, {}).keys())
        self.counts["new"] += new
        self.counts["changed"] += len(outcome.opened) - new
        self.counts["same"] += len(told) - len(outcome.opened)
        self._opened |= outcome.opened.keys()

    def write(self, days: Mapping[date, Outcome], number: int, run: int) -> list[str]:
        """Close what ends and open what begins; return models that were not known."""
        changed = {day: o for day, o in sorted(days.items()) if o.publishes}
        opened = [self._names[key] for key in self._opened]
        models = {subject for kind, subject, _ in opened if kind is SeriesKind.MODEL}
        new = newcomers.introduce(self._session, models, number)
        self._add_series(sorted(self._opened - self._series.keys()), number)
        self._name(number)
        self._close(changed, number)
        restated = [day for day, o in changed.items() if self._restates(o)]
        insert_blocks(
            self._session,
            ObservationRow,
            ("period_start", "series", "volume", "release_from", "run"),
            ((day, *self._opened_on(day), number, run) for day in restated),
        )
        since = {"release_from": number, "run": run}
        insert_many(
            self._session,
            PeriodRow,
            [self._period(day, o) | since for day, o in changed.items()],
        )
        return new

    def _opened_on(self, day: date) -> tuple[list[int | None], list[int]]:
        """Return series and volumes that begin, in the order they are stored in."""
        opened = self._outcome(day).opened
        numbers = map(self._series.__getitem__, opened)
        rows = sorted(zip(numbers, opened.values(), strict=True))
        return [number for number, _ in rows], [volume for _, volume in rows]

    def _name(self, number: int) -> None:
        as_of = self._batch.as_of
        labels.introduce(
            self._session,
            self._batch,
            [name for key, name in self._names.items() if key in self._series],
            number,
            newest=all(period.as_of <= as_of for period in self._periods.values()),
        )

    def _close(self, changed: Mapping[date, Outcome], number: int) -> None:
        known = [day for day in changed if day in self._periods]
        for day in known:
            ended = [(self._series[k], day) for k in sorted(self._outcome(day).closed)]
            close_rows(self._session, ObservationRow, ended, number)
        slug = self._dataset.slug
        close_rows(self._session, PeriodRow, [(slug, day) for day in known], number)

    def _add_series(self, keys: Collection[str], number: int) -> None:
        rows = [
            {
                "dataset": self._dataset.slug,
                "kind": str(kind),
                "key": key,
                "subject": subject,
                "category": category,
                "release_from": number,
            }
            for key in keys
            for kind, subject, category in [self._names[key]]
        ]
        insert_many(self._session, SeriesRow, rows)
        found = self._session.execute(queries.series_ids(self._dataset.slug)).all()
        self._series = dict(found)

    def _period(self, day: date, outcome: Outcome) -> dict[str, object]:
        restated = self._restates(outcome)
        volumes = self._told[day] if restated else self._volumes.get(day, {})
        return {
            "dataset": self._dataset.slug,
            "period_start": day,
            "as_of": outcome.as_of,
            "total": sum(volumes.values()),
            "rows": len(volumes),
            "flagged": outcome.flagged,
        }

    def remember(self, days: Mapping[date, Outcome]) -> None:
        """Note when each day was last told, and last left out."""
        new = []
        for day, outcome in days.items():
            row = self._arrived.get(day)
            values = {
                "confirmed_as_of": outcome.confirmed,
                "missed_as_of": outcome.missed,
            }
            if row is None:
                slug = self._dataset.slug
                new.append({"dataset": slug, "period_start": day} | values)
            else:
                row.confirmed_as_of = outcome.confirmed
                row.missed_as_of = outcome.missed
        insert_many(self._session, ConfirmationRow, new)


def _summary(dataset: Dataset, days: Mapping[date, Outcome]) -> str:
    """Return one sentence: which days are new, restated, or otherwise changed."""
    told = {
        Arrival.NEW: "new",
        Arrival.RESTATED: "restated",
        Arrival.SETTLED: "settled",
        Arrival.RETURNED: "listed again",
        Arrival.MISSED: "no longer listed, kept",
    }
    parts = []
    for arrival, word in told.items():
        those = [day for day, o in sorted(days.items()) if o.arrival is arrival]
        if those:
            count = f"{len(those)} day{'s' if len(those) > 1 else ''} {word}"
            span = str(those[0])
            if len(those) > 1:
                span += f" to {those[-1]}"
            parts.append(f"{count} ({span})")
    return f"{dataset.name}: {', '.join(parts)}."
