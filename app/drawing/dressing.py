"""What a drawn picture is given besides: words for who cannot see it, and a style."""

import re
import struct
import zlib
from xml.etree import ElementTree as ET

_SVG = "http://www.w3.org/2000/svg"
_LOUD = frozenset({"role", "aria-roledescription", "aria-label", "aria-hidden"})
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_PNG_HEAD = 8 + 25
"""Bytes of a PNG's signature and its first chunk."""

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
    """Return a PNG with a name and a description in it, as international text."""
    told = (("Title", title), ("Description", description))
    chunks = b"".join(_text(name, plain(text)) for name, text in told)
    return png[:_PNG_HEAD] + chunks + png[_PNG_HEAD:]


def plain(text: str) -> str:
    """Return a text without what XML cannot hold."""
    return _NOT_XML.sub("", text)


def _text(name: str, text: str) -> bytes:
    # No compression, no language, no translated name.
    body = b"iTXt" + name.encode() + b"\0" * 5 + text.encode()
    return struct.pack("!I", len(body) - 4) + body + struct.pack("!I", zlib.crc32(body))
