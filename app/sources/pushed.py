"""Volumes that somebody sends over HTTP: a gateway, a proxy, a company's own count.

A body in UTF-8 with or without a BOM, of one of these kinds:

- JSON, `{"observations": [{"date": …, "model": …, "volume": …}]}`;
- NDJSON, such an object a line;
- CSV with the header `date,model,volume`.

Each may have a `category` too, if the dataset tells categories apart. `model` and
`volume` may be called `model_permaslug` and `total_tokens`, as in a file. A volume is a
whole number, in JSON with or without quotes. What a body tells, which days and as of
when, its sender says beside it.

Rows are read one by one into columns: a body of 16 MB takes no more than a few times
that, whatever is in it.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import date, datetime
from io import BytesIO

from app.domain.observations import Batch, Payload
from app.domain.periods import Window
from app.sources._rows import Rows, batch, check_category, check_slug
from app.sources._table import check_end, read_table
from app.sources._values import Faults, json_decoder, read_day, read_volume, shown

SOURCE = "push:"
"""What the name of each sender begins with, as a source."""

EARLIEST = date(2020, 1, 1)
"""The first day there can be: before it, no model was to be had."""

CSV = "text/csv"
JSON = "application/json"
NDJSON = "application/x-ndjson"

_LISTED = 10
_MOST_FAULTS = 1_000
_MOST_ROWS = 5_000
_MOST_SPACE = 10_000
_BOM = b"\xef\xbb\xbf"
_HEADERS = (["date", "model", "volume"], ["date", "model_permaslug", "total_tokens"])
_CATEGORY = "category"
_OPENING = re.compile(r'[ \t\r\n]*\{[ \t\r\n]*"observations"[ \t\r\n]*:[ \t\r\n]*\[')
_CLOSING = re.compile(r"\][ \t\r\n]*\}[ \t\r\n]*")
_SPACE = re.compile(r"[ \t\r\n]*")
# A whole number stays as it is written, however long, until it is read as a volume.
_DECODER = json_decoder(str)

Given = Iterator[tuple[int, Mapping[str, object]]]
"""Number and values of each row."""


def parse(
    payload: Payload,
    dataset: str,
    *,
    window: Window,
    as_of: datetime,
    categories: bool,
) -> list[Batch]:
    """Read a body as one batch.

    Args:
        payload: The body, of one of the media types of this module.
        dataset: Slug of the dataset that it is sent to.
        window: Days that it tells; one without a row keeps what is known of it.
        as_of: When its sender knew this, in UTC.
        categories: Whether the dataset tells categories apart.

    Raises:
        SourceError: With a complaint for each of the first ten things that are wrong.
    """
    faults = Faults("push", "Nothing was written.", _LISTED)
    word = "observation" if payload.media_type == JSON else "line"
    rows = Rows(word)
    headers = [*_HEADERS]
    if categories:
        headers += [[*header, _CATEGORY] for header in _HEADERS]
    opened = _OPENS[payload.media_type](payload.body, headers, faults)
    for number, given in opened:
        _add(rows, number, given, headers, f"{word} {number}", faults)
        # Millions of faults would take minutes, and tell nobody more.
        if len(faults) > _MOST_FAULTS:
            break
    faults.check()
    if not len(rows):
        faults.refuse("body", "it holds no observations")
    found = batch(
        dataset,
        rows,
        window=window,
        as_of=as_of,
        fetched_at=payload.fetched_at,
        faults=faults,
        earliest=EARLIEST,
        most=_MOST_ROWS,
    )
    faults.check()
    return [found]


def parse_again(body: bytes, dataset: str, as_of: datetime) -> list[Batch]:
    """Read a body that was taken before, whatever it was called then.

    Args:
        body: As it was kept.
        dataset: Slug.
        as_of: When its sender knew this, in UTC.

    Raises:
        SourceError: It cannot be read.
    """
    text = body.removeprefix(_BOM)[:_MOST_SPACE].decode("latin-1")
    form = NDJSON if text.lstrip().startswith("{") else CSV
    if _OPENING.match(text):
        form = JSON
    payload = Payload(body, form, SOURCE, as_of)
    window = Window(EARLIEST, as_of.date())
    return parse(payload, dataset, window=window, as_of=as_of, categories=True)


def _add(
    rows: Rows,
    number: int,
    given: Mapping[str, object],
    headers: Collection[list[str]],
    where: str,
    faults: Faults,
) -> None:
    header = next((h for h in headers if given.keys() == set(h)), None)
    if header is None:
        faults.add(where, _other(given, headers))
        return
    values = [given[name] for name in header]
    try:
        day, model = read_day(values[0]), _model(values[1])
        category = check_category(values[3]) if values[3:] else None
        rows.add(number, day, model, read_volume(values[2]), category)
    except ValueError:
        for name, read in zip(header, _READERS, strict=False):
            try:
                read(_spelt(given[name]))
            except ValueError as error:
                faults.add(where, f"{name} {error}")


def _other(given: Mapping[str, object], headers: Collection[list[str]]) -> str:
    known = {name for header in headers for name in header}
    unknown = [name for name in given if name not in known]
    if unknown:
        return f"{shown(_spelt(unknown[0]))} is no field of an observation here"
    wanted = " or ".join(",".join(header) for header in headers)
    return f"the fields are {','.join(given) or 'none'} and not {wanted}"


def _spelt(value: object) -> object:
    """Return a text that is not ASCII as it was meant."""
    if isinstance(value, str) and not value.isascii():
        try:
            return value.encode("latin-1").decode()
        except UnicodeError:
            return value
    return value


def _model(value: object) -> str:
    return check_slug(value if isinstance(value, str) else shown(value))


_READERS: tuple[Callable[[object], object], ...] = (
    *(read_day, _model, read_volume),
    check_category,
)


# A row at a time. As Latin-1 a body takes a byte a character; what is not ASCII is in
# no value that can be read.


def _csv(body: bytes, headers: list[list[str]], faults: Faults) -> Given:
    table = read_table(body, headers, faults)
    for number, cells in table.lines:
        yield number, dict(zip(table.header, cells, strict=True))


def _ndjson(body: bytes, _: list[list[str]], faults: Faults) -> Given:
    check_end(body, faults)
    for number, line in enumerate(BytesIO(body.removeprefix(_BOM)), 1):
        text = line.decode("latin-1").strip(" \t\r\n")
        if not text:
            continue
        where = f"line {number}"
        found, end = _object(text, 0, where, faults)
        if end < len(text):
            faults.refuse(where, "goes on after its object")
        yield number, found


def _json(body: bytes, _: list[list[str]], faults: Faults) -> Given:
    text = body.removeprefix(_BOM).decode("latin-1")
    # As `parse_again` sees it.
    opening = _OPENING.match(text, 0, _MOST_SPACE)
    if opening is None:
        faults.refuse("body", 'it does not begin with {"observations": [')
    number, at = 0, _after_space(text, opening.end())
    while number or not text.startswith("]", at):
        number += 1
        found, at = _object(text, at, f"observation {number}", faults)
        yield number, found
        at = _after_space(text, at)
        if not text.startswith(",", at):
            break
        at = _after_space(text, at + 1)
    if not _CLOSING.fullmatch(text, at):
        faults.refuse(f"after observation {number}", "not JSON: ] and } are missing")


def _object(
    text: str, at: int, where: str, faults: Faults
) -> tuple[dict[str, object], int]:
    try:
        found, end = _DECODER.raw_decode(text, at)
    except RecursionError:
        faults.refuse(where, "is nested too deeply")
    except ValueError as error:
        faults.refuse(where, f"not JSON: {error}")
    if not isinstance(found, dict):
        faults.refuse(where, "is not an object")
    return found, end


def _after_space(text: str, at: int) -> int:
    space = _SPACE.match(text, at)
    return space.end() if space else at


_OPENS: dict[str, Callable[[bytes, list[list[str]], Faults], Given]] = {
    CSV: _csv,
    JSON: _json,
    NDJSON: _ndjson,
}
MEDIA_TYPES = tuple(_OPENS)
