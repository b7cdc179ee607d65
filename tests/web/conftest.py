"""Pages in a browser: a server on this machine, and who visits it."""

import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, sync_playwright

from app.main import create_app
from app.services.snapshots import Snapshots
from tests.api.conftest import (
    Clock,
    bundled,
    bundled_snapshots,
    client,
    clock,
    front,
    published,
    settings,
)
from tests.api.small import FIRST, NOW, SECOND, Published

__all__ = ["bundled", "bundled_snapshots", "client", "clock", "front", "published"]


@contextmanager
def serving(snapshots: Snapshots) -> Iterator[str]:
    """Serve releases on this machine; the URL of the server."""
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    front = create_app(settings(public_url=url), snapshots, now=Clock(NOW))
    server = uvicorn.Server(uvicorn.Config(front, log_level="warning"))
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield url
    finally:
        server.should_exit = True
        thread.join(10)
        listener.close()


@pytest.fixture(scope="session")
def served() -> Iterator[str]:
    """URL of the small census."""
    with serving(Published(FIRST, SECOND)) as url:
        yield url


@pytest.fixture(scope="session")
def served_bundle(bundled_snapshots: Snapshots) -> Iterator[str]:
    """URL of the bundled census."""
    with serving(bundled_snapshots) as url:
        yield url


# Not for the session: while it is open, no test of the process can run a loop.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium; its pages are closed by whoever opens them."""
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("no Chromium: install Debian's chromium to run this")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield browser
        browser.close()


@dataclass
class Visit:
    """A page, whom it asked for what, and what it complained about."""

    page: Page
    hosts: set[str] = field(default_factory=set)
    urls: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)


@contextmanager
def visiting(browser: Browser, **options: object) -> Iterator[Visit]:
    """Open a page that notes what it does; `options` are those of `new_context`."""
    context = browser.new_context(**options)  # type: ignore[arg-type]
    visit = Visit(context.new_page())
    visit.page.on("request", lambda r: _asked(visit, r.url))
    visit.page.on("console", lambda m: _note(visit, m.type, m.text))
    visit.page.on("pageerror", lambda e: visit.complaints.append(str(e)))
    yield visit
    context.close()


@pytest.fixture
def visit(browser: Browser) -> Iterator[Visit]:
    """Return a page of this test's own."""
    with visiting(browser) as visit:
        yield visit


def _asked(visit: Visit, url: str) -> None:
    parts = urlsplit(url)
    own = parts.scheme in {"data", "blob"}
    visit.hosts.add("" if own else str(parts.hostname))
    visit.urls.append(url)


def _note(visit: Visit, kind: str, text: str) -> None:
    if kind in {"error", "warning"}:
        visit.complaints.append(text)


# Other sites

Host = Callable[[str], str]
"""Serves a page of another site; returns its URL."""


@pytest.fixture(scope="session")
def hosted() -> Iterator[Host]:
    """Return what serves a page of another site, and tells its URL."""
    pages: dict[str, str] = {}

    class Other(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("content-type", "text/html; charset=utf-8")
            path, _, query = self.path.partition("?")
            if query != "open":
                # As strict as a page can be about what it shows.
                self.send_header("cross-origin-embedder-policy", "require-corp")
            self.end_headers()
            self.wfile.write(pages.get(path, "").encode())

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            del format, args

    server = ThreadingHTTPServer(("127.0.0.1", 0), Other)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()

    def host(body: str) -> str:
        path = f"/{len(pages)}"
        pages[path] = (
            '<!doctype html><html lang="en"><title>Elsewhere</title>'
            f'<link rel="icon" href="data:,"><h1>Elsewhere</h1>{body}'
        )
        return f"http://localhost:{server.server_port}{path}"

    yield host
    server.shutdown()
    thread.join()
    server.server_close()
