"""Embeds: complete by themselves, light, and never without their source."""

import asyncio
from collections.abc import Coroutine
from html.parser import HTMLParser
from typing import cast
from urllib.parse import urljoin

import pytest
from starlette.testclient import TestClient

from app.web.asking import Answer, Made, Visit
from app.web.embed_table import number
from app.web.embeds import VIEWS
from app.web.words import Words
from tests.api.conftest import PUBLIC

LIGHT = 60_000
EVERY = [
    "/embed/share?origin=CN",
    "/embed/share?origin=CN&theme=dark",
    "/embed/share?origin=CN&release=5&lang=de",
    "/embed/share?group_by=model&interval=day&top=100",
    "/embed/share?provider=unknown",
    "/embed/volume?provider=deepseek&interval=week",
    "/embed/volume?group_by=none&interval=total",
    "/embed/rankings",
    "/embed/rankings?weights=open&theme=light&as_of=2026-10-15",
]
VOID = {"meta", "link", "img", "source", "br"}


class Seen(HTMLParser):
    """A page as its readers have it: tags, what they refer to, and text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text: dict[str, str] = {}
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        # Paragraphs and cells stand apart.
        self.handle_data(" ")
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        for tag in {*self.open}:
            self.text[tag] = self.text.get(tag, "") + data

    def having(self, tag: str, **attributes: str) -> list[dict[str, str | None]]:
        """Return the attributes of tags that have some."""
        return [
            found
            for name, found in self.tags
            if name == tag and attributes.items() <= found.items()
        ]


def seen(client: TestClient, url: str) -> Seen:
    answer = client.get(url)
    assert answer.status_code == 200, answer.text
    return Seen(answer.text)


def test_an_embed_says_what_the_answer_says(bundled: TestClient) -> None:
    url = "share?origin=CN&start_date=2026-04&end_date=2026-04"
    meta = bundled.get(f"/v1/{url}").json()["meta"]
    page = seen(bundled, f"/embed/{url}")

    assert (
        page.text["p"].split()
        == (
            f"45.4% between 45.4% and 55.2% {meta['quote']} {meta['citation']} "
            "Data through 2026-08-21. Model Census CSV Method"
        ).split()
    )
    assert (
        page.text["table"].split()
        == (
            f"{page.text['h1']} Period Country Share Bounds "
            "April 2026 China 45.4% 45.4% – 55.2%"  # noqa: RUF001
        ).split()
    )


def test_periods_groups_and_numbers_have_the_form_of_the_language(
    bundled: TestClient,
) -> None:
    page = seen(bundled, "/embed/volume?provider=deepseek&interval=month&lang=de")

    assert " ".join(page.text["tbody"].split()).startswith(
        "Juli 2026 (provisional) DeepSeek 41,4 Billionen "
        "41,4 Billionen – 57,4 Billionen"  # noqa: RUF001
    )


@pytest.mark.parametrize(
    ("url", "heads", "first"),
    [
        (
            "share?origin=CN&compare=previous",
            "Period Country Share Bounds Before Growth",
            (
                "25 Jul – 21 Aug 2026 (provisional) China "  # noqa: RUF001
                "58.5% 58.5% – 65.8% 60.5% -3.3%"  # noqa: RUF001
            ),
        ),
        (
            "volume?interval=total&group_by=none&start_date=2026-03&end_date=2026-04",
            "Period Volume Bounds",
            (
                "1 Mar – 30 Apr 2026 (32 of 61 days) "  # noqa: RUF001
                "104.6 trillion 104.6 trillion"
            ),
        ),
        (
            "rankings?sort=growth",
            "Rank Model Share Bounds Growth",
            "1 Google: Gemini 3.6 Flash 2.2% 2.2% +5,110.1%",
        ),
        (
            "rankings?sort=trending",
            "Rank Model Share Bounds Trend",
            "1 DeepSeek: DeepSeek V4 Flash 0731 10.8% 10.8% 30.1 trillion",
        ),
    ],
)
def test_a_table_has_what_was_asked_for(
    bundled: TestClient, url: str, heads: str, first: str
) -> None:
    page = seen(bundled, f"/embed/{url}&release=5")

    assert " ".join(page.text["thead"].split()) == heads
    assert " ".join(page.text["tbody"].split()).startswith(first)


@pytest.mark.parametrize("url", EVERY)
def test_nobody_can_leave_the_source_out(bundled: TestClient, url: str) -> None:
    answer = bundled.get(url)
    question = answer.request.url.query.decode()
    page = Seen(answer.text)
    meta = bundled.get("/v1/share?release=5").json()["meta"]

    assert "Licensed under CC BY 4.0." in page.text["footer"]
    assert "release 5" in page.text["footer"]
    assert "OpenRouter" in page.text["footer"]
    assert meta["release"] == 5
    links = [a["href"] for a in page.having("a")]
    assert any(link and link.startswith(f"{PUBLIC}/") for link in links)
    assert "Model Census" in page.text["a"]
    assert question is not None


@pytest.mark.parametrize("url", EVERY)
def test_an_embed_is_light_and_asks_this_service_alone(
    bundled: TestClient, url: str
) -> None:
    answer = bundled.get(url)
    page = Seen(answer.text)
    styles = [str(a["href"]) for a in page.having("link", rel="stylesheet")]
    loaded = [bundled.get(urljoin(url, style)) for style in styles]

    assert len(answer.content) + sum(len(one.content) for one in loaded) < LIGHT
    assert [one.status_code for one in loaded] == [200]
    assert {"style"} & {tag for tag, _ in page.tags} == set()
    assert all("style" not in a and "onload" not in a for _, a in page.tags)
    fetched = [
        a.get("src") or a.get("srcset")
        for tag in ("img", "source", "script")
        for a in page.having(tag)
    ]
    assert all(str(one).startswith("../") for one in fetched)


def test_only_embeds_may_be_framed(bundled: TestClient) -> None:
    embed = bundled.get("/embed/share").headers["content-security-policy"]
    problem = bundled.get("/embed/nothing").headers["content-security-policy"]
    others = [
        bundled.get(path).headers["content-security-policy"]
        for path in ("/", "/method", "/v1/share", "/oembed?url=x")
    ]

    assert "frame-ancestors *" in embed
    assert problem == embed
    assert "unsafe" not in embed
    assert ["frame-ancestors 'none'" in one for one in others] == [True] * 4


def test_an_embed_is_live_and_its_parts_are_of_one_release(bundled: TestClient) -> None:
    live = seen(bundled, "/embed/share?origin=CN")
    pinned = seen(bundled, "/embed/share?origin=CN&release=4")

    (image,) = live.having("img")
    assert image["src"] == "../v1/share.svg?origin=CN&release=5&theme=light&width=720"
    assert "Data through 2026-08-21." in live.text["footer"]
    (image,) = pinned.having("img")
    assert image["src"] == "../v1/share.svg?origin=CN&release=4&theme=light&width=720"
    assert "Stays as it is." in pinned.text["footer"]


def test_the_picture_is_that_of_the_readers_scheme_and_room(
    bundled: TestClient,
) -> None:
    page = seen(bundled, "/embed/rankings?release=5")
    dark = seen(bundled, "/embed/rankings?release=5&theme=dark")

    night = "screen and (prefers-color-scheme: dark)"
    url = "../v1/rankings.svg?release=5&theme="
    assert [(a["media"], a["srcset"]) for a in page.having("source")] == [
        (f"{night} and (max-width: 419px)", f"{url}dark&width=340"),
        (f"{night} and (max-width: 579px)", f"{url}dark&width=480"),
        (night, f"{url}dark&width=720"),
        ("(max-width: 419px)", f"{url}light&width=340"),
        ("(max-width: 579px)", f"{url}light&width=480"),
    ]
    assert [(a["media"], a["srcset"]) for a in dark.having("source")] == [
        ("(max-width: 419px)", f"{url}dark&width=340"),
        ("(max-width: 579px)", f"{url}dark&width=480"),
    ]
    assert dark.having("html")[0]["data-theme"] == "dark"
    assert dark.having("meta", name="color-scheme")[0]["content"] == "dark"


def test_a_long_table_is_cut_to_its_newest_rows(bundled: TestClient) -> None:
    page = seen(bundled, "/embed/share?group_by=origin&interval=day")

    assert len(page.having("th", scope="row")) == 50
    assert "(50 of " in page.text["caption"]
    assert page.text["tbody"].split()[:5] == [
        "21",
        "Aug",
        "2026",
        "(provisional)",
        "China",
    ]
    assert page.having(
        "a", href="../v1/share.csv?group_by=origin&interval=day&release=5"
    )


@pytest.mark.parametrize(
    ("url", "status", "said", "better"),
    [
        ("/embed/share?origin=XX", 422, "origin: 'XX' is not", "/embed/share"),
        ("/embed/share?orign=CN", 400, "orign", "/embed/share?origin=CN"),
        ("/embed/share?theme=blue", 422, "theme", None),
        ("/embed/share?lang=xx-nope", 422, "lang", None),
        ("/embed/share?width=300", 400, "width", "/embed/share"),
        (
            "/embed/share?origin=CN&origin=US",
            400,
            "origin",
            "/embed/share?origin=CN,US",
        ),
        ("/embed/share?provider=nobody", 404, "provider", None),
        ("/embed/volumes?origin=CN", 404, "share, volume, rankings", "/embed/volume"),
        ("/embed/a/b", 404, "share, volume, rankings", None),
        ("/embed/models", 404, "share, volume, rankings", None),
    ],
)
def test_what_is_wrong_can_be_read_in_a_frame(
    bundled: TestClient, url: str, status: int, said: str, better: str | None
) -> None:
    answer = bundled.get(url)
    page = Seen(answer.text)
    links = [a["href"] for a in page.having("a")]

    assert answer.status_code == status
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    assert said in page.text["p"]
    assert page.text["h1"]
    assert links[-1] == f"{PUBLIC}/"
    if better is not None:
        assert links[0] == PUBLIC + better
        assert bundled.get(better).status_code == 200
    style = page.having("link", rel="stylesheet")[0]["href"]
    assert bundled.get(urljoin(url, str(style))).status_code == 200


def test_what_is_not_to_be_had_now_can_be_read_too() -> None:
    async def ask(url: str) -> Answer:
        assert url == "/v1/share?origin=CN"
        return Answer(503, b'{"title": "Unavailable for now", "detail": "Later."}')

    visit = Visit("/embed/share", {}, [("origin", "CN")], PUBLIC, ask)
    made = asyncio.run(
        cast("Coroutine[None, None, Made]", VIEWS["/embed/share"](visit))
    )
    page = Seen(made.body.decode())

    assert made.status == 503
    assert ("retry-after", "5") in made.headers
    assert (page.text["h1"].strip(), len(page.having("a"))) == (
        "Unavailable for now",
        1,
    )


def test_a_number_that_is_missing_is_not_there() -> None:
    row = {"share": None, "share_low": None, "share_high": None}

    assert number("share", {"data": [row]}, Words("en")) is None


def test_an_embed_is_found_by_readers_of_cards_and_of_oembed(
    bundled: TestClient,
) -> None:
    answer = bundled.get("/embed/share?origin=CN")
    page = Seen(answer.text)
    links = {a["type"]: str(a["href"]) for a in page.having("link", rel="alternate")}
    found = bundled.get(links["application/json+oembed"]).json()

    assert [*links] == ["application/json+oembed", "text/xml+oembed"]
    assert answer.headers.get_list("link") == [
        f'<{url}>; rel="alternate"; type="{kind}"' for kind, url in links.items()
    ]
    assert f'src="{PUBLIC}/embed/share?origin=CN"' in found["html"]
    assert page.having("link", rel="canonical") == [
        {"rel": "canonical", "href": f"{PUBLIC}/share?origin=CN"}
    ]
    card = page.having("meta", property="og:image")[0]["content"]
    assert card == f"{PUBLIC}/v1/share.png?origin=CN&width=600&scale=2"
    assert page.having("meta", name="twitter:card", content="summary_large_image")


@pytest.mark.parametrize("question", ["share?origin=CN", "volume", "rankings?top=3"])
def test_answers_lead_to_their_embed(bundled: TestClient, question: str) -> None:
    link = bundled.get(f"/v1/{question}").json()["links"]["embed"]

    assert link == f"{PUBLIC}/embed/{question}"
    assert bundled.get(link.removeprefix(PUBLIC)).status_code == 200


def test_hostile_names_stay_text(client: TestClient) -> None:
    page = seen(client, "/embed/share?provider=panda")

    assert 'Pan"da, <b>=1' in page.text["table"]
    assert page.having("b") == [{}]
    assert {tag for tag, _ in page.tags} & {"iframe", "style", "object"} == set()
