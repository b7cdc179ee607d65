"""oEmbed 1.0: what a site is told that was given a URL of this service.

It says what to show for the URL of an embed, of a page of the explorer or of a picture,
and asks nobody else: the URL is read, not fetched.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil
from struct import unpack
from urllib.parse import SplitResult, parse_qsl, urlsplit
from xml.etree import ElementTree as ET

from app.errors import (
    BadParameterError,
    BadValueError,
    Complaint,
    FormatError,
    NotFoundError,
)
from app.web.asking import Answer, Made, Pairs, Visit
from app.web.embed_code import KINDS, WIDTH, frame
from app.web.shown import NARROWEST, WIDEST, Shown, shown

Told = dict[str, str | int]

POLICY = "default-src 'none'; frame-ancestors 'none'"

_PROBLEM = "application/problem+json"

_FORMATS = {"json": "application/json", "xml": "text/xml; charset=utf-8"}
_KNOWN = ("url", "format", "maxwidth", "maxheight")
_SIZES = frozenset({"width", "scale"})
_CACHE_AGE = 3_600
_THUMBNAIL = 400
_PORTS = {"http": 80, "https": 443}
# What XML 1.0 has no way to write.
_UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_PATHS = re.compile(
    rf"/?|/(?P<page>{'|'.join(KINDS)})|/embed/(?P<embed>{'|'.join(KINDS)})"
    rf"|/v1/(?P<picture>{'|'.join(KINDS)})\.(?:png|svg)"
)


@dataclass(frozen=True, slots=True)
class Box:
    """The most room there is, in pixels; None: as much as is wished."""

    width: int | None
    height: int | None

    def fitted(self, width: int, height: int) -> tuple[int, int]:
        """Return a size of the same shape that does not exceed the room."""
        by = min(1, (self.width or width) / width, (self.height or height) / height)
        return max(1, int(width * by)), max(1, int(height * by))


@dataclass(frozen=True, slots=True)
class Target:
    """What a URL of this service is of."""

    kind: str
    query: Pairs
    is_picture: bool


async def view(visit: Visit) -> Made:
    """Answer a request for what to show of a URL.

    Raises:
        BadParameterError: There is no URL, or two.
        BadValueError: The room is no number.
        FormatError: The format is neither JSON nor XML.
        NotFoundError: The URL is none of this service, or of nothing to show.
    """
    given = _given(visit.query)
    form = given.get("format", "json")
    if form not in _FORMATS:
        raise FormatError(form, _FORMATS)
    box = Box(_pixels(given, "maxwidth"), _pixels(given, "maxheight"))
    target = _target(visit.public, given["url"])
    query = target.query
    if target.is_picture:
        query = [pair for pair in query if pair[0] not in _SIZES]
    found = await shown(visit, target.kind, query)
    told: Told | Answer
    if isinstance(found, Answer):
        told = found
    else:
        told = await _told(visit, found, target, box)
    if isinstance(told, Answer):
        return Made(
            told.body,
            POLICY,
            media_type=_PROBLEM,
            status=told.status,
            headers=told.later,
        )
    return Made(_written(told, form), POLICY, media_type=_FORMATS[form])


def _given(query: Pairs) -> Mapping[str, str]:
    # Clients send parameters of their own, which the specification does not forbid.
    known = [pair for pair in query if pair[0] in _KNOWN]
    given = dict(known)
    if len(given) < len(known):
        raise BadParameterError("url, format, maxwidth and maxheight go once each.")
    if not given.get("url"):
        raise BadParameterError(
            "url: the address of an embed, a page or a picture of this service is "
            "needed, escaped.",
            complaints=[Complaint("url", None, "is missing")],
        )
    return given


def _pixels(given: Mapping[str, str], name: str) -> int | None:
    text = given.get(name)
    if text is None:
        return None
    if not re.fullmatch(r"0*[1-9][0-9]{0,5}", text):
        raise BadValueError.of(name, text, "is a number of pixels, as 640")
    return int(text)


def _target(public: str, url: str) -> Target:
    """Return what a URL is of.

    Raises:
        NotFoundError: It is none of this service, or of nothing that can be shown.
    """
    try:
        ours, asked = urlsplit(public), urlsplit(url)
        is_ours = _host(ours) == _host(asked)
    except ValueError:
        is_ours = False
    if not is_ours or not asked.path.startswith(ours.path):
        raise NotFoundError(f"url: only addresses that begin with {public}/ are known.")
    found = _PATHS.fullmatch(asked.path.removeprefix(ours.path))
    if found is None:
        raise NotFoundError(
            f"url: nothing to show. Known are {public}/, {public}/embed/… and pictures "
            f"such as {public}/v1/share.png."
        )
    kind = found["page"] or found["embed"] or found["picture"] or KINDS[0]
    query = parse_qsl(asked.query, keep_blank_values=True)
    if not found["embed"] and not found["picture"]:
        # What a form sends of its empty fields.
        query = [pair for pair in query if pair[1]]
    return Target(kind, query, bool(found["picture"]))


def _host(url: SplitResult) -> tuple[str, str | None, int | None, str | None]:
    return url.scheme, url.hostname, url.port or _PORTS.get(url.scheme), url.username


# What is said


async def _told(visit: Visit, found: Shown, target: Target, box: Box) -> Told | Answer:
    """Return what is said of a figure, or the problem with its picture."""
    if target.is_picture:
        shape = await _photo(visit, found, target, box)
    else:
        shape = await _rich(visit, found, box)
    if isinstance(shape, Answer):
        return shape
    return {
        "version": "1.0",
        "type": "photo" if target.is_picture else "rich",
        "title": found.figure.title,
        "author_name": "Model Census",
        "author_url": found.figure.page,
        "provider_name": "Model Census",
        "provider_url": f"{visit.public}/",
        "cache_age": _CACHE_AGE,
        **shape,
        **await _thumbnail(visit, found, box),
    }


async def _thumbnail(visit: Visit, found: Shown, box: Box) -> Told:
    width, height = box.fitted(*await found.size(visit.ask, _THUMBNAIL))
    return {
        "thumbnail_url": found.figure.picture(width=_THUMBNAIL),
        "thumbnail_width": width,
        "thumbnail_height": height,
    }


async def _photo(visit: Visit, found: Shown, target: Target, box: Box) -> Told | Answer:
    given = dict(target.query)
    width = _pixels(given, "width") or WIDTH
    scale = _pixels(given, "scale") or 1
    if box.width is not None and box.width < width * scale:
        width, scale = max(box.width, NARROWEST), 1
    url = found.figure.picture(width=width, scale=scale)
    drawn = await visit.ask(url.removeprefix(visit.public))
    if not drawn.ok:
        return drawn
    # Where PNG has its width and height.
    shape = box.fitted(*unpack(">II", drawn.body[16:24]))
    return {"url": url, "width": shape[0], "height": shape[1]}


async def _rich(visit: Visit, found: Shown, box: Box) -> Told:
    width = min(box.width or WIDTH, WIDTH)
    height = min(await _height(visit, found, width), box.height or WIDEST)
    html = frame(found.figure, width=width, height=height)
    return {"html": html, "width": width, "height": height}


_EDGE, _LINE, _SMALL_LINE, _BELOW = 24, 24, 20, 110
_LETTER, _SMALL_LETTER = 8, 6.5


async def _height(visit: Visit, found: Shown, width: int) -> int:
    """Return about how high an embed of a width is, in pixels."""
    room = max(width - _EDGE, NARROWEST)
    _, drawn = await found.size(visit.ask, room)
    meta = found.answer["meta"]
    lines = ceil(len(meta["quote"]) * _LETTER / room) * _LINE
    small = ceil(len(meta["citation"]) * _SMALL_LETTER / room) * _SMALL_LINE
    return drawn + lines + small + _BELOW


def _written(told: Told, form: str) -> bytes:
    if form == "json":
        return json.dumps(told, ensure_ascii=False).encode()
    root = ET.Element("oembed")
    for name, value in told.items():
        ET.SubElement(root, name).text = _UNWRITABLE.sub("\ufffd", str(value))
    made: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return made
