"""CSV, read strictly: a known header, whole lines, as many values as columns."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.sources._values import Faults, shown


@dataclass(frozen=True, slots=True)
class Table:
    """The header of a file, and its lines as they are read: number and values."""

    header: Sequence[str]
    lines: Iterator[tuple[int, Sequence[str]]]


def read_table(body: bytes, headers: Sequence[Sequence[str]], faults: Faults) -> Table:
    """Open a CSV file in UTF-8, with LF or CRLF, whose header is one of `headers`.

    Faults of a line go to `faults` while the lines are read, and the line is left out.

    Raises:
        SourceError: The header is another, or the file is cut off; by `faults`.
    """
    check_end(body, faults)
    lines = _lines(body, faults)
    _, header = next(lines, (0, []))
    faults.check()
    if header not in headers:
        known = " or ".join(",".join(columns) for columns in headers)
        faults.add("line 1", f"the header is {shown(','.join(header))} and not {known}")
    faults.check()
    return Table(header, _whole(lines, len(header), faults))


def check_end(body: bytes, faults: Faults) -> None:
    """Note a last line that does not end: it may have been longer."""
    if not body.endswith(b"\n"):
        faults.add("last line", "has no line end; the file may be cut off")


def _lines(body: bytes, faults: Faults) -> Iterator[tuple[int, list[str]]]:
    text = io.TextIOWrapper(io.BytesIO(body), encoding="utf-8-sig", newline="")
    lines = csv.reader(text, strict=True)
    try:
        for cells in lines:
            if cells:
                yield lines.line_num, cells
    except UnicodeDecodeError:
        where = f"after line {lines.line_num}"
        faults.add(where, "not UTF-8; save the file as CSV in UTF-8")
    except csv.Error as error:
        faults.add(f"line {lines.line_num}", f"not CSV: {error}")


def _whole(
    lines: Iterator[tuple[int, list[str]]], width: int, faults: Faults
) -> Iterator[tuple[int, Sequence[str]]]:
    for number, cells in lines:
        if len(cells) == width:
            yield number, cells
        else:
            faults.add(f"line {number}", f"has {len(cells)} values instead of {width}")
