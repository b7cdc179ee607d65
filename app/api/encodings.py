"""Compressed bodies: which one a caller takes, and how it is made."""

import re
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache

import brotli  # type: ignore[import-untyped]
import zstandard

from app.present.formats import Format

IDENTITY = ""

DENSE = frozenset(form.media_type.encode() for form in Format if form.binary)
"""Media types of what is as small as it gets."""
_SMALLEST = 500
"""Bytes below which compressing costs more than it saves."""
_LONGEST_HEADER = 256
_CODING = re.compile(r"\s*([\w*-]+)\s*(?:;\s*q\s*=\s*([01](?:\.[0-9]{0,3})?)\s*)?")


def _gzip(body: bytes) -> bytes:
    # The same bytes at any time: no moment in the header.
    packer = zlib.compressobj(6, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    return packer.compress(body) + packer.flush()


def _brotli(body: bytes) -> bytes:
    return bytes(brotli.compress(body, quality=5))


def _zstd(body: bytes) -> bytes:
    return zstandard.ZstdCompressor(level=9).compress(body)


# The first of those that a caller likes best.
_PACKERS: Mapping[str, Callable[[bytes], bytes]] = {
    "zstd": _zstd,
    "br": _brotli,
    "gzip": _gzip,
}


_Add = Callable[[bytes], bytes]
_End = Callable[[], bytes]


def _gzip_on() -> tuple[_Add, _End]:
    packer = zlib.compressobj(6, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    return packer.compress, packer.flush


def _brotli_on() -> tuple[_Add, _End]:
    packer = brotli.Compressor(quality=5)
    return packer.process, packer.finish


def _zstd_on() -> tuple[_Add, _End]:
    packer = zstandard.ZstdCompressor(level=9).compressobj()
    return packer.compress, packer.flush


_ON_THE_WAY: Mapping[str, Callable[[], tuple[_Add, _End]]] = {
    "zstd": _zstd_on,
    "br": _brotli_on,
    "gzip": _gzip_on,
}


def chosen(header: bytes) -> str:
    """Return the coding to send, given `Accept-Encoding`; `IDENTITY` for none."""
    # What no client sends is not worth remembering.
    return _chosen(header) if header and len(header) <= _LONGEST_HEADER else IDENTITY


@lru_cache(maxsize=256)
def _chosen(header: bytes) -> str:
    weights: dict[str, float] = {}
    for part in header.decode("latin-1").casefold().split(","):
        match = _CODING.fullmatch(part)
        if match:
            weights[match[1]] = float(match[2] or 1)
    others = weights.get("*", 0.0)
    liked = {name: weights.get(name, others) for name in _PACKERS}
    best = max(liked, key=lambda name: liked[name])
    return best if liked[best] > 0 else IDENTITY


def packed(body: bytes, coding: str) -> bytes | None:
    """Return a body in a coding; None if that does not make it smaller."""
    if len(body) < _SMALLEST:
        return None
    small = _PACKERS[coding](body)
    return small if len(small) < len(body) else None


def packing(blocks: Iterable[bytes | bytearray], coding: str) -> Iterator[bytes]:
    """Yield the pieces of a body in a coding, which is packed as it is written."""
    if coding == IDENTITY:
        yield from map(bytes, blocks)
        return
    add, end = _ON_THE_WAY[coding]()
    for block in blocks:
        piece = add(bytes(block))
        if piece:
            yield piece
    yield end()
