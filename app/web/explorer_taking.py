"""What readers take with them: links, sentences, code, files."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from app.web import embed_code, plain
from app.web.asking import Pairs
from app.web.embed_code import Figure
from app.web.explorer_answer import groups
from app.web.explorer_form import NAMES
from app.web.urls import spelt

_FILES = {
    "csv": "CSV",
    "xlsx": "Excel",
    "json": "JSON",
    "ndjson": "NDJSON",
    "parquet": "Parquet",
    "zip": "ZIP with README",
    "svg": "Picture (SVG)",
    "png": "Picture (PNG)",
}
"""Formats by the name of their links, and what readers call them."""

_PINS = frozenset({"release", "as_of"})
_NARROW, _NARROW_WIDTH, _WIDTH = "(max-width: 479px)", "400", "960"
_FEW = 3
_DARK = "(prefers-color-scheme: dark)"


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


@dataclass(frozen=True, slots=True)
class Drawing:
    """One picture of the chart; the first that fits its reader is shown.

    Attributes:
        url: Relative to the page.
        media: Media query; empty: it fits all others.
    """

    url: str
    media: str


class Taking:
    """All that can be taken of one answer."""

    def __init__(
        self,
        public: str,
        kind: str,
        query: Pairs,
        answer: Mapping[str, Any],
        scope: str,
    ) -> None:
        """Take an answer.

        Args:
            public: Where readers reach this service.
            kind: `share`, `volume` or `rankings`.
            query: What was asked, without empty values.
            answer: What `/v1` said.
            scope: What the dataset counts.
        """
        self._public = public
        self._kind = kind
        self._query = query
        self._answer = answer
        self.title = _title(kind, answer, scope)
        self.figure = Figure.of(public, kind, query, answer, self.title)

    @property
    def live(self) -> str:
        """URL of this page for what is newest."""
        query = [pair for pair in self._query if pair[0] not in _PINS]
        return self._public + spelt(f"/{self._kind}", query)

    @property
    def pinned(self) -> str:
        """URL of this page as it is, for good."""
        resolved = self._answer["meta"]["query"]["resolved"]
        return self._public + spelt(f"/{self._kind}", list(resolved.items()))

    def copies(self) -> Iterator[Copied]:
        """Yield the texts to copy."""
        meta, links = self._answer["meta"], self._answer["links"]
        yield Copied("live", "Link", self.live, "shows the newest figures")
        yield Copied("pinned", "Permanent link", self.pinned, "shows these, for good")
        yield Copied("quote", "Sentence", meta["quote"])
        yield Copied("citation", "Citation", meta["citation"])
        yield Copied("bibtex", "BibTeX", meta["bibtex"])
        frame, picture = embed_code.frame(self.figure), embed_code.picture(self.figure)
        yield Copied("embed", "Embed code", frame, "the chart in your page")
        yield Copied("picture", "Picture code", picture, "for pages without frames")
        yield Copied("api", "API call", links["self"], "the same answer as JSON")

    def files(self) -> list[tuple[str, str]]:
        """Return names and URLs of the files that there are."""
        links = self._answer["links"]
        return [(name, links[key]) for key, name in _FILES.items() if key in links]

    @property
    def drawn(self) -> bool:
        """Whether there are pictures."""
        return "svg" in self._answer["links"]

    def picture(self, form: str, **look: str) -> str:
        """Return the path of the chart in a format, of just this release."""
        query = self._query
        if not _PINS & {name for name, _ in query}:
            release = str(self._answer["meta"]["release"])
            query = [*query, ("release", release)]
        return spelt(f"v1/{self._kind}.{form}", [*query, *look.items()])

    def drawings(self) -> list[Drawing]:
        """Return the pictures of the chart."""
        return [
            Drawing(
                self.picture("svg", theme=theme, width=width),
                " and ".join(filter(None, (dark, narrow))),
            )
            for theme, dark in (("dark", _DARK), ("light", ""))
            for narrow, width in ((_NARROW, _NARROW_WIDTH), ("", _WIDTH))
        ]


def _title(kind: str, answer: Mapping[str, Any], scope: str) -> str:
    """Return what an answer shows, in short: `Share of tokens on OpenRouter: China`."""
    dimensions = groups(answer)
    title = f"{NAMES[kind]} of {scope}"
    if not dimensions:
        return title
    named = {
        ", ".join(str(row[f"{d}_name"]) for d in dimensions): None
        for row in answer["data"]
    }
    filtered = not answer["meta"]["numerator"].startswith("all ")
    if filtered and 0 < len(named) <= _FEW:
        return f"{title}: {plain.listed(list(named))}"
    return f"{title} by {plain.listed([plain.dimension(d) for d in dimensions])}"
