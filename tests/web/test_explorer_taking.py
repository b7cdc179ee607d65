"""What readers take from the explorer, and what changed since they did."""

from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

from app.store.database import Database
from app.web import explorer_changes
from tests.api.conftest import PUBLIC
from tests.api.recorded import record
from tests.api.small import THIRD, Published
from tests.api.test_database_away import file_moved
from tests.web.reading import copied, found, rows, text


def test_what_is_copied_can_be_used(bundled: TestClient) -> None:
    path = "/share?origin=CN&interval=month&weights=open"
    page, answer = bundled.get(path).text, bundled.get(f"/v1{path}").json()
    meta = answer["meta"]

    assert copied(page, "live") == PUBLIC + path
    assert copied(page, "pinned") == answer["links"]["permalink"].replace("/v1/", "/")
    assert copied(page, "quote") == meta["quote"]
    assert copied(page, "citation") == meta["citation"]
    assert copied(page, "bibtex") == meta["bibtex"]
    assert copied(page, "api") == answer["links"]["self"]
    assert f'src="{PUBLIC}/embed/share?origin=CN&amp;' in copied(page, "embed")
    pinned = bundled.get(copied(page, "pinned").removeprefix(PUBLIC))
    assert pinned.status_code == 200
    assert rows(pinned.text) == rows(page)
    assert "release" not in copied(pinned.text, "live")


@pytest.mark.parametrize(
    "path",
    [
        "/volume?group_by=provider&window=7d&smooth=7d",
        "/rankings?sort=growth&within_origin=CN&top=3",
        "/share?as_of=2026-10-12&compare=previous&interval=week",
    ],
)
def test_a_permanent_link_shows_the_same(bundled: TestClient, path: str) -> None:
    page = bundled.get(path).text
    pinned = bundled.get(copied(page, "pinned").removeprefix(PUBLIC)).text

    assert "This is release 5, and stays as it is." in text(pinned)
    assert rows(pinned) == rows(page)
    assert copied(pinned, "quote") == copied(page, "quote")
    assert copied(pinned, "pinned") == copied(page, "pinned")


def test_every_link_leads_somewhere(bundled: TestClient) -> None:
    for path in ("/", "/volume?provider=deepseek", "/rankings", "/share?release=5"):
        page = bundled.get(path).text
        for link in set(found(r'(?:href|src|srcset|data-spec)="([^"#]*)', page)):
            local = link.removeprefix(PUBLIC)
            if local.startswith("http") or not local:
                continue
            reply = bundled.get("/" + local.removeprefix("./").removeprefix("/"))
            assert reply.status_code < 400, (path, link)


def test_a_card_shows_the_picture_of_the_answer(bundled: TestClient) -> None:
    page = bundled.get("/share?origin=CN")
    card = dict(
        found(r'<meta (?:property|name)="([^"]*)" content="([^"]*)"', page.text)
    )

    assert card["og:title"] == (
        "Models from China-based labs: share of tokens on OpenRouter"
    )
    assert card["og:image"].startswith(f"{PUBLIC}/v1/share.png?origin=CN&")
    assert card["twitter:card"] == "summary_large_image"
    assert card["description"] == copied(page.text, "quote")
    assert 'type="application/json+oembed"' in page.text
    assert "oembed?url=" in page.headers["link"]


def test_what_changed_since_it_was_pinned_is_told(
    client: TestClient, published: Published
) -> None:
    published.publish(THIRD)
    page = client.get("/share?origin=CN&release=2").text

    assert "1 row of this answer has changed since release 2 (now release 3)." in text(
        page
    )
    assert rows(page, 1) == [
        ["Period", "Country", "Then", "Now"],
        ["17 to 18 August 2026", "China", "45.0%", "50.0%"],
    ]


def test_what_changed_before_is_told_by_release(database: Database) -> None:
    made = record(database)
    quiet = made.get("/share").text
    made.restate()
    days = "start_date=2026-08-17&end_date=2026-08-17"
    page = made.get(f"/share?{days}").text
    later = made.get("/share?start_date=2026-08-18").text

    nothing = "Nothing that this answer rests on was revised lately."
    assert nothing in text(quiet)
    assert "2 releases revised what this answer rests on, the newest first." in text(
        page
    )
    assert rows(page, 1) == [
        ["Release", "Published", "Why", "What"],
        ["4", "27 August 2026, 03:00 UTC", "who made what was judged anew", "1 claim"],
        [
            "3",
            "26 August 2026, 03:00 UTC",
            "the publisher restated its figures",
            "1 number of 17 August 2026",
        ],
    ]
    assert [row[0] for row in rows(later, 1)] == ["Release", "4"]


def test_a_page_without_its_record_is_shown_and_not_kept(
    new_sqlite: Callable[[], str],
) -> None:
    url = new_sqlite()
    database = Database(url)
    made = record(database)
    made.restate()
    database.close()
    with file_moved(url):
        away = made.get("/share")
    back = made.get("/share")

    assert away.status_code == back.status_code == 200
    assert "What has changed cannot be told just now." in text(away.text)
    assert away.headers["cache-control"] == "no-store"
    assert "2 releases revised what" in text(back.text)


def test_what_revised_much_is_told_in_short(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(explorer_changes, "_LARGE", 1)
    made = record(database)
    made.restate()

    assert rows(made.get("/share").text, 1)[2] == [
        "3",
        "26 August 2026, 03:00 UTC",
        "a large part was revised",
        "Tokens: 1 day restated (2026-08-17).",
    ]
