"""Who may push, what, how much of it: everything else is refused or published."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import structlog
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from app.services import keys
from app.services.keys import Scope
from app.store.database import Database
from tests.api.gateway import (
    CSV,
    FIRST,
    FORMS,
    JSON,
    NDJSON,
    NOW,
    SLUG,
    Gateway,
    as_json,
    gateway,
    nothing_written,
)
from tests.api.test_writes import refused
from tests.services import published


@pytest.fixture
def owner(new_sqlite: Callable[[], str]) -> Iterator[Gateway]:
    database = Database(new_sqlite())
    yield gateway(database)
    database.close()


@pytest.mark.parametrize(
    ("query", "named", "why"),
    [
        ({"end_date": "2026-10-17"}, "end_date", "cannot end"),
        ({"as_of": "2026-10-20T12:06:00Z"}, "as_of", "is in the future"),
        ({"as_of": "2026-10-18T23:00:00Z"}, "end_date", "nobody knew it then"),
        ({"start_date": "2019-12-31"}, "start_date", "is before 2020-01-01"),
        ({"start_date": "2025-10-18"}, "end_date", "more than 366 days"),
        ({"start_date": "2026-10"}, "start_date", "is not a day"),
        ({"start_date": "2026-02-30"}, "start_date", "day is out of range"),
        ({"start_date": ""}, "start_date", "is not a day"),
        ({"as_of": "2026-10-20"}, "as_of", "is not a moment"),
        ({"as_of": "2026-10-20T02:00:00"}, "as_of", "has no offset"),
        ({"as_of": "9999-12-31T23:59:59-01:00"}, "as_of", "is not a moment"),
    ],
)
def test_days_and_moments_that_cannot_be_are_refused(
    owner: Gateway, query: dict[str, Any], named: str, why: str
) -> None:
    problem = refused(owner.push(as_json(), **query), 422, "bad-value")

    assert [error["parameter"] for error in problem["errors"]] == [named]
    assert why in problem["detail"]
    assert "try_url" not in problem
    nothing_written(owner)


def test_a_whole_year_and_the_last_minutes_are_taken(owner: Gateway) -> None:
    reply = owner.push(as_json(), start_date="2025-10-19", as_of="2026-10-20T12:05:00Z")

    assert reply.status_code == 201, reply.text


def test_numbers_of_years_ago_are_taken(owner: Gateway) -> None:
    rows = [("2020-01-01", "acme/one", 1)]
    days: dict[str, Any] = {"start_date": "2020-01-01", "end_date": "2020-01-01"}

    assert owner.push(as_json(rows), **days).json()["counts"]["new"] == 1


def test_all_three_must_be_told(owner: Gateway) -> None:
    reply = owner.client.post(
        f"/v1/datasets/{SLUG}/observations",
        content=as_json(),
        headers={"authorization": f"Bearer {owner.key}", "content-type": JSON},
    )

    problem = refused(reply, 422, "bad-value")
    named = [error["parameter"] for error in problem["errors"]]
    assert named == ["start_date", "end_date", "as_of"]
    # What can be read instead is not what its sender meant.
    assert "try_url" not in problem


def test_a_parameter_that_there_is_not_is_refused(owner: Gateway) -> None:
    problem = refused(owner.push(as_json(), asof="2026"), 400, "bad-parameter")

    assert problem["errors"][0]["did_you_mean"] == "as_of"
    nothing_written(owner)


# Who, what kind, how much


def test_nobody_pushes_without_a_key(owner: Gateway) -> None:
    for given_ in ("", "Basic eDp5", "Bearer mc_0_guess", f"Bearer {owner.key}x"):
        reply = owner.push(as_json(), headers={"authorization": given_})

        refused(reply, 401, "no-key")
        assert reply.headers["www-authenticate"] == "Bearer"
    keys.revoke(owner.database, owner.key[:11], NOW)
    refused(owner.push(as_json()), 401, "no-key")
    nothing_written(owner)


@pytest.mark.parametrize("query", ["", "?asof=2026", "?start_date=soon&end_date="])
def test_whoever_has_no_key_is_told_that_first(owner: Gateway, query: str) -> None:
    url = f"/v1/datasets/{SLUG}/observations{query}"

    refused(owner.client.post(url, content=b""), 401, "no-key")


def test_a_key_to_curate_does_not_push(owner: Gateway) -> None:
    key = keys.create(owner.database, "Editor", [Scope.CURATE], now=NOW)

    problem = refused(owner.push(as_json(), key=key), 403, "not-allowed")
    assert problem["detail"] == "This needs the scope ingest; the key has curate."
    nothing_written(owner)


@pytest.mark.parametrize("slug", [published.TOKENS, "no-such"])
def test_a_key_writes_into_its_own_dataset_only(owner: Gateway, slug: str) -> None:
    problem = refused(owner.push(as_json(), slug=slug), 403, "not-allowed")

    assert problem["detail"] == (
        "This key owns the dataset our-gateway and may write into no other."
    )
    nothing_written(owner)


@pytest.mark.parametrize(
    "headers",
    [
        {"content-type": "text/plain"},
        {"content-type": ""},
        {"content-type": "application/x-www-form-urlencoded"},
        {"content-type": "text/csv; charset=utf-16"},
        {"content-type": "text/csv; charset=latin-1"},
        {"content-encoding": "gzip"},
        {"content-encoding": "zstd"},
    ],
)
def test_a_body_of_another_kind_is_refused(
    owner: Gateway, headers: dict[str, str]
) -> None:
    refused(owner.push(as_json(), headers=headers), 415, "unsupported-media-type")
    nothing_written(owner)


def test_a_body_that_is_not_packed_may_say_so(owner: Gateway) -> None:
    reply = owner.push(as_json(), headers={"content-encoding": "identity"})

    assert reply.status_code == 201


def test_what_is_pushed_is_not_read_there(owner: Gateway) -> None:
    reply = owner.client.get(f"/v1/datasets/{SLUG}/observations")

    refused(reply, 405, "method-not-allowed")
    assert reply.headers["allow"] == "POST, OPTIONS"


def test_no_key_and_nothing_of_a_body_is_logged(owner: Gateway) -> None:
    word = "hunter2/xyz"
    bodies = [
        as_json([(FIRST, "acme/one", 1), (word, "acme/one", 1)]),
        as_json([(FIRST, f"acme {word}", 1)]),
        as_json([(FIRST, "acme/one", word)]),
        json.dumps({"observations": [{word: 1}]}),
    ]

    with structlog.testing.capture_logs() as logged:
        for body in bodies:
            assert word in owner.push(body).text
        owner.push(as_json())

    assert len(logged) == 5
    assert "hunter2" not in repr(logged)
    assert owner.key[12:] not in repr(logged)
    told = owner.client.get("/v1/status").text
    assert "hunter2" not in told


# Whatever is sent

WILD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=20),
    st.sampled_from([FIRST, "acme/one", "60", "other"]),
)
WILD_ROWS = st.lists(
    st.dictionaries(
        st.sampled_from(["date", "model", "volume", "category", "as_of", "x"]),
        WILD,
        max_size=4,
    ),
    max_size=4,
)
BODIES = st.one_of(
    st.binary(max_size=200),
    st.text(max_size=200).map(lambda t: t.encode("utf-8", "surrogatepass")),
    WILD_ROWS.map(lambda rows: json.dumps({"observations": rows}).encode()),
    WILD_ROWS.map(lambda rows: b"".join(json.dumps(r).encode() + b"\n" for r in rows)),
    st.lists(st.text(max_size=10), max_size=9).map(
        lambda cells: f"date,model,volume\n{','.join(cells)}\n".encode(
            "utf-8", "surrogatepass"
        )
    ),
    st.integers(0, len(as_json()) - 1).map(lambda n: as_json()[:n].encode()),
)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
    ],
)
@given(body=BODIES, media_type=st.sampled_from([*FORMS, "text/plain"]))
@example(body=b'{"observations":[{"\\ud800":1}]}', media_type=JSON)
@example(body=b"date,model,volume\n\x00,\x00,\x00\n", media_type=CSV)
@example(body=b'date,model,volume\n"', media_type=CSV)
@example(body=b"\xef\xbb\xbf\xef\xbb\xbf", media_type=NDJSON)
def test_whatever_is_sent_is_refused_or_published(
    owner: Gateway, body: bytes, media_type: str
) -> None:
    before = owner.head

    reply = owner.push(body, media_type)

    assert reply.status_code in {200, 201, 415, 422}, reply.text
    assert (reply.status_code == 201) == (owner.head != before)
