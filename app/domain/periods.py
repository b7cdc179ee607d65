"""UTC calendar arithmetic: intervals, windows, and the spellings of a date.

A day is a `date`, always UTC. A window includes its first and its last day.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import MAXYEAR, date, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Self

_DAY = timedelta(days=1)


class Interval(StrEnum):
    """How long one period of a series is. Weeks are ISO weeks (Monday)."""

    # An enumeration is hashed in Python; a text keeps its hash.
    __hash__ = str.__hash__

    TOTAL = "total"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"

    def start(self, day: date) -> date:
        """Return the first day of the period that holds `day`."""
        match self:
            case Interval.WEEK:
                return day - timedelta(days=day.weekday())
            case Interval.MONTH:
                return day.replace(day=1)
            case Interval.QUARTER:
                return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
            case Interval.YEAR:
                return day.replace(month=1, day=1)
            case Interval.DAY | Interval.TOTAL:
                return day

    def end(self, day: date) -> date:
        """Return the last day of the period that holds `day`."""
        start = self.start(day)
        match self:
            case Interval.WEEK:
                return start + timedelta(days=6)
            case Interval.MONTH:
                return add_months(start, 1) - _DAY
            case Interval.QUARTER:
                return add_months(start, 3) - _DAY
            case Interval.YEAR:
                return date(start.year, 12, 31)
            case Interval.DAY | Interval.TOTAL:
                return start


def add_months(day: date, months: int) -> date:
    """Return the first day of the month `months` after the month of `day`."""
    index = day.year * 12 + day.month - 1 + months
    return date(index // 12, index % 12 + 1, 1)


_OF_LENGTH = {
    7: Interval.WEEK,
    **dict.fromkeys(range(28, 32), Interval.MONTH),
    **dict.fromkeys(range(90, 93), Interval.QUARTER),
    **dict.fromkeys((365, 366), Interval.YEAR),
}
"""By number of days, the only calendar unit that can have so many."""


@dataclass(frozen=True, order=True, slots=True)
class Window:
    """Whole UTC days from `first` to `last`, both included."""

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.last < self.first:
            msg = f"a window cannot end ({self.last}) before it starts ({self.first})"
            raise ValueError(msg)

    def __len__(self) -> int:
        return (self.last - self.first).days + 1

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last

    def days(self) -> Iterator[date]:
        """Yield every day, ascending."""
        return (self.first + timedelta(days=n) for n in range(len(self)))

    def overlap(self, other: Self) -> Self | None:
        """Return the days in both windows, or None if there are none."""
        first, last = max(self.first, other.first), min(self.last, other.last)
        return type(self)(first, last) if first <= last else None

    def periods(self, interval: Interval) -> list["Window"]:
        """Return the calendar periods that overlap this window, uncut, ascending.

        For `total` that is the window itself.
        """
        if interval is Interval.TOTAL:
            return [self]
        found = []
        day = self.first
        while True:
            period = Window(interval.start(day), interval.end(day))
            found.append(period)
            if period.last >= self.last:
                return found
            day = period.last + _DAY

    def calendar_kind(self) -> Interval | None:
        """Return week, month, quarter or year if this is exactly one; else None."""
        kind = _OF_LENGTH.get(len(self))
        if kind and (kind.start(self.first), kind.end(self.first)) == (
            self.first,
            self.last,
        ):
            return kind
        return None

    def previous(self) -> "Window":
        """Return the window to compare with.

        The preceding period of the same calendar kind if this is exactly one week,
        month, quarter or year; otherwise the same number of days just before, or as
        many as the calendar has.
        """
        last = self.first - _DAY
        kind = self.calendar_kind()
        if kind:
            return Window(kind.start(last), last)
        days = min(len(self), last.toordinal())
        return Window(self.first - timedelta(days=days), last)


_SPELLINGS = re.compile(
    r"(?P<year>[0-9]{4})"
    r"(?:-(?:(?P<month>[0-9]{2})(?:-(?P<day>[0-9]{2}))?"
    r"|W(?P<week>[0-9]{2})|Q(?P<quarter>[1-4])))?",
    re.ASCII,
)


@lru_cache(maxsize=4096)
def parse_date(text: str) -> Window:
    """Read `YYYY-MM-DD`, `YYYY-MM`, `YYYY-Www`, `YYYY-Qn` or `YYYY` as its days.

    Raises:
        ValueError: The text has another form, or there is no such day.
    """
    match = _SPELLINGS.fullmatch(text)
    if match is None:
        msg = "not a date of the form YYYY-MM-DD, YYYY-MM, YYYY-Www, YYYY-Qn or YYYY"
        raise ValueError(msg)
    part = {name: int(value) for name, value in match.groupdict(default=0).items()}
    year = part["year"]
    if not 1 < year < MAXYEAR:
        msg = "the year is out of range"
        raise ValueError(msg)
    if match["week"]:
        day, interval = date.fromisocalendar(year, part["week"], 1), Interval.WEEK
    elif match["quarter"]:
        day, interval = date(year, part["quarter"] * 3 - 2, 1), Interval.QUARTER
    elif match["day"]:
        day, interval = date(year, part["month"], part["day"]), Interval.DAY
    elif match["month"]:
        day, interval = date(year, part["month"], 1), Interval.MONTH
    else:
        day, interval = date(year, 1, 1), Interval.YEAR
    return Window(interval.start(day), interval.end(day))


_SPANS = re.compile(r"([1-9][0-9]{0,3})([dwmy])", re.ASCII)
_UNITS = {
    "d": Interval.DAY,
    "w": Interval.WEEK,
    "m": Interval.MONTH,
    "y": Interval.YEAR,
}


@dataclass(frozen=True, slots=True)
class Span:
    """A relative window: `count` whole units up to the last complete one, or all."""

    count: int
    unit: Interval

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `28d`, `12w`, `6m`, `2y` or `all`.

        Raises:
            ValueError: The text has another form.
        """
        if text == "all":
            return cls(0, Interval.TOTAL)
        match = _SPANS.fullmatch(text)
        if match is None:
            msg = "not a window such as 28d, 12w, 6m, 2y or all"
            raise ValueError(msg)
        return cls(int(match[1]), _UNITS[match[2]])

    def __str__(self) -> str:
        if self.unit is Interval.TOTAL:
            return "all"
        return f"{self.count}{self.unit.value[0]}"

    def before(self, first: date, last: date) -> Window:
        """Return the window whose last unit is the last whole one up to `last`.

        Args:
            first: First day there is; the window for `all` starts here.
            last: Last complete day there is.

        Returns:
            The window, not clamped to `first`, except that it starts in year 2 at the
            earliest. A unit that ends after `last` is not whole, so a window of weeks
            may end up to six days before `last`.
        """
        if self.unit is Interval.TOTAL:
            return Window(first, last)
        end = last
        if self.unit.end(last) != last:
            end = self.unit.start(last) - _DAY
        return Window(self._start(end), end)

    def _start(self, end: date) -> date:
        floor = date(2, 1, 1)
        match self.unit:
            case Interval.DAY:
                days = self.count - 1
            case Interval.WEEK:
                days = self.count * 7 - 1
            case _:
                months = self.count * (12 if self.unit is Interval.YEAR else 1)
                there = (end.year - floor.year) * 12 + end.month
                return add_months(end, 1 - min(months, there))
        return end - timedelta(days=min(days, (end - floor).days))
