"""Edits of the registry: each a release, and nothing is overwritten."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from app.domain.datasets import Annotation
from app.domain.registry import Alias, Attribution, Confidence, Dimension, Subject
from app.errors import BadValueError
from app.services import curate
from app.services.curate import Category, Edit
from app.store.database import Database
from tests.domain import examples
from tests.services import published
from tests.services.published import EDIT, MONDAY, TUESDAY


@pytest.fixture
def begun(database: Database) -> Database:
    published.begin(database)
    return database


def origins(database: Database, release: int) -> list[tuple[str, str, int]]:
    """Return what a release claims of the origin of acme, and since when."""
    registry = published.load(database, release).registry
    return [
        (c.value, str(c.confidence), c.since)
        for c in registry.claims(Subject.PROVIDER, "acme")
        if c.attribute == "origin"
    ]


def test_an_edit_says_all_of_it(begun: Database) -> None:
    now = published.load(begun)

    assert (now.release.kind, now.release.summary) == ("registry", "An edit.")
    assert set(now.registry.providers) == {"acme", "bolt", "stealth"}
    assert set(now.registry.models) == {"acme/one", "bolt/two:free"}
    said = {replace(c, since=0) for c in now.registry.attributions}
    assert said == set(EDIT.claims)
    assert {c.since for c in now.registry.attributions} == {1}
    assert now.registry.aliases == (Alias("openrouter", "acme/uno", "acme/one"),)
    assert replace(published.view(now).dataset, since=0) == published.DATASET
    assert now.annotations == (
        Annotation(published.TOKENS, MONDAY, None, "reading", "A note.", since=1),
    )


def test_the_same_edit_twice_is_one_release(begun: Database) -> None:
    assert published.apply(begun, EDIT) is None
    assert published.head(begun) == 1


def test_another_value_ends_the_claim_and_old_releases_keep_it(begun: Database) -> None:
    before = published.told(published.load(begun, 1))
    moved = examples.claim("acme", "origin", "CN", confidence="medium")

    assert published.apply(begun, published.claims(moved)) == 2

    assert origins(begun, 1) == [("US", "high", 1)]
    assert origins(begun, 2) == [("CN", "medium", 2)]
    assert published.told(published.load(begun, 1)) == before


@pytest.mark.parametrize(
    "change",
    [
        {"confidence": Confidence.LOW},
        {"basis": "another"},
        {"alternatives": ("CN",)},
        {"evidence": "https://example.org"},
        {"valid_to": TUESDAY},
    ],
)
def test_whatever_a_claim_says_may_be_edited(
    begun: Database, change: dict[str, Any]
) -> None:
    claim = replace(examples.claim("acme", "origin", "US"), **change)

    assert published.apply(begun, published.claims(claim)) == 2

    assert published.apply(begun, published.claims(claim)) is None
    found = published.load(begun).registry.claims(Subject.PROVIDER, "acme")
    (now,) = (c for c in found if c.attribute == "origin")
    assert replace(now, since=0) == claim


def test_a_claim_from_another_day_on_stands_beside_the_first(begun: Database) -> None:
    later = examples.claim("acme", "origin", "FR", valid_from=TUESDAY)

    published.apply(begun, published.claims(later))

    registry = published.load(begun).registry
    values = [
        registry.value(Subject.PROVIDER, "acme", "origin", day)
        for day in (MONDAY, TUESDAY, TUESDAY + timedelta(days=400))
    ]
    assert values == ["US", "FR", "FR"]


def test_back_to_an_earlier_value_is_a_release_too(begun: Database) -> None:
    there = examples.claim("acme", "origin", "CN")
    back = examples.claim("acme", "origin", "US")

    published.apply(begun, published.claims(there))
    published.apply(begun, published.claims(back))

    found = [origins(begun, number)[0][0] for number in (1, 2, 3)]
    assert found == ["US", "CN", "US"]


def test_only_what_is_new_in_an_edit_is_written(begun: Database) -> None:
    more = Edit(
        providers=[*EDIT.providers, "corp"],
        claims=[*EDIT.claims, examples.claim("corp", "origin", "FR")],
        aliases=[*EDIT.aliases, Alias("openrouter", "acme/eins", "acme/one")],
        categories=[Category(published.TOKENS, "code", "Code")],
    )

    published.apply(begun, more)

    now = published.load(begun)
    assert now.registry.providers == {"acme": 1, "bolt": 1, "stealth": 1, "corp": 2}
    assert [a.external_id for a in now.registry.aliases] == ["acme/uno", "acme/eins"]
    assert published.view(now).categories == {"code": "Code"}
    fresh = [c.subject for c in now.registry.attributions if c.since == 2]
    assert fresh == ["corp"]


BAD = {
    "a reserved provider": Edit(providers=["unknown"]),
    "a provider without a name": Edit(providers=[""]),
    "no country": published.claims(examples.claim("acme", "origin", "XX")),
    "a country in small letters": published.claims(
        examples.claim("acme", "origin", "us")
    ),
    "no country among the alternatives": published.claims(
        examples.claim("acme", "origin", "US", alternatives=("CN", "EU"))
    ),
    "weights that are ajar": published.claims(
        examples.claim("acme/one", "weights", "ajar")
    ),
    "a length that is no number": published.claims(
        examples.claim("acme/one", "context_length", "128k")
    ),
    "a price that is no number": published.claims(
        examples.claim("acme/one", "price_prompt", "1e-6")
    ),
    "an end before the beginning": published.claims(
        examples.claim("acme", "origin", "US", valid_from=TUESDAY, valid_to=MONDAY)
    ),
    "an end at the beginning": published.claims(
        examples.claim("acme", "origin", "US", valid_from=TUESDAY, valid_to=TUESDAY)
    ),
}


@pytest.mark.parametrize("bad", BAD)
def test_what_cannot_be_is_refused_and_nothing_written(
    begun: Database, bad: str
) -> None:
    with pytest.raises(BadValueError):
        published.apply(begun, replace(BAD[bad], aliases=[Alias("x", "y", "z")]))

    assert published.head(begun) == 1
    assert len(published.load(begun).registry.aliases) == 1


def test_a_refusal_says_what_would_do() -> None:
    with pytest.raises(BadValueError) as refused:
        curate.check(published.claims(examples.claim("acme/one", "weights", "opne")))

    (complaint,) = refused.value.complaints
    assert (complaint.parameter, complaint.value) == ("weights", "opne")
    assert complaint.allowed == ("open", "closed", "unknown")
    assert complaint.did_you_mean == "open"


@pytest.mark.parametrize("value", ["unknown", "CN"])
def test_unknown_is_an_origin_that_can_be_claimed(begun: Database, value: str) -> None:
    claim = Attribution(
        Subject.PROVIDER, "acme", Dimension.ORIGIN, value, Confidence.LOW, "told"
    )

    assert published.apply(begun, published.claims(claim)) == 2
