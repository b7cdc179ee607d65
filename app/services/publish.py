"""The only writer of facts: a batch becomes a release, or changes nothing.

One transaction that holds the head: what is known is read, compared day by day
(`app.domain.arrivals`), closed and opened. Only what differs is written.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy.orm import Session

from app.domain import arrivals
from app.domain.arrivals import Arrival, Known, Outcome
from app.domain.datasets import Dataset
from app.domain.observations import MAX_TOTAL, Batch, Observation, SeriesKind
from app.domain.periods import Window
from app.errors import SourceError
from app.services import loading, newcomers, releasing
from app.services.releasing import Release
from app.store import queries, work
from app.store.dialect import close_rows, insert_many, stream_integers
from app.store.operational import ConfirmationRow
from app.store.tables import (
    ObservationRow,
    PeriodRow,
    SeriesRow,
)
from app.store.types import from_epoch_day


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
    """
    releasing.lock(session)
    dataset = loading.dataset(session, batch.dataset)
    writer = _Writer(session, batch, dataset, aside)
    days = writer.outcomes()
    counts = writer.counts(days)
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
    return Publication(number, days, counts, new)


def key_of(observation: Observation) -> str:
    """Return the natural key of an observation's series within its dataset."""
    key = str(observation.kind)
    if observation.kind is not SeriesKind.REMAINDER:
        key += f":{observation.subject}"
    return key if observation.category is None else f"{key}@{observation.category}"


class _Writer:
    """One batch, and what is known of the days of its window."""

    def __init__(
        self,
        session: Session,
        batch: Batch,
        dataset: Dataset,
        aside: Collection[date],
    ) -> None:
        self._session = session
        self._aside = frozenset(aside)
        self._left = 0
        self._batch = batch
        self._dataset = dataset
        self._series = dict(session.execute(queries.series_ids(dataset.slug)).all())
        self._of_key: dict[str, Observation] = {}
        self._told: dict[date, dict[str, int]] = defaultdict(dict)
        for observation in batch.observations:
            if observation.day in self._aside:
                self._left += 1
                continue
            key = key_of(observation)
            self._of_key.setdefault(key, observation)
            self._told[observation.day][key] = observation.volume
        rows = session.scalars(queries.current_periods(dataset.slug)).all()
        self._periods = {row.period_start: row for row in rows}
        rows_of = session.scalars(work.confirmations(dataset.slug, batch.window))
        self._arrived = {row.period_start: row for row in rows_of}
        self._volumes = self._read([d for d in self._periods if d in batch.window])

    def _read(self, days: Collection[date]) -> dict[date, dict[str, int]]:
        """Return what is published of these days, by key of the series."""
        found: dict[date, dict[str, int]] = {day: {} for day in days}
        if not days:
            return found
        keys = {number: key for key, number in self._series.items()}
        window = Window(min(days), max(days))
        statement = queries.current_observations(self._dataset.slug, window)
        for chunk in stream_integers(self._session, statement):
            for series, day, volume in chunk.tolist():
                found[from_epoch_day(day)][keys[series]] = volume
        return found

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
        """Return what becomes of each day of the window."""
        as_of, dataset = self._batch.as_of, self._dataset
        found = {}
        for day in self._batch.window.days():
            if day in self._aside:
                continue
            known, told = self._known(day), self._told.get(day)
            found[day] = (
                arrivals.missed(as_of, known)
                if told is None
                else arrivals.told(day, told, as_of, known, dataset)
            )
        self._check_total(found)
        return found

    def _check_total(self, days: Mapping[date, Outcome]) -> None:
        total = sum(
            row.total
            for day, row in self._periods.items()
            if day not in days or not self._restates(days[day])
        )
        total += sum(
            sum(self._told[day].values())
            for day, outcome in days.items()
            if self._restates(outcome)
        )
        if total > MAX_TOTAL:
            raise SourceError(
                self._dataset.slug,
                f"with this batch the total would be {total}, above 2**62; sums would "
                "not be exact. Publish in a larger unit.",
            )

    @staticmethod
    def _restates(outcome: Outcome) -> bool:
        return outcome.arrival in {Arrival.NEW, Arrival.RESTATED}

    def counts(self, days: Mapping[date, Outcome]) -> dict[str, int]:
        """Return how many observations are new, changed, same and rejected."""
        counts = Counter({"new": 0, "changed": 0, "same": 0, "rejected": self._left})
        for day, told in self._told.items():
            if days[day].arrival in {Arrival.SUPERSEDED, Arrival.CONFLICT}:
                counts["rejected"] += len(told)
                continue
            before = self._volumes.get(day, {})
            new = len(told.keys() - before.keys())
            counts["new"] += new
            counts["changed"] += len(days[day].opened) - new
            counts["same"] += len(told) - len(days[day].opened)
        return dict(counts)

    def write(self, days: Mapping[date, Outcome], number: int, run: int) -> list[str]:
        """Close what ends and open what begins; return models that were not known."""
        changed = {day: o for day, o in days.items() if o.publishes}
        opened = {key for o in changed.values() for key in o.opened}
        new = newcomers.introduce(
            self._session,
            {
                self._of_key[key].subject
                for key in opened
                if self._of_key[key].kind is SeriesKind.MODEL
            },
            number,
        )
        self._add_series(sorted(opened - self._series.keys()), number)
        self._close(changed, number)
        since = {"release_from": number, "run": run}
        insert_many(
            self._session,
            ObservationRow,
            [
                {"series": self._series[key], "period_start": day, "volume": volume}
                | since
                for day, outcome in sorted(changed.items())
                for key, volume in sorted(outcome.opened.items())
            ],
        )
        insert_many(
            self._session,
            PeriodRow,
            [self._period(day, o) | since for day, o in sorted(changed.items())],
        )
        return new

    def _close(self, changed: Mapping[date, Outcome], number: int) -> None:
        ended = [
            (self._series[key], day)
            for day, outcome in sorted(changed.items())
            for key in sorted(outcome.closed)
        ]
        close_rows(self._session, ObservationRow, ended, number)
        slug = self._dataset.slug
        periods = [(slug, day) for day in sorted(changed) if day in self._periods]
        close_rows(self._session, PeriodRow, periods, number)

    def _add_series(self, keys: Collection[str], number: int) -> None:
        rows = [
            {
                "dataset": self._dataset.slug,
                "kind": str(self._of_key[key].kind),
                "key": key,
                "subject": self._of_key[key].subject,
                "category": self._of_key[key].category,
                "release_from": number,
            }
            for key in keys
        ]
        insert_many(self._session, SeriesRow, rows)
        found = self._session.execute(queries.series_ids(self._dataset.slug)).all()
        self._series = dict(found)

    def _period(self, day: date, outcome: Outcome) -> dict[str, object]:
        restated = self._restates(outcome)
        volumes = self._told[day] if restated else self._volumes[day]
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
