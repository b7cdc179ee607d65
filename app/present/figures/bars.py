"""Groups of one window: bars with their bounds, and ranks where they have some."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from app.present.figures import axes, marks, text
from app.present.figures.axes import Scale
from app.present.figures.colouring import coloured
from app.present.figures.marks import Layer, Line, Word
from app.present.figures.reading import Cell, Group, Reading
from app.present.figures.sheet import Plot, Sheet

MOST = 40
_NAMES = 0.34
_ROW, _TALL_ROW = 2.0, 3.1
_BAR = 0.62


@dataclass(frozen=True, slots=True)
class _Bar:
    group: Group
    cell: Cell
    colour: str
    top: float
    number: str
    bounds: str
    beside: str

    def name(self) -> str:
        rank = self.cell.row.get("rank")
        return self.group.name if rank is None else f"{rank}. {self.group.name}"


def drawn(sheet: Sheet, reading: Reading) -> Plot:
    """Return the groups of the only period of a reading."""
    bars = _bars(sheet, reading)
    row = sheet.size * (_TALL_ROW if sheet.narrow else _ROW)
    height = round(row * len(bars) + sheet.size * 0.2)
    columns = _Columns.of(sheet, bars)
    layers = _layers(sheet, reading, bars, columns)
    left = sheet.room - columns.bar - columns.right
    plot = Plot(columns.bar, height, left, columns.right, layers=layers)
    beyond = sum(1 for n in range(len(reading.groups)) if reading.cell(n)) - len(bars)
    if beyond:
        plot.notes.append(f"{beyond} more groups are in the data.")
    return plot


def _bars(sheet: Sheet, reading: Reading) -> list[_Bar]:
    row = sheet.size * (_TALL_ROW if sheet.narrow else _ROW)
    several = reading.question != "rankings"
    colours = coloured(reading, sheet.colours) if several else []
    found: list[_Bar] = []
    for at, group in enumerate(reading.groups):
        cell = reading.cell(at)
        if cell is None or len(found) == MOST:
            continue
        usual = sheet.colours.unknown if group.reserved else sheet.colours.hues[0]
        colour = (
            usual if not several or colours[at] == sheet.colours.thin else colours[at]
        )
        top = row * len(found)
        told, bounds = reading.told(cell.value), reading.bounds(cell)
        found.append(
            _Bar(group, cell, colour, top, told, bounds, _beside(reading, cell))
        )
    return found


def _beside(reading: Reading, cell: Cell) -> str:
    """Return how a rank or a number has changed, if that is known."""
    row = cell.row
    was, rank = row.get("previous_rank"), row.get("rank")
    if was is not None and rank is not None:
        moved = cast("int", was) - cast("int", rank)
        return f"▲{moved}" if moved > 0 else f"▼{-moved}" if moved < 0 else "="
    grown = row.get("growth")
    if grown is not None and reading.question != "rankings":
        return reading.tongue.growth(cast("int", grown))
    return ""


@dataclass(frozen=True, slots=True)
class _Columns:
    """Pixels of each column: bars, numbers, bounds, and what stands beside."""

    bar: float
    number: float
    bounds: float
    beside: float
    gap: float

    @property
    def right(self) -> float:
        columns = (self.number, self.bounds, self.beside)
        return sum(column + self.gap for column in columns if column)

    @classmethod
    def of(cls, sheet: Sheet, bars: Sequence[_Bar]) -> "_Columns":
        size, small = sheet.size, sheet.small
        number = _widest([b.number for b in bars], size, bold=True)
        bounds = 0.0 if sheet.narrow else _widest([b.bounds for b in bars], small)
        beside = _widest([b.beside for b in bars], small)
        names = _widest([b.name() for b in bars], size)
        left = 0.0 if sheet.narrow else min(names + size * 0.8, sheet.room * _NAMES)
        gap = size * 0.6
        found = cls(0, number, bounds, beside, gap)
        return cls(sheet.room - left - found.right, number, bounds, beside, gap)


def _widest(texts: Sequence[str], size: float, *, bold: bool = False) -> float:
    return max((text.width(t, size, bold=bold) for t in texts), default=0)


def _layers(
    sheet: Sheet, reading: Reading, bars: Sequence[_Bar], columns: _Columns
) -> list[Layer]:
    cells = [bar.cell for bar in bars]
    axis = axes.scale(reading, min(c.low for c in cells), max(c.high for c in cells))
    thick = sheet.size * _BAR * 1.6
    found = [
        marks.boxes(
            "track", _tracks(sheet, bars, columns.bar, thick), sheet.colours.track
        ),
        _data(sheet, reading, bars, axis, columns.bar, thick),
    ]
    found += _whiskers(sheet, reading, bars, axis, columns.bar, thick)
    return [*found, *_words(sheet, bars, columns, thick)]


def _place(sheet: Sheet, bar: _Bar, thick: float) -> tuple[float, float]:
    """Return top and bottom of a bar: below its name, or beside it."""
    row = sheet.size * (_TALL_ROW if sheet.narrow else _ROW)
    top = bar.top + row - thick - sheet.size * 0.35
    return top, top + thick


def _tracks(
    sheet: Sheet, bars: Sequence[_Bar], width: float, thick: float
) -> list[Line]:
    places = [_place(sheet, bar, thick) for bar in bars]
    return [Line(0, top, width, bottom) for top, bottom in places]


def _data(
    sheet: Sheet,
    reading: Reading,
    bars: Sequence[_Bar],
    axis: Scale,
    width: float,
    thick: float,
) -> Layer:
    values = []
    for bar in bars:
        top, bottom = _place(sheet, bar, thick)
        value = reading.number(bar.cell.value)
        values.append(
            {
                "group": bar.group.name,
                "value": value,
                "number": reading.in_full(bar.cell.value),
                "bounds": bar.bounds or bar.number,
                "colour": bar.colour,
                "x": round(axis.part(value) * width, 1),
                "x2": round(axis.part(0) * width, 1),
                "y": round(top, 1),
                "y2": round(bottom, 1),
            }
        )
    return marks.layer(
        "data",
        values,
        {"type": "rect"},
        x=marks.at("x"),
        x2={"field": "x2"},
        y=marks.at("y"),
        y2={"field": "y2"},
        fill={"field": "colour", "type": "nominal", "scale": None},
        tooltip=marks.tooltip("group", "number", "bounds"),
    )


def _whiskers(
    sheet: Sheet,
    reading: Reading,
    bars: Sequence[_Bar],
    axis: Scale,
    width: float,
    thick: float,
) -> list[Layer]:
    lines: list[Line] = []
    for bar in bars:
        ends = (bar.cell.low, bar.cell.high)
        low, high = (axis.part(reading.number(v)) * width for v in ends)
        if high - low < 1:
            continue
        top, bottom = _place(sheet, bar, thick)
        middle, reach = (top + bottom) / 2, (bottom - top) / 4
        lines.append(Line(low, middle, high, middle))
        lines += [Line(x, middle - reach, x, middle + reach) for x in (low, high)]
    return [marks.lines("bounds", lines, sheet.colours.ink, width=1.2)] if lines else []


def _words(
    sheet: Sheet, bars: Sequence[_Bar], columns: _Columns, thick: float
) -> list[Layer]:
    size, small, colours = sheet.size, sheet.small, sheet.colours
    left = sheet.room - columns.bar - columns.right
    room = columns.bar + columns.right if sheet.narrow else left - size * 0.6
    names, numbers, bounds, beside = [], [], [], []
    for bar in bars:
        top, bottom = _place(sheet, bar, thick)
        y = (top + bottom) / 2 + size * 0.35
        name = text.cut(bar.name(), room, size)
        above = Word(0, top - size * 0.3, name)
        names.append(above if sheet.narrow else Word(-left, y, name))
        x = columns.bar + columns.gap + columns.number
        numbers.append(Word(x, y, bar.number))
        if columns.bounds:
            x += columns.gap + columns.bounds
            bounds.append(Word(x, y, bar.bounds))
        x += columns.gap + columns.beside
        beside.append(Word(x, y, bar.beside))
    found = [
        marks.words("names", names, size, colours.ink),
        marks.words("numbers", numbers, size, colours.ink, align="right", bold=True),
    ]
    if columns.bounds:
        found.append(marks.words("ranges", bounds, small, colours.soft, align="right"))
    if columns.beside:
        found.append(marks.words("beside", beside, small, colours.soft, align="right"))
    return found


def ranks_move(reading: Reading) -> bool:
    """Whether some rank can be compared with the window before."""
    return any(c.row.get("previous_rank") is not None for c in reading.cells.values())
