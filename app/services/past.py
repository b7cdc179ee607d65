"""What is only in the record, not in memory: revisions, and evidence.

The one part of reading that needs the database.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from app.domain.periods import Window
from app.domain.questions import ListAsk
from app.domain.reports import Kind, Report
from app.domain.snapshot import DatasetView, Snapshot
from app.errors import OutsideDataError
from app.services import declaring, listing, revisions
from app.services.listing import Shape
from app.services.revisions import LedgerAsk
from app.store import history
from app.store.database import Database
from app.store.tables import RunRow

_EVIDENCE = Shape(
    "day",
    "days",
    {
        "period_start": Kind.DATE,
        "period_end": Kind.DATE,
        "status": Kind.TEXT,
        "total": Kind.INTEGER,
        "rows": Kind.INTEGER,
        "source_as_of": Kind.TIME,
        "flagged": Kind.TEXT,
        "since_release": Kind.INTEGER,
        "run": Kind.INTEGER,
        "source": Kind.TEXT,
        "payload_sha256": Kind.TEXT,
        "payload_url": Kind.TEXT,
        "fetched_at": Kind.TIME,
    },
    searched=("source", "payload_sha256"),
    order="period_start",
)


class Past:
    """Reads history; safe to share between threads.

    Every method raises `UnavailableError` while the database is away.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def revisions(self, snapshot: Snapshot, ask: LedgerAsk) -> Report:
        """Return what later releases changed; see `revisions.ledger`."""
        with self._database.read() as session:
            return revisions.ledger(session, snapshot, ask)

    def evidence(
        self, snapshot: Snapshot, dataset: str, ask: ListAsk, window: Window | None
    ) -> Report:
        """Return, day by day, which reading the numbers of a dataset come from.

        Args:
            snapshot: The release.
            dataset: Slug.
            ask: Search, order and page.
            window: Days to tell of; None: all.

        Returns:
            A row per day: its total, when the source was read, and the SHA-256 of the
            bytes that were read then.

        Raises:
            UnknownError, UnreadError: No dataset of this slug.
            OutsideDataError: The days lie wholly outside the data.
        """
        view = snapshot.datasets.get(dataset)
        if view is None:
            raise declaring.no_dataset(dataset, snapshot.datasets)
        _check(view, window)
        days = [d for d in view.days if window is None or d in window]
        with self._database.read() as session:
            runs = _runs(session, {view.days[day].run for day in days})
        rows = [_day(view, day, runs) for day in days]
        also = listing.days(window)
        return listing.report(snapshot, ask, _EVIDENCE, rows, view=view, also=also)


def _check(view: DatasetView, window: Window | None) -> None:
    span = view.span
    if window is not None and (span is None or window.overlap(span) is None):
        has = f"has data from {span.first} to {span.last}" if span else "has no data"
        raise OutsideDataError(
            f"{view.dataset.slug} {has}; the dates asked for lie wholly outside.",
            fix={"start_date": None, "end_date": None},
        )


_Runs = Mapping[int, tuple[RunRow, Mapping[str, Any]]]


def _runs(session: Session, numbers: set[int]) -> _Runs:
    """Return each run, and what is known of its payload without the bytes."""
    found = {}
    rows = session.execute(history.runs_with_payloads(numbers))
    for run, url, fetched_at in rows:
        told = {"payload_url": url, "fetched_at": fetched_at}
        found[run.id or 0] = run, told
        session.expunge(run)
    return found


def _day(view: DatasetView, day: date, runs: _Runs) -> Mapping[str, Any]:
    known = view.days[day]
    run, payload = runs[known.run]
    return {
        "period_start": day,
        "period_end": day,
        "status": str(view.status(day)),
        "total": known.total,
        "rows": known.rows,
        "source_as_of": known.as_of,
        "flagged": "yes" if known.flagged else "no",
        "since_release": known.since,
        "run": known.run,
        "source": run.source,
        "payload_sha256": run.payload,
        **payload,
    }
