"""Pages of things where `/v1` says what the bundled census does not."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any

import pytest
from starlette.testclient import TestClient

from app.web.asking import Answer, Made, Visit
from app.web.things import VIEWS
from app.web.urls import linked
from tests.api.conftest import PUBLIC
from tests.web.reading import found, text
from tests.web.test_things import facts

_CLAIM = {
    "attribute": "weights",
    "value": "closed",
    "alternatives": ["open"],
    "confidence": "disputed",
    "basis": "Told so.",
    "evidence": "javascript:alert(1)",
    "source": "test",
    "valid_from": None,
    "valid_to": "2026-08-01",
    "since_release": 2,
}


def page(
    client: TestClient,
    view: str,
    named: Mapping[str, str],
    *,
    down: str = "",
    more: Mapping[str, Any] | None = None,
) -> Made:
    """Return a page, made of the answers of a service.

    Args:
        client: The service.
        view: Path of the view.
        named: Its named parts.
        down: Start of paths that are not to be had.
        more: What the answer about the thing says otherwise.
    """
    path = view.format(**named)

    async def ask(url: str) -> Answer:
        if down and url.startswith(down):
            return Answer(503, b"{}")
        reply = client.get(url)
        body = reply.content
        if more and url == f"/v1{path}":
            answer = reply.json()
            answer["data"] |= more
            body = json.dumps(answer).encode()
        return Answer(reply.status_code, body)

    return seen(view, Visit(path, named, [], PUBLIC, ask))


def seen(view: str, visit: Visit) -> Made:
    """Return what a view makes of a visit."""

    async def see() -> Made:
        return await VIEWS[view](visit)

    return asyncio.run(see())


@pytest.mark.parametrize(
    ("view", "slug", "down"),
    [
        ("/providers/{slug}", "deepseek", "/v1/share?"),
        ("/providers/{slug}", "deepseek", "/v1/share.vl.json"),
        ("/providers/{slug}", "deepseek", "/v1/rankings"),
        ("/providers/{slug}", "deepseek", "/v1/models"),
        ("/models/{provider}/{model}", "openai/gpt-oss-120b", "/v1/providers"),
        ("/origins/{code}", "CN", "/v1/datasets"),
        ("/datasets/{slug}", "openrouter-tokens", "/v1/status"),
        ("/datasets/{slug}", "openrouter-tokens", "/v1/volume"),
    ],
)
def test_what_is_missing_for_a_moment_is_said_and_not_kept(
    bundled: TestClient, view: str, slug: str, down: str
) -> None:
    provider, _, model = slug.partition("/")
    named = {"slug": slug, "code": slug, "provider": provider, "model": model}
    whole = page(bundled, view, named)
    made = page(bundled, view, named, down=down)

    assert (whole.status, whole.kept) == (200, True)
    assert (made.status, made.kept) == (200, False)
    assert "cannot be told just now" in text(made.body.decode())
    assert "cannot be told just now" not in text(whole.body.decode())


def test_a_thing_that_is_not_to_be_had_is_a_problem() -> None:
    async def ask(url: str) -> Answer:
        body = json.dumps({"title": "Not available", "detail": f"Later: {url}"})
        return Answer(503, body.encode())

    visit = Visit("/origins/CN", {"code": "CN"}, [], PUBLIC, ask)
    made = seen("/origins/{code}", visit)

    assert made.status == 503
    assert ("retry-after", "5") in made.headers
    assert "Later: /v1/origins?origin=CN" in text(made.body.decode())


def test_a_price_is_told_with_its_date(bundled: TestClient) -> None:
    priced = {
        "price_prompt_usd_per_million": 0.00000025,
        "price_completion_usd_per_million": 15,
        "price_as_of": "2026-08-01",
        "license": "apache-2.0",
    }
    named = {"provider": "openai", "model": "gpt-oss-120b"}
    made = page(bundled, "/models/{provider}/{model}", named, more=priced)
    told = facts(made.body.decode())

    assert told["Price"] == (
        "US$ 0.00000025 per million tokens read, US$ 15 per million written, since "
        "1 August 2026"
    )
    assert told["Licence"] == "apache-2.0"


def test_claims_that_ended_are_told(bundled: TestClient) -> None:
    named = {"provider": "openai", "model": "gpt-oss-120b"}
    history = [_CLAIM | {"until_release": 4}]
    made = page(bundled, "/models/{provider}/{model}", named, more={"history": history})
    said = text(made.body.decode())

    assert (
        "What was claimed before Claims that are no longer made What Value Valid "
        "Confidence It rests on Releases Weights closed or open to 1 August 2026 "
        "disputed Told so. 2 to 4" in said
    )
    assert "javascript:" not in made.body.decode()


def test_gaps_and_days_to_be_looked_at_are_told(bundled: TestClient) -> None:
    gaps = [f"2026-04-{day:02}" for day in range(1, 15)]
    more = {"gaps": gaps, "flagged": ["2026-05-01"]}
    named = {"slug": "openrouter-tokens"}
    made = page(bundled, "/datasets/{slug}", named, more=more)
    told = facts(made.body.decode())

    assert told["Days that are missing"].startswith("14: 1 April 2026, 2 April 2026, ")
    assert told["Days that are missing"].endswith("12 April 2026 and 2 more")
    assert told["Days to be looked at"] == "1 May 2026"


def test_hostile_words_stay_words(bundled: TestClient) -> None:
    name = "</script><script>alert(1)</script>"
    more = {"name": name, "publisher": name, "url": "javascript:alert(1)"}
    named = {"slug": "openrouter-tokens"}
    body = page(bundled, "/datasets/{slug}", named, more=more).body.decode()

    assert "<script>alert" not in body
    assert 'href="javascript:' not in body
    assert found(r"<h1>(.*?)</h1>", body) == [name]
    texts = found(r'ld\+json">(.*?)</script>', body)
    assert [json.loads(each)["@type"] for each in texts] == [
        "BreadcrumbList",
        "Dataset",
    ]


@pytest.mark.parametrize(
    ("url", "link"),
    [
        ("https://a.example/b", "https://a.example/b"),
        ("javascript:alert(1)", ""),
        ("//a.example", ""),
        (None, ""),
    ],
)
def test_only_web_addresses_are_linked(url: str | None, link: str) -> None:
    assert linked(url) == link


@pytest.mark.parametrize(
    ("license_", "said"),
    [
        ("LicenseRef-unstated", "the publisher states none"),
        ("LicenseRef-House-rules.2", "LicenseRef-House-rules.2"),
    ],
)
def test_terms_of_ones_own_are_not_taken_for_none(
    bundled: TestClient, license_: str, said: str
) -> None:
    more = {"license": license_}
    slug = {"slug": "openrouter-tokens"}
    made = page(bundled, "/datasets/{slug}", slug, more=more)

    assert facts(made.body.decode())["Licence"] == said
