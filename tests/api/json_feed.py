"""What JSON Feed 1.1 requires of a feed, as a JSON Schema."""

from typing import Any

import jsonschema_rs

_TEXT = {"type": "string"}
_URL = {"type": "string", "format": "uri", "pattern": "^[a-z][a-z0-9+.-]*:"}
_MOMENT = {"type": "string", "format": "date-time"}
_LANGUAGE = {"type": "string", "pattern": "^[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*$"}
# What others add has a name that begins with a line.
_OTHERS = {"^_": {"type": "object"}}


def _closed(properties: dict[str, Any], *required: str, **more: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "patternProperties": _OTHERS,
        "additionalProperties": False,
        "required": list(required),
        **more,
    }


_AUTHOR = _closed({"name": _TEXT, "url": _URL, "avatar": _URL}, minProperties=1)
_AUTHORS = {"type": "array", "items": _AUTHOR}
_ATTACHMENT = _closed(
    {
        "url": _URL,
        "mime_type": {"type": "string", "pattern": "^.+/.+$"},
        "title": _TEXT,
        "size_in_bytes": {"type": "integer", "minimum": 0},
        "duration_in_seconds": {"type": "number", "minimum": 0},
    },
    "url",
    "mime_type",
)
_ITEM = _closed(
    {
        "id": {"type": "string", "minLength": 1},
        "url": _URL,
        "external_url": _URL,
        "title": _TEXT,
        "content_html": _TEXT,
        "content_text": _TEXT,
        "summary": _TEXT,
        "image": _URL,
        "banner_image": _URL,
        "date_published": _MOMENT,
        "date_modified": _MOMENT,
        "author": _AUTHOR,
        "authors": _AUTHORS,
        "tags": {"type": "array", "items": _TEXT},
        "language": _LANGUAGE,
        "attachments": {"type": "array", "items": _ATTACHMENT},
    },
    "id",
    anyOf=[{"required": ["content_html"]}, {"required": ["content_text"]}],
)
SCHEMA = _closed(
    {
        "version": {"const": "https://jsonfeed.org/version/1.1"},
        "title": _TEXT,
        "home_page_url": _URL,
        "feed_url": _URL,
        "description": _TEXT,
        "user_comment": _TEXT,
        "next_url": _URL,
        "icon": _URL,
        "favicon": _URL,
        "author": _AUTHOR,
        "authors": _AUTHORS,
        "language": _LANGUAGE,
        "expired": {"type": "boolean"},
        "hubs": {
            "type": "array",
            "items": _closed({"type": _TEXT, "url": _URL}, "type", "url"),
        },
        "items": {"type": "array", "items": _ITEM},
    },
    "version",
    "title",
    "items",
)


def faults(feed: Any) -> list[str]:
    """Return what in a feed is not as JSON Feed 1.1 requires; nothing if it is."""
    validator = jsonschema_rs.validator_for(SCHEMA, validate_formats=True)
    found = [str(error.message) for error in validator.iter_errors(feed)]
    items = feed.get("items") if isinstance(feed, dict) else None
    ids = [i.get("id") for i in items or [] if isinstance(i, dict)]
    if len(set(ids)) < len(ids):
        found.append("two items of one id")
    return found
