"""The documents of the project as pages: its README, and what lies in `docs`."""

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import metadata
from pathlib import Path

from app.web import templating

_HERE = Path(__file__).parent
_FRAME = '<div class="scroll" tabindex="0" role="group" aria-label="Table">'
_EXAMPLE = "http://127.0.0.1:8000"
"""The service that examples ask; on a page they ask the one that shows it."""

_DECISIONS = "docs/decisions"
_CONTRACT = "openapi/openapi.json"
"""Where the project has it; a page shows it as the reference."""


@dataclass(frozen=True, slots=True)
class _Document:
    path: str
    """Of the page."""
    file: str
    """In the project."""
    name: str
    """In the list of documents."""
    asks: bool = True
    """Whether its examples ask the service that shows it, not one to be started."""


_DOCUMENTS = {
    "Begin": (
        _Document("docs", "docs/index.md", "Overview"),
        _Document("docs/start", "README.md", "Start a service", asks=False),
    ),
    "For": (
        _Document("docs/journalists", "docs/journalists.md", "Journalists"),
        _Document("docs/services", "docs/services.md", "Programs"),
        _Document("docs/embedders", "docs/embedders.md", "Web pages"),
        _Document("docs/operators", "docs/operators.md", "Operators", asks=False),
    ),
    "The numbers": (
        _Document("docs/glossary", "docs/glossary.md", "Glossary"),
        _Document("method", "docs/method.md", "Method"),
        _Document("docs/reliability", "docs/reliability.md", "Reliability"),
    ),
    "The service": (
        _Document("docs/api", _CONTRACT, "API reference"),
        _Document("docs/performance", "docs/performance.md", "Performance", asks=False),
        _Document(_DECISIONS, _DECISIONS, "Decisions", asks=False),
    ),
}
"""What is listed beside each document, by group."""


def documents() -> tuple[str, ...]:
    """Return the path of every document; the index has two, as readers type both."""
    return tuple(f"/{path}" for path in ("docs/", *_sources()))


def pictures() -> dict[str, Path]:
    """Return the files of the pictures within documents, by path."""
    found = sorted((_folder() / "images").glob("*.png"))
    return {f"/docs/images/{file.name}": file for file in found}


def document(path: str, public: str) -> bytes:
    """Return the page of a document.

    Args:
        path: One of `documents`.
        public: Where readers reach this service: its examples ask there.
    """
    named = path.strip("/")
    shown = _sources()[named]
    text = _text(shown.file)
    if shown.asks:
        text = text.replace(_EXAMPLE, public)
    root = "../" * (path.count("/") - 1) or "./"
    values = {
        "title": _heading(text),
        "body": _linked(_made(text), shown.file, root),
        "root": root,
        "section": "docs" if named.startswith("docs") else named,
        "here": _DECISIONS if named.startswith(_DECISIONS) else named,
        "groups": _DOCUMENTS,
        "canonical": f"{public}/{named}",
    }
    return templating.page("document.html", values)


# The texts


def _sources() -> dict[str, _Document]:
    grouped = (each for group in _DOCUMENTS.values() for each in group)
    listed = (each for each in grouped if each.file != _CONTRACT)
    decided = (
        _Document(f"{_DECISIONS}/{file.stem}", f"{_DECISIONS}/{file.name}", "", False)
        for file in _decisions()
    )
    return {each.path: each for each in (*listed, *decided)}


def _folder() -> Path:
    """Return where the documents are: in the package, or in its checkout."""
    return _HERE if (_HERE / "method.md").exists() else _HERE.parents[1] / "docs"


def _decisions() -> list[Path]:
    return sorted((_folder() / "decisions").glob("*.md"))


def _text(file: str) -> str:
    if file == _DECISIONS:
        return "\n".join(_contents())
    folder = _folder()
    if file.startswith("docs/"):
        return (folder / file.removeprefix("docs/")).read_text()
    # What is installed has its README as its description.
    if folder == _HERE:
        return metadata("modelcensus")["Description"]
    return (folder.parent / file).read_text()


def _contents() -> Iterator[str]:
    yield "# Decisions\n\nWhy it is built this way: what was costly to change later.\n"
    for file in _decisions():
        name = _heading(file.read_text()).partition(" ")
        yield f"- {name[0]} [{name[2]}](decisions/{file.name})"


def _heading(text: str) -> str:
    return text.partition("\n")[0].removeprefix("# ")


# From Markdown to a page


def _made(text: str) -> str:
    # Only these pages need it.
    from markdown_it import MarkdownIt  # noqa: PLC0415

    markdown = MarkdownIt("commonmark").enable("table")
    made = re.sub(r"<(h[1-6])>(.*?)</\1>", _anchored, markdown.render(text))
    # What is wider than a small screen is moved by keyboard too.
    made = made.replace("<pre>", '<pre tabindex="0">')
    made = made.replace("<table>", f"{_FRAME}<table>")
    return made.replace("</table>", "</table></div>")


def _anchored(heading: re.Match[str]) -> str:
    tag, text = heading[1], heading[2]
    plain = re.sub(r"<[^>]+>|[^\w -]", "", text.casefold()).strip()
    return f'<{tag} id="{plain.replace(" ", "-")}">{text}</{tag}>'


def _linked(made: str, file: str, root: str) -> str:
    """Return a text whose links to other files lead to their pages."""
    pages = {each.file: each.path for each in _sources().values()}
    pages |= {path[1:]: path[1:] for path in pictures()} | {_CONTRACT: "docs/api"}

    def led(target: str) -> str | None:
        name, _, anchor = target.partition("#")
        if not name or ":" in name:
            return target
        there = posixpath.normpath(posixpath.join(posixpath.dirname(file), name))
        page = pages.get(there)
        return page and f"{root}{page}" + (f"#{anchor}" if anchor else "")

    def anchor(found: re.Match[str]) -> str:
        target = led(found[1])
        # What is only in the project, such as its licence, is named.
        return f'<a href="{target}">{found[2]}</a>' if target else found[2]

    made = re.sub(r'<a href="([^"]*)">(.*?)</a>', anchor, made, flags=re.DOTALL)
    return re.sub(r'src="([^"]*)"', lambda found: f'src="{led(found[1])}"', made)
