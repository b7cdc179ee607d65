"""What models cost, now and before, in every format."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from app.store.database import Database
from tests.api.recorded import Record, record
from tests.services.listing_reader import DAY, TODAY, ListReader, entry, many
from tests.sources.shelf import Shelf

COLUMNS = (
    "slug",
    "price_prompt_usd_per_million",
    "price_completion_usd_per_million",
    "price_as_of",
)
TOMORROW = str(TODAY + DAY)


@pytest.fixture(scope="module")
def priced(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Record]:
    """The small record after two lists of models; only to be asked."""
    path = tmp_path_factory.mktemp("prices") / "census.db"
    path.write_bytes(sqlite_template.read_bytes())
    made = record(Database(f"sqlite:///{path}"))
    others = many(20, prompt="0.00001", completion="0.1")
    with Shelf() as shelf, httpx2.Client(trust_env=False) as client:
        lists = ListReader(made.database, shelf, client)
        lists.read(entry("acme/one", prompt="0.00000025", completion="0"), *others)
        lists.later().read(
            entry("acme/one", prompt="0.00000024999999999999", completion="0"), *others
        )
    made.snapshots.refresh()
    yield made
    made.database.close()


def test_a_list_shows_exact_prices_and_since_when_they_are_so(priced: Record) -> None:
    text = priced.get("/v1/models?provider=acme&sort=-price_prompt_usd_per_million")
    rows = json.loads(text.content, parse_float=str)["data"]

    prices = [tuple(row[name] for name in COLUMNS) for row in rows]
    assert prices[0] == ("acme/m0", 10, 100_000, str(TODAY))
    assert prices[-1] == ("acme/one", "0.24999999999999", 0, TOMORROW)
    assert len(prices) == 21


def test_prices_are_plain_numbers_in_csv(priced: Record) -> None:
    text = priced.get("/v1/models.csv?provider=acme,bolt&limit=100").text

    lines = text.splitlines()
    assert lines[0].endswith(",volume_28d," + ",".join(COLUMNS[1:]))
    assert lines[1].startswith("acme/m0,")
    assert lines[1].endswith(f",10,100000,{TODAY}")
    assert lines[-2].endswith(f",0.24999999999999,0,{TOMORROW}")
    assert lines[-1].startswith("bolt/two:free,")
    assert lines[-1].endswith(",,,")


def test_a_model_shows_its_prices_with_their_days_and_source(priced: Record) -> None:
    reply = priced.get("/v1/models/acme/one")
    data: dict[str, Any] = json.loads(reply.content, parse_float=str)["data"]

    assert tuple(data[name] for name in COLUMNS) == (
        *("acme/one", "0.24999999999999", 0, TOMORROW),
    )
    told = {"confidence": "high", "basis": "OpenRouter's list of models."}
    claim: dict[str, Any] = {
        "attribute": "price_prompt",
        "value": "0.00000025",
        "alternatives": [],
        **told,
        "evidence": None,
        "source": "openrouter-models",
        "valid_from": str(TODAY),
        "valid_to": TOMORROW,
        "since_release": 4,
    }
    assert [c for c in data["attributions"] if c["attribute"] == "price_prompt"] == [
        claim,
        claim
        | {"value": "0.00000024999999999999", "valid_from": TOMORROW, "valid_to": None},
    ]
    assert data["history"] == [
        claim | {"valid_to": None, "since_release": 3, "until_release": 4}
    ]


def test_a_model_without_a_price_has_none(priced: Record) -> None:
    data = priced.get("/v1/models/bolt/two:free").json()["data"]

    assert [data[name] for name in COLUMNS[1:]] == [None, None, None]


def test_a_pinned_list_keeps_the_prices_of_its_release(priced: Record) -> None:
    (row,) = [
        row
        for row in priced.rows("/v1/models?release=3&provider=acme&limit=100")
        if row["slug"] == "acme/one"
    ]

    assert [row[name] for name in COLUMNS[1:]] == [0.25, 0, str(TODAY)]


def test_a_price_that_moves_revises_no_answer(priced: Record) -> None:
    assert priced.rows("/v1/revisions?q=price") == []
