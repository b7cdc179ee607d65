"""The looks an answer can have: a closed list of suffixes, each with a media type."""

from enum import StrEnum


class Format(StrEnum):
    """How an answer is written; the value is the suffix of its path."""

    # An enumeration is hashed in Python; a text keeps its hash.
    __hash__ = str.__hash__

    PLAIN = ""
    """JSON too: what a path without a suffix means."""
    JSON = ".json"
    CSV = ".csv"
    NDJSON = ".ndjson"
    PARQUET = ".parquet"
    XLSX = ".xlsx"
    ZIP = ".zip"
    """CSV, with what to know of it, as a data package."""
    SVG = ".svg"
    PNG = ".png"
    VEGA = ".vl.json"
    """Vega-Lite, with its data: for charts in a browser."""
    BADGE = ".badge.svg"
    SHIELD = ".badge.json"
    """What shields.io makes a badge of."""

    @property
    def media_type(self) -> str:
        """What the reply is declared as."""
        return _MEDIA_TYPES[self]

    @property
    def look(self) -> str:
        """What tells it from formats in which the same answer is other bytes."""
        return self.value if self.is_picture else self.media_type

    @property
    def tabular(self) -> bool:
        """Whether it holds rows alone, without meta and links."""
        return self in _TABULAR

    @property
    def enveloped(self) -> bool:
        """Whether meta and links stand beside the data."""
        return self in {Format.PLAIN, Format.JSON}

    @property
    def is_picture(self) -> bool:
        """Whether it shows an answer, and so is no list of its rows."""
        return self in PICTURES

    @property
    def is_drawn(self) -> bool:
        """Whether it takes a drawing process to make it."""
        return self in {Format.SVG, Format.PNG}

    @property
    def is_file(self) -> bool:
        """Whether it is made row by row, and so takes the longest of all tables."""
        return self in _FILES

    @property
    def binary(self) -> bool:
        """Whether it is no text, and as small as it gets."""
        return self in _BINARY


_JSON = "application/json"
_MEDIA_TYPES = {
    Format.PLAIN: _JSON,
    Format.JSON: _JSON,
    Format.CSV: "text/csv; charset=utf-8; header=present",
    Format.NDJSON: "application/x-ndjson",
    Format.PARQUET: "application/vnd.apache.parquet",
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Format.ZIP: "application/zip",
    Format.SVG: "image/svg+xml",
    Format.PNG: "image/png",
    Format.VEGA: "application/vnd.vegalite.v6+json",
    Format.BADGE: "image/svg+xml",
    Format.SHIELD: _JSON,
}
_FILES = {Format.XLSX, Format.ZIP}
_TABULAR = {Format.CSV, Format.NDJSON, Format.PARQUET, *_FILES}
_BINARY = {Format.PARQUET, Format.PNG, *_FILES}
PICTURES = frozenset({Format.SVG, Format.PNG, Format.VEGA, Format.BADGE, Format.SHIELD})
"""Formats of one question, and not of a list."""


def suffixes(*, pictured: bool) -> tuple[Format, ...]:
    """Return the formats that an answer with rows has, by their suffixes.

    Args:
        pictured: Whether it has figures too.
    """
    found = (f for f in Format if f and (pictured or f not in PICTURES))
    # Longest first, so that a suffix that ends like another one is found whole.
    return tuple(sorted(found, key=len, reverse=True))
