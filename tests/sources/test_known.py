"""The sources that the settings ask for."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import httpx2
import pytest
from pydantic import SecretStr, ValidationError

from app.errors import UpstreamError
from app.settings import Settings
from app.sources import known
from tests.sources.given import window
from tests.sources.shelf import Shelf
from tests.sources.upstream import KEY

NOW = datetime(2026, 10, 8, 6, tzinfo=UTC)
TODAY = date(2026, 10, 8)
GATEWAY = {
    "name": "gateway",
    "dataset": "our-tokens",
    "url": "postgresql+psycopg://me:s3cret@db.example/usage",
    "query": "SELECT period, model, volume FROM usage",
    "every": "PT1H",
}


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"MODELCENSUS_{name.upper()}", raising=False)


@pytest.fixture
def shelf() -> Iterator[Shelf]:
    with Shelf() as fake:
        yield fake


def given(**values: object) -> Settings:
    return Settings(_env_file=None, **values)  # type: ignore[arg-type] # read strictly


def names(settings: Settings) -> list[str]:
    return [source.name for source in known.scheduled(settings, lambda: NOW)]


def test_every_source_is_known_with_and_without_a_key() -> None:
    for settings in (given(), given(openrouter_api_key=SecretStr(KEY))):
        found = known.sources(settings, lambda: NOW)
        assert {source.name: source.dataset for source in found} == {
            "openrouter-rankings": "openrouter-tokens",
            "openrouter-tasks": "openrouter-tasks",
            "openrouter-apps": "openrouter-apps",
            "openrouter-exports": "openrouter-tokens",
            "huggingface": "huggingface-downloads",
        }
        assert len(found) == 5


@pytest.mark.parametrize("key", [None, "", " "])
def test_without_a_key_the_exports_are_scheduled(key: str | None) -> None:
    settings = given(openrouter_api_key=None if key is None else SecretStr(key))

    assert names(settings) == ["openrouter-exports", "huggingface"]


def test_with_a_key_the_data_api_is_scheduled() -> None:
    assert names(given(openrouter_api_key=SecretStr(KEY))) == [
        "openrouter-rankings",
        "openrouter-tasks",
        "openrouter-apps",
        "huggingface",
    ]


def test_every_registry_is_known() -> None:
    found = known.registries(given(modelsdev_every=timedelta(hours=3)), lambda: NOW)

    assert {source.name: source.every for source in found} == {
        "openrouter-models": timedelta(days=1),
        "modelsdev": timedelta(hours=3),
    }


def test_each_source_has_its_own_interval() -> None:
    settings = given(
        openrouter_every=timedelta(hours=1),
        openrouter_tasks_every=timedelta(hours=2),
        openrouter_apps_every=timedelta(hours=3),
        openrouter_exports_every=timedelta(hours=4),
        huggingface_every=timedelta(hours=5),
    )

    found = known.sources(settings, lambda: NOW)

    assert [source.every / timedelta(hours=1) for source in found] == [1, 2, 3, 4, 5]


def test_each_source_asks_where_the_settings_say(
    client: httpx2.Client, shelf: Shelf
) -> None:
    settings = given(
        openrouter_api_key=SecretStr(KEY),
        openrouter_url=shelf.url,
        modelsdev_url=shelf.url,
        huggingface_url=shelf.url,
        source_timeout=timedelta(seconds=5),
    )
    day = window("2026-10-07", "2026-10-07")

    for source in known.sources(settings, lambda: NOW):
        with pytest.raises(UpstreamError):
            source.fetch(client, day)
    for registry in known.registries(settings, lambda: NOW):
        with pytest.raises(UpstreamError):
            registry.fetch(client)

    assert [path.partition("?")[0] for path in shelf.asked] == [
        "/api/v1/datasets/rankings-daily",
        "/api/v1/classifications/task",
        "/api/v1/datasets/app-rankings",
        "/api/v1/datasets/exports/rankings-daily/2026-10-08.manifest.json",
        "/api/v1/datasets/exports/rankings-daily/2026-10-07.manifest.json",
        "/api/models",
        "/api/v1/models",
        "/api.json",
    ]
    assert shelf.keys == [f"Bearer {KEY}"] * 3 + [None] * 5


def test_one_key_has_one_quota(client: httpx2.Client, shelf: Shelf) -> None:
    settings = given(
        openrouter_api_key=SecretStr(KEY),
        openrouter_url=shelf.url,
        source_timeout=timedelta(seconds=5),
    )
    rankings, tasks, *_ = known.scheduled(settings, lambda: NOW)
    day = window("2026-10-07", "2026-10-07")
    for _ in range(30):
        with pytest.raises(UpstreamError, match="it answers 404"):
            rankings.fetch(client, day)

    with pytest.raises(UpstreamError, match="our share of its quota is used up"):
        tasks.fetch(client, day)

    assert len(shelf.asked) == 30


def test_warehouses_are_read_from_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    second = {**GATEWAY, "name": "lake"}
    del second["every"]
    monkeypatch.setenv("MODELCENSUS_WAREHOUSES", json.dumps([GATEWAY, second]))

    found = known.scheduled(given(), lambda: NOW)[2:]

    assert [(source.name, source.dataset, source.every) for source in found] == [
        ("warehouse-gateway", "our-tokens", timedelta(hours=1)),
        ("warehouse-lake", "our-tokens", timedelta(days=1)),
    ]
    assert found[0].windows(None, TODAY) == [window("2020-01-01", "2026-10-07")]


@pytest.mark.parametrize(
    ("warehouses", "why"),
    [
        ([GATEWAY, GATEWAY], "two warehouses have the same name"),
        ([GATEWAY | {"name": "Gate way"}], "String should match pattern"),
        ([GATEWAY | {"dataset": ""}], "String should match pattern"),
        ([GATEWAY | {"query": ""}], "String should have at least 1 character"),
        ([GATEWAY | {"pasword": "s3cret"}], "Extra inputs are not permitted"),
        ([{"url": GATEWAY["url"]}], "Field required"),
        (GATEWAY, "Input should be a valid tuple"),
    ],
)
def test_a_warehouse_that_cannot_be_is_refused_without_its_password(
    monkeypatch: pytest.MonkeyPatch, warehouses: object, why: str
) -> None:
    monkeypatch.setenv("MODELCENSUS_WAREHOUSES", json.dumps(warehouses))

    with pytest.raises(ValidationError) as caught:
        given()

    assert why in str(caught.value)
    assert "s3cret" not in str(caught.value)


def test_warehouses_that_are_no_json_are_refused_without_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MODELCENSUS_WAREHOUSES", "[s3cret")

    with pytest.raises(ValidationError) as caught:
        given()

    (error,) = caught.value.errors(include_input=False)
    assert error["loc"] == ("warehouses",)
    assert "s3cret" not in str(caught.value)


def test_a_password_is_not_shown_with_the_settings() -> None:
    settings = given(warehouses=[GATEWAY], openrouter_api_key=SecretStr(KEY))

    assert "s3cret" not in repr(settings) + settings.model_dump_json()
    assert KEY not in repr(settings) + settings.model_dump_json()
