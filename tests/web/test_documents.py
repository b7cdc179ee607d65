"""The documents as pages: they lead to each other, and are those of the project."""

import re
from urllib.parse import urljoin, urlsplit

import pytest
from starlette.testclient import TestClient

from app.web.documents import documents
from tests.api.conftest import PUBLIC
from tests.house.tree import ROOT
from tests.web.reading import found, text


def page(client: TestClient, path: str) -> str:
    reply = client.get(path)
    assert reply.status_code == 200, path
    assert reply.headers["content-type"] == "text/html; charset=utf-8"
    return reply.text


@pytest.mark.parametrize("path", documents())
def test_every_link_leads_somewhere(client: TestClient, path: str) -> None:
    read = page(client, path)
    addresses = {
        address
        for address in found(r'(?:href|src)="([^"]*)"', read)
        if urlsplit(urljoin(PUBLIC, address)).hostname == urlsplit(PUBLIC).hostname
    }

    assert len(addresses) > 10
    for address in addresses:
        parts = urlsplit(urljoin(f"{PUBLIC}{path}", address))
        # The small census need not have what the examples of the bundled one ask for.
        if parts.query:
            continue
        there = client.get(parts.path)
        known = parts.path.startswith(("/v1/", "/providers/"))
        assert there.status_code == 200 or known, address
        if parts.fragment:
            assert f'id="{parts.fragment}"' in there.text, address


def test_every_document_of_the_project_has_a_page(client: TestClient) -> None:
    files = sorted((ROOT / "docs").rglob("*.md"))
    shown = {
        found("<h1[^>]*>(.*?)</h1>", page(client, path))[0] for path in documents()
    }

    for file in files:
        title = file.read_text().partition("\n")[0].removeprefix("# ")
        assert title in shown


def test_the_index_is_found_with_and_without_a_slash(client: TestClient) -> None:
    pages = [page(client, path) for path in ("/docs", "/docs/")]

    assert text(pages[0]) == text(pages[1])
    for each in pages:
        assert found('rel="canonical" href="([^"]*)"', each) == [f"{PUBLIC}/docs"]


@pytest.mark.parametrize(
    ("path", "listed", "section"),
    [
        ("/docs", "Overview", "Docs"),
        ("/docs/journalists", "Journalists", "Docs"),
        ("/method", "Method", "Method"),
        ("/docs/decisions", "Decisions", "Docs"),
        ("/docs/decisions/0001-record-release-cube", "Decisions", "Docs"),
    ],
)
def test_a_reader_sees_where_the_page_is(
    client: TestClient, path: str, listed: str, section: str
) -> None:
    current = found('aria-current="page">(.*?)</a>', page(client, path))

    assert current == [section, listed]


def test_examples_ask_the_service_that_shows_them(client: TestClient) -> None:
    asking = page(client, "/docs/journalists")
    starting = page(client, "/docs/start")

    assert "127.0.0.1" not in asking
    assert f'=IMPORTDATA("{PUBLIC}/v1/share.csv' in text(asking)
    assert "MODELCENSUS_PUBLIC_URL http://127.0.0.1:8000" in text(starting)
    assert PUBLIC not in text(starting)


def test_what_is_not_on_the_site_is_named_without_a_link(client: TestClient) -> None:
    read = page(client, "/docs/start")

    assert "The code is under Apache-2.0" in text(read)
    assert not re.search(r'href="[^"]*(LICENSE|\.md)\b', read)


def test_pictures_are_shown(client: TestClient) -> None:
    (address,) = found('<img src="([^"]*)"', page(client, "/docs/start"))
    reply = client.get(urljoin("/docs/start", address))

    assert reply.headers["content-type"] == "image/png"
    assert reply.content == (ROOT / "docs/images/explorer-1280.png").read_bytes()
