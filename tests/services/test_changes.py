"""What a release did, in counts: days, observations, subjects, claims."""

from hashlib import sha256
from typing import Any

from app.domain.registry import Confidence, Subject
from app.services import changes
from app.services.curate import Edit
from app.services.decisions import Decision, decide
from app.store.database import Database
from app.store.tables import ReleaseRow
from tests.domain import examples
from tests.services import published
from tests.services.published import MONDAY, NOW, TOKENS, TUESDAY

NOTHING = {"new": 0, "restated": 0, "settled": 0, "flagged": 0}


def counted(database: Database, release: int) -> dict[str, Any]:
    with database.read() as session:
        found = changes.of(session, session.get_one(ReleaseRow, release))
    return {name: value for name, value in found.items() if name != "run"}


def test_days_and_volumes_are_counted_against_the_release_before(
    database: Database,
) -> None:
    published.begin(database)
    first = {"acme/one": 80, "bolt/new": 10}
    again = {"acme/one": 100, "bolt/new": 10}
    published.take_one(database, published.batch(published.moment(2), {MONDAY: first}))
    published.take_one(database, published.batch(published.moment(3), {MONDAY: again}))

    assert counted(database, 2) | {"claims": None} == {
        "days": {TOKENS: NOTHING | {"new": 1}},
        "observations": {"opened": 2, "closed": 0, "volume_change": 90},
        "providers_added": [],
        "models_added": ["bolt/new"],
        "claims": None,
    }
    assert counted(database, 3) == {
        "days": {TOKENS: NOTHING | {"restated": 1}},
        "observations": {"opened": 1, "closed": 1, "volume_change": 20},
        "providers_added": [],
        "models_added": [],
        "claims": {"opened": 0, "closed": 0},
    }


def test_a_changed_claim_is_one_opened_and_one_closed(database: Database) -> None:
    published.begin(database)
    moved = examples.claim("acme", "origin", "CN")
    published.apply(database, published.claims(moved))

    assert counted(database, 2) == {
        "days": {},
        "observations": {"opened": 0, "closed": 0, "volume_change": 0},
        "providers_added": [],
        "models_added": [],
        "claims": {"opened": 1, "closed": 1},
    }


def test_a_day_that_is_left_out_is_flagged_and_one_that_settles_is_told(
    database: Database,
) -> None:
    published.begin(database)
    told = {MONDAY: {"acme/one": 80}, TUESDAY: {"acme/one": 90}}
    without = published.batch(
        published.moment(52), {TUESDAY: told[TUESDAY]}, first=MONDAY
    )
    later = published.batch(published.moment(745), told)
    published.take_one(database, published.batch(published.moment(26), told))
    published.take_one(database, without)
    published.take_one(database, later)

    assert counted(database, 2)["days"] == {TOKENS: NOTHING | {"new": 2}}
    assert counted(database, 3)["days"] == {TOKENS: NOTHING | {"flagged": 1}}
    # What is there again is no more flagged than before.
    assert counted(database, 4)["days"] == {TOKENS: NOTHING | {"settled": 2}}
    assert counted(database, 4)["observations"] == {
        "opened": 0,
        "closed": 0,
        "volume_change": 0,
    }


def test_who_is_new_is_named_in_order(database: Database) -> None:
    published.begin(database)
    published.apply(database, Edit(providers=["zeta", "alpha"]))

    assert counted(database, 2)["providers_added"] == ["alpha", "zeta"]


def test_what_led_to_a_release_is_told_with_it(database: Database) -> None:
    published.begin(database)
    taken = published.batch(published.moment(26), {MONDAY: {"acme/one": 80}})
    published.take_one(database, taken)
    decided = Decision(
        Subject.PROVIDER,
        "acme",
        {"origin": "FR"},
        Confidence.HIGH,
        "It moved.",
        "https://example.org/acme",
        "Ann",
    )
    decide(database, decided, trigger="http", now=NOW)

    with database.read() as session:
        runs = [
            changes.of(session, session.get_one(ReleaseRow, number))["run"]
            for number in (1, 2, 3)
        ]
        kept = [session.get_one(ReleaseRow, number).changes["run"] for number in (2, 3)]
    assert runs == [
        None,
        {
            "source": "test",
            "trigger": "cli",
            "payload_sha256": sha256(repr((taken,)).encode()).hexdigest(),
            "decided_by": None,
            "decided_reason": None,
        },
        {
            "source": "registry",
            "trigger": "http",
            "payload_sha256": None,
            "decided_by": "Ann",
            "decided_reason": "It moved.",
        },
    ]
    assert kept == runs[1:]
