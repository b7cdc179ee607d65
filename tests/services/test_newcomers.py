"""Models nobody knows come in unattributed; a known base speaks for its variants."""

import pytest
from sqlalchemy import Select

from app.domain.registry import ALWAYS, Dimension, Model, State, Subject
from app.domain.snapshot import Snapshot
from app.domain.values import ANY, Values
from app.store import queries
from app.store.database import Database
from app.store.dialect import table_of
from app.store.tables import Record
from tests.domain import examples
from tests.services import published
from tests.services.published import MONDAY, batch, moment


@pytest.fixture
def begun(database: Database) -> Database:
    published.begin(database)
    return database


def list_models(database: Database, *slugs: str) -> Snapshot:
    """Take a batch that lists these models, and load the release it makes."""
    told = {MONDAY: dict.fromkeys(slugs, 10)}
    assert published.take_one(database, batch(moment(26), told)).verdict == "published"
    return published.load(database)


def said(snapshot: Snapshot, slug: str) -> dict[str, tuple[str, str, str]]:
    """Return attribute → value, confidence and basis of what is claimed of a model."""
    return {
        c.attribute: (c.value, str(c.confidence), c.basis)
        for c in snapshot.registry.claims(Subject.MODEL, slug)
    }


def test_a_model_of_a_provider_nobody_knows_has_no_origin(begun: Database) -> None:
    now = list_models(begun, "newlab/first-1:free", "acme/one")

    assert now.registry.providers["newlab"] == now.release.id == 2
    assert now.registry.models["newlab/first-1:free"] == Model(
        "newlab/first-1:free", "newlab/first-1", "free", since=2
    )
    assert said(now, "newlab/first-1:free") == {
        "provider": ("newlab", "high", "The author that its slug names.")
    }
    state = now.registry.state("newlab/first-1:free", Dimension.ORIGIN, MONDAY)
    assert state == State("unknown", ANY)
    weights = now.registry.state("newlab/first-1:free", Dimension.WEIGHTS, MONDAY)
    assert weights == State("unknown", Values.of("open", "closed", "unknown"))


def test_a_model_of_a_known_provider_has_its_origin(begun: Database) -> None:
    now = list_models(begun, "acme/three")

    state = now.registry.state("acme/three", Dimension.ORIGIN, MONDAY)
    assert state == State("US", Values.of("US"))
    assert now.registry.providers["acme"] == 1


def test_behind_a_pseudonym_may_be_anyone(begun: Database) -> None:
    now = list_models(begun, "stealth/ox-alpha")

    assert said(now, "stealth/ox-alpha") == {
        "provider": (
            "stealth",
            "low",
            "A pseudonym: the maker has not said who it is.",
        )
    }
    provider = now.registry.state("stealth/ox-alpha", Dimension.PROVIDER, MONDAY)
    assert provider == State("stealth", ANY)


def test_a_variant_takes_over_what_is_claimed_of_its_base(begun: Database) -> None:
    claim = examples.claim(
        "acme/one",
        "license",
        "MIT",
        confidence="disputed",
        alternatives=("Apache-2.0",),
        evidence="https://example.org/license",
        valid_from=MONDAY,
    )
    published.apply(begun, published.claims(claim))

    now = list_models(begun, "acme/one:free")

    assert said(now, "acme/one:free") == {
        "provider": ("acme", "high", "The author that its slug names."),
        "weights": (
            "open",
            "high",
            "As acme/one, another variant of the same base: told",
        ),
        "family": (
            "one",
            "high",
            "As acme/one, another variant of the same base: told",
        ),
        "license": (
            "MIT",
            "disputed",
            "As acme/one, another variant of the same base: told",
        ),
    }
    (taken,) = (
        c
        for c in now.registry.claims(Subject.MODEL, "acme/one:free")
        if c.attribute == "license"
    )
    assert (taken.alternatives, taken.evidence, taken.valid_from, taken.valid_to) == (
        ("Apache-2.0",),
        "https://example.org/license",
        MONDAY,
        None,
    )


@pytest.mark.parametrize("newest_first", [False, True])
def test_the_standard_variant_speaks_first_in_whatever_order_claims_come(
    begun: Database, monkeypatch: pytest.MonkeyPatch, *, newest_first: bool
) -> None:
    def _as_a_database_may(row: type[Record]) -> Select[Record]:
        key = table_of(row).primary_key.columns
        ordered = [column.desc() if newest_first else column for column in key]
        return in_no_order(row).order_by(*ordered)

    in_no_order = queries.current_rows
    slugs = ["bolt/x:b", "bolt/x:a", "bolt/x"]
    list_models(begun, *slugs)
    told = [
        examples.claim("bolt/x:b", "weights", "closed"),
        examples.claim("bolt/x:b", "family", "b"),
        examples.claim("bolt/x:a", "family", "a"),
        examples.claim("bolt/x", "weights", "open"),
    ]
    for claim in told:
        published.apply(begun, published.claims(claim))

    monkeypatch.setattr(queries, "current_rows", _as_a_database_may)
    again = batch(moment(50), {MONDAY: dict.fromkeys([*slugs, "bolt/x:new"], 1)})
    published.take(begun, again)

    found = said(published.load(begun), "bolt/x:new")
    assert {attribute: value for attribute, (value, _, _) in found.items()} == {
        "provider": "bolt",
        "weights": "open",
        "family": "a",
    }


def test_a_pseudonym_that_becomes_known_moves_with_its_models(
    begun: Database,
) -> None:
    before = list_models(begun, "stealth/ox-alpha")

    revealed = examples.claim("stealth/ox-alpha", "provider", "acme")
    published.apply(begun, published.claims(revealed))

    now = published.load(begun)
    origin = now.registry.state("stealth/ox-alpha", Dimension.ORIGIN, ALWAYS)
    assert origin == State("US", Values.of("US"))
    then = published.load(begun, before.release.id)
    assert published.told(then) == published.told(before)


def test_only_what_is_published_brings_in_models(begun: Database) -> None:
    newer = batch(moment(50), {MONDAY: {"acme/one": 1}})
    older = batch(moment(26), {MONDAY: {"nobody/ghost": 1}})

    published.take(begun, newer)
    published.take(begun, older)

    assert "nobody/ghost" not in published.load(begun).registry.models


def test_newcomers_stand_in_the_run(begun: Database) -> None:
    told = batch(moment(26), {MONDAY: {"b/y": 1, "acme/one": 1, "a/x": 1}})

    run = published.take_one(begun, told)

    new = [check["detail"] for check in run.checks if check["name"] == "new_model"]
    assert new == ["a/x", "b/y"]


@pytest.mark.parametrize("author", ["unknown", "other", "rest", "none"])
def test_a_reserved_author_is_refused_with_its_batch(
    begun: Database, author: str
) -> None:
    run = published.take_one(
        begun, batch(moment(26), {MONDAY: {f"{author}/x": 1, "acme/one": 1}})
    )

    assert (run.verdict, run.reason) == (
        "rejected",
        f"test: names: 1 bear a name that is reserved: 2026-08-17 {author}/x",
    )
    assert published.head(begun) == 1
