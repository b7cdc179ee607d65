"""Pages made from answers: asked within, kept like answers, never of two releases."""

from collections.abc import Mapping

import pytest
from starlette.testclient import TestClient

from app.main import create_app
from app.web import things
from app.web.asking import Made, View, Visit
from tests.api.conftest import PUBLIC, Clock, settings
from tests.api.small import NOW, SECOND, THIRD, Published
from tests.api.test_front import counted

POLICY = "default-src 'none'"


async def told(visit: Visit) -> Made:
    """Say what `/v1` says of the things that the path and the query name."""
    query = "&".join(f"{name}={value}" for name, value in visit.query)
    answer = await visit.ask(f"/v1/{visit.named['kind']}?{query}")
    if not answer.ok:
        return Made(answer.json()["detail"].encode(), POLICY, status=answer.status)
    volume = answer.json()["data"][0]["volume"]
    body = f"{visit.public} {visit.path} {volume}".encode()
    return Made(body, POLICY, headers=[("link", "<x>")])


@pytest.fixture
def views(monkeypatch: pytest.MonkeyPatch) -> dict[str, View]:
    views: dict[str, View] = {"/told/{kind}": told}
    monkeypatch.setattr(things, "VIEWS", views)
    return views


@pytest.fixture
def client(views: Mapping[str, View], published: Published, clock: Clock) -> TestClient:
    del views
    return TestClient(create_app(settings(), published, now=clock))


def test_a_page_is_made_of_an_answer_and_kept(client: TestClient) -> None:
    first = client.get("/told/share?origin=CN")
    with counted(client.app) as asked:  # type: ignore[arg-type] # our own front
        again = client.get("/told/share?origin=CN")
        known = client.get(
            "/told/share?origin=CN", headers={"if-none-match": first.headers["etag"]}
        )

    assert first.text == f"{PUBLIC} /told/share 90"
    assert first.headers["content-type"] == "text/html; charset=utf-8"
    assert first.headers["content-security-policy"] == POLICY
    assert first.headers["link"] == "<x>"
    assert first.headers["cache-control"].startswith("public, max-age=60, ")
    assert (asked, again.content, known.status_code) == ([], first.content, 304)


def test_a_new_release_makes_another_page(
    client: TestClient, published: Published
) -> None:
    before = client.get("/told/share?origin=CN")
    published.publish(THIRD)
    after = client.get("/told/share?origin=CN")

    assert before.text.endswith(" 90")
    assert after.text.endswith(" 100")
    assert before.headers["etag"] != after.headers["etag"]


def test_a_page_that_a_release_overtook_is_not_kept(
    client: TestClient, published: Published, views: dict[str, View]
) -> None:
    async def overtaken(visit: Visit) -> Made:
        await visit.ask("/v1/share")
        published.publish(THIRD)
        return await told(visit)

    views["/told/{kind}"] = overtaken
    client = TestClient(create_app(settings(), published, now=Clock(NOW)))
    published.publish(SECOND)
    during = client.get("/told/share?origin=CN")

    assert during.status_code == 200
    assert during.headers["cache-control"] == "no-store"
    assert "etag" not in during.headers


def test_a_problem_is_told_and_not_kept(client: TestClient) -> None:
    wrong = client.get("/told/share?origin=XX")

    assert wrong.status_code == 422
    assert "XX" in wrong.text
    assert wrong.headers["cache-control"] == "no-store"
