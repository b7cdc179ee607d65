"""What the database itself refuses, whoever writes."""

import math
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import delete, literal_column, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from app.store.database import Database
from app.store.dialect import insert_many, table_of
from app.store.tables import (
    AttributionRow,
    DatasetRow,
    HeadRow,
    ObservationRow,
    PayloadRow,
    PeriodRow,
    ProviderRow,
    Record,
    ReleaseRow,
    RunRow,
    SeriesRow,
)
from tests.store import facts
from tests.store.facts import MONDAY, TUESDAY, claim, observation, period


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    """A write session on what `facts.populate` wrote; nothing more is kept."""
    with database.write() as writing:
        facts.populate(writing)
    with database.read() as writing:
        yield writing


def test_what_is_right_is_taken(session: Session) -> None:
    # Each refusal below differs from one of these in one thing only.
    insert_many(session, ObservationRow, [observation()])
    insert_many(session, AttributionRow, [claim(subject="other-lab")])
    session.add_all([facts.run(2), facts.release(3), facts.series(3, "app:x")])
    session.flush()


WRONG: dict[str, tuple[type[Record], dict[str, Any]]] = {
    "negative volume": (ObservationRow, observation(volume=-1)),
    "no volume": (ObservationRow, observation(volume=None)),
    "unknown series": (ObservationRow, observation(series=99)),
    "unknown release": (ObservationRow, observation(release_from=99)),
    "unknown run": (ObservationRow, observation(run=99)),
    "closed before it opened": (ObservationRow, observation(release_to=1)),
    "closed as it opened": (ObservationRow, observation(release_to=2)),
    "closed by an unknown release": (ObservationRow, observation(release_to=99)),
    "two current rows of a series and day": (
        ObservationRow,
        observation(series=1, period_start=TUESDAY),
    ),
    "two current rows of a day": (PeriodRow, period(TUESDAY, 2)),
    "negative total": (PeriodRow, period(TUESDAY, 2, release_to=3, total=-1)),
    "two current claims": (AttributionRow, claim()),
    "bad confidence": (AttributionRow, claim(subject="x", confidence="certain")),
    "bad subject": (AttributionRow, claim(subject="x", subject_kind="country")),
    "no basis": (AttributionRow, claim(subject="x", basis=None)),
    "a claim that ends before it begins": (
        AttributionRow,
        claim(subject="x", valid_from=TUESDAY, valid_to=MONDAY),
    ),
    "a second head": (HeadRow, {"id": 2, "release": 1}),
    "a reserved provider": (ProviderRow, {"slug": "unknown", "release_from": 1}),
}


@pytest.mark.parametrize(("row", "values"), WRONG.values(), ids=WRONG)
def test_a_wrong_row_is_refused(
    session: Session, row: type[Record], values: dict[str, Any]
) -> None:
    if values.get("release_to") == 3:
        session.add(facts.release(3))

    with pytest.raises(IntegrityError):
        insert_many(session, row, [values])


OBJECTS: dict[str, Record] = {
    "bad verdict": facts.run(9, verdict="fine"),
    "rows that do not add up": facts.run(9, rows_in=2, rows_new=1),
    "negative rows": facts.run(9, rows_new=-1, rows_same=1),
    "finished before it started": facts.run(
        9, finished_at=facts.NOON.replace(year=2025)
    ),
    "unknown payload": facts.run(9, payload="bb"),
    "bad kind of release": facts.release(9, kind="other"),
    "release 0": facts.release(0),
    "release of an unknown run": facts.release(9, run=9),
    "bad kind of series": facts.series(9, "country:cn"),
    "the same series twice": facts.series(9, "model:acme/one"),
    "series of an unknown dataset": facts.series(9, "app:x", dataset="y"),
    "bad grain": facts.dataset("x", grain="hour"),
    "scale 0": facts.dataset("x", scale=0),
}


@pytest.mark.parametrize("name", OBJECTS)
def test_a_wrong_object_is_refused(session: Session, name: str) -> None:
    wrong = OBJECTS[name]
    session.add(type(wrong)(**wrong.model_dump()))

    with pytest.raises(IntegrityError):
        session.flush()


INSERT = (
    "INSERT INTO observation (series, period_start, release_from, volume, run) "
    "VALUES (2, {day}, 2, {volume}, 1)"
)
DAY = {"sqlite": "20683", "postgresql": "'2026-08-18'"}
RAW = {
    "sqlite": ["'abc'", "1.5", "9e999", "x'01'", "NULL", "9223372036854775808"],
    "postgresql": [
        "'abc'",
        "'1.5'",
        "'infinity'::float8",
        "'infinity'::numeric",
        "'NaN'::float8",
        "NULL",
        "9223372036854775808",
    ],
}


def test_a_right_row_is_taken_in_sql(session: Session, kind: str) -> None:
    session.execute(text(INSERT.format(day=DAY[kind], volume=1)))


def test_what_is_no_whole_number_is_no_volume(session: Session, kind: str) -> None:
    for volume in RAW[kind]:
        with pytest.raises(DBAPIError), session.begin_nested():
            session.execute(text(INSERT.format(day=DAY[kind], volume=volume)))


def test_infinity_in_python_is_no_volume(session: Session) -> None:
    with pytest.raises(DBAPIError):
        insert_many(session, ObservationRow, [observation(volume=math.inf)])


def test_a_day_python_cannot_name_is_refused(session: Session, kind: str) -> None:
    days = {
        "sqlite": ["2932897", "-719163", "'2026-08-18'"],
        "postgresql": ["'infinity'", "'-infinity'", "'10000-01-01'", "'0001-12-31 BC'"],
    }
    for day in days[kind]:
        with pytest.raises(IntegrityError), session.begin_nested():
            session.execute(text(INSERT.format(day=day, volume=1)))


def test_a_moment_that_cannot_be_compared_is_refused(
    session: Session, kind: str
) -> None:
    moments = {
        "sqlite": ["2026-08-20", "2026-08-20T12:00:00+02:00", "soon"],
        "postgresql": ["infinity", "-infinity"],
    }
    for moment in moments[kind]:
        wrong = update(table_of(ReleaseRow)).values(
            published_at=literal_column(f"'{moment}'")
        )
        with pytest.raises(IntegrityError), session.begin_nested():
            session.execute(wrong)


def test_what_is_referred_to_cannot_be_deleted(session: Session) -> None:
    for row in (ReleaseRow, SeriesRow, RunRow, DatasetRow, PayloadRow):
        with pytest.raises(IntegrityError), session.begin_nested():
            session.execute(delete(table_of(row)))


def test_a_flag_is_true_or_false(session: Session) -> None:
    with pytest.raises(DBAPIError):
        session.execute(update(table_of(PeriodRow)).values(flagged=literal_column("2")))
