"""Pushed days that the contract of their dataset does not expect."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from app.services import deciding, keys, new_datasets, verify
from app.services.keys import Scope
from app.store.database import Database
from tests.api.gateway import (
    DECLARED,
    FIRST,
    NOW,
    SECOND,
    Gateway,
    as_json,
    opened,
)
from tests.services import published

SLUG = "steady-gateway"
USUAL = [(f"2026-10-{day}", "acme/one", 100) for day in range(14, 18)]
BEGUN = {"start_date": "2026-10-14", "end_date": "2026-10-17"}
ASKED = f"/v1/volume?dataset={SLUG}&window=all&interval=day&group_by=none"


@pytest.fixture
def owner(database: Database) -> Gateway:
    """A gateway whose numbers are expected to be steady, after four usual days."""
    published.begin(database)
    dataset = replace(DECLARED.dataset, slug=SLUG)
    declared = replace(DECLARED, dataset=dataset, contract="steady")
    new_datasets.add(database, declared, actor="Ann", now=NOW)
    key = keys.create(database, "Gate", [Scope.INGEST], now=NOW, dataset=SLUG)
    owner = opened(database, key)
    assert push(owner, USUAL, **BEGUN).json()["release"] == 3
    return owner


def push(owner: Gateway, rows: list[tuple[str, str, int]], **query: str) -> Any:
    return owner.client.post(
        f"/v1/datasets/{SLUG}/observations",
        params={"start_date": FIRST, "end_date": SECOND}
        | {"as_of": "2026-10-20T02:00:00Z"}
        | query,
        content=as_json(rows),
        headers={
            "authorization": f"Bearer {owner.key}",
            "content-type": "application/json",
        },
    )


def volumes(owner: Gateway) -> list[int]:
    return [row["volume"] for row in owner.rows(ASKED)]


def test_a_day_that_is_not_expected_waits_and_the_others_are_published(
    owner: Gateway,
) -> None:
    reply = push(owner, [(FIRST, "acme/one", 110), (SECOND, "acme/one", 1_000)])

    answer = reply.json()
    assert (reply.status_code, answer["verdict"]) == (201, "quarantined")
    assert (answer["release"], answer["held_days"]) == (4, [SECOND])
    assert answer["counts"] == {"new": 1, "changed": 0, "same": 0, "rejected": 1}
    assert SECOND in answer["reason"]
    assert volumes(owner) == [100, 100, 100, 100, 110]
    told = owner.client.get("/v1/status").json()["data"]["datasets"]
    (status,) = (one for one in told if one["dataset"] == SLUG)
    assert [run["id"] for run in status["held_runs"]] == [answer["run"]]


def test_a_push_of_which_all_waits_is_no_release(owner: Gateway) -> None:
    reply = push(owner, [(SECOND, "acme/one", 1_000)])

    answer = reply.json()
    assert (reply.status_code, answer["release"]) == (200, None)
    assert answer["held_days"] == [SECOND]
    assert answer["links"]["evidence"] is None
    assert volumes(owner) == [100, 100, 100, 100]


def test_the_same_again_is_held_again_and_publishes_nothing(owner: Gateway) -> None:
    bad = [(SECOND, "acme/one", 1_000)]

    for _ in range(2):
        assert push(owner, bad).json()["held_days"] == [SECOND]
    assert owner.head == 3


def test_a_day_that_was_accepted_is_published_and_derived_again(
    owner: Gateway,
) -> None:
    answer = push(owner, [(SECOND, "acme/one", 1_000)]).json()

    deciding.accept(
        owner.database,
        answer["run"],
        [date.fromisoformat(SECOND)],
        actor="Ann",
        reason="A launch.",
        now=NOW,
    )

    assert owner.head == 4
    assert verify.verify(owner.database, {}).problems == ()
    again = push(owner, [(SECOND, "acme/one", 1_000)]).json()
    assert (again["verdict"], again["held_days"]) == ("unchanged", [])
