"""The rows of an answer as a short table, and the one number where there is one."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.web.words import NOTHING, Words

MOST = 50
"""Rows that are shown; the others are in the CSV."""

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Table:
    """The newest rows of an answer, as text.

    Attributes:
        heads: Columns; the last two are numbers.
        named: Which column says what a row is about.
        rows: Cells, a text each.
        total: Rows of the answer.
    """

    heads: Sequence[str]
    named: int
    rows: Sequence[Sequence[str]]
    total: int


@dataclass(frozen=True, slots=True)
class Number:
    """The one number of an answer.

    Attributes:
        value: As text, with its unit if it has one.
        low: The least it can be.
        high: The greatest it can be; the same text as `low` if it is certain.
    """

    value: str
    low: str
    high: str


def number(kind: str, answer: Mapping[str, Any], words: Words) -> Number | None:
    """Return the one number of an answer; None if it has none, or several."""
    rows = answer["data"]
    if len(rows) != 1 or kind == "rankings":
        return None
    row = rows[0]
    if row[kind] is None:
        return None
    write = words.share if kind == "share" else words.volume
    low, high = write(row[f"{kind}_low"]), write(row[f"{kind}_high"])
    unit = "" if kind == "share" else f" {answer['meta']['unit']}"
    return Number(write(row[kind]) + unit, low, high)


def table(kind: str, answer: Mapping[str, Any], words: Words) -> Table:
    """Return the newest rows of an answer of `/v1/<kind>`."""
    resolved = answer["meta"]["query"]["resolved"]
    interval = resolved.get("interval", "total")
    groups = [d for d in resolved["group_by"].split(",") if d != "none"]
    labels = [_Label(d.capitalize(), f"{d}_name") for d in groups]
    rows = answer["data"]
    # A ranking begins with its first, a series ends with its newest.
    shown = rows[:MOST] if interval == "total" else rows[-MOST:]
    columns = _Columns(kind, labels, words)
    return Table(
        columns.heads,
        1 if kind == "rankings" else 0,
        [list(columns.cells(row)) for row in shown],
        len(rows),
    )


@dataclass(frozen=True, slots=True)
class _Label:
    head: str
    column: str


class _Columns:
    """What stands in each column: labels, the value, its bounds."""

    def __init__(self, kind: str, labels: Sequence[_Label], words: Words) -> None:
        self._measure = "volume" if kind == "volume" else "share"
        self._ranked = kind == "rankings"
        self._labels = labels
        self._words = words
        first = "Rank" if self._ranked else "Period"
        self.heads = [
            first,
            *(label.head for label in labels),
            self._measure.capitalize(),
            "Bounds",
        ]

    def cells(self, row: Row) -> Iterator[str]:
        """Yield the cells of one row."""
        yield self._first(row)
        for label in self._labels:
            yield str(row[label.column])
        words, measure = self._words, self._measure
        write = words.volume if measure == "volume" else words.share
        yield write(row[measure])
        low, high = write(row[f"{measure}_low"]), write(row[f"{measure}_high"])
        yield low if low == high else f"{low} – {high}"  # noqa: RUF001 (the dash of ranges)

    def _first(self, row: Row) -> str:
        if self._ranked:
            return NOTHING if row["rank"] is None else str(row["rank"])
        period = self._words.period(row)
        return period + _told(row)


def _told(row: Row) -> str:
    """Return what is to be known of the period of a row."""
    if row["status"] == "partial":
        return f" ({row['days']} of {row['days_expected']} days)"
    return {
        "provisional": " (provisional)",
        "missing": " (no data)",
        "not_yet": " (not yet)",
    }.get(row["status"], "")
