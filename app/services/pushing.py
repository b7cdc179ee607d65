"""Numbers that their owner sends: the same way into the record as those of a source."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from app.domain.datasets import Run
from app.domain.observations import Batch, Payload
from app.domain.periods import Window
from app.domain.registry import Dimension
from app.errors import BadValueError, ForbiddenError, SourceError, UnavailableError
from app.services import loading
from app.services.keys import Key
from app.sources import pushed
from app.sources.pushed import CSV, JSON, MEDIA_TYPES, NDJSON, SOURCE
from app.store import history, work
from app.store.database import Database

__all__ = ["CSV", "JSON", "MEDIA_TYPES", "NDJSON", "Push", "Pushed", "push"]

Clock = Callable[[], datetime]

_MOST_DAYS = 366
_CLOCKS_DIFFER = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Push:
    """What is sent.

    Attributes:
        dataset: Slug.
        window: Days that it tells.
        as_of: When its sender knew this, in UTC.
        body: The observations, as they came.
        media_type: One of `MEDIA_TYPES`.
    """

    dataset: str
    window: Window
    as_of: datetime
    body: bytes
    media_type: str


@dataclass(frozen=True, slots=True)
class Pushed:
    """What became of it.

    Attributes:
        run: The run that it was.
        release: Number of the release; None: nothing changed for a reader.
        held: Days of the window that wait for a decision.
    """

    run: Run
    release: int | None
    held: tuple[date, ...]


def check(
    key: Key, dataset: str, window: Window, as_of: datetime, now: datetime
) -> None:
    """Refuse what cannot be taken, whatever the observations are.

    Args:
        key: Whose it is.
        dataset: Slug.
        window: Days that are told.
        as_of: When their sender knew this.
        now: The present moment.

    Raises:
        ForbiddenError: The key does not own the dataset.
        BadValueError: Days or a moment that cannot be.
    """
    if key.dataset != dataset:
        raise ForbiddenError(
            f"This key owns the dataset {key.dataset} and may write into no other."
        )
    if window.first < pushed.EARLIEST:
        raise BadValueError.of(
            "start_date", str(window.first), f"is before {pushed.EARLIEST}"
        )
    if len(window) > _MOST_DAYS:
        raise BadValueError.of(
            "end_date",
            str(window.last),
            f"more than {_MOST_DAYS} days in one push; send several",
        )
    if as_of > now + _CLOCKS_DIFFER:
        raise BadValueError.of("as_of", f"{as_of:%FT%TZ}", "is in the future")
    if window.last > as_of.date():
        raise BadValueError.of(
            "end_date",
            str(window.last),
            f"is after {as_of.date()}, the day of as_of: nobody knew it then",
        )


def push(database: Database, sent: Push, key: Key, *, now: Clock) -> Pushed:
    """Take what the owner of a dataset sends. Safe to repeat.

    Args:
        database: The record.
        sent: The observations, and what they are about.
        key: Whose it is.
        now: The clock.

    Raises:
        ForbiddenError, BadValueError: See `check`.
        SourceError: The observations are refused, with a complaint for each of the
            first ten that are wrong. The run says so; nothing else was written.
        UnavailableError: The record cannot be written right now.
    """
    check(key, sent.dataset, sent.window, sent.as_of, now())
    refused: list[SourceError] = []
    run = _take(database, sent, f"{SOURCE}{key.prefix}", refused, now)
    if run.verdict == "failed":
        raise UnavailableError(f"Nothing was written (run {run.id}): {run.reason}")
    if run.verdict == "rejected":
        why = str(refused[0]) if refused else _nothing(run.reason)
        complaints = refused[0].complaints if refused else ()
        raise SourceError(f"run {run.id}", why, complaints=complaints)
    with database.read() as session:
        release = session.scalars(history.release_of_run(run.id)).one_or_none()
        # Not only by this run: what was held before is not held twice.
        rows = session.scalars(work.waiting_days(sent.dataset)).all()
    held = {row.period_start for row in rows if row.period_start in sent.window}
    return Pushed(run, release, tuple(sorted(held)))


def _take(
    database: Database,
    sent: Push,
    source: str,
    refused: list[SourceError],
    now: Clock,
) -> Run:
    from app.services import ingest  # noqa: PLC0415 (nothing else here needs it)

    with database.read() as session:
        dataset = loading.dataset(session, sent.dataset)
    categories = Dimension.CATEGORY in dataset.dimensions
    url = f"{SOURCE}{sent.dataset}"
    payload = Payload(sent.body, sent.media_type, url, now())

    def parse(payload: Payload) -> list[Batch]:
        try:
            return pushed.parse(
                payload,
                sent.dataset,
                window=sent.window,
                as_of=sent.as_of,
                categories=categories,
            )
        except SourceError as error:
            refused.append(error)
            where = ", ".join(c.parameter for c in error.complaints)
            # Its sender is told what is wrong. A log is not: it is read by others.
            raise SourceError(source, f"refused because of {where}.") from None

    job = ingest.Job(source, sent.dataset, "push")
    (run,) = ingest.take(database, lambda: payload, parse, job, now=now)
    return run


def _nothing(reason: str | None) -> str:
    return f"{str(reason).removesuffix('.')}. Nothing was written."
