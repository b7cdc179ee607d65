"""The explorer where some of `/v1` is not to be had for a moment."""

import asyncio

import pytest
from starlette.testclient import TestClient

from app.web import explorer_answer
from app.web.asking import Answer, Made, Visit
from app.web.explorer import VIEWS
from tests.api.conftest import PUBLIC
from tests.web.reading import text


def page(client: TestClient, down: str) -> Made:
    """Return a page, made while paths that begin with `down` are not to be had."""

    async def ask(url: str) -> Answer:
        if url.startswith(down):
            return Answer(503, b"{}")
        reply = client.get(url)
        return Answer(reply.status_code, reply.content)

    async def see() -> Made:
        return await VIEWS["/share"](Visit("/share", {}, [], PUBLIC, ask))

    return asyncio.run(see())


@pytest.mark.parametrize(
    ("down", "kept"),
    [
        ("/v1/datasets/", False),
        ("/v1/datasets?", False),
        ("/v1/providers", False),
        ("/v1/releases?", False),
        ("/v1/releases/5", False),
        ("/v1/nothing", True),
    ],
)
def test_what_lacks_something_for_a_moment_is_not_kept(
    bundled: TestClient, down: str, *, kept: bool
) -> None:
    made = page(bundled, down)

    assert (made.status, made.kept) == (200, kept)


@pytest.mark.parametrize("down", ["/v1/releases?", "/v1/releases/5"])
def test_releases_that_cannot_be_had_are_not_taken_for_none(
    bundled: TestClient, down: str
) -> None:
    said = text(page(bundled, down).body.decode())

    assert "What has changed cannot be told just now." in said
    assert "Nothing that this answer rests on was revised" not in said


def test_a_note_leads_to_the_web_alone() -> None:
    days: dict[str, str | None] = {
        "date_from": "2026-04-01",
        "date_to": "2026-04-02",
        "text": "Look.",
    }
    urls: tuple[str | None, ...] = ("https://example.org/", "javascript:alert(1)", None)
    answer = {"meta": {"annotations": [days | {"url": url} for url in urls]}}

    when = "1 to 2 April 2026"
    assert explorer_answer.notes(answer) == [
        (when, "Look.", "https://example.org/"),
        (when, "Look.", ""),
        (when, "Look.", ""),
    ]
