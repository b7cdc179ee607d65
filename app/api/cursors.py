"""Cursors of lists: opaque, bound to one release and one question."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import sha256

from app.errors import BadValueError

_CURSOR = re.compile(rb"([0-9]{1,9})\.([0-9]{1,9})\.([0-9a-f]{12})")


def cursor(release: int, offset: int, question: str) -> str:
    """Return the cursor of the rows from `offset` on.

    Args:
        release: Where the list stays, whatever is published meanwhile.
        offset: Rows that were shown on the pages before.
        question: The canonical spelling of all other parameters.
    """
    text = f"{release}.{offset}.{_check(release, offset, question)}"
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read(text: str, question: str) -> tuple[int, int]:
    """Return the release and the offset of a cursor.

    Raises:
        BadValueError: It is not a cursor of this question.
    """
    try:
        padded = text.encode() + b"=" * (-len(text) % 4)
        match = _CURSOR.fullmatch(urlsafe_b64decode(padded))
    except ValueError:
        match = None
    if match is not None:
        release, offset = int(match[1]), int(match[2])
        if match[3].decode() == _check(release, offset, question):
            return release, offset
    raise BadValueError.of(
        "cursor",
        text,
        "is not one that this question gave; start again without it",
    )


def _check(release: int, offset: int, question: str) -> str:
    return sha256(f"{release}.{offset}.{question}".encode()).hexdigest()[:12]
