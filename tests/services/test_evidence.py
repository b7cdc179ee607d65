"""Datasets and releases: what the numbers rest on."""

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from app.domain.questions import ListAsk
from app.domain.registry import Dimension
from app.domain.snapshot import Snapshot
from app.domain.values import Values
from app.errors import BadParameterError, UnknownError
from app.services import evidence
from app.store.database import Database
from tests.services import listed, published
from tests.services.listed import LONG_AGO
from tests.services.published import (
    MONDAY,
    TUESDAY,
    WEDNESDAY,
    batch,
    moment,
)


@pytest.fixture(scope="module")
def database(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    """The small census, and after it a run that was refused and one that was held."""
    path = tmp_path_factory.mktemp("evidence") / "census.db"
    shutil.copy(sqlite_template, path)
    opened = Database(f"sqlite:///{path}")
    listed.fill(opened)
    published.take(opened, batch(moment(32), {TUESDAY: {"acme/one": -1}}))
    published.take(opened, batch(moment(31), {MONDAY: {"acme/one": 1}}))
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def snapshot(database: Database) -> Snapshot:
    return published.load(database)


# Datasets


def test_a_row_says_what_a_dataset_is_and_covers(snapshot: Snapshot) -> None:
    first, second = evidence.datasets(snapshot, ListAsk()).rows()

    assert first == {
        "slug": published.TOKENS,
        "name": "Tokens",
        "publisher": "Acme",
        "metric": "tokens",
        "unit": "tokens",
        "grain": "day",
        "license": "CC0",
        "citation": "Acme, as of 2026-08-19T07:00:00Z.",
        "dimensions": [str(d) for d in Dimension],
        "default_group": "origin",
        "series": 6,
        "days": 3,
        "first_day": LONG_AGO,
        "last_day": WEDNESDAY,
        "data_through": MONDAY,
        "source_as_of": moment(31),
        "since_release": 1,
    }
    assert (second["slug"], second["days"], second["data_through"]) == (
        "tools",
        0,
        None,
    )
    assert second["citation"] == "Acme, as of not read yet."


def test_a_dataset_tells_its_gaps_and_releases(snapshot: Snapshot) -> None:
    item = evidence.dataset(snapshot, published.TOKENS)

    gaps = [LONG_AGO + timedelta(days=n) for n in range(1, 30)]
    assert item.data["gaps"] == [*map(str, gaps), str(TUESDAY)]
    assert item.data["flagged"] == []
    assert item.data["releases"] == [2, 3]
    assert item.data["total"] == 1000 + 105 + 50
    assert item.meta["quote"] == (
        f"Tokens: tokens at Acme from {LONG_AGO} to {WEDNESDAY}."
    )
    nothing = evidence.dataset(snapshot, "tools")
    assert (nothing.data["gaps"], nothing.data["total"]) == ([], 0)
    assert nothing.meta["quote"] == "Tools: tokens at Acme."


def test_a_dataset_nobody_knows_is_told(snapshot: Snapshot) -> None:
    with pytest.raises(UnknownError, match="Did you mean openrouter-tokens"):
        evidence.dataset(snapshot, "openrouter-token")


# Releases


def test_releases_are_listed_newest_first(snapshot: Snapshot) -> None:
    report = evidence.releases(snapshot, ListAsk())

    rows = [(r["id"], r["kind"], r["dataset"], r["summary"]) for r in report.rows()]
    assert rows == [
        (3, "data", published.TOKENS, "Tokens: 1 day restated (2026-08-17)."),
        (2, "data", published.TOKENS, "Tokens: 3 days new (2026-07-18 to 2026-08-19)."),
        (1, "registry", None, "The registry."),
    ]
    found = evidence.releases(snapshot, ListAsk(q="RESTATED")).rows()
    assert [row["id"] for row in found] == [3]


def test_a_release_stands_with_the_digest_before(snapshot: Snapshot) -> None:
    first, second = (evidence.release(snapshot, n).data for n in (1, 2))

    assert (first["previous"], first["previous_digest"]) == (None, None)
    assert (second["previous"], second["previous_digest"]) == (1, first["digest"])
    assert second["published_at"] == "2026-08-24T03:00:00Z"
    assert evidence.release(snapshot, 3).meta["quote"] == (
        "Release 3 of Model Census, published on 2026-08-24: "
        "Tokens: 1 day restated (2026-08-17)."
    )


@pytest.mark.parametrize("number", [0, -1, 4])
def test_a_release_that_is_not_there_is_told(snapshot: Snapshot, number: int) -> None:
    with pytest.raises(UnknownError) as told:
        evidence.release(snapshot, number)

    assert told.value.fix == {"id": "3"}


@pytest.mark.parametrize("listing", [evidence.datasets, evidence.releases])
def test_evidence_has_no_filters(snapshot: Snapshot, listing: Any) -> None:
    with pytest.raises(BadParameterError):
        listing(snapshot, ListAsk({Dimension.ORIGIN: Values.of("CN")}))
