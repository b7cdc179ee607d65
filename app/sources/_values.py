"""Values as upstreams write them, read strictly: one spelling, one meaning."""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Annotated, NoReturn

from pydantic import BeforeValidator, ValidationError

from app.domain.observations import MAX_VOLUME
from app.errors import Complaint, SourceError

_SHOWN = 100
_LISTED = 5
_CLOCKS_DIFFER = timedelta(minutes=5)

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?"
    r"(Z|[+-][0-9]{2}:[0-9]{2})"
)
_VOLUME = re.compile(r"[0-9]{1,19}")

_REFUSALS = {"missing": "is missing", "model_type": "is not an object"}


def shown(value: object) -> str:
    """Return `value` for a message: ASCII, at most 100 characters, no controls."""
    if isinstance(value, str):
        return ascii(value[:_SHOWN])[:_SHOWN]
    if value is None or isinstance(value, int | float):
        return repr(value)[:_SHOWN]
    return f"a {type(value).__name__}"


@lru_cache(maxsize=4096)
def _day(text: str) -> date:
    if not _DAY.fullmatch(text):
        raise ValueError
    return date.fromisoformat(text)


def read_day(value: object) -> date:
    """Read `YYYY-MM-DD`.

    Raises:
        ValueError: It has another form, or there is no such day.
    """
    if isinstance(value, str):
        try:
            return _day(value)
        except ValueError:
            pass
    msg = f"{shown(value)} is not a day of the form YYYY-MM-DD"
    raise ValueError(msg)


@lru_cache(maxsize=64)
def _moment(text: str) -> datetime:
    if not _MOMENT.fullmatch(text):
        raise ValueError
    return datetime.fromisoformat(text).astimezone(UTC)


def read_moment(value: object) -> datetime:
    """Read an RFC 3339 time with its zone, such as `2026-05-25T02:00:00.000Z`, as UTC.

    Raises:
        ValueError: It has another form, no zone, or there is no such time.
    """
    if isinstance(value, str):
        try:
            return _moment(value)
        except (ValueError, OverflowError):
            pass
    msg = f"{shown(value)} is not a time such as 2026-05-25T02:00:00Z"
    raise ValueError(msg)


def read_volume(value: object) -> int:
    """Read a string of ASCII digits as a number from 0 to 2**63 - 1.

    Raises:
        ValueError: It is anything else: a number, a sign, an exponent, `1_000`.
    """
    if isinstance(value, str) and _VOLUME.fullmatch(value):
        volume = int(value)
        if volume <= MAX_VOLUME:
            return volume
    msg = f"{shown(value)} is not a whole number from 0 to 2**63 - 1 in plain digits"
    raise ValueError(msg)


Day = Annotated[date, BeforeValidator(read_day)]
Moment = Annotated[datetime, BeforeValidator(read_moment)]
Volume = Annotated[int, BeforeValidator(read_volume)]


def read_json(body: bytes) -> object:
    """Read UTF-8 JSON without the leniencies: no key twice, no NaN, no Infinity.

    Raises:
        ValueError: It is not that.
    """
    try:
        found: object = _JSON.decode(body.decode("utf-8-sig"))
    except RecursionError:
        msg = "it is nested too deeply"
        raise ValueError(msg) from None
    return found


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        ((twice, _),) = Counter(key for key, _ in pairs).most_common(1)
        msg = f"the key {shown(twice)} occurs twice in one object"
        raise ValueError(msg)
    return found


def _no_constant(name: str) -> NoReturn:
    msg = f"{name} is not a number"
    raise ValueError(msg)


def json_decoder(whole: Callable[[str], object] = int) -> json.JSONDecoder:
    """Return what reads JSON without the leniencies, and whole numbers by `whole`.

    For a line of NDJSON it takes longer to make than to use: make it once.
    """
    return json.JSONDecoder(
        object_pairs_hook=_object, parse_constant=_no_constant, parse_int=whole
    )


_JSON = json_decoder()


def explain(error: ValidationError) -> Iterator[tuple[tuple[int | str, ...], str]]:
    """Yield where each thing is that a private model refused, and why."""
    for found in error.errors(include_url=False):
        why = found["msg"].removeprefix("Value error, ")
        plain = re.sub("^(Input|List|String) should", "should", why)
        yield found["loc"], _REFUSALS.get(found["type"], plain)


class Faults:
    """What is wrong with one payload: the first few in words, the others counted."""

    def __init__(self, source: str, advice: str, most: int = _LISTED) -> None:
        self._source = source
        self._advice = advice
        self._most = most
        self._first: list[Complaint] = []
        self._count = 0

    def add(self, where: str, why: str) -> None:
        """Note one fault."""
        self._count += 1
        if len(self._first) < self._most:
            self._first.append(Complaint(where, None, why))

    def __len__(self) -> int:
        return self._count

    def check(self) -> None:
        """Pass if nothing was noted.

        Raises:
            SourceError: The first faults, how many more, and what to do.
        """
        if self._count:
            raise self._error()

    def refuse(self, where: str, why: str) -> NoReturn:
        """Note one fault that ends the reading.

        Raises:
            SourceError: Always; as `check`.
        """
        self.add(where, why)
        raise self._error()

    def _error(self) -> SourceError:
        more = self._count - len(self._first)
        rest = f"; and {more} more" if more else ""
        first = "; ".join(f"{c.parameter}: {c.message}" for c in self._first)
        detail = f"{first}{rest}. {self._advice}"
        return SourceError(self._source, detail, complaints=self._first)

    def check_moment(self, as_of: datetime, last: date, fetched_at: datetime) -> None:
        """Note an `as_of` before the last day it tells of, or after it was read."""
        if as_of.date() < last:
            self.add("as_of", f"{as_of:%FT%TZ} is before the last day, {last}")
        if as_of > fetched_at + _CLOCKS_DIFFER:
            self.add(
                "as_of",
                f"{as_of:%FT%TZ} is later than the clock here, {fetched_at:%FT%TZ}",
            )
