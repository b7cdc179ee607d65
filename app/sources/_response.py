"""The JSON answer of the rankings API, read and checked on its own."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from app.sources._rows import Row, Rows
from app.sources._values import Day, Faults, Moment, explain, read_json, shown

_NAMED = 10


class _Open(BaseModel):
    model_config = ConfigDict(strict=True, extra="allow")


class _Meta(_Open):
    as_of: Moment
    version: Literal["v1"]
    start_date: Day
    end_date: Day


class _Response(_Open):
    data: list[Row]
    meta: _Meta


@dataclass(frozen=True, slots=True)
class Response:
    """A readable answer: at least one row, not yet checked against one another."""

    rows: Rows
    as_of: datetime
    start_date: date
    end_date: date
    warnings: Sequence[str]
    """Fields that are new to us, a sentence each."""


def read_response(body: bytes, faults: Faults) -> Response:
    """Read `{"data": [{date, model_permaslug, total_tokens}], "meta": {…}}`.

    Raises:
        SourceError: It is not that; written by `faults`.
    """
    try:
        found = _Response.model_validate(read_json(body))
    except ValidationError as error:
        for loc, why in explain(error):
            faults.add(*_place(loc, why))
    except ValueError as error:
        faults.add("body", f"not whole JSON: {error}")
    else:
        if not found.data:
            faults.add("data", "is empty")
    faults.check()
    rows = Rows("row")
    for number, row in enumerate(found.data, 1):
        rows.add(number, row.date, row.model_permaslug, row.total_tokens)
    return Response(
        rows,
        found.meta.as_of,
        found.meta.start_date,
        found.meta.end_date,
        list(_news(found)),
    )


def _place(loc: tuple[int | str, ...], why: str) -> tuple[str, str]:
    match loc:
        case ("data", int(index), *rest):
            return f"row {index + 1}", " ".join([*map(str, rest), why])
        case ():
            return "body", why
        case _:
            return ".".join(map(str, loc)), why


def _news(found: _Response) -> Iterator[str]:
    rows = {name for row in found.data for name in row.model_extra or ()}
    parts = (
        ("the answer", found.model_extra or {}),
        ("meta", found.meta.model_extra or {}),
        ("data", rows),
    )
    for part, names in parts:
        if names:
            listed = ", ".join(map(shown, sorted(names)[:_NAMED]))
            yield f"{part} has {len(names)} new field(s): {listed}"
