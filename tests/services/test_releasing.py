"""The digest of a release, computed here in another way from what a record says."""

import json
from hashlib import sha256

import pytest

from app.errors import RecordError
from app.services import releasing
from app.store.database import Database
from app.store.tables import HeadRow
from tests.domain import examples
from tests.services import published
from tests.services.published import MONDAY, batch, moment


def line(*values: object) -> str:
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"))


def chained(before: str, head: list[str], lines: list[str]) -> str:
    return sha256("\n".join([line(before, *head), *sorted(lines)]).encode()).hexdigest()


def test_a_digest_is_of_what_a_release_opens_and_closes(database: Database) -> None:
    published.begin(database)
    published.take(
        database,
        batch(moment(26), {MONDAY: {"acme/one": 70, "bolt/é": 1}}),
        batch(moment(50), {MONDAY: {"acme/one": 75}}),
    )
    moved = examples.claim("acme", "origin", "CN", alternatives=("US",))
    published.apply(database, published.claims(moved), "Seat: China.")

    first, second, third, fourth = published.load(database).releases

    data = ["data", "1", published.TOKENS]
    day = "2026-08-17"
    tokens, author = published.TOKENS, "The author that its slug names."
    opened = [
        line("open", "observation", tokens, "model:acme/one", day, 70),
        line("open", "observation", tokens, "model:bolt/é", day, 1),
        line("open", "model", "bolt/é", "bolt/é", "standard"),
        line("open", "series", None, tokens, "model:acme/one", "model", "acme/one"),
        line("open", "series", None, tokens, "model:bolt/é", "model", "bolt/é"),
        line(
            *("open", "attribution", "model", "bolt/é", "provider", "0001-01-01"),
            *([], author, "high", None, "slug", None, "bolt"),
        ),
        line(
            *("open", "period", tokens, day),
            *("2026-08-19T02:00:00+00:00", False, 2, 71),
        ),
    ]
    restated = [
        line("close", "observation", tokens, "model:acme/one", day, 70),
        line("close", "observation", tokens, "model:bolt/é", day, 1),
        line("open", "observation", tokens, "model:acme/one", day, 75),
        line(
            *("close", "period", tokens, day),
            *("2026-08-19T02:00:00+00:00", False, 2, 71),
        ),
        line(
            *("open", "period", tokens, day),
            *("2026-08-20T02:00:00+00:00", False, 1, 75),
        ),
    ]
    claim = ("attribution", "provider", "acme", "origin", "0001-01-01")
    edited = [
        line("close", *claim, [], "told", "high", None, "curation", None, "US"),
        line("open", *claim, ["US"], "told", "high", None, "curation", None, "CN"),
    ]
    assert second.digest == chained(first.digest, [*data, second.summary], opened)
    assert third.digest == chained(second.digest, [*data, third.summary], restated)
    assert fourth.digest == chained(
        third.digest, ["registry", "1", "", "Seat: China."], edited
    )


def test_a_record_without_its_head_is_not_written_to(database: Database) -> None:
    with database.write() as session:
        session.delete(session.get_one(HeadRow, 1))

    with (
        database.write() as session,
        pytest.raises(RecordError, match="restore a backup"),
    ):
        releasing.lock(session)
