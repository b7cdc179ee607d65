"""What readers take with them: links, sentences, code, files."""

from collections.abc import Iterator
from dataclasses import dataclass

from app.web import embed_code
from app.web.asking import PINS
from app.web.embed_code import LOOKS
from app.web.shown import Shown
from app.web.urls import spelt

_FILES = {
    "csv": "CSV",
    "xlsx": "Excel",
    "zip": "ZIP",
    "ndjson": "NDJSON",
    "parquet": "Parquet",
    "json": "JSON",
}
_PICTURES = {"svg": "SVG", "png": "PNG"}
"""Formats by their suffixes, and what readers call them."""

_CARD = "1200"


@dataclass(frozen=True, slots=True)
class Copied:
    """A text to copy.

    Attributes:
        key: Its name in the page.
        label: What it is.
        text: The text.
        about: When to use it.
    """

    key: str
    label: str
    text: str
    about: str = ""


class Taking:
    """All that can be taken of one answer."""

    def __init__(self, shown: Shown, public: str) -> None:
        """Take what is shown; `public` is where readers reach this service."""
        self._shown = shown
        self._public = public

    @property
    def live(self) -> str:
        """URL of this page for what is newest."""
        figure = self._shown.figure
        query = [pair for pair in figure.question if pair[0] not in PINS]
        return self._public + spelt(f"/{figure.kind}", query)

    @property
    def pinned(self) -> str:
        """URL of this page as it is, for good."""
        resolved = self._shown.answer["meta"]["query"]["resolved"]
        kind = self._shown.figure.kind
        return self._public + spelt(f"/{kind}", list(resolved.items()))

    def copies(self) -> Iterator[Copied]:
        """Yield the texts to copy."""
        answer, figure = self._shown.answer, self._shown.figure
        meta = answer["meta"]
        yield Copied("live", "Link", self.live, "shows the newest figures")
        yield Copied("pinned", "Permanent link", self.pinned, "shows these, for good")
        yield Copied("quote", "Sentence", meta["quote"])
        yield Copied("citation", "Citation", meta["citation"])
        yield Copied("bibtex", "BibTeX", meta["bibtex"])
        frame = embed_code.frame(figure, fitted=True)
        picture = embed_code.picture(figure)
        yield Copied("embed", "Embed code", frame, "the chart in your page")
        yield Copied("picture", "Picture code", picture, "for pages without frames")
        yield Copied("api", "API call", answer["links"]["self"], "the same as JSON")

    def files(self) -> list[tuple[str, str]]:
        """Return names and paths of the files that there are."""
        figure = self._shown.figure
        rows = [pair for pair in figure.query if pair[0] not in LOOKS]
        found = [
            (name, spelt(f"v1/{figure.kind}.{suffix}", rows))
            for suffix, name in _FILES.items()
        ]
        looks = [*figure.query, ("width", _CARD)]
        return found + [
            (name, spelt(f"v1/{figure.kind}.{suffix}", looks))
            for suffix, name in _PICTURES.items()
        ]
