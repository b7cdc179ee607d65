"""The examples of the reference are real, and keep to their schema."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.api.answering import FILE, answered
from tests.api.test_contract import DOCUMENT, OPERATIONS, WRITES, holds

EXAMPLES: dict[str, Any] = json.loads(FILE.read_text())
JSON = "application/json"
TABLES = {"csv": "text/csv", "ndjson": "application/x-ndjson"}


def shown(content: dict[str, Any]) -> list[tuple[str, Any]]:
    """Return summary and value of each example of one media type."""
    return [(e["summary"], e["value"]) for e in content["examples"].values()]


def test_they_are_what_the_bundled_census_answers(tmp_path: Path) -> None:
    assert answered(EXAMPLES, tmp_path) == EXAMPLES, "run `make openapi`"


def test_every_operation_has_one_and_nothing_else_has() -> None:
    reads = {operation["operationId"] for _, operation in OPERATIONS}
    writes = {operation["operationId"] for _, operation in WRITES}

    assert set(EXAMPLES["answers"]) == reads
    assert set(EXAMPLES["writes"]) == writes
    assert {e["status"] for e in EXAMPLES["answers"].values()} == {200}
    assert {e["status"] for e in EXAMPLES["writes"].values()} == {201}


def test_they_stay_as_they_are_when_numbers_change() -> None:
    moving = {
        name
        for name, example in EXAMPLES["answers"].items()
        if "release=" not in example["url"]
    }

    assert moving == {
        *("getRelease", "getStatus", "getStatusJson"),
        *("getExports", "getExportsAs"),
    }


@pytest.mark.parametrize(("path", "operation"), OPERATIONS)
def test_the_document_shows_answers(path: str, operation: dict[str, Any]) -> None:
    example = EXAMPLES["answers"][operation["operationId"]]
    content = operation["responses"]["200"]["content"]
    given = example["url"].partition("?")[0].rpartition(".")[2]
    media = TABLES[given] if path.endswith("{suffix}") else JSON

    assert [m for m, c in content.items() if "examples" in c] == [media]
    assert shown(content[media]) == [(example["url"], example["answer"])]
    holds(example["answer"], content[media]["schema"])


@pytest.mark.parametrize(("path", "operation"), WRITES)
def test_the_document_shows_writes(path: str, operation: dict[str, Any]) -> None:
    example = EXAMPLES["writes"][operation["operationId"]]
    sent = operation["requestBody"]["content"][JSON]
    done = operation["responses"]["201"]["content"][JSON]
    summary = f"POST {example['url']}"

    assert example["url"].partition("?")[0].endswith(path.rpartition("/")[2])
    assert shown(sent) == [(summary, example["body"])]
    assert shown(done) == [(summary, example["answer"])]
    holds(example["body"], sent["schema"])
    holds(example["answer"], done["schema"])


def test_the_document_shows_problems() -> None:
    contents = {
        name: response["content"]["application/problem+json"]
        for name, response in DOCUMENT["components"]["responses"].items()
    }
    found = {
        (name, code): (example["summary"], example["value"])
        for name, content in contents.items()
        for code, example in content.get("examples", {}).items()
    }
    asked = [("POST " if "body" in e else "") + e["url"] for e in EXAMPLES["problems"]]

    assert set(found) == {
        ("BadRequest", "bad-parameter"),
        ("NotFound", "unknown"),
        ("BadValue", "bad-value"),
        ("BadValue", "outside-data"),
        ("Unauthorized", "no-key"),
        ("Unavailable", "unavailable"),
    }
    assert sorted(summary for summary, _ in found.values()) == sorted(asked)
    for summary, value in found.values():
        assert value == EXAMPLES["problems"][asked.index(summary)]["answer"]
        holds(value, {"$ref": "#/components/schemas/Problem"})


def test_the_problem_of_a_wrong_name_says_what_to_ask_instead() -> None:
    unknown = EXAMPLES["problems"][0]["answer"]

    assert unknown["errors"][0]["did_you_mean"] == "origin"
    assert unknown["try_url"] == "http://127.0.0.1:8000/v1/share?origin=CN"
