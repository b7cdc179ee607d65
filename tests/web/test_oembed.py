"""oEmbed: what to show of a URL of this service, and of no other."""

import asyncio
import re
from io import BytesIO
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree as ET

import pytest
from micawber.providers import (  # type: ignore[import-untyped]
    Provider,
    ProviderRegistry,
)
from PIL import Image
from starlette.testclient import TestClient

from app.errors import UnavailableError
from app.web.asking import Answer
from app.web.asking import Visit as AskedVisit
from app.web.oembed import view as oembed_view
from tests.api.conftest import PUBLIC
from tests.web.conftest import Host, Visit
from tests.web.test_embeds import Seen

WEIRD = 'Pan"da, <b>=1'


def oembed(client: TestClient, url: str, more: str = "") -> Any:
    return client.get(f"/oembed?url={quote(url, safe='')}{more}")


@pytest.mark.parametrize(
    "path", ["/embed/share?origin=CN", "/share?origin=CN", "/?origin=CN&weights="]
)
def test_an_embed_or_its_page_becomes_a_frame(bundled: TestClient, path: str) -> None:
    answer = oembed(bundled, PUBLIC + path)
    told = answer.json()
    height, small = told["height"], told["thumbnail_height"]

    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"].startswith("public, ")
    assert told == {
        "version": "1.0",
        "type": "rich",
        "title": told["title"],
        "author_name": "Model Census",
        "author_url": f"{PUBLIC}/share?origin=CN",
        "provider_name": "Model Census",
        "provider_url": f"{PUBLIC}/",
        "cache_age": 3600,
        "html": (
            '<figure style="margin:0;max-width:720px">'
            f'<iframe src="{PUBLIC}/embed/share?origin=CN" title="{told["title"]}" '
            f'width="720" height="{height}" loading="lazy" '
            'style="border:0;width:100%"></iframe>'
            f'<figcaption>Source: <a href="{PUBLIC}/share?origin=CN">'
            "OpenRouter (CC-BY-4.0) via Model Census</a></figcaption></figure>"
        ),
        "width": 720,
        "height": height,
        "thumbnail_url": f"{PUBLIC}/v1/share.png?origin=CN&width=400&scale=1",
        "thumbnail_width": 400,
        "thumbnail_height": small,
    }


@pytest.mark.parametrize("form", ["png", "svg"])
def test_a_picture_becomes_a_photo_of_its_size(bundled: TestClient, form: str) -> None:
    url = f"{PUBLIC}/v1/share.{form}?origin=CN&width=480&scale=2"
    told = oembed(bundled, url).json()
    picture = Image.open(BytesIO(bundled.get(told["url"]).content))

    assert told["type"] == "photo"
    assert told["url"] == f"{PUBLIC}/v1/share.png?origin=CN&width=480&scale=2"
    assert (told["width"], told["height"]) == picture.size
    small = Image.open(BytesIO(bundled.get(told["thumbnail_url"]).content))
    assert (told["thumbnail_width"], told["thumbnail_height"]) == small.size


@pytest.mark.parametrize(
    "path", ["/embed/volume?interval=week", "/rankings", "/v1/volume.png?interval=week"]
)
@pytest.mark.parametrize("room", [(300, 200), (500, 60), (90, 90), (4000, 4000)])
def test_nothing_exceeds_the_room_there_is(
    bundled: TestClient, path: str, room: tuple[int, int]
) -> None:
    box = f"&maxwidth={room[0]}&maxheight={room[1]}"
    told = oembed(bundled, PUBLIC + path, box).json()

    assert 0 < told["width"] <= room[0]
    assert 0 < told["height"] <= room[1]
    assert 0 < told["thumbnail_width"] <= room[0]
    assert 0 < told["thumbnail_height"] <= room[1]
    if told["type"] == "photo":
        picture = Image.open(BytesIO(bundled.get(told["url"]).content))
        shape = picture.size[0] / picture.size[1]
        assert told["width"] / told["height"] == pytest.approx(shape, rel=0.05)


def test_xml_says_what_json_says(client: TestClient) -> None:
    url = f"{PUBLIC}/embed/share?provider=panda"
    told = oembed(client, url).json()
    answer = oembed(client, url, "&format=xml")
    root = ET.fromstring(answer.content)

    assert answer.headers["content-type"] == "text/xml; charset=utf-8"
    assert root.tag == "oembed"
    assert {e.tag: e.text for e in root} == {n: str(v) for n, v in told.items()}
    page = Seen(str(told["html"]))
    assert WEIRD in told["title"]
    assert page.having("iframe")[0]["title"] == told["title"]
    assert {tag for tag, _ in page.tags} == {"figure", "iframe", "figcaption", "a"}


@pytest.mark.parametrize(
    "url",
    [
        "https://elsewhere.example/embed/share",
        "http://census.example/embed/share",
        "https://census.example:8443/embed/share",
        "https://census.example.evil.example/embed/share",
        "https://census.example@evil.example/embed/share",
        "https://user@census.example/embed/share",
        "//census.example/embed/share",
        "/embed/share",
        "javascript:alert(1)",
        "https://[::1/embed/share",
        "https://census.example:port/embed/share",
        "ftp://census.example/embed/share",
        "https://census.example/v1/share",
        "https://census.example/v1/models.png",
        "https://census.example/embed/share/../volume",
        "https://census.example/embed/shares",
        "https://census.example/oembed?url=x",
        "https://census.example/%2e%2e/embed/share",
    ],
)
def test_other_addresses_are_unknown(bundled: TestClient, url: str) -> None:
    answer = oembed(bundled, url)

    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == f"{PUBLIC}/problems/not-found"
    assert answer.json()["detail"].startswith("url: ")


@pytest.mark.parametrize(
    "url",
    [
        "HTTPS://CENSUS.example/embed/share",
        "https://census.example:443/embed/share",
        "https://census.example",
        "https://census.example/?weights=&origin=",
        "https://census.example/embed/share#chart",
    ],
)
def test_other_spellings_of_ours_are_known(bundled: TestClient, url: str) -> None:
    told = oembed(bundled, url).json()

    assert f'src="{PUBLIC}/embed/share"' in told["html"]


@pytest.mark.parametrize(
    ("query", "status", "code", "said"),
    [
        ("", 400, "bad-parameter", "url"),
        ("url=", 400, "bad-parameter", "url"),
        ("url={0}&url={0}", 400, "bad-parameter", "once"),
        ("url={0}&format=yaml", 501, "no-such-format", "json or xml"),
        ("url={0}&format=JSON", 501, "no-such-format", "json or xml"),
        ("url={0}&maxwidth=0", 422, "bad-value", "maxwidth"),
        ("url={0}&maxheight=-4", 422, "bad-value", "maxheight"),
        ("url={0}&maxwidth=1e3", 422, "bad-value", "maxwidth"),
        ("url={0}%3Forigin%3DXX", 422, "bad-value", "XX"),
        ("url={0}%3Forign%3DCN", 400, "bad-parameter", "orign"),
        ("url={0}%3Fprovider%3Dnobody", 404, "unknown", "nobody"),
        ("url={0}%3Ftheme%3Dpink", 422, "bad-value", "theme"),
        ("url={0}%3Frelease%3D999", 404, "unknown", "999"),
    ],
)
def test_what_is_wrong_is_a_problem(
    bundled: TestClient, query: str, status: int, code: str, said: str
) -> None:
    answer = bundled.get(f"/oembed?{query.format(f'{PUBLIC}/embed/share')}")

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json()["type"] == f"{PUBLIC}/problems/{code}"
    assert said in answer.json()["detail"]


def test_a_picture_with_a_size_there_is_not_is_a_problem(bundled: TestClient) -> None:
    for size in ("width=10", "width=wide", "scale=9", "width=2000&scale=2"):
        answer = oembed(bundled, f"{PUBLIC}/v1/share.png?{size}")

        assert answer.status_code == 422, size
        assert answer.headers["content-type"] == "application/problem+json"


def test_what_clients_add_of_their_own_does_no_harm(bundled: TestClient) -> None:
    url = f"{PUBLIC}/embed/share"

    assert oembed(bundled, url, "&dnt=1&callback=x").content == (
        oembed(bundled, url).content
    )


def test_what_is_not_to_be_had_now_is_to_be_asked_again(bundled: TestClient) -> None:
    def visit(missing: str) -> AskedVisit:
        async def ask(url: str) -> Answer:
            if re.search(missing, url):
                return Answer(503, b'{"title": "Later", "detail": "Later."}')
            found = bundled.get(url)
            return Answer(found.status_code, found.content)

        given = [("url", f"{PUBLIC}/embed/share?origin=CN")]
        return AskedVisit("/oembed", {}, given, PUBLIC, ask)

    for missing in (r"share\?", r"vl\.json.*release=5$|vl\.json\?origin=CN$"):
        made = asyncio.run(oembed_view(visit(missing)))
        assert (made.status, made.headers) == (503, [("retry-after", "5")])
        assert made.media_type == "application/problem+json"
    with pytest.raises(UnavailableError):
        asyncio.run(oembed_view(visit("width=")))


@pytest.mark.browser
def test_a_client_finds_and_renders_an_embed(
    served_bundle: str, hosted: Host, visit: Visit
) -> None:
    visit.page.goto(f"{served_bundle}/embed/share?origin=CN")
    found = visit.page.locator('link[type="application/json+oembed"]')
    link = str(found.get_attribute("href"))
    clients = ProviderRegistry()
    clients.register(f"{served_bundle}/.*", Provider(link.partition("?")[0]))
    url = f"{served_bundle}/embed/share?origin=CN"
    told = clients.request(url, maxwidth=600)
    text = clients.parse_text(f"See:\n\n{url}\n")

    assert told["type"] == "rich"
    assert told["width"] == 600
    assert f'<iframe src="{url}"' in text
    visit.page.goto(hosted(text))
    visit.page.frame_locator("iframe").locator("picture img").wait_for(timeout=10_000)
