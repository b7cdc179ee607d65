"""The numbers of every dataset at one release, read from the record.

What another release in memory says already is not read again: only series that are
new, and days that differ.
"""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
from sqlalchemy import Row
from sqlalchemy.orm import Session

from app.domain.cube import DayRows, Flags, Ints, Numbers
from app.domain.datasets import Dataset, Day
from app.domain.filling import Filling
from app.domain.observations import MAX_TOTAL, SeriesKind
from app.domain.periods import Window
from app.domain.registry import Dimension, Registry
from app.domain.snapshot import DatasetView, Series, Snapshot
from app.errors import RecordError
from app.store import queries
from app.store.dialect import unpacked
from app.store.tables import DatasetRow, PeriodRow

_EPOCH = date(1970, 1, 1).toordinal()
_AT_ONCE = 500_000
_NOTHING = DayRows(np.zeros(0, np.intp), np.zeros(0, np.int64))
# If more of the days differ, to read them all takes less memory than to keep these.
_FEW = 4


def views(
    session: Session,
    release: int,
    registry: Registry,
    known: Snapshot | None = None,
    same: Snapshot | None = None,
) -> dict[str, DatasetView]:
    """Return every dataset at a release, by slug, ascending.

    Args:
        session: Read session.
        release: Number of a release that exists.
        registry: Of that release.
        known: Another release in memory, an earlier or a later one.
        same: One with the same datasets, categories and apps.

    Raises:
        RecordError: The numbers of a dataset are too large to be added exactly.
    """
    told = _told(session, release, known)
    if same:
        names = [
            _Names(v.dataset, v.categories, v.apps) for v in same.datasets.values()
        ]
    else:
        names = _names(session, release)
    before = known.datasets if known else {}
    loaders = [_Loader(of, told, before.get(of.dataset.slug)) for of in names]
    _fill(session, release, loaders)
    return {one.slug: one.view(registry) for one in loaders}


@dataclass(frozen=True, slots=True)
class _Names:
    """A dataset, and what its categories and its apps are called."""

    dataset: Dataset
    categories: Mapping[str, str]
    apps: Mapping[str, str]


def _names(session: Session, release: int) -> list[_Names]:
    rows = session.scalars(queries.datasets(release))
    categories: dict[str, dict[str, str]] = defaultdict(dict)
    for category in session.scalars(queries.categories(release)):
        categories[category.dataset][category.slug] = category.name
    apps: dict[str, dict[str, str]] = defaultdict(dict)
    for app in session.scalars(queries.apps(release)):
        apps[app.dataset][app.slug] = app.name
    return [
        _Names(dataset_of(row), categories[row.slug], apps[row.slug])
        for row in sorted(rows, key=lambda row: row.slug)
    ]


@dataclass(frozen=True, slots=True)
class _Told:
    """What the record says, by dataset, and another release in memory does not."""

    release: int
    series: Mapping[str, Sequence[Row[*tuple[Any, ...]]]]
    periods: Mapping[str, Sequence[PeriodRow]]


def _told(session: Session, release: int, known: Snapshot | None) -> _Told:
    other = known.release.id if known else 0
    series: dict[str, list[Row[*tuple[Any, ...]]]] = defaultdict(list)
    for row in session.execute(queries.series(release, other)):
        series[row.dataset].append(row)
    days = (
        queries.changed_periods(min(other, release), max(other, release))
        if known
        else queries.all_periods(release)
    )
    periods: dict[str, list[PeriodRow]] = defaultdict(list)
    for period in session.scalars(days):
        periods[period.dataset].append(period)
    return _Told(release, series, periods)


class _Loader:
    """Loads one dataset at one release.

    Attributes:
        slug: Of the dataset.
        numbers: By which the record knows each series, ascending.
        wanted: How many rows there are on each day that is to be read.
    """

    def __init__(self, names: _Names, told: _Told, known: DatasetView | None) -> None:
        """Take what another release says of the dataset, if that is in memory."""
        self.slug = names.dataset.slug
        self._names = names
        self._known = known
        self._series, self.numbers = _series(told, self.slug, known)
        self._changed = {period.period_start for period in told.periods[self.slug]}
        self._days = _days(told, self.slug, known)
        every = {day: of.rows for day, of in self._days.items()}
        moved = {day: every[day] for day in self._changed if day in every}
        few = sum(moved.values()) <= max(_AT_ONCE, sum(every.values()) // _FEW)
        self._base = known if few else None
        self.wanted = every if self._base is None else moved
        self._filling = Filling(len(self._series))
        self._rows = dict.fromkeys(self._changed, _NOTHING)
        self._floors: dict[date, int] = {}

    @cached_property
    def _apps(self) -> Mapping[str, str]:
        if SeriesKind.APP not in self._names.dataset.kinds:
            return {}
        apps = [s.subject for s in self._series if s.kind is SeriesKind.APP]
        return {app: self._names.apps.get(app, app) for app in apps}

    def take(self, day: date, rows: DayRows) -> None:
        """Take what is listed on one of the days that are wanted."""
        if self._base is not None:
            self._rows[day] = rows
        elif len(rows.columns):
            self._filling.add(day.toordinal(), rows)
        self._note(day, rows)

    def view(self, registry: Registry) -> DatasetView:
        """Return the dataset, once all days are taken.

        Raises:
            RecordError: Its numbers are too large to be added exactly.
        """
        total = sum(day.total for day in self._days.values())
        if total > MAX_TOTAL:
            raise RecordError(
                f"{self.slug}: the total of {total} is above 2**62; sums would "
                "not be exact. Raise the dataset's scale."
            )
        if self._known is not None and self._is_known(self._known, registry):
            return self._known
        base = self._base
        return DatasetView(
            self._names.dataset,
            self._series,
            self._days,
            self._all_floors(),
            base.cube.replace(self._rows, len(self._series))
            if base
            else self._filling.cube(),
            registry,
            self._names.categories,
            self._apps,
            self.numbers,
            self._known,
            self._rows if base else None,
        )

    def _is_known(self, known: DatasetView, registry: Registry) -> bool:
        """Return whether the other release says the same of the dataset."""
        names = self._names
        mine = names.dataset, names.categories, self._apps
        return (
            not self._changed
            and known.series is self._series
            and known.registry is registry
            and mine == (known.dataset, known.categories, known.apps)
        )

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
        if self._names.dataset.top_n is None:
            return
        of_models = rows.volumes[self._counting[rows.columns]]
        if len(of_models):
            self._floors[day] = int(of_models.min())

    def _all_floors(self) -> Mapping[date, int]:
        if self._base is None:
            return self._floors
        known = self._base.floors.items()
        kept = {day: floor for day, floor in known if day not in self._changed}
        return kept | self._floors


def _series(
    told: _Told, slug: str, known: DatasetView | None
) -> tuple[tuple[Series, ...], Ints]:
    """Return the series of a dataset, and by which numbers the record knows them."""
    rows = told.series[slug]
    fresh = tuple(
        Series(SeriesKind(row.kind), row.subject, row.category, row.release_from)
        for row in rows
    )
    numbers = np.array([row.id for row in rows], np.int64)
    if known is None:
        return fresh, numbers
    if fresh:
        return known.series + fresh, np.concatenate((known.numbers, numbers))
    # Numbered as they came: those of an earlier release are the first ones.
    kept = bisect_right(known.series, told.release, key=lambda one: one.since)
    if kept < len(known.series):
        return known.series[:kept], known.numbers[:kept]
    # The very same, so that what was worked out for them is shared.
    return known.series, known.numbers


def _days(told: _Told, slug: str, known: DatasetView | None) -> Mapping[date, Day]:
    """Return every day of a dataset, ascending."""
    rows, release = told.periods[slug], told.release
    now = {
        row.period_start: _day(row)
        for row in rows
        if row.release_from <= release
        and (row.release_to is None or row.release_to > release)
    }
    if known is None:
        return now
    if not rows:
        return known.days
    moved = {row.period_start for row in rows}
    kept = {day: of for day, of in known.days.items() if day not in moved}
    return dict(sorted((kept | now).items()))


def _fill(session: Session, release: int, loaders: Sequence[_Loader]) -> None:
    """Read the days that are wanted.

    Rows name a series, not a dataset. Those of all datasets are read at once, and none
    is looked up.
    """
    owners, columns = _places(loaders)
    for days in _stretches(loaders):
        statement = queries.by_day(release, days)
        for number, (series, volumes) in unpacked(session, statement):
            day, of = date.fromordinal(number + _EPOCH), owners[series]
            for at, one in enumerate(loaders):
                if day in one.wanted:
                    mine = of == at
                    one.take(day, DayRows(columns[series[mine]], volumes[mine]))


def _places(loaders: Sequence[_Loader]) -> tuple[Numbers, Numbers]:
    """Return, by number of a series, whose it is and its column there."""
    numbers = (int(one.numbers[-1]) for one in loaders if len(one.numbers))
    width = max(numbers, default=0) + 1
    owners, columns = np.full(width, len(loaders), np.intp), np.zeros(width, np.intp)
    for at, one in enumerate(loaders):
        owners[one.numbers] = at
        columns[one.numbers] = np.arange(len(one.numbers))
    return owners, columns


def _stretches(loaders: Sequence[_Loader]) -> Iterator[Window | Collection[date]]:
    """Cut the days that are wanted into stretches of not too many rows."""
    rows: Counter[date] = Counter()
    for one in loaders:
        rows.update(one.wanted)
    days = sorted(rows)
    first, held = 0, 0
    for at, day in enumerate(days):
        held += rows[day]
        if held >= _AT_ONCE or at == len(days) - 1:
            yield _spelt(days[first : at + 1])
            first, held = at + 1, 0


def _spelt(days: Sequence[date]) -> Window | Collection[date]:
    """Return days as a window if none is missing: it may be long."""
    window = Window(days[0], days[-1])
    return window if len(window) == len(days) else days


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
