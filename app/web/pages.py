"""The pages there are, by path: built from files of this package."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, partial
from html import escape
from importlib.resources import files
from inspect import getdoc
from pathlib import Path

import fastapi_offline

from app.errors import AppError
from app.web import documents, templating, vega

_HERE = Path(__file__).parent
_HTML = "text/html; charset=utf-8"
_SCRIPT = "text/javascript; charset=utf-8"
_NOTHING = "default-src 'none'; base-uri 'none'; form-action 'none'"
_FRAMED = "frame-ancestors 'none'"

PLAIN = f"{_NOTHING}; style-src 'self'; img-src 'self' data:; {_FRAMED}"
"""Policy of a page without scripts."""
SCRIPTED = (
    f"{_NOTHING}; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    f"connect-src 'self'; {_FRAMED}"
)
"""Policy of the reference: its own scripts, and questions to this service alone."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page or a file: what it is, its policy, and how to get its bytes."""

    media_type: str
    policy: str
    read: Callable[[], bytes]


def pages(public: str) -> Mapping[str, Page]:
    """Return every page and file by its path; links on the pages are relative.

    Args:
        public: Where readers reach this service, without a slash at the end.
    """
    return {
        **dict(_documents(public)),
        "/docs/api": Page(_HTML, SCRIPTED, _reference),
        **dict(_problems()),
        **dict(_assets()),
    }


def _reference() -> bytes:
    values = {"root": "../", "section": "docs/api"}
    return templating.page("reference.html", values)


def _text(title: str, body: str, *, root: str, section: str | None = None) -> bytes:
    values = {"title": title, "body": body, "root": root, "section": section}
    return templating.page("text.html", values)


def _documents(public: str) -> Iterator[tuple[str, Page]]:
    for path in documents.documents():
        yield path, Page(_HTML, PLAIN, partial(documents.document, path, public))
    for path, file in documents.pictures().items():
        yield path, Page("image/png", PLAIN, file.read_bytes)


def _assets() -> Iterator[tuple[str, Page]]:
    swagger = Path(str(files(fastapi_offline))) / "static"
    for path, media_type in (
        (_HERE / "static" / "pages.css", "text/css; charset=utf-8"),
        (_HERE / "static" / "icon.svg", "image/svg+xml"),
        (_HERE / "static" / "explorer.css", "text/css; charset=utf-8"),
        (_HERE / "static" / "explorer.js", _SCRIPT),
        (_HERE / "static" / "chart.js", _SCRIPT),
        (_HERE / "static" / "things.css", "text/css; charset=utf-8"),
        (_HERE / "static" / "documents.css", "text/css; charset=utf-8"),
        (_HERE / "static" / "reference.css", "text/css; charset=utf-8"),
        (_HERE / "static" / "reference.js", _SCRIPT),
        (_HERE / "static" / "embed.css", "text/css; charset=utf-8"),
        (_HERE / "static" / "embed.js", _SCRIPT),
        (_HERE / "static" / "embed-host.js", _SCRIPT),
        (swagger / "swagger-ui.css", "text/css; charset=utf-8"),
        (swagger / "swagger-ui-bundle.js", _SCRIPT),
    ):
        yield f"/static/{path.name}", Page(media_type, PLAIN, path.read_bytes)
    yield "/static/vega.js", Page(_SCRIPT, PLAIN, vega.script)


# What failures mean


def _problems() -> Iterator[tuple[str, Page]]:
    for code, kind in _kinds().items():
        yield f"/problems/{code}", Page(_HTML, PLAIN, _explained(kind))


@cache
def _kinds() -> dict[str, type[AppError]]:
    found, waiting = {}, [AppError]
    while waiting:
        kind = waiting.pop()
        found[kind.code] = kind
        waiting += kind.__subclasses__()
    return found


def _explained(kind: type[AppError]) -> Callable[[], bytes]:
    def read() -> bytes:
        about = (getdoc(kind) or "").partition("\n\n")[0]
        body = (
            f"<h1>{escape(kind.title)}</h1>\n"
            f"<p>{escape(about)} Such an answer has status {kind.status}; its "
            "<code>detail</code> says what to do, and <code>try_url</code>, where "
            "there is one, works.</p>"
        )
        return _text(f"{kind.title}: Model Census", body, root="../")

    return read
