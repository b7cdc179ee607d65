"""How a figure is to look: its colours, its words, its size."""

from dataclasses import dataclass
from enum import StrEnum

NARROWEST = 200
WIDEST = 2_400
MOST_SCALE = 4
USUAL_WIDTH = 720


class Theme(StrEnum):
    """On what background a figure stands."""

    LIGHT = "light"
    DARK = "dark"
    AUTO = "auto"
    """As its reader has it, in SVG; light where a picture cannot know."""


@dataclass(frozen=True, slots=True)
class Look:
    """How a figure is to look.

    Attributes:
        theme: Its background.
        lang: Language tag (BCP 47) of numbers, dates and countries.
        width: Pixels, before it is scaled.
        scale: Pixels of a PNG for each pixel of its layout.
    """

    theme: Theme = Theme.AUTO
    lang: str = "en"
    width: int = USUAL_WIDTH
    scale: int = 1
