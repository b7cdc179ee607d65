"""What is new, for feed readers: both feeds are whole, and say no more than is so."""

from collections.abc import Callable, Iterator
from datetime import datetime
from xml.etree import ElementTree as ET

import pytest

from app.store.database import Database
from tests.api.conftest import PUBLIC
from tests.api.recorded import Record, record

ATOM = "{http://www.w3.org/2005/Atom}"
HOSTILE = 'A "lab" moved</summary><script>alert(1)</script> & <b>more</b> ]]>.'
NUMBERS = ["4", "3", "2", "1"]
FEEDS = ["/feed.xml", "/feed.json"]


@pytest.fixture
def released(new_sqlite: Callable[[], str]) -> Iterator[Record]:
    """Four releases, the last one with a summary that is no good HTML."""
    database = Database(new_sqlite())
    made = record(database)
    made.edit("An edit.", 3, "bolt", origin="CN")
    made.edit(HOSTILE, 4, "acme", origin="FR")
    yield made
    database.close()


def text_of(parent: ET.Element, name: str) -> str:
    """Return the text of the one child of this name."""
    (found,) = parent.findall(ATOM + name)
    assert found.text
    return found.text


def moment_of(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    assert moment.tzinfo is not None
    return moment


def test_the_atom_feed_has_what_a_feed_must_have(released: Record) -> None:
    reply = released.get("/feed.xml")
    feed = ET.fromstring(reply.text.partition("\n")[2])

    assert reply.headers["content-type"] == "application/atom+xml; charset=utf-8"
    assert reply.text.startswith('<?xml version="1.0" encoding="utf-8"?>\n')
    assert feed.tag == f"{ATOM}feed"
    assert text_of(feed, "id") == f"{PUBLIC}/feed.xml"
    assert text_of(feed, "title") == "Model Census: releases"
    assert text_of(feed, "updated") == "2026-08-27T03:00:00Z"
    (author,) = feed.findall(f"{ATOM}author")
    assert text_of(author, "name") == "Model Census"
    links = {link.get("rel"): link.get("href") for link in feed.findall(f"{ATOM}link")}
    assert links == {"self": f"{PUBLIC}/feed.xml", "alternate": f"{PUBLIC}/"}


def test_every_atom_entry_is_a_release_the_newest_first(released: Record) -> None:
    entries = ET.fromstring(released.get("/feed.xml").content).findall(f"{ATOM}entry")

    ids = [text_of(entry, "id") for entry in entries]
    assert ids == [f"{PUBLIC}/v1/releases/{number}" for number in NUMBERS]
    assert [text_of(entry, "title") for entry in entries] == [
        "Release 4: Registry",
        "Release 3: Registry",
        "Release 2: Numbers",
        "Release 1: Registry",
    ]
    moments = [moment_of(text_of(entry, "updated")) for entry in entries]
    assert moments == sorted(moments, reverse=True)
    for entry in entries:
        (link,) = entry.findall(f"{ATOM}link")
        assert (link.get("rel"), link.get("href")) == (
            "alternate",
            text_of(entry, "id"),
        )
        assert released.get(text_of(entry, "id")).status_code == 200


def test_the_json_feed_has_what_a_feed_must_have(released: Record) -> None:
    reply = released.get("/feed.json")
    feed = reply.json()

    assert reply.headers["content-type"] == "application/feed+json; charset=utf-8"
    items = feed.pop("items")
    assert feed == {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "Model Census: releases",
        "description": "What was published, restated or judged anew.",
        "home_page_url": f"{PUBLIC}/",
        "feed_url": f"{PUBLIC}/feed.json",
        "authors": [{"name": "Model Census"}],
        "language": "en",
    }
    assert [item["id"] for item in items] == [
        f"{PUBLIC}/v1/releases/{number}" for number in NUMBERS
    ]
    assert items[-1] == {
        "id": f"{PUBLIC}/v1/releases/1",
        "url": f"{PUBLIC}/v1/releases/1",
        "title": "Release 1: Registry",
        "content_text": "An edit.",
        "date_published": "2026-08-24T03:00:00Z",
    }


def test_a_summary_is_text_whatever_is_in_it(released: Record) -> None:
    atom = released.get("/feed.xml")
    entry = ET.fromstring(atom.content).find(f"{ATOM}entry")

    assert entry is not None
    assert text_of(entry, "summary") == HOSTILE
    assert "<script" not in atom.text
    (item, *_) = released.get("/feed.json").json()["items"]
    assert item["content_text"] == HOSTILE
    assert "content_html" not in item


@pytest.mark.parametrize("path", FEEDS)
def test_a_reader_who_has_the_feed_is_told_so(released: Record, path: str) -> None:
    tag = released.get(path).headers["etag"]

    again = released.get(path, **{"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")

    released.edit("Another.", 5, "acme", origin="DE")
    news = released.get(path, **{"If-None-Match": tag})
    assert news.status_code == 200
    assert news.headers["etag"] != tag
    assert "Another." in news.text


@pytest.mark.parametrize("path", FEEDS)
def test_a_feed_may_be_kept_for_a_while_only(released: Record, path: str) -> None:
    assert "max-age=60" in released.get(path).headers["cache-control"]
    assert released.get(path).headers["access-control-allow-origin"] == "*"
    assert released.client.post(path).status_code == 405
