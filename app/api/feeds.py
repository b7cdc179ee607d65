"""What is new, for feed readers."""

from collections.abc import Callable, Sequence
from hashlib import sha256

from fastapi import APIRouter, Request

from app.api.door import Door
from app.api.replies import LIVE, Reply
from app.present import feeds
from app.present.feeds import Entry

router = APIRouter(include_in_schema=False)

_MOST = 50
_KINDS = {"data": "Numbers", "registry": "Registry", "method": "Method"}


@router.get("/feed.xml")
async def get_feed_xml(request: Request) -> Reply:
    return _reply(request, feeds.atom, "application/atom+xml; charset=utf-8")


@router.get("/feed.json")
async def get_feed_json(request: Request) -> Reply:
    return _reply(request, feeds.json_feed, "application/feed+json; charset=utf-8")


def _reply(
    request: Request, draw: Callable[[str, Sequence[Entry]], bytes], media_type: str
) -> Reply:
    door: Door = request.app.state.door
    snapshot = door.present.standing().snapshot
    entries = [
        Entry(
            release.id,
            f"Release {release.id}: {_KINDS.get(release.kind, release.kind)}",
            release.summary,
            release.published_at,
        )
        for release in snapshot.releases[::-1][:_MOST]
    ]
    body = draw(door.public, entries)
    return Reply(
        body,
        media_type,
        cache_control=LIVE,
        etag=f'W/"{sha256(body).hexdigest()[:24]}"',
        modified=snapshot.release.published_at,
        kept=True,
    )
