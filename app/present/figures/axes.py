"""Axes: where the ticks are, and what they are called."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from math import ceil, floor, log10

from app.domain.periods import Interval, Window, add_months
from app.present.figures import marks, text
from app.present.figures.marks import Layer, Line, Word
from app.present.figures.reading import Measure, Period, Reading
from app.present.figures.sheet import Sheet
from app.present.figures.tongue import Tongue

_STEPS = (1, 2, 2.5, 5, 10)
_TICKS = 4
_MILLION = 1_000_000
_AIR = 1.6
_LEAST_WIDE = 2.5
"""How wide the shortest date is, and the air beside it, in its size."""


@dataclass(frozen=True, slots=True)
class Scale:
    """An axis of numbers: its ends, and its ticks as they are written."""

    low: float
    high: float
    ticks: tuple[tuple[float, str], ...]

    def part(self, value: float) -> float:
        """Return where a number is, from 0 at the low end to 1 at the high one."""
        return (value - self.low) / (self.high - self.low)


def scale(reading: Reading, low: int, high: int) -> Scale:
    """Return the axis for numbers of a reading from `low` to `high`, and 0."""
    fraction = reading.measure.is_fraction
    least, most = min(low, 0), max(high, 0)
    if most == least:
        most = _MILLION if fraction else 1
    step = _step((most - least) / _TICKS)
    first, last = floor(least / step), ceil(most / step)
    if reading.measure is Measure.SHARE:
        # Parts that were rounded may sum to a little more than the whole.
        last = min(last, floor(_MILLION / step))
    values = [round(n * step) for n in range(first, last + 1)]
    top = max(values[-1], most)
    ticks = tuple((reading.number(v), _ticked(reading, v)) for v in values)
    return Scale(reading.number(min(values[0], least)), reading.number(top), ticks)


def _step(rough: float) -> float:
    power = 10.0 ** floor(log10(rough)) if rough > 0 else 1.0
    found = next(s * power for s in _STEPS if s * power >= rough * 0.999)
    return max(found, 1.0)


def _ticked(reading: Reading, value: int) -> str:
    if reading.measure.is_fraction:
        return reading.tongue.ticked(value)
    return reading.tongue.short(value)


def moment(day: date) -> float:
    """Return the start of a day in milliseconds, as temporal scales have it."""
    return datetime.combine(day, time(), UTC).timestamp() * 1000


def middle(period: Period) -> float:
    """Return the middle of a period in milliseconds."""
    return (moment(period.window.first) + _end(period.window)) / 2


def _end(window: Window) -> float:
    return moment(window.last) + timedelta(days=1).total_seconds() * 1000


@dataclass(frozen=True)
class Span:
    """An axis of time, from the first day of the first period to the last of all."""

    periods: Sequence[Period]
    width: float

    @property
    def domain(self) -> list[float]:
        """Both ends in milliseconds."""
        first, last = self.periods[0].window, self.periods[-1].window
        return [moment(first.first), _end(last)]

    def pixel(self, milliseconds: float) -> float:
        """Return where a moment is."""
        first, last = self.domain
        return (milliseconds - first) / (last - first) * self.width

    def edges(self, period: Period) -> tuple[float, float]:
        """Return where a period begins and ends."""
        begun, end = moment(period.window.first), _end(period.window)
        return self.pixel(begun), self.pixel(end)

    def ticks(self, interval: str, tongue: Tongue, size: float) -> list[Word]:
        """Return as many names of times as have room, at their places."""
        if interval in {Interval.DAY, Interval.WEEK}:
            return self._dates(tongue, size)
        return self._names(interval, tongue, size)

    def _names(self, interval: str, tongue: Tongue, size: float) -> list[Word]:
        """Return names of the periods, each in the middle of its period."""
        named = [
            Word(self.pixel(middle(p)), 0, _called(p, interval, tongue))
            for p in self.periods
        ]
        steps = range(1, len(named))
        fitting = (n for n in steps if _fit(named[::n], self.width, size))
        return named[:: next(fitting, len(named))]

    def _dates(self, tongue: Tongue, size: float) -> list[Word]:
        """Return dates, each where its day begins; the closest that have room."""
        steps = [*self._days(tongue, size), *self._months(tongue)]
        fitting = (placed for placed in steps if _fit(placed, self.width, size))
        return next(fitting, [])

    def _days(self, tongue: Tongue, size: float) -> Iterator[list[Word]]:
        first, last = self.periods[0].window.first, self.periods[-1].window.last
        for step in (1, 2, 7, 14):
            days = range(0, (last - first).days + 1, step)
            # Not even tried: there may be thousands.
            if len(days) * size * _LEAST_WIDE <= self.width:
                dates = (first + timedelta(n) for n in days)
                yield [Word(self._at(d), 0, tongue.short_day(d)) for d in dates]

    def _months(self, tongue: Tongue) -> Iterator[list[Word]]:
        first, last = self.periods[0].window.first, self.periods[-1].window.last
        for step in (1, 2, 3, 6, 12, 24, 60):
            starts = _starts(first, last, step)
            yield [Word(self._at(d), 0, tongue.month(d, short=True)) for d in starts]

    def _at(self, day: date) -> float:
        return self.pixel(moment(day))


def _starts(first: date, last: date, months: int) -> list[date]:
    begun = first.replace(day=1, month=1) if months > 1 else first.replace(day=1)
    found = []
    while begun <= last:
        if begun >= first:
            found.append(begun)
        begun = add_months(begun, months)
    return found


def _called(period: Period, interval: str, tongue: Tongue) -> str:
    if interval == Interval.MONTH:
        return tongue.month(period.window.first, short=True)
    if interval == Interval.YEAR:
        return tongue.year(period.window.first)
    return period.name


def _fit(placed: Sequence[Word], room: float, size: float) -> bool:
    """Whether names stand side by side, each around its place."""
    end = -size
    for x, _, name in placed:
        wide = text.width(name, size)
        begun = min(max(x - wide / 2, 0), room - wide)
        if begun < end + size * (_AIR - 1):
            return False
        end = begun + wide
    return True


def horizontal(
    sheet: Sheet, reading: Reading, span: Span, height: float
) -> list[Layer]:
    """Return the axis of time below a plot."""
    size = sheet.small
    ticks = span.ticks(reading.resolved["interval"], reading.tongue, size)
    y = height + size * 1.6
    placed = []
    for x, _, name in ticks:
        half = text.width(name, size) / 2
        placed.append(Word(min(max(x, half), span.width - half), y, name))
    stubs = [Line(x, height, x, height + size * 0.4) for x, _, _ in ticks]
    return [
        marks.lines("x-ticks", stubs, sheet.colours.soft),
        marks.words("x-labels", placed, size, sheet.colours.soft, align="center"),
    ]


def vertical(sheet: Sheet, axis: Scale, width: float, height: float) -> list[Layer]:
    """Return the axis of numbers left of a plot, with lines across it."""
    size, colours = sheet.small, sheet.colours
    places = [(height * (1 - axis.part(value)), name) for value, name in axis.ticks]
    grid = [Line(0, y, width, y) for y, _ in places]
    names = [Word(-size * 0.5, y, name) for y, name in places]
    return [
        marks.lines("grid", grid, colours.grid),
        marks.words(
            "y-labels", names, size, colours.soft, align="right", baseline="middle"
        ),
    ]


def room_left(sheet: Sheet, axis: Scale) -> float:
    """Return the pixels that the names of ticks take on the left."""
    widest = max(text.width(name, sheet.small) for _, name in axis.ticks)
    return round(widest + sheet.small * 0.7)
