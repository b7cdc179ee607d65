"""Figures and badges through the door: what they are, say, and refuse to be."""

import io
import json
import re
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree as ET

import altair.vegalite.v6.schema as vega_lite
import jsonschema_rs
import pytest
from PIL import Image
from starlette.testclient import TestClient

from app.api.front import Front
from tests.api.small import WEIRD

APRIL = "start_date=2026-04&end_date=2026-04&release=5"
QUESTIONS = [
    f"/v1/share{{}}?origin=CN&{APRIL}",
    f"/v1/share{{}}?{APRIL}",
    f"/v1/share{{}}?origin=CN&within_weights=open&{APRIL}",
    "/v1/share{}?origin=CN&interval=week&window=all&release=5",
    "/v1/share{}?origin=CN,US&interval=day&window=90d&release=5",
    "/v1/share{}?interval=month&window=all&release=5&compare=previous",
    "/v1/share{}?group_by=origin,weights&interval=quarter&window=all&release=5",
    (
        "/v1/share{}?provider=deepseek&interval=day&start_date=2026-03-20&"
        "end_date=2026-04-10&incomplete=include&release=5"
    ),
    "/v1/share{}?dataset=ai-tools-directory&release=5",
    "/v1/share{}?group_by=none&origin=CN&weights=open&release=5",
    "/v1/volume{}?release=5",
    "/v1/volume{}?interval=total&origin=CN&release=5",
    "/v1/volume{}?group_by=provider&top=100&window=30d&release=5",
    "/v1/volume{}?group_by=base&provider=openai,google&window=30d&release=5&smooth=7d",
    "/v1/volume{}?updated_since=2027-01-01T00:00:00Z&release=5",
    "/v1/rankings{}?release=5",
    "/v1/rankings{}?sort=growth&group_by=provider&top=8&release=5",
    "/v1/rankings{}?sort=trending&release=5",
    "/v1/rankings{}?group_by=none&origin=CN&release=5",
    "/v1/rankings{}?start_date=2026-03-20&end_date=2026-03-30&release=5",
]
SVG = "{http://www.w3.org/2000/svg}"


@cache
def vega_lite_schema() -> jsonschema_rs.Validator:
    path = Path(vega_lite.__file__).parent / "vega-lite-schema.json"
    return jsonschema_rs.validator_for(json.loads(path.read_text(), object_hook=_spelt))


def _spelt(part: dict[str, Any]) -> dict[str, Any]:
    """Return a part of a schema with a reference that is a URI."""
    to = part.get("$ref")
    return {**part, "$ref": quote(to, safe="#/")} if isinstance(to, str) else part


def svg(client: TestClient, url: str) -> ET.Element:
    reply = client.get(url)
    assert reply.status_code == 200, reply.text
    assert reply.headers["content-type"] == "image/svg+xml"
    return ET.fromstring(reply.content)


def said(root: ET.Element) -> str:
    return " ".join("".join(e.itertext()) for e in root.iter(f"{SVG}text"))


@pytest.mark.parametrize("url", QUESTIONS)
def test_the_specification_is_vega_lite(bundled: TestClient, url: str) -> None:
    reply = bundled.get(url.format(".vl.json"))

    assert reply.status_code == 200, reply.text
    assert reply.headers["content-type"] == "application/vnd.vegalite.v6+json"
    vega_lite_schema().validate(reply.json())
    assert reply.json()["usermeta"]["permalink"].startswith("https://census.example/v1")


@pytest.mark.parametrize("url", QUESTIONS)
def test_a_picture_says_what_it_shows_and_runs_nothing(
    bundled: TestClient, url: str
) -> None:
    spec = bundled.get(url.format(".vl.json")).json()
    root = svg(bundled, url.format(".svg"))

    names = {element.tag.removeprefix(SVG) for element in root.iter()}
    assert names <= {"svg", "title", "desc", "style", "g", "rect", "path", "line"} | {
        "text",
        "tspan",
    }
    attributes = {name for element in root.iter() for name in element.attrib}
    assert not any("href" in name or name.startswith("on") for name in attributes)
    assert not re.search("url\\(|@import", (root.findtext(f"{SVG}style") or ""))
    assert root.get("role") == "img"
    assert root.findtext(f"{SVG}title") == spec["usermeta"]["title"]
    assert root.findtext(f"{SVG}desc") == spec["description"]
    assert spec["usermeta"]["quote"] in spec["description"]
    assert "via Model Census, release 5, as of" in said(root)
    assert root.get("width") == "720"


def test_a_share_shows_its_bounds(bundled: TestClient) -> None:
    root = svg(bundled, f"/v1/share.svg?origin=CN&{APRIL}&theme=light")

    assert said(root).split("Source")[0] == (
        "Models from China-based labs: share of tokens on OpenRouter "
        "% of all tokens · April 2026 0% 25% 50% 75% 100% 45.4% "
        "bounds 45.4%–55.2% "  # noqa: RUF001
    )
    assert root.find(f"{SVG}style") is None


def test_a_picture_follows_its_readers_theme_by_a_style_that_is_allowed(
    bundled: TestClient,
) -> None:
    reply = bundled.get(f"/v1/share.svg?{APRIL}")

    style = ET.fromstring(reply.content).findtext(f"{SVG}style") or ""
    assert style.startswith("@media (prefers-color-scheme:dark){")
    policy = reply.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    dark = bundled.get(f"/v1/share.svg?{APRIL}&theme=dark").text
    assert 'fill="#12161c"' in dark
    assert "#ffffff" not in dark


@pytest.mark.parametrize(
    ("look", "width"),
    [
        ("", 720),
        ("width=320", 320),
        ("width=200&scale=3", 600),
        ("width=1200&scale=2", 2400),
        ("theme=dark&width=2400", 2400),
    ],
)
def test_pixels_are_as_many_as_were_asked_for(
    bundled: TestClient, look: str, width: int
) -> None:
    reply = bundled.get(f"/v1/share.png?origin=CN&{APRIL}&{look}".rstrip("&"))

    assert reply.status_code == 200, reply.text
    assert reply.headers["content-type"] == "image/png"
    image = Image.open(io.BytesIO(reply.content))
    image.load()
    text = getattr(image, "text", {})
    assert image.width == width
    assert text["Title"].startswith("Models from China-based labs")
    assert "45.4%" in text["Description"]
    colours = image.convert("RGB").getcolors(maxcolors=1 << 24) or []
    paper = (18, 22, 28) if "dark" in look else (255, 255, 255)
    assert max(colours)[1] == paper


def test_a_picture_is_kept_like_any_answer(bundled: TestClient) -> None:
    pinned = f"/v1/share.svg?origin=CN&{APRIL}"
    first, live = bundled.get(pinned), bundled.get("/v1/share.svg?origin=CN")
    again = bundled.get(pinned, headers={"if-none-match": first.headers["etag"]})

    assert first.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert live.headers["cache-control"].startswith("public, max-age=60,")
    assert first.headers["access-control-allow-origin"] == "*"
    assert first.headers["cross-origin-resource-policy"] == "cross-origin"
    assert again.status_code == 304
    assert bundled.head(pinned).status_code == 200


def test_formats_of_one_question_are_kept_apart(bundled: TestClient) -> None:
    suffixes = ["", ".svg", ".png", ".vl.json", ".badge.svg", ".badge.json", ".csv"]
    replies = [bundled.get(f"/v1/share{s}?origin=CN&{APRIL}") for s in suffixes]

    assert len({reply.headers["etag"] for reply in replies}) == len(suffixes)
    assert len({reply.content for reply in replies}) == len(suffixes)


def test_a_picture_as_of_a_day_names_itself_pinned(bundled: TestClient) -> None:
    reply = bundled.get("/v1/share.svg?origin=CN&as_of=2026-10-12&theme=dark&lang=de")

    where = reply.headers["content-location"]
    assert where.startswith("https://census.example/v1/share.svg?origin=CN&")
    assert where.endswith("&release=5&theme=dark&lang=de")
    assert bundled.get(where).content == reply.content


def test_answers_link_to_their_figures(bundled: TestClient) -> None:
    links = bundled.get(f"/v1/share?origin=CN&{APRIL}").json()["links"]

    assert list(links)[-3:] == ["svg", "png", "embed"]
    query = f"?origin=CN&{APRIL}"
    assert links["svg"] == f"https://census.example/v1/share.svg{query}"
    assert links["png"] == f"https://census.example/v1/share.png{query}"
    assert links["embed"] == f"https://census.example/embed/share{query}"
    assert "svg" not in bundled.get("/v1/models").json()["links"]


def test_a_hostile_name_is_text(client: TestClient) -> None:
    url = "/v1/share{}?group_by=provider"

    assert WEIRD in said(svg(client, url.format(".svg")))
    badge = client.get("/v1/share.badge.svg?provider=panda").content
    assert f"{WEIRD} share of tokens: 45.0%" in str(ET.fromstring(badge)[0].text)


@pytest.mark.parametrize(
    ("question", "badge"),
    [
        (f"share{{}}?origin=CN&{APRIL}", ("CN share of tokens", "45.4%", "086ad4")),
        (
            f"volume{{}}?origin=CN&interval=total&{APRIL}",
            ("CN tokens", "44.1T tokens", "086ad4"),
        ),
        (
            f"rankings{{}}?group_by=provider&{APRIL}",
            ("Providers by share of tokens on OpenRouter", "Anthropic 14.5%", "086ad4"),
        ),
        (
            "share{}?origin=CN&start_date=2026-03-20&end_date=2026-03-21&release=5",
            None,
        ),
        (
            f"share{{}}?group_by=none&weights=open&{APRIL}&lang=de",
            (
                "Open-weight models: share of tokens on OpenRouter",
                "37,2\N{NO-BREAK SPACE}%",
                "086ad4",
            ),
        ),
    ],
)
def test_a_badge_is_one_number(
    bundled: TestClient, question: str, badge: tuple[str, str, str] | None
) -> None:
    reply = bundled.get(f"/v1/{question.format('.badge.json')}")
    drawn = bundled.get(f"/v1/{question.format('.badge.svg')}")

    if badge is None:
        assert reply.status_code == drawn.status_code == 422
        return
    label, message, colour = badge
    assert reply.headers["content-type"] == "application/json"
    assert reply.json() == {
        "schemaVersion": 1,
        "label": label,
        "message": message,
        "color": colour,
        "cacheSeconds": 3600,
    }
    root = ET.fromstring(drawn.content)
    assert drawn.headers["content-type"] == "image/svg+xml"
    assert [e.text for e in root.iter(f"{SVG}text")] == [label, message]
    assert root.findtext(f"{SVG}title") == f"{label}: {message}"


@pytest.mark.parametrize(
    ("url", "status", "parameter", "better"),
    [
        ("/v1/share?theme=dark", 400, "theme", "/v1/share"),
        ("/v1/share.csv?lang=de", 400, "lang", "/v1/share.csv"),
        ("/v1/share.svg?scale=2", 400, "scale", "/v1/share.svg"),
        ("/v1/share.badge.svg?width=300", 400, "width", "/v1/share.badge.svg"),
        ("/v1/share.vl.json?scale=2", 400, "scale", "/v1/share.vl.json"),
        ("/v1/share.svg?shape=wide", 400, "shape", "/v1/share.svg"),
        ("/v1/share.svg?theme=blue", 422, "theme", "/v1/share.svg"),
        ("/v1/share.svg?width=199", 422, "width", "/v1/share.svg?width=200"),
        ("/v1/share.svg?width=2401", 422, "width", "/v1/share.svg?width=2400"),
        ("/v1/share.svg?width=wide", 422, "width", "/v1/share.svg"),
        ("/v1/share.png?scale=5", 422, "scale", "/v1/share.png?scale=3"),
        ("/v1/share.png?width=801&scale=3", 422, "scale", "width=801&scale=2"),
        ("/v1/share.svg?lang=tlh", 422, "lang", "/v1/share.svg"),
        ("/v1/share.svg?lang=de-XX1", 422, "lang", "/v1/share.svg?lang=de"),
        ("/v1/share.svg?lang=../etc", 422, "lang", "/v1/share.svg"),
    ],
)
def test_a_look_that_cannot_be_is_refused(
    bundled: TestClient, url: str, status: int, parameter: str, better: str
) -> None:
    reply = bundled.get(url)
    problem = reply.json()

    assert reply.status_code == status
    assert [error["parameter"] for error in problem["errors"]] == [parameter]
    assert problem["try_url"].endswith(better)
    assert bundled.get(problem["try_url"]).status_code == 200


@pytest.mark.parametrize(
    ("path", "advice"),
    [
        (".badge.svg?theme=dark", "theme: of use with a figure alone; add .svg"),
        (".svg?scale=2", "scale: of use with a PNG alone; add .png"),
        (".csv?lang=de", "lang: of use with a picture alone; add .svg"),
    ],
)
def test_what_has_the_look_is_named(
    bundled: TestClient, path: str, advice: str
) -> None:
    detail = bundled.get(f"/v1/share{path}").json()["detail"]

    assert detail == f"{advice} to the path."


@pytest.mark.parametrize(
    ("url", "better"),
    [
        ("/v1/models.svg", "/v1/models.csv"),
        ("/v1/origins.badge.json", None),
        ("/v1/share.jpg", "/v1/share.png"),
        ("/v1/share.vl", None),
    ],
)
def test_there_is_no_figure_of_a_list(
    bundled: TestClient, url: str, better: str | None
) -> None:
    reply = bundled.get(url)

    assert reply.status_code == 404
    assert reply.json()["type"].endswith("/problems/no-such-path")
    if better is not None:
        assert reply.json()["try_url"] == f"https://census.example{better}"


def test_a_png_in_a_script_without_a_font_is_refused(bundled: TestClient) -> None:
    reply = bundled.get("/v1/share.png?lang=am")

    assert reply.status_code == 422
    assert reply.json()["type"].endswith("/problems/no-font")
    assert reply.json()["try_url"] == "https://census.example/v1/share.png"
    assert "Chine" in said(svg(bundled, "/v1/share.svg?lang=fr"))


def test_a_figure_that_is_not_drawn_is_a_problem_and_is_not_kept(
    front: Front, client: TestClient
) -> None:
    drawing = front.state.door.drawing
    drawing.close()

    reply = client.get("/v1/share.svg")
    assert reply.status_code == 503
    assert reply.json()["type"] == "https://census.example/problems/drawing"
    assert reply.headers["retry-after"] == "5"
    assert reply.headers["cache-control"] == "no-store"
    assert client.get("/v1/share.vl.json").status_code == 200
    assert client.get("/v1/share.badge.svg").status_code == 200
    drawing.open()
    assert client.get("/v1/share.svg").status_code == 200
