"""The forms of text that a file of rankings comes in: CSV and NDJSON.

Each is opened as the same thing: values as they are written, still unread. What is a
number or a date by its type becomes the text that CSV would have. Then they are read
alike, in columns.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from io import BytesIO

from app.sources._rows import Rows, check_slug
from app.sources._table import check_end, read_table
from app.sources._values import (
    Faults,
    read_day,
    read_json,
    read_moment,
    read_volume,
    shown,
)

COLUMNS = ("date", "model_permaslug", "total_tokens")
AS_OF = "as_of"
KNOWN = [set(COLUMNS), {*COLUMNS, AS_OF}]
"""The names that the values of a row may have, where they are named."""

EXPORT = ["date", "model_permaslug", "rank", "total_tokens", "share_of_daily_tokens"]
"""The header of a file that OpenRouter exports."""

# A text that is spelt as it is, and a number.
_TEXT = r'"([ !#-\[\]-~]*)"'
_WHOLE = "(0|[1-9][0-9]{0,18})"
_SPACE = r"[ \t]*"

_HEADERS = ([*COLUMNS], [*COLUMNS, AS_OF], EXPORT)

Values = Sequence[object]
"""Of `COLUMNS`, and of `as_of` if the form tells it."""


@dataclass(frozen=True, slots=True)
class Form:
    """An open file: what its rows are called, and their numbers and values."""

    word: str
    tells_as_of: bool
    rows: Iterator[tuple[int, Values]]


def open_csv(
    body: bytes, faults: Faults, headers: Sequence[Sequence[str]] = _HEADERS
) -> Form:
    """Open CSV with one of `headers`; see `read_table` for faults."""
    table = read_table(body, headers, faults)
    told = AS_OF in table.header
    names = [*COLUMNS, AS_OF] if told else COLUMNS
    if [*names] == table.header:
        return Form("line", told, table.lines)
    at = [table.header.index(name) for name in names]
    picked = ((number, [cells[n] for n in at]) for number, cells in table.lines)
    return Form("line", told, picked)


def open_ndjson(body: bytes, faults: Faults) -> Form:
    """Open JSON objects, a line each; all have the keys of the first.

    Raises:
        SourceError: The file is cut off, or its first line is no row; by `faults`.
    """
    check_end(body, faults)
    faults.check()
    lines = enumerate(BytesIO(body), 1)
    objects = (found for line in lines if (found := _object(*line, faults)) is not None)
    first = next(objects, {})
    faults.check()
    if set(first) not in KNOWN:
        faults.refuse("line 1", other_keys(first))
    return Form("line", AS_OF in first, _rows(body, first, faults))


def _rows(
    body: bytes, first: Mapping[str, object], faults: Faults
) -> Iterator[tuple[int, Values]]:
    names = [*COLUMNS, AS_OF] if AS_OF in first else COLUMNS
    usual, at = _usual(first), [[*first].index(name) + 1 for name in names]
    for number, line in enumerate(BytesIO(body), 1):
        found = usual.fullmatch(line.decode("latin-1"))
        if found:
            yield number, found.group(*at)
            continue
        told = _object(number, line, faults)
        if told is None:
            continue
        if told.keys() == first.keys():
            yield number, [as_text(told[name]) for name in names]
        else:
            faults.add(f"line {number}", other_keys(told))


def _usual(first: Mapping[str, object]) -> re.Pattern[str]:
    """Return how a line is written that is like the first one.

    It is JSON, and each group is a value as CSV would have it. To read any other line
    takes three times as long.
    """
    pairs = (
        f'"{re.escape(name)}"{_SPACE}:{_SPACE}{_TEXT if isinstance(v, str) else _WHOLE}'
        for name, v in first.items()
    )
    told = f"{_SPACE},{_SPACE}".join(pairs)
    return re.compile(rf"{_SPACE}\{{{_SPACE}{told}{_SPACE}\}}{_SPACE}\r?\n")


def _object(number: int, line: bytes, faults: Faults) -> Mapping[str, object] | None:
    """Return what a line says; None if that is nothing, or a fault."""
    if not line.strip():
        return None
    try:
        found = read_json(line)
    except ValueError as error:
        faults.add(f"line {number}", f"not JSON: {error}")
        return None
    if isinstance(found, dict):
        return found
    faults.add(f"line {number}", "is not an object")
    return None


def other_keys(found: Iterable[str]) -> str:
    """Say that these are not the names that the values of a row have."""
    names = ",".join(found)
    return f"the keys are {shown(names)} and not {','.join(COLUMNS)}, or with as_of"


def as_text(value: object) -> object:
    """Return what CSV would say, or the value itself if CSV has no word for it."""
    if isinstance(value, date):
        # A datetime is a date, too: it has a time that no date should have.
        return value.isoformat()
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value


def read_blocks(
    form: Form, as_of: datetime | None, faults: Faults
) -> dict[datetime, Rows]:
    """Read every row, into one block for each moment that the form tells, or `as_of`.

    Raises:
        SourceError: Rows that cannot be read, or lines that were left out; by `faults`.
    """
    blocks: dict[datetime, Rows] = {}
    for number, values in form.rows:
        try:
            moment = as_of or read_moment(values[3])
            day, slug = read_day(values[0]), _read_slug(values[1])
            volume = read_volume(values[2])
        except ValueError:
            _explain(f"{form.word} {number}", values, faults)
            continue
        if moment not in blocks:
            blocks[moment] = Rows(form.word)
        blocks[moment].add(number, day, slug, volume)
    faults.check()
    return blocks


def _read_slug(value: object) -> str:
    if not isinstance(value, str):
        msg = "should be a valid string"
        raise ValueError(msg)  # noqa: TRY004 - as every other value that cannot be
    return check_slug(value)


_READERS: dict[str, Callable[[object], object]] = {
    COLUMNS[0]: read_day,
    COLUMNS[1]: _read_slug,
    COLUMNS[2]: read_volume,
    AS_OF: read_moment,
}


def _explain(where: str, values: Values, faults: Faults) -> None:
    for (name, read), value in zip(_READERS.items(), values, strict=False):
        try:
            read(value)
        except ValueError as error:
            faults.add(where, f"{name} {error}")
