"""A report as what is drawn: periods, groups, and a cell where they meet."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import cast

from app.domain.datasets import Status
from app.domain.periods import Interval, Window
from app.domain.registry import NONE, OTHER, REST, UNKNOWN
from app.domain.reports import Report
from app.present.figures.text import clean
from app.present.figures.tongue import Tongue

_RESERVED = (UNKNOWN, OTHER, REST)
_DAY = timedelta(days=1)
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


@dataclass(frozen=True, slots=True)
class Period:
    """A period, as it is called and as far as it is known."""

    window: Window
    name: str
    status: Status
    days: str

    @property
    def start(self) -> str:
        """Its first day."""
        return str(self.window.first)

    @property
    def end(self) -> str:
        """The day after its last one."""
        last = self.window.last
        return str(last + _DAY if last < date.max else last)

    @property
    def missing(self) -> bool:
        """Whether there is nothing to be seen of it."""
        return self.status in {Status.MISSING, Status.NOT_YET}


@dataclass(frozen=True, slots=True)
class Group:
    """A group, as it is called."""

    key: tuple[str, ...]
    name: str

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
    windows: dict[Window, int] = {}
    groups: dict[tuple[str, ...], int] = {}
    named: list[Group] = []
    periods: list[Period] = []
    cells: dict[tuple[int, int], Cell] = {}
    for row in report.rows():
        window = Window(
            cast("date", row["period_start"]), cast("date", row["period_end"])
        )
        if window not in windows:
            windows[window] = len(windows)
            periods.append(_period(row, window, tongue))
        key = tuple(str(row[d]) for d in dimensions)
        if key not in groups:
            groups[key] = len(groups)
            named.append(Group(key, _name(row, dimensions, tongue)))
        cell = _cell(row, measure)
        if cell is not None:
            cells[groups[key], windows[window]] = cell
    return Reading(
        question,
        measure,
        clean(report.title),
        report.meta,
        resolved,
        tongue,
        periods,
        named,
        cells,
        hovered,
    )


def _measure(question: str, resolved: Mapping[str, str]) -> Measure:
    if question == "volume":
        return Measure.VOLUME
    by = {"growth": Measure.GROWTH, "trending": Measure.TREND}
    return by.get(resolved.get("sort", ""), Measure.SHARE)


def _period(row: Mapping[str, object], window: Window, tongue: Tongue) -> Period:
    days = f"{row['days']}/{row['days_expected']}" if "days" in row else ""
    return Period(window, tongue.span(window), Status(str(row["status"])), days)


def _name(row: Mapping[str, object], dimensions: Sequence[str], tongue: Tongue) -> str:
    return tongue.listed([_called(row, d, tongue) for d in dimensions])


def _called(row: Mapping[str, object], dimension: str, tongue: Tongue) -> str:
    value, name = str(row[dimension]), clean(str(row[f"{dimension}_name"]))
    if dimension == _ORIGIN and value not in _RESERVED:
        return tongue.country(value, name)
    return name or clean(value) or "?"


def _cell(row: Mapping[str, object], measure: Measure) -> Cell | None:
    value = row[measure]
    if value is None:
        return None
    low, high = row.get(f"{measure}_low", value), row.get(f"{measure}_high", value)
    # What grows has no bounds.
    found, least, most = (
        cast("int", value if v is None else v) for v in (value, low, high)
    )
    return Cell(found, least, most, row)
