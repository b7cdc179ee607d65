"""Short answers: the same as those of the application, without asking it."""

import gc
import weakref
from typing import Any

import pytest
from httpx2 import Response
from starlette.testclient import TestClient
from starlette.types import Receive, Scope, Send

from app.api.front import LONGEST_URL, Front
from app.api.queries import ShareQuery
from app.api.short import Asking, Short
from app.main import create_app
from tests.api.conftest import Clock, settings
from tests.api.small import Published

SHORT = [
    "/v1/share?origin=CN",
    "/v1/share?origin=CN&interval=total&start_date=2026-08-17&end_date=2026-08-18",
    "/v1/share?weights=open&within_origin=CN,US&compare=previous",
    "/v1/share?origin=-CN&window=1d&incomplete=include&top=3",
    "/v1/share?model=panda%2Ftwo:free&provider=panda",
    "/v1/share?origin=CN&release=2",
    "/v1/share?origin=CN&release=1",
    "/v1/share?group_by=none",
    "/v1/share?group_by=model&top=100&compare=previous",
    "/v1/share",
    "/v1/share?",
]
USUAL = [
    "/v1/share?origin=CN&interval=day",
    "/v1/share?group_by=origin,weights",
    "/v1/share?as_of=2026-10-03",
    "/v1/share?shape=wide",
    "/v1/share.csv?origin=CN",
    "/v1/share.json?origin=CN",
    "/v1/volume",
    "/v1/rankings",
]
WRONG = [
    "/v1/share?nonsense=1",
    "/v1/share?origin=CN&origin=US",
    "/v1/share?origin=Cina",
    "/v1/share?dataset=tokens",
    "/v1/share?provider=nobody",
    "/v1/share?start_date=2031",
    "/v1/share?release=99",
    "/v1/share?release=1&as_of=2026-10-03",
    "/v1/share?window=7d&start_date=2026-08",
    f"/v1/share?model={'a' * LONGEST_URL}",
    "/v1/share/",
]


@pytest.fixture
def long(published: Published, clock: Clock) -> TestClient:
    """Ask the small census, which answers nothing without its application."""
    front = create_app(settings(), published, now=clock)
    front.short = front.state.short = Short(front.state, {})
    return TestClient(front, follow_redirects=False)


@pytest.fixture
def asked(front: Front) -> list[str]:
    """What the application is asked for."""
    paths: list[str] = []
    inside = front.app

    async def counting(scope: Scope, receive: Receive, send: Send) -> None:
        paths.append(scope["path"])
        await inside(scope, receive, send)

    front.app = counting
    return paths


def told(reply: Response) -> tuple[int, dict[str, str], bytes]:
    fields = {n: v for n, v in reply.headers.items() if n != "x-request-id"}
    return reply.status_code, fields, reply.content


@pytest.mark.parametrize("url", SHORT + USUAL + WRONG)
def test_a_reply_is_the_one_of_the_application(
    url: str, client: TestClient, long: TestClient
) -> None:
    for headers in ({}, {"Accept-Encoding": "gzip"}):
        assert told(client.get(url, headers=headers)) == told(
            long.get(url, headers=headers)
        )
    assert told(client.head(url)) == told(long.head(url))


@pytest.mark.parametrize("url", SHORT)
def test_what_is_short_is_not_asked_of_the_application(
    url: str, client: TestClient, asked: list[str]
) -> None:
    assert client.head(url).status_code == 200
    assert asked == []


@pytest.mark.parametrize("url", USUAL + WRONG[:-2])
def test_what_is_not_short_or_not_right_is(
    url: str, client: TestClient, asked: list[str]
) -> None:
    client.get(url)

    assert asked[0] == url.partition("?")[0]


def test_a_release_that_is_not_in_memory_is_waited_for(
    client: TestClient,
    asked: list[str],
    published: Published,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(published, "held", lambda _: None)

    assert client.get("/v1/share?release=1").json()["meta"]["release"] == 1
    assert asked == ["/v1/share"]


PLAIN = {"origin": "CN", "interval": "total"}
DATES = ("2026-08-17", "2026-08", "2026-W33", "2026-Q3", "2025")


def test_another_day_of_a_question_is_read_as_its_model_reads_it() -> None:
    asking = Asking(ShareQuery, lambda *_: pytest.fail("asked"))
    days = [{"start_date": a, "end_date": b} for a in DATES for b in DATES]
    days += [{name: day} for name in ("start_date", "end_date") for day in DATES]
    for given in [PLAIN, *({**PLAIN, **some} for some in days + days[::-1])]:
        found, read = asking.read(given), ShareQuery.model_validate(given)
        assert (found, found.model_fields_set) == (read, read.model_fields_set)
        assert found.ask() == read.ask()


@pytest.mark.parametrize(
    "wrong",
    [
        {"start_date": "2026-02-30"},
        {"end_date": "yesterday"},
        {"start_date": "2026", "window": "7d"},
        {"start_date": "2026", "nonsense": "1"},
        {"start_date": "2026", "origin": "Cina"},
    ],
)
def test_what_is_no_question_is_none_after_a_good_one(wrong: dict[str, str]) -> None:
    asking = Asking(ShareQuery, lambda *_: pytest.fail("asked"))
    asking.read({**PLAIN, "start_date": "2026", "end_date": "2026"})
    for _ in range(2):
        with pytest.raises(ValueError, match=r"."):
            asking.read({**PLAIN, **wrong})


def test_few_kinds_of_questions_are_remembered() -> None:
    asking = Asking(ShareQuery, lambda *_: pytest.fail("asked"))
    held = [weakref.ref(asking.read({"top": str(n + 1)})) for n in range(100)]
    held += [
        weakref.ref(asking.read({"smooth": "7d", "model": f"m{n}"})) for n in range(300)
    ]
    gc.collect()

    assert [ref() is None for ref in held] == [True] * 144 + [False] * 256


def test_whoever_has_the_answer_is_not_sent_it(
    client: TestClient, long: TestClient, published: Published, clock: Clock
) -> None:
    tag = long.get(SHORT[0]).headers["etag"]
    others = create_app(settings(), published, now=clock)

    known = client.get(SHORT[0], headers={"If-None-Match": f'"x", {tag}'})
    fresh = TestClient(others).get(SHORT[0], headers={"If-None-Match": '"x"'})

    assert (known.status_code, known.content) == (304, b"")
    assert fresh.status_code == 200


def test_a_short_answer_is_kept(front: Front, client: TestClient) -> None:
    first = client.get(SHORT[0])
    front.short = Short(front.state, {})
    front.app = None  # type: ignore[assignment] # nobody is asked

    assert client.get(SHORT[0]).content == first.content


def test_a_bug_in_it_is_told_where_all_are(
    front: Front, client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(front.short, "reply", broken)

    assert client.get(SHORT[0]).status_code == 200
