"""How wide text is, and how to make it fit: wrapped, or cut with an ellipsis.

Widths are those of Helvetica, which Arial and Liberation Sans share, and a little more:
readers who have none of them get a wider font. Nothing can be asked of a font here, and
a picture is laid out before it is drawn.
"""

import re
from functools import lru_cache
from unicodedata import category, combining, east_asian_width

ELLIPSIS = "…"

# Characters by their width in thousandths of the size, as the font's metrics say.
_BY_WIDTH = {
    191: "'",
    222: "ijl",
    260: "|",
    278: " !,./:;I[\\]ft·\N{NO-BREAK SPACE}",
    333: '()-`r"',
    389: "*",
    469: "^",
    500: "Jckxyzsv",
    556: "#$0123456789?L_abdeghnopqu–",  # noqa: RUF001 (the dash of ranges)
    584: "+<=>~−",  # noqa: RUF001 (the sign of negative numbers)
    611: "FTZ",
    667: "&ABEKPSVXY",
    722: "CDHNRUw",
    778: "GOQ",
    833: "Mm",
    889: "%",
    944: "W",
    1000: "—…",
    1015: "@",
}
_WIDTHS = {c: width for width, chars in _BY_WIDTH.items() for c in chars}
_WIDE = 1000
_USUAL = 667
_BOLD = 1.08
SLACK = 1.12
"""How much wider than Helvetica a font may be: DejaVu Sans, about."""

_LONGEST = 400
_BREAKS = re.compile(r"(?<=[\s/–-])")  # noqa: RUF001 (the dash of ranges)


@lru_cache(maxsize=8192)
def thousandths(text: str) -> int:
    """Return how wide a text is, in thousandths of its size."""
    return sum(map(_width, text))


def width(text: str, size: float, *, bold: bool = False) -> float:
    """Return how many pixels wide a text of a size is, about."""
    return thousandths(text) * size / 1000 * (_BOLD if bold else 1) * SLACK


def _width(character: str) -> int:
    known = _WIDTHS.get(character)
    if known is not None:
        return known
    if combining(character):
        return 0
    return _WIDE if east_asian_width(character) in "WF" else _USUAL


def clean(text: str) -> str:
    """Return a text of one line that a picture can hold, whatever somebody put in.

    Control characters, halves of pairs and what turns the direction of writing are
    left out, and a text that no picture has room for is cut.
    """
    kept = text[:_LONGEST] + (ELLIPSIS if len(text) > _LONGEST else "")
    plain = "".join(" " if c.isspace() else c for c in kept)
    shown = "".join(c for c in plain if category(c) not in _NOT_SHOWN)
    return " ".join(shown.split())


# Control, format, surrogate, private, unassigned.
_NOT_SHOWN = {"Cc", "Cf", "Cs", "Co", "Cn"}


def cut(text: str, room: float, size: float, *, bold: bool = False) -> str:
    """Return a text, or as much of it as fits into `room` pixels, with an ellipsis."""
    if width(text, size, bold=bold) <= room:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        shorter = text[:middle].rstrip() + ELLIPSIS
        fits = width(shorter, size, bold=bold) <= room
        low, high = (middle, high) if fits else (low, middle - 1)
    return text[:low].rstrip() + ELLIPSIS


def wrapped(
    text: str, room: float, size: float, *, most: int, bold: bool = False
) -> list[str]:
    """Return a text in at most `most` lines, each of which fits into `room` pixels."""
    lines = [""]
    for word in filter(None, _BREAKS.split(text)):
        joined = lines[-1] + word
        if not lines[-1] or width(joined.rstrip(), size, bold=bold) <= room:
            lines[-1] = joined
        else:
            lines.append(word)
    kept = [line.strip() for line in lines[:most]]
    if len(lines) > most:
        kept[-1] += f" {lines[most].strip()}"
    return [cut(line, room, size, bold=bold) for line in kept if line]
