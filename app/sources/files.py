"""Rankings that an operator hands over as a file.

Text is UTF-8 with or without a BOM. The forms:

- CSV with the header `date,model_permaslug,total_tokens`, and `as_of` if the file
  knows when its figures were read;
- CSV as OpenRouter exports it: `date,model_permaslug,rank,total_tokens,
  share_of_daily_tokens` (rank and share follow from the others and are not read);
- JSON as the Data API answers (see `openrouter_rankings`);
- NDJSON (`.ndjson`, `.jsonl`): an object a line, with the names of the first form as
  keys; `total_tokens` may also be a JSON integer;
- Parquet with the columns of the first form: dates, texts, integers, and moments with
  a zone; texts as in CSV will do.

Lines end with LF or CRLF, also the last one: a file that was cut off is told by that.
Rows stay in columns, so that a million of them take seconds and less than 100 MB.
Besides, `slug,name,tools_listed`: the size of each category of a tool directory.
"""

from collections.abc import Callable, Sequence, Sized
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from app.domain.observations import Batch, Observation, Payload, SeriesKind
from app.domain.periods import Window
from app.errors import SourceError
from app.sources._forms import Form, open_csv, open_ndjson, read_blocks
from app.sources._parquet import open_parquet
from app.sources._response import read_response
from app.sources._rows import batch
from app.sources._table import read_table
from app.sources._values import Faults, Volume, explain

MAX_BYTES = 256_000_000

_CSV = "text/csv"
_JSON = "application/json"
_NDJSON = "application/x-ndjson"
_PARQUET = "application/vnd.apache.parquet"
_MEDIA_TYPES = {
    ".csv": _CSV,
    ".json": _JSON,
    ".ndjson": _NDJSON,
    ".jsonl": _NDJSON,
    ".parquet": _PARQUET,
}
_OPENS: dict[str, Callable[[bytes, Faults], Form]] = {
    _CSV: open_csv,
    _NDJSON: open_ndjson,
    _PARQUET: open_parquet,
}
_CATEGORY_HEADERS = (["slug", "name", "tools_listed"],)
_ADVICE = "Nothing was read. Correct the file and try again."


def load(path: Path, fetched_at: datetime) -> Payload:
    """Return the bytes of a file of at most 256 MB, unread.

    The payload's address is the file's name, without its folder.

    Raises:
        SourceError: There is no such file, or it is of another kind or too large.
    """
    media_type = _MEDIA_TYPES.get(path.suffix.lower())
    if media_type is None:
        known = ", ".join(_MEDIA_TYPES)
        raise SourceError(path.name, f"only {known} files can be read.")
    try:
        with path.open("rb") as file:
            body = file.read(MAX_BYTES + 1)
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise SourceError(path.name, f"the file cannot be opened: {why}.") from error
    if len(body) > MAX_BYTES:
        why = f"the file is larger than {MAX_BYTES // 1_000_000} MB. Split it by day."
        raise SourceError(path.name, why)
    return Payload(body, media_type, f"file:{path.name}", fetched_at)


def parse(
    payload: Payload, dataset: str, *, as_of: datetime | None = None
) -> list[Batch]:
    """Read rankings: one batch per distinct `as_of`, ascending.

    The window of a batch is the first to the last day of its rows.

    Args:
        payload: A loaded file.
        dataset: Slug of the dataset that the rows belong to.
        as_of: When the figures were read, in UTC, if the file does not say so.

    Raises:
        SourceError: Naming the first five things that are wrong, by line.
    """
    faults = _faults(payload)
    join = partial(batch, dataset, fetched_at=payload.fetched_at, faults=faults)
    if payload.media_type == _JSON:
        response = read_response(payload.body, faults)
        _check_told(told=True, as_of=as_of, faults=faults)
        rows, moment, news = response.rows, response.as_of, response.warnings
        found = [join(rows, window=rows.span(), as_of=moment, warnings=news)]
    else:
        form = _OPENS[payload.media_type](payload.body, faults)
        _check_told(told=form.tells_as_of, as_of=as_of, faults=faults)
        blocks = read_blocks(form, as_of, faults)
        _check_any(blocks, faults)
        found = [
            join(rows, window=rows.span(), as_of=moment, most=None)
            for moment, rows in sorted(blocks.items())
        ]
    faults.check()
    return found


def tells_as_of(payload: Payload) -> bool:
    """Return whether a file of rankings says itself when its figures were read.

    Raises:
        SourceError: It is none.
    """
    if payload.media_type == _JSON:
        return True
    return _OPENS[payload.media_type](payload.body, _faults(payload)).tells_as_of


def parse_categories(
    payload: Payload, dataset: str, *, day: date, as_of: datetime
) -> list[Batch]:
    """Read `slug,name,tools_listed` as one batch of one day.

    Args:
        payload: A loaded file.
        dataset: Slug of the dataset.
        day: The day that the counts are of.
        as_of: When they were read, in UTC.

    Raises:
        SourceError: Naming the first five things that are wrong, by line.
    """
    faults = _faults(payload)
    observations = []
    seen: set[str] = set()
    table = read_table(payload.body, _CATEGORY_HEADERS, faults)
    for number, cells in table.lines:
        row = _category(f"line {number}", cells, faults)
        if row is None:
            continue
        if row.slug in seen:
            faults.add(f"line {number}", f"{row.slug} occurs twice")
        seen.add(row.slug)
        observations.append(
            Observation(day, SeriesKind.CATEGORY, row.slug, row.tools_listed)
        )
    faults.check_moment(as_of, day, payload.fetched_at)
    faults.check()
    _check_any(observations, faults)
    return [Batch(dataset, Window(day, day), as_of, observations)]


class _Category(BaseModel):
    model_config = ConfigDict(strict=True)

    slug: Annotated[str, Field(pattern="^[a-z0-9][a-z0-9-]{0,99}$")]
    name: Annotated[str, Field(min_length=1, max_length=200)]
    tools_listed: Volume


def _category(where: str, cells: Sequence[str], faults: Faults) -> _Category | None:
    names = _CATEGORY_HEADERS[0]
    try:
        return _Category.model_validate(dict(zip(names, cells, strict=True)))
    except ValidationError as error:
        for loc, why in explain(error):
            faults.add(where, f"{' '.join(map(str, loc))} {why}")
        return None


def _faults(payload: Payload) -> Faults:
    return Faults(payload.url.removeprefix("file:"), _ADVICE)


def _check_told(*, told: bool, as_of: datetime | None, faults: Faults) -> None:
    if told and as_of:
        faults.add("as_of", "the file tells its own; leave out --as-of")
    if not told and not as_of:
        faults.add("as_of", "the file does not tell it; pass --as-of")
    faults.check()


def _check_any(rows: Sized, faults: Faults) -> None:
    if not rows:
        faults.refuse("file", "it holds no rows")
