"""How replies are sent: packed, conditional, without a body, to any origin."""

import asyncio
import gzip
import zlib
from typing import Any

import brotli  # type: ignore[import-untyped]
import pytest
import zstandard
from starlette.testclient import TestClient
from starlette.types import Scope

from app.api.front import Front
from app.main import create_app
from tests.api.conftest import Clock, settings
from tests.api.small import Published

ASK = "/v1/share?origin=CN"
LIVE = (
    "public, max-age=60, s-maxage=300, stale-while-revalidate=86400, "
    "stale-if-error=604800"
)


def sent_by(front: Front, url: str, method: str) -> bytes:
    """Return the body as it goes to the server, which may drop it for a HEAD."""
    sent: list[bytes] = []
    path, _, query = url.partition("?")
    scope: Scope = {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": query.encode(),
        "headers": [],
    }

    async def collect(message: Any) -> None:
        sent.append(message.get("body", b""))

    async def nothing() -> Any:
        return {"type": "http.disconnect"}

    asyncio.run(front(scope, nothing, collect))
    return b"".join(sent)


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("", None),
        ("identity", None),
        ("gzip", "gzip"),
        ("gzip, deflate", "gzip"),
        ("gzip, br", "br"),
        ("gzip, deflate, br, zstd", "zstd"),
        ("GZIP;q=0.5, br;q=0.4", "gzip"),
        ("br;q=0, gzip;q=0, zstd;q=0", None),
        ("*", "zstd"),
        ("*;q=0", None),
        ("zstd;q=0, *", "br"),
        ("deflate", None),
    ],
)
def test_bodies_are_packed_as_the_caller_likes(
    client: TestClient, accepted: str, coding: str | None
) -> None:
    plain = client.get(ASK, headers={"accept-encoding": "identity"})
    unpack = {
        None: bytes,
        "gzip": gzip.decompress,
        "br": brotli.decompress,
        "zstd": zstandard.decompress,
    }[coding]

    with client.stream("GET", ASK, headers={"accept-encoding": accepted}) as reply:
        raw = b"".join(reply.iter_raw())

    assert reply.headers.get("content-encoding") == coding
    assert reply.headers["content-length"] == str(len(raw))
    assert reply.headers["vary"] == "Accept-Encoding"
    assert reply.headers["etag"] == plain.headers["etag"]
    assert unpack(raw) == plain.content
    assert (len(raw) < len(plain.content)) == (coding is not None)


def test_packing_gives_the_same_bytes_at_any_time(
    published: Published, clock: Clock
) -> None:
    bodies = set()
    for _ in range(2):
        client = TestClient(create_app(settings(), published, now=clock))
        headers = {"accept-encoding": "gzip"}
        with client.stream("GET", ASK, headers=headers) as reply:
            bodies.add(b"".join(reply.iter_raw()))

    (body,) = bodies
    assert zlib.decompress(body, 16 + zlib.MAX_WBITS).startswith(b'{"data"')


def test_a_short_body_is_sent_as_it_is(client: TestClient) -> None:
    reply = client.get("/livez", headers={"accept-encoding": "gzip"})

    assert "content-encoding" not in reply.headers


CONDITIONS = [
    ({"If-None-Match": "{etag}"}, 304),
    ({"If-None-Match": "{strong}"}, 304),
    ({"If-None-Match": '"other", {etag} , "third"'}, 304),
    ({"If-None-Match": "*"}, 304),
    ({"If-None-Match": '"other"'}, 200),
    ({"If-None-Match": "other"}, 200),
    ({"If-None-Match": ""}, 200),
    ({"If-None-Match": '"other"', "If-Modified-Since": "{modified}"}, 200),
    ({"If-None-Match": "{etag}", "If-Modified-Since": "{old}"}, 304),
    ({"If-Modified-Since": "{modified}"}, 304),
    ({"If-Modified-Since": "Tue, 01 Jan 2030 00:00:00 GMT"}, 304),
    ({"If-Modified-Since": "{old}"}, 200),
    ({"If-Modified-Since": "2026-10-03"}, 200),
    ({"If-Modified-Since": "Sat, 03 Oct 2026 00:00:00"}, 200),
]


@pytest.mark.parametrize("warm", [True, False], ids=["kept", "not kept"])
@pytest.mark.parametrize(("conditions", "status"), CONDITIONS)
def test_conditions(
    published: Published,
    clock: Clock,
    conditions: dict[str, str],
    status: int,
    *,
    warm: bool,
) -> None:
    first = TestClient(create_app(settings(), published, now=clock)).get(ASK)
    client = TestClient(create_app(settings(), published, now=clock))
    if warm:
        client.get(ASK)
    headers = {
        name: value.format(
            etag=first.headers["etag"],
            strong=first.headers["etag"].removeprefix("W/"),
            modified=first.headers["last-modified"],
            old="Fri, 02 Oct 2026 23:59:59 GMT",
        )
        for name, value in conditions.items()
    }

    reply = client.get(ASK, headers=headers)

    assert first.headers["last-modified"] == "Sat, 03 Oct 2026 00:00:00 GMT"
    assert reply.status_code == status
    assert reply.headers["etag"] == first.headers["etag"]
    assert reply.headers["cache-control"] == LIVE
    assert reply.headers["access-control-allow-origin"] == "*"
    assert reply.content == (first.content if status == 200 else b"")
    assert ("content-length" in reply.headers) == (status == 200)


def test_a_caller_who_has_the_answer_costs_no_work(
    published: Published, clock: Clock
) -> None:
    etag = TestClient(create_app(settings(), published, now=clock)).get(ASK)
    front = create_app(settings(), published, now=clock)
    known = {"If-None-Match": etag.headers["etag"]}

    assert TestClient(front).get(ASK, headers=known).status_code == 304
    assert len(front.state.door.drawn) == 0


def test_a_failure_has_no_conditions(client: TestClient) -> None:
    reply = client.get("/v1/share?x=1", headers={"If-None-Match": "*"})

    assert reply.status_code == 400


@pytest.mark.parametrize(
    "path", [ASK, "/v1/models.csv", "/v1/nothing", "/livez", "/", "/docs", "/method"]
)
def test_head_is_get_without_a_body(
    front: Front, client: TestClient, path: str
) -> None:
    get, head = client.get(path), client.head(path)

    assert head.content == b""
    assert sent_by(front, path, "HEAD") == b""
    assert sent_by(front, path, "GET") == get.content
    assert head.status_code == get.status_code
    differ = {"x-request-id", "content-encoding", "content-length"}
    assert {k: v for k, v in head.headers.items() if k not in differ} == {
        k: v for k, v in get.headers.items() if k not in differ
    }
    assert head.headers["content-length"] == get.headers["content-length"]


def test_a_browser_may_ask_from_anywhere(client: TestClient) -> None:
    asked = {
        "origin": "https://paper.example",
        "access-control-request-method": "GET",
        "access-control-request-headers": "if-none-match",
    }
    reply = client.options("/v1/share", headers=asked)

    assert reply.status_code == 204
    assert reply.content == b""
    assert reply.headers["access-control-allow-origin"] == "*"
    assert reply.headers["access-control-allow-methods"] == "GET, HEAD, OPTIONS"
    assert reply.headers["access-control-allow-headers"] == "*"


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("/v1/providers/acme/attributions", "POST, OPTIONS"),
        ("/v1/models/acme/one/attributions", "POST, OPTIONS"),
        ("/v1/models/acme/one", "GET, HEAD, OPTIONS"),
        ("/v1/share.csv", "GET, HEAD, OPTIONS"),
        ("/docs/api", "GET, HEAD, OPTIONS"),
        ("/v1/nothing", "GET, HEAD, OPTIONS"),
    ],
)
def test_a_browser_learns_what_may_be_sent_to_a_path(
    client: TestClient, path: str, methods: str
) -> None:
    headers = client.options(path).headers

    assert headers["allow"] == methods
    assert headers["access-control-allow-methods"] == methods


def test_every_reply_is_guarded(client: TestClient) -> None:
    for path in (ASK, "/v1/nothing", "/livez", "/", "/docs/api", "/static/pages.css"):
        headers = client.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        policy = headers["content-security-policy"]
        assert policy.startswith("default-src 'none'")
        assert "frame-ancestors 'none'" in policy
        assert headers["access-control-expose-headers"] == (
            "ETag, Link, Retry-After, RateLimit, RateLimit-Policy, Deprecation, Sunset"
        )
        assert "server" not in headers
