"""What figures over time have in common: room, names of groups, gaps, remarks."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from app.domain.datasets import Status
from app.present.figures import axes, marks, text, wording
from app.present.figures.axes import Scale, Span
from app.present.figures.marks import Layer, Line, Word
from app.present.figures.reading import Period, Reading
from app.present.figures.sheet import Plot, Sheet

_FLAT, _STEEP = 0.48, 0.72
_NAMES = 0.26
_SWATCH = 0.75
_SEAM = 0.1
_NOTES, _FEW_NOTES = 3, 2


@dataclass(frozen=True, slots=True)
class Named:
    """A group as it is named beside a plot: `y` is where its last number is."""

    name: str
    number: str
    colour: str
    part: float


@dataclass(frozen=True)
class Stage:
    """Where things are: the size of a plot, and its two axes.

    Attributes:
        sheet: The sheet.
        reading: What is drawn.
        scale: The axis of numbers.
        named: Groups to name.
    """

    sheet: Sheet
    reading: Reading
    scale: Scale
    named: Sequence[Named]

    @property
    def left(self) -> float:
        """Pixels beside the plot, for numbers."""
        return axes.room_left(self.sheet, self.scale)

    @property
    def right(self) -> float:
        """Pixels beside the plot, for names; a narrow sheet has them above."""
        if self.sheet.narrow or not self.named:
            return round(self.sheet.size * 0.6)
        widest = max(text.width(_both(n), self.sheet.size) for n in self.named)
        return round(min(widest, self.sheet.room * _NAMES) + self.sheet.size * 0.9)

    @property
    def width(self) -> float:
        """Pixels of the plot itself."""
        return round(self.sheet.room - self.left - self.right)

    @property
    def height(self) -> float:
        """Pixels of the plot itself."""
        steep = _STEEP if self.sheet.narrow else _FLAT
        return round(self.sheet.room * steep)

    @property
    def span(self) -> Span:
        """The axis of time."""
        return Span(self.reading.periods, self.width)

    def time(self, field: str) -> dict[str, object]:
        """Return the encoding of a moment."""
        return _scaled(field, self.span.domain)

    def amount(self, field: str) -> dict[str, object]:
        """Return the encoding of a number."""
        return _scaled(field, [self.scale.low, self.scale.high])

    def plot(self, layers: Sequence[Layer], marked: dict[Status, str]) -> Plot:
        """Return the plot of layers of data, with all that stands around them."""
        above, top = self._names_above()
        remarks, room = _remarks(self)
        notes = [*wording.notes(self.reading, marked), *self._remarked()]
        drawn = [
            *_gaps(self),
            *axes.vertical(self.sheet, self.scale, self.width, self.height),
            *axes.horizontal(self.sheet, self.reading, self.span, self.height),
            *layers,
            *remarks,
            *(above if self.sheet.narrow else self._names_beside()),
        ]
        top = top + room
        bottom = self.sheet.small * 2
        return Plot(
            self.width, self.height, self.left, self.right, top, bottom, drawn, notes
        )

    def _remarked(self) -> Iterator[str]:
        most = _FEW_NOTES if self.sheet.narrow else _NOTES
        return wording.remarked(self.reading, most)

    def _names_beside(self) -> list[Layer]:
        size = self.sheet.size
        wanted = [self.height * (1 - n.part) for n in self.named]
        places = apart(wanted, self.sheet.leading(size), self.height)
        room = self.right - size * 0.6
        x = self.width + size * 0.6
        placed = []
        for named, y in zip(self.named, places, strict=True):
            number = f"  {named.number}" if named.number else ""
            left = room - text.width(number, size)
            word = Word(x, y, text.cut(named.name, left, size) + number)
            placed.append((named.colour, word))
        return _in_colours(self.sheet, placed, "middle")

    def _names_above(self) -> tuple[list[Layer], float]:
        """Return swatches and names above a narrow plot, and the room they take."""
        if not self.sheet.narrow or not self.named:
            return [], 0
        size = self.sheet.small
        leading = self.sheet.leading(size) * 1.1
        swatch = size * _SWATCH
        lines: list[list[tuple[float, Named, str]]] = [[]]
        x = 0.0
        for named in self.named:
            name = text.cut(_both(named), self.sheet.room - swatch * 2, size)
            wide = swatch * 1.5 + text.width(name, size) + size
            if x + wide > self.sheet.room + size and lines[-1]:
                lines.append([])
                x = 0.0
            lines[-1].append((x, named, name))
            x += wide
        top = round(len(lines) * leading + size * 0.6)
        _, room = _remarks(self)
        swatches, words = [], []
        for at, line in enumerate(lines):
            y = -room - top + leading * (at + 0.5)
            for x, named, name in line:
                corner = x - self.left
                box = Line(corner, y - swatch / 2, corner + swatch, y + swatch / 2)
                swatches.append(marks.boxes("swatch", [box], named.colour))
                words.append(Word(corner + swatch * 1.5, y + size * 0.35, name))
        names = marks.words("names", words, size, self.sheet.colours.ink)
        return [*swatches, names], top


def _scaled(field: str, domain: Sequence[float]) -> dict[str, object]:
    scale = {"domain": [*domain], "nice": False, "zero": False}
    return {"field": field, "type": "quantitative", "scale": scale, "axis": None}


def _both(named: Named) -> str:
    return f"{named.name}  {named.number}" if named.number else named.name


def _in_colours(
    sheet: Sheet, placed: Sequence[tuple[str, Word]], baseline: str
) -> list[Layer]:
    """Return names, each behind a tick in its group's colour."""
    size = sheet.size
    ticks = [
        marks.boxes(
            "swatch",
            [
                Line(
                    w.x - size * 0.45,
                    w.y - size * 0.4,
                    w.x - size * 0.2,
                    w.y + size * 0.4,
                )
            ],
            colour,
        )
        for colour, w in placed
    ]
    words = [word for _, word in placed]
    names = marks.words("names", words, size, sheet.colours.ink, baseline=baseline)
    return [*ticks, names]


def apart(wanted: Sequence[float], least: float, height: float) -> list[float]:
    """Return places at least `least` apart, as near as can be to those wanted.

    Args:
        wanted: Places, in any order.
        least: Pixels between two.
        height: The last place there is; beyond it if there is no room.
    """
    order = sorted(range(len(wanted)), key=lambda n: wanted[n])
    placed: list[float] = []
    for n in order:
        lowest = placed[-1] + least if placed else 0.0
        placed.append(max(wanted[n], lowest))
    limit = max(height, least * (len(wanted) - 1))
    for at in range(len(placed) - 1, -1, -1):
        placed[at] = min(placed[at], limit)
        limit = placed[at] - least
    found = [0.0] * len(wanted)
    for n, place in zip(order, placed, strict=True):
        found[n] = place
    return found


def _gaps(stage: Stage) -> list[Layer]:
    """Return boxes where there is nothing to be seen."""
    boxes = boxes_of(stage, lambda period: period.missing)
    return [marks.boxes("gaps", boxes, stage.sheet.colours.track)] if boxes else []


def boxes_of(stage: Stage, chosen: Callable[[Period], bool]) -> list[Line]:
    """Return boxes as high as the plot over periods, one for those side by side."""
    found: list[Line] = []
    for period in filter(chosen, stage.reading.periods):
        begun, end = stage.span.edges(period)
        if found and begun - found[-1].x2 < _SEAM:
            begun = found.pop().x
        found.append(Line(begun, 0, end, stage.height))
    return found


def _remarks(stage: Stage) -> tuple[list[Layer], float]:
    """Return a line and a letter for each annotation, and the room above the plot."""
    found = wording.remarks(stage.reading)
    if not found:
        return [], 0
    colours, size = stage.sheet.colours, stage.sheet.small
    lines, words, end = [], [], -size
    for letter, (days, _) in zip(wording.LETTERS, found, strict=False):
        x = stage.span.pixel(axes.moment(days.first))
        lines.append(Line(x, -size * 0.2, x, stage.height))
        # A letter that has no room at its line stands beside the one before.
        end = max(x, end + size)
        words.append(Word(end, -size * 0.4, letter))
    return [
        marks.lines("remarks", lines, colours.soft, dash=True),
        marks.words(
            "remark-letters", words, size, colours.soft, align="center", bold=True
        ),
    ], round(size * 1.4)
