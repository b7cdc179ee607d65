"""A whole release as files: what the answers say, and the sums that are told."""

import asyncio
import hashlib
import io
import sqlite3
import zipfile
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd  # type: ignore[import-untyped]
import pytest
from frictionless import Package
from starlette.testclient import TestClient

from app.api.exports import Exports
from app.api.front import Front
from app.domain.snapshot import Snapshot
from app.main import create_app
from app.services.snapshots import Snapshots
from tests.api.conftest import PUBLIC, Clock, settings
from tests.api.small import NOW, Published

TABLES = (
    *("categories", "datasets", "families", "models", "observations"),
    *("origins", "providers", "releases"),
)
NAMES = ["census.sqlite", "census.zip", *(f"{name}.parquet" for name in TABLES)]
VOLUMES = "/v1/volume?group_by=origin&interval=day&window=all&release=5"


def files(client: TestClient) -> dict[str, Any]:
    return {row["name"]: row for row in client.get("/v1/exports").json()["data"]}


def fetched(client: TestClient, name: str) -> bytes:
    return client.get(files(client)[name]["url"].removeprefix(PUBLIC)).content


def volumes_told(client: TestClient) -> dict[tuple[str, str], int]:
    """Return the volume of each day and origin, as the answers have it."""
    rows = client.get(VOLUMES).json()["data"]
    return {(r["period_start"], r["origin"]): r["volume"] for r in rows if r["volume"]}


def of_tokens(rows: list[dict[str, Any]]) -> dict[tuple[str, str], int]:
    found: Counter[tuple[str, str]] = Counter()
    for row in rows:
        if row["dataset"] == "openrouter-tokens":
            found[str(row["period_start"])[:10], row["origin"]] += int(row["volume"])
    return {of: volume for of, volume in found.items() if volume}


def test_files_have_the_sums_that_are_told(bundled: TestClient) -> None:
    told = files(bundled)

    assert list(told) == sorted(NAMES)
    for name, row in told.items():
        reply = bundled.get(f"/v1/exports/5/{name}")
        assert row["url"] == f"{PUBLIC}/v1/exports/5/{name}"
        assert reply.headers["content-type"] == row["media_type"]
        assert len(reply.content) == row["bytes"]
        assert hashlib.sha256(reply.content).hexdigest() == row["sha256"]


def test_parquet_has_the_numbers_of_the_answers(bundled: TestClient) -> None:
    body = fetched(bundled, "observations.parquet")

    frame = pd.read_parquet(io.BytesIO(body))

    assert of_tokens(frame.to_dict("records")) == volumes_told(bundled)
    assert list(frame.columns) == [
        *("dataset", "period_start", "status", "kind", "subject", "category"),
        *("volume", "unit", "origin", "provider", "lab", "family", "base"),
        *("license", "weights", "variant"),
    ]


@pytest.mark.parametrize(
    "by",
    ["origin", "provider", "lab", "family", "base", "license", "weights", "variant"],
)
def test_every_judgement_is_that_of_its_day(client: TestClient, by: str) -> None:
    days = "start_date=2026-08-01&end_date=2026-08-19&interval=day&top=100"
    told = client.get(f"/v1/volume?group_by={by}&{days}").json()["data"]

    frame = pd.read_parquet(io.BytesIO(fetched(client, "observations.parquet")))

    ours = frame[frame["dataset"] == "openrouter-tokens"]
    sums = ours.groupby(["period_start", by], observed=True)["volume"].sum()
    assert {
        (str(day), value): int(volume)
        for (day, value), volume in sums.items()
        if volume
    } == {(r["period_start"], r[by]): r["volume"] for r in told if r["volume"]}


def test_sqlite_has_the_numbers_of_the_answers(
    bundled: TestClient, tmp_path: Path
) -> None:
    path = tmp_path / "census.sqlite"
    path.write_bytes(fetched(bundled, path.name))

    with closing(sqlite3.connect(path)) as connection:
        connection.row_factory = sqlite3.Row
        rows = [dict(r) for r in connection.execute("SELECT * FROM observations")]
        tables = [r[0] for r in connection.execute("SELECT name FROM sqlite_master")]
        sound = connection.execute("PRAGMA integrity_check").fetchone()[0]
        told = dict(connection.execute("SELECT * FROM read_me WHERE what = 'License'"))
        models = connection.execute("SELECT count(*) FROM models").fetchone()[0]

    assert of_tokens(rows) == volumes_told(bundled)
    assert sorted(tables) == sorted(["read_me", *TABLES])
    assert sound == "ok"
    assert told == {"License": "LicenseRef-unstated, CC-BY-4.0"}
    assert models == bundled.get("/v1/models?release=5").json()["meta"]["count"]


def test_csv_is_a_data_package(bundled: TestClient, tmp_path: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(fetched(bundled, "census.zip"))) as archive:
        archive.extractall(tmp_path)

    package = Package(str(tmp_path / "datapackage.json"))
    report = package.validate()
    frame = pd.read_csv(tmp_path / "observations.csv", keep_default_na=False)
    assert report.valid, report.flatten(["message"])
    assert sorted(package.resource_names) == sorted(TABLES)
    assert of_tokens(frame.to_dict("records")) == volumes_told(bundled)
    fields = [f for r in package.resources for f in r.schema.fields]
    assert [f.name for f in fields if not f.description] == []


def test_a_file_never_changes_and_is_not_packed_again(bundled: TestClient) -> None:
    gzip = {"accept-encoding": "gzip"}

    dense = bundled.get("/v1/exports/5/models.parquet", headers=gzip)
    plain = bundled.get("/v1/exports/5/census.sqlite", headers=gzip)

    assert dense.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert dense.headers["content-disposition"] == (
        'attachment; filename="release-5-models.parquet"'
    )
    assert "content-encoding" not in dense.headers
    assert plain.headers["content-encoding"] == "gzip"
    assert len(plain.content) == files(bundled)["census.sqlite"]["bytes"]
    known = {"if-none-match": dense.headers["etag"]}
    assert bundled.get("/v1/exports/5/models.parquet", headers=known).status_code == 304


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/v1/exports/5/model.parquet", 404),
        ("/v1/exports/5/sums.json", 404),
        ("/v1/exports/5/..%2Fsums.json", 404),
        ("/v1/exports/6/models.parquet", 404),
        ("/v1/exports/1/models.parquet", 404),
        ("/v1/exports/x/models.parquet", 422),
        ("/v1/exports/5/models.parquet?x=1", 400),
        ("/v1/exports?limit=1", 400),
    ],
)
def test_what_there_is_not_is_a_problem(
    bundled: TestClient, path: str, status: int
) -> None:
    reply = bundled.get(path)

    assert reply.status_code == status, reply.text
    assert reply.headers["content-type"] == "application/problem+json"


@pytest.fixture
def opened(published: Published, tmp_path: Path) -> Iterator[Front]:
    front = create_app(settings(exports_dir=tmp_path), published, now=Clock(NOW))
    yield front
    front.state.door.drawing.close()


def test_files_are_made_once_even_by_two_processes(
    opened: Front, published: Published, tmp_path: Path
) -> None:
    before = files(TestClient(opened))
    (folder,) = tmp_path.iterdir()
    made = folder.stat()
    other = create_app(settings(exports_dir=tmp_path), published, now=Clock(NOW))

    after = files(TestClient(other))

    other.state.door.drawing.close()
    assert after == before
    assert [(p, p.stat().st_mtime_ns) for p in tmp_path.iterdir()] == [
        (folder, made.st_mtime_ns)
    ]


def test_files_are_made_once_for_all_who_ask_at_a_time(
    opened: Front, published: Published, monkeypatch: pytest.MonkeyPatch
) -> None:
    exports: Exports = opened.state.exports
    begun = []
    make = exports._make

    def counted(folder: Path, snapshot: Snapshot) -> None:
        begun.append(folder)
        make(folder, snapshot)

    monkeypatch.setattr(exports, "_make", counted)

    async def together() -> None:
        asked = [exports.of(published.current) for _ in range(5)]
        await asyncio.gather(*asked)

    asyncio.run(together())

    assert len(begun) == 1


def test_files_of_old_releases_are_removed(
    published: Published, tmp_path: Path
) -> None:
    exports = Exports(PUBLIC, tmp_path)
    now = published.current
    releases = [replace(now.release, id=n, digest=str(n)) for n in (9, 10, 11)]

    for release in releases:
        asyncio.run(exports.of(replace(now, release=release)))

    assert sorted(tmp_path.iterdir()) == [exports.path(r) for r in releases[1:]]


def test_the_same_release_makes_the_same_bytes(
    bundled_snapshots: Snapshots, tmp_path: Path
) -> None:
    sums = []
    for name in "ab":
        exports = Exports(PUBLIC, tmp_path / name)
        made = asyncio.run(exports.of(bundled_snapshots.current))
        sums.append({file.name: file.sha256 for file in made})

    assert sums[0] == sums[1]


def test_a_release_without_numbers_has_files(
    published: Published, tmp_path: Path
) -> None:
    exports = Exports(PUBLIC, tmp_path)
    bare = replace(published.current, datasets={})

    made = asyncio.run(exports.of(bare))

    assert [file.name for file in made] == sorted(NAMES)
    body = (exports.path(bare.release) / "observations.parquet").read_bytes()
    assert len(pd.read_parquet(io.BytesIO(body))) == 0


def test_a_folder_of_ones_own_is_gone_afterwards(published: Published) -> None:
    exports = Exports(PUBLIC, None)
    asyncio.run(exports.of(published.current))
    folder = exports.path(published.current.release).parent
    assert folder.exists()

    exports.close()

    assert not folder.exists()


def test_a_service_that_ends_leaves_no_folder(published: Published) -> None:
    front = create_app(settings(), published, now=Clock(NOW))
    with TestClient(front) as client:
        client.get("/v1/exports")
        folder = front.state.exports.path(published.current.release).parent
        assert folder.exists()

    assert not folder.exists()
