"""The numbers of one dataset at one release, read from the record.

What an earlier release in memory says already is not read again: only series that are
new, and days that have changed.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property

import numpy as np
from sqlalchemy.orm import Session

from app.domain.cube import Cube, DayRows, Flags, Numbers
from app.domain.datasets import Dataset, Day
from app.domain.filling import Filling
from app.domain.observations import MAX_TOTAL, SeriesKind
from app.domain.periods import Window
from app.domain.registry import Dimension, Registry
from app.domain.snapshot import DatasetView, Series
from app.errors import RecordError
from app.store import queries
from app.store.dialect import unpacked
from app.store.tables import DatasetRow, PeriodRow

_EPOCH = date(1970, 1, 1).toordinal()
_AT_ONCE = 500_000
_NOTHING = DayRows(np.zeros(0, np.intp), np.zeros(0, np.int64))


class Loader:
    """Loads one dataset at one release.

    Attributes:
        slug: Of the dataset.
        numbers: By which the record knows each series, ascending.
    """

    def __init__(
        self,
        session: Session,
        release: int,
        row: DatasetRow,
        known: DatasetView | None,
        since: int,
    ) -> None:
        """Take what release `since` said of the dataset, if that is in memory."""
        self._session = session
        self._release = release
        self._row = row
        self.slug = row.slug
        self._known = known
        found = session.execute(queries.series(row.slug, release, since)).all()
        fresh = tuple(Series(SeriesKind(k), s, c, of) for _, k, s, c, of in found)
        ids = np.array([number for number, *_ in found], np.int64)
        self._series = known.series + fresh if known else fresh
        self.numbers = np.concatenate((known.numbers, ids)) if known else ids
        if known and not fresh:
            # The very same, so that what was worked out for them is shared.
            self._series, self.numbers = known.series, known.numbers
        statement = (
            queries.changed_periods(row.slug, since, release)
            if known
            else queries.periods(row.slug, release)
        )
        self._periods = session.scalars(statement).all()
        self._filling = Filling(len(self._series))
        self._floors: dict[date, int] = {}

    @property
    def is_fresh(self) -> bool:
        """Whether nothing of the dataset is in memory: `take` gets all its days."""
        return self._known is None

    @property
    def rows(self) -> Mapping[date, int]:
        """How many there are on each day that is read."""
        return {row.period_start: row.rows for row in self._periods}

    def take(self, day: int, rows: DayRows) -> None:
        """Take a day, as an ordinal, of a dataset of which nothing is in memory."""
        if len(rows.columns):
            self._filling.add(day, rows)
            self._note(date.fromordinal(day), rows)

    def view(self, registry: Registry) -> DatasetView:
        """Return the dataset, once all days are taken.

        Raises:
            RecordError: Its numbers are too large to be added exactly.
        """
        days = self._days()
        total = sum(day.total for day in days.values())
        if total > MAX_TOTAL:
            raise RecordError(
                f"{self.slug}: the total of {total} is above 2**62; sums would "
                "not be exact. Raise the dataset's scale."
            )
        cube = self._cube()
        view = DatasetView(
            dataset_of(self._row),
            self._series,
            days,
            self._floors,
            cube,
            registry,
            self._categories(),
            self._apps(),
            self.numbers,
            self._known,
        )
        if view.span:
            # Worked out now, so that no reader has to wait for it.
            view.count(view.span)
        return view

    def _days(self) -> dict[date, Day]:
        if self._known is None:
            return {row.period_start: _day(row) for row in self._periods}
        kept = {d: day for d, day in self._known.days.items() if d not in self.rows}
        now = {
            row.period_start: _day(row)
            for row in self._periods
            if row.release_to is None or row.release_to > self._release
        }
        return dict(sorted((kept | now).items()))

    def _cube(self) -> Cube:
        if self._known is None:
            return self._filling.cube()
        changed = self.rows
        kept = {d: f for d, f in self._known.floors.items() if d not in changed}
        self._floors.update(kept)
        rows_of: dict[date, DayRows] = dict.fromkeys(changed, _NOTHING)
        for day, rows in self._listed(list(changed)):
            rows_of[day] = rows
            self._note(day, rows)
        return self._known.cube.replace(rows_of, len(self._series))

    def _listed(self, days: Sequence[date]) -> Iterator[tuple[date, DayRows]]:
        """Yield what is listed on these days."""
        if not days or not len(self.numbers):
            return
        statement = queries.by_day(self._release, days)
        for day, (series, volumes) in unpacked(self._session, statement):
            columns = np.searchsorted(self.numbers, series)
            np.clip(columns, 0, len(self.numbers) - 1, out=columns)
            mine = self.numbers[columns] == series
            rows = DayRows(columns[mine], volumes[mine])
            yield date.fromordinal(day + _EPOCH), rows

    @cached_property
    def _counting(self) -> Flags:
        """Which series are models."""
        found = [s.kind is SeriesKind.MODEL for s in self._series]
        return np.array(found, np.bool_)

    def _note(self, day: date, rows: DayRows) -> None:
        """Note the smallest volume of a listed model.

        Nothing if none is listed, or if what is listed is not the largest: then it
        says nothing of what is not.
        """
        if self._row.top_n is None:
            return
        of_models = rows.volumes[self._counting[rows.columns]]
        if len(of_models):
            self._floors[day] = int(of_models.min())

    def _categories(self) -> Mapping[str, str]:
        rows = self._session.scalars(queries.categories(self._release))
        return {row.slug: row.name for row in rows if row.dataset == self.slug}

    def _apps(self) -> Mapping[str, str]:
        rows = self._session.scalars(queries.apps(self.slug, self._release))
        names = {row.slug: row.name for row in rows}
        apps = [s.subject for s in self._series if s.kind is SeriesKind.APP]
        return {app: names.get(app, app) for app in apps}


def fill(session: Session, release: int, loaders: Sequence[Loader]) -> None:
    """Read the days of the datasets of which nothing is in memory.

    Rows name a series, not a dataset. Those of all datasets are read at once, and none
    is looked up.
    """
    fresh = [one for one in loaders if one.is_fresh]
    owners, columns = _places(loaders, fresh)
    for window in _stretches(fresh):
        statement = queries.by_day(release, window)
        for day, (series, volumes) in unpacked(session, statement):
            of = owners[series]
            for at, one in enumerate(fresh):
                mine = of == at
                rows = DayRows(columns[series[mine]], volumes[mine])
                one.take(day + _EPOCH, rows)


def _places(
    loaders: Sequence[Loader], fresh: Sequence[Loader]
) -> tuple[Numbers, Numbers]:
    """Return, by number of a series, whose it is and its column there."""
    numbers = (int(one.numbers[-1]) for one in loaders if len(one.numbers))
    width = max(numbers, default=0) + 1
    owners, columns = np.full(width, len(fresh), np.intp), np.zeros(width, np.intp)
    for at, one in enumerate(fresh):
        owners[one.numbers] = at
        columns[one.numbers] = np.arange(len(one.numbers))
    return owners, columns


def _stretches(loaders: Sequence[Loader]) -> Iterable[Window]:
    """Cut the days of some datasets into stretches of not too many rows."""
    rows: Counter[date] = Counter()
    for one in loaders:
        rows.update(one.rows)
    days = sorted(rows)
    first, held = 0, 0
    for at, day in enumerate(days):
        held += rows[day]
        if held >= _AT_ONCE or at == len(days) - 1:
            yield Window(days[first], day)
            first, held = at + 1, 0


def _day(row: PeriodRow) -> Day:
    return Day(
        as_of=row.as_of,
        total=row.total,
        rows=row.rows,
        flagged=row.flagged,
        since=row.release_from,
        run=row.run,
    )


def dataset_of(row: DatasetRow) -> Dataset:
    """Return what a dataset is."""
    return Dataset(
        slug=row.slug,
        name=row.name,
        publisher=row.publisher,
        scope=row.scope,
        metric=row.metric,
        unit=row.unit,
        grain=row.grain,
        license=row.license,
        citation=row.citation,
        url=row.url,
        dimensions=tuple(map(Dimension, row.dimensions)),
        default_group=Dimension(row.default_group),
        additive=row.additive,
        scale=row.scale,
        revision_days=row.revision_days,
        top_n=row.top_n,
        cadence_hours=row.cadence_hours,
        caveats=tuple(row.caveats),
        since=row.release_from,
    )
