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
_TITLE, _SMALL, _LEADING = 1.35, 0.84, 1.32
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
    title_size = round(sheet.size * _TITLE, 1)
    title = text.wrapped(
        texts.title, sheet.room, title_size, most=_TITLE_LINES, bold=True
    )
    subtitle = sheet.told(texts.subtitle, sheet.room, sheet.size, _SUBTITLE_LINES)
    head = (
        len(title) * sheet.leading(title_size)
        + len(subtitle) * sheet.leading(sheet.size)
        + sheet.size * 0.3
    )
    gap = round(sheet.size * 0.8)
    foot, below = _foot(sheet, plot, texts.foot)
    return {
        "$schema": SCHEMA,
        "description": texts.description,
        "usermeta": texts.usermeta,
        "width": round(plot.width),
        "height": round(plot.height),
        "autosize": "none",
        "padding": {
            "left": round(sheet.edge + plot.left),
            "right": sheet.look.width
            - round(sheet.edge + plot.left)
            - round(plot.width),
            "top": round(sheet.edge + head + gap + plot.top),
            "bottom": round(plot.bottom + below + sheet.edge),
        },
        "background": sheet.colours.paper,
        "title": {
            "text": title,
            "subtitle": subtitle,
            "anchor": "start",
            "frame": "group",
            "dx": -round(plot.left),
            "offset": round(gap + plot.top),
            "color": sheet.colours.ink,
            "fontSize": title_size,
            "fontWeight": "bold",
            "lineHeight": sheet.leading(title_size),
            "subtitleColor": sheet.colours.soft,
            "subtitleFontSize": sheet.size,
            "subtitleLineHeight": sheet.leading(sheet.size),
            "subtitlePadding": round(sheet.size * 0.3),
        },
        "config": {
            "aria": False,
            "font": marks.FONT,
            "view": {"stroke": None},
        },
        "layer": _numbered([*plot.layers, *foot]),
    }


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
