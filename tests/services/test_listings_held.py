"""Prices and their days; lists that wait for a decision, and lists that are broken."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from app.domain.registry import ALWAYS, Attribution, Confidence, Dimension, Subject
from app.errors import BadValueError, UnknownError
from app.services.verify import verify
from tests.services import published
from tests.services.listing_reader import (
    DAY,
    NOW,
    OURS,
    SAME,
    TODAY,
    ListReader,
    entry,
    many,
    priced,
    renamed,
    twenty,
)
from tests.services.reading import payloads, verdicts
from tests.sources.upstream import Fault

TOMORROW = TODAY + DAY


# Prices and their days


def test_another_price_ends_the_one_before_on_its_day(lists: ListReader) -> None:
    others = many(19, **SAME)
    lists.read(entry("acme/one", prompt="0.000002", completion="0.000008"), *others)

    lists.later(3 * DAY).read(
        entry("acme/one", prompt="0.0000018", completion="0.000008"), *others
    )

    moved = TODAY + 3 * DAY
    assert lists.rows("acme/one", "price_prompt", "price_completion") == [
        ("price_completion", "0.000008", OURS, TODAY, None),
        ("price_prompt", "0.000002", OURS, TODAY, moved),
        ("price_prompt", "0.0000018", OURS, moved, None),
    ]
    now = lists.registry()
    (past,) = now.history(Subject.MODEL, "acme/one")
    assert (past.value, past.valid_to, past.since, past.until) == (
        "0.000002",
        None,
        2,
        3,
    )
    days = (TODAY, moved - DAY, moved, date.max)
    assert [now.value(Subject.MODEL, "acme/one", "price_prompt", d) for d in days] == [
        *("0.000002", "0.000002", "0.0000018", "0.0000018")
    ]
    assert lists.summary() == "OpenRouter's list of models: 1 other price."


def test_another_price_on_the_same_day_takes_its_place(lists: ListReader) -> None:
    others = many(19, **SAME)
    lists.read(entry("acme/one", prompt="0.2"), *others)
    hour = timedelta(hours=1)

    lists.later(hour).read(entry("acme/one", prompt="0.3"), *others)

    assert lists.rows("acme/one", "price_prompt") == [
        ("price_prompt", "0.3", OURS, TODAY, None)
    ]


def test_a_price_that_comes_back_has_three_spans(lists: ListReader) -> None:
    others = many(19, **SAME)
    for price in ("0.2", "0.3", "0.2"):
        lists.read(entry("acme/one", prompt=price), *others)
        lists.later()

    assert lists.rows("acme/one", "price_prompt") == [
        ("price_prompt", "0.2", OURS, TODAY, TOMORROW),
        ("price_prompt", "0.3", OURS, TOMORROW, TOMORROW + DAY),
        ("price_prompt", "0.2", OURS, TOMORROW + DAY, None),
    ]


def test_a_clock_that_went_back_leaves_later_prices(lists: ListReader) -> None:
    others = many(19, **SAME)
    lists.later(2 * DAY).read(entry("acme/one", prompt="0.2"), *others)
    later = Attribution(
        Subject.MODEL,
        "acme/one",
        "price_prompt",
        "0.3",
        Confidence.HIGH,
        "Told.",
        source=OURS,
        valid_from=TODAY + 9 * DAY,
    )
    published.apply(lists.database, published.claims(later))
    before = lists.claims("acme/one")

    run = lists.later().read(entry("acme/one", prompt="0.2"), *others)

    assert run.verdict == "unchanged"
    assert lists.claims("acme/one") == before


def test_prices_cut_no_question_into_parts(lists: ListReader) -> None:
    edges = lists.registry().boundaries(Dimension)

    lists.read(entry("acme/one", **SAME))

    assert lists.registry().boundaries(Dimension) == edges


# Lists that may be wrong


def test_a_single_absurd_price_is_left_out_and_the_rest_is_taken(
    lists: ListReader,
) -> None:
    others = many(39, **SAME)
    lists.read(entry("acme/one", "One", **SAME), *others)
    odd = entry("acme/one", "Uno", prompt="0.000202", completion="0.00002")

    run = lists.later().read(odd, *others)

    assert run.verdict == "published"
    assert [check for check in run.checks if not check["passed"]] == [
        {
            "name": "absurd_prices",
            "passed": False,
            "detail": "acme/one price_prompt 0.000002 → 0.000202",
        }
    ]
    assert lists.rows("acme/one", "name", "price_prompt", "price_completion") == [
        ("name", "Uno", OURS, ALWAYS, None),
        ("price_completion", "0.00001", OURS, TODAY, TOMORROW),
        ("price_completion", "0.00002", OURS, TOMORROW, None),
        ("price_prompt", "0.000002", OURS, TODAY, None),
    ]


def test_a_price_that_was_left_out_is_taken_when_somebody_says_so(
    lists: ListReader,
) -> None:
    others = many(39, **SAME)
    lists.read(entry("acme/one", **SAME), *others)
    odd = lists.later().read(entry("acme/one", prompt="0.000202"), *others)

    done = lists.accept(odd)

    assert done.verdict == "published"
    assert lists.rows("acme/one", "price_prompt")[-1][1] == "0.000202"


TOO_MUCH = {
    "lost": (twenty()[7:], "models_lost: 7 of 20, 30% at most"),
    "new": (
        [*twenty(), *(entry(f"new/m{n}") for n in range(11))],
        "models_new: 11 of 20, 50% at most",
    ),
    "renamed": (renamed(7), "names: 7 of 20, 30% at most"),
    # Each of the twenty has two prices.
    "dearer": (priced(5, "0.00001001"), "prices: 5 of 40, 10% at most"),
    "cheaper": (priced(5, "0.00000039"), "prices: 5 of 40, 10% at most"),
    "free": (priced(5, "0"), "prices: 5 of 40, 10% at most"),
    "other unit": (priced(20, "0.002"), "prices: 20 of 40, 10% at most"),
}
MUCH = {
    "lost": twenty()[6:],
    "new": [*twenty(), *(entry(f"new/m{n}") for n in range(10))],
    "renamed": renamed(6),
    "few dearer": priced(4, "0.00001001"),
    "all five times": priced(20, "0.00001"),
    "few free": priced(4, "0"),
}


@pytest.mark.parametrize(("odd", "why"), TOO_MUCH.values(), ids=TOO_MUCH)
def test_a_list_that_differs_in_too_much_is_held(
    lists: ListReader, odd: list[dict[str, Any]], why: str
) -> None:
    lists.read(*twenty())
    before = published.told(published.load(lists.database))

    run = lists.later().read(*odd)

    assert run.verdict == "quarantined"
    assert run.reason == (
        f"Too much differs from the last list: {why}. Held until somebody decides: "
        f"see `modelcensus runs show {run.id}`."
    )
    assert run.counts["rejected"] == run.counts["in"] == len(odd)
    assert published.told(published.load(lists.database)) == before
    assert len(payloads(lists.database)) == 2


@pytest.mark.parametrize("odd", MUCH.values(), ids=MUCH)
def test_a_list_that_differs_in_less_is_taken(
    lists: ListReader, odd: list[dict[str, Any]]
) -> None:
    lists.read(*twenty())

    assert lists.later().read(*odd).verdict in {"published", "unchanged"}


def test_entries_of_one_model_are_compared_each_with_itself(lists: ListReader) -> None:
    pairs = [
        entry(f"acme/{which}{n}", canonical_slug=f"acme/m{n}")
        for n in range(10)
        for which in "ab"
    ]
    lists.read(*pairs)

    assert lists.later().read(*reversed(pairs)).verdict == "unchanged"


def test_a_list_is_compared_with_the_last_that_was_taken(lists: ListReader) -> None:
    lists.read(*twenty())
    short = twenty()[10:]

    held = [lists.later().read(*short).verdict for _ in range(3)]

    assert held == ["quarantined"] * 3
    assert lists.later().read(*twenty()).verdict == "unchanged"


# What a person decides


def test_a_list_that_was_held_is_taken_when_somebody_says_so(lists: ListReader) -> None:
    lists.read(*twenty())
    held = lists.later().read(*priced(20, "0.002"))

    done = lists.later().accept(held)

    assert (done.verdict, done.trigger, done.as_of) == (
        *("published", "decision"),
        NOW + DAY,
    )
    row = published.run_row(lists.database, done.id)
    assert (row.decided_by, row.decided_reason) == ("Ada", "The maker says so.")
    assert row.payload == held.payload
    assert lists.rows("acme/m3", "price_prompt") == [
        ("price_prompt", "0.000002", OURS, TODAY, TOMORROW),
        ("price_prompt", "0.002", OURS, TOMORROW, None),
    ]
    release = published.load(lists.database).release
    assert (release.run, release.published_at) == (done.id, NOW + 2 * DAY)
    assert lists.summary() == "OpenRouter's list of models: 20 other prices."
    assert lists.accept(held).verdict == "unchanged"
    # From now on it is what the next is compared with.
    assert lists.later().read().verdict == "unchanged"


def test_a_list_is_not_taken_after_a_later_one(lists: ListReader) -> None:
    lists.read(*twenty())
    held = lists.later().read(*priced(20, "0.002"))
    lists.later().read(*twenty())
    before = published.told(published.load(lists.database))

    done = lists.accept(held)

    assert (done.verdict, done.reason) == (
        "superseded",
        "A later list, of 2026-08-27T04:00:00Z, has been taken already.",
    )
    assert done.counts["rejected"] == done.counts["in"] == 20
    assert published.told(published.load(lists.database)) == before


def test_a_list_is_of_the_day_it_was_read_though_its_bytes_are_older(
    lists: ListReader,
) -> None:
    lists.read(*twenty()[:10])
    longer = lists.later().read(*priced(20, "0.000004"))
    lists.accept(longer)
    again = lists.later().read(*twenty()[:10])

    done = lists.accept(again)

    assert len(payloads(lists.database)) == 2
    assert (done.verdict, done.as_of) == ("published", NOW + 2 * DAY)
    assert [row[3] for row in lists.rows("acme/m3", "price_prompt")] == [
        *(TODAY, TOMORROW, TOMORROW + DAY)
    ]


@pytest.mark.parametrize("said", [{"actor": " "}, {"reason": ""}, {"reason": "a\nb"}])
def test_a_decision_says_who_and_why(lists: ListReader, said: dict[str, str]) -> None:
    lists.read(*twenty())
    held = lists.later().read(*twenty()[10:])

    with pytest.raises(BadValueError, match="printable"):
        lists.accept(held, **said)

    assert verdicts(lists.database) == ["published", "quarantined"]


def test_only_what_was_held_can_be_accepted(lists: ListReader) -> None:
    taken = lists.read(*twenty())
    lists.shelf.fail(Fault.MISSING, times=1)
    failed = lists.read()

    for run in (taken, failed):
        with pytest.raises(BadValueError, match="held no list of models"):
            lists.accept(run)
    with pytest.raises(UnknownError, match="'99'"):
        lists.accept(replace(taken, id=99))


# Hostile and broken lists


def test_names_that_could_do_harm_are_text(lists: ListReader) -> None:
    names = ["<script>alert(1)</script>", "=1+1", "'; DROP TABLE run; --", "a\u202eb\0"]

    lists.read(*(entry(f"acme/m{n}", name) for n, name in enumerate(names)))

    told = [lists.rows(f"acme/m{n}", "name")[0][1] for n in range(4)]
    assert told == [*names[:3], "a b"]


def test_reserved_makers_are_left_out_and_the_rest_is_taken(lists: ListReader) -> None:
    run = lists.read(entry("other/x"), entry("unknown/y"), entry("acme/two"))

    assert run.counts == {"in": 3, "new": 1, "changed": 0, "same": 0, "rejected": 2}
    assert run.checks[1] == {
        "name": "unmatched",
        "passed": True,
        "detail": "other/x, unknown/y",
    }
    assert set(lists.registry().providers) == {"acme", "bolt", "stealth"}


def test_a_list_that_cannot_be_read_is_rejected_and_kept(lists: ListReader) -> None:
    lists.read(*twenty())
    lists.shelf.bodies["/api/v1/models"] = b'{"data": []}'

    run = lists.later().read()

    assert run.verdict == "rejected"
    assert run.reason is not None
    assert "Nothing of this list is used." in run.reason
    assert b'{"data": []}' in payloads(lists.database).values()
    assert published.head(lists.database) == 2


def test_a_list_that_does_not_come_fails_and_the_next_is_taken(
    lists: ListReader,
) -> None:
    lists.shelf.fail(Fault.MISSING, times=1)

    failed = lists.read(*twenty())

    assert (failed.verdict, failed.payload) == ("failed", None)
    assert lists.read().verdict == "published"


# The whole


def test_the_record_verifies_after_lists_and_decisions(lists: ListReader) -> None:
    lists.read(*twenty())
    held = lists.later().read(*priced(20, "0.002"))
    lists.accept(held)

    assert verify(lists.database, {}).problems == ()
