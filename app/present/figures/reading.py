"""A report as what is drawn: periods, groups, and a cell where they meet."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import cast

from app.domain.datasets import Status
from app.domain.periods import Interval, Window
from app.domain.registry import NONE, OTHER, REST, UNKNOWN
from app.domain.reports import Report
from app.present.figures.text import clean
from app.present.figures.tongue import Tongue

MOST_PERIODS = 730
"""Periods that a figure draws: two years of days."""

_RESERVED = (UNKNOWN, OTHER, REST)
_MILLION = 1_000_000
_ORIGIN = "origin"


class Measure(StrEnum):
    """What is drawn, and so how a number is written."""

    SHARE = "share"
    VOLUME = "volume"
    GROWTH = "growth"
    TREND = "trend"

    @property
    def is_fraction(self) -> bool:
        """Whether its numbers are millionths."""
        return self in {Measure.SHARE, Measure.GROWTH}


@dataclass(frozen=True)
class Period:
    """A period, as it is called and as far as it is known."""

    window: Window
    status: Status
    days: str
    tongue: Tongue

    @cached_property
    def name(self) -> str:
        """What it is called."""
        return self.tongue.span(self.window)

    @property
    def start(self) -> str:
        """Its first day."""
        return str(self.window.first)

    @property
    def missing(self) -> bool:
        """Whether there is nothing to be seen of it."""
        return self.status in {Status.MISSING, Status.NOT_YET}


@dataclass(frozen=True, slots=True)
class Group:
    """A group: its values and what they are called, dimension by dimension."""

    key: tuple[str, ...]
    names: tuple[str, ...]

    @property
    def name(self) -> str:
        """What it is called as a whole."""
        return " · ".join(self.names)

    @property
    def reserved(self) -> bool:
        """Whether it is what is left, and no group of its own."""
        return bool(self.key) and all(v in _RESERVED for v in self.key)


@dataclass(frozen=True, slots=True)
class Cell:
    """A number with its bounds, in millionths or in the dataset's unit.

    Attributes:
        row: All that stands in its row.
    """

    value: int
    low: int
    high: int
    row: Mapping[str, object]


@dataclass(frozen=True)
class Reading:
    """What is to be drawn.

    Attributes:
        question: `share`, `volume` or `rankings`.
        measure: Which number.
        title: What the figure shows.
        meta: What stands beside the data.
        resolved: The question spelt out.
        tongue: Forms of numbers and dates.
        cells: By group and period; none where there is no number.
        hovered: Whether numbers are shown on hover.
        step: Of how many periods one is drawn.
    """

    question: str
    measure: Measure
    title: str
    meta: Mapping[str, object]
    resolved: Mapping[str, str]
    tongue: Tongue
    periods: Sequence[Period]
    groups: Sequence[Group]
    cells: Mapping[tuple[int, int], Cell]
    hovered: bool
    step: int

    @property
    def over_time(self) -> bool:
        """Whether it has a period after another."""
        return self.resolved.get("interval", "total") != Interval.TOTAL

    @property
    def whole(self) -> bool:
        """Whether its groups sum to all there is."""
        filters = self.meta.get("numerator")
        return str(filters).startswith("all ") and self.resolved["group_by"] != NONE

    @property
    def unit(self) -> str:
        """What volumes are counted in."""
        return clean(str(self.meta["unit"]))

    def cell(self, group: int, period: int = 0) -> Cell | None:
        """Return the number of a group in a period, if there is one."""
        return self.cells.get((group, period))

    def of_group(self, group: int) -> Iterator[tuple[int, Cell]]:
        """Yield the numbers of a group, with their periods."""
        for period in range(len(self.periods)):
            cell = self.cells.get((group, period))
            if cell is not None:
                yield period, cell

    def number(self, value: int) -> float:
        """Return a number as it is drawn: a fraction, or a volume."""
        return value / _MILLION if self.measure.is_fraction else float(value)

    def told(self, value: int) -> str:
        """Return a number in short, without its unit."""
        if self.measure is Measure.GROWTH:
            return self.tongue.growth(value)
        if self.measure is Measure.SHARE:
            return self.tongue.percent(value)
        return self.tongue.amount(value)

    def on_hover(self, group: str, cell: Cell, period: int = 0) -> dict[str, str]:
        """Return what is shown of a number on hover, field by field; texts."""
        if not self.hovered:
            return {}
        when = self.periods[period]
        return {
            "group": group,
            "period": when.name,
            "number": self._in_full(cell.value),
            "bounds": self.bounds(cell) or self.told(cell.value),
            "status": str(when.status),
        }

    def _in_full(self, value: int) -> str:
        if self.measure.is_fraction:
            return self.told(value)
        return f"{self.tongue.exact(value)} {self.unit}"

    def bounds(self, cell: Cell) -> str:
        """Return the bounds of a number; nothing if they do not differ as written."""
        low, high = self.told(cell.low), self.told(cell.high)
        return f"{low}–{high}" if low != high else ""  # noqa: RUF001


def read(
    report: Report, question: str, tongue: Tongue, *, hovered: bool = False
) -> Reading:
    """Return what is to be drawn of a report.

    Args:
        report: The answer.
        question: Which question it answers: `share`, `volume` or `rankings`.
        tongue: Forms of numbers and dates.
        hovered: Whether numbers are to be shown on hover.
    """
    resolved = dict(report.resolved)
    measure = _measure(question, resolved)
    dimensions = [d for d in resolved["group_by"].split(",") if d != NONE]
    periods: dict[object, Period] = {}
    groups: dict[tuple[str, ...], Group] = {}
    found: dict[tuple[object, tuple[str, ...]], Cell] = {}
    step = _step(report)
    for row in _thinned(report, step):
        start, key = row["period_start"], tuple([str(row[d]) for d in dimensions])
        if start not in periods:
            periods[start] = _period(row, tongue)
        if key not in groups:
            names = tuple(_called(row, d, tongue) for d in dimensions)
            groups[key] = Group(key, names)
        cell = _cell(row, measure)
        if cell is not None:
            found[start, key] = cell
    return Reading(
        question,
        measure,
        clean(report.title),
        report.meta,
        resolved,
        tongue,
        list(periods.values()),
        list(groups.values()),
        _placed(found, list(periods), list(groups)),
        hovered,
        step,
    )


def _placed(
    found: Mapping[tuple[object, tuple[str, ...]], Cell],
    starts: Sequence[object],
    keys: Sequence[tuple[str, ...]],
) -> dict[tuple[int, int], Cell]:
    """Return cells by the numbers of their group and period."""
    at = {start: n for n, start in enumerate(starts)}
    of = {key: n for n, key in enumerate(keys)}
    return {(of[key], at[start]): cell for (start, key), cell in found.items()}


def _step(report: Report) -> int:
    """Return of how many periods one is drawn: no more than can be seen."""
    starts = next(c.values for c in report.columns if c.name == "period_start")
    return max(-(-len(set(starts)) // MOST_PERIODS), 1)


def _thinned(report: Report, step: int) -> Iterator[dict[str, object]]:
    """Yield the rows of every so many periods, the last one among them."""
    if step == 1:
        yield from report.rows()
        return
    starts = next(c.values for c in report.columns if c.name == "period_start")
    distinct = list(dict.fromkeys(starts))
    kept = set(distinct[::-step])
    yield from (row for row in report.rows() if row["period_start"] in kept)


def _measure(question: str, resolved: Mapping[str, str]) -> Measure:
    if question == "volume":
        return Measure.VOLUME
    by = {"growth": Measure.GROWTH, "trending": Measure.TREND}
    return by.get(resolved.get("sort", ""), Measure.SHARE)


def _period(row: Mapping[str, object], tongue: Tongue) -> Period:
    ends = (cast("date", row[f"period_{end}"]) for end in ("start", "end"))
    days = f"{row['days']}/{row['days_expected']}" if "days" in row else ""
    return Period(Window(*ends), Status(str(row["status"])), days, tongue)


def _called(row: Mapping[str, object], dimension: str, tongue: Tongue) -> str:
    value, name = str(row[dimension]), clean(str(row[f"{dimension}_name"]))
    if dimension == _ORIGIN and value not in _RESERVED:
        return tongue.country(value, name)
    return name or clean(value) or "?"


def _cell(row: Mapping[str, object], measure: Measure) -> Cell | None:
    value = cast("int | None", row[measure])
    if value is None:
        return None
    # What grows has no bounds.
    low = cast("int | None", row.get(f"{measure}_low"))
    high = cast("int | None", row.get(f"{measure}_high"))
    return Cell(
        value, value if low is None else low, value if high is None else high, row
    )
