from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Column, Integer, MetaData, Table, insert, select
from sqlalchemy.exc import StatementError
from sqlalchemy.orm import Session

from app.store.database import Database
from app.store.dialect import epoch_day_of
from app.store.types import (
    BIGINT,
    Day,
    Flag,
    JsonText,
    UtcDateTime,
    epoch_day,
    from_epoch_day,
)

THINGS = Table(
    "things",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("day", Day),
    Column("moment", UtcDateTime),
    Column("value", JsonText),
    Column("flag", Flag),
    Column("big", BIGINT),
    sqlite_strict=True,
)

same_database = settings(
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
MOMENTS = st.datetimes(
    min_value=datetime(2, 1, 1),  # noqa: DTZ001 # given its zone below
    max_value=datetime(9998, 12, 31),  # noqa: DTZ001
    timezones=st.just(UTC),
)
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS,
    lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner),
    max_leaves=5,
)


@pytest.fixture
def session(empty_database: Database) -> Iterator[Session]:
    """A session on a database with the table `things`."""
    with empty_database.schema_change() as connection:
        THINGS.create(connection)
    with empty_database.write() as writing:
        yield writing


def back(session: Session, **values: Any) -> Any:
    """Return the values as they come back."""
    session.execute(THINGS.delete())
    session.execute(insert(THINGS), values)
    return session.execute(select(*(THINGS.c[name] for name in values))).one()


@given(
    day=st.dates(),
    moment=MOMENTS,
    flag=st.booleans(),
    big=st.integers(-(2**63), 2**63 - 1),
)
@same_database
def test_values_come_back(
    session: Session, *, day: date, moment: datetime, flag: bool, big: int
) -> None:
    row = back(session, day=day, moment=moment, flag=flag, big=big)

    assert row == (day, moment, flag, big)
    assert row.moment.tzinfo is UTC
    assert type(row.flag) is bool


@given(JSON.filter(lambda value: value is not None))
@same_database
def test_json_comes_back(session: Session, value: Any) -> None:
    assert back(session, value=value).value == value


@given(st.lists(st.tuples(st.dates(), MOMENTS), min_size=2, max_size=5))
@same_database
def test_the_database_orders_days_and_moments(
    session: Session, rows: list[tuple[date, datetime]]
) -> None:
    session.execute(THINGS.delete())
    session.execute(insert(THINGS), [{"day": d, "moment": m} for d, m in rows])

    days = session.scalars(select(THINGS.c.day).order_by(THINGS.c.day)).all()
    moments = session.scalars(select(THINGS.c.moment).order_by(THINGS.c.moment)).all()
    later = session.scalars(select(THINGS.c.day).where(THINGS.c.day > rows[0][0])).all()

    assert list(days) == sorted(day for day, _ in rows)
    assert list(moments) == sorted(moment for _, moment in rows)
    assert sorted(later) == sorted(day for day, _ in rows if day > rows[0][0])


@given(st.dates())
@same_database
def test_a_day_is_a_number_to_a_cube(session: Session, day: date) -> None:
    back(session, day=day)

    found = session.scalar(select(epoch_day_of(THINGS.c.day)))

    assert found == epoch_day(day) == day.toordinal() - 719163
    assert from_epoch_day(found) == day


def test_null_stays_null(session: Session) -> None:
    names = ("day", "moment", "value", "flag", "big")

    assert back(session, **dict.fromkeys(names)) == (None,) * 5


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2026, 8, 20),  # noqa: DTZ001 # the point
        datetime(2026, 8, 20, tzinfo=timezone(timedelta(hours=2))),
    ],
)
def test_a_moment_must_be_in_utc(session: Session, moment: datetime) -> None:
    with pytest.raises(StatementError, match="not a moment in UTC"):
        back(session, moment=moment)


def test_a_moment_is_not_a_day(session: Session) -> None:
    with pytest.raises(StatementError, match="not a day"):
        back(session, day=datetime(2026, 8, 20, tzinfo=UTC))


def test_nan_is_not_json(session: Session) -> None:
    with pytest.raises(StatementError, match="not JSON compliant"):
        back(session, value=[float("nan")])
