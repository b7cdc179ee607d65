"""The pages in a browser: they work, and ask no one but this service."""

import json

import pytest

from app.main import contract
from tests.web.conftest import Visit

pytestmark = pytest.mark.browser


def test_the_reference_lists_every_operation(served: str, visit: Visit) -> None:
    operations = sum(map(len, json.loads(contract())["paths"].values()))
    visit.page.goto(f"{served}/docs/api")
    visit.page.wait_for_selector(".opblock")

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
    feeds = visit.page.locator(
        "link[rel=alternate][type*=feed], [type*=atom]"
    ).evaluate_all("all => all.map(a => [a.type, a.href])")

    assert feeds == [
        ["application/atom+xml", f"{served}/feed.xml"],
        ["application/feed+json", f"{served}/feed.json"],
    ]
    for media_type, link in feeds:
        sent = visit.page.request.get(link)
        assert sent.headers["content-type"].partition(";")[0] == media_type


@pytest.mark.parametrize("path", ["/", "/method", "/problems/bad-value"])
def test_pages_need_nothing_from_elsewhere(
    served_bundle: str, visit: Visit, path: str
) -> None:
    visit.page.goto(f"{served_bundle}{path}")
    links = visit.page.locator("a").evaluate_all("all => all.map(a => a.href)")

    assert visit.hosts == {"127.0.0.1"} | visit.hosts & {""}
    assert visit.complaints == []
    assert len(links) >= 3
    for link in set(links):
        if link.startswith(served_bundle):
            assert visit.page.request.get(link).ok, link
