"""What is asked of the past: which published facts a later release changed.

A fact changes when one release closes a row and opens another of the same name. A day
that is new changes nothing.
"""

from collections.abc import Collection
from datetime import date, datetime

from sqlalchemy import ColumnElement, Select, exists, func, or_, select
from sqlmodel import col

from app.store.queries import changed
from app.store.tables import (
    AttributionRow,
    ObservationRow,
    PayloadRow,
    PeriodRow,
    ReleaseRow,
    RunRow,
    SeriesRow,
)

Revised = Select[str, str, str, date, int, int, int | None]


def revised_observations(dataset: str, after: int, upto: int) -> Revised:
    """Return the rows that came or went when published days were restated.

    Columns: series key, kind, subject, day, volume, release_from, release_to. A row
    that came with one release and went with another stands for both.

    Args:
        dataset: Slug.
        after: Changes by later releases than this one.
        upto: Changes up to this release.
    """
    observed, period = ObservationRow, PeriodRow
    # A day that a release closes was published before: what it opens is a revision.
    restated = exists().where(
        col(period.dataset) == dataset,
        col(period.period_start) == col(observed.period_start),
        or_(
            col(period.release_to) == col(observed.release_from),
            col(period.release_to) == col(observed.release_to),
        ),
    )
    return (
        select(
            col(SeriesRow.key),
            col(SeriesRow.kind),
            col(SeriesRow.subject),
            col(observed.period_start),
            col(observed.volume),
            col(observed.release_from),
            col(observed.release_to),
        )
        .join_from(observed, SeriesRow, col(SeriesRow.id) == col(observed.series))
        .where(
            col(SeriesRow.dataset) == dataset,
            changed(observed, after, upto),
            restated,
        )
    )


def restated_days(dataset: str, after: int, upto: int) -> Select[date, int | None]:
    """Return day and release of every restatement of a published day."""
    return select(col(PeriodRow.period_start), col(PeriodRow.release_to)).where(
        col(PeriodRow.dataset) == dataset,
        col(PeriodRow.release_to).between(after + 1, upto),
    )


def changed_claims(after: int, upto: int) -> Select[AttributionRow]:
    """Return the claims that were opened or closed after a release, up to another."""
    return select(AttributionRow).where(changed(AttributionRow, after, upto))


def ended_claims(release: int) -> Select[AttributionRow]:
    """Return the claims that were made before a release and no longer in it."""
    row = AttributionRow
    return (
        select(row)
        .where(col(row.release_to) <= release)
        .order_by(col(row.release_from), col(row.id))
    )


def decided_releases(after: int, upto: int) -> Select[int]:
    """Return the releases that a person decided on, by accepting what was held."""
    return (
        select(col(ReleaseRow.id))
        .join_from(ReleaseRow, RunRow, col(RunRow.id) == col(ReleaseRow.run))
        .where(
            col(RunRow.decided_by).is_not(None),
            col(ReleaseRow.id).between(after + 1, upto),
        )
    )


# What a run wrote


def runs_that_published() -> Select[RunRow]:
    """Return the runs that observations came from, oldest first."""
    wrote = exists().where(col(PeriodRow.run) == col(RunRow.id))
    return select(RunRow).where(wrote).order_by(col(RunRow.id))


def release_of_run(run: int) -> Select[int]:
    """Return the number of the last release that a run led to, or nothing."""
    number = col(ReleaseRow.id)
    led = select(number).where(col(ReleaseRow.run) == run)
    return led.order_by(number.desc()).limit(1)


def days_of_run(run: int) -> Select[date, int, int, bool]:
    """Return day, total, number of rows and flag of what a run said of whole days."""
    return (
        select(
            col(PeriodRow.period_start),
            col(PeriodRow.total),
            col(PeriodRow.rows),
            col(PeriodRow.flagged),
        )
        .where(col(PeriodRow.run) == run)
        .order_by(col(PeriodRow.period_start))
    )


def observations_of_run(run: int) -> Select[str, date, int]:
    """Return series key, day and volume of what a run wrote."""
    return (
        select(
            col(SeriesRow.key),
            col(ObservationRow.period_start),
            col(ObservationRow.volume),
        )
        .join_from(
            ObservationRow, SeriesRow, col(SeriesRow.id) == col(ObservationRow.series)
        )
        .where(col(ObservationRow.run) == run)
    )


def runs_with_payloads(
    numbers: Collection[int],
) -> Select[RunRow, str | None, datetime | None]:
    """Return runs, and where and when their payloads were read, if they have any."""
    return (
        select(RunRow, col(PayloadRow.url), col(PayloadRow.fetched_at))
        .join_from(
            RunRow,
            PayloadRow,
            col(PayloadRow.sha256) == col(RunRow.payload),
            isouter=True,
        )
        .where(col(RunRow.id).in_(numbers))
    )


# What a release did, in sums


def sums_opened(release: int) -> Select[int, int | None]:
    """Return how many observations a release opened, and their sum."""
    return _sums(col(ObservationRow.release_from) == release)


def sums_closed(release: int) -> Select[int, int | None]:
    """Return how many observations a release closed, and their sum."""
    return _sums(col(ObservationRow.release_to) == release)


def _sums(which: ColumnElement[bool]) -> Select[int, int | None]:
    return select(func.count(), func.sum(col(ObservationRow.volume))).where(which)
