"""One number: written large, and on a bar with its bounds."""

from app.present.figures import axes, marks, text
from app.present.figures.marks import Line, Word
from app.present.figures.reading import Cell, Measure, Reading
from app.present.figures.sheet import Plot, Sheet

_LARGE, _BASE, _TALL = 3.4, 0.95, 1.4
_BAR = 1.7
_WHOLE = 1_000_000


def nothing(sheet: Sheet, said: str) -> Plot:
    """Return what is drawn where there is no number: a sentence that says so."""
    size = sheet.size * 1.2
    height = round(size * 4)
    lines = text.wrapped(said, sheet.room, size, most=3)
    placed = [
        Word(0, size * 1.6 + n * sheet.leading(size), line)
        for n, line in enumerate(lines)
    ]
    layers = [marks.words("nothing", placed, size, sheet.colours.soft)]
    return Plot(sheet.room, height, layers=layers)


def drawn(sheet: Sheet, reading: Reading, cell: Cell) -> Plot:
    """Return the only number of a reading."""
    words, top = _words(sheet, reading, cell)
    bar = round(sheet.size * _BAR)
    layers = [*_bar(sheet, reading, cell, top, bar), *words]
    return Plot(sheet.room, top + bar + round(sheet.small * 2), layers=layers)


def _words(
    sheet: Sheet, reading: Reading, cell: Cell
) -> tuple[list[marks.Layer], float]:
    """Return the number and what is said of it, and the pixels they take."""
    number, said = reading.told(cell.value), _said(reading, cell)
    size, leading = sheet.size, sheet.leading(sheet.size)
    fits = sheet.room * 1000 / max(text.width(number, 1000, bold=True), 1)
    large = round(min(size * _LARGE, sheet.room / 5, fits), 1)
    x, base = text.width(number, large, bold=True) + size, large * _BASE
    y = base - leading * (len(said) - 1)
    if any(text.width(line, size) > sheet.room - x for line in said):
        # There is no room beside the number: below it.
        x, y = 0, base + leading * 1.1
    lines = [
        Word(x, y + leading * n, text.cut(line, sheet.room - x, size))
        for n, line in enumerate(said)
    ]
    bottom = base + large * (_TALL - _BASE)
    bottom = max([bottom, *(line.y + size * 0.7 for line in lines)])
    return [
        marks.words(
            "number", [Word(0, base, number)], large, sheet.colours.ink, bold=True
        ),
        marks.words("beside", lines, size, sheet.colours.soft),
    ], round(bottom)


def _said(reading: Reading, cell: Cell) -> list[str]:
    bounds = reading.bounds(cell)
    said = [] if reading.measure is Measure.SHARE else [reading.unit]
    return [*said, f"bounds {bounds}"] if bounds else said


def _bar(
    sheet: Sheet, reading: Reading, cell: Cell, top: float, height: float
) -> list[marks.Layer]:
    colours, width = sheet.colours, sheet.room
    most = _WHOLE if reading.measure is Measure.SHARE else cell.high
    axis = axes.scale(reading, min(cell.low, 0), most)

    def pixel(value: int) -> float:
        return axis.part(reading.number(value)) * width

    low, at, high = map(pixel, (cell.low, cell.value, cell.high))
    hue = colours.hues[0]
    bottom = top + height
    row = {
        "value": reading.number(cell.value),
        "low": reading.number(cell.low),
        "high": reading.number(cell.high),
        **reading.on_hover(reading.groups[0].name, cell),
        "x": round(at, 1),
        "y": top,
        "x2": 0,
        "y2": bottom,
    }
    measured = marks.layer(
        "data",
        [row],
        {"type": "rect", "fill": hue},
        x=marks.at("x"),
        y=marks.at("y"),
        x2={"field": "x2"},
        y2={"field": "y2"},
        **marks.tooltip([row], "number", "bounds", "status"),
    )
    ticks = [
        Word(
            _inside(axis.part(v) * width, name, sheet), bottom + sheet.small * 1.5, name
        )
        for v, name in axis.ticks
    ]
    middle = (top + bottom) / 2
    whisker = [Line(low, middle, high, middle)]
    ends = [
        Line(x, top + height * 0.25, x, bottom - height * 0.25) for x in (low, high)
    ]
    found = [
        marks.boxes("track", [Line(0, top, width, bottom)], colours.track),
        measured,
        marks.boxes("band", [Line(low, top, high, bottom)], hue, fillOpacity=0.35),
        marks.words("x-labels", ticks, sheet.small, colours.soft, align="center"),
    ]
    if high - low >= 1:
        found.append(marks.lines("bounds", [*whisker, *ends], colours.ink, width=1.5))
    return found


def _inside(x: float, name: str, sheet: Sheet) -> float:
    half = text.width(name, sheet.small) / 2
    return min(max(x, half), sheet.room - half)
