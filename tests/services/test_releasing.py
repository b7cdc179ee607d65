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
from tests.services.published import MONDAY, TUESDAY, batch, moment


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


def test_lines_stand_in_the_order_of_their_text(database: Database) -> None:
    names = ["a", "a-b", "a!b", 'a"b', "a b", "ab", "é", "A", "z", "\\"]
    models = [f"acme/{name}" for name in names]
    published.begin(database)
    told = {
        day: {model: 9 + at + 91 * n for at, model in enumerate(models)}
        for n, day in enumerate([MONDAY, TUESDAY])
    }
    restated: published.Told = {MONDAY: dict.fromkeys(models, 1), TUESDAY: {}}
    published.take(database, batch(moment(50), told))
    published.take(database, batch(moment(74), restated))

    _, second, third = published.load(database).releases

    def _lines(what: str, days: published.Told) -> list[str]:
        return [
            line(what, "observation", published.TOKENS, f"model:{m}", str(day), volume)
            for day, listed in days.items()
            for m, volume in listed.items()
        ]

    with database.read() as session:
        rows = releasing._rows  # noqa: SLF001 - what they yield is tried above
        others = [list(rows(session, number)) for number in (2, 3)]
    head = ["data", third.method_version, published.TOKENS]
    opened = _lines("open", told)
    assert opened != sorted(opened)
    assert second.digest == chained(
        published.load(database, 1).release.digest,
        [*head, second.summary],
        [*opened, *others[0]],
    )
    assert third.digest == chained(
        second.digest,
        [*head, third.summary],
        [
            *_lines("close", {MONDAY: told[MONDAY]}),
            *_lines("open", restated),
            *others[1],
        ],
    )


def test_a_record_without_its_head_is_not_written_to(database: Database) -> None:
    with database.write() as session:
        session.delete(session.get_one(HeadRow, 1))

    with (
        database.write() as session,
        pytest.raises(RecordError, match="restore a backup"),
    ):
        releasing.lock(session)
