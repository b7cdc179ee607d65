"""What the documents show to be typed: code, commands, addresses."""

import re
from dataclasses import dataclass

from tests.house.tree import ROOT

EXAMPLE = "http://127.0.0.1:8000"
"""The service that examples ask."""

GUIDES = [
    ROOT / "docs" / f"{name}.md"
    for name in ("index", "journalists", "services", "embedders", "operators")
]
SHOWN = {"text", "csv", "json"}


@dataclass(frozen=True, slots=True)
class Snippet:
    """A piece of code of a document, and what the document says it gives."""

    document: str
    language: str
    code: str
    shown: str | None
    """None if the document does not say."""

    def __str__(self) -> str:
        return f"{self.document}: {self.code.splitlines()[0]}"


def snippets(*languages: str) -> list[Snippet]:
    """Return the code of the guides in these languages, in order."""
    return [each for each in _all() if each.language in languages]


def addresses() -> list[str]:
    """Return every address of the service that the guides name, once."""
    found: dict[str, None] = {}
    for path in GUIDES:
        text = path.read_text().replace("&amp;", "&")
        for address in re.findall(rf"{re.escape(EXAMPLE)}(/[^\s\"'`<>)]*)", text):
            found[address.rstrip(".")] = None
    return list(found)


def commands() -> list[list[str]]:
    """Return every command of `modelcensus` that the guides name, without options."""
    named = {
        tuple(found.split())
        for path in GUIDES
        for found in re.findall(r"\bmodelcensus((?: [a-z]+\b(?!-))+)", path.read_text())
    }
    return [list(words) for words in sorted(named)]


def _all() -> list[Snippet]:
    found = []
    for path in GUIDES:
        blocks = re.findall(
            r"^( *)```(\w+)\n(.*?)^\1```\n(?:\n```(\w+)\n(.*?)^```)?",
            path.read_text(),
            re.DOTALL | re.MULTILINE,
        )
        found += [
            Snippet(path.stem, language, code, shown if kind in SHOWN else None)
            for _, language, code, kind, shown in blocks
        ]
    return found
