"""Parts of a Vega-Lite specification: layers of words, lines and boxes.

What is laid out here has places in pixels, from the corner of the plot: encoded without
a scale, and so the same wherever it is drawn.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

Layer = dict[str, Any]
Row = Mapping[str, object]

FONT = "Helvetica Neue, Helvetica, Arial, Liberation Sans, Roboto, sans-serif"


class Word(NamedTuple):
    """A text at a place in pixels."""

    x: float
    y: float
    text: str


class Line(NamedTuple):
    """A straight line, or the corners of a box, in pixels."""

    x: float
    y: float
    x2: float
    y2: float


def layer(
    name: str, values: Sequence[Row], mark: Mapping[str, Any], **of: Any
) -> Layer:
    """Return a layer of rows of its own; `of` says what encodes what."""
    return {
        "name": name,
        "data": {"values": list(values)},
        "mark": dict(mark),
        "encoding": of,
    }


def at(field: str) -> dict[str, Any]:
    """Return the encoding of a place in pixels."""
    return {"field": field, "type": "quantitative", "scale": None, "axis": None}


def words(
    name: str,
    placed: Iterable[Word],
    size: float,
    colour: str,
    *,
    align: str = "left",
    baseline: str = "alphabetic",
    bold: bool = False,
) -> Layer:
    """Return texts of one style, each at its place."""
    values = [{"x": _near(x), "y": _near(y), "text": text} for x, y, text in placed]
    mark = {
        "type": "text",
        "align": align,
        "baseline": baseline,
        "fontSize": size,
        "fontWeight": "bold" if bold else "normal",
        "fill": colour,
    }
    text = {"field": "text", "type": "nominal"}
    return layer(name, values, mark, x=at("x"), y=at("y"), text=text)


def lines(
    name: str,
    placed: Iterable[Line],
    colour: str,
    *,
    width: float = 1,
    dash: bool = False,
) -> Layer:
    """Return straight lines of one style."""
    mark = {"type": "rule", "stroke": colour, "strokeWidth": width}
    if dash:
        mark["strokeDash"] = [3, 3]
    return layer(name, _corners(placed), mark, **_SPANNED)


def boxes(name: str, placed: Iterable[Line], colour: str, **style: Any) -> Layer:
    """Return filled boxes of one style."""
    mark = {"type": "rect", "fill": colour, **style}
    return layer(name, _corners(placed), mark, **_SPANNED)


_SPANNED = {
    "x": at("x"),
    "y": at("y"),
    "x2": {"field": "x2"},
    "y2": {"field": "y2"},
}


def tooltip(rows: Sequence[Row], *fields: str) -> dict[str, Any]:
    """Return the encoding of what rows show on hover: texts, ready as they are.

    Nothing if the first row has none of them.
    """
    told = [f for f in fields if rows and f in rows[0]]
    shown = [{"field": f, "type": "nominal", "title": f.capitalize()} for f in told]
    return {"tooltip": shown} if "number" in told else {}


def _corners(placed: Iterable[Line]) -> list[dict[str, float]]:
    return [
        {"x": _near(x), "y": _near(y), "x2": _near(x2), "y2": _near(y2)}
        for x, y, x2, y2 in placed
    ]


def _near(pixels: float) -> float:
    return round(pixels, 1)
