"""The looks an answer can have: a closed list of suffixes, each with a media type."""

from enum import StrEnum


class Format(StrEnum):
    """How an answer is written; the value is the suffix of its path."""

    PLAIN = ""
    """JSON too: what a path without a suffix means."""
    JSON = ".json"
    CSV = ".csv"

    @property
    def media_type(self) -> str:
        """What the reply is declared as."""
        return _MEDIA_TYPES[self]

    @property
    def tabular(self) -> bool:
        """Whether it holds rows alone, without meta and links."""
        return self in _TABULAR


_JSON = "application/json"
_MEDIA_TYPES = {
    Format.PLAIN: _JSON,
    Format.JSON: _JSON,
    Format.CSV: "text/csv; charset=utf-8; header=present",
}
_TABULAR = {Format.CSV}

# Longest first, so that a suffix that ends like another one is found whole.
SUFFIXES = tuple(sorted((f for f in Format if f), key=len, reverse=True))
