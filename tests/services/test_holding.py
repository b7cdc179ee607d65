"""Days that are held: the others are published, and somebody decides on these."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import pytest

from app.domain.datasets import Run
from app.domain.observations import Payload
from app.errors import BadValueError, UnknownError
from app.services import deciding, declaring, ingest, quarantine
from app.services.ingest import Job
from app.services.revisions import LedgerAsk, Why
from app.services.verify import verify
from app.store.database import Database
from app.store.tables import RunRow
from tests.services import published, real_days, test_revisions
from tests.services.published import NOW, TOKENS
from tests.services.real_days import read, scaled, some

FIRST = date(2026, 5, 18)
TOLD = some(FIRST, 12)
LAST = max(TOLD)
BAD = LAST - timedelta(days=1)
WRONG = TOLD | {BAD: scaled(TOLD[BAD], 0.5)}
WHO: dict[str, Any] = {
    "actor": "A desk",
    "reason": "The publisher confirms it.",
    "now": NOW,
}


@pytest.fixture
def begun(database: Database) -> Database:
    published.begin(database)
    with database.write() as session:
        declaring.bind(session, TOKENS, quarantine.RANKINGS)
    return database


def take(database: Database, told: Mapping[date, Any], hours: float = 2) -> Run:
    return published.take_one(database, read(told, hours))


def numbers(database: Database) -> dict[date, dict[str, int]]:
    return published.numbers(published.view(published.load(database)))


def waiting(database: Database) -> list[tuple[int, date]]:
    return [(one.run, one.day) for one in deciding.waiting(database)]


def decisions(database: Database, run: int) -> list[tuple[str, str | None]]:
    held = deciding.shown(database, run).held
    return [(str(one.day), one.decision) for one in held]


def test_a_day_that_nobody_expects_is_held_and_the_others_are_published(
    begun: Database,
) -> None:
    run = take(begun, WRONG)

    assert numbers(begun) == real_days.without(TOLD, [BAD])
    assert (run.verdict, run.counts) == (
        "quarantined",
        {"in": 612, "new": 561, "changed": 0, "same": 0, "rejected": 51},
    )
    assert run.reason == (
        f"Held until somebody decides: {BAD}. See `modelcensus runs list --held`."
    )
    (held,) = deciding.waiting(begun)
    assert (held.run, held.dataset, held.day) == (run.id, TOKENS, BAD)
    assert (held.rows, held.total) == (51, sum(WRONG[BAD].values()))
    assert [rule for rule, _ in held.reasons] == ["total"]
    failed = [c for c in run.checks if not c["passed"]]
    assert [c["name"] for c in failed] == ["rankings", "total"]
    assert failed[0]["detail"] == "12 days looked at, 1 held"


def test_a_held_day_is_no_gap_that_the_source_left(begun: Database) -> None:
    take(begun, TOLD)
    take(begun, WRONG | some(LAST + timedelta(days=1), 1), hours=3)

    days = published.view(published.load(begun)).days
    assert not any(day.flagged for day in days.values())
    assert numbers(begun)[BAD] == TOLD[BAD]


def test_the_same_numbers_are_held_once(begun: Database) -> None:
    first = take(begun, WRONG)
    before = published.head(begun)

    again = take(begun, WRONG, hours=3)

    assert (again.verdict, published.head(begun)) == ("quarantined", before)
    assert waiting(begun) == [(first.id, BAD)]


def test_other_numbers_take_the_place_of_those_that_are_held(begun: Database) -> None:
    first = take(begun, WRONG)
    second = take(begun, TOLD | {BAD: scaled(TOLD[BAD], 3)}, hours=3)

    assert waiting(begun) == [(second.id, BAD)]
    assert decisions(begun, first.id) == [(str(BAD), "superseded")]


def test_a_later_reading_that_is_as_expected_ends_the_matter(begun: Database) -> None:
    first = take(begun, WRONG)
    second = take(begun, TOLD, hours=3)

    assert second.verdict == "published"
    assert numbers(begun) == TOLD
    assert waiting(begun) == []
    (held,) = deciding.shown(begun, first.id).held
    assert (held.decision, held.decided_run) == ("superseded", second.id)


def test_a_later_reading_that_leaves_the_day_out_decides_nothing(
    begun: Database,
) -> None:
    run = take(begun, WRONG)

    take(begun, real_days.without(TOLD, [BAD]), hours=3)

    assert waiting(begun) == [(run.id, BAD)]
    deciding.accept(begun, run.id, **WHO)
    day = published.view(published.load(begun)).days[BAD]
    assert (numbers(begun), day.flagged) == (WRONG, True)


def test_an_older_reading_does_not_outlast_a_later_one_that_is_accepted(
    begun: Database,
) -> None:
    take(begun, real_days.without(TOLD, [BAD, LAST]))
    later = take(begun, TOLD | {BAD: scaled(TOLD[BAD], 3)}, hours=3)
    older = take(begun, WRONG, hours=2)
    assert {(later.id, BAD), (older.id, BAD)} <= {*waiting(begun)}

    done = deciding.accept(begun, later.id, [BAD], **WHO)

    assert waiting(begun) == []
    held = [one for one in deciding.shown(begun, older.id).held if one.day == BAD]
    assert [(one.decision, one.decided_run) for one in held] == [
        ("superseded", done.id)
    ]
    assert numbers(begun)[BAD] == scaled(TOLD[BAD], 3)


def test_a_day_without_any_volume_is_held(begun: Database) -> None:
    take(begun, TOLD)
    none = {LAST + timedelta(days=1): dict.fromkeys(TOLD[LAST], 0)}

    run = take(begun, none)

    assert (run.verdict, numbers(begun)) == ("quarantined", TOLD)


def test_an_accepted_day_is_published_as_of_when_it_was_read(begun: Database) -> None:
    run = take(begun, WRONG)

    done = deciding.accept(begun, run.id, [BAD], **WHO)

    assert numbers(begun) == WRONG
    day = published.view(published.load(begun)).days[BAD]
    assert (day.as_of, day.run) == (real_days.after(LAST), done.id)
    assert waiting(begun) == []
    assert decisions(begun, run.id) == [(str(BAD), "accepted")]
    assert (done.verdict, done.trigger, done.source) == (
        "published",
        "decision",
        "test",
    )
    assert done.payload == run.payload
    row = published.run_row(begun, done.id)
    assert (row.decided_by, row.decided_reason) == (WHO["actor"], WHO["reason"])
    assert published.run_row(begun, run.id).decided_by is None


def test_an_accepted_day_follows_from_its_payload(begun: Database) -> None:
    (run,) = ingest.take(
        begun,
        lambda: Payload(b"one", "text/plain", "https://source.example/", NOW),
        lambda _: [read(WRONG)],
        Job("test", TOKENS, "cli"),
        now=lambda: NOW,
    )

    deciding.accept(begun, run.id, **WHO)

    found = verify(begun, {"test": lambda _: [read(WRONG)]})
    assert (found.problems, found.derived) == ((), 612)


def test_what_is_accepted_is_not_held_when_it_is_read_again(begun: Database) -> None:
    run = take(begun, WRONG)
    deciding.accept(begun, run.id, **WHO)

    again = take(begun, WRONG, hours=3)

    assert again.verdict == "unchanged"
    assert waiting(begun) == []


def test_days_that_were_held_for_a_day_before_them_follow_it(begun: Database) -> None:
    new = some(LAST + timedelta(days=1), 4)
    shifted = {day: scaled(volumes, 0.6) for day, volumes in new.items()}
    take(begun, TOLD)
    run = take(begun, shifted)
    days = list(shifted)
    assert waiting(begun) == [(run.id, day) for day in days]

    done = deciding.accept(begun, run.id, [days[0]], **WHO)

    assert numbers(begun) == TOLD | shifted
    assert [(c["name"], c["detail"]) for c in done.checks] == [
        ("accepted", str(days[0])),
        ("followed", ", ".join(map(str, days[1:]))),
    ]
    assert done.counts == {
        "in": 204,
        "new": 204,
        "changed": 0,
        "same": 0,
        "rejected": 0,
    }


def test_a_day_in_the_middle_does_not_let_the_others_pass(begun: Database) -> None:
    new = some(LAST + timedelta(days=1), 3)
    factors = (0.5, 3, 0.1)
    wrong = {d: scaled(v, f) for (d, v), f in zip(new.items(), factors, strict=True)}
    take(begun, TOLD)
    run = take(begun, wrong)
    days = list(wrong)

    deciding.accept(begun, run.id, [days[1]], **WHO)

    assert numbers(begun) == TOLD | {days[1]: wrong[days[1]]}
    assert waiting(begun) == [(run.id, days[0]), (run.id, days[2])]


def test_what_is_rejected_is_not_held_again(begun: Database) -> None:
    run = take(begun, WRONG)
    before = published.head(begun)

    done = deciding.reject(begun, run.id, **WHO)
    again = take(begun, WRONG, hours=3)

    assert (done.verdict, done.counts["rejected"]) == ("rejected", 51)
    assert published.head(begun) == before
    assert (again.verdict, waiting(begun)) == ("unchanged", [])
    assert numbers(begun) == real_days.without(TOLD, [BAD])
    assert decisions(begun, run.id) == [(str(BAD), "rejected")]
    other = take(begun, TOLD | {BAD: scaled(TOLD[BAD], 3)}, hours=4)
    assert waiting(begun) == [(other.id, BAD)]


def test_a_day_that_was_rejected_by_mistake_is_accepted_by_name(
    begun: Database,
) -> None:
    run = take(begun, WRONG)
    deciding.reject(begun, run.id, **WHO)
    with pytest.raises(BadValueError, match=f"{BAD} was rejected"):
        deciding.accept(begun, run.id, **WHO)
    with pytest.raises(BadValueError, match=f"{BAD} was rejected"):
        deciding.reject(begun, run.id, [BAD], **WHO)

    done = deciding.accept(begun, run.id, [BAD], **WHO)

    assert (done.verdict, numbers(begun)) == ("published", WRONG)
    assert decisions(begun, run.id) == [(str(BAD), "accepted")]
    assert verify(begun).problems == ()


def test_a_restatement_that_somebody_accepts_is_a_correction(begun: Database) -> None:
    take(begun, TOLD)
    run = take(begun, WRONG, hours=3)
    assert run.verdict == "quarantined"

    deciding.accept(begun, run.id, **WHO)

    ask = LedgerAsk(0, published.head(begun) or 0, kinds=frozenset({Why.CORRECTION}))
    rows = test_revisions.rows(begun, kinds=ask.kinds)
    assert len(rows) == 51
    assert {row["period_start"] for row in rows} == {BAD}
    found = {row["subject"]: int(row["new_value"]) for row in rows}
    assert found == WRONG[BAD]


def test_a_day_that_is_not_over_is_left_for_later(begun: Database) -> None:
    run = take(begun, TOLD, hours=0.5)

    assert numbers(begun) == real_days.without(TOLD, [LAST])
    assert run.verdict == "published"
    assert run.counts["rejected"] == 51
    assert {c["name"]: c["detail"] for c in run.checks}["unfinished"] == (
        f"left out: {LAST}"
    )
    assert waiting(begun) == []


def test_a_payload_that_comes_too_late_is_not_judged(begun: Database) -> None:
    take(begun, TOLD, hours=3)

    late = take(begun, WRONG)

    assert (late.verdict, waiting(begun)) == ("superseded", [])


def test_a_dataset_without_a_contract_takes_what_is_sound(database: Database) -> None:
    published.begin(database)

    run = take(database, WRONG)

    assert (run.verdict, numbers(database)) == ("published", WRONG)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"actor": " "}, "by"),
        ({"reason": ""}, "reason"),
        ({"reason": "no\x07te"}, "reason"),
        ({"reason": "x" * 501}, "reason"),
    ],
)
def test_a_decision_says_who_and_why(
    begun: Database, change: dict[str, Any], told: str
) -> None:
    run = take(begun, WRONG)
    for decide in (deciding.accept, deciding.reject):
        with pytest.raises(BadValueError, match=told):
            decide(begun, run.id, **WHO | change)
    assert waiting(begun) == [(run.id, BAD)]


def test_only_what_waits_can_be_decided_on(begun: Database) -> None:
    run = take(begun, WRONG)
    with begun.read() as session:
        count = session.query(RunRow).count()

    with pytest.raises(UnknownError, match="There is no run '99'"):
        deciding.accept(begun, 99, **WHO)
    with pytest.raises(BadValueError, match=f"run {run.id} holds no such day"):
        deciding.accept(begun, run.id, [LAST], **WHO)
    with begun.read() as session:
        assert session.query(RunRow).count() == count

    deciding.accept(begun, run.id, **WHO)
    with pytest.raises(BadValueError, match=f"{BAD} was accepted"):
        deciding.reject(begun, run.id, **WHO)
