"""Groups of one window: bars with their bounds, and ranks where they have some."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import cast

from app.present.figures import marks, text
from app.present.figures.marks import Layer, Line, Word
from app.present.figures.reading import Cell, Group, Measure, Reading
from app.present.figures.sheet import Plot, Sheet

MOST = 40
"""Bars on one figure: the others are in the data."""

_NAMES = 0.48
_ROW, _TALL_ROW, _BAR = 1.95, 2.9, 1.0
_SEEN = 1
_NOTES = {
    "moves": "▲▼: places won and lost",
    "growth": "+ −: growth",  # noqa: RUF001 (the sign)
}


def drawn(sheet: Sheet, reading: Reading) -> Plot:
    """Return the groups of the only period of a reading."""
    there = [(g, c) for n, g in enumerate(reading.groups) if (c := reading.cell(n))]
    ranked = reading.question == "rankings"
    shown = [(g, c) for g, c in there if not (ranked and g.reserved)] or there
    plot = _Bars(sheet, reading, shown[:MOST]).plot()
    if len(shown) > MOST:
        plot.notes.append(f"{len(shown) - MOST} more groups are in the data.")
    left = [
        f"{g.name} {reading.told(c.value)}" for g, c in there if (g, c) not in shown
    ]
    if left:
        plot.notes.append(f"Beside these: {reading.tongue.listed(left)}.")
    return plot


@dataclass(frozen=True)
class _Bars:
    """The bars, from top to bottom, and the columns of text beside them."""

    sheet: Sheet
    reading: Reading
    shown: Sequence[tuple[Group, Cell]]

    @property
    def row(self) -> float:
        """Pixels from one bar to the next; on a narrow sheet its name is above it."""
        return self.sheet.size * (_TALL_ROW if self.sheet.narrow else _ROW)

    @cached_property
    def columns(self) -> list[tuple[str, float, bool, list[str]]]:
        """Columns on the right that say anything: name, size, whether bold, texts."""
        size, small = self.sheet.size, self.sheet.small
        told, cells = self.reading.told, [cell for _, cell in self.shown]
        found = [("numbers", size, True, [told(c.value) for c in cells])]
        if not self.sheet.narrow:
            bounds = [self.reading.bounds(c) for c in cells]
            found.append(("ranges", small, False, bounds))
            found.append(("growth", small, False, [self._growth(c) for c in cells]))
        found.append(("moves", small, False, self._moves(cells)))
        return [column for column in found if any(column[3])]

    @cached_property
    def right(self) -> float:
        """Pixels of the columns on the right, each after a gap."""
        widths = [self._wide(column) for column in self.columns]
        return round(sum(widths) + self._gap * len(widths))

    @cached_property
    def left(self) -> float:
        """Pixels of the names on the left."""
        if self.sheet.narrow:
            return 0
        widest = max(text.width(name, self.sheet.size) for name in self.names)
        return round(min(widest + self._gap * 1.3, self.sheet.room * _NAMES))

    @cached_property
    def names(self) -> list[str]:
        """What each bar is called, behind its rank."""
        ranks = [cell.row.get("rank") for _, cell in self.shown]
        names = [group.name for group, _ in self.shown]
        pairs = zip(ranks, names, strict=True)
        return [name if rank is None else f"{rank}. {name}" for rank, name in pairs]

    @property
    def width(self) -> float:
        """Pixels of the longest bar."""
        return self.sheet.room - self.left - self.right

    def plot(self) -> Plot:
        """Return the bars with all that stands beside them."""
        layers = [self._data(), *self._whiskers(), self._zero(), self._named()]
        layers += self._numbered()
        height = round(self.row * len(self.shown) + self.sheet.size * 0.2)
        plot = Plot(self.width, height, self.left, self.right, layers=layers)
        told = {name for name, *_ in self.columns}
        said = [note for name, note in _NOTES.items() if name in told]
        if said:
            plot.notes.append(
                f"{self.reading.tongue.listed(said)}, since the window before."
            )
        return plot

    @property
    def _gap(self) -> float:
        return self.sheet.size * 0.7

    def _wide(self, column: tuple[str, float, bool, list[str]]) -> float:
        _, size, bold, texts = column
        return max(text.width(t, size, bold=bold) for t in texts)

    def _growth(self, cell: Cell) -> str:
        grown = cell.row.get("growth")
        if grown is None or self.reading.measure is Measure.GROWTH:
            return ""
        return self.reading.tongue.growth(cast("int", grown))

    def _moves(self, cells: Sequence[Cell]) -> list[str]:
        """Return how each rank has changed; nothing if that is not known of any."""
        known = self.reading.measure is Measure.SHARE and any(
            cell.row.get("previous_rank") is not None for cell in cells
        )
        return [_moved(cell) if known else "" for cell in cells]

    def pixel(self, value: int) -> float:
        """Return where a number is."""
        low = min(0, *(cell.low for _, cell in self.shown))
        high = max(0, *(cell.high for _, cell in self.shown))
        return (value - low) / max(high - low, 1) * self.width

    def _places(self) -> Iterator[tuple[float, float]]:
        """Yield top and bottom of each bar."""
        thick = self.sheet.size * _BAR
        for n in range(len(self.shown)):
            bottom = self.row * (n + 1) - self.sheet.size * 0.4
            yield bottom - thick, bottom

    def _data(self) -> Layer:
        reading, colours = self.reading, self.sheet.colours
        values = []
        for (group, cell), (top, bottom) in zip(
            self.shown, self._places(), strict=True
        ):
            values.append(
                {
                    "group": group.name,
                    "value": reading.number(cell.value),
                    "low": reading.number(cell.low),
                    "high": reading.number(cell.high),
                    **reading.on_hover(group.name, cell),
                    "colour": colours.unknown if group.reserved else colours.hues[0],
                    "x": round(self.pixel(0), 1),
                    "y": round(top, 1),
                    "x2": round(self.pixel(cell.value), 1),
                    "y2": round(bottom, 1),
                }
            )
        return marks.layer(
            "data",
            values,
            {"type": "rect"},
            x=marks.at("x"),
            y=marks.at("y"),
            x2={"field": "x2"},
            y2={"field": "y2"},
            fill={"field": "colour", "type": "nominal", "scale": None},
            **marks.tooltip(values, "group", "number", "bounds"),
        )

    def _whiskers(self) -> list[Layer]:
        lines: list[Line] = []
        for (_, cell), (top, bottom) in zip(self.shown, self._places(), strict=True):
            low, high = self.pixel(cell.low), self.pixel(cell.high)
            if high - low < _SEEN:
                continue
            middle, reach = (top + bottom) / 2, (bottom - top) / 4
            lines.append(Line(low, middle, high, middle))
            lines += [Line(x, middle - reach, x, middle + reach) for x in (low, high)]
        ink = self.sheet.colours.ink
        return [marks.lines("bounds", lines, ink, width=1.2)] if lines else []

    def _zero(self) -> Layer:
        x = self.pixel(0)
        line = Line(x, 0, x, self.row * len(self.shown))
        return marks.lines("zero", [line], self.sheet.colours.thin)

    def _named(self) -> Layer:
        size = self.sheet.size
        placed = []
        for name, (top, bottom) in zip(self.names, self._places(), strict=True):
            if self.sheet.narrow:
                whole = self.sheet.room
                word = Word(0, top - size * 0.38, text.cut(name, whole, size))
            else:
                y = (top + bottom) / 2 + size * 0.35
                room = self.left - self._gap
                word = Word(-self.left, y, text.cut(name, room, size))
            placed.append(word)
        return marks.words("names", placed, size, self.sheet.colours.ink)

    def _numbered(self) -> Iterator[Layer]:
        size, colours = self.sheet.size, self.sheet.colours
        x = self.width
        for column in self.columns:
            name, height, bold, texts = column
            x += self._gap + self._wide(column)
            middles = ((top + bottom) / 2 for top, bottom in self._places())
            placed = [
                Word(x, y + size * 0.35, told)
                for y, told in zip(middles, texts, strict=True)
                if told
            ]
            ink = colours.ink if bold else colours.soft
            yield marks.words(name, placed, height, ink, align="right", bold=bold)


def _moved(cell: Cell) -> str:
    was, rank = cell.row["previous_rank"], cell.row["rank"]
    if was is None:
        return "new"
    moved = cast("int", was) - cast("int", rank)
    if moved == 0:
        return "="
    return f"▲{moved}" if moved > 0 else f"▼{-moved}"
