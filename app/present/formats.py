"""The looks an answer can have: a closed list of suffixes, each with a media type."""

from enum import StrEnum


class Format(StrEnum):
    """How an answer is written; the value is the suffix of its path."""

    PLAIN = ""
    """JSON too: what a path without a suffix means."""
    JSON = ".json"
    CSV = ".csv"
    NDJSON = ".ndjson"
    PARQUET = ".parquet"

    @property
    def media_type(self) -> str:
        """What the reply is declared as."""
        return _MEDIA_TYPES[self]

    @property
    def tabular(self) -> bool:
        """Whether it holds rows alone, without meta and links."""
        return self in _TABULAR

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
}
_TABULAR = {Format.CSV, Format.NDJSON, Format.PARQUET}
_BINARY = {Format.PARQUET}

# Longest first, so that a suffix that ends like another one is found whole.
SUFFIXES = tuple(sorted((f for f in Format if f), key=len, reverse=True))
