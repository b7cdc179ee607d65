"""The catalogue of datasets, held against the rules of DCAT-AP 3."""

import re
from collections.abc import Iterator
from typing import Any

from starlette.testclient import TestClient

from app.web.json_ld import FILES
from tests.api.conftest import PUBLIC

# Properties that the profile makes mandatory or recommends, by class.
DEMANDED = {
    "dcat:Catalog": {
        "dct:title",
        "dct:description",
        "dct:publisher",
        "dcat:dataset",
        "dcat:service",
        "foaf:homepage",
        "dct:language",
        "dct:modified",
    },
    "dcat:Dataset": {
        "dct:title",
        "dct:description",
        "dct:publisher",
        "dcat:keyword",
        "dct:temporal",
        "dcat:distribution",
    },
    "dcat:Distribution": {"dcat:accessURL", "dcat:mediaType"},
    "dcat:DataService": {"dct:title", "dcat:endpointURL", "dcat:servesDataset"},
    "foaf:Agent": {"foaf:name"},
    "dct:PeriodOfTime": {"dcat:startDate", "dcat:endDate"},
    "foaf:Document": set(),
}
KNOWN = {"dcat", "dct", "foaf", "xsd"}


def nodes(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, list):
        for each in value:
            yield from nodes(each)
    elif isinstance(value, dict):
        yield value
        for name, each in value.items():
            if name != "@context":
                yield from nodes(each)


def test_everything_has_what_the_profile_demands(bundled: TestClient) -> None:
    catalog = bundled.get("/dcat.jsonld").json()
    typed = [
        node for node in nodes(catalog) if "@type" in node and "@value" not in node
    ]

    assert {node["@type"] for node in typed} == set(DEMANDED)
    assert [
        (node["@type"], DEMANDED[node["@type"]] - set(node))
        for node in typed
        if not DEMANDED[node["@type"]] <= set(node)
    ] == []


def test_every_word_is_of_a_vocabulary_that_is_named(bundled: TestClient) -> None:
    catalog = bundled.get("/dcat.jsonld").json()
    words = {
        name for node in nodes(catalog) for name in node if not name.startswith("@")
    }

    assert set(catalog["@context"]) == KNOWN
    assert {word.partition(":")[0] for word in words} <= KNOWN


def test_one_name_is_one_thing(bundled: TestClient) -> None:
    found = nodes(bundled.get("/dcat.jsonld").json())
    named = {(n["@id"], n["@type"]) for n in found if {"@id", "@type"} <= set(n)}

    assert len({name for name, _ in named}) == len(named)


def test_a_dataset_is_told_alone_as_in_the_catalogue(bundled: TestClient) -> None:
    catalog = bundled.get("/dcat.jsonld")
    datasets = catalog.json()["dcat:dataset"]
    slugs = [each["dct:identifier"] for each in datasets]
    alone = [bundled.get(f"/dcat/{slug}.jsonld") for slug in slugs]

    assert catalog.headers["content-type"] == "application/ld+json"
    assert [each.headers["content-type"] for each in alone] == [
        "application/ld+json" for _ in slugs
    ]
    assert slugs == ["ai-tools-directory", "openrouter-tokens"]
    assert [each.json() for each in alone] == [
        {"@context": catalog.json()["@context"], **each} for each in datasets
    ]


def test_a_dataset_says_whose_it_is_and_under_which_licence(
    bundled: TestClient,
) -> None:
    told = bundled.get("/dcat/openrouter-tokens.jsonld").json()
    unstated = bundled.get("/dcat/ai-tools-directory.jsonld").json()

    assert told["@id"] == f"{PUBLIC}/datasets/openrouter-tokens#dataset"
    assert told["dct:creator"]["foaf:name"] == "OpenRouter"
    assert told["dct:temporal"] == {
        "@type": "dct:PeriodOfTime",
        "dcat:startDate": {"@value": "2026-03-30", "@type": "xsd:date"},
        "dcat:endDate": {"@value": "2026-08-21", "@type": "xsd:date"},
    }
    assert {each["dct:license"]["@id"] for each in told["dcat:distribution"]} == {
        "https://creativecommons.org/licenses/by/4.0/"
    }
    assert not [e for e in unstated["dcat:distribution"] if "dct:license" in e]


def test_every_file_is_there_in_the_type_it_is_said_to_have(
    bundled: TestClient,
) -> None:
    found = nodes(bundled.get("/dcat.jsonld").json())
    files = [node for node in found if node.get("@type") == "dcat:Distribution"]

    assert len(files) == 2 * len(FILES) > 2
    for each in files:
        url = each["dcat:downloadURL"]["@id"].removeprefix(PUBLIC)
        answer = bundled.get(url)
        kind = each["dcat:mediaType"]["@id"].partition("/media-types/")[2]

        assert answer.status_code == 200, url
        assert answer.headers["content-type"].partition(";")[0] == kind


def test_the_page_of_a_dataset_leads_to_it(bundled: TestClient) -> None:
    page = bundled.get("/datasets/openrouter-tokens").text
    other = bundled.get("/origins/CN").text
    links = re.findall(
        r'type="application/ld\+json" title="[^"]*" href="([^"]*)"', page
    )

    assert links == ["../dcat/openrouter-tokens.jsonld"]
    assert "DCAT-AP" not in other


def test_a_dataset_that_there_is_not_is_a_problem(client: TestClient) -> None:
    answer = client.get("/dcat/nothing.jsonld")

    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert "nothing" in answer.json()["detail"]
