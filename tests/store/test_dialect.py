from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError, StatementError

from app.errors import RecordError
from app.store import queries, work
from app.store.database import Database
from app.store.dialect import close_rows, insert_many, natural_key, table_of
from app.store.tables import (
    AnnotationRow,
    AttributionRow,
    ObservationRow,
    PayloadRow,
    PeriodRow,
    RunRow,
)
from tests.store import facts
from tests.store.facts import MONDAY, NOON, TUESDAY, observation

MANY = 10_000


def many(release: int) -> list[dict[str, Any]]:
    return [
        observation(
            period_start=TUESDAY + timedelta(days=n),
            release_from=release,
            volume=2**63 - 1 - n,
        )
        for n in range(MANY)
    ]


def test_ten_thousand_rows_come_back(database: Database) -> None:
    with database.write() as session:
        facts.populate(session)
        insert_many(session, ObservationRow, many(2))

    table = table_of(ObservationRow)
    mine = select(table).where(table.c.series == 2, table.c.release_from == 2)
    with database.read() as session:
        rows = session.execute(mine.order_by(table.c.period_start)).mappings().all()
    assert [dict(row) for row in rows] == [r | {"release_to": None} for r in many(2)]


def test_ten_thousand_rows_are_closed(database: Database) -> None:
    with database.write() as session:
        facts.populate(session)
        insert_many(session, ObservationRow, many(2))
        session.add(facts.release(3))
        close_rows(
            session, ObservationRow, [(2, row["period_start"]) for row in many(2)], 3
        )

    with database.read() as session:
        closed = session.scalars(queries.closed(ObservationRow, 3)).all()
        still = session.execute(queries.observations("tokens", 3)).all()
    assert len(closed) == MANY
    assert {row.series for row in closed} == {2}
    assert len(still) == 2


def test_only_current_rows_are_closed(database: Database) -> None:
    with database.write() as session:
        facts.populate(session)
        session.add(facts.release(3))
        close_rows(session, ObservationRow, [(1, MONDAY)], 3)

    table = table_of(ObservationRow)
    history = select(table.c.release_from, table.c.release_to).where(
        table.c.series == 1, table.c.period_start == MONDAY
    )
    with database.read() as session:
        rows = session.execute(history.order_by(table.c.release_from)).all()
    assert rows == [(1, 2), (2, 3)]


@pytest.mark.parametrize(
    "keys", [[(1, MONDAY), (2, MONDAY)], [(1, MONDAY), (1, MONDAY)], [(9, MONDAY)]]
)
def test_what_is_not_current_cannot_be_closed(
    database: Database, keys: list[tuple[Any, ...]]
) -> None:
    with database.write() as session:
        facts.populate(session)

    with database.read() as session:
        session.add(facts.release(3))
        with pytest.raises(RecordError, match=f"{len(keys)} rows of observation"):
            close_rows(session, ObservationRow, keys, 3)


def test_a_claim_is_closed_by_its_name_and_an_annotation_by_its_number(
    database: Database,
) -> None:
    with database.write() as session:
        facts.populate(session)
        session.add(facts.release(3))
        claim = session.scalars(queries.attributions(2)).one()
        key = [getattr(claim, name) for name in natural_key(AttributionRow)]
        close_rows(session, AttributionRow, [key], 3)
        note = session.scalars(queries.annotations(2)).one()
        close_rows(session, AnnotationRow, [(note.id,)], 3)

    with database.read() as session:
        assert session.scalars(queries.attributions(3)).all() == []
        assert session.scalars(queries.annotations(3)).all() == []


def test_natural_keys() -> None:
    assert natural_key(ObservationRow) == ("series", "period_start")
    assert natural_key(PeriodRow) == ("dataset", "period_start")
    assert natural_key(AnnotationRow) == ("id",)


def test_every_type_goes_in_by_the_fast_way(database: Database) -> None:
    odd = 'tab\there, line\nfeed, back\\slash, "quotes", \u4e2d\u6587, \\N, {a}'
    body = bytes(range(256))
    payload = {"sha256": odd, "body": body, "media_type": "", "url": ""}
    counts = ("rows_in", "rows_new", "rows_changed", "rows_same", "rows_rejected")
    run = dict.fromkeys(counts, 0) | {
        "source": odd,
        "dataset": None,
        "trigger": "cli",
        "started_at": NOON,
        "finished_at": None,
        "verdict": "running",
        "payload": odd,
        "checks": [{"name": odd, "n": 2**70, "none": None}],
    }
    with database.write() as session:
        insert_many(session, PayloadRow, [payload | {"fetched_at": NOON}])
        insert_many(session, RunRow, [run, run])
        insert_many(session, RunRow, [])

    with database.read() as session:
        kept = session.scalars(work.payload(odd)).one()
        runs = session.scalars(select(RunRow)).all()
    assert (kept.body, kept.fetched_at) == (body, NOON)
    assert [r.model_dump(include=set(run)) for r in runs] == [run, run]
    assert len({r.id for r in runs}) == 2


def test_rows_with_different_columns_are_refused(database: Database) -> None:
    with database.write() as session:
        facts.populate(session)

    rows = [observation(), {"series": 1}]
    with (
        pytest.raises((KeyError, StatementError)),
        database.write() as session,
    ):
        insert_many(session, ObservationRow, rows)


def test_a_refused_row_undoes_its_neighbours(database: Database) -> None:
    with database.write() as session:
        facts.populate(session)

    rows = [*many(2), observation(series=99)]
    with pytest.raises(IntegrityError), database.write() as session:
        insert_many(session, ObservationRow, rows)

    with database.read() as session:
        assert len(session.execute(queries.observations("tokens", 2)).all()) == 2


def test_rows_may_refer_to_what_is_not_flushed_yet(database: Database) -> None:
    with database.write() as session:
        facts.populate(session)
    with database.write() as session:
        session.add(facts.release(3))
        insert_many(session, ObservationRow, [observation(release_from=3)])

    with database.read() as session:
        assert len(session.scalars(queries.opened(ObservationRow, 3)).all()) == 1
