"""Pages of providers, models, countries and datasets, as they are sent."""

import json
import re
from urllib.parse import urljoin, urlsplit

import pytest
from starlette.testclient import TestClient

from tests.api.conftest import PUBLIC
from tests.api.small import WEIRD
from tests.web.reading import found, rows, text

_MEASURED = "from 25 July to 21 August 2026"


def facts(page: str) -> dict[str, str]:
    """Return the facts of a page by their names."""
    pairs = re.findall(r"<dt>(.*?)</dt>\s*<dd>(.*?)</dd>", page, re.DOTALL)
    return {text(name): text(told) for name, told in pairs}


def links(page: str) -> set[str]:
    """Return where the main part of a page leads to."""
    (main,) = re.findall(r"<main.*?</main>", page, re.DOTALL)
    return set(found(r'(?:href|src|srcset)="([^"#][^"]*)"', main))


def test_a_provider_is_told_of(bundled: TestClient) -> None:
    page = bundled.get("/providers/deepseek")
    said = text(page.text)

    assert page.status_code == 200
    assert page.headers["link"] == f'<{PUBLIC}/providers/deepseek>; rel="canonical"'
    assert facts(page.text) == {
        "Organisation": "Hangzhou DeepSeek AI",
        "Kind": "a lab that makes its own models",
        "Models": "29",
        "Country": "China",
        "Confidence": "high",
        "It rests on": "Headquarters in Hangzhou, China.",
        "Claimed since": "release 1",
    }
    assert f"Models by DeepSeek handled 24.2% of tokens on OpenRouter {_MEASURED}" in (
        said
    )
    assert "Between 24.2% and 31.5%, because 7.3% of tokens" in said
    assert "Rank 1 among providers by volume, 25 July to 21 August 2026" in said
    assert rows(page.text)[:2] == [
        ["Model", "Tokens in 28 days", "Variant", "Weights", "First seen", "Last seen"],
        [
            "DeepSeek: DeepSeek V4 Flash 0731",
            "30.1 trillion",
            "standard",
            "open",
            "31 July 2026",
            "21 August 2026",
        ],
    ]
    assert "none listed" in said
    assert found(r'<p class="figure">(.*?)</p>', page.text) == [
        "24.2% <small>of tokens on OpenRouter</small>"
    ]


def test_a_weak_claim_is_told_with_its_evidence(bundled: TestClient) -> None:
    page = bundled.get("/providers/dots-studio").text

    assert facts(page)["Confidence"].startswith("low: it may be otherwise")
    assert facts(page)["It rests on"].endswith("remains possible. evidence")
    assert re.search(r'href="https://thread-easy\.com/[^"]+" rel="nofollow"', page)


def test_a_disputed_claim_is_told_with_what_else_may_be(bundled: TestClient) -> None:
    told = facts(bundled.get("/providers/poolside").text)

    assert told["Confidence"] == (
        "disputed: there are good reasons for more than one reading"
    )
    assert told["It may also be"] == "France"


def test_no_country_is_said_where_none_is_claimed(bundled: TestClient) -> None:
    page = bundled.get("/providers/stealth").text

    assert facts(page)["Country"] == "unknown: no country is claimed"
    assert facts(page)["Kind"] == "a pseudonym: who is behind it is not known"
    assert "Organization" not in page


def test_a_model_is_told_of(bundled: TestClient) -> None:
    page = bundled.get("/models/openai/gpt-oss-120b").text

    assert facts(page) == {
        "Slug": "openai/gpt-oss-120b",
        "Provider": "OpenAI",
        "Country": "United States",
        "Weights": "open",
        "Licence": "not known",
        "Family": "gpt-oss",
        "Variant": "standard",
        "Released": "5 August 2025",
        "Context": "131,072 tokens",
        "Price": "not known",
        "On Hugging Face": "openai/gpt-oss-120b",
        "Listed": "30 March to 21 August 2026, first and last day",
    }
    assert [row[2] for row in rows(page)] == ["Variant", "standard", "free"]
    assert "../../providers/openai" in links(page)
    assert "../../models/openai/gpt-oss-120b:free" in links(page)


def test_a_month_is_told_where_no_day_is_known(bundled: TestClient) -> None:
    page = bundled.get("/models/moonshotai/kimi-k2.5-0127").text

    assert facts(page)["Released"] == "January 2026"


def test_another_name_leads_to_the_page(bundled: TestClient) -> None:
    page = bundled.get("/models/deepseek/deepseek-v4-flash")
    own = f"{PUBLIC}/models/deepseek/deepseek-v4-flash-20260423"

    assert page.status_code == 200
    assert page.headers["link"] == f'<{own}>; rel="canonical"'
    assert f'<link rel="canonical" href="{own}">' in page.text


def test_a_country_is_told_of(bundled: TestClient) -> None:
    page = bundled.get("/origins/CN").text

    assert "China is the seat of 18 providers with 190 models" in text(page)
    assert facts(page) == {
        "Could be placed": "92.7% of tokens, 25 July to 21 August 2026",
        "Not listed by name": "18.3 trillion tokens, known only as a sum",
    }
    assert rows(page)[1] == ["DeepSeek", "67.8 trillion", "high", "lab", "29"]
    assert "../models?origin=CN" in links(page)


def test_what_is_of_no_country_is_explained(bundled: TestClient) -> None:
    page = bundled.get("/origins/unknown").text

    assert "For 15 providers with 51 models no country is claimed." in text(page)
    assert "models under a pseudonym" in text(page)


def test_a_dataset_is_told_of(bundled: TestClient) -> None:
    page = bundled.get("/datasets/openrouter-tokens").text
    told = facts(page)

    assert told["Publisher"] == "OpenRouter source"
    assert told["Licence"] == "CC-BY-4.0"
    assert told["Days"] == "145 days, 30 March to 21 August 2026"
    assert told["Days that are missing"] == "none"
    assert told["State"] == "stale: newer data were expected long ago"
    assert told["With a country"] == "90.5% of recent volume"
    assert "a model below rank 50 is not at zero" in text(page)
    assert rows(page)[2][0] == "13 to 21 April 2026"
    assert found(r'href="../v1/releases/(\d)"', page) == ["5", "4", "3"]


@pytest.mark.parametrize("kind", ["providers", "models", "origins", "datasets"])
def test_a_list_is_the_api_s(bundled: TestClient, kind: str) -> None:
    page = bundled.get(f"/{kind}").text
    sort = {} if kind == "datasets" else {"sort": "-volume_28d"}
    answer = bundled.get(f"/v1/{kind}", params=sort).json()
    key = "origin_name" if kind == "origins" else "name"

    assert [row[0] for row in rows(page)][1:] == [row[key] for row in answer["data"]]


def test_a_list_is_searched_sorted_and_paged(bundled: TestClient) -> None:
    query = "q=gpt&provider=openai&limit=2&sort=first_seen"
    page = bundled.get(f"/models?{query}").text
    (onwards,) = found(r'rel="next" href="\./([^"]*)"', page)
    second = bundled.get(f"/{onwards}").text
    names = [row[0] for each in (page, second) for row in rows(each)[1:]]
    asked = bundled.get(f"/v1/models?{query.replace('limit=2', 'limit=4')}").json()

    assert names == [row["name"] for row in asked["data"]]
    assert found(r'name="q" type="search" value="([^"]*)"', second) == ["gpt"]
    hidden = found(r'type="hidden" name="([^"]*)" value="([^"]*)"', second)
    assert hidden == [("provider", "openai"), ("limit", "2"), ("sort", "first_seen")]
    assert 'aria-sort="ascending"' in page
    assert "./models?q=gpt&provider=openai&limit=2&sort=-first_seen" in links(page)
    assert "./models?q=gpt&limit=2&sort=first_seen" in links(page)
    assert f"./models?{query}" in links(second)


@pytest.mark.parametrize(
    ("path", "status", "better"),
    [
        ("/providers/depseek", 404, "../providers/deepseek"),
        (
            "/models/openai/gpt-oss-120:free",
            404,
            "../../models/openai/gpt-oss-120b:free",
        ),
        ("/models/openai", 404, "../models"),
        ("/origins/cn", 422, "../origins/CN"),
        ("/origins/CN,US", 404, "../origins"),
        ("/datasets/openrouter", 404, "../datasets/openrouter-tokens"),
        ("/datasets/a/b", 404, "../../datasets"),
        ("/providers?colour=red", 400, "./providers"),
        ("/providers/deepseek?colour=red", 400, "../providers/deepseek"),
        ("/models?sort=beauty", 422, "./models?sort=slug"),
    ],
)
def test_what_is_wrong_is_said(
    bundled: TestClient, path: str, status: int, better: str
) -> None:
    page = bundled.get(path)

    assert page.status_code == status
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    offered = found(r'class="button primary" href="([^"]*)">See', page.text)
    assert offered == [better]
    assert bundled.get(urljoin(f"{PUBLIC}{path}", better)).status_code == 200


def test_a_past_release_is_told_as_it_was(bundled: TestClient) -> None:
    page = bundled.get("/providers/deepseek?release=3").text

    assert "This is release 3, published on 11 October 2026, 06:02 UTC." in text(page)
    assert "../share?provider=deepseek&release=3" in links(page)
    assert found(r'href="([^"]*)">The newest', page) == ["../providers/deepseek"]
    assert f"{_MEASURED}" not in text(page)


def test_a_release_without_numbers_has_a_page(bundled: TestClient) -> None:
    page = bundled.get("/providers/deepseek?release=1")

    assert page.status_code == 200
    assert 'class="figure"' not in page.text
    assert "<figure>" not in page.text


@pytest.mark.parametrize(
    "path",
    [
        "/providers/deepseek",
        "/models/openai/gpt-oss-120b:free",
        "/origins/CN",
        "/datasets/openrouter-tokens",
        "/datasets/ai-tools-directory",
        "/datasets/openrouter-tokens?release=4",
        "/models?weights=open&limit=5",
    ],
)
def test_every_link_is_answered(bundled: TestClient, path: str) -> None:
    page = bundled.get(path).text
    for link in sorted(links(page)):
        url = urljoin(f"{PUBLIC}{path}", link)
        # Other sites are not asked; pictures are drawn alike whatever their size.
        if urlsplit(url).netloc != urlsplit(PUBLIC).netloc or "width=360" in url:
            continue
        assert bundled.head(url).status_code == 200, link


def test_hostile_names_are_shown_as_they_are(client: TestClient) -> None:
    page = client.get("/providers/panda")

    assert page.status_code == 200
    assert found(r"<h1>(.*?)</h1>", page.text) == [WEIRD]
    assert "<b>" not in page.text
    for data in re.findall(r"ld\+json\">(.*?)</script>", page.text):
        assert not set("<>&") & set(data)
        assert json.loads(data)["itemListElement"][1]["name"] == WEIRD


def test_a_page_is_kept_like_an_answer(bundled: TestClient) -> None:
    first = bundled.get("/datasets/openrouter-tokens")
    known = {"if-none-match": first.headers["etag"]}

    assert first.headers["cache-control"].startswith("public, max-age=60, ")
    again = bundled.get("/datasets/openrouter-tokens", headers=known)
    assert again.status_code == 304


def test_tables_of_the_explorer_lead_to_the_pages(bundled: TestClient) -> None:
    page = bundled.get("/rankings?group_by=provider").text

    assert "providers/deepseek" in links(page)
    assert bundled.get("/providers/deepseek").status_code == 200
