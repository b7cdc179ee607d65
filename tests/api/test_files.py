"""Workbooks and data packages say what the JSON answer says, and what it is."""

import hashlib
import io
import json
import re
import zipfile
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl  # type: ignore[import-untyped]
import pandas as pd  # type: ignore[import-untyped]
import pytest
from frictionless import Package
from starlette.testclient import TestClient

from app.main import create_app
from tests.api.conftest import Clock, settings
from tests.api.small import NOW, Published
from tests.api.test_contract import DOCUMENT
from tests.api.test_tables import LISTS, QUESTIONS, Row, table_of

ALL = QUESTIONS + LISTS
PERCENT, DAY, MOMENT = "0.00%", "yyyy-mm-dd", "yyyy-mm-dd hh:mm:ss"


def book_of(body: bytes) -> Any:
    return openpyxl.load_workbook(io.BytesIO(body))


def in_json(cell: Any) -> object:
    """Return the value of a cell as JSON has it, going by how it is shown."""
    value = cell.value
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d}" if cell.number_format == DAY else f"{value:%FT%TZ}"
    return value


def flat(row: Row) -> Row:
    """Return a row as a cell holds it: lists joined, and nothing where they are empty.

    An empty text and none at all are the same to a spreadsheet.
    """
    joined = {k: ";".join(v) if isinstance(v, list) else v for k, v in row.items()}
    return {k: None if v == "" else v for k, v in joined.items()}


@pytest.mark.parametrize("url", ALL)
def test_a_workbook_has_the_rows_of_the_answer(bundled: TestClient, url: str) -> None:
    answer = bundled.get(url).json()

    reply = bundled.get(table_of(url, "xlsx"))

    sheet = book_of(reply.content)["Data"]
    names = [cell.value for cell in sheet[1]]
    rows = [
        dict(zip(names, map(in_json, r), strict=True))
        for r in sheet.iter_rows(min_row=2)
    ]
    expected = [flat(row) for row in answer["data"]]
    assert rows == expected
    assert reply.headers["content-type"] == (
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    )


def test_cells_are_numbers_dates_and_percentages(bundled: TestClient) -> None:
    body = bundled.get(table_of(QUESTIONS[0], "xlsx")).content

    sheet = book_of(body)["Data"]
    frame = pd.read_excel(io.BytesIO(body))

    shown = {
        head.value: (type(cell.value), cell.number_format)
        for head, cell in zip(sheet[1], sheet[2], strict=True)
    }
    assert shown["volume"] == (int, "#,##0")
    assert shown["share"] == (float, PERCENT)
    assert shown["period_start"] == (datetime, DAY)
    assert shown["origin"] == (str, "General")
    assert sheet.freeze_panes == "A2"
    assert {n: str(t) for n, t in frame.dtypes.items() if n in shown}["share"] == (
        "float64"
    )
    assert frame["period_start"][0] == pd.Timestamp(2026, 4, 1)


def test_the_second_sheet_says_what_it_is(bundled: TestClient) -> None:
    answer = bundled.get(QUESTIONS[0]).json()
    meta = answer["meta"]

    book = book_of(bundled.get(table_of(QUESTIONS[0], "xlsx")).content)

    assert book.sheetnames == ["Data", "Read me"]
    lines = [tuple(c.value for c in row) for row in book["Read me"].iter_rows()]
    told = dict(lines)
    assert told["Quote"] == meta["quote"]
    assert told["Citation"] == meta["citation"]
    assert told["License"] == "CC-BY-4.0"
    assert told["Release"] == "5"
    assert told["URL"] == answer["links"]["permalink"]
    assert told["Query"].startswith("origin=CN&group_by=origin&start_date=2026-04-01")
    kept = [text for label, text in lines if label == "Keep in mind"]
    assert len(kept) == len(meta["caveats"]) + len(meta["annotations"])
    at = lines.index(("Column", "Meaning"))
    assert [name for name, _ in lines[at + 1 :]] == [*answer["data"][0]]
    assert told["share_low"] == "The least it can be."


@pytest.mark.parametrize("url", ALL)
def test_every_column_is_defined(bundled: TestClient, url: str) -> None:
    names = bundled.get(table_of(url, "csv")).text.partition("\r\n")[0].split(",")

    book = book_of(bundled.get(table_of(url, "xlsx")).content)

    told = {row[0].value: row[1].value for row in book["Read me"].iter_rows()}
    assert [name for name in names if not told.get(name)] == []


def test_the_reference_defines_every_column() -> None:
    found = [
        (name, column)
        for name, schema in DOCUMENT["components"]["schemas"].items()
        if name.endswith("Row")
        for column, about in schema["properties"].items()
        if not about.get("description")
    ]

    assert found == []


def test_a_wide_workbook_has_a_column_for_each_group(bundled: TestClient) -> None:
    url = "/v1/share.xlsx?group_by=weights&interval=day&window=7d&release=5&shape=wide"

    book = book_of(bundled.get(url).content)

    names = [cell.value for cell in book["Data"][1]]
    told = {row[0].value: row[1].value for row in book["Read me"].iter_rows()}
    assert {"Open weights", "Closed weights"} <= set(names) or len(names) > 5
    assert told[names[5]] == f"share of {names[5]}: Volume ÷ total, 0 to 1."


def opened(body: bytes, folder: Path) -> tuple[dict[str, Any], list[str]]:
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        archive.extractall(folder)
        return json.loads(archive.read("datapackage.json")), archive.namelist()


@pytest.mark.parametrize("url", ALL)
def test_an_archive_is_a_data_package(
    bundled: TestClient, url: str, tmp_path: Path
) -> None:
    plain = bundled.get(url)
    meta = plain.json()["meta"]

    reply = bundled.get(table_of(url, "zip"))

    told, names = opened(reply.content, tmp_path)
    (resource,) = told["resources"]
    data = (tmp_path / "data.csv").read_bytes()
    assert reply.headers["content-type"] == "application/zip"
    assert names == ["data.csv", "README.md", "datapackage.json"]
    assert data == bundled.get(table_of(url, "csv")).content
    assert resource["bytes"] == len(data)
    assert resource["hash"] == f"sha256:{hashlib.sha256(data).hexdigest()}"
    assert re.fullmatch(r"[-a-z0-9._/]+", told["name"])
    assert told["description"] == meta["quote"]
    read = Package(str(tmp_path / "datapackage.json"))
    report = read.validate()
    assert report.valid, report.flatten(["message"])
    rows = [row.to_dict() for row in read.get_table_resource("data").read_rows()]
    assert [as_json(row) for row in rows] == [flat(row) for row in plain.json()["data"]]
    assert all(field["description"] for field in resource["schema"]["fields"])


def as_json(row: Row) -> Row:
    """Return a row that a reader of packages has typed as JSON has it."""
    found: Row = {}
    for name, value in row.items():
        match value:
            case datetime():
                found[name] = f"{value:%FT%TZ}"
            case date():
                found[name] = str(value)
            case list():
                found[name] = ";".join(value)
            case None | str() | int():
                found[name] = value
            case _:
                found[name] = float(value)
    return found


def test_an_archive_says_whose_the_numbers_are(
    bundled: TestClient, tmp_path: Path
) -> None:
    answer = bundled.get(QUESTIONS[5]).json()

    told, _ = opened(bundled.get(table_of(QUESTIONS[5], "zip")).content, tmp_path)

    assert told["licenses"] == [
        {
            "name": "CC-BY-4.0",
            "path": "https://creativecommons.org/licenses/by/4.0/",
        },
        {"name": "LicenseRef-unstated"},
    ]
    assert [s["title"] for s in told["sources"]] == [
        each["citation"] for each in answer["meta"]["datasets"]
    ]
    text = (tmp_path / "README.md").read_text()
    assert answer["meta"]["quote"] in text
    assert "- `dataset` (text): Slug of the dataset." in text


@pytest.mark.parametrize("suffix", ["xlsx", "zip"])
def test_a_file_is_the_same_bytes_whoever_asks_and_when(
    published: Published, suffix: str
) -> None:
    urls = [
        f"/v1/share.{suffix}?interval=day&group_by=provider&release=2",
        f"/v1/share.{suffix}?release=2&group_by=provider&interval=day",
    ]

    bodies = []
    for url in urls:
        front = create_app(settings(), published, now=Clock(NOW))
        bodies.append(TestClient(front).get(url).content)
        front.state.door.drawing.close()

    assert bodies[0] == bodies[1]


@pytest.mark.parametrize("suffix", ["xlsx", "zip"])
def test_a_file_is_validated_and_pinned_like_any_answer(
    bundled: TestClient, suffix: str
) -> None:
    url = table_of(QUESTIONS[0], suffix)
    first = bundled.get(url, headers={"accept-encoding": "gzip"})

    assert first.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert "content-encoding" not in first.headers
    known = bundled.get(url, headers={"if-none-match": first.headers["etag"]})
    assert (known.status_code, known.content) == (304, b"")


def test_an_empty_list_is_a_workbook_with_a_header(bundled: TestClient) -> None:
    url = "/v1/models.xlsx?q=nothing-is-called-that&release=5"

    sheet = book_of(bundled.get(url).content)["Data"]

    assert sheet.max_row == 1
    assert sheet["A1"].value == "slug"
