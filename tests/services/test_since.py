"""The same question, then and now: what has moved, and how far."""

from dataclasses import replace
from typing import Any

import pytest

from app.domain.periods import Interval, Span
from app.domain.questions import Ask
from app.domain.registry import Confidence, Dimension
from app.domain.snapshot import Snapshot
from app.domain.values import Values
from app.services import curate, loading, since
from app.services.curate import Edit
from app.services.releasing import Release
from app.store.database import Database
from tests.domain import examples
from tests.services import published
from tests.services.published import MONDAY, TOKENS

ACME = {"acme/one": 60, "bolt/two": 30, "other": 10}
AGAIN = {"acme/one": 80, "bolt/two": 30, "other": 10}


@pytest.fixture
def begun(database: Database) -> Database:
    """Release 2 has a day, 3 restates it, 4 moves acme from the US to China."""
    published.begin(database)
    published.take_one(database, published.batch(published.moment(2), {MONDAY: ACME}))
    published.take_one(database, published.batch(published.moment(3), {MONDAY: AGAIN}))
    moved = examples.claim("acme", "origin", "CN", confidence=Confidence.HIGH)
    published.apply(database, published.claims(moved))
    return database


def at(database: Database, release: int) -> Snapshot:
    with database.read() as session:
        return loading.load(session, release)


def moved(database: Database, of: str, then: int, **ask: Any) -> list[dict[str, Any]]:
    asked = Ask(TOKENS, Interval.TOTAL, span=Span.parse("all"), **ask)
    report = since.answer(of, at(database, then), at(database, 4), asked)
    return list(report.rows())


def test_a_restatement_is_told_then_and_now(begun: Database) -> None:
    (row,) = moved(
        begun,
        "volume",
        2,
        numerator={Dimension.MODEL: Values.of("acme/one")},
    )

    assert row["model"] == "acme/one"
    assert (row["volume_then"], row["volume_now"]) == (60, 80)
    assert (row["change"], row["growth"]) == (20, 333_333)


def test_a_share_moves_with_what_it_is_a_share_of(begun: Database) -> None:
    (row,) = moved(
        begun, "share", 2, numerator={Dimension.MODEL: Values.of("bolt/two")}
    )

    assert (row["share_then"], row["share_now"]) == (300_000, 250_000)
    assert (row["total_then"], row["total_now"]) == (100, 120)
    assert (row["change"], row["growth"]) == (-50_000, -166_667)


def test_an_edit_of_the_registry_moves_a_share_too(begun: Database) -> None:
    rows = moved(begun, "share", 3, group_by=(Dimension.ORIGIN,))

    told = {r["origin"]: (r["volume_then"], r["volume_now"]) for r in rows}
    # Neither has a row where it has no volume.
    assert told == {"US": (80, None), "CN": (None, 80)}


def test_what_has_changed_is_said_of_both_releases(begun: Database) -> None:
    ask = Ask(
        TOKENS,
        Interval.TOTAL,
        span=Span.parse("all"),
        numerator={Dimension.MODEL: Values.of("acme/one")},
    )
    meta = since.answer("volume", at(begun, 2), at(begun, 4), ask).meta

    assert meta["quote"] == (
        "1 row of this answer has changed since release 2 (now release 4)."
    )
    assert (meta["release_then"], meta["release"], meta["count"]) == (2, 4, 1)


def test_nothing_has_changed_since_the_newest_release(begun: Database) -> None:
    report = since.answer(
        "rankings",
        at(begun, 4),
        at(begun, 4),
        Ask(TOKENS, Interval.TOTAL, span=Span.parse("all")),
    )

    assert len(report) == 0
    assert report.meta["because"] == []
    assert "Nothing in this answer has changed" in str(report.meta["quote"])


def test_what_another_dataset_published_is_no_reason(begun: Database) -> None:
    other = replace(published.DATASET, slug="ours", name="Ours")
    with begun.write() as session:
        release = Release("registry", "Another.", published.NOW, dataset="ours")
        curate.apply(session, Edit(datasets=[other]), release)
    ask = Ask(TOKENS, Interval.TOTAL, span=Span.parse("all"))

    meta: Any = since.answer("share", at(begun, 2), at(begun, 5), ask).meta

    assert [(one["release"], one["dataset"]) for one in meta["because"]] == [
        (3, TOKENS),
        (4, None),
    ]


def test_a_group_that_left_the_shown_ones_is_not_gone(begun: Database) -> None:
    later = {"acme/one": 20, "bolt/two": 90, "other": 10}
    published.take_one(begun, published.batch(published.moment(5), {MONDAY: later}))
    ask = Ask(
        TOKENS,
        Interval.TOTAL,
        span=Span.parse("all"),
        group_by=(Dimension.MODEL,),
        top=1,
    )

    rows = since.answer("rankings", at(begun, 2), at(begun, 5), ask).rows()

    assert {
        r["model"]: (r["volume_then"], r["volume_now"])
        for r in rows
        if r["model"] in ACME and r["model"] != "other"
    } == {"acme/one": (60, 20), "bolt/two": (30, 90)}
