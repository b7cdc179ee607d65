"""Providers, origins, families and categories of the registry, row by row."""

from collections.abc import Callable
from typing import Any

import pytest

from app.domain.questions import ListAsk
from app.domain.reports import Report
from app.domain.snapshot import Snapshot
from app.errors import BadParameterError, UnknownError
from app.services import catalog
from tests.services.listed import column, where

List = Callable[[Snapshot, ListAsk], Report]


@pytest.fixture
def snapshot(listed_snapshot: Snapshot) -> Snapshot:
    return listed_snapshot


def test_a_provider_stands_with_the_claim_behind_its_origin(
    snapshot: Snapshot,
) -> None:
    rows = {r["slug"]: r for r in catalog.providers(snapshot, ListAsk()).rows()}

    assert list(rows) == ["acme", "bolt", "corp", "idle", "stealth"]
    assert rows["corp"] == {
        "slug": "corp",
        "name": "corp",
        "organisation": None,
        "kind": None,
        "lab": None,
        "origin": "CN",
        "origin_name": "China",
        "alternatives": ["SG"],
        "confidence": "disputed",
        "basis": "Founded there, moved since.",
        "evidence": None,
        "since_release": 1,
        "aliases": [],
        "models": 1,
        "volume_28d": 0,
    }
    assert rows["bolt"]["origin"] == "unknown"
    assert rows["bolt"]["confidence"] is None
    assert (rows["acme"]["models"], rows["acme"]["volume_28d"]) == (2, 75)


@pytest.mark.parametrize(
    ("filters", "slugs"),
    [
        ({"origin": "FR"}, ["idle"]),
        ({"origin": "unknown"}, ["bolt", "stealth"]),
        ({"provider": "-acme"}, ["bolt", "corp", "idle", "stealth"]),
        ({"lab": "acme"}, ["acme"]),
        ({"weights": "closed"}, ["acme"]),
        ({"family": "x", "origin": "CN"}, ["corp"]),
        ({"family": "x", "origin": "US"}, []),
    ],
)
def test_filters_select_providers_or_makers_of_models(
    snapshot: Snapshot, filters: dict[str, str], slugs: list[str]
) -> None:
    assert column(catalog.providers(snapshot, where(**filters)), "slug") == slugs


def test_a_provider_shows_its_models_and_claims(snapshot: Snapshot) -> None:
    item = catalog.provider(snapshot, "acme")

    assert item.data["model_slugs"] == ["acme/one", "acme/one:free"]
    found: Any = item.data["attributions"]
    assert [c["attribute"] for c in found] == ["lab", "name", "organisation", "origin"]
    assert found[-1]["evidence"] == "https://example.org/acme"
    assert item.meta["quote"] == (
        "Acme Labs is a provider of AI models from the United States."
    )
    unknown = catalog.provider(snapshot, "bolt").meta["quote"]
    assert unknown == "bolt is a provider of AI models of unknown origin."


def test_a_provider_nobody_knows_is_told(snapshot: Snapshot) -> None:
    with pytest.raises(UnknownError, match="Did you mean acme"):
        catalog.provider(snapshot, "acmee")


# Origins, families, categories


def test_origins_count_providers_models_and_volume(snapshot: Snapshot) -> None:
    rows = catalog.origins(snapshot, ListAsk()).rows()

    assert [tuple(row.values()) for row in rows] == [
        ("CN", "China", 1, 1, 0),
        ("FR", "France", 1, 0, 0),
        ("US", "United States", 1, 2, 75),
        ("unknown", "Unknown", 2, 2, 20),
    ]


def test_families_count_models_and_volume(snapshot: Snapshot) -> None:
    rows = catalog.families(snapshot, ListAsk()).rows()

    assert [tuple(row.values()) for row in rows] == [
        ("one", ["acme"], 2, 75),
        ("unknown", ["bolt", "stealth"], 2, 20),
        ("x", ["corp"], 1, 0),
    ]


def test_categories_are_those_of_every_dataset(snapshot: Snapshot) -> None:
    whole = catalog.categories(snapshot, ListAsk()).rows()
    one = catalog.categories(snapshot, where(category="audio")).rows()

    assert [tuple(row.values()) for row in whole] == [
        ("audio", "Audio", "tools"),
        ("code", "Coding", "tools"),
    ]
    assert [row["category"] for row in one] == ["audio"]


@pytest.mark.parametrize(
    ("asked", "filters"),
    [
        (catalog.models, {"category": "code"}),
        (catalog.providers, {"category": "code"}),
        (catalog.families, {"category": "code"}),
        (catalog.categories, {"origin": "CN"}),
    ],
)
def test_a_filter_that_a_list_has_not_is_refused(
    snapshot: Snapshot, asked: List, filters: dict[str, str]
) -> None:
    with pytest.raises(BadParameterError) as told:
        asked(snapshot, where(**filters))

    assert told.value.fix == dict.fromkeys(filters)
