"""Tables say what the JSON answer says, to whatever reads them."""

import io
import json
from datetime import UTC, date, datetime
from typing import Any

import pandas as pd  # type: ignore[import-untyped]
import pytest
from pyarrow import parquet  # type: ignore[import-untyped]
from starlette.testclient import TestClient

from tests.api.conftest import PUBLIC

DAYS = "start_date=2026-04-01&end_date=2026-04-21&release=5"
QUESTIONS = [
    f"/v1/share?origin=CN&{DAYS}",
    f"/v1/share?group_by=provider,weights&interval=week&compare=previous&{DAYS}",
    f"/v1/share?interval=day&smooth=7d&{DAYS}",
    f"/v1/volume?group_by=model&interval=day&compare=previous&top=5&{DAYS}",
    f"/v1/rankings?sort=trending&{DAYS}",
    "/v1/compare?datasets=openrouter-tokens,ai-tools-directory&release=5",
]
LISTS = [
    "/v1/models?limit=1000&release=5",
    "/v1/providers?limit=1000&release=5",
    "/v1/origins?release=5",
    "/v1/families?release=5",
    "/v1/categories?release=5",
    "/v1/datasets?release=5",
    "/v1/datasets/openrouter-tokens/evidence?release=5",
    "/v1/releases?release=5",
    "/v1/annotations?release=5",
    "/v1/revisions?release=5",
    "/v1/revisions/share?origin=CN&start_date=2026-05&end_date=2026-05&release=4",
]
Row = dict[str, Any]


def table_of(url: str, suffix: str) -> str:
    path, _, query = url.partition("?")
    return f"{path}.{suffix}?{query}"


def told(value: object) -> object:
    """Return a value of a typed table as JSON has it."""
    match value:
        case datetime():
            assert value.tzinfo is not None
            text = value.astimezone(UTC).isoformat(timespec="microseconds")
            return text.replace(".000000+00:00", "Z")
        case date():
            return value.isoformat()
        case _:
            return value


def in_csv(value: object) -> str:
    """Return the cell of a value, whose numbers are as JSON spells them."""
    match value:
        case None:
            return ""
        case [*texts]:
            return in_csv(";".join(map(str, texts)))
        case str() if value.startswith(("=", "+", "@", "\t", "\r")):
            return f"'{value}"
        case _:
            return str(value)


def rows_of_parquet(body: bytes) -> list[Row]:
    rows = parquet.read_table(io.BytesIO(body)).to_pylist()
    return [{name: told(value) for name, value in row.items()} for row in rows]


def same_everywhere(client: TestClient, url: str) -> list[Row]:
    """Compare every table of an answer with its rows in JSON; return these."""
    plain = client.get(url)
    rows: list[Row] = plain.json()["data"]
    spelt = json.loads(plain.text, parse_float=str, parse_int=str)["data"]
    lines = client.get(table_of(url, "ndjson"))
    typed = client.get(table_of(url, "parquet"))
    comma = client.get(table_of(url, "csv"))

    assert [json.loads(line) for line in lines.text.split("\n")[:-1]] == rows
    assert lines.headers["content-type"] == "application/x-ndjson"
    assert rows_of_parquet(typed.content) == rows
    assert typed.headers["content-type"] == "application/vnd.apache.parquet"
    read = pd.read_csv(io.StringIO(comma.text), dtype=str, keep_default_na=False)
    assert read.to_dict("records") == [
        {name: in_csv(value) for name, value in row.items()} for row in spelt
    ]
    return rows


@pytest.mark.parametrize("url", QUESTIONS + LISTS)
def test_every_table_has_the_rows_of_the_answer(bundled: TestClient, url: str) -> None:
    rows = same_everywhere(bundled, url)

    assert rows or url.startswith(("/v1/annotations", "/v1/revisions"))


def test_a_hostile_name_is_a_name_everywhere(client: TestClient) -> None:
    rows = same_everywhere(client, "/v1/volume?group_by=provider&interval=day")

    assert {row["provider_name"] for row in rows} >= {'Pan"da, <b>=1'}


def test_an_empty_list_is_a_table_without_rows(bundled: TestClient) -> None:
    url = "/v1/models?q=nothing-is-called-that&release=5"

    assert same_everywhere(bundled, url) == []
    assert bundled.get(table_of(url, "ndjson")).content == b""
    typed = bundled.get(table_of(url, "parquet")).content
    assert parquet.read_table(io.BytesIO(typed)).column_names[:2] == ["slug", "name"]


def test_pandas_reads_lines(bundled: TestClient) -> None:
    text = bundled.get(table_of(QUESTIONS[3], "ndjson")).text

    read = pd.read_json(io.StringIO(text), lines=True, dtype=False)

    rows = bundled.get(QUESTIONS[3]).json()["data"]
    assert [int(v) for v in read["volume"]] == [row["volume"] for row in rows]
    assert list(read.columns) == [*rows[0]]


def test_columns_are_typed(bundled: TestClient) -> None:
    body = bundled.get(table_of(QUESTIONS[2], "parquet")).content

    read = parquet.read_table(io.BytesIO(body))
    frame = pd.read_parquet(io.BytesIO(body))

    assert {field.name: str(field.type) for field in read.schema} == {
        "period_start": "date32[day]",
        "period_end": "date32[day]",
        "status": "dictionary<values=string, indices=int32, ordered=0>",
        "days": "int64",
        "days_expected": "int64",
        "origin": "dictionary<values=string, indices=int32, ordered=0>",
        "origin_name": "dictionary<values=string, indices=int32, ordered=0>",
        "volume": "int64",
        "total": "int64",
        "share": "double",
        "share_low": "double",
        "share_high": "double",
        "share_attributed": "double",
        "coverage": "double",
        "volume_smooth": "int64",
        "share_smooth": "double",
    }
    assert frame.dtypes["status"] == "category"
    shares = frame.groupby("period_start")["share"].sum()
    assert shares.round(5).unique().tolist() == [1.0]


def test_moments_and_lists_are_typed_too(bundled: TestClient) -> None:
    models = bundled.get(table_of(LISTS[0], "parquet")).content
    releases = bundled.get(table_of("/v1/releases?release=5", "parquet")).content

    aliases = parquet.read_schema(io.BytesIO(models)).field("aliases").type
    published = parquet.read_schema(io.BytesIO(releases)).field("published_at").type
    assert str(published) == "timestamp[us, tz=UTC]"
    assert str(aliases).startswith("list<")


def test_a_file_tells_what_it_is(bundled: TestClient) -> None:
    url = QUESTIONS[0]
    answer = bundled.get(url).json()

    body = bundled.get(table_of(url, "parquet")).content
    typed = parquet.read_schema(io.BytesIO(body))

    told = {k.decode(): v.decode() for k, v in typed.metadata.items()}
    names = ("quote", "citation", "unit", "dataset", "license", "method_version")
    assert told == {
        **{name: answer["meta"][name] for name in names},
        "api_version": "v1",
        "release": "5",
        "source_as_of": answer["meta"]["source_as_of"],
        "published_at": answer["meta"]["published_at"],
        "permalink": answer["links"]["permalink"],
    }


def test_a_page_of_a_list_names_itself(bundled: TestClient) -> None:
    first = bundled.get("/v1/models?limit=2&release=5").json()
    after = first["links"]["next"].removeprefix(PUBLIC)
    body = bundled.get(table_of(after, "parquet")).content

    told = parquet.read_schema(io.BytesIO(body)).metadata
    assert told[b"permalink"].decode() == f"{PUBLIC}{after}"


@pytest.mark.parametrize("suffix", ["ndjson", "parquet"])
def test_a_wide_table_has_a_column_for_each_group(
    bundled: TestClient, suffix: str
) -> None:
    url = f"/v1/share?group_by=weights&interval=day&{DAYS}"
    rows = bundled.get(url).json()["data"]

    body = bundled.get(f"{table_of(url, suffix)}&shape=wide").content

    wide = (
        rows_of_parquet(body)
        if suffix == "parquet"
        else [json.loads(line) for line in body.splitlines()]
    )
    assert len(wide) == 21
    days = [row["period_start"] for row in wide]
    found = {
        (day, name): value
        for day, row in zip(days, wide, strict=True)
        for name, value in row.items()
    }
    for row in rows:
        assert found[row["period_start"], row["weights_name"]] == row["share"]


@pytest.mark.parametrize("suffix", ["ndjson", "parquet"])
def test_a_table_is_validated_and_pinned_like_any_answer(
    bundled: TestClient, suffix: str
) -> None:
    url = table_of(QUESTIONS[0], suffix)
    first = bundled.get(url)

    assert first.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert first.headers["etag"] != bundled.get(QUESTIONS[0]).headers["etag"]
    known = bundled.get(url, headers={"if-none-match": first.headers["etag"]})
    assert (known.status_code, known.content) == (304, b"")
    pinned = bundled.get(f"/v1/share.{suffix}?as_of=2026-10-11").headers
    assert f"/v1/share.{suffix}?" in pinned["content-location"]


def test_one_thing_is_no_table(bundled: TestClient) -> None:
    reply = bundled.get("/v1/providers/poolside.parquet")

    assert reply.status_code == 404


def test_what_is_packed_already_is_not_packed_again(bundled: TestClient) -> None:
    url = table_of("/v1/models?limit=1000&release=5", "parquet")

    reply = bundled.get(url, headers={"accept-encoding": "gzip"})

    assert len(reply.content) > 10_000
    assert "content-encoding" not in reply.headers
