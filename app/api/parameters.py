"""Values of parameters: read, checked and described, one type for each kind of value.

A value that cannot be is complained about together with all others of its request; see
`problems.of_validation`.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Literal, NoReturn, TypeVar

from pydantic import PlainValidator, WithJsonSchema

from app.api.complaints import WrongValue
from app.domain.periods import Interval, Span, Window, parse_date
from app.domain.questions import Sort
from app.domain.registry import NONE, WEIGHTS, Dimension
from app.domain.values import Values
from app.errors import BadValueError, closest
from app.services import origins
from app.services.revisions import Why

MOST_ITEMS = 100
MOST_GROUPS = 2
MOST_TOP = 100
MOST_ROWS = 1_000
_LONGEST = 200
_CODE = 2

_T = TypeVar("_T")


def _choice(text: str, allowed: Iterable[str], message: str) -> NoReturn:
    allowed = tuple(allowed)
    raise WrongValue(message, allowed=allowed, meant=closest(text, allowed))


def reader(
    read: Callable[[str], _T], schema: dict[str, object]
) -> tuple[PlainValidator, WithJsonSchema]:
    """Return what makes pydantic read a text by `read` and describe it by `schema`."""

    def validate(value: object) -> _T:
        # A type that looks like a sequence would be given a list instead.
        if not isinstance(value, str):
            raise TypeError(value)
        return read(value)

    return PlainValidator(validate), WithJsonSchema({"type": "string", **schema})


def _sane(text: str) -> str:
    if not text.strip():
        raise WrongValue("is empty; leave the parameter out instead")
    if len(text) > _LONGEST:
        raise WrongValue(f"is longer than {_LONGEST} characters")
    if not text.isprintable():
        raise WrongValue("holds characters that cannot be printed")
    return text


# Lists of values


def _items(text: str) -> list[str]:
    items = text.split(",")
    if len(items) > MOST_ITEMS:
        raise WrongValue(f"has more than {MOST_ITEMS} values")
    if not all(items):
        kept = ",".join(item for item in items if item)
        raise WrongValue("has an empty value between its commas", meant=kept or None)
    return [_sane(item) for item in items]


def _values(text: str, check: Callable[[list[str]], None] = lambda _: None) -> Values:
    items = _items(text)
    including = [item for item in items if not item.startswith("-")]
    if including and len(including) < len(items):
        raise WrongValue(
            "mixes values to include with values to exclude; use one sign",
            meant=",".join(including),
        )
    names = [item.removeprefix("-") for item in items]
    check(names)
    return Values(frozenset(names), negated=not including)


def _signed(text: str, replaced: dict[str, str]) -> str:
    """Return a list with some of its values replaced, each with its sign."""
    found = []
    for item in text.split(","):
        name = item.removeprefix("-")
        found.append(item[: len(item) - len(name)] + replaced.get(name, name))
    return ",".join(found)


def _slugs(text: str) -> Values:
    return _values(text)


def _origins(text: str) -> Values:
    def check(codes: list[str]) -> None:
        bad = [code for code in codes if not origins.is_origin(code)]
        if bad:
            meant = {code: _country(code) for code in bad}
            known = {code: found for code, found in meant.items() if found}
            raise WrongValue(
                f"{bad[0]!r} is not the ISO 3166-1 alpha-2 code of a country (as CN), "
                "nor unknown; see /v1/origins",
                meant=_signed(text, known) if len(known) == len(bad) else None,
            )

    return _values(text, check)


def _country(text: str) -> str | None:
    """Return the code that was meant by one in the wrong case, or by a name."""
    if text.upper() in origins.ALSO:
        return origins.ALSO[text.upper()]
    if origins.is_origin(text.upper()):
        return text.upper()
    if origins.is_origin(text.lower()):
        return text.lower()
    by_name = {name: code for code, name in origins.countries().items()}
    # No two letters are like a name: the EU is not Peru.
    name = closest(text, by_name) if len(text) > _CODE else None
    return by_name[name] if name else None


def _weights(text: str) -> Values:
    def check(names: list[str]) -> None:
        bad = next((name for name in names if name not in WEIGHTS), None)
        if bad is not None:
            meant = closest(bad, WEIGHTS)
            raise WrongValue(
                f"{bad!r} is not one of {', '.join(WEIGHTS)}",
                allowed=WEIGHTS,
                meant=_signed(text, {bad: meant}) if meant else None,
            )

    return _values(text, check)


Slugs = Annotated[Values | None, *reader(_slugs, {})]
Origins = Annotated[Values | None, *reader(_origins, {})]
Weights = Annotated[Values | None, *reader(_weights, {})]


# Days


def _days(text: str) -> Window:
    try:
        return parse_date(text)
    except ValueError as error:
        month = re.fullmatch(r"([0-9]{4}-(?:0[1-9]|1[0-2]))-[0-9]{2}", text, re.ASCII)
        raise WrongValue(str(error), meant=month[1] if month else None) from None


def _span(text: str) -> Span:
    try:
        return Span.parse(text)
    except ValueError as error:
        near = text.strip().lstrip("-+0").casefold()
        meant = near if re.fullmatch(r"[0-9]{1,4}[dwmy]", near, re.ASCII) else None
        raise WrongValue(str(error), meant=meant) from None


_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_RFC_3339 = re.compile(
    r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,6})?([Zz]|[+-]\d\d:\d\d)?", re.ASCII
)


def _moment(text: str) -> datetime:
    # A plus sign that was not escaped arrives as a space.
    spelt = re.sub(r" (?=\d\d:\d\d$)", "+", text)
    match = _RFC_3339.fullmatch(spelt)
    if match is None:
        raise WrongValue("is not a moment such as 2026-10-11T00:27:00Z (RFC 3339)")
    if not match[2]:
        raise WrongValue("has no offset; end it with Z for UTC", meant=f"{spelt}Z")
    try:
        return datetime.fromisoformat(spelt.upper()).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise WrongValue(f"is not a moment: {error}") from None


def _when(text: str) -> date | datetime:
    return _day(text) if _DATE.fullmatch(text) else _moment(text)


def end_of(day: date, now: datetime) -> datetime:
    """Return the last moment of a UTC day; of today, the present one."""
    if day == now.date():
        return now
    last = timedelta(hours=24, microseconds=-1)
    return datetime.combine(day, datetime.min.time(), UTC) + last


def _day(text: str) -> date:
    if not _DATE.fullmatch(text):
        raise WrongValue("is not a day of the form YYYY-MM-DD")
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise WrongValue(str(error)) from None


_A_DATE = {"examples": ["2026-04", "2026-04-01", "2026-W15", "2026-Q2"]}

Days = Annotated[Window | None, *reader(_days, _A_DATE)]
Relative = Annotated[
    Span | None,
    *reader(
        _span,
        {"pattern": "^([1-9][0-9]{0,3}[dwmy]|all)$", "examples": ["28d", "12w", "all"]},
    ),
]
_A_MOMENT = {"format": "date-time", "examples": ["2026-10-11T06:03:30Z"]}
Moment = Annotated[datetime | None, *reader(_moment, _A_MOMENT)]
When = Annotated[
    date | datetime | None,
    *reader(_when, {"examples": ["2026-10-12", "2026-10-11T06:02:30Z"]}),
]

# What must be given, in these alone.
OneDay = Annotated[date, *reader(_day, {"format": "date", "examples": ["2026-10-12"]})]
OneMoment = Annotated[datetime, *reader(_moment, _A_MOMENT)]


# One of a few


_E = TypeVar("_E", bound=StrEnum)


def few(enum: type[_E]) -> Callable[[str], _E]:
    """Return what reads one of the values of an enumeration."""
    known = {str(one): one for one in enum}

    def read(text: str) -> _E:
        found = known.get(text)
        if found is None:
            _choice(text, enum, f"is not one of {', '.join(enum)}")
        return found

    return read


_FINER = {"second", "minute", "hour"}


def _interval(text: str) -> Interval:
    if text in _FINER:
        finer = f"{text} is finer than the grain of the data, which is a day"
        raise WrongValue(finer, allowed=tuple(Interval), meant=Interval.DAY)
    return few(Interval)(text)


@dataclass(frozen=True, slots=True)
class Grouping:
    """The dimensions of `group_by`; none of them for `none`."""

    dimensions: tuple[Dimension, ...] = ()


def _groups(text: str) -> Grouping:
    if text == NONE:
        return Grouping()
    items = _items(text)
    allowed = (*Dimension, NONE)
    bad = next((i for i in items if i not in list(Dimension)), None)
    if bad is not None:
        meant = closest(bad, allowed)
        raise WrongValue(
            f"{bad!r} is not a dimension (none stands alone)",
            allowed=allowed,
            meant=_signed(text, {bad: meant}) if meant else None,
        )
    if len(items) > MOST_GROUPS or len(set(items)) < len(items):
        kept = list(dict.fromkeys(items))[:MOST_GROUPS]
        raise WrongValue("takes one or two different dimensions", meant=",".join(kept))
    return Grouping(tuple(Dimension(item) for item in items))


def _number(most: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not re.fullmatch(r"[1-9][0-9]{0,8}", text, re.ASCII):
            raise WrongValue(f"is not a whole number from 1 to {most}")
        if int(text) > most:
            raise WrongValue(f"is more than {most}", meant=str(most))
        return int(text)

    return read


def integer(most: int) -> tuple[PlainValidator, WithJsonSchema]:
    """Return what makes pydantic read a whole number from 1 to `most`."""
    schema = {"type": "integer", "minimum": 1, "maximum": most}
    return reader(_number(most), schema)


def _one_of(*allowed: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in allowed:
            _choice(text, allowed, f"is not one of {', '.join(allowed)}")
        return text

    return read


def _enum(*allowed: str) -> tuple[PlainValidator, WithJsonSchema]:
    return reader(_one_of(*allowed), {"enum": list(allowed)})


_INTERVALS = {"enum": [str(i) for i in Interval]}
_SORTS = {"enum": [str(s) for s in Sort]}


@dataclass(frozen=True, slots=True)
class Kinds:
    """Reasons of revisions."""

    kinds: frozenset[Why]


def _whys(text: str) -> Kinds:
    return Kinds(frozenset(few(Why)(item) for item in _items(text)))


MOST_DATASETS = 5


@dataclass(frozen=True, slots=True)
class Several:
    """Slugs of datasets."""

    slugs: tuple[str, ...]


def _datasets(text: str) -> Several:
    items = tuple(dict.fromkeys(_items(text)))
    if not 1 < len(items) <= MOST_DATASETS:
        raise WrongValue(f"takes two to {MOST_DATASETS} different slugs")
    return Several(items)


Whys = Annotated[Kinds | None, *reader(_whys, {})]
Datasets = Annotated[Several | None, *reader(_datasets, {})]
Measure = Annotated[Literal["share", "volume"], *_enum("share", "volume")]
Every = Annotated[Interval, *reader(_interval, _INTERVALS)]
Order = Annotated[Sort, *reader(few(Sort), _SORTS)]
Groups = Annotated[Grouping | None, *reader(_groups, {})]
Top = Annotated[int, *integer(MOST_TOP)]
Limit = Annotated[int, *integer(MOST_ROWS)]
ReleaseNumber = Annotated[int | None, *integer(999_999_999)]
Unfinished = Annotated[Literal["exclude", "include"], *_enum("exclude", "include")]
Compare = Annotated[Literal["previous"] | None, *_enum("previous")]
Smooth = Annotated[Literal["7d", "28d"] | None, *_enum("7d", "28d")]
Shape = Annotated[Literal["long", "wide"], *_enum("long", "wide")]
Text = Annotated[str | None, *reader(_sane, {})]


def release_number(text: str) -> int:
    """Return the number of a release that stands in a path.

    Raises:
        BadValueError: It is not a number.
    """
    if not re.fullmatch(r"[0-9]{1,9}", text, re.ASCII):
        raise BadValueError.of("id", text, "is not the number of a release")
    return int(text)
