"""Many rows at once, by the fastest way each database has."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice, repeat
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import (
    Connection,
    Integer,
    Select,
    Table,
    bindparam,
    inspect,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import NullType

from app.errors import RecordError
from app.store.tables import Record

_BATCH = 10_000
_CHUNK = 50_000


def table_of(row: type[Record]) -> Table:
    """Return the table a class stands for."""
    table = inspect(row).local_table
    assert isinstance(table, Table)  # noqa: S101 # a class of ours is never a join
    return table


def insert_many(
    session: Session, row: type[Record], rows: Sequence[Mapping[str, Any]]
) -> None:
    """Insert rows, by column name; all must have the same columns.

    Raises:
        sqlalchemy.exc.IntegrityError: The database refuses one of them.
    """
    if rows:
        names = list(rows[0])
        insert_rows(session, row, names, ([one[n] for n in names] for one in rows))


def insert_rows(
    session: Session,
    row: type[Record],
    names: Sequence[str],
    rows: Iterable[Sequence[Any]],
) -> None:
    """Insert rows whose values stand in the order of `names`.

    They are taken one after the other and never are in memory all at once.

    Raises:
        sqlalchemy.exc.IntegrityError: The database refuses one of them.
    """
    binders = _binders(session, row, names)
    _insert(session, row, names, _bound(rows, binders))


def insert_blocks(
    session: Session,
    row: type[Record],
    names: Sequence[str],
    blocks: Iterable[Sequence[Any]],
) -> None:
    """Insert rows, many of which have much in common.

    Args:
        session: Write session.
        row: A class.
        names: Of its columns.
        blocks: Each has something for every one of `names`, and a list at least once:
            a list of the values of its rows, or one value that all of them have.

    Raises:
        sqlalchemy.exc.IntegrityError: The database refuses one of them.
    """
    binders = _binders(session, row, names)
    rows = (zip(*map(_column, binders, block), strict=False) for block in blocks)
    _insert(session, row, names, chain.from_iterable(rows))


def _column(binder: Callable[[Any], Any] | None, told: Any) -> Iterable[Any]:
    if not isinstance(told, list):
        return repeat(binder(told) if binder else told)
    return map(binder, told) if binder else told


def _insert(
    session: Session,
    row: type[Record],
    names: Sequence[str],
    rows: Iterator[Sequence[Any]],
) -> None:
    # The rows may refer to objects that are only in the session so far.
    session.flush()
    connection = session.connection()
    table = table_of(row)
    quote = connection.dialect.identifier_preparer.quote
    columns = ", ".join(quote(table.c[name].name) for name in names)
    target = f"{quote(table.name)} ({columns})"
    if connection.dialect.name == "postgresql":
        _copy(connection, f"COPY {target} FROM STDIN", rows)
        return
    marks = ", ".join("?" * len(names))
    statement = f"INSERT INTO {target} VALUES ({marks})"  # noqa: S608 # names of ours
    while batch := list(islice(rows, _BATCH)):
        connection.exec_driver_sql(statement, batch)


def _binders(
    session: Session, row: type[Record], names: Sequence[str]
) -> list[Callable[[Any], Any] | None]:
    dialect, table = session.get_bind().dialect, table_of(row)
    kinds: list[Any] = [table.c[name].type for name in names]
    return [kind.dialect_impl(dialect).bind_processor(dialect) for kind in kinds]


def _bound(
    rows: Iterable[Sequence[Any]], binders: Sequence[Any]
) -> Iterator[Sequence[Any]]:
    """Yield the rows as the driver takes them."""
    bound = [(at, binder) for at, binder in enumerate(binders) if binder]
    for one in rows:
        values = [*one]
        for at, binder in bound:
            values[at] = binder(values[at])
        yield tuple(values)


def insert_missing(
    session: Session, row: type[Record], rows: Sequence[Mapping[str, Any]]
) -> None:
    """Insert rows whose primary key is not there yet; leave the others as they are."""
    session.flush()
    name = session.get_bind().dialect.name
    make = postgresql.insert if name == "postgresql" else sqlite.insert
    session.execute(make(table_of(row)).on_conflict_do_nothing(), list(rows))


def _copy(
    connection: Connection, statement: str, rows: Iterable[Sequence[Any]]
) -> None:
    dialect = connection.dialect
    cursor = connection.connection.cursor()
    try:
        with cursor.copy(statement) as copy:
            for one in rows:
                copy.write_row(one)
    except dialect.loaded_dbapi.Error as error:
        # The driver is used directly, so its errors are not SQLAlchemy's yet.
        raise DBAPIError.instance(
            statement, None, error, dialect.loaded_dbapi.Error, dialect=dialect
        ) from error
    finally:
        cursor.close()


def close_rows(
    session: Session,
    row: type[Record],
    keys: Sequence[Sequence[Any]],
    release: int,
) -> None:
    """End the current rows with these natural keys: they are not of `release`.

    Args:
        session: Write session.
        row: A class with `release_to`.
        keys: Values of `natural_key(row)`, in that order.
        release: The first release the rows do not belong to.

    Raises:
        RecordError: One of the keys has no current row, or is given twice.
    """
    if not keys:
        return
    session.flush()
    table = table_of(row)
    names = natural_key(row)
    statement = (
        update(table)
        .where(*(table.c[name] == bindparam(f"key_{name}") for name in names))
        .where(table.c.release_to.is_(None))
        .values(release_to=release)
    )
    found = 0
    for start in range(0, len(keys), _BATCH):
        batch = keys[start : start + _BATCH]
        result = session.connection().execute(
            statement,
            [{f"key_{n}": v for n, v in zip(names, key, strict=True)} for key in batch],
        )
        found += result.rowcount
    if found != len(keys):
        raise RecordError(
            f"{len(keys)} rows of {table.name} were to be closed, {found} were current."
        )


def natural_key(row: type[Record]) -> tuple[str, ...]:
    """Return the columns that name a current row; `id` where the world has no name."""
    table = table_of(row)
    for index in table.indexes:
        if index.name == f"uq_{table.name}_current":
            return tuple(column.name for column in index.columns)
    return tuple(column.name for column in table.primary_key.columns)


def stream_integers(
    session: Session, statement: Select[*tuple[Any, ...]]
) -> Iterator[NDArray[np.int64]]:
    """Yield the rows of a statement of integer columns, in chunks, in its order.

    Each chunk has one row per row and one column per column; none is empty. No value
    may be null. The rows never are in memory all at once.
    """
    width = len(statement.selected_columns)
    session.flush()
    # Not by the session, which takes twice as long to make objects of plain rows.
    result = session.connection().execute(
        statement, execution_options={"yield_per": _CHUNK}
    )
    for rows in result.partitions():
        flat = chain.from_iterable(rows)
        yield np.fromiter(flat, np.int64, width * len(rows)).reshape(-1, width)


def unpacked(
    session: Session, statement: Select[*tuple[Any, ...]]
) -> Iterator[tuple[int, list[NDArray[np.int64]]]]:
    """Yield, for each row of a statement, its number and its `packed` columns.

    The database makes one value of many, so that no number becomes an object here:
    several times as fast as `stream_integers`, for as many rows as may be in memory at
    once. The order within the columns of a row is one, but any.
    """
    session.flush()
    connection = session.connection()
    unpack = _UNPACK[connection.dialect.name]
    for number, *columns in connection.execute(statement):
        yield number, [unpack(column) for column in columns]


_UNPACK: Mapping[str, Callable[[Any], NDArray[np.int64]]] = {
    "sqlite": lambda text: np.fromstring(text, np.int64, sep=","),
    "postgresql": lambda data: np.frombuffer(data, ">i8").astype(np.int64),
}


class packed(FunctionElement[Any]):  # noqa: N801 # reads as a function of SQL
    """All values of a column of integers as one value; none may be null."""

    type = NullType()
    inherit_cache = True


@compiles(packed, "sqlite")
def _packed_on_sqlite(element: Any, compiler: SQLCompiler, **options: Any) -> str:
    return f"group_concat({compiler.process(element.clauses, **options)})"


@compiles(packed, "postgresql")
def _packed_on_postgresql(element: Any, compiler: SQLCompiler, **options: Any) -> str:
    value = compiler.process(element.clauses, **options)
    return f"string_agg(int8send(CAST({value} AS bigint)), CAST('' AS bytea))"


class epoch_day_of(FunctionElement[int]):  # noqa: N801 # reads as a function of SQL
    """A day of the database as days since 1970-01-01."""

    type = Integer()
    inherit_cache = True


@compiles(epoch_day_of, "sqlite")
def _epoch_on_sqlite(element: Any, compiler: SQLCompiler, **options: Any) -> str:
    return compiler.process(element.clauses, **options)


@compiles(epoch_day_of, "postgresql")
def _epoch_on_postgresql(element: Any, compiler: SQLCompiler, **options: Any) -> str:
    return f"({compiler.process(element.clauses, **options)} - DATE '1970-01-01')"
