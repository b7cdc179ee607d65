"""Tables as their description says they are, cell by cell, by the rules of CSVW."""

import csv
import re
from collections.abc import Callable
from datetime import date, datetime
from io import StringIO
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.api.conftest import PUBLIC

LINK = re.compile(r'<([^>]*)>; rel="describedby"; type="application/csvm\+json"')

# How the cells of each type are read; what cannot be read is a ValueError.
READERS: dict[str, Callable[[str], object]] = {
    "string": str,
    "integer": int,
    "number": float,
    "boolean": {"true": True, "false": False}.__getitem__,
    "date": date.fromisoformat,
    "datetime": datetime.fromisoformat,
}


def described(client: TestClient, url: str) -> dict[str, Any]:
    link = LINK.search(client.get(url).headers["link"])
    assert link is not None
    answer = client.get(link[1].removeprefix(PUBLIC))
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/csvm+json"
    found: dict[str, Any] = answer.json()
    return found


def wrong(column: dict[str, Any], cell: str) -> bool:
    """Return whether a cell is not what its column holds."""
    if not cell:
        return bool(column.get("required"))
    read = READERS[column["datatype"]]
    try:
        for value in cell.split(column.get("separator", "\0")):
            read(value)
    except (KeyError, ValueError):
        return True
    return False


@pytest.mark.parametrize(
    "url",
    [
        "/v1/share.csv",
        "/v1/share.csv?origin=CN&release=5",
        "/v1/share.csv?interval=week&group_by=origin,weights&compare=previous",
        "/v1/share.csv?interval=day&smooth=7d&origin=CN",
        "/v1/share.csv?interval=month&shape=wide",
        "/v1/volume.csv?group_by=model&interval=month",
        "/v1/rankings.csv?sort=growth",
        "/v1/compare.csv?datasets=openrouter-tokens,ai-tools-directory",
        "/v1/models.csv?limit=1000",
        "/v1/providers.csv?limit=1000",
        "/v1/origins.csv",
        "/v1/families.csv",
        "/v1/categories.csv",
        "/v1/datasets.csv",
        "/v1/releases.csv",
        "/v1/revisions.csv?limit=1000",
        "/v1/datasets/openrouter-tokens/evidence.csv?limit=1000",
        "/v1/annotations.csv",
    ],
)
def test_a_table_is_as_it_is_described(bundled: TestClient, url: str) -> None:
    told = described(bundled, url)
    columns = told["tableSchema"]["columns"]
    head, *rows = csv.reader(StringIO(bundled.get(url).text))

    assert told["@context"] == ["http://www.w3.org/ns/csvw", {"@language": "en"}]
    assert told["url"] == PUBLIC + url
    assert [column["titles"] for column in columns] == head
    assert rows or "revisions" in url
    assert [
        (column["titles"], row[at])
        for row in rows
        for at, column in enumerate(columns)
        if wrong(column, row[at])
    ] == []


def test_columns_have_their_types_and_what_they_mean(bundled: TestClient) -> None:
    told = described(bundled, "/v1/share.csv?origin=CN")
    columns = {each["name"]: each for each in told["tableSchema"]["columns"]}

    assert columns["period_start"] == {
        "name": "period_start",
        "titles": "period_start",
        "datatype": "date",
        "required": True,
        "dc:description": "First day of the period, UTC.",
    }
    assert columns["volume"]["datatype"] == "integer"
    assert columns["share"]["datatype"] == "number"
    assert "required" not in columns["share"]
    assert columns["days"]["dc:description"] == "Complete days there are."


def test_what_changed_is_described(bundled: TestClient) -> None:
    asked = bundled.get("/v1/share?group_by=origin&interval=month&release=3").json()
    url = asked["links"]["revisions"].removeprefix(PUBLIC)
    told = described(bundled, url.replace("/share?", "/share.csv?"))
    columns = {each["name"]: each for each in told["tableSchema"]["columns"]}

    assert columns["period_start"]["datatype"] == "date"


def test_a_table_that_is_written_while_it_is_sent_is_described_too(
    bundled: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.api.answers._LONG", 100)
    url = "/v1/volume.csv?group_by=family&window=14d&top=12"
    head, *rows = csv.reader(StringIO(bundled.get(url).text))
    told = described(bundled, url)

    assert len(rows) > 100
    assert "content-length" not in bundled.get(url).headers
    assert [each["titles"] for each in told["tableSchema"]["columns"]] == head


def test_only_a_table_leads_to_its_description(client: TestClient) -> None:
    assert "link" not in client.get("/v1/share").headers
    assert "link" not in client.get("/v1/share.ndjson").headers


def test_the_next_page_is_told_beside_the_description(client: TestClient) -> None:
    link = client.get("/v1/models.csv?limit=1").headers["link"]

    assert re.findall(r'rel="(\w+)"', link) == ["next", "describedby"]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/csvw/share?orgin=CN", 400),
        ("/csvw/share?origin=XX", 422),
        ("/csvw/nothing", 404),
        ("/csvw/status", 404),
    ],
)
def test_what_cannot_be_described_is_the_problem_of_the_table(
    client: TestClient, path: str, status: int
) -> None:
    answer = client.get(path)
    table = re.sub(r"^/csvw/(\w+)", r"/v1/\1.csv", path)

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() == client.get(table).json()
