"""Revisions: what later releases changed, and nothing that they only added."""

from datetime import timedelta
from typing import Any

import pytest

from app.domain.questions import ListAsk
from app.domain.registry import Confidence, Dimension
from app.domain.reports import fraction
from app.domain.values import Values
from app.errors import UnknownError
from app.services import meta, revisions
from app.services.curate import Edit
from app.services.revisions import LedgerAsk, Why
from app.store.database import Database
from tests.domain import examples
from tests.services import published
from tests.services.published import MONDAY, NOW, TOKENS, TUESDAY

SHOWN = ("release", "kind", "period_start", "subject", "old_value", "new_value")
RESTATED = [
    (3, "restatement", MONDAY, "acme/one", "80", "100"),
    (3, "restatement", MONDAY, "bolt/two:free", "10", None),
    (3, "restatement", MONDAY, "bolt/new", None, "9"),
]
CLAIMED = (4, "attribution", None, "acme", "US", "CN or US (disputed)")


@pytest.fixture
def begun(database: Database) -> Database:
    """Release 2 has a day, 3 restates it, 4 moves a lab, 5 has one day more."""
    published.begin(database)
    first = {"acme/one": 80, "bolt/two:free": 10, "other": 5}
    again = {"acme/one": 100, "bolt/new": 9, "other": 5}
    moved = examples.claim(
        "acme",
        "origin",
        "CN",
        confidence=Confidence.DISPUTED,
        alternatives=("US",),
    )
    published.take_one(database, published.batch(published.moment(2), {MONDAY: first}))
    published.take_one(database, published.batch(published.moment(3), {MONDAY: again}))
    published.apply(database, published.claims(moved))
    published.take_one(
        database, published.batch(published.moment(26), {TUESDAY: again})
    )
    assert published.head(database) == 5
    return database


def rows(database: Database, **ask: Any) -> list[dict[str, Any]]:
    snapshot = published.load(database)
    asked = LedgerAsk(**{"after": 0, "upto": snapshot.release.id, **ask})
    with database.read() as session:
        return list(revisions.ledger(session, snapshot, asked).rows())


def told(database: Database, **ask: Any) -> set[tuple[Any, ...]]:
    return {tuple(row[name] for name in SHOWN) for row in rows(database, **ask)}


def test_what_changed_is_told_and_what_is_new_is_not(begun: Database) -> None:
    assert told(begun) == {*RESTATED, CLAIMED}


def test_a_change_is_told_with_its_size(begun: Database) -> None:
    moves = {
        row["subject"]: (row["change"], row["growth"])
        for row in rows(begun, dataset=TOKENS)
    }

    assert moves == {
        "acme/one": (20, fraction(1, 4)),
        "bolt/two:free": (None, None),
        "bolt/new": (None, None),
    }


@pytest.mark.parametrize(
    ("after", "upto", "expected"),
    [
        (0, 2, []),
        (2, 3, RESTATED),
        (3, 4, [CLAIMED]),
        (2, 5, [*RESTATED, CLAIMED]),
        (4, 5, []),
    ],
)
def test_a_range_has_the_releases_after_one_up_to_another(
    begun: Database, after: int, upto: int, expected: list[tuple[Any, ...]]
) -> None:
    assert told(begun, after=after, upto=upto) == set(expected)


def test_a_day_that_is_only_flagged_or_settled_is_no_revision(begun: Database) -> None:
    again = {"acme/one": 100, "bolt/new": 9, "other": 5}
    missed = published.batch(published.moment(51), {TUESDAY: again}, first=MONDAY)
    settled = published.batch(published.moment(745), {TUESDAY: again})
    published.take_one(begun, missed)
    published.take_one(begun, settled)

    assert (published.head(begun) or 0) > 5
    assert told(begun, after=5) == set()


def test_kinds_and_datasets_narrow_what_is_told(begun: Database) -> None:
    assert told(begun, kinds=frozenset({Why.ATTRIBUTION})) == {CLAIMED}
    assert told(begun, kinds=frozenset({Why.RESTATEMENT})) == set(RESTATED)
    assert told(begun, kinds=frozenset({Why.METHOD, Why.CORRECTION})) == set()
    assert told(begun, dataset=TOKENS) == set(RESTATED)


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        # By best judgement on the day: acme is of China since release 4.
        ({Dimension.ORIGIN: Values.of("CN")}, [RESTATED[0], CLAIMED]),
        ({Dimension.ORIGIN: Values.of("US")}, []),
        ({Dimension.ORIGIN: ~Values.of("CN")}, RESTATED[1:]),
        ({Dimension.PROVIDER: Values.of("acme")}, [RESTATED[0], CLAIMED]),
        ({Dimension.PROVIDER: Values.of("bolt")}, RESTATED[1:]),
        ({Dimension.MODEL: Values.of("acme/one")}, RESTATED[:1]),
        ({Dimension.MODEL: Values.of("acme/uno")}, RESTATED[:1]),
        ({Dimension.MODEL: Values.of("bolt/new", "acme/one")}, RESTATED[::2]),
        ({Dimension.WEIGHTS: Values.of("open")}, RESTATED[:1]),
        (
            {
                Dimension.PROVIDER: Values.of("bolt"),
                Dimension.MODEL: Values.of("bolt/new"),
            },
            RESTATED[2:],
        ),
    ],
)
def test_filters_choose_whose_numbers_and_claims_are_told(
    begun: Database,
    filters: dict[Dimension, Values],
    expected: list[tuple[Any, ...]],
) -> None:
    assert told(begun, listed=ListAsk(filters=filters)) == set(expected)


def test_a_filter_that_names_nothing_is_refused(begun: Database) -> None:
    for dimension in (Dimension.PROVIDER, Dimension.MODEL):
        with pytest.raises(UnknownError):
            told(begun, listed=ListAsk(filters={dimension: Values.of("nobody")}))


def test_a_claim_of_some_days_is_told_with_them(begun: Database) -> None:
    dates = {"valid_from": MONDAY, "valid_to": TUESDAY}
    some = examples.claim("acme", "origin", "FR", **dates)
    published.apply(begun, published.claims(some))

    (row,) = rows(begun, after=5)
    assert (row["period_start"], row["period_end"]) == (MONDAY, MONDAY)
    assert (row["old_value"], row["new_value"]) == (None, "FR")
    assert row["reason"] == some.basis


def test_what_a_release_before_the_range_claimed_is_told_as_old(
    begun: Database,
) -> None:
    again = examples.claim("acme", "origin", "FR")
    published.apply(begun, published.claims(again))

    old = CLAIMED[-1]
    assert told(begun, after=4) == {(6, "attribution", None, "acme", old, "FR")}


def test_what_is_claimed_of_one_who_is_new_is_no_revision(begun: Database) -> None:
    new = Edit(providers=["new"], claims=[examples.claim("new", "origin", "FR")])
    published.apply(begun, new)
    assert told(begun, after=5) == set()

    again = examples.claim("new", "origin", "CN", confidence=Confidence.LOW)
    published.apply(begun, published.claims(again))
    assert told(begun, after=5) == {
        (7, "attribution", None, "new", "FR", "CN (low)"),
    }


def test_the_question_is_spelt_out(begun: Database) -> None:
    hours = [NOW + timedelta(hours=n) for n in range(3)]
    for value, at in (("FR", hours[1]), ("DE", hours[2])):
        edit = published.claims(examples.claim("acme", "origin", value))
        published.apply(begun, edit, at=at)
    snapshot = published.load(begun)
    kinds = frozenset({Why.RESTATEMENT, Why.ATTRIBUTION})
    asked = LedgerAsk(5, 6, ListAsk(), TOKENS, kinds)
    with begun.read() as session:
        report = revisions.ledger(session, snapshot, asked)
        whole = revisions.ledger(session, snapshot, LedgerAsk(0, 7))

    assert report.resolved == [
        ("updated_since", meta.moment(hours[0])),
        ("until", meta.moment(hours[1])),
        ("kind", "attribution,restatement"),
        ("dataset", TOKENS),
        ("sort", "-release"),
        ("limit", "100"),
        ("release", "7"),
    ]
    assert [name for name, _ in whole.resolved] == ["sort", "limit", "release"]


def test_the_newest_come_first(begun: Database) -> None:
    assert [row["release"] for row in rows(begun)] == [4, 3, 3, 3]


def test_an_unknown_dataset_is_refused(begun: Database) -> None:
    with pytest.raises(UnknownError):
        told(begun, dataset="no-such")


def test_a_page_has_as_many_rows_as_asked_for(begun: Database) -> None:
    assert len(rows(begun, listed=ListAsk(limit=1))) == 1
