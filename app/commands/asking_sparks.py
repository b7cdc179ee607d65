"""Numbers in a few characters: sparklines, bars, short forms."""

from collections.abc import Sequence
from itertools import pairwise
from statistics import fmean

_BLOCKS = "▁▂▃▄▅▆▇█"
_PLAIN = "_.-=+*%#"
_EIGHTHS = " ▏▎▍▌▋▊▉"
_THOUSAND = 1_000
_FEW = 0.0005

Values = Sequence[float | None]


def spark(values: Values, width: int, *, blocks: bool = True) -> str:
    """Return a line from 0 to the highest value; a gap where there is none.

    Args:
        values: By period; not negative.
        width: Most characters; more periods than that are averaged.
        blocks: Whether the output has block characters.
    """
    levels = _BLOCKS if blocks else _PLAIN
    shown = _averaged(values, width)
    highest = max((value for value in shown if value is not None), default=0)
    return "".join(_level(value, highest, levels) for value in shown)


def _averaged(values: Values, width: int) -> list[float | None]:
    if len(values) <= width:
        return list(values)
    edges = [round(n * len(values) / width) for n in range(width + 1)]
    found: list[float | None] = []
    for begin, end in pairwise(edges):
        known = [value for value in values[begin:end] if value is not None]
        found.append(fmean(known) if known else None)
    return found


def _level(value: float | None, highest: float, levels: str) -> str:
    if value is None:
        return " "
    if not highest:
        return levels[0]
    return levels[min(int(value / highest * len(levels)), len(levels) - 1)]


def bar(value: float | None, highest: float, width: int, *, blocks: bool = True) -> str:
    """Return a bar of `width` characters for `highest`, in eighths of one."""
    if not value or not highest:
        return ""
    eighths = round(min(value / highest, 1) * width * 8)
    if not blocks:
        return "#" * round(eighths / 8)
    whole, part = divmod(eighths, 8)
    return "█" * whole + (_EIGHTHS[part] if part else "")


def percent(share: float | None) -> str:
    """Return a fraction as a percentage with one decimal; nothing for None."""
    if share is None:
        return ""
    return "<0.1%" if 0 < share < _FEW else f"{share:.1%}"


def short(count: float | None) -> str:
    """Return a count with three digits or so: 44.1T for 44129943053400."""
    if count is None:
        return ""
    sign, size = "-" if count < 0 else "", abs(count)
    for unit in ("", "k", "M", "B"):
        if size < _THOUSAND - (0.05 if unit else 0):
            return f"{sign}{size:.1f}{unit}" if unit else f"{sign}{size:.0f}"
        size /= _THOUSAND
    return f"{sign}{size:,.1f}T"
