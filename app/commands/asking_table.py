"""Answers as tables for a terminal: what is asked, in figures and in a line each."""

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from io import TextIOWrapper
from typing import Any, NamedTuple

import httpx2
from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from app.client import Answer
from app.commands.asking_sparks import bar, percent, short, spark

Row = Mapping[str, Any]

_PIPED = 120
"""Columns where no terminal says how many there are."""
_GAP = 2
_PICTURE = "cyan"
_MOST_BAR = 24
_LEAST_SPARK = 4
_FAIR_SPARK = 12
_LEAST_LABEL = 16
_LEAST_COLUMNS = 2

COLUMNS = {
    "models": ("slug", "name", "origin", "weights", "volume_28d"),
    "providers": ("slug", "name", "origin_name", "models", "volume_28d"),
    "origins": ("origin", "origin_name", "providers", "models", "volume_28d"),
    "datasets": ("slug", "name", "license", "first_day", "last_day"),
}
"""Of each list what a table shows, as far as there is room."""

_COUNTS = {"volume_28d", "models", "providers"}


class Column(NamedTuple):
    """One column: its heading, its cells, and whether they are numbers."""

    heading: str
    cells: list[str]
    numbers: bool = False
    style: str = ""

    @property
    def width(self) -> int:
        """Cells of the terminal that it takes."""
        return max(map(cell_len, (self.heading, *self.cells)))


def console() -> Console:
    """Return standard output: as wide as it is, or wide where nobody says."""
    if isinstance(sys.stdout, TextIOWrapper):
        # A character that it has not is no reason to say nothing.
        sys.stdout.reconfigure(errors="replace")
    out = Console(highlight=False)
    if not out.is_terminal and "COLUMNS" not in os.environ:
        out.width = _PIPED
    return out


def show_question(out: Console, answer: Answer) -> None:
    """Print an answer to share, volume or rankings: a line for each group."""
    _say(out, answer.meta["quote"], style="bold")
    if answer.rows:
        columns = _of_groups(out, answer)
        out.print(_table(columns, out.width))
        drawn = any(column.style == _PICTURE for column in columns)
        _say(out, _about(answer.rows, drawn=drawn), style="dim")
    for warning in answer.meta["warnings"]:
        _say(out, f"Note: {warning}.")
    _say(out, answer.meta["citation"], style="dim")


def show_list(out: Console, name: str, answer: Answer) -> None:
    """Print a page of a list."""
    rows = answer.rows
    if rows:
        out.print(_table(_fitting(_of_list(name, rows), out.width), out.width))
    _say(out, f"{len(rows)} of {answer.meta['count']}. {answer.meta['quote']}")
    following = answer.links.get("next")
    if following:
        cursor = httpx2.URL(following).params["cursor"]
        _say(out, f"The next: --cursor {cursor}", style="dim")


def clean(text: object) -> str:
    """Return a text without what a terminal would obey."""
    return "".join(
        c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in str(text)
    )


def _say(out: Console, text: str, style: str = "") -> None:
    # Where it is read by a program, a sentence stays on its line.
    out.print(Text(clean(text), style), soft_wrap=not out.is_terminal)


# Questions


def _of_groups(out: Console, answer: Answer) -> list[Column]:
    first = answer.rows[0]
    dimensions = [name for name in first if f"{name}_name" in first]
    groups: dict[tuple[Any, ...], list[Row]] = {}
    for row in answer.rows:
        groups.setdefault(tuple(row[d] for d in dimensions), []).append(row)
    over_time = list(groups.values())
    last = [rows[-1] for rows in over_time]
    labels = [_label(row, dimensions) for row in last]
    columns = [
        *_ranks(last),
        Column(" / ".join(dimensions).capitalize() or "Group", labels),
        *_measured(last),
    ]
    # What a line of values shows is worth more than the last volume.
    spared = _LEAST_SPARK + _GAP if len(answer.rows) > len(groups) else 0
    return _drawn(out, _kept(columns, out.width - spared), over_time)


def _label(row: Row, dimensions: Sequence[str]) -> str:
    return clean(" / ".join(str(row[f"{d}_name"]) for d in dimensions)) or "All"


def _ranks(rows: Sequence[Row]) -> list[Column]:
    if "rank" not in rows[0]:
        return []
    ranks = ["" if row["rank"] is None else str(row["rank"]) for row in rows]
    return [Column("#", ranks, numbers=True)]


def _kept(columns: list[Column], width: int) -> list[Column]:
    """Return the columns as far as there is room, from the left; the bounds always."""
    saved = _foldable(columns)
    needed = [column.heading for column in columns].index("Bounds") + 1
    kept = list(columns)
    while len(kept) > needed and _taken(kept) - saved > width:
        kept.pop()
    return kept


def _foldable(columns: Sequence[Column]) -> int:
    """Return how much narrower the names can be."""
    label = next(column for column in columns if not column.numbers)
    return max(0, label.width - _LEAST_LABEL)


def _taken(columns: Sequence[Column]) -> int:
    return sum(column.width + _GAP for column in columns)


def _measured(rows: Sequence[Row]) -> list[Column]:
    measure, _ = _measure(rows[0])
    found = [
        Column(measure.capitalize(), [_value(r) for r in rows], True, "bold"),
        Column("Bounds", [_bounds(r) for r in rows], numbers=True),
    ]
    if measure == "share":
        found.append(Column("Volume", [short(r["volume"]) for r in rows], True))
    if "growth" in rows[0]:
        changes = [_signed(row["growth"]) for row in rows]
        found.append(Column("Growth", changes, numbers=True))
    return found


def _measure(row: Row) -> tuple[str, Callable[[float | None], str]]:
    return ("share", percent) if "share" in row else ("volume", short)


def _value(row: Row) -> str:
    measure, form = _measure(row)
    return form(row[measure]) or row["status"]


def _bounds(row: Row) -> str:
    measure, form = _measure(row)
    low, high = form(row[f"{measure}_low"]), form(row[f"{measure}_high"])
    return low if low == high else f"{low}\N{EN DASH}{high}"


def _signed(growth: float | None) -> str:
    return "" if growth is None else f"{growth:+.1%}"


def _drawn(
    out: Console, columns: list[Column], over_time: Sequence[Sequence[Row]]
) -> list[Column]:
    """Return the columns with a picture of each group, if there is room for one."""
    free = out.width - _taken(columns) - _GAP
    room = max(free, min(free + _foldable(columns), _FAIR_SPARK))
    if room < _LEAST_SPARK:
        return columns
    blocks = out.encoding.startswith("utf")
    measure, _ = _measure(over_time[0][0])
    drawn = f"{measure}_smooth" if f"{measure}_smooth" in over_time[0][0] else measure
    series = [[_drawable(row, drawn) for row in rows] for rows in over_time]
    if max(map(len, series)) > 1:
        cells = [spark(values, room, blocks=blocks) for values in series]
        heading = "Over time"
    else:
        highest = max((values[0] or 0 for values in series), default=0)
        most = min(room, _MOST_BAR)
        cells = [bar(v[0], highest, most, blocks=blocks) for v in series]
        heading = ""
    picture = Column(heading if room >= len(heading) else "", cells, style=_PICTURE)
    after = next(n for n, one in enumerate(columns) if not one.numbers) + 1
    return [*columns[:after], picture, *columns[after:]]


def _drawable(row: Row, column: str) -> float | None:
    # The volume of two days looks like a fall beside those of months.
    cut = "volume" in column and row["status"] == "partial"
    found: float | None = None if cut else row[column]
    return found


def _about(rows: Sequence[Row], *, drawn: bool) -> str:
    """Say which days the figures are of, and how the lines are drawn."""
    first, last = rows[0], rows[-1]
    told = f"{last['period_start']} to {last['period_end']}, {last['status']}"
    if last.get("days", 0) != last.get("days_expected", 0):
        told += f", {last['days']} of {last['days_expected']} days"
    if not drawn or first["period_start"] == last["period_start"]:
        return f"{told}."
    return (
        f"Figures: {told}. Lines: since {first['period_start']}, each from 0 to its "
        "highest; a gap where a period is missing or cut."
    )


# Lists


def _of_list(name: str, rows: Sequence[Row]) -> list[Column]:
    return [
        Column(
            column.replace("_", " ").capitalize(),
            [_cell(column, row.get(column)) for row in rows],
            numbers=column in _COUNTS,
        )
        for column in COLUMNS[name]
    ]


def _cell(column: str, value: object) -> str:
    if value is None:
        return ""
    if column in _COUNTS and isinstance(value, int):
        return short(value)
    return clean(value)


def _fitting(columns: list[Column], width: int) -> list[Column]:
    """Return as many columns as there is room for, and two at least."""
    kept: list[Column] = []
    for column in columns:
        if len(kept) < _LEAST_COLUMNS or _taken([*kept, column]) <= width:
            kept.append(column)
    return kept


def _table(columns: Sequence[Column], width: int) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    table.width = None if _taken(columns) <= width else width
    for column in columns:
        table.add_column(
            column.heading,
            justify="right" if column.numbers else "left",
            style=column.style,
            no_wrap=column.numbers or bool(column.style),
            overflow="fold",
        )
    for cells in zip(*(column.cells for column in columns), strict=True):
        table.add_row(*map(Text, cells))
    return table
