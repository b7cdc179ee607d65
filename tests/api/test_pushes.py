"""Numbers of one's own: pushed by their owner, and what the answers say then."""

import json
from typing import Any

import pytest

from app.services import keys, verify
from app.services.keys import Scope
from app.store import work
from app.store.database import Database
from app.store.tables import RunRow
from tests.api.conftest import PUBLIC
from tests.api.gateway import (
    CSV,
    FIRST,
    FORMS,
    JSON,
    NDJSON,
    NOW,
    SECOND,
    SLUG,
    Gateway,
    as_csv,
    as_json,
    as_ndjson,
    gateway,
)
from tests.api.test_contract import DOCUMENT, holds

ANSWER = f"dataset={SLUG}&start_date={FIRST}&end_date={SECOND}"
ODD = (
    '\ufeff{ "observations" : [{"model":"acme/one","volume":"60",\n'
    '"date":"2026-10-18"}] }\n'
)
PUSH = DOCUMENT["paths"]["/v1/datasets/{dataset}/observations"]["post"]


@pytest.fixture
def owner(database: Database) -> Gateway:
    return gateway(database)


def last_run(owner: Gateway) -> RunRow:
    with owner.database.read() as session:
        return session.scalars(work.last_runs()).all()[0]


@pytest.mark.parametrize("media_type", FORMS)
def test_what_is_pushed_is_published(owner: Gateway, media_type: str) -> None:
    reply = owner.push(FORMS[media_type](), media_type)

    assert reply.status_code == 201, reply.text
    assert reply.headers["cache-control"] == "no-store"
    answer = reply.json()
    holds(answer, PUSH["responses"]["201"]["content"][JSON]["schema"])
    checks = answer.pop("checks")
    assert answer == {
        "run": 2,
        "verdict": "published",
        "reason": None,
        "release": 3,
        "counts": {"new": 5, "changed": 0, "same": 0, "rejected": 0},
        "held_days": [],
        "links": {
            "release": f"{PUBLIC}/v1/releases/3",
            "dataset": f"{PUBLIC}/v1/datasets/{SLUG}?release=3",
            "evidence": f"{PUBLIC}/v1/datasets/{SLUG}/evidence"
            f"?start_date={FIRST}&end_date={SECOND}&release=3",
        },
    }
    assert {"name": "new_model", "passed": True, "detail": "new/kid"} in checks
    for link in answer["links"].values():
        assert owner.client.get(link.removeprefix(PUBLIC)).status_code == 200
    assert [
        (row["period_start"], row["model"], row["volume"])
        for row in owner.rows(f"/v1/volume?{ANSWER}&group_by=model&interval=day")
        if row["volume"]
    ] == [
        (FIRST, "acme/one", 60),
        (FIRST, "bolt/two:free", 30),
        (FIRST, "other", 10),
        (SECOND, "acme/one", 20),
        (SECOND, "new/kid", 80),
    ]


def test_its_models_are_attributed_like_any_others(owner: Gateway) -> None:
    owner.push(as_json())

    shares = [
        (row["origin"], row["share"], row["share_low"], row["share_high"])
        for row in owner.rows(f"/v1/share?{ANSWER}&group_by=origin")
    ]
    assert shares == [("US", 0.4, 0.4, 1.0), ("unknown", 0.6, 0.0, 0.6)]
    assert owner.rows("/v1/models?provider=new")[0]["slug"] == "new/kid"
    (status,) = (
        one
        for one in owner.client.get("/v1/status").json()["data"]["datasets"]
        if one["dataset"] == SLUG
    )
    assert [m["model"] for m in status["unattributed_models"]] == [
        "new/kid",
        "bolt/two:free",
    ]
    assert status["last_run"]["source"] == f"push:{owner.key[:11]}"


def test_it_is_cited_as_it_was_declared(owner: Gateway) -> None:
    owner.push(as_json())

    meta = owner.client.get(f"/v1/share?{ANSWER}").json()["meta"]
    assert meta["citation"].startswith(
        "Source: Example Corp, as of 2026-10-20T02:00:00Z."
    )
    assert (meta["license"], meta["unit"]) == ("CC-BY-4.0", "tokens")
    assert "tokens at Example Corp" in meta["quote"]


def test_the_same_push_again_changes_nothing(owner: Gateway) -> None:
    first = owner.push(as_json())
    asked = f"/v1/share?{ANSWER}"
    before = owner.client.get(asked).content

    again = owner.push(as_json())

    assert (first.status_code, again.status_code) == (201, 200)
    answer = again.json()
    assert (answer["verdict"], answer["release"]) == ("unchanged", None)
    assert answer["counts"] == {"new": 0, "changed": 0, "same": 5, "rejected": 0}
    assert answer["links"]["release"] is None
    assert (owner.head, answer["run"]) == (3, 3)
    assert owner.client.get(asked).content == before


def test_a_later_push_restates_its_days_and_leaves_the_others(owner: Gateway) -> None:
    owner.push(as_json())
    pinned = f"/v1/volume?{ANSWER}&interval=day&group_by=none&release=3"
    before = owner.client.get(pinned).content

    later = owner.push(
        as_json([(SECOND, "acme/one", 25), (SECOND, "new/kid", 80)]),
        as_of="2026-10-20T03:00:00Z",
        start_date=SECOND,
    )

    assert later.json()["counts"] == {"new": 0, "changed": 1, "same": 1, "rejected": 0}
    days = owner.rows(f"/v1/volume?{ANSWER}&interval=day&group_by=none")
    assert [row["volume"] for row in days] == [100, 105]
    assert owner.client.get(pinned).content == before
    (row,) = owner.rows(f"/v1/revisions?dataset={SLUG}")
    assert row["release"] == 4


def test_an_earlier_push_that_comes_late_is_superseded(owner: Gateway) -> None:
    owner.push(as_json())

    late = owner.push(as_json([(FIRST, "acme/one", 1)]), as_of="2026-10-20T01:00:00Z")

    answer = late.json()
    assert (late.status_code, answer["verdict"]) == (200, "superseded")
    assert answer["counts"] == {"new": 0, "changed": 0, "same": 0, "rejected": 1}
    assert owner.head == 3


def test_other_numbers_as_of_the_same_moment_are_quarantined(owner: Gateway) -> None:
    owner.push(as_json())

    other = owner.push(as_json([(FIRST, "acme/one", 1)]))

    answer = other.json()
    assert (other.status_code, answer["verdict"]) == (200, "quarantined")
    assert FIRST in answer["reason"]
    assert owner.head == 3


def test_the_run_keeps_the_body_and_says_whose_it_is(owner: Gateway) -> None:
    body = as_csv()
    owner.push(body, CSV)

    row = last_run(owner)
    assert (row.source, row.dataset, row.trigger) == (
        f"push:{owner.key[:11]}",
        SLUG,
        "push",
    )
    with owner.database.read() as session:
        payload = session.scalars(work.payload(row.payload or "")).one()
    assert (payload.media_type, payload.url) == (CSV, f"push:{SLUG}")


@pytest.mark.parametrize("media_type", FORMS)
def test_pushed_numbers_are_derived_again(owner: Gateway, media_type: str) -> None:
    owner.push(FORMS[media_type](), media_type)
    owner.push(FORMS[media_type](), media_type, as_of="2026-10-20T05:00:00Z")

    found = verify.verify(owner.database, {})

    assert (found.problems, found.derived) == ((), 5)


def test_a_body_that_was_refused_once_is_derived_by_what_it_is(owner: Gateway) -> None:
    body = as_json()
    assert owner.push(body, NDJSON).status_code == 422
    assert owner.push(body, JSON).status_code == 201

    assert verify.verify(owner.database, {}).problems == ()


def test_forms_that_say_the_same_are_the_same(owner: Gateway) -> None:
    owner.push(as_json())

    for media_type in (NDJSON, CSV, f"{CSV}; charset=UTF-8"):
        body = FORMS[media_type.partition(";")[0]]()
        assert owner.push(body, media_type).json()["verdict"] == "unchanged"


@pytest.mark.parametrize(
    ("body", "media_type"),
    [
        (f"date,model_permaslug,total_tokens\n{FIRST},acme/one,60\n", CSV),
        (
            '{"date":"2026-10-18","model_permaslug":"acme/one","total_tokens":60}\n\n',
            NDJSON,
        ),
        (ODD, JSON),
    ],
    ids=["as in a file", "in lines", "in any order, in quotes, with a BOM"],
)
def test_other_spellings_are_read(owner: Gateway, body: str, media_type: str) -> None:
    answer = owner.push(body, media_type, end_date=FIRST).json()

    assert answer["counts"] == {"new": 1, "changed": 0, "same": 0, "rejected": 0}


def test_both_databases_tell_the_same(
    owner: Gateway, new_sqlite: Any, kind: str
) -> None:
    other = gateway(Database(new_sqlite()))
    for one in (owner, other):
        one.push(as_ndjson(), NDJSON)

    digests = [
        one.client.get("/v1/releases/3").json()["data"]["digest"]
        for one in (owner, other)
    ]
    assert digests[0] == digests[1], kind
    other.database.close()


def test_a_run_whose_process_is_gone_has_failed_by_the_next_push(
    owner: Gateway,
) -> None:
    owner.push(as_json())
    with owner.database.write() as session:
        session.get_one(RunRow, 2).verdict = "running"
    owner.clock.now = NOW.replace(hour=13)

    owner.push(as_json())

    with owner.database.read() as session:
        row = session.get_one(RunRow, 2)
        assert (row.verdict, row.reason) == (
            "failed",
            "The process ended before the run did.",
        )


def test_a_run_that_may_still_be_at_work_is_left_alone(owner: Gateway) -> None:
    owner.push(as_json())
    with owner.database.write() as session:
        session.get_one(RunRow, 2).verdict = "running"
    owner.clock.now = NOW.replace(minute=10)

    owner.push(as_json())

    with owner.database.read() as session:
        assert session.get_one(RunRow, 2).verdict == "running"


def test_examples_of_every_form_are_taken(owner: Gateway) -> None:
    for media_type, content in PUSH["requestBody"]["content"].items():
        example = content.get("example")
        if example is None:
            (shown,) = content["examples"].values()
            example = json.dumps(shown["value"])
        reply = owner.push(example, media_type, end_date=FIRST)
        assert reply.status_code in {200, 201}, (media_type, reply.text)


def test_who_pushes_needs_no_key_to_read(owner: Gateway) -> None:
    owner.push(as_json())

    assert "authorization" not in owner.client.headers
    assert owner.rows(f"/v1/volume?{ANSWER}")


def test_a_key_for_both_pushes_too(owner: Gateway) -> None:
    keys.revoke(owner.database, owner.key[:11], NOW)
    both = keys.create(
        owner.database, "Both", [Scope.INGEST, Scope.CURATE], now=NOW, dataset=SLUG
    )

    assert owner.push(as_json(), key=both).status_code == 201
