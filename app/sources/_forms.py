"""The forms of text that a file of rankings comes in: CSV and NDJSON.

Each is opened as the same thing: values as they are written, still unread. What is a
number or a date by its type becomes the text that CSV would have. Then they are read
alike, in columns.
"""

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
    first = next(_objects(body, faults), (0, {}))[1]
    faults.check()
    if set(first) not in KNOWN:
        faults.refuse("line 1", other_keys(first))
    return Form("line", AS_OF in first, _picked(_objects(body, faults), first, faults))


def _objects(body: bytes, faults: Faults) -> Iterator[tuple[int, Mapping[str, object]]]:
    for number, line in enumerate(BytesIO(body), 1):
        if not line.strip():
            continue
        try:
            found = read_json(line)
        except ValueError as error:
            faults.add(f"line {number}", f"not JSON: {error}")
            continue
        if isinstance(found, dict):
            yield number, found
        else:
            faults.add(f"line {number}", "is not an object")


def _picked(
    objects: Iterator[tuple[int, Mapping[str, object]]],
    first: Mapping[str, object],
    faults: Faults,
) -> Iterator[tuple[int, Values]]:
    names = [*COLUMNS, AS_OF] if AS_OF in first else COLUMNS
    for number, found in objects:
        if found.keys() == first.keys():
            yield number, [as_text(found[name]) for name in names]
        else:
            faults.add(f"line {number}", other_keys(found))


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
