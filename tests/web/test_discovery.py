"""What is read before anything is asked; every address that it names answers."""

import re
from urllib.robotparser import RobotFileParser
from xml.etree import ElementTree as ET

import pytest
from starlette.testclient import TestClient

from app.main import create_app
from app.services.snapshots import Snapshots
from tests.api.conftest import PUBLIC, Clock, settings
from tests.api.small import NOW, THIRD, Published

SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


def located(client: TestClient) -> dict[str, str | None]:
    """Return the paths of the sitemap, and when they changed."""
    root = ET.fromstring(client.get("/sitemap.xml").content)
    assert root.tag == f"{SITEMAP}urlset"
    found = {}
    for entry in root:
        url = entry.findtext(f"{SITEMAP}loc") or ""
        assert url.startswith(f"{PUBLIC}/")
        found[url.removeprefix(PUBLIC)] = entry.findtext(f"{SITEMAP}lastmod")
    assert len(found) == len(root)
    return found


def test_every_crawler_may_read_everything(client: TestClient) -> None:
    answer = client.get("/robots.txt")
    robots = RobotFileParser()
    robots.parse(answer.text.splitlines())

    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert robots.can_fetch("GPTBot", f"{PUBLIC}/v1/share?origin=CN")
    assert robots.site_maps() == [f"{PUBLIC}/sitemap.xml"]


def test_the_sitemap_has_every_page(client: TestClient) -> None:
    answer = client.get("/sitemap.xml")
    told = client.get("/v1/releases?limit=1").json()["meta"]["published_at"]
    models = client.get("/v1/models").json()["data"]
    providers = client.get("/v1/providers").json()["data"]
    origins = client.get("/v1/origins").json()["data"]
    datasets = client.get("/v1/datasets").json()["data"]
    of_release = [
        *("/share", "/volume", "/rankings"),
        *("/models", "/providers", "/origins", "/datasets"),
        *(f"/models/{row['slug']}" for row in models),
        *(f"/providers/{row['slug']}" for row in providers),
        *(f"/origins/{row['origin']}" for row in origins),
        *(f"/datasets/{row['slug']}" for row in datasets),
    ]

    found = located(client)

    assert answer.headers["content-type"] == "application/xml; charset=utf-8"
    assert {path for path, when in found.items() if when} == set(of_release)
    assert set(found.values()) == {told, None}
    assert {"/method", "/docs", "/docs/glossary", "/docs/api"} <= set(found)
    assert "/docs/" not in found
    assert not [path for path in found if "/problems/" in path]


def test_every_page_of_the_sitemap_is_there_under_its_own_address(
    client: TestClient,
) -> None:
    for path in located(client):
        page = client.get(path)
        canonical = re.findall(r'rel="canonical" href="([^"]*)"', page.text)

        assert page.status_code == 200, path
        assert page.headers["content-type"].startswith("text/html"), path
        assert canonical in ([], [PUBLIC + path])


def test_a_sitemap_of_more_things_than_one_answer_has_them_all(
    bundled: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = located(bundled)
    monkeypatch.setattr("app.web.discovery._A_PAGE", "7")
    front = create_app(settings(), snapshots_of(bundled), now=Clock(NOW))
    paged = located(TestClient(front))
    front.state.door.drawing.close()

    assert len(whole) > 100
    assert paged == whole


def snapshots_of(client: TestClient) -> Snapshots:
    found: Snapshots = client.app.state.door.snapshots  # type: ignore[attr-defined]
    return found


def test_the_sitemap_changes_with_a_release(
    client: TestClient, published: Published
) -> None:
    before = located(client)["/share"]
    published.publish(THIRD)

    after = located(client)["/share"]

    assert before is not None
    assert after is not None
    assert after > before


def test_a_language_model_is_told_what_holds_right_now(client: TestClient) -> None:
    answer = client.get("/llms.txt")
    quote = client.get("/v1/share?origin=CN").json()["meta"]["quote"]
    names = [row["name"] for row in client.get("/v1/datasets").json()["data"]]

    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert quote in answer.text
    assert all(f"- [{name}](" in answer.text for name in names)
    assert f"{PUBLIC}/mcp" in answer.text


def test_llms_txt_has_the_form_of_its_proposal(client: TestClient) -> None:
    lines = client.get("/llms.txt").text.splitlines()
    heads = [line for line in lines if line.startswith("#")]

    assert lines[0] == heads[0] == "# Model Census"
    assert lines[2].startswith("> ")
    assert all(line.startswith("## ") for line in heads[1:])
    assert "{" not in "".join(lines)


def test_every_address_for_language_models_answers(client: TestClient) -> None:
    text = client.get("/llms.txt").text
    paths = re.findall(rf"{re.escape(PUBLIC)}([^)\s]*)", text)

    assert len(paths) > 10
    assert {path: client.get(path).status_code for path in paths} == {
        path: 405 if path == "/mcp" else 200 for path in paths
    }


# RFC 9264 and RFC 9727: what a catalogue of interfaces is.


def test_the_catalogue_of_interfaces_is_a_linkset(client: TestClient) -> None:
    at = "/.well-known/api-catalog"
    answer = client.get(at)
    (first, *described) = answer.json()["linkset"]

    assert answer.headers["content-type"] == (
        'application/linkset+json; profile="https://www.rfc-editor.org/info/rfc9727"'
    )
    assert client.head(at).headers["link"] == f'<{PUBLIC}{at}>; rel="api-catalog"'
    assert first["anchor"] == PUBLIC + at
    assert [each["href"] for each in first["item"]] == [
        each["anchor"] for each in described
    ]


def test_what_the_catalogue_leads_to_is_what_it_says(client: TestClient) -> None:
    links = [
        link
        for context in client.get("/.well-known/api-catalog").json()["linkset"]
        for relation, links in context.items()
        if relation not in {"anchor", "item"}
        for link in links
    ]

    assert len(links) == 6
    assert [
        client.get(link["href"].removeprefix(PUBLIC))
        .headers["content-type"]
        .partition(";")[0]
        for link in links
    ] == [link["type"] for link in links]


@pytest.mark.parametrize(
    "path",
    ["/robots.txt", "/sitemap.xml", "/llms.txt", "/.well-known/api-catalog"],
)
def test_it_is_kept_like_any_answer(client: TestClient, path: str) -> None:
    first = client.get(path)
    known = client.get(path, headers={"if-none-match": first.headers["etag"]})

    assert first.headers["cache-control"].startswith("public, max-age=60, ")
    assert first.headers["access-control-allow-origin"] == "*"
    assert known.status_code == 304


@pytest.mark.parametrize("path", ["/sitemap.xml", "/llms.txt", "/dcat.jsonld"])
def test_without_a_release_a_machine_is_told_when_to_come_again(path: str) -> None:
    front = create_app(settings(), Published(), now=Clock(NOW))
    answer = TestClient(front).get(path)
    front.state.door.drawing.close()

    assert answer.status_code == 503
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["retry-after"]
