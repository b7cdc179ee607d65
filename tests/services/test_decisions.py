"""Decisions on the registry: one release and one audit row, or nothing at all."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from app.domain.periods import Interval, Span
from app.domain.questions import Ask
from app.domain.registry import (
    ALWAYS,
    Alias,
    Attribution,
    Confidence,
    Dimension,
    Subject,
)
from app.domain.values import Values
from app.errors import BadValueError, UnknownError
from app.services import decisions, share, volume
from app.services.curate import Edit
from app.services.decisions import Decision
from app.store.database import Database
from app.store.tables import RunRow
from tests.services import published
from tests.services.published import MONDAY, NOW, TUESDAY, WEDNESDAY, batch, moment

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
    assert (release.id, release.run) == (2, run.id)
    assert release.summary == "acme: origin=FR (disputed). It says so itself."


def test_a_claim_is_kept_as_it_was_made(begun: Database) -> None:
    decide(begun, replace(MOVED, valid_from=TUESDAY, valid_to=WEDNESDAY))

    claims = published.load(begun).registry.claims(Subject.PROVIDER, "acme")
    (made,) = [c for c in claims if c.value == "FR"]
    assert made == Attribution(
        kind=Subject.PROVIDER,
        subject="acme",
        attribute="origin",
        value="FR",
        confidence=Confidence.DISPUTED,
        basis="It says so itself.",
        alternatives=("US",),
        evidence="https://example.org/acme",
        source="curation",
        valid_from=TUESDAY,
        valid_to=WEDNESDAY,
        since=2,
    )


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
        ({"basis": "Half a character: \ud83d."}, BadValueError),
        ({"basis": "x" * 501}, BadValueError),
        ({"alternatives": ("",)}, BadValueError),
        ({"evidence": "https:///path"}, BadValueError),
        ({"evidence": "ftp://example.org/"}, BadValueError),
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


def test_a_model_may_be_named_by_any_name_of_it(begun: Database) -> None:
    of_model = replace(
        MOVED,
        kind=Subject.MODEL,
        subject="acme/uno",
        values={"weights": "closed"},
        alternatives=(),
    )

    assert decide(begun, of_model) == 2

    snapshot = published.load(begun)
    claims = snapshot.registry.claims(Subject.MODEL, "acme/one")
    assert [c.value for c in claims if c.attribute == "weights"] == ["closed"]
    assert snapshot.release.summary.startswith("acme/one: weights=closed")


def test_what_is_said_of_another_is_not_what_was_said_before(begun: Database) -> None:
    decide(begun, replace(MOVED, subject="bolt"))

    (run,) = runs(begun)
    assert run.checks[0]["detail"] == "nothing → FR"


def test_a_name_of_two_models_is_no_name(begun: Database) -> None:
    double = Edit(
        aliases=[
            Alias("other", "acme/uno", "bolt/two:free"),
            # No model is called like its base.
            Alias("other", "bolt/zwei", "bolt/two", "base"),
        ]
    )
    published.apply(begun, double)
    of_model = replace(MOVED, kind=Subject.MODEL, values={"weights": "closed"})

    for subject in ("acme/uno", "acme", "bolt/zwei"):
        with pytest.raises(UnknownError):
            decide(begun, replace(of_model, subject=subject))
    assert published.head(begun) == 2


def test_what_is_disputed_widens_the_bounds_and_moves_no_number(
    begun: Database,
) -> None:
    volumes = {MONDAY: {"acme/one": 60, "bolt/two:free": 40}}
    published.take_one(begun, batch(moment(26), volumes))
    before = us(begun)
    decide(begun, replace(MOVED, values={"origin": "US"}, alternatives=("CN",)))

    # Of bolt nobody knows the origin: it may be of the US as well.
    assert before == {"share": 600_000, "share_low": 600_000, "share_high": 1_000_000}
    assert us(begun) == {"share": 600_000, "share_low": 0, "share_high": 1_000_000}
    assert us(begun, release=2) == before


def test_a_first_day_within_a_window_splits_its_answer(begun: Database) -> None:
    volumes = {
        MONDAY: {"acme/one": 60, "bolt/two:free": 40},
        TUESDAY: {"acme/one": 10, "bolt/two:free": 90},
    }
    published.take_one(begun, batch(moment(50), volumes))
    moved = replace(MOVED, confidence=Confidence.HIGH, alternatives=())
    decide(begun, replace(moved, valid_from=TUESDAY))

    by_day = answer(begun, Interval.DAY)
    whole = answer(begun, Interval.TOTAL)

    assert by_day == [("US", 60), ("unknown", 40), ("FR", 10), ("unknown", 90)]
    assert whole == [("US", 60), ("FR", 10), ("unknown", 130)]


def test_a_claim_that_ends_leaves_the_days_after_it(begun: Database) -> None:
    volumes = {MONDAY: {"acme/one": 60}, TUESDAY: {"acme/one": 10}}
    published.take_one(begun, batch(moment(50), volumes))
    moved = replace(MOVED, confidence=Confidence.HIGH, alternatives=())
    decide(begun, replace(moved, valid_to=TUESDAY, valid_from=MONDAY))

    assert answer(begun, Interval.TOTAL) == [("FR", 60), ("US", 10)]


def origins(database: Database) -> list[tuple[str, str, date, date | None]]:
    """Return the claims about where acme is, earliest first."""
    claims = published.load(database).registry.claims(Subject.PROVIDER, "acme")
    found = [
        (c.value, " ".join(c.alternatives), c.valid_from, c.valid_to)
        for c in claims
        if c.attribute == "origin"
    ]
    return sorted(found, key=lambda claim: claim[2])


def test_what_is_replaced_up_to_a_day_goes_on_from_it(begun: Database) -> None:
    sure = replace(MOVED, confidence=Confidence.HIGH, alternatives=())

    assert decide(begun, replace(sure, valid_to=WEDNESDAY)) == 2
    assert origins(begun) == [
        ("FR", "", ALWAYS, WEDNESDAY),
        ("US", "", WEDNESDAY, None),
    ]

    assert decide(begun, replace(sure, valid_to=WEDNESDAY)) is None
    assert decide(begun, replace(sure, values={"origin": "DE"}, valid_to=TUESDAY)) == 3
    assert origins(begun) == [
        ("DE", "", ALWAYS, TUESDAY),
        ("FR", "", TUESDAY, WEDNESDAY),
        ("US", "", WEDNESDAY, None),
    ]


def test_what_ends_or_is_replaced_by_then_does_not_go_on(begun: Database) -> None:
    sure = replace(MOVED, confidence=Confidence.HIGH, alternatives=())
    decide(begun, replace(sure, values={"origin": "CN"}, valid_from=TUESDAY))

    decide(begun, replace(sure, valid_to=TUESDAY))
    assert origins(begun) == [("FR", "", ALWAYS, TUESDAY), ("CN", "", TUESDAY, None)]
    decide(begun, replace(sure, values={"origin": "DE"}, valid_to=WEDNESDAY))
    assert origins(begun) == [("DE", "", ALWAYS, WEDNESDAY), ("CN", "", TUESDAY, None)]


def test_a_dispute_is_with_what_was_claimed_before(begun: Database) -> None:
    alone = replace(MOVED, alternatives=())

    decide(begun, alone)
    assert origins(begun) == [("FR", "US", ALWAYS, None)]
    decide(begun, replace(alone, values={"origin": "DE"}, valid_from=TUESDAY))
    assert origins(begun) == [
        ("FR", "US", ALWAYS, None),
        ("DE", "FR US", TUESDAY, None),
    ]
    decide(begun, replace(alone, values={"origin": "CN"}, valid_from=WEDNESDAY))
    assert origins(begun)[2:] == [("CN", "DE FR US", WEDNESDAY, None)]
    assert decide(begun, alone) is None


def test_a_dispute_is_not_with_what_no_longer_holds(begun: Database) -> None:
    sure = replace(MOVED, confidence=Confidence.HIGH, alternatives=())
    gone = replace(sure, values={"origin": "CN"}, valid_from=TUESDAY)
    decide(begun, replace(gone, valid_to=WEDNESDAY))

    decide(begun, replace(MOVED, alternatives=(), valid_from=WEDNESDAY))
    assert origins(begun)[2:] == [("FR", "US", WEDNESDAY, None)]


@pytest.mark.parametrize(
    ("subject", "origin"), [("bolt", "FR"), ("acme", "US")], ids=("nothing", "the same")
)
def test_a_dispute_with_nothing_else_is_refused(
    begun: Database, subject: str, origin: str
) -> None:
    alone = replace(MOVED, subject=subject, values={"origin": origin}, alternatives=())

    with pytest.raises(BadValueError, match="name what else origin may be"):
        decide(begun, alone)
    assert runs(begun) == []
    assert published.head(begun) == 1


def asked(interval: Interval, **filters: Values) -> Ask:
    numerator = {Dimension(name): values for name, values in filters.items()}
    group_by = () if filters else (Dimension.ORIGIN,)
    return Ask(
        published.TOKENS,
        interval,
        span=Span.parse("all"),
        numerator=numerator,
        group_by=group_by,
    )


def us(database: Database, release: int | None = None) -> dict[str, object]:
    """Return the share of the US, and its bounds."""
    snapshot = published.load(database, release)
    (row,) = share.answer(
        snapshot, asked(Interval.TOTAL, origin=Values.of("US")), None
    ).rows()
    return {name: row[name] for name in ("share", "share_low", "share_high")}


def answer(database: Database, interval: Interval) -> list[tuple[object, object]]:
    """Return origin and volume of each row that has any."""
    rows = volume.answer(published.load(database), asked(interval), None).rows()
    return [(row["origin"], row["volume"]) for row in rows if row["volume"]]
