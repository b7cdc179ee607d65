"""Claims over HTTP: who may make them, what comes of them, and what is refused."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from app.services import keys
from app.services.keys import Scope
from app.store.database import Database
from tests.api.conftest import PUBLIC
from tests.api.recorded import EVIDENCE, Record, record
from tests.services import published

PROVIDER = "/v1/providers/acme/attributions"
MODEL = "/v1/models/acme/one/attributions"
CLAIM: dict[str, Any] = {
    "values": {"origin": "FR"},
    "confidence": "disputed",
    "basis": "It moved.",
    "evidence": EVIDENCE,
}
ORIGINS = "/v1/share?group_by=origin&start_date=2026-08-17&end_date=2026-08-19"


@pytest.fixture
def written(new_sqlite: Callable[[], str]) -> Iterator[Record]:
    database = Database(new_sqlite())
    yield record(database)
    database.close()


@pytest.fixture
def bearer(written: Record) -> dict[str, str]:
    return key_of(written)


def key_of(written: Record) -> dict[str, str]:
    """Return headers with a new key that may edit the registry."""
    key = keys.create(written.database, "Editor", [Scope.CURATE], now=published.NOW)
    return {"authorization": f"Bearer {key}"}


def post(
    written: Record, headers: dict[str, str], body: Any = CLAIM, path: str = PROVIDER
) -> Any:
    """Send a body: bytes as they are, anything else as JSON."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return written.client.post(path, content=content, headers=headers)


def test_a_claim_is_a_release_that_the_next_answer_tells(database: Database) -> None:
    written = record(database)
    pinned = written.get(f"{ORIGINS}&release=2")
    live = [row["origin"] for row in written.rows(ORIGINS)]

    reply = post(written, key_of(written))

    assert (reply.status_code, reply.json()) == (201, {"release": 3})
    assert reply.headers["cache-control"] == "no-store"
    assert live == ["US", "unknown"]
    assert [row["origin"] for row in written.rows(ORIGINS)] == ["FR", "unknown"]
    assert written.get(f"{ORIGINS}&release=2").content == pinned.content
    assert written.get("/v1/releases/3").json()["data"]["summary"] == (
        "acme: origin=FR (disputed). It moved."
    )


def test_a_model_is_claimed_of_alike(written: Record, bearer: dict[str, str]) -> None:
    body = CLAIM | {"values": {"weights": "closed"}, "confidence": "high"}

    assert post(written, bearer, body, MODEL).json() == {"release": 3}
    told = written.get("/v1/models/acme/one").json()["data"]
    assert told["weights"] == "closed"


def test_a_model_is_claimed_of_under_another_name_of_it(
    written: Record, bearer: dict[str, str]
) -> None:
    body = CLAIM | {"values": {"weights": "closed"}, "confidence": "high"}
    alias = "/v1/models/acme/uno/attributions"

    assert post(written, bearer, body, alias).json() == {"release": 3}
    told = written.get("/v1/models/acme/one").json()["data"]
    assert told["weights"] == "closed"


def test_what_is_said_again_makes_no_release(
    written: Record, bearer: dict[str, str]
) -> None:
    assert post(written, bearer).status_code == 201
    again = post(written, bearer)

    assert (again.status_code, again.json()) == (200, {"release": None})
    assert published.head(written.database) == 3


def test_what_may_be_as_well_widens_the_bounds(
    written: Record, bearer: dict[str, str]
) -> None:
    of_us = "/v1/share?origin=US&start_date=2026-08-17&end_date=2026-08-19"
    (before,) = written.rows(of_us)
    body = CLAIM | {"values": {"origin": "US"}, "alternatives": ["FR"]}
    assert post(written, bearer, body).status_code == 201

    (row,) = written.rows(of_us)
    assert row["share"] == before["share"]
    assert row["share_low"] < before["share_low"]


def refused(reply: Any, status: int, code: str) -> Any:
    """Return a problem, whole in shape, readable by any page, and kept by no one."""
    assert reply.status_code == status, reply.text
    assert reply.headers["content-type"] == "application/problem+json"
    assert reply.headers["cache-control"] == "no-store"
    assert reply.headers["access-control-allow-origin"] == "*"
    problem = reply.json()
    assert problem["type"] == f"{PUBLIC}/problems/{code}"
    assert problem["status"] == status
    return problem


def nothing_written(written: Record) -> None:
    assert published.head(written.database) == 2


@pytest.mark.parametrize(
    "headers",
    [{}, {"authorization": "Basic eDp5"}, {"authorization": "Bearer mc_0_guess"}],
    ids=["no key", "another scheme", "a guess"],
)
def test_nobody_writes_without_a_key(written: Record, headers: dict[str, str]) -> None:
    reply = post(written, headers)

    refused(reply, 401, "no-key")
    assert reply.headers["www-authenticate"] == "Bearer"
    nothing_written(written)


def test_a_revoked_key_is_none(written: Record, bearer: dict[str, str]) -> None:
    (key,) = keys.listed(written.database)
    keys.revoke(written.database, key.prefix, published.NOW)

    refused(post(written, bearer), 401, "no-key")
    nothing_written(written)


def test_a_key_for_pushing_does_not_curate(written: Record) -> None:
    key = keys.create(
        written.database,
        "Gateway",
        [Scope.INGEST],
        now=published.NOW,
        dataset=published.TOKENS,
    )

    reply = post(written, {"authorization": f"Bearer {key}"})

    assert refused(reply, 403, "not-allowed")["detail"] == (
        "This needs the scope curate; the key has ingest."
    )
    nothing_written(written)


@pytest.mark.parametrize("path", [PROVIDER, MODEL])
def test_what_is_unknown_has_no_claims(
    written: Record, bearer: dict[str, str], path: str
) -> None:
    other = path.replace("acme", "acne")
    assert (
        "acne" in refused(post(written, bearer, CLAIM, other), 404, "unknown")["detail"]
    )
    nothing_written(written)


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        (
            {"confidence": "sure"},
            "confidence: is not one of high, medium, low, disputed",
        ),
        ({"valid_to": "2026"}, "valid_to: is not a day of the form YYYY-MM-DD"),
    ],
)
def test_what_cannot_be_read_is_told_in_plain_words(
    written: Record, bearer: dict[str, str], changed: dict[str, Any], why: str
) -> None:
    reply = post(written, bearer, CLAIM | changed)

    assert refused(reply, 422, "bad-value")["detail"] == why
    nothing_written(written)


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"evidence": ""}, "evidence"),
        ({"evidence": "a friend"}, "evidence"),
        ({"evidence": None}, "evidence"),
        ({"basis": " "}, "basis"),
        ({"values": {}}, "values"),
        ({"values": {"origin": "Mars"}}, "origin"),
        ({"values": {"colour": "red"}}, "attribute"),
        ({"values": {"origin": 1}}, "values.origin"),
        ({"confidence": "sure"}, "confidence"),
        ({"confidence": "high", "alternatives": ["DE"]}, "confidence"),
        ({"valid_from": "yesterday"}, "valid_from"),
        ({"valid_from": "2026-08-18", "valid_to": "2026-08-17"}, "valid_to"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_claim_that_cannot_be_is_refused_by_name(
    written: Record, bearer: dict[str, str], changed: dict[str, Any], named: str
) -> None:
    problem = refused(post(written, bearer, CLAIM | changed), 422, "bad-value")

    assert [error["parameter"] for error in problem["errors"]] == [named]
    nothing_written(written)


def test_a_claim_without_evidence_is_refused(
    written: Record, bearer: dict[str, str]
) -> None:
    body = {name: value for name, value in CLAIM.items() if name != "evidence"}

    problem = refused(post(written, bearer, body), 422, "bad-value")
    assert problem["detail"] == "evidence: Field required."
    nothing_written(written)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff",
        b"[" * 30_000,
        b'{"basis": "a", "basis": "b"}',
    ],
    ids=["empty", "broken", "no text", "deep", "a name twice"],
)
def test_what_is_no_json_is_refused(
    written: Record, bearer: dict[str, str], body: bytes
) -> None:
    problem = refused(post(written, bearer, body), 422, "bad-value")

    assert problem["detail"].startswith("The body is not JSON: ")
    nothing_written(written)


def test_a_body_has_a_size(written: Record, bearer: dict[str, str]) -> None:
    fits = json.dumps(CLAIM).encode().ljust(64_000)

    refused(post(written, bearer, fits + b" "), 413, "too-large")
    nothing_written(written)
    assert post(written, bearer, fits).status_code == 201


def test_claims_are_not_read_where_they_are_written(written: Record) -> None:
    for path in (PROVIDER, MODEL):
        reply = written.get(path)
        refused(reply, 405, "method-not-allowed")
        assert reply.headers["allow"] == "POST, OPTIONS"
