"""Rankings that an operator hands over as a file.

Three forms, in UTF-8 with or without a BOM:

- CSV with the header `date,model_permaslug,total_tokens`, and `as_of` if the file
  knows when its figures were read;
- CSV as OpenRouter exports it: `date,model_permaslug,rank,total_tokens,
  share_of_daily_tokens` (rank and share follow from the others and are not read);
- JSON as the Data API answers (see `openrouter_rankings`).

Lines end with LF or CRLF, also the last one: a file that was cut off is told by that.
Besides, `slug,name,tools_listed`: the size of each category of a tool directory.
"""

from collections import defaultdict
from collections.abc import Sequence, Sized
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from app.domain.observations import Batch, Observation, Payload, SeriesKind
from app.domain.periods import Window
from app.errors import SourceError
from app.sources._response import read_response
from app.sources._rows import Placed, Row, batch, span
from app.sources._table import as_model, read_table
from app.sources._values import Faults, Volume, read_moment

MAX_BYTES = 256_000_000

_CSV = "text/csv"
_JSON = "application/json"
_MEDIA_TYPES = {".csv": _CSV, ".json": _JSON}
_HEADERS = (
    ["date", "model_permaslug", "total_tokens"],
    ["date", "model_permaslug", "total_tokens", "as_of"],
    ["date", "model_permaslug", "rank", "total_tokens", "share_of_daily_tokens"],
)
_CATEGORY_HEADERS = (["slug", "name", "tools_listed"],)
_ADVICE = "Nothing was read. Correct the file and try again."

Blocks = dict[datetime, list[Placed]]


def load(path: Path, fetched_at: datetime) -> Payload:
    """Return the bytes of a `.csv` or `.json` file of at most 256 MB, unread.

    The payload's address is the file's name, without its folder.

    Raises:
        SourceError: There is no such file, or it is of another kind or too large.
    """
    media_type = _MEDIA_TYPES.get(path.suffix.lower())
    if media_type is None:
        raise SourceError(path.name, "only .csv and .json files can be read.")
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
    warnings: Sequence[str] = ()
    if payload.media_type == _JSON:
        response = read_response(payload.body, faults)
        _check_told(told=True, as_of=as_of, faults=faults)
        blocks = {response.as_of: list(response.rows)}
        warnings = response.warnings
    else:
        blocks = _blocks(payload, as_of, faults)
    faults.check()
    found = [
        batch(
            dataset,
            rows,
            window=span(rows),
            as_of=moment,
            fetched_at=payload.fetched_at,
            faults=faults,
            warnings=warnings,
        )
        for moment, rows in sorted(blocks.items(), key=lambda block: block[0])
    ]
    faults.check()
    return found


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
    for where, values in table.lines:
        row = as_model(_Category, where, values, faults)
        if row is None:
            continue
        if row.slug in seen:
            faults.add(where, f"{row.slug} occurs twice")
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


def _faults(payload: Payload) -> Faults:
    return Faults(payload.url.removeprefix("file:"), _ADVICE)


def _blocks(payload: Payload, as_of: datetime | None, faults: Faults) -> Blocks:
    table = read_table(payload.body, _HEADERS, faults)
    told = "as_of" in table.header
    _check_told(told=told, as_of=as_of, faults=faults)
    blocks: Blocks = defaultdict(list)
    for where, values in table.lines:
        row = as_model(Row, where, values, faults)
        moment = _moment(where, values["as_of"], faults) if told else as_of
        if row and moment:
            blocks[moment].append(Placed(where, row.observation()))
    faults.check()
    _check_any(blocks, faults)
    return blocks


def _moment(where: str, text: str, faults: Faults) -> datetime | None:
    try:
        return read_moment(text)
    except ValueError as error:
        faults.add(where, f"as_of {error}")
        return None


def _check_told(*, told: bool, as_of: datetime | None, faults: Faults) -> None:
    if told and as_of:
        faults.add("as_of", "the file tells its own; leave out --as-of")
    if not told and not as_of:
        faults.add("as_of", "the file does not tell it; pass --as-of")
    faults.check()


def _check_any(rows: Sized, faults: Faults) -> None:
    if not rows:
        faults.refuse("file", "it holds no rows")
