"""Where there is no page, a browser gets one that says so; a program gets a problem."""

import pytest
from starlette.testclient import TestClient

from app.main import create_app
from tests.api.conftest import PUBLIC, Clock, settings
from tests.api.small import NOW, Published

BROWSER = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
JSON, HTML = "application/problem+json", "text/html; charset=utf-8"


@pytest.fixture
def unpublished() -> TestClient:
    """Of a census that has published nothing."""
    return TestClient(create_app(settings(), Published(), now=Clock(NOW)))


@pytest.mark.parametrize("path", ["/", "/rankings", "/providers/deepseek"])
def test_before_the_first_release_a_page_says_so(
    unpublished: TestClient, path: str
) -> None:
    page = unpublished.get(path, headers=BROWSER)
    problem = unpublished.get(path)

    assert (page.status_code, page.headers["content-type"]) == (503, HTML)
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["retry-after"] == problem.headers["retry-after"]
    assert page.headers["content-security-policy"].endswith("frame-ancestors 'none'")
    assert problem.json()["detail"] in page.text
    assert problem.headers["content-type"] == JSON


def test_an_embed_says_so_in_its_frame(unpublished: TestClient) -> None:
    page = unpublished.get("/embed/share?origin=CN", headers=BROWSER)

    assert (page.status_code, page.headers["content-type"]) == (503, HTML)
    assert page.headers["content-security-policy"].endswith("frame-ancestors *")
    assert page.headers["cross-origin-embedder-policy"] == "require-corp"
    assert "retry-after" in page.headers


def test_a_path_that_leads_nowhere_names_one_that_does(client: TestClient) -> None:
    page = client.get("/provders", headers=BROWSER)

    assert (page.status_code, page.headers["content-type"]) == (404, HTML)
    assert f'<a class="button primary" href="{PUBLIC}/providers">' in page.text
    assert 'href="./static/pages.css"' in page.text


def test_a_path_is_never_markup(client: TestClient) -> None:
    page = client.get("/providers/x/<script>alert(1)</script>", headers=BROWSER)

    assert (page.status_code, page.headers["content-type"]) == (404, HTML)
    assert "<script" not in page.text


@pytest.mark.parametrize(
    "path", ["/v1/shre", "/v1/share?origin=Chna", "/v1/share.svg?top=0", "/oembed"]
)
def test_what_programs_ask_is_a_problem_for_everyone(
    client: TestClient, path: str
) -> None:
    asked = client.get(path, headers=BROWSER)

    assert asked.headers["content-type"] == JSON
    assert asked.content == client.get(path).content


def test_a_picture_that_is_not_there_is_no_page(client: TestClient) -> None:
    asked = client.get("/static/x.png", headers={"accept": "image/avif,image/*,*/*"})

    assert (asked.status_code, asked.headers["content-type"]) == (404, JSON)


def test_an_address_that_is_too_long_is_told_on_a_page(client: TestClient) -> None:
    page = client.get("/share?origin=" + "C" * 9_000, headers=BROWSER)

    assert (page.status_code, page.headers["content-type"]) == (414, HTML)
