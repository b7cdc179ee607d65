"""What is asked of the record. Pure functions that return statements.

Loads name a release, never "current": while they run, another may be published.
Nothing is sorted by text: the two databases would not agree on the order.
"""

from collections.abc import Collection
from datetime import date
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, and_, func, literal, or_, select
from sqlmodel import col

from app.domain.periods import Window
from app.store.dialect import epoch_day_of, packed, table_of
from app.store.tables import (
    AliasRow,
    AnnotationRow,
    AppRow,
    AttributionRow,
    CategoryRow,
    DatasetRow,
    HeadRow,
    ModelRow,
    ObservationRow,
    PeriodRow,
    ProviderRow,
    Record,
    ReleaseRow,
    SeriesRow,
)

_Ranged = TypeVar(
    "_Ranged",
    AliasRow,
    AnnotationRow,
    AppRow,
    AttributionRow,
    ObservationRow,
    PeriodRow,
)
_Any = TypeVar("_Any", bound=Record)


def at(row: type[_Ranged], release: int) -> ColumnElement[bool]:
    """Return the condition: the row is a fact of `release`."""
    closed = col(row.release_to)
    return and_(
        col(row.release_from) <= release, or_(closed.is_(None), closed > release)
    )


def current(row: type[_Ranged]) -> ColumnElement[bool]:
    """Return the condition: the row is not closed. For whoever holds the head."""
    return col(row.release_to).is_(None)


def changed(row: type[_Ranged], after: int, upto: int) -> ColumnElement[bool]:
    """Return the condition: opened or closed after one release, up to another."""
    return or_(
        col(row.release_from).between(after + 1, upto),
        col(row.release_to).between(after + 1, upto),
    )


def current_rows(row: type[_Any]) -> Select[_Any]:
    """Return every row that is not closed. For whoever holds the head."""
    table = table_of(row)
    statement = select(row)
    if "release_to" in table.c:
        statement = statement.where(table.c.release_to.is_(None))
    return statement


# Releases


def head() -> Select[int | None]:
    """Return the number of the newest release; null before the first."""
    return select(col(HeadRow.release))


def locked_head() -> Select[HeadRow]:
    """Return the head row; whoever has it is the only one to publish.

    On SQLite a write session is that already.
    """
    return select(HeadRow).with_for_update()


def releases(last: int, after: int = 0) -> Select[ReleaseRow]:
    """Return the releases after one, up to `last`, ascending."""
    number = col(ReleaseRow.id)
    return select(ReleaseRow).where(number.between(after + 1, last)).order_by(number)


def release(number: int) -> Select[ReleaseRow]:
    """Return one release."""
    return select(ReleaseRow).where(col(ReleaseRow.id) == number)


# The registry of a release


def providers(release: int) -> Select[ProviderRow]:
    """Return the providers that `release` knows."""
    return select(ProviderRow).where(col(ProviderRow.release_from) <= release)


def models(release: int) -> Select[ModelRow]:
    """Return the models that `release` knows."""
    return select(ModelRow).where(col(ModelRow.release_from) <= release)


def dataset_slugs() -> Select[str]:
    """Return the slugs of all datasets. For whoever holds the head."""
    return select(col(DatasetRow.slug))


def provider_slugs() -> Select[str]:
    """Return the slugs of all providers. For whoever holds the head."""
    return select(col(ProviderRow.slug))


def model_slugs() -> Select[str]:
    """Return the slugs of all models. For whoever holds the head."""
    return select(col(ModelRow.slug))


def attributions(release: int) -> Select[AttributionRow]:
    """Return the claims of `release`, in the order they were made."""
    order = col(AttributionRow.id)
    return select(AttributionRow).where(at(AttributionRow, release)).order_by(order)


def aliases(release: int) -> Select[AliasRow]:
    """Return the aliases of `release`, in the order they were made."""
    return select(AliasRow).where(at(AliasRow, release)).order_by(col(AliasRow.id))


def annotations(release: int) -> Select[AnnotationRow]:
    """Return the annotations of `release`, by their first day."""
    return (
        select(AnnotationRow)
        .where(at(AnnotationRow, release))
        .order_by(col(AnnotationRow.date_from), col(AnnotationRow.id))
    )


def datasets(release: int) -> Select[DatasetRow]:
    """Return the datasets that `release` knows."""
    return select(DatasetRow).where(col(DatasetRow.release_from) <= release)


def categories(release: int) -> Select[CategoryRow]:
    """Return the categories, of every dataset, that `release` knows."""
    return select(CategoryRow).where(col(CategoryRow.release_from) <= release)


def apps(release: int) -> Select[AppRow]:
    """Return what the apps of every dataset are called in `release`."""
    return select(AppRow).where(at(AppRow, release))


def moved(after: int, upto: int) -> Select[bool, bool, bool]:
    """Return what changed after one release, up to another, beside the numbers.

    Columns: `registry`; `datasets`, their categories and apps; `annotations`.
    """

    def came(row: type[Record]) -> ColumnElement[bool]:
        return table_of(row).c.release_from.between(after + 1, upto)

    def went(row: type[_Ranged]) -> ColumnElement[bool]:
        return changed(row, after, upto)

    registry = came(ProviderRow), came(ModelRow), went(AttributionRow), went(AliasRow)
    datasets = came(DatasetRow), came(CategoryRow), went(AppRow)
    return select(
        _any(*registry).label("registry"),
        _any(*datasets).label("datasets"),
        _any(went(AnnotationRow)).label("annotations"),
    )


def _any(*wanted: ColumnElement[bool]) -> ColumnElement[bool]:
    return or_(*(select(literal(1)).where(one).exists() for one in wanted))


# The numbers of a release


def series(
    release: int, after: int = 0
) -> Select[str, int | None, str, str, str | None, int]:
    """Return the series of every dataset that `release` knows, oldest first.

    Dataset, id, kind, subject, category and the release that introduced it: one after
    `after`.
    """
    return (
        select(
            col(SeriesRow.dataset),
            col(SeriesRow.id),
            col(SeriesRow.kind),
            col(SeriesRow.subject),
            col(SeriesRow.category),
            col(SeriesRow.release_from),
        )
        .where(col(SeriesRow.release_from).between(after + 1, release))
        .order_by(col(SeriesRow.id))
    )


def periods(dataset: str, release: int) -> Select[PeriodRow]:
    """Return the days of a dataset as `release` knows them, ascending."""
    return (
        select(PeriodRow)
        .where(col(PeriodRow.dataset) == dataset, at(PeriodRow, release))
        .order_by(col(PeriodRow.period_start))
    )


def all_periods(release: int) -> Select[PeriodRow]:
    """Return the days of every dataset as `release` knows them, ascending."""
    return (
        select(PeriodRow)
        .where(at(PeriodRow, release))
        .order_by(col(PeriodRow.period_start))
    )


def changed_periods(after: int, upto: int) -> Select[PeriodRow]:
    """Return the rows of days that changed after one release, up to another.

    Of every dataset. A day that was restated comes twice or more: as it was, and as it
    is.
    """
    return (
        select(PeriodRow)
        .where(changed(PeriodRow, after, upto))
        .order_by(col(PeriodRow.period_start), col(PeriodRow.release_from))
    )


def observations(
    dataset: str, release: int, days: Collection[date] | None = None
) -> Select[int, int, int]:
    """Return series, day and volume as `release` knows them, by day, then series.

    For `dialect.stream_integers`: days are counted from 1970-01-01.

    Args:
        dataset: Whose numbers.
        release: As of which release.
        days: Keep these days, say those of `changed_periods`. None: every day.
    """
    day = col(ObservationRow.period_start)
    statement = _numbers(dataset).where(at(ObservationRow, release))
    return statement if days is None else statement.where(day.in_(days))


def by_day(release: int, days: Window | Collection[date]) -> Select[int, Any, Any]:
    """Return day, series and volumes of every dataset, as `release` knows them.

    For `dialect.unpacked`: a row is a day, counted from 1970-01-01.

    Args:
        release: As of which release.
        days: From a first day to a last, or these, say those of `changed_periods`.
    """
    day = col(ObservationRow.period_start)
    if isinstance(days, Window):
        wanted = day.between(days.first, days.last)
    else:
        wanted = day.in_(days)
    return _by_day().where(wanted, at(ObservationRow, release))


def current_observations(dataset: str, window: Window) -> Select[int, int, int]:
    """Return series, day and volume of what is current, by day, then series.

    For `dialect.stream_integers`, and for whoever holds the head.
    """
    day = col(ObservationRow.period_start)
    return _numbers(dataset).where(
        current(ObservationRow), day.between(window.first, window.last)
    )


def current_periods(dataset: str) -> Select[PeriodRow]:
    """Return the days of a dataset that are current. For whoever holds the head."""
    return select(PeriodRow).where(
        col(PeriodRow.dataset) == dataset, current(PeriodRow)
    )


def _numbers(dataset: str) -> Select[int, int, int]:
    day, number = col(ObservationRow.period_start), col(ObservationRow.series)
    # Not a join: a planner may start a join with the series, and then has to sort.
    of_dataset = select(col(SeriesRow.id)).where(col(SeriesRow.dataset) == dataset)
    return _facts().where(number.in_(of_dataset)).order_by(day, number)


def first_release_of(run: int) -> Select[int | None]:
    """Return the first release that holds days of a run; null if none does."""
    first = func.min(col(PeriodRow.release_from))
    return select(first).where(col(PeriodRow.run) == run)


# What a release did: the openings and closings of its digest


def opened_observations(release: int) -> Select[int, Any, Any]:
    """Return day, series and volumes of what `release` opened, in no order.

    For `dialect.unpacked`: a row is a day, counted from 1970-01-01.
    """
    return _by_day().where(col(ObservationRow.release_from) == release)


def closed_observations(release: int) -> Select[int, Any, Any]:
    """Return day, series and volumes of what `release` closed, in no order.

    For `dialect.unpacked`: a row is a day, counted from 1970-01-01.
    """
    return _by_day().where(col(ObservationRow.release_to) == release)


def _by_day() -> Select[int, Any, Any]:
    day = col(ObservationRow.period_start)
    series, volumes = col(ObservationRow.series), col(ObservationRow.volume)
    return select(epoch_day_of(day), packed(series), packed(volumes)).group_by(day)


def _facts() -> Select[int, int, int]:
    return select(
        col(ObservationRow.series),
        epoch_day_of(col(ObservationRow.period_start)),
        col(ObservationRow.volume),
    )


def series_names() -> Select[int | None, str, str]:
    """Return id, dataset and key of every series there ever was."""
    return select(col(SeriesRow.id), col(SeriesRow.dataset), col(SeriesRow.key))


def opened(row: type[_Any], release: int) -> Select[_Any]:
    """Return the rows that `release` opened or introduced, in no order."""
    return select(row).where(table_of(row).c.release_from == release)


def closed(row: type[_Any], release: int) -> Select[_Any]:
    """Return the rows that `release` closed, in no order."""
    return select(row).where(table_of(row).c.release_to == release)


def series_ids(dataset: str) -> Select[str, int | None]:
    """Return key and id of every series of a dataset. For whoever holds the head."""
    return select(col(SeriesRow.key), col(SeriesRow.id)).where(
        col(SeriesRow.dataset) == dataset
    )
