"""What a release did, against the one before: counted when it is made, kept with it."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Select
from sqlalchemy.orm import Session

from app.store import history, queries
from app.store.tables import (
    AttributionRow,
    ModelRow,
    PeriodRow,
    ProviderRow,
    ReleaseRow,
    RunRow,
)


def of(session: Session, release: ReleaseRow) -> dict[str, Any]:
    """Return what a release opened and closed, JSON-ready.

    Returns:
        `run`: what led to it, if anything was read; `days`: by dataset, how many are
        new, restated, settled or flagged; `observations`: how many were opened and
        closed, and by how much their sum changed; `providers_added`, `models_added`:
        slugs; `claims`: how many were opened and closed.
    """
    number = release.id
    return {
        "run": _run(session, release.run),
        "days": _days(session, number),
        "observations": _observations(session, number),
        "providers_added": _slugs(session, ProviderRow, number),
        "models_added": _slugs(session, ModelRow, number),
        "claims": {
            "opened": _count(session, queries.opened(AttributionRow, number)),
            "closed": _count(session, queries.closed(AttributionRow, number)),
        },
    }


def _count(session: Session, rows: Select[AttributionRow]) -> int:
    return len(session.scalars(rows).all())


def _run(session: Session, number: int | None) -> Mapping[str, Any] | None:
    run = session.get(RunRow, number) if number is not None else None
    if run is None:
        return None
    return {
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
