"""What is only in the record, not in memory: revisions, evidence, what a release did.

The one part of reading that needs the database.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from app.domain.periods import Window
from app.domain.questions import ListAsk
from app.domain.reports import Kind, Report
from app.domain.snapshot import DatasetView, Snapshot
from app.errors import OutsideDataError, UnknownError
from app.services import listing, revisions
from app.services.listing import Shape
from app.services.revisions import LedgerAsk
from app.store import history, queries
from app.store.database import Database
from app.store.tables import AttributionRow, ModelRow, PeriodRow, ProviderRow, RunRow

_EVIDENCE = Shape(
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
            UnknownError: No dataset of this slug.
            OutsideDataError: The days lie wholly outside the data.
        """
        view = snapshot.datasets.get(dataset)
        if view is None:
            known = sorted(snapshot.datasets)
            raise UnknownError("dataset", dataset, known, "/v1/datasets")
        _check(view, window)
        days = [d for d in view.days if window is None or d in window]
        with self._database.read() as session:
            runs = _runs(session, {view.days[day].run for day in days})
        rows = [_day(view, day, runs) for day in days]
        return listing.report(snapshot, ask, _EVIDENCE, rows, view=view)

    def diff(self, release: int) -> Mapping[str, Any]:
        """Return what a release did, against the one before: JSON-ready counts.

        Args:
            release: Number of a release that exists.
        """
        with self._database.read() as session:
            return {
                "run": _run_of(session, release),
                "days": _days(session, release),
                "observations": _observations(session, release),
                "providers_added": _slugs(session, ProviderRow, release),
                "models_added": _slugs(session, ModelRow, release),
                "claims": {
                    "opened": len(
                        session.scalars(queries.opened(AttributionRow, release)).all()
                    ),
                    "closed": len(
                        session.scalars(queries.closed(AttributionRow, release)).all()
                    ),
                },
            }


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
    rows = session.execute(history.runs_with_payloads(numbers)).tuples()
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


def _run_of(session: Session, release: int) -> Mapping[str, Any] | None:
    row = session.scalars(queries.release(release)).one()
    run = session.get(RunRow, row.run) if row.run is not None else None
    if run is None:
        return None
    return {
        "id": run.id,
        "source": run.source,
        "trigger": run.trigger,
        "payload_sha256": run.payload,
        "decided_by": run.decided_by,
        "decided_reason": run.decided_reason,
    }


def _days(session: Session, release: int) -> Mapping[str, Mapping[str, int]]:
    """Return, by dataset, how many days are new, were restated, or are flagged."""
    closed = session.scalars(queries.closed(PeriodRow, release)).all()
    before = {(row.dataset, row.period_start): row for row in closed}
    found: dict[str, Counter[str]] = defaultdict(
        lambda: Counter({"new": 0, "restated": 0, "settled": 0, "flagged": 0})
    )
    for row in session.scalars(queries.opened(PeriodRow, release)):
        was = before.get((row.dataset, row.period_start))
        found[row.dataset][_what(row, was)] += 1
    return {slug: dict(counts) for slug, counts in sorted(found.items())}


def _what(row: PeriodRow, was: PeriodRow | None) -> str:
    if was is None:
        return "new"
    if row.flagged and not was.flagged:
        return "flagged"
    return "settled" if (row.total, row.rows) == (was.total, was.rows) else "restated"


def _observations(session: Session, release: int) -> Mapping[str, int]:
    """Return how many observations were opened and closed, and by how much in sum."""
    opened, new = session.execute(history.sums_opened(release)).one()
    closed, old = session.execute(history.sums_closed(release)).one()
    return {
        "opened": opened,
        "closed": closed,
        "volume_change": int(new or 0) - int(old or 0),
    }


def _slugs(
    session: Session, row: type[ProviderRow] | type[ModelRow], release: int
) -> list[str]:
    return sorted(one.slug for one in session.scalars(queries.opened(row, release)))
