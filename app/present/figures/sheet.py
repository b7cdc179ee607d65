"""The sheet that a figure is drawn on: what stands above and below every plot."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from app.present.figures import marks, text
from app.present.figures.look import Look
from app.present.figures.marks import Layer, Word
from app.present.figures.palette import Palette

SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"

_LEAST = 10.5
_GROWTH = 0.005
_TITLE, _SMALL, _LEADING, _ASCENT = 1.35, 0.84, 1.32, 0.9
_TITLE_LINES, _SUBTITLE_LINES, _FOOT_LINES = 3, 3, 4


@dataclass(frozen=True)
class Sheet:
    """A sheet of some width: sizes that follow from it, and colours.

    Attributes:
        look: How the figure is to look.
        colours: Its colours.
    """

    look: Look
    colours: Palette

    @property
    def size(self) -> float:
        """Pixels of ordinary text."""
        return round(_LEAST + _GROWTH * self.look.width, 1)

    @property
    def small(self) -> float:
        """Pixels of small text."""
        return max(round(self.size * _SMALL, 1), 10)

    @property
    def edge(self) -> float:
        """Pixels that stay empty on each side."""
        return round(self.size * 1.1)

    @property
    def room(self) -> float:
        """Pixels between the edges."""
        return self.look.width - 2 * self.edge

    @property
    def narrow(self) -> bool:
        """Whether names do not fit beside a plot."""
        return self.room < _NARROW

    def leading(self, size: float) -> float:
        """Return the pixels from one line of a size to the next."""
        return round(size * _LEADING, 1)

    def told(self, lines: str, room: float, size: float, most: int) -> list[str]:
        """Return a text in lines."""
        return text.wrapped(lines, room, size, most=most)


_NARROW = 460


@dataclass
class Plot:
    """What is drawn between head and foot.

    Attributes:
        width: Pixels of the plot itself.
        height: Pixels of the plot itself.
        left: Pixels beside it, for names.
        right: Pixels beside it, for names.
        top: Pixels above it, for a legend.
        bottom: Pixels below it, for an axis.
        layers: What is drawn, the lowest first.
        notes: What a reader must be told.
    """

    width: float
    height: float
    left: float = 0
    right: float = 0
    top: float = 0
    bottom: float = 0
    layers: list[Layer] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Texts:
    """What every figure says beside what it shows."""

    title: str
    subtitle: str
    foot: str
    description: str
    usermeta: dict[str, object]


def framed(sheet: Sheet, plot: Plot, texts: Texts) -> dict[str, Any]:
    """Return a plot with its title above and its source below, as Vega-Lite."""
    head, above = _head(sheet, plot, texts)
    foot, below = _foot(sheet, plot, texts.foot)
    left, width = round(sheet.edge + plot.left), round(plot.width)
    return {
        "$schema": SCHEMA,
        "description": texts.description,
        "usermeta": texts.usermeta,
        "width": width,
        "height": round(plot.height),
        # What is laid out here is not to be laid out again, with another font.
        "autosize": "none",
        "padding": {
            "left": left,
            "right": sheet.look.width - left - width,
            "top": round(sheet.edge + above),
            "bottom": round(plot.bottom + below + sheet.edge),
        },
        "background": sheet.colours.paper,
        "config": {"aria": False, "font": marks.FONT, "view": {"stroke": None}},
        "layer": _numbered([*head, *plot.layers, *foot]),
    }


def _head(sheet: Sheet, plot: Plot, texts: Texts) -> tuple[list[Layer], float]:
    """Return title and subtitle, and how many pixels there are above the plot."""
    large, size, colours = round(sheet.size * _TITLE, 1), sheet.size, sheet.colours
    title = text.wrapped(texts.title, sheet.room, large, most=_TITLE_LINES, bold=True)
    subtitle = sheet.told(texts.subtitle, sheet.room, size, _SUBTITLE_LINES)
    above = (
        len(title) * sheet.leading(large)
        + len(subtitle) * sheet.leading(size)
        + round(size * 0.8)
        + plot.top
    )
    y = large * _ASCENT - above
    titled = []
    for line in title:
        titled.append(Word(-plot.left, y, line))
        y += sheet.leading(large)
    y -= (large - size) * _ASCENT
    told = []
    for line in subtitle:
        told.append(Word(-plot.left, y, line))
        y += sheet.leading(size)
    return [
        marks.words("title", titled, large, colours.ink, bold=True),
        marks.words("subtitle", told, size, colours.soft),
    ], above


def _foot(sheet: Sheet, plot: Plot, source: str) -> tuple[list[Layer], float]:
    """Return the notes and the source, and how many pixels they take."""
    size, colours = sheet.small, sheet.colours
    leading = sheet.leading(size)
    y = plot.height + plot.bottom + round(sheet.size * 0.9)
    begun = y
    placed: list[Word] = []
    for note in plot.notes:
        for line in sheet.told(note, sheet.room, size, 2):
            y += leading
            placed.append(Word(-plot.left, y, line))
    rule = y + round(leading * 0.5) if placed else y
    y = rule + round(leading * 0.2)
    for line in sheet.told(source, sheet.room, size, _FOOT_LINES):
        y += leading
        placed.append(Word(-plot.left, y, line))
    across = marks.Line(-plot.left, rule, -plot.left + sheet.room, rule)
    found = [
        marks.lines("foot-rule", [across], colours.grid),
        marks.words("foot", placed, size, colours.soft),
    ]
    return found, y - begun + round(sheet.size * 0.9)


def _numbered(layers: Iterable[Layer]) -> list[Layer]:
    """Return layers under names of their own: two of one name cannot be drawn."""
    seen: Counter[str] = Counter()
    found = []
    for layer in layers:
        name = str(layer["name"])
        seen[name] += 1
        count = seen[name]
        found.append({**layer, "name": f"{name}-{count}" if count > 1 else name})
    return found
