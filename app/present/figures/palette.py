"""Colours: one palette for light backgrounds, one for dark, told apart pair by pair.

The colours of groups were chosen by search: for normal sight and for each of the three
kinds of colour blindness the nearest two are far apart, and each has a contrast of at
least 3:1 to its background. Words have 4.5:1.
"""

from dataclasses import dataclass, fields

from app.present.figures.look import Theme


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours by what they are for.

    Attributes:
        paper: The background.
        ink: Titles and numbers.
        soft: What stands beside them.
        grid: Lines that lead the eye.
        track: What a bar could fill.
        hues: Groups, the largest first.
        thin: Groups beyond those.
        rest: Groups cut off.
        other: What is not listed by name.
        unknown: What nobody knows.
    """

    paper: str
    ink: str
    soft: str
    grid: str
    track: str
    hues: tuple[str, ...]
    thin: str
    rest: str
    other: str
    unknown: str

    def all(self) -> list[str]:
        """Return every colour, in the same order as another palette does."""
        found: list[str] = []
        for each in fields(self):
            value = getattr(self, each.name)
            found += value if isinstance(value, tuple) else [value]
        return found


LIGHT = Palette(
    paper="#ffffff",
    ink="#16191d",
    soft="#565c65",
    grid="#dfe2e6",
    track="#eceef1",
    hues=(
        "#086ad4",
        "#e17629",
        "#15a86e",
        "#751b8c",
        "#976903",
        "#2d2960",
        "#ad274e",
        "#5f150d",
    ),
    thin="#b9bec6",
    rest="#8d939c",
    other="#757b84",
    unknown="#5d636c",
)
DARK = Palette(
    paper="#12161c",
    ink="#f0f2f5",
    soft="#a9b0ba",
    grid="#2b323b",
    track="#222831",
    hues=(
        "#4897e7",
        "#fc5e1f",
        "#17cf78",
        "#ae52ad",
        "#f1d841",
        "#2e57e5",
        "#e6a4c7",
        "#79633b",
    ),
    thin="#4a525d",
    rest="#6a717b",
    other="#8b929c",
    unknown="#adb3bd",
)


def palette(theme: Theme) -> Palette:
    """Return the colours of a theme; those of `auto` are light until a reader's."""
    return DARK if theme is Theme.DARK else LIGHT


def _style() -> str:
    """Return the style sheet that puts a light figure on a dark background."""
    pairs = zip(LIGHT.all(), DARK.all(), strict=True)
    rules = "".join(
        f'[fill="{light}"]{{fill:{dark}}}[stroke="{light}"]{{stroke:{dark}}}'
        for light, dark in pairs
    )
    return f"@media (prefers-color-scheme:dark){{{rules}}}"


STYLE = _style()
"""Style sheet of an SVG that follows its reader's theme."""
