"""Lists as they were recorded, read into the bundled registry, on both databases."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx2
import pytest

from app.domain.questions import ListAsk
from app.domain.registry import Subject
from app.services import bundle, catalog
from app.store.database import Database
from tests.conftest import KINDS
from tests.registry.bundled import FOLDER
from tests.services import published
from tests.services.listing_reader import TODAY, ListReader, twenty
from tests.sources.shelf import Shelf

# An entry of OpenRouter's list and one of models.dev, as they were recorded, without
# what neither reader looks at.
SLUG = "deepseek/deepseek-v3.2-20251201"
LISTED = {
    "id": "deepseek/deepseek-v3.2",
    "canonical_slug": SLUG,
    "hugging_face_id": "deepseek-ai/DeepSeek-V3.2",
    "name": "DeepSeek: DeepSeek V3.2",
    "created": 1764594642,
    "context_length": 131072,
    "pricing": {
        "prompt": "0.000000252",
        "completion": "0.000000378",
        "input_cache_read": "0.0000000252",
    },
    "expiration_date": None,
}
DEV = {
    "deepseek/deepseek-v3.2": {
        "id": "deepseek/deepseek-v3.2",
        "name": "DeepSeek V3.2",
        "family": "deepseek",
        "open_weights": True,
        "release_date": "2025-12-01",
        "cost": {"input": 0.2288, "output": 0.3432, "cache_read": 0.02288},
        "limit": {"context": 128000, "output": 64000},
    }
}


@pytest.fixture(scope="module")
def loaded(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with the bundled record, to copy."""
    path = tmp_path_factory.mktemp("bundle") / "census.db"
    shutil.copy(sqlite_template, path)
    opened = Database(f"sqlite:///{path}")
    assert bundle.load(opened, FOLDER)
    opened.close()
    return path


@pytest.fixture
def bundled(
    loaded: Path, tmp_path: Path, client: httpx2.Client
) -> Iterator[ListReader]:
    opened = Database(f"sqlite:///{shutil.copy(loaded, tmp_path)}")
    with Shelf() as shelf:
        yield ListReader(opened, shelf, client)
    opened.close()


def test_recorded_lists_add_prices_and_touch_nothing_else(
    bundled: ListReader,
) -> None:
    before = bundled.registry()
    known = {c.attribute: c for c in before.claims(Subject.MODEL, SLUG)}
    head = published.head(bundled.database)
    assert head is not None

    read = bundled.read(LISTED)
    read_dev = bundled.read_modelsdev(**DEV)

    now = bundled.registry()
    assert (read.verdict, read_dev.verdict) == ("published", "unchanged")
    assert published.head(bundled.database) == head + 1
    said = replace(known["name"], since=head + 1)
    length = known["context_length"]
    assert set(now.attributions) - set(before.attributions) == {
        # The bundle had it from the same list, at another time.
        replace(said, attribute="context_length", value="131072"),
        *(
            replace(said, attribute=attribute, value=price, valid_from=TODAY)
            for attribute, price in (
                ("price_prompt", "0.000000252"),
                ("price_completion", "0.000000378"),
                ("price_input_cache_read", "0.0000000252"),
            )
        ),
    }
    assert set(before.attributions) - set(now.attributions) == {length}
    assert now.past == (*before.past, replace(length, until=head + 1))
    assert (now.models, now.providers, now.aliases) == (
        *(before.models, before.providers, before.aliases),
    )


def test_a_recorded_price_is_shown_per_million_tokens(bundled: ListReader) -> None:
    bundled.read(LISTED)

    snapshot = published.load(bundled.database)
    (row,) = (
        row
        for row in catalog.models(snapshot, ListAsk(limit=1000)).rows()
        if row["slug"] == SLUG
    )
    assert [
        str(row[f"price_{w}_usd_per_million"]) for w in ("prompt", "completion")
    ] == [
        *("0.252", "0.378"),
    ]
    assert row["price_as_of"] == TODAY


def test_every_database_has_the_same_digests(
    bundled: ListReader, request: pytest.FixtureRequest
) -> None:
    opened = Database(request.getfixturevalue(f"new_{KINDS[-1]}")())
    bundle.load(opened, FOLDER)
    there = replace(bundled, database=opened)
    other = LISTED | {"pricing": {"prompt": "0.0000002"}, "context_length": 16}

    for lists in (bundled, there):
        lists.read(LISTED, *twenty())
        lists.later().read(other, *twenty())

    here, *_ = told = [
        [release.digest for release in published.load(lists.database).releases]
        for lists in (bundled, there)
    ]
    assert told == [here, here]
    assert len(set(here)) == 7
    opened.close()
