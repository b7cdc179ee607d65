"""What a release did, in counts: days, observations, subjects, claims."""

from typing import Any

from app.services import changes
from app.store.database import Database
from app.store.tables import ReleaseRow
from tests.domain import examples
from tests.services import published
from tests.services.published import MONDAY, TOKENS

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
