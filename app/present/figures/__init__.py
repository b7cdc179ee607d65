"""Figures: one Vega-Lite specification of an answer, for servers and browsers."""

from typing import Any

from app.domain.reports import Report
from app.present.figures import bars, lines, number, stacks, wording
from app.present.figures.look import Look, Theme
from app.present.figures.palette import palette
from app.present.figures.reading import Reading, read
from app.present.figures.sheet import Plot, Sheet, framed
from app.present.figures.tongue import tongue

__all__ = ["Look", "Theme", "figure"]


def figure(
    report: Report, question: str, look: Look, permalink: str, *, hovered: bool = True
) -> dict[str, Any]:
    """Return an answer as a figure: plain Vega-Lite, with its data in it.

    Args:
        report: The answer.
        question: Which question it answers: `share`, `volume` or `rankings`.
        look: How the figure is to look.
        permalink: URL of the answer, pinned.
        hovered: Whether numbers are to be shown on hover, where that can be.
    """
    reading = read(report, question, tongue(look.lang), hovered=hovered)
    sheet = Sheet(look, palette(look.theme))
    return framed(sheet, _plot(sheet, reading), wording.texts(reading, permalink))


def _plot(sheet: Sheet, reading: Reading) -> Plot:
    if not reading.cells:
        return number.nothing(sheet, str(reading.meta["quote"]))
    if reading.over_time:
        stackable = reading.whole and len(reading.groups) > 1
        drawn = stacks.drawn if stackable else lines.drawn
        return drawn(sheet, reading)
    if len(reading.groups) == 1:
        return number.drawn(sheet, reading, reading.cells[0, 0])
    return bars.drawn(sheet, reading)
