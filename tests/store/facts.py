"""A small record: two releases, two series, two days, one of them restated."""

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy.orm import Session

from app.store.dialect import close_rows, insert_many
from app.store.operational import ConfirmationRow, ContractRow, HeldRow, QuotaRow
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
    PayloadRow,
    PeriodRow,
    ProviderRow,
    Record,
    ReleaseRow,
    RunRow,
    SeriesRow,
)

NOON = datetime(2026, 8, 20, 12, tzinfo=UTC)
MONDAY = date(2026, 8, 17)
TUESDAY = date(2026, 8, 18)


def run(number: int, **other: Any) -> RunRow:
    counts = {f"rows_{name}": 0 for name in ("new", "changed", "same", "rejected")}
    values: dict[str, Any] = {
        "id": number,
        "source": "test",
        "dataset": "tokens",
        "trigger": "cli",
        "started_at": NOON,
        "finished_at": NOON,
        "verdict": "published",
        "as_of": NOON,
        "payload": "aa",
        "rows_in": 0,
        "checks": [{"name": "rows", "passed": True}],
    }
    return RunRow(**values | counts | other)


def release(number: int, **other: Any) -> ReleaseRow:
    values: dict[str, Any] = {
        "id": number,
        "published_at": NOON,
        "kind": "data",
        "method_version": "1",
        "run": 1,
        "summary": "",
        "digest": "",
        "changes": {},
    }
    return ReleaseRow(**values | other)


def dataset(slug: str = "tokens", **other: Any) -> DatasetRow:
    texts = ("name", "publisher", "scope", "metric", "unit", "license", "citation")
    values: dict[str, Any] = {
        "slug": slug,
        "url": "",
        "grain": "day",
        "dimensions": ["origin"],
        "default_group": "origin",
        "additive": True,
        "scale": 1,
        "revision_days": 30,
        "caveats": [],
        "release_from": 1,
    }
    return DatasetRow(**dict.fromkeys(texts, "") | values | other)


def series(number: int, key: str, **other: Any) -> SeriesRow:
    kind, _, subject = key.partition(":")
    values: dict[str, Any] = {
        "id": number,
        "dataset": "tokens",
        "kind": kind,
        "key": key,
        "subject": subject or "other",
        "release_from": 1,
    }
    return SeriesRow(**values | other)


def observation(**other: Any) -> dict[str, Any]:
    """The only one that is not in `populate`: Tuesday of series 2, opened by 2."""
    return {
        "series": 2,
        "period_start": TUESDAY,
        "release_from": 2,
        "volume": 1,
        "run": 1,
    } | other


def claim(**other: Any) -> dict[str, Any]:
    return {
        "subject_kind": "provider",
        "subject": "acme",
        "attribute": "origin",
        "value": "US",
        "alternatives": ["CN"],
        "valid_from": date.min,
        "confidence": "disputed",
        "basis": "seat",
        "source": "curation",
        "release_from": 1,
    } | other


def period(day: date, number: int, **other: Any) -> dict[str, Any]:
    return {
        "dataset": "tokens",
        "period_start": day,
        "release_from": number,
        "as_of": NOON,
        "run": 1,
        "total": 30,
        "rows": 2,
        "flagged": False,
    } | other


def held(**other: Any) -> HeldRow:
    values: dict[str, Any] = {
        "run": 1,
        "dataset": "tokens",
        "period_start": TUESDAY,
        "as_of": NOON,
        "volumes": [["model", "acme/one", None, 1]],
        "checks": [],
    }
    return HeldRow(**values | other)


def _first(session: Session) -> None:
    for rows in (
        [PayloadRow(sha256="aa", body=b"\0", media_type="", url="", fetched_at=NOON)],
        [run(1)],
        [release(1)],
        [dataset()],
        [series(1, "model:acme/one"), series(2, "remainder")],
        [ProviderRow(slug="acme", release_from=1)],
        [
            ModelRow(
                slug="acme/one", base="acme/one", variant="standard", release_from=1
            )
        ],
        [CategoryRow(dataset="tokens", slug="code", name="Code", release_from=1)],
        [ConfirmationRow(dataset="tokens", period_start=MONDAY, confirmed_as_of=NOON)],
        [ContractRow(dataset="tokens", name="structure")],
        [held()],
        [QuotaRow(name="api", seconds=60, since=NOON, spent=1)],
    ):
        session.add_all(rows)
        session.flush()
    insert_many(session, AttributionRow, [claim()])
    names = {"scheme": "hf", "external_id": "A/One", "target_kind": "base"}
    insert_many(session, AliasRow, [names | {"target": "acme/one", "release_from": 1}])
    insert_many(
        session,
        AppRow,
        [{"dataset": "tokens", "slug": "app-1", "name": "One", "release_from": 1}],
    )
    notes = {"date_from": MONDAY, "kind": "event", "text": "a note"}
    insert_many(session, AnnotationRow, [notes | {"release_from": 1}])
    insert_many(
        session,
        ObservationRow,
        [
            observation(series=1, period_start=MONDAY, release_from=1, volume=20),
            observation(series=2, period_start=MONDAY, release_from=1, volume=10),
            observation(series=1, period_start=TUESDAY, release_from=1, volume=2**62),
        ],
    )
    insert_many(session, PeriodRow, [period(MONDAY, 1), period(TUESDAY, 1)])


def _second(session: Session) -> None:
    """Restate Monday: series 2 is no longer listed."""
    session.add(release(2))
    close_rows(session, ObservationRow, [(1, MONDAY), (2, MONDAY)], 2)
    close_rows(session, PeriodRow, [("tokens", MONDAY)], 2)
    insert_many(
        session,
        ObservationRow,
        [observation(series=1, period_start=MONDAY, volume=30)],
    )
    insert_many(session, PeriodRow, [period(MONDAY, 2)])


def populate(session: Session) -> None:
    """Write both releases."""
    _first(session)
    _second(session)
    session.get_one(HeadRow, 1).release = 2


FILLED: list[type[Record]] = [
    AliasRow,
    AnnotationRow,
    AppRow,
    AttributionRow,
    CategoryRow,
    ConfirmationRow,
    ContractRow,
    DatasetRow,
    HeadRow,
    HeldRow,
    ModelRow,
    ObservationRow,
    PayloadRow,
    PeriodRow,
    ProviderRow,
    QuotaRow,
    ReleaseRow,
    RunRow,
    SeriesRow,
]
