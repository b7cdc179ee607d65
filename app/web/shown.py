"""A figure that was asked for: its answer, how it is to look, and how large it is."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.errors import UnavailableError
from app.web.asking import Answer, Ask, Pairs, Visit, is_pinned
from app.web.embed_code import LOOKS, WIDTH, Figure
from app.web.urls import spelt
from app.web.words import Words

NARROWEST, WIDEST = 200, 2_400
"""Pixels of pictures."""

_WIDTHS = {"(max-width: 419px)": 340, "(max-width: 579px)": 480, "": WIDTH}
"""Pixels of a picture that reads well, by how much room there is."""
_THEMES = {"screen and (prefers-color-scheme: dark)": "dark", "": "light"}


@dataclass(frozen=True, slots=True)
class Drawing:
    """One picture of a figure, for those to whom it fits.

    Attributes:
        url: Path, without the slash it begins with.
        media: Media query; empty: it fits all others.
    """

    url: str
    media: str


@dataclass(frozen=True, slots=True)
class Shown:
    """What is shown: a figure, its answer, and how it is to look.

    Attributes:
        figure: The figure.
        answer: That of `/v1/<kind>`.
        spec: What draws it, in Vega-Lite.
    """

    figure: Figure
    answer: Mapping[str, Any]
    spec: Mapping[str, Any]

    @property
    def theme(self) -> str:
        """`light`, `dark` or `auto`."""
        return dict(self.figure.query).get("theme", "auto")

    @property
    def words(self) -> Words:
        """What writes its numbers."""
        return Words(dict(self.figure.query).get("lang", "en"))

    def url(self, form: str, **look: str | int) -> str:
        """Return the path of the figure in a format, of just this release."""
        return _path(self.figure.kind, form, self._pinned, **look)

    def data(self) -> str:
        """Return the path of the rows, of just this release."""
        kept = [pair for pair in self._pinned if pair[0] not in LOOKS]
        return _path(self.figure.kind, "csv", kept)

    @property
    def _pinned(self) -> Pairs:
        return _pinned(self.figure.query, self.figure.release)

    def drawings(self, widths: Mapping[str, int] = _WIDTHS) -> list[Drawing]:
        """Return its pictures; the first whose media fits is shown.

        Args:
            widths: Pixels, by the media queries of how much room there is.
        """
        themes = _THEMES if self.theme == "auto" else {"": self.theme}
        return [
            Drawing(
                self.url("svg", theme=theme, width=width),
                " and ".join(filter(None, (scheme, room))),
            )
            for scheme, theme in themes.items()
            for room, width in widths.items()
        ]

    async def size(self, ask: Ask, width: int) -> tuple[int, int]:
        """Return width and height of its picture, in pixels.

        Raises:
            UnavailableError: It is not to be had right now.
        """
        asked = await ask("/" + self.url("vl.json", width=width))
        if not asked.ok:
            raise UnavailableError("The size of the figure is not to be had.")
        return _measured(asked.json())


def _measured(spec: Mapping[str, Any]) -> tuple[int, int]:
    """Return width and height of what a specification draws, in pixels."""
    around = spec["padding"]
    return (
        round(around["left"] + spec["width"] + around["right"]),
        round(around["top"] + spec["height"] + around["bottom"]),
    )


async def shown(visit: Visit, kind: str, query: Pairs) -> Shown | Answer:
    """Ask for a figure.

    Args:
        visit: Who asks.
        kind: Which question.
        query: Its parameters, and of those of `LOOKS` that are wished.

    Returns:
        What is to be shown, or the problem.
    """
    question = [pair for pair in query if pair[0] not in LOOKS]
    asked = await visit.ask(spelt(f"/v1/{kind}", question))
    if not asked.ok:
        return asked
    answer = asked.json()
    pinned = _pinned(query, answer["meta"]["release"])
    drawn = await visit.ask("/" + _path(kind, "vl.json", pinned))
    if not drawn.ok:
        # What it suggests instead must not name a release that nobody asked for.
        again = await visit.ask("/" + _path(kind, "vl.json", query))
        return drawn if again.ok else again
    spec = drawn.json()
    title = str(spec["usermeta"]["title"])
    return Shown(Figure.of(visit.public, kind, query, answer, title), answer, spec)


def late(found: Shown | Answer) -> bool:
    """Tell whether a figure is not there, but may be in a moment."""
    return isinstance(found, Answer) and bool(found.later)


def _pinned(query: Pairs, release: int) -> Pairs:
    """Return a query that is answered by one release, also when there is a newer."""
    if is_pinned(query):
        return query
    return [*query, ("release", str(release))]


def _path(kind: str, form: str, query: Pairs, **look: str | int) -> str:
    kept = [pair for pair in query if pair[0] not in look]
    wished = [(name, str(value)) for name, value in look.items()]
    return spelt(f"v1/{kind}.{form}", [*kept, *wished])
