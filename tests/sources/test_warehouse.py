"""Usage that an operator keeps in a database of their own."""

import socket
import time
import traceback
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta

import httpx2
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from app.domain.observations import Batch, Observation, Payload, SeriesKind
from app.domain.periods import Window
from app.errors import SourceError, UpstreamError
from app.sources.source import Source
from app.sources.warehouse import Warehouse
from tests.sources.databases import ALL, BOUND, NOW, ROLL_UP, warehouse
from tests.sources.given import window

MODEL, REST = SeriesKind.MODEL, SeriesKind.REMAINDER
D1, D2 = date(2026, 8, 20), date(2026, 8, 21)
NAMES = "period, model, volume[, category]"
EVENTS = (
    "CREATE TABLE events (day DATE, model VARCHAR(50), tokens BIGINT)",
    """INSERT INTO events VALUES
    ('2026-08-20', 'acme/a', 7), ('2026-08-20', 'acme/a', 3),
    ('2026-08-20', 'other', 1), ('2026-08-21', 'acme/a', 9223372036854775807)""",
)

Make = Callable[..., Warehouse]


@pytest.fixture
def make(empty_url: str) -> Iterator[Make]:
    """Return warehouses of a database with a table of events."""
    engine = create_engine(empty_url, poolclass=NullPool)
    with engine.connect() as connection:
        for statement in EVENTS:
            connection.execute(text(statement))
        connection.commit()

    def _make(query: str, seconds: float = 5) -> Warehouse:
        return warehouse(empty_url, query, seconds)

    yield _make
    engine.dispose()


def failure(client: httpx2.Client, ours: Warehouse) -> str:
    with pytest.raises(UpstreamError) as caught:
        ours.fetch(client, ALL)
    return str(caught.value)


def refusal(read: Payload) -> str:
    with pytest.raises(SourceError) as caught:
        warehouse().parse(read)
    return str(caught.value)


def test_it_is_a_source() -> None:
    ours: Source = warehouse()

    assert (ours.name, ours.dataset) == ("warehouse-gateway", "our-tokens")
    assert ours.every == timedelta(days=1)


def test_a_roll_up_is_asked_for_and_read(client: httpx2.Client, make: Make) -> None:
    # PostgreSQL sums to a decimal, SQLite would overflow to an error.
    ours = make(ROLL_UP)

    fetched = ours.fetch(client, ALL)

    assert fetched == Payload(
        b'{"period":"2026-08-20","model":"acme/a","volume":"10"}\n'
        b'{"period":"2026-08-20","model":"other","volume":"1"}\n'
        b'{"period":"2026-08-21","model":"acme/a","volume":"9223372036854775807"}\n',
        "application/x-ndjson",
        "warehouse:warehouse-gateway?start_date=2020-01-01&end_date=2026-08-21",
        NOW,
    )
    assert ours.parse(fetched) == [
        Batch(
            "our-tokens",
            Window(D1, D2),
            NOW,
            [
                Observation(D1, MODEL, "acme/a", 10),
                Observation(D1, REST, "other", 1),
                Observation(D2, MODEL, "acme/a", 2**63 - 1),
            ],
            [],
        )
    ]


def test_a_query_may_ask_for_days(client: httpx2.Client, make: Make) -> None:
    ours = make(BOUND)

    fetched = ours.fetch(client, window("2026-07-01", "2026-08-20"))
    (batch,) = ours.parse(fetched)

    assert batch.window == window("2026-07-01", "2026-08-20")
    assert batch.observations == [Observation(D1, MODEL, "acme/a", 7)]


def test_the_moment_is_that_before_the_query(client: httpx2.Client, make: Make) -> None:
    asked: list[datetime] = []

    def _clock() -> datetime:
        asked.append(NOW)
        return NOW - timedelta(hours=len(asked))

    ours = make(ROLL_UP)
    ours._now = _clock  # noqa: SLF001 - one clock for all others

    assert ours.fetch(client, ALL).fetched_at == NOW - timedelta(hours=1)


def test_nothing_is_written_where_it_reads(
    client: httpx2.Client, new_postgresql: Callable[[], str]
) -> None:
    query = "SELECT DATE '2026-08-20' AS period, 'a/b' AS model, lo_create(0) AS volume"

    assert "cannot execute lo_create() in a read-only transaction" in failure(
        client, warehouse(new_postgresql(), query)
    )


def test_nothing_is_ever_committed(
    client: httpx2.Client, empty_sqlite: Callable[[], str]
) -> None:
    url = empty_sqlite()
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        connection.execute(text(EVENTS[0]))
        connection.commit()
    insert = "INSERT INTO events VALUES ('2026-08-20', 'a/b', 1) RETURNING "
    ours = warehouse(url, f"{insert} day AS period, model, tokens AS volume")

    assert ours.fetch(client, ALL).body.count(b"\n") == 1
    with engine.connect() as connection:
        assert connection.execute(text("SELECT * FROM events")).all() == []


LITERALS = [
    ("CAST(1.5 AS NUMERIC(9, 1))", "is not a whole number"),
    ("CAST(1 AS DOUBLE PRECISION)", "is not a whole number"),
    ("CAST('inf' AS DOUBLE PRECISION)", ""),
    ("NULL", "None is not a whole number"),
    ("-1", "'-1' is not a whole number"),
    ("''", "'' is not a whole number"),
]


@pytest.mark.parametrize(("literal", "why"), LITERALS)
def test_nothing_else_is_a_volume(
    client: httpx2.Client, make: Make, literal: str, why: str
) -> None:
    ours = make(f"SELECT '2026-08-20' AS period, 'a/b' AS model, {literal} AS volume")
    fetched = ours.fetch(client, ALL)

    with pytest.raises(SourceError) as caught:
        ours.parse(fetched)

    assert str(caught.value).startswith("warehouse-gateway: row 1: ")
    assert why in str(caught.value)


def test_a_float_stays_a_float(client: httpx2.Client, make: Make) -> None:
    ours = make(
        "SELECT '2026-08-20' AS period, 'a/b' AS model, "
        "CAST(1 AS DOUBLE PRECISION) AS volume"
    )

    assert ours.fetch(client, ALL).body.endswith(b',"volume":1.0}\n')


def test_a_decimal_that_is_whole_is_a_volume(client: httpx2.Client, make: Make) -> None:
    ours = make("SELECT '2026-08-20' AS period, 'a/b' AS model, 5 * 2 AS VOLUME")

    (batch,) = ours.parse(ours.fetch(client, ALL))

    assert batch.observations == [Observation(D1, MODEL, "a/b", 10)]


def test_a_timestamp_at_midnight_is_a_day_and_no_other_is(
    client: httpx2.Client, new_postgresql: Callable[[], str]
) -> None:
    query = "SELECT TIMESTAMP '2026-08-20 {}' AS period, 'a/b' AS model, 1 AS volume"
    url = new_postgresql()
    whole = warehouse(url, query.format("00:00"))
    part = warehouse(url, query.format("12:00"))

    (batch,) = whole.parse(whole.fetch(client, ALL))

    assert batch.observations == [Observation(D1, MODEL, "a/b", 1)]
    assert "row 1: '2026-08-20T12:00:00' is not a day" in refusal(
        part.fetch(client, ALL)
    )


def test_many_rows_come_in_pieces(
    client: httpx2.Client, new_postgresql: Callable[[], str]
) -> None:
    ours = warehouse(
        new_postgresql(),
        "SELECT DATE '2026-08-20' AS period, 'a/m' || n AS model, n AS volume, "
        "'chat' AS category FROM generate_series(1, 25000) AS n",
    )

    (batch,) = ours.parse(ours.fetch(client, ALL))

    assert len(batch.observations) == 25_000
    assert batch.observations[24_999] == Observation(
        D1, MODEL, "a/m25000", 25_000, "chat"
    )


SLOW = {
    "sqlite": "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) "
    "SELECT 1 AS period, 2 AS model, x AS volume FROM n WHERE x < 0",
    "postgresql": "SELECT 1 AS period, 2 AS model, pg_sleep(60) AS volume",
}


def test_a_query_that_takes_too_long_is_stopped(
    client: httpx2.Client, make: Make, kind: str
) -> None:
    start = time.monotonic()

    why = failure(client, make(SLOW[kind], 0.5))

    assert why == "warehouse-gateway: it did not answer in full within 0.5 s."
    assert 0.4 <= time.monotonic() - start < 5


@pytest.mark.parametrize("stops", [("cancel", "interrupt"), ()])
def test_rows_without_end_are_cut_also_where_no_driver_helps(
    client: httpx2.Client,
    make: Make,
    monkeypatch: pytest.MonkeyPatch,
    stops: tuple[str, ...],
) -> None:
    monkeypatch.setattr("app.sources.warehouse._STOPS", stops)
    endless = (
        "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) "
        "SELECT '2026-08-20' AS period, 'a/b' AS model, x AS volume FROM n"
    )

    assert failure(client, make(endless, 0.5)) == (
        "warehouse-gateway: it did not answer in full within 0.5 s."
    )


def test_more_rows_than_can_be_kept_are_refused(
    client: httpx2.Client, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.sources.warehouse.MAX_BYTES", 100)

    assert failure(client, make(ROLL_UP)).endswith(" Ask for less.")


@pytest.mark.parametrize(
    ("query", "why"),
    [
        (
            "SELECT 1 AS period, 2 AS model",
            f"its query returns 'period, model' and not {NAMES}.",
        ),
        (
            "SELECT 1 AS period, 2 AS model, 3 AS volume, 4 AS rank",
            f"its query returns 'period, model, volume, rank' and not {NAMES}.",
        ),
        (
            "SELECT :day AS period, 2 AS model, 3 AS volume",
            "its query needs day; only start_date and end_date are given.",
        ),
    ],
)
def test_a_query_that_cannot_be_read_is_refused(
    client: httpx2.Client, make: Make, query: str, why: str
) -> None:
    assert failure(client, make(query)) == f"warehouse-gateway: {why}"


def test_a_query_that_fails_is_quoted_in_one_line(
    client: httpx2.Client, make: Make
) -> None:
    why = failure(client, make("SELECT * FROM nowhere"))

    assert why.startswith("warehouse-gateway: it cannot be read (")
    assert "nowhere" in why
    assert "\n" not in why


@pytest.mark.parametrize(
    "url",
    [
        "postgresql+psycopg://me:s3cr%40t@127.0.0.1:{port}/x?application_name=k3y",
        "no such thing s3cr@t",
        "oddbase://me:s3cr%40t@127.0.0.1/x",
        "mysql+nodriver://me:s3cr%40t@127.0.0.1/x",
        "sqlite:////no/such/folder/s3cr@t?mode=k3y&uri=true",
    ],
)
def test_no_error_shows_the_password(client: httpx2.Client, url: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    ours = warehouse(url.format(port=port))

    with pytest.raises(UpstreamError) as caught:
        ours.fetch(client, ALL)

    shown = "".join(traceback.format_exception(caught.value)) + repr(vars(ours))
    for secret in ("s3cr@t", "s3cr%40t", "k3y"):
        assert secret not in shown


def test_a_password_that_a_driver_repeats_is_taken_out(
    client: httpx2.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def _refuse(*_: object, **__: object) -> None:
        msg = "no s3cr@t, s3cr%40t here\nand more"
        raise ImportError(msg)

    monkeypatch.setattr("app.sources.warehouse.create_engine", _refuse)

    with pytest.raises(UpstreamError) as caught:
        warehouse("postgresql://me:s3cr%40t@127.0.0.1/x").fetch(client, ALL)

    assert str(caught.value) == (
        "warehouse-gateway: it cannot be read (ImportError: 'no ***, *** here')."
    )
    told = traceback.format_exception(caught.value)
    assert [line for line in told if "no s3cr@t, s3cr%40t" in line] == []
