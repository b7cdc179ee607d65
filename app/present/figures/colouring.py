"""Which colour each group has: the largest the plainest, what is left in greys."""

from app.domain.registry import OTHER, REST, UNKNOWN
from app.present.figures.palette import Palette
from app.present.figures.reading import Group, Reading


def coloured(reading: Reading, colours: Palette) -> list[str]:
    """Return the colour of each group; `thin` for those beyond the palette."""
    hues = iter(colours.hues)
    return [_reserved(g, colours) or next(hues, colours.thin) for g in reading.groups]


def _reserved(group: Group, colours: Palette) -> str | None:
    if not group.reserved:
        return None
    greys = ((REST, colours.rest), (OTHER, colours.other), (UNKNOWN, colours.unknown))
    return next(grey for value, grey in greys if value in group.key)
