"""The rows of an answer as a short table, and the one number where there is one."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.web import plain
from app.web.plain import NOTHING
from app.web.words import Words

MOST = 50
"""Rows that are shown; the others are in the CSV."""

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Table:
    """The newest rows of an answer, as text.

    Attributes:
        heads: Columns.
        named: Which column says what a row is about.
        labels: How many columns are none of numbers; they come first.
        rows: Cells, a text each.
        total: Rows of the answer.
    """

    heads: Sequence[str]
    named: int
    labels: int
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
    """Return the rows of an answer of `/v1/<kind>`, the newest first."""
    resolved = answer["meta"]["query"]["resolved"]
    rows = sorted(answer["data"], key=lambda row: row["period_start"], reverse=True)
    shown = rows[:MOST]
    first = _Column("Rank", _rank) if kind == "rankings" else _Column("Period", _period)
    labels = [first, *_labels(resolved["group_by"])]
    columns = [*labels, *_numbers(kind, resolved.get("sort"), shown)]
    return Table(
        [column.head for column in columns],
        1 if kind == "rankings" else 0,
        len(labels),
        [[column.write(row, words) for column in columns] for row in shown],
        len(rows),
    )


@dataclass(frozen=True, slots=True)
class _Column:
    head: str
    write: Callable[[Row, Words], str]


def _labels(group_by: str) -> Iterator[_Column]:
    for dimension in group_by.split(","):
        if dimension != "none":
            key = f"{dimension}_name"
            yield _Column(plain.dimension(dimension).capitalize(), _text(key))


def _numbers(kind: str, sort: str | None, rows: Sequence[Row]) -> Iterator[_Column]:
    """Yield the measure with its bounds, and what it is compared with."""
    measure = "volume" if kind == "volume" else "share"
    write = Words.volume if measure == "volume" else Words.share
    yield _Column(measure.capitalize(), _number(write, measure))
    yield _Column("Bounds", _bounds(write, measure))
    if kind != "rankings" and rows and "previous" in rows[0]:
        yield _Column("Before", _number(write, "previous"))
        yield _Column("Growth", _number(Words.growth, "growth"))
    if sort == "growth":
        yield _Column("Growth", _number(Words.growth, "growth"))
    if sort == "trending":
        yield _Column("Trend", _number(Words.volume, "trend"))


def _text(key: str) -> Callable[[Row, Words], str]:
    return lambda row, _: str(row[key])


def _number(
    write: Callable[[Words, Any], str], key: str
) -> Callable[[Row, Words], str]:
    return lambda row, words: write(words, row[key])


def _bounds(
    write: Callable[[Words, Any], str], measure: str
) -> Callable[[Row, Words], str]:
    def bounds(row: Row, words: Words) -> str:
        low, high = (write(words, row[f"{measure}_{end}"]) for end in ("low", "high"))
        return low if low == high else f"{low} – {high}"  # noqa: RUF001 (of ranges)

    return bounds


def _rank(row: Row, words: Words) -> str:
    del words
    return NOTHING if row["rank"] is None else str(row["rank"])


def _period(row: Row, words: Words) -> str:
    """Return the period of a row, and what is to be known of it."""
    told = {
        "partial": f" ({row['days']} of {row['days_expected']} days)",
        "provisional": " (provisional)",
        "missing": " (no data)",
        "not_yet": " (not yet)",
    }
    return words.period(row) + told.get(row["status"], "")
