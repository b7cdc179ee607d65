"""Usage that an operator keeps in a warehouse: whatever SQLAlchemy has a driver for.

Endpoint: the URL of a database and a query, both from the settings. A query that names
`:start_date` and `:end_date` (days, both included) is asked for the last month and what
came since; one that does not is asked for everything each time.
Payload: rows of `period` (a day), `model` (`author/model`, or `other` for all else),
`volume` (a whole number) and, for a dataset that has them, `category`; one row for each
period, model and category. Raw events are summed by the query, where they are.
Unit, licence: those of the dataset that the operator declared.
Quotas: one query at a time, cut at the time-out where the driver can be told to.

Traps:
- A sum may come as a decimal or as a float. A decimal without a fraction is a whole
  number; a float is refused, because it may have lost digits above 2**53.
- NULL is no number and not zero.
- The day in course is not over. A row of it is refused, so that nobody publishes half a
  day: end the query with yesterday.
- A warehouse says nothing of when it was right. So a batch is as of the moment just
  before the query.
- Drivers like to quote the URL in their errors. Its password and its options are taken
  out of what is shown.

A payload is NDJSON: the rows in the order of the query, each value as text if it is one
that a source may send, and else as what it was, to be refused when it is read.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from io import BytesIO
from threading import Timer
from typing import Any
from urllib.parse import parse_qs, quote, quote_plus, urlsplit

import httpx2
from pydantic import SecretStr
from sqlalchemy import (
    Connection,
    CursorResult,
    Date,
    bindparam,
    create_engine,
    make_url,
    text,
)
from sqlalchemy.engine import URL
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from app.domain.observations import Batch, Payload
from app.domain.periods import Window
from app.errors import UpstreamError
from app.sources._limits import Deadline
from app.sources._rows import Rows, batch, check_category, check_slug
from app.sources._values import Faults, read_day, read_json, read_volume, shown

MAX_BYTES = 256_000_000
"""Most that the rows of one query may take as NDJSON; five million rows have less."""

EARLIEST = date(2020, 1, 1)
"""The first day that anything is asked for."""

_DAY = timedelta(days=1)
_RESTATED = timedelta(days=31)
_BOUND = {"start_date", "end_date"}
_COLUMNS = ("period", "model", "volume")
_CATEGORY = "category"
_PIECE = 10_000
_STOPS = ("cancel", "interrupt")
_KNOWS_CONNECT_TIMEOUT = {"postgresql", "mysql", "mariadb"}


class Warehouse:
    """See the module's docstring for the upstream, and `Source` for the methods."""

    def __init__(
        self,
        name: str,
        dataset: str,
        url: SecretStr,
        query: str,
        now: Callable[[], datetime],
        timeout: timedelta,
        every: timedelta,
    ) -> None:
        """Take note of where to ask for what; nothing is sent yet.

        Args:
            name: What runs and errors call it.
            dataset: Slug of the dataset that it feeds.
            url: A database, as SQLAlchemy writes it; never shown.
            query: SQL that returns the rows.
            now: The clock, in UTC.
            timeout: Longest wait for one answer, in all.
            every: How often to ask.
        """
        self.name = name
        self.dataset = dataset
        self.every = every
        self._url = url
        self._query = query
        self._binds = set(text(query).compile().params)
        self._now = now
        self._timeout = timeout

    def windows(self, known: Window | None, today: date) -> Sequence[Window]:
        """Return the last month and what came since, or all days up to yesterday."""
        yesterday = today - _DAY
        if yesterday < EARLIEST:
            return []
        if known is None or not self._binds:
            return [Window(EARLIEST, yesterday)]
        again = max(EARLIEST, min(known.last, yesterday) - _RESTATED)
        return [Window(again, yesterday)]

    def fetch(self, _client: httpx2.Client, window: Window) -> Payload:
        """Return the rows of the query as NDJSON; see `Source.fetch`."""
        started = self._now()
        deadline = Deadline(self._timeout)
        url = self._made_url()
        try:
            with self._connected(url, deadline) as connection:
                body = self._asked(connection, window, deadline)
        except (SQLAlchemyError, ImportError) as error:
            why = _said(error, url)
            if not deadline.left():
                why = f"it did not answer in full within {deadline.seconds:g} s"
            # Without its cause, which quotes the URL.
            raise UpstreamError(self.name, f"{why}.") from None
        address = f"warehouse:{self.name}?start_date={window.first}"
        return Payload(
            body,
            "application/x-ndjson",
            f"{address}&end_date={window.last}",
            started,
        )

    def _made_url(self) -> URL:
        try:
            return make_url(self._url.get_secret_value())
        except SQLAlchemyError:
            why = "its URL is not one that SQLAlchemy reads."
            raise UpstreamError(self.name, why) from None

    @contextmanager
    def _connected(self, url: URL, deadline: Deadline) -> Iterator[Connection]:
        """Yield a connection that is stopped at the deadline, and never commits."""
        options = {}
        if url.get_backend_name() in _KNOWS_CONNECT_TIMEOUT:
            options["connect_timeout"] = max(1, int(deadline.seconds))
        engine = create_engine(url, poolclass=NullPool, connect_args=options)
        with engine.connect() as connection:
            if engine.dialect.name == "postgresql":
                connection.execution_options(postgresql_readonly=True)
            raw = connection.connection.dbapi_connection
            timer = Timer(deadline.left(), _stop, [raw])
            timer.daemon = True
            timer.start()
            try:
                yield connection
            finally:
                timer.cancel()

    def _asked(
        self, connection: Connection, window: Window, deadline: Deadline
    ) -> bytes:
        if self._binds - _BOUND:
            names = ", ".join(sorted(self._binds - _BOUND))
            why = f"its query needs {names}; only start_date and end_date are given."
            raise UpstreamError(self.name, why)
        days = {"start_date": window.first, "end_date": window.last}
        query = text(self._query).bindparams(
            *(bindparam(name, days[name], Date()) for name in sorted(self._binds))
        )
        streamed = connection.execution_options(
            stream_results=True, max_row_buffer=_PIECE
        )
        with streamed.execute(query) as result:
            return self._read(result, deadline)

    def _read(self, result: CursorResult[Any], deadline: Deadline) -> bytes:
        names = [name.lower() for name in result.keys()]  # noqa: SIM118 - no mapping
        self._check_columns(names)
        body = bytearray()
        for piece in result.partitions(_PIECE):
            for row in piece:
                cells = dict(zip(names, map(_cell, row), strict=True))
                body += json.dumps(cells, separators=(",", ":")).encode() + b"\n"
            if len(body) > MAX_BYTES:
                why = f"its query returns more than {MAX_BYTES // 1_000_000} MB."
                raise UpstreamError(self.name, f"{why} Ask for less.")
            if not deadline.left():
                why = f"it did not answer in full within {deadline.seconds:g} s."
                raise UpstreamError(self.name, why)
        return bytes(body)

    def _check_columns(self, names: Sequence[str]) -> None:
        if sorted(names) in (sorted(_COLUMNS), sorted([*_COLUMNS, _CATEGORY])):
            return
        given = shown(", ".join(names))
        why = f"its query returns {given} and not {', '.join(_COLUMNS)}[, {_CATEGORY}]."
        raise UpstreamError(self.name, why)

    def parse(self, payload: Payload) -> list[Batch]:
        """Read the rows as one batch; see `Source.parse`.

        It covers the days that were asked for, from the first row on if that was all.
        """
        faults = Faults(self.name, "Nothing of this answer is used.")
        asked = _window(payload.url, faults)
        rows = _read(payload.body, faults)
        faults.check()
        if not len(rows):
            faults.refuse("query", "returns no rows")
        first = asked.first
        if first == EARLIEST:
            first = min(max(first, rows.span().first), asked.last)
        found = batch(
            self.dataset,
            rows,
            window=Window(first, asked.last),
            as_of=payload.fetched_at,
            fetched_at=payload.fetched_at,
            faults=faults,
            earliest=EARLIEST,
            most=None,
        )
        faults.check()
        return [found]


def _stop(raw: object) -> None:
    """Stop what a connection is at, by whatever name its driver has for that."""
    for name in _STOPS:
        if hasattr(raw, name):
            with suppress(Exception):  # closed just now, and so at an end
                getattr(raw, name)()
            return


def _said(error: Exception, url: URL) -> str:
    """Return the first line of what a driver said, without what nobody may see."""
    said = str(getattr(error, "orig", None) or error).partition("\n")[0]
    secrets = [url.password or ""]
    for values in url.normalized_query.values():
        secrets += values
    for secret in secrets:
        for spelt in {secret, quote(secret), quote_plus(secret)} - {""}:
            said = said.replace(spelt, "***")
    return f"it cannot be read ({type(error).__name__}: {shown(said)})"


def _cell(value: object) -> object:
    """Return a value as JSON has it; what no source may send stays recognisable."""
    if isinstance(value, datetime):
        midnight = value.time() == time() and not value.utcoffset()
        return str(value.date()) if midnight else value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return (
            str(int(value)) if value.is_finite() and value == int(value) else str(value)
        )
    if isinstance(value, bool | float | str) or value is None:
        return value
    return str(value) if isinstance(value, int) else shown(value)


def _window(url: str, faults: Faults) -> Window:
    query = parse_qs(urlsplit(url).query)
    try:
        (first,), (last,) = query["start_date"], query["end_date"]
        return Window(read_day(first), read_day(last))
    except (KeyError, ValueError):
        why = f"{shown(url)} does not say which days were asked for"
        faults.refuse("address", why)


def _read(body: bytes, faults: Faults) -> Rows:
    rows = Rows("row")
    for number, line in enumerate(BytesIO(body), 1):
        try:
            found = read_json(line)
            if not isinstance(found, dict):
                faults.add(f"row {number}", "is not an object")
                continue
            day, volume = (
                read_day(found.get("period")),
                read_volume(found.get("volume")),
            )
            rows.add(number, day, _model(found.get("model")), volume, _category(found))
        except ValueError as error:
            faults.add(f"row {number}", str(error))
    return rows


def _model(value: object) -> str:
    return check_slug(value if isinstance(value, str) else shown(value))


def _category(found: dict[str, object]) -> str | None:
    if _CATEGORY not in found:
        return None
    return check_category(found[_CATEGORY])
