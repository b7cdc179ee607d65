"""The examples of the README give what it says."""

import re
from pathlib import Path

import pytest
from starlette.testclient import TestClient

README = (Path(__file__).parents[2] / "README.md").read_text()
EXAMPLES = re.findall(
    r"```http\nGET (\S+)\n```\n\n```(\w+)\n(.*?)```", README, re.DOTALL
)


def test_there_are_examples() -> None:
    assert len(EXAMPLES) == README.count("```http")
    assert len(EXAMPLES) > 1


@pytest.mark.parametrize(("path", "language", "answer"), EXAMPLES)
def test_an_example_gives_what_the_readme_says(
    bundled: TestClient, path: str, language: str, answer: str
) -> None:
    reply = bundled.get(path)

    assert (reply.status_code, language) == (200, "csv")
    assert reply.text.splitlines() == answer.splitlines()


def test_the_first_request_is_answered(bundled: TestClient) -> None:
    (address,) = re.findall(r"curl '(\S+)'", README)

    reply = bundled.get(address.removeprefix("http://127.0.0.1:8000"))

    assert reply.status_code == 200
    assert reply.json()["data"][0]["origin"] == "CN"
