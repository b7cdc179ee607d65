"""The layer before the application: what it keeps, and for how long."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from starlette.testclient import TestClient
from starlette.types import Receive, Scope, Send

from app.api.front import Front
from app.domain.snapshot import Snapshot
from app.main import create_app
from tests.api.conftest import Clock, settings
from tests.api.small import FRESH, NOW, SECOND, THIRD, Published

# Not short, so that it is the application that is asked.
ASK = "/v1/share?origin=CN&group_by=origin,weights"


@contextmanager
def counted(front: Front) -> Iterator[list[str]]:
    """Collect the paths that the application behind the front is asked for."""
    asked: list[str] = []
    inside = front.app

    async def counting(scope: Scope, receive: Receive, send: Send) -> None:
        asked.append(scope["path"])
        await inside(scope, receive, send)

    front.app = counting
    yield asked
    front.app = inside


def test_a_hit_runs_no_application_code(front: Front, client: TestClient) -> None:
    first = client.get(ASK)
    with counted(front) as asked:
        again = client.get(ASK)
        head = client.head(ASK)
        known = client.get(ASK, headers={"If-None-Match": first.headers["etag"]})
        options = client.options(ASK)

    assert asked == []
    assert again.content == first.content
    assert (head.status_code, known.status_code, options.status_code) == (200, 304, 204)


def test_a_new_release_drops_what_is_kept(
    client: TestClient, published: Published
) -> None:
    before = client.get(ASK)
    published.publish(THIRD)
    after = client.get(ASK)

    assert before.json()["data"][0]["volume"] == 90
    assert after.json()["data"][0]["volume"] == 100
    assert before.headers["etag"] != after.headers["etag"]


def test_a_live_answer_ages_and_a_pinned_one_does_not(
    client: TestClient, clock: Clock
) -> None:
    pinned_url = f"{ASK}&release=2"
    clock.now = FRESH
    live, pinned = client.get(ASK), client.get(pinned_url)
    clock.now = NOW
    late, still = client.get(ASK), client.get(pinned_url)

    assert live.json()["meta"]["freshness"] == "fresh"
    assert late.json()["meta"]["freshness"] == "stale"
    assert live.headers["etag"] != late.headers["etag"]
    assert pinned.content == still.content
    assert pinned.headers["etag"] == still.headers["etag"]


def test_a_live_answer_is_kept_no_longer_than_until_the_next_update(
    client: TestClient, clock: Clock
) -> None:
    # Tuesday ended on Wednesday at midnight; Wednesday is expected a day and two
    # hours later.
    expected = datetime(2026, 8, 20, 2, tzinfo=UTC)
    assert client.get(ASK).json()["meta"]["next_update_expected"] == (
        "2026-08-20T02:00:00Z"
    )
    found = {}
    for minutes in (-600, -61, -60, 0, 600):
        clock.now = expected + timedelta(minutes=minutes)
        reply = client.get(ASK)
        again = client.get(ASK, headers={"If-None-Match": reply.headers["etag"]})
        assert again.status_code == 304
        assert again.headers["cache-control"] == reply.headers["cache-control"]
        found[minutes] = reply.headers["cache-control"].split(", ")[1:3]

    assert found == {
        -600: ["max-age=60", "s-maxage=3600"],
        -61: ["max-age=60", "s-maxage=3600"],
        -60: ["max-age=60", "s-maxage=300"],
        0: ["max-age=60", "s-maxage=300"],
        600: ["max-age=60", "s-maxage=300"],
    }


@pytest.mark.parametrize(
    "path", ["/v1/status", "/v1/models", f"{ASK}&as_of=2026-10-03"]
)
def test_what_may_change_at_any_time_is_not_kept_long(
    published: Published, client: TestClient, path: str
) -> None:
    published.publish(once(SECOND))

    reply = client.get(path)

    assert reply.status_code == 200
    assert "s-maxage=300," in reply.headers["cache-control"]


def test_what_is_published_once_is_kept_long(
    published: Published, client: TestClient
) -> None:
    published.publish(once(SECOND))

    reply = client.get(ASK)

    assert "s-maxage=3600," in reply.headers["cache-control"]


def once(snapshot: Snapshot) -> Snapshot:
    """Return a release whose dataset expects no further day."""
    view = snapshot.datasets["openrouter-tokens"]
    alone = replace(view, dataset=replace(view.dataset, cadence_hours=None))
    return replace(snapshot, datasets={"openrouter-tokens": alone})


def test_a_pinned_answer_survives_a_new_release_to_the_byte(
    client: TestClient, published: Published
) -> None:
    url = f"{ASK}&release=2"
    before = client.get(url)
    published.publish(THIRD)
    after = client.get(url)

    assert before.content == after.content
    assert before.headers["etag"] == after.headers["etag"]
    assert before.headers["cache-control"] == "public, max-age=31536000, immutable"


def test_status_follows_the_runs(client: TestClient, published: Published) -> None:
    status, share = client.get("/v1/status"), client.get(ASK)
    published.read_again(7)
    later, same = client.get("/v1/status"), client.get(ASK)

    assert status.json()["data"]["datasets"][0]["last_run"]["id"] == 1
    assert later.json()["data"]["datasets"][0]["last_run"]["id"] == 7
    assert status.headers["etag"] != later.headers["etag"]
    assert share.headers["etag"] == same.headers["etag"]
    assert "last-modified" not in status.headers


def test_failures_are_not_kept(
    front: Front, client: TestClient, published: Published
) -> None:
    assert client.get(f"{ASK}&release=3").status_code == 404
    published.publish(THIRD)
    with counted(front) as asked:
        assert client.get(f"{ASK}&release=3").status_code == 200
        client.get("/v1/share?nonsense=1")
        client.get("/v1/share?nonsense=1")

    # Each failure is asked twice: once by the caller, once to try what is offered.
    assert asked == ["/v1/share"] * 3


def test_readiness_is_asked_each_time(front: Front, client: TestClient) -> None:
    assert client.get("/readyz").status_code == 200
    front.state.draining = True

    drained = client.get("/readyz")

    assert drained.status_code == 503
    assert drained.headers["retry-after"] == "5"
    assert client.get(ASK).status_code == 200
    assert client.get("/livez").status_code == 200


def test_a_flood_of_questions_stays_in_bounds(published: Published) -> None:
    front = create_app(settings(cache_size=1_000_000), published, now=Clock(NOW))
    client = TestClient(front)
    client.get(ASK)

    with counted(front) as asked:
        for number in range(250):
            month, day = number // 28 % 12 + 1, number % 28 + 1
            client.get(f"/v1/rankings?end_date=2027-{month:02}-{day:02}")
            client.get(ASK)

    # What is asked again and again stays; the rest makes room.
    assert asked == ["/v1/rankings"] * 250
    assert 50 < len(front.kept) < 240
    assert front.kept.size <= 750_000
    assert front.state.door.drawn.size <= 250_000


def test_other_spellings_of_a_question_share_its_work(
    front: Front, client: TestClient
) -> None:
    drawn = front.state.door.drawn
    one = client.get("/v1/share?origin=CN,US&interval=day")
    other = client.get("/v1/share?interval=day&origin=US,CN,US")

    assert len(drawn) == 1
    assert one.json()["data"] == other.json()["data"]
    assert one.headers["etag"] == other.headers["etag"]
    assert one.json()["links"]["self"] != other.json()["links"]["self"]
    # The order of dimensions is the order of columns.
    client.get("/v1/share?group_by=origin,lab")
    client.get("/v1/share?group_by=lab,origin")
    assert len(drawn) == 3


def test_a_comma_in_a_text_is_no_list(client: TestClient) -> None:
    found = client.get("/v1/models?q=acme").json()["data"]
    slug = "openrouter-tokens"
    client.get(f"/v1/share?dataset={slug}")

    assert found
    assert client.get("/v1/models?q=acme,acme").json()["data"] == []
    assert client.get("/v1/models?q=acme").json()["data"] == found
    assert client.get(f"/v1/share?dataset={slug},{slug}").status_code == 404


STRANGE = [
    {"host": "evil.example"},
    {"x-forwarded-host": "evil.example"},
    {"x-forwarded-proto": "gopher", "x-forwarded-port": "1"},
    {"forwarded": "host=evil.example"},
    {"x-original-url": "/v1/models", "x-rewrite-url": "/v1/models"},
    {"x-http-method-override": "DELETE"},
    {"accept": "text/csv"},
    {"accept-language": "zh"},
    {"accept-encoding": "br;q=2, \0, gzip;;, deflate;q=x," + "z" * 5_000},
    {"origin": "https://evil.example", "cookie": "a=b"},
    {"authorization": "Bearer x"},
    {"range": "bytes=0-3"},
    {"if-none-match": 'W/x, "' + "a" * 5_000},
    {"if-modified-since": "yesterday"},
]


@pytest.mark.parametrize("strange", STRANGE, ids=lambda headers: next(iter(headers)))
def test_no_header_changes_what_is_kept(
    published: Published, clock: Clock, strange: dict[str, str]
) -> None:
    plain = TestClient(create_app(settings(), published, now=clock)).get(ASK)
    client = TestClient(create_app(settings(), published, now=clock))
    odd = client.get(ASK, headers=strange)
    after = client.get(ASK)

    assert odd.content == after.content == plain.content
    assert after.headers["etag"] == plain.headers["etag"]
    assert "evil" not in odd.text + str(odd.headers)


def test_replies_never_share_their_headers(front: Front) -> None:
    sent: list[list[tuple[bytes, bytes]]] = []

    async def spoiling(scope: Scope, receive: Receive, send: Send) -> None:
        async def note(message: Any) -> None:
            if message["type"] == "http.response.start":
                sent.append(list(message["headers"]))
                message["headers"].append((b"x-added", b"by someone outside"))
            await send(message)

        await front(scope, receive, note)

    outside = TestClient(spoiling)
    first, again = outside.get(ASK), outside.get(ASK)

    assert first.headers["x-added"] == again.headers["x-added"] == "by someone outside"
    assert [name for headers in sent for name, _ in headers if name == b"x-added"] == []


def test_requests_are_numbered(client: TestClient) -> None:
    numbers = {client.get(ASK).headers["x-request-id"] for _ in range(5)}

    assert len(numbers) == 5


def test_a_bug_is_logged_and_not_told(
    front: Front, client: TestClient, capsys: pytest.CaptureFixture[str]
) -> None:
    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        del scope, receive, send
        raise RuntimeError("the secret of the house")

    front.app = broken
    reply = client.get("/v1/share?origin=CN&broken=1")

    assert reply.status_code == 500
    assert reply.headers["content-type"] == "application/problem+json"
    assert reply.headers["access-control-allow-origin"] == "*"
    assert reply.json()["request_id"] == reply.headers["x-request-id"]
    assert reply.json()["type"].endswith("/problems/internal-error")
    assert "secret" not in reply.text
    assert "the secret of the house" in capsys.readouterr().out


def test_an_application_that_hands_nothing_over_failed(
    front: Front, client: TestClient
) -> None:
    async def silent(scope: Scope, receive: Receive, send: Send) -> None:
        del scope, receive, send

    front.app = silent

    assert client.get(ASK).status_code == 500


def test_what_was_asked_before_a_change_is_not_kept_after_it(
    front: Front, client: TestClient, published: Published
) -> None:
    inside = front.app

    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        await inside(scope, receive, send)
        if scope["query_string"] == b"origin=CN&group_by=origin,weights":
            published.publish(THIRD)
            front.app = inside
            # Someone else asks meanwhile, and the front learns of the release.
            other = {**scope, "query_string": b""}
            await front(other, receive, send_nowhere)

    async def send_nowhere(message: Any) -> None:
        del message

    front.app = slow
    old = client.get(ASK)
    new = client.get(ASK)

    assert old.json()["meta"]["release"] == SECOND.release.id
    assert new.json()["meta"]["release"] == THIRD.release.id
