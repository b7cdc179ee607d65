"""A warehouse that is ClickHouse, which runs in this process."""

from datetime import UTC, date, datetime, timedelta

import httpx2
import pytest
from pydantic import SecretStr
from sqlalchemy import create_engine, text

from app.domain.observations import Batch, Observation, SeriesKind
from app.errors import SourceError, UpstreamError
from app.sources.warehouse import Warehouse
from tests.sources.given import window

NOW = datetime(2026, 8, 22, 2, tzinfo=UTC)
ALL = window("2020-01-01", "2026-08-21")
DAY = date(2026, 8, 20)
EVENTS = (
    """CREATE TABLE events (at DateTime('UTC'), model String, tokens UInt64)
    ENGINE = MergeTree ORDER BY at""",
    """INSERT INTO events VALUES ('2026-08-20 01:00:00', 'acme/a', 7),
    ('2026-08-20 02:00:00', 'acme/a', 3), ('2026-08-20 23:59:59', 'other', 1),
    ('2026-08-21 00:00:00', 'acme/a', 9223372036854775807)""",
)
ROLL_UP = """SELECT toDate(at) AS period, model, {} AS volume FROM events
WHERE toDate(at) BETWEEN :start_date AND :end_date
GROUP BY period, model ORDER BY period, model"""


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return a ClickHouse with a table of events."""
    found = f"chdb:///{tmp_path_factory.mktemp('clickhouse') / 'data'}"
    with create_engine(found).connect() as connection:
        for statement in EVENTS:
            connection.execute(text(statement))
    return found


def warehouse(url: str, query: str) -> Warehouse:
    return Warehouse(
        "warehouse-events",
        "our-tokens",
        SecretStr(url),
        query,
        lambda: NOW,
        timedelta(seconds=30),
        timedelta(days=1),
    )


def test_events_are_rolled_up_where_they_are(client: httpx2.Client, url: str) -> None:
    ours = warehouse(url, ROLL_UP.format("sum(tokens)"))
    model = SeriesKind.MODEL

    assert ours.parse(ours.fetch(client, ALL)) == [
        Batch(
            "our-tokens",
            window("2026-08-20", "2026-08-21"),
            NOW,
            [
                Observation(DAY, model, "acme/a", 10),
                Observation(DAY, SeriesKind.REMAINDER, "other", 1),
                Observation(date(2026, 8, 21), model, "acme/a", 2**63 - 1),
            ],
            [],
        )
    ]
    asked = window("2026-07-01", "2026-08-20")
    (batch,) = ours.parse(ours.fetch(client, asked))
    assert (batch.window, len(batch.observations)) == (asked, 2)


def test_a_sum_that_wraps_around_is_refused(client: httpx2.Client, url: str) -> None:
    wide = warehouse(url, ROLL_UP.format("sum(tokens) + 9223372036854775807"))

    with pytest.raises(SourceError, match="'9223372036854775817' is not a whole"):
        wide.parse(wide.fetch(client, ALL))


def test_a_float_is_refused(client: httpx2.Client, url: str) -> None:
    ours = warehouse(url, ROLL_UP.format("sum(toFloat64(tokens))"))

    with pytest.raises(SourceError, match=r"row 1: 10\.0 is not a whole number"):
        ours.parse(ours.fetch(client, ALL))


def test_a_query_that_fails_is_one_line(client: httpx2.Client, url: str) -> None:
    with pytest.raises(UpstreamError, match=r"warehouse-events: it cannot be read"):
        warehouse(url, "SELECT nothing FROM nowhere").fetch(client, ALL)
