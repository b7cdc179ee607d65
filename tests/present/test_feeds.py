"""Feeds as bytes."""

import json
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

from app.present import feeds
from app.present.feeds import Entry

PUBLIC = "https://census.example"
ENTRIES = [
    Entry(2, "Release 2: <b>", "R&D, é — 中", datetime(2026, 8, 18, 3, tzinfo=UTC)),
    Entry(1, "Release 1", "First.", datetime(2026, 8, 17, 3, 0, 1, 9, tzinfo=UTC)),
]


def test_an_atom_feed_is_written_whole() -> None:
    assert feeds.atom(PUBLIC, ENTRIES).decode() == (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        '<feed xmlns="http://www.w3.org/2005/Atom">'
        "<id>https://census.example/feed.xml</id>"
        "<title>Model Census: releases</title>"
        "<subtitle>What was published, restated or judged anew.</subtitle>"
        "<updated>2026-08-18T03:00:00Z</updated>"
        "<author><name>Model Census</name></author>"
        '<link rel="self" type="application/atom+xml" '
        'href="https://census.example/feed.xml" />'
        '<link rel="alternate" type="text/html" href="https://census.example/" />'
        "<entry><id>https://census.example/v1/releases/2</id>"
        "<title>Release 2: &lt;b&gt;</title>"
        "<published>2026-08-18T03:00:00Z</published>"
        "<updated>2026-08-18T03:00:00Z</updated>"
        '<link rel="alternate" type="application/json" '
        'href="https://census.example/v1/releases/2" />'
        "<summary>R&amp;D, é — 中</summary></entry>"
        "<entry><id>https://census.example/v1/releases/1</id>"
        "<title>Release 1</title>"
        "<published>2026-08-17T03:00:01Z</published>"
        "<updated>2026-08-17T03:00:01Z</updated>"
        '<link rel="alternate" type="application/json" '
        'href="https://census.example/v1/releases/1" />'
        "<summary>First.</summary></entry></feed>\n"
    )


def test_both_feeds_tell_the_same() -> None:
    atom = ET.fromstring(feeds.atom(PUBLIC, ENTRIES))
    names = ("id", "title", "summary", "published")
    of_atom = [
        [entry.findtext(f"{{http://www.w3.org/2005/Atom}}{name}") for name in names]
        for entry in atom.iter("{http://www.w3.org/2005/Atom}entry")
    ]
    fields = ("id", "title", "content_text", "date_published")
    items = json.loads(feeds.json_feed(PUBLIC, ENTRIES))["items"]

    assert of_atom == [[item[field] for field in fields] for item in items]
