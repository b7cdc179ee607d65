"""A gateway that publishes its own numbers: a dataset, a key, and the door."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from starlette.testclient import TestClient

from app.domain.datasets import Dataset
from app.domain.registry import Dimension
from app.main import create_app
from app.services import keys, new_datasets
from app.services.declaring import Declaration
from app.services.keys import Scope
from app.services.snapshots import Snapshots
from app.store import queries, work
from app.store.database import Database
from tests.api.conftest import Clock, settings
from tests.api.test_writes import refused
from tests.services import published

NOW = datetime(2026, 10, 20, 12, tzinfo=UTC)
SLUG = "our-gateway"
DECLARED = Declaration(
    Dataset(
        slug=SLUG,
        name="Our gateway",
        publisher="Example Corp",
        scope="tokens at Example Corp",
        metric="tokens processed",
        unit="tokens",
        grain="day",
        license="CC-BY-4.0",
        citation="Source: Example Corp, as of {as_of}.",
        url="https://example.com/usage",
        dimensions=tuple(d for d in Dimension if d.value not in {"app", "category"}),
        default_group=Dimension.ORIGIN,
        additive=True,
        scale=1,
        revision_days=7,
        top_n=None,
        cadence_hours=24,
        caveats=(),
    ),
    "structure",
)
FIRST, SECOND = "2026-10-18", "2026-10-19"
DAYS = {"start_date": FIRST, "end_date": SECOND, "as_of": "2026-10-20T02:00:00Z"}
ROWS = [
    *((FIRST, "acme/one", 60), (FIRST, "bolt/two:free", 30), (FIRST, "other", 10)),
    *((SECOND, "acme/one", 20), (SECOND, "new/kid", 80)),
]
JSON, NDJSON, CSV = "application/json", "application/x-ndjson", "text/csv"

Row = Sequence[Any]


@dataclass(frozen=True)
class Gateway:
    """A record with a dataset of one's own, the key to it, and the door before it."""

    database: Database
    client: TestClient
    clock: Clock
    key: str

    def push(
        self,
        body: bytes | str,
        media_type: str = JSON,
        *,
        slug: str = SLUG,
        key: str | None = None,
        headers: dict[str, str] | None = None,
        **query: str,
    ) -> Any:
        """Send a body; `query` replaces what is said beside it."""
        sent = {
            "authorization": f"Bearer {key or self.key}",
            "content-type": media_type,
        }
        return self.client.post(
            f"/v1/datasets/{slug}/observations",
            params=DAYS | query,
            content=body,
            headers=sent | (headers or {}),
        )

    def rows(self, url: str) -> list[dict[str, Any]]:
        """Return the rows of an answer that there is."""
        reply = self.client.get(url)
        assert reply.status_code == 200, reply.text
        found: list[dict[str, Any]] = reply.json()["data"]
        return found

    @property
    def head(self) -> int | None:
        """The newest release."""
        return published.head(self.database)


def gateway(database: Database) -> Gateway:
    """Return a record with release 1, the registry, and 2, the dataset."""
    published.begin(database)
    new_datasets.add(database, DECLARED, actor="Ann", now=NOW)
    key = keys.create(database, "Gate", [Scope.INGEST], now=NOW, dataset=SLUG)
    return opened(database, key)


def opened(database: Database, key: str) -> Gateway:
    """Return the door before a record, with a key."""
    snapshots = Snapshots(database)
    snapshots.refresh()
    clock = Clock(NOW)
    front = create_app(settings(), snapshots, now=clock)
    return Gateway(database, TestClient(front, follow_redirects=False), clock, key)


def nothing_written(owner: Gateway) -> None:
    assert owner.head == 2
    with owner.database.read() as session:
        assert session.execute(queries.series_ids(SLUG)).all() == []


def unreadable(owner: Gateway, reply: Any) -> list[tuple[str, str]]:
    """Return where and why, of a body that is refused whole."""
    problem = refused(reply, 422, "unreadable-payload")
    assert "Nothing was written." in problem["detail"]
    assert "try_url" not in problem
    nothing_written(owner)
    with owner.database.read() as session:
        row = session.scalars(work.last_runs()).all()[0]
        assert (row.verdict, row.trigger) == ("rejected", "push")
        assert row.payload is not None
    return [(e["parameter"], e["message"]) for e in problem["errors"]]


def as_json(rows: Sequence[Row] = ROWS) -> str:
    return json.dumps({"observations": [_named(row) for row in rows]})


def as_ndjson(rows: Sequence[Row] = ROWS) -> str:
    return "".join(json.dumps(_named(row)) + "\n" for row in rows)


def as_csv(rows: Sequence[Row] = ROWS) -> str:
    lines = ["date,model,volume", *(",".join(map(str, row)) for row in rows)]
    return "\r\n".join([*lines, ""])


FORMS = {JSON: as_json, NDJSON: as_ndjson, CSV: as_csv}


def _named(row: Row) -> dict[str, Any]:
    return dict(zip(("date", "model", "volume", "category"), row, strict=False))
