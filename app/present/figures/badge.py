"""Badges: one number in a line, as an SVG of our own, and as shields.io reads it."""

from dataclasses import dataclass
from xml.sax.saxutils import escape

from app.domain.reports import Report
from app.present.figures.palette import LIGHT
from app.present.figures.reading import Cell, Measure, Reading, read
from app.present.figures.text import cut, width
from app.present.figures.tongue import tongue

_SIZE, _HEIGHT, _PAD, _LONGEST = 11, 20, 7, 300
_FONT = "Helvetica Neue,Helvetica,Arial,Liberation Sans,Roboto,sans-serif"
_LABEL = "#3d434b"
_CACHE_SECONDS = 3_600
_ORIGIN = "origin"


@dataclass(frozen=True, slots=True)
class _Badge:
    label: str
    message: str
    colour: str


def shield(report: Report, question: str, lang: str) -> dict[str, object]:
    """Return the badge of an answer in the schema of shields.io's endpoints."""
    badge = _badge(read(report, question, tongue(lang)))
    return {
        "schemaVersion": 1,
        "label": badge.label,
        "message": badge.message,
        "color": badge.colour.removeprefix("#"),
        "cacheSeconds": _CACHE_SECONDS,
    }


def svg(report: Report, question: str, lang: str) -> bytes:
    """Return the badge of an answer as an SVG."""
    badge = _badge(read(report, question, tongue(lang)))
    left = round(width(badge.label, _SIZE) + 2 * _PAD)
    right = round(width(badge.message, _SIZE, bold=True) + 2 * _PAD)
    label, message = escape(badge.label), escape(badge.message)
    whole = left + right
    name = f"{label}: {message}"
    quoted = escape(name, {'"': "&quot;"})
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{whole}" height="{_HEIGHT}" '
        f'viewBox="0 0 {whole} {_HEIGHT}" role="img" aria-label="{quoted}">'
        f"<title>{name}</title>"
        f'<rect width="{whole}" height="{_HEIGHT}" rx="3" fill="{badge.colour}"/>'
        f'<path d="M3 0h{left - 3}v{_HEIGHT}H3a3 3 0 0 1-3-3V3a3 3 0 0 1 3-3z" '
        f'fill="{_LABEL}"/>'
        f'<g fill="#ffffff" font-family="{_FONT}" font-size="{_SIZE}">'
        f'<text x="{_PAD}" y="14">{label}</text>'
        f'<text x="{left + _PAD}" y="14" font-weight="bold">{message}</text></g></svg>'
    ).encode()


def _badge(reading: Reading) -> _Badge:
    found = _number(reading)
    if found is None:
        return _Badge(cut(reading.title, _LONGEST, _SIZE), "no data", LIGHT.unknown)
    group, cell = found
    label = cut(_label(reading, group), _LONGEST, _SIZE)
    number = reading.told(cell.value)
    if reading.measure in {Measure.VOLUME, Measure.TREND}:
        number = f"{number} {reading.unit}"
    if reading.question == "rankings" and reading.groups[group].key:
        named = cut(reading.groups[group].name, _LONGEST, _SIZE)
        number = f"{named} {number}"
    return _Badge(label, number, LIGHT.hues[0])


def _number(reading: Reading) -> tuple[int, Cell] | None:
    """Return the last number of the first group that has one."""
    for group in range(len(reading.groups)):
        cells = [cell for _, cell in reading.of_group(group)]
        if cells:
            return group, cells[-1]
    return None


def _label(reading: Reading, group: int) -> str:
    key, names = reading.groups[group].key, reading.groups[group].names
    if not key or reading.question == "rankings":
        return reading.title
    dimensions = reading.resolved["group_by"].split(",")
    # A code is short, and known.
    who = [
        k if d == _ORIGIN else n for d, k, n in zip(dimensions, key, names, strict=True)
    ]
    of = str(reading.meta["base"]).removeprefix("all ")
    if reading.question == "volume":
        return f"{' '.join(who)} {reading.unit}"
    return f"{' '.join(who)} share of {of}"
