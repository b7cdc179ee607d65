"""The published contract is what is served, and says what is so."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import jsonschema_rs
import pytest
from starlette.testclient import TestClient

from app.main import contract
from tests.api.conftest import PUBLIC
from tests.house.tree import ROOT

FILE = ROOT / "openapi" / "openapi.json"
DOCUMENT: dict[str, Any] = json.loads(FILE.read_text())
OPERATIONS = [
    (path, methods["get"])
    for path, methods in DOCUMENT["paths"].items()
    if "get" in methods
]
WRITES = [
    (path, methods["post"])
    for path, methods in DOCUMENT["paths"].items()
    if "post" in methods
]
BOTH = "?datasets=openrouter-tokens,ai-tools-directory&start_date=2026&end_date=2026"
APRIL = "origin=CN&start_date=2026-04&end_date=2026-04"

ANSWERS = [
    ("/v1/share", "/v1/share?origin=CN"),
    ("/v1/share", "/v1/share?group_by=origin,weights&interval=week&compare=previous"),
    ("/v1/share", "/v1/share?interval=day&smooth=7d&window=10d&release=5"),
    ("/v1/share", "/v1/share?start_date=2025-01&interval=month&incomplete=include"),
    ("/v1/share", "/v1/share?dataset=ai-tools-directory"),
    ("/v1/volume", "/v1/volume"),
    ("/v1/volume", "/v1/volume?group_by=provider,lab&interval=month&compare=previous"),
    ("/v1/volume", "/v1/volume?group_by=model&interval=day&smooth=28d&top=3"),
    ("/v1/volume", "/v1/volume?updated_since=2026-10-11T06:03:30Z"),
    ("/v1/rankings", "/v1/rankings"),
    ("/v1/rankings", "/v1/rankings?sort=trending&group_by=family"),
    ("/v1/models", "/v1/models?limit=1000"),
    ("/v1/models/{provider}/{model}", "/v1/models/anthropic/claude-sonnet-4.5"),
    ("/v1/providers", "/v1/providers?limit=1000"),
    ("/v1/providers/{provider}", "/v1/providers/poolside"),
    ("/v1/origins", "/v1/origins"),
    ("/v1/families", "/v1/families?q=qwen"),
    ("/v1/categories", "/v1/categories"),
    ("/v1/datasets", "/v1/datasets"),
    ("/v1/datasets/{dataset}", "/v1/datasets/openrouter-tokens"),
    ("/v1/releases", "/v1/releases?limit=2"),
    ("/v1/exports", "/v1/exports"),
    ("/v1/releases/{id}", "/v1/releases/1"),
    ("/v1/status", "/v1/status"),
    (
        "/v1/compare",
        f"/v1/compare{BOTH}&of=volume",
    ),
    ("/v1/revisions", "/v1/revisions"),
    ("/v1/revisions/share", f"/v1/revisions/share?{APRIL}&release=5"),
    ("/v1/revisions/volume", "/v1/revisions/volume?window=all&release=4"),
    ("/v1/revisions/rankings", "/v1/revisions/rankings?release=4&window=1d"),
    ("/v1/datasets/{dataset}/evidence", "/v1/datasets/openrouter-tokens/evidence"),
    ("/v1/annotations", "/v1/annotations?start_date=2026-04&end_date=2026-04"),
]
# Without these there is no question.
NEEDED = {
    "/v1/compare": BOTH,
    "/v1/revisions/share": "?release=5",
    "/v1/revisions/volume": "?release=5",
    "/v1/revisions/rankings": "?release=5",
}
FAILURES = [
    "/v1/share?orign=CN",
    "/v1/share?origin=XX",
    "/v1/providers/nobody",
    "/v1/nothing",
    "/v1/share?release=77",
]


def parameters(operation: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the parameters of an operation, those that it shares too."""
    for parameter in operation.get("parameters", []):
        where, _, name = parameter.get("$ref", "").rpartition("/")
        if where:
            assert where == "#/components/parameters"
            yield DOCUMENT["components"]["parameters"][name]
        else:
            yield parameter


def holds(answer: object, schema: dict[str, Any]) -> None:
    whole = {**schema, "components": DOCUMENT["components"]}
    jsonschema_rs.validator_for(whole, validate_formats=True).validate(answer)


def test_the_published_contract_is_the_one_of_the_code() -> None:
    assert contract() == FILE.read_text(), "run `make openapi`"


def test_it_is_served_with_the_public_url(client: TestClient) -> None:
    served = client.get("/openapi.json")

    assert served.headers["content-type"] == "application/json"
    assert served.json() == {**DOCUMENT, "servers": [{"url": PUBLIC}]}


def test_everything_is_named_and_described() -> None:
    names = [operation["operationId"] for _, operation in OPERATIONS]

    assert len(names) == len(set(names)) > 20
    assert names[:2] == ["getShare", "getShareAs"]
    assert DOCUMENT["openapi"] == "3.1.0"
    for path, operation in OPERATIONS:
        assert operation["summary"]
        assert len(operation["tags"]) == 1
        for parameter in parameters(operation):
            assert len(parameter["description"]) > 10, (path, parameter["name"])
        assert {"200", "304", "400", "404", "422", "500", "503"} == set(
            operation["responses"]
        )
        assert "ETag" in operation["responses"]["200"]["headers"]


def test_writes_are_described_too() -> None:
    assert len(WRITES) > 1
    for path, operation in WRITES:
        assert operation["security"] == [{"key": []}], path
        assert operation["requestBody"]["required"]
        assert {"200", "201", "400", "401", "403", "404", "413", "422"} <= set(
            operation["responses"]
        )


def test_every_path_of_v1_is_in_it(bundled: TestClient) -> None:
    for path, _ in OPERATIONS:
        asked = path.format(
            suffix="csv",
            provider="poolside",
            model="laguna-xs.2",
            dataset="openrouter-tokens",
            id="1",
        )
        if path.endswith("}") and "suffix" not in path:
            asked += ".json"
        asked += NEEDED.get(path.removesuffix(".{suffix}"), "")
        assert bundled.get(asked).status_code == 200, asked


@pytest.mark.parametrize(("path", "url"), ANSWERS)
def test_answers_keep_to_their_schema(bundled: TestClient, path: str, url: str) -> None:
    reply = bundled.get(url)
    responses = DOCUMENT["paths"][path]["get"]["responses"]

    assert reply.status_code == 200
    holds(reply.json(), responses["200"]["content"]["application/json"]["schema"])


def test_the_schema_allows_nothing_else(bundled: TestClient) -> None:
    answer = bundled.get("/v1/share").json()
    schema = DOCUMENT["paths"]["/v1/share"]["get"]["responses"]["200"]["content"]
    for spoilt in (answer, answer["data"][0], answer["meta"], answer["links"]):
        spoilt["more"] = 1
        with pytest.raises(jsonschema_rs.ValidationError):
            holds(answer, schema["application/json"]["schema"])
        del spoilt["more"]
    holds(answer, schema["application/json"]["schema"])


@pytest.mark.parametrize("url", FAILURES)
def test_problems_keep_to_their_schema(bundled: TestClient, url: str) -> None:
    reply = bundled.get(url)

    assert reply.status_code >= 400
    holds(reply.json(), {"$ref": "#/components/schemas/Problem"})


def examples() -> Iterator[str]:
    """Yield a URL for each example of each parameter, the others left out."""
    known = {"suffix": "csv", "provider": "poolside", "model": "laguna-xs.2"}
    known |= {"dataset": "openrouter-tokens", "id": "1"}
    for path, operation in OPERATIONS:
        if path.startswith("/v1/compare"):
            # No two bundled datasets have a dimension in common.
            continue
        for parameter in parameters(operation):
            if parameter["in"] != "query":
                continue
            for example in parameter["schema"].get("examples", []):
                asked = path.format(**known)
                needed = NEEDED.get(path.removesuffix(".{suffix}"), "?")
                given = f"{parameter['name']}={quote(str(example))}"
                if parameter["name"] in {"release", "as_of"}:
                    needed = "?"
                yield f"{asked}{needed}{'&' if needed != '?' else ''}{given}"


def test_parameters_are_written_once() -> None:
    inline = [
        json.dumps(parameter)
        for _, operation in OPERATIONS + WRITES
        for parameter in operation.get("parameters", [])
        if "$ref" not in parameter
    ]
    shared = [json.dumps(p) for p in DOCUMENT["components"]["parameters"].values()]

    assert len(shared) > 30
    assert len(inline + shared) == len(set(inline + shared))


@pytest.mark.parametrize("url", sorted(set(examples())))
def test_examples_of_parameters_work(bundled: TestClient, url: str) -> None:
    assert bundled.get(url).status_code == 200


def _types(schema: Any) -> Iterator[str]:
    """Yield every type in a schema, and in what it refers to."""
    if isinstance(schema, list):
        for one in schema:
            yield from _types(one)
    elif isinstance(schema, dict):
        if "$ref" in schema:
            name = schema["$ref"].rpartition("/")[2]
            yield from _types(DOCUMENT["components"]["schemas"][name])
        if isinstance(schema.get("type"), str):
            yield schema["type"]
        for one in schema.values():
            yield from _types(one)


@pytest.mark.parametrize("name", ["QuestionMeta", "ListMeta", "SinceMeta"])
def test_what_stands_beside_the_data_holds_no_fractions(name: str) -> None:
    """As it is written without the care that fractions need."""
    types = set(_types(DOCUMENT["components"]["schemas"][name]))

    assert {"string", "integer", "array"} <= types
    assert "number" not in types
