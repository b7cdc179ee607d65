"""What RFC 4287 requires of an Atom feed, as tables, and a check of a feed by them.

Sections of the RFC are named where a rule is not told by a table.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

ATOM = "{http://www.w3.org/2005/Atom}"
XHTML = "{http://www.w3.org/1999/xhtml}"

# RFC 3339, with a capital T and Z (3.3).
_DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", re.ASCII)
_EMAIL = re.compile(r".+@.+")
_MEDIA_TYPE = re.compile(r".+/.+")
_LANGUAGE = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*")
_NO_IRI = re.compile(r"[\s<>\"{}|\\^`]")

Faults = Iterator[str]


def is_iri(text: str, *, absolute: bool) -> bool:
    """Return whether a text is an IRI, or a reference to one."""
    if _NO_IRI.search(text):
        return False
    parts = urlsplit(text)
    return bool(parts.scheme and (parts.netloc or parts.path)) or not absolute


def _text(element: ET.Element) -> Faults:
    kind = element.get("type", "text")
    if kind not in {"text", "html", "xhtml"}:
        yield f"type {kind!r} of a text"
    elif kind != "xhtml" and len(element):
        yield "elements in a text"
    elif kind == "xhtml" and [child.tag for child in element] != [f"{XHTML}div"]:
        yield "no single div in XHTML"


def _content(element: ET.Element) -> Faults:
    kind = element.get("type", "text")
    if element.get("src") is not None:
        if element.text or len(element):
            yield "content that is elsewhere is not empty"
    elif kind in {"text", "html", "xhtml"}:
        yield from _text(element)
    elif not _MEDIA_TYPE.fullmatch(kind):
        yield f"media type {kind!r}"


def _plain(element: ET.Element) -> Faults:
    if len(element) or not element.text:
        yield "not a text of its own"


def _absolute(element: ET.Element) -> Faults:
    if len(element) or not is_iri(element.text or "", absolute=True):
        yield f"no absolute IRI: {element.text!r}"


def _reference(element: ET.Element) -> Faults:
    if len(element) or not element.text or not is_iri(element.text, absolute=False):
        yield f"no IRI: {element.text!r}"


def _email(element: ET.Element) -> Faults:
    if not _EMAIL.fullmatch(element.text or ""):
        yield f"no address: {element.text!r}"


def _date(element: ET.Element) -> Faults:
    text = element.text or ""
    try:
        is_date = bool(_DATE.fullmatch(text) and datetime.fromisoformat(text))
    except ValueError:
        is_date = False
    if not is_date:
        yield f"no moment: {text!r}"


def _link(element: ET.Element) -> Faults:
    href = element.get("href")
    if href is None or not is_iri(href, absolute=False):
        yield f"no address: {href!r}"
    relation = element.get("rel", "alternate")
    if not (":" in relation or re.fullmatch(r"[A-Za-z0-9._-]+", relation)):
        yield f"no relation: {relation!r}"
    if not _MEDIA_TYPE.fullmatch(element.get("type", "a/b")):
        yield f"media type {element.get('type')!r}"
    if not _LANGUAGE.fullmatch(element.get("hreflang", "en")):
        yield f"language {element.get('hreflang')!r}"
    if not element.get("length", "0").isdecimal():
        yield f"length {element.get('length')!r}"


def _category(element: ET.Element) -> Faults:
    if not element.get("term"):
        yield "a category without a term"


def _person(element: ET.Element) -> Faults:
    yield from _children(element, PERSON)


def _source(element: ET.Element) -> Faults:
    yield from _children(element, SOURCE)


@dataclass(frozen=True, slots=True)
class Rule:
    """How often a child may be there, and what it must be."""

    check: Callable[[ET.Element], Faults]
    least: int = 0
    most: int | None = None


PERSON: Mapping[str, Rule] = {
    "name": Rule(_plain, 1, 1),
    "uri": Rule(_reference, 0, 1),
    "email": Rule(_email, 0, 1),
}
_SHARED: Mapping[str, Rule] = {
    "author": Rule(_person),
    "category": Rule(_category),
    "contributor": Rule(_person),
    "link": Rule(_link),
    "rights": Rule(_text, 0, 1),
}
SOURCE: Mapping[str, Rule] = {
    **_SHARED,
    "generator": Rule(_plain, 0, 1),
    "icon": Rule(_reference, 0, 1),
    "id": Rule(_absolute, 0, 1),
    "logo": Rule(_reference, 0, 1),
    "subtitle": Rule(_text, 0, 1),
    "title": Rule(_text, 0, 1),
    "updated": Rule(_date, 0, 1),
}
_MUST: Mapping[str, Rule] = {
    "id": Rule(_absolute, 1, 1),
    "title": Rule(_text, 1, 1),
    "updated": Rule(_date, 1, 1),
}
ENTRY: Mapping[str, Rule] = {
    **_SHARED,
    **_MUST,
    "content": Rule(_content, 0, 1),
    "published": Rule(_date, 0, 1),
    "source": Rule(_source, 0, 1),
    "summary": Rule(_text, 0, 1),
}


def _entry(element: ET.Element) -> Faults:
    yield from _children(element, ENTRY)
    yield from _alternates(element)
    content = element.find(f"{ATOM}content")
    links = [link.get("rel", "alternate") for link in element.findall(f"{ATOM}link")]
    if content is None and "alternate" not in links:
        yield "neither content nor an alternate link (4.1.2)"
    elsewhere = content is not None and content.get("src") is not None
    if elsewhere and element.find(f"{ATOM}summary") is None:
        yield "content that is elsewhere needs a summary (4.1.2)"


FEED: Mapping[str, Rule] = {**SOURCE, **_MUST, "entry": Rule(_entry)}


def faults(body: bytes) -> list[str]:
    """Return what in a feed is not as RFC 4287 requires; nothing if it is valid."""
    try:
        feed = ET.fromstring(body)
    except ET.ParseError as error:
        return [f"not well-formed: {error}"]
    if feed.tag != f"{ATOM}feed":
        return [f"not a feed: {feed.tag}"]
    return [*_children(feed, FEED), *_alternates(feed), *_of_whole(feed)]


def _children(parent: ET.Element, rules: Mapping[str, Rule]) -> Faults:
    if any(text and text.strip() for text in _between(parent)):
        yield f"{_name(parent)}: text between its elements"
    # Markup of others may be anywhere (6).
    ours = [child for child in parent if child.tag.startswith(ATOM)]
    for child in ours:
        name = _name(child)
        if name not in rules:
            yield f"{_name(parent)}: {name} does not belong here"
            continue
        for fault in rules[name].check(child):
            yield f"{name}: {fault}"
    counts = Counter(map(_name, ours))
    for name, rule in rules.items():
        if counts[name] < rule.least:
            yield f"{_name(parent)}: no {name}"
        if rule.most is not None and counts[name] > rule.most:
            yield f"{_name(parent)}: {counts[name]} of {name}"


def _between(parent: ET.Element) -> Iterator[str | None]:
    yield parent.text
    for child in parent:
        yield child.tail


def _alternates(parent: ET.Element) -> Faults:
    kinds = Counter(
        (link.get("type"), link.get("hreflang"))
        for link in parent.findall(f"{ATOM}link")
        if link.get("rel", "alternate") == "alternate"
    )
    if any(count > 1 for count in kinds.values()):
        yield f"{_name(parent)}: two alternate links of one kind (4.1.1)"


def _of_whole(feed: ET.Element) -> Faults:
    entries = feed.findall(f"{ATOM}entry")
    author = f"{ATOM}author"
    bare = any(e.find(author) is None for e in entries) or not entries
    if feed.find(author) is None and bare:
        yield "feed: no author, nor one in every entry (4.1.1)"
    versions = Counter(
        (e.findtext(f"{ATOM}id"), e.findtext(f"{ATOM}updated")) for e in entries
    )
    if any(count > 1 for count in versions.values()):
        yield "feed: two entries of one id and one moment (4.1.1)"


def _name(element: ET.Element) -> str:
    return element.tag.removeprefix(ATOM)
