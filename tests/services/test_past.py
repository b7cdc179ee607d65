"""What every day rests on: the reading of that release, and the bytes of it."""

from collections.abc import Mapping
from datetime import date
from hashlib import sha256
from typing import Any

import pytest

from app.domain.periods import Window
from app.domain.questions import ListAsk
from app.domain.reports import Report
from app.errors import OutsideDataError, UnknownError
from app.services.past import Past
from app.services.revisions import LedgerAsk
from app.store.database import Database
from tests.services import published
from tests.services.published import MONDAY, NOW, TOKENS, TUESDAY, batch, moment

FIRST = batch(
    moment(26), {MONDAY: {"acme/one": 60, "other": 40}, TUESDAY: {"other": 9}}
)
AGAIN = batch(moment(30), {MONDAY: {"acme/one": 65, "bolt/new": 3, "other": 40}})


def hashed(*batches: Any) -> str:
    return sha256(repr(batches).encode()).hexdigest()


@pytest.fixture
def read(database: Database) -> Database:
    """Release 2 has two days, release 3 restates the first of them."""
    published.begin(database)
    published.take_one(database, FIRST)
    published.take_one(database, AGAIN)
    assert published.head(database) == 3
    return database


def evidence(
    database: Database, release: int, window: Window | None = None, **ask: Any
) -> Report:
    snapshot = published.load(database, release)
    return Past(database).evidence(snapshot, TOKENS, ListAsk(**ask), window)


def row(
    day: date, total: int, rows: int, release: int, taken: Any
) -> Mapping[str, Any]:
    return {
        "period_start": day,
        "period_end": day,
        "status": "provisional",
        "total": total,
        "rows": rows,
        "source_as_of": taken.as_of,
        "flagged": "no",
        "since_release": release,
        "run": release - 1,
        "source": "test",
        "payload_sha256": hashed(taken),
        "payload_url": "file:test",
        "fetched_at": NOW,
    }


def test_every_day_names_its_reading_and_the_hash_of_its_bytes(read: Database) -> None:
    assert list(evidence(read, 3).rows()) == [
        row(MONDAY, 108, 3, 3, AGAIN),
        row(TUESDAY, 9, 1, 2, FIRST),
    ]


def test_an_earlier_release_rests_on_what_was_read_then(read: Database) -> None:
    assert list(evidence(read, 2).rows()) == [
        row(MONDAY, 100, 2, 2, FIRST),
        row(TUESDAY, 9, 1, 2, FIRST),
    ]


def test_a_day_that_a_later_reading_left_out_says_so(read: Database) -> None:
    longer = batch(moment(54), {TUESDAY: {"other": 9}}, first=MONDAY)
    published.take_one(read, longer)

    flagged = {r["period_start"]: r["flagged"] for r in evidence(read, 4).rows()}

    assert flagged == {MONDAY: "yes", TUESDAY: "no"}


def test_the_days_that_are_asked_for_are_told(read: Database) -> None:
    found = evidence(read, 3, Window(TUESDAY, date.max), sort="-period_start")

    assert [r["period_start"] for r in found.rows()] == [TUESDAY]
    assert found.meta["count"] == 1
    assert found.resolved == [
        ("start_date", "2026-08-18"),
        ("sort", "-period_start"),
        ("limit", "100"),
        ("release", "3"),
    ]


def test_a_reading_is_found_by_its_hash(read: Database) -> None:
    found = evidence(read, 3, q=hashed(AGAIN)[:12])

    assert [r["period_start"] for r in found.rows()] == [MONDAY]


def test_days_outside_the_data_rest_on_nothing(read: Database) -> None:
    told = "has data from 2026-08-17 to 2026-08-18; the dates"
    with pytest.raises(OutsideDataError, match=told) as refused:
        evidence(read, 3, Window(date(2026, 1, 1), date(2026, 8, 16)))

    assert refused.value.fix == {"start_date": None, "end_date": None}


def test_a_dataset_without_days_rests_on_nothing(read: Database) -> None:
    assert list(evidence(read, 1).rows()) == []
    with pytest.raises(OutsideDataError, match="has no data"):
        evidence(read, 1, Window(MONDAY, MONDAY))


def test_an_unknown_dataset_is_refused(read: Database) -> None:
    with pytest.raises(UnknownError) as refused:
        Past(read).evidence(published.load(read), "openrouter-token", ListAsk(), None)

    (complaint,) = refused.value.complaints
    assert (complaint.parameter, complaint.did_you_mean) == ("dataset", TOKENS)


def test_revisions_are_read_from_the_record(read: Database) -> None:
    found = Past(read).revisions(published.load(read), LedgerAsk(0, 3))

    told = [(r["subject"], r["old_value"], r["new_value"]) for r in found.rows()]
    assert sorted(told) == [("acme/one", "60", "65"), ("bolt/new", None, "3")]
