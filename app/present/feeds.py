"""Releases as feeds: Atom (RFC 4287) and JSON Feed 1.1. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from xml.etree import ElementTree as ET

from app.present import json

_ATOM = "http://www.w3.org/2005/Atom"
# What XML 1.0 has no way to write; the other feed should say the same.
_UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_TITLE = "Model Census: releases"
_ABOUT = "What was published, restated or judged anew."


@dataclass(frozen=True, slots=True)
class Entry:
    """One release, as a feed tells it.

    Attributes:
        number: Of the release.
        title: What it is, in a few words.
        text: What it did, in a sentence.
        published_at: In UTC.
    """

    number: int
    title: str
    text: str
    published_at: datetime


def atom(public: str, entries: Sequence[Entry]) -> bytes:
    """Return an Atom feed, the newest entry first.

    Args:
        public: Where readers reach this service, without a slash at the end.
        entries: At least one, the newest first.
    """
    feed = ET.Element("feed", {"xmlns": _ATOM})
    _add(feed, "id", f"{public}/feed.xml")
    _add(feed, "title", _TITLE)
    _add(feed, "subtitle", _ABOUT)
    _add(feed, "updated", _moment(entries[0].published_at))
    author = ET.SubElement(feed, "author")
    _add(author, "name", "Model Census")
    for relation, path, kind in (
        ("self", "/feed.xml", "application/atom+xml"),
        ("alternate", "/", "text/html"),
    ):
        attributes = {"rel": relation, "type": kind, "href": public + path}
        ET.SubElement(feed, "link", attributes)
    for entry in entries:
        one = ET.SubElement(feed, "entry")
        _add(one, "id", _url(public, entry))
        _add(one, "title", entry.title)
        _add(one, "published", _moment(entry.published_at))
        _add(one, "updated", _moment(entry.published_at))
        link = {"rel": "alternate", "type": "application/json"}
        ET.SubElement(one, "link", link | {"href": _url(public, entry)})
        _add(one, "summary", entry.text)
    text = ET.tostring(feed, encoding="unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{text}\n'.encode()


def json_feed(public: str, entries: Sequence[Entry]) -> bytes:
    """Return a JSON Feed, the newest entry first."""
    return json.dumps(
        {
            "version": "https://jsonfeed.org/version/1.1",
            "title": _TITLE,
            "description": _ABOUT,
            "home_page_url": f"{public}/",
            "feed_url": f"{public}/feed.json",
            "authors": [{"name": "Model Census"}],
            "language": "en",
            "items": [
                {
                    "id": _url(public, entry),
                    "url": _url(public, entry),
                    "title": _written(entry.title),
                    "content_text": _written(entry.text),
                    "date_published": _moment(entry.published_at),
                }
                for entry in entries
            ],
        }
    )


def _add(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, name).text = _written(text)


def _written(text: str) -> str:
    return _UNWRITABLE.sub("\ufffd", text)


def _url(public: str, entry: Entry) -> str:
    return f"{public}/v1/releases/{entry.number}"


def _moment(when: datetime) -> str:
    return when.isoformat(timespec="seconds").replace("+00:00", "Z")
