"""Conditional requests: does the caller already have what would be sent?"""

import re
from datetime import datetime
from email.utils import parsedate_to_datetime

_TAG = re.compile(rb'(?:W/)?("[^"]*")')
_LONGEST = 4_096


def has_tag(if_none_match: bytes, etag: str) -> bool:
    """Return whether a list of entity tags holds this one, compared weakly."""
    if len(if_none_match) > _LONGEST:
        return False
    return etag.removeprefix("W/").encode() in _TAG.findall(if_none_match)


def is_known(
    etag: str | None,
    modified: datetime | None,
    if_none_match: bytes | None,
    if_modified_since: bytes | None,
) -> bool:
    """Return whether a reply with these validators may be 304.

    `If-None-Match` rules; `If-Modified-Since` is looked at only without it.
    """
    if etag is None:
        return False
    if if_none_match is not None:
        return if_none_match.strip() == b"*" or has_tag(if_none_match, etag)
    if if_modified_since is None or modified is None:
        return False
    try:
        since = parsedate_to_datetime(if_modified_since.decode("latin-1"))
        return modified.replace(microsecond=0) <= since
    except (ValueError, TypeError):
        # Not a date, or one without a zone: as if it were not there.
        return False
