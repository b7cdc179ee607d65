from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from sqlalchemy import Select, text
from sqlalchemy.orm import Session

from app.domain.periods import Window
from app.store import queries, work
from app.store.database import Database
from app.store.dialect import insert_many, stream_integers, unpacked
from app.store.operational import HeldRow
from app.store.tables import ObservationRow, PeriodRow
from app.store.types import epoch_day
from tests.store import facts
from tests.store.facts import MONDAY, TUESDAY

MON, TUE = epoch_day(MONDAY), epoch_day(TUESDAY)


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    """A session that reads what `facts.populate` wrote."""
    with database.write() as writing:
        facts.populate(writing)
    with database.read() as reading:
        yield reading


def numbers(session: Session, statement: Select[*tuple[Any, ...]]) -> list[list[int]]:
    return [
        row for chunk in stream_integers(session, statement) for row in chunk.tolist()
    ]


def test_a_release_keeps_what_it_said(session: Session) -> None:
    first = numbers(session, queries.observations("tokens", 1))
    second = numbers(session, queries.observations("tokens", 2))

    assert first == [[1, MON, 20], [2, MON, 10], [1, TUE, 2**62]]
    assert second == [[1, MON, 30], [1, TUE, 2**62]]


def test_observations_of_some_days_and_of_one_dataset(session: Session) -> None:
    tuesday = queries.observations("tokens", 2, [TUESDAY])

    assert numbers(session, tuesday) == [[1, TUE, 2**62]]
    assert numbers(session, queries.observations("tokens", 2, [])) == []
    assert numbers(session, queries.observations("downloads", 2)) == []
    assert numbers(session, queries.observations("tokens", 0)) == []


def test_days_that_changed_between_two_releases(session: Session) -> None:
    days = session.scalars(queries.changed_periods(1, 2)).all()

    assert [(d.period_start, d.release_from) for d in days] == [
        (MONDAY, 1),
        (MONDAY, 2),
    ]


def test_what_a_release_did(session: Session) -> None:
    opened, closed = (
        [
            (day, *map(int, row))
            for day, columns in unpacked(session, queried(2))
            for row in zip(*columns, strict=True)
        ]
        for queried in (queries.opened_observations, queries.closed_observations)
    )
    days = session.scalars(queries.closed(PeriodRow, 2)).all()
    names = session.execute(queries.series_names()).all()

    assert opened == [(MON, 1, 30)]
    assert sorted(closed) == [(MON, 1, 20), (MON, 2, 10)]
    assert sorted(names) == [
        (1, "tokens", "model:acme/one"),
        (2, "tokens", "remainder"),
    ]
    assert [day.period_start for day in days] == [MONDAY]


def test_periods_of_a_release(session: Session) -> None:
    first = session.scalars(queries.periods("tokens", 1)).all()
    second = session.scalars(queries.periods("tokens", 2)).all()

    assert [(p.period_start, p.release_from) for p in first] == [
        (MONDAY, 1),
        (TUESDAY, 1),
    ]
    assert [(p.period_start, p.release_from) for p in second] == [
        (MONDAY, 2),
        (TUESDAY, 1),
    ]
    assert second[0].as_of == facts.NOON
    assert second[0].flagged is False


def test_the_registry_of_a_release(session: Session) -> None:
    for query in (
        queries.providers,
        queries.models,
        queries.attributions,
        queries.aliases,
        queries.annotations,
        queries.datasets,
        queries.categories,
    ):
        assert session.execute(query(0)).all() == [], query.__name__
        assert len(session.execute(query(1)).all()) == 1, query.__name__
    assert session.execute(queries.series(0)).all() == []
    assert [n for _, n, *_ in session.execute(queries.series(1))] == [1, 2]
    claim = session.scalars(queries.attributions(2)).one()
    assert (claim.valid_from, claim.alternatives) == (date.min, ["CN"])


def test_releases_and_the_head(session: Session) -> None:
    assert session.scalar(queries.head()) == 2
    assert session.scalars(queries.locked_head()).one().release == 2
    assert [r.id for r in session.scalars(queries.releases(2))] == [1, 2]
    assert [r.id for r in session.scalars(queries.releases(1))] == [1]
    assert session.scalars(queries.release(1)).one().published_at == facts.NOON


def test_the_last_runs_of_every_dataset(session: Session) -> None:
    held = {"verdict": "quarantined", "payload": None}
    session.add_all([facts.run(2, dataset=None), facts.run(3), facts.run(4, **held)])
    session.add(facts.run(5, **held, decided_by="me", source="other"))
    session.flush()

    assert [r.id for r in session.scalars(work.last_runs())] == [5, 4, 2]
    assert [r.id for r in session.scalars(work.last_runs(2))] == [5, 4, 3, 2]
    assert [r.id for r in session.scalars(work.runs(None, 2))] == [5, 4]
    assert [r.id for r in session.scalars(work.runs("tokens", 9))] == [5, 4, 3, 1]
    assert session.scalars(work.run(1)).one().checks[0]["passed"] is True
    assert session.scalars(work.payload("aa")).one().body == b"\0"


def test_held_days_wait_until_they_are_decided_on(session: Session) -> None:
    done = {"decision": "rejected", "decided_at": facts.NOON}
    for row in (
        facts.run(2),
        facts.held(run=2, period_start=MONDAY),
        facts.held(run=2, **done),
    ):
        session.add(row)
        session.flush()

    def told(statement: Select[HeldRow]) -> list[tuple[int, date]]:
        return [(r.run, r.period_start) for r in session.scalars(statement)]

    assert told(work.waiting_days()) == [(2, MONDAY), (1, TUESDAY)]
    assert told(work.waiting_days("tokens")) == [(2, MONDAY), (1, TUESDAY)]
    assert told(work.waiting_days("other")) == []
    assert told(work.held_days("tokens", TUESDAY)) == [(1, TUESDAY), (2, TUESDAY)]
    assert told(work.held_by(2)) == [(2, MONDAY), (2, TUESDAY)]


def test_confirmations(session: Session) -> None:
    found = session.scalars(work.confirmations("tokens", Window(MONDAY, TUESDAY))).all()

    assert [(c.period_start, c.confirmed_as_of) for c in found] == [
        (MONDAY, facts.NOON)
    ]


def test_a_long_stream_is_whole_and_in_order(session: Session) -> None:
    days = [MONDAY + timedelta(days=n) for n in range(2, 60_002)]
    rows = [facts.observation(period_start=d, volume=n) for n, d in enumerate(days)]
    insert_many(session, ObservationRow, rows[::-1])

    chunks = list(stream_integers(session, queries.observations("tokens", 2)))
    table = np.concatenate(chunks)

    assert len(chunks) > 1
    assert table.dtype == np.int64
    assert table[2:].tolist() == [[2, MON + 2 + n, n] for n in range(60_000)]


@pytest.mark.parametrize("kind", ["sqlite"])
def test_loading_a_cube_sorts_nothing(session: Session) -> None:
    load = queries.observations("tokens", 2).compile(
        session.get_bind(), compile_kwargs={"literal_binds": True}
    )

    plan = [r[3] for r in session.execute(text(f"EXPLAIN QUERY PLAN {load}"))]

    assert any("observation" in step for step in plan)
    assert not any("FOR ORDER BY" in step for step in plan), plan
