"""Downloads of model repositories, counted for the models that the registry names."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from app.store.database import Database
from tests.api.first_reads import DOWNLOADS, WHEN, Reader
from tests.sources.pages import FakeHub

OF_HUB = (
    "downloads in 30 days of the most downloaded repositories on the Hugging Face Hub"
)


@pytest.fixture
def reader(database: Database) -> Reader:
    return Reader(database)


@pytest.fixture
def hub() -> Iterator[FakeHub]:
    with FakeHub([50, 30, 12, 8]) as fake:
        fake.names = {1: "Acme-Lab/One", 2: "acme-lab/one-gguf", 3: "gpt2"}
        yield fake


def test_repositories_count_for_the_models_that_the_registry_names(
    reader: Reader, hub: FakeHub
) -> None:
    reader.alias("acme-lab/one", "acme/one")
    reader.alias("Acme-Lab/one-GGUF", "acme/one")
    models = reader.models()

    run = reader.downloads(hub)

    question = f"/v1/share?dataset={DOWNLOADS}&group_by=model"
    assert reader.rows(question, "model", "volume", "total", "share") == [
        ("acme/one", 42, 100, 0.42),
        ("other", 58, 100, 0.58),
    ]
    assert run.counts == {"in": 2, "new": 2, "changed": 0, "same": 0, "rejected": 0}
    assert {
        "name": "subjects",
        "passed": True,
        "detail": "4 names are 1 models and all the others",
    } in run.checks
    assert reader.models() == models
    assert reader.problems() == ()


def test_a_name_of_several_bases_is_of_none(reader: Reader, hub: FakeHub) -> None:
    reader.alias("acme-lab/one", "acme/one")
    reader.alias("acme-lab/one", "bolt/two")
    reader.alias("acme-lab/one-gguf", "bolt/two")

    reader.downloads(hub)

    question = f"/v1/share?dataset={DOWNLOADS}&group_by=model"
    assert reader.rows(question, "model", "volume") == [
        ("bolt/two:free", 12),
        ("other", 88),
    ]


def test_a_repository_that_gets_its_model_later_is_a_series_from_then_on(
    reader: Reader, hub: FakeHub
) -> None:
    reader.downloads(hub)
    reader.alias("acme-lab/one", "acme/one")
    reader.now += timedelta(days=1)

    reader.downloads(hub)

    question = f"/v1/volume?dataset={DOWNLOADS}&model=acme/one,other&group_by=model"
    assert reader.rows(question, "period_start", "model", "volume") == [
        ("2026-08-24", "acme/one", 0),
        ("2026-08-24", "other", 100),
        ("2026-08-25", "acme/one", 30),
        ("2026-08-25", "other", 70),
    ]
    assert reader.problems() == ()


def test_downloads_are_of_makers_countries_and_weights(
    reader: Reader, hub: FakeHub
) -> None:
    reader.alias("acme-lab/one", "acme/one")
    reader.downloads(hub)

    answer = reader.ask(f"/v1/share?dataset={DOWNLOADS}&origin=US&weights=open")

    (row,) = answer["data"]
    assert [row[c] for c in ("volume", "share", "share_low", "share_high")] == [
        30,
        0.3,
        0.3,
        1.0,
    ]
    assert answer["meta"]["quote"] == (
        "Open-weight models from labs based in the United States had 30.0% of "
        f"{OF_HUB} {WHEN} (bounds 30.0%–100.0%)."  # noqa: RUF001
    )


def test_a_model_without_a_repository_may_be_all_the_others(
    reader: Reader, hub: FakeHub
) -> None:
    reader.alias("acme-lab/one-gguf", "acme/one")
    reader.downloads(hub)

    question = f"/v1/volume?dataset={DOWNLOADS}&model=bolt/two:free&interval=total"

    # 12 are listed; were they the smallest, no other could have more.
    assert reader.rows(question, "volume", "volume_low", "volume_high") == [(0, 0, 88)]


def test_a_window_of_several_days_is_told_by_its_last(
    reader: Reader, hub: FakeHub
) -> None:
    reader.alias("acme-lab/one", "acme/one")
    reader.downloads(hub)
    reader.now += timedelta(days=2)
    hub.downloads = [10, 10, 0, 0]
    reader.downloads(hub)

    whole = reader.ask(f"/v1/share?dataset={DOWNLOADS}&model=acme/one")
    days = reader.ask(f"/v1/share?dataset={DOWNLOADS}&model=acme/one&interval=day")

    assert [row["share"] for row in whole["data"]] == [0.5]
    assert whole["meta"]["quote"] == (
        f"acme/one had 50.0% of {OF_HUB} as of 26 August 2026."
    )
    assert days["meta"]["quote"] == (
        f"acme/one had 30.0% of {OF_HUB} {WHEN} and 50.0% as of 26 August 2026."
    )


def test_what_nothing_tells_apart_is_not_said_to_be_nothing(
    reader: Reader, hub: FakeHub
) -> None:
    reader.downloads(hub)

    answer = reader.ask(f"/v1/rankings?dataset={DOWNLOADS}")

    assert [(r["rank"], r["base"], r["share"]) for r in answer["data"]] == [
        (None, "other", 1.0)
    ]
    assert answer["meta"]["quote"] == (
        f"There is no ranking of all models {WHEN}: nothing tells them apart."
    )
