"""Constraints that say the same on SQLite and on PostgreSQL, and their names."""

from collections.abc import Iterable

from sqlalchemy import CheckConstraint, Index, text

NAMES = {
    "pk": "pk_%(table_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
}


def one_of(column: str, values: Iterable[str]) -> CheckConstraint:
    """Return: the column holds one of a closed vocabulary."""
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


def at_least(column: str, least: int) -> CheckConstraint:
    """Return: the column is no less than `least`."""
    return CheckConstraint(f"{column} >= {least}", name=column)


def is_flag(column: str) -> CheckConstraint:
    """Return: the column is true or false, nothing else."""
    # The cast makes one sentence true on both: PostgreSQL has booleans.
    return CheckConstraint(f"CAST({column} AS INTEGER) IN (0, 1)", name=column)


def release_range() -> CheckConstraint:
    """Return: a row ends in a later release than it began."""
    return CheckConstraint("release_to > release_from", name="release_range")


def finite_day(column: str) -> tuple[CheckConstraint, CheckConstraint]:
    """Return: the column holds a day that Python can name."""
    # PostgreSQL knows infinite dates, SQLite any number of days; Python does not.
    return (
        CheckConstraint(
            f"{column} BETWEEN -719162 AND 2932896", name=f"{column}_finite"
        ).ddl_if(dialect="sqlite"),
        CheckConstraint(
            f"{column} BETWEEN '0001-01-01' AND '9999-12-31'", name=f"{column}_finite"
        ).ddl_if(dialect="postgresql"),
    )


def finite_moment(column: str) -> tuple[CheckConstraint, CheckConstraint]:
    """Return: the column holds a finite moment, spelt in full."""
    return (
        CheckConstraint(
            f"{column} GLOB '????-??-??T??:??:??.??????Z'", name=f"{column}_finite"
        ).ddl_if(dialect="sqlite"),
        CheckConstraint(f"isfinite({column})", name=f"{column}_finite").ddl_if(
            dialect="postgresql"
        ),
    )


def current_index(table: str, *columns: str) -> Index:
    """Return: at most one current row for each natural key."""
    return Index(
        f"uq_{table}_current",
        *columns,
        unique=True,
        sqlite_where=text("release_to IS NULL"),
        postgresql_where=text("release_to IS NULL"),
    )


def closed_index(table: str) -> Index:
    """Return the index of rows by the release that closed them."""
    return Index(
        f"ix_{table}_closed",
        "release_to",
        sqlite_where=text("release_to IS NOT NULL"),
        postgresql_where=text("release_to IS NOT NULL"),
    )
