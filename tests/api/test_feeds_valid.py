"""Both feeds are valid, and read as they are meant, whatever they are told."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import feedparser  # type: ignore[import-untyped]
import pytest

from app.present import feeds
from app.present.feeds import Entry
from app.store.database import Database
from tests.api import atom, json_feed
from tests.api.recorded import record

PUBLIC = "https://census.example"
NOW = datetime(2026, 8, 24, 3, tzinfo=UTC)
HOSTILE = [
    'A "lab" moved</summary><script>alert(1)</script> & <b>more</b> ]]>.',
    "<![CDATA[ x ]]> <!-- y --> <?php z ?> &amp;lt; &#0; &bogus;",
    "中文, عربى, é, e\u0301, \U0001f600, \u202ereversed",
    " two  blanks, \ta tab ",
    '{"items": ["\\\\", null]}',
]
NO_XML = ["a\0b", "a\x0bb", "a\x1bb", "a\ud800b", "a\ufffeb", "a\uffffb"]
"""Characters that no XML may have, nor any reader can show."""


def entries(*texts: str) -> list[Entry]:
    return [
        Entry(number, f"Release {number}: {text}", text, NOW + timedelta(hours=number))
        for number, text in reversed([*enumerate(texts, start=1)])
    ]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_feed_is_valid_whatever_is_said(text: str) -> None:
    told = entries(text, "First.", text)

    assert atom.faults(feeds.atom(PUBLIC, told)) == []
    assert json_feed.faults(json.loads(feeds.json_feed(PUBLIC, told))) == []


@pytest.mark.parametrize("text", NO_XML)
def test_what_no_feed_may_hold_is_left_out(text: str) -> None:
    body = feeds.atom(PUBLIC, entries(text))

    assert atom.faults(body) == []
    assert feedparser.parse(body).entries[0].summary == "a\ufffdb"
    (item,) = json.loads(feeds.json_feed(PUBLIC, entries(text)))["items"]
    assert item["content_text"] == "a\ufffdb"


@pytest.mark.parametrize("text", [HOSTILE[0], HOSTILE[2]])
def test_a_reader_finds_the_entries_whole(text: str) -> None:
    body = feeds.atom(PUBLIC, entries("First.", text))
    # A text is no HTML: a reader that cleans HTML has nothing to do.
    read = feedparser.parse(body, sanitize_html=False)

    assert (read.bozo, read.version, read.encoding) == (False, "atom10", "utf-8")
    assert read.feed.id == f"{PUBLIC}/feed.xml"
    assert read.feed.link == f"{PUBLIC}/"
    assert read.feed.author == "Model Census"
    assert read.feed.updated == "2026-08-24T05:00:00Z"
    kept = ("id", "link", "title", "summary", "published", "updated")
    assert [tuple(entry[name] for name in kept) for entry in read.entries] == [
        (
            f"{PUBLIC}/v1/releases/{number}",
            f"{PUBLIC}/v1/releases/{number}",
            f"Release {number}: {said}",
            said,
            moment,
            moment,
        )
        for number, said, moment in (
            (2, text, "2026-08-24T05:00:00Z"),
            (1, "First.", "2026-08-24T04:00:00Z"),
        )
    ]
    plain = {entry.summary_detail.type for entry in read.entries}
    assert plain == {"text/plain"}


def test_what_is_served_is_valid(new_sqlite: Callable[[], str]) -> None:
    database = Database(new_sqlite())
    made = record(database)
    made.edit(HOSTILE[0], 3, "acme", origin="FR")

    xml, told = made.get("/feed.xml").content, made.get("/feed.json").json()

    assert atom.faults(xml) == []
    assert json_feed.faults(told) == []
    read = feedparser.parse(xml, sanitize_html=False)
    assert not read.bozo
    assert [(e.id, e.title, e.summary, e.published) for e in read.entries] == [
        (i["id"], i["title"], i["content_text"], i["date_published"])
        for i in told["items"]
    ]
    assert len(read.entries) == 3
    database.close()


# The checks can fail

VALID = feeds.atom(PUBLIC, entries("First.", "Second.")).decode()
BROKEN = [
    ("</feed>", "", "not well-formed: no element found: line 3, column 0"),
    ("feed xmlns", "feed other", "not a feed: feed"),
    ("<title>Model Census: releases</title>", "", "feed: no title"),
    ("<id>https://census.example/feed.xml</id>", "", "feed: no id"),
    (
        "<id>https://census.example/feed.xml",
        "<id>/feed",
        "id: no absolute IRI: '/feed'",
    ),
    ("<updated>2026-08-24T05:00:00Z</updated><author>", "<author>", "feed: no updated"),
    ("<updated>2026-08-24T05", "<updated>2026-08-24t05", "updated: no moment:"),
    (
        "<published>2026-08-24T04",
        "<published>2026-08-24 04",
        "entry: published: no moment:",
    ),
    ("<published>2026-08-24", "<published>2026-02-30", "entry: published: no moment:"),
    ("<name>Model Census</name>", "", "author: author: no name"),
    ("<author><name>Model Census</name></author>", "", "feed: no author"),
    ("<title>Release 1: First.</title>", "", "entry: entry: no title"),
    ("<summary>First.", "<summary>a</summary><summary>", "entry: entry: 2 of summary"),
    ("<summary>First.", "<summary><b/>", "entry: summary: elements in a text"),
    ("<summary>", '<summary type="text/plain">', "entry: summary: type"),
    ("<summary>", '<summary type="xhtml">', "entry: summary: no single div"),
    ("<summary>", "x<summary>", "entry: entry: text between its elements"),
    ("<summary>", "<content/><summary>", None),
    ("<summary>", '<content src="/x">y</content><summary>', "entry: content: content"),
    ("<summary>", '<content type="x"/><summary>', "entry: content: media type 'x'"),
    ("<summary>", "<subtitle/><summary>", "entry: entry: subtitle does not belong"),
    ("<summary>", '<x xmlns="urn:x"/><summary>', None),
    ("<summary>", "<category/><summary>", "entry: category: a category without"),
    ("/v1/releases/1</id>", "/v1/releases/2</id>", None),
    ('type="application/json" href', 'type="json" href', "entry: link: media type"),
    (
        'href="https://census.example/v1/releases/1"',
        "",
        "entry: link: no address: None",
    ),
    ('rel="alternate" type="app', 'rel="a b" type="app', "entry: link: no relation"),
    ('rel="alternate" type="app', 'rel="self" type="app', "entry: neither content"),
    (
        'rel="self" type="application/atom+xml"',
        'type="text/html"',
        "feed: two alternate",
    ),
]


@pytest.mark.parametrize(("was", "is_now", "told"), BROKEN)
def test_the_check_of_atom_finds(was: str, is_now: str, told: str | None) -> None:
    assert was in VALID
    found = atom.faults(VALID.replace(was, is_now).encode())

    if told is None:
        assert found == []
    else:
        assert [fault for fault in found if fault.startswith(told)], found


def test_the_check_of_atom_finds_an_entry_told_twice() -> None:
    entry = VALID[VALID.index("<entry>") : VALID.index("</entry>") + len("</entry>")]

    assert atom.faults(VALID.replace(entry, entry * 2).encode()) == [
        "feed: two entries of one id and one moment (4.1.1)"
    ]


def _with(feed: dict[str, Any], **changes: Any) -> Any:
    made = {**feed, **changes}
    return {name: value for name, value in made.items() if value is not None}


FEED = json.loads(feeds.json_feed(PUBLIC, entries("First.")))
ITEM = FEED["items"][0]


@pytest.mark.parametrize(
    "broken",
    [
        _with(FEED, version="https://jsonfeed.org/version/2"),
        _with(FEED, title=None),
        _with(FEED, items=None),
        _with(FEED, feed_url="/feed.json"),
        _with(FEED, authors=[{}]),
        _with(FEED, language="en US"),
        _with(FEED, link="x"),
        _with(FEED, items=[_with(ITEM, id=None)]),
        _with(FEED, items=[_with(ITEM, id=7)]),
        _with(FEED, items=[_with(ITEM, content_text=None)]),
        _with(FEED, items=[_with(ITEM, date_published="2026-08-24")]),
        _with(FEED, items=[_with(ITEM, url="no url")]),
        _with(FEED, items=[ITEM, ITEM]),
    ],
)
def test_the_check_of_json_feed_finds(broken: Any) -> None:
    assert json_feed.faults(broken) != []
