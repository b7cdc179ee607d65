"""CSV, read strictly: a known header, whole lines, as many values as columns."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from app.sources._values import Faults, explain, shown

RowT = TypeVar("RowT", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Table:
    """The header of a file, and its lines as they are read: `line 2` and the values."""

    header: Sequence[str]
    lines: Iterator[tuple[str, Mapping[str, str]]]


def read_table(body: bytes, headers: Sequence[Sequence[str]], faults: Faults) -> Table:
    """Open a CSV file in UTF-8, with LF or CRLF, whose header is one of `headers`.

    Faults of a line go to `faults` while the lines are read, and the line is left out.

    Raises:
        SourceError: The header is another, or the file is cut off; by `faults`.
    """
    if not body.endswith(b"\n"):
        faults.add("last line", "has no line end; the file may be cut off")
    lines = _lines(body, faults)
    _, header = next(lines, ("", []))
    faults.check()
    if header not in headers:
        known = " or ".join(",".join(columns) for columns in headers)
        faults.add("line 1", f"the header is {shown(','.join(header))} and not {known}")
    faults.check()
    return Table(header, _named(lines, header, faults))


def _lines(body: bytes, faults: Faults) -> Iterator[tuple[str, list[str]]]:
    text = io.TextIOWrapper(io.BytesIO(body), encoding="utf-8-sig", newline="")
    lines = csv.reader(text, strict=True)
    try:
        for cells in lines:
            if cells:
                yield f"line {lines.line_num}", cells
    except UnicodeDecodeError:
        where = f"after line {lines.line_num}"
        faults.add(where, "not UTF-8; save the file as CSV in UTF-8")
    except csv.Error as error:
        faults.add(f"line {lines.line_num}", f"not CSV: {error}")


def _named(
    lines: Iterator[tuple[str, list[str]]], header: Sequence[str], faults: Faults
) -> Iterator[tuple[str, Mapping[str, str]]]:
    for where, cells in lines:
        if len(cells) == len(header):
            yield where, dict(zip(header, cells, strict=True))
        else:
            faults.add(where, f"has {len(cells)} values instead of {len(header)}")


def as_model(
    kind: type[RowT], where: str, values: Mapping[str, str], faults: Faults
) -> RowT | None:
    """Return the values of a line as `kind`, or None if they go to `faults`."""
    try:
        return kind.model_validate(values)
    except ValidationError as error:
        for loc, why in explain(error):
            faults.add(where, f"{' '.join(map(str, loc))} {why}")
        return None
