"""The question answered per request, in the ways in which services usually are built.

Runs in the environment of the peers; see `peers.py` for the tables.
"""

import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

import duckdb  # type: ignore[import-not-found]
from fastapi import Depends, FastAPI
from psycopg_pool import AsyncConnectionPool
from sqlalchemy import Executable
from sqlmodel import Field, Session, SQLModel, case, col, create_engine, func, select

SHARE = """
SELECT sum(CASE WHEN origin = $1 THEN volume ELSE 0 END), sum(volume)
FROM rolled WHERE day BETWEEN $2 AND $3
"""

engine = create_engine(
    f"sqlite:///{os.environ['PEER_SQLITE']}", connect_args={"check_same_thread": False}
)
duck = duckdb.connect(os.environ["PEER_DUCKDB"], read_only=True)
duck.execute("SET threads = 1")
pool = AsyncConnectionPool(os.environ["PEER_POSTGRESQL"], open=False, max_size=8)


class Rolled(SQLModel, table=True):
    """Volume of an origin on a day."""

    day: str = Field(primary_key=True)
    origin: str = Field(primary_key=True)
    volume: int


class Daily(SQLModel, table=True):
    """Volume of a model and a caller on a day."""

    day: str = Field(primary_key=True)
    base: str = Field(primary_key=True)
    caller: int = Field(primary_key=True)
    origin: str
    volume: int


class Share(SQLModel):
    """An answer."""

    origin: str
    volume: int
    total: int
    share: float


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    async with pool:
        yield


app = FastAPI(lifespan=lifespan)


def _session() -> Iterator[Session]:
    with Session(engine) as session:
        yield session


Reading = Annotated[Session, Depends(_session)]


def _share(origin: str, volume: Any, total: Any) -> Share:
    share = round(int(volume) / int(total), 6)
    return Share(origin=origin, volume=int(volume), total=int(total), share=share)


def _asked(
    table: type[Rolled] | type[Daily], origin: str, start: str, end: str
) -> Executable:
    of_origin = case((col(table.origin) == origin, col(table.volume)), else_=0)
    sums = select(func.sum(of_origin), func.sum(table.volume))
    return sums.where(col(table.day).between(start, end))


@app.get("/rolled")
def get_rolled(session: Reading, origin: str, start: str, end: str) -> Share:
    found = session.execute(_asked(Rolled, origin, start, end)).one()
    return _share(origin, *found)


@app.get("/daily")
def get_daily(session: Reading, origin: str, start: str, end: str) -> Share:
    found = session.execute(_asked(Daily, origin, start, end)).one()
    return _share(origin, *found)


@app.get("/duckdb")
def get_duckdb(origin: str, start: str, end: str) -> Share:
    found = duck.cursor().execute(SHARE, [origin, start, end]).fetchone()
    return _share(origin, *found)


@app.get("/postgresql")
async def get_postgresql(origin: str, start: str, end: str) -> Share:
    asked = SHARE.replace("$1", "%s").replace("$2", "%s").replace("$3", "%s")
    async with pool.connection() as connection:
        cursor = await connection.execute(asked.encode(), [origin, start, end])
        found = await cursor.fetchone()
    return _share(origin, *(found or (0, 1)))
