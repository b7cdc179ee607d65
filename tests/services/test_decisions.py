"""Decisions on the registry: one release and one audit row, or nothing at all."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from app.domain.registry import Confidence, Subject
from app.errors import BadValueError, UnknownError
from app.services import decisions
from app.services.decisions import Decision
from app.store.database import Database
from app.store.tables import RunRow
from tests.services import published
from tests.services.published import NOW, TUESDAY

MOVED = Decision(
    kind=Subject.PROVIDER,
    subject="acme",
    values={"origin": "FR"},
    confidence=Confidence.DISPUTED,
    basis="It says so itself.",
    evidence="https://example.org/acme",
    actor="Ann",
    alternatives=("US",),
)


@pytest.fixture
def begun(database: Database) -> Database:
    published.begin(database)
    return database


def decide(database: Database, decision: Decision) -> int | None:
    return decisions.decide(database, decision, trigger="cli", now=NOW)


def runs(database: Database) -> list[RunRow]:
    with database.read() as session:
        found = list(session.scalars(select(RunRow)))
        session.expunge_all()
    return found


def test_a_decision_is_one_release_and_one_audit_row(begun: Database) -> None:
    assert decide(begun, MOVED) == 2

    (run,) = runs(begun)
    assert (run.source, run.trigger, run.dataset) == ("registry", "cli", None)
    assert (run.verdict, run.decided_by) == ("published", "Ann")
    assert run.decided_reason == "It says so itself."
    assert run.checks == [{"name": "origin", "passed": True, "detail": "US → FR"}]
    release = published.load(begun).release
    assert release.id == 2
    assert release.summary == "acme: origin=FR (disputed). It says so itself."


def test_the_release_before_says_what_it_said(begun: Database) -> None:
    before = published.told(published.load(begun, 1))

    decide(begun, MOVED)

    assert published.told(published.load(begun, 1)) == before


def test_the_same_decision_again_is_audited_without_a_release(begun: Database) -> None:
    decide(begun, MOVED)

    assert decide(begun, MOVED) is None
    assert published.head(begun) == 2
    assert [run.verdict for run in runs(begun)] == ["published", "unchanged"]


def test_a_later_first_day_leaves_what_held_before(begun: Database) -> None:
    decide(begun, replace(MOVED, valid_from=TUESDAY))

    (run,) = runs(begun)
    assert run.checks[0]["detail"] == "nothing → FR"
    claims = published.load(begun).registry.claims(Subject.PROVIDER, "acme")
    assert {(c.value, c.valid_from) for c in claims if c.attribute == "origin"} >= {
        ("FR", TUESDAY)
    }
    assert len([c for c in claims if c.attribute == "origin"]) == 2


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"subject": "nobody"}, UnknownError),
        ({"kind": Subject.MODEL}, UnknownError),
        ({"evidence": ""}, BadValueError),
        ({"evidence": "a friend"}, BadValueError),
        ({"basis": " "}, BadValueError),
        ({"actor": "A\nB"}, BadValueError),
        ({"values": {}}, BadValueError),
        ({"values": {"origin": "Atlantis"}}, BadValueError),
        ({"values": {"weights": "open"}}, BadValueError),
        ({"confidence": Confidence.HIGH}, BadValueError),
    ],
)
def test_a_decision_that_cannot_be_writes_nothing(
    begun: Database, change: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        decide(begun, replace(MOVED, **change))

    assert runs(begun) == []
    assert published.head(begun) == 1
