"""Column types that mean the same on SQLite and on PostgreSQL.

Every one is INTEGER, TEXT or BLOB on SQLite: a STRICT table takes nothing else.
"""

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Boolean, Date, DateTime, Integer, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

BIGINT = BigInteger().with_variant(Integer(), "sqlite")

_EPOCH = date(1970, 1, 1)
_DAY = timedelta(days=1)


def epoch_day(day: date) -> int:
    """Return the days from 1970-01-01 to `day`."""
    return (day - _EPOCH) // _DAY


def from_epoch_day(days: int) -> date:
    """Return the day that is `days` after 1970-01-01."""
    return _EPOCH + timedelta(days=days)


class Day(TypeDecorator[date]):
    """A UTC day: DATE on PostgreSQL, days since 1970-01-01 on SQLite."""

    impl = Date
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return the type the database has."""
        return dialect.type_descriptor(_on(dialect, Date(), Integer()))

    def process_bind_param(self, value: date | None, dialect: Dialect) -> Any:
        """Refuse a moment: which of its two days it means depends on the zone."""
        if value is None:
            return None
        if isinstance(value, datetime):
            msg = f"not a day but a moment: {value}"
            raise TypeError(msg)
        return epoch_day(value) if dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> date | None:
        """Return the day."""
        if value is None or dialect.name != "sqlite":
            return value  # type: ignore[no-any-return] # psycopg returns a date
        return from_epoch_day(value)


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in UTC: timestamptz on PostgreSQL, sortable text on SQLite."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return the type the database has."""
        return dialect.type_descriptor(_on(dialect, DateTime(timezone=True), Text()))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """Refuse a moment without a zone, or of another one."""
        if value is None:
            return None
        if value.utcoffset() != timedelta(0):
            msg = f"not a moment in UTC: {value}"
            raise ValueError(msg)
        if dialect.name != "sqlite":
            return value
        # All of one length, so that text order is the order of time.
        return f"{value.replace(tzinfo=None).isoformat(timespec='microseconds')}Z"

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Return the moment, in UTC."""
        if value is None:
            return None
        if dialect.name == "sqlite":
            value = datetime.fromisoformat(value)
        moment: datetime = value.astimezone(UTC)
        return moment


class JsonText(TypeDecorator[Any]):
    """A JSON value as TEXT, byte for byte the same on both databases."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """Return the text; None is the database's NULL."""
        del dialect
        if value is None:
            return None
        return json.dumps(
            value, ensure_ascii=False, allow_nan=False, separators=(",", ":")
        )

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        """Return the value."""
        del dialect
        return None if value is None else json.loads(value)


class Flag(TypeDecorator[bool]):
    """True or false: BOOLEAN on PostgreSQL, 1 or 0 on SQLite."""

    impl = Boolean
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return the type the database has."""
        return dialect.type_descriptor(_on(dialect, Boolean(), Integer()))

    def process_result_value(self, value: Any, dialect: Dialect) -> bool | None:
        """Return the truth."""
        del dialect
        return None if value is None else bool(value)


def _on(
    dialect: Dialect, usual: TypeEngine[Any], sqlite: TypeEngine[Any]
) -> TypeEngine[Any]:
    return sqlite if dialect.name == "sqlite" else usual
