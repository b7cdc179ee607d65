"""What a drawn picture is given besides: words for who cannot see it, and a style."""

import re
import struct
import zlib
from collections.abc import Iterator
from xml.etree import ElementTree as ET

_SVG = "http://www.w3.org/2000/svg"
_LOUD = frozenset({"role", "aria-roledescription", "aria-label", "aria-hidden"})
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SIGNATURE = 8
"""Bytes of a PNG before its chunks."""
_PIXELS, _END = b"IDAT", b"IEND"
_LAST = {_PIXELS, _END}
_LENGTH = struct.Struct("!I")
_LEVEL = 6

ET.register_namespace("", _SVG)


def dressed(svg: str, title: str, description: str, style: str) -> bytes:
    """Return an SVG as one image, with a name and a description.

    Args:
        svg: What was drawn.
        title: What it is called.
        description: What it shows.
        style: Style sheet, or nothing.
    """
    root = ET.fromstring(svg)  # noqa: S314 (drawn here, from our own specification)
    for element in root.iter():
        for name in _LOUD & element.attrib.keys():
            del element.attrib[name]
        if element.attrib.get("class") is not None:
            del element.attrib["class"]
    root.set("role", "img")
    root.set("aria-label", plain(title))
    told = (("title", title), ("desc", description), ("style", style))
    for at, (name, text) in enumerate(pair for pair in told if pair[1]):
        child = ET.Element(f"{{{_SVG}}}{name}")
        child.text = plain(text)
        root.insert(at, child)
    made: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=False)
    return made


def captioned(png: bytes, title: str, description: str) -> bytes:
    """Return a PNG with a name and a description in it, as international text.

    It is packed again on the way: what draws packs in haste, and to double the size.
    """
    told = (("Title", title), ("Description", description))
    texts = b"".join(_text(name, plain(text)) for name, text in told)
    chunks = list(_chunks(png))
    pixels = zlib.decompress(b"".join(body for kind, body in chunks if kind == _PIXELS))
    kept = [_chunk(kind, body) for kind, body in chunks if kind not in _LAST]
    packed = _chunk(_PIXELS, zlib.compress(pixels, _LEVEL))
    return b"".join([png[:_SIGNATURE], *kept, texts, packed, _chunk(_END, b"")])


def _chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = _SIGNATURE
    while at < len(png):
        (length,) = _LENGTH.unpack_from(png, at)
        yield png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        at += length + 12


def _chunk(kind: bytes, body: bytes) -> bytes:
    check = _LENGTH.pack(zlib.crc32(kind + body))
    return _LENGTH.pack(len(body)) + kind + body + check


def plain(text: str) -> str:
    """Return a text without what XML cannot hold."""
    return _NOT_XML.sub("", text)


def _text(name: str, text: str) -> bytes:
    # No compression, no language, no translated name.
    return _chunk(b"iTXt", name.encode() + b"\0" * 5 + text.encode())
