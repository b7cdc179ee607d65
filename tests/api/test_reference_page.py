"""The pages in a browser: they work, and ask no one but this service."""

import json
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
import uvicorn
from playwright.sync_api import Page, sync_playwright

from app.main import contract, create_app
from tests.api.conftest import Clock, settings
from tests.api.small import FIRST, NOW, SECOND, Published

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def served() -> Iterator[str]:
    """URL of a server on this machine."""
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    front = create_app(
        settings(public_url=url), Published(FIRST, SECOND), now=Clock(NOW)
    )
    server = uvicorn.Server(uvicorn.Config(front, log_level="warning"))
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield url
    server.should_exit = True
    thread.join(10)
    listener.close()


@dataclass
class Visit:
    """A page, whom it asked for what, and what it complained about."""

    page: Page
    hosts: set[str] = field(default_factory=set)
    complaints: list[str] = field(default_factory=list)


@pytest.fixture
def visit() -> Iterator[Visit]:
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("no Chromium: install Debian's chromium to run this")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox"]
        )
        visit = Visit(browser.new_page())
        visit.page.on("request", lambda r: visit.hosts.add(_host(r.url)))
        visit.page.on("console", lambda m: _note(visit, m.type, m.text))
        visit.page.on("pageerror", lambda e: visit.complaints.append(str(e)))
        yield visit
        browser.close()


def _host(url: str) -> str:
    parts = urlsplit(url)
    return "" if parts.scheme in {"data", "blob"} else str(parts.hostname)


def _note(visit: Visit, kind: str, text: str) -> None:
    if kind in {"error", "warning"}:
        visit.complaints.append(text)


def test_the_reference_lists_every_operation(served: str, visit: Visit) -> None:
    visit.page.goto(f"{served}/docs")
    operations = sum(map(len, json.loads(contract())["paths"].values()))
    visit.page.wait_for_selector(".opblock")

    assert visit.page.url.startswith(f"{served}/docs/api")
    assert visit.page.locator(".opblock").count() == operations
    assert "/v1/share" in visit.page.locator(".opblock").first.inner_text()
    assert visit.hosts <= {"127.0.0.1", ""}
    assert visit.complaints == []


def test_a_question_can_be_tried_out(served: str, visit: Visit) -> None:
    visit.page.goto(f"{served}/docs/api#/questions/getShare")
    block = visit.page.locator("#operations-questions-getShare")
    block.get_by_role("button", name="Execute").click()
    status = block.locator(".live-responses-table .response-col_status").last

    assert status.inner_text().split()[0] == "200"
    assert visit.hosts <= {"127.0.0.1", ""}
    assert visit.complaints == []


@pytest.mark.parametrize("path", ["/", "/method"])
def test_a_reader_finds_the_feeds(served: str, visit: Visit, path: str) -> None:
    visit.page.goto(f"{served}{path}")
    feeds = visit.page.locator("link[rel=alternate]").evaluate_all(
        "all => all.map(a => [a.type, a.href])"
    )

    assert feeds == [
        ["application/atom+xml", f"{served}/feed.xml"],
        ["application/feed+json", f"{served}/feed.json"],
    ]
    for media_type, link in feeds:
        sent = visit.page.request.get(link)
        assert sent.headers["content-type"].partition(";")[0] == media_type


@pytest.mark.parametrize("path", ["/", "/method", "/problems/bad-value"])
def test_pages_need_nothing_from_elsewhere(
    served: str, visit: Visit, path: str
) -> None:
    visit.page.goto(f"{served}{path}")
    links = visit.page.locator("a").evaluate_all("all => all.map(a => a.href)")

    assert visit.hosts == {"127.0.0.1"} | visit.hosts & {""}
    assert visit.complaints == []
    assert len(links) >= 3
    # The census of these tests keeps no record to revise.
    for link in set(links) - {f"{served}/v1/revisions"}:
        if link.startswith(served):
            assert visit.page.request.get(link).ok, link
