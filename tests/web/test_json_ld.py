"""What pages say of themselves in the words of schema.org."""

import json
import re
from datetime import date, datetime
from typing import Any
from urllib.parse import urlsplit

import pytest
from starlette.testclient import TestClient

from app.web import json_ld
from tests.api.conftest import PUBLIC

HOSTILE = "</script><b>&\u2028\u2029<!--"


def told(page: str) -> dict[str, Any]:
    """Return what a page says, by type."""
    texts = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page)
    found = [json.loads(text) for text in texts]
    assert all(each["@context"] == "https://schema.org" for each in found)
    return {each["@type"]: each for each in found}


def urls(said: object) -> list[str]:
    """Return every URL of this service that is said."""
    if isinstance(said, dict):
        return [url for each in said.values() for url in urls(each)]
    if isinstance(said, list):
        return [url for each in said for url in urls(each)]
    return [said] if isinstance(said, str) and said.startswith(PUBLIC) else []


def test_a_dataset_says_what_it_is(bundled: TestClient) -> None:
    said = told(bundled.get("/datasets/openrouter-tokens").text)["Dataset"]
    files = said.pop("distribution")
    url = f"{PUBLIC}/datasets/openrouter-tokens"

    assert said == {
        "@context": "https://schema.org",
        "@type": "Dataset",
        "@id": url,
        "name": "OpenRouter daily rankings",
        "description": "OpenRouter daily rankings: tokens on OpenRouter, by origin, "
        "provider, lab, family, base, model, license, weights, variant; published by "
        "OpenRouter, kept and classified by Model Census, with bounds for what cannot "
        "be attributed.",
        "url": url,
        "identifier": "openrouter-tokens",
        "license": "https://creativecommons.org/licenses/by/4.0/",
        "creator": {
            "@type": "Organization",
            "name": "OpenRouter",
            "url": "https://openrouter.ai/rankings",
        },
        "publisher": {
            "@type": "Organization",
            "name": "Model Census",
            "url": f"{PUBLIC}/",
        },
        "temporalCoverage": "2026-03-30/2026-08-21",
        "isBasedOn": "https://openrouter.ai/rankings",
        "dateModified": "2026-10-11T06:04:00Z",
        "version": "5",
        "variableMeasured": {
            "@type": "PropertyValue",
            "name": "tokens processed",
            "unitText": "tokens",
        },
        "isAccessibleForFree": True,
        "citation": "Source: OpenRouter (openrouter.ai/rankings), as of "
        "2026-10-11T00:27:00Z. Licensed under CC BY 4.0. Aggregated and classified by "
        "Model Census, release 5.",
        "includedInDataCatalog": {
            "@type": "DataCatalog",
            "name": "Model Census",
            "url": f"{PUBLIC}/datasets",
        },
    }
    for file in files:
        reply = bundled.get(file["contentUrl"])
        assert file["@type"] == "DataDownload"
        kind = reply.headers["content-type"].partition(";")[0]
        assert (reply.status_code, kind) == (200, file["encodingFormat"])
    assert [file["name"] for file in files] == [
        *("CSV", "Excel", "ZIP", "JSON", "NDJSON", "Parquet")
    ]


@pytest.mark.parametrize(
    "path", ["/datasets/openrouter-tokens", "/datasets/ai-tools-directory"]
)
def test_a_dataset_has_what_search_engines_ask_for(
    bundled: TestClient, path: str
) -> None:
    said = told(bundled.get(path).text)["Dataset"]
    first, last = said["temporalCoverage"].split("/")

    assert 50 <= len(said["description"]) <= 5000
    assert date.fromisoformat(first) <= date.fromisoformat(last)
    assert datetime.fromisoformat(said["dateModified"]).tzinfo is not None
    assert {"name", "url", "creator", "publisher", "distribution"} <= set(said)
    assert urlsplit(said["url"]).scheme == "https"


def test_a_licence_that_nobody_stated_is_not_said(bundled: TestClient) -> None:
    page = bundled.get("/datasets/ai-tools-directory").text

    assert "license" not in told(page)["Dataset"]
    assert "the publisher states none" in page


def test_the_catalogue_lists_the_datasets(bundled: TestClient) -> None:
    said = told(bundled.get("/datasets").text)["DataCatalog"]

    assert [each["url"] for each in said["dataset"]] == [
        f"{PUBLIC}/datasets/ai-tools-directory",
        f"{PUBLIC}/datasets/openrouter-tokens",
    ]
    assert all(len(each["description"]) >= 50 for each in said["dataset"])


def test_a_lab_is_an_organisation(bundled: TestClient) -> None:
    said = told(bundled.get("/providers/deepseek").text)

    assert said["Organization"] == {
        "@context": "https://schema.org",
        "@type": "Organization",
        "name": "DeepSeek",
        "alternateName": ["Hangzhou DeepSeek AI"],
        "mainEntityOfPage": f"{PUBLIC}/providers/deepseek",
    }
    assert said["BreadcrumbList"]["itemListElement"] == [
        {
            "@type": "ListItem",
            "position": 1,
            "name": "Providers",
            "item": f"{PUBLIC}/providers",
        },
        {
            "@type": "ListItem",
            "position": 2,
            "name": "DeepSeek",
            "item": f"{PUBLIC}/providers/deepseek",
        },
    ]


@pytest.mark.parametrize(
    "path",
    [
        "/datasets",
        "/datasets/openrouter-tokens",
        "/providers",
        "/providers/deepseek",
        "/models/openai/gpt-oss-120b:free",
        "/origins/CN",
    ],
)
def test_every_address_is_answered(bundled: TestClient, path: str) -> None:
    said = told(bundled.get(path).text)

    assert said
    for url in urls(list(said.values())):
        assert bundled.head(url).status_code == 200, url


def test_hostile_text_does_not_end_the_element() -> None:
    text = json_ld.written({"name": HOSTILE})

    assert not set("<>&\u2028\u2029") & set(text)
    assert json.loads(text)["name"] == HOSTILE
