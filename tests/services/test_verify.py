"""One byte that is not what was published, and it is told."""

import zlib
from collections.abc import Callable
from datetime import date

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session
from sqlmodel import col

from app.errors import RecordError
from app.services.verify import verify
from app.store.database import Database
from app.store.dialect import table_of
from app.store.tables import (
    AliasRow,
    AnnotationRow,
    AttributionRow,
    DatasetRow,
    HeadRow,
    ModelRow,
    ObservationRow,
    PayloadRow,
    PeriodRow,
    Record,
    ReleaseRow,
    SeriesRow,
)
from tests.services import published
from tests.services.published import MONDAY, TUESDAY, batch, moment

Change = Callable[[Session], object]


@pytest.fixture
def filled(database: Database) -> Database:
    """Four releases: the registry, two days, one of them restated, and a newcomer."""
    published.begin(database)
    published.take(
        database,
        batch(moment(26), {MONDAY: {"acme/one": 70}, TUESDAY: {"acme/one": 80}}),
        batch(moment(50), {MONDAY: {"acme/one": 75, "other": 5}}),
        batch(moment(74), {TUESDAY: {"bolt/new": 1}}),
    )
    return database


def test_a_sound_record_has_no_problems(filled: Database) -> None:
    found = verify(filled)

    assert found.problems == ()
    assert (found.releases, found.observations, found.payloads) == (4, 3, 1)
    assert found.digest == published.load(filled).release.digest


def test_a_record_without_a_release_is_not_sound(database: Database) -> None:
    with pytest.raises(RecordError, match="holds no release"):
        verify(database)


def one(row: type[Record], release: int, **values: object) -> Change:
    """Change the rows that a release opened."""
    return row_of(row, "release_from", release, **values)


def row_of(row: type[Record], column: str, is_: object, **values: object) -> Change:
    """Change the rows that have a value in a column."""
    return lambda session: session.execute(
        update(row).where(table_of(row).c[column] == is_).values(values)
    )


def releases(*numbers: int) -> list[str]:
    return [f"Release {number} is not what its digest says." for number in numbers]


def days(*told: date) -> list[str]:
    return [
        f"openrouter-tokens, {day}: the observations are not what the day says."
        for day in told
    ]


NUMBERS = ["Releases are not numbered 1 to 3 without gaps."]

BYTES: dict[str, tuple[Change, list[str]]] = {
    "a volume": (one(ObservationRow, 4, volume=2), [*releases(4), *days(TUESDAY)]),
    "volumes that were closed": (
        one(ObservationRow, 2, volume=71),
        releases(2, 3, 4),
    ),
    "the day of a volume": (
        one(ObservationRow, 4, period_start=MONDAY),
        [*releases(4), *days(MONDAY, TUESDAY)],
    ),
    "the total of a day": (one(PeriodRow, 4, total=2), [*releases(4), *days(TUESDAY)]),
    "the rows of a day": (one(PeriodRow, 4, rows=2), [*releases(4), *days(TUESDAY)]),
    "the flag of a day": (one(PeriodRow, 4, flagged=True), releases(4)),
    "when a day was read": (one(PeriodRow, 4, as_of=moment(75)), releases(4)),
    "what is claimed": (
        row_of(AttributionRow, "attribute", "origin", value="CN"),
        releases(1),
    ),
    "why it is claimed": (one(AttributionRow, 4, basis="hearsay"), releases(4)),
    "how sure a claim is": (one(AttributionRow, 4, confidence="low"), releases(4)),
    "from when on it holds": (one(AttributionRow, 4, valid_from=MONDAY), releases(4)),
    "whether a claim was made": (
        lambda session: session.execute(
            delete(AttributionRow).where(col(AttributionRow.release_from) == 4)
        ),
        releases(4),
    ),
    "an alias": (one(AliasRow, 1, target="bolt/two:free"), releases(1)),
    "a note": (one(AnnotationRow, 1, text="another"), releases(1)),
    "the unit of a dataset": (one(DatasetRow, 1, unit="requests"), releases(1)),
    "the variant of a model": (one(ModelRow, 4, variant="free"), releases(4)),
    "the subject of a series": (one(SeriesRow, 4, subject="bolt/old"), releases(4)),
    "the summary of a release": (
        row_of(ReleaseRow, "id", 2, summary="Nothing happened."),
        releases(2),
    ),
    "the digest of a release": (
        row_of(ReleaseRow, "id", 2, digest="0" * 64),
        releases(2, 3),
    ),
    "the head": (row_of(HeadRow, "id", 1, release=3), NUMBERS),
}


@pytest.mark.parametrize("what", BYTES)
def test_whatever_is_changed_is_told(filled: Database, what: str) -> None:
    change, problems = BYTES[what]
    with filled.write() as session:
        change(session)

    assert list(verify(filled).problems) == problems


@pytest.mark.parametrize("body", [b"", b"no zlib", zlib.compress(b"other bytes")])
def test_a_payload_that_is_another_is_told(filled: Database, body: bytes) -> None:
    with filled.write() as session:
        session.execute(update(PayloadRow).values(body=body))

    (problem,) = verify(filled).problems

    assert problem.startswith("Payload ")
    assert problem.endswith(" is not what its hash says.")


def test_every_flipped_byte_of_a_payload_is_told(filled: Database) -> None:
    with filled.read() as session:
        body = session.scalars(select(col(PayloadRow.body))).one()
    told = []
    for at in range(0, len(body), max(1, len(body) // 8)):
        flipped = body[:at] + bytes([body[at] ^ 1]) + body[at + 1 :]
        with filled.write() as session:
            session.execute(update(PayloadRow).values(body=flipped))
        told.append(len(verify(filled).problems))

    assert len(told) >= 8
    assert set(told) == {1}
