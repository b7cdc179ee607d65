"""The rows of an answer as a table."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.web import plain
from app.web.explorer_answer import RESERVED, bounds, groups
from app.web.plain import NOTHING, Row
from app.web.urls import spelt

MOST = 50
"""Rows that a page shows; all of them are in the files."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a table.

    Attributes:
        text: What is shown.
        exact: The exact value, where the text is rounded.
        path: Of the page of the thing that it names; empty: there is none.
    """

    text: str
    exact: str = ""
    path: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table.

    Attributes:
        head: Its name.
        number: Whether it holds numbers.
        write: What it shows of a row.
    """

    head: str
    number: bool
    write: Callable[[Row], Cell]


@dataclass(frozen=True, slots=True)
class Table:
    """The first rows of an answer, the newest periods before.

    Attributes:
        about: The period and its state, if it is the same for all rows.
        columns: In order.
        rows: The cells of each row.
        total: How many rows the answer has.
    """

    about: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    total: int


def table(
    kind: str, answer: Mapping[str, Any], pages: Mapping[str, str] | None = None
) -> Table:
    """Return the rows of an answer as a table.

    Args:
        kind: `share`, `volume` or `rankings`.
        answer: What `/v1` said.
        pages: By dimension, the path that its things have their pages below.
    """
    rows = sorted(answer["data"], key=lambda row: row["period_start"], reverse=True)
    interval = answer["meta"]["query"]["resolved"].get("interval", "total")
    columns = list(_columns(kind, answer, pages or {}))
    about = ""
    if len({row["period_start"] for row in rows}) == 1:
        about = _about(rows[0], interval)
    else:
        columns.insert(0, _words("Period", lambda row: plain.period(row, interval)))
        columns.append(_words("Note", plain.status))
    shown = rows[:MOST]
    columns = [each for each in columns if _says(each, shown)]
    cells = [[column.write(row) for column in columns] for row in shown]
    return Table(about, columns, cells, len(rows))


def _about(row: Row, interval: str) -> str:
    when, status = plain.period(row, interval), plain.status(row)
    return f"{when} ({status})" if status else when


def _says(column: Column, rows: Sequence[Row]) -> bool:
    return column.head != "Note" or any(column.write(row).text for row in rows)


def _columns(
    kind: str, answer: Mapping[str, Any], pages: Mapping[str, str]
) -> Iterator[Column]:
    if kind == "rankings":
        yield _number("Rank", _rank("rank"))
        yield _number("Before", _rank("previous_rank"))
    for dimension in groups(answer):
        head = plain.dimension(dimension).capitalize()
        yield Column(head, number=False, write=_named(dimension, pages))
    yield from _measured("volume" if kind == "volume" else "share")
    if kind != "volume":
        yield _number("Volume", _amount("volume"))
    yield from _compared(kind, answer["data"][0] if answer["data"] else {})


def _measured(measure: str) -> Iterator[Column]:
    def bound(row: Row) -> Cell:
        low, high = bounds(row, measure)
        return Cell(low if low == high else f"{low} to {high}")

    yield _number(measure.capitalize(), _write(measure))
    yield _number("Bounds", bound)


def _compared(kind: str, row: Row) -> Iterator[Column]:
    if kind != "rankings" and "previous" in row:
        yield _number("Before", _write(kind, "previous"))
        yield _number("Change", _change(kind))
    if f"{kind}_smooth" in row:
        yield _number("Smoothed", _write(kind, f"{kind}_smooth"))
    if "trend" in row:
        yield _number("Trend", lambda row: Cell(plain.signed(row["trend"])))
    if "growth" in row:
        yield _number("Growth", lambda row: Cell(plain.growth(row["growth"])))


def _words(head: str, write: Callable[[Row], str]) -> Column:
    return Column(head, number=False, write=lambda row: Cell(write(row)))


def _number(head: str, write: Callable[[Row], Cell]) -> Column:
    return Column(head, number=True, write=write)


def _rank(key: str) -> Callable[[Row], Cell]:
    return lambda row: Cell(NOTHING if row[key] is None else str(row[key]))


def _write(measure: str, key: str | None = None) -> Callable[[Row], Cell]:
    key = key or measure
    if measure == "volume":
        return _amount(key)
    return lambda row: Cell(plain.percent(row[key]))


def _amount(key: str) -> Callable[[Row], Cell]:
    def write(row: Row) -> Cell:
        return Cell(plain.amount(row[key]), "" if row[key] is None else str(row[key]))

    return write


def _change(measure: str) -> Callable[[Row], Cell]:
    write = plain.signed if measure == "volume" else plain.points
    return lambda row: Cell(write(row["change"]))


def _named(dimension: str, pages: Mapping[str, str]) -> Callable[[Row], Cell]:
    below = pages.get(dimension)

    def write(row: Row) -> Cell:
        value = str(row[dimension])
        known = below is not None and value not in RESERVED
        path = spelt(f"{below}/{value}", ()) if known else ""
        return Cell(str(row[f"{dimension}_name"]), path=path)

    return write
